package rdf

import (
	_ "embed"
	"errors"
	"fmt"
	"iter"
	"maps"
	"plaza/internal/section/catalog/dcat/wire"
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
func readJSONLD(g *Graph, text string, opt Options) error {
	v, err := wire.ParseUpTo(text, maxGraphValues)
	if errors.Is(err, wire.ErrMany) {
		return tooLarge()
	}
	if err != nil {
		return jsonFailure(err, text)
	}
	usual, err := wire.Parse(usualContext)
	if err != nil {
		return fmt.Errorf("reading our own context: %w", err)
	}
	options := ld.NewJsonLdOptions("")
	options.Base = opt.Base
	loader := &contextLoader{once: opt.Once, context: usual}
	options.DocumentLoader = loader
	if !hasContext(v) {
		opt.Once(ContextUnknown, "@context", "", true)
		options.ExpandContext = usual.Any()
	}
	w := expandedWalker{g: g}
	for piece, size := range pieces(v) {
		if size > 10*ldBatch { // one node with more in it than any has
			return tooLarge()
		}
		expanded, err := expand(piece.Any(), options)
		if loader.loads > maxLoads {
			return tooLarge()
		}
		if err != nil {
			return &wire.FormatError{Code: wire.FormatNot, Offset: -1, Detail: wire.Cut(err.Error()), Cause: err}
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
func pieces(v wire.Value) iter.Seq2[wire.Value, int] {
	return func(yield func(wire.Value, int) bool) {
		if v.Kind == wire.Array {
			batches(v.Items, func(list []wire.Value, size int) bool {
				return yield(wire.Value{Kind: wire.Array, Items: list}, size)
			})
			return
		}
		// What every piece has to repeat: the meaning of terms, and which node it is.
		var head, rest []wire.Member
		for _, m := range v.Members {
			switch m.Name {
			case "@context", "@id", "@type", "id", "type":
				head = append(head, m)
			}
		}
		if v.Get("@id").Kind == 0 && v.Get("id").Kind == 0 {
			head = append(head, wire.Member{Name: "@id", Value: wire.Value{Kind: wire.String, Text: "_:documento"}})
		}
		rest = slices.Clip(head)
		for _, m := range v.Members {
			switch {
			case slices.ContainsFunc(head, func(h wire.Member) bool { return h.Name == m.Name }):
			case m.Value.Kind == wire.Array && len(m.Value.Items) > 10:
				more := batches(m.Value.Items, func(list []wire.Value, size int) bool {
					part := wire.Member{Name: m.Name, Value: wire.Value{Kind: wire.Array, Items: list}}
					return yield(wire.Value{Kind: wire.Object, Members: append(slices.Clip(head), part)}, size)
				})
				if !more {
					return
				}
			default:
				rest = append(rest, m)
			}
		}
		yield(wire.Value{Kind: wire.Object, Members: rest}, countValues(wire.Value{Kind: wire.Object, Members: rest}))
	}
}

// batches cuts a list into runs of about ldBatch values and reports whether all were
// taken.
func batches(items []wire.Value, yield func(list []wire.Value, size int) bool) bool {
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

func countValues(v wire.Value) int {
	n := 1
	for i := range v.Items {
		n += countValues(v.Items[i])
	}
	for i := range v.Members {
		n += countValues(v.Members[i].Value)
	}
	return n
}

// jsonFailure tells a document that breaks off from one that is broken.
func jsonFailure(err error, text string) error {
	failure := &wire.FormatError{Code: wire.FormatSyntax, Offset: -1}
	var broken *wire.SyntaxError
	if errors.As(err, &broken) {
		failure.Line = broken.Line + 1
	}
	s := wire.NewScanner(wire.Buffered(strings.NewReader(text)))
	scanned := s.Skip()
	var known *wire.FormatError
	switch {
	case errors.As(scanned, &known):
		return known
	case errors.Is(err, wire.ErrDeep):
		failure.Code = wire.FormatTooDeep
	case errors.Is(err, wire.ErrTrailingComma):
		failure.Code = wire.FormatTrailingComma
	}
	return failure
}

// hasContext reports whether a document says what its terms mean, at the top or in
// one of the top's nodes.
func hasContext(v wire.Value) bool {
	if v.Get("@context").Kind != 0 {
		return true
	}
	for _, item := range v.Items {
		if item.Get("@context").Kind != 0 {
			return true
		}
	}
	if len(v.Items) > 0 {
		v = v.Items[0]
	}
	for _, m := range v.Members {
		if strings.Contains(m.Name, "://") { // expanded already: the keys are addresses
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
	once    func(code, field, value string, repaired bool)
	context wire.Value
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
		l.once(ContextUnknown, "@context", address, true)
	}
	return &ld.RemoteDocument{DocumentURL: address, Document: map[string]any{"@context": l.context.Any()}}, nil
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
	g      *Graph
	blanks int
}

// item reads a node or a value; ok is false for what is neither.
func (w *expandedWalker) item(item any) (Term, bool) {
	object, isObject := item.(map[string]any)
	if !isObject {
		return Term{}, false
	}
	if v, isValue := object["@value"]; isValue {
		lang, _ := object["@language"].(string)
		return Term{Kind: Literal, Value: scalarText(v), lang: strings.ToLower(lang)}, true
	}
	id, _ := object["@id"].(string)
	subject := Term{Kind: IRI, Value: id}
	switch {
	case id == "":
		w.blanks++
		subject = Term{Kind: Blank, Value: fmt.Sprintf("_:.%d", w.blanks)}
	case strings.HasPrefix(id, "_:"):
		subject.Kind = Blank
	}
	for _, key := range slices.Sorted(maps.Keys(object)) {
		w.member(subject, key, object[key])
	}
	return subject, true
}

func (w *expandedWalker) member(subject Term, key string, content any) {
	list, _ := content.([]any)
	switch key {
	case "@type":
		for _, t := range list {
			if iri, ok := t.(string); ok {
				w.g.add(triple{subject, rdfType, Term{Kind: IRI, Value: iri}})
			}
		}
	case "@graph", "@included":
		for _, item := range list {
			w.item(item)
		}
	case "@reverse":
		reverse, _ := content.(map[string]any)
		for _, predicate := range slices.Sorted(maps.Keys(reverse)) {
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
func (w *expandedWalker) values(subject Term, predicate string, list []any) {
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
