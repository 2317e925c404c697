package web

import (
	"net/http"
	"slices"
	"strings"
)

// Handler answers a request or returns why it could not.
type Handler func(w http.ResponseWriter, r *http.Request) error

// Cache says who may keep a route's answers.
type Cache uint8

// The caching of routes. The zero value is the safe one.
const (
	None      Cache = iota // nobody may keep it
	Private                // it concerns who asks; nobody may keep it
	Public                 // the same for every visitor without a session: anyone may keep it, if he asks again
	Immutable              // its address changes when it does
)

// Route is what is known of a route besides its pattern: its name, which permission
// it asks for, who may keep its answers and how large a request may be.
type Route struct {
	Name    string // e.g. "catalog.dataset"
	Action  string // the permission asked for before the handler runs; "" for none
	Cache   Cache
	MaxBody int64 // bytes of a request body; 0 is 256 KB
	Stream  bool  // the handler writes as it goes: no buffering, entity tag, compression or total time limit
	Open    bool  // open data: scripts of other sites may read the answer
	// Framed says that pages of other sites may show the answer within them: it is made for
	// nobody in particular, whatever cookies came.
	Framed bool
	Secret bool // its address is a secret: where links on it lead is not told of it

	Pattern string // set by Handle
}

const defaultMaxBody = 256 << 10

// Handle registers a handler for a pattern of http.ServeMux ("GET /datos/{dataset}").
// A pattern without method would answer all of them and is refused, as is one that
// is registered twice, with a panic at start-up.
func (s *Shell) Handle(pattern string, route Route, h Handler) {
	method, path, ok := strings.Cut(pattern, " ")
	if !ok || method == "" {
		panic("web: the pattern " + pattern + " names no method")
	}
	route.Pattern = pattern
	if route.MaxBody == 0 {
		route.MaxBody = defaultMaxBody
	}
	s.routes = append(s.routes, route)
	if method == http.MethodGet {
		s.byPath[path] = true
	}
	s.mux.Handle(pattern, s.endpoint(&route, h))
}

// Routes lists the registered routes by pattern, for tests that walk them all.
func (s *Shell) Routes() []Route {
	routes := slices.Clone(s.routes)
	slices.SortFunc(routes, func(a, b Route) int { return strings.Compare(a.Pattern, b.Pattern) })
	return routes
}

// Has reports whether a page is registered at exactly this path, so that nothing
// links to what an installation does not have.
func (s *Shell) Has(path string) bool { return s.byPath[path] || path == "/" && s.byPath["/{$}"] }
