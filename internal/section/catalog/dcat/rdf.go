package dcat

import (
	"fmt"
	"io"
	"plaza/internal/section/catalog/dcat/rdf"
	"plaza/internal/section/catalog/dcat/wire"
	"strconv"
	"strings"
	"unicode/utf8"
)

// readGraph reads an RDF document in whatever syntax it is written.
func readGraph(d *document, r io.Reader) error {
	text, err := wholeText(d, r)
	if err != nil {
		return err
	}
	opt := rdf.Options{Turtle: strings.Contains(d.opt.ContentType, "turtle"), Note: d.report.add, Once: d.report.once}
	if d.opt.Base != nil {
		opt.Base = d.opt.Base.String()
	}
	g, err := rdf.Parse(text, opt)
	if err != nil {
		return err
	}
	return d.graphRecords(g)
}

// wholeText reads a document up to MaxGraph as UTF-8.
func wholeText(d *document, r io.Reader) (string, error) {
	plain, err := wire.Decode(wire.Buffered(r), d.report.note)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	n, err := io.Copy(&b, io.LimitReader(plain, MaxGraph+1))
	if err != nil {
		return "", wire.ReadError(err)
	}
	if n > MaxGraph {
		return "", &wire.FormatError{Code: wire.FormatTooLarge, Offset: -1}
	}
	text := b.String()
	if !utf8.ValidString(text) {
		text = wire.UTF8([]byte(text), d.report.noteOnce, d.report.note)
	}
	return strings.TrimSpace(text), nil
}

// graphRecords finds the catalogue and its datasets in a graph, in document order.
func (d *document) graphRecords(g *rdf.Graph) error {
	if g.Cut != "" {
		d.report.add(TooMany, "", g.Cut, true)
	}
	catalog := catalogOf(g)
	found := catalog != nil
	for _, n := range g.Nodes {
		if !isDataset(g, n) {
			continue
		}
		found = true
		rep := d.record()
		rec, key := graphRecord(rep, g, n)
		if err := d.put(rec, key, rep); err != nil {
			return err
		}
	}
	if !found {
		return &wire.FormatError{Code: wire.FormatNot, Offset: -1, Detail: "dcat:Catalog, dcat:Dataset"}
	}
	d.describe(g, catalog)
	d.paging(g)
	return nil
}

// catalogOf returns the catalogue, the one that lists most datasets when there are
// several.
func catalogOf(g *rdf.Graph) *rdf.Node {
	var found *rdf.Node
	for _, n := range g.Nodes {
		if n.Lists == 0 && !g.IsA(n, "dcat:Catalog") {
			continue
		}
		if found == nil || n.Lists > found.Lists {
			found = n
		}
	}
	return found
}

// isDataset reports whether a node is a dataset: by its type, or because a catalogue
// lists it and it says something of itself.
func isDataset(g *rdf.Graph, n *rdf.Node) bool {
	if g.IsA(n, "dcat:Dataset", "dcat:DatasetSeries", "schema:Dataset") {
		return true
	}
	return g.IsListed(n) && (n.Has("dct:title") || n.Has("dcat:distribution"))
}

func (d *document) describe(g *rdf.Graph, catalog *rdf.Node) {
	if catalog == nil {
		return
	}
	r := resourceReader{rep: &d.report, g: g, n: catalog}
	d.summary.Title = r.title("dct:title", "dc:title", "rdfs:label", "foaf:name")
	d.summary.Description = r.prose("dct:description", "dc:description")
	d.summary.License = r.license()
}

// paging reads hydra's views, of the present vocabulary and of the older one.
func (d *document) paging(g *rdf.Graph) {
	for _, n := range g.Nodes {
		for _, t := range n.All("hydra:next", "hydra:nextPage") {
			if d.summary.Next == "" {
				d.summary.Next = d.report.url("hydra:next", t.Value)
			}
		}
		for _, t := range n.All("hydra:totalItems") {
			total, err := strconv.Atoi(t.Value)
			if err != nil || total < 0 {
				d.report.add(TotalInvalid, "hydra:totalItems", t.Value, false)
				continue
			}
			d.summary.Total = max(d.summary.Total, total)
		}
	}
	if d.opt.Base != nil && d.summary.Next == d.opt.Base.String() {
		d.report.add(NextLoops, "hydra:next", d.summary.Next, true)
		d.summary.Next = ""
	}
}

