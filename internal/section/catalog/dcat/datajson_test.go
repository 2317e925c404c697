package dcat_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"plaza/internal/section/catalog/dcat"
)

func TestADELAIsRead(t *testing.T) {
	items, summary := readGood(t, dcat.DataJSON, file(t, "adela.json"))
	libre := dcat.License{ID: "libre-uso-mx", Title: "Términos de Libre Uso MX", URL: "https://datos.gob.mx/libreusomx"}
	checkRecord(t, items[0].Record, dcat.Record{
		SourceKey: "41", Aliases: []string{"calidad-del-agua-en-presas"}, Identifier: "calidad-del-agua-en-presas",
		Title:       "Calidad del agua en presas",
		Description: "Mediciones mensuales de **oxígeno disuelto** y temperatura en las presas del valle.",
		Keywords:    []string{"agua", "presas", "oxígeno"}, Themes: []string{"Medio Ambiente"},
		Publisher: dcat.Publisher{Key: "Comisión de Aguas del Valle", Name: "Comisión de Aguas del Valle", Email: "datos@aguas.ejemplo.gob.mx", Position: "Dirección de Monitoreo"},
		Contact:   dcat.Contact{Email: "datos@aguas.ejemplo.gob.mx", URL: "https://adela.ejemplo.gob.mx/api/v1/datasets/41/contact_point.vcf", Position: "Dirección de Monitoreo"},
		License:   libre, Issued: "2015-09-01T05:00:00Z", Modified: "2017-05-30T05:00:00Z", AccrualPeriodicity: "R/P1M",
		Spatial:     dcat.Spatial{Box: &dcat.Box{West: -99.4, South: 19.1, East: -98.9, North: 19.6}},
		Temporal:    dcat.Temporal{Start: "2010-01-01", End: "2016-12-31"},
		LandingPage: "https://aguas.ejemplo.gob.mx/diccionario.html", DictionaryURL: "https://aguas.ejemplo.gob.mx/diccionario.html",
		Languages: []string{"es"}, AccessLevel: "public",
		Extras: map[string]string{"govType": "federal", "openessRating": "3", "publishDate": "2015-09-01T00:00:00-05:00"},
		Resources: []dcat.Resource{{
			SourceKey: "77", Title: "Presas 2016", Description: "Un renglón por presa y mes", Format: "CSV", MediaType: "text/csv",
			DownloadURL: "http://aguas.ejemplo.gob.mx/datos/presas%20a%C3%B1o%202016.csv", ByteSize: 1572864,
			Issued: "2016-03-01T06:00:00Z", Modified: "2017-05-30T05:00:00Z", License: libre,
		}},
	})
	checkProblems(t, items[0].Problems, "url_escaped distribution[0].downloadURL", "media_type_format distribution[0].mediaType", "size_text distribution[0].byteSize")
	if got := items[0].Problems[0].Record; got != "41" {
		t.Errorf("Problem.Record = %q, want the record's key", got)
	}
	want := dcat.Summary{Title: "Catálogo de datos abiertos de la Comisión de Aguas del Valle", License: libre, Count: 1, Listed: 1, Total: -1}
	if diff := cmp.Diff(want, summary); diff != "" {
		t.Errorf("summary (-want +got):\n%s", diff)
	}
}

func TestProjectOpenDataIsRead(t *testing.T) {
	items, summary := readGood(t, dcat.DataJSON, file(t, "pod.json"))
	cc0 := dcat.License{ID: "CC0-1.0", Title: "Creative Commons CC0 1.0", URL: "https://creativecommons.org/publicdomain/zero/1.0/"}
	checkRecord(t, items[0].Record, dcat.Record{
		SourceKey: "TRAN-0001", Identifier: "TRAN-0001", Title: "Bridge inspections",
		Description: "One row per inspected bridge.\n\n- rating\n- date", Keywords: []string{"bridges", "inspection"}, Themes: []string{"transportation"},
		Publisher: dcat.Publisher{Key: "Bureau of Bridges", Name: "Bureau of Bridges", Parent: "Department of Roads"},
		Contact:   dcat.Contact{Name: "Data desk", Email: "data@bridges.example.gov"}, License: cc0,
		Issued: "2014", AccrualPeriodicity: "R/P1Y",
		Spatial:  dcat.Spatial{Box: &dcat.Box{West: -124.7, South: 24.5, East: -66.9, North: 49.4}},
		Temporal: dcat.Temporal{Start: "2000-01-01", End: "2014-12-31"}, LandingPage: "https://bridges.example.gov/inspections",
		DictionaryURL: "https://bridges.example.gov/dictionary.pdf", Languages: []string{"en-US"}, AccessLevel: "public",
		Extras: map[string]string{"bureauCode": "999:01", "programCode": "999:000"},
		Resources: []dcat.Resource{
			{SourceKey: "https://bridges.example.gov/inspections.csv", Title: "Table", Format: "CSV", MediaType: "text/csv",
				DownloadURL: "https://bridges.example.gov/inspections.csv", ByteSize: -1, ConformsTo: []string{"https://example.gov/standards/bridge"}},
			{SourceKey: "https://bridges.example.gov/api", Title: "api", Format: "API", AccessURL: "https://bridges.example.gov/api", ByteSize: -1, Position: 1},
		},
	})
	checkProblems(t, items[0].Problems, "html_in_text description", "date_is_frequency modified", "title_missing distribution[1].title")
	if got := items[1].Record; got.AccessLevel != "non-public" || len(got.Resources) != 0 {
		t.Errorf("second record = %+v, want non-public without resources", got)
	}
	checkProblems(t, items[1].Problems)
	if summary.Count != 2 || summary.Unusable != 0 {
		t.Errorf("summary = %+v, want 2 records", summary)
	}
}

