package cases

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"plaza/internal/base/db"
	"plaza/internal/base/web"
	"plaza/internal/civic/access"
	"plaza/internal/civic/gate"
	"plaza/internal/plaza"
)

// maxFormBody holds a form whose every letter is escaped.
const maxFormBody = 256 << 10

// purpose is what the hidden fields of the forms on a case's page are sealed for.
const purpose = "case_page"

// Mount registers the pages of cases and their lists.
func (cs *Cases) Mount(shell *web.Shell) error {
	cs.shell = shell
	if err := shell.Templates("cases", templates, web.Pages{
		"case": casePage{}, "act": actPage{}, "answer": answerPage{}, "list": casesPage{}, "foot": footView{},
	}); err != nil {
		return fmt.Errorf("the templates of cases: %w", err)
	}
	public := func(name string) web.Route {
		return web.Route{Name: "cases." + name, Action: string(access.CaseRead), Cache: web.Public}
	}
	private := func(name string, action access.Action) web.Route {
		return web.Route{Name: "cases." + name, Action: string(action), Cache: web.Private, MaxBody: maxFormBody}
	}
	shell.Handle("GET /consultas/{folio}", public("case"), cs.showCase)
	shell.Handle("GET /consultas/{folio}/respuesta/{version}", public("answer"), cs.showAnswer)
	for _, f := range ownForms {
		// whoever asked may have no account: the handler asks whose the case is
		route := private(string(f.Act), access.CaseRead)
		route.Secret = true
		shell.Handle("GET /consultas/{folio}/"+f.Path, route, cs.askOwn(f))
		shell.Handle("POST /consultas/{folio}/"+f.Path, route, cs.doOwn(f))
	}
	shell.Handle("GET /consultas/{folio}/apoyar", private("support.ask", access.CaseSupport), cs.askSupport)
	shell.Handle("POST /consultas/{folio}/apoyar", private("support", access.CaseSupport), cs.doSupport)
	shell.Handle("POST /consultas/{folio}/dejar-de-apoyar", private("unsupport", access.CaseSupport), cs.doUnsupport)
	shell.Handle("GET /consultas/{folio}/se-entiende", private("mark.ask", access.CaseSupport), cs.askMark)
	shell.Handle("POST /consultas/{folio}/se-entiende", private("mark", access.CaseSupport), cs.doMark)
	for _, list := range []listing{allCases, onlyRequests} {
		shell.Handle("GET "+list.Path, public(list.Name), cs.listCases(list))
		open := public(list.Name + ".feed")
		open.Open = true
		shell.Handle("GET "+list.Path+".atom", open, cs.feed(list))
		open.Name, open.Stream = "cases."+list.Name+".csv", true
		shell.Handle("GET "+list.Path+".csv", open, cs.csv(list))
	}
	shell.Nav(web.Item{Key: "cases.nav", Path: "/consultas", Icon: "circle-question-mark"})
	return nil
}

// who is the one who asks for a page, as the asker of a case: with an account, or by the
// link that was mailed to them.
func (cs *Cases) who(r *http.Request, c Case) Asker {
	by := By(plaza.ActorFrom(r.Context()))
	if k := cs.Contact(r, c); k != (Asker{}) && !c.Asker.Is(by) {
		return k
	}
	return by
}

// byAddress is the case that a request names, when whoever asks may know of it: one that
// is held, only its asker and moderators.
func (cs *Cases) byAddress(tx *db.Tx, r *http.Request) (Case, Asker, error) {
	c, err := ByFolio(tx, r.PathValue("folio"))
	if err != nil {
		return c, Asker{}, err
	}
	by := cs.who(r, c)
	if !c.Published.IsZero() || c.Asker.Is(by) || access.Can(plaza.ActorFrom(r.Context()), access.QueueSee, access.Object{Institution: c.Institution}) {
		return c, by, nil
	}
	return Case{}, by, errNotFound
}

// sentFrom is what is known of where a form came from; the drawn form is used up.
func (cs *Cases) sentFrom(tx *db.Tx, r *http.Request, form *web.Form) (f From, err error) {
	if ip := cs.shell.ClientIP(r); ip.IsValid() {
		f.Network = gate.Network(ip)
	}
	f.Signals, err = cs.Gate.Judge(tx, form, purpose)
	return f, err
}

// refusal is how a form is drawn again when what was sent is refused for a reason that
// whoever sent it can do something about; status 0 is for all other errors.
func (cs *Cases) refusal(w http.ResponseWriter, r *http.Request, err error) (status int, wrong map[string]string, why *web.Notice) {
	if err == nil {
		return 0, nil, nil
	}
	l := cs.shell.Printer(r)
	if wrong = web.FieldErrors(l, err); wrong != nil {
		return http.StatusUnprocessableEntity, wrong, nil
	}
	e, ok := errors.AsType[*plaza.Error](err)
	if !ok || e.Key == "" || e.Kind != plaza.Conflict && e.Kind != plaza.TooMany {
		return 0, nil, nil
	}
	if e.RetryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(e.RetryAfter.Seconds())+1))
	}
	return web.StatusOf(err), nil, &web.Notice{Tone: web.Warning, Text: l.TMap(e.Key, e.Args), Live: true}
}

// withQuery is a path with a request's own query, which may say who somebody without an
// account is.
func withQuery(path string, r *http.Request) string {
	if r.URL.RawQuery == "" {
		return path
	}
	return path + "?" + r.URL.RawQuery
}

// done is the page of a case with a word on what was done there.
func done(c Case, what string, r *http.Request) string {
	q := r.URL.Query()
	q.Set("hecho", what)
	return c.Path() + "?" + q.Encode()
}

// Named is the page of the case whose folio a text is, "" for none: for the search box.
func Named(tx *db.Tx, s string) (string, error) {
	if !strings.ContainsAny(s, "0123456789") {
		return "", nil
	}
	c, err := ByFolio(tx, s)
	if err != nil {
		if plaza.KindOf(err) == plaza.NotFound {
			err = nil
		}
		return "", err
	}
	if !c.Public() {
		return "", nil
	}
	return c.Path(), nil
}
