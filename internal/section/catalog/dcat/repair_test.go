package dcat_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"plaza/internal/section/catalog/dcat"
)

// quoted writes s as JSON.
func quoted(t *testing.T, s string) string {
	t.Helper()
	b, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestTextIsRepairedWhereThatIsCertain(t *testing.T) {
	for _, test := range []struct {
		name, text, want string
		problems         []string
	}{
		{"clean", "Niñas y niños: 5 < 6 & más", "Niñas y niños: 5 < 6 & más", nil},
		{"line ends of Windows", "uno\r\ndos", "uno\ndos", nil},
		{"decomposed accents", "Educacio\u0301n", "Educación", nil},
		{"markdown", "# Título\n\n* uno\n* **dos**", "# Título\n\n* uno\n* **dos**", nil},
		{"mojibake", "AdministraciÃ³n PÃºblica, aÃ±o 2016", "Administración Pública, año 2016", []string{"mojibake description"}},
		{"mojibake in capitals", "ADMINISTRACIÃ“N DE ESPAÃ‘A", "ADMINISTRACIÓN DE ESPAÑA", []string{"mojibake description"}},
		{"mojibake by Latin-1", "MÃ\u0089XICO", "MÉXICO", []string{"mojibake description"}},
		{"mojibake twice over", "EducaciÃƒÂ³n", "Educación", []string{"mojibake description"}},
		{"mojibake in some words", "EducaciÃ³n y población", "Educación y población", []string{"mojibake description"}},
		{"quotation marks misread", "la â€œleyâ€\u009d", "la “ley”", []string{"mojibake description"}},
		{"mojibake that cannot go back", "EducaciÃ³n Ã±日 x", "EducaciÃ³n Ã±日 x", []string{"mojibake_suspected description !"}},
		{"Portuguese in capitals is no mojibake", "“ATÉ AMANHÃ” disse", "“ATÉ AMANHÃ” disse", []string{"mojibake_suspected description !"}},
		{"entities", "Cami&oacute;n &amp; tren &#8212; r&iacute;o", "Camión & tren — río", []string{"entities_in_text description"}},
		{"entities twice over", "Cami&amp;oacute;n", "Camión", []string{"entities_in_text description"}},
		{"ampersands that are no entities", "I+D&copy=1 &foo; AT&T", "I+D&copy=1 &foo; AT&T", nil},
		{"HTML", "<p>Uno <b>dos</b><br>tres</p><p>Ver <a href=\"https://x.mx/a\">la página</a></p><script>alert(1)</script>",
			"Uno dos\ntres\n\nVer la página (https://x.mx/a)", []string{"html_in_text description"}},
		{"escaped HTML", "&lt;p&gt;Hola&lt;/p&gt;", "Hola", []string{"html_in_text description"}},
		{"link by script", `<a href="javascript:alert(1)">clic</a>`, "clic", []string{"html_in_text description"}},
		{"comparison is no HTML", "menores a <5 años y >2", "menores a <5 años y >2", nil},
		{"NUL and controls", "a\x00b\x07c\td", "abc\td", []string{"control_characters description"}},
		{"direction overrides", "archivo\u202Efdp.exe\u2066x", "archivofdp.exex", []string{"control_characters description"}},
		{"right to left and joined emoji", "مرحبا 👩‍👩‍👧", "مرحبا 👩‍👩‍👧", nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			item := one(t, `"identifier":"a","title":"Título","description":`+quoted(t, test.text))
			if item.Record.Description != test.want {
				t.Errorf("description = %q, want %q", item.Record.Description, test.want)
			}
			checkProblems(t, item.Problems, test.problems...)
		})
	}
}

func TestHalfASurrogatePairIsShownAsLost(t *testing.T) {
	item := one(t, `"identifier":"a","description":"x","title":"a \ud83d b \ude00 \ud83d\ude00"`)
	if want := "a � b � 😀"; item.Record.Title != want {
		t.Errorf("title = %q, want %q", item.Record.Title, want)
	}
	checkProblems(t, item.Problems, "replacement_character title !")
}

func TestLongTextIsCut(t *testing.T) {
	long := strings.Repeat("añb ", 2_400_000) // 12 MB
	item := one(t, `"identifier":"a","title":"Título","description":"`+long[:9<<20]+`"`)
	if n := utf8.RuneCountInString(item.Record.Description); n > 100_000 || n < 99_000 {
		t.Errorf("description has %d runes, want 100,000 at most", n)
	}
	if got := item.Problems[0]; got.Code != dcat.TextTooLong || utf8.RuneCountInString(got.Value) > 200 {
		t.Errorf("problem = %+v, want the beginning of the text", got)
	}
}

