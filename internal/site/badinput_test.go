package site_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"plaza/internal/base/db"
	"plaza/internal/plaza"
)

// bad are values that no field is made for.
var bad = []struct{ name, value string }{
	{"nothing", ""},
	{"ten thousand letters", strings.Repeat("ñ", 10_000)},
	{"text that runs backwards", "Secretar\u202eda\u202c \u2066de\u2069 Salud\u200b"},
	{"NUL bytes", "a\x00b\x00"},
	{"another header", "Ana\r\nX-Inyectado: 1\r\n\r\n<b>hola</b>"},
	{"bytes that are no text", "\xff\xfe\xc3\x28"},
	{"the year 1", "0001-01-01"},
	{"the year 9999", "9999-12-31"},
	{"a day that is none", "2026-02-30T99:99"},
	{"a number without end", strings.Repeat("9", 400)},
	{"a number below nothing", "-1"},
	{"another site", "//evil.example/x"},
	{"another site by a backslash", `/\evil.example/x`},
	{"another site without slashes", "https:evil.example"},
	{"another site behind a tab", "/\t/evil.example"},
	{"a program as address", "javascript:alert(1)"},
	{"a way up", "../../../../etc/passwd"},
	{"a formula", `=HYPERLINK("https://evil.example")`},
	{"a template", `{{.}}${7*7}<script>alert(1)</script>'"--`},
}

// forms are the fields of each form that the site draws, as they are drawn, by where it
// is sent.
type forms map[string]url.Values

// drawnFor reads the forms on the pages that somebody may see.
func (r *routed) drawnFor(v *visitor, th *things) forms {
	v.Helper()
	out := forms{}
	for _, route := range r.shell.Routes() {
		method, path, _ := strings.Cut(route.Pattern, " ")
		if method != http.MethodGet || skipped(method, path) || strings.HasPrefix(path, "/api/") {
			continue
		}
		at := th.fill(path)
		a := v.get(at)
		if a.status != http.StatusOK || !strings.HasPrefix(a.header.Get("Content-Type"), "text/html") {
			continue
		}
		a.doc(v.T).Find("form[method=post], form[method=POST]").Each(func(_ int, f *goquery.Selection) {
			values := fieldsOf(f)
			out[f.AttrOr("action", at)] = values
			f.Find("button[formaction]").Each(func(_ int, b *goquery.Selection) { out[b.AttrOr("formaction", "")] = values })
		})
	}
	return out
}

