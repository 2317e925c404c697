package moderation

import (
	"net/http"

	"plaza/internal/base/db"
	"plaza/internal/base/web"
	"plaza/internal/civic/access"
	"plaza/internal/civic/privacy"
	"plaza/internal/plaza"
)

// decisionPage is one decision: to everybody what the public log says, to its author and
// to moderators the whole.
type decisionPage struct {
	web.Page
	Done     *web.Notice
	Facts    []web.Fact
	Whole    bool   // the reader is the author or a moderator
	Note     string // from the moderator to the author
	Said     string // the author's appeal
	Answer   string // to the appeal
	Same     bool   // whoever decided judged the appeal too, as there was nobody else
	Case     string // path, for moderators
	Base     string
	Errors   web.ErrorSummary
	Privacy  privacy.Said // of the form to appeal
	Appeal   []web.Field  // of the form to appeal; none where one cannot
	Judge    []web.Field  // of the form to judge an appeal
	NoJudge  string       // why the actor does not judge it
	Appealed bool
}

func (d *Desk) showDecision(w http.ResponseWriter, r *http.Request) error {
	return d.drawDecision(w, r, http.StatusOK, typedDecision{}, nil)
}

// typedDecision is what was typed into the forms of a decision.
type typedDecision struct{ text, outcome, note string }

func (d *Desk) drawDecision(w http.ResponseWriter, r *http.Request, status int, typed typedDecision, wrong map[string]string) error {
	page := &decisionPage{Page: d.page(r, "moderation.decision")}
	l := page.L
	var dec Decision
	var path string
	var refusal error
	if err := d.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
		if dec, err = decisionByID(tx, r.PathValue("decision")); err != nil {
			return err
		}
		if page.Actor.SignedIn() && page.Actor.PersonID == dec.Author {
			t, err := d.thing(tx, dec.Object)
			path = t.Path
			if err != nil {
				return err
			}
		}
		_, refusal = mayJudge(tx, page.Actor, dec)
		if plaza.KindOf(refusal) == plaza.Internal {
			return refusal
		}
		return nil
	}); err != nil {
		return err
	}
	page.Title = l.T("moderation.decision.title", "number", dec.Number())
	page.Done, page.Base = done(l, r), dec.Path()
	page.Crumbs = []web.Crumb{{Title: l.T("moderation.log"), Path: logPath}}
	d.fillDecision(page, dec, path)
	if page.Whole && dec.Appeal != nil && dec.Appeal.Outcome == "" && access.Can(page.Actor, access.AppealDecide, access.Object{}) {
		if refusal != nil {
			page.NoJudge = l.T("moderation.error.other_person")
		} else {
			page.Judge = []web.Field{
				field(l, wrong, web.Field{Name: "outcome", Type: "select", Value: typed.outcome, Options: choices(l, "moderation.judge.", []string{Upheld, Overturned}, true)}),
				field(l, wrong, web.Field{Name: "note", Label: l.T("moderation.field.answer"), Hint: l.T("moderation.hint.answer"), Type: "textarea", Rows: 4, Value: typed.note, MaxLength: maxNote}),
			}
		}
	}
	if access.Can(page.Actor, access.Appeal, access.Object{Owner: dec.Author}) && dec.Act.Appealable() && dec.Appeal == nil && dec.Undone.IsZero() {
		page.Appeal = []web.Field{field(l, wrong, web.Field{Name: "text", Type: "textarea", Rows: 5, Value: typed.text, MaxLength: maxNote})}
	}
	page.Privacy = privacy.Say(l, pointAppeal)
	page.Errors = web.ErrorSummary{L: l, Fields: append(page.Appeal, page.Judge...)}
	return d.shell.Render(w, r, status, "moderation/decision", page)
}