func TestDatesBecomeISO8601(t *testing.T) {
	for _, test := range []struct{ text, want, problem string }{
		{"2016", "2016", ""},
		{"2016-05", "2016-05", ""},
		{"2016-05-30", "2016-05-30", ""},
		{"2016-05-30T12:00:00Z", "2016-05-30T12:00:00Z", ""},
		{"2016-05-30T12:00:00.123456-05:00", "2016-05-30T17:00:00Z", ""},
		{"2016-05-30T12:00:00.123456", "2016-05-30T12:00:00Z", ""},
		{"2016-05-30 12:00", "2016-05-30T12:00:00Z", ""},
		{"2016-05-30T12:00:00-0500", "2016-05-30T17:00:00Z", ""},
		{"2016/05/30", "2016-05-30", "date_format modified"},
		{"2016-5-3", "2016-05-03", "date_format modified"},
		{"20160530", "2016-05-30", "date_format modified"},
		{"30/05/2016", "2016-05-30", "date_format modified"},
		{"30-05-2016 10:00:00", "2016-05-30", "date_format modified"},
		{"05/30/2016", "2016-05-30", "date_format modified"},
		{"03/04/2016", "2016-04-03", "date_day_first modified"},
		{"04/04/2016", "2016-04-04", "date_format modified"},
		{"05/2016", "2016-05", "date_format modified"},
		{"30 de mayo de 2016", "2016-05-30", "date_format modified"},
		{"Septiembre 2016", "2016-09", "date_format modified"},
		{"May 30, 2016", "2016-05-30", "date_format modified"},
		{"Mon, 30 May 2016 12:00:00 GMT", "2016-05-30T12:00:00Z", "date_format modified"},
		{"1464609600000", "2016-05-30T12:00:00Z", "date_format modified"},
		{"2016-05-30T99:00:00Z", "2016-05-30", "date_format modified"},
		{"2016-02-30", "", "date_invalid modified !"},
		{"9999-99-99", "", "date_invalid modified !"},
		{"0014-07-30", "", "date_invalid modified !"},
		{"sin fecha", "", "date_invalid modified !"},
		{"31 de abril de 2016", "", "date_invalid modified !"},
		{"2026-11-24", "2026-11-24", ""},
		{"2026-11-26", "", "date_in_future modified !"},
		{"2027", "", "date_in_future modified !"},
		{"2026", "2026", ""},
		{"R/P1D", "", "date_is_frequency modified"},
		{"", "", ""},
	} {
		t.Run(test.text, func(t *testing.T) {
			item := one(t, whole+`,"modified":`+quoted(t, test.text))
			if item.Record.Modified != test.want {
				t.Errorf("modified = %q, want %q", item.Record.Modified, test.want)
			}
			var want []string
			if test.problem != "" {
				want = []string{test.problem}
			}
			checkProblems(t, item.Problems, want...)
		})
	}
}

func TestFrequenciesBecomeRepeatingIntervals(t *testing.T) {
	for text, want := range map[string]string{
		"R/P1M": "R/P1M", "R/p1y": "R/P1Y", "P2W": "R/P2W", "R/PT1S": "realtime", "R/P0.5M": "R/P0.5M", "mensual": "R/P1M", "Quincenal": "R/P2W",
		"bianual": "R/P2Y", "Anual": "R/P1Y", "eventual": "irregular", "Según necesidad": "irregular", "tiempo real": "realtime", "unknown": "", "no aplica": "",
		"http://publications.europa.eu/resource/authority/frequency/ANNUAL_2": "R/P6M", "http://purl.org/cld/freq/biennial": "R/P2Y",
		"http://publications.europa.eu/resource/authority/frequency/UPDATE_CONT": "realtime", "Weekly": "R/P1W",
	} {
		item := one(t, whole+`,"accrualPeriodicity":`+quoted(t, text))
		if got := item.Record.AccrualPeriodicity; got != want || len(item.Problems) > 0 {
			t.Errorf("%q = %q with %v, want %q", text, got, short(item.Problems), want)
		}
	}
}

