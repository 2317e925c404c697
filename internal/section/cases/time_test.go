package cases_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/db/dbtest"
	"plaza/internal/base/i18n"
	"plaza/internal/civic/account"
	"plaza/internal/civic/calendar"
	"plaza/internal/civic/gate"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/membership"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
	"plaza/internal/section/cases"
)

// timed is a world whose members are those of package membership and whose mails can be
// read.
func timed(w *world) (*cases.Cases, *membership.Members) {
	w.Helper()
	bundle, err := i18n.New(cases.Locale, institution.Locale, calendar.Locale)
	if err != nil {
		w.Fatal(err)
	}
	members := membership.New(membership.Config{DB: w.db, Key: []byte("clave"), Gate: gate.New([]byte("clave")), Bundle: bundle})
	w.cases = cases.New(cases.Config{DB: w.db, Key: []byte("clave"), BaseURL: "https://plaza.ejemplo", Bundle: bundle,
		Gate: gate.New([]byte("una clave de prueba, de 32 bytes")), Responsible: members.Responsible, StandsFor: members.StandsFor})
	return w.cases, members
}

// letter is a mail as it lies in the store.
type letter struct{ Key, To, Subject, Text string }

// letters are the mails of a kind, in the order in which they were posted.
func (w *world) letters(kind string) (out []letter) {
	w.Helper()
	w.read(func(tx *db.Tx) (err error) {
		out, err = db.All(tx, func(scan func(...any) error) (l letter, err error) {
			err = scan(&l.Key, &l.To, &l.Subject, &l.Text)
			return l, err
		}, `SELECT unique_key, address, subject, body_text FROM outbox WHERE kind = $1 ORDER BY created_at, id`, kind)
		return err
	})
	return out
}

// levels are the steps of being late that the record tells of a case.
func (w *world) levels(c cases.Case) (out []string) {
	w.Helper()
	w.read(func(tx *db.Tx) error {
		all, err := record.Since(tx, record.Filter{Object: c.Ref(), Verb: "case.escalated"}, 100)
		for _, e := range all {
			level := string(e.Payload)
			_, level, _ = strings.Cut(level, `"level":`)
			rule := "answer"
			if strings.Contains(string(e.Payload), "acknowledge@") {
				rule = "acknowledge"
			}
			out = append(out, rule+" "+level[:1])
		}
		return err
	})
	return out
}

func (w *world) escalate() {
	w.Helper()
	if _, err := w.cases.Escalate(w.Context()); err != nil {
		w.Fatal(err)
	}
}

// at is an instant by the clock of Mexico City.
func (w *world) at(s string) time.Time {
	w.Helper()
	zone, err := time.LoadLocation("America/Mexico_City")
	if err != nil {
		w.Fatal(err)
	}
	t, err := time.ParseInLocation("2006-01-02 15:04", s, zone)
	if err != nil {
		w.Fatal(err)
	}
	return t.UTC()
}

