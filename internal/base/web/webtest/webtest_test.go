package webtest_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"plaza/internal/base/web"
	"plaza/internal/base/web/webtest"
)

type page struct {
	web.Page
	Name string
}

func TestCheckTemplatesFindsWhatWouldFail(t *testing.T) {
	cases := []struct{ name, main, want string }{
		{"sound", `{{.Name}} {{.L.T "web.home"}}{{if .Name}}{{icon "house"}}{{end}}`, ""},
		{"a misspelt field", `{{.Nmae}}`, "Nmae"},
		{"a missing message", `{{range .Crumbs}}{{$.L.T "web.hmoe"}}{{end}}`, "web.hmoe"},
		{"a missing message in a condition", `{{if eq (.L.T "web.hmoe") ""}}{{end}}`, "web.hmoe"},
	}
	for _, c := range cases {
		shell := webtest.New(t, nil)
		fsys := fstest.MapFS{"templates/p.html": {Data: []byte(`{{define "main"}}` + c.main + `{{end}}`)}}
		if err := shell.Templates("t", fsys, web.Pages{"p": page{}}); err != nil {
			t.Fatal(err)
		}
		got := strings.Join(webtest.CheckTemplates(shell), "\n")
		if (got == "") != (c.want == "") || !strings.Contains(got, c.want) {
			t.Errorf("%s: CheckTemplates() = %q, want something about %q", c.name, got, c.want)
		}
	}
}

func TestTemplatesAndPagesMustMatch(t *testing.T) {
	file := func(name, text string) fstest.MapFS { return fstest.MapFS{"templates/" + name: {Data: []byte(text)}} }
	cases := []struct {
		name  string
		fsys  fstest.MapFS
		pages web.Pages
	}{
		{"a file without a page", file("p.html", `{{define "main"}}{{end}}`), web.Pages{}},
		{"a page without a file", fstest.MapFS{}, web.Pages{"p": page{}}},
		{"a file without main", file("p.html", `hello`), web.Pages{"p": page{}}},
		{"a file that does not parse", file("p.html", `{{define "main"}}{{if}}{{end}}`), web.Pages{"p": page{}}},
	}
	for _, c := range cases {
		if err := webtest.New(t, nil).Templates("t", c.fsys, c.pages); err == nil {
			t.Errorf("%s is accepted", c.name)
		}
	}
}
