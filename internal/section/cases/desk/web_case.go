package desk

import (
	"html/template"
	"net/http"
	"slices"

	"plaza/internal/base/db"
	"plaza/internal/base/text"
	"plaza/internal/base/web"
	"plaza/internal/civic/access"
	"plaza/internal/civic/account"
	"plaza/internal/civic/institution"
	"plaza/internal/plaza"
	"plaza/internal/section/cases"
)

// How much the page of a case shows.
const (
	shownSteps   = 100
	shownWhys    = 50
	shownEarlier = 8
)

// casePage is one case at the desk of its institution.
type casePage struct {
	*head
	Kind     string
	Badges   []web.Badge
	Clock    *web.Notice
	Pass     *web.Notice // the hand-over that is open
	Facts    []web.Fact
	Text     template.HTML
	Details  []web.Fact
	Need     string
	Files    []fileLine
	Answer   *answerLine // the current official answer
	Write    *web.NavLink
	Acts     []web.NavLink
	Steps    []stepLine
	MoreAt   string // path of all steps, "" when these are all
	Whys     []whyLine
	WhysLead string
	Drafts   []draftLine
	Notes    []noteLine
	MayNote  bool
	NoteForm web.Field
	NoteAt   string
	Errors   web.ErrorSummary
	Earlier  []earlierLine
	Own      bool // the institution's own case, with drafts and official answers
}

type fileLine struct{ Name, Path, Size string }

type stepLine struct {
	What, Who, When, ISO string
	Note                 string
	Text                 template.HTML
}

type whyLine struct{ Why, When, ISO string }

type noteLine struct {
	By, When, ISO string
	Text          template.HTML
}

type draftLine struct {
	By, When, ISO string
	State         web.Badge
	Path          string
	Note          string
	Mine          bool
}

type answerLine struct {
	Outcome, Summary string
	Text             template.HTML
	Facts            []web.Fact
}

type earlierLine struct {
	Title, Path, Outcome, Summary, When, ISO string
	Use                                      string // path of the form that begins with it, "" when none is written
}

func (d *Desk) show(w http.ResponseWriter, r *http.Request) error {
	return d.drawCase(w, r, http.StatusOK, "", nil)
}

func (d *Desk) drawCase(w http.ResponseWriter, r *http.Request, status int, note string, wrong map[string]string) error {
	page := &casePage{}
	if err := d.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
		if page.head, err = d.open(tx, r); err != nil {
			return err
		}
		return d.fill(tx, page)
	}); err != nil {
		return err
	}
	l := page.L
	if one := r.URL.Query().Get("hecho"); l.Has("desk.done." + one) {
		page.Done = &web.Notice{Tone: web.Good, Text: l.T("desk.done." + one), Live: true}
	}
	page.NoteAt = page.Base + "/notas"
	page.NoteForm = web.Field{L: l, Name: "texto", Type: "textarea", Rows: 3, MaxLength: cases.MaxReason, Label: l.T("desk.note.text"), Hint: l.T("desk.note.hint"),
		Value: note, Error: wrong["texto"]}
	page.Errors = web.ErrorSummary{L: l, Fields: []web.Field{page.NoteForm}}
	return d.shell.Render(w, r, status, "desk/case", page)
}

// fill fills in a case's page: a bounded number of statements.
func (d *Desk) fill(tx *db.Tx, p *casePage) error {
	l, c := p.L, p.Case
	p.Own = !p.Asked
	p.Kind, p.Text, p.Need = l.T("cases.kind."+string(c.Kind)), text.Markdown(c.Body), c.Need
	p.Badges = []web.Badge{{Text: l.T("cases.state." + string(c.State)), Tone: tones[c.State]}}
	if c.Progress != "" {
		p.Badges = append(p.Badges, web.Badge{Text: l.T("cases.progress." + string(c.Progress))})
	}
	p.Details = details(l, c)
	k, by, err := answerClock(tx, c)
	if err != nil {
		return err
	}
	p.Clock = clockNotice(l, c, k, by, p)
	if err := d.facts(tx, p); err != nil {
		return err
	}
	if err := p.handover(tx); err != nil {
		return err
	}
	if d.Files != nil {
		files, err := d.Files(tx, c)
		if err != nil {
			return err
		}
		for _, f := range files {
			p.Files = append(p.Files, fileLine{f.Name, f.Path, l.Bytes(f.Bytes)})
		}
	}
	p.acts(k)
	if err := d.said(tx, p); err != nil {
		return err
	}
	return d.own(tx, p)
}

