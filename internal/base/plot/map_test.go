package plot_test

import (
	"testing"

	"plaza/internal/base/plot"
)

func mapChart() plot.Chart {
	return plot.Chart{Kind: plot.Map, Width: 340, Height: 240, Classes: classes(), Words: plot.Words{NoValue: "Sin dato", Kilo: "km"}, Panels: []plot.Panel{{
		Ground: []plot.Ground{{Path: "M0 0H340V240H0Z", Kind: "water"}, {Path: "M10 10H300V200Z", Kind: "land"}, {Path: "M10 10L100 100", Kind: "border"}},
		Marks: []plot.Mark{
			{Row: 0, Class: 2, Path: "M10 10H60V60Z"}, {Row: 1, Path: "M60 10H99V60Z"},
			{Row: 2, X: 150, Y: 100, Size: 900, Class: 1, Name: "Hermosillo"}, {Row: 3, X: 200, Y: 150, Size: 100, Class: 1}, {Row: 4, X: 1000, Y: 10},
		},
		Scale: plot.Scale{Length: 70, Label: "200 km"},
	}}}
}

func TestMapsHaveShapesPointsAScaleAndAKey(t *testing.T) {
	t.Parallel()
	scene := plot.Draw(mapChart())
	checkSound(t, scene)
	if scene.Width != 340 || scene.Height <= 240 {
		t.Errorf("the picture is %v by %v, want the key below 240", scene.Width, scene.Height)
	}
	got := look(scene)
	if one := fill(t, got, 0); one.Fill != plot.InkScale+1 || one.box != (box{10, 10, 60, 60}) {
		t.Errorf("the shape is %+v", one)
	}
	if one := fill(t, got, 1); one.Fill != plot.InkNoValue {
		t.Errorf("the shape without value has ink %v", one.Fill)
	}
	a, b := fill(t, got, 2), fill(t, got, 3)
	if !alike(a.x(), 150) || !alike(a.y(), 100) || !alike(a.width(), 3*b.width()) {
		t.Errorf("points are at %v and %v, want areas as 9 to 1", a.box, b.box)
	}
	if rows := got.rows(); rows[4] != 0 {
		t.Error("a point out of sight is drawn")
	}
	for _, want := range []string{"200 km", "Sin dato", "clase 3", "Hermosillo"} {
		if _, ok := got.text(want); !ok {
			t.Errorf("%q is not written", want)
		}
	}
	inks := map[plot.Ink]int{}
	for _, one := range got.shapes {
		inks[one.Fill]++
	}
	if inks[plot.InkLand] != 1 || inks[plot.InkWater] != 1 {
		t.Errorf("the ground has inks %v", inks)
	}
}

func TestAMapMayLeaveItsKeyToOthers(t *testing.T) {
	t.Parallel()
	c := mapChart()
	c.Keyless = true
	scene := plot.Draw(c)
	if _, ok := look(scene).text("clase 3"); ok || scene.Height != 240 {
		t.Errorf("the map is %v high with a key %v, want 240 without", scene.Height, ok)
	}
}
