package follow

import (
	"net/http"
	"net/url"
	"strconv"

	"plaza/internal/base/db"
	"plaza/internal/base/i18n"
	"plaza/internal/base/web"
	"plaza/internal/civic/account"
	"plaza/internal/civic/outbox"
	"plaza/internal/civic/privacy"
	"plaza/internal/plaza"
)

const perPage = 30

// listPage is what somebody follows: a person, or a reader with a link.
type listPage struct {
	web.Page
	Done   *web.Notice
	Action string
	Person bool // who is also told in the app
	Items  []listLine
	Often  []web.Option
	Direct string // how mails come that concern the person, for a person
	Pager  web.Pager
	Empty  *web.Empty
}

// listLine is one thing that is followed.
type listLine struct {
	Follow
	N                 int // makes ids on the page
	Title, Path, Kind string
	Chosen            string
	Since, ISO        string
	Waits             bool // for whoever reads the address to say yes
}

func (s *Service) mine(w http.ResponseWriter, r *http.Request) error {
	return s.drawList(w, r, plaza.ActorFrom(r.Context()).PersonID, MinePath, true)
}

func (s *Service) manage(w http.ResponseWriter, r *http.Request) error {
	_, id, err := s.open(r.PathValue("token"), toManage)
	if err != nil {
		return err
	}
	return s.drawList(w, r, id, Path+"/"+r.PathValue("token"), false)
}

// dones are what may have been done before the page is drawn.
var dones = map[string]bool{"confirmado": true, "guardado": true, "detenido": true, "todo": true}

func (s *Service) drawList(w http.ResponseWriter, r *http.Request, recipient, action string, person bool) error {
	page := &listPage{Page: s.shell.Page(r, s.shell.Printer(r).T("follow.mine")), Action: action, Person: person, Direct: string(Now)}
	l := page.L
	before := web.QueryText(r, "antes", 64)
	page.Often, page.NoIndex = oftenOptions(l), true
	if err := s.DB.Read(r.Context(), func(tx *db.Tx) error { return s.loadList(tx, page, recipient, before) }); err != nil {
		return err
	}
	if what := r.URL.Query().Get("hecho"); dones[what] {
		page.Done = &web.Notice{Tone: web.Good, Text: l.T("follow.done." + what), Live: true}
	}
	page.Pager.L = l
	if before != "" {
		page.Pager.Prev = action
	}
	if len(page.Items) > perPage {
		page.Items = page.Items[:perPage]
		page.Pager.Next = action + "?antes=" + url.QueryEscape(page.Items[perPage-1].ID)
	}
	if len(page.Items) == 0 {
		page.Empty = &web.Empty{Title: l.T("follow.none"), Text: l.T("follow.none.text"),
			Links: []web.NavLink{{Label: l.T("follow.none.data"), Path: "/datos", Icon: "database"}, {Label: l.T("follow.none.institutions"), Path: "/instituciones", Icon: "landmark"}}}
	}
	return s.shell.Render(w, r, http.StatusOK, "follow/list", page)
}

func (s *Service) loadList(tx *db.Tx, page *listPage, recipient, before string) error {
	list, err := List(tx, recipient, before, perPage+1)
	if err != nil {
		return err
	}
	refs := make([]plaza.Ref, len(list))
	for i, f := range list {
		refs[i] = f.Object
	}
	cards := map[plaza.Ref]plaza.Card{}
	if len(refs) > 0 {
		if cards, err = s.Cards(tx, refs); err != nil {
			return err
		}
	}
	for i, f := range list {
		page.Items = append(page.Items, lineOf(page.L, i, f, cards[f.Object]))
	}
	if !page.Person {
		return nil
	}
	err = tx.Row(`SELECT often FROM notice_settings WHERE recipient = $1`, recipient).Scan(&page.Direct)
	if err != nil && plaza.KindOf(err) == plaza.NotFound {
		return nil
	}
	return err
}

func lineOf(l *i18n.Printer, n int, f Follow, card plaza.Card) listLine {
	line := listLine{Follow: f, N: n + 1, Title: card.Title, Path: card.Path, Chosen: string(f.Often),
		Since: l.Date(f.Created), ISO: l.ISO(f.Created), Waits: !f.Confirmed}
	if line.Title == "" {
		line.Title = f.Object.ID
	}
	if key := "follow.kind." + f.Object.Kind; l.Has(key) {
		line.Kind = l.T(key)
	}
	return line
}

