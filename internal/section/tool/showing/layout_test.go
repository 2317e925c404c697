package showing_test

import (
	"strings"
	"testing"

	"plaza/internal/base/tabular"
	"plaza/internal/section/tool/reckon"
	"plaza/internal/section/tool/showing"
	"plaza/internal/section/tool/spec"
)

func TestViewsShareRowsWithoutGaps(t *testing.T) {
	marks := map[string]spec.Mark{"figure": spec.Figure, "bar": spec.Bar, "map": spec.GeoShape, "text": spec.Text, "table": spec.Table, "heat": spec.Rect}
	for _, c := range []struct{ views, want string }{
		{"bar", "whole"},
		{"bar bar", "half half"},
		{"map bar bar", "whole half half"},
		{"figure bar map bar text", "whole whole half half whole"},
		{"figure figure figure map bar", "third third third half half"},
		{"figure figure figure figure", "quarter quarter quarter quarter"},
		{"figure figure figure figure figure", "third third third half half"},
		{"figure figure figure figure figure figure", "quarter quarter quarter quarter half half"},
		{"bar text bar heat table bar bar", "whole whole whole whole whole half half"},
	} {
		var views []spec.View
		for name := range strings.FieldsSeq(c.views) {
			views = append(views, spec.View{Mark: marks[name]})
		}
		var got []string
		for _, s := range showing.Layout(views) {
			got = append(got, string(s))
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s stand as %v, want %s", c.views, got, c.want)
		}
	}
}

func TestWhatViewsHaveInCommonIsSaidOnce(t *testing.T) {
	for name, c := range map[string]struct {
		views []spec.View
		want  bool
	}{
		"one view":       {[]spec.View{{Source: "datos"}}, false},
		"one table":      {[]spec.View{{Source: "datos"}, {Mark: spec.Text}, {Source: "datos"}}, true},
		"two tables":     {[]spec.View{{Source: "datos"}, {Source: "otra"}}, false},
		"borders of one": {[]spec.View{{Source: "datos"}, {Source: "datos", Geo: "otra"}}, false},
	} {
		s := spec.Spec{Sources: []spec.Source{{Name: "datos"}, {Name: "otra"}}, Views: c.views}
		if got := showing.Common(s); got != c.want {
			t.Errorf("%s: common is %v", name, got)
		}
	}
	a := asked(t, reckon.Column{Field: "sector", Type: tabular.Text}, "agua")
	a.Common, a.View.Filter = true, "f.anio=2020"
	v := showing.Make(a)
	var said []string
	for _, f := range v.Facts {
		said = append(said, f.Text)
	}
	if got := strings.Join(said, " "); len(v.Sources) > 0 || strings.Contains(got, "Producto") || !strings.Contains(got, "Anio: 2020") || !strings.Contains(got, "2 no tienen valor") {
		t.Errorf("a view says %q of its own, from %v", got, v.Sources)
	}
	a.View.Filter = ""
	for _, f := range showing.Make(a).Facts {
		if strings.HasPrefix(f.Text, "Se contaron") {
			t.Errorf("a view of all rows repeats %q", f.Text)
		}
	}
}

func TestWhatWasOffersNothingOfNow(t *testing.T) {
	a := asked(t, reckon.Column{Field: "sector", Type: tabular.Text}, "agua")
	a.Common, a.Past, a.Page = true, "Así estaba", ""
	v := showing.Make(a)
	if v.Past == "" || len(v.Sources) == 0 || v.Table == nil || len(v.Files) > 0 || v.Map != nil {
		t.Errorf("it shows %q with sources %v, files %v", v.Past, v.Sources, v.Files)
	}
}
