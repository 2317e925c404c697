package tree

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/licensecheck"
)

// allowed are the licences that Plaza's parts may come under: all of them let anyone
// use, change and pass on the whole.
var allowed = []string{"MIT", "MIT-0", "BSD-2-Clause", "BSD-3-Clause", "0BSD", "Apache-2.0", "ISC", "MPL-2.0", "Unlicense", "CC0-1.0", "OFL-1.1", "BlueOak-1.0.0", "Python-2.0", "Zlib"}

// told are the licences of modules whose files hold no text that can be recognised,
// read by eye.
var told = map[string]string{}

func TestEveryModuleHasALicenceThatIsAllowed(t *testing.T) {
	all, err := world()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, p := range all {
		if p.Standard || p.ours() || p.Module == nil || seen[p.Module.Path] {
			continue
		}
		seen[p.Module.Path] = true
		ids := licences(t, p.Module.Dir)
		if id, ok := told[p.Module.Path]; ok {
			ids = append(ids, id)
		}
		if !slices.ContainsFunc(ids, func(id string) bool { return slices.Contains(allowed, id) }) {
			t.Errorf("%s@%s comes under %v; allowed are %v", p.Module.Path, p.Module.Version, ids, allowed)
		}
	}
	if len(seen) < 20 {
		t.Fatalf("looked at only %d modules", len(seen))
	}
}

// licences recognises the licence files at a module's root.
func licences(t *testing.T, dir string) (ids []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		name := strings.ToUpper(e.Name())
		if e.IsDir() || !strings.HasPrefix(name, "LICEN") && !strings.HasPrefix(name, "COPYING") && !strings.HasPrefix(name, "UNLICENSE") {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range licensecheck.Scan(text).Match {
			ids = append(ids, m.ID)
		}
	}
	return ids
}

func TestEveryNpmPackageHasALicenceThatIsAllowed(t *testing.T) {
	var lock struct {
		Packages map[string]struct {
			License string
			Dev     bool
		}
	}
	body, err := os.ReadFile(filepath.Join(root, "package-lock.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(body, &lock); err != nil {
		t.Fatal(err)
	}
	for name, p := range lock.Packages {
		if name == "" {
			continue
		}
		ids := strings.FieldsFunc(p.License, func(r rune) bool { return strings.ContainsRune("() ", r) })
		if !slices.ContainsFunc(ids, func(id string) bool { return slices.Contains(allowed, id) }) {
			t.Errorf("%s comes under %q; allowed are %v", name, p.License, allowed)
		}
	}
}
