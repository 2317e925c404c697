package dcat

import (
	"html"
	"plaza/internal/section/catalog/dcat/wire"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/unicode/norm"
)

// title repairs text that stands on one line: titles, names, labels.
func (r *report) title(field, s string) string {
	s = strings.TrimSpace(s)
	if plainASCII(s) {
		return r.cut(field, s, maxTitle)
	}
	s = r.withoutHTML(field, r.characters(field, s))
	return r.cut(field, strings.Join(strings.Fields(s), " "), maxTitle)
}

// prose repairs text of several lines: descriptions, comments. The result is plain
// text or Markdown.
func (r *report) prose(field, s string) string {
	s = strings.TrimSpace(s)
	if plainASCII(s) {
		return r.cut(field, s, maxProse)
	}
	s = r.withoutHTML(field, r.characters(field, s))
	return r.cut(field, strings.TrimSpace(s), maxProse)
}

// withoutHTML turns HTML into text, also HTML that was escaped once more than it
// should, and decodes the entities that stand in plain text.
func (r *report) withoutHTML(field, s string) string {
	was := s
	if !looksLikeHTML(s) {
		if s = unescape(s); s == was {
			return s
		}
	}
	if looksLikeHTML(s) {
		r.add(HTMLInText, field, was, true)
		s = unescape(htmlToText(s))
	} else {
		r.add(EntitiesInText, field, was, true)
	}
	s, _ = stripControls(s) // an entity may stand for one
	return norm.NFC.String(s)
}

// plainASCII reports whether s can need no repair: printable ASCII on one line,
// single blanks, no entity and no tag. Most of what is read is like that.
func plainASCII(s string) bool {
	for i := range len(s) {
		c := s[i]
		if c < ' ' || c > '~' || c == '<' || c == '&' || c == ' ' && s[i-1] == ' ' {
			return false // s is trimmed: a blank is never first
		}
	}
	return true
}

// cut shortens s to most runes.
func (r *report) cut(field, s string, most int) string {
	if len(s) <= most || utf8.RuneCountInString(s) <= most {
		return s
	}
	r.add(TextTooLong, field, s, true)
	n := 0
	for i := range s {
		if n++; n == most {
			return strings.TrimRightFunc(s[:i], unicode.IsSpace) + "…"
		}
	}
	return s
}

// characters repairs what concerns single characters: text far beyond any limit is
// cut first, so that the rest of the work is bounded.
func (r *report) characters(field, s string) string {
	if most := 8 * maxProse; len(s) > most {
		r.add(TextTooLong, field, s, true)
		s = strings.ToValidUTF8(s[:most], "")
	}
	s = strings.ToValidUTF8(s, "�")
	if strings.ContainsRune(s, '�') {
		r.add(ReplacementCharacter, field, s, false)
	}
	if fixed, state := fixMojibake(s); state == mojibakeFixed {
		r.add(Mojibake, field, s, true)
		s = fixed
	} else if state == mojibakeSuspected {
		r.add(MojibakeSuspected, field, s, false)
	}
	fixed, found := stripControls(s)
	if found {
		r.add(ControlCharacters, field, s, true)
	}
	return norm.NFC.String(fixed)
}

// entity needs its semicolon: "&copy=1" is part of an address, not a sign.
var entity = regexp.MustCompile(`&(#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});`)

// unescape decodes entities, twice where they were escaped twice.
func unescape(s string) string {
	for range 2 {
		if strings.IndexByte(s, '&') < 0 {
			return s
		}
		s = entity.ReplaceAllStringFunc(s, html.UnescapeString)
	}
	return s
}

// lineEnds are those that only Unicode knows.
var lineEnds = strings.NewReplacer("\u2028", "\n", "\u2029", "\n\n", "\u0085", "\n")

// plainSpanish reports whether a text has only characters of which none is a control:
// printable ASCII, tabs, line feeds, and letters up to U+07FF.
func plainSpanish(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case c < ' ' && c != '\n' && c != '\t', c == 0x7F, c == 0xC2, c >= 0xE0:
			return false // 0xC2 begins what follows ASCII in Latin-1: its controls, and punctuation
		}
	}
	return true
}

