package tabular

import "strconv"

// Profile is all that is known of a file: what `plaza explore profile` prints and what
// is kept of each version.
type Profile struct {
	Format   string    `json:"format"` // what the file is: csv, zip, xlsx, pdf, html, …
	Bytes    int64     `json:"bytes"`
	SHA256   string    `json:"sha256"`
	Tables   []Table   `json:"tables"`
	Problems []Problem `json:"problems"` // of the file
	// Skipped are members and sheets that hold no table, with why ("tabular.fault." key).
	Skipped []Skipped `json:"skipped,omitempty"`
}

// Skipped is a part of a file that is no table.
type Skipped struct {
	Name string `json:"name"`
	Why  string `json:"why"`
}

// Table is one table of a file.
type Table struct {
	Name   string `json:"name"`
	Format string `json:"format"`
	Rows   int64  `json:"rows"`
	Layout
	Columns  []Column  `json:"columns"`
	Place    Place     `json:"place"`
	Key      []string  `json:"key,omitempty"` // columns that together name a row, when one or two do
	Problems []Problem `json:"problems"`
	Parquet  Stored    `json:"parquet"`
}

// Years are the first and the last that columns of dates and years cover, by their
// statistics; zero for none.
func Years(columns []Column) (out [2]int) {
	for _, c := range columns {
		if !c.Type.Temporal() || len(c.Stats.Min) < 4 || len(c.Stats.Max) < 4 || c.Meaning.Personal() {
			continue
		}
		from, errFrom := strconv.Atoi(c.Stats.Min[:4])
		to, errTo := strconv.Atoi(c.Stats.Max[:4])
		// Birthdays of the nineteenth century and dates meant as "never" cover nothing.
		if errFrom != nil || errTo != nil || from < 1800 || to > 2100 {
			continue
		}
		if out == [2]int{} {
			out = [2]int{from, to}
		}
		out = [2]int{min(out[0], from), max(out[1], to)}
	}
	return out
}

// Stored is a file of the engine.
type Stored struct {
	SHA256 string `json:"sha256"`
	Bytes  int64  `json:"bytes"`
}

// Column is what is known of a column.
type Column struct {
	Name    string  `json:"name"`            // unlike every other of the table; the Parquet column
	Label   string  `json:"label,omitempty"` // as the file has it, where that differs
	Type    Type    `json:"type"`
	Meaning Meaning `json:"meaning"`
	Unit    string  `json:"unit,omitempty"`   // MXN, km, %, …
	Format  string  `json:"format,omitempty"` // how values are written; see package infer
	// Doubts say what is a guess ("tabular.doubt." keys); empty: it is sure.
	Doubts []string `json:"doubts,omitempty"`
	// Corrected says that people of the institution set type, name, meaning or unit.
	Corrected bool         `json:"corrected,omitempty"`
	Nulls     []ValueCount `json:"nulls,omitempty"` // spellings of nothing, "" for empty cells
	Odd       int64        `json:"odd,omitempty"`   // cells whose text does not fit the type
	Note      string       `json:"note,omitempty"`  // the dictionary's words
	Stats     Stats        `json:"stats"`
}

// Stats describe a column's values. Those of suspected personal data hold counts only.
// Min, Max, bins and values are texts as Cell has them.
type Stats struct {
	Count     int64        `json:"count"` // rows with a value
	Nulls     int64        `json:"nulls"`
	Distinct  int64        `json:"distinct"`
	Estimated bool         `json:"estimated,omitempty"` // Distinct is, within 3 %
	Min       string       `json:"min,omitempty"`
	Max       string       `json:"max,omitempty"`
	Mean      *float64     `json:"mean,omitempty"`
	Sum       *float64     `json:"sum,omitempty"`
	Quantiles []string     `json:"quantiles,omitempty"` // 5, 25, 50, 75, 95 %
	Histogram []Bin        `json:"histogram,omitempty"`
	Top       []ValueCount `json:"top,omitempty"` // most frequent first, at most 20
}

// Bin is one bar of a histogram: values from From on, below To (the last: up to it).
type Bin struct {
	From  string `json:"from"`
	To    string `json:"to"`
	Count int64  `json:"count"`
}

// ValueCount is a value and how many rows have it.
type ValueCount struct {
	Value string `json:"value"`
	Count int64  `json:"count"`
}

// PlaceKind is by what rows of a table can be put on a map.
type PlaceKind string

// The kinds of place, "" for none.
const (
	PlacePoint        PlaceKind = "point"        // two columns
	PlacePair         PlaceKind = "pair"         // one column with both
	PlaceGeometry     PlaceKind = "geometry"     // one column
	PlaceState        PlaceKind = "state"        // one column with codes of states
	PlaceMunicipality PlaceKind = "municipality" // one column with codes, or a state's and a town's
	PlaceNames        PlaceKind = "names"        // one column with names of states; or a state's and one with names of towns
)

// Place says by which columns rows lie on a map. With a point, a pair or a geometry the
// Parquet has ColumnLon, ColumnLat, ColumnEnt and ColumnMun; with names it has the codes
// that they are of.
type Place struct {
	Kind    PlaceKind `json:"kind,omitempty"`
	Columns []string  `json:"columns,omitempty"` // latitude and longitude; or state and town; or the one
	States  []string  `json:"states,omitempty"`  // codes present, sorted, at most 32
	Towns   []string  `json:"towns,omitempty"`   // five-digit codes present, sorted, at most 2,500
	Box     []float64 `json:"box,omitempty"`     // west, south, east, north in degrees
}

// Located reports whether each row of the table has a point.
func (p Place) Located() bool {
	return p.Kind == PlacePoint || p.Kind == PlacePair || p.Kind == PlaceGeometry
}

// Correction is what people of an institution said of a table; it holds for later
// versions too. Zero fields leave what was found.
type Correction struct {
	Table string `json:"table"`
	// HeaderLine is the line of the names, from 1; -1: there are none. 0 leaves it.
	HeaderLine int `json:"header_line,omitempty"`
	HeaderRows int `json:"header_rows,omitempty"`
	// Columns are by the name that the column has without corrections.
	Columns map[string]ColumnCorrection `json:"columns,omitempty"`
}

// ColumnCorrection is what people said of one column.
type ColumnCorrection struct {
	Name    string  `json:"name,omitempty"`
	Type    Type    `json:"type,omitempty"`
	Meaning Meaning `json:"meaning,omitempty"`
	Unit    string  `json:"unit,omitempty"`
	Format  string  `json:"format,omitempty"`
}

// Column is a column by its name, nil when there is none.
func (t *Table) Column(name string) *Column {
	for i := range t.Columns {
		if t.Columns[i].Name == name {
			return &t.Columns[i]
		}
	}
	return nil
}
