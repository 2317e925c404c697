package cases

import (
	"cmp"
	"net/url"
	"slices"
	"strings"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/i18n"
	"plaza/internal/base/web"
	"plaza/internal/civic/institution"
	"plaza/internal/plaza"
)

// listing is one of the public lists of cases.
type listing struct {
	Name  string
	Path  string
	Kinds []Kind // those that it has; nil is all
}

var (
	allCases     = listing{"list", "/consultas", nil}
	onlyRequests = listing{"requests", "/solicitudes", []Kind{Request}}
)

// What an address may ask for; the rest of it is ignored.
const (
	maxChosen = 20  // values of one thing
	maxValue  = 200 // bytes of a value
)

// The words of addresses. They are Spanish in both languages, as paths are.
var (
	kindParams = map[string]string{"pregunta": string(Question), "calidad": string(Quality), "solicitud": string(Request), "reuso": string(Reuse)}
	stateWords = map[string]string{"recibida": string(Open), "turnada": string(Assigned), "espera": string(NeedsInfo), "respondida": string(Answered),
		"reabierta": string(Reopened), "resuelta": string(Resolved), "cerrada": string(Closed)}
	orders = map[string]Order{"": Newest, "vencen": ByDue, "apoyadas": Supported}
)

// centralParam names the coordination where an institution's slug stands.
const centralParam = "central"

// ask is what a list was asked for, in the words of its address.
type ask struct {
	list     listing
	Bodies   []string // slugs
	Themes   []string
	Kinds    []string
	States   []string
	Outcomes []string
	Overdue  bool
	Waiting  bool
	Backed   bool   // somebody supports it
	Dataset  string // id
	Resource string // id
	Month    string // 2006-01, in which it was asked
	Order    string
	After    string // cursor
}

// readAsk reads it; what it does not understand it ignores.
func readAsk(list listing, u *url.URL) ask {
	q := u.Query()
	a := ask{list: list, Bodies: chosen(q["institucion"], nil), Themes: chosen(q["tema"], nil), States: chosen(q["estado"], stateWords),
		Overdue: q.Get("vencidas") != "", Waiting: q.Get("pendientes") != "", Backed: q.Get("apoyos") != "", Outcomes: chosen(q["resultado"], outcomeWords())}
	if list.Kinds == nil {
		a.Kinds = chosen(q["clase"], kindParams)
	}
	if one := chosen(q["conjunto"], nil); len(one) > 0 {
		a.Dataset = one[0]
	}
	if one := chosen(q["recurso"], nil); len(one) > 0 {
		a.Resource = one[0]
	}
	if _, err := time.Parse("2006-01", q.Get("mes")); err == nil {
		a.Month = q.Get("mes")
	}
	if _, ok := orders[q.Get("orden")]; ok {
		a.Order = q.Get("orden")
	}
	if c := q.Get("desde"); len(c) <= maxValue {
		a.After = c
	}
	return a
}

// outcomeWords are the outcomes as addresses have them: by their codes.
func outcomeWords() map[string]string {
	out := map[string]string{}
	for _, o := range Outcomes() {
		out[string(o)] = string(o)
	}
	return out
}

// chosen tidies the values of one thing; known, when it is not nil, are those there are.
func chosen(values []string, known map[string]string) (out []string) {
	for _, v := range values {
		v = strings.TrimSpace(strings.ToValidUTF8(strings.ReplaceAll(v, "\x00", ""), "\ufffd"))
		if _, ok := known[v]; known != nil && !ok || v == "" || len(v) > maxValue || slices.Contains(out, v) {
			continue
		}
		if out = append(out, v); len(out) == maxChosen {
			break
		}
	}
	return out
}

// values are what is asked for as an address has it, without the place.
func (a ask) values() url.Values {
	v := url.Values{}
	for name, list := range map[string][]string{"institucion": a.Bodies, "tema": a.Themes, "clase": a.Kinds, "estado": a.States, "resultado": a.Outcomes} {
		for _, one := range slices.Sorted(slices.Values(list)) {
			v.Add(name, one)
		}
	}
	for name, on := range map[string]bool{"vencidas": a.Overdue, "pendientes": a.Waiting, "apoyos": a.Backed} {
		if on {
			v.Set(name, "1")
		}
	}
	for name, one := range map[string]string{"conjunto": a.Dataset, "recurso": a.Resource, "mes": a.Month, "orden": a.Order} {
		if one != "" {
			v.Set(name, one)
		}
	}
	return v
}

