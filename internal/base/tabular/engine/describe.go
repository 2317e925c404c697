package engine

import (
	"context"
	"database/sql"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"plaza/internal/base/tabular"
)

// Bounds of a description.
const (
	topValues = 20
	bins      = 20
	// few is up to how many distinct values of a column the most frequent are kept: nobody
	// reads the twenty most frequent of more.
	few = 50_000
	// repeated is how often the values of a column come among the first rows, at least, where
	// it is counted by them.
	repeated = 4
)

// describe fills the statistics of a table's columns, its years and the places in it. A
// column whose values come again and again is counted by them, and described by these:
// that takes a fifth of describing it by its rows, and is exact. Of the others, one scan
// gives the counts, and one scan of the column each the bars.
func describe(ctx context.Context, db *sql.DB, t *tabular.Table, from string) error {
	again, err := repeating(ctx, db, t, from)
	if err != nil {
		return err
	}
	var others []*tabular.Column
	for i := range t.Columns {
		if c := &t.Columns[i]; !again[c.Name] {
			others = append(others, c)
		} else if err := byValues(ctx, db, c, from); err != nil {
			return err
		}
	}
	if err := summarise(ctx, db, others, from); err != nil {
		return err
	}
	for _, c := range others {
		if !told(c) {
			continue
		}
		describe := histogram
		if c.Stats.Distinct <= few { // the first rows did not look like it
			describe = byValues
		}
		if err := describe(ctx, db, c, from); err != nil {
			return err
		}
	}
	for i := range t.Columns {
		t.Columns[i].Stats.Nulls = t.Rows - t.Columns[i].Stats.Count
	}
	return places(ctx, db, t, from)
}

// told reports whether more than counts may be said of a column's values.
func told(c *tabular.Column) bool { return !c.Meaning.Personal() && c.Type != tabular.Geometry }

// repeating are the columns whose values come again and again among the first rows; in a
// short table all columns are counted by their values.
func repeating(ctx context.Context, db *sql.DB, t *tabular.Table, from string) (map[string]bool, error) {
	var names, list []string
	for i := range t.Columns {
		if c := &t.Columns[i]; told(c) {
			names = append(names, c.Name)
			list = append(list, fmt.Sprintf("%d * approx_count_distinct(%s) <= count(*)", repeated, quoted(c.Name)))
		}
	}
	found, into := make([]bool, len(list)), make([]any, len(list))
	for i := range found {
		found[i], into[i] = t.Rows <= few, &found[i]
	}
	if len(list) > 0 && t.Rows > few {
		if err := db.QueryRowContext(ctx, fmt.Sprintf("SELECT %s FROM %s WHERE %s <= %d",
			strings.Join(list, ", "), from, quoted(tabular.ColumnRow), rowGroup)).Scan(into...); err != nil {
			return nil, fmt.Errorf("looking at the first rows: %w", err)
		}
	}
	again := map[string]bool{}
	for i, name := range names {
		again[name] = found[i]
	}
	return again, nil
}

// byValues describes a column by its values and how many rows have each.
func byValues(ctx context.Context, db *sql.DB, c *tabular.Column, from string) error {
	q := quoted(c.Name)
	if _, err := db.ExecContext(ctx, "CREATE OR REPLACE TABLE "+counted.from+" AS SELECT "+q+" AS v, count(*) AS n FROM "+from+" WHERE "+q+" IS NOT NULL GROUP BY 1"); err != nil {
		return fmt.Errorf("counting values of %q: %w", c.Name, err)
	}
	var least, most sql.NullString
	s := &c.Stats
	*s = tabular.Stats{}
	if err := db.QueryRowContext(ctx, "SELECT coalesce("+counted.count+", 0), count(*), "+asText(c.Type, "min(v)")+", "+asText(c.Type, "max(v)")+" FROM "+counted.from).
		Scan(&s.Count, &s.Distinct, &least, &most); err != nil {
		return fmt.Errorf("describing %q by its values: %w", c.Name, err)
	}
	if s.Count == 0 {
		return nil
	}
	s.Min, s.Max = tabular.Clip(least.String, 200), tabular.Clip(most.String, 200)
	if c.Type.Number() {
		if err := measures(ctx, db, c); err != nil {
			return err
		}
	}
	if err := frequent(ctx, db, c); err != nil {
		return err
	}
	return bars(ctx, db, c, counted)
}

