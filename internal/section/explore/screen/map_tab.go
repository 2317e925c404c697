package screen

import (
	"cmp"
	"math"
	"slices"
	"strconv"

	"plaza/internal/base/atlas"
	"plaza/internal/base/tabular"
	"plaza/internal/base/tabular/place"
	"plaza/internal/base/tabular/query"
	"plaza/internal/base/web"
)

// paramMap is the parameter of an address that says how rows are put on the map.
const paramMap = "mapa"

// The ways of a map.
const (
	mapAreas  = "areas"
	mapPoints = "puntos"
	mapShapes = "formas"
)

// mapView is a map, with the numbers that it is drawn from.
type mapView struct {
	Title    string
	Describe string
	Modes    []web.NavLink
	Measure  *measureForm
	Height   float64
	Behind   []atlas.Area // outlines of states and municipalities
	Areas    []areaView
	Points   []pointView
	Shapes   []shapeView
	Parts    []partView // of the map, to come nearer
	Legend   []legendView
	Steps    []web.NavLink // to come nearer or go away
	Places   []placeForm
	Near     *nearForm
	Heads    []string
	Rows     []chartRow
	Bars     bool // never: its table has no bars
	Notes    []string
	Source   string
	Vintage  string
	Table    string // address of the rows that are drawn
	Empty    *web.Empty
}

// areaView is a state or municipality in the colour of its class.
type areaView struct {
	Path, Label, Link string
	Class             int // from 1; 0 without value
}

// pointView is a point, or many of them as a circle.
type pointView struct {
	X, Y, R float64
	Label   string
}

// shapeView is a line or a face of a row.
type shapeView struct {
	Path, Label, Link string
	Faces             bool
}

// partView is a ninth of the map.
type partView struct {
	X, Y, W, H  float64
	Label, Link string
}

// legendView is one class of the legend.
type legendView struct {
	Class int
	Text  string
}

// placeForm is the form that goes to a state or a municipality.
type placeForm struct {
	ID, Label string
	Action    string
	Keep      []field
	Options   []web.Option
	Chosen    string
}

// nearForm is the form that asks for what is near a point.
type nearForm struct {
	Action       string
	Keep         []field
	Lat, Lon, Km string
	Open         bool
}

// mapped reports whether a table's rows can be put on a map.
func mapped(l *looking) bool { return l.t.Place.Kind != "" }

// drawing is one map that is being made.
type drawing struct {
	*looking
	p         *Pages
	v         *mapView
	base      tabular.Query // search and conditions
	state     string        // the state that is looked at, "" for all
	inside    []string      // codes of the places that are asked for
	canvas    atlas.Canvas
	rows      int64
	areas     placing // by what rows are put together, at this state
	located   bool
	wholeLand bool // the picture is that of the country
}

// maps fills the tab with a map.
func (p *Pages) maps(l *looking) error {
	d := &drawing{looking: l, p: p, v: &mapView{Vintage: place.Vintage}, base: tabular.Query{Search: l.q.Search, Where: l.q.Where}, located: l.t.Place.Located()}
	l.Map = d.v
	var err error
	if d.rows, err = p.Engine.Count(l.ctx, l.table, d.base); err != nil {
		return err
	}
	d.where()
	shapes, err := d.shapes()
	if err != nil {
		return err
	}
	mode := d.mode(shapes)
	d.frame(mode)
	d.forms()
	d.v.Source = l.source()
	d.v.Table = l.link(d.base, without("ver"), without(paramMap), without(paramMeasure), without(paramChart))
	d.v.Notes = append(d.v.Notes, l.L.T("explore.chart.rows", "count", int(d.rows), "number", l.L.Number(d.rows)))
	switch mode {
	case mapAreas:
		return d.choropleth()
	case mapShapes:
		d.drawShapes(shapes)
	default:
		if err := d.points(); err != nil {
			return err
		}
	}
	return d.byPlace()
}

