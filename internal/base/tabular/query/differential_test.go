package query_test

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"plaza/internal/base/tabular"
	"plaza/internal/base/tabular/query"
	"plaza/internal/base/text"
)

// naive is a condition and the same said in Go.
type naive struct {
	c    tabular.Condition
	hold func(row map[string]any) bool
}

func pick[T any](r *rand.Rand, list []T) T { return list[r.IntN(len(list))] }

// conditionOn makes a condition at random.
func conditionOn(r *rand.Rand) naive {
	column := pick(r, []string{"t\"xt", "code", "n", "x", "d", "ts", "b", "h", "", tabular.ColumnEnt, tabular.ColumnRow})
	if column == "" {
		return placeCondition(r)
	}
	name := map[string]string{tabular.ColumnEnt: "ent"}[column]
	if name == "" {
		name = column
	}
	if r.IntN(6) == 0 {
		op := pick(r, []tabular.Operator{tabular.Empty, tabular.NotEmpty})
		return naive{tabular.Condition{Column: column, Op: op}, func(row map[string]any) bool { return (row[name] == nil) == (op == tabular.Empty) }}
	}
	switch column {
	case "t\"xt":
		return textCondition(r, column)
	case "d", "ts":
		return timeCondition(r, column)
	case "b":
		want := r.IntN(2) == 0
		word := map[bool]string{true: "Sí", false: "falso"}[want]
		return oneOf(r, column, name, []string{word}, func(v any) bool { return v.(bool) == want })
	}
	return orderedCondition(r, column, name)
}

// oneOf is Is or IsNot.
func oneOf(r *rand.Rand, column, name string, values []string, is func(v any) bool) naive {
	op := pick(r, []tabular.Operator{tabular.Is, tabular.IsNot})
	return naive{tabular.Condition{Column: column, Op: op, Values: values}, func(row map[string]any) bool {
		v := row[name]
		if v == nil {
			return op == tabular.IsNot
		}
		return is(v) == (op == tabular.Is)
	}}
}

func textCondition(r *rand.Rand, column string) naive {
	values := []string{pick(r, words[:12]), pick(r, words[13:])}[:1+r.IntN(2)]
	if r.IntN(2) == 0 {
		return oneOf(r, column, column, values, func(v any) bool { return slices.Contains(values, v.(string)) })
	}
	op := pick(r, []tabular.Operator{tabular.Contains, tabular.StartsWith})
	for i, v := range values {
		if runes := []rune(v); len(runes) > 3 {
			values[i] = string(runes[:3])
		}
	}
	return naive{tabular.Condition{Column: column, Op: op, Values: values}, func(row map[string]any) bool {
		s, ok := row[column].(string)
		return ok && slices.ContainsFunc(values, func(v string) bool {
			if op == tabular.Contains {
				return strings.Contains(fold(s), fold(v))
			}
			return strings.HasPrefix(fold(s), fold(v))
		})
	}}
}

// orderedCondition is one on a column whose values are compared as they are.
func orderedCondition(r *rand.Rand, column, name string) naive {
	value := func() (string, any) {
		switch column {
		case "n", tabular.ColumnRow:
			n := r.IntN(50) - 12
			return strconv.Itoa(n), int64(n)
		case "x":
			f := float64(r.IntN(400)-100) / 100
			return fmt.Sprintf("%.2f", f), f
		case "h":
			h := time.Duration(r.IntN(24)) * time.Hour
			at := time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC).Add(h)
			return at.Format("15:04"), at
		}
		s := pick(r, codes)
		return s, s
	}
	a, va := value()
	b, vb := value()
	if r.IntN(3) == 0 {
		return oneOf(r, column, name, []string{a, b}, func(v any) bool { return order(v, va) == 0 || order(v, vb) == 0 })
	}
	if column == tabular.ColumnEnt || r.IntN(3) == 0 {
		return between(r, column, name, [2]string{a, b}, func(v any) bool { return order(v, va) >= 0 }, func(v any) bool { return order(v, vb) <= 0 })
	}
	if column == "n" && r.IntN(2) == 0 {
		// a whole number beside half a one
		half := float64(r.IntN(30)) + 0.5
		return comparison(r, column, name, fmt.Sprint(half), func(v any) int { return cmp.Compare(float64(v.(int64)), half) })
	}
	return comparison(r, column, name, a, func(v any) int { return order(v, va) })
}