// path is the address of what is asked for under another ending: "", ".atom", ".csv".
func (a ask) path(ending string) string {
	v := a.values()
	if ending != "" {
		v.Del("orden")
	}
	if len(v) == 0 {
		return a.list.Path + ending
	}
	return a.list.Path + ending + "?" + v.Encode()
}

// narrowed reports whether anything but an order is asked for.
func (a ask) narrowed() bool {
	a.Order = ""
	return len(a.values()) > 0
}

// objectAsked is a thing that a list is narrowed to, with how addresses name it.
type objectAsked struct {
	param string
	ref   plaza.Ref
}

// objects are the things that a list is narrowed to.
func (a ask) objects() (out []objectAsked) {
	for _, o := range []objectAsked{{"conjunto", plaza.Ref{Kind: knownDataset, ID: a.Dataset}}, {"recurso", plaza.Ref{Kind: knownResource, ID: a.Resource}}} {
		if o.ref.ID != "" {
			out = append(out, o)
		}
	}
	return out
}

// listAbout is the list of what is asked of a dataset, its resources included, or of a
// resource.
func listAbout(object plaza.Ref) ask {
	if object.Kind == knownDataset {
		return ask{list: allCases, Dataset: object.ID}
	}
	return ask{list: allCases, Resource: object.ID}
}

// without is what is asked for less one value.
func (a ask) without(name, value string) ask {
	less := func(list []string) []string {
		return slices.DeleteFunc(slices.Clone(list), func(v string) bool { return v == value })
	}
	switch name {
	case "institucion":
		a.Bodies = less(a.Bodies)
	case "tema":
		a.Themes = less(a.Themes)
	case "clase":
		a.Kinds = less(a.Kinds)
	case "estado":
		a.States = less(a.States)
	case "resultado":
		a.Outcomes = less(a.Outcomes)
	case "vencidas":
		a.Overdue = false
	case "pendientes":
		a.Waiting = false
	case "apoyos":
		a.Backed = false
	case "conjunto":
		a.Dataset = ""
	case "recurso":
		a.Resource = ""
	case "mes":
		a.Month = ""
	}
	return a
}

// filter is what is asked for as the store has it. bodies are institutions by slug; one
// that is not known finds nothing.
func (a ask) filter(bodies map[string]institution.Institution) Filter {
	f := Filter{Kinds: a.list.Kinds, Themes: a.Themes, Dataset: a.Dataset, Overdue: a.Overdue, Waiting: a.Waiting, Backed: a.Backed}
	if a.Resource != "" {
		f.On = plaza.Ref{Kind: knownResource, ID: a.Resource}
	}
	for _, slug := range a.Bodies {
		switch i, ok := bodies[slug]; {
		case slug == centralParam:
			f.Bodies = append(f.Bodies, "")
		case ok:
			f.Bodies = append(f.Bodies, i.ID)
		default:
			f.Bodies = append(f.Bodies, "?")
		}
	}
	for _, k := range a.Kinds {
		f.Kinds = append(f.Kinds, Kind(kindParams[k]))
	}
	for _, s := range a.States {
		f.States = append(f.States, State(stateWords[s]))
	}
	for _, o := range a.Outcomes {
		f.Outcomes = append(f.Outcomes, Outcome(o))
	}
	if zone, err := time.LoadLocation(institution.DefaultZone); a.Month != "" && err == nil {
		at, _ := time.ParseInLocation("2006-01", a.Month, zone)
		f.From, f.To = at, at.AddDate(0, 1, 0)
	}
	return f
}

// named are the institutions of an address, by slug; those of before too.
func (a ask) named(tx *db.Tx) (map[string]institution.Institution, error) {
	out := map[string]institution.Institution{}
	for _, slug := range a.Bodies {
		if slug == centralParam {
			continue
		}
		i, err := institution.BySlug(tx, slug)
		if err != nil {
			if plaza.KindOf(err) == plaza.NotFound {
				continue
			}
			return out, err
		}
		out[slug] = i
	}
	return out, nil
}

