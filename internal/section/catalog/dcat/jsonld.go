package dcat

import (
	_ "embed"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"

	"github.com/piprate/json-gold/ld"
)

// usualContext stands in for every context that is on another server: the terms of
// Project Open Data and of DCAT, by the names that catalogues give them.
//
//go:embed context.json
var usualContext string

const (
	// maxGraphValues is how many JSON values a JSON-LD document may hold.
	maxGraphValues = 3_000_000
	// ldBatch is how many values of a long list are expanded at a time: the library
	// takes more than a kilobyte for each.
	ldBatch = 20_000
)

// readJSONLD expands a JSON-LD document, piece by piece, and turns it into a graph.
func readJSONLD(d *document, g *graph, text string) error {
	v, err := parseJSONUpTo(text, maxGraphValues)
	if errors.Is(err, errMany) {
		return tooLarge()
	}
	if err != nil {
		return jsonFailure(err, text)
	}
	usual, err := parseJSON(usualContext)
	if err != nil {
		return fmt.Errorf("reading our own context: %w", err)
	}
	options := ld.NewJsonLdOptions("")
	if d.opt.Base != nil {
		options.Base = d.opt.Base.String()
	}
	loader := &contextLoader{d: d, context: usual}
	options.DocumentLoader = loader
	if !hasContext(v) {
		d.report.once(ContextUnknown, "@context", "", true)
		options.ExpandContext = usual.any()
	}
	w := expandedWalker{g: g}
	for piece, size := range pieces(v) {
		if size > 10*ldBatch { // one node with more in it than any has
			return tooLarge()
		}
		expanded, err := expand(piece.any(), options)
		if loader.loads > maxLoads {
			return tooLarge()
		}
		if err != nil {
			return &FormatError{Code: FormatNot, Offset: -1, Detail: cutForReport(err.Error()), Cause: err}
		}
		for _, item := range expanded {
			w.item(item)
		}
		if g.full() {
			return tooLarge()
		}
	}
	return nil
}

// pieces cuts a document into documents that together say the same, so that a long
// list (the graph, a catalogue's datasets) is never expanded at once. Each comes with
// the number of its values.
func pieces(v value) iter.Seq2[value, int] {
	return func(yield func(value, int) bool) {
		if v.kind == jsonArray {
			batches(v.items, func(list []value, size int) bool {
				return yield(value{kind: jsonArray, items: list}, size)
			})
			return
		}
		// What every piece has to repeat: the meaning of terms, and which node it is.
		var head, rest []member
		for _, m := range v.members {
			switch m.name {
			case "@context", "@id", "@type", "id", "type":
				head = append(head, m)
			}
		}
		if v.get("@id").kind == 0 && v.get("id").kind == 0 {
			head = append(head, member{"@id", value{kind: jsonString, text: "_:documento"}})
		}
		rest = slices.Clip(head)
		for _, m := range v.members {
			switch {
			case slices.ContainsFunc(head, func(h member) bool { return h.name == m.name }):
			case m.value.kind == jsonArray && len(m.value.items) > 10:
				more := batches(m.value.items, func(list []value, size int) bool {
					part := member{m.name, value{kind: jsonArray, items: list}}
					return yield(value{kind: jsonObject, members: append(slices.Clip(head), part)}, size)
				})
				if !more {
					return
				}
			default:
				rest = append(rest, m)
			}
		}
		yield(value{kind: jsonObject, members: rest}, countValues(value{kind: jsonObject, members: rest}))
	}
}

// batches cuts a list into runs of about ldBatch values and reports whether all were
// taken.
func batches(items []value, yield func(list []value, size int) bool) bool {
	start, size := 0, 0
	for i := range items {
		size += countValues(items[i])
		if size >= ldBatch || i == len(items)-1 {
			if !yield(items[start:i+1], size) {
				return false
			}
			start, size = i+1, 0
		}
	}
	return true
}

func countValues(v value) int {
	n := 1
	for i := range v.items {
		n += countValues(v.items[i])
	}
	for i := range v.members {
		n += countValues(v.members[i].value)
	}
	return n
}

// jsonFailure tells a document that breaks off from one that is broken.
func jsonFailure(err error, text string) error {
	failure := &FormatError{Code: FormatSyntax, Offset: -1}
	var broken *jsonError
	if errors.As(err, &broken) {
		failure.Line = broken.line + 1
	}
	s := newScanner(newBuffered(strings.NewReader(text)))
	scanned := s.skip()
	var known *FormatError
	switch {
	case errors.As(scanned, &known):
		return known
	case errors.Is(err, errDeep):
		failure.Code = FormatTooDeep
	case errors.Is(err, errTrailingComma):
		failure.Code = FormatTrailingComma
	}
	return failure
}

