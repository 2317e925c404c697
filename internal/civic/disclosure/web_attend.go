package disclosure

import (
	"net/http"
	"slices"
	"strings"

	"plaza/internal/base/db"
	"plaza/internal/base/i18n"
	"plaza/internal/base/web"
	"plaza/internal/civic/access"
	"plaza/internal/civic/institution"
	"plaza/internal/plaza"
)

// shown is how many reports a list shows: the newest of those that were attended to go
// out of it first.
const shown = 200

// refIn reads a Ref as forms have it.
func refIn(s string) (plaza.Ref, bool) {
	kind, id, ok := strings.Cut(s, ":")
	return plaza.Ref{Kind: kind, ID: id}, ok
}

// listPage is the reports about what an institution has or, for the coordination, all.
type listPage struct {
	web.Page
	Lines []line
	Empty *web.Empty
}

// line is a report in a list.
type line struct {
	Title, Path string
	Body        string // institution, for the coordination
	Category    string
	When, ISO   string
	State       web.Badge
}

// page starts a page of the management of the institution in the request's path, or of
// the coordination; body is whose it is.
func (rs *Reports) page(tx *db.Tx, r *http.Request, title string) (p web.Page, body institution.Institution, err error) {
	if r.PathValue("institution") != "" {
		office, err := rs.office.Page(tx, r, access.DisclosureSee, title)
		return office.Page, office.Institution, err
	}
	p = rs.shell.Page(r, title)
	p.NoIndex = true
	p.Crumbs = []web.Crumb{{Title: p.L.T("disclosure.admin"), Path: "/admin"}}
	return p, body, access.Check(p.Actor, access.DisclosureSee, access.Object{Kind: Kind})
}

func (rs *Reports) list(w http.ResponseWriter, r *http.Request) error {
	page := &listPage{}
	if err := rs.DB.Read(r.Context(), func(tx *db.Tx) error {
		p, body, err := rs.page(tx, r, rs.shell.Printer(r).T("disclosure.list"))
		if err != nil {
			return err
		}
		page.Page = p
		var bodies []string
		if body.ID != "" {
			bodies = []string{body.ID}
		}
		all, err := list(tx, shown, bodies...)
		if err != nil {
			return err
		}
		page.Lines, err = rs.lines(tx, p, all)
		return err
	}); err != nil {
		return err
	}
	if len(page.Lines) == 0 {
		page.Empty = &web.Empty{Title: page.L.T("disclosure.none"), Text: page.L.T("disclosure.none.text")}
	}
	return rs.shell.Render(w, r, http.StatusOK, "disclosure/list", page)
}

func (rs *Reports) lines(tx *db.Tx, p web.Page, all []Report) ([]line, error) {
	var refs []plaza.Ref
	var bodies []string
	for _, r := range all {
		refs = append(refs, r.Object)
		if r.Institution != "" && !slices.Contains(bodies, r.Institution) {
			bodies = append(bodies, r.Institution)
		}
	}
	cards, err := rs.Cards(tx, refs)
	if err != nil {
		return nil, err
	}
	owners, err := institution.ByIDs(tx, bodies)
	out := make([]line, len(all))
	for i, r := range all {
		out[i] = line{Title: cards[r.Object].Title, Path: pathOf(r, owners[r.Institution]), Body: owners[r.Institution].Name,
			Category: p.L.T("disclosure.category." + r.Category), When: p.L.DateTime(r.Created), ISO: p.L.ISO(r.Created), State: stateOf(p, r)}
	}
	return out, err
}

// stateOf is where a report stands, in words.
func stateOf(p web.Page, r Report) web.Badge {
	switch {
	case r.Conclusion != "":
		return web.Badge{Tone: web.Good, Text: p.L.T("disclosure.conclusion." + r.Conclusion)}
	case r.Overdue(p.Now):
		return web.Badge{Tone: web.Bad, Text: p.L.T("disclosure.overdue")}
	}
	return web.Badge{Tone: web.Warning, Text: p.L.T("disclosure.due", "date", p.L.Date(r.Due.Add(-1)))}
}

// onePage is a report, with what can be done about it.
type onePage struct {
	web.Page
	Object    plaza.Card
	Facts     []web.Fact
	Note      string
	State     web.Badge
	Done      *web.Notice
	Targets   []targetLine
	Seen      web.Seen
	Fields    []web.Field
	Answer    string
	Action    string
	Attended  bool
	ErrorText string // at the resources
	report    Report
}

type targetLine struct {
	Target
	Since string
}

// Errors is what is wrong with the form.
func (p onePage) Errors() web.ErrorSummary { return web.ErrorSummary{L: p.L, Fields: p.Fields} }

func (rs *Reports) one(w http.ResponseWriter, r *http.Request) error {
	return rs.drawOne(w, r, http.StatusOK, "", "", nil)
}

