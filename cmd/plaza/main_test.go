package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"plaza/internal/base/db"
	"plaza/internal/base/db/dbtest"
	"plaza/internal/base/i18n"
	"plaza/internal/civic/record"
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

// store is where a test's installation keeps its rows: the flags for it.
func store(t *testing.T, d *db.DB) []string {
	t.Helper()
	flags := []string{"--data=" + t.TempDir(), "--secret=" + strings.Repeat("ab", 32)}
	if d.Engine() == db.PostgreSQL {
		return append(flags, "--db="+dbtest.PostgreSQLDSN(t))
	}
	return flags
}

// export is the public export of an installation's record.
func export(t *testing.T, flags []string) string {
	t.Helper()
	cfg := site.Config{Secret: strings.Repeat("ab", 32)}
	for _, f := range flags {
		if v, ok := strings.CutPrefix(f, "--data="); ok {
			cfg.Data = v
		}
		if v, ok := strings.CutPrefix(f, "--db="); ok {
			cfg.DSN = v
		}
	}
	s, err := site.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var b bytes.Buffer
	if err := record.Export(t.Context(), s.DB, record.Filter{}, &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

const catalogue = `{"@type": "dcat:Catalog", "dataset": [
	{"@type": "dcat:Dataset", "identifier": "aire", "title": "Calidad del aire", "description": "Cada hora.",
	 "publisher": {"name": "Medio Ambiente"}, "modified": "2026-05-30",
	 "distribution": [{"title": "Mediciones", "downloadURL": "https://example.org/aire.csv", "format": "CSV"}]},
	{"@type": "dcat:Dataset", "identifier": "agua", "title": "Calidad del agua", "description": "<b>Cada día.</b>",
	 "publisher": {"name": "Medio Ambiente"}, "modified": "30/05/2026", "distribution": []}]}`

func TestARestoredInstallationExportsTheSameRecord(t *testing.T) {
	file := filepath.Join(t.TempDir(), "data.json")
	if err := os.WriteFile(file, []byte(catalogue), 0o600); err != nil {
		t.Fatal(err)
	}
	dbtest.Each(t, func(t *testing.T, from *db.DB) {
		here := store(t, from)
		must(t, append(here, "user", "signin-link", "--admin", "ana@example.mx")...)
		must(t, append(here, "import", "--kind=data.json", file)...)
		want := export(t, here)
		if strings.Count(want, "\n") < 4 {
			t.Fatalf("the record is too short to tell anything:\n%s", want)
		}
		archive := filepath.Join(t.TempDir(), "plaza.tar.zst")
		must(t, append(here, "backup", archive)...)
		dbtest.Each(t, func(t *testing.T, to *db.DB) {
			there := store(t, to)
			must(t, append(there, "restore", archive)...)
			if got := export(t, there); got != want {
				t.Errorf("the restored record differs:\n%s\nwant\n%s", got, want)
			}
			must(t, append(there, "bitacora", "verify")...)
			if _, stderr, code := plazaRun(t, append(there, "restore", archive)...); code != 1 || !strings.Contains(stderr, "--force") {
				t.Errorf("a second restore without --force: status %d, %s", code, stderr)
			}
		})
	})
}

func TestImportingAgainChangesNothing(t *testing.T) {
	file := filepath.Join(t.TempDir(), "data.json")
	if err := os.WriteFile(file, []byte(catalogue), 0o600); err != nil {
		t.Fatal(err)
	}
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		here := store(t, d)
		var got struct {
			Seen, Added, Changed, Absent, Returned int
			State                                  string
			Problems                               []struct{ Record, Field string }
		}
		read := func() {
			t.Helper()
			got.Problems = nil
			out := must(t, append(here, "import", "--json", "--kind=data.json", file)...)
			if err := json.Unmarshal([]byte(out), &got); err != nil {
				t.Fatalf("%v in %s", err, out)
			}
		}
		read()
		if got.Seen != 2 || got.Added != 2 || got.Changed != 0 || len(got.Problems) == 0 || got.Problems[0].Record == "" || got.Problems[0].Field == "" {
			t.Errorf("first: %+v", got)
		}
		before := export(t, here)
		if read(); got.Seen != 2 || got.Added != 0 || got.Changed != 0 || got.State != "unchanged" {
			t.Errorf("again: %+v", got)
		}
		if after := export(t, here); after != before {
			t.Errorf("importing again wrote to the record:\n%s", strings.TrimPrefix(after, before))
		}
	})
}

