package moderation

import (
	"net/http"
	"slices"

	"plaza/internal/base/db"
	"plaza/internal/base/i18n"
	"plaza/internal/base/web"
	"plaza/internal/civic/access"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
)

// casePage is all that a moderator has to know of a case, and what can be done.
type casePage struct {
	web.Page
	Done      *web.Notice
	Claim     *web.Notice // somebody else is looking at it
	Mine      bool        // the actor said to be looking at it
	Base      string      // path of the case
	Facts     []web.Fact
	Text      string
	Versions  []versionLine
	Why       []string
	Rules     []Rule // that hold the text now
	Reports   []reportLine
	Unread    int // reports whose text is not for this moderator
	Decisions []decisionLine
	Entries   []record.Sentence
	Author    *authorBox
	Forms     []actForm
	Hidden    []hiddenField
	Note      *web.Notice // why nothing can be done here
	Errors    web.ErrorSummary
}

type versionLine struct{ Text, When, ISO string }

type reportLine struct {
	Reason, Text, When, ISO string
	Closed                  bool
}

type decisionLine struct {
	Path, Number, Act, Reason, When, ISO, By, Outcome string
}

// authorBox is an author's past at a glance.
type authorBox struct {
	Name, Path string
	Decisions  []decisionLine
}

// actForm is a form with several buttons, one for each act.
type actForm struct {
	Title   string
	Grave   bool // opened on purpose, apart from the others
	Open    bool // it was sent and refused
	Fields  []web.Field
	Buttons []actButton
}

type actButton struct {
	Path, Label, Icon string
	Strong            bool
}

type hiddenField struct{ Name, Value string }

func (d *Desk) showCase(w http.ResponseWriter, r *http.Request) error {
	return d.drawCase(w, r, http.StatusOK, Order{Case: r.PathValue("case")}, nil)
}

// caseData is what the page of a case is drawn from.
type caseData struct {
	c         Case
	t         thing
	reports   []Report
	decisions []Decision
	about     []Decision // about the author
	names     map[string]string
	body      institution.Institution
	rules     []Rule
	threads   []Post // into which its thread may be merged
	into      thing  // into whose it was
}

func (d *Desk) loadCase(tx *db.Tx, id string) (x caseData, err error) {
	if x.c, err = caseByID(tx, id); err != nil {
		return x, err
	}
	if x.t, err = d.thing(tx, x.c.Object); err != nil {
		return x, err
	}
	if x.reports, err = reportsOf(tx, x.c.ID); err != nil {
		return x, err
	}
	if x.decisions, err = decisionsOfCase(tx, x.c.ID); err != nil {
		return x, err
	}
	if access.Can(plaza.ActorFrom(tx.Context()), access.QueueSee, access.Object{}) {
		if x.about, err = decisionsAbout(tx, x.c.Author); err != nil {
			return x, err
		}
	}
	who := []string{x.c.Author, x.c.ClaimedBy}
	for _, dec := range slices.Concat(x.decisions, x.about) {
		who = append(who, dec.By)
	}
	if x.names, err = people(tx, who...); err != nil {
		return x, err
	}
	if x.c.Institution != "" {
		all, err := institution.ByIDs(tx, []string{x.c.Institution})
		if err != nil {
			return x, err
		}
		x.body = all[x.c.Institution]
	}
	if x.c.Held {
		if x.rules, err = d.matching(tx, x.t.Text); err != nil {
			return x, err
		}
	}
	return x, d.loadThreads(tx, &x)
}

// shownThreads is how many other threads there are to choose from.
const shownThreads = 25

// loadThreads finds with what the thread of a case may be merged, or was.
func (d *Desk) loadThreads(tx *db.Tx, x *caseData) (err error) {
	if x.t.Into != "" {
		x.into, err = d.thing(tx, plaza.Ref{Kind: x.t.Ref.Kind, ID: x.t.Into})
		return err
	}
	if slices.Contains(d.possible(x.c, x.t), Merge) && x.t.kind.Threads != nil {
		x.threads, err = x.t.kind.Threads(tx, x.t.Ref.ID, shownThreads+1)
	}
	return err
}

// drawCase draws a case with what was typed, if anything.
func (d *Desk) drawCase(w http.ResponseWriter, r *http.Request, status int, typed Order, wrong map[string]string) error {
	page := &casePage{Page: d.page(r, "moderation.title"), Base: casePath(typed.Case)}
	l := page.L
	page.Done = done(l, r)
	var x caseData
	if err := d.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
		if x, err = d.loadCase(tx, typed.Case); err != nil {
			return err
		}
		entries, err := record.Latest(tx, record.Filter{Object: x.c.Object}, 20)
		if err != nil {
			return err
		}
		page.Entries, err = record.Sentences(tx, l, page.Now, d.Cards, entries)
		return err
	}); err != nil {
		return err
	}
	page.Title = titleOf(l, x.t)
	page.Crumbs = []web.Crumb{{Title: l.T("moderation.title"), Path: queuePath}}
	d.fillCase(page, x)
	d.fillForms(page, x, typed, wrong)
	return d.shell.Render(w, r, status, "moderation/case", page)
}

