package catalog

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/job"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
)

// Rehome gives things that concern a dataset to the institution that it belongs to now:
// some of those of the one that had it before. It returns how many they were, and what to
// append to the record; it is called until there are none, each time in a transaction of
// its own. Comments, of which the record says nothing, go along at once (comment.Rehome).
type Rehome func(tx *db.Tx, dataset, from, to string) (int, []record.Act, error)

// Rehomer reads in the record which datasets changed hands, and has what concerns them
// follow: a harvest may move ten thousand of them, and each may have thousands of cases,
// so none of that fits the transaction that moves the dataset.
type Rehomer struct {
	DB      *db.DB
	Rehomes []Rehome
}

// Rehoming is its job.
type Rehoming struct{}

// Kind implements job.Args.
func (Rehoming) Kind() string { return "catalog.rehome" }

// rehoming is the name of this reader of the record.
const rehoming = "rehome"

// Work registers the job.
func (h Rehomer) Work(r *job.Runner) {
	r.Handle(Rehoming{}.Kind(), func(ctx context.Context, _ *job.Job) error { return h.Run(ctx) })
	r.Every(Rehoming{}.Kind(), job.Interval(time.Minute), Rehoming{}, job.Options{Unique: Rehoming{}.Kind()})
}

// Run goes through what is new in the record.
func (h Rehomer) Run(ctx context.Context) error {
	return record.Read(ctx, h.DB, rehoming, func(ctx context.Context, entries []record.Entry) error {
		for _, e := range entries {
			from, to, ok := changedHands(e)
			if !ok {
				continue
			}
			for _, rehome := range h.Rehomes {
				if err := h.all(ctx, rehome, e.Object.ID, from, to); err != nil {
					return fmt.Errorf("what concerns dataset %s: %w", e.Object.ID, err)
				}
			}
		}
		return nil
	})
}

// changedHands is from which institution to which a dataset went, by an entry.
func changedHands(e record.Entry) (from, to string, ok bool) {
	if !strings.HasPrefix(e.Verb, "dataset.") || e.Object.Kind != KindDataset {
		return "", "", false
	}
	var in struct{ From, To *string }
	if json.Unmarshal(e.Payload, &in) != nil || in.From == nil || in.To == nil || *in.From == *in.To {
		return "", "", false
	}
	if e.Verb == "dataset.left" && *in.To != "" { // dataset.moved tells the same
		return "", "", false
	}
	return *in.From, *in.To, true
}

func (h Rehomer) all(ctx context.Context, rehome Rehome, dataset, from, to string) error {
	for {
		n := 0
		if err := h.DB.Write(plaza.WithActor(ctx, plaza.SystemActor), func(tx *db.Tx) (err error) {
			var acts []record.Act
			if n, acts, err = rehome(tx, dataset, from, to); err != nil {
				return err
			}
			return record.Append(tx, acts...)
		}); err != nil || n == 0 {
			return err
		}
	}
}
