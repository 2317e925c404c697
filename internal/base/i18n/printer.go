package i18n

import (
	"fmt"
	"strings"
	"time"
	_ "time/tzdata" // zones on machines without a zone database

	"golang.org/x/text/language"
	textmessage "golang.org/x/text/message"
)

// DefaultZone is the zone of instants that belong to no institution.
const DefaultZone = "America/Mexico_City"

// Printer says things in one language and time zone. It is safe for concurrent use.
type Printer struct {
	bundle  *Bundle
	lang    string
	zone    *time.Location
	numbers *textmessage.Printer
}

// Printer returns a printer of the language ("en", or "en-GB" for short); any other
// tag gives Spanish. Its zone is DefaultZone.
func (b *Bundle) Printer(lang string) *Printer {
	if lang == English || strings.HasPrefix(lang, English+"-") {
		lang = English
	} else {
		lang = Spanish
	}
	zone, err := time.LoadLocation(DefaultZone)
	if err != nil { // cannot be: the zone database is linked in
		zone = time.UTC
	}
	return &Printer{
		bundle: b, lang: lang, zone: zone,
		// Plain "es" would group with full stops, as in Spain.
		numbers: textmessage.NewPrinter(language.MustParse(lang)),
	}
}

// In returns a printer that shows instants in another zone; nil changes nothing.
func (p *Printer) In(zone *time.Location) *Printer {
	if zone == nil {
		return p
	}
	q := *p
	q.zone = zone
	return &q
}

// Lang is the printer's language tag, Spanish or English.
func (p *Printer) Lang() string { return p.lang }

// Zone is the zone in which instants are shown.
func (p *Printer) Zone() *time.Location { return p.zone }

// T returns the message of the key with its placeholders filled from pairs of name
// and value. The value named "count" chooses the plural form. Whole numbers and
// decimals are grouped as the language does, instants become dates. A key that
// exists nowhere is returned as it is, a value that is not given shows as {name}.
func (p *Printer) T(key string, pairs ...any) string {
	m := p.bundle.find(p.lang, key)
	count, counted := value(pairs, "count")
	parts := m.form(count, counted)
	if len(parts) == 1 && parts[0].name == "" {
		return parts[0].text
	}
	var s strings.Builder
	for _, part := range parts {
		if part.name == "" {
			s.WriteString(part.text)
			continue
		}
		if v, ok := value(pairs, part.name); ok {
			s.WriteString(p.show(v))
		} else {
			s.WriteString("{" + part.name + "}")
		}
	}
	return s.String()
}

// TMap is T for values that are kept in a map, as plaza.Error keeps them.
func (p *Printer) TMap(key string, values map[string]any) string {
	pairs := make([]any, 0, 2*len(values))
	for name, v := range values {
		pairs = append(pairs, name, v)
	}
	return p.T(key, pairs...)
}

// Has reports whether the key exists.
func (p *Printer) Has(key string) bool { return p.bundle.Has(key) }

func value(pairs []any, name string) (any, bool) {
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i] == name {
			return pairs[i+1], true
		}
	}
	return nil, false
}

func (p *Printer) show(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case time.Time:
		return p.Date(v)
	case fmt.Stringer:
		return v.String()
	case int, int8, int16, int32, int64, uint, uint8, uint16, uint32, uint64, float32, float64:
		return p.Number(v)
	}
	return fmt.Sprint(v)
}
