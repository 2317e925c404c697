// Package web is the shell around every page: routes with what they ask and how
// they may be cached, handlers that return errors, templates, language, security
// headers, compression, a cache of anonymous pages, forms and error pages. What the
// pages say is the sections' business.
//
// A section registers its words, its templates with the type of their pages, its
// routes and, if it has one, its place in the navigation:
//
//	shell.Templates("catalog", templates, web.Pages{"dataset": datasetPage{}})
//	shell.Handle("GET /datos/{dataset}", web.Route{Name: "catalog.dataset", Cache: web.Public}, s.show)
//	shell.Nav(web.Item{Key: "catalog.nav", Path: "/datos", Icon: "database"})
//
// A handler loads what it needs, then calls Render or returns an error; nothing of
// what it wrote before an error reaches the reader. Every answer of a route that
// does not stream is kept in memory until it is whole: that is what allows error
// pages, entity tags, compression and the cache to be in one place.
package web

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"plaza/internal/base/i18n"
	"plaza/internal/plaza"
)

// Locale holds the shell's own messages.
//
//go:embed locale
var Locale embed.FS

//go:embed templates
var ownTemplates embed.FS

// Config is what a Shell needs to know. Only BaseURL, Bundle and Now are required.
type Config struct {
	BaseURL  string // e.g. "https://datos.gob.mx"; every absolute address starts with it
	SiteName string // shown in the header and in titles; "" is Plaza
	Owner    string // who runs this installation, shown in the footer
	// Identity is SiteName and Owner where they may change while Plaza runs. It is asked
	// for with every page; nil says what those two say.
	Identity func() (site, owner string)
	// Unread counts what waits to be read by who is signed in, for the header of each
	// page that is made for them; nil shows no count.
	Unread func(ctx context.Context) int
	Bundle *i18n.Bundle     // all catalogues, those of this package included
	Assets fs.FS            // what the asset tool built: manifest.json and files; nil for none
	Icons  []string         // names that the sprite holds; nil accepts any
	Now    func() time.Time // Plaza's clock, for ages on pages and of cached pages
	Build  string           // version of the program, shown in the footer

	// Notices are what the footer of every page says about this installation, e.g. that
	// the clock is set. They are asked for with every page that is made; nil is none.
	Notices func(l *i18n.Printer) []Notice

	// Version names the state that public pages are made from, e.g. the record's
	// position and the configuration. It is asked for on every request, so it must
	// be cheap. nil switches the cache of anonymous pages off.
	Version    func() string
	CacheBytes int64 // memory for cached pages; 0 is 24 MB

	SessionCookie  string                                                           // a request with it is never anonymous
	Authenticate   func(r *http.Request) (context.Context, error)                   // sets the Actor; nil: all are visitors
	Authorize      func(ctx context.Context, action string) error                   // asked for a route's Action; nil allows
	Closed         func(action string) bool                                         // this installation does without an action; nil: without none
	Observe        func(ctx context.Context, route *Route, method string, a Answer) // called once per request, for metrics
	TrustedProxies []netip.Prefix                                                   // peers whose X-Forwarded-* are believed
	Log            *slog.Logger                                                     // nil is slog.Default()
}

// Answer is what was answered to a request, for metrics.
type Answer struct {
	Status  int
	Bytes   int64 // of the body, as sent
	Elapsed time.Duration
	Cached  bool
}

// Shell serves every page. Register everything first, then serve.
type Shell struct {
	cfg      Config
	base     *url.URL
	log      *slog.Logger
	mux      *http.ServeMux
	routes   []Route
	byPath   map[string]bool // paths of GET routes without wildcards
	nav      []Item
	tabs     []tabs
	footer   []Item
	printers map[string]*i18n.Printer
	origin   *http.CrossOriginProtection
	assets   *assets
	views    *views
	cache    *pageCache
	brakes   *brakes
	errors   []errorWriter
	personal []string          // cookies with which no request is anonymous
	lastWord map[string][]byte // by language: the page for when nothing else works
	unasked  sync.Once         // says that a proxy on this machine is not trusted
}

type errorWriter struct {
	prefix string
	write  func(w http.ResponseWriter, r *http.Request, status int, err error)
}

