package institution

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"plaza/internal/base/db"
	"plaza/internal/base/i18n"
	"plaza/internal/base/web"
	"plaza/internal/plaza"
)

// successionPage renames an institution, or begins its end.
type successionPage struct {
	web.Page
	I        Institution
	Done     *web.Notice
	Errors   web.ErrorSummary
	Amounts  []string // what it has
	Past     []web.Fact
	Rename   []web.Field
	End      []web.Field
	RenameTo string
	EndTo    string
	Ended    bool
}

// endingPage says what will move, and asks whether to do it.
type endingPage struct {
	web.Page
	I       Institution
	Facts   []web.Fact
	Amounts []string
	Parts   []web.Field // to which successor each goes
	Hidden  [][2]string
	Action  string
	Back    string
}

func (p *Pages) succession(w http.ResponseWriter, r *http.Request) error {
	return p.drawSuccession(w, r, http.StatusOK, nil, nil)
}

// drawSuccession draws the forms with what was typed, nil for nothing yet.
func (p *Pages) drawSuccession(w http.ResponseWriter, r *http.Request, status int, form *web.Form, wrong map[string]string) error {
	page := &successionPage{Page: p.shell.Page(r, "")}
	l := page.L
	var going []Institution
	var history History
	if err := p.db.Read(r.Context(), func(tx *db.Tx) (err error) {
		if page.I, err = BySlug(tx, r.PathValue("institution")); err != nil {
			return err
		}
		amounts, err := p.successions.Amounts(tx, page.I.ID)
		if err != nil {
			return err
		}
		page.Amounts = amountWords(l, amounts)
		if history, err = HistoryOf(tx, page.I.ID); err != nil {
			return err
		}
		going, err = Going(tx)
		return err
	}); err != nil {
		return err
	}
	page.Title = l.T("institution.succession", "name", page.I.Name)
	page.NoIndex, page.Ended = true, page.I.Extinct()
	page.Crumbs = []web.Crumb{{Title: l.T("institution.succession.admin"), Path: "/admin"},
		{Title: l.T("institution.succession.list"), Path: "/admin/instituciones"}}
	page.RenameTo, page.EndTo = SuccessionPath(page.I)+"/nombre", SuccessionPath(page.I)+"/fin"
	page.Past = HistoryFacts(l, history)
	if what := r.URL.Query().Get("hecho"); what == "renombrada" || what == "sucedida" {
		page.Done = &web.Notice{Tone: web.Good, Text: l.T("institution.done." + what), Live: true}
	}
	if seen := web.NewSeen(l, status); seen.Clash {
		said := seen.Notice()
		page.Done = &said
	}
	page.Rename = renameFields(l, page.I, form, wrong)
	page.End = endFields(l, page.I, going, form, wrong)
	// one form is wrong at a time, and its fields have names of their own
	page.Errors = web.ErrorSummary{L: l, Fields: slices.Concat(page.Rename, page.End)}
	return p.shell.Render(w, r, status, "institution/succession", page)
}

func amountWords(l *i18n.Printer, amounts []Amount) []string {
	out := make([]string, len(amounts))
	for n, a := range amounts {
		out[n] = l.T("institution.moves."+a.Key, "count", a.Count)
	}
	return out
}

// HistoryFacts are an institution's former names, what it was made of and what follows
// it, as facts with links both ways.
func HistoryFacts(l *i18n.Printer, h History) []web.Fact {
	var out []web.Fact
	for _, n := range h.Names {
		out = append(out, web.Fact{Label: l.T("institution.fact.formerly"), Text: n.Name, Icon: "history",
			Note: l.T("institution.fact.until", "date", l.PartialDate(n.Until))})
	}
	for _, s := range h.Before {
		if b, ok := h.Bodies[s.From]; ok {
			out = append(out, web.Fact{Label: l.T("institution.fact.before"), Text: b.Name, Link: b.Path(), Icon: "history",
				Note: l.T("institution.kind_since."+s.Kind, "date", l.PartialDate(s.Date))})
		}
	}
	for _, s := range h.After {
		f := web.Fact{Label: l.T("institution.fact.after"), Text: l.T("institution.central"), Icon: "arrow-right",
			Note: l.T("institution.kind_since."+s.Kind, "date", l.PartialDate(s.Date))}
		if b, ok := h.Bodies[s.To]; ok {
			f.Text, f.Link = b.Name, b.Path()
		}
		out = append(out, f)
	}
	return out
}

// HistoryNotices are what the page of an institution that is no more says first.
func HistoryNotices(l *i18n.Printer, h History) []web.Notice {
	var out []web.Notice
	for _, s := range h.After {
		text := l.T("institution.notice."+s.Kind, "date", l.PartialDate(s.Date))
		n := web.Notice{Tone: web.Warning, Title: text, Text: s.Note}
		if b, ok := h.Bodies[s.To]; ok {
			n.Title = l.T("institution.notice."+s.Kind+".to", "date", l.PartialDate(s.Date), "successor", b.Name)
			n.Link, n.Action = b.Path(), l.T("institution.notice.go", "successor", b.Short())
		}
		if n.Text == "" {
			n.Text = s.LegalRef
		}
		out = append(out, n)
	}
	return out
}

