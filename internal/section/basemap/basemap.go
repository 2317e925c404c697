// Package basemap is the map under every map: states and municipalities of Mexico, their
// borders and names, and the land around, as vector tiles that this server makes from what
// is in the program. Nobody else is asked for anything, and a map works where there is no
// other network.
//
//	mesh     borders once each, cut where three things meet, so that neighbours stay
//	  │      neighbours when lines are thinned out
//	  ▼
//	line     by how much each point would be missed: one line serves every zoom
//	  ▼
//	tile     what lies on a square, with as many points as are seen there; kept in
//	         memory, compressed, up to a bound
//
// It is a section without nouns: it has no tables and no pages. What is counted by place
// travels apart from the shapes (the scripts of the pages paint it over them), so that
// tiles never change but with the geometry, and their addresses say its version.
package basemap

import (
	"bytes"
	"compress/gzip"
	"embed"
	"encoding/json"
	"io"
	"net/http"
	"strings"

	"plaza/internal/base/tile"
	"plaza/internal/base/web"
	"plaza/internal/civic/access"
	"plaza/internal/plaza"
)

// Locale holds the words of this package, in Spanish and English.
//
//go:embed locale/*.json
var Locale embed.FS

// Paths of the map.
const (
	Path       = "/mapa"
	StylePath  = Path + "/estilo.json"
	PlacesPath = Path + "/lugares"
)

// MaxZoom is the nearest zoom that has tiles; those of nearer ones show no more, and
// programs stretch them.
const MaxZoom = 14

// Section is the map.
type Section struct {
	shell *web.Shell
	tiles *kept
}

// New makes the map. Its geometry is opened when it is first asked for.
func New() *Section { return &Section{tiles: newKept(keptBytes)} }

// Mount registers the routes.
func (s *Section) Mount(shell *web.Shell) error {
	s.shell = shell
	read := string(access.SiteRead)
	shell.Handle("GET "+Path+"/{geometry}/{layer}/{z}/{x}/{y}", web.Route{Name: "basemap.tile", Action: read, Cache: web.Immutable, Open: true}, s.tile)
	shell.Handle("GET "+StylePath, web.Route{Name: "basemap.style", Action: read, Cache: web.Public, Open: true}, s.style)
	shell.Handle("GET "+PlacesPath, web.Route{Name: "basemap.places", Action: read, Cache: web.Public, Open: true}, s.places)
	return nil
}

// TilePath is the address of a layer's tiles, with {z}, {x} and {y} in it.
func TilePath(layer string) string {
	return Path + "/" + load().version + "/" + layer + "/{z}/{x}/{y}" + tile.Suffix
}

var errNoTile = plaza.E(plaza.NotFound, "basemap.error.no_tile")

// tile answers with one tile of a layer; with nothing where it is empty.
func (s *Section) tile(w http.ResponseWriter, r *http.Request) error {
	on, ok := tile.Parse(r.PathValue("z"), r.PathValue("x"), r.PathValue("y"))
	layer := r.PathValue("layer")
	if !ok || on.Z > MaxZoom || !strings.HasSuffix(r.PathValue("y"), tile.Suffix) || drawn[layer] == nil {
		return errNoTile
	}
	if r.PathValue("geometry") != load().version {
		return errNoTile
	}
	body, ok := s.tiles.Get(tileKey{layer, on})
	if !ok {
		body = packed(draw(layer, on))
		s.tiles.Put(tileKey{layer, on}, body, int64(len(body)+frame))
	}
	h := w.Header()
	h.Set("X-Robots-Tag", "noindex")
	if len(body) == 0 {
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	h.Set("Content-Type", tile.MediaType)
	h.Set("Vary", "Accept-Encoding")
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		_, err := w.Write(body)
		return err
	}
	z, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return err
	}
	_, err = io.Copy(w, z) //nolint:gosec // it was compressed here
	return err
}

// packed is a tile as it is kept: compressed, or empty.
func packed(body []byte) []byte {
	out := []byte{}
	if len(body) == 0 {
		return out
	}
	b := bytes.NewBuffer(out)
	z := gzip.NewWriter(b)
	_, _ = z.Write(body) // into memory
	_ = z.Close()
	return b.Bytes()
}

// answer sends JSON.
func answer(w http.ResponseWriter, v any) error {
	h := w.Header()
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("X-Robots-Tag", "noindex")
	return json.NewEncoder(w).Encode(v)
}
