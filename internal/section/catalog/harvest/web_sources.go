package harvest

import (
	"net/http"
	"slices"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/i18n"
	"plaza/internal/base/web"
	"plaza/internal/section/catalog"
)

// runsPerPage is how many runs a source's page lists.
const runsPerPage = 30

// sourcesPage lists every source.
type sourcesPage struct {
	web.Page
	Count   string
	Sources []sourceLine
	Empty   *web.Empty
}

// sourceLine is a source in a list.
type sourceLine struct {
	ID, Title, Path string
	URL, Kind       string
	Owner           web.NavLink
	State           web.Badge
	Every           string
	Datasets        int
	Last            *runLine // nil before the first
	Paused          bool
	Quarantined     bool
	Retired         bool
	Imported        bool // from a file: it is not read again
}

// runLine is a run in a list.
type runLine struct {
	ID, Path, ISO, When, Ago string
	State                    web.Badge
	Running                  bool
	Seen, Added, Changed     int
	Missing, Absent          int
	Returned, Problems       int
	Took                     string
}

func runWords(l *i18n.Printer, r Run, now time.Time) *runLine {
	line := &runLine{ID: r.ID, Path: r.Path(), ISO: l.ISO(r.StartedAt), When: l.DateTime(r.StartedAt), Ago: l.Ago(r.StartedAt, now),
		State: runBadge(l, r.State), Running: r.State == Running, Seen: r.Seen, Added: r.Added, Changed: r.Changed,
		Missing: r.Missing, Absent: r.Absent, Returned: r.Returned, Problems: r.Problems}
	if !r.FinishedAt.IsZero() {
		line.Took = l.Duration(r.FinishedAt.Sub(r.StartedAt))
	}
	return line
}

func sourceWords(l *i18n.Printer, s Source, o *owners) sourceLine {
	return sourceLine{ID: s.ID, Title: s.Title, Path: s.Path(), URL: s.Address(), Kind: l.T("harvest.kind." + string(s.Kind)),
		Owner: o.link(s.InstitutionID), State: stateBadge(l, s), Every: rhythmWords(l, s),
		Paused: s.State == Paused, Quarantined: s.State == Quarantined, Retired: s.State == Retired, Imported: s.File != ""}
}

// loadSources reads every source, or those of one institution, with its last run and how
// many datasets it has.
func loadSources(tx *db.Tx, l *i18n.Printer, now time.Time, o *owners, owner string) ([]sourceLine, error) {
	sources, err := Sources(tx)
	if owner != "" {
		sources = slices.DeleteFunc(sources, func(s Source) bool { return s.InstitutionID != owner })
	}
	if err != nil {
		return nil, err
	}
	latest, err := Latest(tx)
	if err != nil {
		return nil, err
	}
	counts, err := catalog.CountBySource(tx)
	if err != nil {
		return nil, err
	}
	lines := make([]sourceLine, len(sources))
	for i, s := range sources {
		lines[i] = sourceWords(l, s, o)
		lines[i].Datasets = counts[s.ID]
		if r, ok := latest[s.ID]; ok {
			lines[i].Last = runWords(l, r, now)
		}
	}
	return lines, nil
}

func (p *Pages) sources(w http.ResponseWriter, r *http.Request) error {
	page := &sourcesPage{Page: p.shell.Page(r, p.shell.Printer(r).T("harvest.sources"))}
	l := page.L
	if err := p.db.Read(r.Context(), func(tx *db.Tx) error {
		o, err := loadOwners(tx, l)
		if err != nil {
			return err
		}
		page.Sources, err = loadSources(tx, l, page.Now, o, "")
		return err
	}); err != nil {
		return err
	}
	page.Description = l.T("harvest.sources.lead")
	page.Count = l.T("harvest.sources.count", "count", len(page.Sources))
	if len(page.Sources) == 0 {
		page.Empty = &web.Empty{Title: l.T("harvest.sources.none"), Text: l.T("harvest.sources.none.text")}
	}
	return p.shell.Render(w, r, http.StatusOK, "harvest/sources", page)
}

// sourcePage tells about one source and lists its runs.
type sourcePage struct {
	web.Page
	Source   sourceLine
	Notice   *web.Notice
	Facts    []web.Fact
	Runs     []*runLine
	Count    int
	Pager    web.Pager
	Datasets string
}

