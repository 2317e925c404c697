package web

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"plaza/internal/base/i18n"
	"plaza/internal/plaza"
)

// What a form may hold, besides the route's limit on the whole body.
const (
	maxFields    = 200
	maxFieldSize = 64 << 10
)

// Form is what a person sent. Its values are valid UTF-8 without NUL.
type Form struct {
	values url.Values
	files  map[string][]File
}

// File is an uploaded file. Name is what the sender calls it: a label, nothing more.
type File struct {
	Name string
	Body []byte
}

// ReadForm reads a form within limits. What is no form is 415, what is too large
// 413, what cannot be read 400.
func ReadForm(r *http.Request) (*Form, error) {
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		return nil, &StatusError{Status: http.StatusUnsupportedMediaType, Cause: err}
	}
	switch kind {
	case "application/x-www-form-urlencoded":
		return readURLEncoded(r.Body)
	case "multipart/form-data":
		if b := params["boundary"]; b == "" || len(b) > 70 {
			return nil, &StatusError{Status: http.StatusBadRequest, Cause: errors.New("bad boundary")}
		}
		return readMultipart(multipart.NewReader(r.Body, params["boundary"]))
	}
	return nil, &StatusError{Status: http.StatusUnsupportedMediaType}
}

func readURLEncoded(body io.Reader) (*Form, error) {
	raw, err := io.ReadAll(body) // bounded by the route
	if err != nil {
		return nil, badForm(err)
	}
	if strings.Count(string(raw), "&") >= maxFields {
		return nil, &StatusError{Status: http.StatusRequestEntityTooLarge, Cause: errors.New("too many fields")}
	}
	values, err := url.ParseQuery(string(raw))
	if err != nil {
		return nil, badForm(err)
	}
	for _, list := range values {
		for i, v := range list {
			if len(v) > maxFieldSize {
				return nil, &StatusError{Status: http.StatusRequestEntityTooLarge, Cause: errors.New("a field is too long")}
			}
			list[i] = clean(v)
		}
	}
	return &Form{values: values}, nil
}

func readMultipart(parts *multipart.Reader) (*Form, error) {
	f := &Form{values: url.Values{}, files: map[string][]File{}}
	for range maxFields {
		part, err := parts.NextPart()
		if err == io.EOF { // bare; one that is wrapped is a form cut off
			return f, nil
		}
		if err != nil {
			return nil, badForm(err)
		}
		if part.FileName() != "" {
			body, err := io.ReadAll(part) // bounded by the route
			if err != nil {
				return nil, badForm(err)
			}
			f.files[part.FormName()] = append(f.files[part.FormName()], File{Name: clean(part.FileName()), Body: body})
			continue
		}
		body, err := io.ReadAll(io.LimitReader(part, maxFieldSize+1))
		if err != nil {
			return nil, badForm(err)
		}
		if len(body) > maxFieldSize {
			return nil, &StatusError{Status: http.StatusRequestEntityTooLarge, Cause: errors.New("a field is too long")}
		}
		f.values.Add(part.FormName(), clean(string(body)))
	}
	return nil, &StatusError{Status: http.StatusRequestEntityTooLarge, Cause: errors.New("too many parts")}
}

func badForm(err error) error {
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return fmt.Errorf("reading a form: %w", err)
	}
	return &StatusError{Status: http.StatusBadRequest, Cause: fmt.Errorf("reading a form: %w", err)}
}

// clean makes text that any store and page can hold.
func clean(s string) string {
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "\ufffd")
	}
	return strings.ReplaceAll(s, "\x00", "")
}

// Value is a field's value without surrounding space; "" when it was not sent.
func (f *Form) Value(name string) string { return strings.TrimSpace(f.values.Get(name)) }

// Has reports whether the form holds a field, empty or not.
func (f *Form) Has(name string) bool { return f.values.Has(name) }

// Names lists the fields that were sent, files aside, sorted.
func (f *Form) Names() []string { return slices.Sorted(maps.Keys(f.values)) }

// Values are all values of a field.
func (f *Form) Values(name string) []string { return f.values[name] }

// Checked reports whether a checkbox was ticked.
func (f *Form) Checked(name string) bool { return f.values.Get(name) != "" }

// File is an uploaded file, the last one of a field that takes several, and whether one
// was sent.
func (f *Form) File(name string) (File, bool) {
	all := f.files[name]
	if len(all) == 0 {
		return File{}, false
	}
	return all[len(all)-1], true
}

// Files are all that were uploaded in a field, in their order.
func (f *Form) Files(name string) []File { return f.files[name] }

// QueryText reads free text from the address: valid, without control characters,
// and cut at limit bytes on a letter's edge.
func QueryText(r *http.Request, name string, limit int) string {
	s := strings.Map(func(c rune) rune {
		if c < ' ' || c == 0x7f {
			return ' '
		}
		return c
	}, clean(r.URL.Query().Get(name)))
	s = strings.TrimSpace(s)
	if len(s) <= limit {
		return s
	}
	for limit > 0 && !utf8.RuneStart(s[limit]) {
		limit--
	}
	return s[:limit]
}

// FieldErrors puts what is wrong with each field into words. It is nil when err is
// not about fields.
func FieldErrors(l *i18n.Printer, err error) map[string]string {
	e, ok := errors.AsType[*plaza.Error](err)
	if !ok || len(e.Fields) == 0 {
		return nil
	}
	said := make(map[string]string, len(e.Fields))
	for _, f := range e.Fields {
		said[f.Field] = l.TMap(f.Key, f.Args)
	}
	return said
}
