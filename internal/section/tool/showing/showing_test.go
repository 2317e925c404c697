package showing_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/google/go-cmp/cmp"

	"plaza/internal/base/i18n"
	"plaza/internal/base/tabular"
	"plaza/internal/base/web/webtest"
	"plaza/internal/section/tool/drawing"
	"plaza/internal/section/tool/reckon"
	"plaza/internal/section/tool/sentence"
	"plaza/internal/section/tool/showing"
	"plaza/internal/section/tool/spec"
	"plaza/internal/section/tool/wording"
)

// hostile is a name that would be a script where it is not escaped.
const hostile = `<img src=x onerror=alert(1)> "y" & 'z'`

func asked(t *testing.T, by reckon.Column, cells ...string) showing.Asked {
	t.Helper()
	b, err := i18n.New(showing.Locale, drawing.Locale, wording.Locale, sentence.Locale)
	if err != nil {
		t.Fatal(err)
	}
	by.Role, by.Group = reckon.RoleX, true
	r := reckon.Result{View: "uno", Rest: -1, Counted: 7, Missing: 2, Columns: []reckon.Column{by, {Name: "cuenta", Role: reckon.RoleY, Func: tabular.Count, Type: tabular.Integer}},
		Stamps: []reckon.Stamp{{Source: "datos", Resource: "r", Title: hostile, Dataset: "Conjunto", Path: "/datos/c/recursos/r", Institution: "Salud", Version: 3, Newest: 3}}}
	for i, text := range cells {
		r.Rows = append(r.Rows, []tabular.Cell{{Text: text}, {Text: string(rune('1' + i))}})
	}
	v := spec.View{Name: "uno", Source: "datos", Mark: spec.Bar}
	return showing.Asked{L: b.Printer(i18n.Spanish), View: v, Result: r, Page: "/herramientas/t", Path: "/herramientas/t/vistas/uno", Level: 2,
		Spec: spec.Spec{Sources: []spec.Source{{Name: "datos", Resource: "r", Filter: "f.producto=regular"}}, Views: []spec.View{v}}}
}

// links are where the rows of the table lead.
func links(v showing.View) (out []string) {
	for _, row := range v.Table.Rows {
		out = append(out, row.Cells[0].Link)
	}
	return out
}

func TestAGroupIsChosenAsAWhole(t *testing.T) {
	for _, c := range []struct {
		name string
		by   reckon.Column
		cell string
		want string
	}{
		{"a value", reckon.Column{Field: "sector", Type: tabular.Text}, "agua", "f.sector=agua"},
		{"a year", reckon.Column{Field: "fecha", Type: tabular.Date, Step: tabular.StepYear}, "2020-01-01", "f.fecha=2020"},
		{"a month", reckon.Column{Field: "fecha", Type: tabular.Date, Step: tabular.StepMonth}, "2020-02-01", "f.fecha=2020-02"},
		{"a quarter", reckon.Column{Field: "fecha", Type: tabular.Date, Step: tabular.StepQuarter}, "2020-10-01", "f.fecha.max=2020-12&f.fecha.min=2020-10"},
		{"a week", reckon.Column{Field: "fecha", Type: tabular.Date, Step: tabular.StepWeek}, "2020-02-24", "f.fecha.max=2020-03-01&f.fecha.min=2020-02-24"},
		{"a range", reckon.Column{Field: "edad", Type: tabular.Integer, Step: tabular.StepBins, Width: 10}, "20", "f.edad.menor=30&f.edad.min=20"},
	} {
		a := asked(t, c.by, c.cell)
		if got := links(showing.Make(a)); got[0] != "/herramientas/t?"+c.want+"#vista-uno" {
			t.Errorf("%s leads to %q, want %q", c.name, got[0], c.want)
		}
		chosen, err := url.ParseQuery(c.want)
		if err != nil {
			t.Fatal(err)
		}
		a.Reader = chosen
		if got := links(showing.Make(a)); got[0] != "/herramientas/t#vista-uno" {
			t.Errorf("%s, chosen already, leads to %q", c.name, got[0])
		}
	}
}

