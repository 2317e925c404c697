package web_test

import (
	"bytes"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/fstest"
	"time"
	"unicode/utf8"

	"plaza/internal/base/web"
	"plaza/internal/base/web/webtest"
)

func urlencoded(body string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	return r
}

func TestAFormIsReadWithItsTextMadeSound(t *testing.T) {
	f, err := web.ReadForm(urlencoded("a=+hola%20&b=1&b=2&c=x%00y%ff"))
	if err != nil {
		t.Fatal(err)
	}
	if f.Value("a") != "hola" || len(f.Values("b")) != 2 || f.Value("c") != "xy\ufffd" || !f.Checked("b") || f.Checked("z") {
		t.Errorf("read %q %q %q", f.Value("a"), f.Values("b"), f.Value("c"))
	}
}

func TestAFormWithAFileIsRead(t *testing.T) {
	var body bytes.Buffer
	m := multipart.NewWriter(&body)
	_ = m.WriteField("nombre", "Salud\x00")
	part, err := m.CreateFormFile("logo", "../../a.png")
	if err != nil {
		t.Fatal(err)
	}
	_, _ = part.Write([]byte("PNG"))
	_ = m.Close()
	r := httptest.NewRequest(http.MethodPost, "/", &body)
	r.Header.Set("Content-Type", m.FormDataContentType())
	f, err := web.ReadForm(r)
	if err != nil {
		t.Fatal(err)
	}
	file, ok := f.File("logo")
	if !ok || string(file.Body) != "PNG" || strings.ContainsAny(file.Name, "\x00/") || f.Value("nombre") != "Salud" {
		t.Errorf("read %q, file %q %q", f.Value("nombre"), file.Name, file.Body)
	}
}

func TestAFieldMayHoldSeveralFiles(t *testing.T) {
	part := func(name, body string) string {
		return "--x\r\nContent-Disposition: form-data; name=\"a\"; filename=\"" + name + "\"\r\n\r\n" + body + "\r\n"
	}
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(part("1", "uno")+part("2", "dos")+"--x--"))
	r.Header.Set("Content-Type", "multipart/form-data; boundary=x")
	f, err := web.ReadForm(r)
	if err != nil {
		t.Fatal(err)
	}
	if all := f.Files("a"); len(all) != 2 || string(all[0].Body) != "uno" || all[1].Name != "2" || f.Files("b") != nil {
		t.Errorf("read %q", all)
	}
}

func TestFormsBeyondTheLimitsAreRefused(t *testing.T) {
	parts := "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n"
	withType := func(kind, body string) *http.Request {
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
		r.Header.Set("Content-Type", kind)
		return r
	}
	cases := []struct {
		name string
		r    *http.Request
		want int
	}{
		{"20,000 fields", urlencoded(strings.Repeat("a=1&", 20_000)), 413},
		{"a long field", urlencoded("a=" + strings.Repeat("x", 100_000)), 413},
		{"10,000 parts", withType("multipart/form-data; boundary=x", strings.Repeat(parts, 10_000)+"--x--"), 413},
		{"no boundary", withType("multipart/form-data", parts), 400},
		{"a boundary of 5,000 letters", withType("multipart/form-data; boundary="+strings.Repeat("x", 5000), parts), 400},
		{"no end", withType("multipart/form-data; boundary=x", parts), 400},
		{"a megabyte of part header", withType("multipart/form-data; boundary=x", "--x\r\nA: "+strings.Repeat("a", 11<<20)), 400},
		{"JSON", withType("application/json", "{}"), 415},
		{"no type", withType("", "a=1"), 415},
	}
	for _, c := range cases {
		_, err := web.ReadForm(c.r)
		if got := web.StatusOf(err); err == nil || got != c.want {
			t.Errorf("%s: %v with status %d, want %d", c.name, err, got, c.want)
		}
	}
}

func TestQueryTextIsCutOnALettersEdge(t *testing.T) {
	r := httptest.NewRequest(http.MethodGet, "/?q="+url.QueryEscape("  añ\n\x00\xff  "), nil)
	if got, want := web.QueryText(r, "q", 100), "añ \ufffd"; got != want {
		t.Errorf("QueryText() = %q, want %q", got, want)
	}
	for limit := range 8 {
		if got := web.QueryText(r, "q", limit); len(got) > limit || !utf8.ValidString(got) {
			t.Errorf("QueryText(limit %d) = %q", limit, got)
		}
	}
}

