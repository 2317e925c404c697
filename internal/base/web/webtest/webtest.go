// Package webtest holds what tests of pages share: a shell to mount a section on,
// requests against it, and checks over all its templates.
package webtest

import (
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"text/template/parse"
	"time"

	"github.com/jba/templatecheck"

	"plaza/internal/base/i18n"
	"plaza/internal/base/web"
)

// Now is the instant that the clock of New's shells shows.
var Now = time.Date(2026, 11, 23, 15, 0, 0, 0, time.UTC)

// Base is the address of New's shells.
const Base = "https://plaza.example"

// New makes a shell with the catalogues of a section and no assets. adjust, which
// may be nil, changes its configuration first.
func New(t testing.TB, adjust func(*web.Config), catalogues ...fs.FS) *web.Shell {
	t.Helper()
	bundle, err := i18n.New(append([]fs.FS{web.Locale}, catalogues...)...)
	if err != nil {
		t.Fatal(err)
	}
	cfg := web.Config{
		BaseURL: Base, Bundle: bundle, Now: func() time.Time { return Now },
		Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
	}
	if adjust != nil {
		adjust(&cfg)
	}
	shell, err := web.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return shell
}

// here is a peer on this machine, which asks as often as it likes.
const here = "127.0.0.1:49152"

// Get asks the shell for a path.
func Get(t testing.TB, h http.Handler, path string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
	r.RemoteAddr = here
	return Do(h, r)
}

// Post sends a form to the shell as a page of the same site would.
func Post(t testing.TB, h http.Handler, path string, form url.Values) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.RemoteAddr = here
	return Do(h, r)
}

// Do sends a request.
func Do(h http.Handler, r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// CheckTemplates reports what would fail when a page is drawn: fields and methods
// that its type does not have, and message keys that no catalogue has.
func CheckTemplates(shell *web.Shell) []string {
	var problems []string
	for name, view := range shell.Views() {
		if err := templatecheck.CheckHTML(view.Template, view.Page); err != nil {
			problems = append(problems, fmt.Sprintf("%s: %v", name, err))
		}
		for _, t := range view.Template.Templates() {
			if t.Tree == nil {
				continue
			}
			walk(t.Tree.Root, func(key string) {
				if !shell.HasMessage(key) {
					problems = append(problems, fmt.Sprintf("%s: no message %q", name, key))
				}
			})
		}
	}
	return problems
}

// walk calls found with each literal key that a template asks T for.
func walk(node parse.Node, found func(key string)) {
	switch n := node.(type) {
	case *parse.ListNode:
		if n == nil {
			return
		}
		for _, child := range n.Nodes {
			walk(child, found)
		}
	case *parse.ActionNode:
		walkPipe(n.Pipe, found)
	case *parse.TemplateNode:
		walkPipe(n.Pipe, found)
	case *parse.IfNode:
		walkBranch(&n.BranchNode, found)
	case *parse.RangeNode:
		walkBranch(&n.BranchNode, found)
	case *parse.WithNode:
		walkBranch(&n.BranchNode, found)
	}
}

func walkBranch(n *parse.BranchNode, found func(key string)) {
	walkPipe(n.Pipe, found)
	walk(n.List, found)
	walk(n.ElseList, found)
}

func walkPipe(pipe *parse.PipeNode, found func(key string)) {
	if pipe == nil {
		return
	}
	for _, cmd := range pipe.Cmds {
		for _, arg := range cmd.Args {
			if inner, ok := arg.(*parse.PipeNode); ok {
				walkPipe(inner, found)
			}
		}
		if len(cmd.Args) < 2 || !callsT(cmd.Args[0]) {
			continue
		}
		if key, ok := cmd.Args[1].(*parse.StringNode); ok {
			found(key.Text)
		}
	}
}

// callsT reports whether the node is .T, .L.T or $x.L.T.
func callsT(node parse.Node) bool {
	s := node.String()
	return s == ".T" || strings.HasSuffix(s, ".L.T") || strings.HasPrefix(s, "$") && strings.HasSuffix(s, ".T")
}
