package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/job"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
	"plaza/internal/section/catalog/dcat"
	"plaza/internal/section/catalog/harvest"
)

// The demonstration is a script: acts in the order of their days, played through
// the same services as everything else under a clock that stands at each act's
// instant. Later sections add their acts at their places.

// base is the instant and chance of every id that the demonstration brings, so that
// they are the same in every installation.
const base = "0196fd2a-8c00-7000-8000-000000000000"

// SourceID is the id of a catalogue's source.
func SourceID(c Catalog) string { return plaza.DerivedID(base, "source", c.Name) }

// InstitutionID is the id of an institution of the demonstration.
func InstitutionID(acronym string) string { return plaza.DerivedID(base, "institution", acronym) }

// Stage is what the script is played on. DB has a frozen clock.
type Stage struct {
	DB        *db.DB
	Harvester *harvest.Harvester
	Runner    *job.Runner // knows the harvester's jobs
	Signer    *record.Signer
	BaseURL   string
	People    *People // nil: nobody takes part
	// Progress, if set, is told after each act.
	Progress func(done, total int)
}

// act is one thing that happens.
type act struct {
	at time.Time
	do func(context.Context, *Stage) error
}

// setting is where the store remembers how far the script was played.
const setting = "demo.played"

// played says how far: acts done, of a script that ended on the day Until.
type played struct {
	Until time.Time `json:"until"`
	Done  int       `json:"done"`
}

// hour at which acts take place, UTC: the morning in central Mexico.
const hour = 15

// patience is how often a reading is looked at, a minute of the story apart.
const patience = 5

// months is how far before today the story begins.
const months = 18

// Play plays the script up to the instant until, from where an earlier playing
// ended. With ifEmpty, a store that has a life of its own is left alone; without, it
// is a Conflict. It returns how many acts were played.
func (s *Stage) Play(ctx context.Context, until time.Time, ifEmpty bool) (int, error) {
	ctx = plaza.WithActor(ctx, plaza.SystemActor)
	p, empty, err := s.state(ctx)
	if err != nil {
		return 0, err
	}
	if p.Until.IsZero() {
		if !empty && ifEmpty {
			return 0, nil
		}
		if !empty {
			return 0, plaza.E(plaza.Conflict, "site.error.demo_not_empty")
		}
		p.Until = until
		// Noted before anything is there: a playing that is killed in its first act is
		// known for the demonstration's all the same.
		if err := s.remember(ctx, p); err != nil {
			return 0, err
		}
	}
	acts, err := s.script(p.Until)
	if err != nil {
		return 0, err
	}
	n := 0
	for i := p.Done; i < len(acts); i++ {
		s.DB.Clock().Set(acts[i].at)
		if err := acts[i].do(ctx, s); err != nil {
			return n, fmt.Errorf("playing act %d of the demonstration: %w", i+1, err)
		}
		p.Done, n = i+1, n+1
		if err := s.remember(ctx, p); err != nil {
			return n, err
		}
		if s.Progress != nil {
			s.Progress(i+1, len(acts))
		}
	}
	return n, nil
}

// End is when the story in a store ends; zero when there is none in it.
func End(ctx context.Context, d *db.DB) (time.Time, error) {
	p, _, err := (&Stage{DB: d}).state(ctx)
	return p.Until, err
}

func (s *Stage) state(ctx context.Context) (p played, empty bool, err error) {
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		var raw string
		err := tx.Row(`SELECT value FROM settings WHERE name = $1`, setting).Scan(&raw)
		if err == nil {
			return json.Unmarshal([]byte(raw), &p)
		}
		if plaza.KindOf(err) != plaza.NotFound {
			return err
		}
		seq, err := record.Position(tx)
		empty = seq == 0
		return err
	})
	return p, empty, err
}

func (s *Stage) remember(ctx context.Context, p played) error {
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		raw, err := json.Marshal(p)
		if err != nil {
			return fmt.Errorf("encoding how far the demonstration was played: %w", err)
		}
		_, err = tx.Exec(`INSERT INTO settings (name, value) VALUES ($1, $2)
			ON CONFLICT (name) DO UPDATE SET value = excluded.value`, setting, string(raw))
		return err
	})
}