func TestOnlyAddressesOfTheWebSurvive(t *testing.T) {
	for _, test := range []struct{ text, want, problem string }{
		{"https://x.mx/a?b=c&d=e#f", "https://x.mx/a?b=c&d=e#f", ""},
		{"ftp://ftp.x.mx/a.zip", "ftp://ftp.x.mx/a.zip", ""},
		{" https://x.mx/a ", "https://x.mx/a", ""},
		{"HTTP://X.mx/A", "http://X.mx/A", ""},
		{"https://x.mx/año 2016/ñ.csv", "https://x.mx/a%C3%B1o%202016/%C3%B1.csv", "url_escaped landingPage"},
		{"https://x.mx/a%20b%C3%B1", "https://x.mx/a%20b%C3%B1", ""},
		{"https://x.mx/100%.csv", "https://x.mx/100%25.csv", "url_escaped landingPage"},
		{"https://x.mx/?a=1&amp;b=2", "https://x.mx/?a=1&b=2", "entities_in_text landingPage"},
		{"www.x.gob.mx/datos", "http://www.x.gob.mx/datos", "url_no_scheme landingPage"},
		{"datos.x.gob.mx:8080/a", "http://datos.x.gob.mx:8080/a", "url_no_scheme landingPage"},
		{"/a/b", "https://datos.ejemplo.org/a/b", "url_relative landingPage"},
		{"//x.mx/a", "https://x.mx/a", "url_relative landingPage"},
		{"https://ana:clave@x.mx/a", "https://x.mx/a", "url_credentials landingPage"},
		{"https://x.mx/a, https://x.mx/b", "https://x.mx/a", "url_several landingPage"},
		{"https://x.mx/a\u202Eb\x00", "https://x.mx/ab", "control_characters landingPage"},
		{"javascript:alert(1)", "", "url_unsafe landingPage !"},
		{"JaVaScRiPt:alert(1)", "", "url_unsafe landingPage !"},
		{"data:text/html,x", "", "url_unsafe landingPage !"},
		{"file:///etc/passwd", "", "url_unsafe landingPage !"},
		{"mailto:a@x.mx", "", "url_unsafe landingPage !"},
		{`\\servidor\carpeta\a.xls`, "", "url_unsafe landingPage !"},
		{"http://", "", "url_invalid landingPage !"},
		{"http:///a", "", "url_invalid landingPage !"},
		{"pendiente", "", "url_invalid landingPage !"},
		{"datos.csv", "", "url_invalid landingPage !"},
		{"http://[::1", "", "url_invalid landingPage !"},
		{"https://x.mx/" + strings.Repeat("a", 5000), "", "url_invalid landingPage !"},
	} {
		t.Run(test.text[:min(len(test.text), 40)], func(t *testing.T) {
			item := one(t, whole+`,"landingPage":`+quoted(t, test.text))
			got := item.Record.LandingPage
			if got != test.want {
				t.Errorf("landing page = %q, want %q", got, test.want)
			}
			if got != "" && !dcat.SafeURL(got) {
				t.Errorf("%q is not safe", got)
			}
			var want []string
			if test.problem != "" {
				want = []string{test.problem}
			}
			checkProblems(t, item.Problems, want...)
			for _, p := range item.Problems {
				if strings.Contains(p.Value, "clave") {
					t.Errorf("the report shows a password: %q", p.Value)
				}
			}
		})
	}
}

func TestMailAddresses(t *testing.T) {
	for _, test := range []struct{ text, want, problem string }{
		{"a@x.mx", "a@x.mx", ""},
		{"mailto:a@x.mx", "a@x.mx", ""},
		{"MAILTO:a@x.mx?subject=Hola", "a@x.mx", ""},
		{" a@x.mx ", "a@x.mx", ""},
		{"Ana <a@x.mx>", "a@x.mx", ""},
		{"a@x.mx; b@x.mx", "a@x.mx", "email_several contactPoint"},
		{"a@x.mx y b@x.mx", "a@x.mx", "email_several contactPoint"},
		{"a@x", "", "email_invalid contactPoint !"},
		{"@", "", "email_invalid contactPoint !"},
	} {
		item := one(t, whole+`,"contactPoint":`+quoted(t, test.text))
		if got := item.Record.Contact.Email; got != test.want {
			t.Errorf("%q = %q, want %q", test.text, got, test.want)
		}
		var want []string
		if test.problem != "" {
			want = []string{test.problem}
		}
		checkProblems(t, item.Problems, want...)
	}
}

