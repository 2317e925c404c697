package web

import (
	"net/http"
	"strings"
)

// contentPolicy allows what this site serves and nothing inline. JSON-LD is a data
// block, which is not run and which the policy therefore lets be.
const contentPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; " +
	"font-src 'self'; connect-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

const permissions = "accelerometer=(), autoplay=(), browsing-topics=(), camera=(), display-capture=(), " +
	"fullscreen=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), midi=(), payment=(), " +
	"publickey-credentials-get=(), screen-wake-lock=(), usb=(), xr-spatial-tracking=()"

// safety lists the headers that every answer carries. Their values are shared by
// all answers and must not be changed in place.
var safety = []struct {
	name  string
	value []string
}{
	{"Content-Security-Policy", []string{contentPolicy}},
	{"Cross-Origin-Opener-Policy", []string{"same-origin"}},
	{"Cross-Origin-Resource-Policy", []string{"same-origin"}},
	{"Permissions-Policy", []string{permissions}},
	{"Referrer-Policy", []string{"strict-origin-when-cross-origin"}},
	{"X-Content-Type-Options", []string{"nosniff"}},
}

var (
	framed            = []string{strings.Replace(contentPolicy, "frame-ancestors 'none'", "frame-ancestors *", 1)}
	transportSecurity = []string{"max-age=31536000; includeSubDomains"}
	varyPage          = []string{"Accept-Encoding, Cookie"}
	cachePublic       = []string{"public, max-age=0, must-revalidate"}
	cachePrivate      = []string{"private, no-store"}
	cacheNone         = []string{"no-store"}
	cacheImmutable    = []string{"public, max-age=31536000, immutable"}
)

// protect sets the headers that every answer carries.
func (s *Shell) protect(h http.Header, r *http.Request) {
	for _, header := range safety {
		h[header.name] = header.value
	}
	if s.Secure(r) {
		h["Strict-Transport-Security"] = transportSecurity
	}
}

// declare sets the headers that follow from the route.
func declare(h http.Header, route *Route, anonymous bool) {
	if route.Secret {
		h.Set("Referrer-Policy", "no-referrer")
	}
	if route.Framed {
		h["Content-Security-Policy"] = framed
		h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	}
	if route.Open {
		h.Set("Access-Control-Allow-Origin", "*")
		h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	}
	switch {
	case route.Cache == Immutable:
		h["Cache-Control"] = cacheImmutable
	case route.Cache == Public && anonymous:
		h["Cache-Control"] = cachePublic
	case route.Cache == None:
		h["Cache-Control"] = cacheNone
	default:
		h["Cache-Control"] = cachePrivate
	}
}
