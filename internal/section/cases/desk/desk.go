// Package desk is where an institution works on one case: what was asked, the clock, what
// was said so far, and what whoever looks may do with it now. Every act is a page of its
// own, so that it works without a script and says what it will do before it does it; of
// two who act at once the second is told, and keeps what they typed.
//
// A case lies at the desk of its institution (/gestion/{institution}/consultas/{folio}),
// that of nobody at the coordination's (/admin/consultas/{folio}); an institution that is
// asked to take a case over sees it at its own desk, without what the other noted and
// drafted.
package desk

import (
	"embed"
	"fmt"
	"net/http"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/web"
	"plaza/internal/civic/access"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/record"
	"plaza/internal/civic/search"
	"plaza/internal/plaza"
	"plaza/internal/section/cases"
)

// Locale holds the sentences of this package, in Spanish and English.
//
//go:embed locale/*.json
var Locale embed.FS

//go:embed templates/*.html
var templates embed.FS

// File is one that came with a case.
type File struct {
	Name, Path string
	Bytes      int64
}

// Deps are what the desk needs.
type Deps struct {
	DB    *db.DB
	Cases *cases.Cases
	// Cards tells of what an answer can name.
	Cards record.Cards
	// Kinds are the kinds of it.
	Kinds []string
	// Find is what a path of this site shows, NotFound for nothing; nil knows no paths.
	Find func(tx *db.Tx, path string) (plaza.Ref, error)
	// Search finds it by words; nil finds nothing.
	Search *search.Engine
	// Files are those that came with a case; nil is none.
	Files func(tx *db.Tx, c cases.Case) ([]File, error)
}

// Desk are the pages.
type Desk struct {
	Deps
	shell  *web.Shell
	office *institution.Office
}

// New makes a Desk.
func New(deps Deps) *Desk { return &Desk{Deps: deps} }

// Where the desks are.
const (
	officeDesk  = institution.OfficePath + "{institution}/consultas/{folio}"
	centralDesk = "/admin/consultas/{folio}"
)

// maxBody holds an answer whose every letter is escaped.
const maxBody = 512 << 10

// Mount registers the pages, in the management of institutions and in that of the
// coordination.
func (d *Desk) Mount(shell *web.Shell, office *institution.Office) error {
	d.shell, d.office = shell, office
	if err := shell.Templates("desk", templates, web.Pages{
		"case": casePage{}, "act": actPage{}, "answer": answerPage{}, "draft": draftPage{}, "kept": keptPage{},
	}); err != nil {
		return fmt.Errorf("the desk's templates: %w", err)
	}
	for name, base := range map[string]string{"desk.": officeDesk, "desk.central.": centralDesk} {
		route := func(method, path, what string, action access.Action, h web.Handler) {
			shell.Handle(method+" "+base+path, web.Route{Name: name + what, Action: string(action), Cache: web.Private, MaxBody: maxBody}, h)
		}
		route("GET", "", "case", access.CaseDraft, d.show)
		route("POST", "/notas", "note", access.CaseNote, d.note)
		for _, one := range deeds {
			action := actionOf(one.act)
			route("GET", "/"+one.path, one.path+".ask", action, d.askDeed(one))
			route("POST", "/"+one.path, one.path, action, d.doDeed(one))
		}
		route("GET", "/responder", "answer.write", access.CaseDraft, d.write(false))
		route("GET", "/corregir", "correct.write", access.CaseDraft, d.write(true))
		// Whoever has just lost their role keeps what they typed, so these ask by themselves.
		for path, correct := range map[string]bool{"responder": false, "corregir": true} {
			shell.Handle("POST "+base+"/"+path, web.Route{Name: name + map[bool]string{false: "answer", true: "correct"}[correct], Action: string(access.AccountSee),
				Cache: web.Private, MaxBody: maxBody + cases.MaxFiles*cases.MaxFile}, d.answer(correct))
		}
		route("POST", "/borrador", "draft.save", access.CaseDraft, d.autosave)
		route("GET", "/borradores/{draft}", "draft", access.CaseDraft, d.readDraft)
		route("POST", "/borradores/{draft}", "draft.return", access.CaseDraft, d.returnDraft)
		route("GET", "/firmar/{draft}", "sign.ask", access.CaseSign, d.readDraft)
		route("POST", "/firmar/{draft}", "sign", access.CaseSign, d.sign)
	}
	return nil
}

