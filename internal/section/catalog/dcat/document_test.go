package dcat_test

import (
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf16"

	"golang.org/x/text/encoding/charmap"

	"plaza/internal/section/catalog/dcat"
	"plaza/internal/section/catalog/dcat/wire"
)

func TestADocumentThatIsNotWhatItClaimsIsRefused(t *testing.T) {
	const page = "\n<!DOCTYPE html>\n<html><body>Inicie sesión</body></html>"
	for _, test := range []struct {
		name string
		kind dcat.Kind
		text string
		code string
		line int
	}{
		{"page for CKAN", dcat.CKAN, page, wire.FormatHTML, 2},
		{"page for data.json", dcat.DataJSON, page, wire.FormatHTML, 2},
		{"page for DCAT", dcat.DCAT, page, wire.FormatHTML, 1},
		{"page without a head for DCAT", dcat.DCAT, "<div><p>Inicie sesión</p></div>", wire.FormatHTML, 1},
		{"page in XML for DCAT", dcat.DCAT, `<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"/>`, wire.FormatHTML, 1},
		{"RDF for data.json", dcat.DataJSON, `<?xml version="1.0"?><rdf:RDF/>`, wire.FormatNot, 1},
		{"nothing for CKAN", dcat.CKAN, "", wire.FormatEmpty, 1},
		{"blanks for data.json", dcat.DataJSON, " \n\t", wire.FormatEmpty, 2},
		{"nothing for DCAT", dcat.DCAT, " \n", wire.FormatEmpty, 0},
		{"text", dcat.DataJSON, "hola", wire.FormatNot, 1},
		{"text for DCAT", dcat.DCAT, "hola, esto no es nada.", wire.FormatNot, 1},
		{"error of CKAN before version 2", dcat.CKAN, `"Bad request - Action name not known"`, wire.FormatNot, 1},
		{"other JSON for CKAN", dcat.CKAN, `{"a":1}`, wire.FormatNot, 1},
		{"CKAN without result", dcat.CKAN, `{"success":true}`, wire.FormatNot, 1},
		{"other JSON for data.json", dcat.DataJSON, `{"success":true,"result":{}}`, wire.FormatNot, 1},
		{"dataset null", dcat.DataJSON, `{"title":"c","dataset":null}`, wire.FormatNot, 1},
		{"other JSON for DCAT", dcat.DCAT, `{"a":1}`, wire.FormatNot, 0},
		{"other RDF", dcat.DCAT, `<http://x.mx> a <http://x.mx/Cosa> .`, wire.FormatNot, 0},
		{"cut JSON", dcat.DataJSON, "{\"title\":\"c\",\n\"dataset\":[{\"title\":\"a", wire.FormatTruncated, 2},
		{"cut between records", dcat.DataJSON, `{"dataset":[{"title":"a"},`, wire.FormatTruncated, 1},
		{"cut JSON-LD", dcat.DCAT, `{"@context":{},"@graph":[{"a":`, wire.FormatTruncated, 1},
		{"cut Turtle", dcat.DCAT, "<http://x.mx> a <http://www.w3.org/ns/dcat#Dataset> .\n<http://x.mx/2> a \"b", wire.FormatTruncated, 2},
		{"cut RDF/XML", dcat.DCAT, `<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description>`, wire.FormatTruncated, 1},
		{"broken RDF/XML", dcat.DCAT, "<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\n<a></b></rdf:RDF>", wire.FormatSyntax, 2},
		{"comma too many after a record", dcat.DataJSON, "{\"dataset\":[{\"title\":\"a\"},\n\n]}", wire.FormatTrailingComma, 3},
		{"comma too many at the end", dcat.DataJSON, "{\"dataset\":[{\"title\":\"a\"}],\n}", wire.FormatTrailingComma, 2},
		{"comma too many in JSON-LD", dcat.DCAT, "{\"@context\":{},\n\"@graph\":[],}", wire.FormatTrailingComma, 2},
		{"two values", dcat.DataJSON, `{"dataset":[{"title":"a"} {"title":"b"}]}`, wire.FormatSyntax, 1},
		{"brackets without end", dcat.DataJSON, strings.Repeat("[", 100_000), wire.FormatTooDeep, 1},
		{"brackets in a record", dcat.CKAN, `{"result":{"results":[` + strings.Repeat(`{"a":`, 100_000), wire.FormatTooDeep, 1},
		{"deep JSON-LD", dcat.DCAT, `{"@context":{},"a":` + strings.Repeat("[", 70) + strings.Repeat("]", 70) + `}`, wire.FormatTooDeep, 1},
		{"deep Turtle", dcat.DCAT, "<http://x.mx> a " + strings.Repeat("[ a ", 100_000), wire.FormatTooDeep, 1},
		{"deep lists in Turtle", dcat.DCAT, "<http://x.mx> a " + strings.Repeat("(", 100_000), wire.FormatTooDeep, 1},
		{"deep RDF/XML", dcat.DCAT, `<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:d="http://d/">` + strings.Repeat("<d:a>", 100_000), wire.FormatTooDeep, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, _, err := read(t, test.kind, test.text)
			var format *wire.FormatError
			if !errors.As(err, &format) || format.Code != test.code || format.Line != test.line {
				t.Errorf("error = %v, want %s at line %d", err, test.code, test.line)
			}
		})
	}
}