// typed is what a form says of a field, or what is known while nobody sent it.
func typed(form *web.Form, name, known string) string {
	if form == nil || !slices.Contains(form.Names(), name) {
		return known
	}
	return form.Value(name)
}

// basisFields ask for what a succession rests on; their names begin with the form's.
func basisFields(l *i18n.Printer, prefix string, form *web.Form, wrong map[string]string) []web.Field {
	var out []web.Field
	for _, f := range []web.Field{
		{Name: "date", Type: "date"}, {Name: "legal", MaxLength: maxLegal}, {Name: "note", Type: "textarea", Rows: 3, MaxLength: maxNote, Optional: true},
	} {
		f.L, f.Label, f.Error = l, l.T("institution.form."+f.Name), wrong[prefix+f.Name]
		if hint := "institution.form." + f.Name + ".hint"; l.Has(hint) {
			f.Hint = l.T(hint)
		}
		f.Name = prefix + f.Name
		f.Value = typed(form, f.Name, "")
		out = append(out, f)
	}
	return out
}

func renameFields(l *i18n.Printer, i Institution, form *web.Form, wrong map[string]string) []web.Field {
	fields := []web.Field{
		{Name: "n-name", Label: l.T("institution.form.name"), Value: typed(form, "n-name", i.Name), MaxLength: maxName},
		{Name: "n-acronym", Label: l.T("institution.form.acronym"), Value: typed(form, "n-acronym", i.Acronym), MaxLength: maxShort, Optional: true},
		{Name: "n-slug", Label: l.T("institution.form.slug"), Hint: l.T("institution.form.slug.hint"), Value: typed(form, "n-slug", i.Slug), MaxLength: maxSlug},
	}
	for n := range fields {
		fields[n].L, fields[n].Error = l, wrong[fields[n].Name]
	}
	return append(fields, basisFields(l, "n-", form, wrong)...)
}

// successorFields are the names of the fields for successors.
var successorFields = []string{"f-to", "f-to2", "f-to3", "f-to4", "f-to5"}

func endFields(l *i18n.Printer, i Institution, going []Institution, form *web.Form, wrong map[string]string) []web.Field {
	kind := web.Field{L: l, Name: "f-kind", Label: l.T("institution.form.kind"), Type: "select", Value: typed(form, "f-kind", Merged), Error: wrong["f-kind"]}
	for _, k := range Endings {
		kind.Options = append(kind.Options, web.Option{Value: k, Label: l.T("institution.ending." + k)})
	}
	bodies := []web.Option{{Label: l.T("institution.form.to.none")}}
	for _, b := range going {
		if b.ID != i.ID {
			bodies = append(bodies, web.Option{Value: b.ID, Label: b.Name})
		}
	}
	fields := []web.Field{kind}
	for n, name := range successorFields {
		f := web.Field{L: l, Name: name, Label: l.T("institution.form.to"), Type: "select", Options: bodies, Optional: true,
			Value: typed(form, name, ""), Error: wrong[name]}
		if n == 0 {
			f.Hint = l.T("institution.form.to.hint")
		} else {
			f.Label = l.T("institution.form.to.more", "number", n+1)
		}
		fields = append(fields, f)
	}
	return append(fields, basisFields(l, "f-", form, wrong)...)
}

// prefixed names errors as the fields of a form are named.
func prefixed(prefix string, wrong map[string]string) map[string]string {
	out := make(map[string]string, len(wrong))
	for name, said := range wrong {
		out[prefix+name] = said
	}
	return out
}

func (p *Pages) rename(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	var saved Institution
	err = p.db.Write(r.Context(), func(tx *db.Tx) error {
		i, err := BySlug(tx, r.PathValue("institution"))
		if err != nil {
			return err
		}
		saved, err = p.successions.Rename(tx, Renaming{ID: i.ID, Was: form.Value("n-was"), Name: form.Value("n-name"),
			Acronym: form.Value("n-acronym"), Slug: form.Value("n-slug"), Basis: basisOf(form, "n-")})
		return err
	})
	if wrong := web.FieldErrors(p.shell.Printer(r), err); wrong != nil {
		return p.drawSuccession(w, r, http.StatusUnprocessableEntity, form, prefixed("n-", wrong))
	}
	if errors.Is(err, errRenamed) {
		return p.drawSuccession(w, r, http.StatusConflict, form, nil)
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, SuccessionPath(saved)+"?hecho=renombrada", http.StatusSeeOther)
	return nil
}

func basisOf(form *web.Form, prefix string) Basis {
	return Basis{Date: form.Value(prefix + "date"), LegalRef: form.Value(prefix + "legal"),
		Note: strings.ReplaceAll(form.Value(prefix+"note"), "\r\n", "\n")}
}