// measures fills what only numbers have, by the values that were counted.
func measures(ctx context.Context, db *sql.DB, c *tabular.Column) error {
	var quantiles []string
	for _, part := range []string{"0.05", "0.25", "0.5", "0.75", "0.95"} {
		quantiles = append(quantiles, "min(v) FILTER (upto >= "+part+" * total)")
	}
	var sum float64
	var list string
	if err := db.QueryRowContext(ctx, "SELECT sum(CAST(v AS DOUBLE) * n), array_to_string(["+strings.Join(quantiles, ", ")+
		"], ' ') FROM (SELECT v, n, sum(n) OVER (ORDER BY v) AS upto, sum(n) OVER () AS total FROM "+counted.from+")").Scan(&sum, &list); err != nil {
		return fmt.Errorf("measuring %q: %w", c.Name, err)
	}
	mean := sum / float64(c.Stats.Count)
	c.Stats.Sum, c.Stats.Mean, c.Stats.Quantiles = &sum, &mean, strings.Fields(list)
	return nil
}

// summarise reads what one scan gives of columns.
func summarise(ctx context.Context, db *sql.DB, columns []*tabular.Column, from string) error {
	var list []string
	var into []any
	var after []func()
	add := func(expr string, dest any) {
		list, into = append(list, expr), append(into, dest)
	}
	for _, c := range columns {
		q := quoted(c.Name)
		add("count("+q+")", &c.Stats.Count)
		if c.Type == tabular.Geometry {
			continue
		}
		add("approx_count_distinct("+q+")", &c.Stats.Distinct)
		if c.Meaning.Personal() {
			continue
		}
		least, most := new(sql.NullString), new(sql.NullString)
		add(asText(c.Type, "min("+q+")"), least)
		add(asText(c.Type, "max("+q+")"), most)
		after = append(after, func() {
			c.Stats.Min, c.Stats.Max = tabular.Clip(least.String, 200), tabular.Clip(most.String, 200)
		})
		if !c.Type.Number() {
			continue
		}
		mean, sum := new(sql.NullFloat64), new(sql.NullFloat64)
		quantiles := new(sql.NullString)
		add("avg("+q+")", mean)
		add("CAST(sum("+q+") AS DOUBLE)", sum)
		add("array_to_string(approx_quantile("+q+", [0.05, 0.25, 0.5, 0.75, 0.95]), ' ')", quantiles)
		after = append(after, func() {
			if mean.Valid {
				c.Stats.Mean, c.Stats.Sum = &mean.Float64, &sum.Float64
			}
			c.Stats.Quantiles = strings.Fields(quantiles.String)
		})
	}
	if len(list) == 0 {
		return nil
	}
	if err := db.QueryRowContext(ctx, "SELECT "+strings.Join(list, ", ")+" FROM "+from).Scan(into...); err != nil {
		return fmt.Errorf("describing columns: %w", err)
	}
	for _, f := range after {
		f()
	}
	for _, c := range columns {
		c.Stats.Distinct = min(c.Stats.Distinct, c.Stats.Count)
		c.Stats.Estimated = c.Stats.Distinct > 0
	}
	return nil
}

// asText is an expression of a type as Cell has it.
func asText(t tabular.Type, expr string) string {
	switch t {
	case tabular.DateTime:
		return "replace(CAST(" + expr + " AS VARCHAR), ' ', 'T')"
	case tabular.Geometry:
		return "NULL"
	}
	return "CAST(" + expr + " AS VARCHAR)"
}

