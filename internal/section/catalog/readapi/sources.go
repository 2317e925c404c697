package readapi

import (
	"context"
	"net/url"
	"time"

	"plaza/internal/base/api"
	"plaza/internal/base/db"
	"plaza/internal/base/i18n"
	"plaza/internal/plaza"
	"plaza/internal/section/catalog/dcat"
	"plaza/internal/section/catalog/harvest"
)

// Source is a source catalogue as programs read it.
type Source struct {
	ID          string          `json:"id" doc:"readapi.source.id"`
	Title       string          `json:"title" doc:"readapi.source.title"`
	URL         string          `json:"url" format:"uri" doc:"readapi.source.url"`
	Kind        string          `json:"kind" enum:"ckan,dcat,data.json" doc:"readapi.source.kind"`
	Catalogue   string          `json:"catalogue" doc:"readapi.source.catalogue"`
	File        string          `json:"file,omitempty" doc:"readapi.source.file"`
	Institution *InstitutionRef `json:"institution,omitempty" doc:"readapi.source.institution"`
	State       string          `json:"state" enum:"active,paused,quarantined,retired" doc:"readapi.source.state"`
	EveryHours  int             `json:"every_hours" doc:"readapi.source.every_hours"`
	Created     time.Time       `json:"created" doc:"readapi.source.created"`
	LastRun     *Run            `json:"last_run,omitempty" doc:"readapi.source.last_run"`
}

// Run is one reading of a source.
type Run struct {
	ID         string     `json:"id" doc:"readapi.run.id"`
	URL        string     `json:"url" format:"uri" doc:"readapi.run.url"`
	State      string     `json:"state" enum:"running,complete,unchanged,failed,cancelled,quarantined" doc:"readapi.run.state"`
	StartedAt  time.Time  `json:"started_at" doc:"readapi.run.started_at"`
	FinishedAt *time.Time `json:"finished_at" doc:"readapi.run.finished_at"`
	Seen       int        `json:"seen" doc:"readapi.run.seen"`
	Added      int        `json:"added" doc:"readapi.run.added"`
	Changed    int        `json:"changed" doc:"readapi.run.changed"`
	Missing    int        `json:"missing" doc:"readapi.run.missing"`
	Absent     int        `json:"absent" doc:"readapi.run.absent"`
	Returned   int        `json:"returned" doc:"readapi.run.returned"`
	Requests   int        `json:"requests" doc:"readapi.run.requests"`
	Bytes      int64      `json:"bytes" doc:"readapi.run.bytes"`
	SHA256     string     `json:"sha256" doc:"readapi.run.sha256"`
	Problems   int        `json:"problems" doc:"readapi.run.problems"`
	Error      *RunError  `json:"error,omitempty" doc:"readapi.run.error"`
}

// RunError is why a run did not complete.
type RunError struct {
	Code   string `json:"code" doc:"readapi.run_error.code"`
	Detail string `json:"detail" doc:"readapi.run_error.detail"`
}

// RunReport is a run with what it found wrong, in the order found.
type RunReport struct {
	Run Run `json:"run" doc:"readapi.run"`
	api.List[RunProblem]
}

// RunProblem is one defect of a record that was read.
type RunProblem struct {
	Code     string `json:"code" doc:"readapi.run_problem.code"`
	Record   string `json:"record" doc:"readapi.run_problem.record"`
	Field    string `json:"field" doc:"readapi.run_problem.field"`
	Value    string `json:"value" doc:"readapi.run_problem.value"`
	Repaired bool   `json:"repaired" doc:"readapi.run_problem.repaired"`
	Detail   string `json:"detail" doc:"readapi.run_problem.detail"`
}

type sourcesInput struct{ api.Paging }

// sources lists the sources in the order of their ids, which is that of their adding.
func (s *Section) sources(ctx context.Context, in *sourcesInput) (api.List[Source], error) {
	out := api.List[Source]{Items: []Source{}}
	var after struct{ ID string }
	if in.Cursor != "" {
		if err := api.ReadCursor(in.Cursor, &after); err != nil {
			return out, err
		}
	}
	err := s.read(ctx, func(tx *db.Tx) error {
		page, total, err := harvest.SourcesAfter(tx, after.ID, in.Limit+1)
		if err != nil {
			return err
		}
		out.Total = total
		if len(page) > in.Limit {
			page = page[:in.Limit]
			after.ID = page[in.Limit-1].ID
			cursor, err := api.NewCursor(after)
			if err != nil {
				return err
			}
			out.More(cursor)
		}
		with, err := s.around(tx)
		if err != nil {
			return err
		}
		latest, err := harvest.Latest(tx)
		for _, src := range page {
			out.Items = append(out.Items, s.sourceOf(src, with, latest, api.Printer(ctx)))
		}
		return err
	})
	return out, err
}

