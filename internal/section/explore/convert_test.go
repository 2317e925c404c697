package explore_test

import (
	"context"
	"fmt"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"plaza/internal/base/blob"
	"plaza/internal/base/db"
	"plaza/internal/base/db/dbtest"
	"plaza/internal/base/tabular"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
	"plaza/internal/section/explore"
)

func TestAResourceIsOpenedWhenSomebodyWantsIt(t *testing.T) {
	worlds(t, func(w *world) {
		w.server.set(small)
		if st := w.want(); st.Stage != explore.StageWaiting {
			t.Errorf("wanted: %+v", st)
		}
		w.want() // twice makes one job
		if n := w.drain(); n != 1 {
			t.Errorf("%d jobs, want 1", n)
		}
		st, v := w.want(), w.current()
		if st.Stage != explore.StageDone || st.Attempt.Outcome != explore.OutcomeGood || st.Attempt.Status != 200 || st.Attempt.Current != v.ID {
			t.Errorf("after it: %+v", st)
		}
		if v.Number != 1 || v.Bytes != int64(len(small)) || v.Name != "camas 2026.csv" || v.MediaType != "text/csv" || v.Rows != 2 || v.Columns != 2 || v.State != explore.Good ||
			len(v.Tables) != 1 || v.Tables[0].Rows != 2 || !v.Fetched.Equal(w.db.Now()) || v.Change != nil {
			t.Errorf("the version: %+v", v)
		}
		for _, key := range []string{v.SHA256, v.Tables[0].SHA256} {
			if err := blob.Verify(t.Context(), w.store, key); err != nil {
				t.Error(err)
			}
		}
		if diff := cmp.Diff([]string{"resource.opened"}, w.acts()); diff != "" {
			t.Error(diff)
		}
		if w.left() != 0 {
			t.Error("a folder is left behind")
		}
	})
}

func TestTheSameBytesMakeNoVersionAndOtherBytesDo(t *testing.T) {
	worlds(t, func(w *world) {
		w.serve(small)
		dbtest.Advance(w.db, time.Hour)
		if st := w.serve(small); st.Attempt.Outcome != explore.OutcomeSame || st.Attempt.Status != 304 || !st.Attempt.At.Equal(w.db.Now()) {
			t.Errorf("not modified: %+v", st.Attempt)
		}
		w.server.etag = "" // the server forgets its marks
		dbtest.Advance(w.db, time.Hour)
		w.As(w.Enlace, func(tx *db.Tx) error { return w.explore.Retry(tx, camas) })
		w.drain()
		if v := w.current(); v.Number != 1 || !v.Seen.Equal(w.db.Now()) || v.Seen.Equal(v.Fetched) || w.engine.converts != 1 {
			t.Errorf("seen again: %+v, %d conversions", v, w.engine.converts)
		}
		w.serve(larger)
		v := w.current()
		if v.Number != 2 || v.Change == nil || !v.Change.Counted || v.Change.Added != 2 || v.Change.Removed != 1 || v.Change.From != 1 {
			t.Errorf("changed: %+v, %+v", v, v.Change)
		}
		if d := v.Change.Drift; len(d.Tables) != 1 || !cmp.Equal(d.Tables[0].Added, []string{"unidad"}) || v.Problems()[0].Code != "s01" {
			t.Errorf("drift: %+v", d)
		}
		w.serve(small) // what was before comes back
		if v := w.current(); v.Number != 1 || len(w.versions()) != 2 || v.Change.From != 2 {
			t.Errorf("back again: %+v", v)
		}
		if diff := cmp.Diff([]string{"resource.opened", "resource.changed", "resource.changed"}, w.acts()); diff != "" {
			t.Error(diff)
		}
		w.Read(func(tx *db.Tx) error {
			list, err := record.Latest(tx, record.Filter{Verb: "resource.changed"}, 2)
			if got := string(list[1].Payload); got != fmt.Sprintf(`{"added":2,"columns":3,"dataset":"un-conjunto","removed":1,"rows":3,"sha256":%q,"slug":"camas","title":"Camas","version":2}`, w.versions()[0].SHA256) {
				t.Error(got)
			}
			return err
		})
	})
}

