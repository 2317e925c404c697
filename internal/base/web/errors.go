package web

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"plaza/internal/base/i18n"
	"plaza/internal/plaza"
)

// statuses is the one table from kinds of errors to HTTP statuses.
var statuses = map[plaza.Kind]int{
	plaza.Invalid:         http.StatusUnprocessableEntity,
	plaza.Unauthenticated: http.StatusUnauthorized,
	plaza.Forbidden:       http.StatusForbidden,
	plaza.NotFound:        http.StatusNotFound,
	plaza.Conflict:        http.StatusConflict,
	plaza.TooMany:         http.StatusTooManyRequests,
	plaza.Unavailable:     http.StatusServiceUnavailable,
	plaza.Internal:        http.StatusInternalServerError,
}

// StatusError is a refusal that only HTTP knows: a method, a size, a type.
type StatusError struct {
	Status int
	Cause  error
}

// Error describes the refusal for logs.
func (e *StatusError) Error() string {
	if e.Cause != nil {
		return strconv.Itoa(e.Status) + ": " + e.Cause.Error()
	}
	return strconv.Itoa(e.Status) + " " + http.StatusText(e.Status)
}

// Unwrap returns the cause.
func (e *StatusError) Unwrap() error { return e.Cause }

// Elsewhere is a refusal that something on another page of this site would lift: who
// asks for a page is led there, anything else is refused as Because.
type Elsewhere struct {
	Path    string // of this site, with its query
	Because error
}

// Error describes the refusal for logs.
func (e *Elsewhere) Error() string { return "first " + e.Path + ": " + e.Because.Error() }

// Unwrap returns what is refused.
func (e *Elsewhere) Unwrap() error { return e.Because }

// StatusOf is the HTTP status for an error.
func StatusOf(err error) int {
	if e, ok := errors.AsType[*StatusError](err); ok {
		return e.Status
	}
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return http.StatusRequestEntityTooLarge
	}
	if _, ok := errors.AsType[*plaza.Error](err); !ok && errors.Is(err, context.DeadlineExceeded) {
		return http.StatusServiceUnavailable
	}
	return statuses[plaza.KindOf(err)]
}

// errorPage is the page for every refusal and failure.
type errorPage struct {
	Page
	Status    int
	Heading   string
	Text      string // what happened, in the words of the error where it has some
	Hint      string // what one can do
	Reference string // to quote when writing to us; only for failures
}

// fail answers with an error. What the handler had written so far is dropped.
func (s *Shell) fail(w *recorder, r *http.Request, err error) {
	status := StatusOf(err)
	state := stateOf(r.Context())
	state.err = err
	w.reset()
	if after := retryAfter(err, status); after > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(after.Round(time.Second).Seconds())))
	}
	if e, ok := errors.AsType[*methodError](err); ok {
		w.Header().Set("Allow", e.allow)
	}
	w.Header()["Cache-Control"] = cacheNone
	for _, custom := range s.errors {
		if strings.HasPrefix(r.URL.Path, custom.prefix) {
			if status == http.StatusUnauthorized {
				w.Header().Set("WWW-Authenticate", challenge(r))
			}
			custom.write(w, r, status, err)
			return
		}
	}
	if status == http.StatusUnauthorized && s.Has("/entrar") && (r.Method == http.MethodGet || r.Method == http.MethodHead) {
		w.Header().Set("Location", "/entrar?volver="+queryEscape(r.URL.RequestURI()))
		w.WriteHeader(http.StatusSeeOther)
		return
	}
	if e, ok := errors.AsType[*Elsewhere](err); ok && (r.Method == http.MethodGet || r.Method == http.MethodHead) {
		w.Header().Set("Location", e.Path)
		w.WriteHeader(http.StatusSeeOther)
		return
	}
	if status == http.StatusServiceUnavailable {
		s.unavailable(w, r)
		return
	}
	page := s.errorPage(r, status, err)
	if err := s.Render(w, r, status, "web/error", &page); err != nil {
		s.log.ErrorContext(r.Context(), "drawing the error page", "err", err, "id", state.id)
		s.unavailable(w, r)
	}
}

func (s *Shell) errorPage(r *http.Request, status int, err error) errorPage {
	p := errorPage{Page: s.Page(r, ""), Status: status}
	key := "web.error." + strconv.Itoa(status)
	if !p.L.Has(key + ".title") {
		key = "web.error.500"
		if status < 500 {
			key = "web.error.400"
		}
	}
	p.Heading, p.Text, p.Hint = p.L.T(key+".title"), p.L.T(key+".text"), p.L.T(key+".hint")
	p.Title, p.NoIndex = p.Heading, true
	if e, ok := errors.AsType[*plaza.Error](err); ok && e.Key != "" && p.L.Has(e.Key) {
		p.Text = p.L.TMap(e.Key, e.Args)
	}
	if status >= 500 {
		p.Reference = stateOf(r.Context()).id
	}
	return p
}

// challenge tells a program how to say who asks (RFC 6750).
func challenge(r *http.Request) string {
	if r.Header.Get("Authorization") != "" {
		return `Bearer realm="Plaza", error="invalid_token"`
	}
	return `Bearer realm="Plaza"`
}

// unavailable answers 503 with a page that was made at start-up and needs nothing.
func (s *Shell) unavailable(w *recorder, r *http.Request) {
	after := w.Header()["Retry-After"]
	w.reset()
	if after == nil {
		after = []string{"5"}
	}
	w.Header()["Retry-After"] = after
	w.Header()["Cache-Control"] = cacheNone
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(http.StatusServiceUnavailable)
	lang, _ := langOf(r)
	_, _ = w.Write(s.lastWord[lang]) // into memory
}

// prepareLastWord draws the page for when nothing else works, in each language.
func (s *Shell) prepareLastWord() error {
	own, err := s.views.own.Clone() // drawing closes a template to the pages still to come
	if err != nil {
		return fmt.Errorf("copying the layout: %w", err)
	}
	s.lastWord = map[string][]byte{}
	for lang, printer := range s.printers {
		var page bytes.Buffer
		view := struct {
			L    *i18n.Printer
			Site string
		}{printer, s.cfg.SiteName}
		if err := own.ExecuteTemplate(&page, "unavailable", view); err != nil {
			return fmt.Errorf("drawing the page for failures: %w", err)
		}
		s.lastWord[lang] = page.Bytes()
	}
	return nil
}

// retryAfter is how long to wait before trying again; zero where that is no use.
func retryAfter(err error, status int) time.Duration {
	if e, ok := errors.AsType[*plaza.Error](err); ok && e.RetryAfter > 0 {
		return max(e.RetryAfter, time.Second)
	}
	switch status {
	case http.StatusTooManyRequests:
		return time.Minute
	case http.StatusServiceUnavailable:
		return 5 * time.Second
	}
	return 0
}

// methodError is a known path asked for with a method that it does not have.
type methodError struct{ allow string }

func (e *methodError) Error() string { return "method not allowed; allowed: " + e.allow }
