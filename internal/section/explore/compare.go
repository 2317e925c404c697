package explore

import (
	"context"
	"fmt"
	"strings"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/job"
	"plaza/internal/plaza"
)

// Counted is how the rows of two versions differ, those of all tables together.
type Counted struct {
	Added    int64 `json:"added"`
	Removed  int64 `json:"removed"`
	Modified int64 `json:"modified"` // rows with the same key and other values
}

// Comparison is what is known of how the rows of two versions differ.
type Comparison struct {
	Before, After Version
	Stage         Stage
	Rows          *Counted // nil while they were not counted
	Fault         *Fault   // why they could not be
	At            time.Time
}

// Countable reports whether the files of both versions are there to be compared.
func (c Comparison) Countable() bool {
	return c.Before.State == Good && c.After.State == Good && c.Before.Expired.IsZero() && c.After.Expired.IsZero()
}

// Compared is the job that counts how the rows of two versions differ. Large tables take
// minutes, so no request waits for it; its result is kept.
type Compared struct {
	Before string `json:"before"` // id
	After  string `json:"after"`
}

// Kind implements job.Args.
func (Compared) Kind() string { return "explore.compare" }

// ComparisonOf is what is known of two versions of a resource, by their numbers. NotFound
// when one of them never was. It runs seven statements at most.
func ComparisonOf(tx *db.Tx, resource string, before, after int) (c Comparison, err error) {
	if c.Before, err = ByNumber(tx, resource, before); err != nil {
		return c, err
	}
	if c.After, err = ByNumber(tx, resource, after); err != nil {
		return c, err
	}
	c.Stage = StageNone
	var jobID, tables, result, fault string
	err = tx.Row(`SELECT job_id, tables, result, fault, at FROM explore_comparisons WHERE before_id = $1 AND after_id = $2`,
		c.Before.ID, c.After.ID).Scan(&jobID, &tables, &result, &fault, &c.At)
	if unlessMissing(err) != nil {
		return c, err
	}
	if stays := !c.Countable() || tables == tablesOf(c.Before, c.After); stays && err == nil {
		if c.Rows, err = decoded[Counted](result); err != nil {
			return c, err
		}
		if c.Fault, err = decoded[Fault](fault); err != nil {
			return c, err
		}
	}
	if c.Rows == nil { // it may have been done when the later one came
		if d := c.After.Change; d != nil && d.Counted && d.From == c.Before.Number {
			c.Rows, c.Fault, c.At = &Counted{d.Added, d.Removed, d.Modified}, nil, c.After.Fetched
		}
	}
	switch {
	case c.Rows != nil:
		c.Stage = StageDone
		return c, nil
	case c.Fault != nil:
		c.Stage = StageFailed
	}
	return c, c.working(tx, jobID)
}

// working looks at where the job of a comparison stands.
func (c *Comparison) working(tx *db.Tx, id string) error {
	if id == "" {
		return nil
	}
	info, err := job.Get(tx, id)
	if err != nil {
		return unlessMissing(err) // it ended long ago
	}
	switch info.State {
	case job.Available:
		c.Stage = StageWaiting
	case job.Running:
		c.Stage = StageRunning
	case job.Discarded:
		c.Stage = StageFailed
	}
	return nil
}

// comparedPart is which part of those that may wait are there when no more comparisons are
// taken.
const comparedPart = 5

// WantComparison has the rows of two versions compared, unless that is known or under way.
// Versions whose files are gone are a Conflict; TooMany with RetryAfter when too many wait.
func (s *Section) WantComparison(tx *db.Tx, resource string, before, after int) error {
	c, err := ComparisonOf(tx, resource, before, after)
	switch {
	case err != nil:
		return err
	case c.Stage == StageDone || c.Stage == StageWaiting || c.Stage == StageRunning || before == after:
		return nil
	case !c.Countable():
		return plaza.E(plaza.Conflict, "explore.error.not_comparable")
	}
	if err := s.room(tx, max(1, s.MostWaiting/comparedPart)); err != nil { // files come first
		return err
	}
	args := Compared{Before: c.Before.ID, After: c.After.ID}
	id, inserted, err := job.Enqueue(tx, args, job.Options{Unique: "explore-compare:" + args.Before + ":" + args.After, Queue: Queue, MaxAttempts: attempts})
	if err != nil || !inserted {
		return err
	}
	if _, err := tx.Exec(`INSERT INTO explore_comparisons (before_id, after_id, job_id) VALUES ($1, $2, $3)
		ON CONFLICT (before_id, after_id) DO UPDATE SET job_id = EXCLUDED.job_id, fault = ''`, args.Before, args.After, id); err != nil {
		return fmt.Errorf("noting that versions are to be compared: %w", err)
	}
	return nil
}

// compared is the handler of Compared. What another try would not change is kept as the
// reason why there is no result.
func (s *Section) compared(ctx context.Context, j *job.Job) error {
	var args Compared
	if err := j.Decode(&args); err != nil {
		return err
	}
	var before, after Version
	if err := s.DB.Read(ctx, func(tx *db.Tx) (err error) {
		if before, err = ByID(tx, args.Before); err != nil {
			return err
		}
		after, err = ByID(tx, args.After)
		return err
	}); err != nil {
		return unlessMissing(err)
	}
	change, err := s.Compare(ctx, before, after)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err == nil && !change.Counted {
		err = ours("explore.error.not_comparable", nil) // they expired meanwhile
	}
	var fault *Fault
	var result *Counted
	if err != nil {
		f, _, _, again := judge(err)
		if again && j.Attempt < attempts {
			return err
		}
		fault = &f
	} else {
		result = &Counted{change.Added, change.Removed, change.Modified}
	}
	return s.DB.Write(ctx, func(tx *db.Tx) error { return keepComparison(tx, before, after, result, fault) })
}

func keepComparison(tx *db.Tx, before, after Version, result *Counted, fault *Fault) error {
	r, err := encoded(result)
	if err != nil {
		return err
	}
	f, err := encoded(fault)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`INSERT INTO explore_comparisons (before_id, after_id, tables, result, fault, at) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (before_id, after_id) DO UPDATE SET tables = EXCLUDED.tables, result = EXCLUDED.result, fault = EXCLUDED.fault, at = EXCLUDED.at`,
		before.ID, after.ID, tablesOf(before, after), r, f, tx.Now)
	if err != nil {
		return fmt.Errorf("keeping how versions differ: %w", err)
	}
	return nil
}

// tablesOf is a digest of the tables of two versions: corrections make others of the same
// content.
func tablesOf(before, after Version) string {
	var keys []string
	for _, v := range []Version{before, after} {
		for _, t := range v.Tables {
			keys = append(keys, t.Name, t.SHA256)
		}
		keys = append(keys, "")
	}
	return digest([]byte(strings.Join(keys, "\n")))
}

// Served is the checksum of what the resource's address gave the last time, "" when it gave
// nothing.
func (a Attempt) Served() string { return a.sha256 }

// Job is the id of the last job that was to open the resource, "" for none.
func (a Attempt) Job() string { return a.job }

// Lost reports whether the last try says that the file is no more at its address: a page
// stands in its place, or its server knows it no more.
func (a Attempt) Lost() bool {
	return a.Outcome == OutcomeFailed && (a.Finding == findingHTML || a.Status == 404 || a.Status == 410)
}