func (p *Pages) source(w http.ResponseWriter, r *http.Request) error {
	page := &sourcePage{Page: p.shell.Page(r, "")}
	l, before := page.L, web.QueryText(r, "antes", 64)
	var s Source
	var runs []Run
	err := p.db.Read(r.Context(), func(tx *db.Tx) (err error) {
		if s, err = SourceByID(tx, r.PathValue("source")); err != nil {
			return missing(err, "harvest.error.no_source")
		}
		o, err := loadOwners(tx, l)
		if err != nil {
			return err
		}
		page.Source = sourceWords(l, s, o)
		if page.Count, err = CountRuns(tx, s.ID); err != nil {
			return err
		}
		counts, err := catalog.CountBySource(tx, s.ID)
		if err != nil {
			return err
		}
		page.Source.Datasets = counts[s.ID]
		runs, err = Runs(tx, s.ID, before, runsPerPage+1)
		return err
	})
	if err != nil {
		return err
	}
	p.fillSource(page, s, runs, before)
	if before == "" && len(runs) > 0 && runs[0].State == Running {
		reload(w)
	}
	return p.shell.Render(w, r, http.StatusOK, "harvest/source", page)
}

func (p *Pages) fillSource(page *sourcePage, s Source, runs []Run, before string) {
	l := page.L
	page.Title, page.Canonical = s.Title, s.Path()
	page.Description = l.T("harvest.source.description", "title", s.Title)
	page.Crumbs = []web.Crumb{{Title: l.T("harvest.nav"), Path: "/lecturas"}}
	page.NoIndex = before != ""
	page.Datasets = l.T("harvest.datasets", "count", page.Source.Datasets)
	page.Pager.L = l
	if len(runs) > runsPerPage {
		runs = runs[:runsPerPage]
		page.Pager.Next = s.Path() + "?antes=" + runs[len(runs)-1].ID
	}
	if before != "" {
		page.Pager.Prev = s.Path()
	}
	for _, r := range runs {
		page.Runs = append(page.Runs, runWords(l, r, page.Now))
	}
	switch s.State {
	case Quarantined:
		page.Notice = &web.Notice{Tone: web.Warning, Title: l.T("harvest.source.quarantined"), Text: l.T("harvest.source.quarantined.text")}
	case Paused:
		page.Notice = &web.Notice{Tone: web.Info, Title: l.T("harvest.source.paused"), Text: l.T("harvest.source.paused.text")}
	}
	if s.File != "" && s.State == Paused {
		page.Notice = &web.Notice{Tone: web.Info, Title: page.Source.Every, Text: l.T("harvest.imported.text")}
	}
	if s.State == Retired {
		page.Notice = &web.Notice{Tone: web.Info, Title: l.T("harvest.source.retired"), Text: l.T("harvest.source.retired.text")}
	}
	page.Facts = []web.Fact{
		{Label: l.T("harvest.fact.owner"), Text: page.Source.Owner.Label, Link: page.Source.Owner.Path, Icon: "landmark"},
		{Label: l.T("harvest.fact.kind"), Text: page.Source.Kind},
		placeFact(l, s),
		{Label: l.T("harvest.fact.every"), Text: page.Source.Every, Icon: "refresh-cw"},
		{Label: l.T("harvest.fact.state"), Text: page.Source.State.Text},
		{Label: l.T("harvest.fact.created"), Text: l.Date(s.CreatedAt), Time: l.ISO(s.CreatedAt), Icon: "calendar"},
	}
	if s.File != "" { // it has no rhythm, and was read on a day
		page.Facts = slices.Delete(page.Facts, 3, 4)
		page.Facts[4].Label = l.T("harvest.fact.imported")
	}
}

// placeFact is where a source is: its address, or the file that it came from.
func placeFact(l *i18n.Printer, s Source) web.Fact {
	if s.File != "" {
		return web.Fact{Label: l.T("harvest.fact.file"), Text: s.File}
	}
	return web.Fact{Label: l.T("harvest.fact.url"), Text: s.URL, Link: webLink(s.URL), Icon: "external-link"}
}
