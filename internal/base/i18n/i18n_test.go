package i18n_test

import (
	"io/fs"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"plaza/internal/base/i18n"
)

func catalogue(es, en string) fs.FS {
	return fstest.MapFS{
		"locale/es.json": {Data: []byte(es)},
		"locale/en.json": {Data: []byte(en)},
	}
}

func printers(t *testing.T, catalogues ...fs.FS) (es, en *i18n.Printer) {
	t.Helper()
	b, err := i18n.New(catalogues...)
	if err != nil {
		t.Fatal(err)
	}
	return b.Printer("es-MX"), b.Printer("en")
}

func TestMessagesAreSaidInTheReadersLanguage(t *testing.T) {
	es, en := printers(t, catalogue(
		`{"x.hello": "Hola, {name}", "x.only": "Solo aquí", "x.n": {"zero": "Ninguno", "one": "Un conjunto", "other": "{count} conjuntos de {who}"}}`,
		`{"x.hello": "Hello, {name}", "x.n": {"zero": "None", "one": "One dataset", "other": "{count} datasets of {who}"}}`))
	cases := []struct{ got, want string }{
		{es.T("x.hello", "name", "Ana"), "Hola, Ana"},
		{en.T("x.hello", "name", "Ana"), "Hello, Ana"},
		{es.T("x.hello"), "Hola, {name}"},
		{es.T("x.hello", "name"), "Hola, {name}"},
		{en.T("x.only"), "Solo aquí"},
		{en.T("x.nowhere", "a", 1), "x.nowhere"},
		{es.T("x.n", "count", 0), "Ninguno"},
		{es.T("x.n", "count", 1), "Un conjunto"},
		{es.T("x.n", "count", int64(1)), "Un conjunto"},
		{es.T("x.n", "count", uint8(1)), "Un conjunto"},
		{es.T("x.n", "count", 12345, "who", "INEGI"), "12,345 conjuntos de INEGI"},
		{en.T("x.n", "count", 1.5, "who", "INEGI"), "1.5 datasets of INEGI"},
		{es.TMap("x.hello", map[string]any{"name": time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)}), "Hola, 23 de noviembre de 2026"},
	}
	for _, c := range cases {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

func TestNumbersDatesAndSizesFollowMexicanAndEnglishCustom(t *testing.T) {
	es, en := printers(t)
	at := time.Date(2026, 11, 24, 2, 5, 0, 0, time.UTC) // the evening before in Mexico
	tijuana, err := time.LoadLocation("America/Tijuana")
	if err != nil {
		t.Fatal(err)
	}
	cases := []struct{ got, want string }{
		{es.Number(1234567.5), "1,234,567.5"},
		{es.Number(1234), "1,234"},
		{es.Number(999), "999"},
		{es.Number(-1234), "-1,234"},
		{en.Number(uint64(1234567)), "1,234,567"},
		{es.Date(at), "23 de noviembre de 2026"},
		{en.Date(at), "23 November 2026"},
		{es.Date(time.Time{}), ""},
		{es.DateTime(at), "23 de noviembre de 2026, 20:05 (GMT-6)"},
		{es.In(tijuana).DateTime(at), "23 de noviembre de 2026, 18:05 (GMT-8)"},
		{en.In(time.UTC).DateTime(at), "24 November 2026, 02:05 (UTC)"},
		{es.ISO(at), "2026-11-24T02:05:00Z"},
		{es.PartialDate("2016"), "2016"},
		{es.PartialDate("2016-05"), "mayo de 2016"},
		{en.PartialDate("2016-05-30"), "30 May 2016"},
		{es.PartialDate("desde siempre"), "desde siempre"},
		{es.Bytes(-1), ""},
		{es.Bytes(1), "1 byte"},
		{es.Bytes(999), "999 bytes"},
		{es.Bytes(1234567), "1.2\u00a0MB"},
		{es.Bytes(999_600), "1\u00a0MB"},
		{es.Bytes(123_456_789), "123\u00a0MB"},
		{es.Bytes(1 << 62), "4,612\u00a0PB"},
		{es.Duration(300 * time.Millisecond), "menos de un segundo"},
		{es.Duration(95 * time.Second), "95 segundos"},
		{en.Duration(61 * time.Minute), "61 minutes"},
		{en.Duration(72 * time.Hour), "3 days"},
	}
	for _, c := range cases {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

func TestAgesAreCountedInCalendarDaysOfTheZone(t *testing.T) {
	es, en := printers(t)
	now := time.Date(2026, 11, 23, 15, 0, 0, 0, time.UTC)
	cases := []struct {
		name   string
		before time.Duration
		es, en string
	}{
		{"a moment ago", time.Minute, "hoy", "today"},
		{"last evening is yesterday", 12 * time.Hour, "ayer", "yesterday"},
		{"days", 3 * 24 * time.Hour, "hace 3 días", "3 days ago"},
		{"months", 92 * 24 * time.Hour, "hace 3 meses", "3 months ago"},
		{"years", 1200 * 24 * time.Hour, "hace 3 años", "3 years ago"},
		{"tomorrow", -24 * time.Hour, "mañana", "tomorrow"},
		{"ahead", -72 * time.Hour, "en 3 días", "in 3 days"},
	}
	for _, c := range cases {
		if got := []string{es.Ago(now.Add(-c.before), now), en.Ago(now.Add(-c.before), now)}; !cmp.Equal(got, []string{c.es, c.en}) {
			t.Errorf("%s: Ago() = %q, want %q", c.name, got, []string{c.es, c.en})
		}
	}
}

func TestUnknownLanguagesReadSpanish(t *testing.T) {
	b, err := i18n.New()
	if err != nil {
		t.Fatal(err)
	}
	for tag, want := range map[string]string{"": "es-MX", "fr": "es-MX", "es": "es-MX", "en": "en", "en-GB": "en", "english": "es-MX"} {
		if got := b.Printer(tag).Lang(); got != want {
			t.Errorf("Printer(%q).Lang() = %q, want %q", tag, got, want)
		}
	}
}

func TestBadCataloguesAreRefused(t *testing.T) {
	cases := map[string]fs.FS{
		"no file":              fstest.MapFS{},
		"no JSON":              catalogue("{", "{}"),
		"unclosed placeholder": catalogue(`{"a": "x {y"}`, "{}"),
		"empty placeholder":    catalogue(`{"a": "x {}"}`, "{}"),
		"template syntax":      catalogue(`{"a": "x {{.y}}"}`, "{}"),
		"a number":             catalogue(`{"a": 1}`, "{}"),
		"no other form":        catalogue(`{"a": {"one": "x"}}`, "{}"),
		"unknown form":         catalogue(`{"a": {"two": "x", "other": "y"}}`, "{}"),
		"a key of another":     catalogue(`{"i18n.today": "x"}`, "{}"),
	}
	for name, fsys := range cases {
		if _, err := i18n.New(fsys); err == nil {
			t.Errorf("New accepts a catalogue with %s", name)
		}
	}
}

func TestOwnCataloguesAgree(t *testing.T) {
	if problems := i18n.CheckCatalogues(i18n.Locale); len(problems) > 0 {
		t.Error(problems)
	}
}

func TestCheckNamesWhatATranslatorForgot(t *testing.T) {
	got := i18n.CheckCatalogues(catalogue(
		`{"a": "x {n}", "b": "solo", "c": {"one": "x", "other": "y"}, "e": ""}`,
		`{"a": "x {m}", "c": "y", "d": "alone", "e": ""}`))
	want := []string{
		"a: placeholders differ: {n} and {m}",
		"b: missing in English",
		"c: plural forms differ",
		"d: missing in Spanish",
		"e: no text",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
