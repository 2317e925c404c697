package harvest

import (
	"net/http"
	"strconv"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/i18n"
	"plaza/internal/base/job"
	"plaza/internal/base/web"
	"plaza/internal/plaza"
	"plaza/internal/section/catalog"
	"plaza/internal/section/catalog/dcat"
)

// How much of a run one page of its report lists.
const (
	problemsPerPage = 100
	shownTouched    = 50
)

// runPage is the public report of a run.
type runPage struct {
	web.Page
	Source   Source
	Run      *runLine
	Reason   string // a sentence: how it ended
	Why      string // the reason in detail, or ""
	Tone     web.Tone
	Progress *web.Progress
	Figures  []figure
	Facts    []web.Fact
	Touched  []touchedGroup
	Problems []problemLine
	Found    string // how many problems
	Kept     string // that not all are listed, or ""
	Pager    web.Pager
}

type figure struct {
	Number, Label string
}

// touchedGroup are datasets to which the same happened.
type touchedGroup struct {
	Kind, Title string
	Datasets    []web.NavLink
	More        string
}

// problemLine is one problem in words.
type problemLine struct {
	Record, Path string // what it concerns: the dataset's title, or the record's key
	Text         string
	Field        string
	Repaired     bool
}

// waitingPage stands in for a report while the run waits for a worker.
type waitingPage struct {
	web.Page
	Source Source
}

func (p *Pages) run(w http.ResponseWriter, r *http.Request) error {
	page := &runPage{Page: p.shell.Page(r, "")}
	l, number := page.L, web.QueryNumber(r.URL, "pagina", 1, maxKept/problemsPerPage)
	var run Run
	var info job.Info
	err := p.db.Read(r.Context(), func(tx *db.Tx) (err error) {
		if page.Source, err = SourceByID(tx, r.PathValue("source")); err != nil {
			return missing(err, "harvest.error.no_source")
		}
		if run, err = RunByID(tx, r.PathValue("run")); err == nil && run.SourceID != page.Source.ID {
			return plaza.E(plaza.NotFound, "harvest.error.no_run")
		}
		if err != nil || run.State == Running {
			if info, err = waiting(tx, r.PathValue("run"), page.Source.ID, err); err != nil || run.ID == "" {
				return err
			}
		}
		return p.loadRun(tx, page, run, number)
	})
	if err != nil {
		return missing(err, "harvest.error.no_run")
	}
	page.Crumbs = []web.Crumb{{Title: l.T("harvest.nav"), Path: "/lecturas"}, {Title: page.Source.Title, Path: page.Source.Path()}}
	if run.ID == "" {
		reload(w)
		waiting := &waitingPage{Page: page.Page, Source: page.Source}
		waiting.Title, waiting.NoIndex = l.T("harvest.waiting"), true
		return p.shell.Render(w, r, http.StatusOK, "harvest/waiting", waiting)
	}
	if run.State == Running {
		reload(w)
		page.Progress = &web.Progress{L: l, Label: l.T("harvest.progress"), Done: max(info.Done, run.Seen), Total: info.Total, Note: info.Note}
	}
	fillRun(page, run, number)
	return p.shell.Render(w, r, http.StatusOK, "harvest/run", page)
}

// waiting is the job of a run that has not begun or not ended. The error is that of
// looking for the run, when there is no such job.
func waiting(tx *db.Tx, run, source string, notFound error) (job.Info, error) {
	info, err := job.Get(tx, run)
	if err != nil {
		if plaza.KindOf(err) == plaza.NotFound {
			return job.Info{}, notFound // an unfinished run whose job is gone has no progress
		}
		return info, err
	}
	var args RunArgs
	j := job.Job{Info: info}
	if j.Decode(&args) != nil || args.Source != source || (notFound != nil && info.State.Ended()) {
		return job.Info{}, plaza.E(plaza.NotFound, "harvest.error.no_run")
	}
	return info, nil
}

// loadRun reads what the run changed and a page of its problems.
func (p *Pages) loadRun(tx *db.Tx, page *runPage, run Run, number int) error {
	touched, err := catalog.Touched(tx, catalog.Window{Source: run.SourceID, Run: run.ID, From: run.StartedAt, To: endOf(run), Added: run.Added > 0}, shownTouched)
	if err != nil {
		return err
	}
	page.Touched = touchedWords(page.L, touched, run)
	problems, err := Problems(tx, run, (number-1)*problemsPerPage, problemsPerPage)
	if err != nil {
		return err
	}
	keys := make([]string, 0, len(problems))
	for _, problem := range problems {
		keys = append(keys, problem.Record)
	}
	named, err := catalog.BySourceKeys(tx, run.SourceID, keys)
	if err != nil {
		return err
	}
	for _, problem := range problems {
		page.Problems = append(page.Problems, problemWords(page.L, problem, named[problem.Record]))
	}
	return nil
}