func TestChoicesLeaveTheRestOfTheAddress(t *testing.T) {
	a := asked(t, reckon.Column{Field: "sector", Type: tabular.Text}, "agua")
	a.Keep, a.Reader = url.Values{"tema": {"oscuro"}, "vista": {"uno"}}, url.Values{"f.anio": {"2020"}}
	if got, want := links(showing.Make(a))[0], "/herramientas/t?f.anio=2020&f.sector=agua&tema=oscuro&vista=uno#vista-uno"; got != want {
		t.Errorf("it leads to %q, want %q", got, want)
	}
}

func TestTheAuthorsSentenceStandsUntilReadersChoose(t *testing.T) {
	a := asked(t, reckon.Column{Field: "sector", Type: tabular.Text}, "agua", "luz")
	made := showing.Make(a).Sentence
	a.View.Sentence = "La luz cuenta el doble."
	if v := showing.Make(a); v.Sentence != a.View.Sentence || v.Made != made || made == "" {
		t.Errorf("it says %q beside %q, made %q", v.Sentence, v.Made, made)
	}
	a.Reader = url.Values{"f.anio": {"2020"}}
	if v := showing.Make(a); v.Sentence != made || v.Made != "" {
		t.Errorf("of other rows it says %q beside %q", v.Sentence, v.Made)
	}
}

func TestWhatIsLeftOutIsSaid(t *testing.T) {
	a := asked(t, reckon.Column{Field: "sector", Type: tabular.Text}, "agua")
	a.Reader, a.Result.Chosen = url.Values{"f.sector": {"agua"}, "f.anio.min": {"2020"}}, map[string][]string{"sector": {"agua"}}
	var got []string
	for _, f := range showing.Facts(a) {
		got = append(got, f.Text)
	}
	want := []string{"Solo cuentan las filas con Anio desde 2020.", "Solo cuentan las filas con Producto: regular.", "Se contaron 7 filas.", "2 no tienen valor y no entran en la cuenta."}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Facts (-want +got): what is chosen of its own groups takes nothing away\n%s", diff)
	}
}

// drawn is a view as HTML, with what that says of what it is.
func drawn(t *testing.T, a showing.Asked) (string, *goquery.Document) {
	t.Helper()
	shell := webtest.New(t, nil, showing.Locale, drawing.Locale, wording.Locale, sentence.Locale)
	s, err := showing.New(shell)
	if err != nil {
		t.Fatal(err)
	}
	html, err := s.HTML(a)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(string(html)))
	if err != nil {
		t.Fatal(err)
	}
	return string(html), doc
}

func TestNamesAreNeverMarkup(t *testing.T) {
	a := asked(t, reckon.Column{Field: hostile, Title: hostile, Type: tabular.Text}, hostile)
	a.View.Title, a.View.Text, a.Alt = hostile, hostile, hostile
	html, doc := drawn(t, a)
	if n := doc.Find("img, script, [onerror]").Length(); n > 0 {
		t.Errorf("%d elements came out of a name: %.2000s", n, html)
	}
	if got := doc.Find("tbody th").Text(); got != hostile {
		t.Errorf("the table says %q", got)
	}
}

func TestThePictureComesBeforeItsSentence(t *testing.T) {
	for mark, want := range map[spec.Mark]string{spec.Bar: "figure > figcaption.View-says", spec.Table: "section > p.View-says"} {
		a := asked(t, reckon.Column{Field: "sector", Type: tabular.Text}, "agua", "salud")
		a.View.Mark = mark
		html, doc := drawn(t, a)
		says := doc.Find(".View-says")
		if says.Length() != 1 || doc.Find(want).Length() != 1 || strings.TrimSpace(says.Text()) == "" {
			t.Errorf("of %s the sentence is not %q: %.1500s", mark, want, html)
		}
		if mark == spec.Bar && (says.NextAll().Length() > 0 || says.PrevAll().Find(".Scene").Length() == 0) {
			t.Errorf("the picture is not before its sentence: %.1500s", html)
		}
	}
}