// names are all the fields that any form has.
func (f forms) names() (all []string) {
	for _, values := range f {
		for name := range values {
			all = append(all, name)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// allBad is how many bodies with nothing but bad values are sent to each address.
const allBad = 6

// variants are the bodies that are sent to an address: some with a bad value in every
// field, each time others, then with each field alone missing, bad or repeated.
func (f forms) variants(path string) (all []url.Values, said []string) {
	drawn, known := f[path]
	names := append(f.names(), "volver", "return", "next")
	if known {
		names = []string{"volver", "return", "next"}
		for name := range drawn {
			names = append(names, name)
		}
		slices.Sort(names)
	}
	names = names[:min(len(names), 190)]
	for n := range allBad {
		values := url.Values{}
		for i, name := range names {
			values[name] = []string{bad[(i+n*len(bad)/allBad+len(path))%len(bad)].value}
		}
		all, said = append(all, values), append(said, fmt.Sprintf("all fields bad, the %dth way", n))
	}
	for i, name := range names {
		if !known {
			break
		}
		values := url.Values{name + "[]": {"x"}, name + "[a]": {"y"}}
		for other, list := range drawn {
			values[other] = list
		}
		way := [][]string{nil, {bad[i%len(bad)].value}, {"a", "b", ""}}[i%3]
		values[name] = way
		all, said = append(all, values), append(said, fmt.Sprintf("%s = %.40q", name, way))
	}
	return all, said
}

// leadsAway reports whether a browser at the site would leave it for where it is sent.
func leadsAway(location string) bool {
	if location == "" {
		return false
	}
	u, err := url.Parse(location)
	return err != nil || u.Scheme != "" || u.Host != "" || !strings.HasPrefix(location, "/") ||
		strings.HasPrefix(location, "//") || strings.ContainsAny(location, "\\\t\r\n")
}

// survives holds that an answer to bad input is no failure, leads nowhere else and has
// no header of its sender's.
func survives(t *testing.T, what string, a answer) {
	t.Helper()
	if a.status >= 500 {
		t.Errorf("%s: %d", what, a.status)
	}
	if to := a.header.Get("Location"); leadsAway(to) {
		t.Errorf("%s leads to %q", what, to)
	}
	if a.header.Get("X-Inyectado") != "" {
		t.Errorf("%s: the sender wrote a header", what)
	}
	for name, values := range a.header {
		if strings.ContainsAny(strings.Join(values, ""), "\r\n\x00") {
			t.Errorf("%s: the header %s holds %q", what, name, values)
		}
	}
}

// TestNoInputBreaksAForm sends what no field is made for to every form, as who may do
// everything and as who may do next to nothing.
func TestNoInputBreaksAForm(t *testing.T) {
	r := serve(t)
	th := r.things(t)
	admin := r.person(t, "Alba Central", plaza.Grant{Role: plaza.Admin}, plaza.Grant{Role: plaza.Liaison, Institution: th.body.ID})
	th.works(r.begun(t, admin, th.known["resource"]))
	for _, w := range []struct {
		name string
		in   func() *visitor
	}{{"a visitor", func() *visitor { return r.newcomer(t) }}, {"an admin", func() *visitor { return r.of(t, admin) }}} {
		v, posted := w.in(), 0
		drawn := r.drawnFor(v, th)
		if len(drawn.names()) < 3 {
			t.Fatalf("%s sees no forms", w.name)
		}
		for _, route := range r.shell.Routes() {
			method, path, _ := strings.Cut(route.Pattern, " ")
			if method != http.MethodPost || skipped(method, path) || strings.HasPrefix(path, "/api/") {
				continue
			}
			posted++
			r.write(t, func(tx *db.Tx) error { _, err := tx.Exec(`DELETE FROM brakes`); return err }) // each form is tried for itself
			all, said := drawn.variants(th.fill(path))
			for n, values := range all {
				a := v.post(th.fill(path)+"?"+url.Values{"volver": {values.Get("volver")}, "objeto": {values.Get("volver")}}.Encode(), values)
				survives(t, fmt.Sprintf("%s as %s, %s", route.Pattern, w.name, said[n]), a)
				if n == 0 && w.name == "an admin" && a.refused() { // a form that was taken ended the session
					v = w.in()
				}
			}
		}
		if posted < 70 {
			t.Errorf("only %d routes", posted)
		}
	}
	if n := r.value(t, `SELECT COUNT(*) FROM outbox WHERE subject LIKE $1 OR subject LIKE $2`, "%\n%", "%\r%"); n != "0" {
		t.Errorf("%s mails have a subject of more than a line", n)
	}
	r.exported(t)
}

// TestNoBodyBreaksAForm sends what is no form, or is one cut off, to every route.
func TestNoBodyBreaksAForm(t *testing.T) {
	r := serve(t)
	th := r.things(t)
	v := r.of(t, r.person(t, "Alba Central", plaza.Grant{Role: plaza.Admin}))
	part := "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"../../a\\\"\r\nX-Inyectado: 1\"\r\nContent-Type: image/png\r\n\r\n"
	for _, route := range r.shell.Routes() {
		method, path, _ := strings.Cut(route.Pattern, " ")
		if method == http.MethodGet || skipped(method, path) {
			continue
		}
		for _, b := range []struct{ kind, body string }{
			{"", ""}, {"text/plain", "hola"}, {"application/x-www-form-urlencoded", "a=%zz&b=%"}, {"application/x-www-form-urlencoded", "a;b=1"},
			{"application/x-www-form-urlencoded", strings.Repeat("a=1&", 5000)},
			{"multipart/form-data", ""}, {"multipart/form-data; boundary=x", part + "\x89PNG"}, {"multipart/form-data; boundary=x", part + "GIF89a\r\n--x--\r\n"},
			{"multipart/form-data; boundary=" + strings.Repeat("x", 300), part},
		} {
			survives(t, fmt.Sprintf("%s with %s %.20q", route.Pattern, b.kind, b.body), v.send(method, th.fill(path), b.kind, b.body))
		}
	}
}

// TestNoInputBreaksTheInterface sends JSON that no operation is made for.
func TestNoInputBreaksTheInterface(t *testing.T) {
	r := serve(t)
	th := r.things(t)
	keys := r.keys(t, th)
	fields := []string{"on", "text", "object", "often", "in_app", "by_mail", "url", "kind", "title", "institution", "parent", "as", "state", "version"}
	deep := strings.Repeat("[", 20_000)
	bodies := []string{"", "null", "[]", `"a"`, "{", deep, `{"on":` + deep, "{\"text\":\"\xff\"}", `{"text":"\ud800"}`, `{"on":1e999}`,
		`{"on":"dataset:\u0000","text":"a\u0000b"}`, `{"object":"dataset:\u0000","often":"daily","in_app":true,"by_mail":false}`,
		`{"object":"theme:\u0000","often":"daily","in_app":true,"by_mail":false}`}
	for _, b := range bad {
		one := map[string]any{}
		for _, f := range fields {
			one[f] = b.value
		}
		if b.value != "" { // what is named is looked up, whatever its name
			one["on"], one["object"] = "dataset:"+b.value, "search:"+b.value
		}
		text, err := json.Marshal(one)
		if err != nil {
			t.Fatal(err)
		}
		bodies = append(bodies, string(text), strings.ReplaceAll(strings.ReplaceAll(string(text), `":"`, `":["`), `","`, `"],"`))
	}
	sent := 0
	for _, route := range r.shell.Routes() {
		method, path, _ := strings.Cut(route.Pattern, " ")
		if !strings.HasPrefix(path, "/api/") || method == http.MethodGet {
			continue
		}
		for _, k := range keys {
			if !k.api {
				continue
			}
			r.write(t, func(tx *db.Tx) error { _, err := tx.Exec(`DELETE FROM brakes`); return err })
			for _, b := range bodies {
				sent++
				survives(t, fmt.Sprintf("%s as %s with %.60q", route.Pattern, k.name, b), k.v.send(method, th.fill(path), "application/json", b))
			}
		}
	}
	if sent < 100 {
		t.Errorf("only %d requests", sent)
	}
}

// send sends a body as it is.
func (v *visitor) send(method, path, kind, body string) answer {
	v.Helper()
	req, err := http.NewRequestWithContext(v.Context(), method, v.site.URL+path, io.NopCloser(strings.NewReader(body)))
	if err != nil {
		v.Fatal(err)
	}
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	return v.do(req)
}
