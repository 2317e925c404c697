package geo_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/charmap"

	"plaza/internal/base/tabular"
	"plaza/internal/base/tabular/geo"
)

// shp writes a shapefile of records; each is its content after the record's header.
func shp(box [4]float64, records ...[]byte) []byte {
	head := make([]byte, 100)
	binary.BigEndian.PutUint32(head, 9994)
	binary.BigEndian.PutUint32(head[24:], 50)
	for i, f := range box {
		binary.LittleEndian.PutUint64(head[36+8*i:], math.Float64bits(f))
	}
	for i, r := range records {
		head = binary.BigEndian.AppendUint32(head, uint32(i+1))
		head = append(binary.BigEndian.AppendUint32(head, uint32(len(r)/2)), r...)
	}
	return head
}

func le(nums ...any) []byte {
	var b bytes.Buffer
	for _, n := range nums {
		if i, ok := n.(int); ok {
			n = uint32(i)
		}
		_ = binary.Write(&b, binary.LittleEndian, n)
	}
	return b.Bytes()
}

// parts writes a line or polygon of rings, or with heights after them.
func parts(kind int, rings ...[]float64) []byte {
	var starts, points []byte
	n := 0
	for _, r := range rings {
		starts = append(starts, le(n)...)
		points = append(points, le(r)...)
		n += len(r) / 2
	}
	out := append(le(kind, [4]float64{}, len(rings), n), append(starts, points...)...)
	if kind > 10 {
		out = append(out, le([2]float64{}, make([]float64, n))...)
	}
	return out
}

type dbfField struct {
	name string
	kind byte
	size int
}

// dbf writes a table; a row that begins with "*" is deleted.
func dbf(count int, fields []dbfField, rows ...[]string) []byte {
	size := 1
	for _, f := range fields {
		size += f.size
	}
	out := append(le(0x0d0b7203, count, uint16(33+32*len(fields)), uint16(size)), make([]byte, 20)...)
	for _, f := range fields {
		d := make([]byte, 32)
		copy(d, f.name)
		d[11], d[16] = f.kind, byte(f.size)
		out = append(out, d...)
	}
	out = append(out, 0x0d)
	for _, r := range rows {
		mark := byte(' ')
		if r[0] == "*" {
			mark, r = '*', r[1:]
		}
		out = append(out, mark)
		for i, f := range fields {
			out = append(out, append([]byte(r[i]), bytes.Repeat([]byte{' '}, f.size-len(r[i]))...)...)
		}
	}
	return append(out, 0x1a)
}

// beside writes files into one folder and gives the .shp.
func beside(tb testing.TB, files map[string][]byte) tabular.File {
	tb.Helper()
	dir := tb.TempDir()
	var f tabular.File
	for name, b := range files {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			tb.Fatal(err)
		}
		if e := filepath.Ext(name); e == ".shp" || e == ".SHP" {
			f = tabular.File{Path: filepath.Join(dir, name), Name: name}
		}
	}
	return f
}

var (
	degrees = [4]float64{-118, 14, -86, 33}
	fields  = []dbfField{{"CVE", 'C', 5}, {"Año", 'N', 8}, {"FECHA", 'D', 8}, {"VIGENTE", 'L', 1}, {"VALOR", 'F', 9}}
)