// chip is a chosen value that can be taken away.
type chip struct{ Facet, Label, Path string }

// chips are all of them.
func (a ask) chips(l *i18n.Printer, bodies map[string]institution.Institution, titles map[plaza.Ref]string) (out []chip) {
	add := func(name, value, label string) {
		out = append(out, chip{l.T("cases.filter." + name), label, a.without(name, value).path("")})
	}
	for _, slug := range a.Bodies {
		label := slug
		if i, ok := bodies[slug]; ok {
			label = i.Name
		} else if slug == centralParam {
			label = l.T("cases.central")
		}
		add("institucion", slug, label)
	}
	for _, t := range a.Themes {
		add("tema", t, t)
	}
	for _, k := range a.Kinds {
		add("clase", k, l.T("cases.kind."+kindParams[k]))
	}
	for _, s := range a.States {
		add("estado", s, l.T("cases.state."+stateWords[s]))
	}
	for _, o := range a.Outcomes {
		add("resultado", o, l.T("cases.outcome."+o))
	}
	if a.Overdue {
		add("vencidas", "", l.T("cases.filter.yes"))
	}
	if a.Waiting {
		add("pendientes", "", l.T("cases.filter.yes"))
	}
	if a.Backed {
		add("apoyos", "", l.T("cases.filter.yes"))
	}
	for _, o := range a.objects() {
		add(o.param, "", cmp.Or(titles[o.ref], o.ref.ID))
	}
	if a.Month != "" {
		add("mes", "", l.PartialDate(a.Month))
	}
	return out
}

// fields are the form with which a list is narrowed.
func (a ask) fields(l *i18n.Printer, bodies []institution.Institution, central bool, themes []string) []web.Field {
	choose := func(name string, chosen []string, options []web.Option) web.Field {
		f := web.Field{L: l, Name: name, Type: "select", Label: l.T("cases.filter." + name), Optional: true,
			Options: append([]web.Option{{Label: l.T("cases.filter.all")}}, options...)}
		if len(chosen) > 0 {
			f.Value = chosen[0]
		}
		return f
	}
	var owners, about, kinds, states, outcomes []web.Option
	for _, i := range bodies {
		owners = append(owners, web.Option{Value: i.Slug, Label: i.Name})
	}
	if central {
		owners = append(owners, web.Option{Value: centralParam, Label: l.T("cases.central")})
	}
	for _, t := range themes {
		about = append(about, web.Option{Value: t, Label: t})
	}
	for _, k := range Kinds {
		kinds = append(kinds, web.Option{Value: paramOf(kindParams, string(k)), Label: l.T("cases.kind." + string(k))})
	}
	for _, s := range States {
		states = append(states, web.Option{Value: paramOf(stateWords, string(s)), Label: l.T("cases.state." + string(s))})
	}
	for _, o := range Outcomes() {
		outcomes = append(outcomes, web.Option{Value: string(o), Label: l.T("cases.outcome." + string(o))})
	}
	out := []web.Field{choose("institucion", a.Bodies, owners), choose("tema", a.Themes, about)}
	if a.list.Kinds == nil {
		out = append(out, choose("clase", a.Kinds, kinds))
	}
	return append(out, choose("estado", a.States, states), choose("resultado", a.Outcomes, outcomes),
		web.Field{L: l, Name: "pendientes", Type: "checkbox", Label: l.T("cases.filter.pendientes"), Checked: a.Waiting, Optional: true},
		web.Field{L: l, Name: "vencidas", Type: "checkbox", Label: l.T("cases.filter.vencidas"), Checked: a.Overdue, Optional: true},
		web.Field{L: l, Name: "apoyos", Type: "checkbox", Label: l.T("cases.filter.apoyos"), Checked: a.Backed, Optional: true})
}

// paramOf is how addresses name a value.
func paramOf(params map[string]string, value string) string {
	for p, v := range params {
		if v == value {
			return p
		}
	}
	return value
}