// serve runs a server until the returned function is called, which returns its status.
func serve(t *testing.T, flags ...string) (said string, stop func() int) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	r, w := io.Pipe()
	ended := make(chan int, 1)
	var errs bytes.Buffer
	go func() {
		ended <- run(ctx, append([]string{"--log=error"}, append(flags, "serve")...), w, &errs)
		_ = w.Close()
	}()
	var line [4096]byte
	n, err := r.Read(line[:])
	if err != nil {
		t.Fatalf("the server did not start: %s", &errs)
	}
	go func() { _, _ = io.Copy(io.Discard, r) }()
	stop = func() int { cancel(); code := <-ended; ended <- code; return code }
	t.Cleanup(func() { stop() })
	return string(line[:n]), stop
}

func TestOneServerPerDataDirectoryAndCommandsBesideIt(t *testing.T) {
	data := t.TempDir()
	flags := []string{"--data=" + data, "--addr=127.0.0.1:0"}
	_, stop := serve(t, flags...)
	if _, stderr, code := plazaRun(t, append(flags, "serve")...); code != 1 || !strings.Contains(stderr, data) {
		t.Errorf("a second server: status %d, %s", code, stderr)
	}
	link := must(t, append(flags, "user", "signin-link", "--admin", "ana@example.mx")...)
	if !strings.HasPrefix(link, "http://") || strings.Count(link, "\n") != 1 {
		t.Errorf("a link beside the server: %q", link)
	}
	archive := filepath.Join(t.TempDir(), "plaza.tar.zst")
	must(t, append(flags, "backup", archive)...)
	if _, stderr, code := plazaRun(t, append(flags, "restore", "--force", archive)...); code != 1 || !strings.Contains(stderr, data) {
		t.Errorf("restoring under a server: status %d, %s", code, stderr)
	}
	if code := stop(); code != 0 {
		t.Errorf("asked to stop, the server ended with %d", code)
	}
	must(t, append(flags, "restore", "--force", archive)...)
}

func TestTheServerAnswersAtItsAddressAndStopsWhenAsked(t *testing.T) {
	addr := freeAddress(t)
	said, stop := serve(t, "--data="+t.TempDir(), "--addr="+addr)
	if !strings.Contains(said, "http://"+addr) {
		t.Errorf("said %q", said)
	}
	for path, want := range map[string]int{"/healthz": 200, "/datos": 200, "/no-hay": 404} {
		res, err := http.Get("http://" + addr + path)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if res.StatusCode != want {
			t.Errorf("%s: %d, want %d", path, res.StatusCode, want)
		}
	}
	if code := stop(); code != 0 {
		t.Errorf("asked to stop, the server ended with %d", code)
	}
}

func TestHarvestRunWaitsAndSaysWhatItDid(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		here := append(store(t, d), "--fetch-allow=127.0.0.0/8")
		answer := catalogue
		remote := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			if answer == "" {
				http.Error(w, "", http.StatusInternalServerError)
				return
			}
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, answer)
		}))
		defer remote.Close()
		said := must(t, append(here, "harvest", "add", "--kind=data.json", "--url="+remote.URL+"/data.json")...)
		id := strings.TrimSpace(said)
		var got struct{ Seen, Added, Changed, Absent, Returned int }
		read := func() {
			t.Helper()
			out := must(t, append(here, "harvest", "run", id, "--wait", "--json")...)
			if err := json.Unmarshal([]byte(out), &got); err != nil || strings.Count(out, "\n") != 1 {
				t.Fatalf("%v in %q", err, out)
			}
		}
		if read(); got.Seen != 2 || got.Added != 2 {
			t.Errorf("first: %+v", got)
		}
		answer = strings.Replace(catalogue, "Calidad del agua", "Calidad de las aguas", 1)
		if read(); got.Seen != 2 || got.Added != 0 || got.Changed != 1 {
			t.Errorf("one changed: %+v", got)
		}
		answer = ""
		stdout, stderr, code := plazaRun(t, append(here, "harvest", "run", id, "--wait", "--json")...)
		if code != 1 || strings.Count(stderr, "plaza: ") != 1 || !json.Valid([]byte(stdout)) {
			t.Errorf("a source that fails: status %d, %q, %q", code, stdout, stderr)
		}
	})
}

