package api

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"plaza/internal/plaza"
)

// Paging is how lists are asked for; embed it in an operation's parameters.
type Paging struct {
	Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"20" doc:"api.param.limit"`
	Cursor string `query:"cursor" maxLength:"600" doc:"api.param.cursor"`
}

// List is one page of a list. Next is the cursor of the next one, nil at the end.
type List[T any] struct {
	Items []T     `json:"items" nullable:"false" doc:"api.list.items"`
	Total int     `json:"total" doc:"api.list.total"`
	Next  *string `json:"next" doc:"api.list.next"`
}

// More sets the cursor of the next page; "" is the end.
func (l *List[T]) More(cursor string) {
	if cursor != "" {
		l.Next = &cursor
	}
}

// next is the cursor of the next page.
func (l List[T]) next() string {
	if l.Next == nil {
		return ""
	}
	return *l.Next
}

// link is the Link header of an answer that has a next page.
func (c *call) link(a *API, answer any) string {
	list, ok := answer.(interface{ next() string })
	if !ok || list.next() == "" || c.url == nil {
		return ""
	}
	q := c.url.Query()
	q.Set("cursor", list.next())
	return "<" + a.shell.URL(c.url.EscapedPath()) + "?" + q.Encode() + `>; rel="next"`
}

// NewCursor makes the opaque text of a place in a list.
func NewCursor(place any) (string, error) {
	raw, err := json.Marshal(place)
	if err != nil {
		return "", fmt.Errorf("making a cursor: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(raw), nil
}

// ReadCursor reads a place that NewCursor wrote. The error is Invalid, at the
// parameter "cursor".
func ReadCursor(cursor string, place any) error {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(cursor)
	if err == nil && bytes.Contains(raw, []byte(`\u0000`)) { // no store takes it
		err = fmt.Errorf("it holds a NUL")
	}
	if err == nil {
		d := json.NewDecoder(strings.NewReader(string(raw)))
		d.DisallowUnknownFields()
		if err = d.Decode(place); err == nil && d.More() {
			err = fmt.Errorf("something follows")
		}
	}
	if err != nil {
		return BadCursor(err)
	}
	return nil
}

// BadCursor is the refusal of a cursor that Plaza did not write for this list.
func BadCursor(cause error) error {
	return &plaza.Error{Kind: plaza.Invalid, Key: "api.error.invalid", Cause: cause,
		Fields: []plaza.FieldError{{Field: "cursor", Key: "api.field.cursor"}}}
}

// webAddress is an address of the web, "" when it is something else.
func webAddress(s string) string {
	u, err := url.Parse(s)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
		return ""
	}
	return s
}

// lengthOf is how long a text may be.
func lengthOf(s *huma.Schema) int {
	if s.MaxLength == nil {
		return 0
	}
	return *s.MaxLength
}

// join lists the values that are allowed.
func join(values []any) string {
	var b strings.Builder
	for i, v := range values {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprint(&b, v)
	}
	return b.String()
}
