package record_test

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/db/dbtest"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
)

func act(verb, id string) record.Act {
	return record.Act{Verb: verb, Object: plaza.Ref{Kind: "dataset", ID: id},
		Payload: map[string]any{"título": "Camas <b>", "n": 3}}
}

func appended(t *testing.T, ctx context.Context, d *db.DB, acts ...record.Act) {
	t.Helper()
	if err := d.Write(ctx, func(tx *db.Tx) error { return record.Append(tx, acts...) }); err != nil {
		t.Fatal(err)
	}
}

func export(t *testing.T, d *db.DB, f record.Filter) string {
	t.Helper()
	var b bytes.Buffer
	if err := record.Export(t.Context(), d, f, &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestTheExportReplaysAndAnyChangeIsNamed(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := plaza.WithActor(t.Context(), plaza.Actor{PersonID: "p", Pseudonym: "c0ffee",
			Grants: []plaza.Grant{{Role: plaza.Liaison, Institution: "i1"}}})
		first := act("dataset.added", "a")
		first.Institution = "i1"
		appended(t, ctx, d, first)
		dbtest.Advance(d, time.Hour)
		appended(t, plaza.WithActor(t.Context(), plaza.SystemActor), d, act("dataset.changed", "a"), act("dataset.added", "b"))
		text := export(t, d, record.Filter{})
		v, err := record.Verify(strings.NewReader(text))
		if err != nil || v.Entries != 3 {
			t.Fatalf("Verify = %+v, %v; want 3 entries\n%s", v, err, text)
		}
		if !strings.Contains(text, `"actor":{"role":"liaison","ref":"c0ffee"}`) || strings.Contains(text, `"p"`) {
			t.Errorf("the actor is not named by role and commitment alone:\n%s", text)
		}
		lines := strings.SplitAfter(text, "\n")
		for _, c := range []struct {
			name, text string
			seq        int64
		}{
			{"a changed payload", strings.Replace(text, `"n":3`, `"n":4`, 1), 1},
			{"a changed instant", strings.Replace(text, "T16:00:00.000Z", "T16:00:00.001Z", 1), 2},
			{"an instant with more digits than are hashed", strings.Replace(text, "T16:00:00.000Z", "T16:00:00.0001Z", 1), 2},
			{"a field that is not hashed", strings.Replace(text, `{"seq":2`, `{"x":1,"seq":2`, 1), 2},
			{"an entry twice", lines[0] + lines[0], 1},
			{"entries exchanged", lines[1] + lines[0] + lines[2], 1},
			{"a part with a changed entry", strings.Replace(lines[2], `"n":3`, `"n":4`, 1), 3},
			{"a part that does not hold together", lines[1] + strings.Replace(lines[2], `"prev":"`, `"prev":"0`, 1), 3},
			{"no JSON", lines[0] + "nada\n", 2},
		} {
			if _, err := record.Verify(strings.NewReader(c.text)); !isBad(err, c.seq) {
				t.Errorf("%s: %v, want entry %d named", c.name, err, c.seq)
			}
		}
		for _, c := range []struct {
			name, text string
			missing    int64
		}{
			{"without the first", lines[1] + lines[2], 1},
			{"one alone", lines[2], 1},
			{"one left out", lines[0] + lines[2], 2},
		} {
			_, err := record.Verify(strings.NewReader(c.text))
			part, ok := errors.AsType[*plaza.Error](err)
			if !ok || part.Key != "record.part" || part.Args["missing"] != c.missing {
				t.Errorf("%s: %v, want a part that lacks entry %d", c.name, err, c.missing)
			}
		}
		other := record.Checkpoint{Seq: 3, Hash: "0"}
		if _, err := record.Verify(strings.NewReader(lines[2]), other); !isBad(err, 3) {
			t.Errorf("a part that a checkpoint contradicts: %v, want entry 3 named", err)
		}
	})
}

func isBad(err error, seq int64) bool {
	bad, ok := errors.AsType[*record.BadEntry](err)
	return ok && bad.Seq == seq
}