func (d *Desk) fillCase(page *casePage, x caseData) {
	l := page.L
	page.Text = x.t.Text
	page.Facts = []web.Fact{
		{Label: l.T("moderation.fact.kind"), Text: kindWords(l, x.c.Object.Kind), Link: x.t.Path},
		{Label: l.T("moderation.fact.opened"), Text: l.DateTime(x.c.Opened), Time: l.ISO(x.c.Opened)},
	}
	if x.t.found && !x.t.card {
		page.Facts = append(page.Facts, web.Fact{Label: l.T("moderation.fact.state"), Text: l.T("moderation.post." + string(x.t.State))})
	}
	if x.into.found {
		page.Facts = append(page.Facts, web.Fact{Label: l.T("moderation.fact.into"), Text: excerpt(x.into.Text, 80), Link: x.into.Path})
	}
	if x.body.ID != "" {
		page.Facts = append(page.Facts, web.Fact{Label: l.T("moderation.fact.institution"), Text: x.body.Name, Link: x.body.Path()})
	}
	for _, v := range slices.Backward(x.t.Versions) {
		page.Versions = append(page.Versions, versionLine{v.Text, l.DateTime(v.At), l.ISO(v.At)})
	}
	for _, why := range x.c.Why {
		page.Why = append(page.Why, l.T("moderation.why."+why))
	}
	page.Rules = x.rules
	judges := access.Can(page.Actor, access.ContentHide, x.c.on()) || access.Can(page.Actor, access.QueueSee, access.Object{})
	for _, rep := range x.reports {
		if !judges { // what citizens write to the central unit is not for the institution
			page.Unread++
			continue
		}
		page.Reports = append(page.Reports, reportLine{l.T("moderation.reason." + rep.Reason), rep.Text, l.DateTime(rep.At), l.ISO(rep.At), !rep.Closed.IsZero()})
	}
	page.Decisions = decisionLines(l, x.names, x.decisions)
	if x.c.Author != "" {
		page.Author = &authorBox{Name: called(l, x.names, x.c.Author)}
		if access.Can(page.Actor, access.QueueSee, access.Object{}) {
			page.Author.Path = personPath(x.c.Author)
			page.Author.Decisions = decisionLines(l, x.names, x.about[:min(5, len(x.about))])
		}
	}
	page.Mine = x.c.ClaimedBy == page.Actor.PersonID && x.c.Claimed("", page.Now)
	if x.c.Claimed(page.Actor.PersonID, page.Now) {
		page.Claim = &web.Notice{Tone: web.Warning, Text: l.T("moderation.claimed_by", "name", called(l, x.names, x.c.ClaimedBy),
			"ago", l.Ago(x.c.ClaimedAt, page.Now))}
	}
}

func decisionLines(l *i18n.Printer, names map[string]string, all []Decision) (out []decisionLine) {
	for _, dec := range all {
		line := decisionLine{Path: dec.Path(), Number: dec.Number(), Act: l.T("moderation.did." + string(dec.Act)),
			Reason: l.T("moderation.reason." + dec.Reason), When: l.DateTime(dec.At), ISO: l.ISO(dec.At), By: called(l, names, dec.By)}
		if dec.Appeal != nil {
			line.Outcome = outcomeWords(l, dec.Appeal.Outcome)
		}
		out = append(out, line)
	}
	return out
}

func outcomeWords(l *i18n.Printer, outcome string) string {
	if outcome == "" {
		outcome = "waiting"
	}
	return l.T("moderation.outcome." + outcome)
}

func (d *Desk) decide(a Act) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		form, err := web.ReadForm(r)
		if err != nil {
			return err
		}
		o := typedOrder(form, r.PathValue("case"), a)
		err = d.DB.Write(r.Context(), func(tx *db.Tx) error {
			_, err := d.Decide(tx, o)
			return err
		})
		if wrong := web.FieldErrors(d.shell.Printer(r), err); wrong != nil {
			return d.drawCase(w, r, http.StatusUnprocessableEntity, o, wrong)
		}
		if err != nil && plaza.KindOf(err) == plaza.Conflict {
			return d.drawConflict(w, r, o)
		}
		if err != nil {
			return err
		}
		next := queuePath
		if !doings[a].closes {
			next = casePath(o.Case)
		}
		http.Redirect(w, r, next+"?hecho="+string(a), http.StatusSeeOther)
		return nil
	}
}

// conflictPage says what somebody else did meanwhile, and keeps what was typed.
type conflictPage struct {
	web.Page
	Path   string
	Wanted string
	Note   string
	Into   string // what was typed as the thread to merge into
	Last   *decisionLine
}

func (d *Desk) drawConflict(w http.ResponseWriter, r *http.Request, o Order) error {
	page := &conflictPage{Page: d.page(r, "moderation.conflict.title"), Path: casePath(o.Case), Note: o.Note, Into: o.Into}
	var x caseData
	if err := d.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
		x, err = d.loadCase(tx, o.Case)
		return err
	}); err != nil {
		return err
	}
	page.Crumbs = []web.Crumb{{Title: page.L.T("moderation.title"), Path: queuePath}}
	page.Wanted = page.L.T("moderation.act." + string(o.Act))
	if lines := decisionLines(page.L, x.names, x.decisions); len(lines) > 0 {
		page.Last = &lines[0]
	}
	return d.shell.Render(w, r, http.StatusConflict, "moderation/conflict", page)
}

func (d *Desk) claim(take bool) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		id := r.PathValue("case")
		if err := d.DB.Write(r.Context(), func(tx *db.Tx) error { return claim(tx, id, take) }); err != nil {
			return err
		}
		http.Redirect(w, r, casePath(id), http.StatusSeeOther)
		return nil
	}
}
