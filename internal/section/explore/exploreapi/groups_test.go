package exploreapi_test

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/google/go-cmp/cmp"

	"plaza/internal/base/db/dbtest"
	"plaza/internal/section/explore/exploreapi"
)

// sale is a row of the table that the naive reader knows.
type sale struct {
	row    int
	state  string
	amount int
	none   bool // there is no amount
	date   string
	name   string
}

var names = []string{"José Peña", "Ángel Ruiz", "Ana María", "Íñigo", "Zoé"}

// sales are a table of which a naive reader knows everything.
func sales(n int) (list []sale, file string) {
	r := rand.New(rand.NewPCG(7, 11))
	var b strings.Builder
	b.WriteString("estado,cuenta,fecha,nombre\n")
	for i := range n {
		s := sale{row: i + 1, state: []string{"norte", "sur", "centro"}[r.IntN(3)], amount: r.IntN(200) - 50, none: r.IntN(10) == 0,
			date: fmt.Sprintf("202%d-%02d-%02d", r.IntN(3), r.IntN(12)+1, r.IntN(28)+1), name: names[r.IntN(len(names))]}
		amount := strconv.Itoa(s.amount)
		if s.none {
			amount = ""
		}
		fmt.Fprintf(&b, "%s,%s,%s,%s\n", s.state, amount, s.date, s.name)
		list = append(list, s)
	}
	return list, b.String()
}

// question is a question in an address, and what a naive reader keeps by it.
type question struct {
	values url.Values
	keep   []func(s sale) bool
}

func (q question) left(all []sale) (out []sale) {
	for _, s := range all {
		if !slices.ContainsFunc(q.keep, func(keep func(sale) bool) bool { return !keep(s) }) {
			out = append(out, s)
		}
	}
	return out
}

// asked makes a question at random.
func asked(r *rand.Rand) question {
	q := question{values: url.Values{}}
	add := func(param string, values []string, keep func(s sale) bool) {
		q.values[param] = values
		q.keep = append(q.keep, keep)
	}
	n := r.IntN(160) - 30
	day := fmt.Sprintf("202%d-%02d-10", r.IntN(3), r.IntN(12)+1)
	for _, i := range r.Perm(8)[:r.IntN(3)+1] {
		switch i {
		case 0:
			add("f.estado", []string{"norte", "sur"}, func(s sale) bool { return s.state != "centro" })
		case 1:
			add("f.estado.no", []string{"sur"}, func(s sale) bool { return s.state != "sur" })
		case 2:
			add("f.cuenta.min", []string{strconv.Itoa(n)}, func(s sale) bool { return !s.none && s.amount >= n })
		case 3:
			add("f.cuenta.menor", []string{strconv.Itoa(n + 40)}, func(s sale) bool { return !s.none && s.amount < n+40 })
		case 4:
			empty := r.IntN(2) == 0
			add("f.cuenta.vacio", []string{map[bool]string{true: "si", false: "no"}[empty]}, func(s sale) bool { return s.none == empty })
		case 5:
			add("f.fecha.max", []string{day}, func(s sale) bool { return s.date <= day })
		case 6:
			add("buscar", []string{"pena"}, func(s sale) bool { return strings.Contains(s.name, "Peña") })
		case 7:
			add("f.nombre.empieza", []string{"an"}, func(s sale) bool { return s.name == "Ángel Ruiz" || s.name == "Ana María" })
		}
	}
	return q
}

// sorted puts rows in the order of a parameter, and says it.
func sorted(r *rand.Rand, list []sale) string {
	order := []string{"", "cuenta", "-cuenta", "-fecha,cuenta"}[r.IntN(4)]
	slices.SortStableFunc(list, func(a, b sale) int {
		amount := func() int {
			switch {
			case a.none || b.none:
				return map[bool]int{true: 1}[a.none] - map[bool]int{true: 1}[b.none]
			case order == "-cuenta":
				return b.amount - a.amount
			}
			return a.amount - b.amount
		}
		switch order {
		case "":
			return 0
		case "-fecha,cuenta":
			if c := strings.Compare(b.date, a.date); c != 0 {
				return c
			}
		}
		return amount()
	})
	return order
}