var tones = map[cases.State]web.Tone{cases.Open: web.Warning, cases.Reopened: web.Warning, cases.Answered: web.Good, cases.Resolved: web.Good}

// facts are who asked, when, and about what.
func (d *Desk) facts(tx *db.Tx, p *casePage) error {
	l, c := p.L, p.Case
	name := c.Asker.Name
	if name == "" && c.Asker.Person != "" {
		names, err := account.Names(tx, []string{c.Asker.Person})
		if err != nil {
			return err
		}
		name = names[c.Asker.Person]
	}
	if name == "" {
		name = l.T(account.Nobody)
	}
	p.Facts = []web.Fact{
		{Label: l.T("desk.fact.folio"), Text: c.Folio, Link: c.Path()},
		{Label: l.T("desk.fact.asked"), Text: l.Date(c.Asked), Time: l.ISO(c.Asked), Note: l.T("cases.channel." + string(c.Channel))},
		{Label: l.T("desk.fact.asker"), Text: name},
		{Label: l.T("desk.fact.supports"), Text: l.Number(c.Supports)},
	}
	if c.On.Ref.ID != "" && d.Cards != nil {
		cards, err := d.Cards(tx, []plaza.Ref{c.On.Ref})
		if err != nil {
			return err
		}
		if on, ok := cards[c.On.Ref]; ok {
			p.Facts = append(p.Facts, web.Fact{Label: l.T("desk.fact.on"), Text: on.Title, Link: on.Path, Lang: on.Language})
		}
	}
	if c.Unit != "" {
		u, err := institution.UnitByID(tx, c.Unit)
		if err != nil && plaza.KindOf(err) != plaza.NotFound {
			return err
		}
		p.Facts = append(p.Facts, web.Fact{Label: l.T("desk.fact.unit"), Text: u.Name})
	}
	return nil
}

// handover says which institution is asked to take the case over, and until when.
func (p *casePage) handover(tx *db.Tx) error {
	if !p.Open {
		return nil
	}
	other := p.Handover.To
	if p.Asked {
		other = p.Handover.From
	}
	name := p.L.T("desk.coordination")
	if other != "" {
		body, err := institution.ByID(tx, other)
		if err != nil {
			return err
		}
		name = body.Name
	}
	k, by, err := clockFor(tx, p.Case, cases.ToDecide)
	if err != nil {
		return err
	}
	key := "desk.pass.asked"
	if p.Asked {
		key = "desk.pass.here"
	}
	p.Pass = &web.Notice{Tone: web.Warning, Title: p.L.T(key, "institution", name), Text: p.Handover.Reason}
	if k.ID != "" {
		p.Pass.Text += " — " + p.L.T("desk.pass.until", "date", p.L.Date(k.LastDay()), "count", k.Left(by, p.Now))
	}
	return nil
}

// acts lists what whoever looks may do now.
func (p *casePage) acts(k cases.Clock) {
	for _, one := range deeds {
		if p.offers(one, k) {
			p.Acts = append(p.Acts, web.NavLink{Label: p.L.T("desk." + one.path), Path: p.Base + "/" + one.path})
		}
	}
	if !p.Asked && access.Can(p.Actor, access.CaseHandle, access.Object{Kind: cases.RefKind, Institution: p.Case.Institution}) {
		if p.Case.Owed() {
			p.Acts = append(p.Acts, web.NavLink{Label: p.L.T("desk.turnar_por_correo"), Path: p.Base + "/turnar-por-correo"})
		}
		p.Acts = append(p.Acts, web.NavLink{Label: p.L.T("desk.turnos"), Path: p.Base + "/turnos"})
	}
	if p.Asked || !p.Can(cases.Draft) {
		return
	}
	p.Write = &web.NavLink{Label: p.L.T("desk.responder"), Path: p.Base + "/responder"}
	if !p.Case.Owed() {
		p.Write = &web.NavLink{Label: p.L.T("desk.corregir"), Path: p.Base + "/corregir"}
	}
}