func TestADocumentThatBreaksOffGivesWhatCameBefore(t *testing.T) {
	items, summary, err := read(t, dcat.DataJSON, `{"title":"c","dataset":[{`+whole+`},{"title":"b`)
	var format *wire.FormatError
	if !errors.As(err, &format) || format.Code != wire.FormatTruncated {
		t.Errorf("error = %v, want truncated", err)
	}
	if len(items) != 1 || summary.Count != 1 || summary.Title != "c" {
		t.Errorf("items %v, summary %+v, want the first record", items, summary)
	}
}

func TestAGraphThatBreaksOffGivesNothing(t *testing.T) {
	for name, text := range map[string]string{
		"turtle": file(t, "catalog.ttl")[:2800], "json-ld": file(t, "catalog.jsonld")[:3000], "rdf/xml": file(t, "catalog.rdf")[:3500],
	} {
		t.Run(name, func(t *testing.T) {
			items, _, err := read(t, dcat.DCAT, text)
			if err == nil || len(items) != 0 {
				t.Errorf("items %v, error %v, want only an error: statements may be missing", items, err)
			}
		})
	}
}

func TestAConnectionThatBreaksIsTold(t *testing.T) {
	broken := errors.New("connection reset")
	for _, kind := range []dcat.Kind{dcat.CKAN, dcat.DataJSON, dcat.DCAT} {
		r := io.MultiReader(strings.NewReader(`{"dataset":[`), iotest.ErrReader(broken))
		if _, err := dcat.Read(kind, r, dcat.Options{}, func(dcat.Item) error { return nil }); !errors.Is(err, broken) {
			t.Errorf("%s: error = %v, want the cause", kind, err)
		}
		r = io.MultiReader(strings.NewReader(`{"dataset":[`), iotest.ErrReader(io.ErrUnexpectedEOF))
		_, err := dcat.Read(kind, r, dcat.Options{}, func(dcat.Item) error { return nil })
		var format *wire.FormatError
		if !errors.As(err, &format) || format.Code != wire.FormatTruncated {
			t.Errorf("%s: error = %v, want truncated", kind, err)
		}
	}
}

func TestAnErrorOfTheReceiverEndsTheReading(t *testing.T) {
	stop := errors.New("cancelled")
	for kind, name := range map[dcat.Kind]string{dcat.CKAN: "ckan_search.json", dcat.DataJSON: "pod.json", dcat.DCAT: "catalog.ttl"} {
		calls := 0
		_, err := dcat.Read(kind, strings.NewReader(file(t, name)), dcat.Options{}, func(dcat.Item) error { calls++; return stop })
		if err != stop || calls != 1 {
			t.Errorf("%s: error %v after %d calls, want it at once", kind, err, calls)
		}
	}
}

func TestAnUnknownKindIsAnError(t *testing.T) {
	if _, _, err := read(t, "oai", "{}"); err == nil {
		t.Error("no error")
	}
}

