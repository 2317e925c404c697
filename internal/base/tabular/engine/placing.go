package engine

import (
	"math"
	"slices"
	"sync"
	"sync/atomic"

	duckdb "github.com/duckdb/duckdb-go/v2"

	"plaza/internal/base/tabular"
	"plaza/internal/base/tabular/geo"
	"plaza/internal/base/tabular/infer"
	"plaza/internal/base/tabular/place"
)

// placing works out where each row of a table lies: a point, the state and the
// municipality around it and, of a geometry, its box.
type placing struct {
	kind    tabular.PlaceKind
	columns []int
	parsers []infer.Parser
	meaning tabular.Meaning // of a pair: which number comes first
	names   *naming
}

// newPlacing is nil for a table whose rows are placed by codes of its own, or not at all.
func newPlacing(t *tabular.Table) *placing {
	if !t.Place.Located() && t.Place.Kind != tabular.PlaceNames {
		return nil
	}
	p := &placing{kind: t.Place.Kind}
	for _, name := range t.Place.Columns {
		i := slices.IndexFunc(t.Columns, func(c tabular.Column) bool { return c.Name == name })
		if i < 0 {
			return nil
		}
		p.columns = append(p.columns, i)
		p.parsers = append(p.parsers, judge.ParserOf(t.Columns[i]))
		p.meaning = t.Columns[i].Meaning
	}
	if len(p.columns) < map[tabular.PlaceKind]int{tabular.PlacePoint: 2}[p.kind] {
		return nil
	}
	if p.kind == tabular.PlaceNames {
		p.names = &naming{codes: t.Columns[p.columns[0]].Meaning == tabular.State}
	}
	return p
}

// adds are the names of the columns that it adds.
func (p *placing) adds() []string {
	if p.kind == tabular.PlaceNames {
		return []string{tabular.ColumnEnt, tabular.ColumnMun}[:len(p.columns)]
	}
	names := []string{tabular.ColumnLon, tabular.ColumnLat, tabular.ColumnEnt, tabular.ColumnMun}
	if p.kind == tabular.PlaceGeometry {
		names = append(names, tabular.ColumnWest, tabular.ColumnSouth, tabular.ColumnEast, tabular.ColumnNorth)
	}
	return names
}

func (p *placing) types() []duckdb.Type {
	if p.kind == tabular.PlaceNames {
		return []duckdb.Type{duckdb.TYPE_VARCHAR, duckdb.TYPE_VARCHAR}[:len(p.columns)]
	}
	types := []duckdb.Type{duckdb.TYPE_DOUBLE, duckdb.TYPE_DOUBLE, duckdb.TYPE_VARCHAR, duckdb.TYPE_VARCHAR}
	if p.kind == tabular.PlaceGeometry {
		types = append(types, duckdb.TYPE_DOUBLE, duckdb.TYPE_DOUBLE, duckdb.TYPE_DOUBLE, duckdb.TYPE_DOUBLE)
	}
	return types
}

// where is a row's point, with the box of its geometry when it has one.
type where struct {
	lon, lat float64
	box      [4]float64
	ok       bool
}

// fill writes the place of each row, in columns from at on.
func (p *placing) fill(chunk duckdb.DataChunk, at int, b *tabular.Batch) error {
	if p.kind == tabular.PlaceNames {
		return p.fillNames(chunk, at, b)
	}
	var scratch []byte
	boxed := p.kind == tabular.PlaceGeometry
	for row := range b.Rows() {
		var w where
		w, scratch = p.find(b, row, scratch)
		values := []any{nil, nil, nil, nil}
		if w.ok {
			values[0], values[1] = w.lon, w.lat
			if mun, ok := place.At(w.lon, w.lat); ok {
				values[2], values[3] = mun[:2], mun
			}
		}
		if boxed {
			for _, side := range w.box {
				if w.ok {
					values = append(values, side)
				} else {
					values = append(values, nil)
				}
			}
		}
		for i, v := range values {
			if err := chunk.SetValue(at+i, row, v); err != nil {
				return err
			}
		}
	}
	return nil
}

// fillNames writes the codes of the state and the town that each row names.
func (p *placing) fillNames(chunk duckdb.DataChunk, at int, b *tabular.Batch) error {
	var texts [2][]byte
	for row := range b.Rows() {
		for i, column := range p.columns {
			var v infer.Verdict
			if texts[i], v = p.parsers[i].Text(texts[i][:0], b.Cell(row, column)); v != infer.Good {
				texts[i] = texts[i][:0]
			}
		}
		found := p.names.of(string(texts[0]), string(texts[1]))
		for i := range p.columns {
			var value any
			if found[i] != "" {
				value = found[i]
			}
			if err := chunk.SetValue(at+i, row, value); err != nil {
				return err
			}
		}
	}
	return nil
}

// naming knows which codes names of places have. It is safe for concurrent use.
type naming struct {
	codes bool // the state is written as its code
	known sync.Map
	size  atomic.Int64
}

// mostNames is how many pairs of names are kept: the country has some 2,500 towns, in some
// spellings.
const mostNames = 50_000

// of are the codes of a state and of a town of it, "" for what is none.
func (n *naming) of(state, town string) (codes [2]string) {
	type pair struct{ state, town string }
	if found, ok := n.known.Load(pair{state, town}); ok {
		return found.([2]string)
	}
	if n.codes {
		codes[0] = state
	} else {
		codes[0], _ = place.StateCode(state)
	}
	if codes[0] != "" && town != "" {
		codes[1], _ = place.TownCode(codes[0], town)
	}
	if n.size.Add(1) <= mostNames {
		n.known.Store(pair{state, town}, codes)
	}
	return codes
}

func (p *placing) find(b *tabular.Batch, row int, scratch []byte) (where, []byte) {
	switch p.kind {
	case tabular.PlacePoint:
		lat, v := p.parsers[0].Float(b.Cell(row, p.columns[0]))
		lon, u := p.parsers[1].Float(b.Cell(row, p.columns[1]))
		return point(lon, lat, v == infer.Good && u == infer.Good), scratch
	case tabular.PlacePair:
		lat, lon, ok := infer.Pair(p.meaning, b.Cell(row, p.columns[0]))
		return point(lon, lat, ok), scratch
	}
	wkb, v := p.parsers[0].Text(scratch[:0], b.Cell(row, p.columns[0]))
	if v != infer.Good {
		return where{}, wkb
	}
	lon, lat, ok := geo.Point(wkb)
	w := point(lon, lat, ok)
	if w.ok {
		w.box[0], w.box[1], w.box[2], w.box[3], w.ok = geo.Bounds(wkb)
	}
	return w, wkb
}

// point refuses what lies on no globe, and the zero point that stands for "unknown".
func point(lon, lat float64, ok bool) where {
	ok = ok && math.Abs(lon) <= 180 && math.Abs(lat) <= 90 && (lon != 0 || lat != 0)
	return where{lon: lon, lat: lat, ok: ok}
}