func FuzzForm(f *testing.F) {
	f.Add("application/x-www-form-urlencoded", "a=1&b=%zz")
	f.Add("multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--x--")
	f.Fuzz(func(t *testing.T, kind, body string) {
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
		r.Header["Content-Type"] = []string{kind}
		form, err := web.ReadForm(r)
		if err != nil {
			if status := web.StatusOf(err); status >= 500 {
				t.Fatalf("a form makes a %d: %v", status, err)
			}
			return
		}
		if v := form.Value("a"); !utf8.ValidString(v) || strings.Contains(v, "\x00") {
			t.Fatalf("unsound text %q", v)
		}
	})
}

func TestAssetsAreKeptForEverAndSentAsAccepted(t *testing.T) {
	built := fstest.MapFS{
		"manifest.json":     {Data: []byte(`{"site.css": "site.1A.css", "text.woff2": "text.2B.woff2"}`)},
		"site.1A.css":       {Data: []byte("plain")},
		"site.1A.css.gz":    {Data: []byte("gz")},
		"site.1A.css.br":    {Data: []byte("br")},
		"text.2B.woff2":     {Data: []byte("font")},
		"unlisted.3C.css":   {Data: []byte("secret")},
		"manifest.json.bak": {Data: []byte("secret")},
	}
	shell := mount(t, func(c *web.Config) { c.Assets = built }, nil)
	if body := webtest.Get(t, shell, "/nota").Body.String(); !strings.Contains(body, `href="/assets/site.1A.css"`) {
		t.Errorf("the page does not name the asset:\n%s", body)
	}
	for _, c := range []struct {
		path, accept, kind, want string
		status                   int
	}{
		{"/assets/site.1A.css", "", "text/css; charset=utf-8", "plain", 200},
		{"/assets/site.1A.css", "gzip", "text/css; charset=utf-8", "gz", 200},
		{"/assets/site.1A.css", "br, gzip", "text/css; charset=utf-8", "br", 200},
		{"/assets/text.2B.woff2", "br, gzip", "font/woff2", "font", 200},
		{"/assets/site.css", "", "", "", 404},
		{"/assets/unlisted.3C.css", "", "", "", 404},
		{"/assets/manifest.json", "", "", "", 404},
		{"/assets/", "", "", "", 404},
	} {
		r := httptest.NewRequest(http.MethodGet, c.path, nil)
		r.Header.Set("Accept-Encoding", c.accept)
		w := webtest.Do(shell, r)
		if w.Code != c.status || c.status == 200 && (w.Body.String() != c.want || w.Header().Get("Content-Type") != c.kind ||
			w.Header().Get("Cache-Control") != "public, max-age=31536000, immutable") {
			t.Errorf("GET %s accepting %q = %d %q %v", c.path, c.accept, w.Code, w.Body, w.Header())
		}
		if c.status == 404 && strings.Contains(w.Header().Get("Cache-Control"), "immutable") {
			t.Errorf("GET %s: its absence is kept for ever", c.path)
		}
	}
}

func TestAStreamIsSentAsItIsWrittenAndBreaksOffOnErrors(t *testing.T) {
	step := make(chan bool)
	shell := mount(t, nil, func(s *web.Shell) {
		s.Handle("GET /flujo", web.Route{Stream: true, Open: true}, func(w http.ResponseWriter, _ *http.Request) error {
			_, _ = io.WriteString(w, "uno\n")
			if err := http.NewResponseController(w).Flush(); err != nil {
				return err
			}
			<-step
			return errors.New("the source went away")
		})
		s.Handle("GET /nunca", web.Route{Stream: true}, func(w http.ResponseWriter, _ *http.Request) error {
			w.Header().Set("Content-Type", "text/csv")
			return &web.StatusError{Status: http.StatusNotFound}
		})
	})
	server := httptest.NewServer(shell)
	defer server.Close()
	client := &http.Client{Timeout: 10 * time.Second}
	answer, err := client.Get(server.URL + "/flujo")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	first := make([]byte, 4)
	if _, err := io.ReadFull(answer.Body, first); err != nil || string(first) != "uno\n" {
		t.Errorf("read %q, %v before the end of the stream", first, err)
	}
	if got := answer.Header.Get("Access-Control-Allow-Origin"); got != "*" {
		t.Errorf("open data may not be read elsewhere: %q", got)
	}
	close(step)
	if _, err := io.ReadAll(answer.Body); err == nil {
		t.Error("a stream that broke off looks whole")
	}
	if w := webtest.Get(t, shell, "/nunca"); w.Code != 404 || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") {
		t.Errorf("a stream that failed before its first byte = %d %s", w.Code, w.Header().Get("Content-Type"))
	}
}
