package follow

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/i18n"
	"plaza/internal/base/web"
	"plaza/internal/civic/access"
	"plaza/internal/civic/account"
	"plaza/internal/civic/gate"
	"plaza/internal/civic/privacy"
	"plaza/internal/civic/search"
	"plaza/internal/plaza"
)

// The paths of this package's pages.
const (
	Path        = "/seguir"
	MinePath    = "/mi/seguimientos"
	NoticesPath = "/mi/avisos"
	confirmPath = Path + "/confirmar/"
	stopPath    = Path + "/baja/"
)

// How often somebody may ask for mails: from one network, and for one address.
var (
	perNetwork = gate.Limit{Name: "follow.network", Max: 30, Window: time.Hour}
	perEmail   = gate.Limit{Name: "follow.email", Max: 3, Window: 24 * time.Hour}
	odd        = gate.Limit{Name: "follow.odd", Max: 3, Window: time.Hour} // forms that a machine may have sent
)

// formPurpose is what the hidden fields of the form for a visitor are for.
const formPurpose = "follow"

// Mount registers the pages.
func (s *Service) Mount(shell *web.Shell) error {
	s.shell = shell
	if err := shell.Templates("follow", templates, web.Pages{
		"follow": followPage{}, "sent": sentPage{}, "confirm": confirmPage{}, "stop": stopPage{},
		"list": listPage{}, "notices": noticesPage{}, "button": Button{},
	}); err != nil {
		return fmt.Errorf("the templates of following: %w", err)
	}
	route := func(name string, action access.Action, secret bool) web.Route {
		return web.Route{Name: "follow." + name, Action: string(action), Cache: web.Private, MaxBody: 16 << 10, Secret: secret}
	}
	// With an account one follows, and stops what one has, also where following by mail
	// is closed: those pages ask for no more than to be read.
	shell.Handle("GET "+Path, route("ask", access.SiteRead, false), s.form)
	shell.Handle("POST "+Path, route("mail", access.FollowByMail, false), s.byMail)
	shell.Handle("GET "+confirmPath+"{token}", route("confirm", access.FollowByMail, true), s.showConfirm)
	shell.Handle("POST "+confirmPath+"{token}", route("confirmed", access.FollowByMail, true), s.confirm)
	shell.Handle("GET "+stopPath+"{token}", route("stop", access.SiteRead, true), s.showStop)
	shell.Handle("POST "+stopPath+"{token}", route("stopped", access.SiteRead, true), s.stop)
	shell.Handle("GET "+Path+"/{token}", route("manage", access.SiteRead, true), s.manage)
	shell.Handle("POST "+Path+"/{token}", route("managed", access.SiteRead, true), s.change)
	shell.Handle("GET "+MinePath, route("mine", access.AccountSee, false), s.mine)
	shell.Handle("POST "+MinePath, route("edit", access.Follow, false), s.edit)
	shell.Handle("GET "+NoticesPath, route("notices", access.AccountSee, false), s.notices)
	shell.Handle("POST "+NoticesPath, route("read", access.AccountSee, false), s.read)
	return nil
}

// Button is drawn on an object's page: where one follows it, or how one does.
type Button struct {
	L         *i18n.Printer
	Path      string
	Following bool
}

// FollowPath is where one follows a thing.
func FollowPath(object plaza.Ref) string {
	return Path + "?objeto=" + url.QueryEscape(object.String())
}

// Around draws the button for an object's page; it is the same for every visitor.
func (s *Service) Around(tx *db.Tx, page web.Page, object plaza.Card) (web.Around, error) {
	if object.Ref.ID == "" || !object.Visible {
		return web.Around{}, nil
	}
	b := Button{L: page.L, Path: FollowPath(object.Ref)}
	if page.Actor.SignedIn() {
		var err error
		if _, b.Following, err = Of(tx, page.Actor.PersonID, object.Ref); err != nil {
			return web.Around{}, err
		}
	}
	html, err := s.shell.Fragment("follow/button", b)
	if err != nil {
		return web.Around{}, err
	}
	var a web.Around
	a.Head = append(a.Head, html)
	return a, nil
}

