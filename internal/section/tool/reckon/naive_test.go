package reckon_test

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"plaza/internal/base/tabular"
	"plaza/internal/base/tabular/place"
	"plaza/internal/section/tool/reckon"
	"plaza/internal/section/tool/spec"
)

// sample is rows of text beside the table that the engine has of them; "" is no value.
type sample struct {
	names []string
	rows  []map[string]string
}

func newSample(r *rand.Rand, n int) sample {
	s := sample{names: []string{"dia", "tipo", "sexo", "cve_ent", "monto", "piezas"}}
	for range n {
		row := map[string]string{
			"dia": fmt.Sprintf("20%02d-%02d-%02d", 19+r.IntN(4), 1+r.IntN(12), 1+r.IntN(28)), "tipo": "tipo " + string(rune('a'+min(r.IntN(14), r.IntN(14)))),
			"sexo": []string{"hombre", "mujer"}[r.IntN(2)], "cve_ent": fmt.Sprintf("%02d", 1+r.IntN(34)),
			"monto": strconv.FormatFloat(float64(r.IntN(4000)-500)/100, 'f', 2, 64), "piezas": strconv.Itoa(r.IntN(30)),
		}
		for _, name := range []string{"dia", "tipo", "cve_ent", "monto"} {
			if r.IntN(12) == 0 {
				row[name] = ""
			}
		}
		s.rows = append(s.rows, row)
	}
	return s
}

func (s sample) csv() string {
	var b strings.Builder
	b.WriteString(strings.Join(s.names, ",") + "\n")
	for _, row := range s.rows {
		var line []string
		for _, name := range s.names {
			line = append(line, row[name])
		}
		b.WriteString(strings.Join(line, ",") + "\n")
	}
	return b.String()
}

// naive computes a view row by row.
type naive struct {
	view    spec.View
	dims    []dim
	measure spec.Channel
	rows    []map[string]string // their keys under "0", "1", … by dims
	left    int
	folded  int
	missing int
}

type dim struct {
	ch            spec.Channel
	color, place  bool
	ordered, axis bool
}

func newNaive(v spec.View, s sample, hold func(map[string]string) bool) *naive {
	n := &naive{view: v}
	e := v.Encoding
	for _, ch := range []spec.Channel{e.Facet, e.Place, e.X, e.Y, e.Detail, e.Color} {
		switch {
		case ch.Measured():
			n.measure = ch
		case ch.Field != "":
			axis := ch == e.X || ch == e.Y
			n.dims = append(n.dims, dim{ch: ch, color: ch == e.Color, place: ch == e.Place, axis: axis, ordered: ch.TimeUnit != ""})
		}
	}
	if e.Size.Measured() {
		n.measure = e.Size
	}
	for _, row := range s.rows {
		if !hold(row) {
			continue
		}
		own := map[string]string{"monto": row["monto"], "piezas": row["piezas"], "cve_ent": row["cve_ent"]}
		if n.measure.Field != "" && row[n.measure.Field] == "" {
			n.missing++
		}
		for i, d := range n.dims {
			v := row[d.ch.Field]
			if v == "" {
				v = "·"
			} else if d.ch.TimeUnit == "year" {
				v = v[:4] + "-01-01"
			} else if d.ch.TimeUnit == "yearmonth" {
				v = v[:7] + "-01"
			}
			own[strconv.Itoa(i)] = v
		}
		n.rows = append(n.rows, own)
	}
	return n
}