// where reads which places are asked for.
func (d *drawing) where() {
	for _, c := range d.q.Where {
		if c.Column == "" && c.Op == tabular.Inside {
			d.inside = append(d.inside, c.Values...)
		}
	}
	for _, code := range d.inside {
		if len(code) < 2 || d.state != "" && d.state != code[:2] {
			d.state = ""
			break
		}
		if _, ok := place.State(code[:2]); ok {
			d.state = code[:2]
		}
	}
	d.areas = d.placingOf(d.state)
}

// mode is how rows are put on the map; the first way that fits unless the address names
// another.
func (d *drawing) mode(shapes []shapeRow) string {
	var fit []string
	switch {
	case len(shapes) > 0:
		fit = []string{mapShapes, mapPoints}
	case d.located:
		fit = []string{mapPoints}
	}
	if d.areas.group != nil {
		fit = append(fit, mapAreas)
	}
	if len(fit) == 0 {
		return mapPoints
	}
	mode := fit[0]
	if asked := d.at.values.Get(paramMap); slices.Contains(fit, asked) {
		mode = asked
	}
	if len(fit) > 1 {
		for i, one := range fit {
			name := one
			if i == 0 {
				name = ""
			}
			d.v.Modes = append(d.v.Modes, web.NavLink{Label: d.L.T("explore.map.mode." + one), Path: d.link(d.q, with(paramMap, name)), Current: one == mode})
		}
	}
	return mode
}

// frame chooses what part of the world is shown: the box that is asked for, the circle,
// the place, else what the table covers.
func (d *drawing) frame(mode string) {
	box, asked := d.askedBox()
	switch {
	case asked && mode != mapAreas:
		d.canvas = atlas.New(box)
		return
	case d.state != "":
		code := d.state
		if len(d.inside) == 1 && mode != mapAreas {
			code = d.inside[0]
		}
		if west, south, east, north, ok := place.Box(code); ok {
			d.canvas = atlas.New(atlas.Pad(place.Bounds{West: west, South: south, East: east, North: north}, 0.05))
			return
		}
	}
	if b := d.t.Place.Box; mode != mapAreas && len(b) == 4 {
		box := place.Bounds{West: math.Max(b[0], place.Mexico.West), South: math.Max(b[1], place.Mexico.South), East: math.Min(b[2], place.Mexico.East), North: math.Min(b[3], place.Mexico.North)}
		if box.West > box.East || box.South > box.North { // none of it is in the country
			box = place.Bounds{West: b[0], South: b[1], East: b[2], North: b[3]}
		}
		if (box.East-box.West) < 20 || (box.North-box.South) < 12 {
			d.canvas = atlas.New(atlas.Pad(box, 0.06))
			return
		}
	}
	d.canvas, _ = atlas.Country()
	d.wholeLand = true
}

// askedBox is the box, or the one around the circle, that the address asks for.
func (d *drawing) askedBox() (box place.Bounds, ok bool) {
	for _, c := range d.q.Where {
		n := make([]float64, len(c.Values))
		for i, s := range c.Values {
			n[i], _ = strconv.ParseFloat(s, 64) // checked when the address was read
		}
		switch {
		case c.Op == tabular.Box && len(n) == 4 && n[0] < n[2]:
			return place.Bounds{West: n[0], South: n[1], East: n[2], North: n[3]}, true
		case c.Op == tabular.Near && len(n) == 3:
			high := n[2] / 111.2 * 1.05
			wide := high / math.Max(0.1, math.Cos(n[0]*math.Pi/180))
			box, ok = place.Bounds{West: n[1] - wide, South: n[0] - high, East: n[1] + wide, North: n[0] + high}, true
		}
	}
	return box, ok
}

// inBox asks for the rows in a box instead of the one that is asked for now.
func inBox(q tabular.Query, b place.Bounds) tabular.Query {
	q.Where = slices.DeleteFunc(slices.Clone(q.Where), func(c tabular.Condition) bool { return c.Op == tabular.Box })
	q.Key = nil
	return and(q, tabular.Condition{Op: tabular.Box, Values: []string{degrees(b.West), degrees(b.South), degrees(b.East), degrees(b.North)}})
}