// script is every act up to an instant, oldest first.
func (s *Stage) script(until time.Time) ([]act, error) {
	institutions, err := Institutions()
	if err != nil {
		return nil, err
	}
	catalogs, err := Catalogs()
	if err != nil {
		return nil, err
	}
	start := until.UTC().AddDate(0, -months, 0).Truncate(24 * time.Hour).Add(hour * time.Hour)
	yesterday := dayBefore(until, 1).Add(hour * time.Hour)
	acts := []act{{start, func(ctx context.Context, s *Stage) error { return s.found(ctx, institutions) }}}
	for i, c := range catalogs {
		again := yesterday.Add(time.Duration(i) * time.Minute)
		for n, v := range c.Versions {
			at := v.From().Add(hour*time.Hour + time.Duration(i)*7*time.Minute)
			if at.Before(start) {
				at = start.Add(time.Duration(i+1) * 7 * time.Minute)
			}
			if n == 0 && at.Before(again) { // else it has not joined yet
				acts = append(acts, act{again, func(ctx context.Context, s *Stage) error { return s.read(ctx, c) }})
			}
			if n == 0 {
				acts = append(acts, act{at, func(ctx context.Context, s *Stage) error { return s.join(ctx, c) }})
			}
			acts = append(acts, act{at.Add(time.Minute), func(ctx context.Context, s *Stage) error { return s.read(ctx, c) }})
			if n == 0 && s.People != nil {
				acts = append(acts, openingsOf(c.Name, func(opening) time.Time { return at.Add(2 * time.Minute) })...)
			}
			if n > 0 { // what went missing is looked for until it is declared absent
				for _, days := range []int{3, 8} {
					acts = append(acts, act{at.AddDate(0, 0, days), func(ctx context.Context, s *Stage) error { return s.read(ctx, c) }})
				}
			}
		}
	}
	for at := start.AddDate(0, 1, 0); at.Before(until); at = at.AddDate(0, 1, 0) {
		acts = append(acts, act{at, sign})
	}
	acts = append(acts,
		act{yesterday.Add(time.Hour), func(ctx context.Context, s *Stage) error { return s.Harvester.CheckLinks(ctx, nil) }},
		act{yesterday.Add(2 * time.Hour), sign})
	if s.People != nil {
		acts = append(acts, peopleActs(until)...)
	}
	acts = slices.DeleteFunc(acts, func(a act) bool { return a.at.After(until) })
	slices.SortStableFunc(acts, func(a, b act) int { return a.at.Compare(b.at) })
	return acts, nil
}

func sign(ctx context.Context, s *Stage) error {
	_, err := s.Signer.Checkpoint(ctx, s.DB)
	return err
}

// found brings the institutions.
func (s *Stage) found(ctx context.Context, list []Institution) error {
	for _, i := range list {
		if err := s.DB.Write(ctx, func(tx *db.Tx) error {
			if _, err := institution.ByID(tx, InstitutionID(i.Acronym)); plaza.KindOf(err) != plaza.NotFound {
				return err // an earlier playing brought it
			}
			parent := ""
			if i.Parent != "" {
				parent = InstitutionID(i.Parent)
			}
			_, err := institution.Put(tx, institution.Institution{
				ID: InstitutionID(i.Acronym), Slug: i.Slug, Name: i.Name, Acronym: i.Acronym, Type: i.Type,
				ParentID: parent, Description: i.Description, Website: i.Website, Zone: i.Zone, Names: i.Names,
				Contact: institution.Contact{Name: i.Liaison.Post, Email: i.Liaison.Mail},
			})
			return err
		}); err != nil {
			return fmt.Errorf("adding %s: %w", i.Acronym, err)
		}
	}
	return nil
}

// join adds a catalogue as a source: a portal of many publishers as the central
// unit's, any other as its institution's.
func (s *Stage) join(ctx context.Context, c Catalog) error {
	owner := InstitutionID(c.Institution)
	if c.Kind == string(dcat.CKAN) {
		owner = ""
	}
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		_, err := s.Harvester.Add(tx, harvest.Source{
			ID: SourceID(c), Kind: dcat.Kind(c.Kind), URL: s.BaseURL + c.Path, Title: c.Title,
			InstitutionID: owner, Every: 24 * time.Hour,
		})
		return err
	})
}

// read runs a source, and fails when its catalogue could not be read whole.
func (s *Stage) read(ctx context.Context, c Catalog) error {
	var run string
	if err := s.DB.Write(ctx, func(tx *db.Tx) (err error) {
		run, err = harvest.Enqueue(tx, SourceID(c))
		return err
	}); err != nil {
		return err
	}
	var last harvest.Run
	for range patience {
		if _, err := s.Runner.Drain(ctx); err != nil {
			return err
		}
		err := s.DB.Read(ctx, func(tx *db.Tx) (err error) {
			last, err = harvest.RunByID(tx, run)
			return err
		})
		if err == nil && last.State.Whole() {
			return nil
		}
		if err != nil && plaza.KindOf(err) != plaza.NotFound {
			return err
		}
		if err == nil && last.State != harvest.Running {
			break
		}
		// A playing that was killed here left the job to a process that is no more: it
		// is taken back when its lease ends.
		s.DB.Clock().Advance(time.Minute)
	}
	return fmt.Errorf("reading catalogue %s: %s %s %v", c.Name, last.State, last.Error, last.ErrorArgs)
}
