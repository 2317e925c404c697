package inbox

import (
	"net/http"
	"net/url"
	"slices"
	"time"

	"plaza/internal/base/api"
	"plaza/internal/base/db"
	"plaza/internal/base/web"
	"plaza/internal/civic/search"
	"plaza/internal/plaza"
	"plaza/internal/section/cases"
)

// view is one way to look at an inbox, as addresses name it.
type view string

// The views, in order.
const (
	viewOwed    view = "pendientes"
	viewLate    view = "vencidas"
	viewWeek    view = "semana"
	viewMine    view = "mias"
	viewDrafts  view = "borradores" // sent by an area
	viewSigning view = "firma"
	viewAsked   view = "pases" // which another body asks this one to take over
	viewAll     view = "todas"
)

var views = []view{viewOwed, viewLate, viewWeek, viewMine, viewDrafts, viewSigning, viewAsked, viewAll}

// query is what an address of the inbox asks for.
type query struct {
	View  view
	Kind  cases.Kind
	State cases.State
	Unit  string // id, or noUnit
	Q     string
	After cases.Key
}

// noUnit stands for the cases that were turned to no area.
const noUnit = "sin-area"

const (
	maxQuery = 200 // bytes
	maxID    = 40
	maxFound = 1000 // cases that words choose among
)

// readQuery reads an address; what it does not understand it ignores.
func readQuery(r *http.Request) query {
	q := query{View: viewOwed, Q: web.QueryText(r, "q", maxQuery), Unit: web.QueryText(r, "area", maxID)}
	if v := view(web.QueryText(r, "ver", 20)); slices.Contains(views, v) {
		q.View = v
	}
	if k := cases.Kind(web.QueryText(r, "clase", 20)); slices.Contains(cases.Kinds, k) {
		q.Kind = k
	}
	if s := cases.State(web.QueryText(r, "estado", 20)); slices.Contains(cases.States, s) {
		q.State = s
	}
	if c := web.QueryText(r, "desde", 300); c != "" && api.ReadCursor(c, &q.After) != nil {
		q.After = cases.Key{}
	}
	return q
}

// values is the query as an address has it, without its place in the list.
func (q query) values() url.Values {
	v := url.Values{}
	for name, value := range map[string]string{"clase": string(q.Kind), "estado": string(q.State), "area": q.Unit, "q": q.Q} {
		if value != "" {
			v.Set(name, value)
		}
	}
	if q.View != viewOwed {
		v.Set("ver", string(q.View))
	}
	return v
}

// path is the address of a query at an inbox.
func (q query) path(base string) string {
	if v := q.values(); len(v) > 0 {
		return base + "?" + v.Encode()
	}
	return base
}

// order is the order of the list: the soonest due first, where an answer is owed.
func (q query) order() cases.Order {
	if q.View == viewAll {
		return cases.Newest
	}
	return cases.ByDue
}

// filter is the query for the store. mine are the areas of whoever asks; found are the
// cases that the words of the query name, nil without words.
func (q query) filter(bodies []string, at place, who plaza.Actor, mine, found []string, week time.Time) cases.Filter {
	f := cases.Filter{Bodies: bodies, Waiting: q.View != viewAll, Desk: cases.Desk{IDs: found}}
	switch q.View {
	case viewLate:
		f.Overdue = true
	case viewWeek:
		f.Desk.DueUntil = week
	case viewMine:
		f.Desk.Units, f.Desk.Author = mine, who.PersonID
	case viewDrafts:
		f.Desk.Drafts = cases.DraftSent
	case viewSigning:
		f.Waiting, f.Desk.Drafts = false, cases.DraftSigning
	case viewAsked:
		f.Bodies, f.Desk.Asked = nil, &at.ID
	}
	return f
}

// chosen is the filter with the kind, state and area of the query.
func (q query) chosen(f cases.Filter) cases.Filter {
	if q.Kind != "" {
		f.Kinds = []cases.Kind{q.Kind}
	}
	if q.State != "" {
		f.States = []cases.State{q.State}
	}
	switch q.Unit {
	case "":
	case noUnit:
		f.Desk.Unassigned = true
	default:
		f.Units = []string{q.Unit}
	}
	return f
}

// found are the ids of the cases that words or a folio name, nil without words.
func (b *Inbox) found(tx *db.Tx, q string, bodies []string) ([]string, error) {
	if q == "" {
		return nil, nil
	}
	c, err := cases.ByFolio(tx, q)
	if err == nil {
		return []string{c.ID}, nil
	}
	if k := plaza.KindOf(err); k != plaza.NotFound && k != plaza.Invalid {
		return nil, err
	}
	ids := []string{}
	if b.Search == nil {
		return ids, nil
	}
	ask := search.Query{Text: q, Filters: map[string][]string{search.KindFacet: {cases.RefKind}}, Limit: maxFound}
	if !slices.Contains(bodies, "") {
		ask.Filters["institution"] = bodies
	}
	res, err := b.Search.Search(ask)
	for _, h := range res.Hits {
		ids = append(ids, h.Ref.ID)
	}
	return ids, err
}

// endOfWeek is the first moment of the next week in a zone; on a weekend, of the one
// after it.
func endOfWeek(now time.Time, zone string) time.Time {
	loc, err := time.LoadLocation(zone)
	if err != nil {
		loc = time.UTC
	}
	t := now.In(loc)
	days := (8 - int(t.Weekday())) % 7
	if days == 0 { // Monday
		days = 7
	}
	if wd := t.Weekday(); wd == time.Saturday || wd == time.Sunday {
		days += 7
	}
	return time.Date(t.Year(), t.Month(), t.Day()+days, 0, 0, 0, 0, loc).UTC()
}
