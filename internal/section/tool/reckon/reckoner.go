package reckon

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"plaza/internal/base/tabular"
	"plaza/internal/base/tabular/child"
	"plaza/internal/base/tabular/query"
	"plaza/internal/plaza"
	"plaza/internal/section/tool/spec"
)

// Opener opens the files of resources as tables: the explorer, to which site fits it.
type Opener interface {
	// Open gives a version of a resource by its number, 0 for the newest.
	Open(ctx context.Context, resource string, version int) (Opened, error)
}

// Opened is a version of a resource. Whoever has it calls Close.
type Opened interface {
	// Stamp tells of the resource and the version; Source, Pinned and SHA256 are not its own.
	Stamp() Stamp
	// Table is one of the version's tables, from 0, until Close.
	Table(ctx context.Context, i int) (child.Table, error)
	Close()
}

// Engine answers questions about tables: child.Engine's, and what remembers its answers.
type Engine interface {
	Page(ctx context.Context, t child.Table, q tabular.Query) (tabular.Page, error)
	Count(ctx context.Context, t child.Table, q tabular.Query) (int64, error)
	Groups(ctx context.Context, t child.Table, q tabular.Query) (tabular.Groups, error)
}

// Reckoner computes views. It is safe for concurrent use.
type Reckoner struct {
	Opener Opener
	Engine Engine
}

// Population is the name that the census has in stamps, joins and spec.View.Per.
const Population = "population"

// census is what is told of the population's source; Fetched is when it was published.
var census = Stamp{Source: Population, Title: "Censo de Población y Vivienda 2020", Institution: "INEGI",
	License: "Términos de Libre Uso de la Información del INEGI", LicenseURL: "https://www.inegi.org.mx/inegi/terminos.html",
	Fetched: time.Date(2021, 3, 16, 0, 0, 0, 0, time.UTC)}

// View computes what a view shows. reader are the choices of who looks at it, in the language
// of the explorer's addresses. NotFound when there is no such view; Invalid, with paths of
// the document as fields, when columns are not there, do not fit or are withheld; besides,
// what opening and asking give.
func (k *Reckoner) View(ctx context.Context, s spec.Spec, name string, reader url.Values) (Result, error) {
	i := slices.IndexFunc(s.Views, func(v spec.View) bool { return v.Name == name })
	if i < 0 {
		return Result{}, plaza.E(plaza.NotFound, "toolreckon.view")
	}
	if s.Views[i].Mark == spec.Text {
		return Result{View: name, Rest: -1, Columns: []Column{}, Rows: [][]tabular.Cell{}, Stamps: []Stamp{}}, nil
	}
	d := &desk{k: k, s: s, open: map[string]*source{}}
	defer d.close()
	p, err := d.plan(ctx, i)
	if err != nil {
		return Result{}, err
	}
	if err := p.wrong.Err("toolreckon.error"); err != nil {
		return Result{}, err
	}
	if err := d.choose(ctx, p, reader); err != nil {
		return Result{}, err
	}
	if err := p.run(ctx); err != nil {
		return Result{}, p.told(err)
	}
	p.finish()
	return p.out, nil
}

// desk is what one call has open.
type desk struct {
	k     *Reckoner
	s     spec.Spec
	open  map[string]*source // by name
	files []Opened
}

// errTable says that a file opens, and has no table of that number.
var errTable = errors.New("there is no such table")

// source is one of the document's, opened.
type source struct {
	spec  spec.Source
	path  string        // in the document
	table child.Table   // what is asked; with the point's columns, where rows have one
	shown tabular.Table // what may be known of it
	stamp Stamp
}

func (d *desk) close() {
	for _, f := range d.files {
		f.Close()
	}
}

// source opens a source by its name, once.
func (d *desk) source(ctx context.Context, name string) (*source, error) {
	if src := d.open[name]; src != nil {
		return src, nil
	}
	i := slices.IndexFunc(d.s.Sources, func(one spec.Source) bool { return one.Name == name })
	if i < 0 {
		return nil, plaza.E(plaza.NotFound, "toolreckon.source")
	}
	src := &source{spec: d.s.Sources[i], path: fmt.Sprintf("sources[%d]", i)}
	file, err := d.k.Opener.Open(ctx, src.spec.Resource, src.spec.Version)
	if err != nil {
		return nil, err
	}
	d.files = append(d.files, file)
	src.table, err = file.Table(ctx, max(src.spec.Table, 1)-1)
	switch {
	case plaza.KindOf(err) == plaza.NotFound:
		return nil, fmt.Errorf("%w: %w", errTable, err)
	case err != nil:
		return nil, err
	}
	src.shown = query.Visible(src.table.Profile, src.table.Hidden)
	src.table.Profile = src.pointed(src.table.Profile)
	src.stamp = file.Stamp()
	src.stamp.Source, src.stamp.Resource, src.stamp.Pinned = name, src.spec.Resource, src.spec.Version > 0
	src.stamp.SHA256 = src.table.Profile.Parquet.SHA256
	if len(src.table.Hidden) > 0 {
		sum := sha256.Sum256([]byte(src.stamp.SHA256 + "\x00" + strings.Join(src.table.Hidden, "\x00")))
		src.stamp.SHA256 = hex.EncodeToString(sum[:])
	}
	d.open[name] = src
	return src, nil
}

// pointed is a profile with the two halves of the row's point as columns, which can be read
// as others are then.
func (src *source) pointed(t tabular.Table) tabular.Table {
	if !src.shown.Place.Located() {
		return t
	}
	t.Columns = slices.Clone(t.Columns)
	for _, name := range []string{tabular.ColumnLon, tabular.ColumnLat} {
		if c, derived := src.column(name); derived && t.Column(name) == nil {
			t.Columns = append(t.Columns, *c)
		}
	}
	return t
}

// column is a column of the source by its name, those that its place gives among them.
func (src *source) column(name string) (c *tabular.Column, ok bool) {
	if c = src.shown.Column(name); c != nil {
		return c, true
	}
	states, towns := query.Places(src.shown)
	p := src.shown.Place
	side := slices.Index([]string{tabular.ColumnLon, tabular.ColumnLat}, name)
	switch {
	case name == tabular.ColumnEnt && states:
		return &tabular.Column{Name: name, Type: tabular.Code, Meaning: tabular.State}, true
	case name == tabular.ColumnMun && towns:
		return &tabular.Column{Name: name, Type: tabular.Code, Meaning: tabular.Municipality}, true
	case side >= 0 && p.Located():
		c := &tabular.Column{Name: name, Type: tabular.Decimal, Meaning: []tabular.Meaning{tabular.Longitude, tabular.Latitude}[side]}
		if len(p.Box) == 4 {
			c.Stats.Min, c.Stats.Max = query.Float(p.Box[side]), query.Float(p.Box[side+2])
		}
		return c, true
	}
	return nil, false
}

// told is an error of asking, with the view's place in the document as the field of what is
// wrong with a question.
func (p *plan) told(err error) error {
	e, ok := errors.AsType[*plaza.Error](err)
	if !ok || e.Kind != plaza.Invalid || e.Key == "toolreckon.error" {
		return err
	}
	wrong := plaza.Mistakes{}
	for _, f := range e.Fields {
		wrong = append(wrong, plaza.FieldError{Field: p.path, Key: f.Key, Args: f.Args})
	}
	if len(wrong) == 0 {
		return err
	}
	return &plaza.Error{Kind: plaza.Invalid, Key: "toolreckon.error", Fields: wrong, Cause: err}
}
