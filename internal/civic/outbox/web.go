package outbox

import (
	"context"
	"crypto/subtle"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"plaza/internal/base/db"
	"plaza/internal/base/i18n"
	"plaza/internal/base/web"
	"plaza/internal/civic/access"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
)

// The paths of this package's pages.
const (
	Path          = "/admin/correos"
	addressesPath = Path + "/direcciones"
	// BouncePath is where a mail server posts reports of mails that it could not deliver.
	BouncePath = "/correo/rebotes"
)

const perPage = 50

// Pages are the coordination's pages on mails, and where reports of them come in.
type Pages struct {
	*Outbox
	token string
	shell *web.Shell
}

// NewPages makes the pages. token is what a mail server authenticates itself with
// ("Authorization: Bearer …") when it posts a report.
func NewPages(o *Outbox, token string) *Pages { return &Pages{Outbox: o, token: token} }

// Mount registers the pages.
func (p *Pages) Mount(shell *web.Shell) error {
	p.shell = shell
	if err := shell.Templates("outbox", templates, web.Pages{
		"mails": mailsPage{}, "mail": mailPage{}, "addresses": addressListPage{},
	}); err != nil {
		return fmt.Errorf("the outbox's templates: %w", err)
	}
	route := func(name string) web.Route {
		return web.Route{Name: "outbox." + name, Action: string(access.MailSee), Cache: web.Private, MaxBody: 16 << 10}
	}
	shell.Handle("GET "+Path, route("mails"), p.mails)
	shell.Handle("GET "+Path+"/{mail}", route("mail"), p.mail)
	shell.Handle("POST "+Path+"/{mail}", route("read"), p.read)
	shell.Handle("POST "+Path+"/{mail}/reintentar", route("retry"), p.act("reintento", Retry))
	shell.Handle("POST "+Path+"/{mail}/detener", route("stop"), p.act("detenido", Stop))
	shell.Handle("GET "+addressesPath, route("addresses"), p.addresses)
	shell.Handle("POST "+addressesPath, route("revive"), p.revive)
	shell.Handle("POST "+BouncePath, web.Route{Name: "outbox.bounce", Action: string(access.SiteRead), MaxBody: MaxReport}, p.bounce)
	return nil
}

// mailsPage lists mails.
type mailsPage struct {
	web.Page
	Done      *web.Notice
	NoServer  *web.Notice
	States    []stateLink
	Addresses string // path of the addresses that get none
	Mails     []mailLine
	Pager     web.Pager
	Empty     *web.Empty
}

// stateLink narrows the list to one state.
type stateLink struct {
	web.NavLink
	Count int
}

// mailLine is a mail in words, without what it says: that is read with a button.
type mailLine struct {
	Subject, Kind, To string // To is masked
	Error             string
	Path              string
	State             web.Badge
	When, ISO         string
	Why               string // why it is where it is, for a person
	MayRead           bool
	MayRetry          bool
	MayStop           bool
}

var stateBadges = map[State]web.Badge{
	Waiting: {Icon: "clock"}, Sent: {Tone: web.Good, Icon: "circle-check"}, Kept: {Tone: web.Info, Icon: "mail"},
	Refused: {Tone: web.Bad, Icon: "circle-x"}, Stopped: {Tone: web.Warning, Icon: "x"},
}

func (p *Pages) mails(w http.ResponseWriter, r *http.Request) error {
	page := &mailsPage{Page: p.page(r, "outbox.title"), Addresses: addressesPath}
	state, before := State(""), web.QueryText(r, "antes", 64)
	for _, s := range States {
		if r.URL.Query().Get("estado") == string(s) {
			state = s
		}
	}
	var list []Mail
	var counts map[State]int
	if err := p.db.Read(r.Context(), func(tx *db.Tx) (err error) {
		if list, err = List(tx, state, before, perPage+1); err != nil {
			return err
		}
		counts, err = Counts(tx)
		return err
	}); err != nil {
		return err
	}
	l := page.L
	if what := r.URL.Query().Get("hecho"); what == "reintento" || what == "detenido" {
		page.Done = &web.Notice{Tone: web.Good, Text: l.T("outbox.done." + what), Live: true}
	}
	if !p.Outbox.mail.Configured() {
		page.NoServer = &web.Notice{Tone: web.Info, Title: l.T("outbox.no_server"), Text: l.T("outbox.no_server.text")}
	}
	all := 0
	for _, s := range States {
		all += counts[s]
		page.States = append(page.States, stateLink{web.NavLink{Label: l.T("outbox.state." + string(s)), Path: listPath(s, ""), Current: s == state}, counts[s]})
	}
	page.States = append([]stateLink{{web.NavLink{Label: l.T("outbox.all"), Path: Path, Current: state == ""}, all}}, page.States...)
	page.Pager.L = l
	if before != "" {
		page.Pager.Prev = listPath(state, "")
	}
	if len(list) > perPage {
		list = list[:perPage]
		page.Pager.Next = listPath(state, list[len(list)-1].ID)
	}
	for _, m := range list {
		page.Mails = append(page.Mails, mailWords(l, m))
	}
	if len(list) == 0 {
		page.Empty = &web.Empty{Title: l.T("outbox.none"), Text: l.T("outbox.none.text")}
	}
	return p.shell.Render(w, r, http.StatusOK, "outbox/mails", page)
}

