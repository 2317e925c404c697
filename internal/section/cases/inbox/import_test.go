package inbox_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/PuerkitoBio/goquery"
	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/charmap"

	"plaza/internal/base/db"
	"plaza/internal/base/db/dbtest"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
	"plaza/internal/section/cases"
	"plaza/internal/section/cases/inbox"
)

const heads = "Fecha de recepción,Canal,Clase,Asunto,Texto,Estado,Respuesta,Fecha de respuesta,Área\n"

// preview uploads a file and returns what was found in it, with its path.
func (w *world) preview(name, body string) (*goquery.Document, string) {
	w.Helper()
	res := w.upload(w.enlace, base+"/importar", name, []byte(body))
	path := res.Header().Get("Location")
	if res.Code != http.StatusSeeOther {
		w.Fatalf("uploading %s: %d: %s", name, res.Code, text(w.doc(res).Find(".Notice")))
	}
	return w.page(w.enlace, path), path
}

func TestABacklogIsSeenThenImportedOnce(t *testing.T) {
	worlds(t, func(w *world) {
		file := heads +
			"02/11/2026,Teléfono,pregunta,¿Cada cuándo se actualiza?,Preguntan por el padrón,Abierta,,,\n" +
			"2026-11-03,correo electrónico,SOLICITUD DE DATOS,Padrón por municipio,Lo piden en CSV,,,,dirección de informacion\n" +
			"4 de noviembre de 2026,Ventanilla,error,Suma mal,La columna total no suma,Respondida,Se corrigió el archivo.,10/11/2026,\n" +
			"mañana,Paloma,duda,,texto,quizá,,,Área 51\n"
		doc, path := w.preview("atrasadas.csv", file)
		said := text(doc.Find("main"))
		for _, want := range []string{"atrasadas.csv: 4 filas", "Importar las 3 filas que están bien", "Respondida por otro canal el 10 de noviembre de 2026"} {
			if !strings.Contains(said, want) {
				t.Errorf("the preview does not say %q: %s", want, said)
			}
		}
		wrong := text(doc.Find(`section[aria-labelledby="mal"] tbody`))
		for _, want := range []string{"5", "“mañana”", "“Paloma”", "“duda”", "“quizá”", "“Área 51”", "Asunto"} {
			if !strings.Contains(wrong, want) {
				t.Errorf("of the wrong row %q is not said: %s", want, wrong)
			}
		}
		if len(w.all(w.salud.ID)) != 0 {
			t.Fatal("a preview made cases")
		}
		if res := w.post(w.ajena, path, nil); res.Code != http.StatusForbidden {
			t.Errorf("another institution imports it: %d", res.Code)
		}
		w.imports(path)
		got := map[string]cases.Case{}
		for _, c := range w.all(w.salud.ID) {
			got[c.Title] = c
		}
		open, turned, done := got["¿Cada cuándo se actualiza?"], got["Padrón por municipio"], got["Suma mal"]
		if open.State != cases.Open || open.Channel != cases.Telephone || open.Asked.Format(time.DateOnly) != "2026-11-02" || !open.Due.Before(w.db.Now()) || open.Asker != (cases.Asker{}) {
			t.Errorf("the open one: %+v", open)
		}
		if turned.Unit != w.unit.ID || turned.State != cases.Assigned || turned.Kind != cases.Request {
			t.Errorf("the turned one: %+v", turned)
		}
		if done.State != cases.Closed || done.Reason != cases.AnsweredElsewhere || !done.Due.IsZero() || !done.FirstAnswer.IsZero() || done.Answer != "" {
			t.Errorf("the answered one: %+v", done)
		}
		w.read(func(tx *db.Tx) error {
			steps, err := cases.Steps(tx, done.ID, "", 10)
			if n := len(steps); n != 2 || steps[1].Facts.Elsewhere != "2026-11-10" || steps[1].Body != "Se corrigió el archivo." || steps[1].Voice.Own() {
				t.Errorf("its steps: %+v", steps)
			}
			return err
		})
		if said := text(w.page(w.enlace, base).Find("main")); !strings.Contains(said, "Recibida por otro canal: Por teléfono") || !strings.Contains(said, "Vencida") {
			t.Errorf("the inbox: %s", said)
		}
		// the same again: by the button, and by the file
		w.imports(path)
		_, again := w.preview("otra vez.csv", file)
		w.imports(again)
		if n := len(w.all(w.salud.ID)); n != 3 {
			t.Errorf("there are %d cases", n)
		}
		if said := text(w.page(w.enlace, again).Find(".Notice")); !strings.Contains(said, "No se importó ninguna") || !strings.Contains(said, "3 filas ya se habían importado") {
			t.Errorf("it says %q", said)
		}
	})
}

