package dcat

import (
	"fmt"
	"plaza/internal/section/catalog/dcat/rdf"
	"plaza/internal/section/catalog/dcat/wire"
	"strings"
)

// graphRecord builds a record of one dataset of a graph.
func graphRecord(rep *report, g *rdf.Graph, n *rdf.Node) (*Record, string) {
	r := resourceReader{rep: rep, g: g, n: n}
	rec := &Record{}
	rec.Identifier = r.title("dct:identifier", "dc:identifier")
	if n.Blank {
		rec.SourceKey = rec.Identifier
	} else {
		rec.SourceKey, rec.Aliases = rep.title("@id", n.ID), []string{rec.Identifier}
	}
	for _, same := range r.iris("owl:sameAs") {
		rec.Aliases = append(rec.Aliases, rep.title("owl:sameAs", same))
	}
	for _, t := range n.All("adms:identifier") {
		id := t.Value
		if b := g.About(t); b != nil {
			id = resourceReader{rep: rep, g: g, n: b}.text("skos:notation")
		}
		rec.Aliases = append(rec.Aliases, rep.title("adms:identifier", id))
	}
	rec.Aliases = rep.atMost("owl:sameAs", distinct(rec.Aliases))
	r.subject(rec)
	rec.Publisher = r.publisher()
	rec.Contact = r.contact()
	r.coverage(rec)
	r.terms(rec)
	r.distributions(rec)
	return finish(rep, rec)
}

func (r resourceReader) subject(rec *Record) {
	rec.Title = r.title("dct:title", "dc:title", "schema:name", "rdfs:label")
	rec.Description = r.prose("dct:description", "dc:description", "schema:description", "rdfs:comment")
	rec.Keywords = r.words("dcat:keyword", "schema:keywords", "dc:subject")
	for i, t := range r.n.All("dcat:theme", "dct:subject") {
		if i == 2*maxList {
			break
		}
		label := r.g.Label(t)
		if label == "" {
			label = t.Value
		}
		if t.Kind == rdf.IRI && strings.Contains(t.Value, euThemes) {
			label = t.Value
		}
		if t.Kind != rdf.Blank || label != t.Value {
			rec.Themes = append(rec.Themes, r.rep.theme("dcat:theme", label))
		}
	}
	rec.Themes = r.rep.atMost("dcat:theme", distinct(rec.Themes))
	for _, t := range r.n.All("dct:language", "dc:language") {
		if code := languageCode(t.Value); code != "" && len(rec.Languages) < maxList {
			rec.Languages = append(rec.Languages, code)
		}
	}
	rec.Languages = distinct(rec.Languages)
	rec.Version = r.title("dcat:version", "owl:versionInfo", "adms:version")
}

// inner returns a reader of the node that a property leads to, the best named of
// several; ok is false when nothing is said of any.
func (r resourceReader) inner(names ...string) (inner resourceReader, t rdf.Term, ok bool) {
	var found *rdf.Node
	for _, o := range r.n.All(names...) {
		n := r.g.About(o)
		if n != nil && (found == nil || n.ID < found.ID && !n.Blank) {
			found, t = n, o
		}
	}
	return resourceReader{rep: r.rep, g: r.g, n: found, prefix: r.prefix + names[0] + "."}, t, found != nil
}

func (r resourceReader) publisher() Publisher {
	names := []string{"dct:publisher", "dc:publisher", "dct:creator"}
	agent, t, ok := r.inner(names...)
	if !ok {
		first, _ := rdf.Best(r.n.All(names...))
		switch first.Kind {
		case rdf.Literal:
			name := r.rep.title("dct:publisher", first.Value)
			return Publisher{Key: name, Name: name}
		case rdf.IRI:
			key := r.rep.title("dct:publisher", first.Value)
			return Publisher{Key: key, Name: strings.NewReplacer("_", " ", "-", " ").Replace(lastSegment(key))}
		}
		return Publisher{}
	}
	p := Publisher{Name: agent.title(rdf.Labels...)}
	p.Email = r.rep.email(agent.prefix+"foaf:mbox", agent.iri("foaf:mbox", "vcard:hasEmail", "schema:email"))
	if parent, _, ok := agent.inner("org:subOrganizationOf"); ok {
		p.Parent = parent.title(rdf.Labels...)
	}
	if p.Key = r.rep.title("dct:publisher", t.Value); t.Kind == rdf.Blank {
		p.Key = agent.title("dct:identifier")
	}
	if p.Key == "" {
		p.Key = p.Name
	}
	return p
}

