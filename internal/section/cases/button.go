package cases

import (
	_ "embed" // the script
	"encoding/json"
	"html/template"
	"net/http"
	"net/url"
	"strings"

	"plaza/internal/base/db"
	"plaza/internal/base/web"
	"plaza/internal/civic/access"
	"plaza/internal/civic/institution"
	"plaza/internal/plaza"
)

// The paths of the button that institutions put on their own sites, and of its script.
const (
	ButtonPath   = "/preguntar"
	buttonScript = "/preguntar.js"
)

//go:embed preguntar.js
var buttonJS string

// buttonPage says how the button is put on a page.
type buttonPage struct {
	web.Page
	Field  web.Field
	Copy   web.Copy
	Link   web.Copy
	Script string
}

// mountButton registers the button's script and the page about it.
func (cs *Cases) mountButton(shell *web.Shell) {
	route := web.Route{Name: "case.button", Action: string(access.CaseRead), Cache: web.Public}
	shell.Handle("GET "+ButtonPath, route, cs.showButton)
	route.Name, route.Open = "case.button.script", true
	shell.Handle("GET "+buttonScript, route, cs.script)
}

// script is the element as a script that any site may load. It is the same for everybody.
func (cs *Cases) script(w http.ResponseWriter, r *http.Request) error {
	base, err := json.Marshal(strings.TrimRight(cs.shell.URL(""), "/"))
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/javascript; charset=utf-8")
	_, err = w.Write([]byte(strings.Replace(buttonJS, `/*BASE*/ ""`, string(base), 1)))
	return err
}

// showButton is the page about it, with what an institution copies.
func (cs *Cases) showButton(w http.ResponseWriter, r *http.Request) error {
	page := &buttonPage{Page: cs.shell.Page(r, cs.shell.Printer(r).T("cases.button.title"))}
	l, slug := page.L, web.QueryText(r, "institucion", 200)
	page.Field = web.Field{L: l, Name: "institucion", Type: "select", Label: l.T("cases.button.institution"), Value: slug}
	if err := cs.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
		if page.Field.Options, err = askBodies(tx, l); err != nil || slug == "" {
			return err
		}
		i, err := institution.BySlug(tx, slug)
		if err != nil && plaza.KindOf(err) == plaza.NotFound {
			slug, err = "", nil
		} else {
			slug = i.Slug
		}
		return err
	}); err != nil {
		return err
	}
	page.Description, page.Canonical, page.NoIndex = l.T("cases.button.lead"), ButtonPath, slug != ""
	q, attributes := url.Values{"canal": {askedByButton}}, ""
	if slug != "" {
		q.Set("institucion", slug)
		attributes = ` institucion="` + template.HTMLEscapeString(slug) + `"`
	}
	page.Script = cs.shell.URL(buttonScript)
	link := `<a href="` + template.HTMLEscapeString(cs.shell.URL(AskPath)+"?"+q.Encode()) + `">` + template.HTMLEscapeString(l.T("cases.button.label")) + `</a>`
	page.Copy = web.Copy{L: l, ID: "boton", Text: `<script src="` + page.Script + `" async></script>` + "\n" +
		`<plaza-preguntar` + attributes + ` idioma="` + l.Lang()[:2] + `">` + "\n  " + link + "\n</plaza-preguntar>"}
	page.Link = web.Copy{L: l, ID: "enlace", Text: link}
	return cs.shell.Render(w, r, http.StatusOK, "ask/button", page)
}
