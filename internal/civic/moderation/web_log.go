package moderation

import (
	"encoding/csv"
	"net/http"
	"net/url"
	"slices"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/i18n"
	"plaza/internal/base/web"
	"plaza/internal/plaza"
)

// logPage is the public log of moderation: what was done and why, never to whom or to
// which words.
type logPage struct {
	web.Page
	Acts     []web.Option
	Months   []web.Option
	Act      string
	Month    string
	Rows     []logRow
	Counts   []countRow
	Empty    *web.Empty
	Pager    web.Pager
	Download string
}

type logRow struct{ Path, Number, When, ISO, Act, Kind, Reason, By, Appeal string }

type countRow struct{ Month, Held, Released, Refused, Hidden, Others string }

// shownMonths is how many months are counted on the page.
const shownMonths = 12

func (d *Desk) showLog(w http.ResponseWriter, r *http.Request) error {
	page := &logPage{Page: d.shell.Page(r, d.shell.Printer(r).T("moderation.log.title"))}
	l := page.L
	q := readLogged(r)
	since := page.Now.In(d.zone).AddDate(0, 1-shownMonths, 0).Format("2006-01")
	var all []Decision
	var counts []monthCount
	if err := d.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
		if all, err = publicLog(tx, q, perPage+1); err != nil {
			return err
		}
		counts, err = monthCounts(tx, since)
		return err
	}); err != nil {
		return err
	}
	page.Description = l.T("moderation.log.lead")
	page.Canonical, page.NoIndex = q.path(logPath), q != (logged{})
	page.Act, page.Month = string(q.Act), q.Month
	page.Pager.L = l
	if q.Before != "" {
		page.Pager.Prev = logged{Act: q.Act, Month: q.Month}.path(logPath)
	}
	if len(all) > perPage {
		all = all[:perPage]
		page.Pager.Next = logged{q.Act, q.Month, all[perPage-1].ID}.path(logPath)
	}
	for _, dec := range all {
		page.Rows = append(page.Rows, logLine(l, dec))
	}
	for _, m := range counts {
		page.Counts = append(page.Counts, countLine(l, m))
	}
	page.Acts, page.Months = d.logChoices(l, page.Now, firstMonth(counts))
	page.Download = logged{Act: q.Act, Month: q.Month}.path(logPath + ".csv")
	page.Alternates = []web.Alternate{{Type: "text/csv", Path: logPath + ".csv", Title: l.T("moderation.log.download")}}
	if len(page.Rows) == 0 {
		page.Empty = &web.Empty{Title: l.T("moderation.log.empty"), Text: l.T("moderation.log.empty.text")}
	}
	return d.shell.Render(w, r, http.StatusOK, "moderation/log", page)
}

// readLogged reads what an address asks for; what makes no sense asks for nothing.
func readLogged(r *http.Request) logged {
	q := logged{Act: Act(web.QueryText(r, "acto", 20)), Month: web.QueryText(r, "mes", 7), Before: web.QueryText(r, "antes", 36)}
	if !slices.Contains(Acts, q.Act) {
		q.Act = ""
	}
	if _, err := time.Parse("2006-01", q.Month); err != nil {
		q.Month = ""
	}
	if !plaza.IsID(q.Before) {
		q.Before = ""
	}
	return q
}

func (q logged) path(base string) string {
	v := url.Values{}
	for name, value := range map[string]string{"acto": string(q.Act), "mes": q.Month, "antes": q.Before} {
		if value != "" {
			v.Set(name, value)
		}
	}
	if len(v) == 0 {
		return base
	}
	return base + "?" + v.Encode()
}

func logLine(l *i18n.Printer, dec Decision) logRow {
	row := logRow{Path: dec.Path(), Number: dec.Number(), When: l.Date(dec.At), ISO: l.ISO(dec.At), Act: l.T("moderation.did." + string(dec.Act)),
		Kind: kindWords(l, dec.Object.Kind), Reason: l.T("moderation.reason." + dec.Reason), By: byWhom(l, dec)}
	if dec.Appeal != nil {
		row.Appeal = outcomeWords(l, dec.Appeal.Outcome)
	}
	return row
}

func countLine(l *i18n.Printer, m monthCount) countRow {
	others := 0
	for act, n := range m.Acts {
		if act != Release && act != Refuse && act != Hide {
			others += n
		}
	}
	return countRow{l.PartialDate(m.Month), l.Number(m.Held), l.Number(m.Acts[Release]), l.Number(m.Acts[Refuse]), l.Number(m.Acts[Hide]), l.Number(others)}
}

// firstMonth is the month of the first act of those counted; none is later than all.
func firstMonth(counts []monthCount) string {
	first := "9999-12"
	for _, m := range counts {
		first = min(first, m.Month)
	}
	return first
}

func (d *Desk) logChoices(l *i18n.Printer, now time.Time, since string) (acts, months []web.Option) {
	acts = []web.Option{{Label: l.T("moderation.log.all_acts")}}
	for _, a := range Acts {
		acts = append(acts, web.Option{Value: string(a), Label: l.T("moderation.did." + string(a))})
	}
	months = []web.Option{{Label: l.T("moderation.log.all_months")}}
	first := now.In(d.zone)
	first = time.Date(first.Year(), first.Month(), 1, 0, 0, 0, 0, d.zone)
	for i := range shownMonths {
		m := first.AddDate(0, -i, 0).Format("2006-01")
		if m < since {
			break
		}
		months = append(months, web.Option{Value: m, Label: l.PartialDate(m)})
	}
	return acts, months
}

// exportPage is how many decisions one read of the download holds in memory.
const exportPage = 1000

// logCSV is the log as a table for machines: codes instead of words.
func (d *Desk) logCSV(w http.ResponseWriter, r *http.Request) error {
	q := readLogged(r)
	q.Before = ""
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="moderacion.csv"`)
	if r.Method == http.MethodHead {
		w.WriteHeader(http.StatusOK)
		return nil
	}
	out := csv.NewWriter(w)
	if err := out.Write([]string{"decision", "at", "act", "object_kind", "reason", "decided_by", "appeal"}); err != nil {
		return err
	}
	for {
		var all []Decision
		if err := d.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
			all, err = publicLog(tx, q, exportPage)
			return err
		}); err != nil {
			return err
		}
		for _, dec := range all {
			by, appeal := string(dec.Role), ""
			if dec.Institution != "" {
				by = "institution"
			}
			if dec.Appeal != nil {
				if appeal = dec.Appeal.Outcome; appeal == "" {
					appeal = "waiting"
				}
			}
			if err := out.Write([]string{dec.Number(), dec.At.UTC().Format(time.RFC3339), string(dec.Act), dec.Object.Kind, dec.Reason, by, appeal}); err != nil {
				return err
			}
		}
		if out.Flush(); out.Error() != nil || len(all) < exportPage {
			return out.Error()
		}
		q.Before = all[len(all)-1].ID
	}
}
