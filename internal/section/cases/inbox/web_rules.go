package inbox

import (
	"context"
	"net/http"
	"slices"
	"strconv"

	"plaza/internal/base/db"
	"plaza/internal/base/text"
	"plaza/internal/base/web"
	"plaza/internal/civic/access"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
	"plaza/internal/section/cases"
)

// rulesPage are an institution's rules.
type rulesPage struct {
	web.Page
	Path    string
	Done    *web.Notice
	Rules   []ruleLine
	Forms   []ruleForm
	NoUnits bool
}

// ruleLine is a rule.
type ruleLine struct {
	ID, Kind, Of, OfPath, Unit string
	Broken                     string // why it turns nothing
	Raise                      bool   // it can be tried earlier
}

// ruleForm adds a rule of one kind.
type ruleForm struct {
	What   What
	Title  string
	Fields []web.Field
}

// Errors is what is wrong with what was sent.
func (p rulesPage) Errors() web.ErrorSummary {
	s := web.ErrorSummary{L: p.L}
	for _, f := range p.Forms {
		s.Fields = append(s.Fields, f.Fields...)
	}
	return s
}

// ruleFields are the fields in which each kind of rule says what it is of.
var ruleFields = map[What]string{OfDataset: "conjunto", OfSource: "catalogo", OfTheme: "tema"}

func (b *Inbox) rules(w http.ResponseWriter, r *http.Request) error {
	return b.drawRules(w, r, http.StatusOK, nil, nil)
}

// drawRules draws the rules, with what was typed.
func (b *Inbox) drawRules(w http.ResponseWriter, r *http.Request, status int, form *web.Form, wrong map[string]string) error {
	page := &rulesPage{}
	if err := b.DB.Read(r.Context(), func(tx *db.Tx) error {
		p, at, err := b.at(tx, r, access.CaseRules, b.shell.Printer(r).T("inbox.rules"))
		if err != nil {
			return err
		}
		page.Page, page.Path = p, at.Base+"/reglas"
		sources, err := b.sourcesOf(tx, at.ID)
		if err != nil {
			return err
		}
		if err := b.ruleLines(tx, page, at.ID, sources); err != nil {
			return err
		}
		units, err := institution.Units(tx, at.ID)
		if err != nil {
			return err
		}
		page.NoUnits = len(units) == 0
		page.forms(sources, units, form, wrong)
		if n, err := strconv.Atoi(r.URL.Query().Get("aplicadas")); err == nil && n >= 0 && n <= maxApplied {
			page.Done = &web.Notice{Tone: web.Good, Text: p.L.T("inbox.rules.applied", "count", n), Live: true}
		}
		return nil
	}); err != nil {
		return err
	}
	return b.shell.Render(w, r, status, "case-inbox/rules", page)
}

func (b *Inbox) sourcesOf(tx *db.Tx, body string) ([]Choice, error) {
	if b.Sources == nil {
		return nil, nil
	}
	return b.Sources(tx, body)
}

// ruleLines puts the rules into words.
func (b *Inbox) ruleLines(tx *db.Tx, page *rulesPage, body string, sources []Choice) error {
	rules, err := Rules(tx, body)
	if err != nil {
		return err
	}
	var units []string
	var refs []plaza.Ref
	for _, r := range rules {
		units = append(units, r.Unit)
		if r.What == OfDataset {
			refs = append(refs, plaza.Ref{Kind: datasetKind, ID: r.Value})
		}
	}
	names, err := institution.UnitNames(tx, units)
	if err != nil {
		return err
	}
	valid, err := institution.Units(tx, body)
	if err != nil {
		return err
	}
	cards := map[plaza.Ref]plaza.Card{}
	if b.Cases.Cards != nil && len(refs) > 0 {
		if cards, err = b.Cases.Cards(tx, refs); err != nil {
			return err
		}
	}
	for i, r := range rules {
		o := ruleLine{ID: r.ID, Kind: page.L.T("inbox.rule." + string(r.What)), Of: r.Value, Unit: names[r.Unit], Raise: i > 0 && rules[i-1].What == r.What}
		switch r.What {
		case OfDataset:
			card := cards[plaza.Ref{Kind: datasetKind, ID: r.Value}]
			if o.Of, o.OfPath = card.Title, card.Path; o.Of == "" {
				o.Of, o.Broken = page.L.T("inbox.rule.gone"), page.L.T("inbox.rule.broken")
			}
		case OfSource:
			j := slices.IndexFunc(sources, func(s Choice) bool { return s.ID == r.Value })
			if j >= 0 {
				o.Of = sources[j].Title
			} else {
				o.Of, o.Broken = page.L.T("inbox.rule.gone"), page.L.T("inbox.rule.broken")
			}
		}
		if !slices.ContainsFunc(valid, func(u institution.Unit) bool { return u.ID == r.Unit }) {
			o.Broken = page.L.T("inbox.rule.no_unit")
		}
		page.Rules = append(page.Rules, o)
	}
	return nil
}

// datasetKind is the kind of a dataset's Ref.
const datasetKind = "dataset"