// actionOf is the permission that an act asks for.
func actionOf(a cases.Act) access.Action {
	for _, m := range cases.Moves() {
		if m.Act == a {
			return m.Action
		}
	}
	panic("desk: no act " + string(a))
}

// head is what every page of the desk has; a page's own type embeds it.
type head struct {
	web.Page
	Case     cases.Case
	Body     institution.Institution // whose desk it is, zero for the coordination's
	Base     string                  // path of the case at this desk
	Handover cases.Handover          // the one that is open, when Open
	Open     bool
	Asked    bool // this desk is of who is asked to take the case over
	Done     *web.Notice
}

// Can reports whether whoever looks may do an act to the case from this desk now.
func (h *head) Can(a cases.Act) bool {
	return h.Case.For(h.Body.ID).Can(h.Actor, cases.By(h.Actor), a)
}

// mark is what forms about the case say that they looked at.
func (h *head) mark() []any { return []any{h.Case.ID, h.Case.Version} }

// open is the case that a request names, at the desk that it names, for somebody who may
// see it there. A case that is elsewhere by now leads there.
func (d *Desk) open(tx *db.Tx, r *http.Request) (*head, error) {
	h := &head{}
	inbox := "/admin/consultas"
	if r.PathValue("institution") == "" {
		h.Page = d.shell.Page(r, "")
		h.NoIndex = true
		if err := access.Check(h.Actor, access.CaseDraft, access.Object{Kind: cases.RefKind}); err != nil {
			return h, err
		}
		h.Crumbs = []web.Crumb{{Title: h.L.T("desk.admin"), Path: "/admin"}}
	} else {
		p, err := d.office.Page(tx, r, access.CaseDraft, "")
		if err != nil {
			return h, err
		}
		h.Page, h.Body = p.Page, p.Institution
		inbox = institution.OfficePath + p.Institution.Slug + "/consultas"
		zone, err := time.LoadLocation(h.Body.Zone)
		if err != nil {
			return h, fmt.Errorf("the zone of institution %s: %w", h.Body.ID, err)
		}
		h.L = h.L.In(zone)
	}
	for i, t := range h.Tabs {
		h.Tabs[i].Current = t.Path == inbox
	}
	h.Crumbs = append(h.Crumbs, web.Crumb{Title: h.L.T("desk.inbox"), Path: inbox})
	var err error
	if h.Case, err = cases.ByFolio(tx, r.PathValue("folio")); err != nil {
		return h, notFound(err)
	}
	if !h.Case.Public() {
		return h, plaza.E(plaza.NotFound, "cases.error.not_found")
	}
	h.Base, h.Title = inbox+"/"+h.Case.Folio, h.Case.Title
	if h.Handover, h.Open, err = cases.OpenHandover(tx, h.Case.ID); err != nil {
		return h, err
	}
	h.Asked = h.Open && h.Handover.To == h.Body.ID && h.Case.Institution != h.Body.ID
	if h.Case.Institution != h.Body.ID && !h.Asked {
		return h, d.elsewhere(tx, h)
	}
	return h, nil
}

// notFound makes a folio that cannot be one lead nowhere, as one that nobody has.
func notFound(err error) error {
	if plaza.KindOf(err) == plaza.Invalid {
		return plaza.E(plaza.NotFound, "cases.error.not_found")
	}
	return err
}

// elsewhere leads to where a case is handled now, or to its public page.
func (d *Desk) elsewhere(tx *db.Tx, h *head) error {
	if !h.Case.Public() { // nobody else is to know that there is one
		return plaza.E(plaza.NotFound, "cases.error.not_found")
	}
	path := h.Case.Path()
	if access.Can(h.Actor, access.CaseDraft, access.Object{Kind: cases.RefKind, Institution: h.Case.Institution}) {
		path = "/admin/consultas/" + h.Case.Folio
		if h.Case.Institution != "" {
			body, err := institution.ByID(tx, h.Case.Institution)
			if err != nil {
				return err
			}
			path = institution.OfficePath + body.Slug + "/consultas/" + h.Case.Folio
		}
	}
	return &web.Elsewhere{Path: path, Because: plaza.E(plaza.NotFound, "cases.error.not_found")}
}

// sub makes the page one below the case's own.
func (h *head) sub(title string) {
	h.Title = title
	h.Crumbs = append(h.Crumbs, web.Crumb{Title: h.Case.Folio, Path: h.Base})
}
