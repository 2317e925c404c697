package cases_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/civic/account"
	"plaza/internal/civic/calendar"
	"plaza/internal/civic/record"
	"plaza/internal/section/cases"
)

// The cases of this file were counted by hand on printed calendars of 2024 to 2028: the
// comment of each says which days were counted, and what was left out in parentheses.

// lawful counts in a zone by the days of law from 2024 to 2028, and by others.
func lawful(t *testing.T, zone string, more ...string) calendar.Business {
	t.Helper()
	z, err := time.LoadLocation("America/" + zone)
	if err != nil {
		t.Fatal(err)
	}
	var days []calendar.Day
	for year := 2024; year <= 2028; year++ {
		days = append(days, calendar.ByLaw(year)...)
	}
	for _, date := range more {
		days = append(days, calendar.Day{Date: date, Reason: "Propio de la institución"})
	}
	return calendar.NewBusiness(z, "mx-federal@1", days...)
}

// local reads an instant by the clock of a zone.
func local(t *testing.T, by calendar.Business, s string) time.Time {
	t.Helper()
	for _, layout := range []string{"2006-01-02 15:04:05.000", "2006-01-02 15:04"} {
		if at, err := time.ParseInLocation(layout, s, by.Zone); err == nil {
			return at.UTC()
		}
	}
	t.Fatalf("%q is no instant", s)
	return time.Time{}
}

// holyWeek is what many institutions add to the days of law in 2026: Maundy Thursday and
// Good Friday, which are in no law.
var holyWeek = []string{"2026-04-02", "2026-04-03"}

