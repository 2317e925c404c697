package cases

import (
	"net/http"
	"net/url"

	"plaza/internal/base/web"
	"plaza/internal/civic/access"
)

// signIn is where a visitor signs in to come back to a place.
func signIn(path string) string { return "/entrar?volver=" + url.QueryEscape(path) }

// tools are what the one who looks can do: as the asker, or as anybody.
func (cs *Cases) tools(r *http.Request, page *casePage, all *loaded) {
	c, l := all.c, page.L
	for _, f := range ownForms {
		if c.Can(page.Actor, all.by, f.Act) {
			page.Forms = append(page.Forms, cs.own(page.Page, r, c, f, f.among(), http.StatusOK, written{}))
		}
	}
	mine := c.Asker.Is(all.by)
	if mine && c.Answer != "" && (c.Reopenings > 0 || c.State == Resolved) && !c.Owed() {
		page.Anew = "/consultas/nueva?despues=" + url.QueryEscape(c.Folio)
	}
	if word := r.URL.Query().Get("hecho"); hechos[word] {
		page.Notices = append(page.Notices, web.Notice{Tone: web.Good, Text: l.T("cases.done." + word), Live: true})
	}
	if !c.Public() {
		return
	}
	if cs.Report != nil && !mine && !page.Closed(string(access.Report)) {
		page.Report = cs.Report(c.Ref())
	}
	cs.reader(page, all, mine)
}

// hechos are the words with which a form leads back to the page.
var hechos = map[string]bool{"responder-info": true, "aceptar": true, "reabrir": true, "retirar": true, "apoyar": true, "dejar-de-apoyar": true, "se-entiende": true}

// reader fills in support and what readers make of the current answer.
func (cs *Cases) reader(page *casePage, all *loaded, mine bool) {
	c, l, reading := all.c, page.L, all.reading
	on := access.Object{Kind: RefKind, Institution: c.Institution}
	may := access.Can(page.Actor, access.CaseSupport, on) && !page.Closed(string(access.CaseSupport))
	asks := !page.Actor.SignedIn() && all.by.Contact == "" && !page.Closed(string(access.CaseSupport))
	s := supportView{Count: l.T("cases.support.none"), Some: c.Supports > 0, Mine: mine}
	if s.Some {
		s.Count = l.T("cases.support.count", "count", c.Supports)
	}
	switch {
	case mine || c.State == Closed:
	case reading.Supports:
		s.Back = c.Path() + "/dejar-de-apoyar"
	case may:
		form := cs.support(page.Page, c, written{})
		s.Form = &form
	case asks && cs.shell.Has("/entrar"):
		s.SignIn = signIn(c.Path() + "#apoyar")
	}
	page.Support = s
	if page.Summary == nil {
		return
	}
	v := page.Summary
	if reading.Clear+reading.Unclear > 0 {
		v.Reading = l.T("cases.mark.count", "yes", reading.Clear, "no", reading.Unclear)
	}
	switch {
	case access.Can(page.Actor, access.CaseAnswer, on):
	case may:
		form := cs.mark(page.Page, c, written{Text: reading.Note})
		if reading.Marked {
			form.Title = l.T("cases.mark.again")
			form.Lead = l.T("cases.mark.said." + map[bool]string{true: "yes", false: "no"}[reading.AsClear])
		}
		v.Mark = &form
	case asks && cs.shell.Has("/entrar"):
		v.SignIn = signIn(c.Path() + "#se-entiende")
	}
}
