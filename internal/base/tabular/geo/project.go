package geo

import "math"

// The inverse formulas are those of J. P. Snyder, "Map Projections: A Working Manual",
// USGS Professional Paper 1395 (1987); the numbers beside them are his equations'. They
// are exact to less than a centimetre within a zone, far below what maps show.

// ellipsoid is the figure of the Earth that a system stands on.
type ellipsoid struct{ a, e2 float64 } // half axis in metres; eccentricity squared

// flattened makes an ellipsoid of its half axis and the inverse of its flattening, 0 for
// a sphere.
func flattened(a, inverse float64) ellipsoid {
	if inverse == 0 {
		return ellipsoid{a: a}
	}
	f := 1 / inverse
	return ellipsoid{a, f * (2 - f)}
}

var (
	wgs84  = flattened(6378137, 298.257223563)
	grs80  = flattened(6378137, 298.257222101)
	clarke = flattened(6378206.4, 294.978698214)
)

// inverse brings metres to radians.
type inverse func(x, y float64) (lon, lat float64)

// transverse is the transverse Mercator, which UTM is made of.
func transverse(el ellipsoid, k, lon0, lat0 float64) inverse {
	e2 := el.e2
	ep2 := e2 / (1 - e2)
	e1 := (1 - math.Sqrt(1-e2)) / (1 + math.Sqrt(1-e2)) // 3-24
	arc := func(lat float64) float64 {                  // 3-21
		return el.a * ((1-e2/4-3*e2*e2/64-5*e2*e2*e2/256)*lat - (3*e2/8+3*e2*e2/32+45*e2*e2*e2/1024)*math.Sin(2*lat) +
			(15*e2*e2/256+45*e2*e2*e2/1024)*math.Sin(4*lat) - (35*e2*e2*e2/3072)*math.Sin(6*lat))
	}
	m0 := arc(lat0)
	return func(x, y float64) (float64, float64) {
		mu := (m0 + y/k) / (el.a * (1 - e2/4 - 3*e2*e2/64 - 5*e2*e2*e2/256)) // 8-20, 7-19
		foot := mu + (3*e1/2-27*e1*e1*e1/32)*math.Sin(2*mu) + (21*e1*e1/16-55*e1*e1*e1*e1/32)*math.Sin(4*mu) +
			(151*e1*e1*e1/96)*math.Sin(6*mu) + (1097*e1*e1*e1*e1/512)*math.Sin(8*mu) // 3-26
		sin, cos, tan := math.Sin(foot), math.Cos(foot), math.Tan(foot)
		c, t := ep2*cos*cos, tan*tan // 8-21, 8-22
		n := el.a / math.Sqrt(1-e2*sin*sin)
		r := el.a * (1 - e2) / math.Pow(1-e2*sin*sin, 1.5)
		d := x / (n * k) // 8-23 to 8-25
		d2 := d * d
		lat := foot - (n*tan/r)*(d2/2-(5+3*t+10*c-4*c*c-9*ep2)*d2*d2/24+(61+90*t+298*c+45*t*t-252*ep2-3*c*c)*d2*d2*d2/720) // 8-17
		lon := lon0 + (d-(1+2*t+c)*d2*d/6+(5-2*c+28*t-3*c*c+8*ep2+24*t*t)*d2*d2*d/120)/cos                                 // 8-18
		return lon, lat
	}
}

// conformal is Lambert's conformal conic with two standard parallels, or one when they
// are equal; k is its scale, 1 with two.
func conformal(el ellipsoid, k, lon0, lat0, lat1, lat2 float64) inverse {
	e := math.Sqrt(el.e2)
	m := func(lat float64) float64 { // 14-15
		return math.Cos(lat) / math.Sqrt(1-el.e2*math.Sin(lat)*math.Sin(lat))
	}
	t := func(lat float64) float64 { // 15-9
		return math.Tan(math.Pi/4-lat/2) / math.Pow((1-e*math.Sin(lat))/(1+e*math.Sin(lat)), e/2)
	}
	n := math.Sin(lat1)
	if math.Abs(lat1-lat2) > 1e-9 {
		n = (math.Log(m(lat1)) - math.Log(m(lat2))) / (math.Log(t(lat1)) - math.Log(t(lat2))) // 15-8
	}
	f := el.a * k * m(lat1) / (n * math.Pow(t(lat1), n)) // 15-10
	rho0 := f * math.Pow(t(lat0), n)                     // 15-7a
	return func(x, y float64) (float64, float64) {
		sign := math.Copysign(1, n)
		rho := sign * math.Hypot(x, rho0-y)                      // 14-10
		theta := math.Atan2(sign*x, sign*(rho0-y))               // 14-11
		return theta/n + lon0, latitude(e, math.Pow(rho/f, 1/n)) // 14-9, 15-11
	}
}

// latitude finds the latitude that an isometric one belongs to (7-9), by repetition.
func latitude(e, t float64) float64 {
	lat := math.Pi/2 - 2*math.Atan(t)
	for range 8 {
		sin := e * math.Sin(lat)
		lat = math.Pi/2 - 2*math.Atan(t*math.Pow((1-sin)/(1+sin), e/2))
	}
	return lat
}

// mercator is Mercator's on an ellipsoid; on a sphere (e2 0) it is that of web maps.
func mercator(el ellipsoid, k, lon0 float64) inverse {
	e := math.Sqrt(el.e2)
	return func(x, y float64) (float64, float64) {
		return x/(el.a*k) + lon0, latitude(e, math.Exp(-y/(el.a*k))) // 7-12, 7-10
	}
}
