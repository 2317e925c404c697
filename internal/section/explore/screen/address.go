package screen

import (
	"net/url"
	"strconv"

	"plaza/internal/base/tabular"
	"plaza/internal/base/tabular/query"
)

// own are the parameters of an address that are no part of the question.
var own = []string{"ver", "hoja", "version", "columna", paramChart, paramMeasure, paramMap, "fija"}

// address is what an address says beside the question.
type address struct {
	path    string
	tab     string // ver
	sheet   int    // hoja, from 1; 0 for the first
	version int    // 0 for the current one
	column  string // columna
	from    string // desde, of the versions
	pinned  bool   // fija: the first column stays in sight
	grouped bool   // grupo: rows are to be put together
	values  url.Values
}

func addressOf(u *url.URL) address {
	v := u.Query()
	a := address{path: u.Path, tab: v.Get("ver"), column: v.Get("columna"), from: v.Get(paramFrom), pinned: v.Get("fija") != "", grouped: v.Get(query.ParamGroup) != "", values: url.Values{}}
	a.sheet, _ = strconv.Atoi(v.Get("hoja"))      // what is no number is the first
	a.version, _ = strconv.Atoi(v.Get("version")) // and the current one
	a.version = max(a.version, 0)
	for _, name := range own {
		if s := v.Get(name); s != "" {
			a.values.Set(name, s)
		}
	}
	return a
}

// change is a change of the parameters that are no part of the question.
type change func(url.Values)

func with(name, value string) change {
	return func(v url.Values) {
		v.Del(name)
		if value != "" {
			v.Set(name, value)
		}
	}
}

func without(name string) change { return with(name, "") }

// link is the address of a question about the same table.
func (l *looking) link(q tabular.Query, changes ...change) string {
	v := query.Values(q)
	for name, values := range l.at.values {
		v[name] = values
	}
	for _, c := range changes {
		c(v)
	}
	return pathWith(l.at.path, v)
}

// clean is the address without any question and table.
func (a address) clean(changes ...change) string {
	v := url.Values{}
	if s := a.values.Get("version"); s != "" {
		v.Set("version", s)
	}
	for _, c := range changes {
		c(v)
	}
	return pathWith(a.path, v)
}

func pathWith(path string, v url.Values) string {
	if s := v.Encode(); s != "" {
		return path + "?" + s
	}
	return path
}

// hidden are the parameters of a question as the hidden fields of a form that sets some
// others.
func (l *looking) hidden(q tabular.Query, set ...string) []field {
	v := query.Values(q)
	for name, values := range l.at.values {
		v[name] = values
	}
	for _, name := range set {
		v.Del(name)
	}
	return fieldsOf(v)
}