func TestTheArgentineProfileIsRead(t *testing.T) {
	items, summary := readGood(t, dcat.DataJSON, file(t, "argentina.json"))
	odbl := dcat.License{ID: "ODbL-1.0", Title: "Open Data Commons Open Database License 1.0", URL: "https://opendatacommons.org/licenses/odbl/1-0/"}
	checkRecord(t, items[0].Record, dcat.Record{
		SourceKey: "99db", Identifier: "99db", Title: "Compras del año", Description: "Convocatorias publicadas por la provincia.",
		Keywords: []string{"bienes", "compras"}, Themes: []string{"Economía y finanzas", "compras"},
		Publisher: dcat.Publisher{Key: "Oficina de Contrataciones", Name: "Oficina de Contrataciones", Email: "compras@ejemplo.gob.ar"},
		Contact:   dcat.Contact{Name: "Mesa de datos", Email: "mesa@ejemplo.gob.ar"}, License: odbl,
		Issued: "2016-04-14T22:48:05Z", Modified: "2016-04-19T22:48:05Z", AccrualPeriodicity: "R/P1Y",
		Spatial: dcat.Spatial{Text: "ARG"}, Temporal: dcat.Temporal{Start: "2015-01-01", End: "2015-12-31"},
		LandingPage: "http://ejemplo.gob.ar/compras", Languages: []string{"es"}, AccessLevel: "public",
		Extras: map[string]string{"source": "Oficina de Contrataciones"},
		Resources: []dcat.Resource{{
			SourceKey: "1.1", Title: "Convocatorias 2015", Description: "Una fila por convocatoria.", Format: "CSV", MediaType: "text/csv",
			AccessURL: "http://ejemplo.gob.ar/compras/1.1", DownloadURL: "http://ejemplo.gob.ar/archivos/convocatorias.csv", ByteSize: 5120,
			Issued: "2016-04-14", Modified: "2016-04-19", License: odbl,
			Fields: []dcat.Field{{Name: "procedimiento_id", Type: "integer", Description: "Número del procedimiento"}, {Name: "fecha", Type: "date", Description: "Día de publicación"}},
		}},
	})
	checkProblems(t, items[0].Problems)
	checkProblems(t, summary.Problems)
	if summary.ThemeLabels["compras"] != "Compras públicas" || summary.Description == "" {
		t.Errorf("summary = %+v, want description and theme labels", summary)
	}
}