func TestRandomQuestionsAreAnsweredAsANaiveReaderDoes(t *testing.T) {
	all, file := sales(400)
	w := newWorld(t, dbtest.SQLite(t), "", nil).opened(file)
	r := rand.New(rand.NewPCG(3, 5))
	for range 80 {
		q := asked(r)
		want := q.left(all)
		q.values.Set("orden", sorted(r, want))
		q.values.Set("total", "si")
		q.values.Set("limite", "400")
		page := rows(w, q.values)
		var got, wanted []string
		for _, row := range page.Rows {
			got = append(got, number(row))
		}
		for _, s := range want {
			wanted = append(wanted, strconv.Itoa(s.row))
		}
		if !cmp.Equal(got, wanted) || *page.Total != int64(len(want)) || page.Next != nil {
			t.Fatalf("%s: %d rows of %d, want %d\n%v\n%v", q.values.Encode(), len(got), *page.Total, len(want), got, wanted)
		}
	}
	for range 20 {
		q := asked(r)
		groupsAreNaive(t, w, q, q.left(all))
	}
	w.part(t, "groups in other forms", groupsInOtherForms)
}

// groupsAreNaive compares groups by state with those that are counted here. A column of the
// table is called as a measure is, which takes nothing from either.
func groupsAreNaive(t *testing.T, w *world, q question, left []sale) {
	t.Helper()
	q.values.Set("grupo", "estado")
	q.values.Set("medida", "cuenta,suma:cuenta,minimo:fecha,distintos:nombre")
	q.values.Set("orden", "estado")
	got := get[exploreapi.Aggregate](w, at+"aggregate?"+q.values.Encode(), http.StatusOK)
	var want []string
	for _, state := range []string{"centro", "norte", "sur"} {
		n, sum, with, first, different := 0, 0, false, "", map[string]bool{}
		for _, s := range left {
			if s.state != state {
				continue
			}
			n++
			if !s.none {
				sum, with = sum+s.amount, true
			}
			if first == "" || s.date < first {
				first = s.date
			}
			different[s.name] = true
		}
		total := any(json.Number(strconv.Itoa(sum)))
		if !with {
			total = nil
		}
		if n > 0 {
			want = append(want, fmt.Sprintln(state, n, total, first, len(different)))
		}
	}
	var found []string
	for _, row := range got.Rows {
		found = append(found, fmt.Sprintln(row["estado"], row["cuenta"], row["suma:cuenta"], row["minimo:fecha"], row["distintos:nombre"]))
	}
	if !cmp.Equal(found, want) || got.More {
		t.Errorf("%s:\n%v\n%v", q.values.Encode(), found, want)
	}
}

func groupsInOtherForms(t *testing.T, w *world) {
	const q = "aggregate?grupo=fecha,cuenta&paso=mes,rangos:4&limite=5"
	want := get[exploreapi.Aggregate](w, at+q, http.StatusOK)
	if len(want.Rows) != 5 || !want.More || want.Columns[0].Step != "month" || want.Columns[1].Width == nil || want.Columns[2].Name != "cuenta_" || want.Columns[2].Role != "measure" {
		t.Errorf("%d groups, more %v, %+v", len(want.Rows), want.More, want.Columns)
	}
	lines, err := csv.NewReader(w.ask(at + q + "&formato=csv").Body).ReadAll()
	if err != nil || len(lines) != 6 || !cmp.Equal(lines[0], []string{"fecha", "cuenta", "cuenta_"}) || lines[1][0] != want.Rows[0]["fecha"] {
		t.Errorf("CSV: %v %v", lines, err)
	}
	reader, err := ipc.NewReader(w.ask(at + q + "&formato=arrow").Body)
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Release()
	for reader.Next() {
		batch := reader.RecordBatch()
		if batch.NumRows() != 5 || batch.Column(2).ValueStr(0) != fmt.Sprint(want.Rows[0]["cuenta_"]) {
			t.Errorf("Arrow: %v", batch)
		}
	}
	if all := get[exploreapi.Aggregate](w, at+"aggregate", http.StatusOK); len(all.Rows) != 1 || all.Rows[0]["cuenta"] != json.Number("400") {
		t.Errorf("without a question: %v", all.Rows)
	}
}