func TestClocksAreDueWhenAPrintedCalendarSays(t *testing.T) {
	const mx = "Mexico_City"
	for _, c := range []struct {
		name, zone, sent string
		days             int
		last             string // the last day that is in time
		late             string // the first moment that is late, UTC; "" where the zone says nothing of interest
		own              []string
	}{
		// Monday 23 November 2026 is day zero.
		{"one day", mx, "2026-11-23 10:00", 1, "2026-11-24", "", nil},                                               // Tue 24
		{"two days", mx, "2026-11-23 10:00", 2, "2026-11-25", "2026-11-26T06:00:00Z", nil},                          // Tue 24, Wed 25; UTC-6
		{"five days over a weekend", mx, "2026-11-23 10:00", 5, "2026-11-30", "", nil},                              // 24 25 26 27 (28 29) 30
		{"ten days", mx, "2026-11-25 09:00", 10, "2026-12-09", "", nil},                                             // 26 27 30 | 1 2 3 4 7 8 9
		{"twenty days", mx, "2026-11-25 09:00", 20, "2026-12-23", "", nil},                                          // and 10 11 14 15 16 17 18 21 22 23
		{"to the eve of Christmas", mx, "2026-11-25 09:00", 21, "2026-12-24", "", nil},                              // 24 is a working day
		{"over Christmas and its weekend", mx, "2026-11-25 09:00", 22, "2026-12-28", "", nil},                       // (25 Fri, 26 27) 28
		{"no days at all", mx, "2026-11-23 10:00", 0, "2026-11-23", "2026-11-24T06:00:00Z", nil},                    // the day itself
		{"sent on a Saturday", mx, "2026-11-21 10:00", 1, "2026-11-23", "", nil},                                    // (22) Mon 23
		{"sent in the last minute of a Sunday", mx, "2026-11-22 23:59", 1, "2026-11-23", "", nil},                   // Mon 23
		{"sent on a holiday", mx, "2026-11-16 09:00", 1, "2026-11-17", "", nil},                                     // Mon 16 is day zero all the same
		{"over a long weekend", mx, "2026-11-13 10:00", 1, "2026-11-17", "", nil},                                   // (14 15, Mon 16) Tue 17
		{"five days over a long weekend", mx, "2026-11-13 10:00", 5, "2026-11-23", "", nil},                         // (16) 17 18 19 20 (21 22) 23
		{"the last millisecond of a day", mx, "2026-11-23 23:59:59.999", 1, "2026-11-24", "", nil},                  // still Monday
		{"the first millisecond after it", mx, "2026-11-24 00:00:00.000", 1, "2026-11-25", "", nil},                 // Tuesday is day zero
		{"over the end of 2026", mx, "2026-12-30 10:00", 2, "2027-01-04", "", nil},                                  // Thu 31 (Fri 1, 2 3) Mon 4
		{"from the eve of Christmas 2026", mx, "2026-12-24 10:00", 1, "2026-12-28", "", nil},                        // (25 26 27) Mon 28
		{"in the last minute of 2026", mx, "2026-12-31 23:59", 1, "2027-01-04", "", nil},                            // (1 2 3) Mon 4
		{"over Christmas 2024", mx, "2024-12-24 10:00", 1, "2024-12-26", "", nil},                                   // (Wed 25) Thu 26
		{"over New Year 2025", mx, "2024-12-31 10:00", 1, "2025-01-02", "", nil},                                    // (Wed 1) Thu 2
		{"the last five days of 2024", mx, "2024-12-23 10:00", 5, "2024-12-31", "", nil},                            // 24 (25) 26 27 (28 29) 30 31
		{"and one more", mx, "2024-12-23 10:00", 6, "2025-01-02", "", nil},                                          // (Wed 1) Thu 2
		{"over Christmas 2025", mx, "2025-12-24 10:00", 1, "2025-12-26", "", nil},                                   // (Thu 25) Fri 26
		{"over New Year 2026", mx, "2025-12-31 10:00", 1, "2026-01-02", "", nil},                                    // (Thu 1) Fri 2
		{"the Constitution's Monday", mx, "2026-01-30 10:00", 1, "2026-02-03", "", nil},                             // (31 1, Mon 2) Tue 3
		{"when the federal power changes hands", mx, "2024-09-30 10:00", 1, "2024-10-02", "", nil},                  // (Tue 1) Wed 2
		{"Independence on a Monday", mx, "2024-09-13 10:00", 1, "2024-09-17", "", nil},                              // (14 15, Mon 16) Tue 17
		{"Labour Day on a Friday", mx, "2026-04-30 10:00", 1, "2026-05-04", "", nil},                                // (Fri 1, 2 3) Mon 4
		{"Labour Day on a Thursday", mx, "2025-04-30 10:00", 1, "2025-05-02", "", nil},                              // (Thu 1) Fri 2
		{"Labour Day on a Saturday", mx, "2027-04-30 10:00", 1, "2027-05-03", "", nil},                              // (Sat 1, 2) Mon 3: nothing is moved
		{"Independence on a Wednesday", mx, "2026-09-15 10:00", 1, "2026-09-17", "", nil},                           // (Wed 16) Thu 17
		{"Juárez' Monday", mx, "2026-03-13 10:00", 1, "2026-03-17", "", nil},                                        // (14 15, Mon 16) Tue 17
		{"to a leap day", mx, "2024-02-28 10:00", 1, "2024-02-29", "", nil},                                         // Thu 29
		{"from a leap day", mx, "2024-02-29 10:00", 1, "2024-03-01", "", nil},                                       // Fri 1
		{"to the leap day of 2028", mx, "2028-02-28 10:00", 1, "2028-02-29", "", nil},                               // Tue 29
		{"no leap day in 2026", mx, "2026-02-27 10:00", 1, "2026-03-02", "", nil},                                   // (28 1) Mon 2
		{"Christmas 2028 on a Monday", mx, "2028-12-22 10:00", 1, "2028-12-26", "", nil},                            // (23 24, Mon 25) Tue 26
		{"the longest term", mx, "2026-01-05 10:00", 120, "2026-06-25", "", nil},                                    // 24 weeks to Mon 22 June; (2 Feb, 16 Mar, 1 May) make 3 more
		{"Holy Week is in no law", mx, "2026-04-01 10:00", 1, "2026-04-02", "", nil},                                // Thu 2
		{"where an institution adds it", mx, "2026-04-01 10:00", 1, "2026-04-06", "", holyWeek},                     // (Thu 2, Fri 3, 4 5) Mon 6
		{"five days over Holy Week", mx, "2026-03-27 10:00", 5, "2026-04-07", "", holyWeek},                         // 30 31 1 (2 3 4 5) 6 7
		{"sent on Good Friday", mx, "2026-04-03 10:00", 1, "2026-04-06", "", holyWeek},                              // Mon 6
		{"Tijuana before summer time", "Tijuana", "2026-03-05 16:00", 1, "2026-03-06", "2026-03-07T08:00:00Z", nil}, // UTC-8
		{"Tijuana over its beginning", "Tijuana", "2026-03-06 16:00", 1, "2026-03-09", "2026-03-10T07:00:00Z", nil}, // on Sun 8; UTC-7 then
		{"the midnight before it", "Tijuana", "2026-03-07 10:00", 0, "2026-03-07", "2026-03-08T08:00:00Z", nil},     // it begins at two
		{"the day of 23 hours", "Tijuana", "2026-03-08 01:59", 0, "2026-03-08", "2026-03-09T07:00:00Z", nil},
		{"Tijuana over its end", "Tijuana", "2026-10-30 16:00", 1, "2026-11-02", "2026-11-03T08:00:00Z", nil}, // on Sun 1 Nov; UTC-8 again
		{"the day of 25 hours", "Tijuana", "2026-11-01 01:30", 0, "2026-11-01", "2026-11-02T08:00:00Z", nil},
		{"Ciudad Juárez over its beginning", "Ciudad_Juarez", "2026-03-06 16:00", 1, "2026-03-09", "2026-03-10T06:00:00Z", nil}, // UTC-7, UTC-6 then
		{"Ciudad Juárez over its end", "Ciudad_Juarez", "2026-10-30 16:00", 1, "2026-11-02", "2026-11-03T07:00:00Z", nil},
		{"Hermosillo has none", "Hermosillo", "2026-03-06 16:00", 1, "2026-03-09", "2026-03-10T07:00:00Z", nil}, // UTC-7 all the year
		{"Cancún is an hour ahead", "Cancun", "2026-11-23 10:00", 1, "2026-11-24", "2026-11-25T05:00:00Z", nil}, // UTC-5
		// One instant, 05:30 UTC of Tuesday 24 November, is Tuesday in Cancún only.
		{"half past five UTC in Cancún", "Cancun", "2026-11-24 00:30", 1, "2026-11-25", "", nil},   // Wed 25
		{"half past five UTC in Mexico", mx, "2026-11-23 23:30", 1, "2026-11-24", "", nil},         // Tue 24
		{"half past five UTC in Tijuana", "Tijuana", "2026-11-23 21:30", 1, "2026-11-24", "", nil}, // Tue 24
	} {
		t.Run(c.name, func(t *testing.T) {
			by := lawful(t, c.zone, c.own...)
			k := cases.Start(cases.ToAnswer, "question@1", c.days, by, local(t, by, c.sent))
			if got := k.LastDay().In(by.Zone).Format(time.DateOnly); got != c.last {
				t.Errorf("the last day is %s, want %s", got, c.last)
			}
			if got := k.Due.Format(time.RFC3339); c.late != "" && got != c.late {
				t.Errorf("it is late from %s on, want %s", got, c.late)
			}
			if got := k.Due.In(by.Zone).Format("15:04:05.000"); got != "00:00:00.000" {
				t.Errorf("it is late from %s on, which is no midnight", got)
			}
			if !k.InTime(k.Due.Add(-time.Millisecond)) || k.InTime(k.Due) {
				t.Error("the last millisecond is late, or the first after it in time")
			}
			if used := k.Used(by, k.LastDay()); used != c.days {
				t.Errorf("on its last day it has run for %d days, want %d", used, c.days)
			}
		})
	}
}