func TestAShapefileIsReadWithItsAttributes(t *testing.T) {
	outer, hole := []float64{0, 0, 0, 9, 9, 9, 9, 0, 0, 0}, []float64{1, 1, 2, 1, 2, 2, 1, 2, 1, 1}
	island := []float64{20, 0, 20, 5, 25, 5, 25, 0, 20, 0}
	got := openOne(t, geo.Shapefile, beside(t, map[string][]byte{
		"Mapa.SHP": shp(degrees, le(1, 1.5, 2.5), parts(5, outer, hole, island), le(0), parts(13, []float64{1, 2, 3, 4}), le(11, 7.0, 8.0, 99.0), le(8, [4]float64{}, 2, []float64{1, 2, 3, 4}), parts(3, []float64{1, 2, 3, 4}, []float64{5, 6, 7, 8}), parts(5, hole)),
		"mapa.dbf": dbf(999, fields,
			[]string{"01", "2020", "20200131", "T", "1.5"}, []string{"02", "-1", "00000000", "N", "1.5e3"}, []string{"03", "****", "", "?", ""},
			[]string{"*", "04", "", "", "", ""}, []string{"Ñu\xf1", "", "", "", ""}, []string{"06", "", "", "", ""}, []string{"07", "", "", "", ""}, []string{"08", "", "", "", ""}),
		"MAPA.CPG": []byte("UTF-8\r\n"), "mapa.Prj": []byte(`GEOGCS["GCS_WGS_1984",DATUM["D_WGS_1984",SPHEROID["WGS_1984",6378137.0,298.257223563]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]`),
	}))
	geometries := shown(t, got.column(t, "geometria"))
	var rows [][]string
	for i, r := range got.rows {
		rows = append(rows, append(r[:5:5], geometries[i]))
	}
	if diff := cmp.Diff([][]string{
		{"01", "2020", "2020-01-31", "true", "1.5", "POINT(1.5 2.5)"},
		{"02", "-1", "", "false", "1.5e3", "MULTIPOLYGON(((0 0,0 9,9 9,9 0,0 0),(1 1,2 1,2 2,1 2,1 1)),((20 0,20 5,25 5,25 0,20 0)))"},
		{"03", "", "", "", "", ""},
		{"Ñu\uFFFD", "", "", "", "", "POINT(7 8)"},
		{"06", "", "", "", "", "MULTIPOINT((1 2),(3 4))"},
		{"07", "", "", "", "", "MULTILINESTRING((1 2,3 4),(5 6,7 8))"},
		{"08", "", "", "", "", "POLYGON((1 1,2 1,2 2,1 2,1 1))"},
	}, rows); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]tabular.Type{"", "", tabular.Date, tabular.Boolean, "", tabular.Geometry}, got.src.Known); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(tabular.Layout{Encoding: "utf-8", Projection: "GCS_WGS_1984"}, got.src.Layout); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(map[string]int64{"g08": 1}, got.codes()); diff != "" {
		t.Error(diff)
	}
}

func TestTheEncodingOfAttributesIsGuessedBySpanishLetters(t *testing.T) {
	field := []dbfField{{"NOMBRE", 'C', 40}}
	const name = "Peñamiller, Querétaro, ÁÉÍ"
	for _, c := range []struct {
		name   string
		set    *charmap.Charmap
		cpg    string
		want   string
		unsure bool
	}{
		{"utf-8", nil, "", "utf-8", false},
		{"windows", charmap.Windows1252, "", "windows-1252", true},
		{"dos", charmap.CodePage850, "", "cp850", true},
		{"said", charmap.ISO8859_1, "ISO-8859-1", "iso-8859-1", false},
		{"said ansi", charmap.Windows1252, "ANSI 1252", "windows-1252", false},
		{"said nonsense", charmap.CodePage850, "???", "cp850", true},
		{"said wrongly", charmap.Windows1252, "UTF-8", "windows-1252", true},
	} {
		cell := name
		if c.set != nil {
			cell, _ = c.set.NewEncoder().String(name)
		}
		files := map[string][]byte{"a.shp": shp(degrees, le(0)), "a.dbf": dbf(1, field, []string{cell}), "a.prj": []byte(`GEOGCS["x",UNIT["Degree",0.017453292519943295]]`)}
		if c.cpg != "" {
			files["a.cpg"] = []byte(c.cpg)
		}
		got := openOne(t, geo.Shapefile, beside(t, files))
		if got.rows[0][0] != name || got.src.Layout.Encoding != c.want || (len(got.src.Layout.Unsure) > 0) != c.unsure {
			t.Errorf("%s: %q %+v", c.name, got.rows[0][0], got.src.Layout)
		}
	}
}