// followPage asks how to be told of a thing.
type followPage struct {
	web.Page
	Object    plaza.Card
	Ref       string
	Following bool
	FollowID  string
	Errors    web.ErrorSummary
	Fields    []web.Field
	Action    string
	SignIn    string // where one signs in and comes back, "" when one is
	Closed    bool   // there is no following by mail here
	Gate      gate.Fields
	Privacy   privacy.Said
}

// object is the thing that a request names, as it may be followed.
func (s *Service) object(tx *db.Tx, named string) (plaza.Card, error) {
	ref, ok := ParseRef(named)
	if ok && ref.Kind == kindSearch && s.SavedID != nil {
		ref.ID = s.SavedID(ref.ID)
	}
	if !ok || ref.ID == "" {
		return plaza.Card{}, plaza.E(plaza.NotFound, "follow.error.object")
	}
	cards, err := s.Cards(tx, []plaza.Ref{ref})
	if err != nil {
		return plaza.Card{}, err
	}
	card, ok := cards[ref]
	if ok && card.Visible {
		ok, err = s.exists(tx, ref)
	}
	if err == nil && (!ok || !card.Visible) {
		err = plaza.E(plaza.NotFound, "follow.error.object")
	}
	if err != nil {
		return plaza.Card{}, err
	}
	return card, nil
}

// exists reports whether there is a theme, or each thing by which a search narrows, as
// the index has them: their cards are made of their names alone. It asks once for each.
func (s *Service) exists(tx *db.Tx, ref plaza.Ref) (bool, error) {
	q := search.Query{Filters: map[string][]string{kindTheme: {ref.ID}}}
	switch {
	case ref.Kind == kindSearch && s.Saved != nil:
		query, err := s.Saved(tx)
		if err != nil {
			return false, err
		}
		q = query(ref.ID)
	case ref.Kind != kindTheme:
		return true, nil
	}
	for facet, values := range q.Filters {
		if facet == search.KindFacet {
			continue
		}
		for _, v := range values {
			found, err := s.Search.Search(search.Query{Filters: map[string][]string{facet: {v}}})
			if err != nil || found.Total == 0 {
				return false, err
			}
		}
	}
	return true, nil
}

func (s *Service) form(w http.ResponseWriter, r *http.Request) error {
	return s.drawForm(w, r, http.StatusOK, web.QueryText(r, "objeto", maxKind+maxID), Choice{Often: Daily, InApp: true, ByMail: true}, "", nil)
}

func (s *Service) drawForm(w http.ResponseWriter, r *http.Request, status int, named string, c Choice, email string, wrong map[string]string) error {
	page := &followPage{Page: s.shell.Page(r, ""), Action: Path}
	l := page.L
	may := page.Actor.SignedIn() && access.Can(page.Actor, access.Follow, access.Object{Owner: page.Actor.PersonID})
	if err := s.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
		if page.Object, err = s.object(tx, named); err != nil || !may {
			return err
		}
		f, ok, err := Of(tx, page.Actor.PersonID, page.Object.Ref)
		if ok {
			page.Following, page.FollowID = true, f.ID
			if wrong == nil {
				c = f.Choice
			}
		}
		return err
	}); err != nil {
		return err
	}
	page.Ref = page.Object.Ref.String()
	page.Title = l.T("follow.title", "title", page.Object.Title)
	page.NoIndex = true
	page.Crumbs = []web.Crumb{{Title: page.Object.Title, Path: page.Object.Path}}
	often := web.Field{Name: "often", Type: "select", Value: string(c.Often), Options: oftenOptions(l)}
	if may {
		page.Action, page.Privacy = MinePath, privacy.Say(l, pointFollow)
		page.Fields = []web.Field{
			{Name: "app", Type: "checkbox", Checked: c.InApp, Optional: true},
			{Name: "mail", Type: "checkbox", Checked: c.ByMail, Optional: true}, often,
		}
	} else {
		page.Closed = page.Page.Closed(string(access.FollowByMail))
		page.SignIn = "/entrar?volver=" + url.QueryEscape(FollowPath(page.Object.Ref))
		page.Gate, page.Privacy = s.Gate.Fields(l, formPurpose, page.Now), privacy.Say(l, pointMail)
		page.Fields = []web.Field{{Name: "email", Type: "email", Value: email, Autocomplete: "email", MaxLength: 254}, often}
	}
	for i := range page.Fields {
		f := &page.Fields[i]
		f.L, f.Label, f.Error = l, l.T("follow.field."+f.Name), wrong[f.Name]
		if hint := "follow.field." + f.Name + ".hint"; l.Has(hint) {
			f.Hint = l.T(hint)
		}
	}
	page.Errors = web.ErrorSummary{L: l, Fields: page.Fields}
	return s.shell.Render(w, r, status, "follow/follow", page)
}

