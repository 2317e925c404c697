package tree

import (
	"bytes"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// The names are put together here, so that this file does not hold what it looks for.
var (
	registries = []string{
		"registry." + "npmjs", "registry." + "yarnpkg", "proxy." + "golang", "sum." + "golang", "deb." + "debian",
		"security." + "debian", "pypi." + "org", "pythonhosted" + ".org", "crates" + ".io/api",
	}
	machines = []string{"/wo" + "rk/", "/ro" + "ot/", "/Us" + "ers/"}
	marks    = []string{"TO" + "DO", "FIX" + "ME", "XX" + "X"}
)

// biggest is more than any one file here needs. The demonstration's data are the
// largest.
const biggest = 2 << 20

func TestNothingIsCommittedThatBelongsElsewhere(t *testing.T) {
	total := 0
	tracked(t, func(name string, body []byte) {
		if len(body) > biggest {
			t.Errorf("%s: %d bytes; the most is %d", name, len(body), biggest)
		}
		if strings.HasPrefix(name, "internal/site/demo/") {
			total += len(body)
		}
		if bytes.IndexByte(body[:min(len(body), 4096)], 0) >= 0 || !utf8.Valid(body) {
			return // not text
		}
		for _, host := range registries {
			if bytes.Contains(body, []byte(host)) {
				t.Errorf("%s names the package registry %s", name, host)
			}
		}
		for _, path := range machines {
			if at := bytes.Index(body, []byte(path)); at >= 0 && (at == 0 || strings.ContainsRune(" \t\n\"'`(=:>", rune(body[at-1]))) {
				t.Errorf("%s names a folder of one machine: %s", name, path)
			}
		}
		if ext := filepath.Ext(name); slices.Contains([]string{".go", ".ts", ".css", ".html", ".sql", ".md", ""}, ext) {
			for _, mark := range marks {
				for word := range strings.FieldsFuncSeq(string(body), func(r rune) bool { return r < 'A' || r > 'Z' && r < 'a' || r > 'z' }) {
					if word == mark {
						t.Errorf("%s holds a %s", name, mark)
						break
					}
				}
			}
		}
	})
	if most := 15 << 20; total > most {
		t.Errorf("the demonstration takes %d bytes; the most is %d", total, most)
	}
}

func TestTheLockFileNamesNoHosts(t *testing.T) {
	tracked(t, func(name string, body []byte) {
		if filepath.Base(name) == "package-lock.json" && bytes.Contains(body, []byte(`"resolved"`)) {
			t.Errorf("%s holds addresses: .npmrc says omit-lockfile-registry-resolved", name)
		}
	})
}

// longest is where a file of code has to be split; at 400 lines one looks again.
const longest = 450

func TestFilesOfCodeAreShort(t *testing.T) {
	tracked(t, func(name string, body []byte) {
		if filepath.Ext(name) != ".go" || strings.HasSuffix(name, "_test.go") {
			return
		}
		if lines := bytes.Count(body, []byte("\n")); lines > longest {
			t.Errorf("%s: %d lines; at %d it has to be split", name, lines, longest)
		}
	})
}