func TestWhatIsLateIsToldStepByStep(t *testing.T) {
	worlds(t, func(w *world) {
		cs, _ := timed(w)
		c := w.ask(w.ana, w.form()) // Wednesday 25 November 2026: the answer is due until 9 December
		w.must(w.enlace, func(tx *db.Tx) (cases.Case, []record.Act, error) { return cs.Acknowledge(tx, c.ID) })
		for _, step := range []struct {
			at    string
			want  []string
			mails int
		}{
			{"2026-12-09 23:59", nil, 0},
			{"2026-12-10 00:00", []string{"answer 1"}, 1},
			{"2026-12-10 00:15", []string{"answer 1"}, 1},             // once
			{"2026-12-15 23:59", []string{"answer 1"}, 1},             // four working days late
			{"2026-12-16 00:00", []string{"answer 1", "answer 2"}, 1}, // five
			{"2026-12-22 23:59", []string{"answer 1", "answer 2"}, 1}, // nine
			{"2026-12-23 00:00", []string{"answer 1", "answer 2", "answer 3"}, 1},
			{"2027-02-01 00:00", []string{"answer 1", "answer 2", "answer 3"}, 1},
		} {
			w.db.Clock().Set(w.at(step.at))
			w.escalate()
			if got := w.levels(c); !slices.Equal(got, step.want) {
				w.Errorf("at %s the record tells of %v, want %v", step.at, got, step.want)
			}
			if got := w.letters("cases.late"); len(got) != step.mails {
				w.Errorf("at %s there are %d mails, want %d", step.at, len(got), step.mails)
			}
		}
		if k := w.clock(c); k.Escalated != 3 || k.At(w.db.Now()) != cases.Escalated {
			w.Errorf("the clock is %+v", k)
		}
		w.read(func(tx *db.Tx) error {
			n, err := cases.LateCount(tx)
			if n != 1 {
				w.Errorf("the coordination counts %d, want 1", n)
			}
			return err
		})
	})
}

func TestAnOutageOfTheJobIsCaughtUpWith(t *testing.T) {
	for _, outage := range []struct {
		name, until string
		want        []string
	}{
		{"three days", "2026-12-14 09:00", []string{"answer 1"}},                          // due on Wednesday 9, back on Monday 14
		{"three weeks", "2026-12-30 09:00", []string{"answer 1", "answer 2", "answer 3"}}, // each step that lacks
	} {
		t.Run(outage.name, func(t *testing.T) {
			worlds(t, func(w *world) {
				cs, _ := timed(w)
				var all []cases.Case
				for range 3 {
					c := w.ask(w.ana, w.form())
					w.must(w.enlace, func(tx *db.Tx) (cases.Case, []record.Act, error) { return cs.Acknowledge(tx, c.ID) })
					all = append(all, c)
				}
				w.db.Clock().Set(w.at(outage.until))
				w.escalate()
				w.escalate()
				for _, c := range all {
					if got := w.levels(c); !slices.Equal(got, outage.want) {
						w.Errorf("the record tells of %v, want %v", got, outage.want)
					}
				}
				mails := w.letters("cases.late")
				if len(mails) != 1 || mails[0].To != "enlace@ejemplo.mx" || !strings.Contains(mails[0].Text, all[0].Folio) || !strings.Contains(mails[0].Text, all[2].Folio) {
					w.Errorf("the mails are %+v", mails)
				}
			})
		})
	}
}

func TestTheSubstituteIsToldToo(t *testing.T) {
	worlds(t, func(w *world) {
		_, members := timed(w)
		w.ask(w.ana, w.form())
		w.as(w.admin, func(tx *db.Tx) error {
			_, err := members.SetAbsence(tx, membership.Absence{Institution: w.salud.ID, Person: w.enlace.ID, Substitute: w.transp.ID, From: tx.Now, Until: tx.Now.AddDate(0, 1, 0)})
			return err
		})
		w.db.Clock().Set(w.at("2026-12-10 01:00"))
		w.escalate()
		var to []string
		for _, m := range w.letters("cases.late") {
			to = append(to, m.To)
		}
		slices.Sort(to)
		if !slices.Equal(to, []string{"enlace@ejemplo.mx", "transp@ejemplo.mx"}) {
			w.Errorf("told: %v", to)
		}
	})
}

func TestWhatStandsStillOrIsHiddenIsNotEscalated(t *testing.T) {
	worlds(t, func(w *world) {
		cs, _ := timed(w)
		c := w.ask(w.ana, w.form())
		w.must(w.enlace, func(tx *db.Tx) (cases.Case, []record.Act, error) { return cs.AskInfo(tx, c.ID, "¿De qué año?") })
		hidden := w.ask(w.ana, w.form())
		w.as(account.Person{}, func(tx *db.Tx) error {
			_, err := tx.Exec(`UPDATE cases SET standing = 'hidden' WHERE id = $1`, hidden.ID)
			return err
		})
		w.db.Clock().Set(w.at("2027-01-20 09:00"))
		w.escalate()
		if got := append(w.levels(c), w.levels(hidden)...); len(got) != 0 {
			w.Errorf("the record tells of %v", got)
		}
	})
}

