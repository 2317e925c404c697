package rdf_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"plaza/internal/section/catalog/dcat/rdf"
	"plaza/internal/section/catalog/dcat/wire"
)

// One dataset, in every syntax.
const (
	turtle = `@prefix dct: <http://purl.org/dc/terms/> .
		<#agua> a dcat:Dataset ; dct:title "Agua"@es , "Water"@en ; dct:publisher [ foaf:name "CONAGUA" ] .`
	triples = `<https://d.mx/c#agua> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://www.w3.org/ns/dcat#Dataset> .
<https://d.mx/c#agua> <http://purl.org/dc/terms/title> "Agua"@es .
<https://d.mx/c#agua> <http://purl.org/dc/terms/title> "Water"@en .
<https://d.mx/c#agua> <http://purl.org/dc/terms/publisher> _:p .
_:p <http://xmlns.com/foaf/0.1/name> "CONAGUA" .`
	xml = `<?xml version="1.0"?><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
		xmlns:dct="http://purl.org/dc/terms/" xmlns:dcat="http://www.w3.org/ns/dcat#" xmlns:foaf="http://xmlns.com/foaf/0.1/">
		<dcat:Dataset rdf:ID="agua"><dct:title xml:lang="es">Agua</dct:title><dct:title xml:lang="en">Water</dct:title>
		<dct:publisher><rdf:Description><foaf:name>CONAGUA</foaf:name></rdf:Description></dct:publisher></dcat:Dataset></rdf:RDF>`
	jsonld = `{"@context": {"dct": "http://purl.org/dc/terms/", "dcat": "http://www.w3.org/ns/dcat#", "foaf": "http://xmlns.com/foaf/0.1/"},
		"@id": "#agua", "@type": "dcat:Dataset", "dct:title": [{"@value": "Agua", "@language": "es"}, {"@value": "Water", "@language": "en"}],
		"dct:publisher": {"foaf:name": "CONAGUA"}}`
)

func silent(string, string, string, bool) {}

func options(note func(code, field, value string, repaired bool)) rdf.Options {
	return rdf.Options{Base: "https://d.mx/c", Note: note, Once: note}
}

func TestEverySyntaxSaysTheSame(t *testing.T) {
	for name, text := range map[string]string{"Turtle": turtle, "N-Triples": triples, "RDF/XML": xml, "JSON-LD": jsonld} {
		g, err := rdf.Parse(text, options(silent))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var datasets []*rdf.Node
		for _, n := range g.Nodes {
			if g.IsA(n, "dcat:Dataset") {
				datasets = append(datasets, n)
			}
		}
		if len(datasets) != 1 || datasets[0].ID != "https://d.mx/c#agua" || datasets[0].Blank {
			t.Errorf("%s: datasets %v", name, datasets)
			continue
		}
		title, _ := rdf.Best(datasets[0].All("dct:title"))
		var publishers []string
		for _, p := range datasets[0].All("dct:creator", "dct:publisher") {
			publishers = append(publishers, g.Label(p))
		}
		if diff := cmp.Diff([]string{"Agua", "CONAGUA"}, append([]string{title.Value}, publishers...)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestABrokenStatementIsSteppedOverAndNoted(t *testing.T) {
	var noted []string
	g, err := rdf.Parse("<https://d.mx/1> dct:title \"Uno\" .\n<https://d.mx/2> dct:title ,, .\n<https://d.mx/3> dct:title \"Tres\" .\n",
		options(func(code, _, value string, _ bool) { noted = append(noted, code+": "+value) }))
	if err != nil {
		t.Fatal(err)
	}
	if len(g.Nodes) != 2 || len(noted) != 1 || !strings.HasPrefix(noted[0], rdf.StatementSkipped+": line 2") {
		t.Errorf("%d nodes, noted %q", len(g.Nodes), noted)
	}
}

func TestWhatIsNotRDFIsSaidToBeWhatItIs(t *testing.T) {
	for text, want := range map[string]string{
		"":                                     wire.FormatEmpty,
		"<!doctype html><p>hola":               wire.FormatHTML,
		"hola, esto no es nada.":               wire.FormatNot,
		`{"@context":{},`:                      wire.FormatTruncated,
		"<#a> <#b> " + strings.Repeat("(", 99): wire.FormatTooDeep,
	} {
		_, err := rdf.Parse(text, options(silent))
		var format *wire.FormatError
		if !errors.As(err, &format) || format.Code != want {
			t.Errorf("Parse(%.30q) = %v, want %s", text, err, want)
		}
	}
}

func TestAGraphOfTooManyNodesIsRefused(t *testing.T) {
	opt := options(silent)
	opt.Turtle = true
	_, err := rdf.Parse(strings.Repeat("[] a dcat:Dataset .\n", 500_000), opt)
	var format *wire.FormatError
	if !errors.As(err, &format) || format.Code != wire.FormatTooLarge {
		t.Errorf("half a million nodes: %v, want %s", err, wire.FormatTooLarge)
	}
}