// resourceReader reads the properties of one node.
type resourceReader struct {
	rep    *report
	g      *rdf.Graph
	n      *rdf.Node
	prefix string // of field names in reports: "distribution[0]."
}

func (r resourceReader) field(names []string) string { return r.prefix + names[0] }

// text returns the best of a property's values, by their labels.
func (r resourceReader) text(names ...string) string {
	var list []rdf.Term
	for i, t := range r.n.All(names...) {
		if i == maxList {
			break
		}
		if t.Kind != rdf.Literal {
			t = rdf.Term{Kind: rdf.Literal, Value: r.g.Label(t)}
		}
		if strings.TrimSpace(t.Value) != "" {
			list = append(list, t)
		}
	}
	t, _ := rdf.Best(list)
	return t.Value
}

func (r resourceReader) title(names ...string) string {
	return r.rep.title(r.field(names), r.text(names...))
}

func (r resourceReader) prose(names ...string) string {
	return r.rep.prose(r.field(names), r.text(names...))
}

// iri returns an address: the IRI, the text of a literal, or the address that a
// blank node stands for. Of several the first in the alphabet is taken.
func (r resourceReader) iri(names ...string) string {
	list := r.iris(names...)
	if len(list) > 1 {
		r.rep.add(URLSeveral, r.field(names), list[1], true)
	}
	if len(list) == 0 {
		return ""
	}
	return list[0]
}

func (r resourceReader) iris(names ...string) []string {
	found := make(map[string]bool)
	for i, t := range r.n.All(names...) {
		if i == 2*maxList {
			break
		}
		s := t.Value
		if t.Kind == rdf.Blank {
			s = r.blankAddress(t)
		}
		if s = strings.TrimSpace(s); s != "" {
			found[s] = true
		}
	}
	return sortedKeys(found)
}

func (r resourceReader) blankAddress(t rdf.Term) string {
	for _, inner := range r.g.About(t).All("schema:url", "foaf:page", "vcard:hasValue", "vcard:value", "rdf:value", "foaf:homepage") {
		if inner.Kind != rdf.Blank {
			return inner.Value
		}
	}
	return ""
}

func (r resourceReader) url(names ...string) string {
	return r.rep.url(r.field(names), r.iri(names...))
}

// date returns a date; the frequency that may stand in its place is left out.
func (r resourceReader) date(names ...string) string {
	date, _ := r.rep.date(r.field(names), r.text(names...))
	return date
}

// words returns the values of a property in the language that serves best.
func (r resourceReader) words(names ...string) []string {
	list := r.n.All(names...)
	lowest := 4
	for _, t := range list {
		if t.Kind == rdf.Literal {
			lowest = min(lowest, rdf.Rank(t))
		}
	}
	var out []string
	for i, t := range list {
		if i == 2*maxList {
			break
		}
		// Words without a language go with those in Spanish.
		if t.Kind == rdf.Literal && (rdf.Rank(t) == lowest || lowest == 0 && rdf.Rank(t) == 1) {
			out = append(out, r.rep.title(r.field(names), t.Value))
		} else if t.Kind != rdf.Literal {
			out = append(out, r.rep.title(r.field(names), r.g.Label(t)))
		}
		if len(out) > 2*maxList {
			break
		}
	}
	return r.rep.atMost(r.field(names), distinct(out))
}

// license reads a licence: an address with or without a name, or a text.
func (r resourceReader) license() License {
	list := r.n.All("dct:license", "dc:rights")
	if len(list) == 0 {
		return License{}
	}
	field := r.prefix + "dct:license"
	t, _ := rdf.Best(list)
	switch {
	case t.Kind == rdf.IRI && strings.Contains(t.Value, ":"):
		return r.rep.license(field, "", r.g.Label(t), t.Value)
	case t.Kind == rdf.Literal && isWebAddress(t.Value):
		return r.rep.license(field, "", "", t.Value)
	case t.Kind == rdf.Literal:
		return r.rep.license(field, "", t.Value, "")
	}
	return r.rep.license(field, "", r.g.Label(t), r.blankAddress(t))
}

// labelOrCode returns the name of a controlled value: the code at the end of its
// address where the document does not name it.
func (r resourceReader) labelOrCode(names ...string) string {
	for _, t := range r.n.All(names...) {
		if t.Kind == rdf.IRI {
			return t.Value
		}
	}
	return r.text(names...)
}

func distributionField(i int) string { return fmt.Sprintf("distribution[%d].", i) }
