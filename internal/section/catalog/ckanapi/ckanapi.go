// Package ckanapi answers like a CKAN 2.10 that is only read: the Action API,
// version 3, so that harvesters, command lines and pages made for CKAN read this
// catalogue without knowing that it is another program.
//
// Datasets are packages, institutions are organizations, themes are groups and
// keywords are tags. Ids are Plaza's own; where a dataset came from stands in its
// extras. A tombstone is not found, as CKAN answers to who has no account.
//
// package_search takes the part of Solr's query language that clients write
// (grammar.go) and asks Plaza's index; what the index cannot say is refused with a
// sentence, never answered wrongly.
package ckanapi

import (
	"context"
	"embed"
	"net/http"
	"strings"

	"plaza/internal/base/api"
	"plaza/internal/base/db"
	"plaza/internal/base/i18n"
	"plaza/internal/base/web"
	"plaza/internal/civic/access"
	"plaza/internal/civic/search"
)

// Locale holds the sentences of this package, in Spanish and English.
//
//go:embed locale/*.json
var Locale embed.FS

// Base is where the Action API stands.
const Base = "/api/3"

// version is what clients that ask for CKAN's version are told: some send
// parameters, or refuse to work, by it.
const version = "2.10.4"

// Deps are what the actions need.
type Deps struct {
	DB     *db.DB
	Search *search.Engine
	Shell  *web.Shell
	// Title is the site's name, "" for Plaza.
	Title string
}

// Section holds the actions.
type Section struct {
	Deps
	actions map[string]action
}

// action answers a call. Its error is a *failure, a plaza.Error, or a fault.
type action func(s *Section, c *call) (any, error)

// call is one call of an action.
type call struct {
	ctx    context.Context
	l      *i18n.Printer
	params params
}

// bases are where clients look for the Action API: without a version is the default
// of some, 1 and 2 are old.
var bases = []string{Base, "/api", "/api/2", "/api/1"}

// Mount registers the routes of every action and says so on the interface's page.
func Mount(a *api.API, deps Deps) {
	s := &Section{Deps: deps, actions: actions()}
	shell := deps.Shell
	a.Describe(api.Other{Key: "ckanapi.nav", Examples: []string{
		Base + "/action/status_show", Base + "/action/package_search?q=agua&rows=5", Base + "/action/organization_list",
	}})
	if s.Title == "" {
		s.Title = "Plaza"
	}
	route := web.Route{Name: "ckanapi.action", Action: string(access.CatalogueRead), Cache: web.Public, Open: true}
	posted := route
	posted.Cache = web.None
	for _, base := range bases {
		shell.Errors(base+"/action", s.fail)
		for _, path := range []string{base + "/action/{action}", base + "/action/{action}/{$}"} {
			shell.Handle("GET "+path, route, s.get)
			shell.Handle("POST "+path, posted, s.post) // both: clients do not follow a redirect of a POST
		}
		if n, ok := strings.CutPrefix(base, "/api/"); ok {
			shell.Errors(base, s.fail)
			about := route
			about.Name = "ckanapi.version"
			for _, path := range []string{base, base + "/{$}"} {
				shell.Handle("GET "+path, about, func(w http.ResponseWriter, _ *http.Request) error {
					return writeJSON(w, http.StatusOK, map[string]int{"version": int(n[0] - '0')})
				})
			}
		}
	}
}

// actions are all that a reader may call.
func actions() map[string]action {
	return map[string]action{
		"package_search":                      (*Section).packageSearch,
		"package_show":                        (*Section).packageShow,
		"package_list":                        (*Section).packageList,
		"current_package_list_with_resources": (*Section).currentPackages,
		"resource_show":                       (*Section).resourceShow,
		"resource_search":                     (*Section).resourceSearch,
		"resource_view_list":                  (*Section).resourceViews,
		"organization_list":                   (*Section).organizationList,
		"organization_show":                   (*Section).organizationShow,
		"group_list":                          (*Section).groupList,
		"group_show":                          (*Section).groupShow,
		"tag_list":                            (*Section).tagList,
		"tag_show":                            (*Section).tagShow,
		"license_list":                        (*Section).licenseList,
		"vocabulary_list":                     none,
		"status_show":                         (*Section).statusShow,
		"site_read":                           func(*Section, *call) (any, error) { return true, nil },
		"help_show":                           (*Section).helpShow,
		"datastore_search":                    (*Section).noDatastore,
		"datastore_info":                      (*Section).noDatastore,
		"datastore_search_sql":                noSQL,
	}
}

// none answers an empty list.
func none(*Section, *call) (any, error) { return []any{}, nil }

func (s *Section) get(w http.ResponseWriter, r *http.Request) error {
	p, err := queryParams(r.URL.RawQuery)
	if err != nil {
		return err
	}
	callback, err := p.callback()
	if err != nil {
		return err
	}
	return s.act(w, r, p, callback)
}

func (s *Section) post(w http.ResponseWriter, r *http.Request) error {
	p, err := bodyParams(r)
	if err != nil {
		return err
	}
	if len(p) == 0 {
		if p, err = queryParams(r.URL.RawQuery); err != nil {
			return err
		}
	}
	return s.act(w, r, p, "")
}

func (s *Section) act(w http.ResponseWriter, r *http.Request, p params, callback string) error {
	name := r.PathValue("action")
	do, ok := s.actions[name]
	if !ok {
		return sentence(http.StatusBadRequest, "ckanapi.error.no_action", map[string]any{"name": shorten(name)})
	}
	delete(p, "lang") // the shell's
	delete(p, "_")    // what scripts add against caches
	result, err := do(s, &call{ctx: r.Context(), l: s.Shell.Printer(r), params: p})
	if err != nil {
		return err
	}
	return s.answer(w, name, callback, result)
}

// read runs fn on a snapshot.
func (s *Section) read(c *call, fn func(tx *db.Tx) error) error { return s.DB.Read(c.ctx, fn) }
