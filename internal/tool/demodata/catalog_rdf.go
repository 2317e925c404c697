package main

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"strings"
)

// frequencies are the terms of the European vocabulary that DCAT-AP asks for.
var frequencies = map[string]string{"irregular": "IRREG", "R/P1D": "DAILY", "R/P1M": "MONTHLY", "R/P1Y": "ANNUAL", "R/P5Y": "QUINQUENNIAL", "R/P10Y": "DECENNIAL"}

func frequencyURI(s string) string {
	return "http://publications.europa.eu/resource/authority/frequency/" + frequencies[s]
}

// The names of things are URNs: they identify, and nobody tries to open them.
func themeURI(theme string) string { return "urn:uuid:" + stableID("tema", theme) }

func datasetURI(d *dataset) string { return "urn:uuid:" + d.uuid() }

func (d *dataset) resourceURI(r *resource) string { return "urn:uuid:" + d.resourceID(r) }

func agentURI(short string) string { return "urn:uuid:" + stableID("institucion", short) }

func literal(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(s) + `"`
}

// turtle writes DCAT as Turtle, with checksums and vCard contacts.
func (w *world) turtle(c *catalog, version int) ([]byte, error) {
	var b bytes.Buffer
	p := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	for _, ns := range [][2]string{{"dcat", "http://www.w3.org/ns/dcat#"}, {"dct", "http://purl.org/dc/terms/"}, {"foaf", "http://xmlns.com/foaf/0.1/"}, {"rdfs", "http://www.w3.org/2000/01/rdf-schema#"}, {"skos", "http://www.w3.org/2004/02/skos/core#"}, {"spdx", "http://spdx.org/rdf/terms#"}, {"vcard", "http://www.w3.org/2006/vcard/ns#"}, {"xsd", "http://www.w3.org/2001/XMLSchema#"}} {
		p("@prefix %s: <%s> .", ns[0], ns[1])
	}
	sets := c.at(version)
	publisher := agentURI(c.Publisher)
	p("\n<%s> a foaf:Agent ;\n  foaf:name %s@es ;\n  foaf:homepage <%s> .", publisher, literal(w.publisherName(c.Publisher)), w.institutions[c.Publisher].Website)
	p("\n<{{base}}/demo/catalogos/%s.ttl> a dcat:Catalog ;\n  dct:title %s@es ;\n  dct:publisher <%s> ;\n  dct:language \"es\" ;\n  dct:issued \"%s\"^^xsd:date ;\n  dct:modified \"%s\"^^xsd:date ;", c.Name, literal(c.Title), publisher, c.Issued, c.Versions[version-1])
	for i, d := range sets {
		end := " ;"
		if i == len(sets)-1 {
			end = " ."
		}
		p("  dcat:dataset <%s>%s", datasetURI(d), end)
	}
	used := map[string]bool{}
	for _, d := range sets {
		w.turtleDataset(c, d, publisher, p)
		used[d.Theme] = true
	}
	for _, theme := range sortedKeys(used) {
		p("\n<%s> a skos:Concept ; skos:prefLabel %s@es .", themeURI(theme), literal(theme))
	}
	return b.Bytes(), nil
}

func (w *world) turtleDataset(c *catalog, d *dataset, publisher string, p func(string, ...any)) {
	post, mail := w.liaison(d.Publisher)
	p("\n<%s> a dcat:Dataset ;\n  dct:identifier %s ;\n  dct:title %s@es ;\n  dct:description %s@es ;", datasetURI(d), literal(d.uuid()), literal(d.Title), literal(d.Description))
	p("  dcat:theme <%s> ;\n  dct:publisher <%s> ;\n  dct:language \"es\" ;\n  dct:accrualPeriodicity <%s> ;", themeURI(d.Theme), publisher, frequencyURI(d.Frequency))
	for _, k := range d.Keywords {
		p("  dcat:keyword %s@es ;", literal(k))
	}
	if start, end, ok := d.period(); ok {
		p("  dct:temporal [ a dct:PeriodOfTime ; dcat:startDate \"%s\"^^xsd:date ; dcat:endDate \"%s\"^^xsd:date ] ;", start, end)
	}
	p("  dct:spatial [ a dct:Location ; skos:prefLabel %s@es ] ;", literal(d.Spatial))
	p("  dcat:contactPoint [ a vcard:Organization ; vcard:fn %s ; vcard:hasEmail <mailto:%s> ] ;", literal(post), mail)
	for _, address := range d.sources() {
		p("  dct:source <%s> ;", address)
	}
	p("  dct:provenance [ a dct:ProvenanceStatement ; rdfs:label %s@es ] ;", literal(d.provenance()))
	links := w.links(c, d)
	for _, r := range links {
		p("  dcat:distribution <%s> ;", d.resourceURI(r))
	}
	p("  dct:issued \"%s\"^^xsd:date ;\n  dct:modified \"%s\"^^xsd:date .", d.Issued, d.Modified)
	for _, r := range links {
		p("\n<%s> a dcat:Distribution ;\n  dct:title %s@es ;\n  dct:description %s@es ;", d.resourceURI(r), literal(r.Title), literal(r.Description))
		if d.Defects["license"] == "" {
			p("  dct:license <%s> ;", c.License)
		}
		p("  dcat:downloadURL <%s> ;\n  dcat:accessURL <%s> ;\n  dcat:mediaType <https://www.iana.org/assignments/media-types/%s> ;\n  dct:format %s ;", filesURL+r.File, filesURL+r.File, plainMedia(r.info.Media), literal(r.info.Format))
		p("  dcat:byteSize \"%d\"^^xsd:nonNegativeInteger ;\n  spdx:checksum [ a spdx:Checksum ; spdx:algorithm spdx:checksumAlgorithm_sha256 ; spdx:checksumValue \"%s\"^^xsd:hexBinary ] ;", r.info.Bytes, r.info.SHA256)
		p("  dct:issued \"%s\"^^xsd:date ;\n  dct:modified \"%s\"^^xsd:date .", d.Issued, d.Modified)
	}
}

