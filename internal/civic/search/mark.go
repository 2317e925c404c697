package search

import (
	"html"
	"html/template"
	"strings"
	"unicode"
	"unicode/utf8"

	"plaza/internal/base/text"
)

// Match is what a query's words match in a text. The zero Match matches nothing.
type Match struct {
	stems  map[string]bool
	prefix string
}

// MatchOf is the Match of a query's text, all words whole.
func MatchOf(query string) Match { return matchOf(parse(query), mode{}) }

func matchOf(parts []part, m mode) Match {
	out := Match{stems: map[string]bool{}}
	for _, p := range parts {
		for _, w := range p.words {
			if w.stem != "" && !p.exclude {
				out.stems[w.stem] = true
			}
		}
	}
	q := search{parts: parts, mode: m}
	if w := q.lastWord(); w != nil {
		out.prefix = w.folded
	}
	return out
}

// holds reports whether a folded word is one of the query's.
func (m Match) holds(folded string) bool {
	if m.prefix != "" && strings.HasPrefix(folded, m.prefix) {
		return true
	}
	return len(m.stems) > 0 && !text.StopWord(folded) && m.stems[text.Stem(folded)]
}

// Segment is a piece of a text, matched or not.
type Segment struct {
	Text string
	Hit  bool
}

// Marks cuts a plain text into pieces, those that match apart. Neighbours that
// match are one piece.
func (m Match) Marks(s string) []Segment {
	var out []Segment
	from, to := 0, 0 // the last hit, not yet written
	done := 0
	flush := func() {
		if to > from {
			if from > done {
				out = append(out, Segment{Text: s[done:from]})
			}
			out = append(out, Segment{Text: s[from:to], Hit: true})
			done = to
		}
	}
	for _, t := range text.Tokens(s) {
		if !m.holds(t.Text) {
			continue
		}
		if to > from && strings.TrimSpace(s[to:t.Start]) == "" {
			to = t.End
			continue
		}
		flush()
		from, to = t.Start, t.End
	}
	flush()
	if done < len(s) {
		out = append(out, Segment{Text: s[done:]})
	}
	return out
}

// HTML is a plain text, escaped, with what matches in <mark>.
func (m Match) HTML(s string) template.HTML {
	var b strings.Builder
	for _, p := range m.Marks(s) {
		if p.Hit {
			b.WriteString("<mark>" + html.EscapeString(p.Text) + "</mark>")
		} else {
			b.WriteString(html.EscapeString(p.Text))
		}
	}
	return template.HTML(b.String())
}

// lead is how many bytes before the first match a snippet begins at most.
const lead = 60

// Snippet is a piece of a plain text of about n characters, on one line, where most
// of the query's words are; the beginning when none is there.
func (m Match) Snippet(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return text.Excerpt(s, n)
	}
	at := m.densest(s, n)
	if at <= lead {
		return text.Excerpt(s, n)
	}
	from := at - lead
	for from < at && (!utf8.RuneStart(s[from]) || !unicode.IsSpace(runeBefore(s, from))) {
		from++
	}
	return "… " + text.Excerpt(s[from:], n)
}

func runeBefore(s string, i int) rune {
	r, _ := utf8.DecodeLastRuneInString(s[:i])
	return r
}

// densest is where the first word matches of the stretch of n bytes that has the
// most different words of the query.
func (m Match) densest(s string, n int) int {
	type hit struct {
		at   int
		stem string
	}
	var hits []hit
	for _, t := range text.Tokens(s) {
		if m.holds(t.Text) {
			hits = append(hits, hit{t.Start, text.Stem(t.Text)})
		}
	}
	best, most := 0, 0
	within := map[string]int{}
	for from, to := 0, 0; from < len(hits); from++ {
		for to < len(hits) && hits[to].at < hits[from].at+n-lead {
			within[hits[to].stem]++
			to++
		}
		if len(within) > most {
			best, most = hits[from].at, len(within)
		}
		if within[hits[from].stem]--; within[hits[from].stem] == 0 {
			delete(within, hits[from].stem)
		}
	}
	return best
}
