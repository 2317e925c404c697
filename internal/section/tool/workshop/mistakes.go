package workshop

import (
	"strconv"
	"strings"

	"plaza/internal/base/i18n"
	"plaza/internal/base/web"
	"plaza/internal/plaza"
)

// said is a form that was sent: while it is refused, its fields show what was typed.
type said struct {
	sent *web.Form
	bad  map[string]string // what is wrong, by field
	// from are the fields of lines, by the member of the view that was read from them: a line
	// that is empty makes none.
	from map[string]string
}

func saying(sent *web.Form) *said {
	return &said{sent: sent, bad: map[string]string{}, from: map[string]string{}}
}

// blame notes what is wrong with a field, the first thing alone. Where nothing was sent, nothing
// is noted.
func (s *said) blame(field, message string) {
	if s != nil && s.bad[field] == "" {
		s.bad[field] = message
	}
}

// lines is how many lines of a kind were filled in, up to the last one.
func (s *said) lines(most int, names ...string) (n int) {
	if s == nil {
		return 0
	}
	for i := range most {
		for _, name := range names {
			if s.sent.Value(name+strconv.Itoa(i+1)) != "" {
				n = i + 1
			}
		}
	}
	return n
}

// ofView and ofTool are the fields that hold members of a view and of the whole document.
var (
	ofView = map[string]string{"title": "v_titulo", "text": "v_texto", "sentence": "v_frase", "columns": "columnas", "rows": "filas", "top": "top",
		"stack": "apilado", "orient": "orientacion", "palette": "paleta", "format": "formato", "per": "por", "geo": "formas", "within": "dentro"}
	ofTool  = map[string]string{"title": "titulo", "subtitle": "subtitulo", "summary": "resumen", "description": "alt", "notes": "notas", "language": "idioma"}
	ofSlots = map[string]string{"aggregate": "_cuenta", "timeUnit": "_paso"}
)

// fieldOf is the form's field that holds a member of the document, "" for one that it has not.
func (d *desk) fieldOf(path string) string {
	member, ok := strings.CutPrefix(path, "views["+strconv.Itoa(d.at)+"].")
	if !ok {
		return ofTool[path]
	}
	if channel, ok := strings.CutPrefix(member, "encoding."); ok {
		channel, rest, _ := strings.Cut(channel, ".")
		if rest == "bin" {
			return rest
		}
		return channel + ofSlots[rest]
	}
	if d.said != nil && d.said.from[member] != "" {
		return d.said.from[member]
	}
	member, _, _ = strings.Cut(member, "[")
	return ofView[member]
}

// place says in words where in the document something is wrong, "" for the whole.
func (d *desk) place(l *i18n.Printer, path string) string {
	part, rest, _ := strings.Cut(path, "]")
	kind, index, _ := strings.Cut(part, "[")
	n, err := strconv.Atoi(index)
	switch {
	case err != nil:
		return ""
	case kind == "views" && n < len(d.doc.Views):
		where := d.label(l, n)
		v := upright(d.doc.Views[n])
		channel, _, _ := strings.Cut(strings.TrimPrefix(rest, ".encoding."), ".")
		for _, s := range slots[kindOf(v)] {
			if s.channel != channel || !strings.HasPrefix(rest, ".encoding.") {
				continue
			}
			if s.wants == measure {
				return where + ", " + l.T("workshop.measure")
			}
			return where + ", " + l.T("workshop.slot."+string(kindOf(v))+"."+channel)
		}
		return where
	case kind == "sources" && n < len(d.doc.Sources):
		return l.T("workshop.place.source", "name", d.doc.Sources[n].Name)
	case kind == "controls":
		return l.T("workshop.place.control", "number", strconv.Itoa(n+1))
	}
	return ""
}

// label is what the view at n is called.
func (d *desk) label(l *i18n.Printer, n int) string {
	v := d.doc.Views[n]
	if v.Title != "" {
		return v.Title
	}
	return l.T("workshop.view", "number", strconv.Itoa(n+1), "kind", l.T("tool.kind."+string(v.Kind())))
}

// why says what is wrong, each at its place, in one text.
func (d *desk) why(l *i18n.Printer, e *plaza.Error) string {
	text := l.TMap(e.Key, e.Args)
	for _, f := range e.Fields {
		text += " "
		if at := d.place(l, f.Field); at != "" {
			text += at + ": "
		}
		text += l.TMap(f.Key, f.Args)
	}
	return text
}

// blame gives what is wrong to the fields that can mend it, and returns what no field can.
func (d *desk) blame(l *i18n.Printer, e *plaza.Error) *plaza.Error {
	rest := *e
	rest.Fields = nil
	for _, f := range e.Fields {
		field := d.fieldOf(f.Field)
		if field == "" || d.said == nil {
			rest.Fields = append(rest.Fields, f)
			continue
		}
		d.said.blame(field, l.TMap(f.Key, f.Args))
	}
	return &rest
}
