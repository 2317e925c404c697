package access

import (
	"embed"
	"fmt"
	"net/http"

	"plaza/internal/base/i18n"
	"plaza/internal/base/web"
	"plaza/internal/plaza"
)

// Locale holds this package's messages: actions, roles and relations in plain words.
//
//go:embed locale
var Locale embed.FS

//go:embed templates
var templates embed.FS

// Path is where the table can be read.
const Path = "/acerca/permisos"

// permissionsPage shows the table.
type permissionsPage struct {
	web.Page
	Sections []pageSection
	Scopes   []pageScope
	Off      []string // what this installation does without, in words
}

// pageScope is what an access token may be good for.
type pageScope struct {
	Name, What string
	Opens      []string
}

type pageSection struct {
	Key, Title string
	Rows       []pageRow
}

// pageRow is an action and who may do it.
type pageRow struct {
	What string
	Who  []string
}

// FeatureName is a feature in plain words.
func FeatureName(l *i18n.Printer, feature string) string { return l.T("access.feature." + feature) }

// Mount registers the page of permissions. off names the features that are off; nil is
// none.
func Mount(s *web.Shell, off func() []string) error {
	if err := s.Templates("access", templates, web.Pages{"permissions": permissionsPage{}}); err != nil {
		return fmt.Errorf("access's templates: %w", err)
	}
	route := web.Route{Name: "access.permissions", Action: string(SiteRead), Cache: web.Public}
	s.Handle("GET "+Path, route, func(w http.ResponseWriter, r *http.Request) error {
		l := s.Printer(r)
		page := &permissionsPage{Page: s.Page(r, l.T("access.page.title")), Sections: sections(l), Scopes: scopes(l)}
		page.Description = l.T("access.page.lead")
		if off != nil {
			for _, f := range off() {
				page.Off = append(page.Off, FeatureName(l, f))
			}
		}
		return s.Render(w, r, http.StatusOK, "access/permissions", page)
	})
	s.Footer(web.Item{Key: "access.page.title", Path: Path})
	return nil
}

// RoleName is a role in plain words.
func RoleName(l *i18n.Printer, role plaza.Role) string { return l.T("access.role." + string(role)) }

func sections(l *i18n.Printer) []pageSection {
	var out []pageSection
	for _, g := range groups {
		s := pageSection{Key: g.Key, Title: l.T("access.group." + g.Key)}
		for _, a := range g.Actions {
			s.Rows = append(s.Rows, pageRow{What: l.T("access.action." + string(a)), Who: who(l, a)})
		}
		out = append(out, s)
	}
	return out
}

func scopes(l *i18n.Printer) []pageScope {
	var out []pageScope
	for _, s := range Scopes {
		p := pageScope{Name: s.Name, What: ScopeName(l, s.Name)}
		for _, a := range s.Actions {
			p.Opens = append(p.Opens, l.T("access.action."+string(a)))
		}
		out = append(out, p)
	}
	return out
}

// ScopeName is a scope in plain words.
func ScopeName(l *i18n.Printer, scope string) string { return l.T("access.scope." + scope) }

// who lists who may do the action, in the order of the table.
func who(l *i18n.Printer, a Action) []string {
	var out []string
	for _, line := range table {
		if line.Action == a {
			out = append(out, l.T("access.who."+line.Relation.String(), "role", RoleName(l, line.Role)))
		}
	}
	return out
}
