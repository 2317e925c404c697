package query_test

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	_ "github.com/duckdb/duckdb-go/v2" // the engine itself, for tests only

	"plaza/internal/base/tabular"
	"plaza/internal/base/tabular/query"
)

// random is a table of random rows, in the engine and beside it: with holes, cells that
// do not fit, accents, equal values and a place.
type random struct {
	db    *sql.DB
	table tabular.Table
	rows  []map[string]any // nil: no value
	odd   []map[string]string
	large bool // it says that it has millions of rows
}

var (
	words    = []string{"Cañón", "cañon", "CAMIÓN", "camión rojo", "Ánimas", "animas", "a.b", "a*b", "x_y%", "50%", "ñandú", "n\u0303andu\u0301", "", "'", `"`, "São", "12", "12 34"}
	codes    = []string{"0001", "0012", "01", "09", "15", "9", "A-1", "09015"}
	places   = [][2]string{{"09", "09015"}, {"09", "09002"}, {"15", "15033"}, {"17", "17007"}}
	firstDay = time.Date(2019, 12, 20, 0, 0, 0, 0, time.UTC)
)

func newRandom(t testing.TB, r *rand.Rand, n int) *random {
	t.Helper()
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	x := &random{db: db, table: tabular.Table{
		Name: "azar", Rows: int64(n),
		Columns: []tabular.Column{
			{Name: "t\"xt", Type: tabular.Text}, {Name: "code", Type: tabular.Code}, {Name: "n", Type: tabular.Integer}, {Name: "x", Type: tabular.Decimal},
			{Name: "d", Type: tabular.Date}, {Name: "ts", Type: tabular.DateTime}, {Name: "b", Type: tabular.Boolean}, {Name: "h", Type: tabular.Time},
			{Name: "lat", Type: tabular.Decimal, Meaning: tabular.Latitude}, {Name: "lon", Type: tabular.Decimal, Meaning: tabular.Longitude},
		},
		Place: tabular.Place{Kind: tabular.PlacePoint, Columns: []string{"lat", "lon"}},
	}}
	run(t, db, `CREATE TABLE t (_fila BIGINT, _otros VARCHAR, "t""xt" VARCHAR, code VARCHAR, n BIGINT, x DOUBLE, d DATE, ts TIMESTAMP, b BOOLEAN, h TIME,
		lat DOUBLE, lon DOUBLE, _lat DOUBLE, _lon DOUBLE, _ent VARCHAR, _mun VARCHAR)`)
	for i := range n {
		x.add(r, i)
	}
	if r.IntN(2) == 0 {
		x.table.Columns[0].Stats.Distinct = int64(len(words)) // few enough to be folded
	}
	low, high := math.Inf(1), math.Inf(-1)
	lowN, highN := int64(math.MaxInt64), int64(math.MinInt64)
	for i, row := range x.rows {
		if v, ok := row["x"].(float64); ok {
			low, high = min(low, v), max(high, v)
		}
		if v, ok := row["n"].(int64); ok {
			lowN, highN = min(lowN, v), max(highN, v)
		}
		x.insert(t, i)
	}
	if low <= high && lowN <= highN {
		x.table.Columns[3].Stats = tabular.Stats{Min: query.Float(low), Max: query.Float(high)}
		x.table.Columns[2].Stats = tabular.Stats{Min: fmt.Sprint(lowN), Max: fmt.Sprint(highN)}
	}
	return x
}

