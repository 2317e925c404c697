// Package tool keeps Herramientas: visualisations that somebody saved to share them. A
// native one is a document that says from which resources of the catalogue it is drawn, and
// how (package spec); one elsewhere is an address, with what is said of it. Both are a
// Document, and are kept the same way.
//
//	working copy ──▶ Publish ──▶ version 1, 2, … ──▶ Withdraw
//	 (revisions,        │
//	  undo, redo)       └─▶ waits for review, then a version
//
// A version is never changed. What everybody sees is the current one; its owner works on a
// copy that nobody else sees. A tool belongs to the person who made it or, when somebody who
// speaks for it there gave it to one, to an institution: then it is official. A published
// tool may be the base of another, which names it.
//
// Each publication writes down which datasets, resources and columns it rests on (Use). When
// a file gets other columns, the tools that follow it are outdated, and say which column may
// stand for the one that went (drift.go).
//
// This package knows the catalogue and the explorer only through what is injected (Deps).
package tool

import (
	"embed"
	"time"

	"plaza/internal/base/text"
	"plaza/internal/civic/access"
	"plaza/internal/civic/moderation"
	"plaza/internal/plaza"
	"plaza/internal/section/tool/spec"
)

// Locale holds the sentences of this package, in Spanish and English.
//
//go:embed locale/*.json
var Locale embed.FS

// Kind is the kind of a tool's Ref.
const Kind = "tool"

// Path is the gallery, and MinePath the page of one's own tools.
const (
	Path     = "/herramientas"
	MinePath = "/mi/herramientas"
)

// Point is where personal data is collected: the notice of the form.
const Point = "tool"

// The kinds of what tools rest on: the catalogue's.
const (
	KindDataset  = "dataset"
	KindResource = "resource"
)

// Limits of what people make.
const (
	MaxDrafts    = 200  // of a person that were never published
	MaxRevisions = 50   // of a working copy that are kept
	MaxNote      = 500  // letters of what changed
	MaxReason    = 1000 // letters of why a tool is withdrawn
)

// Tool is a visualisation that was saved.
type Tool struct {
	ID   string
	Slug string
	Kind spec.Kind
	// Standing is where it stands with moderation; "" for a draft that was never sent.
	Standing      moderation.State
	Author        string // id of the person who began it, "" once they are gone
	Owner         string // id of the person whose it is, "" when it is an institution's
	Institution   string // id of the institution whose it is, "" when it is a person's
	Title         string
	Summary       string
	Language      string
	Parent        string // id of the tool that it was made from
	ParentVersion int
	Version       int // the current one, 0 while none was public
	Featured      time.Time
	Created       time.Time
	Published     time.Time // the first time
	Modified      time.Time // of what everybody sees
	// Outdated is since when its data have other columns than it needs, which are Losses.
	Outdated  time.Time
	Losses    []Loss
	Withdrawn string // why its owner took it back
	URL       string // of one elsewhere
	Address   Address
	Views     int64

	pending    waiting
	draft      int
	draftLast  int
	featuredBy string
}

// Address is what is known of where a tool elsewhere is.
type Address struct {
	Status   int       // HTTP, when it was last looked at
	Fault    string    // "" it answered well
	Failures int       // in a row
	Checked  time.Time // zero: never
	Failing  time.Time // since when it fails
	Since    time.Time // since when it counts as broken, zero: it does not
	Next     time.Time // when it is looked at next, zero: as soon as may be
}

// Broken reports whether it failed so often, and for so long, that this is no chance.
func (a Address) Broken() bool { return !a.Since.IsZero() }

// Ref names the tool.
func (t Tool) Ref() plaza.Ref { return plaza.Ref{Kind: Kind, ID: t.ID} }

// Path is its public page.
func (t Tool) Path() string { return Path + "/" + t.Slug }

// EditPath is where its owner works on it.
func (t Tool) EditPath() string { return MinePath + "/" + t.ID }

// External reports whether it is elsewhere.
func (t Tool) External() bool { return t.Kind == spec.KindExternal }

// Draft reports whether it was never sent to be published.
func (t Tool) Draft() bool { return t.Standing == "" }

// Public reports whether everybody may see it.
func (t Tool) Public() bool { return t.Standing == moderation.Public }

// Official reports whether it is an institution's.
func (t Tool) Official() bool { return t.Institution != "" }

// Alive reports whether it shows what it was made to show.
func (t Tool) Alive() bool { return t.Outdated.IsZero() && !t.Address.Broken() }

// Waiting reports whether a version of it waits for review.
func (t Tool) Waiting() bool { return t.pending.Document != nil }

// Working reports whether there is a working copy.
func (t Tool) Working() bool { return t.draft > 0 }

// Object is the tool as permissions see it.
func (t Tool) Object() access.Object {
	return access.Object{Kind: Kind, Institution: t.Institution, Owner: t.Owner}
}

// Seen reports whether an actor may see the tool: what is not public, its owner and who
// speaks for its institution.
func (t Tool) Seen(by plaza.Actor) bool {
	return t.Public() || access.Can(by, access.ToolWrite, t.Object()) || access.Can(by, access.ToolWithdraw, t.Object())
}

// Version is what was published of a tool.
type Version struct {
	Tool     string
	Number   int // from 1
	Document Document
	Title    string
	Summary  string
	Note     string // what changed
	Author   string // id of a person, "" once they are gone
	At       time.Time
}

// Draft is the working copy of a tool.
type Draft struct {
	Tool Tool
	// Revision is which one it is; 0 is the current version, of which nothing was changed.
	Revision int
	Document Document
	At       time.Time
	Undo     bool // whether there is a revision before it
	Redo     bool // whether there is one after it
}

// Use is that a tool rests on a column, table or dataset.
type Use struct {
	Dataset  string `json:"dataset"`            // id
	Resource string `json:"resource,omitempty"` // id, "" for a dataset whole
	Table    int    `json:"table,omitempty"`    // from 1
	Column   string `json:"column,omitempty"`   // name, "" for a table whole
	Pinned   int    `json:"pinned,omitempty"`   // number of the file's version, 0 follows the newest
	Seen     int    `json:"seen,omitempty"`     // version whose columns these are, 0 not known
	Type     string `json:"type,omitempty"`     // of the column then
	Position int    `json:"position"`           // among the table's columns, -1 not known
}

// slugOf is the end of a tool's address: its title, told apart by its id.
func slugOf(title, id string) string { return text.Slug(title, 60) + "-" + id[len(id)-6:] }

// errState says that a tool does not stand where something can be done to it.
var errState error = plaza.E(plaza.Conflict, "tool.error.state")

// errNone says that there is no such tool.
var errNone error = plaza.E(plaza.NotFound, "tool.error.not_found")