func TestWorkingDaysBetweenAreThoseOfAPrintedCalendar(t *testing.T) {
	const mx = "Mexico_City"
	for _, c := range []struct {
		name, zone, from, to string
		want                 int
		own                  []string
	}{
		{"within a day", mx, "2026-11-23 09:00", "2026-11-23 18:00", 0, nil},
		{"over a midnight", mx, "2026-11-23 23:59:59.999", "2026-11-24 00:00:00.000", 1, nil}, // Tue 24
		{"over a weekend", mx, "2026-11-20 09:00", "2026-11-23 09:00", 1, nil},                // (21 22) 23
		{"over a long weekend", mx, "2026-11-13 09:00", "2026-11-17 09:00", 1, nil},           // (14 15 16) 17
		{"within a weekend", mx, "2026-11-21 09:00", "2026-11-22 09:00", 0, nil},
		{"from a weekend", mx, "2026-11-21 09:00", "2026-11-23 00:00", 1, nil},                  // Mon 23
		{"over the end of a year", mx, "2026-12-24 09:00", "2027-01-04 09:00", 5, nil},          // (25 26 27) 28 29 30 31 (1 2 3) 4
		{"backwards", mx, "2026-11-24 09:00", "2026-11-23 09:00", 0, nil},                       // nothing
		{"from holiday to holiday", mx, "2026-11-16 09:00", "2026-12-25 09:00", 28, nil},        // 17-20: 4, four weeks from 23: 20, 21-24: 4
		{"over Holy Week", mx, "2026-04-01 09:00", "2026-04-08 09:00", 3, holyWeek},             // (2 3 4 5) 6 7 8
		{"a whole year", mx, "2025-12-31 09:00", "2026-12-31 09:00", 254, nil},                  // 261 from Monday to Friday, 7 of them holidays
		{"over the day of 23 hours", "Tijuana", "2026-03-08 00:30", "2026-03-09 00:30", 1, nil}, // Mon 9
		{"over the day of 25 hours", "Tijuana", "2026-10-31 23:30", "2026-11-02 00:10", 1, nil}, // (1) Mon 2
		{"a minute later in Cancún", "Cancun", "2026-11-23 23:59", "2026-11-24 00:00", 1, nil},  // Tue 24
		{"the same minute in Mexico", mx, "2026-11-23 22:59", "2026-11-23 23:00", 0, nil},       // still Monday
	} {
		t.Run(c.name, func(t *testing.T) {
			by := lawful(t, c.zone, c.own...)
			if got := by.DaysBetween(local(t, by, c.from), local(t, by, c.to)); got != c.want {
				t.Errorf("%d days, want %d", got, c.want)
			}
		})
	}
}

