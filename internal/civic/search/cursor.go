package search

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/json"
	"slices"
	"sort"
	"strings"

	"golang.org/x/text/collate"

	"plaza/internal/plaza"
)

// cursor is the last hit of a page: the next begins after it, even when documents
// have come and gone meanwhile.
type cursor struct {
	Sort  Sort   `json:"s,omitempty"`
	A     uint64 `json:"a,omitempty"`
	B     uint64 `json:"b,omitempty"`
	ID    string `json:"i"`
	Kind  string `json:"k"`
	Title string `json:"t,omitempty"` // where titles are the order
}

// maxCursor is the most bytes that a cursor may have.
const maxCursor = 2000

func (o Sort) byTitle() bool { return o == TitleAZ || o == TitleZA }

// cursorAt is the cursor after a hit.
func (o Sort) cursorAt(c candidate) string {
	s := c.view.seg
	at := cursor{Sort: o, A: c.a, B: c.b, ID: s.ids.at(c.doc), Kind: s.kind(c.doc)}
	if o.byTitle() {
		at.A, at.Title = 0, cut(s.titles.at(c.doc), maxSortedTitle)
	}
	b, err := json.Marshal(at)
	if err != nil {
		return "" // strings and numbers always have a form
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

// parseCursor reads a cursor made for this order; anything else is Invalid.
func (o Sort) parseCursor(s string) (*cursor, error) {
	if s == "" {
		return nil, nil
	}
	invalid := plaza.E(plaza.Invalid, "search.error.cursor")
	if len(s) > maxCursor {
		return nil, invalid
	}
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		return nil, invalid
	}
	var c cursor
	if err := json.Unmarshal(b, &c); err != nil || c.Sort != o || len(c.Title) > maxSortedTitle {
		return nil, invalid
	}
	return &c, nil
}

// after tells of a segment's candidates whether they lie behind the cursor.
func (c *cursor) after(s *segment) func(x candidate) bool {
	if c.Sort.byTitle() {
		return c.afterTitle(s)
	}
	doc, same := s.find(c.ID, c.Kind)
	if same {
		doc++
	} else {
		doc = s.first(c.ID, c.Kind)
	}
	return func(x candidate) bool {
		if d := cmp.Or(cmp.Compare(x.a, c.A), cmp.Compare(x.b, c.B)); d != 0 {
			return d > 0
		}
		return x.doc >= doc
	}
}

func (c *cursor) afterTitle(s *segment) func(x candidate) bool {
	order, buf := titleOrder(), &collate.Buffer{}
	key := slices.Clone(titleKey(order, buf, c.Title))
	// places at which the title, id and kind are before the cursor's, or its own
	place := func(own bool) uint64 {
		return uint64(sort.Search(s.len(), func(i int) bool {
			doc := s.byRank[i]
			buf.Reset()
			d := cmp.Or(bytes.Compare(titleKey(order, buf, s.titles.at(doc)), key),
				strings.Compare(s.ids.at(doc), c.ID), strings.Compare(s.kind(doc), c.Kind))
			return d > 0 || d == 0 && !own
		}))
	}
	if c.Sort == TitleZA {
		before := place(false)
		return func(x candidate) bool { return ^x.a < before }
	}
	upTo := place(true)
	return func(x candidate) bool { return x.a >= upTo }
}

// mergeTitles puts the candidates of several segments in order of title.
func (o Sort) mergeTitles(all []candidate) {
	order, buf := titleOrder(), &collate.Buffer{}
	for i, c := range all {
		all[i].key = slices.Clone(titleKey(order, buf, c.view.seg.titles.at(c.doc)))
		buf.Reset()
	}
	slices.SortFunc(all, func(x, y candidate) int {
		d := cmp.Or(bytes.Compare(x.key, y.key), names(x, y))
		if o == TitleZA {
			return -d
		}
		return d
	})
}