func TestTheSuperiorGetsOneListAWeek(t *testing.T) {
	worlds(t, func(w *world) {
		cs, _ := timed(w)
		w.as(w.enlace, func(tx *db.Tx) error {
			return cs.PutSuperior(tx, cases.Superior{Institution: w.salud.ID, Name: "Rita Titular", Email: "rita@salud.gob.mx"})
		})
		if err := w.try(w.ajena, func(tx *db.Tx) error {
			return cs.PutSuperior(tx, cases.Superior{Institution: w.salud.ID, Name: "Otra", Email: "otra@x.mx"})
		}); plaza.KindOf(err) != plaza.Forbidden {
			w.Errorf("another institution's liaison: %v", err)
		}
		if err := w.try(w.enlace, func(tx *db.Tx) error {
			return cs.PutSuperior(tx, cases.Superior{Institution: w.salud.ID, Name: "", Email: "no es un correo"})
		}); plaza.KindOf(err) != plaza.Invalid {
			w.Errorf("no address: %v", err)
		}
		one, two := w.ask(w.ana, w.form()), w.ask(w.ana, w.form())
		for _, c := range []cases.Case{one, two} {
			w.must(w.enlace, func(tx *db.Tx) (cases.Case, []record.Act, error) { return cs.Acknowledge(tx, c.ID) })
		}
		for _, step := range []struct {
			at   string
			want int
		}{
			{"2026-12-14 08:00", 0}, // three working days late
			{"2026-12-16 09:00", 0}, // five, but no Monday
			{"2026-12-21 07:59", 0},
			{"2026-12-21 08:00", 1},
			{"2026-12-23 10:00", 1},
			{"2027-01-14 10:00", 2}, // after an outage of three weeks: one, on a Thursday
			{"2027-01-17 10:00", 2},
			{"2027-01-18 10:00", 3},
		} {
			w.db.Clock().Set(w.at(step.at))
			w.escalate()
			for range 2 {
				if err := cs.TellSuperiors(w.Context()); err != nil {
					w.Fatal(err)
				}
			}
			mails := w.letters("cases.superior")
			if len(mails) != step.want {
				w.Fatalf("at %s there are %d lists, want %d", step.at, len(mails), step.want)
			}
			for _, m := range mails {
				if m.To != "rita@salud.gob.mx" || !strings.Contains(m.Text, one.Folio) || !strings.Contains(m.Text, two.Folio) {
					w.Errorf("the list is %+v", m)
				}
			}
		}
	})
}

func TestTheCoordinationHearsOfTheLastStepAlone(t *testing.T) {
	for _, c := range []struct {
		level string
		roles int
		none  bool
	}{{"1", 0, true}, {"2", 0, true}, {"3", 1, false}} {
		a, err := cases.LateAudience(nil, record.Entry{Verb: "case.escalated", Payload: []byte(`{"level":` + c.level + `}`)})
		if err != nil || len(a.Roles) != c.roles || a.Nobody != c.none {
			t.Errorf("level %s: %+v, %v", c.level, a, err)
		}
	}
	if a, err := cases.LateAudience(nil, record.Entry{Verb: "case.opened", Payload: []byte(`{}`)}); err != nil || a.Nobody || len(a.Roles) > 0 {
		t.Errorf("another verb: %+v, %v", a, err)
	}
}

