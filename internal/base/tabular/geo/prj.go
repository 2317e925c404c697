package geo

import (
	"errors"
	"math"
	"strconv"
	"strings"

	"plaza/internal/base/tabular"
)

// node is one keyword of a reference system's text: its name, the texts and numbers in
// its brackets, and the keywords among them.
type node struct {
	key   string
	texts []string
	nums  []float64
	sub   []*node
}

var errPRJ = errors.New("not a reference system")

// maxPRJ is more bytes than any .prj has.
const maxPRJ = 64 << 10

// parseNode reads the bracketed text of a reference system (WKT of either edition).
func parseNode(s string, depth int) (*node, string, error) {
	s = strings.TrimLeft(s, " \t\r\n\uFEFF")
	end := strings.IndexAny(s, "[(")
	if end <= 0 || depth > tabular.MaxDepth {
		return nil, "", errPRJ
	}
	n := &node{key: strings.ToUpper(strings.TrimSpace(s[:end]))}
	for s = s[end+1:]; ; {
		s = strings.TrimLeft(s, " \t\r\n,")
		if s == "" {
			return nil, "", errPRJ
		}
		if s[0] == ']' || s[0] == ')' {
			return n, s[1:], nil
		}
		if s[0] == '"' {
			text, rest, ok := strings.Cut(s[1:], `"`)
			if !ok {
				return nil, "", errPRJ
			}
			n.texts, s = append(n.texts, text), rest
			continue
		}
		stop := strings.IndexAny(s, "[](),")
		if stop < 0 {
			return nil, "", errPRJ
		}
		if s[stop] == '[' || s[stop] == '(' {
			sub, rest, err := parseNode(s, depth+1)
			if err != nil {
				return nil, "", err
			}
			n.sub, s = append(n.sub, sub), rest
			continue
		}
		word := strings.TrimSpace(s[:stop])
		if f, err := strconv.ParseFloat(word, 64); err == nil {
			n.nums = append(n.nums, f)
		} else {
			n.texts = append(n.texts, word)
		}
		s = s[stop:]
	}
}

// find is the first keyword below, at any depth, that is called one of keys.
func (n *node) find(keys ...string) *node {
	for _, s := range n.sub {
		for _, k := range keys {
			if s.key == k {
				return s
			}
		}
	}
	for _, s := range n.sub {
		if found := s.find(keys...); found != nil {
			return found
		}
	}
	return nil
}

func (n *node) text() string {
	if n == nil || len(n.texts) == 0 {
		return ""
	}
	return n.texts[0]
}

// num is the i-th number, or what stands for it when there is none.
func (n *node) num(i int, otherwise float64) float64 {
	if n == nil || i >= len(n.nums) {
		return otherwise
	}
	return n.nums[i]
}

// parsePRJ reads the reference system of a .prj. One that is not known is a Fault with
// its name.
func parsePRJ(text string) (*system, error) {
	unknown := func(name string) error {
		return fault(faultProjection, -1, 0, nil, "name", tabular.Clip(strings.ToValidUTF8(name, ""), 120))
	}
	if len(text) > maxPRJ {
		return nil, unknown("")
	}
	n, _, err := parseNode(text, 0)
	if err != nil {
		return nil, unknown(strings.TrimSpace(tabular.Clip(text, 60)))
	}
	if n.key == "COMPD_CS" || n.key == "COMPOUNDCRS" || n.key == "BOUNDCRS" {
		if inner := n.find("PROJCS", "PROJCRS", "GEOGCS", "GEOGCRS", "GEODCRS"); inner != nil {
			n = inner
		}
	}
	var s *system
	switch n.key {
	case "GEOGCS", "GEOGCRS", "GEODCRS":
		s = geographic(n)
	case "PROJCS", "PROJCRS":
		s = projected(n)
	}
	if s == nil || !sane(s) {
		return nil, unknown(n.text())
	}
	s.name = n.text()
	s.unsure = old(n)
	return s, nil
}

// sane reports whether a system gives numbers at all: parameters may be anything.
func sane(s *system) bool {
	lon, lat := s.place(s.east+1, s.north+1)
	return lon-lon == 0 && lat-lat == 0
}