// Each line is the Argentine catalogue with one defect, as the conformance set of
// that profile has them.
func TestEachSingleDefectIsReported(t *testing.T) {
	for _, test := range []struct {
		name, old, new string
		want           []string // of the record
		document       []string
	}{
		{"catalogue title empty", `"title":"Portal de ejemplo"`, `"title":""`, nil, []string{"title_missing title !"}},
		{"catalogue date", `"issued":"2016-04-14T19:48:05.433640-03:00",
 "modified"`, `"issued":"2016/04/14","modified"`, nil, []string{"date_format issued"}},
		{"catalogue date impossible", `"issued":"2016-04-14T19:48:05.433640-03:00",
 "modified"`, `"issued":"2016-04-54T19:48:05-03:00","modified"`, nil, []string{"date_invalid issued !"}},
		{"catalogue publisher a list", `"publisher":{"name":"Secretaría de Modernización","mbox":"portal@ejemplo.gob.ar"}`, `"publisher":["Secretaría","portal@ejemplo.gob.ar"]`, nil, []string{"single_expected publisher"}},
		{"catalogue address without scheme", `"http://ejemplo.gob.ar/superTheme`, `"ejemplo.gob.ar/superTheme`, nil, []string{"url_no_scheme superThemeTaxonomy"}},
		{"dataset description missing", `"description":"Convocatorias publicadas por la provincia.",`, ``, []string{"description_missing description !"}, nil},
		{"dataset theme a text", `"theme":["compras"]`, `"theme":"compras"`, []string{"list_expected theme"}, nil},
		{"dataset theme null", `"theme":["compras"]`, `"theme":null`, []string{"null_value theme"}, nil},
		{"super theme empty", `"superTheme":["ECON"]`, `"superTheme":[]`, nil, nil},
		{"keyword a text", `"keyword":["bienes","compras"]`, `"keyword":"bienes, compras; obra"`, []string{"text_for_list keyword"}, nil},
		{"keyword with an empty member", `"keyword":["bienes","compras"]`, `"keyword":["bienes","",null,"compras"]`, nil, nil},
		{"temporal malformed", `2015-01-01/2015-12-31`, `2015-01-1/2015-12-31`, []string{"date_format temporal"}, nil},
		{"temporal reversed", `2015-01-01/2015-12-31`, `2015-12-31/2015-01-01`, []string{"temporal_reversed temporal"}, nil},
		{"temporal nonsense", `2015-01-01/2015-12-31`, `siempre`, []string{"temporal_invalid temporal !"}, nil},
		{"mail malformed", `"mesa@ejemplo.gob.ar"`, `"mesa arroba ejemplo"`, []string{"email_invalid contactPoint.hasEmail !"}, nil},
		{"mails several", `"mesa@ejemplo.gob.ar"`, `"mesa@ejemplo.gob.ar, otra@ejemplo.gob.ar"`, []string{"email_several contactPoint.hasEmail"}, nil},
		{"mail with blanks", `"mesa@ejemplo.gob.ar"`, `" mesa@ejemplo.gob.ar "`, nil, nil},
		{"distribution title missing", `"title":"Convocatorias 2015",`, ``, []string{"title_missing distribution[0].title"}, nil},
		{"distribution identifier numeric", `"identifier":"1.1"`, `"identifier":11`, []string{"identifier_numeric distribution[0].identifier"}, nil},
		{"size as text", `"byteSize":5120`, `"byteSize":"5 KB"`, []string{"size_text distribution[0].byteSize"}, nil},
		{"size nonsense", `"byteSize":5120`, `"byteSize":"grande"`, []string{"size_invalid distribution[0].byteSize !"}, nil},
		{"format and file differ", `"format":"CSV","mediaType":"text/csv"`, `"format":"PDF"`, []string{"format_mismatch distribution[0].format"}, nil},
		{"download a number", `"http://ejemplo.gob.ar/archivos/convocatorias.csv"`, `444444`, []string{"wrong_type distribution[0].downloadURL !"}, nil},
		{"download a list", `"http://ejemplo.gob.ar/archivos/convocatorias.csv"`, `["http://ejemplo.gob.ar/archivos/convocatorias.csv"]`, []string{"single_expected distribution[0].downloadURL"}, nil},
		{"identifier missing", `"identifier":"99db",`, ``, []string{"identifier_missing identifier"}, nil},
		{"identifier numeric", `"identifier":"99db"`, `"identifier":99`, []string{"identifier_numeric identifier"}, nil},
		{"modified in the future", `"modified":"2016-04-19T19:48:05.433640-03:00","accrual`, `"modified":"2027-01-01","accrual`, []string{"date_in_future modified !"}, nil},
		{"frequency unknown", `"accrualPeriodicity":"R/P1Y"`, `"accrualPeriodicity":"a veces"`, []string{"frequency_unknown accrualPeriodicity !"}, nil},
		{"landing page unsafe", `"http://ejemplo.gob.ar/compras",`, `"javascript:alert(1)",`, []string{"url_unsafe landingPage !"}, nil},
		{"distribution a single object", `"distribution":[`, `"distribution":[null,`, []string{"wrong_type distribution[0] !"}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			text := file(t, "argentina.json")
			if !strings.Contains(text, test.old) {
				t.Fatalf("the catalogue has no %q", test.old)
			}
			items, summary := readGood(t, dcat.DataJSON, strings.Replace(text, test.old, test.new, 1))
			if len(items) != 1 || items[0].Record == nil {
				t.Fatalf("items = %+v, want one record", items)
			}
			checkProblems(t, items[0].Problems, test.want...)
			checkProblems(t, summary.Problems, test.document...)
		})
	}
}