// frequent fills the most frequent of the values that were counted.
func frequent(ctx context.Context, db *sql.DB, c *tabular.Column) error {
	if c.Stats.Distinct > few {
		return nil
	}
	rows, err := db.QueryContext(ctx, "SELECT "+asText(c.Type, "v")+", n FROM "+counted.from+" ORDER BY n DESC, v LIMIT "+strconv.Itoa(topValues))
	if err != nil {
		return fmt.Errorf("ordering values of %q: %w", c.Name, err)
	}
	defer rows.Close()
	for rows.Next() {
		var v tabular.ValueCount
		if err := rows.Scan(&v.Value, &v.Count); err != nil {
			return err
		}
		v.Value = tabular.Clip(v.Value, 200)
		c.Stats.Top = append(c.Stats.Top, v)
	}
	return rows.Err()
}

// values are what bars are drawn of: rows, or the values that were counted.
type values struct{ from, value, count string }

// counted are the values of the column at hand with their numbers, in the engine's memory.
var counted = values{from: "plaza_values", value: "v", count: "CAST(sum(n) AS BIGINT)"}

// histogram draws the bars of a column by its rows.
func histogram(ctx context.Context, db *sql.DB, c *tabular.Column, from string) error {
	return bars(ctx, db, c, values{from: from + " WHERE " + quoted(c.Name) + " IS NOT NULL", value: quoted(c.Name), count: "count(*)"})
}

// bars counts the values of a column of numbers or of time in bars of equal width.
func bars(ctx context.Context, db *sql.DB, c *tabular.Column, of values) error {
	scale, ok := scaleOf(c, of.value)
	if !ok {
		return nil
	}
	rows, err := db.QueryContext(ctx, fmt.Sprintf("SELECT least(%d, CAST(floor((%s - %s) / %s) AS INTEGER)) AS b, %s FROM %s GROUP BY 1 ORDER BY 1",
		scale.n-1, scale.expr, decimal(scale.from), decimal(scale.width), of.count, of.from))
	if err != nil {
		return fmt.Errorf("drawing bars of %q: %w", c.Name, err)
	}
	defer rows.Close()
	for i := range scale.n {
		at := scale.from + float64(i)*scale.width
		c.Stats.Histogram = append(c.Stats.Histogram, tabular.Bin{From: scale.text(at), To: scale.text(at + scale.width)})
	}
	for rows.Next() {
		var at int
		var n int64
		if err := rows.Scan(&at, &n); err != nil {
			return err
		}
		if at = max(0, at); at < len(c.Stats.Histogram) {
			c.Stats.Histogram[at].Count = n
		}
	}
	return rows.Err()
}

// scale is how the values of a column lie on a line: in units of the column, or in days
// or seconds since 1970.
type scale struct {
	expr        string
	from, width float64
	n           int
	text        func(float64) string
}

func scaleOf(c *tabular.Column, q string) (scale, bool) {
	s := scale{expr: q, n: bins, text: decimal}
	var least, most float64
	var errLeast, errMost error
	switch {
	case c.Type.Number():
		least, errLeast = strconv.ParseFloat(c.Stats.Min, 64)
		most, errMost = strconv.ParseFloat(c.Stats.Max, 64)
	case c.Type == tabular.Date:
		s.expr = "date_diff('day', DATE '1970-01-01', " + q + ")"
		s.text = func(v float64) string { return time.Unix(int64(v)*86400, 0).UTC().Format(time.DateOnly) }
		least, errLeast = days(c.Stats.Min)
		most, errMost = days(c.Stats.Max)
	case c.Type == tabular.DateTime:
		s.expr = "epoch(" + q + ")"
		s.text = func(v float64) string { return time.Unix(int64(v), 0).UTC().Format("2006-01-02T15:04:05") }
		least, errLeast = seconds(c.Stats.Min)
		most, errMost = seconds(c.Stats.Max)
	default:
		return s, false
	}
	if errLeast != nil || errMost != nil || !(most > least) || most-least > 1e300 {
		return s, false
	}
	s.from, s.width = least, (most-least)/float64(s.n)
	if whole := c.Type == tabular.Integer || c.Type == tabular.Year || c.Type == tabular.Date; whole {
		s.width = max(1, math.Ceil(s.width))
		s.n = min(s.n, int((most-least)/s.width)+1)
	}
	return s, true
}

