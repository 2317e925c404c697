// Package tiles draws the rows of a resource's table on squares of the map, for interactive
// maps: GET /datos/{dataset}/recursos/{resource}/mosaicos/{z}/{x}/{y}, with the questions of
// the page's own addresses (package query says which), so that a map shows what the table
// shows.
//
// How a square is drawn follows from how many rows lie on it:
//
//	grupos  more than a map can carry: circles, n rows each, on a grid of the square
//	puntos  each row's point, with its number _fila and up to three of its columns
//	formas  the lines and faces of each row, cut to the square and thinned out, likewise
//	faltan  one point in the middle when rows are left out: n is how many
//
// What nobody may see does not exist here: a table whose place is hidden has no squares,
// and a hidden column is refused in the same words as a misspelt one.
package tiles

import (
	"context"
	"embed"
	"net/http"
	"strconv"

	"plaza/internal/base/tabular"
	"plaza/internal/base/tabular/child"
	"plaza/internal/base/tabular/query"
	"plaza/internal/base/tile"
	"plaza/internal/base/web"
	"plaza/internal/civic/access"
	"plaza/internal/plaza"
	"plaza/internal/section/explore"
)

// Locale holds the sentences of this package, in Spanish and English.
//
//go:embed locale/*.json
var Locale embed.FS

// Deps are what squares are drawn from.
type Deps struct {
	Explore *explore.Section
	Engine  child.Engine // that remembers answers
}

// Section holds the route.
type Section struct{ Deps }

// Path is the route's, under which a resource's squares lie.
const Path = "/datos/{dataset}/recursos/{resource}/mosaicos/{z}/{x}/{y}"

// Template is the address of the squares of a resource's page for programs that draw maps:
// {z}, {x} and {y} stand in it. The parameters of the page's view may follow.
func Template(resourcePath string) string { return resourcePath + "/mosaicos/{z}/{x}/{y}" }

// MaxZoom is the nearest zoom that has squares.
const MaxZoom = 18

// The layers.
const (
	LayerGroups  = "grupos"
	LayerPoints  = "puntos"
	LayerShapes  = "formas"
	LayerMissing = "faltan"
)

// Limits of a square.
const (
	mostPoints = 5000    // rows with a point each
	mostShapes = 2000    // rows with a shape each
	mostBytes  = 8 << 20 // of the texts of shapes
	mostProps  = 3       // columns of a row
	bins       = 80      // of groups, from side to side: their widths are round numbers, so that there are 64 or so
	longest    = 80      // characters of a value
)

// Mount registers the route.
func Mount(shell *web.Shell, deps Deps) error {
	s := &Section{deps}
	shell.Handle("GET "+Path, web.Route{Name: "explore.tiles", Action: string(access.ExploreSee), Cache: web.Public, Open: true}, s.tile)
	return nil
}

// square is a part of the map that is being drawn.
type square struct {
	*Section
	ctx   context.Context
	on    tile.Tile
	table child.Table
	shown tabular.Table // without what nobody may see
	q     tabular.Query // the rows that lie on it
	props []string      // columns that travel with a row
}

// tile answers with a square.
func (s *Section) tile(w http.ResponseWriter, r *http.Request) error {
	on, ok := tile.Parse(r.PathValue("z"), r.PathValue("x"), r.PathValue("y"))
	if !ok || on.Z > MaxZoom {
		return plaza.E(plaza.NotFound, "tiles.error.no_tile")
	}
	values := r.URL.Query()
	version, _ := strconv.Atoi(values.Get("version")) // what is no number is the current one
	open, err := s.Explore.Open(r.Context(), r.PathValue("resource"), max(version, 0))
	if err != nil {
		return err
	}
	defer open.Close()
	sheet, _ := strconv.Atoi(values.Get("hoja")) // and the first table
	table, err := open.Table(r.Context(), max(sheet, 1)-1)
	if err != nil {
		return err
	}
	d := &square{Section: s, ctx: r.Context(), on: on, table: table, shown: query.Visible(table.Profile, table.Hidden)}
	if !d.shown.Place.Located() {
		return plaza.E(plaza.NotFound, "tiles.error.no_place")
	}
	asked, wrong := query.Parse(values, d.shown)
	if err := wrong.Err("tiles.mistakes"); err != nil {
		return err
	}
	body, err := d.draw(asked)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("X-Robots-Tag", "noindex")
	if body == nil {
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	h.Set("Content-Type", tile.MediaType)
	_, err = w.Write(body)
	return err
}

// draw chooses how the rows of a question are drawn.
func (d *square) draw(asked tabular.Query) ([]byte, error) {
	west, south, east, north := d.on.Box()
	if b := d.shown.Place.Box; len(b) == 4 && (b[2] < west || b[0] > east || b[3] < south || b[1] > north) {
		return nil, nil // the table is elsewhere: nobody need be asked
	}
	d.q = tabular.Query{Search: asked.Search, Where: append(asked.Where, tabular.Condition{Op: tabular.Box, Values: []string{degrees(west), degrees(south), degrees(east), degrees(north)}})}
	d.props = d.columns(asked.Columns)
	n, err := d.Engine.Count(d.ctx, d.table, d.q)
	switch {
	case err != nil || n == 0:
		return nil, err
	case n > mostPoints:
		return d.groups()
	case d.shown.Place.Kind == tabular.PlaceGeometry:
		return d.shapes(n)
	}
	return d.points()
}

func degrees(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

// columns are those whose values travel with a row: the first that are asked for, else the
// first that say something to people.
func (d *square) columns(asked []string) (out []string) {
	for _, name := range asked {
		if c := d.shown.Column(name); c != nil && c.Type != tabular.Geometry && len(out) < mostProps {
			out = append(out, name)
		}
	}
	for _, c := range d.shown.Columns {
		place := c.Type == tabular.Geometry || c.Meaning == tabular.Latitude || c.Meaning == tabular.Longitude || c.Meaning == tabular.LatLon || c.Meaning == tabular.LonLat
		if len(asked) == 0 && !place && len(out) < mostProps {
			out = append(out, c.Name)
		}
	}
	return out
}