func oftenOptions(l *i18n.Printer) (out []web.Option) {
	for _, o := range []Often{Now, Daily, Weekly} {
		out = append(out, web.Option{Value: string(o), Label: l.T("follow.often." + string(o))})
	}
	return out
}

// choiceIn is how a form says one wants to be told.
func choiceIn(form *web.Form) Choice {
	return Choice{Often: Often(form.Value("often")), InApp: form.Checked("app"), ByMail: form.Checked("mail")}
}

// sentPage says that a mail is on its way: the same for any address.
type sentPage struct {
	web.Page
	Object plaza.Card
	Kept   bool // the mail was not sent: who operates this place can read it
}

// byMail asks an address whether it wants to follow. The answer is the same whether the
// address is known or not, and for a machine, which gets no mail.
func (s *Service) byMail(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	l, named := s.shell.Printer(r), form.Value("objeto")
	c := Choice{Often: Often(form.Value("often")), ByMail: true}
	email, key, ok := account.FoldEmail(form.Value("email"))
	page := &sentPage{Page: s.shell.Page(r, l.T("follow.sent.title"))}
	err = s.DB.Write(r.Context(), func(tx *db.Tx) (err error) {
		if page.Object, err = s.object(tx, named); err != nil {
			return err
		}
		if err := c.check(); err != nil {
			return err
		}
		if !ok {
			return &plaza.Error{Kind: plaza.Invalid, Key: "follow.error.form", Fields: []plaza.FieldError{{Field: "email", Key: "follow.error.email"}}}
		}
		if err := s.Gate.Brake(tx, perNetwork, gate.Network(s.shell.ClientIP(r))); err != nil {
			return err
		}
		if err := s.Gate.Brake(tx, perEmail, key); err != nil {
			return err
		}
		if machine, err := s.Gate.Sieve(tx, form, formPurpose, odd, gate.Network(s.shell.ClientIP(r))); err != nil || machine {
			return err
		}
		if err := privacy.Consent(tx, privacy.Who{Address: s.seal("consent", key)}, pointMail); err != nil {
			return err
		}
		return s.question(tx, email, key, l.Lang(), page.Object, c)
	})
	if wrong := web.FieldErrors(l, err); wrong != nil {
		return s.drawForm(w, r, http.StatusUnprocessableEntity, named, c, form.Value("email"), wrong)
	}
	if err != nil {
		return err
	}
	page.NoIndex, page.Kept = true, s.Kept
	return s.shell.Render(w, r, http.StatusOK, "follow/sent", page)
}

// question keeps what an address is asked, and mails the question.
func (s *Service) question(tx *db.Tx, email, key, language string, object plaza.Card, c Choice) error {
	id, err := reader(tx, email, key, language)
	if err != nil {
		return err
	}
	f, err := put(tx, id, object.Ref, c, false)
	if plaza.KindOf(err) == plaza.Conflict {
		return nil // it follows all it can; saying so would tell that the address is known
	}
	if err != nil {
		return err
	}
	return s.postConfirmation(tx, email, language, object, f)
}

// confirmPage is a button: mail scanners open links too.
type confirmPage struct {
	web.Page
	Object plaza.Card
	Often  string
	Action string
}

