package screen

import (
	"net/url"
	"strings"

	"plaza/internal/base/tabular/child"
	"plaza/internal/base/tabular/query"
	"plaza/internal/base/web"
)

// apiPath is where the interface for programs answers about a resource.
const apiPath = "/api/v1/resources/"

// programsView is the tab that shows how programs read what is seen.
type programsView struct {
	Snippets  []snippet
	Addresses []fact
	Package   string // path of the descriptor
}

// snippet reads the view in one language.
type snippet struct {
	Title string
	Copy  web.Copy
}

// programs fills the tab for programs.
func (p *Pages) programs(l *looking) error {
	v := &programsView{Package: l.at.path + "/datapackage.json"}
	if s := l.at.clean(); strings.Contains(s, "?") {
		v.Package += s[len(l.at.path):]
	}
	get := func(f child.Form) string { return p.shell.URL(l.download(l.q, f)) }
	if len(l.q.Group) > 0 {
		get = func(f child.Form) string { return p.shell.URL(l.interfaced("aggregate", string(f))) }
	}
	for _, one := range snippets(get, len(l.q.Group) > 0) {
		v.Snippets = append(v.Snippets, snippet{one.name, web.Copy{L: l.L, ID: "codigo-" + one.id, Text: one.text}})
	}
	for _, op := range []string{"rows", "aggregate", "profile", "versions"} {
		if op == "aggregate" && len(l.q.Group) == 0 {
			continue
		}
		v.Addresses = append(v.Addresses, fact{l.L.T("explore.api." + op), p.shell.URL(l.interfaced(op, ""))})
	}
	for _, f := range leaving {
		if l.leaves(l.q, f) {
			v.Addresses = append(v.Addresses, fact{l.L.T("explore.form." + string(f)), p.shell.URL(l.download(l.q, f))})
		}
	}
	l.Programs = v
	return nil
}

// interfaced is the address of an operation about the view, by which programs ask: its
// parameters are the page's own.
func (l *looking) interfaced(op, form string) string {
	q := l.q
	q.Key, q.Limit = nil, 0
	v := url.Values{}
	switch op {
	case "rows":
		q.Group, q.Measures = nil, nil
		v = query.Values(q)
	case "aggregate":
		v = query.Values(q)
	}
	for _, name := range []string{"hoja", "version"} {
		if s := l.at.values.Get(name); s != "" && op != "versions" {
			v.Set(name, s)
		}
	}
	if form != "" {
		v.Set("formato", form)
	}
	return pathWith(apiPath+url.PathEscape(l.open.Resource.ID)+"/"+op, v)
}

// code is a program that reads the view.
type code struct{ id, name, text string }

// snippets are programs that read what get gives in a form. Addresses are percent-encoded
// by url.Values, so that no quotation mark can end their text. Groups are small, and are
// read as CSV everywhere.
func snippets(get func(f child.Form) string, groups bool) []code {
	list := get(child.CSV)
	objects := `const filas = await (await fetch("` + get(child.JSON) + `")).json()
console.table(filas.slice(0, 10))
`
	duck := `INSTALL httpfs; LOAD httpfs;
SET force_download = true;
SELECT * FROM read_parquet('` + get(child.Parquet) + `');
`
	if groups {
		objects = strings.Replace(objects, ".json()", ".json()).rows", 1)
		objects = strings.Replace(objects, "await (await", "(await (await", 1)
		duck = `INSTALL httpfs; LOAD httpfs;
SET force_download = true;
SELECT * FROM read_csv('` + list + `');
`
	}
	return []code{
		{"curl", "curl", `curl --fail --location --output datos.csv '` + list + "'\n"},
		{"python", "Python", `import pandas as pd

datos = pd.read_csv("` + list + `")
print(datos.head())
`},
		{"r", "R", `library(readr)

datos <- read_csv("` + list + `")
head(datos)
`},
		{"javascript", "JavaScript", objects},
		{"duckdb", "DuckDB", duck},
	}
}
