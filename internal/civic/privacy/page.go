package privacy

import (
	"embed"
	"fmt"
	"net/http"
	"strings"
	"time"

	"plaza/internal/base/i18n"
	"plaza/internal/base/web"
	"plaza/internal/civic/access"
)

// Locale holds the sentences of this package, in Spanish and English.
//
//go:embed locale/*.json
var Locale embed.FS

//go:embed templates/*.html
var templates embed.FS

// Path is where the whole notice can be read.
const Path = "/acerca/privacidad"

// PageConfig is what the notice says of the installation.
type PageConfig struct {
	Holdings Registry
	// Contact is the mail or web address for requests, "" where the page is the way; nil
	// is "".
	Contact func() string
}

// noticePage is the whole notice of privacy.
type noticePage struct {
	web.Page
	Responsible string
	Contact     string
	Tables      []Table
	Points      []pointLine
	HasAccount  bool // one can have an account here
}

// pointLine is the notice of one place.
type pointLine struct {
	Title, Text string
	Version     int
}

// Table is what one part of Plaza keeps, in words.
type Table struct {
	Key, Title string
	Rows       []Row
}

// Row is one kind of data, in words.
type Row struct {
	What, Purpose, Keep, Where string
}

// Tables puts the holdings into words.
func (r Registry) Tables(l *i18n.Printer) []Table {
	var out []Table
	for _, h := range r {
		t := Table{Key: h.Key, Title: l.T("privacy.holding." + h.Key)}
		for _, d := range h.Data {
			key := "privacy.datum." + d.Key
			t.Rows = append(t.Rows, Row{What: bare(l.T(key)), Purpose: bare(l.T(key + ".purpose")), Keep: bare(keep(l, key, d.Keep)), Where: l.T("privacy.point." + d.Point)})
		}
		out = append(out, t)
	}
	return out
}

// keep says for how long data is kept: in its own words where it has some.
func keep(l *i18n.Printer, key string, d time.Duration) string {
	switch {
	case l.Has(key + ".keep"):
		return l.T(key + ".keep")
	case d == 0:
		return l.T("privacy.keep.account")
	}
	return l.T("privacy.keep.days", "count", int(d.Hours()/24))
}

// Mount registers the page and its link at the foot of every page.
func Mount(shell *web.Shell, cfg PageConfig) error {
	if err := shell.Templates("privacy", templates, web.Pages{"notice": noticePage{}}); err != nil {
		return fmt.Errorf("the notice's templates: %w", err)
	}
	route := web.Route{Name: "privacy.notice", Action: string(access.SiteRead), Cache: web.Public}
	shell.Handle("GET "+Path, route, func(w http.ResponseWriter, r *http.Request) error {
		l := shell.Printer(r)
		page := &noticePage{Page: shell.Page(r, l.T("privacy.title")), Tables: cfg.Holdings.Tables(l), HasAccount: shell.Has("/mi/cuenta")}
		page.Description = l.T("privacy.lead")
		if cfg.Contact != nil {
			page.Contact = cfg.Contact()
		}
		if page.Responsible = page.Owner(); page.Responsible == "" {
			page.Responsible = l.T("privacy.responsible.unnamed")
		}
		for _, n := range notices {
			page.Points = append(page.Points, pointLine{l.T("privacy.point." + n.Point), l.T("privacy.notice." + n.Point), n.Version})
		}
		return shell.Render(w, r, http.StatusOK, "privacy/notice", page)
	})
	shell.Footer(web.Item{Key: "privacy.title", Path: Path})
	return nil
}

// bare is a sentence without its full stop, for where others stand beside it.
func bare(s string) string { return strings.TrimSuffix(s, ".") }