func days(date string) (float64, error) {
	t, err := time.Parse(time.DateOnly, date)
	return float64(t.Unix() / 86400), err
}

func seconds(instant string) (float64, error) {
	t, err := time.Parse("2006-01-02T15:04:05", instant)
	return float64(t.Unix()), err
}

// decimal is a number as SQL and people's programs read it.
func decimal(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

// most towns and states that a table's place names.
const (
	mostStates = 32
	mostTowns  = 2500
)

// places fills which states and municipalities a table holds, and its box.
func places(ctx context.Context, db *sql.DB, t *tabular.Table, from string) error {
	ent, mun := placeColumns(t)
	var err error
	if ent != "" {
		if t.Place.States, err = codes(ctx, db, ent, from, 2, mostStates); err != nil {
			return err
		}
	}
	if mun != "" {
		if t.Place.Towns, err = codes(ctx, db, mun, from, 5, mostTowns); err != nil {
			return err
		}
		for _, town := range t.Place.Towns {
			t.Place.States = append(t.Place.States, town[:2])
		}
		slices.Sort(t.Place.States)
		t.Place.States = slices.Compact(t.Place.States)
	}
	if !t.Place.Located() {
		return nil
	}
	west, south, east, north := tabular.ColumnLon, tabular.ColumnLat, tabular.ColumnLon, tabular.ColumnLat
	if t.Place.Kind == tabular.PlaceGeometry {
		west, south, east, north = tabular.ColumnWest, tabular.ColumnSouth, tabular.ColumnEast, tabular.ColumnNorth
	}
	var box [4]sql.NullFloat64
	if err := db.QueryRowContext(ctx, fmt.Sprintf("SELECT min(%s), min(%s), max(%s), max(%s) FROM %s",
		quoted(west), quoted(south), quoted(east), quoted(north), from)).Scan(&box[0], &box[1], &box[2], &box[3]); err != nil {
		return err
	}
	if box[0].Valid {
		t.Place.Box = []float64{box[0].Float64, box[1].Float64, box[2].Float64, box[3].Float64}
	}
	return nil
}

// placeColumns are the expressions of the codes of states and municipalities of a
// table's rows, "" for none.
func placeColumns(t *tabular.Table) (ent, mun string) {
	if t.Place.Located() {
		return quoted(tabular.ColumnEnt), quoted(tabular.ColumnMun)
	}
	switch {
	case t.Place.Kind == tabular.PlaceNames && len(t.Place.Columns) == 2:
		return quoted(tabular.ColumnEnt), quoted(tabular.ColumnMun)
	case t.Place.Kind == tabular.PlaceNames:
		return quoted(tabular.ColumnEnt), ""
	case t.Place.Kind == tabular.PlaceState && len(t.Place.Columns) == 1:
		return quoted(t.Place.Columns[0]), ""
	case t.Place.Kind == tabular.PlaceMunicipality && len(t.Place.Columns) == 1:
		return "", quoted(t.Place.Columns[0])
	case t.Place.Kind == tabular.PlaceMunicipality && len(t.Place.Columns) == 2:
		return "", "(" + quoted(t.Place.Columns[0]) + " || " + quoted(t.Place.Columns[1]) + ")"
	}
	return "", ""
}

// codes are the distinct values of an expression that have as many letters as a code,
// sorted.
func codes(ctx context.Context, db *sql.DB, expr, from string, letters, most int) ([]string, error) {
	rows, err := db.QueryContext(ctx, fmt.Sprintf("SELECT DISTINCT %s AS v FROM %s WHERE length(%s) = %d ORDER BY v LIMIT %d", expr, from, expr, letters, most))
	if err != nil {
		return nil, fmt.Errorf("looking for places: %w", err)
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var v string
		if err := rows.Scan(&v); err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, rows.Err()
}