func (s *Service) showConfirm(w http.ResponseWriter, r *http.Request) error {
	_, id, err := s.open(r.PathValue("token"), toConfirm)
	if err != nil {
		return err
	}
	page := &confirmPage{Page: s.shell.Page(r, s.shell.Printer(r).T("follow.confirm.title")), Action: confirmPath + r.PathValue("token")}
	if err := s.DB.Read(r.Context(), func(tx *db.Tx) error {
		f, err := byID(tx, id)
		if err != nil {
			return dead(err)
		}
		page.Often = page.L.T("follow.often." + string(f.Often))
		cards, err := s.Cards(tx, []plaza.Ref{f.Object})
		page.Object = cards[f.Object]
		return err
	}); err != nil {
		return err
	}
	page.NoIndex = true
	return s.shell.Render(w, r, http.StatusOK, "follow/confirm", page)
}

// dead is the error of a link whose subscription is no more.
func dead(err error) error {
	if plaza.KindOf(err) == plaza.NotFound {
		return errDead
	}
	return err
}

func (s *Service) confirm(w http.ResponseWriter, r *http.Request) error {
	_, id, err := s.open(r.PathValue("token"), toConfirm)
	if err != nil {
		return err
	}
	var f Follow
	if err := s.DB.Write(r.Context(), func(tx *db.Tx) error {
		f, err = confirm(tx, id)
		return dead(err)
	}); err != nil {
		return err
	}
	http.Redirect(w, r, Path+"/"+s.token(toManage, f.Recipient)+"?hecho=confirmado", http.StatusSeeOther)
	return nil
}

// stopPage ends mails by a button, for those who came by a link, and says so afterwards.
type stopPage struct {
	web.Page
	Object plaza.Card // the zero Card for all
	All    bool
	Action string
	Done   bool
}

// subject is what a link to stop is about: a subscription's object, or all.
func (s *Service) subject(tx *db.Tx, token string) (purpose string, f Follow, card plaza.Card, err error) {
	purpose, id, err := s.open(token, toStopOne, toStopAll)
	if err != nil {
		return purpose, f, card, err
	}
	if purpose == toStopAll {
		f.Recipient = id
		return purpose, f, card, nil
	}
	if f, err = byID(tx, id); err != nil {
		if plaza.KindOf(err) == plaza.NotFound {
			return purpose, Follow{}, card, nil // stopped already
		}
		return purpose, f, card, err
	}
	cards, err := s.Cards(tx, []plaza.Ref{f.Object})
	return purpose, f, cards[f.Object], err
}

func (s *Service) showStop(w http.ResponseWriter, r *http.Request) error {
	page := &stopPage{Page: s.shell.Page(r, s.shell.Printer(r).T("follow.stop.title")), Action: stopPath + r.PathValue("token")}
	if err := s.DB.Read(r.Context(), func(tx *db.Tx) error {
		purpose, f, card, err := s.subject(tx, r.PathValue("token"))
		page.Object, page.All = card, purpose == toStopAll
		page.Done = !page.All && f.ID == ""
		return err
	}); err != nil {
		return err
	}
	page.NoIndex = true
	return s.shell.Render(w, r, http.StatusOK, "follow/stop", page)
}

// stop ends mails at once: a button on a page, or a mail program by itself (RFC 8058),
// which has no session and sends nothing that we need.
func (s *Service) stop(w http.ResponseWriter, r *http.Request) error {
	page := &stopPage{Page: s.shell.Page(r, s.shell.Printer(r).T("follow.stop.done")), Done: true}
	if err := s.DB.Write(context.WithoutCancel(r.Context()), func(tx *db.Tx) error {
		purpose, f, card, err := s.subject(tx, r.PathValue("token"))
		page.Object, page.All = card, purpose == toStopAll
		if err != nil || f.Recipient == "" {
			return err
		}
		return quieten(tx, f.Recipient, f.ID)
	}); err != nil {
		return err
	}
	page.NoIndex = true
	return s.shell.Render(w, r, http.StatusOK, "follow/stop", page)
}