func comparison(r *rand.Rand, column, name, value string, against func(v any) int) naive {
	op := pick(r, []tabular.Operator{tabular.Less, tabular.AtMost, tabular.More, tabular.AtLeast})
	return naive{tabular.Condition{Column: column, Op: op, Values: []string{value}}, func(row map[string]any) bool {
		if row[name] == nil {
			return false
		}
		side := against(row[name])
		switch op {
		case tabular.Less:
			return side < 0
		case tabular.AtMost:
			return side <= 0
		case tabular.More:
			return side > 0
		}
		return side >= 0
	}}
}

func between(r *rand.Rand, column, name string, ends [2]string, over, under func(v any) bool) naive {
	open := r.IntN(4)
	values := []string{ends[0], ends[1]}
	if open < 2 {
		values[open] = ""
	}
	return naive{tabular.Condition{Column: column, Op: tabular.Between, Values: values}, func(row map[string]any) bool {
		v := row[name]
		return v != nil && (open == 0 || over(v)) && (open == 1 || under(v))
	}}
}

// timeCondition is one whose value is an instant, a day, a month or a year; what a cell
// is compared with is then its own text, as far as the value says.
func timeCondition(r *rand.Rand, column string) naive {
	value := func() (string, string) { // as written, and the layout of what it says
		at := firstDay.AddDate(0, 0, r.IntN(60)).Add(time.Duration(r.IntN(24)) * time.Hour)
		layouts := [][2]string{{"2006", "2006"}, {"2006-01", "2006-01"}, {"01/2006", "2006-01"}, {"2006-01-02", "2006-01-02"}, {"02/01/2006", "2006-01-02"},
			{"2006-01-02T15:04", "2006-01-02T15:04"}, {"2006-01-02 15:04:05", "2006-01-02T15:04:05.000000"}}
		if column == "d" {
			layouts = layouts[:5]
		}
		l := pick(r, layouts)
		return at.Format(l[0]), l[1] + "|" + at.Format(l[1])
	}
	against := func(v any, as string) int {
		layout, want, _ := strings.Cut(as, "|")
		return cmp.Compare(v.(time.Time).Format(layout), want)
	}
	a, va := value()
	b, vb := value()
	switch r.IntN(3) {
	case 0:
		return oneOf(r, column, column, []string{a, b}, func(v any) bool { return against(v, va) == 0 || against(v, vb) == 0 })
	case 1:
		return between(r, column, column, [2]string{a, b}, func(v any) bool { return against(v, va) >= 0 }, func(v any) bool { return against(v, vb) <= 0 })
	}
	return comparison(r, column, column, a, func(v any) int { return against(v, va) })
}

func placeCondition(r *rand.Rand) naive {
	lat, lon := 19+r.Float64(), -99-r.Float64()
	point := func(row map[string]any) (y, x float64, ok bool) {
		y, okY := row["lat"].(float64)
		x, okX := row["lon"].(float64)
		return y, x, okX && okY
	}
	switch r.IntN(3) {
	case 0:
		km := 1 + r.Float64()*60
		values := []string{query.Float(lat), query.Float(lon), query.Float(km)}
		return naive{tabular.Condition{Op: tabular.Near, Values: values}, func(row map[string]any) bool {
			y, x, ok := point(row)
			return ok && distance(lat, lon, y, x) <= km
		}}
	case 1:
		values := []string{query.Float(lon - 0.3), query.Float(lat - 0.2), query.Float(lon + 0.1), query.Float(lat + 0.3)}
		return naive{tabular.Condition{Op: tabular.Box, Values: values}, func(row map[string]any) bool {
			y, x, ok := point(row)
			return ok && x >= lon-0.3 && x <= lon+0.1 && y >= lat-0.2 && y <= lat+0.3
		}}
	}
	values := []string{pick(r, []string{"09", "15", "17", "20"}), pick(r, []string{"09015", "15033", "09"})}
	return naive{tabular.Condition{Op: tabular.Inside, Values: values}, func(row map[string]any) bool {
		return slices.ContainsFunc(values, func(v string) bool { return row["ent"] == v || row["mun"] == v })
	}}
}

// distance is in kilometres, by the angle between two directions from the middle of the
// earth: another formula than the statement's.
func distance(lat1, lon1, lat2, lon2 float64) float64 {
	rad := math.Pi / 180
	c := math.Sin(lat1*rad)*math.Sin(lat2*rad) + math.Cos(lat1*rad)*math.Cos(lat2*rad)*math.Cos((lon1-lon2)*rad)
	return 6371.0088 * math.Acos(min(1, c))
}