// partPrefix begins the names of the fields for parts.
const partPrefix = "parte:"

// endingOf is what a form says of an institution's end.
func endingOf(form *web.Form, from string) Ending {
	e := Ending{Kind: form.Value("f-kind"), From: from, Basis: basisOf(form, "f-"), Shares: map[string]string{}}
	for _, name := range successorFields {
		e.To = append(e.To, form.Value(name))
	}
	for _, name := range form.Names() {
		if part, ok := strings.CutPrefix(name, partPrefix); ok && form.Value(name) != "" {
			e.Shares[part] = form.Value(name)
		}
	}
	return e
}

// end shows what will move, and does it once it is confirmed.
func (p *Pages) end(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	if !form.Checked("confirmar") {
		return p.previewEnd(w, r, form)
	}
	var i Institution
	err = p.db.Write(r.Context(), func(tx *db.Tx) error {
		if i, err = BySlug(tx, r.PathValue("institution")); err != nil {
			return err
		}
		return p.successions.End(tx, endingOf(form, i.ID))
	})
	if wrong := web.FieldErrors(p.shell.Printer(r), err); wrong != nil {
		return p.drawSuccession(w, r, http.StatusUnprocessableEntity, form, prefixed("f-", wrong))
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, SuccessionPath(i)+"?hecho=sucedida", http.StatusSeeOther)
	return nil
}

func (p *Pages) previewEnd(w http.ResponseWriter, r *http.Request, form *web.Form) error {
	page := &endingPage{Page: p.shell.Page(r, "")}
	l := page.L
	var e Ending
	var parts []Part
	var bodies map[string]Institution
	err := p.db.Read(r.Context(), func(tx *db.Tx) (err error) {
		if page.I, err = BySlug(tx, r.PathValue("institution")); err != nil {
			return err
		}
		e = endingOf(form, page.I.ID)
		if err := p.successions.Check(tx, &e); err != nil {
			return err
		}
		to, err := receiver(tx, page.I, e)
		if err != nil {
			return err
		}
		if bodies, err = ByIDs(tx, append([]string{to}, e.To...)); err != nil {
			return err
		}
		amounts, err := p.successions.Amounts(tx, page.I.ID)
		if err != nil {
			return err
		}
		page.Amounts = amountWords(l, amounts)
		page.Facts = endingFacts(l, e, to, bodies)
		if e.Kind == Split {
			parts, err = p.successions.Parts(tx, page.I.ID)
		}
		return err
	})
	if wrong := web.FieldErrors(l, err); wrong != nil && plaza.KindOf(err) == plaza.Invalid {
		return p.drawSuccession(w, r, http.StatusUnprocessableEntity, form, prefixed("f-", wrong))
	}
	if err != nil {
		return err
	}
	page.Title = l.T("institution.ending.title", "name", page.I.Name)
	page.NoIndex = true
	page.Back = SuccessionPath(page.I)
	page.Action = page.Back + "/fin"
	page.Crumbs = []web.Crumb{{Title: l.T("institution.succession.admin"), Path: "/admin"},
		{Title: l.T("institution.succession.list"), Path: "/admin/instituciones"}, {Title: page.I.Short(), Path: page.Back}}
	for _, name := range append([]string{"f-kind", "f-date", "f-legal", "f-note"}, successorFields...) {
		if v := form.Value(name); v != "" {
			page.Hidden = append(page.Hidden, [2]string{name, v})
		}
	}
	page.Parts = partFields(l, parts, e, bodies)
	return p.shell.Render(w, r, http.StatusOK, "institution/ending", page)
}

func endingFacts(l *i18n.Printer, e Ending, to string, bodies map[string]Institution) []web.Fact {
	out := []web.Fact{
		{Label: l.T("institution.form.kind"), Text: l.T("institution.ending." + e.Kind)},
		{Label: l.T("institution.form.date"), Text: l.PartialDate(e.Date), Time: e.Date},
		{Label: l.T("institution.form.legal"), Text: e.LegalRef},
	}
	lines := e.To
	if len(lines) == 0 {
		lines = []string{to}
	}
	for n, id := range lines {
		f := web.Fact{Label: l.T("institution.ending.to"), Text: l.T("institution.central")}
		if b, ok := bodies[id]; ok {
			f.Text, f.Link = b.Name, b.Path()
		}
		if n > 0 {
			f.Label = l.T("institution.form.to.more", "number", n+1)
		}
		out = append(out, f)
	}
	return out
}

func partFields(l *i18n.Printer, parts []Part, e Ending, bodies map[string]Institution) []web.Field {
	options := make([]web.Option, len(e.To))
	for n, id := range e.To {
		options[n] = web.Option{Value: id, Label: bodies[id].Name}
	}
	out := make([]web.Field, len(parts))
	for n, part := range parts {
		out[n] = web.Field{L: l, Name: partPrefix + part.ID, Type: "select", Options: options, Value: e.To[0],
			Label: fmt.Sprintf("%s: %s", l.T(part.Kind), part.Title)}
	}
	return out
}