// said is what happened to the case so far, and why others need the same.
func (d *Desk) said(tx *db.Tx, p *casePage) error {
	l := p.L
	steps, err := cases.Steps(tx, p.Case.ID, "", shownSteps+1)
	if err != nil {
		return err
	}
	if len(steps) > shownSteps {
		steps, p.MoreAt = steps[:shownSteps], p.Case.Path()
	}
	for _, s := range steps {
		line := stepLine{What: l.T("desk.step." + string(s.Kind)), When: l.DateTime(s.At), ISO: l.ISO(s.At), Who: voiceWords(l, s.Voice), Note: stepNote(l, s)}
		if s.Body != "" && s.Standing == "public" {
			line.Text = text.Markdown(s.Body)
		}
		p.Steps = append(p.Steps, line)
	}
	whys, err := cases.SupportWhys(tx, p.Case.ID, shownWhys)
	for _, s := range whys {
		p.Whys = append(p.Whys, whyLine{s.Why, l.Date(s.At), l.ISO(s.At)})
	}
	p.WhysLead = l.T("desk.whys.lead", "count", p.Case.Supports)
	return err
}

// own is what only the institution of the case sees: its answer, drafts, notes and what
// was answered before.
func (d *Desk) own(tx *db.Tx, p *casePage) error {
	l, c := p.L, p.Case
	p.MayNote = access.Can(p.Actor, access.CaseNote, access.Object{Kind: cases.RefKind, Institution: p.Body.ID})
	var notes []cases.PrivateNote
	var drafts []cases.AnswerDraft
	var err error
	if p.MayNote {
		if notes, err = cases.Notes(tx, c.ID, p.Body.ID); err != nil {
			return err
		}
	}
	if p.Own {
		if drafts, err = cases.Drafts(tx, c.ID); err != nil {
			return err
		}
	}
	var ids []string
	for _, n := range notes {
		ids = append(ids, n.Author)
	}
	for _, one := range drafts {
		ids = append(ids, one.Author)
	}
	slices.Sort(ids)
	names, err := account.Names(tx, slices.Compact(ids))
	if err != nil {
		return err
	}
	for _, n := range notes {
		p.Notes = append(p.Notes, noteLine{nameOf(l, names, n.Author), l.DateTime(n.At), l.ISO(n.At), text.Markdown(n.Body)})
	}
	for _, one := range drafts {
		p.Drafts = append(p.Drafts, draftWords(p.head, names, one))
	}
	if !p.Own {
		return nil
	}
	if err := d.current(tx, p); err != nil {
		return err
	}
	p.Earlier, err = d.earlier(tx, p.head)
	return err
}

var draftTones = map[cases.DraftState]web.Tone{cases.DraftSent: web.Warning, cases.DraftSigning: web.Warning, cases.DraftSigned: web.Good, cases.DraftReturned: web.Bad}

// current is the official answer of the case, when it has one.
func (d *Desk) current(tx *db.Tx, p *casePage) error {
	if p.Case.Answer == "" {
		return nil
	}
	a, err := cases.LastAnswer(tx, p.Case.ID)
	if err != nil {
		return err
	}
	p.Answer = &answerLine{Outcome: p.L.T("cases.outcome." + string(a.Outcome)), Summary: a.Summary, Text: text.Markdown(a.Body)}
	p.Answer.Facts, err = d.answerFacts(tx, p.head, a.AnswerForm)
	p.Answer.Facts = append(p.Answer.Facts, web.Fact{Label: p.L.T("desk.fact.by"), Text: voiceWords(p.L, a.Voice)})
	if !a.Signed.Own() {
		p.Answer.Facts = append(p.Answer.Facts, web.Fact{Label: p.L.T("desk.fact.signed"), Text: voiceWords(p.L, a.Signed)})
	}
	return err
}

// note takes a note.
func (d *Desk) note(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	back := ""
	err = d.DB.Write(r.Context(), func(tx *db.Tx) error {
		h, err := d.open(tx, r)
		if err != nil {
			return err
		}
		back = h.Base
		_, err = d.Cases.AddNote(tx, h.Case.ID, h.Body.ID, form.Value("texto"))
		return err
	})
	if wrong := web.FieldErrors(d.shell.Printer(r), err); wrong != nil {
		return d.drawCase(w, r, http.StatusUnprocessableEntity, form.Value("texto"), wrong)
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, back+"?hecho=notas#notas", http.StatusSeeOther)
	return nil
}