// order compares two values of one column.
func order(a, b any) int {
	switch a := a.(type) {
	case int64:
		return cmp.Compare(a, b.(int64))
	case float64:
		return cmp.Compare(a, b.(float64))
	case string:
		return strings.Compare(a, b.(string))
	case spelled:
		return strings.Compare(spelling(string(a)), spelling(string(b.(spelled))))
	case time.Time:
		return a.Compare(b.(time.Time))
	case bool:
		return cmp.Compare(fmt.Sprint(a), fmt.Sprint(b))
	}
	panic(fmt.Sprintf("%T", a))
}

// spelled is a text that stands as in a dictionary.
type spelled string

// spelling is what one looks for in a dictionary: ñ is a letter of its own, after n.
func spelling(s string) string {
	return text.Fold(strings.ReplaceAll(strings.ToLower(s), "ñ", "n~"))
}

// left are the indexes of rows that a query's conditions and search leave, sorted.
func (x *random) left(q tabular.Query, hold []naive) []int {
	var out []int
	for i, row := range x.rows {
		if !slices.ContainsFunc(hold, func(n naive) bool { return !n.hold(row) }) && x.found(row, q.Search) {
			out = append(out, i)
		}
	}
	slices.SortStableFunc(out, func(i, j int) int {
		for _, o := range q.Sort {
			a, b := x.rows[i][o.Column], x.rows[j][o.Column]
			switch {
			case a == nil && b == nil:
				continue
			case a == nil:
				return 1
			case b == nil:
				return -1
			}
			if c := x.table.Column(o.Column); c != nil && c.Type == tabular.Text && !x.large {
				a, b = spelled(a.(string)), spelled(b.(string))
			}
			if side := order(a, b); side != 0 {
				if o.Down {
					return -side
				}
				return side
			}
		}
		return cmp.Compare(i, j)
	})
	return out
}

func (x *random) found(row map[string]any, search string) bool {
	for _, w := range strings.Fields(search) {
		n, err := strconv.ParseInt(w, 10, 64)
		found := err == nil && row["n"] == n
		for _, name := range []string{"t\"xt", "code"} {
			s, ok := row[name].(string)
			found = found || ok && strings.Contains(fold(s), fold(w))
		}
		if !found {
			return false
		}
	}
	return true
}

// asked is a query at random with the conditions in Go.
func asked(r *rand.Rand) (tabular.Query, []naive) {
	q := tabular.Query{Limit: 9 + r.IntN(60)}
	var hold []naive
	for range r.IntN(3) {
		n := conditionOn(r)
		hold = append(hold, n)
		q.Where = append(q.Where, n.c)
	}
	if r.IntN(3) == 0 {
		q.Search = pick(r, []string{"CANON", "ánimas", "camion rojo", "a.b", "a*b", "%", "12", "0 a", "nandú", "sao"})
	}
	for range r.IntN(4) {
		q.Sort = append(q.Sort, tabular.Order{Column: pick(r, []string{"t\"xt", "code", "n", "x", "d", "ts", "b", "h", tabular.ColumnRow}), Down: r.IntN(2) == 0})
	}
	if r.IntN(2) == 0 {
		q.Columns = []string{pick(r, []string{"n", "d", "t\"xt"}), "h"}
	}
	return q, hold
}

func TestRowsAreThoseOfANaiveReader(t *testing.T) {
	for seed := range uint64(3) {
		r := rand.New(rand.NewPCG(seed, 5))
		x := newRandom(t, r, 120)
		if x.large = seed == 2; x.large { // as it says: texts are then sorted by their bytes
			x.table.Rows = 10_000_000
		}
		for range 40 {
			q, hold := asked(r)
			want := x.left(q, hold)
			s, err := query.Count(x.table, nil, q, "t")
			if err != nil {
				t.Fatalf("%v: %+v", err, q)
			}
			if got := x.ask(t, s)[0][0].Text; got != strconv.Itoa(len(want)) {
				t.Fatalf("%+v counts %s rows, want %d\n%s\n%v", q, got, len(want), s.Text, s.Args)
			}
			x.walk(t, r, q, want)
		}
	}
}