// of is the measure of some rows, "·" for none.
func (n *naive) of(rows []map[string]string) string {
	if n.view.Per == reckon.Population { // others than people are not counted
		rows = slices.DeleteFunc(slices.Clone(rows), func(row map[string]string) bool { _, ok := place.Population(row["cve_ent"]); return !ok })
	}
	var values []float64
	for _, row := range rows {
		if v, err := strconv.ParseFloat(row[n.measure.Field], 64); err == nil {
			values = append(values, v)
		}
	}
	slices.Sort(values)
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	m := len(values)
	out := sum
	switch n.measure.Aggregate {
	case "count":
		out = float64(m)
		if n.measure.Field == "" {
			out = float64(len(rows))
		}
	case "distinct":
		out = float64(len(slices.Compact(values)))
	default:
		if m == 0 {
			return "·"
		}
		switch n.measure.Aggregate {
		case "mean":
			out = sum / float64(m)
		case "median":
			out = (values[(m-1)/2] + values[m/2]) / 2
		case "min":
			out = values[0]
		case "max":
			out = values[m-1]
		}
	}
	if n.view.Per == reckon.Population {
		people, seen := 0.0, map[string]bool{}
		for _, row := range rows {
			if p, ok := place.Population(row["cve_ent"]); ok && !seen[row["cve_ent"]] {
				seen[row["cve_ent"]] = true
				people += float64(p)
			}
		}
		if people == 0 {
			return "·"
		}
		out = out / people * 100_000
	}
	return strconv.FormatFloat(out, 'g', -1, 64)
}

func (n *naive) key(row map[string]string) string {
	var out []string
	for i := range n.dims {
		out = append(out, row[strconv.Itoa(i)])
	}
	return strings.Join(out, "|")
}

func (n *naive) groups() map[string][]map[string]string {
	out := map[string][]map[string]string{}
	for _, row := range n.rows {
		out[n.key(row)] = append(out[n.key(row)], row)
	}
	return out
}

func (n *naive) drop(gone func(row map[string]string) bool) { n.rows = slices.DeleteFunc(n.rows, gone) }

// answer computes the rows of the view, by their keys.
func (n *naive) answer() map[string]string {
	for i, d := range n.dims {
		k := strconv.Itoa(i)
		n.drop(func(row map[string]string) bool {
			if d.ordered && d.axis && row[k] == "·" {
				if n.measure.Field == "" || row[n.measure.Field] != "" {
					n.missing++
				}
				return true
			}
			_, known := place.Name(row[k])
			return d.place && !known
		})
	}
	if n.view.Mark == spec.Treemap {
		groups := n.groups()
		n.drop(func(row map[string]string) bool { return strings.HasPrefix(n.of(groups[n.key(row)]), "-") })
	}
	loose := n.measure.Aggregate == "median" || n.measure.Aggregate == "distinct"
	for _, pass := range []bool{true, false} { // colours before the axis
		for i, d := range n.dims {
			switch {
			case d.color != pass || d.place || d.ordered:
			case d.color && n.view.Mark == spec.Line && n.measure.Aggregate != "count" && n.measure.Aggregate != "sum": // all are lines
			case d.color && n.view.Mark != spec.Rect:
				n.fold(i, spec.MaxSeries, !loose)
			case !d.color:
				n.fold(i, cmp.Or(n.view.Top, spec.DefaultTop), n.view.Others && !loose)
			}
		}
	}
	out := map[string]string{}
	for key, rows := range n.groups() {
		out[key] = n.of(rows)
	}
	return out
}

func (n *naive) fold(i, most int, others bool) {
	k := strconv.Itoa(i)
	score := map[string]float64{}
	parts := map[string][]map[string]string{}
	for _, rows := range n.groups() {
		cat := rows[0][k]
		if _, ok := score[cat]; !ok {
			score[cat] = math.Inf(-1)
		}
		if v, err := strconv.ParseFloat(n.of(rows), 64); err == nil {
			score[cat] = max(score[cat], v)
		}
		parts[cat] = append(parts[cat], rows...)
	}
	if n.measure.Aggregate != "median" && n.measure.Aggregate != "distinct" {
		for cat, rows := range parts {
			score[cat] = math.Inf(-1)
			if v, err := strconv.ParseFloat(n.of(rows), 64); err == nil {
				score[cat] = v
			}
		}
	}
	cats := []string{}
	for cat := range score {
		cats = append(cats, cat)
	}
	slices.SortFunc(cats, func(a, b string) int {
		if math.Abs(score[a]-score[b]) > 1e-9 {
			return cmp.Compare(score[b], score[a])
		}
		return cmp.Or(cmp.Compare(strings.Count(a, "·"), strings.Count(b, "·")), cmp.Compare(a, b))
	})
	if len(cats) <= most || others && !n.dims[i].color && len(cats) == most+1 {
		return
	}
	if n.dims[i].color && others {
		most--
	}
	gone := cats[most:]
	if !others {
		n.left += len(gone)
		n.drop(func(row map[string]string) bool { return slices.Contains(gone, row[k]) })
		return
	}
	n.folded += len(gone)
	for _, row := range n.rows {
		if slices.Contains(gone, row[k]) {
			row[k] = "otros"
		}
	}
}

