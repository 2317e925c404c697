package follow

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/job"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
)

// Queue is the job queue of telling: one at a time, and nothing else waits for it.
const Queue = "follow"

// Tell is the job that goes through what is new in the record.
type Tell struct{}

// Kind implements job.Args.
func (Tell) Kind() string { return "follow.tell" }

// Digest is the job that writes the day's and the week's mails.
type Digest struct{}

// Kind implements job.Args.
func (Digest) Kind() string { return "follow.digest" }

// reading is the name of this reader of the record.
const reading = "notices"

const (
	// entriesAtOnce is how many entries one turn looks at.
	entriesAtOnce = 200
	// piece is how many are told in one transaction: it takes some milliseconds, for
	// which no one else may write on the embedded store.
	piece = 200
	// rest is how long nobody is told after a piece, in times of what it took: readers
	// and writers get the machine for the larger part.
	rest = 1.5
	// shortest is the shortest rest, for pieces too quick for the clock.
	shortest = 2 * time.Millisecond
	// catchUp is how often a run that is behind and could not be asked for is asked for.
	catchUp = time.Second
)

// Work registers the jobs.
func (s *Service) Work(r *job.Runner) {
	r.Handle(Tell{}.Kind(), func(ctx context.Context, _ *job.Job) error { return s.Tell(ctx) })
	r.Handle(Digest{}.Kind(), func(ctx context.Context, _ *job.Job) error { return s.Digest(ctx) })
	r.Every(Tell{}.Kind(), job.Interval(time.Minute), Tell{}, job.Options{Unique: Tell{}.Kind(), Queue: Queue})
	r.Every(Digest{}.Kind(), job.Daily(digestHour, 0, s.Zone), Digest{}, job.Options{Unique: Digest{}.Kind(), Queue: Queue})
}

// Run asks for a run of Tell whenever something was written to the record, until ctx
// ends. What it misses, the schedule does within a minute.
func (s *Service) Run(ctx context.Context) {
	woken, stop := s.DB.Listen(record.Topic)
	defer stop()
	var again <-chan time.Time
	for {
		select {
		case <-ctx.Done():
			return
		case <-woken:
		case <-again:
		}
		again = nil
		if behind, err := s.ask(ctx); err != nil || behind {
			// the run that is under way may have looked for the last time already
			again = time.After(catchUp)
		}
	}
}

// ask enqueues a run where there is something new; behind reports that one was under way.
func (s *Service) ask(ctx context.Context) (behind bool, err error) {
	if err := s.DB.Read(ctx, func(tx *db.Tx) error {
		at, _, err := position(tx)
		if err != nil {
			return err
		}
		last, err := record.Position(tx)
		behind = last > at.Seq
		return err
	}); err != nil || !behind {
		return false, err
	}
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		_, inserted, err := job.Enqueue(tx, Tell{}, job.Options{Unique: Tell{}.Kind(), Queue: Queue})
		behind = !inserted
		return err
	})
	return behind, err
}

// position is how far the record has been told: all entries up to one, and of the next
// whoever comes up to and with the recipient who is the mark. begun is false where it never
// was told.
func position(tx *db.Tx) (at record.Place, begun bool, err error) {
	at, begun, err = record.Reached(tx, reading)
	if err == nil && !begun { // from where the first subscription was made, as nothing before is told
		err = tx.Row(`SELECT COALESCE((SELECT MIN(since_seq) FROM follows), seq) FROM record_head WHERE id = 1`).Scan(&at.Seq)
	}
	return at, begun, err
}

// Tell tells everything that is new in the record, and then writes the mails that are
// due at once, one for each of whom.
func (s *Service) Tell(ctx context.Context) error {
	for {
		more, err := s.turn(ctx)
		if errors.Is(err, record.ErrMoved) {
			continue
		}
		if err != nil {
			return fmt.Errorf("telling what is new: %w", err)
		}
		if !more {
			break
		}
	}
	return s.mailNow(ctx)
}

