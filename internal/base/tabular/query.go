package tabular

// Query asks for rows of one table, or for groups of them. Values are texts as people
// write them for the column's type (numbers with a point, dates as 2006-01-02); package
// query checks them and compiles it.
type Query struct {
	Columns []string    `json:"columns,omitempty"` // to show; empty: all
	Search  string      `json:"search,omitempty"`  // words, in any column of text, whatever case and accents
	Where   []Condition `json:"where,omitempty"`   // all hold
	Sort    []Order     `json:"sort,omitempty"`    // then by row number
	// Key begins after the row with that key: the values of the sorted columns and the
	// row's number, as Page.Next gives it; Back reads the ones before it.
	Key   *Position `json:"key,omitempty"`
	Limit int       `json:"limit,omitempty"`
	// Counted has the first page say how many rows are left. It is no part of an address.
	Counted bool `json:"counted,omitempty"`
	// Group and Measures ask for groups instead of rows.
	Group    []Group   `json:"group,omitempty"`
	Measures []Measure `json:"measures,omitempty"`
}

// Operator compares a column with values.
type Operator string

// The operators.
const (
	Is         Operator = "eq"       // any of the values
	IsNot      Operator = "ne"       // none of them; rows without value count
	Contains   Operator = "contains" // text, whatever case and accents
	StartsWith Operator = "starts"
	Less       Operator = "lt"
	AtMost     Operator = "lte"
	More       Operator = "gt"
	AtLeast    Operator = "gte"
	Between    Operator = "between" // two values, both included; "" is open
	Empty      Operator = "empty"
	NotEmpty   Operator = "not_empty"
	Near       Operator = "near"   // of the row's place: latitude, longitude, kilometres
	Inside     Operator = "inside" // of the row's place: INEGI code of a state or municipality
	Box        Operator = "box"    // of the row's place: west, south, east, north
)

// Operators are all of them.
var Operators = []Operator{Is, IsNot, Contains, StartsWith, Less, AtMost, More, AtLeast, Between, Empty, NotEmpty, Near, Inside, Box}

// Condition is one filter. Column is "" for those about the row's place.
type Condition struct {
	Column string   `json:"column,omitempty"`
	Op     Operator `json:"op"`
	Values []string `json:"values,omitempty"`
}

// Order is one key of a sort; rows without value come last.
type Order struct {
	Column string `json:"column"`
	Down   bool   `json:"down,omitempty"`
}

// Position is a row's place in a sorted table.
type Position struct {
	Values []Cell `json:"values,omitempty"` // of the sorted columns
	Row    int64  `json:"row"`
	Back   bool   `json:"back,omitempty"`
}

// Step is how values of a column are put together into groups.
type Step string

// The steps, "" for each value. Those of time are for dates; StepBins is for numbers.
const (
	StepYear    Step = "year"
	StepQuarter Step = "quarter"
	StepMonth   Step = "month"
	StepWeek    Step = "week"
	StepDay     Step = "day"
	StepHour    Step = "hour"
	StepBins    Step = "bins" // Bins of equal width between the column's least and greatest
)

// Group is one column by which rows are put together. A ColumnEnt or ColumnMun may
// stand for the place, ColumnLon and ColumnLat for its degrees: bins of these divide the
// box that a condition asks for, else the table's.
type Group struct {
	Column string `json:"column"`
	Step   Step   `json:"step,omitempty"`
	Bins   int    `json:"bins,omitempty"`
}

// Func is what is computed of a group.
type Func string

// The functions.
const (
	Count    Func = "count" // of rows, or of values when there is a column
	Sum      Func = "sum"
	Mean     Func = "mean"
	Median   Func = "median"
	Min      Func = "min"
	Max      Func = "max"
	Distinct Func = "distinct"
)

// Funcs are all of them.
var Funcs = []Func{Count, Sum, Mean, Median, Min, Max, Distinct}

// Measure is one number of a group.
type Measure struct {
	Func   Func   `json:"func"`
	Column string `json:"column,omitempty"`
}

// Cell is a value as text: numbers with a point and without grouping, dates as
// 2006-01-02, instants as 2006-01-02T15:04:05 with a fraction if there is one, booleans
// as true and false, geometries as GeoJSON.
type Cell struct {
	Text string `json:"t,omitempty"`
	Null bool   `json:"n,omitempty"`
	Odd  bool   `json:"o,omitempty"` // Text is as the file has it: it does not fit the column's type
}

// Page is what a query for rows gives.
type Page struct {
	Columns []string  `json:"columns"`
	Rows    [][]Cell  `json:"rows"`
	Numbers []int64   `json:"numbers"`        // of each row
	Next    *Position `json:"next,omitempty"` // nil: no more
	Before  *Position `json:"before,omitempty"`
	// Count is how many rows the query leaves, on a first page of one that is Counted.
	Count *int64 `json:"count,omitempty"`
}

// Groups is what a query for groups gives: the grouped columns' values, then the measures.
type Groups struct {
	Columns []string `json:"columns"`
	Rows    [][]Cell `json:"rows"`
	More    bool     `json:"more,omitempty"` // there are more than Limit
}
