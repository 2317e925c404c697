package turn

import (
	"context"
	"embed"
	"time"

	"plaza/internal/base/job"
)

// Locale holds the sentences of this package, in Spanish and English.
//
//go:embed locale/*.json
var Locale embed.FS

// Work registers what happens by itself.
func (s *Turns) Work(r *job.Runner) {
	r.Handle(Remind{}.Kind(), func(ctx context.Context, _ *job.Job) error {
		_, err := s.Remind(ctx)
		return err
	})
	r.Handle(Waits{}.Kind(), func(ctx context.Context, _ *job.Job) error {
		_, err := s.Waits(ctx)
		return err
	})
	r.Every(Waits{}.Kind(), job.Interval(30*time.Minute), Waits{}, job.Options{})
	// Zones differ: whose morning has come is looked at now and then.
	r.Every(Remind{}.Kind(), job.Interval(30*time.Minute), Remind{}, job.Options{})
}