func TestReindexBringsTheIndexToWhatIsStored(t *testing.T) {
	file := filepath.Join(t.TempDir(), "data.json")
	if err := os.WriteFile(file, []byte(catalogue), 0o600); err != nil {
		t.Fatal(err)
	}
	here := []string{"--data=" + t.TempDir()}
	must(t, append(here, "import", "--kind=data.json", file)...)
	d, err := db.Open(t.Context(), "sqlite:"+filepath.Join(strings.TrimPrefix(here[0], "--data="), "plaza.db"), db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	index := func() (docs []string) {
		t.Helper()
		if err := d.Read(t.Context(), func(tx *db.Tx) (err error) {
			docs, err = db.All(tx, db.Column[string], `SELECT kind || ' ' || words || ' ' || facets FROM search_docs WHERE removed_at IS NULL ORDER BY kind, id`)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		return docs
	}
	want := index()
	if len(want) != 2 {
		t.Fatalf("%d things in the index, want 2", len(want))
	}
	if err := d.Write(t.Context(), func(tx *db.Tx) error {
		if _, err := tx.Exec(`UPDATE search_docs SET id = 'gone' WHERE id = (SELECT MIN(id) FROM search_docs)`); err != nil {
			return err
		}
		_, err := tx.Exec(`UPDATE search_docs SET words = 'old' WHERE id <> 'gone'`)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if out := must(t, append(here, "reindex")...); !strings.Contains(out, " 2 ") {
		t.Errorf("said %q", out)
	}
	if got := index(); !slices.Equal(got, want) {
		t.Errorf("index %q, want %q", got, want)
	}
}

func TestAnExportThatWasTamperedWithIsFoundOut(t *testing.T) {
	here := []string{"--data=" + t.TempDir()}
	file := filepath.Join(t.TempDir(), "data.json")
	if err := os.WriteFile(file, []byte(catalogue), 0o600); err != nil {
		t.Fatal(err)
	}
	must(t, append(here, "import", "--kind=data.json", file)...)
	whole := export(t, here)
	verify := func(text string, more ...string) (stdout, stderr string, code int) {
		t.Helper()
		path := filepath.Join(t.TempDir(), "bitacora.jsonl")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return plazaRun(t, append([]string{"bitacora", "verify", path}, more...)...)
	}
	if stdout, stderr, code := verify(whole); code != 0 || !strings.Contains(stdout, "íntegra") {
		t.Errorf("the export as it is: status %d, %s%s", code, stdout, stderr)
	}
	if _, stderr, code := verify(strings.Replace(whole, "Calidad del aire", "Calidad del agua", 1)); code != 1 || !strings.Contains(stderr, "asiento 2 (línea 2)") {
		t.Errorf("an entry changed: status %d, %s", code, stderr)
	}
	if _, stderr, code := verify(whole, "--key=x"); code != 1 || !strings.Contains(stderr, "--checkpoint") {
		t.Errorf("a key without a checkpoint: status %d, %s", code, stderr)
	}
	served := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, whole) }))
	defer served.Close()
	must(t, "--fetch-allow=127.0.0.0/8", "bitacora", "verify", served.URL)
	if _, stderr, code := plazaRun(t, "bitacora", "verify", served.URL); code != 1 || strings.Contains(stderr, "íntegra") {
		t.Errorf("an address in a network that is not allowed: status %d, %s", code, stderr)
	}
}

func TestTheDoctorFindsAHealthyInstallationHealthy(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		here := store(t, d)
		must(t, append(here, "migrate")...)
		out := must(t, append(here, "doctor")...)
		if strings.Contains(out, "FALLA") || !strings.Contains(out, string(d.Engine())+", esquema") || strings.Contains(out, "abab") {
			t.Error(out)
		}
	})
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
