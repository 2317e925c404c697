// Package rdf reads the RDF of catalogues (JSON-LD, Turtle, N-Triples, RDF/XML) into a
// Graph: nodes with what is said of each, in document order, by the short names that
// catalogues use ("dct:title").
//
// Reading is lenient: a broken statement of Turtle is stepped over, a prefix that was
// forgotten is guessed, a context on another server is replaced by ours, and each is
// noted. It is bounded: a document that nests or grows beyond reason is a
// wire.FormatError. Nothing is fetched. What a dataset is, package dcat knows; here it
// matters only that a catalogue lists any number of them, which are counted instead of
// kept.
package rdf

import (
	"net/url"
	"plaza/internal/section/catalog/dcat/wire"
	"slices"
	"strings"
	"unicode/utf8"
)

// MaxBytes is the size in bytes of a document.
const MaxBytes = 50 << 20

// The codes of what is noted about a graph. They are among dcat.Codes.
const (
	ContextUnknown   = "context_unknown"
	StatementSkipped = "statement_skipped"
)

// Term is an object of a statement.
type Term struct {
	Kind  byte   // IRI, Blank or Literal
	Value string // an address, a label that begins with "_:", or a text
	lang  string // BCP 47 in lower case, of a literal
}

// The kinds of a Term.
const (
	IRI     = 'i'
	Blank   = 'b'
	Literal = 'l'
)

// Graph holds the statements of a document by their subjects.
type Graph struct {
	Nodes   []*Node // in document order
	byID    map[string]*Node
	compact map[string]string // predicates already shortened
	listed  map[string]bool   // what catalogues list as their datasets
	Cut     string            // a node that has more statements than are kept
	size    int               // statements
}

// maxStatements is how many statements of one node are kept. Real nodes have some
// dozens; without a limit a hundred thousand datasets could each point to a publisher
// with a million names.
const maxStatements = 2_000

const (
	// maxLabels is how many names of one thing are looked at.
	maxLabels = 200
	// maxIRI is the size in bytes of an address.
	maxIRI = 4_000
)

// maxGraphSize is how many statements a graph may have. MaxBytes bytes of a real
// catalogue hold some 800,000; of the shortest ones possible they would hold millions
// and take gigabytes.
const maxGraphSize = 1_500_000

// maxNodes is how many nodes a graph may have: a catalogue of ten thousand datasets has
// a tenth of it, and one costs some hundreds of bytes however little is said of it.
const maxNodes = 400_000

func (g *Graph) full() bool { return g.size > maxGraphSize || len(g.Nodes) > maxNodes }

func tooLarge() error { return &wire.FormatError{Code: wire.FormatTooLarge, Offset: -1} }

// Node is a subject with its statements.
type Node struct {
	ID    string // an address, or a label that begins with "_:"
	Blank bool
	Lists int // how many datasets it lists
	props []property
	index map[string][]Term // made when a node with many properties is first asked
}

// NewNode is a node of which one thing is said.
func NewNode(about Term, name string, object Term) *Node {
	return &Node{ID: about.Value, Blank: about.Kind == Blank, props: []property{{name, object}}}
}

type property struct {
	name string // shortened: "dct:title"
	term Term
}

type triple struct {
	subject   Term
	predicate string
	object    Term
}

func newGraph() *Graph {
	return &Graph{byID: make(map[string]*Node), compact: make(map[string]string), listed: make(map[string]bool)}
}

// add adds a statement. Readers stop when the graph is full; until they do, nothing
// more is kept.
func (g *Graph) add(t triple) {
	if g.size++; g.full() {
		return
	}
	n := g.byID[t.subject.Value]
	if n == nil {
		n = &Node{ID: t.subject.Value, Blank: t.subject.Kind == Blank}
		g.byID[n.ID] = n
		g.Nodes = append(g.Nodes, n)
	}
	switch name := g.shorten(t.predicate); {
	case name == "dcat:dataset": // a catalogue has any number of them
		n.Lists++
		g.listed[t.object.Value] = true
	case len(n.props) == maxStatements:
		g.Cut = n.ID
	default:
		n.props = append(n.props, property{name, t.object})
	}
}