// New makes a Shell. It fails on a bad address or a template that does not parse.
func New(cfg Config) (*Shell, error) {
	base, err := url.Parse(cfg.BaseURL)
	if err != nil || base.Host == "" || (base.Scheme != "http" && base.Scheme != "https") {
		return nil, fmt.Errorf("the base address %q is not an http or https address", cfg.BaseURL)
	}
	cfg.BaseURL = strings.TrimRight(cfg.BaseURL, "/")
	if cfg.SiteName == "" {
		cfg.SiteName = "Plaza"
	}
	if cfg.CacheBytes == 0 {
		cfg.CacheBytes = 24 << 20
	}
	s := &Shell{
		cfg: cfg, base: base, log: cfg.Log,
		mux: http.NewServeMux(), byPath: map[string]bool{},
		origin: http.NewCrossOriginProtection(),
		printers: map[string]*i18n.Printer{
			i18n.Spanish: cfg.Bundle.Printer(i18n.Spanish),
			i18n.English: cfg.Bundle.Printer(i18n.English),
		},
		cache: newPageCache(cfg.CacheBytes), brakes: newBrakes(cfg.Now),
	}
	if s.log == nil {
		s.log = slog.Default()
	}
	if err := s.origin.AddTrustedOrigin(base.Scheme + "://" + base.Host); err != nil {
		return nil, fmt.Errorf("the base address %q: %w", cfg.BaseURL, err)
	}
	if s.assets, err = loadAssets(cfg.Assets); err != nil {
		return nil, err
	}
	if s.views, err = newViews(s); err != nil {
		return nil, err
	}
	s.Handle("GET "+assetPrefix+"{name}", Route{Name: "web.asset", Cache: Immutable, Stream: true}, s.assets.serve)
	return s, s.prepareLastWord()
}

// Personal says that whoever sends a cookie is known by it, session or not: they are
// answered neither from the cache nor into it.
func (s *Shell) Personal(cookie string) { s.personal = append(s.personal, cookie) }

// Item is a link of the navigation or the footer. Key is its message key.
type Item struct {
	Key, Path, Icon string
	// Rank is its place among the tabs of a page, the lowest first; those of one rank
	// stand as they were registered. The navigation and the footer do without.
	Rank int
	// For says who is shown it; nil is everybody.
	For func(plaza.Actor) bool
}

// Nav adds a link to the navigation in the header of every page.
func (s *Shell) Nav(item Item) { s.nav = append(s.nav, item) }

// Footer adds a link to the footer of every page.
func (s *Shell) Footer(item Item) { s.footer = append(s.footer, item) }

// tabs are pages that belong together: those at and under a path.
type tabs struct {
	under, label string
	items        []tab
}

type tab struct {
	Item
	action string
}

// Tab adds a link to the tabs of every page at or under a path; label is the message
// key of what they are pages of. It is shown to who may do the action, "" to everybody.
func (s *Shell) Tab(under, label, action string, item Item) {
	i := slices.IndexFunc(s.tabs, func(t tabs) bool { return t.under == under })
	if i < 0 {
		s.tabs = append(s.tabs, tabs{under: under, label: label})
		i = len(s.tabs) - 1
	}
	s.tabs[i].items = append(s.tabs[i].items, tab{item, action})
	slices.SortStableFunc(s.tabs[i].items, func(a, b tab) int { return a.Rank - b.Rank })
}

// Errors makes write answer for errors at paths that start with prefix, instead of
// an error page: an API answers in its own form.
func (s *Shell) Errors(prefix string, write func(w http.ResponseWriter, r *http.Request, status int, err error)) {
	s.errors = append(s.errors, errorWriter{prefix, write})
}

// URL makes an absolute address from a path of this site.
func (s *Shell) URL(path string) string { return s.cfg.BaseURL + path }

// Secure reports whether the request came over TLS, to us or to a trusted proxy.
func (s *Shell) Secure(r *http.Request) bool {
	if r.TLS != nil {
		return true
	}
	return len(s.cfg.TrustedProxies) > 0 && r.Header.Get("X-Forwarded-Proto") == "https" && s.trusts(r.RemoteAddr)
}

// ClientIP is the address that the request came from, as the nearest trusted proxy
// saw it. The zero Addr means that it is unknown.
func (s *Shell) ClientIP(r *http.Request) netip.Addr {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	ip := peer.Addr().Unmap()
	if ip.IsLoopback() && !s.trustsAddr(ip) && r.Header.Get("X-Forwarded-For") != "" {
		s.unasked.Do(func() {
			s.log.WarnContext(r.Context(), "a proxy on this machine is not trusted: all its visitors count as one address", "setting", "PLAZA_TRUSTED_PROXIES")
		})
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0 && s.trustsAddr(ip); i-- {
		hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		ip = hop.Unmap()
	}
	return ip
}

func (s *Shell) trusts(remote string) bool {
	peer, err := netip.ParseAddrPort(remote)
	return err == nil && s.trustsAddr(peer.Addr().Unmap())
}

func (s *Shell) trustsAddr(ip netip.Addr) bool {
	for _, prefix := range s.cfg.TrustedProxies {
		if prefix.Contains(ip) {
			return true
		}
	}
	return false
}

// Server returns a server of the shell with the limits that keep slow and large
// requests from taking the place of others: 10 s for a head, a minute for a body,
// two for an answer; routes that stream have limits on progress instead.
func (s *Shell) Server(addr string) *http.Server {
	return &http.Server{
		Addr: addr, Handler: s,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       time.Minute,
		WriteTimeout:      2 * time.Minute,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
	}
}
