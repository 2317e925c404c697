package tree

import (
	"go/ast"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"plaza/internal/base/i18n"
)

// catalogues are the folders that have locale/es.json.
func catalogues(t *testing.T) []fs.FS {
	t.Helper()
	var found []fs.FS
	for _, top := range []string{"internal", "cmd"} {
		err := filepath.WalkDir(filepath.Join(root, top), func(path string, d fs.DirEntry, err error) error {
			if err == nil && d.Name() == "es.json" && filepath.Base(filepath.Dir(path)) == "locale" {
				found = append(found, os.DirFS(filepath.Dir(filepath.Dir(path))))
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(found) < 5 {
		t.Fatalf("found only %d catalogues: the test looks in the wrong place", len(found))
	}
	return found
}

func TestEverySentenceIsInBothLanguages(t *testing.T) {
	for _, problem := range i18n.CheckCatalogues(catalogues(t)...) {
		t.Error(problem)
	}
}

// words are the message keys of all catalogues.
func words(t *testing.T) *i18n.Bundle {
	t.Helper()
	b, err := i18n.New()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range catalogues(t) {
		if f, ok := c.(fs.StatFS); ok {
			if _, err := f.Stat("i18n.go"); err == nil {
				continue // its own are in every Bundle
			}
		}
		if err := b.Add(c); err != nil {
			t.Error(err)
		}
	}
	return b
}

var (
	keyShape = regexp.MustCompile(`^[a-z][a-z0-9_]*(\.[A-Za-z0-9_-]+)+$`)
	quoted   = regexp.MustCompile("\"([^\"{}\\n]*)\"|`([^`{}\\n]*)`") // also inside quoted attributes
	asked    = regexp.MustCompile(`\.T(?:HTML)? "([^"]+)"`)
)

// templates calls f with every page template of ours.
func templates(t *testing.T, f func(name, body string)) {
	t.Helper()
	err := filepath.WalkDir(filepath.Join(root, "internal"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".html" || !strings.Contains(filepath.ToSlash(path), "/templates/") {
			return err
		}
		body, err := os.ReadFile(path)
		f(strings.TrimPrefix(path, root+"/"), string(body))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// said calls f with each message key that code names outright, p.T("…"),
// plaza.E(kind, "…") and Key: "…", and begun with the beginnings of those that it
// puts together.
func said(s *source, f, begun func(n ast.Node, key string)) {
	text := func(e ast.Expr) {
		f := f
		for {
			sum, ok := e.(*ast.BinaryExpr)
			if !ok {
				break
			}
			e, f = sum.X, begun
		}
		if lit, ok := e.(*ast.BasicLit); ok && lit.Kind == token.STRING {
			if key, err := strconv.Unquote(lit.Value); err == nil {
				f(lit, key)
			}
		}
	}
	ast.Inspect(s.File, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			sel, ok := n.Fun.(*ast.SelectorExpr)
			switch {
			case ok && sel.Sel.Name == "T" && len(n.Args) > 0:
				text(n.Args[0])
			case ok && sel.Sel.Name == "E" && len(n.Args) > 1:
				text(n.Args[1])
			}
		case *ast.KeyValueExpr:
			if k, ok := n.Key.(*ast.Ident); ok && k.Name == "Key" {
				text(n.Value)
			}
		}
		return true
	})
}

func TestEverySentenceThatIsSaidExists(t *testing.T) {
	known := words(t)
	for _, s := range sources(t) {
		if s.test || strings.HasPrefix(s.pkg.path(), "tool/") {
			continue
		}
		said(s, func(n ast.Node, key string) {
			if keyShape.MatchString(key) && !known.Has(key) {
				t.Errorf("%s says %q, which is in no catalogue", s.at(n), key)
			}
		}, func(ast.Node, string) {})
	}
	templates(t, func(name, body string) {
		for _, m := range asked.FindAllStringSubmatch(body, -1) {
			if !known.Has(m[1]) {
				t.Errorf("%s says %q, which is in no catalogue", name, m[1])
			}
		}
	})
}

// documented finds the keys that describe a field of an interface, in its tag.
var documented = regexp.MustCompile(`(?:doc|Description):"([a-z_.]+)"`)

// literals are all strings in code and templates: whole keys, and what keys are made
// from (a beginning that ends in a dot or an underscore, or a format).
func literals(t *testing.T) []string {
	t.Helper()
	set := map[string]bool{}
	for _, s := range sources(t) {
		if s.test {
			continue
		}
		ast.Inspect(s.File, func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
				if text, err := strconv.Unquote(lit.Value); err == nil {
					set[text] = true
					for _, m := range documented.FindAllStringSubmatch(text, -1) { // a field's tag
						set[m[1]] = true
					}
				}
			}
			return true
		})
	}
	templates(t, func(_, body string) {
		for _, m := range quoted.FindAllStringSubmatch(body, -1) {
			set[m[1]+m[2]] = true
		}
	})
	var list []string
	for text := range set {
		list = append(list, text)
	}
	return list
}

func TestEverySentenceIsSaidSomewhere(t *testing.T) {
	whole := map[string]bool{}
	var starts, formats []string
	for _, text := range literals(t) {
		switch {
		case keyShape.MatchString(text):
			whole[text] = true
		case strings.Contains(text, ".") && strings.Contains(text, "%") && keyShape.MatchString(strings.NewReplacer("%s", "x", "%d", "x", "%v", "x").Replace(text)):
			formats = append(formats, text)
		case len(text) > 1 && keyShape.MatchString(text+"x"):
			starts = append(starts, text)
		}
	}
	for _, s := range sources(t) {
		said(s, func(ast.Node, string) {}, func(_ ast.Node, key string) { starts = append(starts, key) })
	}
	for _, key := range words(t).Keys() {
		used := whole[key] || whole[strings.TrimSuffix(key, ".text")] ||
			slices.ContainsFunc(starts, func(s string) bool { return strings.HasPrefix(key, s) }) ||
			slices.ContainsFunc(formats, func(f string) bool {
				pattern := "^" + strings.NewReplacer("%s", ".+", "%d", ".+", "%v", ".+").Replace(regexp.QuoteMeta(f)) + "$"
				return regexp.MustCompile(pattern).MatchString(key)
			})
		if !used {
			t.Errorf("nothing says %q: the sentence is dead", key)
		}
	}
}
