package tool_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"plaza/internal/base/db"
	"plaza/internal/base/db/dbtest"
	"plaza/internal/base/i18n"
	"plaza/internal/civic/account"
	"plaza/internal/section/tool"
)

func TestTheSentencesOfBothLanguagesAreComplete(t *testing.T) {
	for _, p := range i18n.CheckCatalogues(tool.Locale) {
		t.Error(p)
	}
}

func TestAWorkingCopyGoesBackAndForth(t *testing.T) {
	worlds(t, func(w *world) {
		d := w.begin(w.Ana, line("Uno"))
		d = w.save(w.Ana, d, line("Dos"))
		d = w.save(w.Ana, d, line("Tres"))
		if same := w.save(w.Ana, d, line("Tres")); same.Revision != d.Revision {
			t.Errorf("the same document again made revision %d", same.Revision)
		}
		step := func(move func(*db.Tx, string, int) (tool.Draft, error)) (title string, err error) {
			err = w.Try(w.Ana, func(tx *db.Tx) (err error) {
				var next tool.Draft
				if next, err = move(tx, d.Tool.ID, d.Revision); err == nil {
					d = next
				}
				return err
			})
			return d.Document.Title(), err
		}
		var got []string
		for _, move := range []func(*db.Tx, string, int) (tool.Draft, error){w.tools.Undo, w.tools.Undo, w.tools.Undo, w.tools.Redo} {
			title, err := step(move)
			got = append(got, fmt.Sprintf("%s %s %v %v", title, kind(err), d.Undo, d.Redo))
		}
		want := []string{"Dos  true true", "Uno  false true", "Uno conflict false true", "Dos  true true"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		d = w.save(w.Ana, d, line("Cuatro"))
		if _, err := step(w.tools.Redo); kind(err) != "conflict" {
			t.Errorf("redo after something new = %v", err)
		}
		if title := w.get(d.Tool.ID).Title; title != "Cuatro" {
			t.Errorf("the draft is called %q", title)
		}
	})
}

func TestAnotherRevisionThanTheOneSeenIsAConflictWithWhatIsThereNow(t *testing.T) {
	worlds(t, func(w *world) {
		first := w.begin(w.Ana, line("Uno"))
		w.save(w.Ana, first, line("Dos"))
		var now tool.Draft
		err := w.Try(w.Ana, func(tx *db.Tx) (err error) {
			now, err = w.tools.Save(tx, first.Tool.ID, first.Revision, line("Otro"))
			return err
		})
		if kind(err) != "conflict" || now.Document.Title() != "Dos" {
			t.Errorf("saving over another's change: %v, with %q", err, now.Document.Title())
		}
		if _, err := w.publish(w.Ana, first); kind(err) != "conflict" {
			t.Errorf("publishing what was not seen: %v", err)
		}
	})
}

func TestOnlyTheLastRevisionsAreKept(t *testing.T) {
	worlds(t, func(w *world) {
		d := w.begin(w.Ana, line("0"))
		for i := range tool.MaxRevisions + 5 {
			d = w.save(w.Ana, d, line(fmt.Sprint("Número ", i)))
		}
		var kept int
		w.Read(func(tx *db.Tx) error { return tx.Row(`SELECT COUNT(*) FROM tool_drafts`).Scan(&kept) })
		if kept != tool.MaxRevisions {
			t.Errorf("%d revisions are kept, want %d", kept, tool.MaxRevisions)
		}
	})
}

func TestADraftIsItsOwnersAlone(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t)) // a rule that no engine changes
	d := w.begin(w.Ana, line("Uno"))
	for _, c := range []struct {
		name string
		who  account.Person
		want string
	}{
		{"its owner", w.Ana, ""},
		{"another member", w.bob, "not-found"},
		{"a liaison", w.Enlace, "not-found"},
		{"the coordination", w.Admin, "not-found"},
	} {
		err := w.Try(c.who, func(tx *db.Tx) error { _, err := w.tools.Open(tx, d.Tool.ID); return err })
		if got := kind(err); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
		if got := d.Tool.Seen(c.who.Actor()); got != (c.want == "") {
			t.Errorf("%s: Seen = %v", c.name, got)
		}
	}
}

