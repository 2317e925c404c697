package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"plaza/internal/base/db"
	"plaza/internal/base/db/dbtest"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
	"plaza/internal/site"
)

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

func TestAnImportSaysThatItIsAFileAndLeavesNothingWhenNothingIsRead(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		here := store(t, d)
		file := filepath.Join(t.TempDir(), "roto.json")
		if err := os.WriteFile(file, []byte("<html>no es un catálogo</html>"), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, stderr, code := plazaRun(t, append(here, "import", "--kind=data.json", file)...); code != 1 || strings.Count(stderr, "plaza: ") != 1 {
			t.Errorf("a file that is no catalogue: status %d, %q", code, stderr)
		}
		if out := must(t, append(here, "harvest", "list")...); out != "" {
			t.Errorf("it left %q", out)
		}
		if err := os.WriteFile(file, []byte(catalogue), 0o600); err != nil {
			t.Fatal(err)
		}
		must(t, append(here, "import", "--kind=data.json", file)...)
		out := must(t, append(here, "harvest", "list", "--json")...)
		var got struct{ ID, URL, File, Title string }
		if err := json.Unmarshal([]byte(out), &got); err != nil || got.URL != "" || got.File != "roto.json" || got.Title != "roto.json" {
			t.Errorf("listed as %s", out)
		}
		if record := export(t, here); strings.Contains(record, ".invalid") {
			t.Errorf("the record has an address that leads nowhere: %s", record)
		}
		if _, stderr, code := plazaRun(t, append(here, "harvest", "run", got.ID)...); code != 1 || !strings.Contains(stderr, "se importó de un archivo") {
			t.Errorf("reading it again: status %d, %s", code, stderr)
		}
	})
}