func TestWhatWasBroughtIsTheInstitutionsActWithoutAnAsker(t *testing.T) {
	worlds(t, func(w *world) {
		_, path := w.preview("a.csv", heads+"02/11/2026,,,Asunto,Texto,,,,\n")
		w.imports(path)
		c := w.all(w.salud.ID)[0]
		w.read(func(tx *db.Tx) error {
			list, err := record.Since(tx, record.Filter{Object: c.Ref()}, 10)
			if len(list) != 1 || list[0].Actor.Role != string(plaza.Liaison) || !strings.Contains(string(list[0].Payload), `"channel":"other"`) {
				t.Errorf("the record: %+v", list)
			}
			return err
		})
	})
}

// broken are rows with something wrong, and the columns in which it is.
var broken = []struct {
	name, row string
	columns   []string
}{
	{"no date", ",correo,pregunta,a,b,,,,", []string{"Fecha de recepción"}},
	{"a word for a date", "ayer,correo,pregunta,a,b,,,,", []string{"Fecha de recepción"}},
	{"a day that does not exist", "31/02/2026,correo,pregunta,a,b,,,,", []string{"Fecha de recepción"}},
	{"month before day", "02/13/2026,correo,pregunta,a,b,,,,", []string{"Fecha de recepción"}},
	{"two digits of a year", "02/03/26,correo,pregunta,a,b,,,,", []string{"Fecha de recepción"}},
	{"the future", "02/03/2031,correo,pregunta,a,b,,,,", []string{"Fecha de recepción"}},
	{"long ago", "02/03/1950,correo,pregunta,a,b,,,,", []string{"Fecha de recepción"}},
	{"a number that is no day", "12,correo,pregunta,a,b,,,,", []string{"Fecha de recepción"}},
	{"infinite", "Inf,correo,pregunta,a,b,,,,", []string{"Fecha de recepción"}},
	{"no number", "NaN,correo,pregunta,a,b,,,,", []string{"Fecha de recepción"}},
	{"a huge number", "1e300,correo,pregunta,a,b,,,,", []string{"Fecha de recepción"}},
	{"an unknown channel", "02/03/2026,paloma,pregunta,a,b,,,,", []string{"Canal"}},
	{"a channel of this site", "02/03/2026,web,pregunta,a,b,,,,", []string{"Canal"}},
	{"an unknown kind", "02/03/2026,correo,queja,a,b,,,,", []string{"Clase"}},
	{"no title", "02/03/2026,correo,pregunta,,b,,,,", []string{"Asunto"}},
	{"a title of nothing that is seen", "02/03/2026,correo,pregunta,\u200b\u200b,b,,,,", []string{"Asunto"}},
	{"a long title", "02/03/2026,correo,pregunta," + strings.Repeat("á", 201) + ",b,,,,", []string{"Asunto"}},
	{"no text", "02/03/2026,correo,pregunta,a,,,,,", []string{"Texto"}},
	{"a long text", "02/03/2026,correo,pregunta,a," + strings.Repeat("á", 10_001) + ",,,,", []string{"Texto"}},
	{"an unknown state", "02/03/2026,correo,pregunta,a,b,tal vez,,,", []string{"Estado"}},
	{"answered without an answer", "02/03/2026,correo,pregunta,a,b,respondida,,03/03/2026,", []string{"Respuesta"}},
	{"answered without a date", "02/03/2026,correo,pregunta,a,b,respondida,c,,", []string{"Fecha de respuesta"}},
	{"answered on no date", "02/03/2026,correo,pregunta,a,b,respondida,c,pronto,", []string{"Fecha de respuesta"}},
	{"answered before it was received", "02/03/2026,correo,pregunta,a,b,respondida,c,01/03/2026,", []string{"Fecha de respuesta"}},
	{"answered in the future", "02/03/2026,correo,pregunta,a,b,respondida,c,01/03/2031,", []string{"Fecha de respuesta"}},
	{"a long answer", "02/03/2026,correo,pregunta,a,b,respondida," + strings.Repeat("á", 20_001) + ",03/03/2026,", []string{"Respuesta"}},
	{"an answer to an open one", "02/03/2026,correo,pregunta,a,b,abierta,c,,", []string{"Estado"}},
	{"an area of nobody", "02/03/2026,correo,pregunta,a,b,,,,Área 51", []string{"Área"}},
	{"cells missing", "02/03/2026", []string{"Asunto", "Texto"}},
	{"everything wrong", "x,x,x,,,x,x,x,x", []string{"Fecha de recepción", "Canal", "Clase", "Asunto", "Texto", "Estado", "Área"}},
	{"cells too many", "x,correo,pregunta,a,b,,,,,,,,,,,,", []string{"Fecha de recepción"}},
}

