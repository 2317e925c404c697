package catalog

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"

	"plaza/internal/base/db"
	"plaza/internal/base/tabular/place"
	"plaza/internal/civic/search"
	"plaza/internal/plaza"
)

// The kinds of Refs that stand for several datasets: those of a theme, whose id is the
// theme's name, and what a search finds, whose id is the query of its listing's address.
const (
	KindTheme  = "theme"
	KindSearch = "search"
)

// maxThemes bounds how many themes a dataset lies within.
const maxThemes = 20

// withinThemes are the themes that a dataset's record names.
func withinThemes(record string) []plaza.Ref {
	var r struct{ Themes []string }
	if !strings.Contains(record, `"Themes"`) || json.Unmarshal([]byte(record), &r) != nil {
		return nil
	}
	var out []plaza.Ref
	for _, t := range r.Themes[:min(len(r.Themes), maxThemes)] {
		out = append(out, plaza.Ref{Kind: KindTheme, ID: t})
	}
	return out
}

// SavedID is the form in which a search is kept, whatever the order in which its address
// says things: the same for all who ask for the same, "" for a search for everything.
func SavedID(query string) string {
	f := savedFilter(query)
	f.Sort, f.Page = "", 0
	return f.values().Encode()
}

func savedFilter(query string) filter {
	return readFilter(&http.Request{URL: &url.URL{RawQuery: query}})
}

// Saved returns what makes queries of kept searches, with two statements for all.
func Saved(tx *db.Tx) (func(id string) search.Query, error) {
	n, err := allNames(tx)
	if err != nil {
		return nil, err
	}
	return func(id string) search.Query {
		f := savedFilter(id)
		q := search.Query{Text: f.Q, Filters: n.indexed(f.Chosen)}
		q.Filters[search.KindFacet] = []string{KindDataset}
		return q
	}, nil
}

// allNames are the names that searches may have been kept with, those of before too.
func allNames(tx *db.Tx) (*names, error) {
	n, err := loadNames(tx, nil)
	if err != nil {
		return nil, err
	}
	return n, n.learnOld(tx)
}

// savedCards are the cards of themes and of kept searches.
func savedCards(tx *db.Tx, themes, searches []string) (out []plaza.Card, err error) {
	for _, t := range themes {
		out = append(out, plaza.Card{Ref: plaza.Ref{Kind: KindTheme, ID: t}, Title: t, Path: ListPath(FacetTheme, t), Language: "es", Visible: true})
	}
	if len(searches) == 0 {
		return out, nil
	}
	n, err := allNames(tx)
	if err != nil {
		return nil, err
	}
	bodies := map[string]string{}
	for slug, i := range n.bySlug {
		bodies[slug] = i.Name
	}
	for _, id := range searches {
		f := savedFilter(id)
		out = append(out, plaza.Card{Ref: plaza.Ref{Kind: KindSearch, ID: id}, Title: f.title(bodies), Path: listPath(f), Language: "es", Visible: true})
	}
	return out, nil
}

// title is a search as a title: its words in quotes and what was chosen.
func (f filter) title(bodies map[string]string) string {
	var parts []string
	if f.Q != "" {
		parts = append(parts, "“"+f.Q+"”")
	}
	for _, facet := range Facets {
		for _, v := range f.Chosen[facet] {
			if name := bodies[v]; facet == FacetInstitution && name != "" {
				v = name
			}
			if name, ok := place.State(v); ok && facet == FacetPlace {
				v = name
			}
			parts = append(parts, v)
		}
	}
	return strings.Join(parts, " · ")
}

// followed is what whoever follows a listing follows: a theme, or the search; the zero
// Ref for a listing of everything.
func (f filter) followed() plaza.Ref {
	if themes := f.Chosen[FacetTheme]; f.Q == "" && len(themes) == 1 && f.count() == 1 {
		return plaza.Ref{Kind: KindTheme, ID: themes[0]}
	}
	if !f.narrowed() {
		return plaza.Ref{}
	}
	f.Sort, f.Page = "", 0
	return plaza.Ref{Kind: KindSearch, ID: f.values().Encode()}
}

// followPath is where one follows what a listing shows, "" where that is nothing or
// this installation has no such page.
func (s *Section) followPath(f filter) string {
	ref := f.followed()
	if ref.ID == "" || !s.shell.Has("/seguir") {
		return ""
	}
	return "/seguir?objeto=" + url.QueryEscape(ref.String())
}