// turn tells the next entries; more is false when there are none.
func (s *Service) turn(ctx context.Context) (more bool, err error) {
	var from record.Place
	var begun bool
	var entries []record.Entry
	if err := s.DB.Read(ctx, func(tx *db.Tx) (err error) {
		if from, begun, err = position(tx); err != nil {
			return err
		}
		entries, err = record.Since(tx, record.Filter{After: from.Seq}, entriesAtOnce)
		return err
	}); err != nil {
		return false, err
	}
	if len(entries) == 0 {
		if begun {
			return false, nil
		}
		return false, s.begin(ctx)
	}
	if s.Search != nil {
		if err := s.Search.Sync(ctx, s.DB); err != nil { // what is new is to be found
			return false, err
		}
	}
	var plans []plan
	if err := s.DB.Read(ctx, func(tx *db.Tx) (err error) {
		plans, err = s.plans(ctx, tx, entries)
		return err
	}); err != nil {
		return false, err
	}
	for _, p := range plans {
		if p.nobody() {
			continue
		}
		if from, err = s.tellOf(ctx, p, from); err != nil {
			return false, err
		}
	}
	if last := (record.Place{Seq: entries[len(entries)-1].Seq}); from != last {
		err = s.DB.Write(ctx, func(tx *db.Tx) error { return record.Reach(tx, reading, from, last) })
	}
	return true, err
}

// begin has the record told from where it ends now, where it never was: also whoever follows
// nothing is told of what concerns them.
func (s *Service) begin(ctx context.Context) error {
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		at, begun, err := position(tx)
		if begun || err != nil {
			return err
		}
		return record.Reach(tx, reading, at, at)
	})
}

// tellOf tells everybody of one entry, a piece at a time, and returns the position after.
func (s *Service) tellOf(ctx context.Context, p plan, from record.Place) (record.Place, error) {
	for {
		began := s.DB.Now()
		to := record.Place{Seq: p.entry.Seq}
		if err := s.DB.Write(ctx, func(tx *db.Tx) error {
			after := ""
			if from.Seq == p.entry.Seq-1 {
				after = from.Mark
			}
			list, last, err := p.next(tx, after)
			if err != nil {
				return err
			}
			if err := tell(tx, p.entry.Seq, list); err != nil {
				return err
			}
			if last != "" {
				to = record.Place{Seq: p.entry.Seq - 1, Mark: last}
			}
			return record.Reach(tx, reading, from, to)
		}); err != nil {
			return from, err
		}
		from = to
		if to.Seq == p.entry.Seq {
			return from, nil
		}
		if err := s.rest(ctx, s.DB.Now().Sub(began)); err != nil {
			return from, err
		}
	}
}

// rest leaves the machine to others for some time.
func (s *Service) rest(ctx context.Context, took time.Duration) error {
	if s.DB.Clock().Frozen() {
		return ctx.Err()
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(max(shortest, time.Duration(rest*float64(took)))):
		return nil
	}
}

// next returns who is told next: those who come after somebody in order of their ids,
// and the last of them, or "" when nobody comes after.
func (p plan) next(tx *db.Tx, after string) (list []told, last string, err error) {
	var all []told
	bound := "" // whoever comes after it may not be known of yet
	cut := func(to string) {
		if bound == "" || to < bound {
			bound = to
		}
	}
	start, _ := slices.BinarySearchFunc(p.people, after, func(t told, id string) int {
		if t.recipient <= id {
			return -1
		}
		return 1
	})
	people := p.people[start:]
	if len(people) > piece {
		people = people[:piece]
		cut(people[piece-1].recipient)
	}
	all = append(all, people...)
	for _, refs := range grouped(p.refs) {
		found, err := p.followers(tx, refs, after)
		if err != nil {
			return nil, "", err
		}
		if len(found) == piece {
			cut(found[piece-1].recipient)
		}
		all = append(all, found...)
	}
	if bound != "" {
		all = slices.DeleteFunc(all, func(t told) bool { return t.recipient > bound })
	}
	return merge(all), bound, nil
}

