package geo

import (
	"math"
	"regexp"
	"strconv"
	"strings"
)

// system is a reference system: how its numbers become degrees.
type system struct {
	name    string
	unsure  bool    // its degrees differ from WGS 84's by up to some 200 m, or it is assumed
	degrees float64 // one of its angles in degrees, for a geographic one; 0 for a projected one
	metres  float64 // one of its lengths in metres, for a projected one
	east    float64 // false easting and northing, in its lengths
	north   float64
	inverse inverse
}

// assumed is what a file without a word about it is in.
var assumed = &system{name: "WGS 84", degrees: 1}

// place brings a pair of numbers to degrees of longitude and latitude.
func (s *system) place(x, y float64) (lon, lat float64) {
	if s.degrees != 0 {
		return x * s.degrees, y * s.degrees
	}
	lon, lat = s.inverse((x-s.east)*s.metres, (y-s.north)*s.metres)
	return lon * 180 / math.Pi, lat * 180 / math.Pi
}

// identity reports whether nothing has to be done.
func (s *system) identity() bool { return s.degrees == 1 }

var authority = regexp.MustCompile(`(?i)^(?:EPSG:+|urn:(?:x-)?ogc:def:crs:EPSG:[^:]*:|https?://www\.opengis\.net/(?:def/crs/EPSG/[^/]*/|gml/srs/epsg\.xml#))(\d{4,6})$`)

// named finds the system that a name stands for: an EPSG code in one of its spellings,
// or CRS84. It is nil for one that is not known.
func named(name string) *system {
	name = strings.TrimSpace(name)
	if m := authority.FindStringSubmatch(name); m != nil {
		code, _ := strconv.Atoi(m[1])
		return epsg(code)
	}
	if upper := strings.ToUpper(name); strings.HasSuffix(upper, "CRS84") || strings.HasSuffix(upper, "CRS84H") || upper == "WGS84" || upper == "WGS 84" {
		return &system{name: "WGS 84", degrees: 1}
	}
	return nil
}

// epsg is the system of a code of the EPSG register: those that files about Mexico use.
func epsg(code int) *system {
	switch code {
	case 4326, 4979, 4030, 4019:
		return &system{name: "WGS 84", degrees: 1}
	case 4483:
		return &system{name: "Mexico ITRF92", degrees: 1}
	case 6365:
		return &system{name: "Mexico ITRF2008", degrees: 1}
	case 4269:
		return &system{name: "NAD83", degrees: 1}
	case 4267:
		return &system{name: "NAD27", degrees: 1, unsure: true}
	case 3857, 900913, 102100, 102113, 3785:
		return &system{name: "WGS 84 / Pseudo-Mercator", metres: 1, inverse: mercator(ellipsoid{a: 6378137}, 1, 0)}
	case 6362:
		return mexicoLambert("Mexico ITRF92 / LCC")
	case 6372:
		return mexicoLambert("Mexico ITRF2008 / LCC")
	case 48402:
		return mexicoLambert("INEGI LCC")
	}
	for _, z := range []struct {
		name        string
		first, zone int
		count       int
		el          ellipsoid
		south       bool
		unsure      bool
	}{
		{"WGS 84", 32601, 1, 60, wgs84, false, false},
		{"WGS 84", 32701, 1, 60, wgs84, true, false},
		{"Mexico ITRF92", 4484, 11, 6, grs80, false, false},
		{"Mexico ITRF2008", 6366, 11, 6, grs80, false, false},
		{"NAD83", 26901, 1, 23, grs80, false, false},
		{"NAD27", 26701, 1, 22, clarke, false, true},
	} {
		if n := code - z.first; n >= 0 && n < z.count {
			return utm(z.name, z.zone+n, z.south, z.el, z.unsure)
		}
	}
	return nil
}

func mexicoLambert(name string) *system {
	return &system{name: name, metres: 1, east: 2500000, inverse: conformal(grs80, 1, radians(-102), radians(12), radians(17.5), radians(29.5))}
}

func utm(datum string, zone int, south bool, el ellipsoid, unsure bool) *system {
	s := &system{name: datum + " / UTM zone " + strconv.Itoa(zone) + "N", metres: 1, east: 500000, unsure: unsure}
	if south {
		s.name, s.north = strings.TrimSuffix(s.name, "N")+"S", 10000000
	}
	s.inverse = transverse(el, 0.9996, radians(float64(zone*6-183)), 0)
	return s
}

func radians(degrees float64) float64 { return degrees * math.Pi / 180 }
