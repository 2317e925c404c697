package web

import (
	"net/http"
	"net/url"
	"strings"

	"plaza/internal/base/i18n"
)

const langCookie = "lang"

// langOf chooses the language of an answer: ?lang= in the address of a GET, then the
// cookie that an earlier such choice left, then Spanish. What browsers say they
// accept is not asked: an address should read the same for everybody.
func langOf(r *http.Request) (lang string, explicit bool) {
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		if lang := known(queryValue(r.URL.RawQuery, "lang")); lang != "" {
			return lang, true
		}
	}
	if lang := cookieLang(r); lang != "" {
		return lang, false
	}
	return i18n.Spanish, false
}

func known(lang string) string {
	switch lang {
	case "en":
		return i18n.English
	case "es", i18n.Spanish:
		return i18n.Spanish
	}
	return ""
}

func cookieLang(r *http.Request) string {
	for _, line := range r.Header["Cookie"] {
		if strings.Contains(line, langCookie+"=") {
			if c, err := r.Cookie(langCookie); err == nil {
				return known(c.Value)
			}
		}
	}
	return ""
}

// queryValue reads a plain value from a query without parsing the rest of it: it
// runs for every request.
func queryValue(query, name string) string {
	for query != "" {
		var pair string
		pair, query, _ = strings.Cut(query, "&")
		if key, value, _ := strings.Cut(pair, "="); key == name {
			return value
		}
	}
	return ""
}

// rememberLang keeps a language chosen in the address for the pages that follow.
// Such an answer sets a cookie, so that no shared cache may keep it. Programs that
// read open data follow no pages.
func (s *Shell) rememberLang(h http.Header, r *http.Request, route *Route, lang string, explicit bool) {
	if !explicit || route.Open || cookieLang(r) == lang || (lang == i18n.Spanish && cookieLang(r) == "") {
		return
	}
	short, _, _ := strings.Cut(lang, "-")
	c := http.Cookie{Name: langCookie, Value: short, Path: "/", MaxAge: 365 * 24 * 3600,
		HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: s.Secure(r)}
	h["Set-Cookie"] = append(h["Set-Cookie"], c.String())
	h["Cache-Control"] = cachePrivate
}

// inLang is the address of the same page in a language.
func inLang(u *url.URL, lang string) string {
	q := u.Query()
	q.Set("lang", lang)
	return u.EscapedPath() + "?" + q.Encode()
}