func TestWhatIsNoTableReplacesNothing(t *testing.T) {
	worlds(t, func(w *world) {
		w.serve(small)
		for _, c := range []struct {
			name, body, media, key, finding string
			status                          int
			half                            bool
			again                           bool
		}{
			{name: "a page", body: page, media: "text/html", key: "explore.fault.html", finding: "h01"},
			{name: "nothing there", status: 404, key: "fetch.error.status", finding: "d01"},
			{name: "a server that fails", status: 500, key: "fetch.error.status", again: true},
			{name: "half of it", body: larger, half: true, key: "fetch.error.truncated", again: true},
			{name: "too much of it", body: larger + string(make([]byte, 1<<20)), key: "fetch.error.too_large"},
		} {
			before := len(w.objects())
			w.server.status, w.server.half, w.server.media = c.status, c.half, c.media
			st := w.serve(c.body)
			stage := explore.StageFailed
			if c.again {
				stage = explore.StageWaiting
			}
			if st.Stage != stage || fault(st) != c.key || st.Attempt.Finding != c.finding || st.Attempt.Outcome != explore.OutcomeFailed {
				t.Errorf("%s: %+v, %+v", c.name, st, st.Attempt.Fault)
			}
			if v := w.current(); v.Number != 1 || len(w.versions()) != 1 || len(w.objects()) != before || w.left() != 0 {
				t.Errorf("%s: it left %+v", c.name, v)
			}
			for range 5 {
				w.later()
				w.drain()
			}
			if st := w.serve(c.body); fault(st) != c.key {
				t.Errorf("%s, a second time: %+v", c.name, st)
			}
		}
		w.server.status, w.server.half, w.server.media = 0, false, ""
		if st := w.serve(small); st.Attempt.Outcome != explore.OutcomeSame || fault(st) != "" || st.Attempt.Finding != "" {
			t.Errorf("well again: %+v", st)
		}
		if n := len(w.acts()); n != 1 {
			t.Errorf("%d acts, want 1", n)
		}
	})
}

func TestABrokenFileIsKeptAndSaysWhere(t *testing.T) {
	worlds(t, func(w *world) {
		st := w.serve(broken)
		want := &explore.Fault{Key: "tabular.fault.quote", Line: 3, Column: "precio", Byte: 17, Args: map[string]any{"found": 2.0}}
		if diff := cmp.Diff(want, st.Attempt.Fault); diff != "" {
			t.Error(diff)
		}
		list := w.versions()
		if len(list) != 1 || list[0].State != explore.Failed || list[0].Number != 1 || w.current().ID != "" || len(w.objects()) != 1 {
			t.Fatalf("kept: %+v", list)
		}
		if w.serve(broken); w.engine.converts != 1 {
			t.Error("the same broken bytes were converted again")
		}
		if _, err := w.explore.Open(t.Context(), camas, 1); plaza.KindOf(err) != plaza.NotFound {
			t.Errorf("Open of a broken version = %v", err)
		}
		w.explore.Improve()
		w.engine.revised = "mejor\n"
		if w.serve(broken); w.current().Number != 1 || w.current().State != explore.Good || w.current().Fault != nil {
			t.Errorf("a better converter: %+v", w.current())
		}
	})
}

func TestAConversionThatIsKilledRunsAgainAndLeavesNothingHalfWritten(t *testing.T) {
	full := &plaza.Error{Kind: plaza.Unavailable, Key: "blob.error.full", Cause: syscall.ENOSPC}
	type breaks struct {
		name  string
		key   string
		begin func(w *world)
	}
	list := []breaks{
		{"the disk is full at the table", "blob.error.full", func(w *world) { w.store.failing(full, 0) }},
		{"the disk is full at the original", "blob.error.full", func(w *world) { w.store.failing(full, 1) }},
		{"the transaction fails", "explore.fault.engine", func(w *world) { w.indexErr = errKilled }},
		{"the worker is killed", "tabular.fault.crashed", func(w *world) { w.engine.fail, w.engine.err = "read", &tabular.Fault{Code: "crashed", Byte: -1} }},
	}
	for _, step := range []string{"detect", "read", "write", "describe"} {
		list = append(list, breaks{step, "explore.fault.engine", func(w *world) { w.engine.fail, w.engine.err = step, errKilled }})
	}
	worlds(t, func(w *world) {
		for i, b := range list {
			body := fmt.Sprintf("clave,precio\n%02d,1\n", i)
			b.begin(w)
			st := w.serve(body)
			if st.Stage != explore.StageWaiting || fault(st) != b.key || w.left() != 0 || len(w.versions()) != i {
				t.Errorf("%s: %+v, fault %q, %d versions", b.name, st, fault(st), len(w.versions()))
			}
			w.engine.fail, w.indexErr = "", nil
			w.store.failing(nil, 0)
			w.later()
			w.drain()
			if v := w.current(); v.Number != i+1 || w.status().Stage != explore.StageDone || fault(w.status()) != "" {
				t.Errorf("%s, again: %+v, %+v", b.name, v, w.status())
			}
		}
		if n := len(w.acts()); n != len(list) {
			t.Errorf("%d acts, want %d", n, len(list))
		}
	})
}