func (s *Section) sourceOf(src harvest.Source, with around, latest map[string]harvest.Run, l *i18n.Printer) Source {
	out := Source{ID: src.ID, Title: src.Title, URL: s.url(src.Path()), Kind: string(src.Kind), Catalogue: withoutUser(src.Address()), File: src.File,
		State: string(src.State), EveryHours: int(src.Every / time.Hour), Created: src.CreatedAt}
	if src.File != "" {
		out.EveryHours = 0 // it is not read again
	}
	if i, ok := with.institutions[src.InstitutionID]; ok {
		out.Institution = s.institutionRef(i)
	}
	if r, ok := latest[src.ID]; ok {
		run := s.runOf(r, l)
		out.LastRun = &run
	}
	return out
}

// withoutUser is an address without the name and password that may be in it.
func withoutUser(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	u.User = nil
	return u.String()
}

func (s *Section) runOf(r harvest.Run, l *i18n.Printer) Run {
	out := Run{ID: r.ID, URL: s.url(r.Path()), State: string(r.State), StartedAt: r.StartedAt, FinishedAt: instant(r.FinishedAt),
		Seen: r.Seen, Added: r.Added, Changed: r.Changed, Missing: r.Missing, Absent: r.Absent, Returned: r.Returned,
		Requests: r.Requests, Bytes: r.Bytes, SHA256: r.SHA256, Problems: r.Problems}
	if r.Error != "" {
		out.Error = &RunError{r.Error, l.TMap(r.Error, r.ErrorArgs)}
	}
	return out
}

type sourceInput struct {
	Source string `path:"source" maxLength:"60" doc:"readapi.param.source"`
}

func (s *Section) source(ctx context.Context, in *sourceInput) (Source, error) {
	var out Source
	err := s.read(ctx, func(tx *db.Tx) error {
		src, err := harvest.SourceByID(tx, in.Source)
		if err != nil {
			return missing(err, "readapi.error.no_source")
		}
		with, err := s.around(tx)
		if err != nil {
			return err
		}
		latest := map[string]harvest.Run{}
		runs, err := harvest.Runs(tx, src.ID, "", 1)
		if len(runs) > 0 {
			latest[src.ID] = runs[0]
		}
		out = s.sourceOf(src, with, latest, api.Printer(ctx))
		return err
	})
	return out, err
}

type runsInput struct {
	api.Paging
	Source string `path:"source" maxLength:"60" doc:"readapi.param.source"`
}

// runs lists a source's runs, newest first.
func (s *Section) runs(ctx context.Context, in *runsInput) (api.List[Run], error) {
	out := api.List[Run]{Items: []Run{}}
	var before struct{ Run string }
	if in.Cursor != "" {
		if err := api.ReadCursor(in.Cursor, &before); err != nil {
			return out, err
		}
	}
	err := s.read(ctx, func(tx *db.Tx) error {
		if _, err := harvest.SourceByID(tx, in.Source); err != nil {
			return missing(err, "readapi.error.no_source")
		}
		var err error
		if out.Total, err = harvest.CountRuns(tx, in.Source); err != nil {
			return err
		}
		page, err := harvest.Runs(tx, in.Source, before.Run, in.Limit+1)
		if err != nil {
			return err
		}
		if len(page) > in.Limit {
			page = page[:in.Limit]
			before.Run = page[in.Limit-1].ID
			cursor, err := api.NewCursor(before)
			if err != nil {
				return err
			}
			out.More(cursor)
		}
		for _, r := range page {
			out.Items = append(out.Items, s.runOf(r, api.Printer(ctx)))
		}
		return nil
	})
	return out, err
}

type runInput struct {
	api.Paging
	Source string `path:"source" maxLength:"60" doc:"readapi.param.source"`
	Run    string `path:"run" maxLength:"60" doc:"readapi.param.run"`
}

func (s *Section) run(ctx context.Context, in *runInput) (RunReport, error) {
	out := RunReport{List: api.List[RunProblem]{Items: []RunProblem{}}}
	var from struct{ N int }
	if in.Cursor != "" {
		if err := api.ReadCursor(in.Cursor, &from); err != nil {
			return out, err
		}
	}
	err := s.read(ctx, func(tx *db.Tx) error {
		r, err := harvest.RunByID(tx, in.Run)
		if err == nil && r.SourceID != in.Source {
			err = plaza.E(plaza.NotFound, "readapi.error.no_run")
		}
		if err != nil {
			return missing(err, "readapi.error.no_run")
		}
		l := api.Printer(ctx)
		out.Run = s.runOf(r, l)
		if out.Total, err = harvest.CountProblems(tx, r); err != nil {
			return err
		}
		page, err := harvest.Problems(tx, r, from.N, in.Limit)
		if err != nil {
			return err
		}
		for _, p := range page {
			out.Items = append(out.Items, problemOf(p, l))
		}
		if next := from.N + len(page); len(page) == in.Limit && next < out.Total {
			from.N = next
			cursor, err := api.NewCursor(from)
			out.More(cursor)
			return err
		}
		return nil
	})
	return out, err
}

func problemOf(p dcat.Problem, l *i18n.Printer) RunProblem {
	return RunProblem{p.Code, p.Record, p.Field, p.Value, p.Repaired, l.T(p.Key(), p.Args()...)}
}