// namespaces are those that catalogues use, by the prefixes that everybody uses.
var namespaces = []struct{ prefix, iri string }{
	{"dct:", "http://purl.org/dc/terms/"}, {"dc:", "http://purl.org/dc/elements/1.1/"},
	{"dcat:", "http://www.w3.org/ns/dcat#"}, {"foaf:", "http://xmlns.com/foaf/0.1/"},
	{"vcard:", "http://www.w3.org/2006/vcard/ns#"}, {"skos:", "http://www.w3.org/2004/02/skos/core#"},
	{"rdfs:", "http://www.w3.org/2000/01/rdf-schema#"}, {"rdf:", "http://www.w3.org/1999/02/22-rdf-syntax-ns#"},
	{"schema:", "http://schema.org/"}, {"hydra:", "http://www.w3.org/ns/hydra/core#"},
	{"adms:", "http://www.w3.org/ns/adms#"}, {"spdx:", "http://spdx.org/rdf/terms#"},
	{"owl:", "http://www.w3.org/2002/07/owl#"}, {"locn:", "http://www.w3.org/ns/locn#"},
	{"org:", "http://www.w3.org/ns/org#"}, {"time:", "http://www.w3.org/2006/time#"},
	{"gn:", "http://www.geonames.org/ontology#"}, {"dcatap:", "http://data.europa.eu/r5r/"},
}

// shorten writes a predicate with its usual prefix. Namespaces with https in place of
// http are accepted, which is a common mistake.
func (g *Graph) shorten(iri string) string {
	if name, ok := g.compact[iri]; ok {
		return name
	}
	name := iri
	plain := iri
	if strings.HasPrefix(iri, "https://") {
		plain = "http://" + iri[len("https://"):]
	}
	for _, ns := range namespaces {
		if local, ok := strings.CutPrefix(plain, ns.iri); ok {
			name = ns.prefix + local
			break
		}
	}
	if len(g.compact) < 10_000 {
		g.compact[iri] = name
	}
	return name
}

// About returns the node that a term names, nil when nothing is said of it.
func (g *Graph) About(t Term) *Node {
	if t.Kind == Literal {
		return nil
	}
	return g.byID[t.Value]
}

// All returns the objects of the first of the properties that has any.
func (n *Node) All(names ...string) []Term {
	if n == nil {
		return nil
	}
	if len(n.props) > 32 {
		return n.indexed(names)
	}
	for _, name := range names {
		var list []Term
		for i := range n.props {
			if n.props[i].name == name {
				list = append(list, n.props[i].term)
			}
		}
		if list != nil {
			return list
		}
	}
	return nil
}

// indexed is all for nodes with many properties, which many records may share.
func (n *Node) indexed(names []string) []Term {
	if n.index == nil {
		n.index = make(map[string][]Term)
		for _, p := range n.props {
			n.index[p.name] = append(n.index[p.name], p.term)
		}
	}
	for _, name := range names {
		if list := n.index[name]; list != nil {
			return list
		}
	}
	return nil
}

// Has reports whether the node has the property.
func (n *Node) Has(name string) bool {
	return slices.ContainsFunc(n.props, func(p property) bool { return p.name == name })
}

// IsListed reports whether a catalogue lists the node as a dataset of its own.
func (g *Graph) IsListed(n *Node) bool { return g.listed[n.ID] }

// IsA reports whether the node has one of the types.
func (g *Graph) IsA(n *Node, types ...string) bool {
	for i := range n.props {
		if n.props[i].name == "rdf:type" && slices.Contains(types, g.shorten(n.props[i].term.Value)) {
			return true
		}
	}
	return false
}

// Rank orders literals by how well a Spanish reader is served: Spanish, then what
// has no language, then English, then any other.
func Rank(t Term) int {
	switch {
	case t.lang == "es" || strings.HasPrefix(t.lang, "es-"):
		return 0
	case t.lang == "":
		return 1
	case t.lang == "en" || strings.HasPrefix(t.lang, "en-"):
		return 2
	}
	return 3
}