func TestAConversionThatIsCancelledEndsAndSaysHowFarItWas(t *testing.T) {
	worlds(t, func(w *world) {
		w.server.set(small)
		stopped := make(chan struct{})
		w.engine.stopped = stopped
		w.want()
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		done := make(chan bool)
		go func() { w.runner.Run(ctx); close(done) }()
		<-stopped
		for w.status().Progress.Step != "read" {
			if t.Context().Err() != nil {
				t.Fatal("no progress")
			}
		}
		w.As(w.Enlace, func(tx *db.Tx) error { return w.explore.Cancel(tx, camas) })
		for w.status().Stage == explore.StageRunning {
			if t.Context().Err() != nil {
				t.Fatal("it goes on")
			}
		}
		cancel()
		<-done
		w.engine.stopped = nil
		if st := w.status(); st.Stage != explore.StageFailed || st.Attempt.Outcome != explore.OutcomeCancelled || w.left() != 0 || len(w.objects()) != 0 {
			t.Errorf("cancelled: %+v", st)
		}
		if w.want(); w.drain() != 0 {
			t.Error("a visit begins again what somebody stopped")
		}
		if err := w.Try(w.Enlace, func(tx *db.Tx) error { return w.explore.Cancel(tx, camas) }); plaza.KindOf(err) != plaza.Conflict {
			t.Errorf("cancelling nothing: %v", err)
		}
		if err := w.Try(w.Ana, func(tx *db.Tx) error { return w.explore.Cancel(tx, camas) }); plaza.KindOf(err) != plaza.Forbidden {
			t.Errorf("cancelling as anybody: %v", err)
		}
		if w.serve(small); w.current().Number != 1 {
			t.Error("it cannot be begun again")
		}
	})
}

func TestAFileThatIsAnotherThanTheEngineReadIsRefused(t *testing.T) {
	worlds(t, func(w *world) {
		w.engine.lie = true
		if st := w.serve(small); fault(st) != "explore.fault.changed" || len(w.versions()) != 0 {
			t.Errorf("%+v", st.Attempt.Fault)
		}
	})
}

func TestWhatHasNoFileSaysWhy(t *testing.T) {
	worlds(t, func(w *world) {
		resource := w.resource
		for key, change := range map[string]func(){
			"explore.fault.no_address": func() { w.resource.URL = "" },
			"explore.fault.removed":    func() { w.resource.Gone = true },
			"explore.fault.withheld":   func() { w.resource.Withheld = w.db.Now() },
		} {
			change()
			if st := w.serve(small); fault(st) != key || w.server.fetched != 0 {
				t.Errorf("%s: %+v", key, st)
			}
			w.resource = resource
		}
		w.missing = true
		if _, err := w.explore.Want(t.Context(), "otro"); plaza.KindOf(err) != plaza.NotFound {
			t.Errorf("a resource that is none: %v", err)
		}
	})
}

func TestABetterConverterMakesTablesAnewAndTheNumberStays(t *testing.T) {
	worlds(t, func(w *world) {
		w.serve(small)
		before := w.current()
		w.explore.Improve()
		w.engine.revised = "mejor\n"
		if n, err := w.explore.OpenAhead(t.Context()); n != 1 || err != nil {
			t.Fatalf("OpenAhead = %d, %v", n, err)
		}
		w.drain()
		after := w.current()
		if after.ID != before.ID || after.Number != 1 || after.Tables[0].SHA256 == before.Tables[0].SHA256 || after.Revision != before.Revision+1 || w.server.fetched != 1 || !after.Seen.Equal(before.Seen) {
			t.Errorf("before %+v, after %+v, %d fetches", before, after, w.server.fetched)
		}
		if n, _ := w.explore.OpenAhead(t.Context()); n != 0 || len(w.acts()) != 1 {
			t.Errorf("%d more, acts %v", n, w.acts())
		}
	})
}
