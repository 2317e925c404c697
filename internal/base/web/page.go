package web

import (
	"context"
	"html/template"
	"net/http"
	"net/url"
	"strings"
	"time"

	"plaza/internal/base/i18n"
	"plaza/internal/plaza"
)

// Page is what every page has; a page's own type embeds it. Make it with Shell.Page.
type Page struct {
	Title       string // says where one is; the site's name is added to it
	Description string // one sentence for search engines and link previews
	Image       string // absolute address of a picture for link previews, 1200 by 630; "" for none
	Canonical   string // path and query under which the page is known; "" is the path asked for
	Crumbs      []Crumb
	Tabs        []NavLink // pages that belong together with this one
	TabsLabel   string    // what they are pages of
	Alternates  []Alternate
	JSONLD      any    // structured data; nil for none
	NoIndex     bool   // search engines should leave it out
	SearchText  string // what the search box in the header shows
	Theme       string // "light" or "dark", whatever the reader's machine prefers; "" as it does
	Bare        bool   // it stands within another site's page: without header and footer
	OwnSearch   bool   // the page has a search box of its own, so that the header needs none
	L           *i18n.Printer
	Actor       plaza.Actor
	Now         time.Time // by Plaza's clock

	shell *Shell
	url   *url.URL
	ctx   context.Context // of the request, for what the layout asks for
}

// Crumb is one step of the way to a page, the page itself not included.
type Crumb struct {
	Title, Path string
}

// Around is what other parts of Plaza draw around an object on its page: Head under its
// title, Foot at the end of what it says.
type Around struct{ Head, Foot []template.HTML }

// Alternate is another form of the page: a feed, its data.
type Alternate struct {
	Type, Path, Title string
}

// Page starts a page for a request, in the reader's language.
func (s *Shell) Page(r *http.Request, title string) Page {
	p := Page{
		Title: title, L: s.Printer(r), Actor: plaza.ActorFrom(r.Context()),
		Now: s.cfg.Now(), shell: s, url: r.URL, ctx: r.Context(),
	}
	nearest := 0
	for _, t := range s.tabs {
		if !under(r.URL.Path, t.under) || len(t.under) < nearest {
			continue
		}
		nearest, p.Tabs = len(t.under), nil
		p.TabsLabel = p.L.T(t.label)
		for _, item := range t.items {
			if item.action == "" || s.cfg.Authorize == nil || s.cfg.Authorize(r.Context(), item.action) == nil {
				p.Tabs = append(p.Tabs, NavLink{Label: p.L.T(item.Key), Path: item.Path, Icon: item.Icon,
					Current: r.URL.Path == item.Path || item.Path != t.under && under(r.URL.Path, item.Path)})
			}
		}
	}
	return p
}

// under reports whether a path is another one or lies under it.
func under(path, root string) bool { return path == root || strings.HasPrefix(path, root+"/") }

// Printer is the printer in the request's language.
func (s *Shell) Printer(r *http.Request) *i18n.Printer {
	return s.printers[stateOf(r.Context()).lang]
}

// Closed reports whether this installation does without an action, whoever asks: a page
// says so instead of showing its form.
func (p Page) Closed(action string) bool {
	return p.shell != nil && p.shell.cfg.Closed != nil && p.shell.cfg.Closed(action)
}

// Site is the name of this installation.
func (p Page) Site() string {
	site, _ := p.shell.identity()
	return site
}

// Owner is who runs this installation.
func (p Page) Owner() string {
	_, owner := p.shell.identity()
	return owner
}

// identity is what this installation is called and who runs it.
func (s *Shell) identity() (site, owner string) {
	if s.cfg.Identity != nil {
		return s.cfg.Identity()
	}
	return s.cfg.SiteName, s.cfg.Owner
}

// Unread is how much waits to be read by who is signed in.
func (p Page) Unread() int {
	if p.shell.cfg.Unread == nil || !p.Actor.SignedIn() {
		return 0
	}
	return p.shell.cfg.Unread(p.ctx)
}

// Notices are what every page's footer says about this installation.
func (p Page) Notices() []Notice {
	if p.shell.cfg.Notices == nil {
		return nil
	}
	return p.shell.cfg.Notices(p.L)
}

// Build is the version of the program.
func (p Page) Build() string { return p.shell.cfg.Build }

// FullTitle is the page's title with the site's name.
func (p Page) FullTitle() string {
	if p.Title == "" || p.Title == p.Site() {
		return p.Site()
	}
	return p.Title + " · " + p.Site()
}

// Has reports whether this installation has a page at the path.
func (p Page) Has(path string) bool { return p.shell.Has(path) }

// OnHold says on a person's own pages that the account takes no part for now; nil
// everywhere else.
func (p Page) OnHold() *Notice {
	if !p.Actor.Suspended || p.url.Path != "/mi" && !strings.HasPrefix(p.url.Path, "/mi/") {
		return nil
	}
	n := &Notice{Tone: Warning, Title: p.L.T("web.suspended"), Text: p.L.T("web.suspended.text")}
	if p.Has("/mi/cuenta") && p.url.Path != "/mi/cuenta" {
		n.Link, n.Action = "/mi/cuenta", p.L.T("web.suspended.why")
	}
	return n
}

// NavLink is a link of the header or footer.
type NavLink struct {
	Label, Path, Icon string
	Current           bool // the page lies under it
}

// Nav lists the sections that this installation has.
func (p Page) Nav() []NavLink { return p.links(p.shell.nav) }

// FooterLinks lists the links at the foot of every page.
func (p Page) FooterLinks() []NavLink { return p.links(p.shell.footer) }

func (p Page) links(items []Item) []NavLink {
	links := make([]NavLink, 0, len(items))
	for _, item := range items {
		if item.For == nil || item.For(p.Actor) {
			links = append(links, NavLink{Label: p.L.T(item.Key), Path: item.Path, Icon: item.Icon, Current: under(p.url.Path, item.Path)})
		}
	}
	return links
}

// Home reports whether this is the home page.
func (p Page) Home() bool { return p.url.Path == "/" }

// CanonicalPath is the path under which the page is known, without language.
func (p Page) CanonicalPath() string {
	if p.Canonical != "" {
		return p.Canonical
	}
	return p.url.EscapedPath()
}

// CanonicalURL is the absolute address of the page in its language.
func (p Page) CanonicalURL() string { return p.LangURL(p.L.Lang()) }

// LangURL is the absolute address of the page in a language; Spanish has none in it.
func (p Page) LangURL(lang string) string {
	path := p.CanonicalPath()
	if lang == i18n.English {
		if strings.Contains(path, "?") {
			path += "&lang=en"
		} else {
			path += "?lang=en"
		}
	}
	return p.shell.URL(path)
}

// SwitchPath is the address of this very page in the other language.
func (p Page) SwitchPath() string {
	if p.L.Lang() == i18n.English {
		return inLang(p.url, "es")
	}
	return inLang(p.url, "en")
}

// SwitchLang is the tag of the other language.
func (p Page) SwitchLang() string {
	if p.L.Lang() == i18n.English {
		return "es"
	}
	return "en"
}

// URL makes an absolute address from a path of this site.
func (p Page) URL(path string) string { return p.shell.URL(path) }

func queryEscape(s string) string { return url.QueryEscape(s) }

// HasMessage reports whether the catalogues have a message.
func (s *Shell) HasMessage(key string) bool { return s.cfg.Bundle.Has(key) }