// A field of 254 bytes ends in the middle of a letter now and then.
func TestALetterThatAFieldCutsDoesNotMakeAllOthersStrange(t *testing.T) {
	got := openOne(t, geo.Shapefile, beside(t, map[string][]byte{
		"a.shp": shp(degrees, le(0), le(0)), "a.dbf": dbf(2, []dbfField{{"NOMBRE", 'C', 8}}, []string{"Mérida"}, []string{"Yucat\xc3\xa1\xc3"}),
	}))
	if diff := cmp.Diff([]string{"Mérida", "Yucatá\uFFFD"}, got.column(t, "NOMBRE")); diff != "" || got.src.Layout.Encoding != "utf-8" {
		t.Error(got.src.Layout, diff)
	}
}

func TestFieldsOfFoxProAreNumbersAndMoments(t *testing.T) {
	kinds := []dbfField{{"I", 'I', 4}, {"B", 'B', 8}, {"Y", 'Y', 8}, {"T", 'T', 8}, {"M", 'M', 10}}
	got := openOne(t, geo.Shapefile, beside(t, map[string][]byte{"a.shp": shp(degrees, le(0), le(0)), "a.dbf": dbf(2, kinds,
		[]string{string(le(int32(-7))), string(le(2.5)), string(le(int64(-12345000))), string(le(uint32(2440589), uint32(45_000_500))), "        12"},
		[]string{string(le(0)), string(le(0.0)), string(le(0, 0)), string(le(0, 0)), ""},
	)}))
	for i, want := range [][]string{{"-7", "2.5", "-1234.5", "1970-01-02T12:30:00.5", "", ""}, {"0", "0", "0", "", "", ""}} {
		if diff := cmp.Diff(want, got.rows[i]); diff != "" {
			t.Error(diff)
		}
	}
}

func TestRingsThatAllGoTheWrongWayKeepTheirHoles(t *testing.T) {
	outer, hole := []float64{0, 0, 9, 0, 9, 9, 0, 9, 0, 0}, []float64{1, 1, 1, 2, 2, 2, 2, 1, 1, 1}
	got := openOne(t, geo.Shapefile, beside(t, map[string][]byte{"a.shp": shp(degrees, parts(5, hole, outer))}))
	if diff := cmp.Diff([]string{"POLYGON((0 0,9 0,9 9,0 9,0 0),(1 1,1 2,2 2,2 1,1 1))"}, shown(t, got.column(t, "geometria"))); diff != "" {
		t.Error(diff)
	}
}

func TestHeightsOfZeroAreNoLoss(t *testing.T) {
	const dropped = "g08"
	flat, none := parts(13, []float64{1, 2, 3, 4}), parts(23, []float64{1, 2, 3, 4})
	copy(none[len(none)-32:], le(-1e39, -1e39))
	high := parts(15, []float64{0, 0, 0, 9, 9, 9, 9, 0, 0, 0})
	copy(high[len(high)-7*8:], le(0.0, 2240.0))
	got := openOne(t, geo.Shapefile, beside(t, map[string][]byte{"a.shp": shp(degrees, le(11, 7.0, 8.0, 0.0), flat, none, high, le(18, [4]float64{}, 1, 1.0, 2.0, 0.0, 5.0, 5.0))}))
	if got.codes()[dropped] != 2 {
		t.Error(got.src.Problems.List())
	}
	got = openOne(t, geo.GeoJSON, write(t, "a.geojson", []byte(`[{"type":"Point","coordinates":[1,2,0.0]},{"type":"Point","coordinates":[1,2,null]},{"type":"Point","coordinates":[1,2,-3]}]`)))
	if got.codes()[dropped] != 1 {
		t.Error(got.src.Problems.List())
	}
}

