package main

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// table is a small rectangular text table with named columns.
type table struct {
	cols []string
	rows [][]string
}

func newTable(cols ...string) *table { return &table{cols: cols} }

// add appends a row; numbers are written plainly, NaN as an empty cell.
func (t *table) add(cells ...any) {
	row := make([]string, len(cells))
	for i, c := range cells {
		row[i] = cell(c)
	}
	if len(row) != len(t.cols) {
		panic(fmt.Sprintf("row of %d cells in a table of %d columns %v", len(row), len(t.cols), t.cols))
	}
	t.rows = append(t.rows, row)
}

func cell(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case int:
		return strconv.Itoa(v)
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return ""
		}
		return strconv.FormatFloat(v, 'f', -1, 64)
	default:
		return fmt.Sprint(v)
	}
}

// round keeps n decimals.
func round(v float64, n int) float64 {
	p := math.Pow(10, float64(n))
	return math.Round(v*p) / p
}

// sort orders the rows by the columns given, as text; codes are zero-padded
// and dates are ISO, so that text order is the right one.
func (t *table) sort(cols ...int) *table {
	slices.SortStableFunc(t.rows, func(a, b []string) int {
		for _, c := range cols {
			if d := cmp.Compare(a[c], b[c]); d != 0 {
				return d
			}
		}
		return 0
	})
	return t
}

// types names the kind of each column in the words of a data dictionary.
func (t *table) types() []string {
	out := make([]string, len(t.cols))
	for i := range t.cols {
		kind := ""
		for _, r := range t.rows {
			if r[i] == "" {
				continue
			}
			k := cellKind(r[i])
			switch {
			case kind == "" || kind == k:
				kind = k
			case (kind == "entero" && k == "decimal") || (kind == "decimal" && k == "entero"):
				kind = "decimal"
			default:
				kind = "texto"
			}
		}
		out[i] = cmp.Or(kind, "texto")
	}
	return out
}

func cellKind(s string) string {
	if _, err := time.Parse(time.DateOnly, s); err == nil {
		return "fecha"
	}
	if !isNumber(s) {
		return "texto"
	}
	if strings.Contains(s, ".") {
		return "decimal"
	}
	return "entero"
}

// records are rows of an input table that can be asked by column name.
type records struct {
	index map[string]int
	rows  [][]string
}

func (r *records) get(row []string, col string) string {
	i, ok := r.index[col]
	if !ok {
		panic("no column " + col)
	}
	return strings.TrimSpace(row[i])
}

func indexed(rows [][]string) *records {
	r := &records{index: map[string]int{}}
	if len(rows) == 0 {
		return r
	}
	for i, name := range rows[0] {
		r.index[strings.TrimSpace(strings.TrimPrefix(name, "\ufeff"))] = i
	}
	r.rows = rows[1:]
	return r
}

// tally adds up several measures per key; a key is a tuple of texts.
type tally struct {
	n int
	m map[string][]float64
}

func newTally(measures int) *tally { return &tally{n: measures, m: map[string][]float64{}} }

const keySep = "\x1f"

func (t *tally) add(measure int, v float64, key ...string) {
	k := strings.Join(key, keySep)
	s, ok := t.m[k]
	if !ok {
		s = make([]float64, t.n)
		t.m[k] = s
	}
	s[measure] += v
}

func (t *tally) get(key ...string) []float64 {
	if s, ok := t.m[strings.Join(key, keySep)]; ok {
		return s
	}
	return make([]float64, t.n)
}

// each visits the keys in text order.
func (t *tally) each(f func(key []string, sums []float64)) {
	for _, k := range sortedKeys(t.m) {
		f(strings.Split(k, keySep), t.m[k])
	}
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func whole(s string) int {
	s = strings.ReplaceAll(strings.TrimSpace(s), ",", "")
	if s == "" {
		return 0
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return 0
	}
	return int(math.Round(f))
}

func number(s string) float64 {
	f, err := strconv.ParseFloat(strings.ReplaceAll(strings.TrimSpace(s), ",", ""), 64)
	if err != nil {
		return math.NaN()
	}
	return f
}

func ratio(a, b float64, scale float64, decimals int) float64 {
	if b == 0 {
		return math.NaN()
	}
	return round(a/b*scale, decimals)
}
