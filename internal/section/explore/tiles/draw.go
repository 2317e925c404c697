package tiles

import (
	"slices"
	"strconv"

	"github.com/paulmach/orb"

	"plaza/internal/base/tabular"
	"plaza/internal/base/tabular/child"
	"plaza/internal/base/tabular/query"
	"plaza/internal/base/tile"
)

// groups draws how many rows lie together: a circle stands where they do on average, and
// in the square where that is.
func (d *square) groups() ([]byte, error) {
	lon, lat := tabular.ColumnLon, tabular.ColumnLat
	q := d.q
	q.Group = []tabular.Group{{Column: lon, Step: tabular.StepBins, Bins: bins}, {Column: lat, Step: tabular.StepBins, Bins: bins}}
	q.Measures = []tabular.Measure{{Func: tabular.Count}, {Func: tabular.Mean, Column: lon}, {Func: tabular.Mean, Column: lat}}
	q.Limit = query.MaxGroupRows
	found, err := d.Engine.Groups(d.ctx, d.table, q)
	if err != nil {
		return nil, err
	}
	l := tile.NewLayer(LayerGroups)
	for _, row := range found.Rows {
		n, errCount := strconv.ParseInt(row[2].Text, 10, 64)
		if at, ok := d.place(row[3], row[4]); ok && errCount == nil {
			l.Point(at, tile.Prop{Name: "n", Value: n})
		}
	}
	return tile.Marshal(l), nil
}

// place is where a point of degrees lies; false for one that is not on the square.
func (d *square) place(lon, lat tabular.Cell) (at orb.Point, ok bool) {
	x, errX := strconv.ParseFloat(lon.Text, 64)
	y, errY := strconv.ParseFloat(lat.Text, 64)
	if errX != nil || errY != nil {
		return at, false
	}
	at = d.on.Place(tile.World(x, y))
	return at, tile.Inside(at)
}

// points draws each row's point. The engine keeps it in two columns of its own, which are
// asked for as if they were the table's.
func (d *square) points() ([]byte, error) {
	table := d.table
	for name, m := range map[string]tabular.Meaning{tabular.ColumnLon: tabular.Longitude, tabular.ColumnLat: tabular.Latitude} {
		if table.Profile.Column(name) == nil {
			table.Profile.Columns = append(slices.Clone(table.Profile.Columns), tabular.Column{Name: name, Type: tabular.Decimal, Meaning: m})
		}
	}
	l := tile.NewLayer(LayerPoints)
	err := d.read(table, append([]string{tabular.ColumnLon, tabular.ColumnLat}, d.props...), query.MaxRows, mostPoints, func(r row) bool {
		if at, ok := d.place(r.cell(tabular.ColumnLon), r.cell(tabular.ColumnLat)); ok {
			l.Point(at, d.said(r)...)
		}
		return true
	})
	return tile.Marshal(l), err
}

// shapes draws the lines and faces of rows, and their points where they are such.
func (d *square) shapes(n int64) ([]byte, error) {
	column := d.shown.Place.Columns[0]
	l, dots, missing := tile.NewLayer(LayerShapes), tile.NewLayer(LayerPoints), tile.NewLayer(LayerMissing)
	size, seen := 0, int64(0)
	const page = 200 // shapes may be large: few are held at a time
	err := d.read(d.table, append([]string{column}, d.props...), page, mostShapes, func(r row) bool {
		c := r.cell(column)
		if size += len(c.Text); size > mostBytes && seen > 0 {
			return false
		}
		seen++
		if !c.Null && !c.Odd {
			d.shape(c.Text, l, dots, d.said(r))
		}
		return true
	})
	if err != nil {
		return nil, err
	}
	if seen < n {
		missing.Point(orb.Point{tile.Extent / 2, tile.Extent / 2}, tile.Prop{Name: "n", Value: n - seen})
	}
	return tile.Marshal(l, dots, missing), nil
}

// row is a row that was read.
type row struct {
	number int64
	names  []string
	cells  []tabular.Cell
}

// cell is a row's value of a column, without value when it was not read.
func (r row) cell(name string) tabular.Cell {
	if i := slices.Index(r.names, name); i >= 0 {
		return r.cells[i]
	}
	return tabular.Cell{Null: true}
}

// read calls each with the rows on the square, most at the most, until it says that it has
// enough.
func (d *square) read(table child.Table, columns []string, page, most int, each func(row) bool) error {
	q := d.q
	q.Columns = distinct(columns)
	for left := most; left > 0; left -= q.Limit {
		q.Limit = min(page, left)
		found, err := d.Engine.Page(d.ctx, table, q)
		if err != nil {
			return err
		}
		for i, cells := range found.Rows {
			if !each(row{found.Numbers[i], found.Columns, cells}) {
				return nil
			}
		}
		if found.Next == nil {
			return nil
		}
		q.Key = found.Next
	}
	return nil
}

func distinct(names []string) (out []string) {
	for _, name := range names {
		if !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}

// said are the properties that travel with a row.
func (d *square) said(r row) []tile.Prop {
	out := []tile.Prop{{Name: tabular.ColumnRow, Value: r.number}}
	for _, name := range d.props {
		if c := r.cell(name); !c.Null && name != tabular.ColumnRow {
			out = append(out, tile.Prop{Name: name, Value: tabular.Clip(c.Text, longest)})
		}
	}
	return out
}
