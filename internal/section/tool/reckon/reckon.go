// Package reckon computes what a view of a Herramienta shows: it opens the resources that a
// document names, asks for groups or rows, joins, divides, puts together what is left over,
// and counts what had to be left out. A Result is a table of values: pictures are drawn from
// it, and the table beside each picture is it.
package reckon

import (
	"embed"
	"time"

	"plaza/internal/base/tabular"
	"plaza/internal/plaza"
)

// Locale holds the sentences of what does not fit, in Spanish and English.
//
//go:embed locale/*.json
var Locale embed.FS

// Other stands in a group's column for categories that are put together; no other cell of a
// group is odd.
var Other = tabular.Cell{Text: "…", Null: true, Odd: true}

// Role is what a column of a Result is in its view.
type Role string

// The roles, by the channel that a column stands for.
const (
	RoleX         Role = "x"
	RoleY         Role = "y"
	RoleColor     Role = "color"
	RoleSize      Role = "size"
	RoleFacet     Role = "facet"
	RoleDetail    Role = "detail"
	RolePlace     Role = "place"
	RoleLongitude Role = "longitude"
	RoleLatitude  Role = "latitude"
	RoleLabel     Role = "label"
	RoleColumn    Role = "column" // of a table
	// RoleShare is what percentage of its place on the axis the first measure is, where that
	// is what is drawn.
	RoleShare Role = "share"
)

// Column is one of a Result.
type Column struct {
	Name    string          `json:"name"` // unlike every other: what files call it
	Role    Role            `json:"role"`
	Title   string          `json:"title"` // as the document or the table's column has it; "" : by Func and Field
	Field   string          `json:"field,omitempty"`
	Unit    string          `json:"unit,omitempty"`
	Type    tabular.Type    `json:"type"`
	Meaning tabular.Meaning `json:"meaning,omitempty"`
	Func    tabular.Func    `json:"func,omitempty"`  // of a measure
	Step    tabular.Step    `json:"step,omitempty"`  // of a group
	Width   float64         `json:"width,omitempty"` // of bins
	Group   bool            `json:"group,omitempty"` // rows are put together by it
	Per     string          `json:"per,omitempty"`   // by what a measure is divided, spec.View.Per
	Times   float64         `json:"times,omitempty"`
}

// Result is what a view shows.
type Result struct {
	View    string           `json:"view"` // name
	Columns []Column         `json:"columns"`
	Rows    [][]tabular.Cell `json:"rows"`
	// Names are what codes of places stand for, by code.
	Names map[string]string `json:"names,omitempty"`
	// Rest is the first row whose group on the axis is Other, what is left over (with series
	// there is such a row for each), -1 for none; Folded how many categories are in Other.
	Rest   int `json:"rest"`
	Folded int `json:"folded,omitempty"`
	// RestSeries is the text of Other where the color column has it, "" where it has not.
	RestSeries string `json:"restSeries,omitempty"`
	// Left is how many categories, marks or rows are not shown, because there are more than
	// may be; LeftRows, of groups that were not even asked for, how many rows of the table.
	Left     int64 `json:"left,omitempty"`
	LeftRows int64 `json:"leftRows,omitempty"`
	// Counted is how many rows of the table were counted; Missing how many of them had no
	// value in the measured column or on an axis in order, Nowhere how many no group of place,
	// Odd how many of those missing had a text that does not fit (known of whole tables only).
	Counted int64 `json:"counted"`
	Missing int64 `json:"missing,omitempty"`
	Nowhere int64 `json:"nowhere,omitempty"`
	Odd     int64 `json:"odd,omitempty"`
	// Joins say how keys met, a lookup or a division by population each.
	Joins []Join `json:"joins,omitempty"`
	// Unknown are codes that the shapes do not have, at most 50, and UnknownCount how many.
	Unknown      []string `json:"unknown,omitempty"`
	UnknownCount int      `json:"unknownCount,omitempty"`
	// Negative is how many parts of a treemap are below zero: they are left out.
	Negative int `json:"negative,omitempty"`
	// Total is of a figure: the value before the last one of Rows; of a treemap the sum.
	Total *float64 `json:"total,omitempty"`
	// Clustered says that points are too many: each row stands for those of a cell of a grid,
	// at their middle, with how many they are. Binned says the same of a scatter, whose axes
	// are divided then.
	Clustered bool `json:"clustered,omitempty"`
	Binned    bool `json:"binned,omitempty"`
	// Chosen are the values that readers chose of a column by which this view groups,
	// ChosenRange the least and the greatest, "" open. They are to be highlighted: all others
	// are there.
	Chosen      map[string][]string  `json:"chosen,omitempty"`
	ChosenRange map[string][2]string `json:"chosenRange,omitempty"`
	// Wrong are choices of readers that do not fit, by their parameters: they were left out.
	Wrong plaza.Mistakes `json:"-"`
	// Shapes are of a geoshape over a resource's own polygons: GeoJSON by code.
	Shapes map[string]string `json:"shapes,omitempty"`
	Stamps []Stamp           `json:"stamps"` // of the sources that were read
}

// Join is how the keys of two sources met.
type Join struct {
	From          string   `json:"from"` // name of the source; "population" for the census
	Key           string   `json:"key"`
	Matched       int      `json:"matched"` // different keys
	Unmatched     int      `json:"unmatched"`
	UnmatchedIs   []string `json:"unmatchedIs,omitempty"` // at most 50 of them
	MatchedRows   int64    `json:"matchedRows"`
	UnmatchedRows int64    `json:"unmatchedRows"`
}

// Stamp says what was read of a resource.
type Stamp struct {
	Source      string    `json:"source"` // name in the document; "population" for the census
	Resource    string    `json:"resource"`
	Title       string    `json:"title"`
	Dataset     string    `json:"dataset"` // title
	Path        string    `json:"path"`
	Institution string    `json:"institution"`
	License     string    `json:"license"`
	LicenseURL  string    `json:"licenseUrl,omitempty"`
	Version     int       `json:"version"`
	Fetched     time.Time `json:"fetched"`
	Pinned      bool      `json:"pinned"`
	Newest      int       `json:"newest"` // number of the newest version
	SHA256      string    `json:"sha256"` // of the table that was asked, and what is hidden of it
}
