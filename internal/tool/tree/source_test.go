package tree

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// A source is one parsed file of ours.
type source struct {
	*ast.File
	pkg  *pkg
	name string
	test bool
	set  *token.FileSet
}

func (s *source) at(n ast.Node) string {
	return s.pkg.path() + "/" + s.name + ":" + strconv.Itoa(s.set.Position(n.Pos()).Line)
}

func parse(t *testing.T, p *pkg, name string) *source {
	t.Helper()
	set := token.NewFileSet()
	f, err := parser.ParseFile(set, filepath.Join(p.Dir, name), nil, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	return &source{File: f, pkg: p, name: name, set: set, test: strings.HasSuffix(name, "_test.go")}
}

func sources(t *testing.T) []*source {
	t.Helper()
	var list []*source
	for _, p := range ours(t) {
		for _, names := range [][]string{p.GoFiles, p.CgoFiles, p.TestGoFiles, p.XTestGoFiles} {
			for _, name := range names {
				list = append(list, parse(t, p, name))
			}
		}
	}
	return list
}

func imports(t *testing.T, p *pkg, name string) (paths []string) {
	t.Helper()
	for _, spec := range parse(t, p, name).Imports {
		path, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			t.Fatal(err)
		}
		paths = append(paths, path)
	}
	return paths
}

// calls calls found for each mention of a function or value of a package, as time.Now.
func calls(s *source, name, member string, found func(ast.Node)) {
	ast.Inspect(s.File, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok && sel.Sel.Name == member {
			if x, ok := sel.X.(*ast.Ident); ok && x.Name == name {
				found(n)
			}
		}
		return true
	})
}

func TestTheTimeComesFromTheStore(t *testing.T) {
	for _, s := range sources(t) {
		if s.test || s.pkg.path() == "base/db" || strings.HasPrefix(s.pkg.path(), "tool/") {
			continue // tests and tools measure durations
		}
		calls(s, "time", "Now", func(n ast.Node) {
			t.Errorf("%s: time.Now: take the instant from the transaction, db.Now or an argument", s.at(n))
		})
	}
}

func TestNoTestSleepsOrSkips(t *testing.T) {
	for _, s := range sources(t) {
		if !s.test {
			continue
		}
		calls(s, "time", "Sleep", func(n ast.Node) {
			t.Errorf("%s: a test that sleeps is slow or wrong: wait for what it awaits", s.at(n))
		})
		for _, recv := range []string{"t", "tb", "b"} {
			for _, skip := range []string{"Skip", "Skipf", "SkipNow"} {
				calls(s, recv, skip, func(n ast.Node) { t.Errorf("%s: a test that skips proves nothing", s.at(n)) })
			}
		}
	}
}

func TestEveryPackageSaysWhatItIsFor(t *testing.T) {
	for _, p := range ours(t) {
		if len(p.GoFiles)+len(p.CgoFiles) == 0 {
			continue // tests alone
		}
		if p.Doc == "" {
			t.Errorf("%s has no package comment", p.path())
		}
		if slices.Contains([]string{"util", "utils", "common", "helper", "helpers", "models", "misc", "shared"}, p.Name) {
			t.Errorf("%s: a package is called by what it does", p.path())
		}
	}
}

func TestEveryExportedSymbolIsDocumented(t *testing.T) {
	for _, s := range sources(t) {
		if s.test {
			continue
		}
		for _, d := range s.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if d.Doc == nil && d.Name.IsExported() && exportedReceiver(d) {
					t.Errorf("%s: %s has no doc comment", s.at(d), d.Name.Name)
				}
			case *ast.GenDecl:
				undocumented(s, d, func(n ast.Node, name string) { t.Errorf("%s: %s has no doc comment", s.at(n), name) })
			}
		}
	}
}

// obvious are methods that interfaces of the standard library ask for; their meaning
// is told there.
var obvious = []string{"Error", "Unwrap", "String", "Len", "Less", "Swap", "MarshalJSON", "UnmarshalJSON", "MarshalText", "UnmarshalText", "LogValue", "Kind"}

func exportedReceiver(d *ast.FuncDecl) bool {
	if d.Recv == nil {
		return true
	}
	if slices.Contains(obvious, d.Name.Name) {
		return false
	}
	expr := d.Recv.List[0].Type
	for {
		switch e := expr.(type) {
		case *ast.StarExpr:
			expr = e.X
		case *ast.IndexExpr:
			expr = e.X
		case *ast.Ident:
			return e.IsExported()
		default:
			return true
		}
	}
}

// undocumented calls found for each exported name of a declaration that neither it
// nor its group documents.
func undocumented(s *source, d *ast.GenDecl, found func(ast.Node, string)) {
	for _, spec := range d.Specs {
		switch spec := spec.(type) {
		case *ast.TypeSpec:
			if spec.Name.IsExported() && spec.Doc == nil && d.Doc == nil && spec.Comment == nil {
				found(spec, spec.Name.Name)
			}
		case *ast.ValueSpec:
			if spec.Doc != nil || spec.Comment != nil || d.Doc != nil {
				continue
			}
			for _, name := range spec.Names {
				if name.IsExported() {
					found(spec, name.Name)
				}
			}
		}
	}
}
