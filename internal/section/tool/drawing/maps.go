package drawing

import (
	"math"
	"slices"

	"plaza/internal/base/atlas"
	"plaza/internal/base/plot"
	"plaza/internal/base/tabular/place"
	"plaza/internal/section/tool/reckon"
	"plaza/internal/section/tool/wording"
)

// shapes draws places in classes of colour.
func (d *drawer) shapes() {
	d.chart.Kind = plot.Map
	pi, _ := d.at(reckon.RolePlace)
	ci, color := d.at(reckon.RoleColor)
	d.chart.Panels = []plot.Panel{{}}
	if pi < 0 || ci < 0 {
		return
	}
	classes := d.classes(ci, color)
	rows := map[string]int{}
	for row, cells := range d.Result.Rows {
		if !cells[pi].Null && row != d.Result.Rest {
			rows[cells[pi].Text] = row
		}
	}
	canvas, areas := d.areas()
	panel := &d.chart.Panels[0]
	d.chart.Height = canvas.Height
	for _, a := range areas {
		m := plot.Mark{Row: -1, Path: a.Path, Text: d.L.T("tooldraw.area_none", "place", a.Name)}
		if row, ok := rows[a.Code]; ok {
			m.Row, m.Class, m.Text, m.Link, m.Dim = row, classes[row], d.said(row), d.link(reckon.RolePlace, row), d.dim(reckon.RolePlace, row)
		}
		panel.Marks = append(panel.Marks, m)
	}
	if d.View.Geo == "municipalities" && d.View.Within == "" {
		for _, a := range canvas.Areas(place.StateLevel, "") {
			panel.Ground = append(panel.Ground, plot.Ground{Path: a.Path, Kind: "border"})
		}
	}
	panel.Scale = d.scale(canvas)
}

// areas are the shapes of a map, with the canvas that holds them.
func (d *drawer) areas() (atlas.Canvas, []atlas.Area) {
	if d.View.Geo != "states" && d.View.Geo != "municipalities" {
		return d.ownShapes()
	}
	canvas, _ := atlas.Country()
	if d.View.Within != "" {
		if west, south, east, north, ok := place.Box(d.View.Within); ok {
			canvas = atlas.New(atlas.Pad(place.Bounds{West: west, South: south, East: east, North: north}, 0.04))
		}
	}
	canvas = canvas.Wide(d.Width)
	level := place.StateLevel
	if d.View.Geo == "municipalities" {
		level = place.TownLevel
	}
	return canvas, canvas.Areas(level, d.View.Within)
}

// ownShapes are polygons of a resource, by code.
func (d *drawer) ownShapes() (atlas.Canvas, []atlas.Area) {
	shapes := map[string]atlas.Shape{}
	box := place.Bounds{West: math.Inf(1), South: math.Inf(1), East: math.Inf(-1), North: math.Inf(-1)}
	var codes []string
	for code, text := range d.Result.Shapes {
		s, ok := atlas.ShapeOf(text)
		if !ok {
			continue
		}
		shapes[code], codes = s, append(codes, code)
		for _, part := range s.Parts {
			for _, v := range part {
				box.West, box.East = min(box.West, v[0]), max(box.East, v[0])
				box.South, box.North = min(box.South, v[1]), max(box.North, v[1])
			}
		}
	}
	if len(codes) == 0 {
		box = place.Mexico
	}
	slices.Sort(codes)
	canvas := atlas.New(atlas.Pad(box, 0.02)).Wide(d.Width)
	areas := make([]atlas.Area, len(codes))
	for i, code := range codes {
		s := shapes[code]
		areas[i] = atlas.Area{Code: code, Name: code, Path: canvas.Path(s.Parts, s.Form == atlas.Faces)}
	}
	return canvas, areas
}