func TestAFailedTransactionLeavesNoEntryAndNoGap(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		appended(t, t.Context(), d, act("dataset.added", "a"))
		_ = d.Write(t.Context(), func(tx *db.Tx) error {
			if err := record.Append(tx, act("dataset.added", "lost")); err != nil {
				return err
			}
			return errors.New("no")
		})
		appended(t, t.Context(), d, act("dataset.added", "b"))
		if v, err := record.Verify(strings.NewReader(export(t, d, record.Filter{}))); err != nil || v.Entries != 2 {
			t.Errorf("Verify = %+v, %v", v, err)
		}
	})
}

func TestConcurrentWritersKeepOneChain(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		var wg sync.WaitGroup
		for range 6 {
			wg.Go(func() {
				for range 5 {
					appended(t, t.Context(), d, act("dataset.added", "x"), act("dataset.changed", "x"))
				}
			})
		}
		wg.Wait()
		if v, err := record.Verify(strings.NewReader(export(t, d, record.Filter{}))); err != nil || v.Entries != 60 {
			t.Errorf("Verify = %+v, %v; want 60 entries", v, err)
		}
	})
}

func TestBulkIsBoundedAndWholeChunksKeepTheChain(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		acts := make([]record.Act, record.MaxActs)
		for i := range acts {
			acts[i] = act("dataset.added", "x")
		}
		appended(t, t.Context(), d, acts...)
		if v, err := record.Verify(strings.NewReader(export(t, d, record.Filter{}))); err != nil || v.Entries != record.MaxActs {
			t.Errorf("Verify = %+v, %v", v, err)
		}
		err := d.Write(t.Context(), func(tx *db.Tx) error { return record.Append(tx, append(acts, acts[0])...) })
		if err == nil {
			t.Error("more than MaxActs acts were taken")
		}
	})
}

func TestFiltersChooseEntries(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		one := act("dataset.added", "a")
		one.Institution = "i1"
		appended(t, t.Context(), d, one)
		dbtest.Advance(d, time.Hour)
		appended(t, t.Context(), d, act("datasetx.added", "b"), act("source.added", "c"))
		for _, c := range []struct {
			name string
			f    record.Filter
			want int
		}{
			{"all", record.Filter{}, 3},
			{"a family of verbs", record.Filter{Verb: "dataset."}, 1},
			{"one verb", record.Filter{Verb: "source.added"}, 1},
			{"an object", record.Filter{Object: plaza.Ref{Kind: "dataset", ID: "b"}}, 1},
			{"an institution", record.Filter{Institution: "i1"}, 1},
			{"from", record.Filter{From: dbtest.Start.Add(time.Minute)}, 2},
			{"to", record.Filter{To: dbtest.Start.Add(time.Minute)}, 1},
			{"before", record.Filter{Before: 2}, 1},
			{"after", record.Filter{After: 2}, 1},
		} {
			if got := strings.Count(export(t, d, c.f), "\n"); got != c.want {
				t.Errorf("%s: %d entries, want %d", c.name, got, c.want)
			}
		}
	})
}

func TestACheckpointFixesThePast(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s, err := record.NewSigner("datos.ejemplo.gob.mx", bytes.Repeat([]byte{7}, 32))
		if err != nil {
			t.Fatal(err)
		}
		appended(t, t.Context(), d, act("dataset.added", "a"), act("dataset.added", "b"))
		signed, err := s.Checkpoint(t.Context(), d)
		if err != nil {
			t.Fatal(err)
		}
		again, err := s.Checkpoint(t.Context(), d)
		if err != nil || again.Note != signed.Note {
			t.Errorf("a second checkpoint of the same record: %v, %v", again, err)
		}
		c, err := record.OpenCheckpoint(signed.Note, s.PublicKey())
		if err != nil || c.Seq != 2 || !c.At.Equal(dbtest.Start) {
			t.Fatalf("OpenCheckpoint = %+v, %v", c, err)
		}
		text := export(t, d, record.Filter{})
		if _, err := record.Verify(strings.NewReader(text), c); err != nil {
			t.Errorf("the true export: %v", err)
		}
		short := text[:strings.Index(text, "\n")+1]
		if _, err := record.Verify(strings.NewReader(short), c); err == nil {
			t.Error("a record cut short passed its checkpoint")
		}
		other := dbtest.SQLite(t)
		appended(t, t.Context(), other, act("dataset.added", "z"), act("dataset.added", "b"))
		if _, err := record.Verify(strings.NewReader(export(t, other, record.Filter{})), c); err == nil {
			t.Error("a rewritten record passed the checkpoint")
		}
		if _, err := record.OpenCheckpoint(strings.Replace(signed.Note, "\n2\n", "\n3\n", 1), s.PublicKey()); err == nil {
			t.Error("a changed checkpoint passed its signature")
		}
	})
}

