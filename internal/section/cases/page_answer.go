package cases

import (
	"fmt"
	"html/template"
	"net/http"
	"strconv"

	"plaza/internal/base/db"
	"plaza/internal/base/i18n"
	"plaza/internal/base/text"
	"plaza/internal/base/web"
)

// answerView is one version of an official answer.
type answerView struct {
	L         *i18n.Printer
	Number    int // among all versions of all answers to the case
	Version   int
	Path      string
	Who, Role string
	When, ISO string
	Outcome   string
	Refuses   bool
	Summary   string // en pocas palabras, "" where the answer is short
	Brief     string // that, or the beginning of the answer
	Body      template.HTML
	Facts     []web.Fact
	Files     []fileView
	Why       string        // of a correction
	Versions  []web.NavLink // of the same answer, when there are more than one
	Cite      web.Copy
	Current   bool // the newest version of the newest answer
	Reading   string
	Mark      *actForm // nil for who may not say whether it is clear
	SignIn    string   // where one signs in to say so

	answer Answer
	raw    string
}

// answerPath is the permanent address of a version of an answer.
func answerPath(c Case, number int) string { return fmt.Sprintf("%s/respuesta/%d", c.Path(), number) }

// answers draws all versions of all answers.
func (t *teller) answers() {
	c := t.all.c
	versions := map[string][]web.NavLink{}
	for i, a := range t.all.answers {
		v := t.answer(a, i+1)
		t.views = append(t.views, v)
		versions[a.ID] = append(versions[a.ID], web.NavLink{Label: t.l.T("cases.answer.version", "version", a.Version, "date", t.l.Date(a.At)), Path: v.Path})
	}
	for _, v := range t.views {
		if list := versions[v.answer.ID]; len(list) > 1 {
			v.Versions = list
		}
		v.Current = v == t.views[len(t.views)-1] && c.Answer == v.answer.ID
	}
}

// answer draws a version.
func (t *teller) answer(a Answer, number int) *answerView {
	l, c := t.l, t.all.c
	v := &answerView{L: l, Number: number, Version: a.Version, Path: answerPath(c, number), Who: bodyWords(l, a.Voice), Role: roleWords(l, a.Voice),
		When: l.DateTime(a.At), ISO: l.ISO(a.At), Outcome: t.outcome(a.Outcome), Refuses: a.Outcome.Refuses(), Summary: a.Summary,
		Brief: a.Summary, Body: text.Markdown(a.Body), Facts: t.answerFacts(a), Files: filesAt(l, c.Folio, t.all.files, FileOfAnswer, a.ID), Why: a.Why, answer: a, raw: a.Body}
	if v.Brief == "" {
		v.Brief = excerpt(a.Body, MaxSummary)
	}
	v.Cite = web.Copy{L: l, ID: "cita-" + strconv.Itoa(number), Text: l.T("cases.answer.cite.text", "institution", v.Who, "date", l.Date(a.At),
		"title", c.Title, "folio", c.Folio, "version", a.Version, "site", t.page.Site(), "url", t.page.URL(v.Path))}
	return v
}

// answerFacts are what an answer says besides its text.
func (t *teller) answerFacts(a Answer) (out []web.Fact) {
	l := t.l
	add := func(key string, f web.Fact) { f.Label = l.T("cases.answer.fact." + key); out = append(out, f) }
	if k, ok := t.all.cards[a.Object]; ok && a.Object.ID != "" {
		key := "object"
		if a.Outcome == Corrected {
			key = "fixed"
		}
		add(key, web.Fact{Text: k.Title, Link: k.Path, Icon: "database", Note: a.FixedWith})
	}
	if a.PlannedOn != "" {
		f := web.Fact{Text: l.PartialDate(a.PlannedOn), Time: a.PlannedOn, Icon: "calendar-clock", Note: a.Promise}
		add("planned", f)
	}
	if a.Commitment != "" {
		add("commitment", web.Fact{Text: l.T("cases.answer.commitment"), Link: "/compromisos/" + a.Commitment, Icon: "calendar-clock"})
	}
	if a.Ground != "" {
		f := web.Fact{Text: l.T("cases.ground." + a.Ground), Icon: "scale"}
		for _, g := range Grounds {
			if g.Key == a.Ground {
				f.Note = g.Legal
			}
		}
		add("ground", f)
	}
	if a.Alternative != "" {
		add("alternative", web.Fact{HTML: text.Markdown(a.Alternative)})
	}
	if a.Appeal != "" {
		add("appeal", web.Fact{HTML: text.Markdown(a.Appeal)})
	}
	if !a.Signed.Own() {
		add("signed", web.Fact{Text: bodyWords(l, a.Signed), Note: roleWords(l, a.Signed), Icon: "badge-check"})
	}
	return out
}

