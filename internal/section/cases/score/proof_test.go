package score_test

import (
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/db/dbtest"
	"plaza/internal/civic/account"
	"plaza/internal/civic/calendar"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/membership"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
	"plaza/internal/section/cases"
	"plaza/internal/section/cases/score"
)

// How long the life is that the proof is made with.
const (
	lived = 1400 // acts
	asked = 220  // cases at most
)

// live plays a life of cases by the acts that there are, the same for the same seed.
// between is called now and then.
func live(w *world, seed uint64, between func()) {
	r := rand.New(rand.NewPCG(seed, 4))
	var all []cases.Case
	for n := range lived {
		dbtest.Advance(w.db, time.Duration(r.IntN(110))*time.Minute)
		switch {
		case len(all) < asked && (len(all) < 20 || r.IntN(5) == 0):
			body := ""
			if i := r.IntN(len(w.bodies) + 1); i < len(w.bodies) {
				body = w.bodies[i].ID
			}
			all = append(all, w.ask(n, body, cases.Kinds[r.IntN(len(cases.Kinds))]))
		case r.IntN(30) == 0: // an institution joins, or is left without anybody
			levels := []membership.Level{membership.ByLiaison, membership.BySubstitute, membership.BySector, membership.ByCoordination}
			w.levels[w.bodies[r.IntN(len(w.bodies))].ID] = levels[r.IntN(len(levels))]
		case r.IntN(15) == 0:
			if _, err := w.cases.Pass(plaza.WithActor(w.Context(), plaza.SystemActor)); err != nil {
				w.Fatal(err)
			}
		default:
			actAtRandom(w, r, all[r.IntN(len(all))])
		}
		if between != nil && r.IntN(12) == 0 {
			between()
		}
	}
}

// actAtRandom does something to a case, where it can be done.
func actAtRandom(w *world, r *rand.Rand, c cases.Case) {
	i := slices.IndexFunc(w.people, func(p personOf) bool { return p.ID == c.Asker.Person })
	owner, by := w.people[i], cases.By(w.people[i].Actor())
	forms := []cases.AnswerForm{
		{Outcome: cases.Explained, Body: "Así se lee."},
		{Outcome: cases.Planned, Body: "Se publicará.", PlannedOn: w.db.Now().AddDate(0, 1, 0).Format(time.DateOnly), Promise: "El catálogo completo"},
		{Outcome: cases.Transfer, Body: "Le toca a otra."},
	}
	form := forms[r.IntN(len(forms))]
	who := w.liaison[c.Institution]
	var what func(tx *db.Tx) (cases.Case, []record.Act, error)
	switch r.IntN(16) {
	case 0:
		what = func(tx *db.Tx) (cases.Case, []record.Act, error) { return w.cases.Acknowledge(tx, c.ID) }
	case 1, 2:
		what = func(tx *db.Tx) (cases.Case, []record.Act, error) { return w.cases.AskInfo(tx, c.ID, "¿De qué año?") }
	case 3, 4:
		who = owner
		what = func(tx *db.Tx) (cases.Case, []record.Act, error) {
			return w.cases.Reply(tx, c.ID, "Del 2025.", by, cases.From{})
		}
	case 5:
		what = func(tx *db.Tx) (cases.Case, []record.Act, error) {
			return w.cases.Extend(tx, c.ID, 1+r.IntN(5), "Hace falta buscarlo.")
		}
	case 6, 7, 8, 9:
		what = func(tx *db.Tx) (cases.Case, []record.Act, error) {
			return w.cases.Publish(tx, c.ID, form, cases.Signature{})
		}
	case 10:
		what = func(tx *db.Tx) (cases.Case, []record.Act, error) {
			return w.cases.Correct(tx, c.ID, form, "Faltaba un dato.", cases.Signature{})
		}
	case 11:
		who = owner
		what = func(tx *db.Tx) (cases.Case, []record.Act, error) {
			return w.cases.Reopen(tx, c.ID, "No contesta lo que pregunté.", by, cases.From{})
		}
	case 12:
		who = owner
		what = func(tx *db.Tx) (cases.Case, []record.Act, error) { return w.cases.Accept(tx, c.ID, by) }
	case 13:
		what = func(tx *db.Tx) (cases.Case, []record.Act, error) {
			return w.cases.Close(tx, c.ID, "No es de datos abiertos.")
		}
	case 14:
		what = func(tx *db.Tx) (cases.Case, []record.Act, error) {
			return w.cases.Convert(tx, c.ID, cases.Kinds[r.IntN(len(cases.Kinds))])
		}
	case 15:
		who = owner
		what = func(tx *db.Tx) (cases.Case, []record.Act, error) {
			return w.cases.Withdraw(tx, c.ID, "", by, cases.From{})
		}
	}
	if _, err := w.do(who, what); err != nil && plaza.KindOf(err) != plaza.Conflict && plaza.KindOf(err) != plaza.Invalid {
		w.Fatal(err)
	}
}

