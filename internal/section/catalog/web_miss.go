package catalog

import (
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/text"
	"plaza/internal/civic/search"
)

// A search that finds nothing is demand, so it is counted; but a reader who asks
// again, a program that tries a thousand words or a page that is fetched ahead is
// not. A process writes at most missesPerMinute, and one query once in missAgain.
const (
	missesPerMinute = 30
	missAgain       = time.Hour
	missesKnown     = 5000
	shortestMiss    = 3 // letters
)

// missBrake remembers what this process has counted.
type missBrake struct {
	mu     sync.Mutex
	seen   map[string]time.Time
	minute time.Time
	n      int
}

// allow reports whether a search is to be counted now, and notes that it was.
func (b *missBrake) allow(query string, now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if at, ok := b.seen[query]; ok && now.Sub(at) < missAgain {
		return false
	}
	if now.Sub(b.minute) >= time.Minute {
		b.minute, b.n = now, 0
	}
	if b.n >= missesPerMinute {
		return false
	}
	if b.seen == nil || len(b.seen) >= missesKnown {
		b.seen = map[string]time.Time{}
	}
	b.n++
	b.seen[query] = now
	return true
}

// miss counts a search that found nothing. The page is answered whether that works
// or not.
func (s *Section) miss(r *http.Request, q string) {
	key := strings.Join(strings.Fields(text.Fold(q)), " ")
	if r.Method != http.MethodGet || len(key) < shortestMiss || isProgram(r) || !s.misses.allow(key, s.DB.Now()) {
		return
	}
	if err := s.DB.Write(r.Context(), func(tx *db.Tx) error { return search.Miss(tx, q) }); err != nil {
		slog.WarnContext(r.Context(), "counting a search without results", "err", err)
	}
}

// isProgram reports whether no person waits for the answer.
func isProgram(r *http.Request) bool {
	agent := strings.ToLower(r.UserAgent())
	if agent == "" || strings.Contains(r.Header.Get("Sec-Purpose"), "prefetch") {
		return true
	}
	for _, word := range []string{"bot", "crawl", "spider", "slurp", "curl", "wget", "python", "go-http-client"} {
		if strings.Contains(agent, word) {
			return true
		}
	}
	return false
}
