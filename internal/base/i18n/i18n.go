// Package i18n says things in the reader's language: sentences from message
// catalogues, numbers, dates, sizes and ages. Mexican Spanish is the reference;
// English is the other language, and falls back to Spanish.
//
// Each package that shows text keeps locale/es.json and locale/en.json beside its
// code, embeds them, and hands them to the one Bundle. A message is a string, or an
// object with the plural forms "one", "other" and, where silence would be odd,
// "zero". Places for values are written {name}; numbers and dates among the values
// are formatted for the reader. Keys begin with the package's name:
//
//	{"catalog.page.of": "Página {page} de {pages}",
//	 "catalog.count": {"one": "{count} conjunto de datos", "other": "{count} conjuntos de datos"}}
//
// The catalogue format is our own, and small: a library that runs a text template
// for each sentence would cost more, and formats no values.
package i18n

import (
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
)

// The languages, as BCP 47 tags.
const (
	Spanish = "es-MX"
	English = "en"
)

// files maps each language to the catalogue file that holds it.
var files = []struct{ lang, path string }{
	{Spanish, "locale/es.json"},
	{English, "locale/en.json"},
}

// Locale holds this package's own messages: months, ages, units.
//
//go:embed locale
var Locale embed.FS

// Bundle holds the messages of all packages. Add is for start-up; afterwards a
// Bundle is safe for concurrent use.
type Bundle struct {
	langs  map[string]map[string]message
	missed sync.Map // lang + key already logged as missing
	own    atomic.Pointer[map[string]message]
}

// New makes a Bundle from the catalogues in each file system (locale/es.json and
// locale/en.json), this package's own included.
func New(catalogues ...fs.FS) (*Bundle, error) {
	b := &Bundle{langs: map[string]map[string]message{Spanish: {}, English: {}}}
	return b, b.Add(append([]fs.FS{Locale}, catalogues...)...)
}

// Add registers more catalogues. A key that another catalogue has already, or text
// with unclosed braces, is an error.
func (b *Bundle) Add(catalogues ...fs.FS) error {
	for _, fsys := range catalogues {
		for _, f := range files {
			messages, err := load(fsys, f.path)
			if err != nil {
				return err
			}
			for key, m := range messages {
				if _, twice := b.langs[f.lang][key]; twice {
					return fmt.Errorf("reading %s: key %q is in another catalogue too", f.path, key)
				}
				b.langs[f.lang][key] = m
			}
		}
	}
	return nil
}

// Override says something else for some keys, in every language, until it is called
// again: an installation has names of its own. Blank texts override nothing. Braces in
// them are no placeholders. It may be called at any time.
func (b *Bundle) Override(texts map[string]string) {
	own := make(map[string]message, len(texts))
	for key, text := range texts {
		if text != "" {
			own[key] = message{other: []part{{text: text}}}
		}
	}
	b.own.Store(&own)
}

// Has reports whether the key exists in the reference language.
func (b *Bundle) Has(key string) bool {
	_, ok := b.langs[Spanish][key]
	return ok
}

// Keys lists the keys of the reference language, sorted.
func (b *Bundle) Keys() []string {
	return slices.Sorted(maps.Keys(b.langs[Spanish]))
}

// find returns the message for key, in the reference language when lang lacks it.
// What is missing is logged once and shown as its key.
func (b *Bundle) find(lang, key string) message {
	if own := b.own.Load(); own != nil {
		if m, ok := (*own)[key]; ok {
			return m
		}
	}
	if m, ok := b.langs[lang][key]; ok {
		return m
	}
	if _, logged := b.missed.LoadOrStore(lang+" "+key, true); !logged {
		slog.Warn("message missing", "key", key, "lang", lang)
	}
	if m, ok := b.langs[Spanish][key]; ok {
		return m
	}
	return message{other: []part{{text: key}}}
}

// message is a sentence, cut at its placeholders.
type message struct {
	zero, one []part // nil where the message has no such form
	other     []part
}

// part is literal text, or the name of a value when name is set.
type part struct{ text, name string }

// form chooses the plural form. Spanish and English agree for what is written in
// digits: one thing, or any other number of things.
func (m message) form(count any, counted bool) []part {
	if !counted {
		return m.other
	}
	switch n, ok := wholeNumber(count); {
	case ok && n == 0 && m.zero != nil:
		return m.zero
	case ok && n == 1 && m.one != nil:
		return m.one
	}
	return m.other
}

func load(fsys fs.FS, path string) (map[string]message, error) {
	data, err := fs.ReadFile(fsys, path)
	if err != nil {
		return nil, fmt.Errorf("reading catalogue: %w", err)
	}
	var raw map[string]any
	if err := json.Unmarshal(data, &raw); err != nil {
		return nil, fmt.Errorf("reading %s: %w", path, err)
	}
	messages := make(map[string]message, len(raw))
	for key, value := range raw {
		m, err := parseMessage(value)
		if err != nil {
			return nil, fmt.Errorf("reading %s: message %q: %w", path, key, err)
		}
		messages[key] = m
	}
	return messages, nil
}

var errForms = errors.New("neither text nor plural forms")

func parseMessage(raw any) (m message, err error) {
	if text, ok := raw.(string); ok {
		m.other, err = cut(text)
		return m, err
	}
	forms, ok := raw.(map[string]any)
	if !ok {
		return m, errForms
	}
	for form, raw := range forms {
		text, ok := raw.(string)
		if !ok {
			return m, errForms
		}
		parts, err := cut(text)
		if err != nil {
			return m, err
		}
		switch form {
		case "zero":
			m.zero = parts
		case "one":
			m.one = parts
		case "other":
			m.other = parts
		default:
			return m, fmt.Errorf("unknown plural form %q", form)
		}
	}
	if m.other == nil {
		return m, errors.New(`the form "other" is missing`)
	}
	return m, nil
}

// cut splits text at its {placeholders}.
func cut(text string) ([]part, error) {
	parts := []part{}
	for text != "" {
		open := strings.IndexByte(text, '{')
		if open < 0 {
			open = len(text)
		}
		if open > 0 {
			parts = append(parts, part{text: text[:open]})
		}
		if text = text[open:]; text == "" {
			break
		}
		end := strings.IndexByte(text, '}')
		if end < 2 || strings.ContainsAny(text[1:end], "{ ") {
			return nil, fmt.Errorf("bad placeholder at %q", text)
		}
		parts = append(parts, part{name: text[1:end]})
		text = text[end+1:]
	}
	return parts, nil
}
