package plot_test

import (
	"fmt"
	"strings"
	"testing"

	"plaza/internal/base/plot"
)

// classes are five, from light to dark.
func classes() (out []plot.Class) {
	for i := range 5 {
		out = append(out, plot.Class{Label: fmt.Sprint("clase ", i+1), Tone: i + 1})
	}
	return out
}

func TestTilesHaveTheToneOfTheirClass(t *testing.T) {
	t.Parallel()
	c := plot.Chart{Kind: plot.Tiles, Width: 720, Labels: true, Classes: classes(), Words: plot.Words{NoValue: "Sin dato", Key: "Tasa"}, Panels: []plot.Panel{{}}}
	c.X.Categories, c.Y.Categories = []string{"ene", "feb", "mar"}, []string{"Sonora", "Colima"}
	for i := range 6 {
		c.Panels[0].Marks = append(c.Panels[0].Marks, plot.Mark{Row: i, X: float64(i % 3), Y: float64(i / 3), Class: i, Name: fmt.Sprint("v", i)})
	}
	scene := plot.Draw(c)
	checkSound(t, scene)
	got := look(scene)
	if one := fill(t, got, 0); one.Fill != plot.InkNoValue || one.Hatch == 0 {
		t.Errorf("a tile without value has ink %v and pattern %d, want a colour and a pattern of its own", one.Fill, one.Hatch)
	}
	for i := 1; i < 6; i++ {
		if one := fill(t, got, i); one.Fill != plot.InkScale+plot.Ink(i-1) {
			t.Errorf("class %d has ink %v", i, one.Fill)
		}
		want := plot.InkText
		if i >= 4 {
			want = plot.InkOnDark
		}
		if text, ok := got.text(fmt.Sprint("v", i)); !ok || text.Ink != want {
			t.Errorf("the value on class %d has ink %v, want %v", i, text.Ink, want)
		}
	}
	for _, want := range []string{"clase 1", "clase 5", "Sin dato", "Tasa", "Sonora", "mar"} {
		if _, ok := got.text(want); !ok {
			t.Errorf("%q is not written", want)
		}
	}
	if a, b := fill(t, got, 1), fill(t, got, 4); !alike(a.x(), b.x()) || a.bottom > b.top {
		t.Errorf("tiles of a column stand at %v and %v", a.box, b.box)
	}
}

// calendar is a heat map of days by three rows.
func calendar(width float64, days int, step string, name func(day int) string) plot.Chart {
	c := plot.Chart{Kind: plot.Tiles, Width: width, Classes: classes(), Panels: []plot.Panel{{}}}
	c.X.Step, c.Y.Categories = step, []string{"A", "B", "C"}
	for i := range days {
		c.X.Categories = append(c.X.Categories, name(i))
		for y := range 3 {
			c.Panels[0].Marks = append(c.Panels[0].Marks, plot.Mark{Row: 3*i + y, X: float64(i), Y: float64(y), Class: 1 + i%5})
		}
	}
	return c
}

func TestDaysBelowAHeatMapAreThinnedOutAndWhole(t *testing.T) {
	t.Parallel()
	name := func(day int) string { return fmt.Sprintf("%d de enero de 2024", day+1) }
	for _, width := range []float64{360, 800} {
		for _, days := range []int{7, 14, 31} {
			scene := plot.Draw(calendar(width, days, "day", name))
			checkSound(t, scene)
			said := 0
			for _, one := range look(scene).texts {
				if strings.HasSuffix(one.Text, "…") || one.Turn != 0 {
					t.Errorf("%d days on %v pixels: %q is cut or turned", days, width, one.Text)
				}
				if strings.Contains(one.Text, "2024") {
					said++
				}
			}
			if said < 2 || said > days {
				t.Errorf("%d days on %v pixels have %d names", days, width, said)
			}
		}
	}
}

