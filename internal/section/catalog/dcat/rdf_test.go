package dcat_test

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"plaza/internal/section/catalog/dcat"
	"plaza/internal/section/catalog/dcat/wire"
)

var ccBy = dcat.License{ID: "CC-BY-4.0", Title: "Creative Commons Atribución 4.0", URL: "https://creativecommons.org/licenses/by/4.0/"}

// air is what every syntax of the same catalogue says.
var air = dcat.Record{
	SourceKey: "https://datos.ejemplo.org/d/aire", Aliases: []string{"aire-2020"}, Identifier: "aire-2020", Title: "Calidad del aire",
	Description: "Promedios por hora.\n\nIncluye \"ozono\" y partículas.", Keywords: []string{"aire", "ozono"}, Themes: []string{"Medio ambiente"},
	Publisher: dcat.Publisher{Key: "https://datos.ejemplo.org/i/ambiente", Name: "Secretaría del Ambiente"},
	Contact:   dcat.Contact{Name: "Mesa de datos", Email: "mesa@ambiente.ejemplo.org"}, License: ccBy,
	Issued: "2020-01-15", Modified: "2020-03-01T18:30:00Z", AccrualPeriodicity: "R/PT1H",
	Spatial:  dcat.Spatial{Text: "Zona norte", Box: &dcat.Box{West: -100, South: 20, East: -99, North: 21}},
	Temporal: dcat.Temporal{Start: "2020-01-01", End: "2020-02-29"}, LandingPage: "https://datos.ejemplo.org/aire",
	Languages: []string{"es"}, AccessLevel: "public",
	Resources: []dcat.Resource{{
		SourceKey: "https://datos.ejemplo.org/d/aire/csv", Title: "Promedios", Format: "CSV", MediaType: "text/csv",
		AccessURL: "https://datos.ejemplo.org/aire", DownloadURL: "https://datos.ejemplo.org/archivos/aire%202020.csv", ByteSize: 123456,
		ChecksumAlgorithm: "sha1", ChecksumValue: "da39a3ee5e6b4b0d3255bfef95601890afd80709", License: ccBy,
	}},
}

func TestEverySyntaxOfRDFSaysTheSame(t *testing.T) {
	for _, name := range []string{"catalog.ttl", "catalog.jsonld", "catalog.rdf"} {
		t.Run(name, func(t *testing.T) {
			items, summary := readGood(t, dcat.DCAT, file(t, name))
			if len(items) != 1 {
				t.Fatalf("%d items, want 1: a dataset that is only listed is on another page", len(items))
			}
			checkRecord(t, items[0].Record, air)
			checkProblems(t, items[0].Problems, "url_escaped distribution[0].dcat:downloadURL")
			want := dcat.Summary{
				Title: "Catálogo de ejemplo", Description: "Datos de un estado inventado.", License: ccBy,
				Count: 1, Listed: 1, Total: 3, Next: "https://datos.ejemplo.org/catalogo?page=2", Problems: summary.Problems,
			}
			if diff := cmp.Diff(want, summary); diff != "" {
				t.Errorf("summary (-want +got):\n%s", diff)
			}
		})
	}
}

func TestNTriplesAreRead(t *testing.T) {
	items, _ := readGood(t, dcat.DCAT, `<http://x.mx/d> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://www.w3.org/ns/dcat#Dataset> .
<http://x.mx/d> <http://purl.org/dc/terms/title> "\u00C1rboles" .
<http://x.mx/d> <http://purl.org/dc/terms/publisher> _:b .
_:b <http://xmlns.com/foaf/0.1/name> "Parques" .
`)
	if got := items[0].Record; got.Title != "Árboles" || got.Publisher.Name != "Parques" || got.Publisher.Key != "Parques" {
		t.Errorf("record = %+v, want title and publisher", got)
	}
}

