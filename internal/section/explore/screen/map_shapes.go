package screen

import (
	"slices"
	"strconv"

	"plaza/internal/base/atlas"
	"plaza/internal/base/tabular"
)

// shapeRow is a row's geometry.
type shapeRow struct {
	atlas.Shape
	number int64
	name   string
}

// shapes are the geometries of the first rows, none when they are points.
func (d *drawing) shapes() ([]shapeRow, error) {
	if d.t.Place.Kind != tabular.PlaceGeometry || len(d.t.Place.Columns) == 0 || d.at.values.Get(paramMap) == mapAreas {
		return nil, nil
	}
	q := d.base
	q.Columns, q.Limit = []string{d.t.Place.Columns[0]}, mostShapes
	for _, c := range d.t.Columns {
		if c.Type == tabular.Text && !c.Meaning.Personal() {
			q.Columns = append(q.Columns, c.Name)
			break
		}
	}
	page, err := d.p.Engine.Page(d.ctx, d.table, q)
	if err != nil {
		return nil, err
	}
	var out []shapeRow
	geometry := slices.Index(page.Columns, d.t.Place.Columns[0])
	for i, row := range page.Rows {
		if geometry < 0 || row[geometry].Null || row[geometry].Odd {
			continue
		}
		s, ok := atlas.ShapeOf(row[geometry].Text)
		if !ok {
			continue
		}
		if s.Form == atlas.Dots && len(out) == 0 {
			return nil, nil
		}
		one := shapeRow{Shape: s, number: page.Numbers[i]}
		for j, cell := range row {
			if j != geometry {
				one.name = tabular.Clip(cell.Text, 80)
			}
		}
		out = append(out, one)
	}
	return out, nil
}

// drawShapes draws the lines and faces of rows, as many as a page can carry.
func (d *drawing) drawShapes(shapes []shapeRow) {
	d.behind()
	size := 0
	for _, s := range shapes {
		if s.Form == atlas.Dots {
			continue
		}
		path := d.canvas.Path(s.Parts, s.Form == atlas.Faces)
		if size += len(path); size > mostPath {
			break
		}
		n := strconv.FormatInt(s.number, 10)
		label := d.L.T("explore.row.heading", "row", d.L.Number(s.number))
		if s.name != "" {
			label = s.name + " · " + label
		}
		d.v.Shapes = append(d.v.Shapes, shapeView{Path: path, Label: label, Link: d.at.rowPath(n), Faces: s.Form == atlas.Faces})
	}
	d.parts()
	d.v.Title = d.L.T("explore.map.shapes.title", "title", d.open.Resource.Title)
	drawn := int64(len(d.v.Shapes))
	d.v.Describe = d.L.T("explore.map.shapes", "count", int(drawn), "number", d.L.Number(drawn))
	if left := d.rows - drawn; left > 0 {
		d.v.Notes = append(d.v.Notes, d.L.T("explore.map.undrawn", "count", int(left), "number", d.L.Number(left)))
	}
}
