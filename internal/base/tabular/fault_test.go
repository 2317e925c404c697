package tabular_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"plaza/internal/base/i18n"
	"plaza/internal/base/tabular"
)

// faults collects the codes that the readers' source gives its faults: those of literals,
// and those that are handed to functions which make a fault of their argument.
type faults struct {
	makers map[string]int // function → which of its arguments is the code
	codes  map[string]token.Position
	files  *token.FileSet
}

func (f *faults) literal(e ast.Expr) {
	if lit, ok := e.(*ast.BasicLit); ok && lit.Kind == token.STRING {
		if code, err := strconv.Unquote(lit.Value); err == nil {
			f.codes[code] = f.files.Position(lit.Pos())
		}
	}
}

// made are the codes of a file's literals and the functions of it that make faults.
func (f *faults) made(file *ast.File) {
	for _, d := range file.Decls {
		fn, ok := d.(*ast.FuncDecl)
		if !ok || fn.Body == nil {
			continue
		}
		args := map[string]int{}
		for _, field := range fn.Type.Params.List {
			for _, name := range field.Names {
				args[name.Name] = len(args)
			}
		}
		ast.Inspect(fn.Body, func(n ast.Node) bool {
			lit, ok := n.(*ast.CompositeLit)
			if !ok || !isFault(lit.Type) {
				return true
			}
			for _, e := range lit.Elts {
				pair, ok := e.(*ast.KeyValueExpr)
				if !ok || pair.Key.(*ast.Ident).Name != "Code" {
					continue
				}
				f.literal(pair.Value)
				if name, ok := pair.Value.(*ast.Ident); ok {
					if at, ok := args[name.Name]; ok {
						f.makers[fn.Name.Name] = at
					}
				}
			}
			return true
		})
	}
}

func isFault(t ast.Expr) bool {
	switch t := t.(type) {
	case *ast.Ident:
		return t.Name == "Fault"
	case *ast.SelectorExpr:
		return t.Sel.Name == "Fault"
	}
	return false
}

// called are the codes that a file hands to makers.
func (f *faults) called(file *ast.File) {
	ast.Inspect(file, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		name := ""
		switch fn := call.Fun.(type) {
		case *ast.Ident:
			name = fn.Name
		case *ast.SelectorExpr:
			name = fn.Sel.Name
		}
		if at, ok := f.makers[name]; ok && at < len(call.Args) {
			f.literal(call.Args[at])
		}
		return true
	})
}

func TestEveryFaultHasItsSentence(t *testing.T) {
	bundle, err := i18n.New(tabular.Locale)
	if err != nil {
		t.Fatal(err)
	}
	es := bundle.Printer(i18n.Spanish)
	f := &faults{files: token.NewFileSet(), codes: map[string]token.Position{}}
	folders := map[string][]*ast.File{}
	err = filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(f.files, path, nil, parser.SkipObjectResolution)
		folders[filepath.Dir(path)] = append(folders[filepath.Dir(path)], file)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, files := range folders {
		f.makers = map[string]int{}
		for _, file := range files {
			f.made(file)
		}
		for _, file := range files {
			f.called(file)
		}
	}
	for _, code := range []string{"killed_memory", "killed_time", "killed_disk", "crashed"} { // package child's constants
		f.codes[code] = token.Position{}
	}
	if len(f.codes) < 50 {
		t.Fatalf("only %d codes were found: %v", len(f.codes), f.codes)
	}
	for code, at := range f.codes {
		if !es.Has("tabular.fault." + code) {
			t.Errorf("%s: fault %q has no sentence", at, code)
		}
	}
	for _, problem := range i18n.CheckCatalogues(tabular.Locale) {
		t.Error(problem) // a sentence that one of the languages lacks
	}
}
