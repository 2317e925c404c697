package privacy

import (
	"context"
	"fmt"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/job"
	"plaza/internal/civic/record"
)

// Registry is all holdings of an installation, in the order in which they are shown.
type Registry []Holding

// Export is all that a person gave, by the key of the holding; those with nothing are
// left out.
func (r Registry) Export(tx *db.Tx, person string) (map[string]any, error) {
	out := make(map[string]any, len(r))
	for _, h := range r {
		if h.Export == nil {
			continue
		}
		v, err := h.Export(tx, person)
		if err != nil {
			return nil, fmt.Errorf("exporting %s: %w", h.Key, err)
		}
		if v != nil {
			out[h.Key] = v
		}
	}
	return out, nil
}

// Erase takes a person out of every holding and returns what is for the record.
func (r Registry) Erase(tx *db.Tx, person string) ([]record.Act, error) {
	var acts []record.Act
	for _, h := range r {
		if h.Erase == nil {
			continue
		}
		more, err := h.Erase(tx, person)
		if err != nil {
			return nil, fmt.Errorf("erasing from %s: %w", h.Key, err)
		}
		acts = append(acts, more...)
	}
	return acts, nil
}

// Forget is the job that forgets what is past its time.
type Forget struct{}

// Kind implements job.Args.
func (Forget) Kind() string { return "privacy.expire" }

// maxPieces bounds how many transactions one holding takes in a day: what fails to
// shrink must not run for ever.
const maxPieces = 10_000

// Expire forgets what is past its time, piece by piece, and returns how many rows that
// were. One holding that fails does not keep the others from it.
func (r Registry) Expire(ctx context.Context, d *db.DB) (int, error) {
	total := 0
	var failed error
	for _, h := range r {
		for range maxPieces {
			n := 0
			if h.Expire == nil {
				break
			}
			err := d.Write(ctx, func(tx *db.Tx) (err error) {
				n, err = h.Expire(tx)
				return err
			})
			if err != nil {
				failed = fmt.Errorf("forgetting in %s: %w", h.Key, err)
			}
			if total += n; err != nil || n == 0 {
				break
			}
		}
	}
	return total, failed
}

// Work registers the daily job that forgets.
func (r Registry) Work(d *db.DB, runner *job.Runner) {
	runner.Handle(Forget{}.Kind(), func(ctx context.Context, _ *job.Job) error {
		_, err := r.Expire(ctx, d)
		return err
	})
	runner.Every(Forget{}.Kind(), job.Daily(4, 0, time.UTC), Forget{}, job.Options{Unique: Forget{}.Kind()})
}