func TestWhatIsNoDocumentIsRefused(t *testing.T) {
	nan, both := line("Uno"), outside()
	nan.Spec.Views[0].Times = math.NaN()
	both.Spec = line("Uno").Spec
	large := line("Uno")
	large.Spec.Notes = strings.Repeat("ñ", 40_000)
	w := newWorld(t, dbtest.SQLite(t)) // a rule that no engine changes
	for name, d := range map[string]tool.Document{"nothing": {}, "both": both, "a number that is none": nan, "one that is too large": large} {
		err := w.Try(w.Ana, func(tx *db.Tx) error { _, err := w.tools.Create(tx, tool.Beginning{Document: d}); return err })
		if kind(err) != "invalid" {
			t.Errorf("%s: %v", name, err)
		}
	}
	d := w.begin(w.Ana, line("Uno"))
	err := w.Try(w.Ana, func(tx *db.Tx) error { _, err := w.tools.Save(tx, d.Tool.ID, d.Revision, outside()); return err })
	if kind(err) != "invalid" {
		t.Errorf("a native tool became one elsewhere: %v", err)
	}
}

func TestAPersonHasSoManyDrafts(t *testing.T) {
	worlds(t, func(w *world) {
		w.As(account.Person{}, func(tx *db.Tx) error {
			for i := range tool.MaxDrafts {
				if _, err := tx.Exec(`INSERT INTO tools (id, slug, kind, author_id, owner_id, title, language, created_at, modified_at)
					VALUES ($1, $1, 'line', $2, $2, 'x', 'es', $3, $3)`, fmt.Sprint("borrador-", i), w.Ana.ID, tx.Now); err != nil {
					return err
				}
			}
			return nil
		})
		err := w.Try(w.Ana, func(tx *db.Tx) error {
			_, err := w.tools.Create(tx, tool.Beginning{Document: line("Más")})
			return err
		})
		if kind(err) != "conflict" {
			t.Errorf("one draft too many: %v", err)
		}
		w.begin(w.bob, line("De otro"))
	})
}

func TestDiscardingADraftRemovesItAndOfAPublishedToolOnlyTheCopy(t *testing.T) {
	worlds(t, func(w *world) {
		discard := func(id string) {
			w.As(w.Ana, func(tx *db.Tx) error { return w.tools.Discard(tx, id) })
		}
		d := w.begin(w.Ana, line("Uno"))
		discard(d.Tool.ID)
		if err := w.Try(w.Ana, func(tx *db.Tx) error { _, err := tool.ByID(tx, d.Tool.ID); return err }); kind(err) != "not-found" {
			t.Errorf("a discarded draft: %v", err)
		}
		p := w.published(w.Ana, line("Dos"))
		w.save(w.Ana, w.opened(w.Ana, p.ID), line("Tres"))
		discard(p.ID)
		if now := w.opened(w.Ana, p.ID); now.Revision != 0 || now.Document.Title() != "Dos" {
			t.Errorf("after discarding: revision %d of %q", now.Revision, now.Document.Title())
		}
		again := w.save(w.Ana, w.opened(w.Ana, p.ID), line("Cuatro"))
		w.As(w.Ana, func(tx *db.Tx) (err error) { again, err = w.tools.Undo(tx, p.ID, again.Revision); return err })
		if again.Document.Title() != "Dos" {
			t.Errorf("undoing goes back to %q, want what is published", again.Document.Title())
		}
	})
}

func TestNobodyIsToldThatAnothersDraftExists(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t)) // a rule that no engine changes
	id := w.begin(w.Ana, line("Precio")).Tool.ID
	for name, do := range map[string]func(tx *db.Tx) error{
		"open":     func(tx *db.Tx) error { _, err := w.tools.Open(tx, id); return err },
		"withdraw": func(tx *db.Tx) error { _, err := w.tools.Withdraw(tx, id, "Porque sí."); return err },
	} {
		if err := w.Try(w.bob, do); kind(err) != "not-found" {
			t.Errorf("who may not see it may not %s it: %v", name, err)
		}
	}
}