func (x *random) add(r *rand.Rand, i int) {
	at := firstDay.AddDate(0, 0, r.IntN(60))
	clock := time.Duration(r.IntN(86400)) * time.Second
	if r.IntN(3) == 0 {
		clock = time.Duration(r.IntN(24)) * time.Hour
	}
	if r.IntN(5) == 0 {
		clock += 123456 * time.Microsecond
	}
	place := places[r.IntN(len(places))]
	row := map[string]any{
		tabular.ColumnRow: int64(i + 1), "t\"xt": words[r.IntN(len(words))], "code": codes[r.IntN(len(codes))],
		"n": int64(r.IntN(40) - 10), "x": float64(r.IntN(400)-100) / 100, "d": at, "ts": at.Add(clock), "b": r.IntN(2) == 0,
		"h": time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC).Add(clock), "lat": 19 + r.Float64(), "lon": -99 - r.Float64(), "ent": place[0], "mun": place[1],
	}
	if row["t\"xt"] == "" {
		row["t\"xt"] = nil // no cell is an empty text: it is no value
	}
	odd := map[string]string{}
	for name := range row {
		if name == tabular.ColumnRow {
			continue
		}
		switch r.IntN(12) {
		case 0:
			row[name] = nil
		case 1:
			if c := x.table.Column(name); c != nil && !c.Type.Words() {
				row[name], odd[name] = nil, "s/d ñ\""
			}
		}
	}
	if row["lat"] == nil || row["lon"] == nil {
		row["ent"], row["mun"] = nil, nil
	}
	x.rows, x.odd = append(x.rows, row), append(x.odd, odd)
}

func (x *random) insert(t testing.TB, i int) {
	t.Helper()
	row := x.rows[i]
	var others any
	if len(x.odd[i]) > 0 {
		raw, err := json.Marshal(x.odd[i])
		if err != nil {
			t.Fatal(err)
		}
		others = string(raw)
	}
	text := func(name, layout string) any {
		if v, ok := row[name].(time.Time); ok {
			return v.Format(layout)
		}
		return nil
	}
	lat, lon := row["lat"], row["lon"]
	if lat == nil || lon == nil {
		lat, lon = nil, nil
	}
	run(t, x.db, `INSERT INTO t VALUES ($1,$2,$3,$4,$5,$6,$7::DATE,$8::TIMESTAMP,$9,$10::TIME,$11,$12,$13,$14,$15,$16)`,
		row[tabular.ColumnRow], others, row["t\"xt"], row["code"], row["n"], row["x"], text("d", time.DateOnly), text("ts", "2006-01-02 15:04:05.000000"), row["b"],
		text("h", "15:04:05.000000"), row["lat"], row["lon"], lat, lon, row["ent"], row["mun"])
}

func run(t testing.TB, db *sql.DB, statement string, args ...any) {
	t.Helper()
	if _, err := db.Exec(statement, args...); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

// ask runs a statement and gives its cells.
func (x *random) ask(t testing.TB, s query.SQL) [][]tabular.Cell {
	t.Helper()
	rows, err := x.db.Query(s.Text, s.Args...)
	if err != nil {
		t.Fatalf("%v\n%s\n%v", err, s.Text, s.Args)
	}
	defer func() { _ = rows.Close() }()
	var out [][]tabular.Cell
	values, into := make([]any, len(s.Columns)), make([]any, len(s.Columns))
	for i := range values {
		into[i] = &values[i]
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			t.Fatal(err)
		}
		row := make([]tabular.Cell, len(values))
		for i, v := range values {
			row[i] = query.CellOf(v, s.Columns[i].Type)
		}
		out = append(out, row)
	}
	if err := rows.Err(); err != nil {
		t.Fatalf("%v\n%s\n%v", err, s.Text, s.Args)
	}
	return out
}

// cell is a value beside the engine as a cell.
func (x *random) cell(i int, name string) tabular.Cell {
	if s, ok := x.odd[i][name]; ok {
		return tabular.Cell{Text: s, Odd: true}
	}
	t := tabular.Integer
	if c := x.table.Column(name); c != nil {
		t = c.Type
	}
	return query.CellOf(x.rows[i][name], t)
}

// plain is a text as search compares it: lower case, without accents.
var plain = strings.NewReplacer("á", "a", "é", "e", "í", "i", "ó", "o", "ú", "u", "ã", "a", "ñ", "n", "\u0303", "", "\u0301", "")

func fold(s string) string { return plain.Replace(strings.ToLower(s)) }