func TestPausesAndExtensionsMoveADueDateAsAPrintedCalendarSays(t *testing.T) {
	// November: Wednesday 25 and ten days are Wednesday 9 December.
	// Christmas: Monday 14 December and ten days (25 26 27) are Tuesday 29.
	const november, christmas = "2026-11-25 09:00", "2026-12-14 09:00"
	for _, c := range []struct {
		name, sent string
		acts       []string
		last       string
		paused     int
	}{
		{"a pause of four days", november, []string{"pause 2026-11-30 10:00", "resume 2026-12-04 10:00"}, "2026-12-15", 4},                                            // 1 2 3 4; then 10 11 (12 13) 14 15
		{"within a day", november, []string{"pause 2026-11-30 10:00", "resume 2026-11-30 17:00"}, "2026-12-09", 0},                                                    // none
		{"over a weekend", november, []string{"pause 2026-12-04 18:00", "resume 2026-12-07 09:00"}, "2026-12-10", 1},                                                  // (5 6) 7; then 10
		{"within a weekend", november, []string{"pause 2026-12-05 10:00", "resume 2026-12-06 10:00"}, "2026-12-09", 0},                                                // none
		{"over Christmas", christmas, []string{"pause 2026-12-24 10:00", "resume 2026-12-28 10:00"}, "2026-12-30", 1},                                                 // (25 26 27) 28; then 30
		{"over the end of the year", christmas, []string{"pause 2026-12-23 10:00", "resume 2027-01-05 10:00"}, "2027-01-08", 7},                                       // 24 28 29 30 31 4 5; then 30 31 4 5 6 7 8
		{"on a holiday", christmas, []string{"pause 2026-12-25 10:00", "resume 2026-12-25 18:00"}, "2026-12-29", 0},                                                   // none
		{"two pauses", november, []string{"pause 2026-11-26 10:00", "resume 2026-11-27 10:00", "pause 2026-12-01 10:00", "resume 2026-12-03 10:00"}, "2026-12-14", 3}, // 27; 2 3: then 10, 11 14
		{"an extension of five", november, []string{"extend 5"}, "2026-12-16", 0},                                                                                     // 10 11 14 15 16
		{"of its own length", november, []string{"extend 10"}, "2026-12-23", 0},                                                                                       // and 17 18 21 22 23
		{"over New Year", christmas, []string{"extend 3"}, "2027-01-04", 0},                                                                                           // 30 31 (1 2 3) 4
		{"and then a pause", november, []string{"extend 5", "pause 2026-12-14 10:00", "resume 2026-12-16 10:00"}, "2026-12-18", 2},                                    // 15 16; then 17 18
		{"and a pause before", november, []string{"pause 2026-11-30 10:00", "resume 2026-12-01 10:00", "extend 5"}, "2026-12-17", 1},                                  // 1: Thu 10; then 11 14 15 16 17
		{"a reply on the last day", november, []string{"pause 2026-12-09 10:00", "resume 2026-12-10 10:00"}, "2026-12-10", 1},                                         // 10; then 10
		{"resumed without a pause", november, []string{"resume 2026-12-04 10:00"}, "2026-12-09", 0},                                                                   // nothing
	} {
		t.Run(c.name, func(t *testing.T) {
			by := lawful(t, "Mexico_City")
			k := cases.Start(cases.ToAnswer, "question@1", 10, by, local(t, by, c.sent))
			promised := k.Promised
			for _, a := range c.acts {
				what, rest, _ := strings.Cut(a, " ")
				switch what {
				case "pause":
					k.Pause(local(t, by, rest))
					if state := k.At(local(t, by, "2027-06-01 00:00")); state != cases.Paused {
						t.Errorf("while it stands still it is %s", state)
					}
				case "resume":
					k.Resume(by, local(t, by, rest))
				case "extend":
					n, err := strconv.Atoi(rest)
					if err != nil {
						t.Fatal(err)
					}
					k.Extend(by, n)
				}
			}
			if got := k.LastDay().In(by.Zone).Format(time.DateOnly); got != c.last || k.PausedDays != c.paused {
				t.Errorf("the last day is %s after %d days still, want %s after %d", got, k.PausedDays, c.last, c.paused)
			}
			if k.Promised != promised {
				t.Errorf("what was promised at first moved to %s", k.Promised)
			}
			if used := k.Used(by, k.LastDay()); used != k.Days+k.Extended {
				t.Errorf("on its last day it has run for %d days, want %d", used, k.Days+k.Extended)
			}
		})
	}
}