func TestEveryBrokenRowSaysInWhichColumnsAndAllAreKept(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		file := heads
		for _, k := range broken {
			file += k.row + "\n"
		}
		file += "02/03/2026,correo,pregunta,bien,bien,,,,\n02/03/2026,correo,pregunta,bien,bien,,,,\n"
		doc, path := w.preview("rotas.csv", file)
		rows := doc.Find(`section[aria-labelledby="mal"] tbody tr`)
		if rows.Length() != len(broken)+1 {
			t.Fatalf("%d of %d broken rows are shown", rows.Length(), len(broken)+1)
		}
		for i, row := range rows.EachIter() {
			if i == len(broken) {
				if said := text(row); !strings.Contains(said, fmt.Sprint("es igual a la fila ", len(broken)+2)) {
					t.Errorf("the row that comes twice: %s", said)
				}
				continue
			}
			var got []string
			for _, n := range row.Find("li strong").EachIter() {
				got = append(got, text(n))
			}
			slices.Sort(got)
			want := slices.Sorted(slices.Values(broken[i].columns))
			if !slices.Equal(got, want) || text(row.Find("th")) != fmt.Sprint(i+2) {
				t.Errorf("%s, row %s: wrong in %v, want %v", broken[i].name, text(row.Find("th")), got, want)
			}
		}
		w.imports(path)
		if all := w.all(w.salud.ID); len(all) != 1 || all[0].Title != "bien" {
			t.Errorf("imported: %+v", all)
		}
	})
}

func TestFilesAreReadWhateverTheirEncodingAndSeparator(t *testing.T) {
	worlds(t, func(w *world) {
		plain := heads + "02/11/2026,Teléfono,pregunta,\"¿Cuántas, y cuáles?\",\"Dos\nlíneas\",,,,\n"
		old, err := charmap.Windows1252.NewEncoder().String(plain)
		if err != nil {
			t.Fatal(err)
		}
		wide := []byte{0xff, 0xfe}
		for _, u := range utf16.Encode([]rune(plain)) {
			wide = append(wide, byte(u), byte(u>>8))
		}
		swap := func(sep string) string {
			return strings.Replace(strings.ReplaceAll(plain, ",", sep), "Cuántas"+sep, "Cuántas,", 1)
		}
		for name, file := range map[string]string{
			"UTF-8": plain, "with a mark": "\ufeff" + plain, "Windows-1252": old, "UTF-16": string(wide), "semicolons": swap(";"), "tabs": swap("\t"),
			"other names":             strings.Replace(plain, "Fecha de recepción,Canal,Clase,Asunto", "FECHA,MEDIO,tipo,  título ", 1),
			"lines of another system": strings.ReplaceAll(plain, "\n", "\r\n"),
		} {
			doc, _ := w.preview(name+".csv", file)
			cells := doc.Find(`section[aria-labelledby="bien"] tbody td`)
			if cells.Length() != 5 || text(cells.Eq(1)) != "Por teléfono" || text(cells.Eq(3)) != "¿Cuántas, y cuáles?" {
				t.Errorf("%s: %q", name, text(doc.Find("main")))
			}
		}
	})
}

func TestAWorkbookIsReadWithItsDates(t *testing.T) {
	worlds(t, func(w *world) {
		book := excelize.NewFile()
		defer book.Close()
		for i, row := range [][]any{{"Fecha de recepción", "Asunto", "Texto", "Área", "Nota"},
			{time.Date(2026, 11, 2, 10, 30, 0, 0, time.UTC), "=1+1", 12345, "unidad de VIGILANCIA", "x"}, {}, {"03/11/2026", "otra", "texto"}} {
			if err := book.SetSheetRow("Sheet1", fmt.Sprint("A", i+1), &row); err != nil {
				t.Fatal(err)
			}
		}
		if err := book.SetCellFormula("Sheet1", "C4", `WEBSERVICE("https://malo.example")`); err != nil {
			t.Fatal(err)
		}
		if err := book.SetCellValue("Sheet1", "B5", "sin fecha"); err != nil {
			t.Fatal(err)
		}
		raw, err := book.WriteToBuffer()
		if err != nil {
			t.Fatal(err)
		}
		doc, path := w.preview("libro.xlsx", raw.String())
		if said := text(doc.Find("main")); !strings.Contains(said, "Columnas que no se usan: Nota") || !strings.Contains(said, "libro.xlsx: 3 filas") {
			t.Errorf("the preview: %s", said)
		}
		w.imports(path)
		all := w.all(w.salud.ID)
		if len(all) == 0 || all[len(all)-1].Title != "=1+1" || all[len(all)-1].Unit != w.other.ID || all[len(all)-1].Asked.Format(time.DateOnly) != "2026-11-02" {
			t.Errorf("imported: %+v", all)
		}
	})
}

