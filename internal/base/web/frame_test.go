package web_test

import (
	"net/http"
	"strings"
	"testing"

	"plaza/internal/base/web"
	"plaza/internal/base/web/webtest"
)

func TestOnlyAPlainOriginIsNamedInThePolicy(t *testing.T) {
	for address, want := range map[string]string{
		"https://mapas.ejemplo.mx/a?b=c": "https://mapas.ejemplo.mx", "https://Mapas.Ejemplo.MX:8443/": "https://mapas.ejemplo.mx:8443",
		"https://añil.ejemplo.mx/": "https://xn--ail-7ma.ejemplo.mx",
		"http://mapas.ejemplo.mx/": "", "https://a;script-src%20*/": "", "https://a;b/": "", "https://*.mx/": "", "https://a,b/": "", "https://ana@a.mx/": "",
		"https://[::1]/": "", "https:///x": "", "javascript:alert(1)": "", "//a.mx": "", "": "", "https://a'b.mx/": "",
	} {
		if got := web.FrameOrigin(address); got != want {
			t.Errorf("FrameOrigin(%q) = %q, want %q", address, got, want)
		}
	}
}

func TestOnePageShowsOneOriginAndNoOtherPageDoes(t *testing.T) {
	shell := webtest.New(t, nil)
	plain := func(http.ResponseWriter, *http.Request) error { return nil }
	shell.Handle("GET /marco", web.Route{Name: "frame", Cache: web.Public}, func(w http.ResponseWriter, r *http.Request) error {
		web.AllowFrame(w, web.FrameOrigin("https://mapas.ejemplo.mx/a"))
		return plain(w, r)
	})
	shell.Handle("GET /otra", web.Route{Name: "other", Cache: web.Public}, plain)
	policy := func(path string) string { return webtest.Get(t, shell, path).Header().Get("Content-Security-Policy") }
	for range 2 { // it is kept by then
		other := policy("/otra")
		if got := policy("/marco"); got != other+"; frame-src https://mapas.ejemplo.mx" || !strings.Contains(other, "default-src 'none'") || strings.Contains(other, "frame-src") {
			t.Errorf("the page has %q, and others %q", got, other)
		}
	}
}