func TestWhatIsLeftAndWhatIsLate(t *testing.T) {
	by := lawful(t, "Mexico_City")
	k := cases.Start(cases.ToAnswer, "question@1", 10, by, local(t, by, "2026-11-25 09:00")) // to Wednesday 9 December
	friday := cases.Start(cases.ToAnswer, "question@1", 7, by, local(t, by, "2026-11-25 09:00"))
	for _, c := range []struct {
		name             string
		clock            cases.Clock
		at               string
		left, late, used int
		state            cases.ClockState
	}{
		{"when it is sent", k, "2026-11-25 09:00", 10, 0, 0, cases.Running},
		{"later that day", k, "2026-11-25 23:59", 10, 0, 0, cases.Running},
		{"on the next", k, "2026-11-26 00:00", 9, 0, 1, cases.Running},
		{"on a Friday", k, "2026-12-04 12:00", 3, 0, 7, cases.Running},   // 7 8 9 are left
		{"on a Saturday", k, "2026-12-05 12:00", 3, 0, 7, cases.Running}, // the same
		{"on the day before", k, "2026-12-08 12:00", 1, 0, 9, cases.Running},
		{"on the last day", k, "2026-12-09 00:00", 0, 0, 10, cases.Running},
		{"in its last millisecond", k, "2026-12-09 23:59:59.999", 0, 0, 10, cases.Running},
		{"in the first after it", k, "2026-12-10 00:00:00.000", 0, 1, 11, cases.Overdue},
		{"four days late", k, "2026-12-15 23:59", 0, 4, 14, cases.Overdue}, // 10 11 14 15
		{"five days late", k, "2026-12-16 00:00", 0, 5, 15, cases.Overdue},
		{"over Christmas", k, "2026-12-28 12:00", 0, 12, 22, cases.Overdue}, // 10 11, 14-18, 21-24, 28
		{"a Friday's clock on Saturday", friday, "2026-12-05 00:00", 0, 0, 7, cases.Overdue},
		{"and on Monday", friday, "2026-12-07 00:00", 0, 1, 8, cases.Overdue},
	} {
		t.Run(c.name, func(t *testing.T) {
			at := local(t, by, c.at)
			if left, late, used := c.clock.Left(by, at), c.clock.LateBy(by, at), c.clock.Used(by, at); left != c.left || late != c.late || used != c.used {
				t.Errorf("%d left, %d late, %d used; want %d, %d, %d", left, late, used, c.left, c.late, c.used)
			}
			if state := c.clock.At(at); state != c.state {
				t.Errorf("it is %s, want %s", state, c.state)
			}
		})
	}
}

