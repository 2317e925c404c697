package tree_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"plaza/internal/base/tabular"
	"plaza/internal/base/tabular/tree"
)

func TestTheElementThatRepeatsIsTheRecord(t *testing.T) {
	for name, c := range map[string]struct {
		in   string
		want table
	}{
		"prices": {`<?xml version="1.0" encoding="utf-8"?><places>
			<place place_id="1"><name>Uno &amp; más</name><gas_price type="regular">20.9</gas_price><gas_price type="premium">22</gas_price></place>
			<place place_id="2"><name><![CDATA[<Dos>]]></name><gas_price type="regular">20.5</gas_price></place></places>`,
			table{path: "places.place[]",
				labels: []string{"place_id", "name", "gas_price.type", "gas_price", "gas_price_2.type", "gas_price_2"},
				rows:   []string{"1|Uno & más|regular|20.9|premium|22", "2|<Dos>|regular|20.5||"}}},
		"a feed": {`<rss xmlns:dc="http://purl.org/dc"><channel><title>Canal</title>
			<item><title>A</title><dc:creator>x</dc:creator><category>1</category><category>2</category></item>
			<item><title>B</title></item></channel></rss>`,
			table{path: "rss.channel.item[]", labels: []string{"title", "creator", "category"}, rows: []string{"A|x|1; 2", "B||"}}},
		"an envelope": {`<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><R xmlns="urn:x"><Row><a>1</a><b><c>2</c></b></Row><Row><a>3</a></Row></R></s:Body></s:Envelope>`,
			table{path: "Envelope.Body.R.Row[]", labels: []string{"a", "b.c"}, rows: []string{"1|2", "3|"}}},
		"what is around": {`<pais><estado cve="01"><nombre>Ags</nombre><mun n="001"/><mun n="002"/></estado><estado cve="02"><mun n="001"/></estado></pais>`,
			table{path: "pais.estado[]", labels: []string{"cve", "nombre", "mun.n", "mun_2.n"}, rows: []string{"01|Ags|001|002", "02||001|"}}},
		"what is around more often": {`<pais><estado cve="01"><nombre>Ags</nombre><mun n="001"/><mun n="002"/><mun n="003"/></estado><estado cve="02"><mun n="001"/></estado></pais>`,
			table{path: "pais.estado.mun[]", labels: []string{"estado.cve", "estado.nombre", "n"}, rows: []string{"01|Ags|001", "01|Ags|002", "01|Ags|003", "02||001"}}},
		"an attribute called as a child": {`<r><e id="1"><id>a</id></e><e id="2"/></r>`,
			table{path: "r.e[]", labels: []string{"@id", "id"}, rows: []string{"1|a", "2|"}}},
		"plain elements":    {`<l><v>1</v><v/><v>3</v></l>`, table{path: "l.v[]", labels: []string{"valor"}, rows: []string{"1", "", "3"}}},
		"one record":        {`<r a="1"><b>2</b></r>`, table{path: "r", labels: []string{"a", "b"}, rows: []string{"1|2"}}},
		"latin":             {"<?xml version='1.0' encoding='ISO-8859-1'?><r><e>ni\xf1o</e><e>2</e></r>", table{path: "r.e[]", labels: []string{"valor"}, rows: []string{"niño", "2"}}},
		"windows":           {"<?xml version=\"1.0\" encoding=\"windows-1252\"?><r><e>\x80 5</e><e>2</e></r>", table{path: "r.e[]", labels: []string{"valor"}, rows: []string{"€ 5", "2"}}},
		"latin that is not": {"<?xml version=\"1.0\" encoding=\"iso-8859-1\"?><r><e>niño</e><e>2</e></r>", table{path: "r.e[]", labels: []string{"valor"}, rows: []string{"niño", "2"}}},
		"utf-16": {"\xff\xfe" + wide(`<?xml version="1.0" encoding="UTF-16"?><r><e>niño</e><e>2</e></r>`, false),
			table{path: "r.e[]", labels: []string{"valor"}, rows: []string{"niño", "2"}}},
		"cut":   {`<r><e><a>1</a></e><e><a>2</a></e><e><a>3`, table{path: "r.e[]", labels: []string{"a"}, rows: []string{"1", "2"}, fault: "xml_truncated"}},
		"wrong": {`<r><e><a>1</a></e><e><a>2</a></e><e></r>`, table{path: "r.e[]", labels: []string{"a"}, rows: []string{"1", "2"}, fault: "xml_syntax"}},
	} {
		t.Run(name, func(t *testing.T) { check(t, []table{c.want}, open(t, tree.XML, c.in)) })
	}
}

func TestXMLThatIsATrapIsRefused(t *testing.T) {
	for in, want := range map[string]string{
		"": "empty",
		`<!DOCTYPE r [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><r><e>&b;</e><e/></r>`: "xml_dtd",
		`<!DOCTYPE r SYSTEM "file:///etc/passwd"><r>&x;</r>`:                       "xml_entity",
		`<r>&nbsp;</r>`:                               "xml_entity",
		strings.Repeat("<a>", 100_000):                "depth",
		`<?xml version="1.0" encoding="x-nada"?><r/>`: "encoding",
		`<r>` + strings.Repeat("x", 20<<20) + `</r>`:  "cell_too_long",
		`<r ` + strings.Repeat("x", 20<<20) + `/>`:    "cell_too_long",
		`hola`:                                "empty",
		`<r`:                                  "xml_truncated",
		"<r>\x01</r>":                         "xml_syntax",
		"<r>" + manyElements(30_000) + "</r>": "columns",
	} {
		check(t, []table{{fault: want}}, open(t, tree.XML, in))
	}
}

func manyElements(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString("<k" + strings.Repeat("a", i%100) + strings.Repeat("b", i/100) + "/>")
	}
	return b.String()
}

func TestAFaultOfXMLSaysItsLineAndByte(t *testing.T) {
	_, err := tree.XML(context.Background(), file(t, "<r>\n<e></x></r>"))
	var f *tabular.Fault
	if !errors.As(err, &f) || f.Line != 2 || f.Byte < 7 || f.Byte > 12 {
		t.Errorf("fault %+v", f)
	}
}

func TestMangledTextInXMLIsReplacedAndReported(t *testing.T) {
	sources, err := tree.XML(context.Background(), file(t, "<r><e>niño\xff</e><e>2</e></r>"))
	if err != nil {
		t.Fatal(err)
	}
	if got := readAll(t, sources[0]).rows[0]; got != "niño\ufffd" {
		t.Errorf("cell %q", got)
	}
	if p := sources[0].Problems.List(); len(p) != 1 || p[0].Code != "i12" || p[0].Column != "e" {
		t.Errorf("problems %+v", p)
	}
}

func FuzzXML(f *testing.F) {
	fuzz(f, tree.XML, `<a><b c="1">x</b><b><d/><d e="1"/></b></a>`, `<?xml version="1.0" encoding="latin1"?><a><b/>`,
		`<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>`, `<p><s c="1"><n>x</n><m/><m/><m/></s><s/></p>`)
}
