package infer

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"plaza/internal/base/tabular"
)

// many repeats cells until there are at least n.
func many(n int, cells ...string) (out []string) {
	for len(out) < n {
		out = append(out, cells...)
	}
	return out
}

// judged is the only column of a table.
func judged(t *testing.T, label string, fix tabular.Correction, cells ...string) tabular.Column {
	t.Helper()
	r, err := Table(t.Context(), column1(label, cells...), fix, 2)
	if err != nil {
		t.Fatal(err)
	}
	return r.Columns[0]
}

// stored is a cell as the engine stores it, as text.
func stored(t *testing.T, c tabular.Column, cell string) string {
	t.Helper()
	p := ParserOf(c)
	b := []byte(cell)
	var out any
	var v Verdict
	switch {
	case p.Int != nil:
		var n int64
		n, v = p.Int(b)
		out = n
		if c.Type == tabular.DateTime {
			out = time.UnixMicro(n).UTC().Format("2006-01-02T15:04:05.999999")
		}
		if c.Type == tabular.Time {
			out = time.UnixMicro(n).UTC().Format("15:04:05.999999")
		}
	case p.Day != nil:
		var d int32
		d, v = p.Day(b)
		out = time.Unix(int64(d)*86400, 0).UTC().Format("2006-01-02")
	case p.Float != nil:
		out, v = p.Float(b)
	case p.Bool != nil:
		out, v = p.Bool(b)
	default:
		var dst []byte
		dst, v = p.Text(nil, b)
		out = string(dst)
	}
	switch v {
	case Nothing:
		return "nothing"
	case Odd:
		return "odd"
	}
	return fmt.Sprint(out)
}

