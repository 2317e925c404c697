package search

import (
	"cmp"
	"math/bits"
	"slices"
	"strings"
)

// shortest is the fewest letters of a word that is corrected: shorter ones are too
// much like each other.
const shortest = 4

// clearer is how much more frequent a word must be than one that exists to be
// thought what was meant.
const clearer = 20

// correct finds a spelling of the query that would find more, by words of the
// index that differ in one or two letters, as they are written there.
func (s *snapshot) correct(q *Query, parts []part, total int) *Correction {
	fixed := cut(q.Text, maxText)
	changed := false
	for _, p := range slices.Backward(parts) {
		for _, w := range slices.Backward(p.words) {
			if p.exclude || w.stem == "" {
				continue
			}
			if better := s.meant(w); better != "" {
				fixed = fixed[:w.start] + better + fixed[w.end:]
				changed = true
			}
		}
	}
	if !changed {
		return nil
	}
	again := Query{Text: fixed, Any: q.Any, Filters: q.Filters, Where: q.Where, Ages: q.Ages}
	r, _ := s.answer(&again, parse(fixed), nil)
	if r.Total <= total {
		return nil
	}
	return &Correction{Text: fixed, Total: r.Total}
}

// guess is a word that may have been meant.
type guess struct {
	folded, shown string
	df, cost      int
}

// meant is the likeliest word of the index for one that is missing or rare, ""
// when there is none.
func (s *snapshot) meant(w word) string {
	if len(w.folded) < shortest || strings.ContainsAny(w.folded, "0123456789") {
		return ""
	}
	have := 0
	for _, v := range s.views {
		_, n := v.stemmed(w.stem)
		have += n
	}
	if have >= few {
		return ""
	}
	guesses := map[string]*guess{}
	for _, v := range s.views {
		v.guess(w, guesses)
	}
	var best *guess
	for _, g := range guesses {
		if g.df <= have*clearer {
			continue
		}
		if best == nil || cmp.Or(cmp.Compare(g.cost, best.cost), cmp.Compare(best.df, g.df), strings.Compare(g.folded, best.folded)) < 0 {
			best = g
		}
	}
	if best == nil {
		return ""
	}
	return best.shown
}

// guess adds a segment's words that are near w. A comparison of the sets of letters
// leaves few to be measured.
func (v *view) guess(w word, into map[string]*guess) {
	d := &v.seg.words
	limit := 2
	if len(w.folded) <= 5 {
		limit = 1
	}
	mask, sound := letters(w.folded), sounds(w.folded)
	for i, m := range d.mask {
		if bits.OnesCount32(m^mask) > 2*limit || v.wordDF[i] == 0 {
			continue
		}
		word := uint32(i)
		near := d.text.at(word)
		if abs(len(near)-len(w.folded)) > limit || v.seg.posts.stems.at(d.stem[word]) == w.stem {
			continue
		}
		dist := distance(near, w.folded, limit)
		if dist > limit {
			continue
		}
		g := into[near]
		if g == nil {
			g = &guess{folded: near, shown: d.display(word), cost: 2 * dist}
			if sounds(near) == sound {
				g.cost = 1
			}
			into[near] = g
		}
		g.df += int(v.wordDF[word])
	}
}

func abs(n int) int { return max(n, -n) }

// sounds is a word as it is heard in Mexico, where b and v, s, c and z, y and ll
// are one, and h is not heard: what sounds the same was probably meant.
func sounds(folded string) string {
	return sound.Replace(folded)
}

var sound = strings.NewReplacer(
	"ch", "ch", "ce", "se", "ci", "si", "ge", "je", "gi", "ji", "gue", "ge", "gui", "gi",
	"que", "ke", "qui", "ki", "c", "k", "z", "s", "x", "s", "v", "b", "w", "u", "ll", "y", "h", "", "mp", "np", "mb", "nb",
)

// distance is how many letters must be put in, left out, replaced or swapped with
// their neighbour to make a of b; limit+1 when more than limit.
func distance(a, b string, limit int) int {
	var buf [3][longest + 1]int
	if len(a) > longest || len(b) > longest {
		return limit + 1
	}
	before, last, row := &buf[0], &buf[1], &buf[2]
	for j := range len(b) + 1 {
		last[j] = j
	}
	for i := range len(a) {
		row[0] = i + 1
		least := row[0]
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			d := min(last[j]+cost, last[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				d = min(d, before[j-1]+1)
			}
			row[j+1] = d
			least = min(least, d)
		}
		if least > limit {
			return limit + 1
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}

// longest is the length of the longest word, in bytes, that is corrected.
const longest = 40
