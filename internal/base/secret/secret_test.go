package secret_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"plaza/internal/base/i18n"
	"plaza/internal/base/secret"
	"plaza/internal/plaza"
)

var raw = bytes.Repeat([]byte{0xfb, 0xff, 7, 9}, 8)

func TestTheSameSecretInAnySpellingDerivesTheSameKeys(t *testing.T) {
	want, err := secret.Load(hex.EncodeToString(raw), "", true)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{
		base64.StdEncoding.EncodeToString(raw), base64.RawStdEncoding.EncodeToString(raw),
		base64.URLEncoding.EncodeToString(raw), base64.RawURLEncoding.EncodeToString(raw) + "\n",
	} {
		got, err := secret.Load(s, "", true)
		if err != nil {
			t.Fatalf("Load(%q): %v", s, err)
		}
		if !bytes.Equal(got.Derive(secret.Sessions, 32), want.Derive(secret.Sessions, 32)) {
			t.Errorf("%q derives another key", s)
		}
	}
	// fixed for ever: a change would end every session and signature on upgrade
	if got := hex.EncodeToString(want.Derive(secret.Tokens, 16)); got != knownTokenKey {
		t.Errorf("Derive(tokens, 16) = %s, want %s", got, knownTokenKey)
	}
}

const knownTokenKey = "9871e938a4e1ff09d176b167813bdd2d"

func TestPurposesAndSecretsHaveKeysOfTheirOwn(t *testing.T) {
	a, _ := secret.Load(hex.EncodeToString(raw), "", true)
	b, _ := secret.Load(hex.EncodeToString(append([]byte{1}, raw[1:]...)), "", true)
	seen := map[string]bool{}
	for _, r := range []secret.Root{a, b} {
		for _, p := range []string{secret.Sessions, secret.Tokens, secret.Salts, secret.Checkpoints, secret.Sealing} {
			seen[string(r.Derive(p, 32))] = true
		}
	}
	if len(seen) != 10 {
		t.Errorf("%d different keys, want 10", len(seen))
	}
}

func TestUnusableSecretsAreRefusedWithoutQuotingThem(t *testing.T) {
	for _, s := range []string{"contraseña", hex.EncodeToString(raw[:31]), "¡" + hex.EncodeToString(raw), strings.Repeat("=", 64)} {
		_, err := secret.Load(s, t.TempDir(), false)
		if plaza.KindOf(err) != plaza.Invalid || strings.Contains(fmt.Sprint(err), s) {
			t.Errorf("Load(%q) = %v, want Invalid without the value", s, err)
		}
	}
	if _, err := secret.Load("", t.TempDir(), true); plaza.KindOf(err) != plaza.Invalid {
		t.Errorf("a missing secret that is required: %v, want Invalid", err)
	}
}

func TestTheFirstStartMakesAFileThatOnlyTheOwnerReads(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	var wg sync.WaitGroup
	keys := make([]string, 8)
	for i := range keys {
		wg.Go(func() {
			r, err := secret.Load("", dir, false)
			if err != nil {
				t.Error(err)
				return
			}
			keys[i] = string(r.Derive(secret.Salts, 32))
		})
	}
	wg.Wait()
	for _, k := range keys {
		if k != keys[0] {
			t.Fatal("starts at the same time made different secrets")
		}
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 || entries[0].Name() != secret.FileName {
		t.Errorf("the directory holds %v, %v; want the secret alone", entries, err)
	}
	path := filepath.Join(dir, secret.FileName)
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := secret.Load("", dir, false); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v; want 0600", info.Mode(), err)
	}
}

func TestARestoredSecretTakesTheOldOnesPlaceAndKeepsIt(t *testing.T) {
	dir := t.TempDir()
	old, err := secret.Load("", dir, false)
	if err != nil {
		t.Fatal(err)
	}
	restored, err := secret.Load(hex.EncodeToString(raw), "", true)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second time there is nothing to do
		if err := secret.Replace(dir, restored); err != nil {
			t.Fatal(err)
		}
	}
	if now, err := secret.Load("", dir, false); err != nil || now.Text() != restored.Text() {
		t.Errorf("the secret is not the restored one: %v", err)
	}
	if kept, err := os.ReadFile(filepath.Join(dir, "secret.before-restore")); err != nil || strings.TrimSpace(string(kept)) != old.Text() {
		t.Errorf("the old secret is gone: %v", err)
	}
}

func TestABrokenFileIsNotReplaced(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, secret.FileName)
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := secret.Load("", dir, false); plaza.KindOf(err) != plaza.Invalid {
		t.Errorf("Load of an empty file: %v, want Invalid", err)
	}
	if b, _ := os.ReadFile(path); len(b) != 0 {
		t.Error("the broken secret was replaced: everything signed with it would be lost")
	}
}

func TestASecretNeverPrintsItself(t *testing.T) {
	r, err := secret.Load(base64.StdEncoding.EncodeToString(raw), "", true)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	slog.New(slog.NewJSONHandler(&out, nil)).Info("start", "secret", r, "in", struct{ R secret.Root }{r})
	slog.New(slog.NewTextHandler(&out, nil)).Info("start", "secret", r, "in", struct{ R secret.Root }{r})
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		fmt.Fprintf(&out, verb+verb+"\n", r, []secret.Root{r})
	}
	if err := json.NewEncoder(&out).Encode(r); err != nil {
		t.Fatal(err)
	}
	for _, leak := range []string{r.Text(), hex.EncodeToString(raw[:4]), "251 255", "0xfb"} {
		if strings.Contains(out.String(), leak) {
			t.Errorf("printed %q in:\n%s", leak, &out)
		}
	}
}

func TestBothLanguagesSayTheSame(t *testing.T) {
	for _, p := range i18n.CheckCatalogues(secret.Locale) {
		t.Error(p)
	}
}

func TestAKeyedHashTellsKeysAndPartsApart(t *testing.T) {
	seen := map[string]string{}
	for _, c := range []struct {
		key   string
		parts []string
	}{{"a", []string{"bc", "d"}}, {"a", []string{"b", "cd"}}, {"a", []string{"bcd"}}, {"a", []string{"bc", "d", ""}}, {"b", []string{"bc", "d"}}, {"a", nil}} {
		said := fmt.Sprintf("%s %q", c.key, c.parts)
		sum := string(secret.Sum([]byte(c.key), c.parts...))
		if other, twice := seen[sum]; twice || len(sum) != 32 {
			t.Errorf("%s is as %s, in %d bytes", said, other, len(sum))
		}
		seen[sum] = said
		if sum != string(secret.Sum([]byte(c.key), c.parts...)) {
			t.Errorf("%s is not the same twice", said)
		}
	}
	if a, b := secret.Chance(), secret.Chance(); a == b || len(a) != 43 {
		t.Errorf("chance: %q, %q", a, b)
	}
}

func TestWhatIsSealedOpensForItsPurposeOnly(t *testing.T) {
	s := secret.NewSealer([]byte("una clave de prueba, de 32 bytes"))
	sealed := s.Seal("a", []byte("secreto"))
	if got, ok := s.Open("a", sealed); !ok || string(got) != "secreto" || strings.Contains(sealed, "secreto") {
		t.Errorf("open = %q, %v", got, ok)
	}
	for purpose, text := range map[string]string{"b": sealed, "a": sealed[:len(sealed)-2] + "xx", "c": ""} {
		if _, ok := s.Open(purpose, text); ok {
			t.Errorf("%q opens %q", purpose, text)
		}
	}
}