func TestEachTypeAndFormatIsFoundAndItsValuesAreRead(t *testing.T) {
	for _, c := range []struct {
		label, want string // type format meaning unit doubts
		cells       string // parted by |
		values      string // of the first cells
	}{
		{"total", "integer 0", "1|20|-3|0|+7", "1|20|-3|0|7"},
		{"total", "integer 0,000", "1,234|12|1,234,567|-1,000", "1234|12|1234567|-1000"},
		{"total", "integer 0,000 thousands", "1,234|12|2,000", "1234|12|2000"},
		{"total", "integer 0.000", "1.234.567|2.500|12", "1234567|2500|12"},
		{"total", "integer 0,000", "1 234|12|1 234 567", "1234|12|1234567"},
		{"folio", "code 0.0 floats", "1001.0|2345.0|777.0", "1001|2345|777"},
		{"población", "decimal 0.0", "1001.0|2345.0|777.0", "1001|2345|777"},
		{"numero", "code", "12345678901234567890|99999999999999999999|12345678901234567891", "12345678901234567890"},
		{"monto", "decimal 0.0", "12.5|-0.25|3|.5|1.5E+3", "12.5|-0.25|3|0.5|1500"},
		{"monto", "decimal 0,000.0", "1,234.56|12.5|1,234", "1234.56|12.5|1234"},
		{"monto", "decimal 0,0", "12,5|3,25|1,234", "12.5|3.25|1.234"},
		{"monto", "decimal 0.000,0", "1.234,56|12,5|1.234", "1234.56|12.5|1234"},
		{"monto", "decimal 0.0 thousands_point", "1.234|2.345", "1.234|2.345"},
		{"costo", "money 0.0 MXN", "$ 414.72|$5|$-5|-$7.5|$ (5.00)", "414.72|5|-5|-7.5"},
		{"costo", "money 0,000.0 USD", "1,234.56 USD|12 USD|USD 7", "1234.56|12|7"},
		{"costo", "money 0.0 MXN", "MXN 12|(5.00)|35.84 pesos|M.N. 3", "12|-5|35.84|3"},
		{"costo", "money 0.0 MXN currencies", "$5|$6|7 USD", "5|6|7"},
		{"avance", "percent 0.0 %", "12.5%|12.5 %|100%|3", "12.5|12.5|100|3"},
		{"fecha", "date dd/mm/yyyy", "31/01/2023|5/2/2023|03/04/2023", "2023-01-31|2023-02-05|2023-04-03"},
		{"fecha", "date dd/mm/yyyy day_order", "03/04/2023|01/02/2023", "2023-04-03|2023-02-01"},
		{"fecha", "date mm/dd/yyyy", "01/31/2023|03/04/2023|12/25/2022", "2023-01-31|2023-03-04|2022-12-25"},
		{"fecha", "date dd/mm/yy two_digit_year", "31/1/23|5/12/98", "2023-01-31|1998-12-05"},
		{"fecha", "date dd/mm/yyyy", "31-01-2023|05-02-2023", "2023-01-31|2023-02-05"},
		{"fecha", "date yyyy-mm-dd", "2023-01-31|2020-02-29|2023/05/06", "2023-01-31|2020-02-29|2023-05-06"},
		{"fecha", "date yyyymmdd", "20230131|20200229|19991231", "2023-01-31|2020-02-29|1999-12-31"},
		{"fecha", "date dd-mmm-yyyy", "05-ene-2023|12 de enero de 2023|1 de septiembre del 2021|Aug 5, 2013|lunes, 5 de agosto de 2013", "2023-01-05|2023-01-12|2021-09-01|2013-08-05|2013-08-05"},
		{"mes", "date month", "Aug 2013|ago 2013|2013-08|08/2013|Enero de 2020|ene-2021", "2013-08-01|2013-08-01|2013-08-01|2013-08-01|2020-01-01|2021-01-01"},
		{"fecha", "date yyyy-mm-dd", "2020-03-16 00:00:00|2020-03-17 00:00:00", "2020-03-16|2020-03-17"},
		{"fecha", "datetime yyyy-mm-dd hh:mm:ss", "2020-03-16 10:00:00|2020-03-17T01:02:03.5|2020-03-18", "2020-03-16T10:00:00|2020-03-17T01:02:03.5|2020-03-18T00:00:00"},
		{"fecha", "datetime dd/mm/yyyy hh:mm:ss", "16/03/2020 01:00:00 p. m.|17/03/2020 12:30 a.m.|18/03/2020 1:05 PM", "2020-03-16T13:00:00|2020-03-17T00:30:00|2020-03-18T13:05:00"},
		{"fecha", "datetime yyyy-mm-dd hh:mm:ss zone", "2020-03-16T10:00:00Z|2020-03-16T10:00:00-06:00|2020-03-16 10:00:00+0000", "2020-03-16T10:00:00|2020-03-16T10:00:00"},
		{"hora", "time hh:mm:ss", "08:11:28|00:00:00|7:05|01:00 p. m.|23:59:59.25", "08:11:28|00:00:00|07:05:00|13:00:00|23:59:59.25"},
		{"año", "year", "2020|2021|1999", "2020|2021|1999"},
		{"ao_hechos", "year", "2020|2021|1999|NA", "2020|2021|1999|nothing"},
		{"ciclo", "year floats", "2020.0|2021.0", "2020|2021"},
		{"dato", "year year_by_values", "2020|2021|2020|2020|2021|2021", "2020"},
		{"activo", "boolean sí/no", "Sí|NO|si|no|ND", "true|false|true|false|nothing"},
		{"activo", "boolean true/false", "Verdadero|FALSO|true|false", "true|false|true|false"},
		{"activo", "boolean s/n", "S|N|n", "true|false|false"},
		{"activo", "boolean x empty_is_no", "X||x|", "true|false|true|false"},
		{"sexo", "integer 0", "1|2|1|1", "1|2"},
		{"diabetes", "integer 0", "0|1|1|0", "0|1"},
		{"ruta", "code", "0012|00L1|ACAS|0003|012X", "0012|00L1"},
		{"zona", "code", "007|012|100", "007|012|100"},
		{"cuadrante", "code", "C-1.1.1|N-2.1.2|P-3.3.3", "C-1.1.1"},
		{"clave", "code", "1|2|33", "1|2|33"},
		{"permiso", "code", "PL/1234/EXP|PL/1235/EXP|PL/1236/EXP", "PL/1234/EXP"},
		{"sitio", "url", "https://www.gob.mx/salud|http://datos.gob.mx|www.inegi.org.mx", "https://www.gob.mx/salud"},
		{"correo", "email", "enlace@salud.gob.mx|contacto@gmail.com", "enlace@salud.gob.mx"},
		{"correo", "email person_email personal", "juan.perez@gmail.com|enlace@salud.gob.mx", "juan.perez@gmail.com"},
		{"geom", "geometry", "POINT (-99.1 19.4)|POLYGON((0 0,1 1,1 0,0 0))", "POINT (-99.1 19.4)"},
		{"forma", "geometry", `{"type":"Point","coordinates":[-99.1,19.4]}`, `{"type":"Point","coordinates":[-99.1,19.4]}`},
		{"nota", "text", "La casa|El perro, que ladra|1 de cada 3 personas", "La casa"},
		{"nota", "text empty", "||", "nothing"},
		{"materia", "text empty", "N/A|N/A|", "nothing|nothing|nothing"},
		{"CVE_ENT", "code state", "01|09|32|15", "01|09"},
		{"entidad", "code state zeros", "1|9|32|15", "01|09|32|15"},
		{"estado", "code 0.0 state zeros floats", "1.0|9.0|32.0|15.0", "01|09|32|15"},
		{"ENTIDAD_NAC", "code state zeros", "1|9|32|15|9|9|9|9|97", "01"},
		{"estado", "text", "Activa|Baja", "Activa"},
		{"cvegeo", "code municipality", "01001|09010|32058", "01001"},
		{"Code", "code 0.0 municipality zeros floats", "1001.0|9010.0|20570.0", "01001|09010|20570"},
		{"municipio", "code municipality zeros", "1001|9010|20570", "01001|09010|20570"},
		{"cve_loc", "code locality zeros", "10010001|320580001", "010010001|320580001"},
		{"entidad", "text state_name", "Jalisco|NUEVO LEÓN|Estado de México|Distrito Federal", "Jalisco"},
		{"Código postal", "code postal_code zeros", "3340|06500|11800", "03340|06500|11800"},
		{"geopoint", "text lat_lon", "19.3001866438,-99.2498583442|(19.43, -99.13)", "19.3001866438,-99.2498583442"},
		{"punto", "text lon_lat", "-99.2498583442,19.3001866438|-99.13 19.43", "-99.2498583442,19.3001866438"},
		{"moneda", "text currency", "MXN|USD|MXN", "MXN"},
		{"CURP", "code curp", "HEGG560427MVZRRL04|BADD110313HCMLNS06", "HEGG560427MVZRRL04"},
		{"RFC", "code rfc", "VECJ880326A12|GODE561231GR8", "VECJ880326A12"},
		{"RFC", "code", "ABC880326XX1|GOD561231GR8", "ABC880326XX1"},
		{"telefono", "code phone phone", "5512345678|55 1234 5678|(55) 1234-5678|+52 55 1234 5678", "5512345678"},
		{"telefono", "code phone phone", "5555-1234|5555 4321", "5555-1234"},
		{"contacto", "code phone phone", "777 123 45 67|55-1234-5678|(81) 8345 6789|044 55 1234 5678", "777 123 45 67"},
		{"ciclo escolar", "code", "2013-2014|2014-2015|2015-2016", "2013-2014"},
		{"expediente", "code", "0001-2023-01|0002-2023-01|0003-2024-12", "0001-2023-01"},
		{"issn", "code", "0185-1276|1870-2333|2007-0705", "0185-1276"},
		{"partida", "code", "01.02.003.04|12.10.001.02", "01.02.003.04"},
		{"sección", "code code", "A1|B22|C33", "A1"},
		{"sección", "code", "A11", "A11"},
		{"Superficie (km2)", "decimal 0.0 km²", "12.5|3.25", "12.5"},
		{"monto_mxn", "integer 0 MXN", "12|3000", "12"},
		{"temp_c", "decimal 0.0 °C", "12.5|33.1", "12.5"},
		{"lectura", "integer 0 sentinel", "12|3000|-99|450", "12|3000|-99"},
	} {
		cells := strings.Split(c.cells, "|")
		t.Run(c.label+" "+c.cells, func(t *testing.T) {
			got := judged(t, c.label, tabular.Correction{}, cells...)
			words := []string{string(got.Type), got.Format, string(got.Meaning), got.Unit}
			if got.Meaning == tabular.Key {
				words[2] = ""
			}
			for _, d := range got.Doubts {
				words = append(words, strings.TrimPrefix(d, "tabular.doubt."))
			}
			if said := strings.Join(strings.Fields(strings.Join(words, " ")), " "); said != c.want || got.Odd != 0 {
				t.Errorf("said %q, want %q, %d odd", said, c.want, got.Odd)
			}
			for i, want := range strings.Split(c.values, "|") {
				if v := stored(t, got, cells[i]); v != want {
					t.Errorf("%q is read as %q, want %q", cells[i], v, want)
				}
			}
		})
	}
}