func TestTurnedNamesHaveTheRoomTheyNeed(t *testing.T) {
	t.Parallel()
	scene := plot.Draw(calendar(360, 10, "", func(i int) string { return fmt.Sprint("Delegación ", i+1) }))
	checkSound(t, scene)
	got := look(scene)
	for i := range 10 {
		name := fmt.Sprint("Delegación ", i+1)
		if one, ok := got.text(name); !ok || one.Turn == 0 {
			t.Errorf("%q is not there whole and turned", name)
		}
	}
}

func TestDivergingClassesGoThroughTheMiddle(t *testing.T) {
	t.Parallel()
	c := plot.Chart{Kind: plot.Map, Width: 300, Height: 200, Panels: []plot.Panel{{}}}
	for i := range 5 {
		c.Classes = append(c.Classes, plot.Class{Tone: i - 2, Diverges: true})
		c.Panels[0].Marks = append(c.Panels[0].Marks, plot.Mark{Row: i, Class: i + 1, Path: "M0 0H9V9Z"})
	}
	got := look(plot.Draw(c))
	for i := range 5 {
		if one := fill(t, got, i); one.Fill != plot.InkDiverge+plot.Ink(i) {
			t.Errorf("tone %d has ink %v, want %v", i-2, one.Fill, plot.InkDiverge+plot.Ink(i))
		}
		if one, rim := fill(t, got, i), plot.InkStrong; (one.Stroke == rim) != (i == 2) {
			t.Errorf("tone %d has the rim %v: the middle one, which is hardly other than paper, needs one, the others none", i-2, one.Stroke)
		}
		if ink := plot.ClassInk(c.Classes[i]); ink != plot.InkDiverge+plot.Ink(i) {
			t.Errorf("ClassInk of tone %d = %v", i-2, ink)
		}
	}
}

func TestPartsOfATreemapAreAsLargeAsTheirSizes(t *testing.T) {
	t.Parallel()
	sizes := []float64{600, 300, 200, 100, 50, 0, -20, 1}
	c := plot.Chart{Kind: plot.Treemap, Width: 720, Height: 400, Panels: []plot.Panel{{}}}
	for i, size := range sizes {
		c.Panels[0].Marks = append(c.Panels[0].Marks, plot.Mark{Row: i, Size: size, Name: fmt.Sprint("Parte ", i)})
	}
	scene := plot.Draw(c)
	checkSound(t, scene)
	got := look(scene)
	if rows := got.rows(); len(rows) != 6 || rows[5]+rows[6] != 0 {
		t.Errorf("parts are rows %v, want those with a size above zero", rows)
	}
	const gap = 1.5
	area := func(b box) float64 { return (b.width() + gap) * (b.height() + gap) }
	for _, i := range []int{1, 2, 3, 4} {
		one := fill(t, got, i)
		if ratio := area(one.box) / area(fill(t, got, 0).box); ratio/(sizes[i]/600) < 0.99 || ratio/(sizes[i]/600) > 1.01 {
			t.Errorf("part %d has %v of the greatest's area, want %v", i, ratio, sizes[i]/600)
		}
		for j := range i {
			if other := fill(t, got, j); one.left < other.right && other.left < one.right && one.top < other.bottom && other.top < one.bottom {
				t.Errorf("parts %v and %v overlap", one.box, other.box)
			}
		}
		if r := one.width() / one.height(); r > 5 || r < 0.2 {
			t.Errorf("part %d is %v times as wide as high", i, r)
		}
	}
	if _, ok := got.text("Parte 0"); !ok {
		t.Error("the greatest part has no name")
	}
	if _, ok := got.text("600"); !ok {
		t.Error("the greatest part has no value")
	}
}

