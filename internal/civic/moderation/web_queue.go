package moderation

import (
	"net/http"
	"net/url"
	"slices"

	"plaza/internal/base/db"
	"plaza/internal/base/i18n"
	"plaza/internal/base/web"
	"plaza/internal/civic/access"
	"plaza/internal/civic/institution"
	"plaza/internal/plaza"
)

// queuePage lists what waits for moderators.
type queuePage struct {
	web.Page
	Done   *web.Notice
	States []web.Option
	Kinds  []web.Option
	Asked  asked
	Items  []queueLine
	Empty  *web.Empty
	Pager  web.Pager
}

// queueLine is one case in a list.
type queueLine struct {
	Path, Title, Kind, Text   string
	Badges                    []web.Badge
	When, ISO                 string
	Author, AuthorPath, Where string
	Claimed                   string // who is looking at it
}

// states are what the queue is filtered by.
var states = []string{"held", "reported", "closed"}

func (d *Desk) showQueue(w http.ResponseWriter, r *http.Request) error {
	page := &queuePage{Page: d.page(r, "moderation.title")}
	l := page.L
	page.Done = done(l, r)
	a := asked{State: web.QueryText(r, "estado", 20), Kind: web.QueryText(r, "tipo", 60)}
	if !slices.Contains(states, a.State) {
		a.State = ""
	}
	from := web.QueryText(r, "desde", 100)
	a.After = placeIn(from)
	page.Asked = a
	if err := d.DB.Read(r.Context(), func(tx *db.Tx) error {
		cases, err := queue(tx, a, perPage+1)
		if err != nil {
			return err
		}
		if len(cases) > perPage {
			cases = cases[:perPage]
			page.Pager.Next = a.path(placeOf(cases[perPage-1], a.State))
		}
		page.Items, err = d.lines(tx, l, page.Page, cases)
		return err
	}); err != nil {
		return err
	}
	page.Pager.L = l
	if a.After.id != "" {
		page.Pager.Prev = a.path(place{})
	}
	page.States = slices.Insert(choices(l, "moderation.state.", states, false), 0, web.Option{Label: l.T("moderation.state.open")})
	page.Kinds = []web.Option{{Label: l.T("moderation.kind.all")}}
	for _, kind := range d.kindNames() {
		page.Kinds = append(page.Kinds, web.Option{Value: kind, Label: kindWords(l, kind)})
	}
	if len(page.Items) == 0 {
		page.Empty = &web.Empty{Title: l.T("moderation.queue.empty"), Text: l.T("moderation.queue.empty.text")}
	}
	return d.shell.Render(w, r, http.StatusOK, "moderation/queue", page)
}

func placeOf(c Case, state string) place {
	if state == "closed" {
		return place{0, c.Closed, c.ID}
	}
	return place{c.Severity, c.Opened, c.ID}
}

func (a asked) path(p place) string {
	q := url.Values{}
	for name, v := range map[string]string{"estado": a.State, "tipo": a.Kind} {
		if v != "" {
			q.Set(name, v)
		}
	}
	if p.id != "" {
		q.Set("desde", p.cursor())
	}
	if len(q) == 0 {
		return queuePath
	}
	return queuePath + "?" + q.Encode()
}

// kindNames are the kinds that may be in the queue: of posts, and of what has pages.
func (d *Desk) kindNames() []string {
	names := []string{"dataset", "resource", institution.Kind}
	for name := range d.kinds {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// lines are cases as a list shows them, with a bounded number of statements.
func (d *Desk) lines(tx *db.Tx, l *i18n.Printer, page web.Page, cases []Case) ([]queueLine, error) {
	refs, who, bodies := []plaza.Ref{}, []string{}, []string{}
	for _, c := range cases {
		refs = append(refs, c.Object)
		who = append(who, c.Author, c.ClaimedBy)
		if c.Institution != "" && !slices.Contains(bodies, c.Institution) {
			bodies = append(bodies, c.Institution)
		}
	}
	things, err := d.things(tx, refs)
	if err != nil {
		return nil, err
	}
	names, err := people(tx, who...)
	if err != nil {
		return nil, err
	}
	institutions, err := institution.ByIDs(tx, bodies)
	if err != nil {
		return nil, err
	}
	counts, err := tallies(tx, cases)
	if err != nil {
		return nil, err
	}
	whole := access.Can(page.Actor, access.QueueSee, access.Object{})
	out := make([]queueLine, len(cases))
	for i, c := range cases {
		t := things[c.Object]
		line := queueLine{Path: casePath(c.ID), Title: titleOf(l, t), Kind: kindWords(l, c.Object.Kind), Text: excerpt(t.Text, 280),
			Badges: badges(l, c, t, counts[c.ID]), When: l.Ago(c.Opened, page.Now), ISO: l.ISO(c.Opened), Where: institutions[c.Institution].Name}
		if c.Author != "" {
			line.Author = called(l, names, c.Author)
			if whole {
				line.AuthorPath = personPath(c.Author)
			}
		}
		if c.Claimed(page.Actor.PersonID, page.Now) {
			line.Claimed = called(l, names, c.ClaimedBy)
		}
		out[i] = line
	}
	return out, nil
}

func titleOf(l *i18n.Printer, t thing) string {
	switch {
	case !t.found:
		return l.T("moderation.gone")
	case t.Title == "":
		return l.T("moderation.untitled")
	}
	return t.Title
}

// badges say at a glance why a case is here.
func badges(l *i18n.Printer, c Case, t thing, counts []tally) []web.Badge {
	var out []web.Badge
	if c.Held && (!t.found || t.State == Held || t.Edit) {
		out = append(out, web.Badge{Tone: web.Warning, Icon: "clock", Text: l.T("moderation.held")})
	} else if t.found && !t.card && t.State != Public {
		out = append(out, web.Badge{Text: l.T("moderation.post." + string(t.State))})
	}
	for _, n := range counts {
		tone := web.Warning
		if severity, _ := severityOf(n.reason); severity >= 80 {
			tone = web.Bad
		}
		out = append(out, web.Badge{Tone: tone, Text: l.T("moderation.reported", "reason", l.T("moderation.reason."+n.reason), "count", n.count)})
	}
	if !c.Closed.IsZero() {
		out = append(out, web.Badge{Tone: web.Good, Icon: "check", Text: l.T("moderation.closed")})
	}
	return out
}
