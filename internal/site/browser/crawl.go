package browser

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/PuerkitoBio/goquery"
)

// Page is an answer that a Crawl came by.
type Page struct {
	Path   string // with its query
	From   string // the page that linked to it first
	Status int
	Type   string // media type, without parameters
	Body   []byte
	Doc    *goquery.Document // nil when it is no HTML
	// Final is where redirects ended, Path when there were none.
	Final string
}

// maxPage bounds what is read of one answer; what is longer is no page.
const maxPage = 16 << 20

// Crawl follows the links of a site from the start paths, each address once, and
// calls visit with each answer until it returns false. follow, if set, chooses the
// addresses that are followed. Links to other sites and places within pages are left
// alone.
func Crawl(ctx context.Context, origin string, start []string, visit func(Page) bool, follow func(path string) bool) error {
	client := &http.Client{Timeout: time.Minute}
	seen := map[string]bool{}
	type todo struct{ path, from string }
	var queue []todo
	add := func(path, from string) {
		if !seen[path] {
			seen[path] = true
			queue = append(queue, todo{path, from})
		}
	}
	for _, path := range start {
		add(path, "")
	}
	for len(queue) > 0 {
		next := queue[0]
		queue = queue[1:]
		p, err := fetch(ctx, client, origin, next.path)
		if err != nil {
			return fmt.Errorf("%s (linked from %s): %w", next.path, next.from, err)
		}
		p.From = next.from
		if !visit(p) {
			return nil
		}
		for _, path := range p.Links(origin) {
			if !seen[path] && (follow == nil || follow(path)) {
				add(path, next.path)
			}
		}
	}
	return nil
}

func fetch(ctx context.Context, client *http.Client, origin, path string) (Page, error) {
	p := Page{Path: path}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, origin+path, nil)
	if err != nil {
		return p, err
	}
	resp, err := client.Do(r)
	if err != nil {
		return p, err
	}
	defer resp.Body.Close()
	p.Status, p.Final = resp.StatusCode, resp.Request.URL.RequestURI()
	p.Type, _, _ = strings.Cut(resp.Header.Get("Content-Type"), ";")
	if p.Body, err = io.ReadAll(io.LimitReader(resp.Body, maxPage)); err != nil {
		return p, err
	}
	if p.Type == "text/html" {
		p.Doc, err = goquery.NewDocumentFromReader(bytes.NewReader(p.Body))
	}
	return p, err
}

// Links are the addresses on the same site that a page links to or loads, without
// the places within them.
func (p Page) Links(origin string) (paths []string) {
	if p.Doc == nil {
		return nil
	}
	base, err := url.Parse(origin + p.Final)
	if err != nil {
		return nil
	}
	for _, attr := range []string{"href", "src", "action"} {
		p.Doc.Find("[" + attr + "]").Each(func(_ int, s *goquery.Selection) {
			if attr == "action" && strings.EqualFold(s.AttrOr("method", "get"), "post") {
				return
			}
			u, err := base.Parse(s.AttrOr(attr, ""))
			if err == nil && u.Scheme+"://"+u.Host == origin && !slices.Contains(paths, u.RequestURI()) {
				paths = append(paths, u.RequestURI())
			}
		})
	}
	return paths
}

// Faults are what is wrong with a page by itself: what every page of Plaza has, and
// has once.
func (p Page) Faults(origin string) (faults []string) {
	if p.Doc == nil {
		return nil
	}
	fault := func(format string, args ...any) { faults = append(faults, fmt.Sprintf(format, args...)) }
	has := map[string]string{"h1": "h1", "main": "main", "head > title": "title", "html[lang]": "html with a language", "header": "header"}
	if p.Doc.Find("body.Bare").Length() > 0 { // it stands within another site's page, which has one
		delete(has, "header")
		if n := p.Doc.Find(".Header, .Footer").Length(); n > 0 {
			fault("%d elements of a page that stands alone", n)
		}
	}
	for selector, name := range has {
		// a page may hold headers of its parts
		if n := p.Doc.Find(selector).Length(); n == 0 || n > 1 && selector != "header" {
			fault("%d elements %s, want 1", n, name)
		}
	}
	if strings.TrimSpace(p.Doc.Find("title").Text()) == "" {
		fault("an empty title")
	}
	index := p.Doc.Find("meta[name=robots][content*=noindex]").Length() == 0
	if n := p.Doc.Find("link[rel=canonical][href]").Length(); index && n != 1 {
		fault("%d canonical addresses, want 1", n)
	}
	seen := map[string]bool{}
	p.Doc.Find("[id]").Each(func(_ int, s *goquery.Selection) {
		id := s.AttrOr("id", "")
		if seen[id] {
			fault("the id %q twice", id)
		}
		seen[id] = true
	})
	p.Doc.Find("a[href^='#']").Each(func(_ int, s *goquery.Selection) {
		if id := strings.TrimPrefix(s.AttrOr("href", ""), "#"); id != "" && !seen[id] {
			fault("a link to #%s, which is not there", id)
		}
	})
	if n := p.Doc.Find("[style], style, script:not([src]):not([type='application/ld+json']):not([type='application/json']), [onclick], [onload]").Length(); n > 0 {
		fault("%d inline styles, scripts or handlers", n)
	}
	slices.Sort(faults)
	return faults
}