// jsonLD writes DCAT as JSON-LD with nested nodes; the site cuts it into pages.
func (w *world) jsonLD(c *catalog, version int) ([]byte, error) {
	agent := func(short string) object {
		return object{{"@type", "foaf:Agent"}, {"@id", agentURI(short)}, {"foaf:name", w.publisherName(short)}}
	}
	date := func(s string) object { return object{{"@type", "xsd:date"}, {"@value", s}} }
	var sets []object
	for _, d := range c.at(version) {
		post, mail := w.liaison(d.Publisher)
		var dist []object
		for _, r := range w.links(c, d) {
			dist = append(dist, object{
				{"@id", d.resourceURI(r)}, {"@type", "dcat:Distribution"}, {"dct:title", r.Title}, {"dct:description", r.Description},
				{"dct:license", object{{"@id", c.License}}}, {"dcat:downloadURL", object{{"@id", filesURL + r.File}}}, {"dcat:accessURL", object{{"@id", filesURL + r.File}}},
				{"dcat:mediaType", plainMedia(r.info.Media)}, {"dct:format", r.info.Format}, {"dcat:byteSize", r.info.Bytes},
				{"dct:issued", date(d.Issued)}, {"dct:modified", date(d.Modified)},
			})
		}
		var temporal any = d.Temporal
		if start, end, ok := d.period(); ok {
			temporal = object{{"@type", "dct:PeriodOfTime"}, {"dcat:startDate", date(start)}, {"dcat:endDate", date(end)}}
		}
		var sources []object
		for _, address := range d.sources() {
			sources = append(sources, object{{"@id", address}})
		}
		sets = append(sets, object{
			{"@id", datasetURI(d)}, {"@type", "dcat:Dataset"}, {"dct:identifier", d.uuid()}, {"dct:title", d.Title}, {"dct:description", d.Description},
			{"dcat:keyword", d.Keywords}, {"dcat:theme", object{{"@id", themeURI(d.Theme)}, {"@type", "skos:Concept"}, {"skos:prefLabel", d.Theme}}},
			{"dct:publisher", agent(d.Publisher)}, {"dcat:contactPoint", object{{"@type", "vcard:Organization"}, {"vcard:fn", post}, {"vcard:hasEmail", object{{"@id", "mailto:" + mail}}}}},
			{"dct:accrualPeriodicity", object{{"@id", frequencyURI(d.Frequency)}}}, {"dct:temporal", temporal}, {"dct:spatial", object{{"@type", "dct:Location"}, {"skos:prefLabel", d.Spatial}}},
			{"dct:language", "es"}, {"dct:issued", date(d.Issued)}, {"dct:modified", date(d.Modified)},
			{"dct:source", sources}, {"dct:provenance", object{{"@type", "dct:ProvenanceStatement"}, {"rdfs:label", d.provenance()}}},
			{"dcat:distribution", dist},
		})
	}
	return document(object{
		{"@context", object{{"dcat", "http://www.w3.org/ns/dcat#"}, {"dct", "http://purl.org/dc/terms/"}, {"foaf", "http://xmlns.com/foaf/0.1/"}, {"hydra", "http://www.w3.org/ns/hydra/core#"}, {"rdfs", "http://www.w3.org/2000/01/rdf-schema#"}, {"skos", "http://www.w3.org/2004/02/skos/core#"}, {"vcard", "http://www.w3.org/2006/vcard/ns#"}, {"xsd", "http://www.w3.org/2001/XMLSchema#"}}},
		{"@id", "{{base}}/demo/catalogos/" + c.Name + ".jsonld"}, {"@type", "dcat:Catalog"}, {"dct:title", c.Title}, {"dct:publisher", agent(c.Publisher)},
		{"dct:language", "es"}, {"dct:issued", date(c.Issued)}, {"dct:modified", date(c.Versions[version-1])}, {"dcat:dataset", sets},
	})
}