func TestTheEdgeOfTheWorldIsPartOfIt(t *testing.T) {
	got := openOne(t, geo.GeoJSON, write(t, "a.geojson", []byte(`[{"type":"Point","coordinates":[180.00000000000003,-90.0000001]},{"type":"Point","coordinates":[180.1,0]}]`)))
	if diff := cmp.Diff([]string{"POINT(180 -90)", ""}, shown(t, got.column(t, "geometria"))); diff != "" || got.codes()["g05"] != 1 {
		t.Error(diff, got.codes())
	}
}

// A vertex of this ring lies on one of its edges. In degrees it lies beside it, for what is
// straight in metres is bent there.
func TestWhatTouchesInMetresDoesNotCrossInDegrees(t *testing.T) {
	ring := []float64{400000, 2300000, 600000, 2300000, 600000, 2100000, 550000, 2100000, 500000, 2300000, 450000, 2100000, 400000, 2100000, 400000, 2300000}
	got := openOne(t, geo.Shapefile, beside(t, map[string][]byte{"a.shp": shp(degrees, parts(5, ring)), "a.prj": []byte(utm14)}))
	if got.codes()["g07"] != 0 || got.rows[0][0] == "" {
		t.Error(got.src.Problems.List())
	}
}

func TestAShapefileWithoutItsFellowsOpens(t *testing.T) {
	got := openOne(t, geo.Shapefile, beside(t, map[string][]byte{"a.shp": shp(degrees, le(1, -99.0, 19.0))}))
	if diff := cmp.Diff([][]string{{got.rows[0][0]}}, got.rows); diff != "" || got.rows[0][0] == "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"projection"}, got.src.Layout.Unsure); diff != "" {
		t.Error(diff)
	}
	_, err := geo.Shapefile(context.Background(), beside(t, map[string][]byte{"a.shp": shp([4]float64{486017, 2148700, 486018, 2148701}, le(1, 486017.0, 2148700.0))}))
	if faultOf(err) != "no_projection" {
		t.Error(err)
	}
}

func TestShapesAndAttributesThatDoNotPairAreSaid(t *testing.T) {
	got := openOne(t, geo.Shapefile, beside(t, map[string][]byte{
		"a.shp": shp(degrees, le(1, 1.0, 2.0), le(1, 3.0, 4.0)), "a.dbf": dbf(1, []dbfField{{"A", 'C', 1}}, []string{"x"}),
	}))
	if len(got.rows) != 2 || got.rows[1][0] != "" || got.codes()["r01"] != 1 {
		t.Error(got.rows, got.codes())
	}
}

// Editors that move a record leave a gap, which only the index tells.
func TestGapsBetweenShapesAreSteppedOver(t *testing.T) {
	whole := shp(degrees, le(1, 1.0, 2.0), le(1, 3.0, 4.0), le(1, 5.0, 6.0))
	gap := append(bytes.Clone(whole[:128]), bytes.Repeat([]byte{0xAB}, 60)...)
	gap = append(append(gap, whole[128:]...), bytes.Repeat([]byte{0xAB}, 60)...)
	index := bytes.Clone(whole[:100])
	for _, at := range []uint32{100, 188, 216} {
		index = binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(index, at/2), 10)
	}
	want := []string{"POINT(1 2)", "POINT(3 4)", "POINT(5 6)"}
	for name, c := range map[string]struct{ shp, shx []byte }{
		"a gap":            {gap, index},
		"none":             {whole, nil},
		"an index of lies": {whole, index},
		"a short index":    {whole, index[:104]},
		"an empty index":   {whole, nil},
	} {
		files := map[string][]byte{"a.shp": c.shp, "a.SHX": c.shx}
		got := openOne(t, geo.Shapefile, beside(t, files))
		if diff := cmp.Diff(want, shown(t, got.column(t, "geometria"))); diff != "" || got.err != nil {
			t.Errorf("%s: %v %s", name, got.err, diff)
		}
	}
	got := openOne(t, geo.Shapefile, beside(t, map[string][]byte{"a.shp": gap}))
	if faultOf(got.err) != "geo_broken" || len(got.rows) != 1 {
		t.Errorf("without an index: %v after %d rows", got.err, len(got.rows))
	}
}

