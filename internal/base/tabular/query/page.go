package query

import (
	"encoding/json"
	"math"
	"math/big"
	"slices"
	"strconv"
	"time"

	"plaza/internal/base/tabular"
)

// Page makes a page of the rows that the statement of Rows gave, in its order, a cell
// for each of its columns. It takes off the row too many, turns round what was read
// backwards, shows the text of cells that do not fit, and says where to go on.
func Page(q tabular.Query, s SQL, rows [][]tabular.Cell) tabular.Page {
	more := s.Limit > 0 && len(rows) > s.Limit
	if more {
		rows = rows[:s.Limit]
	}
	if s.Back {
		rows = slices.Clone(rows)
		slices.Reverse(rows)
	}
	page := tabular.Page{Rows: make([][]tabular.Cell, 0, len(rows)), Numbers: make([]int64, 0, len(rows))}
	for _, i := range s.Shown {
		page.Columns = append(page.Columns, s.Columns[i].Name)
	}
	for _, row := range rows {
		page.Rows = append(page.Rows, s.Cells(row))
		page.Numbers = append(page.Numbers, s.number(row))
	}
	if q.Counted && q.Key == nil {
		page.Count = s.count(rows, more)
	}
	if len(rows) == 0 {
		return page
	}
	if more || s.Back {
		page.Next = s.position(rows[len(rows)-1], false)
	}
	if more && s.Back || !s.Back && q.Key != nil && q.Key.Row > 0 {
		page.Before = s.position(rows[0], true)
	}
	return page
}

// GroupsOf makes the answer of what the statement of Groups gave.
func GroupsOf(s SQL, rows [][]tabular.Cell) tabular.Groups {
	out := tabular.Groups{Rows: rows}
	if s.Limit > 0 && len(rows) > s.Limit {
		out.Rows, out.More = rows[:s.Limit], true
	}
	for _, c := range s.Columns {
		out.Columns = append(out.Columns, c.Name)
	}
	return out
}

// Cells are the cells of a row that are shown, with the text of those that do not fit.
func (s SQL) Cells(row []tabular.Cell) []tabular.Cell {
	var odd map[string]string
	if s.Odd >= 0 && !row[s.Odd].Null && row[s.Odd].Text != "" {
		// our own engine wrote it; a row of a file that was tampered with shows less
		_ = json.Unmarshal([]byte(row[s.Odd].Text), &odd)
	}
	out := make([]tabular.Cell, len(s.Shown))
	for i, at := range s.Shown {
		out[i] = row[at]
		if text, ok := odd[s.Columns[at].Name]; ok && row[at].Null {
			out[i] = tabular.Cell{Text: text, Odd: true}
		}
	}
	return out
}

// count is how many rows there are in all, by the first ones of them; nil when these do not
// tell it.
func (s SQL) count(rows [][]tabular.Cell, more bool) *int64 {
	n := int64(len(rows))
	if more {
		if s.Count == 0 {
			return nil
		}
		n, _ = strconv.ParseInt(rows[0][s.Count].Text, 10, 64) // the engine's own integer
	}
	return &n
}

func (s SQL) number(row []tabular.Cell) int64 {
	if s.Row < 0 {
		return 0
	}
	n, _ := strconv.ParseInt(row[s.Row].Text, 10, 64) // the engine's own integer
	return n
}

// position is where a row lies; without values where they could not be compared again
// or are too long for an address.
func (s SQL) position(row []tabular.Cell, back bool) *tabular.Position {
	pos := &tabular.Position{Row: s.number(row), Back: back}
	for _, at := range s.Keys {
		v := row[at]
		if _, ok := new(builder).exactly(v.Text, s.Columns[at].Type); !ok && !v.Null {
			pos.Values = nil
			return pos
		}
		pos.Values = append(pos.Values, tabular.Cell{Text: v.Text, Null: v.Null})
	}
	if size(pos.Values) > maxKeys {
		pos.Values = nil
	}
	return pos
}

// CellOf is the cell of a value as the engine's driver gives it for a result column.
// Numbers that are none (NaN, infinite) are no value. Geometries are the caller's to turn
// into GeoJSON.
func CellOf(v any, t tabular.Type) tabular.Cell {
	switch v := v.(type) {
	case string:
		return tabular.Cell{Text: v}
	case []byte:
		return tabular.Cell{Text: string(v)}
	case bool:
		return tabular.Cell{Text: strconv.FormatBool(v)}
	case int64:
		return tabular.Cell{Text: strconv.FormatInt(v, 10)}
	case int32:
		return tabular.Cell{Text: strconv.FormatInt(int64(v), 10)}
	case *big.Int:
		if v != nil {
			return tabular.Cell{Text: v.String()}
		}
	case float64:
		if !math.IsNaN(v) && !math.IsInf(v, 0) {
			return tabular.Cell{Text: Float(v)}
		}
	case time.Time:
		return tabular.Cell{Text: Instant(v, t)}
	}
	return tabular.Cell{Null: true}
}

// Float writes a number as cells have it: as many digits as tell it apart, with an
// exponent only where it would be very long.
func Float(v float64) string {
	if a := math.Abs(v); a != 0 && (a < 1e-7 || a >= 1e21) {
		return strconv.FormatFloat(v, 'e', -1, 64)
	}
	if v == 0 {
		v = 0 // "-0" would be another text for the same value
	}
	return strconv.FormatFloat(v, 'f', -1, 64)
}

// Instant writes a day, an instant or a time of day as cells have it.
func Instant(v time.Time, t tabular.Type) string {
	switch t {
	case tabular.Date:
		return v.UTC().Format("2006-01-02")
	case tabular.Time:
		return v.UTC().Format("15:04:05.999999")
	}
	return v.UTC().Format("2006-01-02T15:04:05.999999")
}