func TestTurtleGoesOnAfterABrokenStatement(t *testing.T) {
	items, summary := readGood(t, dcat.DCAT, `@prefix dcat: <http://www.w3.org/ns/dcat#> .
<http://x.mx/1> a dcat:Dataset ; dct:title "Uno" .
<http://x.mx/2> a dcat:Dataset ; dct:title "Dos
  sin cierre ;
  nada:mas "x" .
<http://x.mx/3> a dcat:Dataset ; dct:title "Tres"@es, 'Three'@en ; dcat:keyword "a", 1, 2.5, true .
`)
	var titles []string
	for _, item := range items {
		titles = append(titles, item.Record.Title)
	}
	if diff := cmp.Diff([]string{"Uno", "Tres"}, titles); diff != "" {
		t.Errorf("titles (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"1", "2.5", "a", "true"}, sorted(items[1].Record.Keywords)); diff != "" {
		t.Errorf("keywords (-want +got):\n%s", diff)
	}
	checkProblems(t, summary.Problems, "statement_skipped  !")
	if v := summary.Problems[0].Value; !strings.HasPrefix(v, "line 3: a text without end") {
		t.Errorf("problem value = %q, want the line", v)
	}
}

func TestRemoteContextsAreNotFetchedButReplaced(t *testing.T) {
	dataset := `"dataset":[{"@id":"http://x.mx/d","@type":"Dataset","title":{"es":"Bosques","en":"Forests"},"keyword":["pino"],
	 "publisher":{"@type":"Organization","name":"Forestal"},"distribution":[{"@type":"Distribution","downloadURL":"http://x.mx/b.csv"}]}]`
	for _, test := range []struct {
		name, context string
		want          []string
	}{
		{"unknown", `"@context":"https://otro.ejemplo.org/contexto.jsonld",`, []string{"context_unknown @context"}},
		{"known", `"@context":"https://project-open-data.cio.gov/v1.1/schema/catalog.jsonld",`, nil},
		{"missing", ``, []string{"context_unknown @context"}},
		{"mixed", `"@context":["https://otro.ejemplo.org/contexto.jsonld",{"pino":"http://x.mx/p"}],`, []string{"context_unknown @context"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			items, summary := readGood(t, dcat.DCAT, `{`+test.context+`"@type":"Catalog","title":"Bosques de ejemplo",`+dataset+`}`)
			got := items[0].Record
			if got.Title != "Bosques" || got.Publisher.Name != "Forestal" || len(got.Resources) != 1 || got.Resources[0].Format != "CSV" {
				t.Errorf("record = %+v", got)
			}
			checkProblems(t, summary.Problems, test.want...)
			if summary.Title != "Bosques de ejemplo" {
				t.Errorf("catalogue title = %q", summary.Title)
			}
		})
	}
}

func TestANextPageThatIsThisOneEndsTheReading(t *testing.T) {
	_, summary := readGood(t, dcat.DCAT, `<> a <http://www.w3.org/ns/hydra/core#PartialCollectionView> ; <http://www.w3.org/ns/hydra/core#next> <> .
<http://x.mx> a <http://www.w3.org/ns/dcat#Catalog> .`)
	if summary.Next != "" {
		t.Errorf("Next = %q, want none", summary.Next)
	}
	checkProblems(t, summary.Problems, "next_loops hydra:next")
}

func TestANextPageMustBeOnTheWeb(t *testing.T) {
	_, summary := readGood(t, dcat.DCAT, `<http://x.mx/v> <http://www.w3.org/ns/hydra/core#next> <file:///etc/passwd> .
<http://x.mx> a <http://www.w3.org/ns/dcat#Catalog> .`)
	if summary.Next != "" {
		t.Errorf("Next = %q, want none", summary.Next)
	}
	checkProblems(t, summary.Problems, "url_unsafe hydra:next !")
}

func TestARecordDoesNotDependOnTheOrderOfStatements(t *testing.T) {
	statements := []string{`<http://x.mx/d> a dcat:Dataset .`, `<http://x.mx/d> dct:title "B" .`, `<http://x.mx/d> dct:title "A" .`, `<http://x.mx/d> dcat:keyword "z", "a" .`,
		`<http://x.mx/d> dcat:distribution <http://x.mx/1>, <http://x.mx/2> .`, `<http://x.mx/1> dcat:downloadURL <http://x.mx/1.csv> .`, `<http://x.mx/2> dcat:downloadURL <http://x.mx/2.csv> .`}
	backwards := make([]string, len(statements))
	for i, s := range statements {
		backwards[len(statements)-1-i] = s
	}
	a, _ := readGood(t, dcat.DCAT, "@prefix dcat: <http://www.w3.org/ns/dcat#> .\n"+strings.Join(statements, "\n"))
	b, _ := readGood(t, dcat.DCAT, "@prefix dcat: <http://www.w3.org/ns/dcat#> .\n"+strings.Join(backwards, "\n"))
	if a[0].Fingerprint != b[0].Fingerprint || a[0].Fingerprint == "" {
		t.Errorf("fingerprints differ: %+v and %+v", a[0].Record, b[0].Record)
	}
}

func TestEntitiesOfRDFXMLCannotBlowItUp(t *testing.T) {
	head := `<?xml version="1.0"?><!DOCTYPE rdf:RDF [ <!ENTITY a "` + strings.Repeat("x", 200) + `"> <!ENTITY b "&a;&a;&a;"> <!ENTITY f SYSTEM "file:///etc/passwd"> ]>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:dct="http://purl.org/dc/terms/"><rdf:Description rdf:about="http://x.mx"><dct:title>`
	tail := `</dct:title></rdf:Description></rdf:RDF>`
	for _, test := range []struct{ name, body, code string }{
		{"very many", strings.Repeat("&a;", 300_000), wire.FormatTooLarge},
		{"nested", "&b;", wire.FormatSyntax},
		{"a file", "&f;", wire.FormatSyntax},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, _, err := read(t, dcat.DCAT, head+test.body+tail)
			var format *wire.FormatError
			if !errors.As(err, &format) || format.Code != test.code {
				t.Errorf("error = %v, want %s", err, test.code)
			}
		})
	}
}