func (rs *Reports) drawOne(w http.ResponseWriter, r *http.Request, status int, conclusion, answer string, wrong map[string]string) error {
	page := &onePage{}
	if err := rs.DB.Read(r.Context(), func(tx *db.Tx) error {
		p, body, err := rs.page(tx, r, rs.shell.Printer(r).T("disclosure.one"))
		if err != nil {
			return err
		}
		page.Page = p
		return rs.fillOne(tx, page, r.PathValue("report"), body, r.PathValue("institution") != "")
	}); err != nil {
		return err
	}
	l := page.L
	page.Action = r.URL.Path
	page.Seen = web.NewSeen(l, status, page.report.ID, page.report.Version)
	if r.URL.Query().Get("hecho") != "" && wrong == nil {
		page.Done = &web.Notice{Tone: web.Good, Text: l.T("disclosure.done"), Live: true}
	}
	page.Fields = []web.Field{
		{Name: "conclusion", Type: "select", Value: conclusion, Options: choices(l, "disclosure.conclusion.", Conclusions)},
		{Name: "respuesta", Type: "textarea", Rows: 4, Value: answer, MaxLength: maxNote},
	}
	words(l, page.Fields, "disclosure.field.", wrong)
	page.ErrorText = wrong["recurso"]
	return rs.shell.Render(w, r, status, "disclosure/one", page)
}

// fillOne fills in a report of an institution or, for the coordination, of any.
func (rs *Reports) fillOne(tx *db.Tx, page *onePage, id string, body institution.Institution, own bool) error {
	l := page.L
	rep, err := ByID(tx, id)
	if err != nil {
		return err
	}
	if own && rep.Institution != body.ID {
		return errNone
	}
	cards, err := rs.Cards(tx, []plaza.Ref{rep.Object})
	if err != nil {
		return err
	}
	page.Object, page.Note, page.State, page.Attended = cards[rep.Object], rep.Note, stateOf(page.Page, rep), rep.Conclusion != ""
	page.report = rep
	page.Answer = rep.Answer
	page.Facts = reportFacts(l, rep)
	back := centralPath
	if own {
		back = institution.OfficePath + body.Slug + "/datos-personales"
	}
	page.Crumbs = append(page.Crumbs, web.Crumb{Title: l.T("disclosure.list"), Path: back})
	targets, err := rs.Targets(tx, rep.Object)
	for _, t := range targets {
		t1 := targetLine{Target: t}
		if !t.Withheld.IsZero() {
			t1.Since = l.T("disclosure.since", "date", l.DateTime(t.Withheld))
		}
		page.Targets = append(page.Targets, t1)
	}
	return err
}

func reportFacts(l *i18n.Printer, r Report) []web.Fact {
	f := []web.Fact{
		{Label: l.T("disclosure.field.clase"), Text: l.T("disclosure.category." + r.Category)},
		{Label: l.T("disclosure.field.lugar"), Text: r.Place},
		{Label: l.T("disclosure.sent_at"), Text: l.DateTime(r.Created), Time: l.ISO(r.Created)},
		{Label: l.T("disclosure.due_at"), Text: l.Date(r.Due.Add(-1)), Time: l.ISO(r.Due)},
	}
	if r.Conclusion != "" {
		f = append(f, web.Fact{Label: l.T("disclosure.decided_at"), Text: l.DateTime(r.Decided), Time: l.ISO(r.Decided)})
	}
	return f
}

// attend withholds resources, or says what a report came to.
func (rs *Reports) attend(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	id := r.PathValue("report")
	err = rs.DB.Write(r.Context(), func(tx *db.Tx) error {
		rep, err := ByID(tx, id)
		if err != nil {
			return err
		}
		if err := rs.sameBody(tx, r, rep); err != nil {
			return err
		}
		if !web.StillSeen(form, rep.ID, rep.Version) {
			return web.ErrMeanwhile
		}
		if form.Value("hacer") == "retener" {
			return rs.Withheld(tx, id, form.Values("recurso"))
		}
		return rs.Conclude(tx, id, form.Value("conclusion"), form.Value("respuesta"))
	})
	wrong := web.FieldErrors(rs.shell.Printer(r), err)
	if wrong == nil && plaza.KindOf(err) == plaza.Conflict && err != nil {
		wrong = map[string]string{}
	}
	if wrong != nil {
		return rs.drawOne(w, r, web.StatusOf(err), form.Value("conclusion"), form.Value("respuesta"), wrong)
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, r.URL.Path+"?hecho=1", http.StatusSeeOther)
	return nil
}

// sameBody is NotFound when a report is not of the institution in the request's path.
func (rs *Reports) sameBody(tx *db.Tx, r *http.Request, rep Report) error {
	slug := r.PathValue("institution")
	if slug == "" {
		return nil // the coordination's: pin asks
	}
	body, err := institution.BySlug(tx, slug)
	if err == nil && body.ID != rep.Institution {
		err = errNone
	}
	return err
}
