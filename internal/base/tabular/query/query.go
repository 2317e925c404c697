// Package query turns what a person asks of a table (tabular.Query) into a statement of
// the engine, and into the address of the view and back.
//
// No text of a statement comes from input: a column is named by the table's own profile
// and quoted, everything else is a bound value. Columns that are withheld do not exist
// here: Visible takes them out before anything is looked up, together with the place
// that they tell, so asking for one is refused in the same words as a misspelt name.
//
// # Addresses
//
// Each view is a link, and equal views have equal links. There is one way to write each
// thing; what is read besides is noted in brackets:
//
//	f.COLUMN=v           is v; repeated: any of them
//	f.COLUMN.no=v        is none of them
//	f.COLUMN.contiene=v  holds the text, whatever case and accents; repeated: any of them
//	f.COLUMN.empieza=v   begins with it, whatever case and accents; repeated: any of them
//	f.COLUMN.min=v       v or more      f.COLUMN.max=v   v or less   (both: between)
//	f.COLUMN.mayor=v     more than v    f.COLUMN.menor=v less than v
//	f.COLUMN.vacio=si    has no value   f.COLUMN.vacio=no  has one
//	f.COLUMN.dentro=09   the code of a place lies in that state or municipality
//	lugar=09             the row's place does; repeated: in any of them
//	cerca=19.4,-99.1,5   the row's place is within 5 km of latitude, longitude
//	caja=-99,19,-98,20   the row's place is in the box: west, south, east, north
//	buscar=words         every word is in some column of text
//	orden=-monto,fecha   sort, "-" for downwards; of groups: also a measure
//	col=a,b              columns to show [also repeated]
//	grupo=a,b            columns to group by [also repeated]
//	paso=mes,-           their steps: anio trimestre mes semana dia hora rangos:20, "-" for none
//	medida=suma:monto    cuenta suma promedio mediana minimo maximo distintos [also tabular.Func's]
//	limite=50            rows or groups
//	despues=… antes=…    a Cursor [pagina=3: by row number, without sort and conditions]
//
// A second condition of the same column and operator, that must hold as well, has "~2"
// after the operator (the first is written out then: f.COLUMN.es~2=v), and so on. In lists, a comma, a
// backslash and a leading minus of a name have a backslash before them. COLUMN may
// hold points: what follows the last one is the operator if it is one of these words.
//
// # What conditions mean
//
// Cells whose text does not fit their column's type have no value: they are Empty, sort
// last and are in the group without value. Dates may be a day (2020-05-17 or 17/05/2020), a
// month (2020-05, 05/2020) or a year: a comparison takes the whole of it, also with instants. An
// instant is a minute (T10:05) or exact (T10:05:00). Numbers are written with a point,
// with or without commas between thousands. Search looks into columns of Words, and, for
// a word of digits only, for exactly that number in columns of integers and years. Texts
// sort as in a dictionary where the table has at most mostSpelled rows, else by their bytes;
// groups always as in a dictionary.
package query

import (
	"embed"
	"fmt"
	"slices"

	"plaza/internal/base/tabular"
)

// Locale holds the sentences of this package's refusals.
//
//go:embed locale
var Locale embed.FS

// Limits of a query. They hold for people and machines alike.
const (
	MaxConditions = 30
	MaxValues     = 200 // of one condition
	MaxValue      = 1000
	MaxSorts      = 5
	MaxGroups     = 3
	MaxMeasures   = 8
	MaxRows       = 1000
	MaxGroupRows  = 10_000
	MaxWords      = 10
	MaxWord       = 100 // characters
	MaxBins       = 200

	DefaultRows      = 100
	DefaultGroupRows = 1000
	DefaultBins      = 20
)

// SQL is a statement for the engine. Text holds $1… for Args, which are texts and
// numbers; run it with the values bound at the time of planning (as duckdb-go does), so
// that they prune as constants would.
type SQL struct {
	Text    string
	Args    []any
	Columns []Out
	// Shown are the indexes in Columns of what was asked for, in its order; Row and Odd
	// those of the row's number and of tabular.ColumnOdd, -1 where there is none; Keys
	// those of the sorted columns.
	Shown    []int
	Keys     []int
	Row, Odd int
	// Count is the index in Columns of how many rows are left in all, 0 for none.
	Count int
	// Limit is how many rows are wanted; the statement gives one more if there is one. 0: all.
	Limit int
	Back  bool // rows come in reverse
}

// Out is one column of a result.
type Out struct {
	Name string
	Type tabular.Type
	// Step and Width say what a group's value stands for: the first day of a time step, or
	// the lower end of a bin of that width.
	Step  tabular.Step
	Width float64
}

