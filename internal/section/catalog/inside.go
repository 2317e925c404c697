package catalog

import (
	"slices"
	"strconv"
	"strings"
	"sync"

	"plaza/internal/base/tabular"
	"plaza/internal/base/tabular/place"
	"plaza/internal/base/text"
)

// Inside is what the file of a resource holds, as far as it helps to find it. It holds
// nothing of columns that nobody may see.
type Inside struct {
	Tables []InsideTable `json:"tables"`
}

// InsideTable is one table of a file.
type InsideTable struct {
	Name    string         `json:"name,omitempty"`
	Rows    int64          `json:"rows"`
	Wide    int            `json:"wide"` // how many columns it has
	Columns []InsideColumn `json:"columns"`
	States  []string       `json:"states,omitempty"` // codes
	Towns   []string       `json:"towns,omitempty"`  // codes
	Years   [2]int         `json:"years"`
	// ByState and ByTown say that its rows can be narrowed by such codes.
	ByState bool `json:"by_state,omitempty"`
	ByTown  bool `json:"by_town,omitempty"`
}

// InsideColumn is one column of a table.
type InsideColumn struct {
	Name   string   `json:"name"`
	Label  string   `json:"label,omitempty"`
	Note   string   `json:"note,omitempty"`
	Unit   string   `json:"unit,omitempty"`
	Coded  bool     `json:"coded,omitempty"` // its values are codes, in which no words are looked for
	Values []string `json:"values,omitempty"`
}

// Bounds on what is kept of one file.
const (
	maxInsideTables  = 40
	maxInsideColumns = 400 // of all tables
	maxInsideValues  = 10  // of one column
	maxInsideValue   = 60  // characters
	maxInsideNote    = 200 // characters
)

// InsideOf is what of a profile helps to find its file; hidden tells of columns that
// nobody may see, of which nothing is kept.
func InsideOf(p tabular.Profile, hidden func(tabular.Column) bool) Inside {
	var in Inside
	left := maxInsideColumns
	for _, t := range p.Tables[:min(len(p.Tables), maxInsideTables)] {
		one := InsideTable{Name: tabular.Clip(t.Name, maxInsideValue), Rows: t.Rows}
		shown := slices.DeleteFunc(slices.Clone(t.Columns), hidden)
		one.Years = tabular.Years(shown)
		one.Wide = len(shown)
		for _, c := range shown {
			if left > 0 {
				left--
				one.Columns = append(one.Columns, insideColumn(c))
			}
		}
		one.place(t, hidden)
		in.Tables = append(in.Tables, one)
	}
	return in
}

func insideColumn(c tabular.Column) InsideColumn {
	out := InsideColumn{Name: c.Name, Label: c.Label, Note: tabular.Clip(c.Note, maxInsideNote), Unit: c.Unit, Coded: c.Type == tabular.Code}
	if c.Type != tabular.Text && c.Type != tabular.Code {
		return out
	}
	for _, v := range c.Stats.Top {
		// what is long is read, not looked for; a value that stands in one row alone is
		// frequent by chance
		if len(out.Values) < maxInsideValues && len([]rune(v.Value)) <= maxInsideValue && !text.Blank(v.Value) && !(v.Count < 2 && c.Stats.Distinct > maxInsideValues) {
			out.Values = append(out.Values, v.Value)
		}
	}
	return out
}

// place takes over where a table's rows are, unless that is known by a hidden column.
func (t *InsideTable) place(from tabular.Table, hidden func(tabular.Column) bool) {
	for _, name := range from.Place.Columns {
		if c := from.Column(name); c != nil && hidden(*c) {
			return
		}
	}
	t.States, t.Towns = from.Place.States, from.Place.Towns
	means := func(m ...tabular.Meaning) bool {
		return slices.ContainsFunc(from.Place.Columns, func(name string) bool {
			c := from.Column(name)
			return c != nil && slices.Contains(m, c.Meaning)
		})
	}
	switch {
	case from.Place.Located():
		t.ByState, t.ByTown = true, true
	case from.Place.Kind == tabular.PlaceState || from.Place.Kind == tabular.PlaceMunicipality:
		t.ByTown = means(tabular.Municipality) || means(tabular.State) && means(tabular.TownOnly)
		t.ByState = t.ByTown || means(tabular.State)
	}
}

