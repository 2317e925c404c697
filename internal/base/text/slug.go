package text

import (
	"hash/fnv"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Slug is s as the last part of an address: a–z and 0–9 in words joined by
// hyphens, at most limit bytes, cut between words where that keeps half of it. The
// same s always gives the same slug. A text without any Latin letter or digit gets
// one from its checksum; an empty text gives "".
func Slug(s string, limit int) string {
	var b strings.Builder
	gap := false
	for _, r := range Fold(s) {
		if r >= utf8.RuneSelf || kindOf(r) == other {
			gap = true
			continue
		}
		if gap && b.Len() > 0 {
			b.WriteByte('-')
		}
		gap = false
		b.WriteRune(r)
		if b.Len() > limit+MaxToken {
			break
		}
	}
	slug := b.String()
	if slug == "" && strings.TrimSpace(s) != "" {
		h := fnv.New64a()
		_, _ = h.Write([]byte(s)) // a hash never fails
		slug = "x" + strconv.FormatUint(h.Sum64(), 36)
	}
	if len(slug) > limit {
		cut := slug[:limit]
		if i := strings.LastIndexByte(cut, '-'); i >= limit/2 && slug[limit] != '-' {
			cut = cut[:i]
		}
		slug = strings.TrimRight(cut, "-")
	}
	return slug
}

// Excerpt is the beginning of s on one line, at most n characters and cut between
// words where that keeps half of it, with "…" when something is missing.
func Excerpt(s string, n int) string {
	var b strings.Builder
	count, space, lastSpace := 0, false, 0
	for _, r := range s {
		if unicode.IsSpace(r) || unicode.IsControl(r) {
			space = count > 0
			continue
		}
		if space {
			lastSpace = b.Len()
		}
		more := 1
		if space {
			more = 2
		}
		if count+more > n {
			cut := b.String()
			if !space && lastSpace >= len(cut)/2 {
				cut = cut[:lastSpace]
			}
			return strings.TrimRight(cut, " ,;:.–—-") + "…"
		}
		if space {
			b.WriteByte(' ')
			space = false
		}
		b.WriteRune(r)
		count += more
	}
	return b.String()
}