func (r resourceReader) contact() Contact {
	card, t, ok := r.inner("dcat:contactPoint", "adms:contactPoint", "schema:contactPoint")
	if !ok {
		first, _ := rdf.Best(r.n.All("dcat:contactPoint", "adms:contactPoint"))
		switch {
		case strings.HasPrefix(strings.ToLower(first.Value), "mailto:") || first.Kind == rdf.Literal && strings.Contains(first.Value, "@"):
			return Contact{Email: r.rep.email("dcat:contactPoint", first.Value)}
		case first.Kind == rdf.IRI:
			return Contact{URL: r.rep.url("dcat:contactPoint", first.Value)}
		}
		return Contact{Name: r.rep.title("dcat:contactPoint", first.Value)}
	}
	c := Contact{
		Name:     card.title("vcard:fn", "vcard:organization-name", "foaf:name", "schema:name", "rdfs:label"),
		Email:    r.rep.email(card.prefix+"vcard:hasEmail", card.iri("vcard:hasEmail", "vcard:email", "foaf:mbox", "schema:email")),
		Phone:    r.rep.phone(card.prefix+"vcard:hasTelephone", card.iri("vcard:hasTelephone", "vcard:tel", "schema:telephone")),
		URL:      card.url("vcard:hasURL", "vcard:url", "schema:url"),
		Position: card.title("vcard:title", "vcard:role"),
	}
	if c.URL == "" && t.Kind == rdf.IRI && strings.HasSuffix(t.Value, ".vcf") {
		c.URL = r.rep.url("dcat:contactPoint", t.Value)
	}
	return c
}

// coverage reads dates, frequency and what the data cover in space and time.
func (r resourceReader) coverage(rec *Record) {
	var fromModified string
	rec.Issued = r.date("dct:issued", "dct:created", "schema:datePublished")
	rec.Modified, fromModified = r.rep.date("dct:modified", r.text("dct:modified", "schema:dateModified"))
	rec.AccrualPeriodicity = r.rep.frequency("dct:accrualPeriodicity", r.labelOrCode("dct:accrualPeriodicity"))
	if rec.AccrualPeriodicity == "" {
		rec.AccrualPeriodicity = fromModified
	}
	rec.Temporal = r.period()
	rec.Spatial = r.place()
}

var (
	periodStart = []string{"dcat:startDate", "schema:startDate", "time:hasBeginning"}
	periodEnd   = []string{"dcat:endDate", "schema:endDate", "time:hasEnd"}
)

func (r resourceReader) period() Temporal {
	const field = "dct:temporal"
	list := r.n.All("dct:temporal", "schema:temporalCoverage")
	for _, t := range list {
		n := r.g.About(t)
		if n == nil {
			continue
		}
		p := resourceReader{rep: r.rep, g: r.g, n: n}
		if start, end := p.instant(periodStart), p.instant(periodEnd); start != "" || end != "" {
			return r.rep.interval(field, start+"/"+end, start, end)
		}
	}
	for _, t := range list {
		if s := r.g.Label(t); s != "" {
			return r.rep.temporal(field, s)
		}
	}
	return Temporal{}
}

// instant returns an end of a period, which the time ontology wraps in a node.
func (r resourceReader) instant(names []string) string {
	for _, t := range r.n.All(names...) {
		if n := r.g.About(t); n != nil {
			return resourceReader{rep: r.rep, g: r.g, n: n}.text("time:inXSDDate", "time:inXSDDateTimeStamp", "time:inXSDDateTime", "time:inXSDgYear")
		}
		if t.Kind == rdf.Literal {
			return t.Value
		}
	}
	return ""
}

// place joins the names of places, and takes the first bounding box or geometry.
func (r resourceReader) place() Spatial {
	const field = "dct:spatial"
	var out Spatial
	var names []string
	for i, t := range r.n.All("dct:spatial", "schema:spatialCoverage") {
		if i == maxList {
			break
		}
		if t.Kind == rdf.Literal {
			s := r.rep.spatial(field, t.Value)
			names = append(names, s.Text)
			if out.Box == nil {
				out.Box = s.Box
			}
			continue
		}
		names = append(names, r.rep.title(field, r.g.Label(t)))
		n := r.g.About(t)
		for _, shape := range n.All("dcat:bbox", "locn:geometry", "dcat:centroid", "schema:box") {
			if out.Box == nil && shape.Kind == rdf.Literal {
				out.Box = r.rep.spatial(field, shape.Value).Box
			}
		}
	}
	out.Text = r.rep.cut(field, strings.Join(distinct(names), ", "), maxTitle)
	return out
}