func degrees(v float64) string {
	return strconv.FormatFloat(math.Round(math.Max(-180, math.Min(180, v))*1e4)/1e4, 'f', -1, 64)
}

// forms fills the ways to another part of the map.
func (d *drawing) forms() {
	away := d.q
	away.Key = nil
	away.Where = slices.DeleteFunc(slices.Clone(d.q.Where), func(c tabular.Condition) bool {
		return c.Column == "" && (c.Op == tabular.Box || c.Op == tabular.Inside || c.Op == tabular.Near)
	})
	if len(away.Where) != len(d.q.Where) {
		d.v.Steps = append(d.v.Steps, web.NavLink{Label: d.L.T("explore.map.whole"), Path: d.link(away)})
	}
	if d.located {
		if b, ok := d.askedBox(); ok {
			d.v.Steps = append(d.v.Steps, web.NavLink{Label: d.L.T("explore.map.out"), Path: d.link(inBox(d.q, atlas.Pad(b, 1)))})
		}
		d.v.Near = d.near()
	}
	states, towns := query.Places(*d.t)
	if states {
		f := placeForm{ID: "lugar-estado", Label: d.L.T("explore.map.state"), Action: d.at.path, Keep: d.hidden(away), Chosen: d.state}
		for _, s := range place.States() {
			if len(d.t.Place.States) == 0 || slices.Contains(d.t.Place.States, s.Code) {
				f.Options = append(f.Options, web.Option{Value: s.Code, Label: s.Name})
			}
		}
		d.v.Places = append(d.v.Places, f)
	}
	if towns && d.state != "" {
		f := placeForm{ID: "lugar-municipio", Label: d.L.T("explore.map.town"), Action: d.at.path, Keep: d.hidden(away)}
		if len(d.inside) == 1 {
			f.Chosen = d.inside[0]
		}
		for _, t := range place.Towns(d.state) {
			if len(d.t.Place.Towns) == 0 || slices.Contains(d.t.Place.Towns, t.Code) {
				f.Options = append(f.Options, web.Option{Value: t.Code, Label: t.Name})
			}
		}
		d.v.Places = append(d.v.Places, f)
	}
}

func (d *drawing) near() *nearForm {
	rest := d.q
	rest.Key = nil
	rest.Where = slices.DeleteFunc(slices.Clone(d.q.Where), func(c tabular.Condition) bool { return c.Op == tabular.Near || c.Op == tabular.Box })
	f := &nearForm{Action: d.at.path, Keep: d.hidden(rest), Km: "5"}
	for _, c := range d.q.Where {
		if c.Op == tabular.Near {
			f.Lat, f.Lon, f.Km, f.Open = part(c.Values, 0), part(c.Values, 1), part(c.Values, 2), true
		}
	}
	return f
}

// behind draws the borders that one finds the way by.
func (d *drawing) behind() {
	d.v.Height = d.canvas.Height
	d.v.Behind = d.canvas.States()
	if d.canvas.Box.East-d.canvas.Box.West > 4 {
		return
	}
	for _, s := range d.v.Behind {
		d.v.Behind = append(d.v.Behind, d.canvas.Towns(s.Code)...)
	}
}

// parts are the nine parts of the map, each a link that comes nearer.
func (d *drawing) parts() {
	b := d.canvas.Box
	if b.East-b.West < 0.02 {
		return
	}
	names := []string{"nw", "n", "ne", "w", "c", "e", "sw", "s", "se"}
	for i, name := range names {
		col, row := float64(i%3), float64(i/3)
		to := place.Bounds{West: b.West + (b.East-b.West)*col/3, East: b.West + (b.East-b.West)*(col+1)/3,
			North: b.North - (b.North-b.South)*row/3, South: b.North - (b.North-b.South)*(row+1)/3}
		d.v.Parts = append(d.v.Parts, partView{X: atlas.Width * col / 3, Y: round1(d.canvas.Height * row / 3), W: round1(atlas.Width / 3.0), H: round1(d.canvas.Height / 3),
			Label: d.L.T("explore.map.part." + name), Link: d.link(inBox(d.q, to))})
	}
}