func TestTheSampleIsAFileThatCanBeFilledIn(t *testing.T) {
	worlds(t, func(w *world) {
		res := w.get(w.enlace, base+"/importar/ejemplo.xlsx")
		book, err := excelize.OpenReader(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		defer book.Close()
		if got := book.GetSheetList(); !slices.Equal(got, []string{"Consultas", "Instrucciones"}) {
			t.Errorf("its sheets are %v", got)
		}
		example, err := book.GetRows("Instrucciones")
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(example, func(r []string) bool { return len(r) > 0 && r[0] == "2026-03-02" })
		if err := book.SetSheetRow("Consultas", "A2", &example[i]); err != nil {
			t.Fatal(err)
		}
		raw, err := book.WriteToBuffer()
		if err != nil {
			t.Fatal(err)
		}
		doc, _ := w.preview("ejemplo.xlsx", raw.String())
		if doc.Find(`section[aria-labelledby="bien"] tbody tr`).Length() != 1 || doc.Find(`section[aria-labelledby="mal"]`).Length() != 0 {
			t.Errorf("its own example: %s", text(doc.Find("main")))
		}
	})
}

// zipped is an archive.
func zipped(t *testing.T, files map[string]string) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, body := range files {
		f, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = f.Write([]byte(body))
	}
	_ = z.Close()
	return b.String()
}

func TestFilesThatCannotBeReadAreRefusedWithTheReason(t *testing.T) {
	worlds(t, func(w *world) {
		entries := map[string]string{}
		for i := range 1500 {
			entries[fmt.Sprint("xl/", i)] = "x"
		}
		rows := strings.Repeat("02/03/2026,,,a,b,,,,\n", 20_001)
		for name, k := range map[string]struct{ body, want string }{
			"empty":                 {"  \n", "vacío"},
			"only the heads":        {heads, "vacío"},
			"no date column":        {"Asunto,Texto\na,b\n", "Fecha de recepción"},
			"no subject column":     {"Fecha,Texto\na,b\n", "Asunto"},
			"an image":              {"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00", "ni un CSV"},
			"a program":             {"MZ\x90\x00\x03\x00\x00\x00", "ni un CSV"},
			"an old workbook":       {"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1resto", "formato anterior"},
			"an archive of another": {zipped(t, map[string]string{"a.txt": "hola"}), "no se puede leer"},
			"an archive cut off":    {zipped(t, map[string]string{"a.txt": "hola"})[:30], "no se puede leer"},
			"many entries":          {zipped(t, entries), "no se puede leer"},
			"a bomb":                {zipped(t, map[string]string{"xl/worksheets/sheet1.xml": strings.Repeat("0", 70<<20)}), "demasiado grande"},
			"many rows":             {heads + rows, "más de 20,000 filas"},
			"a huge cell":           {heads + "02/03/2026,correo,pregunta,a," + strings.Repeat("x", 100_000), "fila 2"},
			"a quote at the start":  {"Fecha,\"Asu\"nto,Texto\na,b,c\n", "comillas"},
		} {
			res := w.upload(w.enlace, base+"/importar", "archivo.xlsx", []byte(k.body))
			if said := text(w.doc(res).Find("#campo-archivo-error")); res.Code != http.StatusUnprocessableEntity || !strings.Contains(said, k.want) {
				t.Errorf("%s: %d: %q", name, res.Code, said)
			}
		}
		doc, _ := w.preview("a medias.csv", heads+"02/03/2026,correo,pregunta,a,b,,,,\n02/03/2026,\"sin cerrar\n")
		if said := text(doc.Find("main")); !strings.Contains(said, "Desde la fila 3") || !strings.Contains(said, "Importar la fila") {
			t.Errorf("what breaks off: %s", said)
		}
		if res := w.upload(w.enlace, base+"/importar", "grande.csv", bytes.Repeat([]byte("x"), 11<<20)); res.Code != http.StatusRequestEntityTooLarge {
			t.Errorf("more than the limit: %d", res.Code)
		}
	})
}

func TestFilesThatWereReadAreForgottenAfterAWeek(t *testing.T) {
	worlds(t, func(w *world) {
		_, path := w.preview("a.csv", heads+"02/11/2026,,,Asunto,Texto,,,,\n")
		dbtest.Advance(w.db, 8*24*time.Hour)
		w.as(w.enlace, func(tx *db.Tx) error {
			n, err := inbox.Holding().Expire(tx)
			if n != 1 {
				t.Errorf("%d were forgotten", n)
			}
			return err
		})
		if res := w.get(w.enlace, path); res.Code != http.StatusNotFound {
			t.Errorf("it is still there: %d", res.Code)
		}
	})
}
