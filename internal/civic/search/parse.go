package search

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"plaza/internal/base/text"
)

// Bounds on a query's text; what is beyond does not count.
const (
	maxText  = 1000 // bytes
	maxParts = 32   // words
)

// part is one word or phrase of a query.
type part struct {
	words   []word
	quoted  bool // by the reader, not by a hyphen between words
	exclude bool
}

// word is one word of a query; a stop word has no stem and stands for any other.
type word struct {
	folded, stem string
	start, end   int // bytes in the query's text
}

func (p part) phrase() bool { return len(p.words) > 1 }

// parse reads what a reader typed. It is never wrong: what is no operator is text.
func parse(s string) []part {
	s = cut(s, maxText)
	var out []part
	count := 0
	for i := 0; i < len(s) && count < maxParts; {
		r, n := utf8.DecodeRuneInString(s[i:])
		if unicode.IsSpace(r) {
			i += n
			continue
		}
		exclude := r == '-' && i+1 < len(s) && starts(s[i+1:])
		if exclude {
			i++
			r, n = utf8.DecodeRuneInString(s[i:])
		}
		var found []part
		var end int
		if quote(r) {
			end = i + n + strings.IndexFunc(s[i+n:]+`"`, quote)
			found = quotedPart(s, i+n, end)
			end = min(len(s), end+width(s, end))
		} else {
			end = chunkEnd(s, i)
			found = looseParts(s, i, end)
		}
		i = end
		for _, p := range found {
			if count += len(p.words); count > maxParts {
				break
			}
			p.exclude = exclude
			out = append(out, p)
		}
	}
	return out
}

// starts reports whether a word or a phrase begins here.
func starts(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return quote(r) || unicode.IsLetter(r) || unicode.IsNumber(r)
}

func quote(r rune) bool { return strings.ContainsRune("\"“”«»„", r) }

func width(s string, i int) int {
	_, n := utf8.DecodeRuneInString(s[i:])
	return n
}

// chunkEnd is where what stands without a space or quote from i on ends.
func chunkEnd(s string, i int) int {
	n := strings.IndexFunc(s[i:], func(r rune) bool { return unicode.IsSpace(r) || quote(r) })
	if n < 0 {
		return len(s)
	}
	return i + n
}

func wordsIn(s string, from, to int) []word {
	var out []word
	for _, t := range text.Tokens(s[from:to]) {
		w := word{folded: t.Text, start: from + t.Start, end: from + t.End}
		if !text.StopWord(w.folded) {
			w.stem = text.Stem(w.folded)
		}
		out = append(out, w)
	}
	return out
}

// quotedPart is a phrase, without the stop words around it.
func quotedPart(s string, from, to int) []part {
	words := wordsIn(s, from, to)
	for len(words) > 0 && words[0].stem == "" {
		words = words[1:]
	}
	for len(words) > 0 && words[len(words)-1].stem == "" {
		words = words[:len(words)-1]
	}
	if len(words) == 0 {
		return nil
	}
	return []part{{words: words[:min(len(words), maxParts)], quoted: true}}
}

// looseParts are the words of a chunk. Those joined as in "covid-19", "2.5" or
// "a_b" make a phrase, so that they are found together; others stand alone.
func looseParts(s string, from, to int) []part {
	var out []part
	for i, w := range wordsIn(s, from, to) {
		if w.stem == "" {
			continue
		}
		if last := len(out) - 1; i > 0 && last >= 0 && len(out[last].words) < maxParts {
			before := out[last].words[len(out[last].words)-1]
			if joins(s[before.end:w.start], s[:before.end], s[w.start:]) {
				out[last].words = append(out[last].words, w)
				continue
			}
		}
		out = append(out, part{words: []word{w}})
	}
	return out
}

// joins reports whether what stands between two words makes one of them.
func joins(between, before, after string) bool {
	if strings.Trim(between, "-_.'’·@") == "" {
		return true
	}
	l, _ := utf8.DecodeLastRuneInString(before)
	r, _ := utf8.DecodeRuneInString(after)
	return strings.Trim(between, "/:,") == "" && unicode.IsDigit(l) && unicode.IsDigit(r)
}
