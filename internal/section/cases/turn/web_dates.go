package turn

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/web"
	"plaza/internal/civic/institution"
	"plaza/internal/plaza"
	"plaza/internal/section/cases"
)

// maxDates is how many due dates a page shows.
const maxDates = 200

// datesPage are the due dates of an institution, which everybody sees.
type datesPage struct {
	web.Page
	Name  string
	Path  string // of the institution
	Feed  string
	Items []dateLine
	More  string // path of the list with the rest, "" when all are shown
	Empty *web.Empty
}

type dateLine struct {
	Folio, Title, Path, Kind, Due, ISO string
	Late                               bool
}

func zoneOf(body institution.Institution) (*time.Location, error) {
	zone, err := time.LoadLocation(body.Zone)
	if err != nil {
		return nil, fmt.Errorf("the zone of institution %s: %w", body.ID, err)
	}
	return zone, nil
}

func (s *Turns) dates(w http.ResponseWriter, r *http.Request) error {
	page := &datesPage{Page: s.shell.Page(r, "")}
	if err := s.DB.Read(r.Context(), func(tx *db.Tx) error {
		body, err := institution.BySlug(tx, r.PathValue("institution"))
		if err != nil {
			return err
		}
		if body.Slug != r.PathValue("institution") {
			return &web.Elsewhere{Path: cases.DatesPath(body.Slug), Because: plaza.E(plaza.NotFound, "")}
		}
		page.Title = page.L.T("turn.dates", "institution", body.Short())
		page.Name, page.Path = body.Name, body.Path()
		page.Crumbs = []web.Crumb{{Title: body.Short(), Path: body.Path()}}
		page.Feed = cases.FeedPath + body.Slug + ".ics"
		page.Alternates = []web.Alternate{{Type: calendarType, Path: page.Feed, Title: page.L.T("turn.dates.feed")}}
		return page.load(tx, body)
	}); err != nil {
		return err
	}
	return s.shell.Render(w, r, http.StatusOK, "turn/dates", page)
}

func (p *datesPage) load(tx *db.Tx, body institution.Institution) error {
	list, err := cases.List(tx, cases.Filter{Bodies: []string{body.ID}, Waiting: true}, cases.ByDue, cases.Key{}, maxDates+1)
	if err != nil {
		return err
	}
	if len(list) > maxDates {
		list, p.More = list[:maxDates], "/consultas?institucion="+body.Slug
	}
	ids := make([]string, len(list))
	for i, c := range list {
		ids[i] = c.ID
	}
	clocks, err := cases.Clocks(tx, ids...)
	if err != nil {
		return err
	}
	counting := cases.Counting{}
	for _, c := range list {
		for _, k := range clocks[c.ID] {
			if k.Kind != cases.ToAnswer || !k.Stopped.IsZero() {
				continue
			}
			by, err := counting.By(tx, k)
			if err != nil {
				return err
			}
			p.Items = append(p.Items, dateLine{Folio: c.Folio, Title: c.Title, Path: c.Path(), Kind: p.L.T("cases.kind." + string(c.Kind)),
				Due: cases.DueWords(p.L, k, by, tx.Now), ISO: k.LastDay().In(by.Zone).Format(time.DateOnly), Late: k.Paused.IsZero() && !k.InTime(tx.Now)})
		}
	}
	if len(p.Items) == 0 {
		p.Empty = &web.Empty{Title: p.L.T("turn.dates.none"), Text: p.L.T("turn.dates.none.text")}
	}
	return nil
}

const calendarType = "text/calendar"

// feed is an institution's due dates as a calendar that one subscribes to.
func (s *Turns) feed(w http.ResponseWriter, r *http.Request) error {
	slug, ok := strings.CutSuffix(r.PathValue("file"), ".ics")
	if !ok {
		return plaza.E(plaza.NotFound, "web.error.not_found")
	}
	var out string
	if err := s.DB.Read(r.Context(), func(tx *db.Tx) error {
		body, err := institution.BySlug(tx, slug)
		if err != nil {
			return err
		}
		out, err = s.Feed(tx, s.shell.Printer(r), body)
		return err
	}); err != nil {
		return err
	}
	w.Header().Set("Content-Type", calendarType+"; charset=utf-8")
	w.Header().Set("Content-Disposition", `inline; filename="plazos.ics"`)
	_, err := w.Write([]byte(out))
	return err
}