func round1(v float64) float64 { return math.Round(v*10) / 10 }

// Bounds of what a map draws.
const (
	mostPoints = 2000
	mostShapes = 500
	mostPath   = 300 << 10
	mapBins    = 40
)

// points draws each point while there are few, else circles for the points around.
func (d *drawing) points() error {
	d.behind()
	d.parts()
	if !d.located {
		d.v.Empty = &web.Empty{Title: d.L.T("explore.map.none")}
		return nil
	}
	q := inBox(d.base, d.canvas.Box)
	shown, err := d.p.Engine.Count(d.ctx, d.table, q)
	if err != nil {
		return err
	}
	lon, lat := tabular.ColumnLon, tabular.ColumnLat
	each := shown <= mostPoints
	if each {
		q.Group = []tabular.Group{{Column: lon}, {Column: lat}}
		q.Measures = []tabular.Measure{{Func: tabular.Count}}
	} else {
		q.Group = []tabular.Group{{Column: lon, Step: tabular.StepBins, Bins: mapBins}, {Column: lat, Step: tabular.StepBins, Bins: max(4, int(mapBins*d.canvas.Height/atlas.Width))}}
		q.Measures = []tabular.Measure{{Func: tabular.Count}, {Func: tabular.Mean, Column: lon}, {Func: tabular.Mean, Column: lat}}
	}
	q.Limit = query.MaxGroupRows
	found, err := d.p.Engine.Groups(d.ctx, d.table, q)
	if err != nil {
		return err
	}
	d.circles(found, each)
	name := d.L.T("explore.map.points.title", "title", d.open.Resource.Title)
	d.v.Title = name
	key := "explore.map.points"
	if !each {
		key = "explore.map.circles"
		d.v.Notes = append(d.v.Notes, d.L.T("explore.map.circles.note"))
	}
	d.v.Describe = d.L.T(key, "count", int(shown), "number", d.L.Number(shown), "circles", d.L.Number(len(d.v.Points)))
	if left := d.rows - shown; left > 0 {
		d.v.Notes = append(d.v.Notes, d.L.T("explore.map.outside", "count", int(left), "number", d.L.Number(left)))
	}
	return nil
}

// circles lays points out: a circle's area grows with the rows that it stands for, the
// greatest first, so that none hides another.
func (d *drawing) circles(found tabular.Groups, each bool) {
	const dot, largest = 4.0, 24.0
	most := 1.0
	for _, row := range found.Rows {
		most = math.Max(most, float(row[2]))
	}
	for _, row := range found.Rows {
		at := row[:2]
		if !each {
			at = row[3:5]
		}
		if at[0].Null || at[1].Null {
			continue
		}
		x, y := d.canvas.Point(float(at[0]), float(at[1]))
		if x < -largest || y < -largest || x > atlas.Width+largest || y > d.canvas.Height+largest {
			continue
		}
		n := int64(float(row[2]))
		one := pointView{X: round1(x), Y: round1(y), R: dot}
		if !each {
			one.R = round1(math.Max(2.5, largest*math.Sqrt(float64(n)/most)))
			one.Label = d.L.T("explore.chart.rows", "count", int(n), "number", d.L.Number(n))
		}
		d.v.Points = append(d.v.Points, one)
	}
	slices.SortStableFunc(d.v.Points, func(a, b pointView) int { return cmp.Compare(b.R, a.R) })
}

func float(c tabular.Cell) float64 {
	f, _ := strconv.ParseFloat(c.Text, 64) // what is no number is at zero
	return f
}

// byPlace lists how many rows there are in each state, or in each municipality of the
// one that is looked at: what a map of points and shapes tells, in numbers.
func (d *drawing) byPlace() error {
	if d.areas.group == nil {
		return nil
	}
	found, err := d.counted(tabular.Measure{Func: tabular.Count})
	if err != nil {
		return err
	}
	d.listed(found, tabular.Measure{Func: tabular.Count})
	return nil
}