// states are the codes of all states that the tables hold.
func (in Inside) states() []string {
	return in.codes(func(t InsideTable) []string {
		out := slices.Clone(t.States)
		for _, town := range t.Towns {
			if len(town) > 2 {
				out = append(out, town[:2])
			}
		}
		return out
	})
}

// towns are the codes of all municipalities that the tables hold.
func (in Inside) towns() []string {
	return in.codes(func(t InsideTable) []string { return t.Towns })
}

func (in Inside) codes(of func(InsideTable) []string) []string {
	var out []string
	for _, t := range in.Tables {
		out = append(out, of(t)...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Years that a facet knows one by one, and the first and last that are believed.
const (
	maxYears  = 120
	firstYear = 1500
	lastYear  = 2200
)

// years are the values of FacetYears: each year that the tables cover, the newest ones,
// and each decade.
func (in Inside) years() []string {
	var years, decades []int
	for _, t := range in.Tables {
		if t.Years[0] < firstYear || t.Years[1] > lastYear {
			continue
		}
		for y := t.Years[0]; y <= t.Years[1]; y++ {
			years, decades = append(years, y), append(decades, y-y%10)
		}
	}
	slices.Sort(years)
	slices.Sort(decades)
	years, decades = slices.Compact(years), slices.Compact(decades)
	var out []string
	for _, y := range years[max(0, len(years)-maxYears):] {
		out = append(out, strconv.Itoa(y))
	}
	for _, d := range decades {
		out = append(out, decade(d))
	}
	return out
}

// decade is the value of FacetYears for ten years.
func decade(first int) string { return strconv.Itoa(first) + "-" + strconv.Itoa(first+9) }

// words collects texts until there are so many words.
type words struct {
	left int
	list []string
	seen map[string]bool
}

func wordsUpTo(n int) *words { return &words{left: n, seen: map[string]bool{}} }

// add takes a text in whole, unless it was or its words are too many.
func (w *words) add(s string) {
	n := len(text.Words(s))
	if n == 0 || n > w.left || w.seen[s] {
		return
	}
	w.seen[s] = true
	w.left -= n
	w.list = append(w.list, s)
}

// How many words of each sort one file puts into the index.
const (
	maxNameWords  = 150
	maxNoteWords  = 110
	maxValueWords = 110
	maxPlaceWords = 220
)

// names are what the columns are called.
func (in Inside) names() []string {
	w := wordsUpTo(maxNameWords)
	for _, t := range in.Tables {
		for _, c := range t.Columns {
			w.add(c.Name)
			w.add(c.Label)
		}
	}
	return w.list
}

// columns are the values of FacetColumn.
func (in Inside) columns() []string {
	var out []string
	for _, t := range in.Tables {
		for _, c := range t.Columns {
			out = append(out, column(c.Name), column(c.Label))
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// column is a column's name as a value of FacetColumn.
func column(name string) string { return text.Fold(strings.Join(text.Words(name), " ")) }

// notes are the dictionary's words, units and names of sheets.
func (in Inside) notes() []string {
	w := wordsUpTo(maxNoteWords)
	for _, t := range in.Tables {
		w.add(t.Name)
		for _, c := range t.Columns {
			w.add(c.Unit)
			w.add(c.Note)
		}
	}
	return w.list
}

// values are the most frequent values: the first of each column, then the next of each.
func (in Inside) values() []string {
	w := wordsUpTo(maxValueWords)
	for i := range maxInsideValues {
		for _, t := range in.Tables {
			for _, c := range t.Columns {
				if i < len(c.Values) {
					w.add(c.Values[i])
				}
			}
		}
	}
	return w.list
}

// places are the names of the states and, where they are not too many, municipalities.
func (in Inside) places() []string {
	w := wordsUpTo(maxPlaceWords)
	for _, code := range in.states() {
		if name, ok := place.State(code); ok {
			w.add(name)
		}
	}
	for _, code := range in.towns() {
		if name, ok := place.Municipality(code); ok {
			w.add(name)
		}
	}
	return w.list
}

// placeCodes are the codes of states and municipalities by their names' words, folded.
var placeCodes = sync.OnceValue(func() map[string][]string {
	out := map[string][]string{}
	for _, s := range place.States() {
		out[column(s.Name)] = append(out[column(s.Name)], s.Code)
		for _, t := range place.Towns(s.Code) {
			out[column(t.Name)] = append(out[column(t.Name)], t.Code)
		}
	}
	return out
})