func TestAddressesAreResolvedAgainstTheDocument(t *testing.T) {
	base, err := url.Parse("https://usuario:clave@x.mx/a/catalogo.ttl")
	if err != nil {
		t.Fatal(err)
	}
	var got *dcat.Record
	_, err = dcat.Read(dcat.DCAT, strings.NewReader(`<d> a <http://www.w3.org/ns/dcat#Dataset> ; <http://purl.org/dc/terms/title> "t" ; <http://www.w3.org/ns/dcat#landingPage> <../p> .`),
		dcat.Options{Base: base}, func(item dcat.Item) error { got = item.Record; return nil })
	if err != nil {
		t.Fatal(err)
	}
	if got.LandingPage != "https://x.mx/p" || strings.Contains(got.SourceKey, "clave") {
		t.Errorf("key %q, landing page %q: want them resolved and without the password", got.SourceKey, got.LandingPage)
	}
}

func TestALongListIsReadInPieces(t *testing.T) {
	var list strings.Builder
	for i := range 6000 {
		fmt.Fprintf(&list, `{"@id":"http://x.mx/%d","@type":"dcat:Dataset","dct:title":"Conjunto %d","dct:publisher":{"@id":"http://x.mx/p"}},`, i, i)
	}
	const context = `"@context":{"dcat":"http://www.w3.org/ns/dcat#","dct":"http://purl.org/dc/terms/","foaf":"http://xmlns.com/foaf/0.1/"}`
	const publisher = `{"@id":"http://x.mx/p","foaf:name":"Quien publica"}`
	for name, text := range map[string]string{
		"graph":                    `{` + context + `,"@graph":[` + list.String() + publisher + `]}`,
		"catalogue":                `{` + context + `,"@type":"dcat:Catalog","dct:title":"Grande","dcat:dataset":[` + list.String() + publisher + `]}`,
		"catalogue, context last":  `{"@type":"dcat:Catalog","dct:title":"Grande","dcat:dataset":[` + list.String() + publisher + `],` + context + `}`,
		"list of single documents": `[` + strings.ReplaceAll(list.String(), `{"@id":"http://x.mx/`, `{`+context+`,"@id":"http://x.mx/`) + `{` + context + `,` + publisher[1:] + `]`,
	} {
		t.Run(name, func(t *testing.T) {
			if name == "list of single documents" {
				text = strings.ReplaceAll(text, `"dct:publisher":{`+context+`,`, `"dct:publisher":{`)
			}
			items, summary := readGood(t, dcat.DCAT, text)
			if summary.Count != 6000 || strings.HasPrefix(name, "catalogue") != (summary.Title == "Grande") {
				t.Errorf("%d records of %q, want 6000", summary.Count, summary.Title)
			}
			if got := items[0].Record.Publisher.Name; got != "Quien publica" {
				t.Errorf("publisher = %q, want what another piece says", got)
			}
		})
	}
}

func TestGraphsHaveLimits(t *testing.T) {
	for name, text := range map[string]string{
		"bytes":               strings.Repeat(" ", dcat.MaxGraph+1),
		"values in JSON-LD":   `{"@context":{},"@graph":[` + strings.Repeat(`1,`, 3_000_000) + `1]}`,
		"objects of Turtle":   `<http://x.mx> a ` + strings.Repeat(`1,`, 2_100_000) + `1 .`,
		"members of one node": `{"@context":{"a":"http://x.mx/a"},"a":{"a":[` + strings.Repeat(`1,`, 250_000) + `1]}}`,
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := read(t, dcat.DCAT, text)
			var format *wire.FormatError
			if !errors.As(err, &format) || format.Code != wire.FormatTooLarge {
				t.Errorf("error = %v, want %s", err, wire.FormatTooLarge)
			}
		})
	}
	items, summary := readGood(t, dcat.DCAT, `<http://x.mx/d> a dcat:Dataset ; dct:title "t" ; dcat:keyword `+strings.Repeat(`"a",`, 3000)+`"b" .`)
	checkProblems(t, summary.Problems, "too_many ")
	if diff := cmp.Diff([]string{"a"}, items[0].Record.Keywords); diff != "" {
		t.Errorf("keywords (-want +got):\n%s", diff)
	}
}
