package dcat

import (
	"fmt"
	"strconv"
	"strings"
)

// graphRecords finds the catalogue and its datasets in a graph, in document order.
func (d *document) graphRecords(g *graph) error {
	if g.cut != "" {
		d.report.add(TooMany, "", g.cut, true)
	}
	catalog := g.catalog()
	found := catalog != nil
	for _, n := range g.order {
		if !g.isDataset(n) {
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
		return &FormatError{Code: FormatNot, Offset: -1, Detail: "dcat:Catalog, dcat:Dataset"}
	}
	d.describe(g, catalog)
	d.paging(g)
	return nil
}

// catalog returns the catalogue, the one that lists most datasets when there are
// several.
func (g *graph) catalog() *node {
	var found *node
	for _, n := range g.order {
		if n.lists == 0 && !g.isA(n, "dcat:Catalog") {
			continue
		}
		if found == nil || n.lists > found.lists {
			found = n
		}
	}
	return found
}

// isDataset reports whether a node is a dataset: by its type, or because a catalogue
// lists it and it says something of itself.
func (g *graph) isDataset(n *node) bool {
	if g.isA(n, "dcat:Dataset", "dcat:DatasetSeries", "schema:Dataset") {
		return true
	}
	return g.listed[n.id] && (n.has("dct:title") || n.has("dcat:distribution"))
}

func (d *document) describe(g *graph, catalog *node) {
	if catalog == nil {
		return
	}
	r := resourceReader{rep: &d.report, g: g, n: catalog}
	d.summary.Title = r.title("dct:title", "dc:title", "rdfs:label", "foaf:name")
	d.summary.Description = r.prose("dct:description", "dc:description")
	d.summary.License = r.license()
}

// paging reads hydra's views, of the present vocabulary and of the older one.
func (d *document) paging(g *graph) {
	for _, n := range g.order {
		for _, t := range n.all("hydra:next", "hydra:nextPage") {
			if d.summary.Next == "" {
				d.summary.Next = d.report.url("hydra:next", t.value)
			}
		}
		for _, t := range n.all("hydra:totalItems") {
			total, err := strconv.Atoi(t.value)
			if err != nil || total < 0 {
				d.report.add(TotalInvalid, "hydra:totalItems", t.value, false)
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
	g      *graph
	n      *node
	prefix string // of field names in reports: "distribution[0]."
}

func (r resourceReader) field(names []string) string { return r.prefix + names[0] }

// text returns the best of a property's values, by their labels.
func (r resourceReader) text(names ...string) string {
	var list []term
	for i, t := range r.n.all(names...) {
		if i == maxList {
			break
		}
		if t.kind != termLiteral {
			t = term{kind: termLiteral, value: r.g.label(t)}
		}
		if strings.TrimSpace(t.value) != "" {
			list = append(list, t)
		}
	}
	t, _ := best(list)
	return t.value
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
	for i, t := range r.n.all(names...) {
		if i == 2*maxList {
			break
		}
		s := t.value
		if t.kind == termBlank {
			s = r.blankAddress(t)
		}
		if s = strings.TrimSpace(s); s != "" {
			found[s] = true
		}
	}
	return sortedKeys(found)
}

func (r resourceReader) blankAddress(t term) string {
	for _, inner := range r.g.about(t).all("schema:url", "foaf:page", "vcard:hasValue", "vcard:value", "rdf:value", "foaf:homepage") {
		if inner.kind != termBlank {
			return inner.value
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
	list := r.n.all(names...)
	lowest := 4
	for _, t := range list {
		if t.kind == termLiteral {
			lowest = min(lowest, rank(t))
		}
	}
	var out []string
	for i, t := range list {
		if i == 2*maxList {
			break
		}
		// Words without a language go with those in Spanish.
		if t.kind == termLiteral && (rank(t) == lowest || lowest == 0 && rank(t) == 1) {
			out = append(out, r.rep.title(r.field(names), t.value))
		} else if t.kind != termLiteral {
			out = append(out, r.rep.title(r.field(names), r.g.label(t)))
		}
		if len(out) > 2*maxList {
			break
		}
	}
	return r.rep.atMost(r.field(names), distinct(out))
}

// license reads a licence: an address with or without a name, or a text.
func (r resourceReader) license() License {
	list := r.n.all("dct:license", "dc:rights")
	if len(list) == 0 {
		return License{}
	}
	field := r.prefix + "dct:license"
	t, _ := best(list)
	switch {
	case t.kind == termIRI && strings.Contains(t.value, ":"):
		return r.rep.license(field, "", r.g.label(t), t.value)
	case t.kind == termLiteral && isWebAddress(t.value):
		return r.rep.license(field, "", "", t.value)
	case t.kind == termLiteral:
		return r.rep.license(field, "", t.value, "")
	}
	return r.rep.license(field, "", r.g.label(t), r.blankAddress(t))
}

// labelOrCode returns the name of a controlled value: the code at the end of its
// address where the document does not name it.
func (r resourceReader) labelOrCode(names ...string) string {
	for _, t := range r.n.all(names...) {
		if t.kind == termIRI {
			return t.value
		}
	}
	return r.text(names...)
}

func distributionField(i int) string { return fmt.Sprintf("distribution[%d].", i) }