// forms are those that add a rule, one of each kind.
func (p *rulesPage) forms(sources []Choice, units []institution.Unit, form *web.Form, wrong map[string]string) {
	l := p.L
	for _, what := range whats {
		name := ruleFields[what]
		of := web.Field{L: l, Name: name, Label: l.T("inbox.rule." + string(what)), Hint: l.T("inbox.rule." + string(what) + ".hint"), MaxLength: 500, Error: wrong[name]}
		if what == OfSource {
			if len(sources) == 0 {
				continue
			}
			of.Type, of.MaxLength = "select", 0
			for _, s := range sources {
				of.Options = append(of.Options, web.Option{Value: s.ID, Label: s.Title})
			}
		}
		unit := unitField(l, name+"_area", l.T("inbox.rule.unit"), units)
		unit.Error = wrong[unit.Name]
		if form != nil {
			of.Value, unit.Value = form.Value(name), form.Value(unit.Name)
		}
		p.Forms = append(p.Forms, ruleForm{What: what, Title: l.T("inbox.rule.add." + string(what)), Fields: []web.Field{of, unit}})
	}
}

// saveRule adds, removes or raises a rule, or applies all of them.
func (b *Inbox) saveRule(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	if form.Value("hacer") == "aplicar" {
		return b.apply(w, r)
	}
	back := ""
	err = b.DB.Write(r.Context(), func(tx *db.Tx) error {
		_, at, err := b.at(tx, r, access.CaseRules, "")
		if err != nil {
			return err
		}
		back = at.Base + "/reglas"
		switch form.Value("hacer") {
		case "quitar":
			return removeRule(tx, at.ID, form.Value("regla"))
		case "subir":
			return raiseRule(tx, at.ID, form.Value("regla"))
		}
		return b.newRule(tx, at.ID, form)
	})
	if plaza.KindOf(err) == plaza.Invalid {
		return b.drawRules(w, r, http.StatusUnprocessableEntity, form, web.FieldErrors(b.shell.Printer(r), err))
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, back, http.StatusSeeOther)
	return nil
}

// newRule adds the rule of a form.
func (b *Inbox) newRule(tx *db.Tx, body string, form *web.Form) error {
	rule := Rule{Institution: body, What: What(form.Value("que"))}
	field, ok := ruleFields[rule.What]
	if !ok {
		return plaza.E(plaza.Invalid, "inbox.error.nothing")
	}
	rule.Value, rule.Unit = form.Value(field), form.Value(field+"_area")
	bad := &plaza.Error{Kind: plaza.Invalid, Key: "cases.error.form", Fields: []plaza.FieldError{{Field: field, Key: "inbox.error.rule_" + string(rule.What)}}}
	switch rule.What {
	case OfDataset:
		if rule.Value == "" || b.Object == nil {
			return bad
		}
		card, err := b.Object(tx, rule.Value)
		if plaza.KindOf(err) == plaza.NotFound || err == nil && card.Ref.Kind != datasetKind {
			return bad
		}
		if err != nil {
			return err
		}
		rule.Value = card.Ref.ID
	case OfSource:
		sources, err := b.sourcesOf(tx, body)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(sources, func(s Choice) bool { return s.ID == rule.Value }) {
			return bad
		}
	case OfTheme:
		if text.Fold(rule.Value) == "" || len(rule.Value) > maxTheme {
			return bad
		}
	}
	return addRule(tx, rule, field)
}

// maxApplied is how many cases one press of the button turns.
const maxApplied = 500

// apply turns by the rules what is open and was turned to nobody.
func (b *Inbox) apply(w http.ResponseWriter, r *http.Request) error {
	var at place
	if err := b.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
		if _, at, err = b.at(tx, r, access.CaseRules, ""); err != nil {
			return err
		}
		return access.Check(plaza.ActorFrom(tx.Context()), access.CaseHandle, access.Object{Kind: cases.RefKind, Institution: at.ID})
	}); err != nil {
		return err
	}
	n, err := b.applyRules(r.Context(), at.ID)
	if err != nil {
		return err
	}
	http.Redirect(w, r, at.Base+"/reglas?aplicadas="+strconv.Itoa(n), http.StatusSeeOther)
	return nil
}

// applyRules goes through an institution's open cases that were turned to no area, a
// piece in each transaction.
func (b *Inbox) applyRules(ctx context.Context, body string) (done int, err error) {
	f := cases.Filter{Bodies: []string{body}, States: []cases.State{cases.Open, cases.Assigned, cases.Reopened}, Desk: cases.Desk{Unassigned: true}}
	for after, more := (cases.Key{}), true; more && done < maxApplied; {
		n := 0
		if err := b.DB.Write(ctx, func(tx *db.Tx) error {
			n = 0
			list, err := cases.List(tx, f, cases.ByDue, after, shown)
			if more = len(list) == shown; err != nil || len(list) == 0 {
				return err
			}
			after = cases.KeyOf(list[len(list)-1], cases.ByDue)
			t, err := newRouter(tx, body, b.SourceOf)
			if err != nil || t == nil {
				more = false
				return err
			}
			n, err = b.applyTo(tx, t, list)
			return err
		}); err != nil {
			return done, err
		}
		done += n
	}
	return done, nil
}

// applyTo turns those of some cases for which there is a rule.
func (b *Inbox) applyTo(tx *db.Tx, t *router, list []cases.Case) (n int, err error) {
	ids := make([]string, len(list))
	for i, c := range list {
		ids[i] = c.ID
	}
	themes, err := cases.ThemesOf(tx, ids...)
	if err != nil {
		return 0, err
	}
	var acts []record.Act
	for _, c := range list {
		c.On.Themes = themes[c.ID]
		unit, ok, err := t.unit(tx, c)
		if err != nil {
			return 0, err
		}
		if !ok {
			continue
		}
		_, more, err := b.Cases.Turn(tx, c.ID, unit)
		if plaza.KindOf(err) == plaza.Conflict {
			continue
		}
		if err != nil {
			return 0, err
		}
		n, acts = n+1, append(acts, more...)
	}
	return n, record.Append(tx, acts...)
}
