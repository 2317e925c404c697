package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/civic/account"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
	"plaza/internal/section/cases"
	"plaza/internal/section/cases/score"
	"plaza/internal/site"
)

// pageOf is a page that is measured, and the queries that it cannot do without.
type pageOf struct {
	name, path string
	bound      time.Duration
	bare       func(tx *db.Tx) error // nil where nothing bounds the page
}

// pagesOf are the pages of the busiest institution, and those of everybody.
func pagesOf(d *db.DB) (pages []pageOf, busy string, err error) {
	var folio, long, slug string
	if err := d.Read(context.Background(), func(tx *db.Tx) error {
		if err := tx.Row(`SELECT case_id FROM case_steps GROUP BY case_id ORDER BY COUNT(id) DESC LIMIT 1`).Scan(&long); err != nil {
			return err
		}
		if err := tx.Row(`SELECT folio FROM cases WHERE id = $1`, long).Scan(&folio); err != nil {
			return err
		}
		if err := tx.Row(`SELECT institution FROM cases GROUP BY institution ORDER BY COUNT(id) DESC LIMIT 1`).Scan(&busy); err != nil {
			return err
		}
		return tx.Row(`SELECT slug FROM institutions WHERE id = $1`, busy).Scan(&slug)
	}); err != nil {
		return nil, "", err
	}
	list := func(f cases.Filter, o cases.Order) func(tx *db.Tx) error {
		return func(tx *db.Tx) error {
			if _, err := cases.List(tx, f, o, cases.Key{}, listed); err != nil {
				return err
			}
			_, err := cases.Count(tx, f)
			return err
		}
	}
	return []pageOf{
		{"page of an inbox with 5,000 cases", "/gestion/" + slug + "/consultas", pageBound,
			list(cases.Filter{Bodies: []string{busy}, States: cases.Owed}, cases.ByDue)},
		{"page of the public list, two filters", "/consultas?estado=respondida&clase=pregunta", pageBound,
			list(cases.Filter{States: []cases.State{cases.Answered}, Kinds: []cases.Kind{cases.Question}}, cases.Newest)},
		{"page of the public list, by theme and what is overdue", "/consultas?tema=tema-3&vencidas=1", pageBound,
			list(cases.Filter{Themes: []string{"tema-3"}, Overdue: true}, cases.Newest)},
		{fmt.Sprintf("page of a case of %d messages", longCase), cases.CasePath + folio, pageBound,
			func(tx *db.Tx) error { _, err := cases.Steps(tx, long, "", longCase); return err }},
		{"page of how all institutions answer", score.Path, 0, nil},
		{"page of how one with 5,000 cases answers", score.Path + "/" + slug, 0, nil},
		{"page of the cases behind a figure", score.Path + "/" + slug + "/casos?cifra=unanswered", 0, nil},
	}, busy, nil
}

// How often a page is asked for before it is measured, and then.
const (
	warm     = 3
	pageRuns = 60
)

// benchCasePages asks for pages as a visitor gets them, made anew each time, and for an
// inbox as its liaison does.
func benchCasePages(ctx context.Context, dir string) error {
	quiet := slog.New(slog.NewTextHandler(io.Discard, nil))
	s, err := site.Open(ctx, site.Config{Data: filepath.Join(dir, "site"), DSN: "sqlite:" + filepath.Join(dir, "plaza.db"), Version: "bench", Log: quiet})
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }()
	watcher, err := record.Watch(ctx, s.DB)
	if err != nil {
		return err
	}
	pages, err := s.Pages(watcher)
	if err != nil {
		return err
	}
	measured, busy, err := pagesOf(s.DB)
	if err != nil {
		return err
	}
	session, err := signIn(ctx, s, pages.Shell, busy)
	if err != nil {
		return err
	}
	ask := func(i int, path string) error {
		joint := "?"
		if strings.Contains(path, "?") {
			joint = "&"
		}
		if w := get(ctx, pages.Shell, fmt.Sprintf("%s%sn=%d", path, joint, i), session); w.Code != http.StatusOK { // each is made anew
			return fmt.Errorf("%s answers %d", path, w.Code)
		}
		return nil
	}
	for _, p := range measured {
		for i := range warm { // its statements are prepared
			if err := ask(i, p.path); err != nil {
				return err
			}
		}
		var bare spent
		if p.bare != nil {
			if bare, err = times(pageRuns, func(int) error { return s.DB.Read(ctx, p.bare) }); err != nil {
				return err
			}
		}
		var took spent
		err := profiled(strings.ReplaceAll(p.name, " ", "-"), func() (err error) {
			took, err = times(pageRuns, func(i int) error { return ask(warm+i, p.path) })
			return err
		})
		if err != nil {
			return err
		}
		caseRow(p.name, took, bare, p.bound)
	}
	return nil
}

// get asks for a page with a session's cookies.
func get(ctx context.Context, h http.Handler, path string, session []*http.Cookie) *httptest.ResponseRecorder {
	r := httptest.NewRequestWithContext(ctx, http.MethodGet, path, nil)
	r.RemoteAddr = "127.0.0.1:49152"
	if strings.HasPrefix(path, "/gestion/") { // the rest is read as everybody reads it
		for _, c := range session {
			r.AddCookie(c)
		}
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// signIn signs in a liaison of an institution.
func signIn(ctx context.Context, s *site.Site, h http.Handler, body string) ([]*http.Cookie, error) {
	ctx = plaza.WithActor(ctx, plaza.SystemActor)
	email := fmt.Sprintf("enlace-%d@ejemplo.mx", time.Now().UnixNano())
	if err := s.DB.Write(ctx, func(tx *db.Tx) error {
		p, err := account.Create(tx, account.New{Email: email, Name: "Enlace"})
		if err != nil {
			return err
		}
		return account.GrantRole(tx, p.ID, plaza.Liaison, body, time.Time{})
	}); err != nil {
		return nil, err
	}
	link, err := s.Accounts.SigninLink(ctx, email)
	if err != nil {
		return nil, err
	}
	at, err := url.Parse(link)
	if err != nil {
		return nil, err
	}
	r := httptest.NewRequestWithContext(ctx, http.MethodPost, at.Path, nil)
	r.RemoteAddr = "127.0.0.1:49152"
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if len(w.Result().Cookies()) == 0 {
		return nil, fmt.Errorf("signing in answers %d", w.Code)
	}
	return w.Result().Cookies(), nil
}