// refsAtOnce is how many searches are asked for with one statement.
const refsAtOnce = 200

// grouped are the Refs that one statement asks for: searches together, as they are many
// and have few followers each; anything else alone, as that is in order already.
func grouped(refs []plaza.Ref) (out [][]plaza.Ref) {
	var searches []plaza.Ref
	for _, r := range refs {
		if r.Kind == kindSearch {
			searches = append(searches, r)
		} else {
			out = append(out, []plaza.Ref{r})
		}
	}
	return append(out, slices.Collect(slices.Chunk(searches, refsAtOnce))...)
}

// followers are the next who follow one of the Refs, which are of one kind: at most a
// piece of them.
func (p plan) followers(tx *db.Tx, refs []plaza.Ref, after string) ([]told, error) {
	args := []any{refs[0].Kind, after, p.entry.Seq, piece}
	for _, r := range refs {
		args = append(args, r.ID)
	}
	why := whyFollow
	if refs[0].Kind == kindSearch {
		why = whySearch
	}
	found, err := db.All(tx, func(scan func(...any) error) (t told, err error) {
		var often string
		var byMail bool
		t.why, t.followed.Kind = why, refs[0].Kind
		err = scan(&t.recipient, &t.follow, &t.followed.ID, &often, &t.inApp, &byMail)
		if byMail {
			t.mail = Often(often)
			if p.weight == Noise && t.mail == Now {
				t.mail = Daily
			}
		}
		return t, err
	}, `SELECT recipient, id, object_id, often, in_app, by_mail
		FROM follows
		WHERE object_kind = $1 AND recipient > $2 AND since_seq < $3 AND confirmed_at IS NOT NULL
			AND object_id IN (`+db.Placeholders(5, len(refs))+`)
		ORDER BY recipient
		LIMIT $4`, args...)
	if err != nil {
		return nil, err
	}
	for i := range found {
		if found[i].recipient == p.actor {
			found[i].inApp, found[i].mail = false, "" // still there, so that the piece is known to be full
		}
	}
	return found, nil
}

// soon is the order of how soon mails come.
var soon = map[Often]int{Now: 3, Daily: 2, Weekly: 1}

// merge makes one of all reasons for which somebody is told: the first is quoted, the
// soonest mail counts. Whoever is told in no way is left out.
func merge(all []told) []told {
	slices.SortStableFunc(all, func(a, b told) int { return strings.Compare(a.recipient, b.recipient) })
	out := all[:0]
	for _, t := range all {
		if n := len(out); n > 0 && out[n-1].recipient == t.recipient {
			out[n-1].inApp = out[n-1].inApp || t.inApp
			if soon[t.mail] > soon[out[n-1].mail] {
				out[n-1].mail = t.mail
			}
			continue
		}
		out = append(out, t)
	}
	return slices.DeleteFunc(out, func(t told) bool { return !t.inApp && t.mail == "" })
}

// rowsPerInsert keeps a statement's arguments well under both engines' limits.
const rowsPerInsert = 50

// tell writes notices of an entry. One that is there already stays as it is.
func tell(tx *db.Tx, seq int64, list []told) error {
	const columns = 9
	for part := range slices.Chunk(list, rowsPerInsert) {
		var b strings.Builder
		b.WriteString(`INSERT INTO notices (recipient, seq, why, why_kind, why_id, follow_id, in_app, mail, created_at) VALUES `)
		args := make([]any, 0, len(part)*columns)
		for i, t := range part {
			if i > 0 {
				b.WriteString(", ")
			}
			b.WriteString("(" + db.Placeholders(i*columns+1, columns) + ")")
			args = append(args, t.recipient, seq, t.why, t.followed.Kind, t.followed.ID, t.follow, t.inApp, string(t.mail), tx.Now)
		}
		b.WriteString(` ON CONFLICT (recipient, seq) DO NOTHING`)
		if _, err := tx.Exec(b.String(), args...); err != nil {
			return fmt.Errorf("writing notices: %w", err)
		}
	}
	return nil
}
