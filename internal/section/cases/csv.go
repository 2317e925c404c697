package cases

import (
	"encoding/csv"
	"net/http"
	"strconv"
	"strings"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/text"
	"plaza/internal/base/web"
	"plaza/internal/civic/institution"
)

// exportPage is how many cases one read of the download holds in memory.
const exportPage = 500

// exportHead are the columns of the download: codes instead of words, and nobody's name.
var exportHead = []string{"folio", "kind", "state", "reason", "progress", "title", "text", "institution", "object_kind", "object_id", "dataset_id", "column", "row",
	"channel", "asked", "acknowledged", "answered", "settled", "due", "outcome", "answer", "supports", "reopened", "into", "url", "file_version", "view", "problem"}

// csv is all that a filter chooses, as a table for machines.
func (cs *Cases) csv(list listing) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		a := readAsk(list, r.URL)
		w.Header().Set("Content-Type", "text/csv; charset=utf-8")
		w.Header().Set("Content-Disposition", `attachment; filename="`+strings.TrimPrefix(list.Path, "/")+`.csv"`)
		if r.Method == http.MethodHead {
			w.WriteHeader(http.StatusOK)
			return nil
		}
		out := csv.NewWriter(w)
		if err := out.Write(exportHead); err != nil {
			return err
		}
		for after := (Key{}); ; {
			var rows [][]string
			if err := cs.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
				rows, after, err = cs.rows(tx, a, after)
				return err
			}); err != nil {
				return err
			}
			for _, row := range rows {
				if err := out.Write(row); err != nil {
					return err
				}
			}
			if out.Flush(); out.Error() != nil || len(rows) < exportPage {
				return out.Error()
			}
		}
	}
}

// rows are the next rows of the download after a place.
func (cs *Cases) rows(tx *db.Tx, a ask, after Key) ([][]string, Key, error) {
	bodies, err := a.named(tx)
	if err != nil {
		return nil, after, err
	}
	list, err := List(tx, a.filter(bodies), Newest, after, exportPage)
	if err != nil || len(list) == 0 {
		return nil, after, err
	}
	owners, err := ownersOf(tx, list)
	if err != nil {
		return nil, after, err
	}
	var answered []string
	for _, c := range list {
		if c.Answer != "" {
			answered = append(answered, c.ID)
		}
	}
	answers, err := answersTo(tx, answered)
	if err != nil {
		return nil, after, err
	}
	into, err := foliosInto(tx, list)
	rows := make([][]string, len(list))
	for i, c := range list {
		rows[i] = cs.row(c, owners[c.Institution], answers[c.ID], into[c.Into])
	}
	return rows, KeyOf(list[len(list)-1], Newest), err
}

// foliosInto are the folios of the public cases into which others were merged, by id.
func foliosInto(tx *db.Tx, list []Case) (map[string]string, error) {
	var ids []string
	for _, c := range list {
		if c.Into != "" {
			ids = append(ids, c.Into)
		}
	}
	found, err := ByIDs(tx, ids...)
	out := map[string]string{}
	for _, c := range found {
		if c.Public() {
			out[c.ID] = c.Folio
		}
	}
	return out, err
}

// row is one case.
func (cs *Cases) row(c Case, owner institution.Institution, a Answer, into string) []string {
	said := a.Summary
	if said == "" {
		said = text.PlainText(a.Body)
	}
	row := []string{c.Folio, string(c.Kind), string(c.State), string(c.Reason), string(c.Progress), c.Title, text.PlainText(c.Body), owner.Slug,
		c.On.Ref.Kind, c.On.Ref.ID, c.On.Dataset, c.On.Column, c.On.Row, string(c.Channel), stamp(c.Asked), stamp(c.Acknowledged), stamp(c.FirstAnswer),
		stamp(c.Settled), stamp(c.Due), string(c.Outcome), said, strconv.Itoa(c.Supports), strconv.Itoa(c.Reopenings), into, cs.shell.URL(c.Path()),
		versionText(c.On.Version), c.On.View, c.On.Code}
	for i, s := range row {
		row[i] = inert(s)
	}
	return row
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// inert is a cell that no spreadsheet takes for a formula.
func inert(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}