func (d *Desk) fillDecision(page *decisionPage, dec Decision, path string) {
	l := page.L
	author := page.Actor.SignedIn() && page.Actor.PersonID == dec.Author
	moderator := access.Can(page.Actor, access.QueueSee, access.Object{})
	page.Whole = author || moderator
	page.Facts = []web.Fact{
		{Label: l.T("moderation.log.act"), Text: l.T("moderation.did." + string(dec.Act))},
		{Label: l.T("moderation.log.kind"), Text: kindWords(l, dec.Object.Kind), Link: path},
		{Label: l.T("moderation.log.reason"), Text: l.T("moderation.reason." + dec.Reason)},
		{Label: l.T("moderation.log.at"), Text: l.DateTime(dec.At), Time: l.ISO(dec.At)},
		{Label: l.T("moderation.log.by"), Text: byWhom(l, dec)},
	}
	if !dec.Until.IsZero() && page.Whole {
		page.Facts = append(page.Facts, web.Fact{Label: l.T("moderation.until"), Text: l.DateTime(dec.Until), Time: l.ISO(dec.Until)})
	}
	if dec.Appeal != nil {
		page.Appealed = true
		page.Facts = append(page.Facts, web.Fact{Label: l.T("moderation.log.appeal"), Text: outcomeWords(l, dec.Appeal.Outcome)})
	}
	if !page.Whole {
		return
	}
	page.Note = dec.Note
	if dec.Appeal != nil {
		page.Said, page.Answer, page.Same = dec.Appeal.Text, dec.Appeal.Note, dec.Appeal.SamePerson
	}
	if moderator && !author {
		page.Case = casePath(dec.Case)
	}
}

func (d *Desk) sendAppeal(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	typed := typedDecision{text: longText(form.Value("text"))}
	return d.settle(w, r, typed, "apelada", func(tx *db.Tx) error { return d.Appeal(tx, r.PathValue("decision"), typed.text) })
}

func (d *Desk) judge(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	typed := typedDecision{outcome: form.Value("outcome"), note: longText(form.Value("note"))}
	return d.settle(w, r, typed, "resuelta", func(tx *db.Tx) error {
		return d.Judge(tx, r.PathValue("decision"), typed.outcome, typed.note)
	})
}

// settle does something to a decision and shows it again.
func (d *Desk) settle(w http.ResponseWriter, r *http.Request, typed typedDecision, said string, do func(tx *db.Tx) error) error {
	err := d.DB.Write(r.Context(), do)
	if wrong := web.FieldErrors(d.shell.Printer(r), err); wrong != nil {
		return d.drawDecision(w, r, http.StatusUnprocessableEntity, typed, wrong)
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, decisionsPath+"/"+r.PathValue("decision")+"?hecho="+said, http.StatusSeeOther)
	return nil
}

// appealsPage lists the appeals that wait.
type appealsPage struct {
	web.Page
	Items []appealLine
	Empty *web.Empty
	Pager web.Pager
}

type appealLine struct {
	decisionLine
	Text string
}

func (d *Desk) showAppeals(w http.ResponseWriter, r *http.Request) error {
	page := &appealsPage{Page: d.page(r, "moderation.appeals")}
	l := page.L
	after := placeIn(web.QueryText(r, "desde", 100))
	var all []Decision
	names := map[string]string{}
	if err := d.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
		if all, err = waitingAppeals(tx, after, perPage+1); err != nil {
			return err
		}
		var who []string
		for _, dec := range all {
			who = append(who, dec.By)
		}
		names, err = people(tx, who...)
		return err
	}); err != nil {
		return err
	}
	page.Crumbs = []web.Crumb{{Title: l.T("moderation.title"), Path: queuePath}}
	page.Pager.L = l
	if after.id != "" {
		page.Pager.Prev = appealsPath
	}
	if len(all) > perPage {
		all = all[:perPage]
		last := all[perPage-1]
		page.Pager.Next = appealsPath + "?desde=" + place{0, last.Appeal.At, last.ID}.cursor()
	}
	for i, line := range decisionLines(l, names, all) {
		page.Items = append(page.Items, appealLine{line, excerpt(all[i].Appeal.Text, 280)})
	}
	if len(page.Items) == 0 {
		page.Empty = &web.Empty{Title: l.T("moderation.appeals.empty"), Text: l.T("moderation.appeals.empty.text")}
	}
	return d.shell.Render(w, r, http.StatusOK, "moderation/appeals", page)
}