func (p *Pages) page(r *http.Request, key string) web.Page {
	page := p.shell.Page(r, p.shell.Printer(r).T(key))
	page.NoIndex = true
	page.Crumbs = []web.Crumb{{Title: page.L.T("outbox.coordination"), Path: "/admin"}}
	return page
}

func listPath(s State, before string) string {
	q := url.Values{}
	if s != "" {
		q.Set("estado", string(s))
	}
	if before != "" {
		q.Set("antes", before)
	}
	if len(q) == 0 {
		return Path
	}
	return Path + "?" + q.Encode()
}

func mailWords(l *i18n.Printer, m Mail) mailLine {
	line := mailLine{Subject: m.Subject, Kind: kindWords(l, m.Kind), To: masked(m.To), Error: m.Error, Path: Path + "/" + m.ID,
		State: stateBadges[m.State], When: l.DateTime(m.Created), ISO: l.ISO(m.Created),
		MayRead: m.Text != "", MayRetry: m.State != Sent, MayStop: m.State == Waiting}
	line.State.Text = l.T("outbox.state." + string(m.State))
	if m.State == Waiting && m.Attempts > 0 {
		line.Why = l.T("outbox.tried", "count", m.Attempts, "when", l.DateTime(m.Next))
	}
	return line
}

// kindWords says what a mail is, for a list.
func kindWords(l *i18n.Printer, kind string) string {
	if key := "outbox.kind." + kind; l.Has(key) {
		return l.T(key)
	}
	return kind
}

// masked is an address of which only who knows it already sees whose it is.
func masked(address string) string {
	name, host, ok := strings.Cut(address, "@")
	if !ok {
		return "•••"
	}
	first, _ := utf8.DecodeRuneInString(name)
	return string(first) + "•••@" + host
}

// mailPage shows one mail; what it says only to who asked for that with the button.
type mailPage struct {
	web.Page
	M    mailLine
	Text template.HTML // "" until it is read
	Gone bool          // the text is forgotten
}

func (p *Pages) mail(w http.ResponseWriter, r *http.Request) error {
	var m Mail
	if err := p.db.Read(r.Context(), func(tx *db.Tx) (err error) {
		m, err = Get(tx, r.PathValue("mail"))
		return err
	}); err != nil {
		return err
	}
	return p.draw(w, r, m, "")
}

// read shows what a mail says. It is somebody else's letter, and a link in it may open an
// account: that it was read stands in the record.
func (p *Pages) read(w http.ResponseWriter, r *http.Request) error {
	var m Mail
	if err := p.db.Write(r.Context(), func(tx *db.Tx) (err error) {
		m, err = Read(tx, r.PathValue("mail"))
		return err
	}); err != nil {
		return err
	}
	return p.draw(w, r, m, linked(m.Text))
}

func (p *Pages) draw(w http.ResponseWriter, r *http.Request, m Mail, text template.HTML) error {
	page := &mailPage{Page: p.page(r, "outbox.title"), M: mailWords(p.shell.Printer(r), m), Text: text, Gone: m.Text == ""}
	page.Title = m.Subject
	if text != "" {
		page.M.To = m.To
	}
	page.Crumbs = append(page.Crumbs, web.Crumb{Title: page.L.T("outbox.title"), Path: Path})
	return p.shell.Render(w, r, http.StatusOK, "outbox/mail", page)
}