// old reports whether a datum lies beside WGS 84 by more than a few metres.
func old(n *node) bool {
	name := strings.ToUpper(n.text())
	if d := n.find("DATUM"); d != nil {
		name += " " + strings.ToUpper(d.text())
	}
	for _, word := range []string{"1927", "NAD27", "NAD_27"} {
		if strings.Contains(name, word) {
			return true
		}
	}
	return false
}

// greenwich reports whether longitudes count from where ours do.
func greenwich(n *node) bool { return n.find("PRIMEM", "PRIMEMERIDIAN").num(0, 0) == 0 }

func geographic(n *node) *system {
	unit := n.find("UNIT", "ANGLEUNIT").num(0, math.Pi/180) * 180 / math.Pi
	if !greenwich(n) || unit == 0 {
		return nil
	}
	if math.Abs(unit-1) < 1e-6 {
		unit = 1
	}
	return &system{degrees: unit}
}

func projected(n *node) *system {
	if !greenwich(n) {
		return nil
	}
	el := wgs84
	if ball := n.find("SPHEROID", "ELLIPSOID"); ball != nil {
		a, f := ball.num(0, wgs84.a), ball.num(1, 298.257223563)
		if a < 6.3e6 || a > 6.4e6 || f != 0 && f < 200 { // of another planet, or of none
			return nil
		}
		el = flattened(a, f)
	}
	s := &system{metres: 1}
	for _, sub := range n.sub { // its own unit, not that of the angles below
		if sub.key == "UNIT" || sub.key == "LENGTHUNIT" {
			s.metres = sub.num(0, 1)
		}
	}
	p := parameters(n)
	s.east, s.north = p.get(0, "false_easting", "easting_at_false_origin"), p.get(0, "false_northing", "northing_at_false_origin")
	lon0 := radians(p.get(0, "central_meridian", "longitude_of_center", "longitude_of_natural_origin", "longitude_of_false_origin", "longitude_of_origin"))
	lat0 := radians(p.get(0, "latitude_of_origin", "latitude_of_center", "latitude_of_natural_origin", "latitude_of_false_origin"))
	k := p.get(1, "scale_factor", "scale_factor_at_natural_origin")
	switch method := plain(n.find("PROJECTION", "METHOD").text()); method {
	case "transverse_mercator", "gauss_kruger":
		s.inverse = transverse(el, k, lon0, lat0)
	case "lambert_conformal_conic", "lambert_conformal_conic_2sp", "lambert_conic_conformal_(2sp)",
		"lambert_conformal_conic_1sp", "lambert_conic_conformal_(1sp)":
		lat1 := p.get(lat0*180/math.Pi, "standard_parallel_1", "latitude_of_1st_standard_parallel")
		lat2 := p.get(lat1, "standard_parallel_2", "latitude_of_2nd_standard_parallel")
		s.inverse = conformal(el, k, lon0, lat0, radians(lat1), radians(lat2))
	case "mercator_auxiliary_sphere", "popular_visualisation_pseudo_mercator":
		s.inverse = mercator(ellipsoid{a: el.a}, 1, lon0)
	case "mercator_1sp", "mercator", "mercator_(variant_a)":
		if strings.Contains(plain(n.text()), "pseudo") || strings.Contains(plain(n.text()), "web_mercator") {
			el.e2 = 0
		}
		if p.get(0, "standard_parallel_1") != 0 {
			return nil
		}
		s.inverse = mercator(el, k, lon0)
	default:
		return nil
	}
	return s
}

func plain(name string) string {
	return strings.NewReplacer(" ", "_", "-", "_").Replace(strings.ToLower(strings.TrimSpace(name)))
}

// named numbers of a projection.
type values map[string]float64

func parameters(n *node) values {
	out := values{}
	for _, sub := range n.sub {
		if sub.key == "PARAMETER" && len(sub.nums) > 0 {
			out[plain(sub.text())] = sub.nums[0]
		}
		if sub.key == "CONVERSION" {
			for k, v := range parameters(sub) {
				out[k] = v
			}
		}
	}
	return out
}

// get is the first of the names that is given.
func (v values) get(otherwise float64, names ...string) float64 {
	for _, name := range names {
		if f, ok := v[name]; ok {
			return f
		}
	}
	return otherwise
}