func TestOpenCasesGetAClockOfTheirOwnWhenTheInstitutionJoins(t *testing.T) {
	worlds(t, func(w *world) {
		cs, members := timed(w)
		ctx := plaza.WithActor(w.Context(), plaza.SystemActor)
		look := func() (n int) {
			w.Helper()
			if err := members.Notice(ctx); err != nil {
				w.Fatal(err)
			}
			n, err := cs.Join(ctx)
			if err != nil {
				w.Fatal(err)
			}
			return n
		}
		var body institution.Institution
		w.as(account.Person{}, func(tx *db.Tx) (err error) {
			body, err = institution.Put(tx, institution.Institution{Name: "Municipio de Metepec", Slug: "metepec", Type: "municipal"})
			return err
		})
		f := w.form()
		f.Institution = body.ID
		c := w.ask(w.ana, f)
		if k := w.clock(c); k.Body != "" || k.Responsible != membership.ByCoordination {
			w.Fatalf("before it joined the clock is %+v", k)
		}
		if n := look(); n != 0 {
			w.Errorf("%d clocks began for nobody", n)
		}
		dbtest.Advance(w.db, 7*24*time.Hour)
		eva := w.person("eva@metepec.mx", "Eva Nueva", plaza.Liaison, body.ID)
		if n := look(); n != 1 {
			w.Errorf("%d clocks began, want 1", n)
		}
		if n := look(); n != 0 {
			w.Errorf("read again, %d clocks began", n)
		}
		k := w.clock(c)
		var all []cases.Clock
		var now cases.Case
		w.read(func(tx *db.Tx) (err error) {
			clocks, err := cases.Clocks(tx, c.ID)
			all = clocks[c.ID]
			if err == nil {
				now, err = cases.ByID(tx, c.ID)
			}
			return err
		})
		if k.Body != body.ID || k.Round != 2 || k.Responsible != membership.ByLiaison || !k.Started.Equal(w.db.Now()) || !now.Due.Equal(k.Due) || !now.Asked.Equal(c.Asked) {
			w.Errorf("after it joined the clock is %+v, of %+v", k, now)
		}
		for _, old := range all {
			if old.Round == 1 && (old.StoppedBy != cases.ByMoving || old.Stopped.IsZero()) {
				w.Errorf("the old clock is %+v", old)
			}
		}
		if got := w.verbs(c); !slices.Equal(got, []string{"opened", "clock_begun"}) {
			w.Errorf("the record says %v", got)
		}
		// The other way nothing moves.
		w.as(account.Person{}, func(tx *db.Tx) error { return account.RevokeRole(tx, eva.ID, plaza.Liaison, body.ID) })
		dbtest.Advance(w.db, time.Hour)
		if n := look(); n != 0 {
			w.Errorf("%d clocks began when the liaison left", n)
		}
		if after := w.clock(c); after != k {
			w.Errorf("the liaison left, and the clock is %+v instead of %+v", after, k)
		}
	})
}

func TestTermsAreVersionedAndMoveNoClockThatRuns(t *testing.T) {
	worlds(t, func(w *world) {
		cs, _ := timed(w)
		before := w.ask(w.ana, w.form())
		put := func(who account.Person, t cases.Terms) (out cases.Terms, err error) {
			err = w.try(who, func(tx *db.Tx) (err error) { out, err = cs.PutTerms(tx, t); return err })
			return out, err
		}
		shorter := cases.DefaultTerms
		shorter.Question = 5
		if _, err := put(w.enlace, shorter); plaza.KindOf(err) != plaza.Forbidden {
			w.Errorf("a liaison: %v", err)
		}
		for _, days := range []int{0, -1, 121} {
			bad := shorter
			bad.Question = days
			if _, err := put(w.admin, bad); plaza.KindOf(err) != plaza.Invalid {
				w.Errorf("%d days: %v", days, err)
			}
		}
		now, err := put(w.admin, shorter)
		if err != nil || now.Version != 2 {
			w.Fatalf("version %d, %v", now.Version, err)
		}
		if _, err := put(w.admin, shorter); plaza.KindOf(err) != plaza.Conflict {
			w.Errorf("of a version that is no more: %v", err)
		}
		if same, err := put(w.admin, now); err != nil || same.Version != 2 {
			w.Errorf("what changes nothing made version %d, %v", same.Version, err)
		}
		if k := w.clock(before); !k.Due.Equal(before.Due) || k.Days != 10 || k.Rule != "question@1" {
			w.Errorf("the clock that ran is %+v", k)
		}
		after := w.ask(w.ana, w.form())
		if k := w.clock(after); k.Days != 5 || k.Rule != "question@2" || !k.Due.Before(before.Due) {
			w.Errorf("the new clock is %+v", k)
		}
		w.read(func(tx *db.Tx) error {
			history, err := cases.TermsHistory(tx)
			if len(history) != 2 || history[0].Question != 5 || history[1].Question != 10 || history[0].Since.IsZero() {
				w.Errorf("the history is %+v", history)
			}
			entries, _ := record.Latest(tx, record.Filter{Verb: "terms.changed"}, 10)
			if len(entries) != 1 || !strings.Contains(string(entries[0].Payload), `"was":10`) {
				w.Errorf("the record has %v", entries)
			}
			return err
		})
	})
}