// naive counts the figures of one part from the cases themselves, without the record.
func naive(w *world, in func(c cases.Case, side score.Side) bool) (f score.Figures) {
	w.read(func(tx *db.Tx) error {
		ids, err := db.All(tx, db.Column[string], `SELECT id FROM cases ORDER BY id`)
		if err != nil {
			return err
		}
		all, err := cases.ByIDs(tx, ids...)
		if err != nil {
			return err
		}
		clocks, err := cases.Clocks(tx, ids...)
		if err != nil {
			return err
		}
		for _, c := range all {
			if err := naiveOne(tx, &f, c, clocks[c.ID], in); err != nil {
				return err
			}
		}
		return nil
	})
	return f
}

func naiveOne(tx *db.Tx, f *score.Figures, c cases.Case, clocks []cases.Clock, in func(cases.Case, score.Side) bool) error {
	var first, last, ack cases.Clock // the clock that the first answer stopped, the last one, that of the acknowledgement
	for _, k := range clocks {
		switch {
		case k.Kind == cases.ToAcknowledge && k.StoppedBy == cases.ByAcknowledging:
			ack = k
		case k.Kind == cases.ToAnswer:
			last = k
			if k.StoppedBy == cases.ByAnswering && first.ID == "" {
				first = k
			}
		}
	}
	counts := last
	if first.ID != "" {
		counts = first
	}
	side := score.With
	switch {
	case c.Institution == "":
		side = score.Central
	case counts.Responsible == membership.BySector, counts.Responsible == membership.ByCoordination:
		side = score.Without
	}
	if !in(c, side) {
		return nil
	}
	f.Received++
	if ack.ID != "" {
		f.Acknowledged++
		if ack.Stopped.Before(ack.Due) {
			f.AckInTime++
		}
	}
	var err error
	switch {
	case !c.FirstAnswer.IsZero():
		err = naiveAnswered(tx, f, c, first)
	case c.State == cases.Closed:
		f.Closed++
		*map[cases.Reason]*int{cases.OffTopic: &f.OffTopic, cases.Withdrawn: &f.Withdrawn, cases.Unanswered: &f.Lapsed}[c.Reason]++
		if !last.Stopped.Before(last.Due) {
			f.ClosedLate++
		}
	default:
		f.Unanswered++
		if f.Oldest.IsZero() || c.Asked.Before(f.Oldest) {
			f.Oldest = c.Asked
		}
		if c.State == cases.NeedsInfo {
			f.Waiting++
		} else if !tx.Now.Before(last.Due) {
			f.Overdue++
		}
	}
	return err
}

func naiveAnswered(tx *db.Tx, f *score.Figures, c cases.Case, k cases.Clock) error {
	by, err := calendar.Restore(tx, k.Body, k.Calendar)
	if err != nil {
		return err
	}
	f.Answered++
	if k.Stopped.Before(k.Due) {
		f.InTime++
	} else {
		f.Late++
	}
	f.AnswerDays = counted(f.AnswerDays, max(0, by.DaysBetween(k.Started, k.Stopped)-k.PausedDays))
	if f.Outcomes == nil {
		f.Outcomes = map[cases.Outcome]int{}
	}
	f.Outcomes[c.Outcome]++
	switch {
	case c.Owed():
		f.Reopened++
		if c.State != cases.NeedsInfo && !c.Due.After(tx.Now) {
			f.ReopenedOverdue++
		}
	case c.State == cases.Resolved:
		f.Resolved++
		f.TotalDays = counted(f.TotalDays, by.DaysBetween(c.Asked, c.Settled))
	}
	return nil
}

// counted adds one to a list of days, in their order.
func counted(d score.Days, days int) score.Days {
	for i := range d {
		if d[i].Days == days {
			d[i].Count++
			return d
		}
	}
	d = append(d, score.DayCount{Days: days, Count: 1})
	slices.SortFunc(d, func(a, b score.DayCount) int { return a.Days - b.Days })
	return d
}

