package basemap

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
	"sync"

	"plaza/internal/base/tabular/place"
	"plaza/internal/base/text"
	"plaza/internal/plaza"
)

const (
	// mostFound is how many places are offered.
	mostFound = 8
	// longestQuery is how many bytes of a question are read.
	longestQuery = 200
)

// Found is a place that was looked for: a municipality's name says its state too. Box is
// west, south, east and north.
type Found struct {
	Name string     `json:"name"`
	Code string     `json:"code"`
	Box  [4]float64 `json:"box"`
}

// entry is a place as it is looked for.
type entry struct {
	Found
	folded string   // its own name
	words  []string // those of its own name and its state's
}

var entries = sync.OnceValue(func() (all []entry) {
	add := func(p place.Place, state string) {
		name, words := p.Name, p.Name+" "+state
		if state != "" {
			name += ", " + state
		}
		e := entry{Found: Found{Name: name, Code: p.Code}, folded: text.Fold(p.Name), words: wordsOf(words)}
		e.Box[0], e.Box[1], e.Box[2], e.Box[3], _ = place.Box(p.Code)
		all = append(all, e)
	}
	for _, s := range place.States() {
		add(s, "")
		for _, t := range place.Towns(s.Code) {
			add(t, s.Name)
		}
	}
	return all
})

func wordsOf(s string) []string {
	return strings.FieldsFunc(text.Fold(s), func(r rune) bool { return strings.ContainsRune(" ,.()-'", r) })
}

// places answers with the places that somebody looks for.
func (s *Section) places(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query().Get("q")
	if len(q) > longestQuery {
		return plaza.E(plaza.Invalid, "basemap.error.long")
	}
	return answer(w, Find(q))
}

// Find looks for states and municipalities by the beginnings of their words, whatever
// accents they are written with. A state by any name that people have for it comes first,
// then names that are what was typed, that begin so, and the others; states before
// municipalities.
func Find(q string) []Found {
	words := wordsOf(q)
	out := []Found{}
	if len(words) == 0 {
		return out
	}
	typed := strings.Join(words, " ")
	known, _ := place.StateCode(q)
	type hit struct {
		entry
		rank int
	}
	var hits []hit
	for _, e := range entries() {
		switch {
		case e.Code == known:
			hits = append(hits, hit{e, 0})
		case !e.has(words):
		case e.folded == typed:
			hits = append(hits, hit{e, 1})
		case strings.HasPrefix(e.folded, typed):
			hits = append(hits, hit{e, 2})
		case strings.HasPrefix(typed, e.folded): // with its state
			hits = append(hits, hit{e, 1})
		default:
			hits = append(hits, hit{e, 3})
		}
	}
	slices.SortFunc(hits, func(a, b hit) int {
		return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(len(a.Code), len(b.Code)), cmp.Compare(len(a.folded), len(b.folded)), cmp.Compare(a.Code, b.Code))
	})
	for _, h := range hits[:min(len(hits), mostFound)] {
		out = append(out, h.Found)
	}
	return out
}

// has reports whether each of some words begins one of the place's.
func (e entry) has(words []string) bool {
	for _, w := range words {
		if !slices.ContainsFunc(e.words, func(own string) bool { return strings.HasPrefix(own, w) }) {
			return false
		}
	}
	return true
}