func escapeXML(s string) string {
	var b bytes.Buffer
	_ = xml.EscapeText(&b, []byte(s)) // a bytes.Buffer never fails
	return b.String()
}

// rdfXML writes DCAT nested, the way ckanext-dcat does, with plain literals
// where stricter profiles want resources.
func (w *world) rdfXML(c *catalog, version int) ([]byte, error) {
	var b bytes.Buffer
	p := func(format string, args ...any) {
		for i, a := range args {
			if s, ok := a.(string); ok {
				args[i] = escapeXML(s)
			}
		}
		fmt.Fprintf(&b, format+"\n", args...)
	}
	b.WriteString("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n")
	p(`<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:rdfs="http://www.w3.org/2000/01/rdf-schema#" xmlns:dcat="http://www.w3.org/ns/dcat#" xmlns:dct="http://purl.org/dc/terms/" xmlns:foaf="http://xmlns.com/foaf/0.1/" xmlns:vcard="http://www.w3.org/2006/vcard/ns#" xmlns:schema="http://schema.org/">`)
	p(`<dcat:Catalog rdf:about="{{base}}/demo/catalogos/%s.rdf">`+"\n <dct:title>%s</dct:title>\n <dct:language>es</dct:language>\n <dct:issued>%s</dct:issued>\n <dct:modified>%s</dct:modified>\n <dct:license rdf:resource=\"%s\"/>", c.Name, c.Title, c.Issued, c.Versions[version-1], c.License)
	for _, d := range c.at(version) {
		post, mail := w.liaison(d.Publisher)
		name := w.publisherName(d.Publisher)
		if d.Publisher == "SICT" {
			name = "Secretaría de Comunicaciones y Transportes" // its name when it published
		}
		p(` <dcat:dataset><dcat:Dataset rdf:about="%s">`+"\n  <dct:identifier>%s</dct:identifier>\n  <dct:title>%s</dct:title>\n  <dct:description>%s</dct:description>\n  <dcat:theme>%s</dcat:theme>", datasetURI(d), d.uuid(), d.Title, d.Description, d.Theme)
		for _, k := range d.Keywords {
			p("  <dcat:keyword>%s</dcat:keyword>", k)
		}
		p("  <dct:publisher><foaf:Organization rdf:about=\"%s\"><foaf:name>%s</foaf:name></foaf:Organization></dct:publisher>", agentURI(d.Publisher), name)
		p("  <dcat:contactPoint><vcard:Organization><vcard:fn>%s</vcard:fn><vcard:hasEmail rdf:resource=\"mailto:%s\"/></vcard:Organization></dcat:contactPoint>", post, mail)
		if start, end, ok := d.period(); ok {
			p("  <dct:temporal><dct:PeriodOfTime><schema:startDate>%s</schema:startDate><schema:endDate>%s</schema:endDate></dct:PeriodOfTime></dct:temporal>", start, end)
		}
		p("  <dct:accrualPeriodicity>%s</dct:accrualPeriodicity>\n  <dct:spatial>%s</dct:spatial>\n  <dct:language>es</dct:language>\n  <dct:issued>%s</dct:issued>\n  <dct:modified>%s</dct:modified>", d.Frequency, d.Spatial, d.Issued, d.Modified)
		for _, address := range d.sources() {
			p("  <dct:source rdf:resource=\"%s\"/>", address)
		}
		p("  <dct:provenance><dct:ProvenanceStatement><rdfs:label>%s</rdfs:label></dct:ProvenanceStatement></dct:provenance>", d.provenance())
		for _, r := range w.links(c, d) {
			p("  <dcat:distribution><dcat:Distribution rdf:about=\"%s\">\n   <dct:title>%s</dct:title>\n   <dct:description>%s</dct:description>\n   <dct:license rdf:resource=\"%s\"/>", d.resourceURI(r), r.Title, r.Description, c.License)
			p("   <dcat:downloadURL rdf:resource=\"%s\"/>\n   <dcat:accessURL rdf:resource=\"%s\"/>\n   <dcat:mediaType>%s</dcat:mediaType>\n   <dct:format>%s</dct:format>\n   <dcat:byteSize>%d</dcat:byteSize>\n   <dct:issued>%s</dct:issued>\n   <dct:modified>%s</dct:modified>\n  </dcat:Distribution></dcat:distribution>", filesURL+r.File, filesURL+r.File, plainMedia(r.info.Media), r.info.Format, r.info.Bytes, d.Issued, d.Modified)
		}
		p(" </dcat:Dataset></dcat:dataset>")
	}
	p("</dcat:Catalog>\n</rdf:RDF>")
	return b.Bytes(), nil
}