// edit changes what whoever is signed in follows, and how.
func (s *Service) edit(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	if named := form.Value("objeto"); named != "" && form.Value("follow") == "" {
		return s.followNow(w, r, form, named)
	}
	return s.apply(w, r, form, plaza.ActorFrom(r.Context()).PersonID, MinePath, true)
}

// followNow makes whoever is signed in follow what a form names.
func (s *Service) followNow(w http.ResponseWriter, r *http.Request, form *web.Form, named string) error {
	c := choiceIn(form)
	var card plaza.Card
	err := s.DB.Write(r.Context(), func(tx *db.Tx) (err error) {
		if card, err = s.object(tx, named); err != nil {
			return err
		}
		if _, err = Put(tx, card.Ref, c); err != nil {
			return err
		}
		return privacy.Consent(tx, privacy.Who{Person: plaza.ActorFrom(r.Context()).PersonID}, pointFollow)
	})
	if wrong := web.FieldErrors(s.shell.Printer(r), err); wrong != nil {
		return s.drawForm(w, r, http.StatusUnprocessableEntity, named, c, "", wrong)
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, MinePath+"?hecho=guardado", http.StatusSeeOther)
	return nil
}

// change is edit for a reader with a link.
func (s *Service) change(w http.ResponseWriter, r *http.Request) error {
	_, id, err := s.open(r.PathValue("token"), toManage)
	if err != nil {
		return err
	}
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	return s.apply(w, r, form, id, Path+"/"+r.PathValue("token"), false)
}

// apply does what a button of the list says.
func (s *Service) apply(w http.ResponseWriter, r *http.Request, form *web.Form, recipient, back string, person bool) error {
	said := "guardado"
	if err := s.DB.Write(r.Context(), func(tx *db.Tx) error {
		switch form.Value("do") {
		case "stop_all":
			said = "todo"
			return stopAll(tx, recipient)
		case "stop":
			said = "detenido"
			return stop(tx, recipient, form.Value("follow"))
		case "direct":
			return SetDirect(tx, recipient, Often(form.Value("often")))
		}
		f, err := byID(tx, form.Value("follow"))
		if err != nil || f.Recipient != recipient {
			return plaza.E(plaza.NotFound, "follow.error.none")
		}
		c := Choice{Often: Often(form.Value("often")), ByMail: true}
		if person {
			c = choiceIn(form)
		}
		if !c.InApp && !c.ByMail { // told nowhere: that is to stop
			said = "detenido"
			return stop(tx, recipient, f.ID)
		}
		if err := c.check(); err != nil {
			return plaza.E(plaza.Invalid, "follow.error.often")
		}
		_, err = tx.Exec(`UPDATE follows SET often = $1, in_app = $2, by_mail = $3 WHERE id = $4`, string(c.Often), c.InApp, c.ByMail, f.ID)
		return err
	}); err != nil {
		return err
	}
	http.Redirect(w, r, back+"?hecho="+said, http.StatusSeeOther)
	return nil
}

// SetDirect says how mails come of what concerns somebody in person: Now, Daily, Weekly
// or Never. Anything else is Invalid.
func SetDirect(tx *db.Tx, recipient string, o Often) error {
	if o != Now && o != Daily && o != Weekly && o != Never {
		return plaza.E(plaza.Invalid, "follow.error.often")
	}
	_, err := tx.Exec(`INSERT INTO notice_settings (recipient, often) VALUES ($1, $2)
		ON CONFLICT (recipient) DO UPDATE SET often = excluded.often`, recipient, string(o))
	return err
}

// noticesPage is what a person was told.
type noticesPage struct {
	web.Page
	Done   *web.Notice
	Dead   *web.Notice // the person's address gets no mail
	Views  []web.NavLink
	Items  []noticeLine
	UpTo   int64 // the latest shown or not: what "all" means
	Unread int
	Pager  web.Pager
	Empty  *web.Empty
}

