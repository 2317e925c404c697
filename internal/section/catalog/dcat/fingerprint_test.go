package dcat_test

import (
	"testing"

	"plaza/internal/section/catalog/dcat"
)

func sample() dcat.Record {
	return dcat.Record{
		SourceKey: "a", Title: "Título", Keywords: []string{"uno", "dos"}, Themes: []string{"x", "y"}, Extras: map[string]string{"a": "1", "b": "2"},
		Spatial: dcat.Spatial{Box: &dcat.Box{West: -1, East: 1}},
		Resources: []dcat.Resource{
			{SourceKey: "1", Fields: []dcat.Field{{Name: "a"}, {Name: "b"}}, Position: 0},
			{SourceKey: "2", ByteSize: -1, Position: 1},
		},
	}
}

func TestOrderThatMeansNothingDoesNotChangeTheFingerprint(t *testing.T) {
	a, b := sample(), sample()
	b.Keywords = []string{"dos", "uno"}
	b.Themes = []string{"y", "x"}
	b.Resources[0], b.Resources[1] = b.Resources[1], b.Resources[0]
	b.Resources[0].Position, b.Resources[1].Position = 0, 1
	if a.Fingerprint() != b.Fingerprint() {
		t.Error("fingerprints differ")
	}
	if b.Keywords[0] != "dos" || b.Resources[0].SourceKey != "2" {
		t.Error("Fingerprint reordered the record")
	}
}

func TestEveryChangeChangesTheFingerprint(t *testing.T) {
	seen := map[string]string{}
	for name, change := range map[string]func(*dcat.Record){
		"nothing":           func(*dcat.Record) {},
		"title":             func(r *dcat.Record) { r.Title = "Otro" },
		"text moved":        func(r *dcat.Record) { r.Title, r.Description = "", r.Title },
		"keyword added":     func(r *dcat.Record) { r.Keywords = append(r.Keywords, "tres") },
		"keyword joined":    func(r *dcat.Record) { r.Keywords = []string{"unodos"} },
		"theme for keyword": func(r *dcat.Record) { r.Keywords, r.Themes = r.Themes, r.Keywords },
		"extra":             func(r *dcat.Record) { r.Extras = map[string]string{"a": "2", "b": "1"} },
		"no extras":         func(r *dcat.Record) { r.Extras = nil },
		"box":               func(r *dcat.Record) { r.Spatial.Box = &dcat.Box{West: -1, East: 2} },
		"no box":            func(r *dcat.Record) { r.Spatial.Box = nil },
		"publisher":         func(r *dcat.Record) { r.Publisher.Name = "x" },
		"contact":           func(r *dcat.Record) { r.Contact.Name = "x" },
		"licence":           func(r *dcat.Record) { r.License.ID = "x" },
		"end":               func(r *dcat.Record) { r.Temporal.End = "2016" },
		"size":              func(r *dcat.Record) { r.Resources[1].ByteSize = 5 },
		"columns turned":    func(r *dcat.Record) { f := r.Resources[0].Fields; f[0], f[1] = f[1], f[0] },
		"resource gone":     func(r *dcat.Record) { r.Resources = r.Resources[:1] },
		"access level":      func(r *dcat.Record) { r.AccessLevel = "public" },
	} {
		r := sample()
		change(&r)
		f := r.Fingerprint()
		if other, same := seen[f]; same {
			t.Errorf("%q and %q have the same fingerprint", name, other)
		}
		seen[f] = name
	}
}
