package dcat

import (
	"math"
	"plaza/internal/section/catalog/dcat/wire"
	"regexp"
	"strconv"
	"strings"
)

var (
	number    = regexp.MustCompile(`[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d{1,2})?`)
	boxText   = regexp.MustCompile(`^\s*(?:[-+]?[\d.]+(?:[eE][-+]?\d{1,2})?[\s,;]+){3}[-+]?[\d.]+(?:[eE][-+]?\d{1,2})?\s*$`)
	boxPairs  = regexp.MustCompile(`^\s*[-+]?[\d.]+\s*,\s*[-+]?[\d.]+\s+[-+]?[\d.]+\s*,\s*[-+]?[\d.]+\s*$`)
	wkt       = regexp.MustCompile(`(?i)^\s*(?:<[^>]*>\s*)?(?:SRID=\d+;)?\s*(POINT|MULTIPOINT|LINESTRING|POLYGON|MULTIPOLYGON|ENVELOPE|BOX2D|BBOX)\s*Z?\s*\(`)
	gmlCorner = regexp.MustCompile(`(?is)<(?:\w+:)?(?:lowerCorner|upperCorner|coordinates|posList|pos)\b[^>]*>([^<]*)<`)
)

// spatial reads what the data cover on the ground: a name, or a geometry (GeoJSON,
// WKT, GML, "lat,lon lat,lon" of ADELA, "west,south,east,north" of POD) whose
// bounding box is kept.
func (r *report) spatial(field, s string) Spatial {
	s = strings.TrimSpace(s)
	if s == "" {
		return Spatial{}
	}
	if !geometryLike(s[:min(len(s), maxURL)]) {
		if isWebAddress(s) { // an identifier of a place, not its name
			return Spatial{}
		}
		return Spatial{Text: r.title(field, s)}
	}
	const enough = 1 << 20 // bytes: a geometry beyond that is data, not coverage
	box, ok := (*Box)(nil), false
	if len(s) <= enough {
		box, ok = parseBox(s)
	}
	if !ok {
		r.add(SpatialInvalid, field, s, false)
		return Spatial{}
	}
	return Spatial{Box: box}
}

func geometryLike(s string) bool {
	return s[0] == '{' || s[0] == '[' || wkt.MatchString(s) || boxText.MatchString(s) ||
		strings.Contains(s, "<gml:") || strings.Contains(s, "lowerCorner")
}

func parseBox(s string) (*Box, bool) {
	switch {
	case s[0] == '{' || s[0] == '[':
		v, err := wire.Parse(s)
		if err != nil {
			return nil, false
		}
		return jsonBox(v)
	case boxPairs.MatchString(s):
		n := numbers(s, 4)
		return box(n[1], n[0], n[3], n[2])
	case boxText.MatchString(s):
		n := numbers(s, 4)
		if len(n) != 4 {
			return nil, false
		}
		return box(n[0], n[1], n[2], n[3])
	case wkt.MatchString(s):
		_, after, _ := strings.Cut(s, "(")
		n := numbers(after, 200_000)
		if name := strings.ToUpper(wkt.FindStringSubmatch(s)[1]); name == "ENVELOPE" && len(n) == 4 {
			return box(n[0], n[3], n[1], n[2]) // west, east, north, south
		}
		return envelope(n, len(numbers(firstVertex(after), 4)) == 3)
	}
	var all []float64
	for _, m := range gmlCorner.FindAllStringSubmatch(s, 100) {
		n := numbers(m[1], 200_000)
		for i := 0; i+1 < len(n); i += 2 {
			all = append(all, n[i+1], n[i]) // GML writes latitude first
		}
	}
	return envelope(all, false)
}

// firstVertex returns the text up to the first comma of a WKT geometry.
func firstVertex(s string) string {
	s, _, _ = strings.Cut(s, ",")
	return s
}

// numbers returns at most most numbers of a text.
func numbers(s string, most int) []float64 {
	var list []float64
	for _, w := range number.FindAllString(s, most+1) {
		f, err := strconv.ParseFloat(w, 64)
		if err != nil {
			return nil
		}
		list = append(list, f)
	}
	return list
}

// envelope returns the box around vertices given as x, y (and z).
func envelope(n []float64, z bool) (*Box, bool) {
	step := 2
	if z {
		step = 3
	}
	if len(n) < 2 {
		return nil, false
	}
	b := Box{West: math.Inf(1), South: math.Inf(1), East: math.Inf(-1), North: math.Inf(-1)}
	for i := 0; i+1 < len(n); i += step {
		b.West, b.East = min(b.West, n[i]), max(b.East, n[i])
		b.South, b.North = min(b.South, n[i+1]), max(b.North, n[i+1])
	}
	return box(b.West, b.South, b.East, b.North)
}

