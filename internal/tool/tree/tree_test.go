package tree

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// root is the repository's, seen from this package's folder.
const root = "../../.."

// A pkg is what go list tells of a package.
type pkg struct {
	ImportPath, Dir, Name, Doc         string
	Standard                           bool
	Imports, Deps                      []string
	TestImports, XTestImports          []string
	GoFiles, TestGoFiles, XTestGoFiles []string
	CgoFiles                           []string
	Module                             *struct {
		Path, Version, Dir string
		Main               bool
	}
}

func (p *pkg) ours() bool { return p.Module != nil && p.Module.Main }

// path is the package's without the module's name and "internal".
func (p *pkg) path() string { return short(p.ImportPath) }

func short(importPath string) string {
	return strings.TrimPrefix(strings.TrimPrefix(importPath, "plaza/"), "internal/")
}

// world lists our packages and everything that they are built from, tests included.
var world = sync.OnceValues(func() (map[string]*pkg, error) {
	cmd := exec.Command("go", "list", "-deps", "-json", "./...")
	cmd.Dir = root
	var failed bytes.Buffer
	cmd.Stderr = &failed
	out, err := cmd.Output()
	if err != nil {
		return nil, errors.Join(err, errors.New(failed.String()))
	}
	all := map[string]*pkg{}
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		p := new(pkg)
		if err := d.Decode(p); errors.Is(err, io.EOF) {
			return all, nil
		} else if err != nil {
			return nil, err
		}
		all[p.ImportPath] = p
	}
})

// ours are the packages of this module, by import path.
func ours(t *testing.T) []*pkg {
	t.Helper()
	all, err := world()
	if err != nil {
		t.Fatal(err)
	}
	var list []*pkg
	for _, p := range all {
		if p.ours() {
			list = append(list, p)
		}
	}
	return list
}

// tracked calls f with every file that is in the repository or about to be: what git
// tracks, and what it neither tracks nor ignores.
func tracked(t *testing.T, f func(name string, body []byte)) {
	t.Helper()
	cmd := exec.Command("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	cmd.Dir = root
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("listing the repository's files: %v", err)
	}
	for name := range strings.SplitSeq(strings.TrimRight(string(out), "\x00"), "\x00") {
		body, err := os.ReadFile(filepath.Join(root, name))
		if errors.Is(err, os.ErrNotExist) {
			continue // deleted and not yet committed
		}
		if err != nil {
			t.Fatal(err)
		}
		f(name, body)
	}
}