func TestHarvestAddKnowsAnAddressHoweverItIsWritten(t *testing.T) {
	here := append(store(t, dbtest.SQLite(t)), "--fetch-allow=127.0.0.0/8")
	must(t, append(here, "harvest", "add", "--kind=ckan", "--url=http://127.0.0.1:1", "--title=Uno")...)
	if _, stderr, code := plazaRun(t, append(here, "harvest", "add", "--kind=ckan", "--url=http://127.0.0.1:1/")...); code != 1 || !strings.Contains(stderr, "«Uno»") {
		t.Errorf("the same with a slash: status %d, %s", code, stderr)
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

func TestASourceIsListedWithTheSlugThatAddsIt(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		here := store(t, d)
		cfg := site.Config{Data: strings.TrimPrefix(here[0], "--data="), Secret: strings.Repeat("ab", 32)}
		if d.Engine() == db.PostgreSQL {
			cfg.DSN = strings.TrimPrefix(here[2], "--db=")
		}
		s, err := site.Open(t.Context(), cfg)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		var owner institution.Institution
		if err := s.DB.Write(t.Context(), func(tx *db.Tx) (err error) {
			owner, err = institution.Put(tx, institution.Institution{Name: "Secretaría de Salud", Slug: "salud", Type: "federal"})
			return err
		}); err != nil {
			t.Fatal(err)
		}
		must(t, append(here, "harvest", "add", "--kind=ckan", "--url=https://datos.example.org", "--institution=salud")...)
		out := must(t, append(here, "harvest", "list", "--json")...)
		var got struct {
			Slug string `json:"institution"`
			ID   string `json:"institution_id"`
		}
		if err := json.Unmarshal([]byte(out), &got); err != nil || got.Slug != "salud" || got.ID != owner.ID {
			t.Errorf("%+v, %v in %s", got, err, out)
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
	if _, stderr, code := verify(strings.Replace(whole, "Calidad del aire", "Calidad del agua", 1)); code != 1 || !strings.Contains(stderr, "asiento 2 (línea 2) es el primero que falla: su contenido no tiene su huella.") {
		t.Errorf("an entry changed: status %d, %s", code, stderr)
	}
	_, part, _ := strings.Cut(whole, "\n")
	if _, stderr, code := verify(part); code != 1 || !strings.Contains(stderr, "solo una parte") || strings.Contains(stderr, "no es íntegra") {
		t.Errorf("a part: status %d, %s", code, stderr)
	}
	if _, stderr, code := verify(""); code != 1 || !strings.Contains(stderr, "vacía") {
		t.Errorf("an empty file: status %d, %s", code, stderr)
	}
	if _, stderr, code := verify("{}\n"); code != 1 || !strings.Contains(stderr, "su ") || strings.Contains(stderr, "record.") {
		t.Errorf("no entry: status %d, %s", code, stderr)
	}
	if _, stderr, code := verify(whole, "--key=x"); code != 1 || !strings.Contains(stderr, "--checkpoint") {
		t.Errorf("a key without a checkpoint: status %d, %s", code, stderr)
	}
	served := httptest.NewServer(serving(map[string]string{"/bitacora.jsonl": whole}))
	defer served.Close()
	if out := must(t, "--fetch-allow=127.0.0.0/8", "bitacora", "verify", served.URL+"/bitacora.jsonl"); !strings.Contains(out, "No se comprobó ninguna firma.") {
		t.Errorf("without a checkpoint: %s", out)
	}
	if _, stderr, code := plazaRun(t, "bitacora", "verify", served.URL); code != 1 || strings.Contains(stderr, "íntegra") {
		t.Errorf("an address in a network that is not allowed: status %d, %s", code, stderr)
	}
}

// serving answers with texts by their path.
func serving(texts map[string]string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, ok := texts[r.URL.Path]
		if !ok {
			http.NotFound(w, r)
			return
		}
		_, _ = io.WriteString(w, text)
	})
}

func TestAnAddressIsVerifiedAgainstWhatItsSiteSigned(t *testing.T) {
	cfg := site.Config{Data: t.TempDir(), Secret: strings.Repeat("ab", 32), BaseURL: "https://datos.example"}
	signed(t, cfg)
	whole := export(t, []string{"--data=" + cfg.Data})
	signed(t, cfg)
	longer := export(t, []string{"--data=" + cfg.Data})
	s, err := site.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var last record.Checkpoint
	if err := s.DB.Read(t.Context(), func(tx *db.Tx) (err error) {
		last, err = record.LastCheckpoint(tx)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	other, err := record.NewSigner("otro.example", bytes.Repeat([]byte{7}, 32))
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string]string{}
	served := httptest.NewServer(http.StripPrefix("/plaza", serving(texts)))
	defer served.Close()
	for _, c := range []struct {
		name, export, keys, says string
		code                     int
	}{
		{"as it is", longer, other.PublicKey() + "\n" + s.Signer.PublicKey() + "\n", "Se comprobó 1 firma.", 0},
		{"cut short", whole, s.Signer.PublicKey(), "asiento 2 (línea 2)", 1},
		{"signed by another", longer, other.PublicKey(), "firma", 1},
	} {
		texts[record.ExportPath], texts[record.NotePath], texts[record.KeysPath] = c.export, last.Note, c.keys
		stdout, stderr, code := plazaRun(t, "--fetch-allow=127.0.0.0/8", "bitacora", "verify", served.URL+"/plaza/bitacora.jsonl")
		if code != c.code || !strings.Contains(stdout+stderr, c.says) {
			t.Errorf("%s: status %d, %s%s", c.name, code, stdout, stderr)
		}
	}
}

// signed appends an entry to an installation's record and signs it.
func signed(t *testing.T, cfg site.Config) {
	t.Helper()
	s, err := site.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.DB.Write(t.Context(), func(tx *db.Tx) error {
		return record.Append(tx, record.Act{Verb: "dataset.added", Object: plaza.Ref{Kind: "dataset", ID: "a"}})
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Signer.Checkpoint(t.Context(), s.DB); err != nil {
		t.Fatal(err)
	}
}

func TestANewAddressOrSecretLeavesOldCheckpointsGood(t *testing.T) {
	dir := t.TempDir()
	one, two := strings.Repeat("ab", 32), strings.Repeat("cd", 32)
	signed(t, site.Config{Data: dir, Secret: one, BaseURL: "https://antes.example"})
	signed(t, site.Config{Data: dir, Secret: one, BaseURL: "https://datos.example"})
	signed(t, site.Config{Data: dir, Secret: two, BaseURL: "https://datos.example"})
	here := []string{"--data=" + dir, "--secret=" + two, "--base-url=https://datos.example"}
	if out := must(t, append(here, "bitacora", "verify")...); !strings.Contains(out, "Se comprobaron 3 firmas.") {
		t.Errorf("said %q", out)
	}
	d, err := db.Open(t.Context(), "sqlite:"+filepath.Join(dir, "plaza.db"), db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if err := d.Write(t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(`DELETE FROM record_keys WHERE first_seq = 2`)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if _, stderr, code := plazaRun(t, append(here, "bitacora", "verify")...); code != 1 || !strings.Contains(stderr, "firma") {
		t.Errorf("a key that nobody knows: status %d, %s", code, stderr)
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