// points puts rows, or how many there are, where they lie.
func (d *drawer) points() {
	d.chart.Kind, d.chart.Toned = plot.Map, d.View.Toned()
	xi, _ := d.at(reckon.RoleLongitude)
	yi, _ := d.at(reckon.RoleLatitude)
	ci, color := d.at(reckon.RoleColor)
	si, _ := d.at(reckon.RoleSize)
	d.chart.Panels = []plot.Panel{{}}
	box, ok := Around(d.Result)
	if !ok {
		box = place.Mexico
	}
	canvas := atlas.New(atlas.Pad(box, 0.06)).Wide(d.Width)
	d.chart.Height = canvas.Height
	panel := &d.chart.Panels[0]
	for _, a := range canvas.Areas(place.StateLevel, "") {
		panel.Ground = append(panel.Ground, plot.Ground{Path: a.Path, Kind: "land"})
	}
	if box.East-box.West < 4 {
		panel.Ground = append(panel.Ground, d.towns(canvas)...)
	}
	panel.Scale = d.scale(canvas)
	if xi < 0 || yi < 0 {
		return
	}
	if d.Result.Clustered {
		// each dot stands for the rows of a square, whose sides are in degrees
		west, south := canvas.Point(box.West, box.South)
		east, north := canvas.Point(box.West+d.Result.Columns[xi].Width, box.South+d.Result.Columns[yi].Width)
		d.chart.Apart = math.Min(math.Abs(east-west), math.Abs(north-south))
	}
	var series list
	for row, cells := range d.Result.Rows {
		lon, okX := value(cells[xi])
		lat, okY := value(cells[yi])
		if !okX || !okY || math.Abs(lon) > 180 || math.Abs(lat) > 90 {
			continue
		}
		m := plot.Mark{Row: row, Text: d.said(row)}
		m.X, m.Y = canvas.Point(lon, lat)
		if ci >= 0 {
			m.Series = series.put(cells[ci], d.name(color, row, ci)) % plot.MaxSeries
			m.Link, m.Dim = d.link(reckon.RoleColor, row), d.dim(reckon.RoleColor, row)
		}
		if si >= 0 {
			m.Size, _ = value(cells[si]) // without one it is the least
		}
		panel.Marks = append(panel.Marks, m)
	}
	for _, name := range series.names {
		d.chart.Series = append(d.chart.Series, plot.Series{Name: name})
	}
}

// towns are the borders of the municipalities in sight.
func (d *drawer) towns(canvas atlas.Canvas) (out []plot.Ground) {
	for _, s := range place.States() {
		if !canvas.Holds(s.Code) {
			continue
		}
		for _, a := range canvas.Areas(place.TownLevel, s.Code) {
			out = append(out, plot.Ground{Path: a.Path, Kind: "border"})
		}
	}
	return out
}

// Around is the box of the points of a view that lie in Mexico; false when none does.
func Around(r reckon.Result) (place.Bounds, bool) {
	xi, _, okX := wording.Column(r, reckon.RoleLongitude)
	yi, _, okY := wording.Column(r, reckon.RoleLatitude)
	box, some := place.Bounds{West: math.Inf(1), South: math.Inf(1), East: math.Inf(-1), North: math.Inf(-1)}, false
	for _, cells := range r.Rows {
		if !okX || !okY {
			break
		}
		lon, okLon := value(cells[xi])
		lat, okLat := value(cells[yi])
		if okLon && okLat && place.Mexico.Holds(lon, lat) {
			box.West, box.East, box.South, box.North = min(box.West, lon), max(box.East, lon), min(box.South, lat), max(box.North, lat)
			some = true
		}
	}
	return box, some
}

// scale is a round number of kilometres that takes about a fifth of the picture.
func (d *drawer) scale(c atlas.Canvas) plot.Scale {
	one := c.Kilometres(1)
	for _, km := range []float64{1000, 500, 200, 100, 50, 20, 10, 5, 2, 1, 0.5, 0.2, 0.1} {
		if length := km * one; length <= d.Width/4 {
			return plot.Scale{Length: length, Label: d.L.Number(km) + " km"}
		}
	}
	return plot.Scale{}
}
