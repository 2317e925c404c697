package tree

import (
	"slices"
	"strings"
	"testing"
)

// floors are the house's, from the ground up. tool stands beside the house: it may
// look at everything, and nothing in the house knows it.
var floors = []string{"", "base", "civic", "section", "site", "cmd"}

// ground is what everything may stand on.
var ground = []string{"plaza", "schema"}

// sideways are the civic packages that others on their floor may import.
var sideways = []string{"account", "calendar", "access", "gate", "institution", "moderation", "outbox", "privacy", "record", "search"}

// cgo are the packages that may be built from C.
var cgo = []string{"base/image", "base/tabular/engine"}

func floor(path string) int {
	if slices.Contains(ground, path) || path == "ui" {
		return 0
	}
	head, _, _ := strings.Cut(path, "/")
	return slices.Index(floors, head)
}

// wrong says why the package at from may not import the one at to, "" if it may.
func wrong(from, to string) string {
	a, b := floor(from), floor(to)
	tool := strings.HasPrefix(from, "tool/")
	switch {
	case strings.HasPrefix(to, "tool/") && !tool:
		return "nothing in the house knows the tools"
	case tool:
		return ""
	case a < 0:
		return "this package is on no floor"
	case b > a:
		return "imports go down only"
	case a == 0 && b == 0 && from != to:
		return "the ground stands on nothing of ours"
	}
	return aside(from, to, floors[a], a == b)
}

// aside judges imports on one floor.
func aside(from, to, name string, same bool) string {
	if !same {
		return ""
	}
	part := func(path string) string {
		head, _, _ := strings.Cut(strings.TrimPrefix(path, name+"/"), "/")
		return head
	}
	switch {
	case part(from) == part(to):
		return ""
	case name == "civic" && !slices.Contains(sideways, part(to)):
		return "civic packages import only " + strings.Join(sideways, ", ") + " beside them"
	case name == "section":
		return "sections never import sections: declare an interface, and let site hand it in"
	}
	return ""
}

func TestImportsGoDownOnly(t *testing.T) {
	for _, p := range ours(t) {
		for _, list := range [][]string{p.Imports, p.TestImports, p.XTestImports} {
			for _, to := range list {
				if !strings.HasPrefix(to, "plaza/") {
					continue
				}
				if why := wrong(p.path(), short(to)); why != "" {
					t.Errorf("%s imports %s: %s", p.path(), short(to), why)
				}
			}
		}
	}
}

func TestTheLayerRulesSeeWhatTheyForbid(t *testing.T) {
	for _, c := range []struct {
		from, to string
		allowed  bool
	}{
		{"base/web", "plaza", true},
		{"base/web", "base/i18n", true},
		{"base/web", "civic/account", false},
		{"plaza", "schema", false},
		{"civic/record", "civic/institution", true},
		{"civic/record", "civic/follow", false},
		{"civic/account", "section/catalog", false},
		{"section/catalog", "civic/search", true},
		{"section/catalog", "section/question", false},
		{"section/catalog/harvest", "section/catalog/dcat", true},
		{"section/catalog", "site", false},
		{"site", "section/catalog", true},
		{"site/browser", "site/demo", true},
		{"site", "cmd/plaza", false},
		{"cmd/plaza", "site", true},
		{"site", "tool/bench", false},
		{"tool/bench", "site", true},
		{"elsewhere", "plaza", false},
		{"site", "ui", true},
	} {
		if got := wrong(c.from, c.to) == ""; got != c.allowed {
			t.Errorf("wrong(%q, %q) = %q, want allowed %v", c.from, c.to, wrong(c.from, c.to), c.allowed)
		}
	}
}

func TestOnlyTwoPackagesAreBuiltFromC(t *testing.T) {
	all, err := world()
	if err != nil {
		t.Fatal(err)
	}
	fromC := func(p *pkg) bool {
		if p == nil || p.Standard {
			return false
		}
		return len(p.CgoFiles) > 0 || slices.ContainsFunc(p.Deps, func(d string) bool {
			return !all[d].Standard && len(all[d].CgoFiles) > 0
		})
	}
	for _, p := range ours(t) {
		if slices.Contains(cgo, p.path()) {
			continue
		}
		if len(p.CgoFiles) > 0 {
			t.Errorf("%s holds C", p.path())
		}
		for _, to := range p.Imports {
			if q := all[to]; q != nil && !q.ours() && fromC(q) {
				t.Errorf("%s imports %s, which is built from C", p.path(), to)
			}
		}
	}
}

// plain are the files that hold a section's or a component's nouns: its types, limits
// and rules.
var plain = []string{
	"dataset.go", "resource.go", "source.go", "institution.go", "record.go", "question.go", "answer.go",
	"story.go", "app.go", "survey.go", "challenge.go", "collaboration.go", "datathon.go", "commitment.go",
}

func TestNounsKnowNeitherPagesNorTables(t *testing.T) {
	for _, p := range ours(t) {
		if f := floor(p.path()); f > 3 {
			continue
		}
		for _, name := range p.GoFiles {
			if !slices.Contains(plain, name) && p.path() != "plaza" {
				continue
			}
			for _, to := range imports(t, p, name) {
				if to == "net/http" || to == "database/sql" {
					t.Errorf("%s/%s imports %s: nouns know neither pages nor tables", p.path(), name, to)
				}
			}
		}
	}
}
