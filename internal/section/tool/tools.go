package tool

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/fetch"
	"plaza/internal/civic/gate"
	"plaza/internal/civic/moderation"
	"plaza/internal/plaza"
	"plaza/internal/section/tool/spec"
)

// Origin is what the catalogue tells of a dataset or resource that a tool rests on.
type Origin struct {
	Dataset     string // id, of a resource that of its dataset
	Title       string // of the dataset
	Institution string // id, "" for none
	Themes      []string
	Places      []string // codes of states
}

// Shape is which columns the tables of a resource's file have, as anybody may see them.
type Shape struct {
	Version int // number of the file's version
	Tables  []Table
}

// Table is one of a file.
type Table struct{ Columns []Column }

// Column is one of a table.
type Column struct{ Name, Type string }

// Deps are what tools need. DB, Gate and Lineage are required.
type Deps struct {
	DB   *db.DB
	Gate *gate.Gate
	// Screen judges what is published; nil lets everything through.
	Screen moderation.Screener
	// Lineage tells of datasets and resources, by their Refs; those that are not public now
	// are left out.
	Lineage func(tx *db.Tx, refs []plaza.Ref) (map[plaza.Ref]Origin, error)
	// Check holds a document to the tables that it names, before it is published; what is
	// wrong with it is Invalid. nil holds it to nothing.
	Check func(ctx context.Context, s spec.Spec) error
	// Shape tells of a version of a resource's file, by its number, 0 for the current one;
	// NotFound when it was not opened. nil knows of none.
	Shape func(ctx context.Context, resource string, version int) (Shape, error)
	// Published is told of each version in the transaction that makes it current, for what
	// follows from it, as pictures. nil: nothing does.
	Published func(tx *db.Tx, t Tool) error
	// Renewed is told of each tool that follows a file which changed, in the transaction that
	// compares them. nil: nothing follows from it.
	Renewed func(tx *db.Tx, tool string) error
	// Client looks whether tools elsewhere still open; nil: nobody looks.
	Client *fetch.Client
	Log    *slog.Logger
}

// Tools is the tools of an installation. It is safe for concurrent use.
type Tools struct {
	Deps

	mu     sync.Mutex
	visits map[visit]int // not in the store yet
	since  time.Time     // when they were last stored
}

// New makes the Tools.
func New(deps Deps) *Tools {
	if deps.Log == nil {
		deps.Log = slog.Default()
	}
	return &Tools{Deps: deps, visits: map[visit]int{}}
}

// How often people may make tools.
var (
	perMaker     = gate.Limit{Name: "tool.make", Max: 60, Window: time.Hour, Key: "tool.error.often"}
	perPublisher = gate.Limit{Name: "tool.publish", Max: 60, Window: time.Hour, Key: "tool.error.often"}
	perNetwork   = gate.Limit{Name: "tool.network", Max: 300, Window: time.Hour, Key: "tool.error.often"}
)