func TestTextsStandAsInADictionary(t *testing.T) {
	x := newRandom(t, rand.New(rand.NewPCG(1, 1)), 0)
	run(t, x.db, `INSERT INTO t (_fila, "t""xt") VALUES (1, 'ñu'), (2, 'o'), (3, 'ABC'), (4, NULL), (5, 'Ñandú'), (6, 'nz'), (7, 'Ábaco'), (8, 'ab'), (9, 'Zaragoza')`)
	for rows, want := range map[int64]string{
		9:          "ab Ábaco ABC nz Ñandú ñu o Zaragoza ",
		10_000_000: "ABC Zaragoza ab nz o Ábaco Ñandú ñu ",
	} {
		x.table.Rows = rows
		q := tabular.Query{Columns: []string{"t\"xt"}, Sort: []tabular.Order{{Column: "t\"xt"}}, Limit: 2}
		var got []string
		for {
			page := x.page(t, q)
			for _, row := range page.Rows {
				got = append(got, row[0].Text)
			}
			if q.Key = page.Next; q.Key == nil {
				break
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("of %d rows the texts stand as %q, want %q", rows, got, want)
		}
	}
	s, err := query.Groups(x.table, nil, tabular.Query{Group: []tabular.Group{{Column: "t\"xt"}}}, "t")
	if err != nil {
		t.Fatal(err)
	}
	var groups []string
	for _, row := range x.ask(t, s) {
		groups = append(groups, row[0].Text)
	}
	if got := strings.Join(groups, " "); got != "ab Ábaco ABC nz Ñandú ñu o Zaragoza " {
		t.Errorf("groups stand as %q", got)
	}
}

// walk pages through all rows and back, by cursors in addresses.
func (x *random) walk(t *testing.T, r *rand.Rand, q tabular.Query, want []int) {
	t.Helper()
	var pages []tabular.Page
	var got []int64
	for {
		q.Counted = r.IntN(2) == 0
		page := x.page(t, q)
		pages = append(pages, page)
		if n := page.Count; q.Counted && q.Key == nil && (q.Search != "" || page.Next == nil) && (n == nil || *n != int64(len(want))) {
			t.Fatalf("%+v: a page counts %v rows of %d", q, n, len(want))
		}
		got = append(got, page.Numbers...)
		for i, n := range page.Numbers {
			for j, name := range page.Columns {
				if diff := gocmp.Diff(x.cell(int(n-1), name), page.Rows[i][j]); diff != "" {
					t.Fatalf("row %d, %s (-want +got)\n%s", n, name, diff)
				}
			}
		}
		if page.Next == nil || len(pages) > len(x.rows) {
			break
		}
		q.Key = again(t, r, q, page.Next)
	}
	var numbers []int64
	for _, i := range want {
		numbers = append(numbers, int64(i+1))
	}
	if diff := gocmp.Diff(numbers, got); diff != "" {
		t.Fatalf("%+v gives other rows (-want +got)\n%s", q, diff)
	}
	for i := len(pages) - 1; i > 0; i-- {
		if pages[i].Before == nil {
			t.Fatalf("page %d of %+v has none before it", i+1, q)
		}
		q.Key = again(t, r, q, pages[i].Before)
		page := x.page(t, q)
		if diff := gocmp.Diff(pages[i-1].Numbers, page.Numbers); diff != "" {
			t.Fatalf("%+v: back from page %d (-want +got)\n%s", q, i+1, diff)
		}
		if (page.Before == nil) != (i == 1) || page.Next == nil {
			t.Fatalf("%+v: page %d of %d knows %v before and %v after it", q, i, len(pages), page.Before, page.Next)
		}
		pages[i-1].Before = page.Before
	}
}

func (x *random) page(t *testing.T, q tabular.Query) tabular.Page {
	t.Helper()
	s, err := query.Rows(x.table, nil, q, "t")
	if err != nil {
		t.Fatalf("%v: %+v", err, q)
	}
	return query.Page(q, s, x.ask(t, s))
}

// again is a position after it was in an address; sometimes the row's number alone, as
// when its values are too long.
func again(t *testing.T, r *rand.Rand, q tabular.Query, pos *tabular.Position) *tabular.Position {
	t.Helper()
	if r.IntN(4) == 0 {
		pos = &tabular.Position{Row: pos.Row, Back: pos.Back}
	}
	out, err := query.ParseCursor(q, query.Cursor(q, *pos))
	if err != nil {
		t.Fatal(err)
	}
	return out
}