// Best returns the value to show of several: by language, then by alphabet, since
// the order of statements means nothing and must not change a record.
func Best(list []Term) (Term, bool) {
	const enough = 100 // names of one thing: there are not that many languages in use
	if len(list) == 0 {
		return Term{}, false
	}
	list = list[:min(len(list), enough)]
	return slices.MinFunc(list, func(a, b Term) int {
		if d := Rank(a) - Rank(b); d != 0 {
			return d
		}
		return strings.Compare(a.lang+" "+a.Value, b.lang+" "+b.Value)
	}), true
}

// Labels are the properties that things are named by.
var Labels = []string{"skos:prefLabel", "rdfs:label", "foaf:name", "vcard:fn", "dct:title", "schema:name", "gn:name", "locn:geographicName", "rdf:value", "dc:title"}

// Label returns the name of a term: a literal's text, or what a node is called.
func (g *Graph) Label(t Term) string {
	if t.Kind == Literal {
		return t.Value
	}
	if b, ok := Best(literals(g.About(t).All(Labels...))); ok {
		return b.Value
	}
	return ""
}

func literals(list []Term) []Term {
	var kept []Term
	for _, t := range list[:min(len(list), maxLabels)] {
		if t.Kind == Literal {
			kept = append(kept, t)
		}
	}
	return kept
}

// Options say how to read a document.
type Options struct {
	// Base is the address that relative ones are resolved against, "" for none.
	Base string
	// Turtle says that a text that begins with a bracket is Turtle, and not a list of JSON.
	Turtle bool
	// Note is told of what was repaired or stepped over; Once, of what is said a single
	// time of a document.
	Note, Once func(code, field, value string, repaired bool)
}

// Parse reads a document in UTF-8, of up to MaxBytes bytes, in the syntax that its
// beginning tells. The error is a *wire.FormatError when it cannot be read to its end.
func Parse(text string, opt Options) (*Graph, error) {
	g := newGraph()
	if err := g.parse(text, opt); err != nil {
		return nil, err
	}
	if g.full() {
		return nil, tooLarge()
	}
	return g, nil
}

func (g *Graph) parse(text string, opt Options) error {
	if text == "" {
		return &wire.FormatError{Code: wire.FormatEmpty}
	}
	head := text[:min(len(text), 1024)]
	switch {
	case text[0] == '{':
		return readJSONLD(g, text, opt)
	case text[0] == '[' && !opt.Turtle:
		return readJSONLD(g, text, opt)
	case text[0] == '<' && !beginsWithIRI(text):
		if wire.IsXML([]byte(head)) {
			return readRDFXML(g, text, opt)
		}
		if at := wire.HTMLTag.FindStringIndex(head); strings.HasPrefix(text, "<!") || strings.Contains(head, "<html") || at != nil && at[0] == 0 {
			return &wire.FormatError{Code: wire.FormatHTML, Line: 1, Detail: wire.Cut(head)}
		}
	}
	if strings.ContainsRune(head, 0) || !utf8.ValidString(head[:max(0, len(head)-3)]) {
		return &wire.FormatError{Code: wire.FormatNot, Line: 1, Detail: wire.Cut(head)}
	}
	return readTurtle(g, text, opt)
}

// beginsWithIRI tells Turtle that begins with an address from XML.
func beginsWithIRI(text string) bool {
	inside, _, ok := strings.Cut(text[1:min(len(text), maxIRI)], ">")
	return ok && (inside == "" || inside[0] == '#' || inside[0] == '/' || strings.HasPrefix(inside, "http") || strings.HasPrefix(inside, "urn:"))
}

// resolve makes an address of a document absolute. Addresses that cannot be taken
// apart are left for the repairs, which report them.
func resolve(base, ref string) string {
	if base == "" || strings.Contains(ref, "://") || strings.HasPrefix(ref, "urn:") {
		return ref
	}
	b, err := url.Parse(base)
	if err != nil {
		return ref
	}
	u, err := url.Parse(ref)
	if err != nil || u.Scheme != "" {
		return ref
	}
	if ref == "" {
		b.Fragment = ""
		return b.String()
	}
	return b.ResolveReference(u).String()
}