func TestEveryFirstBytesOfANumberSurvive(t *testing.T) {
	c := tabular.Column{Type: tabular.Decimal, Format: "0.0"}
	for cell, want := range map[string]string{
		"0": "0", "-0": "-0", "9007199254740993": "9.007199254740992e+15", "0.1": "0.1", "123456789.123456789": "1.2345678912345679e+08",
		"19.12345678901234567890": "19.123456789012344", "99999999999999999999": "1e+20", "1e5": "odd", "1E+400": "odd", "1.2.3": "odd", "--5": "odd", "5-": "odd", "1,23,456": "odd", "(5": "odd", "": "nothing", "1e-": "odd", "12,5": "odd",
		strings.Repeat("9", 80): "1e+80",
	} {
		if got := stored(t, c, cell); got != want {
			t.Errorf("%q is %s, want %s", cell, got, want)
		}
	}
}

func TestAFewOddValuesStayBesideAndManyMakeAText(t *testing.T) {
	few := append(many(198, "1", "22"), "12 kg", "doce")
	r, err := Table(t.Context(), column1("peso", few...), tabular.Correction{}, 2)
	if err != nil {
		t.Fatal(err)
	}
	if c := r.Columns[0]; c.Type != tabular.Integer || c.Odd != 2 {
		t.Errorf("two in 200 odd: %s with %d odd", c.Type, c.Odd)
	}
	want := []tabular.Problem{{Code: "c41", Column: "peso", Count: 2, Samples: []tabular.Sample{{Row: 199, Line: 200, Text: "12 kg"}, {Row: 200, Line: 201, Text: "doce"}}}}
	if d := cmp.Diff(want, r.Problems); d != "" {
		t.Error(d)
	}
	r, err = Table(t.Context(), column1("peso", append(many(90, "1", "22"), many(10, "doce")...)...), tabular.Correction{}, 1)
	if err != nil {
		t.Fatal(err)
	}
	if c := r.Columns[0]; c.Type != tabular.Text || c.Odd != 0 || len(r.Problems) != 1 || r.Problems[0].Code != "c41" || r.Problems[0].Count != 10 {
		t.Errorf("one in ten odd: %s, %+v", c.Type, r.Problems)
	}
	r, _ = Table(t.Context(), column1("peso", append(many(198, "1", "22"), "$5", "7*")...), tabular.Correction{}, 1)
	if len(r.Problems) != 1 || r.Problems[0].Code != "m33" || r.Problems[0].Count != 2 {
		t.Errorf("numbers with other characters: %+v", r.Problems)
	}
}

