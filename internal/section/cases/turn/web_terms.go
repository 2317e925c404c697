package turn

import (
	"net/http"
	"strconv"

	"plaza/internal/base/db"
	"plaza/internal/base/web"
	"plaza/internal/plaza"
	"plaza/internal/section/cases"
)

// termsPage are the terms of this installation, with those before them.
type termsPage struct {
	web.Page
	Done    *web.Notice
	Stop    *web.Notice
	Errors  web.ErrorSummary
	Version int
	Fields  []web.Field
	Names   []string
	History []termsLine
}

type termsLine struct {
	Version int
	Since   string
	Days    []int
}

func (s *Turns) terms(w http.ResponseWriter, r *http.Request) error {
	return s.drawTerms(w, r, http.StatusOK, nil, nil)
}

// drawTerms draws the page with what was typed, by the names of fields; nil for nothing.
func (s *Turns) drawTerms(w http.ResponseWriter, r *http.Request, status int, in map[string]string, wrong map[string]string) error {
	page := &termsPage{Page: s.shell.Page(r, s.shell.Printer(r).T("turn.terms"))}
	var history []cases.TermsOf
	var now cases.Terms
	if err := s.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
		if now, err = cases.ReadTerms(tx); err != nil {
			return err
		}
		history, err = cases.TermsHistory(tx)
		return err
	}); err != nil {
		return err
	}
	l := page.L
	page.NoIndex, page.Version = true, now.Version
	page.Crumbs = []web.Crumb{{Title: l.T("turn.terms.crumb"), Path: "/admin"}}
	for _, f := range now.Fields() {
		value := strconv.Itoa(*f.Days)
		if in != nil {
			value = in[f.Name]
		}
		page.Names = append(page.Names, l.T("turn.field."+f.Name))
		page.Fields = append(page.Fields, dress(l, wrong, web.Field{Name: f.Name, InputMode: "numeric", Value: value, MaxLength: 4})...)
	}
	for _, t := range history {
		line := termsLine{Version: t.Version, Since: l.DateTime(t.Since)}
		for _, f := range t.Fields() {
			line.Days = append(line.Days, *f.Days)
		}
		page.History = append(page.History, line)
	}
	page.Errors = web.ErrorSummary{L: l, Fields: page.Fields}
	page.Done = done(l, r, "plazos")
	if status == http.StatusConflict {
		page.Stop = &web.Notice{Tone: web.Warning, Text: l.T("cases.error.terms_changed"), Live: true}
	}
	return s.shell.Render(w, r, status, "turn/terms", page)
}

func (s *Turns) setTerms(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	var t cases.Terms
	t.Version, _ = strconv.Atoi(form.Value("version")) // none: somebody was first
	in := map[string]string{}
	for _, f := range t.Fields() {
		in[f.Name] = form.Value(f.Name)
		*f.Days, _ = strconv.Atoi(in[f.Name]) // what is no number is 0, which is refused
	}
	err = s.DB.Write(r.Context(), func(tx *db.Tx) error {
		_, err := s.PutTerms(tx, t)
		return err
	})
	if wrong := web.FieldErrors(s.shell.Printer(r), err); wrong != nil {
		return s.drawTerms(w, r, http.StatusUnprocessableEntity, in, wrong)
	}
	if err != nil && plaza.KindOf(err) == plaza.Conflict {
		return s.drawTerms(w, r, http.StatusConflict, in, nil)
	}
	if err != nil {
		return err
	}
	return see(w, r, termsPath+"?hecho=plazos")
}
