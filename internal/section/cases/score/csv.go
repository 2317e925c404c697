package score

import (
	"context"
	"encoding/csv"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/civic/institution"
	"plaza/internal/section/cases"
)

// csvColumns are those of the download: one figure in each row. What is empty is all.
var csvColumns = []string{"institution", "institution_name", "month", "kind", "figure", "value", "sample"}

// measure is a figure of the download and the interface. A value without sample is a
// count; ok is false when there are too few cases for it.
type measure struct {
	Name string
	of   func(f Figures) (value, sample int, ok bool)
}

func countOf(name string, of func(f Figures) int) measure {
	return measure{name, func(f Figures) (int, int, bool) { return of(f), 0, true }}
}

func rankOf(name string, of func(f Figures) Days, percent int) measure {
	return measure{name, func(f Figures) (int, int, bool) {
		d := of(f)
		days, ok := d.Within(percent)
		return days, d.Count(), ok
	}}
}

// measures are all of them, in order.
var measures = []measure{
	countOf("received", func(f Figures) int { return f.Received }),
	countOf("brought", func(f Figures) int { return f.Brought }),
	countOf("answered", func(f Figures) int { return f.Answered }),
	countOf("answered_in_time", func(f Figures) int { return f.InTime }),
	countOf("answered_late", func(f Figures) int { return f.Late }),
	countOf("unanswered", func(f Figures) int { return f.Unanswered }),
	countOf("waiting", func(f Figures) int { return f.Waiting }),
	countOf("overdue", func(f Figures) int { return f.Overdue }),
	countOf("closed", func(f Figures) int { return f.Closed }),
	countOf("closed_late", func(f Figures) int { return f.ClosedLate }),
	countOf("duplicates", func(f Figures) int { return f.Duplicates }),
	countOf("reopened", func(f Figures) int { return f.Reopened }),
	countOf("reopened_overdue", func(f Figures) int { return f.ReopenedOverdue }),
	countOf("resolved", func(f Figures) int { return f.Resolved }),
	countOf("acknowledged", func(f Figures) int { return f.Acknowledged }),
	countOf("acknowledged_in_time", func(f Figures) int { return f.AckInTime }),
	{"share_in_time", func(f Figures) (int, int, bool) {
		p, ok := f.Share()
		return p, f.Judged(), ok
	}},
	rankOf("answer_days_median", func(f Figures) Days { return f.AnswerDays }, 50),
	rankOf("answer_days_p90", func(f Figures) Days { return f.AnswerDays }, 90),
	rankOf("total_days_median", func(f Figures) Days { return f.TotalDays }, 50),
	rankOf("total_days_p90", func(f Figures) Days { return f.TotalDays }, 90),
}

// csv is every figure of every institution, in all, by month and by kind.
func (s *Scores) csv(w http.ResponseWriter, r *http.Request) error {
	rows, err := s.rows(r.Context())
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="respuestas.csv"`)
	w.Header().Set("Link", "<"+s.shell.URL(Path+"-diccionario.csv")+`>; rel="describedby"; type="text/csv"`)
	if r.Method == http.MethodHead {
		w.WriteHeader(http.StatusOK)
		return nil
	}
	out := csv.NewWriter(w)
	if err := out.Write(csvColumns); err != nil {
		return fmt.Errorf("writing the figures: %w", err)
	}
	for _, row := range rows {
		if err := row.write(out); err != nil {
			return fmt.Errorf("writing the figures: %w", err)
		}
	}
	out.Flush()
	return out.Error()
}

// dataRow is the figures of one place of the download.
type dataRow struct {
	slug, name, month, kind string
	Figures
}

func (d dataRow) write(out *csv.Writer) error {
	put := func(figure string, value, sample int, sampled bool) error {
		n := ""
		if sampled {
			n = strconv.Itoa(sample)
		}
		return out.Write([]string{d.slug, d.name, d.month, d.kind, figure, strconv.Itoa(value), n})
	}
	for _, m := range measures {
		value, sample, ok := m.of(d.Figures)
		if !ok {
			continue
		}
		if err := put(m.Name, value, sample, sample > 0); err != nil {
			return err
		}
	}
	for _, o := range sortedOutcomes(d.Outcomes) {
		if err := put("outcome_"+o, d.Outcomes[cases.Outcome(o)], 0, false); err != nil {
			return err
		}
	}
	return nil
}

// rows reads all figures at one moment.
func (s *Scores) rows(ctx context.Context) (out []dataRow, err error) {
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		all, err := institution.All(tx)
		if err != nil {
			return err
		}
		names := map[string]named{"": {"", slugCentral, ""}}
		for _, i := range all {
			names[i.ID] = named{i.ID, i.Slug, i.Name}
		}
		total, err := Total(tx, Filter{})
		if err != nil {
			return err
		}
		out = append(out, dataRow{Figures: total})
		for _, by := range []By{ByInstitution, byCell} {
			lines, err := Tally(tx, Filter{}, by)
			if err != nil {
				return err
			}
			for _, line := range lines {
				d := dataRow{Figures: line.Figures}
				of := strings.Split(line.Of, " ")
				if by == byCell {
					d.month, d.kind = of[1], of[2]
				}
				d.slug, d.name = names[of[0]].Slug, names[of[0]].Name
				out = append(out, d)
			}
		}
		return nil
	})
	return out, err
}

// dictionary says what the columns and figures of the download are.
func (s *Scores) dictionary(w http.ResponseWriter, r *http.Request) error {
	l := s.shell.Printer(r)
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="respuestas-diccionario.csv"`)
	out := csv.NewWriter(w)
	rows := [][]string{{"field", "name", "meaning"}}
	for _, c := range csvColumns {
		rows = append(rows, []string{"column", c, l.T("score.csv." + c)})
	}
	for _, m := range measures {
		rows = append(rows, []string{"figure", m.Name, l.T("score.measure."+m.Name, "least", Least)})
	}
	rows = append(rows, []string{"figure", "outcome_…", l.T("score.measure.outcome")})
	if err := out.WriteAll(rows); err != nil {
		return fmt.Errorf("writing what the figures mean: %w", err)
	}
	return nil
}

// ended reports whether a month has ended.
func ended(month string, now time.Time) bool { return month < monthOf(now) }

// endOf is when a month ended.
func endOf(month string) time.Time {
	t, err := time.ParseInLocation("2006-01", month, zone)
	if err != nil {
		return time.Time{}
	}
	return t.AddDate(0, 1, 0)
}

// newest are at most n months that have ended, newest first.
func newest(lines []Line, now time.Time, n int) []Line {
	lines = slices.DeleteFunc(slices.Clone(lines), func(l Line) bool { return !ended(l.Of, now) })
	slices.Reverse(lines)
	return lines[:min(n, len(lines))]
}
