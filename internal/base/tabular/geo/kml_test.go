package geo_test

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"plaza/internal/base/tabular/geo"
)

const places = `<?xml version="1.0" encoding="UTF-8"?>
<kml xmlns="http://www.opengis.net/kml/2.2" xmlns:gx="http://www.google.com/kml/ext/2.2"><Document><name>Doc</name>
<Schema name="s"><SimpleField name="CVE" type="string"/></Schema>
<Folder><name>Parques</name>
 <Placemark id="a"><name>Alameda</name><description><![CDATA[<b>Centro</b><br>Hidr&aacute;ulica]]></description>
  <Style><IconStyle><Icon><href>x.png</href></Icon></IconStyle></Style>
  <ExtendedData><SchemaData schemaUrl="#s"><SimpleData name="CVE">09015</SimpleData></SchemaData></ExtendedData>
  <Point><coordinates>-99.144,19.4358,0</coordinates></Point></Placemark>
 <Folder><name>Norte</name>
  <Placemark><ExtendedData><Data name="Área"><displayName>x</displayName><value>3.5</value></Data></ExtendedData>
   <Polygon><innerBoundaryIs><LinearRing><coordinates>1,1 2,1 2,2 1,1</coordinates></LinearRing></innerBoundaryIs>
   <outerBoundaryIs><LinearRing><coordinates>
     0,0,5 9,0,5
     9,9,5 </coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark></Folder>
 <Placemark><name>líneas</name><MultiGeometry><LineString><coordinates>1,2 3,4</coordinates></LineString><LineString><coordinates>5,6 7,8</coordinates></LineString></MultiGeometry></Placemark>
</Folder>
<Placemark><MultiGeometry><Point><coordinates>1,2</coordinates></Point><MultiGeometry><LineString><coordinates>1,2 3,4</coordinates></LineString></MultiGeometry></MultiGeometry></Placemark>
<Placemark><name>sin lugar</name></Placemark>
<Placemark><name>recorrido</name><gx:Track><gx:coord>1 2 3</gx:coord></gx:Track></Placemark>
<Placemark><name>mal</name><Point><coordinates>uno,dos</coordinates></Point></Placemark>
</Document></kml>`

func TestPlacemarksOfAllFoldersAreRows(t *testing.T) {
	got := openOne(t, geo.KML, write(t, "a.kml", []byte(places)))
	if diff := cmp.Diff([]string{"name", "description", "carpeta", "CVE", "Área", "geometria"}, got.src.Labels); diff != "" {
		t.Fatal(diff)
	}
	geometries := shown(t, got.column(t, "geometria"))
	var rows [][]string
	for i, r := range got.rows {
		rows = append(rows, append(r[:5:5], geometries[i]))
	}
	if diff := cmp.Diff([][]string{
		{"Alameda", "Centro Hidráulica", "Parques", "09015", "", "POINT(-99.144 19.4358)"},
		{"", "", "Parques / Norte", "", "3.5", "POLYGON((0 0,9 0,9 9,0 0),(1 1,2 1,2 2,1 1))"},
		{"líneas", "", "Parques", "", "", "MULTILINESTRING((1 2,3 4),(5 6,7 8))"},
		{"", "", "", "", "", "GEOMETRYCOLLECTION(POINT(1 2),MULTILINESTRING((1 2,3 4)))"},
		{"sin lugar", "", "", "", "", ""},
		{"recorrido", "", "", "", "", ""},
		{"mal", "", "", "", "", ""},
	}, rows); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(map[string]int64{"g04": 2, "g06": 1, "g08": 1}, got.codes()); diff != "" {
		t.Error(diff)
	}
}

func TestBrokenKMLIsAFaultWithItsPlace(t *testing.T) {
	deep := `<kml><Placemark>` + strings.Repeat("<MultiGeometry>", 50_000)
	for _, c := range []struct {
		name, text, code string
		rows             int
	}{
		{"empty", "", "geo_none", 0},
		{"other XML", "<rss><channel/></rss>", "geo_none", 0},
		{"text", "hola", "geo_none", 0},
		{"cut short", places[:strings.Index(places, "Norte")+200], "geo_broken", 1},
		{"broken tag", "<kml><Document><Placemark><na<me></Placemark>", "geo_broken", 0},
		{"unknown encoding", `<?xml version="1.0" encoding="klingon"?><kml/>`, "geo_broken", 0},
		{"50,000 levels", deep, "geo_broken", 0},
	} {
		found, err := geo.KML(context.Background(), write(t, "a.kml", []byte(c.text)))
		var got table
		if err == nil {
			got = readAll(t, found[0])
			err = got.err
		}
		if faultOf(err) != c.code || len(got.rows) != c.rows {
			t.Errorf("%s: %v after %d rows", c.name, err, len(got.rows))
		}
	}
}

func TestKMLInLatin1AndWithEntitiesIsRead(t *testing.T) {
	got := openOne(t, geo.KML, write(t, "a.kml", []byte("<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><kml><Placemark><name>Quer\xe9taro &ntilde;</name></Placemark></kml>")))
	if got.rows[0][0] != "Querétaro ñ" {
		t.Errorf("%q", got.rows[0])
	}
}

func FuzzKML(f *testing.F) {
	f.Add([]byte(places))
	f.Fuzz(func(t *testing.T, data []byte) { readHostile(t, geo.KML, write(t, "a.kml", data)) })
}
