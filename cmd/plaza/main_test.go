package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"plaza/internal/base/i18n"
	"plaza/internal/plaza"
	"plaza/internal/site"
)

var update = flag.Bool("update", false, "write docs/configuracion.md")

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"plaza": main})
}

func TestCommands(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata",
		Setup: func(e *testscript.Env) error {
			e.Setenv("PLAZA_DATA", filepath.Join(e.WorkDir, "data"))
			return nil
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			// oneline holds that standard error is one line: what an error must be
			"oneline": func(ts *testscript.TestScript, _ bool, _ []string) {
				if got := ts.ReadFile("stderr"); strings.Count(got, "\n") != 1 {
					ts.Fatalf("standard error is not one line: %q", got)
				}
			},
			// mode holds that a file has the permissions given
			"mode": func(ts *testscript.TestScript, _ bool, args []string) {
				info, err := os.Stat(ts.MkAbs(args[1]))
				ts.Check(err)
				if got := fmt.Sprintf("%o", info.Mode().Perm()); got != args[0] {
					ts.Fatalf("%s has mode %s, want %s", args[1], got, args[0])
				}
			},
		},
	})
}

// plazaRun runs a command line in this process.
func plazaRun(t *testing.T, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	var out, errs bytes.Buffer
	code = run(t.Context(), args, &out, &errs)
	return out.String(), errs.String(), code
}

// must is plazaRun of a command that succeeds.
func must(t *testing.T, args ...string) (stdout string) {
	t.Helper()
	stdout, stderr, code := plazaRun(t, args...)
	if code != 0 {
		t.Fatalf("plaza %v: %s", args, stderr)
	}
	return stdout
}

func TestEveryWordIsInBothLanguages(t *testing.T) {
	for _, p := range i18n.CheckCatalogues(locale) {
		t.Error(p)
	}
	bundle, err := i18n.New(append(site.Catalogues(), locale)...)
	if err != nil {
		t.Fatal(err)
	}
	// a key that is missing stands for itself in the help
	for _, lang := range []string{i18n.Spanish, i18n.English} {
		var out bytes.Buffer
		a := &app{ctx: t.Context(), out: &out, err: io.Discard, l: bundle.Printer(lang)}
		k, err := a.parser(new(cli))
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range k.Model.Leaves(false) {
			out.WriteString(n.Help + "\n" + n.Parent.Help + "\n")
			for _, f := range n.AllFlags(false) {
				for _, f := range f {
					out.WriteString(f.Help + "\n")
				}
			}
			for _, p := range n.Positional {
				out.WriteString(p.Help + "\n")
			}
		}
		if missing := regexp.MustCompile(`(?m)^(cmd|config)\..*$`).FindAllString(out.String(), -1); len(missing) > 0 {
			t.Errorf("%s lacks %v", lang, missing)
		}
	}
}

func TestTheTableOfSettingsIsCurrent(t *testing.T) {
	bundle, err := i18n.New(append(site.Catalogues(), locale)...)
	if err != nil {
		t.Fatal(err)
	}
	a := &app{l: bundle.Printer(i18n.Spanish), out: io.Discard, err: io.Discard}
	k, err := a.parser(new(cli))
	if err != nil {
		t.Fatal(err)
	}
	var want bytes.Buffer
	if err := writeReference(&want, a.l, k.Model); err != nil {
		t.Fatal(err)
	}
	const path = "../../docs/configuracion.md"
	if *update {
		if err := os.WriteFile(path, want.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(got, want.Bytes()) {
		t.Errorf("docs/configuracion.md is not what the program says (%v); go test ./cmd/plaza -update", err)
	}
}

func TestErrorsAreOneLineInTheReadersLanguage(t *testing.T) {
	bundle, err := i18n.New(append(site.Catalogues(), locale)...)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		err      error
		lang     string
		contains string
	}{
		{errors.New("one\ntwo"), i18n.Spanish, "one two"},
		{fmt.Errorf("opening: %w", plaza.E(plaza.Invalid, "secret.error.required")), i18n.Spanish, "Falta PLAZA_SECRET"},
		{fmt.Errorf("opening: %w", plaza.E(plaza.Invalid, "secret.error.required")), i18n.English, "PLAZA_SECRET is missing"},
		{invalid("config.error.now", errors.New("cannot parse"), "value", "mañana"), i18n.Spanish, "«mañana»"},
		{&plaza.Error{Kind: plaza.Invalid, Key: "web.error.invalid", Fields: []plaza.FieldError{{Field: "url", Key: "harvest.error.url"}}}, i18n.Spanish, "url: "},
	} {
		a := &app{l: bundle.Printer(c.lang)}
		if got := a.say(c.err); !strings.Contains(got, c.contains) || strings.Contains(got, "\n") {
			t.Errorf("say(%v) = %q, want it to contain %q", c.err, got, c.contains)
		}
	}
}

func TestPasswordsAreMaskedWhereverTheyStand(t *testing.T) {
	for _, c := range []struct{ name, value, want string }{
		{"PLAZA_DB", "postgres://plaza:hunter2@db:5432/plaza?sslmode=require&sslpassword=hunter2", "postgres://plaza:***@db:5432/plaza?sslmode=require&sslpassword=***"},
		{"PLAZA_DB", "postgres://db/plaza?user=plaza&password=hunter2", "postgres://db/plaza?password=***&user=plaza"},
		{"PLAZA_DB", "host=db user=plaza password=hunter2", "***"},
		{"PLAZA_DB", "postgres://plaza:hunter%zz2@db/plaza", "***"},
		{"PLAZA_DB", "sqlite:/var/lib/plaza/plaza.db", "sqlite:/var/lib/plaza/plaza.db"},
		{"PLAZA_BLOB", "s3://key:hunter2@s3.example.org/plaza?region=x", "s3://key:***@s3.example.org/plaza?region=x"},
		{"PLAZA_SMTP", "smtp://u:hunter2@mail:587?from=a@b.mx", "smtp://u:***@mail:587?from=a%40b.mx"},
		{"PLAZA_OTLP", "https://otel.example.org/v1?token=hunter2", "https://otel.example.org/v1?token=***"},
		{"PLAZA_SECRET", "hunter2", "***"},
		{"PLAZA_SECRET", "", ""},
		{"PLAZA_LOG", "info/json", "info/json"},
	} {
		if got := masked(c.name, c.value); got != c.want {
			t.Errorf("masked(%s, %s) = %s, want %s", c.name, c.value, got, c.want)
		}
	}
}