func TestTheCalendarFollowsAClock(t *testing.T) {
	worlds(t, func(w *world) {
		cs, _ := timed(w)
		f := w.form()
		f.Title = "Comas, puntos; y una línea\nBEGIN:VEVENT"
		c := w.ask(w.ana, f)
		feed := func() string {
			var out string
			w.read(func(tx *db.Tx) (err error) {
				out, err = cs.Feed(tx, w.cases.Bundle.Printer(i18n.Spanish), w.salud)
				return err
			})
			return strings.ReplaceAll(strings.ReplaceAll(out, "\r\n ", ""), "\r\n", "\n")
		}
		uid := "UID:" + w.clock(c).ID + "@plaza.ejemplo"
		says := func(out string, want ...string) {
			w.Helper()
			for _, s := range want {
				if !strings.Contains(out, s) {
					w.Errorf("the calendar lacks %q:\n%s", s, out)
				}
			}
			if strings.Count(out, "\nBEGIN:VEVENT\n") != 1 {
				w.Errorf("there is not one event:\n%s", out)
			}
		}
		says(feed(), uid, "DTSTART;VALUE=DATE:20261209", "DTEND;VALUE=DATE:20261210", "SEQUENCE:0", "STATUS:CONFIRMED", "En plazo", `Comas\, puntos\; y una línea BEGIN`)
		w.must(w.enlace, func(tx *db.Tx) (cases.Case, []record.Act, error) { return cs.Extend(tx, c.ID, 3, "Son muchos datos.") })
		says(feed(), uid, "DTSTART;VALUE=DATE:20261214", "SEQUENCE:1", "En plazo ampliado")
		dbtest.Advance(w.db, time.Hour)
		w.must(w.enlace, func(tx *db.Tx) (cases.Case, []record.Act, error) {
			return cs.Publish(tx, c.ID, explained(), cases.Signature{})
		})
		says(feed(), uid, "SEQUENCE:2", "Respondida a tiempo")
		gone := w.ask(w.ana, w.form())
		w.must(w.ana, func(tx *db.Tx) (cases.Case, []record.Act, error) {
			return cs.Withdraw(tx, gone.ID, "", cases.By(w.ana.Actor()), cases.From{})
		})
		if out := feed(); !strings.Contains(out, "STATUS:CANCELLED") {
			w.Errorf("what was taken back is no event that was cancelled:\n%s", out)
		}
		w.as(account.Person{}, func(tx *db.Tx) error {
			_, err := tx.Exec(`UPDATE cases SET standing = 'hidden' WHERE id IN ($1, $2)`, c.ID, gone.ID)
			return err
		})
		if out := feed(); strings.Contains(out, "VEVENT") {
			w.Errorf("a hidden case is in the calendar:\n%s", out)
		}
	})
}