func TestShapesThatAreNoCatalogueButClearAreRead(t *testing.T) {
	for _, test := range []struct {
		name, text string
		document   []string
	}{
		{"single object", `{"title":"c","dataset":{` + whole + `}}`, []string{"single_object dataset"}},
		{"bare list", `[{` + whole + `}]`, []string{"bare_list "}},
		{"byte order mark", "\ufeff" + `{"title":"c","dataset":[{` + whole + `}]}`, []string{"byte_order_mark "}},
		{"something after the end", `{"title":"c","dataset":[{` + whole + `}]} <br>`, []string{"trailing_data "}},
	} {
		t.Run(test.name, func(t *testing.T) {
			items, summary := readGood(t, dcat.DataJSON, test.text)
			if len(items) != 1 || items[0].Record == nil || items[0].Record.Title != "Título" {
				t.Fatalf("items = %+v, want one record", items)
			}
			checkProblems(t, summary.Problems, test.document...)
		})
	}
}

func TestOneBadRecordDoesNotStopTheOthers(t *testing.T) {
	good := `{` + whole + `}`
	for _, test := range []struct{ name, bad, want, value string }{
		{"trailing comma", "{\"title\":\"x\",\n}", "record_malformed  !", "line 3: a comma with nothing after it"},
		{"not a number", `{"title":NaN}`, "record_malformed  !", "line 2: not JSON"},
		{"a text", `"hola"`, "record_not_object  !", "hola"},
		{"null", `null`, "record_not_object  !", ""},
		{"empty", `{}`, "record_empty  !", ""},
		{"too deep", `{"title":` + strings.Repeat("[", 70) + strings.Repeat("]", 70) + `}`, "record_too_deep  !", "line 2"},
		{"too many values", `{"title":[` + strings.Repeat("1,", 600_000) + `1]}`, "record_too_large  !", "line 2"},
		{"too large", `{"title":"` + strings.Repeat("a", dcat.MaxRecord) + `"}`, "record_too_large  !", "line 2"},
	} {
		t.Run(test.name, func(t *testing.T) {
			items, summary := readGood(t, dcat.DataJSON, `{"title":"c","dataset":[`+"\n"+test.bad+`,`+good+`]}`)
			if len(items) != 2 || items[0].Record != nil || items[1].Record == nil || items[1].Index != 1 {
				t.Fatalf("items = %+v, want an unusable one and a good one", items)
			}
			checkProblems(t, items[0].Problems, test.want)
			if p := items[0].Problems[0]; p.Value != test.value || p.Record != "#1" {
				t.Errorf("problem = %+v, want value %q of record #1", p, test.value)
			}
			if summary.Count != 1 || summary.Unusable != 1 {
				t.Errorf("summary = %+v, want one of each", summary)
			}
		})
	}
}

func TestRepeatedIdentifiers(t *testing.T) {
	first := `{` + whole + `}`
	for _, test := range []struct {
		name, second string
		key          string // of the second, "" when it is dropped
		want         string
	}{
		{"the same record twice", `{"title":"Título","identifier":"a","description":"Texto"}`, "", "duplicate_identifier identifier"},
		{"two readings of one dataset", `{"identifier":"a","title":"TITULO","description":"Otro"}`, "", "duplicate_identifier identifier !"},
		{"two datasets", `{"identifier":"a","title":"Otro título","description":"Texto"}`, "a#", "duplicate_identifier identifier"},
	} {
		t.Run(test.name, func(t *testing.T) {
			items, _ := readGood(t, dcat.DataJSON, `{"title":"c","dataset":[`+first+`,`+test.second+`]}`)
			if got := items[1].Record; (got != nil) != (test.key != "") || got != nil && !strings.HasPrefix(got.SourceKey, test.key) {
				t.Errorf("second record = %+v, want key %q", got, test.key)
			}
			if items[1].Key == "" {
				t.Error("the second item has no key")
			}
			checkProblems(t, items[1].Problems, test.want)
		})
	}
}

func TestAKnownRecordIsNotDecoded(t *testing.T) {
	text := file(t, "pod.json")
	items, _ := readGood(t, dcat.DataJSON, text)
	seen := items[0].Digest
	var again []dcat.Item
	summary, err := dcat.Read(dcat.DataJSON, strings.NewReader(text), dcat.Options{Known: func(d dcat.Digest) (dcat.Sighting, bool) { return dcat.Sight("1", "Uno", ""), d == seen }},
		func(item dcat.Item) error { again = append(again, item); return nil })
	if err != nil {
		t.Fatal(err)
	}
	if !again[0].Known || again[0].Record != nil || again[0].Digest != seen || again[1].Known || again[1].Record == nil {
		t.Errorf("items = %+v, want the first known and the second decoded", again)
	}
	if summary.Known != 1 || summary.Count != 1 {
		t.Errorf("summary = %+v, want one known and one counted", summary)
	}
}
