package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"text/tabwriter"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/job"
	"plaza/internal/civic/institution"
	"plaza/internal/plaza"
	"plaza/internal/section/catalog/dcat"
	"plaza/internal/section/catalog/harvest"
	"plaza/internal/site"
)

// harvestCmd is about the remote catalogues.
type harvestCmd struct {
	Add  harvestAdd  `cmd:""`
	Run  harvestRun  `cmd:""`
	List harvestList `cmd:""`
}

// harvestAdd adds a source.
type harvestAdd struct {
	Kind        string `required:"" enum:"ckan,dcat,data.json" placeholder:"ckan|dcat|data.json"`
	URL         string `name:"url" required:""`
	Institution string `placeholder:"SLUG"`
	Title       string
	Every       time.Duration `default:"24h"`
}

// Run adds the source and prints its id alone on the last line.
func (c harvestAdd) Run(a *app) error {
	return a.withSite(func(s *site.Site) error {
		return s.DB.Write(a.system(), func(tx *db.Tx) error {
			owner, err := owner(tx, c.Institution)
			if err != nil {
				return err
			}
			added, err := s.Harvester.Add(tx, harvest.Source{
				Kind: dcat.Kind(c.Kind), URL: c.URL, Title: c.Title, InstitutionID: owner, Every: c.Every,
			})
			if err != nil {
				return err
			}
			tx.AfterCommit(func() { fmt.Fprintln(a.out, added.ID) })
			return nil
		})
	})
}

// owner is the id of the institution with a slug, "" for the central unit.
func owner(tx *db.Tx, slug string) (string, error) {
	if slug == "" {
		return "", nil
	}
	i, err := institution.BySlug(tx, slug)
	if plaza.KindOf(err) == plaza.NotFound {
		return "", invalid("cmd.error.institution", nil, "slug", slug)
	}
	return i.ID, err
}

// harvestRun runs a source.
type harvestRun struct {
	Source string `arg:""`
	Wait   bool
	JSON   bool `name:"json"`
}

// Run queues the run and prints its id; with --wait, what it did.
func (c harvestRun) Run(a *app) error {
	return a.withSite(func(s *site.Site) error {
		var run string
		err := s.DB.Write(a.system(), func(tx *db.Tx) (err error) {
			if run, err = harvest.Enqueue(tx, c.Source); plaza.KindOf(err) == plaza.NotFound {
				return invalid("cmd.harvest.unknown", nil)
			}
			return err
		})
		if err != nil {
			return err
		}
		if !c.Wait {
			_, err := fmt.Fprintln(a.out, run)
			return err
		}
		return a.finishRun(s, s.Runner, run, c.JSON)
	})
}

// finishRun waits for a run, or works it, and prints its report.
func (a *app) finishRun(s *site.Site, r *job.Runner, id string, asJSON bool) error {
	info, err := r.WaitOrWork(a.system(), id)
	if err != nil {
		return err
	}
	var run harvest.Run
	problems := []problem{}
	err = s.DB.Read(a.ctx, func(tx *db.Tx) error {
		if run, err = harvest.RunByID(tx, id); err != nil {
			return err
		}
		for page := 0; ; page++ {
			list, err := harvest.Problems(tx, run, page*1000, 1000)
			if err != nil {
				return err
			}
			for _, p := range list {
				problems = append(problems, problem{p.Code, p.Record, p.Field, p.Value, p.Repaired})
			}
			if len(list) < 1000 {
				return nil
			}
		}
	})
	if plaza.KindOf(err) == plaza.NotFound && info.Error != "" {
		return errors.New(info.Error) // it failed before it began
	}
	if err != nil {
		return err
	}
	if err := a.report(run, problems, asJSON); err != nil {
		return err
	}
	switch {
	case run.Error != "":
		return &plaza.Error{Kind: plaza.Unavailable, Key: run.Error, Args: run.ErrorArgs}
	case !run.State.Whole():
		return invalid("cmd.harvest.incomplete", errors.New(info.Error), "state", a.l.T("cmd.harvest.state."+string(run.State)))
	}
	return nil
}

type problem struct {
	Code     string `json:"code"`
	Record   string `json:"record"`
	Field    string `json:"field"`
	Value    string `json:"value"`
	Repaired bool   `json:"repaired"`
}

func (a *app) report(run harvest.Run, problems []problem, asJSON bool) error {
	if asJSON {
		e := json.NewEncoder(a.out)
		e.SetEscapeHTML(false)
		return e.Encode(struct {
			Run      string    `json:"run"`
			Source   string    `json:"source"`
			State    string    `json:"state"`
			Seen     int       `json:"seen"`
			Added    int       `json:"added"`
			Changed  int       `json:"changed"`
			Missing  int       `json:"missing"`
			Absent   int       `json:"absent"`
			Returned int       `json:"returned"`
			Found    int       `json:"problems_found"` // the first thousands are listed
			Problems []problem `json:"problems"`
		}{run.ID, run.SourceID, string(run.State), run.Seen, run.Added, run.Changed, run.Missing, run.Absent, run.Returned, run.Problems, problems})
	}
	_, err := fmt.Fprintln(a.out, a.l.T("cmd.harvest.done", "run", run.ID, "seen", run.Seen, "added", run.Added,
		"changed", run.Changed, "absent", run.Absent, "returned", run.Returned, "problems", run.Problems))
	return err
}

// harvestList lists the sources.
type harvestList struct {
	JSON bool `name:"json"`
}

// Run prints a table of the sources, or one JSON object a line.
func (c harvestList) Run(a *app) error {
	return a.withSite(func(s *site.Site) error {
		return s.DB.Read(a.ctx, func(tx *db.Tx) error {
			sources, err := harvest.Sources(tx)
			if err != nil {
				return err
			}
			latest, err := harvest.Latest(tx)
			if err != nil {
				return err
			}
			slugs := map[string]string{}
			institutions, err := institution.All(tx)
			if err != nil {
				return err
			}
			for _, i := range institutions {
				slugs[i.ID] = i.Slug
			}
			w := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
			lines := json.NewEncoder(a.out)
			for _, src := range sources {
				run := latest[src.ID]
				if c.JSON {
					err = lines.Encode(map[string]any{
						"id": src.ID, "kind": src.Kind, "url": src.Address(), "file": src.File, "title": src.Title,
						"institution": slugs[src.InstitutionID], "institution_id": src.InstitutionID,
						"state": src.State, "every_hours": int(src.Every.Hours()), "last_run": run.ID, "last_state": run.State,
					})
				} else {
					_, err = fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", src.ID, src.Kind, src.State, run.State, src.Title, cmp.Or(src.Address(), src.File))
				}
				if err != nil {
					return err
				}
			}
			return w.Flush()
		})
	})
}