func randomView(r *rand.Rand) spec.View {
	measure := count
	if r.IntN(4) > 0 {
		measure = of(tabular.Funcs[r.IntN(len(tabular.Funcs))], []string{"monto", "piezas"}[r.IntN(2)])
	}
	time := spec.Channel{Field: "dia", TimeUnit: []string{"year", "yearmonth"}[r.IntN(2)]}
	v := spec.View{Top: r.IntN(9), Others: r.IntN(2) == 0}
	switch r.IntN(5) {
	case 0:
		v.Mark, v.Encoding = spec.Bar, spec.Encoding{X: by("tipo"), Y: measure}
		if r.IntN(2) == 0 {
			v.Encoding = spec.Encoding{Y: by("cve_ent"), X: measure}
		}
		if r.IntN(2) == 0 {
			v.Encoding.Color = by("sexo")
		}
		if r.IntN(2) == 0 && (measure.Aggregate == "count" || measure.Aggregate == "sum") && v.Encoding.Y.Field == "cve_ent" {
			v.Per, v.Encoding.Color = reckon.Population, spec.Channel{}
		}
	case 1:
		v.Mark, v.Encoding = []spec.Mark{spec.Line, spec.Area}[r.IntN(2)], spec.Encoding{X: time, Y: measure}
		if r.IntN(3) > 0 {
			v.Encoding.Color = by("tipo")
		}
	case 2:
		v.Mark, v.Encoding = spec.Rect, spec.Encoding{X: time, Y: by("tipo"), Color: measure}
	case 3:
		v.Mark, v.Encoding = spec.Treemap, spec.Encoding{Detail: by("tipo"), Size: measure}
	case 4:
		v.Mark, v.Geo, v.Encoding = spec.GeoShape, "states", spec.Encoding{Place: by("cve_ent"), Color: measure}
		if measure.Aggregate == "count" || measure.Aggregate == "sum" {
			v.Per = []string{"", reckon.Population}[r.IntN(2)]
		}
	}
	return v
}

func TestViewsAreThoseOfANaiveReader(t *testing.T) {
	w := newWorld(t)
	r := rand.New(rand.NewPCG(3, 14))
	s := newSample(r, 400)
	w.file(mainID, "muestra.csv", s.csv())
	for range 150 {
		v := randomView(r)
		hold := func(map[string]string) bool { return true }
		if r.IntN(3) == 0 {
			v.Filter = "f.piezas.min=10"
			hold = func(row map[string]string) bool { n, _ := strconv.Atoi(row["piezas"]); return n >= 10 }
		}
		d := doc(v)
		n := newNaive(v, s, hold)
		counted := int64(len(n.rows))
		want := n.answer()
		got := w.view(d, "")
		if got.Counted != counted || got.Missing != int64(n.missing) || got.Left != int64(n.left) || got.Folded != n.folded || len(got.Rows) != len(want) {
			t.Fatalf("%s\ncounted %d of %d, missing %d of %d, left %d of %d, folded %d of %d, %d rows of %d\n%v\n%v", d.JSON(), got.Counted, counted, got.Missing, n.missing, got.Left, n.left,
				got.Folded, n.folded, len(got.Rows), len(want), texts(got), want)
		}
		for _, row := range texts(got) {
			key, value := strings.Join(row[:len(row)-1], "|"), row[len(row)-1]
			x, errX := strconv.ParseFloat(value, 64)
			y, errY := strconv.ParseFloat(want[key], 64)
			if value != want[key] && (errX != nil || errY != nil || math.Abs(x-y) > 1e-9*max(1, math.Abs(x))) {
				t.Fatalf("%s\n%q is %s, want %s", d.JSON(), key, value, want[key])
			}
		}
	}
}
