package dcat

import (
	"io"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"
)

// term is an object of a statement.
type term struct {
	kind  byte // termIRI, termBlank or termLiteral
	value string
	lang  string // BCP 47 in lower case, of a literal
}

const (
	termIRI     = 'i'
	termBlank   = 'b'
	termLiteral = 'l'
)

// graph holds the statements of a document by their subjects, in document order.
type graph struct {
	nodes   map[string]*node
	order   []*node
	compact map[string]string // predicates already shortened
	listed  map[string]bool   // what catalogues list as their datasets
	cut     string            // a node that has more statements than are kept
	size    int               // statements
}

// maxStatements is how many statements of one node are kept. Real nodes have some
// dozens; without a limit a hundred thousand datasets could each point to a publisher
// with a million names.
const maxStatements = 2_000

// maxGraphSize is how many statements a graph may have. MaxGraph bytes of a real
// catalogue hold some 800,000; of the shortest ones possible they would hold millions
// and take gigabytes.
const maxGraphSize = 2_000_000

func (g *graph) full() bool { return g.size > maxGraphSize }

func tooLarge() error { return &FormatError{Code: FormatTooLarge, Offset: -1} }

// node is a subject with its statements.
type node struct {
	id    string
	blank bool
	lists int // how many datasets it lists
	props []property
	index map[string][]term // made when a node with many properties is first asked
}

type property struct {
	name string // shortened: "dct:title"
	term term
}

type triple struct {
	subject   term
	predicate string
	object    term
}

func newGraph() *graph {
	return &graph{nodes: make(map[string]*node), compact: make(map[string]string), listed: make(map[string]bool)}
}

// add adds a statement. Readers stop when the graph is full; until they do, nothing
// more is kept.
func (g *graph) add(t triple) {
	if g.size++; g.full() {
		return
	}
	n := g.nodes[t.subject.value]
	if n == nil {
		n = &node{id: t.subject.value, blank: t.subject.kind == termBlank}
		g.nodes[n.id] = n
		g.order = append(g.order, n)
	}
	switch name := g.shorten(t.predicate); {
	case name == "dcat:dataset": // a catalogue has any number of them
		n.lists++
		g.listed[t.object.value] = true
	case len(n.props) == maxStatements:
		g.cut = n.id
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
func (g *graph) shorten(iri string) string {
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

// about returns the node that a term names, nil when nothing is said of it.
func (g *graph) about(t term) *node {
	if t.kind == termLiteral {
		return nil
	}
	return g.nodes[t.value]
}

// all returns the objects of the first of the properties that has any.
func (n *node) all(names ...string) []term {
	if n == nil {
		return nil
	}
	if len(n.props) > 32 {
		return n.indexed(names)
	}
	for _, name := range names {
		var list []term
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
func (n *node) indexed(names []string) []term {
	if n.index == nil {
		n.index = make(map[string][]term)
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

func (n *node) has(name string) bool {
	return slices.ContainsFunc(n.props, func(p property) bool { return p.name == name })
}

// isA reports whether the node has one of the types.
func (g *graph) isA(n *node, types ...string) bool {
	for i := range n.props {
		if n.props[i].name == "rdf:type" && slices.Contains(types, g.shorten(n.props[i].term.value)) {
			return true
		}
	}
	return false
}

// rank orders literals by how well a Spanish reader is served: Spanish, then what
// has no language, then English, then any other.
func rank(t term) int {
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

// best returns the value to show of several: by language, then by alphabet, since
// the order of statements means nothing and must not change a record.
func best(list []term) (term, bool) {
	const enough = 100 // names of one thing: there are not that many languages in use
	if len(list) == 0 {
		return term{}, false
	}
	list = list[:min(len(list), enough)]
	return slices.MinFunc(list, func(a, b term) int {
		if d := rank(a) - rank(b); d != 0 {
			return d
		}
		return strings.Compare(a.lang+" "+a.value, b.lang+" "+b.value)
	}), true
}

// labels are the properties that things are named by.
var labels = []string{"skos:prefLabel", "rdfs:label", "foaf:name", "vcard:fn", "dct:title", "schema:name", "gn:name", "locn:geographicName", "rdf:value", "dc:title"}

// label returns the name of a term: a literal's text, or what a node is called.
func (g *graph) label(t term) string {
	if t.kind == termLiteral {
		return t.value
	}
	if b, ok := best(literals(g.about(t).all(labels...))); ok {
		return b.value
	}
	return ""
}

func literals(list []term) []term {
	var kept []term
	for _, t := range list[:min(len(list), maxList)] {
		if t.kind == termLiteral {
			kept = append(kept, t)
		}
	}
	return kept
}

// readGraph reads an RDF document in whatever syntax it is written.
func readGraph(d *document, r io.Reader) error {
	text, err := wholeText(d, r)
	if err != nil {
		return err
	}
	g := newGraph()
	if err := parseGraph(d, g, text); err != nil {
		return err
	}
	if g.full() {
		return tooLarge()
	}
	return d.graphRecords(g)
}

// wholeText reads a document up to MaxGraph as UTF-8.
func wholeText(d *document, r io.Reader) (string, error) {
	plain, err := plainText(newBuffered(r), &d.report)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	n, err := io.Copy(&b, io.LimitReader(plain, MaxGraph+1))
	if err != nil {
		return "", readError(err)
	}
	if n > MaxGraph {
		return "", tooLarge()
	}
	text := b.String()
	if !utf8.ValidString(text) {
		text = utf8Text([]byte(text), &d.report, &d.report)
	}
	return strings.TrimSpace(text), nil
}

// parseGraph tells the syntax by how the document begins. The stated content type
// only decides between a JSON list and Turtle that begins with a blank node.
func parseGraph(d *document, g *graph, text string) error {
	if text == "" {
		return &FormatError{Code: FormatEmpty}
	}
	head := text[:min(len(text), 1024)]
	switch {
	case text[0] == '{':
		return readJSONLD(d, g, text)
	case text[0] == '[' && !strings.Contains(d.opt.ContentType, "turtle"):
		return readJSONLD(d, g, text)
	case text[0] == '<' && !beginsWithIRI(text):
		if isXML([]byte(head)) {
			return readRDFXML(d, g, text)
		}
		if at := tag.FindStringIndex(head); strings.HasPrefix(text, "<!") || strings.Contains(head, "<html") || at != nil && at[0] == 0 {
			return &FormatError{Code: FormatHTML, Line: 1, Detail: cutForReport(head)}
		}
	}
	if strings.ContainsRune(head, 0) || !utf8.ValidString(head[:max(0, len(head)-3)]) {
		return &FormatError{Code: FormatNot, Line: 1, Detail: cutForReport(head)}
	}
	return readTurtle(d, g, text)
}

// beginsWithIRI tells Turtle that begins with an address from XML.
func beginsWithIRI(text string) bool {
	inside, _, ok := strings.Cut(text[1:min(len(text), maxURL)], ">")
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