func TestShapefilesThatLieAreSurvived(t *testing.T) {
	whole := shp(degrees, le(1, 1.0, 2.0), le(1, 3.0, 4.0))
	for _, c := range []struct {
		name, code string
		shp, dbf   []byte
		rows       int
		cells      int // rows with a geometry
	}{
		{"empty", "geo_broken", nil, nil, 0, 0},
		{"other file", "geo_broken", bytes.Repeat([]byte("x"), 200), nil, 0, 0},
		{"cut in a record", "geo_broken", whole[:len(whole)-3], nil, 1, 1},
		{"cut in a header", "geo_broken", whole[:len(whole)-25], nil, 1, 1},
		{"length beyond the file", "geo_broken", append(bytes.Clone(whole), 0, 0, 0, 3, 0x7f, 0xff, 0xff, 0xff), nil, 2, 2},
		{"counts beyond the record", "", shp(degrees, le(5, [4]float64{}, 0xffffffff, 0xffffffff), le(8, [4]float64{}, 0xffffffff), le(3, [4]float64{}, 1, 5, 0, 1.0)), nil, 3, 0},
		{"parts out of order", "", shp(degrees, le(5, [4]float64{}, 2, 4, 3, 1, make([]float64, 8))), nil, 1, 0},
		{"record of nothing", "", shp(degrees, nil), nil, 1, 0},
		{"no such kind", "", shp(degrees, le(77)), nil, 1, 0},
		{"multipatch", "", shp(degrees, le(31, [4]float64{})), nil, 1, 0},
		{"NaN", "", shp(degrees, le(1, math.NaN(), 1.0)), nil, 1, 0},
		{"dbf cut short", "geo_broken", whole, []byte{3}, 0, 0},
		{"dbf of nothing", "geo_broken", whole, make([]byte, 64), 0, 0},
		{"dbf fields beyond the record", "geo_broken", whole, append(le(3, 1, uint16(65), uint16(5)), append(make([]byte, 20), append(append(make([]byte, 16), 200), make([]byte, 16)...)...)...), 0, 0},
	} {
		files := map[string][]byte{"a.shp": c.shp}
		if c.dbf != nil {
			files["a.dbf"] = c.dbf
		}
		found, err := geo.Shapefile(context.Background(), beside(t, files))
		var got table
		if err == nil {
			got = readAll(t, found[0])
			err = got.err
		}
		cells := 0
		for _, r := range got.rows {
			if r[len(r)-1] != "" {
				cells++
			}
		}
		if faultOf(err) != c.code || len(got.rows) != c.rows || cells != c.cells {
			t.Errorf("%s: %v after %d rows, %d geometries", c.name, err, len(got.rows), cells)
		}
	}
}

func FuzzShapefile(f *testing.F) {
	f.Add(bytes.Repeat([]byte{0}, 116), shp(degrees, le(1, 1.0, 2.0), parts(5, []float64{0, 0, 0, 9, 9, 9, 9, 0, 0, 0}, []float64{1, 1, 2, 1, 2, 2, 1, 2, 1, 1}), parts(13, []float64{1, 2, 3, 4}), le(8, [4]float64{}, 2, []float64{1, 2, 3, 4})))
	f.Fuzz(func(t *testing.T, index, data []byte) {
		readHostile(t, geo.Shapefile, beside(t, map[string][]byte{"a.shp": data, "a.shx": index}))
	})
}

func FuzzDBF(f *testing.F) {
	f.Add(dbf(2, fields, []string{"01", "2020", "20200131", "T", "1.5"}, []string{"*", "04", "", "", "", ""}), "1252")
	f.Fuzz(func(t *testing.T, data []byte, cpg string) {
		readHostile(t, geo.Shapefile, beside(t, map[string][]byte{"a.shp": shp(degrees, le(0)), "a.dbf": data, "a.cpg": []byte(cpg)}))
	})
}