// Compile is Groups for a query that groups or measures, else Rows. from is a trusted
// item of a FROM clause. What is wrong with the query is a plaza.Error of kind Invalid
// whose fields are parameters of the view's address.
func Compile(t tabular.Table, hidden []string, q tabular.Query, from string) (SQL, error) {
	if Grouped(q) {
		return Groups(t, hidden, q, from)
	}
	return Rows(t, hidden, q, from)
}

// Grouped reports whether a query asks for groups instead of rows.
func Grouped(q tabular.Query) bool { return len(q.Group) > 0 || len(q.Measures) > 0 }

// Rows compiles a query for one page of rows, one more than its limit.
func Rows(t tabular.Table, hidden []string, q tabular.Query, from string) (SQL, error) {
	b := newBuilder(t, hidden)
	limit := b.limit(q.Limit, DefaultRows, MaxRows)
	sort := b.sorted(q.Sort)
	out := SQL{Limit: limit, Back: q.Key != nil && q.Key.Back}
	list := b.selected(&out, q.Columns, sort)
	where := b.where(q)
	if len(where) == 0 && len(sort) == 0 {
		// which rows these are is known: the engine need not find out
		b.write("SELECT ", list, " FROM ", from, " WHERE ", b.window(q.Key, limit), orderBy(nil, out.Back))
		return b.done(out)
	}
	if q.Key != nil {
		where = append(where, b.after(*q.Key, sort, from))
	}
	most := b.bind(int64(limit)+1, "BIGINT")
	if q.Counted && q.Key == nil && len(searched(q.Search)) > 0 {
		b.counted(&out, list, from, where, sort, most)
	} else {
		b.write("SELECT ", list, " FROM ", from, conjunction(where), orderBy(sort, out.Back), " LIMIT ", most)
	}
	return b.done(out)
}

// counted writes the statement of a first page that says how many rows there are: what is
// searched is looked for once, for both.
func (b *builder) counted(out *SQL, list, from string, where []string, sort []order, most string) {
	found, keys := rowColumn, slices.Clone(sort)
	for i := range keys {
		name := fmt.Sprintf("k%d", i)
		found += ", " + keys[i].expr + " AS " + name
		keys[i].expr = name
	}
	out.Count = len(out.Columns)
	out.Columns = append(out.Columns, Out{Name: string(tabular.Count), Type: tabular.Integer})
	b.write("WITH found AS MATERIALIZED (SELECT ", found, " FROM ", from, conjunction(where), ") SELECT ", list, ", (SELECT count(*) FROM found) FROM ", from,
		" WHERE ", rowColumn, " IN (SELECT ", rowColumn, " FROM found", orderBy(keys, false), " LIMIT ", most, ")", orderBy(sort, false))
}

// All compiles a query for every row that it leaves, or every group, most at the most (0: no
// end), in its order: what leaves as a file. Key and Limit do not count. Without odd, the
// text of cells that do not fit and the row's number stay behind.
func All(t tabular.Table, hidden []string, q tabular.Query, from string, most int64, odd bool) (SQL, error) {
	b := newBuilder(t, hidden)
	var out SQL
	if Grouped(q) {
		out = b.grouped(q, from)
	} else {
		out = b.every(q, from, odd)
	}
	if most > 0 {
		b.write(" LIMIT ", b.bind(most, "BIGINT"))
	}
	return b.done(out)
}

// every writes the statement of all rows.
func (b *builder) every(q tabular.Query, from string, odd bool) (out SQL) {
	sort := b.sorted(q.Sort)
	var list string
	if odd {
		list = b.selected(&out, q.Columns, sort)
	} else {
		list = b.bare(&out, q.Columns)
	}
	b.write("SELECT ", list, " FROM ", from, conjunction(b.where(q)), orderBy(sort, false))
	return out
}

// One compiles the reading of a single row by its number, with all columns.
func One(t tabular.Table, hidden []string, number int64, from string) (SQL, error) {
	b := newBuilder(t, hidden)
	out := SQL{}
	list := b.selected(&out, nil, nil)
	b.write("SELECT ", list, " FROM ", from, " WHERE ", rowColumn, " = ", b.bind(number, "BIGINT"))
	return b.done(out)
}

// Count compiles the number of rows that a query's search and conditions leave.
func Count(t tabular.Table, hidden []string, q tabular.Query, from string) (SQL, error) {
	b := newBuilder(t, hidden)
	b.write("SELECT count(*) FROM ", from, conjunction(b.where(q)))
	return b.done(SQL{Columns: []Out{{Name: string(tabular.Count), Type: tabular.Integer}}, Shown: []int{0}, Row: -1, Odd: -1})
}
