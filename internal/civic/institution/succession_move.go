package institution

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"strings"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/job"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
)

func asPlaza(err error, e **plaza.Error) bool { return errors.As(err, e) }

func keysOf[V any](m map[string]V) iter.Seq[string] { return maps.Keys(m) }

// moveArgs are those of the job that moves what institutions that are no more have.
type moveArgs struct{}

func (moveArgs) Kind() string { return "institution.move" }

// Handle gives the runner the handler of the job that moves.
func (s *Successions) Handle(r *job.Runner) {
	r.Handle(moveArgs{}.Kind(), func(ctx context.Context, _ *job.Job) error { return s.MoveAll(ctx) })
}

// Schedule has the runner look every hour: what somebody was writing for an institution
// while it ended moves too.
func (s *Successions) Schedule(r *job.Runner) {
	r.Every("institution.move", job.Interval(time.Hour), moveArgs{}, job.Options{Unique: "institution.move"})
}

// MoveAll moves what institutions that are no more have to those that follow them, in
// pieces of one transaction each. What is moved is not there any more, so that one that
// was stopped goes on where it was, and one that is done does nothing.
func (s *Successions) MoveAll(ctx context.Context) error {
	var gone []string
	if err := s.db.Read(ctx, func(tx *db.Tx) (err error) {
		gone, err = db.All(tx, db.Column[string], `SELECT id FROM institutions WHERE state = $1 ORDER BY id`, Extinct)
		return err
	}); err != nil {
		return fmt.Errorf("listing the institutions that are no more: %w", err)
	}
	for _, from := range gone {
		for _, m := range s.movers {
			if err := s.moveWith(ctx, m, from); err != nil {
				return fmt.Errorf("moving %s of institution %s: %w", m.Key, from, err)
			}
		}
	}
	return nil
}

// moveWith moves all that one mover knows of an institution.
func (s *Successions) moveWith(ctx context.Context, m Mover, from string) error {
	for before := -1; ; {
		left := 0
		if err := s.db.Read(ctx, func(tx *db.Tx) (err error) {
			left, err = m.Count(tx, from)
			return err
		}); err != nil || left == 0 {
			return err
		}
		if left == before {
			return fmt.Errorf("%d things do not move", left)
		}
		before = left
		if err := s.db.Write(ctx, func(tx *db.Tx) error {
			to, err := following(tx, from)
			if err != nil {
				return err
			}
			if to != "" {
				if err := lock(tx, to); err != nil {
					return err
				}
			}
			acts, err := m.Move(tx, from, to)
			if err != nil {
				return err
			}
			return record.Append(tx, acts...)
		}); err != nil {
			return err
		}
	}
}

// Amounts counts what an institution has, mover by mover; what there is none of is left
// out.
func (s *Successions) Amounts(tx *db.Tx, id string) ([]Amount, error) {
	var out []Amount
	for _, m := range s.movers {
		n, err := m.Count(tx, id)
		if err != nil {
			return nil, fmt.Errorf("counting %s: %w", m.Key, err)
		}
		if n > 0 {
			out = append(out, Amount{m.Key, n})
		}
	}
	return out, nil
}

// Parts lists what of an institution can be given to one of several successors.
func (s *Successions) Parts(tx *db.Tx, id string) ([]Part, error) {
	var out []Part
	for _, m := range s.movers {
		if m.Parts == nil || len(out) >= maxShares {
			continue
		}
		parts, err := m.Parts(tx, id, maxShares-len(out))
		if err != nil {
			return nil, fmt.Errorf("dividing %s: %w", m.Key, err)
		}
		for _, p := range parts {
			p.ID = m.Key + "/" + p.ID
			out = append(out, p)
		}
	}
	return out, nil
}

// moverOf is the mover of a part, and the part's own key.
func (s *Successions) moverOf(part string) (Mover, string, bool) {
	kind, key, _ := strings.Cut(part, "/")
	for _, m := range s.movers {
		if m.Key == kind && m.Share != nil {
			return m, key, true
		}
	}
	return Mover{}, "", false
}

// childMover gives what belonged to an institution to its successor. One that the
// successor itself belongs to, in whatever depth, goes up instead.
var childMover = Mover{
	Key: "children",
	Count: func(tx *db.Tx, from string) (n int, err error) {
		err = tx.Row(`SELECT COUNT(*) FROM institutions WHERE parent_id = $1 AND state = $2`, from, Active).Scan(&n)
		return n, err
	},
	Move: moveChildren,
}

func moveChildren(tx *db.Tx, from, to string) ([]record.Act, error) {
	body, err := ByID(tx, from)
	if err != nil {
		return nil, err
	}
	up, err := following(tx, body.ParentID)
	if err != nil {
		return nil, err
	}
	above, err := ancestors(tx, to)
	if err != nil {
		return nil, err
	}
	aboveUp, err := ancestors(tx, up)
	if err != nil {
		return nil, err
	}
	children, err := db.All(tx, scan, `SELECT `+columns+` FROM institutions
		WHERE parent_id = $1 AND state = $2 ORDER BY id LIMIT $3`, from, Active, MaxPiece)
	if err != nil {
		return nil, err
	}
	acts := make([]record.Act, 0, len(children))
	for _, c := range children {
		head := to
		if above[c.ID] {
			head = up
		}
		if aboveUp[c.ID] && head == up {
			head = "" // else it would belong to itself
		}
		if _, err := tx.Exec(`UPDATE institutions SET parent_id = $1, updated_at = $2 WHERE id = $3`, head, tx.Now, c.ID); err != nil {
			return nil, err
		}
		acts = append(acts, record.Act{Verb: "institution.changed", Object: c.Ref(), Institution: c.ID,
			Payload: map[string]any{"slug": c.Slug, "name": c.Name, "fields": []string{"parent"}}})
	}
	return acts, nil
}

// ancestors are an institution and all that it belongs to.
func ancestors(tx *db.Tx, id string) (map[string]bool, error) {
	out := map[string]bool{}
	for range maxDepth {
		if id == "" || out[id] {
			break
		}
		i, err := ByID(tx, id)
		if err != nil {
			return nil, err
		}
		out[id], id = true, i.ParentID
	}
	return out, nil
}