// stripControls removes control characters and reports whether one was there. Line
// ends of other systems become line feeds, which is no defect.
func stripControls(s string) (string, bool) {
	if plainSpanish(s) {
		return s, false
	}
	if strings.IndexByte(s, '\r') >= 0 {
		s = strings.ReplaceAll(s, "\r\n", "\n")
		s = strings.ReplaceAll(s, "\r", "\n")
	}
	s = lineEnds.Replace(s)
	if strings.IndexFunc(s, wire.IsControl) < 0 {
		return s, false
	}
	return strings.Map(func(c rune) rune {
		if wire.IsControl(c) {
			return -1
		}
		return c
	}, s), true
}

type mojibakeState int

const (
	mojibakeNone mojibakeState = iota
	mojibakeSuspected
	mojibakeFixed
)

// fixMojibake reverses UTF-8 that was read as Windows-1252 ("AdministraciÃ³n"),
// once or twice over. It is certain only when the whole text goes back to
// well-formed UTF-8 and what comes out is what Spanish and English are written with.
// A text with such sequences that does not go back whole is repaired word by word,
// by the same rule; when a word does not go back, the text is left as it is.
func fixMojibake(s string) (string, mojibakeState) {
	if !suspicious(s) {
		return s, mojibakeNone
	}
	if fixed, ok := reverseAll(s); ok {
		return fixed, mojibakeFixed
	}
	words := strings.SplitAfter(s, " ")
	for i, w := range words {
		if !suspicious(w) {
			continue
		}
		fixed, ok := reverseAll(w)
		if !ok {
			return s, mojibakeSuspected
		}
		words[i] = fixed
	}
	return strings.Join(words, ""), mojibakeFixed
}

// reverseAll reverses what was misread twice as well; ok is false when something
// suspicious is left.
func reverseAll(s string) (fixed string, ok bool) {
	fixed, ok = reverse(s)
	if ok && suspicious(fixed) {
		fixed, ok = reverse(fixed)
	}
	return fixed, ok && !suspicious(fixed) && plausibleText(fixed)
}

// suspicious reports whether s holds the first character of a misread sequence (Â, Ã
// or "â€") before one that can continue it.
func suspicious(s string) bool {
	for i, c := range s {
		if c != 'Â' && c != 'Ã' && c != 'â' {
			continue
		}
		next, n := utf8.DecodeRuneInString(s[i+utf8.RuneLen(c):])
		if b, ok := misreadByte(next); n > 0 && next > '~' && ok && b < 0xC0 {
			return true
		}
	}
	return false
}

// misreadByte returns the byte that was read as c, by Windows-1252 or by Latin-1.
func misreadByte(c rune) (byte, bool) {
	if c >= 0x80 && c <= 0x9F {
		return byte(c), true
	}
	return charmap.Windows1252.EncodeRune(c)
}

// reverse encodes s as Windows-1252 and reads it as UTF-8.
func reverse(s string) (string, bool) {
	raw := make([]byte, 0, len(s))
	for _, c := range s {
		b, ok := misreadByte(c)
		if !ok {
			return "", false
		}
		raw = append(raw, b)
	}
	if !utf8.Valid(raw) {
		return "", false
	}
	return string(raw), true
}

// plausibleText reports whether s holds only what Spanish and English are written
// with.
func plausibleText(s string) bool {
	for i, c := range s {
		switch {
		case c <= '~', c >= 0xA0 && c <= 0xFF, c >= 0x2010 && c <= 0x203A, c == '€', c == '™':
		default:
			return false
		}
		// A capital before a closing quotation mark at the end of a word reads the same
		// as a capital of its own ("MANHÃ”" in Portuguese): not certain.
		if (c == 'Ó' || c == 'Ô' || c == 'Ñ' || c == 'Ò') && !letterAfter(s[i+utf8.RuneLen(c):]) {
			return false
		}
	}
	return true
}

func letterAfter(s string) bool {
	c, n := utf8.DecodeRuneInString(s)
	return n > 0 && unicode.IsLetter(c)
}
