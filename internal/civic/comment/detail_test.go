package comment_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"plaza/internal/base/db"
	"plaza/internal/base/i18n"
	"plaza/internal/civic/comment"
	"plaza/internal/civic/moderation"
	"plaza/internal/civic/record"
)

func (w *world) spanish() *i18n.Printer {
	return w.shell.Printer(httptest.NewRequestWithContext(w.Context(), http.MethodGet, "/", nil))
}

// quotes are what is quoted of everything that was published, by the comments' ids.
func (w *world) quotes() map[string]record.Quote {
	w.Helper()
	out := map[string]record.Quote{}
	entries := w.entries()
	w.read(func(tx *db.Tx) error {
		details, err := w.comments.Details(tx, w.spanish(), entries)
		for _, e := range entries {
			if q := details[e.Seq].Quote; q != nil {
				out[e.Object.ID] = *q
			}
		}
		return err
	})
	return out
}

func TestANoticeQuotesWhoWroteWhatInPlainWords(t *testing.T) {
	worlds(t, func(w *world) {
		long := w.say(w.ana, "Faltan **datos** de [2019](https://ejemplo.mx).\n\n"+strings.Repeat("Una palabra más. ", 40))
		answer := w.answer(w.enlace, long, w.official(), "Ya están.")
		got := w.quotes()
		if q := got[long.ID]; q.By != "Ana López" || q.Official != "" || !strings.HasPrefix(q.Text, "Faltan datos de 2019") ||
			!strings.HasSuffix(q.Text, "…") || len([]rune(q.Text)) > 281 || strings.ContainsAny(q.Text, "*[\n") {
			t.Errorf("quoted: %+v", q)
		}
		if q := got[answer.ID]; q.By != "Secretaría de Salud" || !strings.HasPrefix(q.Official, "Enlace") || q.Text != "Ya están." {
			t.Errorf("an official answer is quoted: %+v", q)
		}
	})
}

func TestWhatIsNotPublicNowIsNotQuoted(t *testing.T) {
	worlds(t, func(w *world) {
		w.screen.word = "retenido"
		hidden, removed, edited, held := w.say(w.ana, "Uno."), w.say(w.ana, "Dos."), w.say(w.ana, "Tres."), w.say(w.ana, "Cuatro.")
		waits := w.say(w.ana, "Esto queda retenido.")
		if err := w.moderate(hidden, moderation.Hidden); err != nil {
			t.Fatal(err)
		}
		if err := w.doing(w.ana, func(tx *db.Tx) error {
			_, err := w.comments.Remove(tx, removed.ID)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		for id, body := range map[string]string{edited.ID: "Tres y medio.", held.ID: "Cuatro retenido."} {
			if err := w.doing(w.ana, func(tx *db.Tx) error {
				_, err := w.comments.Edit(tx, id, body, 1, comment.From{})
				return err
			}); err != nil {
				t.Fatal(err)
			}
		}
		got := w.quotes()
		for id, want := range map[string]string{hidden.ID: "", removed.ID: "", waits.ID: "", edited.ID: "Tres y medio.", held.ID: "Cuatro."} {
			if got[id].Text != want {
				t.Errorf("quoted %q, want %q", got[id].Text, want)
			}
		}
	})
}

func TestQuotingManyCommentsTakesAsManyStatementsAsQuotingOne(t *testing.T) {
	worlds(t, func(w *world) {
		count := func() int64 {
			entries := w.entries()
			ctx, counted := db.CountStatements(w.Context())
			if err := w.db.Read(ctx, func(tx *db.Tx) error {
				_, err := w.comments.Details(tx, w.spanish(), entries)
				return err
			}); err != nil {
				t.Fatal(err)
			}
			return counted.Load()
		}
		w.say(w.ana, "Uno.")
		one := count()
		for range 20 {
			w.say(w.beto, "Otro.")
		}
		if many := count(); many != one {
			t.Errorf("%d statements for many, %d for one", many, one)
		}
	})
}