func problemWords(l *i18n.Printer, p dcat.Problem, c plaza.Card) problemLine {
	line := problemLine{Record: c.Title, Path: c.Path, Field: p.Field, Repaired: p.Repaired,
		Text: l.T(p.Key(), p.Args()...)}
	if line.Record == "" {
		line.Record = p.Record
	}
	return line
}

func touchedWords(l *i18n.Printer, touched []catalog.Touch, run Run) []touchedGroup {
	counts := map[string]int{"added": run.Added, "changed": run.Changed, "missing": run.Missing, "absent": run.Absent, "returned": run.Returned}
	var groups []touchedGroup
	for _, kind := range []string{"added", "changed", "returned", "found", "missing", "absent"} {
		g := touchedGroup{Kind: kind, Title: l.T("harvest.touched." + kind)}
		for _, t := range touched {
			if t.Kind == kind {
				g.Datasets = append(g.Datasets, web.NavLink{Label: t.Title, Path: t.Path})
			}
		}
		if len(g.Datasets) == 0 {
			continue
		}
		if more := counts[kind] - len(g.Datasets); more > 0 {
			g.More = l.T("harvest.touched.more", "count", more)
		}
		groups = append(groups, g)
	}
	return groups
}

func fillRun(page *runPage, run Run, number int) {
	l := page.L
	page.Run = runWords(l, run, page.Now)
	page.Title = l.T("harvest.run.title", "date", l.DateTime(run.StartedAt), "source", page.Source.Title)
	page.Description = l.T("harvest.source.description", "title", page.Source.Title)
	page.Canonical = run.Path()
	page.NoIndex = number > 1
	page.Tone = runBadges[run.State].Tone
	page.Reason = l.T("harvest.reason." + string(run.State))
	if run.State == Unchanged && run.Bytes == 0 {
		page.Reason = l.T("harvest.reason.same")
	}
	if run.Error != "" {
		page.Why = l.TMap(run.Error, wholeArgs(run.ErrorArgs))
	}
	for _, f := range []struct {
		key string
		n   int
	}{{"seen", run.Seen}, {"added", run.Added}, {"changed", run.Changed}, {"returned", run.Returned}, {"missing", run.Missing}, {"absent", run.Absent}} {
		if f.n > 0 || f.key == "seen" || f.key == "added" || f.key == "changed" {
			page.Figures = append(page.Figures, figure{l.Number(f.n), l.T("harvest.figure."+f.key, "count", f.n)})
		}
	}
	page.Facts = runFacts(l, page.Source, run)
	page.Found = l.T("harvest.problems", "count", run.Problems)
	if run.Problems > maxKept {
		page.Kept = l.T("harvest.problems.kept", "count", maxKept)
	}
	pages := (min(run.Problems, maxKept) + problemsPerPage - 1) / problemsPerPage
	page.Pager = web.NewPager(l, number, pages, func(n int) string {
		if n == 1 {
			return run.Path() + "#problemas"
		}
		return run.Path() + "?pagina=" + strconv.Itoa(n) + "#problemas"
	})
}

func runFacts(l *i18n.Printer, s Source, run Run) []web.Fact {
	facts := []web.Fact{
		{Label: l.T("harvest.fact.source"), Text: s.Title, Link: s.Path(), Icon: "database"},
		{Label: l.T("harvest.fact.started"), Text: l.DateTime(run.StartedAt), Time: l.ISO(run.StartedAt), Icon: "calendar"},
	}
	add := func(key, text string) {
		if text != "" {
			facts = append(facts, web.Fact{Label: l.T("harvest.fact." + key), Text: text})
		}
	}
	if !run.FinishedAt.IsZero() {
		add("took", l.Duration(run.FinishedAt.Sub(run.StartedAt)))
	}
	add("kind", l.T("harvest.kind."+string(s.Kind)))
	facts = append(facts, placeFact(l, s))
	add("requests", l.Number(run.Requests))
	if run.Bytes > 0 {
		add("bytes", l.Bytes(run.Bytes))
	}
	add("sha256", run.SHA256)
	return facts
}

// wholeArgs gives numbers that were kept as JSON back their whole form; a status is
// a name, not a number.
func wholeArgs(args map[string]any) map[string]any {
	out := make(map[string]any, len(args))
	for name, v := range args {
		if f, ok := v.(float64); ok {
			v = int64(f)
			if name == "status" {
				v = strconv.Itoa(int(f))
			}
		}
		out[name] = v
	}
	return out
}

// endOf is when a run ended, or the end of time while it has not.
func endOf(run Run) time.Time {
	if run.FinishedAt.IsZero() {
		return time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	return run.FinishedAt
}