// hasContext reports whether a document says what its terms mean, at the top or in
// one of the top's nodes.
func hasContext(v value) bool {
	if v.get("@context").kind != 0 {
		return true
	}
	for _, item := range v.items {
		if item.get("@context").kind != 0 {
			return true
		}
	}
	if len(v.items) > 0 {
		v = v.items[0]
	}
	for _, m := range v.members {
		if strings.Contains(m.name, "://") { // expanded already: the keys are addresses
			return true
		}
	}
	return false
}

// expand runs the library. What it does with hostile contexts is not ours to prove,
// so a panic in it counts as a document that cannot be read.
func expand(document any, options *ld.JsonLdOptions) (list []any, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("expanding JSON-LD: %v", p)
		}
	}()
	list, err = ld.NewJsonLdProcessor().Expand(document, options)
	if err != nil {
		return nil, fmt.Errorf("expanding JSON-LD: %w", err)
	}
	return list, nil
}

// contextLoader answers every request for a remote context with ours, and reports
// it: nothing is fetched while a catalogue is read.
type contextLoader struct {
	d       *document
	context value
	loads   int
}

// maxLoads is how often one document may ask for contexts: each time costs a
// quarter of a millisecond.
const maxLoads = 20_000

// LoadDocument implements ld.DocumentLoader.
func (l *contextLoader) LoadDocument(address string) (*ld.RemoteDocument, error) {
	if l.loads++; l.loads > maxLoads {
		return nil, errors.New("too many contexts")
	}
	if !knownContext(address) {
		l.d.report.once(ContextUnknown, "@context", address, true)
	}
	return &ld.RemoteDocument{DocumentURL: address, Document: map[string]any{"@context": l.context.any()}}, nil
}

// knownContext reports whether a context is one that ours was made to equal for the
// terms that are read.
func knownContext(address string) bool {
	return strings.Contains(address, "project-open-data.cio.gov/v1.1/schema/catalog.jsonld") ||
		strings.Contains(address, "resources.data.gov/resources/dcat-us") ||
		strings.Contains(strings.ToLower(address), "semiceu.github.io/dcat-ap/")
}

// expandedWalker turns expanded JSON-LD into statements. Named graphs are merged.
type expandedWalker struct {
	g      *graph
	blanks int
}

// item reads a node or a value; ok is false for what is neither.
func (w *expandedWalker) item(item any) (term, bool) {
	object, isObject := item.(map[string]any)
	if !isObject {
		return term{}, false
	}
	if v, isValue := object["@value"]; isValue {
		lang, _ := object["@language"].(string)
		return term{kind: termLiteral, value: scalarText(v), lang: strings.ToLower(lang)}, true
	}
	id, _ := object["@id"].(string)
	subject := term{kind: termIRI, value: id}
	switch {
	case id == "":
		w.blanks++
		subject = term{kind: termBlank, value: fmt.Sprintf("_:.%d", w.blanks)}
	case strings.HasPrefix(id, "_:"):
		subject.kind = termBlank
	}
	for _, key := range sortedKeys(object) {
		w.member(subject, key, object[key])
	}
	return subject, true
}

func (w *expandedWalker) member(subject term, key string, content any) {
	list, _ := content.([]any)
	switch key {
	case "@type":
		for _, t := range list {
			if iri, ok := t.(string); ok {
				w.g.add(triple{subject, rdfType, term{kind: termIRI, value: iri}})
			}
		}
	case "@graph", "@included":
		for _, item := range list {
			w.item(item)
		}
	case "@reverse":
		reverse, _ := content.(map[string]any)
		for _, predicate := range sortedKeys(reverse) {
			sources, _ := reverse[predicate].([]any)
			for _, item := range sources {
				if source, ok := w.item(item); ok {
					w.g.add(triple{source, predicate, subject})
				}
			}
		}
	default:
		if !strings.HasPrefix(key, "@") {
			w.values(subject, key, list)
		}
	}
}

// values adds the objects of one property; lists and sets count as their members.
func (w *expandedWalker) values(subject term, predicate string, list []any) {
	for _, item := range list {
		if object, ok := item.(map[string]any); ok {
			for _, container := range []string{"@list", "@set"} {
				if inner, ok := object[container].([]any); ok {
					w.values(subject, predicate, inner)
				}
			}
			if object["@list"] != nil || object["@set"] != nil {
				continue
			}
		}
		if o, ok := w.item(item); ok {
			w.g.add(triple{subject, predicate, o})
		}
	}
}

func scalarText(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case bool:
		return strconv.FormatBool(v)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return ""
}