func TestSpellingsOfNothingAreCountedAndAmongTextsOnlyTheSureOnes(t *testing.T) {
	c := judged(t, "edad", tabular.Correction{}, "12", "NA", "na", "", " ", "sin dato", "40", "9999-99-99", "…", "N/A", "NA")
	want := []tabular.ValueCount{{Value: "", Count: 2}, {Value: "NA", Count: 2}, {Value: "9999-99-99", Count: 1}, {Value: "N/A", Count: 1}, {Value: "na", Count: 1}, {Value: "sin dato", Count: 1}, {Value: "…", Count: 1}}
	if d := cmp.Diff(want, c.Nulls); d != "" || c.Type != tabular.Integer {
		t.Error(c.Type, d)
	}
	c = judged(t, "nota", tabular.Correction{}, "calle uno", "NA", "sin dato", "calle dos", "")
	want = []tabular.ValueCount{{Value: "", Count: 1}, {Value: "NA", Count: 1}}
	if d := cmp.Diff(want, c.Nulls); d != "" || stored(t, c, "sin dato") != "sin dato" || stored(t, c, "na") != "nothing" {
		t.Error(d)
	}
	c = judged(t, "continente", tabular.Correction{}, "NA", "NA", "NA", "SA", "EU")
	if len(c.Nulls) != 0 || stored(t, c, "NA") != "NA" || len(c.Doubts) != 1 {
		t.Errorf("a category: %+v", c)
	}
}

