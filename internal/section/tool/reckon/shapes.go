package reckon

import (
	"context"
	"slices"
	"strings"

	"plaza/internal/base/tabular"
)

const (
	// maxShapes and maxShapeBytes are how many polygons a view draws, and how long they may be
	// together.
	maxShapes     = 2500
	maxShapeBytes = 8 << 20
	shapePage     = 200 // polygons that are read at a time
)

// outlined adds the polygons of another source to a map, and takes out the rows that have
// none.
func (p *plan) outlined(ctx context.Context) error {
	if p.geo == nil {
		return nil
	}
	if err := p.shapes(ctx); err != nil {
		return err
	}
	code := slices.IndexFunc(p.out.Columns, func(c Column) bool { return c.Role == RolePlace })
	p.out.Rows = slices.DeleteFunc(p.out.Rows, func(row []tabular.Cell) bool {
		row[code].Text = strings.TrimSpace(row[code].Text)
		_, known := p.out.Shapes[row[code].Text]
		if !known {
			p.unknown(row[code].Text)
		}
		return !known
	})
	return nil
}

// shapes reads the polygons, by their key.
func (p *plan) shapes(ctx context.Context) error {
	q := p.filter(p.geo, p.geo.path+".filter", p.geo.spec.Filter)
	q.Sort, q.Columns, q.Limit, q.Counted = nil, []string{p.view.GeoKey, p.geo.outline()}, shapePage, true
	q.Where = append(slices.Clone(q.Where), tabular.Condition{Column: p.view.GeoKey, Op: tabular.NotEmpty})
	if err := p.wrong.Err("toolreckon.error"); err != nil {
		return err
	}
	p.out.Shapes = map[string]string{}
	bytes := 0
	for {
		page, err := p.d.k.Engine.Page(ctx, p.geo.table, q)
		if err != nil {
			return err
		}
		if page.Count != nil && !p.hold(*page.Count <= maxShapes, p.path+".geo", "shapes", "max", maxShapes) {
			return p.wrong.Err("toolreckon.error")
		}
		for _, row := range page.Rows {
			key, shape := strings.TrimSpace(row[0].Text), row[1]
			if row[0].Odd || shape.Null || shape.Odd {
				continue
			}
			_, twice := p.out.Shapes[key]
			p.hold(!twice, p.path+".geoKey", "duplicate", "value", tabular.Clip(key, 80), "column", p.view.GeoKey)
			bytes += len(shape.Text)
			p.hold(bytes <= maxShapeBytes, p.path+".geo", "shapes_bytes", "max", maxShapeBytes>>20)
			if err := p.wrong.Err("toolreckon.error"); err != nil {
				return err
			}
			p.out.Shapes[key] = shape.Text
		}
		if page.Next == nil {
			return nil
		}
		q.Key, q.Counted = page.Next, false
	}
}