// box refuses what is not on the globe. A box may cross the antimeridian (west
// greater than east); south is put below north.
func box(west, south, east, north float64) (*Box, bool) {
	if south > north {
		south, north = north, south
	}
	ok := math.Abs(west) <= 180 && math.Abs(east) <= 180 && math.Abs(south) <= 90 && math.Abs(north) <= 90
	return &Box{West: west, South: south, East: east, North: north}, ok
}

// jsonBox reads GeoJSON, a bare list of coordinates, or a list of four numbers.
func jsonBox(v wire.Value) (*Box, bool) {
	if g := v.Get("geometry"); g.Kind == wire.Object {
		v = g
	}
	if n := plainNumbers(v.Get("bbox")); len(n) == 4 {
		return box(n[0], n[1], n[2], n[3])
	}
	if v.Kind == wire.Object {
		v = v.Get("coordinates")
	}
	if n := plainNumbers(v); len(n) == 4 {
		return box(n[0], n[1], n[2], n[3])
	}
	return envelope(vertices(v, nil), false)
}

func plainNumbers(v wire.Value) []float64 {
	var n []float64
	for _, item := range v.Items {
		f, err := strconv.ParseFloat(item.Text, 64)
		if item.Kind != wire.Number || err != nil {
			return nil
		}
		n = append(n, f)
	}
	return n
}

// vertices collects the first two numbers of each innermost list.
func vertices(v wire.Value, into []float64) []float64 {
	if n := plainNumbers(v); len(n) >= 2 {
		return append(into, n[0], n[1])
	}
	for _, item := range v.Items {
		into = vertices(item, into)
	}
	return into
}

// temporal reads an interval written as "2015-01-01/2015-12-31", "2015/2016",
// "R/2015-01-01/P1Y" or "2010 a 2015".
func (r *report) temporal(field, s string) Temporal {
	s = r.title(field, s)
	if s == "" {
		return Temporal{}
	}
	start, end, found := splitInterval(s)
	if !found {
		if date, code := readDate(s); code != DateInvalid {
			return Temporal{Start: date, End: date}
		}
		r.add(TemporalInvalid, field, s, false)
		return Temporal{}
	}
	return r.interval(field, s, start, end)
}

var yearsApart = regexp.MustCompile(`^(?:de |del )?(\d{4}) ?(?:-|–|—|a|al|to) ?(\d{4})$`)

func splitInterval(s string) (start, end string, found bool) {
	if m := yearsApart.FindStringSubmatch(strings.ToLower(s)); m != nil {
		return m[1], m[2], true
	}
	s = strings.TrimPrefix(s, "R/")
	if parts := strings.Split(s, "/"); len(parts) == 2 {
		return parts[0], parts[1], true
	}
	for _, sep := range []string{" - ", " – ", " al ", " a ", " to "} {
		if start, end, ok := strings.Cut(s, sep); ok {
			return start, end, true
		}
	}
	return "", "", false
}

// interval joins two ends; either may be open ("", ".."), or a period, which is not
// calculated with and leaves its end open.
func (r *report) interval(field, s, start, end string) Temporal {
	var t Temporal
	for _, e := range []struct {
		text string
		to   *string
	}{{start, &t.Start}, {end, &t.End}} {
		text := strings.TrimSpace(e.text)
		switch {
		case text == "" || text == ".." || isoFrequency(text) != "" || isOpenEnd(text):
			continue
		}
		date, code := readDate(text)
		if code == DateInvalid {
			r.add(TemporalInvalid, field, s, false)
			continue
		}
		if code != "" {
			r.add(code, field, s, true)
		}
		*e.to = date
	}
	if t.Start != "" && t.End != "" && later(t.Start, t.End) {
		r.add(TemporalReversed, field, s, true)
		t.Start, t.End = t.End, t.Start
	}
	return t
}

func isOpenEnd(s string) bool {
	switch foldKey(s) {
	case "presente", "present", "a la fecha", "la fecha", "actual", "actualidad", "hoy", "now", "current":
		return true
	}
	return false
}

// later reports whether a begins after b does, at the precision that both have.
func later(a, b string) bool {
	n := min(len(a), len(b))
	return a[:n] > b[:n]
}
