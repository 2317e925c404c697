package web

import (
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// maxAge bounds how long a cached page may say "hace 3 días" without looking again.
const maxAge = 5 * time.Minute

// pageKey names a page: the decoded path and how it was written, because a slash
// may be encoded in it, the query and the language.
type pageKey struct {
	path, raw, query, lang string
}

// pageCache keeps anonymous pages, whole and compressed, with their headers ready.
// An entry is good for the version that it was made at. When room is short, entries
// that were not asked for since the hand last passed go first.
type pageCache struct {
	mu      sync.RWMutex
	entries map[pageKey]*entry
	ring    []pageKey // in the order of the clock's hand
	hand    int
	size    int64
	limit   int64

	flightMu sync.Mutex
	flights  map[flightKey]*flight
}

type flightKey struct {
	page    pageKey
	version string
}

// flight is a page being made; others who want it wait for done.
type flight struct {
	done  chan struct{}
	entry *entry // nil: it cannot be shared
	err   error  // the store was away: nobody else need wait for it
}

func newPageCache(limit int64) *pageCache {
	return &pageCache{entries: map[pageKey]*entry{}, flights: map[flightKey]*flight{}, limit: limit}
}

// lookUp returns the cached page that answers the request, or nil.
func (s *Shell) lookUp(r *http.Request) *entry {
	if s.cfg.Version == nil || (r.Method != http.MethodGet && r.Method != http.MethodHead) || len(r.TransferEncoding) > 0 || !s.isAnonymous(r) {
		return nil
	}
	lang, _ := langOf(r)
	e := s.cache.get(keyOf(r, lang))
	if e == nil || e.version != s.cfg.Version() {
		return nil
	}
	if age := s.cfg.Now().Sub(e.made); age < 0 || age > maxAge {
		return nil
	}
	return e
}

func keyOf(r *http.Request, lang string) pageKey {
	return pageKey{path: r.URL.Path, raw: r.URL.RawPath, query: r.URL.RawQuery, lang: lang}
}

func (c *pageCache) get(key pageKey) *entry {
	c.mu.RLock()
	e := c.entries[key]
	c.mu.RUnlock()
	if e != nil && !e.used.Load() {
		e.used.Store(true)
	}
	return e
}

func (c *pageCache) put(key pageKey, e *entry) {
	if e.cost > c.limit/8 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if old := c.entries[key]; old != nil {
		c.size -= old.cost
	} else {
		c.ring = append(c.ring, key)
	}
	c.entries[key] = e
	c.size += e.cost
	for c.size > c.limit {
		c.evict()
	}
}

// evict moves the hand to the next entry that was not used since it last passed.
func (c *pageCache) evict() {
	for {
		if c.hand >= len(c.ring) {
			c.hand = 0
		}
		key := c.ring[c.hand]
		e := c.entries[key]
		if e.used.Swap(false) {
			c.hand++
			continue
		}
		delete(c.entries, key)
		c.size -= e.cost
		last := len(c.ring) - 1
		c.ring[c.hand] = c.ring[last]
		c.ring = c.ring[:last]
		return
	}
}

// join returns the flight that makes the page, and whether the caller leads it.
func (c *pageCache) join(key flightKey) (f *flight, leads bool) {
	c.flightMu.Lock()
	defer c.flightMu.Unlock()
	if f := c.flights[key]; f != nil {
		return f, false
	}
	f = &flight{done: make(chan struct{})}
	c.flights[key] = f
	return f, true
}

func (c *pageCache) land(key flightKey, f *flight) {
	c.flightMu.Lock()
	delete(c.flights, key)
	c.flightMu.Unlock()
	close(f.done)
}

// servePublic answers for a public route: one request makes the page, those who ask
// for the same meanwhile wait for it.
func (s *Shell) servePublic(w http.ResponseWriter, r *http.Request, route *Route, h Handler) {
	st := stateOf(r.Context())
	key := flightKey{keyOf(r, st.lang), s.cfg.Version()} // read before the page: it may be newer, never older
	f, leads := s.cache.join(key)
	if !leads {
		select {
		case <-f.done:
		case <-r.Context().Done():
			st.err = r.Context().Err()
			return
		}
		if f.entry != nil {
			s.send(w, r, f.entry)
			return
		}
		if f.err != nil {
			s.answerError(w, r, f.err)
			return
		}
	}
	rec := newRecorder(w)
	if !leads {
		s.run(rec, r, route, h)
		s.finish(w, r, rec)
		return
	}
	landed := false
	land := func() {
		if !landed {
			landed = true
			s.cache.land(key, f)
		}
	}
	defer land() // when the handler panics, too
	made := s.cfg.Now()
	s.run(rec, r, route, h)
	if e := s.keepable(rec, route, st); e != nil {
		e.version, e.made = key.version, made
		e.log = s.log.With("method", http.MethodGet, "route", route.Pattern, "cached", true)
		f.entry = e
		s.cache.put(key.page, e)
		land()
		s.send(w, r, e)
		return
	}
	if st.err != nil && StatusOf(st.err) == http.StatusServiceUnavailable {
		f.err = st.err
	}
	land()
	s.finish(w, r, rec)
}

// keepable makes an entry of an answer that may be kept: whole, good, and with
// nothing in its headers that says otherwise.
func (s *Shell) keepable(rec *recorder, route *Route, st *state) *entry {
	h := rec.header
	if rec.spilled || st.err != nil || rec.status != http.StatusOK || h["Set-Cookie"] != nil || h["Vary"] != nil {
		return nil
	}
	if cc := h["Cache-Control"]; len(cc) != 1 || cc[0] != cachePublic[0] {
		return nil
	}
	e := newEntry(rec)
	e.route = route
	return e
}

// sendCached answers from the cache.
func (s *Shell) sendCached(w http.ResponseWriter, r *http.Request, e *entry) Answer {
	h := w.Header()
	if s.Secure(r) {
		h["Strict-Transport-Security"] = transportSecurity
	}
	for _, header := range e.header {
		h[header.name] = header.values
	}
	if lang, explicit := langOf(r); explicit {
		s.rememberLang(h, r, e.route, lang, explicit)
	}
	status, n := e.write(w, r)
	return Answer{Status: status, Bytes: n, Cached: true}
}

// send answers with an entry that was made for this request or one beside it. The
// headers of the route and the shell are set already.
func (s *Shell) send(w http.ResponseWriter, r *http.Request, e *entry) {
	h := w.Header()
	for _, header := range e.header {
		h[header.name] = header.values
	}
	st := stateOf(r.Context())
	s.rememberLang(h, r, st.route, st.lang, st.explicit)
	_, _ = e.write(w, r) // the reader may have left
}

// finish sends an answer that is kept nowhere.
func (s *Shell) finish(w http.ResponseWriter, r *http.Request, rec *recorder) {
	if rec.spilled {
		return
	}
	s.send(w, r, newEntry(rec))
}

// entry is an answer, ready to be sent in any encoding.
type entry struct {
	version  string
	made     time.Time
	route    *Route
	log      *slog.Logger // with what every hit says
	status   int
	header   []headerLine // everything but what depends on the encoding
	etag     string       // "" for none
	compress bool
	packed   bool // its gzip was at hand before
	body     []byte
	cost     int64
	used     atomic.Bool

	mu       sync.Mutex
	variants [encodings]atomic.Pointer[variant]
}

type headerLine struct {
	name   string
	values []string
}
