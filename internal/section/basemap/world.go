package basemap

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"sync"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkb"
	"github.com/paulmach/orb/planar"

	"plaza/internal/base/tabular/place"
	"plaza/internal/base/tile"
)

//go:embed vecinos.json.gz
var neighbours []byte

// revision is to be raised when tiles of the same geometry come out otherwise.
const revision = "1"

// mexico is the country's number in the list of neighbours: its own outline there is
// coarser than that of its states.
const mexico = "484"

// world is all that is drawn, made once when it is first asked for.
type world struct {
	version   string // changes with the geometry and with how it is drawn
	mexico    *mesh  // of states and municipalities
	states    []shape
	towns     []shape
	around    *mesh // of countries
	countries []shape
	labels    []label // the largest first
}

// label is a name and where it is written.
type label struct {
	code, name string
	at         orb.Point // on the square of the world
	rank       int       // among those of its level, the largest is 1
}

var load = sync.OnceValue(func() *world {
	w := &world{}
	sum := sha256.New()
	sum.Write([]byte(revision + place.Vintage))
	sum.Write(neighbours)
	var states, towns []outline
	for code, raw := range place.Outlines(place.StateLevel) {
		states = append(states, outline{code, faces(raw)})
	}
	for code, raw := range place.Outlines(place.TownLevel) {
		sum.Write(raw)
		towns = append(towns, outline{code, faces(raw)})
	}
	w.version = hex.EncodeToString(sum.Sum(nil)[:5])
	w.mexico, w.towns = newMesh(towns)
	w.states = w.mexico.shapes(states, false)
	w.mexico.mend(w.towns, w.states)
	w.mexico.done()
	w.labels = append(labels(states), labels(towns)...)
	countries, err := unpack(neighbours)
	if err != nil {
		panic("basemap: the embedded neighbours do not open: " + err.Error())
	}
	w.around, w.countries = newMesh(countries)
	w.around.done()
	return w
})

// faces reads an outline of package place, which writes polygons only.
func faces(raw []byte) orb.MultiPolygon {
	g, err := wkb.Unmarshal(raw)
	if err != nil {
		panic("basemap: an outline does not open: " + err.Error())
	}
	if p, ok := g.(orb.Polygon); ok {
		return orb.MultiPolygon{p}
	}
	return g.(orb.MultiPolygon)
}

// unpack reads the countries around: of each its number and its faces, whose rings are
// steps in thousandths of a degree.
func unpack(packed []byte) (out []outline, err error) {
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	var list []struct {
		Code  string
		Faces [][][][2]int
	}
	if err := json.NewDecoder(r).Decode(&list); err != nil {
		return nil, err
	}
	for _, c := range list {
		o := outline{code: c.Code}
		for _, f := range c.Faces {
			var face orb.Polygon
			for _, steps := range f {
				var ring orb.Ring
				x, y := 0, 0
				for _, s := range steps {
					x, y = x+s[0], y+s[1]
					ring = append(ring, orb.Point{float64(x) / 1000, float64(y) / 1000})
				}
				if len(ring) < 4 {
					return nil, fmt.Errorf("country %s has a ring of %d points", c.Code, len(ring))
				}
				face = append(face, ring)
			}
			o.faces = append(o.faces, face)
		}
		out = append(out, o)
	}
	return out, nil
}

// labels says where the names of a level are written: in the widest part of the largest
// face.
func labels(list []outline) []label {
	type sized struct {
		label
		area float64
	}
	all := make([]sized, 0, len(list))
	for _, o := range list {
		name, _ := place.Name(o.code)
		largest, area := o.faces[0], -1.0
		for _, f := range o.faces {
			if a := planar.Area(f); a > area {
				largest, area = f, a
			}
		}
		lon, lat := widest(largest)
		all = append(all, sized{label{code: o.code, name: name, at: tile.World(lon, lat)}, area})
	}
	slices.SortFunc(all, func(a, b sized) int { return cmp.Or(cmp.Compare(b.area, a.area), cmp.Compare(a.code, b.code)) })
	out := make([]label, len(all))
	for i, s := range all {
		s.rank = i + 1
		out[i] = s.label
	}
	return out
}

// widest is the middle of the widest part of a face, among some cuts from west to east;
// those near its middle count for more.
func widest(face orb.Polygon) (lon, lat float64) {
	const cuts = 16
	b := face.Bound()
	best := -1.0
	for i := 1; i < cuts; i++ {
		y := b.Min[1] + (b.Max[1]-b.Min[1])*float64(i)/cuts + 1e-9
		var meets []float64
		for _, ring := range face {
			for k := 1; k < len(ring); k++ {
				p, q := ring[k-1], ring[k]
				if (p[1] > y) != (q[1] > y) {
					meets = append(meets, p[0]+(y-p[1])/(q[1]-p[1])*(q[0]-p[0]))
				}
			}
		}
		slices.Sort(meets)
		middle := float64(i) * float64(cuts-i) / (cuts * cuts / 4)
		for k := 1; k < len(meets); k += 2 {
			if wide := (meets[k] - meets[k-1]) * (0.5 + middle); wide > best {
				best, lon, lat = wide, (meets[k]+meets[k-1])/2, y
			}
		}
	}
	return lon, lat
}