// linked is a text whose addresses lead where they say, escaped. The HTML of a mail is
// not shown: it says the same.
func linked(text string) template.HTML {
	var b strings.Builder
	for i, word := range splitKeep(text) {
		safe := template.HTMLEscapeString(word)
		u, err := url.Parse(word)
		if i%2 == 0 && err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" {
			b.WriteString(`<a href="` + safe + `" rel="nofollow noreferrer">` + safe + `</a>`)
		} else {
			b.WriteString(safe)
		}
	}
	return template.HTML(b.String()) //nolint:gosec // escaped word by word
}

// splitKeep cuts a text into words and the spaces between them, in turn.
func splitKeep(text string) []string {
	var out []string
	start, space := 0, false
	for i, r := range text {
		if is := r == ' ' || r == '\n' || r == '\t'; is != space {
			out = append(out, text[start:i])
			start, space = i, is
		}
	}
	return append(out, text[start:])
}

// act does something to a mail and leads back to the list.
func (p *Pages) act(said string, do func(tx *db.Tx, id string) error) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		if err := p.db.Write(r.Context(), func(tx *db.Tx) error { return do(tx, r.PathValue("mail")) }); err != nil {
			return err
		}
		http.Redirect(w, r, Path+"?hecho="+said, http.StatusSeeOther)
		return nil
	}
}

// addressListPage lists the addresses that get no mail.
type addressListPage struct {
	web.Page
	Done  *web.Notice
	Items []addressLine
	Pager web.Pager
	Empty *web.Empty
}

type addressLine struct {
	Address
	Why, Since, ISO string
}

func (p *Pages) addresses(w http.ResponseWriter, r *http.Request) error {
	page := &addressListPage{Page: p.page(r, "outbox.addresses")}
	l := page.L
	page.Crumbs = append(page.Crumbs, web.Crumb{Title: l.T("outbox.title"), Path: Path})
	before := Address{Address: web.QueryText(r, "antes", 254)}
	if before.Address != "" {
		at, err := time.Parse(time.RFC3339Nano, r.URL.Query().Get("desde"))
		if err != nil {
			before.Address = ""
		}
		before.Since = at.UTC()
	}
	var list []Address
	if err := p.db.Read(r.Context(), func(tx *db.Tx) (err error) {
		list, err = Addresses(tx, before, perPage+1)
		return err
	}); err != nil {
		return err
	}
	if r.URL.Query().Get("hecho") == "activa" {
		page.Done = &web.Notice{Tone: web.Good, Text: l.T("outbox.done.activa"), Live: true}
	}
	page.Pager.L = l
	if before.Address != "" {
		page.Pager.Prev = addressesPath
	}
	if len(list) > perPage {
		list = list[:perPage]
		last := list[perPage-1]
		page.Pager.Next = addressesPath + "?" + url.Values{"antes": {last.Address}, "desde": {last.Since.Format(time.RFC3339Nano)}}.Encode()
	}
	for _, a := range list {
		page.Items = append(page.Items, addressLine{a, l.T("outbox.address." + string(a.State)), l.DateTime(a.Since), l.ISO(a.Since)})
	}
	if len(list) == 0 {
		page.Empty = &web.Empty{Title: l.T("outbox.addresses.none"), Text: l.T("outbox.addresses.none.text")}
	}
	return p.shell.Render(w, r, http.StatusOK, "outbox/addresses", page)
}

func (p *Pages) revive(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	if err := p.db.Write(r.Context(), func(tx *db.Tx) error {
		if err := Revive(tx, form.Value("address")); err != nil {
			return err
		}
		return record.Append(tx, record.Act{Verb: "mail.address_revived", Object: plaza.Ref{Kind: Kind}})
	}); err != nil {
		return err
	}
	http.Redirect(w, r, addressesPath+"?hecho=activa", http.StatusSeeOther)
	return nil
}

// bounce takes a report in from a mail server that knows the token.
func (p *Pages) bounce(w http.ResponseWriter, r *http.Request) error {
	given, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok || p.token == "" || subtle.ConstantTimeCompare([]byte(given), []byte(p.token)) != 1 {
		return plaza.E(plaza.NotFound, "outbox.error.token")
	}
	if _, err := p.Bounce(context.WithoutCancel(r.Context()), r.Body); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