// extraProperties are kept among the extras.
var extraProperties = []string{"dct:rights", "dct:provenance", "dct:source", "dct:isPartOf", "dcat:inSeries", "dct:type", "adms:versionNotes", "dcatap:applicableLegislation", "dcatap:hvdCategory"}

// terms reads access, standards and pages.
func (r resourceReader) terms(rec *Record) {
	rec.License = r.license()
	rec.LandingPage = r.url("dcat:landingPage", "foaf:page", "schema:url", "foaf:homepage")
	rec.DictionaryURL = r.url("https://project-open-data.cio.gov/v1.1/schema#describedBy", "dcat:describedBy")
	rec.ConformsTo = r.standards()
	rec.AccessLevel = accessLevel(r.labelOrCode("dct:accessRights", "https://project-open-data.cio.gov/v1.1/schema#accessLevel"))
	e := extras{}
	for _, name := range extraProperties {
		s := r.text(name)
		if s == "" {
			s = strings.Join(r.iris(name), ", ")
		}
		if s != "" && !strings.HasPrefix(s, "_:") {
			e.put(r.rep, name, name, wire.Value{Kind: wire.String, Text: s})
		}
	}
	if len(e) > 0 {
		rec.Extras = e
	}
}

func (r resourceReader) standards() []string {
	var list []string
	for i, t := range r.n.All("dct:conformsTo") {
		if i == maxList {
			break
		}
		if t.Kind == rdf.IRI {
			list = append(list, r.rep.url(r.prefix+"dct:conformsTo", t.Value))
		} else if s := r.g.Label(t); s != "" {
			list = append(list, r.rep.title(r.prefix+"dct:conformsTo", s))
		}
	}
	return distinct(list)
}

func (r resourceReader) distributions(rec *Record) {
	list := r.n.All("dcat:distribution", "schema:distribution")
	if len(list) > maxResources {
		r.rep.add(TooMany, "dcat:distribution", fmt.Sprint(len(list)), true)
		list = list[:maxResources]
	}
	for i, t := range list {
		n := r.g.About(t)
		if n == nil {
			if t.Kind == rdf.IRI { // an address with nothing said of it is the file
				n = rdf.NewNode(t, "dcat:downloadURL", t)
			} else {
				r.rep.add(WrongType, fmt.Sprintf("distribution[%d]", i), t.Value, false)
				continue
			}
		}
		dist := resourceReader{rep: r.rep, g: r.g, n: n, prefix: distributionField(i)}
		rec.Resources = append(rec.Resources, dist.resource(i, t))
	}
}

func (r resourceReader) resource(position int, t rdf.Term) Resource {
	res := Resource{Position: position, ByteSize: -1}
	res.SourceKey = r.title("dct:identifier")
	if t.Kind == rdf.IRI {
		res.SourceKey = r.rep.title(r.prefix+"@id", t.Value)
	}
	res.Title = r.title("dct:title", "dc:title", "schema:name", "rdfs:label")
	res.Description = r.prose("dct:description", "dc:description", "schema:description")
	res.AccessURL = r.url("dcat:accessURL")
	res.DownloadURL = r.url("dcat:downloadURL", "schema:contentUrl")
	stated := r.labelOrCode("dct:format", "dc:format", "schema:encodingFormat")
	if service, _, ok := r.inner("dcat:accessService"); ok {
		if res.AccessURL == "" {
			res.AccessURL = service.url("dcat:endpointURL")
		}
		if stated == "" {
			stated = "API"
		}
	}
	r.rep.format(r.prefix, stated, r.labelOrCode("dcat:mediaType"), &res)
	res.ByteSize = r.rep.size(r.prefix+"dcat:byteSize", r.text("dcat:byteSize"))
	if sum, _, ok := r.inner("spdx:checksum"); ok {
		r.rep.checksum(r.prefix+"spdx:checksum", sum.labelOrCode("spdx:algorithm"), sum.text("spdx:checksumValue"), &res)
	}
	res.Issued, res.Modified = r.date("dct:issued"), r.date("dct:modified")
	res.License = r.license()
	res.DictionaryURL = r.url("https://project-open-data.cio.gov/v1.1/schema#describedBy")
	res.ConformsTo = r.standards()
	return res
}