func TestEveryKeyThatSignedIsKeptNewestFirst(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		signer := func(name string, seed byte) *record.Signer {
			t.Helper()
			s, err := record.NewSigner(name, bytes.Repeat([]byte{seed}, 32))
			if err != nil {
				t.Fatal(err)
			}
			return s
		}
		keys := func() (keys []string) {
			t.Helper()
			if err := d.Read(t.Context(), func(tx *db.Tx) (err error) {
				keys, err = record.Keys(tx)
				return err
			}); err != nil {
				t.Fatal(err)
			}
			return keys
		}
		signers := []*record.Signer{signer("uno.example", 1), signer("dos.example", 1), signer("dos.example", 2)}
		var notes, want []string
		for _, s := range append(signers, signers[1]) { // the last one signs again
			appended(t, t.Context(), d, act("dataset.added", "a"))
			c, err := s.Checkpoint(t.Context(), d)
			if err != nil {
				t.Fatal(err)
			}
			notes = append(notes, c.Note)
		}
		for _, s := range signers {
			want = slices.Insert(want, 0, s.PublicKey())
		}
		if got := keys(); !slices.Equal(got, want) {
			t.Errorf("Keys = %q, want %q", got, want)
		}
		for i, n := range notes {
			if c, err := record.OpenCheckpoint(n, append(want, want...)...); err != nil || c.Seq != int64(i+1) {
				t.Errorf("checkpoint %d: %+v, %v", i+1, c, err)
			}
		}
		if _, err := record.OpenCheckpoint(notes[0], want[:2]...); err == nil {
			t.Error("a checkpoint passed without the key that signed it")
		}

		// as a store of an older version: with checkpoints, without keys
		if err := d.Write(t.Context(), func(tx *db.Tx) error {
			_, err := tx.Exec(`DELETE FROM record_keys`)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		for _, s := range []*record.Signer{signer("tres.example", 1), signers[1], signers[1]} {
			if err := s.Adopt(t.Context(), d); err != nil {
				t.Fatal(err)
			}
		}
		if got := keys(); !slices.Equal(got, []string{signers[1].PublicKey()}) {
			t.Errorf("adopted %q, want the one key that checks a checkpoint", got)
		}
	})
}

func TestAWatcherSeesItsOwnProcessAtOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w, err := record.Watch(t.Context(), d)
		if err != nil {
			t.Fatal(err)
		}
		appended(t, t.Context(), d, act("dataset.added", "a"))
		if got := w.Position(); got != 1 { // nobody has looked again yet
			t.Errorf("after a commit the position is %d, want 1", got)
		}
	})
}

func TestAWatcherFollowsOtherProcesses(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w, err := record.Watch(t.Context(), d)
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { w.Run(ctx); close(done) }()
		if err := d.Write(t.Context(), func(tx *db.Tx) error { // without a word to this process
			_, err := tx.Exec(`UPDATE record_head SET seq = 7 WHERE id = 1`)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		for w.Position() != 7 { // the watcher polls, so this ends
			if t.Context().Err() != nil {
				t.Fatal("the watcher never saw the entry")
			}
		}
		stop()
		<-done
	})
}

func FuzzVerify(f *testing.F) {
	f.Add(`{"seq":1,"at":"2026-11-23T15:00:00.000Z","verb":"a","actor":{"role":"","ref":""},"object":{"kind":"","id":""},"institution":"","payload":{},"prev":"","hash":""}`)
	f.Add("{}\n")
	f.Add(`{"seq":1,"payload":`)
	f.Fuzz(func(t *testing.T, text string) {
		v, err := record.Verify(strings.NewReader(text))
		if err == nil && v.Entries > 0 {
			return // a well-formed chain by itself is fine
		}
	})
}