// A day that is declared after a clock began moves neither its due date nor what an
// extension makes of it; clocks that begin later count by it.
func TestAHolidayAddedAfterwardsMovesNoClockThatRuns(t *testing.T) {
	worlds(t, func(w *world) {
		before := w.ask(w.ana, w.form()) // Wednesday 25 November: to Wednesday 9 December
		w.as(account.Person{}, func(tx *db.Tx) error {
			_, err := calendar.Edit(tx, calendar.Federal, "mx-federal", 1, calendar.Change{Add: []calendar.Day{
				{Date: "2026-12-07", Reason: "Suspensión"}, {Date: "2026-12-10", Reason: "Suspensión"}}})
			return err
		})
		after := w.ask(w.ana, w.form())
		for _, c := range []struct {
			asked cases.Case
			want  string
		}{{before, "2026-12-09"}, {after, "2026-12-11"}} { // (7, 10): one day later each
			if got := w.clock(c.asked).LastDay().In(time.FixedZone("", -6*3600)).Format(time.DateOnly); got != c.want {
				w.Errorf("the last day is %s, want %s", got, c.want)
			}
		}
		c := w.must(w.enlace, func(tx *db.Tx) (cases.Case, []record.Act, error) {
			return w.cases.Extend(tx, before.ID, 1, "Falta un dato.")
		})
		if got := c.Due.In(time.FixedZone("", -6*3600)).Format("2006-01-02 15:04"); got != "2026-12-11 00:00" { // Thu 10, which was a working day then
			w.Errorf("extended, it is late from %s on", got)
		}
	})
}