func TestFormatsAreDecidedByAllThatIsKnown(t *testing.T) {
	for _, test := range []struct{ format, media, address, want, mediaWant, problem string }{
		{"csv", "", "https://x.mx/a", "CSV", "", ""},
		{".CSV", "text/csv; charset=utf-8", "https://x.mx/a.csv", "CSV", "text/csv", ""},
		{"", "text/csv", "https://x.mx/a", "CSV", "text/csv", ""},
		{"", "csv", "https://x.mx/a", "CSV", "text/csv", "media_type_format distribution[0].mediaType"},
		{"", "", "https://x.mx/a.PARQUET", "PARQUET", "", ""},
		{"", "", "https://x.mx/a.php?x=a.csv", "", "", ""},
		{"Excel", "", "https://x.mx/a.xls", "XLS", "", ""},
		{"Shapefile", "application/zip", "https://x.mx/a.zip", "SHP", "application/zip", ""},
		{"CSV", "", "https://x.mx/a.zip", "CSV", "", ""},
		{"CSV", "", "https://x.mx/a.pdf", "PDF", "", "format_mismatch distribution[0].format"},
		{"JSON", "", "https://x.mx/a.geojson", "GEOJSON", "", ""},
		{"GeoJSON", "", "https://x.mx/a.json", "GEOJSON", "", ""},
		{"API", "", "https://x.mx/a.json", "API", "", ""},
		{"application/vnd.ms-excel", "", "https://x.mx/a", "XLS", "", ""},
		{"https://www.iana.org/assignments/media-types/application/json", "", "https://x.mx/a", "JSON", "", ""},
		{"http://publications.europa.eu/resource/authority/file-type/XLSX", "", "https://x.mx/a", "XLSX", "", ""},
		{"E00", "", "https://x.mx/a", "E00", "", ""},
		{"una hoja con datos", "", "https://x.mx/a", "", "", ""},
		{"otro", "application/octet-stream", "https://x.mx/a.csv", "CSV", "application/octet-stream", ""},
		{"<b>", "no tipo", "https://x.mx/a", "", "", "media_type_format distribution[0].mediaType !"},
	} {
		t.Run(test.format+" "+test.media+" "+test.address, func(t *testing.T) {
			item := one(t, whole+fmt.Sprintf(`,"distribution":[{"title":"r","format":%q,"mediaType":%q,"downloadURL":%q}]`, test.format, test.media, test.address))
			res := item.Record.Resources[0]
			if res.Format != test.want || res.MediaType != test.mediaWant {
				t.Errorf("format %q and media type %q, want %q and %q", res.Format, res.MediaType, test.want, test.mediaWant)
			}
			var want []string
			if test.problem != "" {
				want = []string{test.problem}
			}
			checkProblems(t, item.Problems, want...)
		})
	}
}

func TestSizesAndDigests(t *testing.T) {
	for text, want := range map[string]int64{
		`12`: 12, `"12"`: 12, `1024.0`: 1024, `"1.2 MB"`: 1258291, `"12,5 kb"`: 12800, `"1,048,576"`: 1048576, `"350 KB"`: 358400, `null`: -1, `""`: -1, `"mucho"`: -1, `-1`: -1, `1e400`: -1,
	} {
		item := one(t, whole+`,"distribution":[{"title":"r","downloadURL":"https://x.mx/a","byteSize":`+text+`}]`)
		if got := item.Record.Resources[0].ByteSize; got != want {
			t.Errorf("%s = %d, want %d", text, got, want)
		}
	}
	for text, want := range map[string]string{
		`{"algorithm":"SHA-1","checksumValue":"DA39A3EE5E6B4B0D3255BFEF95601890AFD80709"}`: "sha1", `"md5:d41d8cd98f00b204e9800998ecf8427e"`: "md5",
		`{"algorithm":"SHA256","checksumValue":"da39a3ee5e6b4b0d3255bfef95601890afd80709"}`: "", `"abc"`: "", `null`: "",
	} {
		item := one(t, whole+`,"distribution":[{"title":"r","downloadURL":"https://x.mx/a","checksum":`+text+`}]`)
		if got := item.Record.Resources[0].ChecksumAlgorithm; got != want {
			t.Errorf("%s = %q, want %q", text, got, want)
		}
	}
}

