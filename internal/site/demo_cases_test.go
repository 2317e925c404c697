package site_test

import (
	"slices"
	"testing"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/civic/commitment"
	"plaza/internal/plaza"
	"plaza/internal/section/cases"
	"plaza/internal/site"
	"plaza/internal/site/demo"
)

// TestTheDemonstrationHasACaseOfEverySort also shows, by its instant, that the story is as
// lively whenever it is played.
func TestTheDemonstrationHasACaseOfEverySort(t *testing.T) {
	for _, now := range []time.Time{today, today.AddDate(0, 0, 5).Add(-9 * time.Hour), time.Date(2027, 4, 3, 3, 0, 0, 0, time.UTC)} {
		t.Run(now.Format(time.DateOnly), func(t *testing.T) {
			cfg := config(t.TempDir())
			cfg.Now = now
			if _, err := site.PlayDemo(t.Context(), cfg, true, nil); err != nil {
				t.Fatal(err)
			}
			s, err := site.Open(t.Context(), cfg)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = s.Close() })
			if err := s.DB.Read(t.Context(), func(tx *db.Tx) error { return conversation(t, s, tx) }); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// conversation fails for what the story lacks.
func conversation(t *testing.T, s *site.Site, tx *db.Tx) error {
	t.Helper()
	all, err := cases.List(tx, cases.Filter{}, cases.Newest, cases.Key{}, 200)
	if err != nil {
		return err
	}
	there := map[any]int{}
	for _, c := range all {
		there[c.State]++
		there[c.Kind]++
		there[c.Outcome]++
		there[c.Reason]++
		if c.Owed() && c.State != cases.NeedsInfo && !c.Due.IsZero() && !tx.Now.Before(c.Due) {
			there["overdue"]++
		}
		if c.Owed() && tx.Now.Before(c.Due) {
			there["in time"]++
		}
		if c.MovedFrom != "" {
			there["handed over"]++
		}
		if c.Supports > 0 {
			there["supported"]++
		}
		if c.Brought() {
			there["brought"]++
		}
		if c.Kind == cases.Quality && c.On.Column != "" && c.Details.Rows != "" {
			there["column and rows"]++
		}
		if c.Kind == cases.Request && c.Details != (cases.Details{}) {
			there["details"]++
		}
		if c.Institution == demo.InstitutionID("CONAPO") && c.Owed() {
			there["without an Enlace"]++
		}
		answers, err := cases.Answers(tx, c.ID)
		if err != nil {
			return err
		}
		for _, a := range answers {
			if a.Outcome.Refuses() && a.Signed.Role != plaza.Transparency {
				t.Errorf("the refusal of %s is signed by %q", c.Folio, a.Signed.Role)
			}
			if a.Version > 1 {
				there["corrected"]++
			}
		}
		clocks, err := cases.Clocks(tx, c.ID)
		if err != nil {
			return err
		}
		for _, k := range clocks[c.ID] {
			if k.Escalated > 0 && k.Stopped.IsZero() {
				there["escalated"]++
			}
			if k.Extended > 0 {
				there["extended"]++
			}
		}
		if _, ok, err := cases.FormalOf(tx, c.ID); ok || err != nil {
			there["formal"]++
		}
	}
	var want []any
	for _, x := range cases.States {
		want = append(want, x)
	}
	for _, x := range cases.Kinds {
		want = append(want, x)
	}
	for _, x := range cases.Outcomes() {
		want = append(want, x)
	}
	want = append(want, cases.Duplicate, cases.OffTopic, cases.Withdrawn, cases.Unanswered, cases.AnsweredElsewhere,
		"overdue", "in time", "handed over", "supported", "brought", "column and rows", "details", "without an Enlace", "corrected", "escalated", "extended", "formal")
	for _, x := range want {
		if there[x] == 0 {
			t.Errorf("there is no case of %v", x)
		}
	}
	if len(all) < 30 || there["overdue"] < 3 || there[cases.Duplicate] < 2 {
		t.Errorf("%d cases, %d overdue, %d merged", len(all), there["overdue"], there[cases.Duplicate])
	}
	return promisesTold(t, tx)
}

func promisesTold(t *testing.T, tx *db.Tx) error {
	t.Helper()
	var threads, answers, private int
	list, err := commitment.List(tx, commitment.Filter{}, commitment.Newest, commitment.Key{}, 100)
	if err != nil {
		return err
	}
	for what, is := range map[string]func(commitment.Commitment) bool{
		"kept":        func(c commitment.Commitment) bool { return c.State == commitment.Kept },
		"open":        func(c commitment.Commitment) bool { return c.State == commitment.Open && !c.Overdue(tx.Now) },
		"late":        func(c commitment.Commitment) bool { return c.Overdue(tx.Now) },
		"rescheduled": func(c commitment.Commitment) bool { return c.Moves > 0 },
		"dropped":     func(c commitment.Commitment) bool { return c.State == commitment.Dropped },
	} {
		if !slices.ContainsFunc(list, is) {
			t.Errorf("no commitment is %s", what)
		}
	}
	if err := tx.Row(`SELECT COUNT(id) FROM forum_threads WHERE standing = 'public'`).Scan(&threads); err != nil {
		return err
	}
	if err := tx.Row(`SELECT COUNT(id) FROM comments WHERE on_kind = 'thread' AND root_id <> ''`).Scan(&answers); err != nil {
		return err
	}
	err = tx.Row(`SELECT COUNT(id) FROM disclosures`).Scan(&private)
	if threads < 6 || answers < threads || private != 1 {
		t.Errorf("%d threads with %d answers, %d private reports", threads, answers, private)
	}
	return err
}