func TestCorrectionsHoldAndOddValuesAreCountedForThem(t *testing.T) {
	fix := tabular.Correction{Columns: map[string]tabular.ColumnCorrection{
		"fecha": {Format: "mm/dd/yyyy"}, "sexo": {Type: tabular.Boolean, Name: "es hombre"}, "clave": {Type: tabular.Integer}, "nota": {Type: tabular.Decimal, Unit: "kg"},
	}}
	r, err := Table(t.Context(), table([]string{"fecha", "sexo", "clave", "nota"}, [][]string{
		{"03/04/2023", "1", "01", "12.5"}, {"31/01/2023", "2", "x7", "mucho"}, {"", "1", "3", "NA"},
	}), fix, 2)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range r.Columns {
		got = append(got, fmt.Sprint(c.Name, " ", c.Label, " ", c.Type, " ", c.Format, " ", c.Unit, " ", c.Odd, " ", c.Corrected))
	}
	want := []string{"fecha  date mm/dd/yyyy  1 true", "es hombre sexo boolean 1/2  0 true", "clave  integer 0  1 true", "nota  decimal 0.0 kg 1 true"}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if v := stored(t, r.Columns[0], "03/04/2023"); v != "2023-03-04" {
		t.Error(v)
	}
	if v := stored(t, r.Columns[1], "2") + stored(t, r.Columns[1], "1"); v != "falsetrue" {
		t.Error(v)
	}
}

func TestAllExamplesOfPersonsAreNamedWithoutSamples(t *testing.T) {
	r, err := Table(t.Context(), table([]string{"CURP", "correo", "tel", "nombre", "primer apellido"}, [][]string{
		{"HEGG560427MVZRRL04", "juan.perez@gmail.com", "5512345678", "Juan", "Pérez"}, {"BADD110313HCMLNS06", "x", "55 1234 5679", "Ana", "López"},
	}), tabular.Correction{}, 1)
	if err != nil {
		t.Fatal(err)
	}
	private := map[string]bool{}
	for _, p := range r.Problems {
		if p.Code == "p01" {
			private[p.Column] = true
		}
		if p.Samples != nil {
			t.Errorf("%s of %s has samples", p.Code, p.Column)
		}
	}
	if d := cmp.Diff(map[string]bool{"CURP": true, "correo": true, "tel": true}, private); d != "" {
		t.Error(d)
	}
	for _, i := range []int{3, 4} {
		if d := cmp.Diff([]string{"tabular.doubt.person_name"}, r.Columns[i].Doubts); d != "" {
			t.Error(d)
		}
	}
}

func TestAFormatIsKnownAsPeopleWriteIt(t *testing.T) {
	for typed, want := range map[string]string{
		"dd/mm/aaaa": "dd/mm/yyyy", " MM/DD/AAAA ": "mm/dd/yyyy", "aaaa-mm-dd  hh:mm:ss": "yyyy-mm-dd hh:mm:ss", "dd/mm/aa": "dd/mm/yy", "aaaammdd": "yyyymmdd",
		"dd/mm/yyyy": "dd/mm/yyyy", "0,000.0": "0,000.0", "0.000,0": "0.000,0", "mes": "month", "Si/No": "sí/no",
		"día/mes/año": "", "0 000": "", "#,##0.00": "", "": "",
	} {
		if got, ok := FormatOf(typed); ok != (want != "") || ok && got != want {
			t.Errorf("%q is %q, %v, want %q", typed, got, ok, want)
		}
	}
}
