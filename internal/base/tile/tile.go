// Package tile makes vector tiles: pictures of a square of the world as points, lines and
// faces with a few words each, from which a browser draws a map. A Tile is the square; a
// Layer gathers what lies in it; Marshal writes layers in the Mapbox Vector Tile format,
// version 2.
//
// It writes that format itself, on the wire format that is in the program already: the
// encoder of the library of geometries would bring two large libraries for one message of
// five fields.
package tile

import (
	"math"
	"strconv"
	"strings"

	"github.com/paulmach/orb"
)

const (
	// Extent is how many units a tile is wide and high.
	Extent = 4096
	// Buffer is by how many units what is drawn goes beyond the tile, so that no edge of
	// tiles is seen.
	Buffer = 96
	// MaxZoom is the nearest zoom that has tiles.
	MaxZoom = 20
	// MediaType is what tiles are called over HTTP.
	MediaType = "application/vnd.mapbox-vector-tile"
	// Suffix is how addresses of tiles end.
	Suffix = ".pbf"
	// edge is the greatest latitude of the projection.
	edge = 85.05112877980659
)

// Tile is a square of the world: at zoom Z there are 2^Z columns from the west and rows
// from the north.
type Tile struct{ Z, X, Y uint32 }

// Parse reads the parts of a tile's address, the last with its Suffix or without; false
// for what names no tile.
func Parse(z, x, y string) (Tile, bool) {
	var n [3]uint32
	for i, s := range []string{z, x, strings.TrimSuffix(y, Suffix)} {
		v, err := strconv.ParseUint(s, 10, 32)
		if err != nil || strconv.FormatUint(v, 10) != s { // each tile has one address
			return Tile{}, false
		}
		n[i] = uint32(v)
	}
	t := Tile{n[0], n[1], n[2]}
	if t.Z > MaxZoom || t.X >= 1<<t.Z || t.Y >= 1<<t.Z {
		return Tile{}, false
	}
	return t, true
}

// World is where a place lies on the square of the whole world, from (0, 0) in its
// north-western corner to (1, 1).
func World(lon, lat float64) orb.Point {
	lat = max(-edge, min(edge, lat))
	sin := math.Sin(lat * math.Pi / 180)
	return orb.Point{lon/360 + 0.5, 0.5 - math.Log((1+sin)/(1-sin))/(4*math.Pi)}
}

// Degrees is the place at a point of the square of the world.
func Degrees(p orb.Point) (lon, lat float64) {
	return (p[0] - 0.5) * 360, math.Atan(math.Sinh(math.Pi*(1-2*p[1]))) * 180 / math.Pi
}

// Box is the tile's box in degrees.
func (t Tile) Box() (west, south, east, north float64) {
	side := 1 / float64(uint64(1)<<t.Z)
	west, north = Degrees(orb.Point{float64(t.X) * side, float64(t.Y) * side})
	east, south = Degrees(orb.Point{float64(t.X+1) * side, float64(t.Y+1) * side})
	return west, south, east, north
}

// Bound is the part of the square of the world that the tile shows, its Buffer included.
func (t Tile) Bound() orb.Bound {
	side := 1 / float64(uint64(1)<<t.Z)
	around := side * Buffer / Extent
	x, y := float64(t.X)*side, float64(t.Y)*side
	return orb.Bound{Min: orb.Point{x - around, y - around}, Max: orb.Point{x + side + around, y + side + around}}
}

// Units is how many units of the tile one side of the world has.
func (t Tile) Units() float64 { return Extent * float64(uint64(1)<<t.Z) }

// Place is where a point of the square of the world lies on the tile, in its units.
func (t Tile) Place(p orb.Point) orb.Point {
	return orb.Point{p[0]*t.Units() - float64(t.X)*Extent, p[1]*t.Units() - float64(t.Y)*Extent}
}

// Inside reports whether a place on the tile lies on it without its Buffer, so that a
// point is shown by one tile only.
func Inside(p orb.Point) bool { return p[0] >= 0 && p[1] >= 0 && p[0] < Extent && p[1] < Extent }

// frame is the tile and its Buffer, in units.
var frame = orb.Bound{Min: orb.Point{-Buffer, -Buffer}, Max: orb.Point{Extent + Buffer, Extent + Buffer}}