func TestTheFiguresReadStepByStepAreThoseMadeAgainAndThoseOfTheCasesThemselves(t *testing.T) {
	worlds(t, func(w *world) {
		n := 0
		live(w, 2026, func() {
			w.caughtUp()
			if n++; n%10 == 0 {
				compareFigures(w)
			}
		})
		w.caughtUp()
		before := w.dump()
		if len(before) < asked/2 {
			w.Fatalf("the life had %d cases", len(before))
		}
		compareFigures(w)
		// what nobody wrote and what somebody spoilt goes when all is made again
		w.as(personOf{}, func(tx *db.Tx) error {
			if _, err := tx.Exec(`UPDATE score_cases SET answer_days = 0, state = 'resolved', last_seq = last_seq + 1000000 WHERE kind = 'question'`); err != nil {
				return err
			}
			_, err := tx.Exec(`INSERT INTO score_cases (case_id, last_seq, standing, month) VALUES ('nadie', 1, 'public', '2026-01')`)
			return err
		})
		if _, err := w.scores.Rebuild(w.Context()); err != nil {
			w.Fatal(err)
		}
		if after := w.dump(); !slices.Equal(before, after) {
			for i := range min(len(before), len(after)) {
				if before[i] != after[i] {
					w.Fatalf("row %d\nread step by step %s\nmade again        %s", i, before[i], after[i])
				}
			}
			w.Fatalf("%d rows read step by step, %d made again", len(before), len(after))
		}
		compareFigures(w)
	})
}

type personOf = account.Person

// compareFigures holds the figures of every part to those counted naively.
func compareFigures(w *world) {
	w.Helper()
	check := func(name string, f score.Filter, in func(cases.Case, score.Side) bool) {
		w.Helper()
		var got score.Figures
		w.read(func(tx *db.Tx) (err error) { got, err = score.Total(tx, f); return err })
		if want := naive(w, in); !reflect.DeepEqual(got, want) {
			w.Errorf("%s\ngot  %+v\nwant %+v", name, got, want)
		}
	}
	check("all", score.Filter{}, func(cases.Case, score.Side) bool { return true })
	for _, i := range append([]institution.Institution{{}}, w.bodies...) {
		check("of "+i.Name, score.Filter{Bodies: []string{i.ID}}, func(c cases.Case, _ score.Side) bool { return c.Institution == i.ID })
	}
	for _, k := range cases.Kinds {
		check("kind "+string(k), score.Filter{Kind: k}, func(c cases.Case, _ score.Side) bool { return c.Kind == k })
	}
	for _, s := range score.Sides {
		check("side "+string(s), score.Filter{Side: s}, func(_ cases.Case, side score.Side) bool { return side == s })
	}
	compareTallies(w)
	zone, err := time.LoadLocation(institution.DefaultZone)
	if err != nil {
		w.Fatal(err)
	}
	month := w.db.Now().In(zone).AddDate(0, -1, 0).Format("2006-01")
	check("month "+month, score.Filter{Month: month}, func(c cases.Case, _ score.Side) bool { return c.Asked.In(zone).Format("2006-01") == month })
}

// compareTallies holds what is added up beforehand to what is counted case by case.
func compareTallies(w *world) {
	w.Helper()
	month := w.db.Now().AddDate(0, -1, 0).Format("2006-01")
	for _, by := range []score.By{score.InAll, score.ByInstitution, score.ByMonth, score.ByKind, score.BySide} {
		for _, f := range []score.Filter{{}, {Kind: cases.Question}, {Side: score.Without}, {Month: month}, {Month: month, Kind: cases.Quality},
			{Bodies: []string{w.bodies[0].ID}}, {Bodies: []string{""}, Kind: cases.Request}, {Bodies: []string{w.bodies[0].ID}, Month: month}} {
			var got, want []score.Line
			w.read(func(tx *db.Tx) (err error) {
				if got, err = score.Tally(tx, f, by); err == nil {
					want, err = score.TallyCases(tx, f, by)
				}
				return err
			})
			if len(got) != len(want) || len(got) > 0 && !reflect.DeepEqual(got, want) {
				w.Errorf("by %s of %+v\nadded up %+v\ncounted  %+v", by, f, got, want)
			}
		}
	}
}