func TestCoverage(t *testing.T) {
	box := &dcat.Box{West: -100, South: 19, East: -99, North: 20}
	for _, test := range []struct {
		text    string
		want    dcat.Spatial
		problem string
	}{
		{`"Ciudad de México"`, dcat.Spatial{Text: "Ciudad de México"}, ""},
		{`"09"`, dcat.Spatial{Text: "09"}, ""},
		{`["Jalisco","Colima"]`, dcat.Spatial{Text: "Jalisco, Colima"}, ""},
		{`"19,-100 20,-99"`, dcat.Spatial{Box: box}, ""},
		{`"-100,19,-99,20"`, dcat.Spatial{Box: box}, ""},
		{`[-100,19,-99,20]`, dcat.Spatial{Box: box}, ""},
		{`"ENVELOPE(-100,-99,20,19)"`, dcat.Spatial{Box: box}, ""},
		{`"POLYGON Z ((-100 19 5, -99 19 5, -99 20 5, -100 19 5))"`, dcat.Spatial{Box: box}, ""},
		{`{"type":"Polygon","coordinates":[[[-100,19],[-99,20],[-100,19]]]}`, dcat.Spatial{Box: box}, ""},
		{`"<gml:Envelope><gml:lowerCorner>19 -100</gml:lowerCorner><gml:upperCorner>20 -99</gml:upperCorner></gml:Envelope>"`, dcat.Spatial{Box: box}, ""},
		{`"-1000,19,-99,20"`, dcat.Spatial{}, "spatial_invalid spatial !"},
		{`"{\"type\":"`, dcat.Spatial{}, "spatial_invalid spatial !"},
		{`"POLYGON(("`, dcat.Spatial{}, "spatial_invalid spatial !"},
		{`"http://sws.geonames.org/3996063/"`, dcat.Spatial{}, ""},
	} {
		t.Run(test.text, func(t *testing.T) {
			item := one(t, whole+`,"spatial":`+test.text)
			if diff := cmp.Diff(test.want, item.Record.Spatial); diff != "" {
				t.Errorf("spatial (-want +got):\n%s", diff)
			}
			var want []string
			if test.problem != "" {
				want = []string{test.problem}
			}
			checkProblems(t, item.Problems, want...)
		})
	}
	for text, want := range map[string]dcat.Temporal{
		"2015/2016": {Start: "2015", End: "2016"}, "2015-01-01/..": {Start: "2015-01-01"}, "R/2015-01-01/P1Y": {Start: "2015-01-01"}, "2010-2015": {Start: "2010", End: "2015"},
		"de 2010 a 2015": {Start: "2010", End: "2015"}, "2015": {Start: "2015", End: "2015"}, "2010/presente": {Start: "2010"}, "enero 2010 a marzo 2011": {Start: "2010-01", End: "2011-03"},
	} {
		if got := one(t, whole+`,"temporal":`+quoted(t, text)).Record.Temporal; got != want {
			t.Errorf("%q = %+v, want %+v", text, got, want)
		}
	}
}

func TestListsHaveLimits(t *testing.T) {
	var keywords, members []string
	for i := range 1000 {
		keywords = append(keywords, fmt.Sprintf(`"palabra %d"`, i))
		members = append(members, fmt.Sprintf(`"x%d":"y"`, i))
	}
	distributions := strings.Repeat(`{"title":"r","downloadURL":"https://x.mx/a"},`, 1100)
	item := one(t, whole+`,"keyword":[`+strings.Join(keywords, ",")+`],"distribution":[`+strings.TrimSuffix(distributions, ",")+`],`+strings.Join(members, ","))
	rec := item.Record
	if len(rec.Keywords) != 200 || len(rec.Resources) != 1000 || len(rec.Extras) != 100 {
		t.Errorf("%d keywords, %d resources, %d extras: want 200, 1000, 100", len(rec.Keywords), len(rec.Resources), len(rec.Extras))
	}
	if n := len(item.Problems); n != 101 || item.Problems[100].Code != dcat.ProblemsCut {
		t.Errorf("%d problems, want 100 and the remark that there are more", n)
	}
	keys := make(map[string]bool)
	for _, res := range rec.Resources {
		if keys[res.SourceKey] {
			t.Fatalf("the resource key %q is repeated", res.SourceKey)
		}
		keys[res.SourceKey] = true
	}
}