func TestOtherEncodingsAreConverted(t *testing.T) {
	latin, err := charmap.Windows1252.NewEncoder().String(file(t, "adela.json"))
	if err != nil {
		t.Fatal(err)
	}
	var little, big strings.Builder
	for _, unit := range utf16.Encode([]rune(file(t, "adela.json"))) {
		little.Write([]byte{byte(unit), byte(unit >> 8)})
		big.Write([]byte{byte(unit >> 8), byte(unit)})
	}
	want, _ := readGood(t, dcat.DataJSON, file(t, "adela.json"))
	for _, test := range []struct{ name, text, problem string }{
		{"Windows-1252", latin, "encoding_latin1 "},
		{"UTF-16 with a mark", "\xFF\xFE" + little.String(), "encoding_utf16 "},
		{"UTF-16 without a mark", little.String(), "encoding_utf16 "},
		{"UTF-16 big-endian", big.String(), "encoding_utf16 "},
	} {
		t.Run(test.name, func(t *testing.T) {
			items, summary := readGood(t, dcat.DataJSON, test.text)
			checkRecord(t, items[0].Record, *want[0].Record)
			checkProblems(t, summary.Problems, test.problem)
		})
	}
	t.Run("RDF in Windows-1252", func(t *testing.T) {
		latin, err := charmap.Windows1252.NewEncoder().String(file(t, "catalog.ttl"))
		if err != nil {
			t.Fatal(err)
		}
		items, _ := readGood(t, dcat.DCAT, latin)
		checkRecord(t, items[0].Record, air)
	})
	t.Run("two encodings in one record", func(t *testing.T) {
		item := one(t, `"identifier":"a","title":"Educaci`+"\xF3"+`n física","description":"Corta`+"\xC3"+`"`)
		if got := item.Record; got.Title != "Educación física" || got.Description != "Corta�" {
			t.Errorf("title %q, description %q", got.Title, got.Description)
		}
		checkProblems(t, item.Problems, "encoding_mixed ", "replacement_character description !")
	})
}

// endless gives a catalogue of n records without holding it.
type endless struct {
	n, i int
	rest string
}

func (e *endless) Read(p []byte) (int, error) {
	if e.rest == "" {
		switch {
		case e.i > e.n:
			return 0, io.EOF
		case e.i == e.n:
			e.rest = `{"title":"último"}]}`
		default:
			e.rest = fmt.Sprintf(`{"identifier":"d%d","title":"Conjunto %d","description":"%s"},`, e.i, e.i, strings.Repeat("texto ", 150))
		}
		if e.i == 0 {
			e.rest = `{"dataset":[` + e.rest
		}
		e.i++
	}
	n := copy(p, e.rest)
	e.rest = e.rest[n:]
	return n, nil
}

func TestMemoryDoesNotGrowWithTheCatalogue(t *testing.T) {
	perRecord := func(n int) float64 {
		var kept uint64
		summary, err := dcat.Read(dcat.DataJSON, &endless{n: n}, dcat.Options{}, func(item dcat.Item) error {
			if item.Index == n {
				kept = heapInUse()
			}
			return nil
		})
		if err != nil || summary.Count != n+1 {
			t.Fatalf("Read = %+v, %v", summary, err)
		}
		return float64(kept)
	}
	small, large := perRecord(100), perRecord(20_000)
	// The keys seen cost some hundred bytes each; the records themselves, 20 MB, would
	// show at once.
	if grown := large - small; grown > 6<<20 {
		t.Errorf("heap grew by %.1f MB over 20,000 records", grown/(1<<20))
	}
}

func TestProblemsDoNotHoldTheirRecords(t *testing.T) {
	const records, size = 60, 1 << 20
	var kept []dcat.Problem
	for i := range records {
		text := fmt.Sprintf(`{"dataset":[{"identifier":"d%d","title":"Uno","issued":"31/31/2020","description":"%s"}]}`, i, strings.Repeat("á", size/2))
		if _, err := dcat.Read(dcat.DataJSON, strings.NewReader(text), dcat.Options{}, func(i dcat.Item) error {
			kept = append(kept, i.Problems...)
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	if len(kept) < records {
		t.Fatalf("%d problems, want one of each record at least", len(kept))
	}
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	if m.HeapAlloc > records*size/2 {
		t.Errorf("%d MB are held by %d problems of %d records of a megabyte", m.HeapAlloc>>20, len(kept), records)
	}
	runtime.KeepAlive(kept)
}