func TestPartsLieWithinTheirParents(t *testing.T) {
	t.Parallel()
	c := plot.Chart{Kind: plot.Treemap, Width: 720, Height: 400, Panels: []plot.Panel{{Marks: []plot.Mark{
		{Row: 0, Name: "Hospitales", Parent: "Salud", Size: 30}, {Row: 1, Name: "Escuelas", Parent: "Educación", Size: 20},
		{Row: 2, Name: "Vacunas", Parent: "Salud", Size: 10}, {Row: 3, Name: "Salud"}, {Row: 4, Name: "Obra", Size: 15},
	}}}}
	scene := plot.Draw(c)
	checkSound(t, scene)
	got := look(scene)
	a, b, other := fill(t, got, 0), fill(t, got, 2), fill(t, got, 1)
	group, ok := got.text("Salud")
	if !ok || group.X > a.right || group.Y > a.top+1 {
		t.Errorf("the group's name stands at %v %v, its part at %v", group.X, group.Y, a.box)
	}
	left, right := min(a.left, b.left), max(a.right, b.right)
	top, bottom := min(a.top, b.top), max(a.bottom, b.bottom)
	if other.x() > left && other.x() < right && other.y() > top && other.y() < bottom {
		t.Errorf("a part of another group stands at %v, within %v %v %v %v", other.box, left, top, right, bottom)
	}
	if rows := got.rows(); rows[3] != 1 || rows[4] != 1 {
		t.Errorf("rows are %v, want the group and the part without one", rows)
	}
}

func TestNoNameOfAPartIsCut(t *testing.T) {
	t.Parallel()
	names := []string{"Instituto Mexicano del Seguro Social", "Instituto de Seguridad y Servicios Sociales de los Trabajadores del Estado", "Instituto Mexicano de la Juventud", "Instituto Mexicano de la Radio",
		"Instituto Mexicano de Cinematografía", "Instituto Mexicano de Tecnología del Agua", "Salud", "Electroencefalografistas"}
	c := plot.Chart{Kind: plot.Treemap, Width: 340, Panels: []plot.Panel{{}}}
	for i, name := range names {
		c.Panels[0].Marks = append(c.Panels[0].Marks, plot.Mark{Row: i, Size: float64(1000 / (i + 1) / (i + 1)), Name: name})
	}
	c.Panels[0].Marks = append(c.Panels[0].Marks, plot.Mark{Row: len(names), Size: 900, Name: "Los demás", Rest: true})
	scene := plot.Draw(c)
	checkSound(t, scene)
	got := look(scene)
	all := ""
	for _, text := range got.texts {
		all += text.Text + " "
		if strings.HasSuffix(text.Text, "…") || text.Size < 11 {
			t.Errorf("%q is cut, or small: %v", text.Text, text.Size)
		}
	}
	for _, name := range names { // on its part or in the key
		if !strings.Contains(strings.Join(strings.Fields(all), " "), name) {
			t.Errorf("%q is not there: %s", name, all)
		}
	}
	if !strings.Contains(all, " 1 ") || !strings.Contains(all, " 2 ") {
		t.Errorf("the key has no numbers: %s", all)
	}
	if one := fill(t, got, len(names)); one.Fill != plot.InkNoValue {
		t.Errorf("what is left over has ink %v, want the quietest", one.Fill)
	}
}

func TestNamesOfRowsOfTilesTakeLinesOnPhones(t *testing.T) {
	t.Parallel()
	c := of(plot.Tiles, 1, 2)
	c.Y.Categories = []string{"Cuajimalpa de Morelos y La Magdalena Contreras", "Otra"}
	scene := plot.Draw(c)
	checkSound(t, scene)
	all := ""
	for _, text := range look(scene).texts {
		all += text.Text + " "
	}
	if strings.Contains(all, "…") || !strings.Contains(all, "Contreras") {
		t.Errorf("a name is cut: %s", all)
	}
}

func TestBordersOfManyShapesAreThin(t *testing.T) {
	t.Parallel()
	width := func(n int) float64 {
		c := plot.Chart{Kind: plot.Map, Width: 300, Height: 200, Panels: []plot.Panel{{}}}
		for i := range n {
			c.Panels[0].Marks = append(c.Panels[0].Marks, plot.Mark{Row: i, Path: "M0 0H9V9Z"})
		}
		return fill(t, look(plot.Draw(c)), 0).Width
	}
	if few, many := width(32), width(2469); few < 0.5 || many > 0.2 || many <= 0 {
		t.Errorf("borders of states have %v pixels, those of municipalities %v", few, many)
	}
}