// version is a version of an answer, the newest for 0; nil when there is none.
func (t *teller) version(id string, version int) (v *answerView) {
	for _, one := range t.views {
		if one.answer.ID == id && (version == 0 || one.Version == version) {
			v = one
		}
	}
	return v
}

// current are the newest versions of each answer, oldest first.
func (t *teller) current() (out []*answerView) {
	for i, v := range t.views {
		if i+1 == len(t.views) || t.views[i+1].answer.ID != v.answer.ID {
			out = append(out, v)
		}
	}
	return out
}

// answerPage is one version of an official answer, with what it changed.
type answerPage struct {
	web.Page
	Back   web.NavLink
	Case   string
	Answer *answerView
	Newer  string    // path of the version that holds now, "" for that itself
	Older  string    // path of the one before
	Fields []changed // what else was changed
	Diff   []passage // of the text, nil for the first version
}

// changed is something that a correction changed besides the text.
type changed struct{ Name, Before, After string }

func (cs *Cases) showAnswer(w http.ResponseWriter, r *http.Request) error {
	page := &answerPage{Page: cs.shell.Page(r, "")}
	var moved string
	if err := cs.DB.Read(r.Context(), func(tx *db.Tx) error {
		all := &loaded{}
		var err error
		if all.c, all.by, err = cs.byAddress(tx, r); err == nil && !all.c.Public() {
			err = errNotFound
		}
		if err != nil {
			return err
		}
		if all.c.Folio != r.PathValue("folio") {
			moved = all.c.Path() + "/respuesta/" + r.PathValue("version")
			return nil
		}
		return cs.fillAnswer(tx, r, page, all)
	}); err != nil {
		return err
	}
	if moved != "" {
		http.Redirect(w, r, moved, http.StatusMovedPermanently)
		return nil
	}
	return cs.shell.Render(w, r, http.StatusOK, "cases/answer", page)
}

func (cs *Cases) fillAnswer(tx *db.Tx, r *http.Request, page *answerPage, all *loaded) (err error) {
	if err := cs.loadOwner(tx, all); err != nil {
		return err
	}
	if all.answers, err = Answers(tx, all.c.ID); err != nil {
		return err
	}
	if all.files, err = Files(tx, all.c.ID); err != nil {
		return err
	}
	n, err := strconv.Atoi(r.PathValue("version"))
	if err != nil || n < 1 || n > len(all.answers) {
		return errNoVersion
	}
	if err := cs.loadNames(tx, all); err != nil {
		return err
	}
	page.L = inZone(page.L, all.body)
	l, c := page.L, all.c
	t := &teller{cs: cs, l: l, page: page.Page, all: all}
	t.answers()
	v := t.views[n-1]
	page.Answer, page.Case = v, c.Title
	page.Title = l.T("cases.answer.title", "title", c.Title)
	page.Description = text.Excerpt(l.T("cases.card.answered", "institution", v.Who, "outcome", v.Outcome, "said", v.Brief), 300)
	page.Canonical = v.Path
	page.Crumbs = []web.Crumb{{Title: l.T("cases.nav"), Path: "/consultas"}, {Title: c.Folio, Path: c.Path()}}
	page.Back = web.NavLink{Label: c.Title, Path: c.Path()}
	if last := t.version(v.answer.ID, 0); last != v {
		page.Newer = last.Path
	}
	if v.Version > 1 {
		before := t.views[n-2]
		page.Older = before.Path
		page.Diff = difference(before.raw, v.raw)
		page.Fields = changes(l, before, v)
	}
	return nil
}

// changes are what a version changed besides the text.
func changes(l *i18n.Printer, was, now *answerView) (out []changed) {
	a, b := was.answer, now.answer
	add := func(key, before, after string) {
		if before != after {
			out = append(out, changed{l.T("cases.answer.fact." + key), before, after})
		}
	}
	ground := func(key string) string {
		if key == "" {
			return ""
		}
		return l.T("cases.ground." + key)
	}
	add("outcome", was.Outcome, now.Outcome)
	add("summary", a.Summary, b.Summary)
	add("planned", l.PartialDate(a.PlannedOn), l.PartialDate(b.PlannedOn))
	add("promise", a.Promise, b.Promise)
	add("ground", ground(a.Ground), ground(b.Ground))
	add("alternative", text.PlainText(a.Alternative), text.PlainText(b.Alternative))
	add("appeal", text.PlainText(a.Appeal), text.PlainText(b.Appeal))
	return out
}
