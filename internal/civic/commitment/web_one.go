package commitment

import (
	"net/http"
	"strings"

	"plaza/internal/base/db"
	"plaza/internal/base/web"
	"plaza/internal/civic/access"
	"plaza/internal/civic/institution"
	"plaza/internal/plaza"
)

// onePage tells everything about one commitment.
type onePage struct {
	web.Page
	Code     string
	Text     string
	Lang     string
	Body     web.NavLink
	State    web.Badge
	Note     *web.Notice
	Evidence *evidenceView
	Progress *web.Progress
	Steps    []stepView
	Facts    []web.Fact
	Manage   string
	Sign     string
	Around   web.Around
}

// evidenceView is by what a commitment was kept.
type evidenceView struct {
	Title, Path string
	Words       string
}

// found is the commitment in a request's path, as a code that is written in another way,
// or the id by which an answer names it, leads to its page.
func found(tx *db.Tx, r *http.Request) (Commitment, error) {
	code := r.PathValue("commitment")
	c, err := ByCode(tx, code)
	if plaza.KindOf(err) == plaza.NotFound && err != nil && len(code) <= maxCode {
		c, err = ByID(tx, code)
	}
	if err == nil && c.Code != code && r.Method != http.MethodPost {
		to := *r.URL
		to.Path, to.RawPath = strings.Replace(r.URL.Path, code, c.Code, 1), ""
		return c, &web.Elsewhere{Path: to.RequestURI(), Because: errNotFound}
	}
	return c, err
}

func (cs *Commitments) one(w http.ResponseWriter, r *http.Request) error {
	page := &onePage{Page: cs.shell.Page(r, "")}
	if err := cs.DB.Read(r.Context(), func(tx *db.Tx) error {
		c, err := found(tx, r)
		if err != nil {
			return err
		}
		return cs.fillOne(tx, page, c)
	}); err != nil {
		return err
	}
	return cs.shell.Render(w, r, http.StatusOK, "commitment/one", page)
}

func (cs *Commitments) fillOne(tx *db.Tx, page *onePage, c Commitment) error {
	body, zone, err := zoneOf(tx, c.Institution)
	if err != nil {
		return err
	}
	page.L = page.L.In(zone)
	l := page.L
	about, _, err := around(tx, cs.Cards, []Commitment{c})
	if err != nil {
		return err
	}
	steps, err := Steps(tx, c.ID)
	if err != nil {
		return err
	}
	v := lineOf(page.Page, c, about, body)
	page.Code, page.Text, page.Lang, page.State, page.Body = c.Code, c.Text, v.Lang, v.State, web.NavLink{Label: v.Body, Path: v.BodyPath}
	page.Title = l.T("commitment.one", "code", c.Code)
	page.Canonical, page.Page.Description = c.Path(), c.Text
	page.Crumbs = []web.Crumb{{Title: l.T("commitment.list"), Path: Path}}
	page.Steps = stepViews(l, c, steps)
	if c.Overdue(page.Now) {
		page.Steps = append(page.Steps, stepView{When: l.PartialDate(c.Due), ISO: c.Due, Words: l.T("commitment.step.overdue"), Who: v.State.Text, Block: "Commitments-late"})
	}
	if c.Drops() {
		page.Note = &web.Notice{Tone: web.Warning, Text: l.T("commitment.dropping")}
	}
	if c.State == Open {
		page.Progress = &web.Progress{L: l, Label: l.T("commitment.progress"), Done: c.Percent, Total: 100}
	}
	if e := c.Evidence; e.Path != "" {
		page.Evidence = &evidenceView{Title: e.Title, Path: e.Path, Words: l.T("commitment.evidence.words", "count", e.Answering, "date", l.Date(e.Checked))}
	}
	if err := page.facts(tx, c, v); err != nil {
		return err
	}
	on := access.Object{Kind: RefKind, Institution: c.Institution}
	if c.State == Open && access.Can(page.Actor, access.CommitmentKeep, on) {
		page.Manage = c.Path() + managePath
	}
	if c.Drops() && access.Can(page.Actor, access.CaseSign, on) {
		page.Sign = c.Path() + signPath
	}
	if cs.Deps.Around != nil {
		page.Around, err = cs.Deps.Around(tx, page.Page, card(c, about, body))
	}
	return err
}

// facts are what there is to know of it besides its line through time.
func (p *onePage) facts(tx *db.Tx, c Commitment, v lineView) error {
	l := p.L
	add := func(key string, f web.Fact) {
		if f.Text != "" {
			f.Label = l.T("commitment.fact." + key)
			p.Facts = append(p.Facts, f)
		}
	}
	add("due", web.Fact{Text: v.Due, Time: c.Due, Icon: "calendar-clock"})
	if c.OriginalDue != c.Due {
		add("original", web.Fact{Text: l.PartialDate(c.OriginalDue), Time: c.OriginalDue})
	}
	add("moves", web.Fact{Text: l.T("commitment.fact.moves.of", "count", c.Moves, "max", MaxMoves)})
	add("institution", web.Fact{Text: v.Body, Link: v.BodyPath, Icon: "landmark"})
	if c.Unit != "" {
		u, err := institution.UnitByID(tx, c.Unit)
		if err != nil && plaza.KindOf(err) != plaza.NotFound {
			return err
		}
		add("unit", web.Fact{Text: u.Name})
	}
	add("kind", web.Fact{Text: l.T("commitment.kind." + string(c.Kind))})
	if v.Origin != nil {
		add("origin", web.Fact{Text: v.Origin.Label, Link: v.Origin.Path, Icon: "message-circle"})
	}
	if v.Object != nil {
		add("object", web.Fact{Text: v.Object.Label, Link: v.Object.Path, Icon: "database"})
	}
	add("code", web.Fact{Text: c.Code})
	return nil
}

// aroundView is what was promised about an object, on its page.
type aroundView struct {
	web.Page
	Items []lineView
	All   string
}

// shownAround is how many commitments the page of an object shows.
const shownAround = 5

// Around draws on the page of a dataset, a resource, an institution or a case what was
// promised: what is open, the soonest due first, and on a case's all of it. It is nothing
// where nothing was promised, and runs a bounded number of statements.
func (cs *Commitments) Around(tx *db.Tx, page web.Page, object plaza.Card) (out web.Around, err error) {
	f := Filter{Show: ShowOpen}
	switch object.Ref.Kind {
	case kindDataset:
		f.Dataset = object.Ref.ID
	case kindResource:
		f.Object = object.Ref
	case institution.Kind:
		f.Bodies = []string{object.Ref.ID}
	case RefKind:
		return out, nil
	default:
		f = Filter{Origin: object.Ref}
	}
	list, err := List(tx, f, ByDue, Key{}, shownAround)
	if err != nil || len(list) == 0 {
		return out, err
	}
	v := aroundView{Page: page}
	if v.Items, err = cs.lines(tx, page, list); err != nil {
		return out, err
	}
	v.All = asked{on: object.Ref, order: ByDue}.path(Path, Key{})
	if object.Ref.Kind == institution.Kind {
		v.All = asked{body: strings.TrimPrefix(object.Path, "/instituciones/"), order: ByDue}.path(Path, Key{})
	}
	html, err := cs.shell.Fragment("commitment/around", v)
	out.Foot = append(out.Foot, html)
	return out, err
}