type noticeLine struct {
	line
	Said *web.Quote
	Read bool
}

func (s *Service) notices(w http.ResponseWriter, r *http.Request) error {
	page := &noticesPage{Page: s.shell.Page(r, s.shell.Printer(r).T("notify.title"))}
	l, q := page.L, r.URL.Query()
	before, _ := strconv.ParseInt(q.Get("antes"), 10, 64) // what is no number is the first page
	all, more := q.Get("ver") == "todos", false
	page.NoIndex = true
	if err := s.DB.Read(r.Context(), func(tx *db.Tx) error {
		list, err := notices(tx, page.Actor.PersonID, !all, before, perPage+1)
		if err != nil {
			return err
		}
		if more = len(list) > perPage; more {
			list = list[:perPage]
		}
		words, err := s.lines(tx, l, list)
		if err != nil {
			return err
		}
		for i, n := range list {
			page.Items = append(page.Items, noticeLine{words[i], words[i].drawn(l), n.read})
			page.UpTo = max(page.UpTo, n.seq)
		}
		if page.Unread, err = Unread(tx, page.Actor.PersonID); err != nil {
			return err
		}
		return s.deadAddress(tx, page)
	}); err != nil {
		return err
	}
	path := func(view string, before int64) string {
		v := url.Values{}
		if view != "" {
			v.Set("ver", view)
		}
		if before > 0 {
			v.Set("antes", strconv.FormatInt(before, 10))
		}
		if len(v) == 0 {
			return NoticesPath
		}
		return NoticesPath + "?" + v.Encode()
	}
	view := ""
	if all {
		view = "todos"
	}
	page.Views = []web.NavLink{{Label: l.T("notify.unread"), Path: path("", 0), Current: !all}, {Label: l.T("notify.all"), Path: path("todos", 0), Current: all}}
	page.Pager.L = l
	if before > 0 {
		page.Pager.Prev = path(view, 0)
	}
	if more {
		page.Pager.Next = path(view, page.Items[len(page.Items)-1].Seq)
	}
	if len(page.Items) == 0 {
		page.Empty = &web.Empty{Title: l.T("notify.none"), Text: l.T("notify.none.text"), Links: []web.NavLink{{Label: l.T("follow.mine"), Path: MinePath, Icon: "bookmark"}}}
	}
	switch q.Get("hecho") {
	case "leido":
		page.Done = &web.Notice{Tone: web.Good, Text: l.T("notify.done.read"), Live: true}
	case "activa":
		page.Done = &web.Notice{Tone: web.Good, Text: l.T("notify.done.revived"), Live: true}
	}
	return s.shell.Render(w, r, http.StatusOK, "follow/notices", page)
}

// deadAddress tells a person whose address gets no mail.
func (s *Service) deadAddress(tx *db.Tx, page *noticesPage) error {
	people, err := account.Reachable(tx, []string{page.Actor.PersonID})
	if err != nil {
		return err
	}
	a, dead, err := outbox.AddressOf(tx, people[page.Actor.PersonID].Email)
	if dead {
		page.Dead = &web.Notice{Tone: web.Warning, Title: page.L.T("notify.dead." + string(a.State)),
			Text: page.L.T("notify.dead.text", "date", page.L.Date(a.Since))}
	}
	return err
}

// read marks notices as read, or says that the person's address works again.
func (s *Service) read(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	person, said := plaza.ActorFrom(r.Context()).PersonID, "leido"
	seq, _ := strconv.ParseInt(form.Value("notice"), 10, 64) // what is no number marks nothing
	upTo, _ := strconv.ParseInt(form.Value("up_to"), 10, 64)
	if err := s.DB.Write(r.Context(), func(tx *db.Tx) error {
		if form.Value("do") != "revive" {
			return markRead(tx, person, seq, upTo)
		}
		said = "activa"
		people, err := account.Reachable(tx, []string{person})
		if err != nil {
			return err
		}
		if err := outbox.Revive(tx, people[person].Email); err != nil && plaza.KindOf(err) != plaza.NotFound {
			return err
		}
		return nil
	}); err != nil {
		return err
	}
	http.Redirect(w, r, NoticesPath+"?hecho="+said, http.StatusSeeOther)
	return nil
}
