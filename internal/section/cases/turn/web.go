package turn

import (
	"embed"
	"errors"
	"fmt"
	"net/http"

	"plaza/internal/base/db"
	"plaza/internal/base/i18n"
	"plaza/internal/base/web"
	"plaza/internal/civic/access"
	"plaza/internal/civic/institution"
	"plaza/internal/plaza"
	"plaza/internal/section/cases"
)

//go:embed templates/*.html
var templates embed.FS

// The pages of this package.
const (
	officeCases = institution.OfficePath + "{institution}/consultas/"
	// centralCases are the coordination's.
	centralCases = "/admin/consultas/"
	deadlines    = "plazos"
	termsPath    = "/admin/plazos"
)

// maxUpload bounds what may be attached to a draft at a time, in bytes.
const maxUpload = 12 << 20

// Mount registers the pages; those of institutions are among those of the office.
func (s *Turns) Mount(shell *web.Shell, office *institution.Office) error {
	s.shell, s.office = shell, office
	if err := shell.Templates("turn", templates, web.Pages{"form": formPage{}, "turns": turnsPage{}, "answer": answerPage{}, "superior": superiorPage{},
		"dates": datesPage{}, "terms": termsPage{}}); err != nil {
		return fmt.Errorf("the templates of turns: %w", err)
	}
	private := func(name string, action access.Action) web.Route {
		return web.Route{Name: "turn." + name, Action: string(action), Cache: web.Private}
	}
	link := web.Route{Name: "turn.link", Action: string(access.CaseRead), Cache: web.Private, Secret: true, MaxBody: maxUpload}
	for name, base := range map[string]string{"": officeCases, "central.": centralCases} {
		one := base + "{folio}"
		shell.Handle("GET "+one+"/turnar-por-correo", private(name+"form", access.CaseHandle), s.form)
		shell.Handle("POST "+one+"/turnar-por-correo", private(name+"by_mail", access.CaseHandle), s.byMail)
		shell.Handle("GET "+one+"/turnos", private(name+"turns", access.CaseHandle), s.turns)
		shell.Handle("POST "+one+"/turnos/{turn}/reenviar", private(name+"resend", access.CaseHandle), s.resend)
		shell.Handle("POST "+one+"/turnos/{turn}/revocar", private(name+"revoke", access.CaseHandle), s.revoke)
	}
	shell.Handle("GET "+cases.TermsPattern, private("superior", access.CaseHandle), s.superior)
	shell.Handle("POST "+cases.TermsPattern, private("set_superior", access.CaseHandle), s.setSuperior)
	shell.Handle("GET "+PagePath+"{token}", link, s.answer)
	shell.Handle("POST "+PagePath+"{token}", link, s.write)
	shell.Handle("POST "+PagePath+"{token}/no-corresponde", link, s.decline)
	shell.Handle("GET "+termsPath, private("terms", access.CaseTerms), s.terms)
	shell.Handle("POST "+termsPath, private("set_terms", access.CaseTerms), s.setTerms)
	public := web.Route{Name: "turn.dates", Action: string(access.CaseRead), Cache: web.Public}
	shell.Handle("GET "+cases.DatesPattern, public, s.dates)
	public.Name, public.Open = "turn.feed", true
	shell.Handle("GET "+cases.FeedPath+"{file}", public, s.feed)
	return nil
}

// see leads to a page after something was done.
func see(w http.ResponseWriter, r *http.Request, path string) error {
	http.Redirect(w, r, path, http.StatusSeeOther)
	return nil
}

// dress gives fields their words and what is wrong with them.
func dress(l *i18n.Printer, wrong map[string]string, fields ...web.Field) []web.Field {
	for i := range fields {
		f := &fields[i]
		f.L, f.Error = l, wrong[f.Name]
		if f.Label == "" {
			f.Label = l.T("turn.field." + f.Name)
		}
		if hint := "turn.field." + f.Name + ".hint"; f.Hint == "" && l.Has(hint) {
			f.Hint = l.T(hint)
		}
	}
	return fields
}

// done is what a page says after something was done.
func done(l *i18n.Printer, r *http.Request, known ...string) *web.Notice {
	what := r.URL.Query().Get("hecho")
	for _, k := range known {
		if k == what {
			return &web.Notice{Tone: web.Good, Text: l.T("turn.done." + k), Live: true}
		}
	}
	return nil
}

// clash is what a page says when something could not be done any more; nil when err is
// of another kind.
func clash(l *i18n.Printer, err error) *web.Notice {
	e, ok := errors.AsType[*plaza.Error](err)
	if !ok || e.Kind != plaza.Conflict {
		return nil
	}
	return &web.Notice{Tone: web.Warning, Text: l.T(e.Key), Live: true}
}

// caseAt is the case of an institution's page: NotFound when it is another's, or held.
func caseAt(tx *db.Tx, r *http.Request, body institution.Institution) (cases.Case, error) {
	c, err := cases.ByFolio(tx, r.PathValue("folio"))
	if err == nil && (c.Institution != body.ID || !c.Public()) {
		err = plaza.E(plaza.NotFound, "cases.error.not_found")
	}
	return c, err
}

// caseLine says on a page of a case which one it is.
type caseLine struct{ Folio, Title, Path, Due string }

func lineOf(tx *db.Tx, l *i18n.Printer, c cases.Case, slug string) (caseLine, error) {
	due, err := dueWords(tx, l, c)
	return caseLine{Folio: c.Folio, Title: c.Title, Path: cases.DeskPath(c, slug), Due: due}, err
}
