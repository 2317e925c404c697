package screen

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"plaza/internal/base/db"
	"plaza/internal/base/i18n"
	"plaza/internal/base/tabular"
	"plaza/internal/base/tabular/child"
	"plaza/internal/base/tabular/query"
	"plaza/internal/base/web"
	"plaza/internal/civic/access"
	"plaza/internal/section/explore"
)

// aboutView says which content is looked at, and how to have it.
type aboutView struct {
	Version   string
	Notice    *web.Notice // an old version
	Kept      []string    // which columns nobody may see, in words
	Downloads []web.NavLink
	Limits    string // what XLSX does not hold, "" when it holds everything
	Make      string // path where a tool is made of what is seen, "" for none
	Made      []web.NavLink
	Ask       string // path of the form about what is seen
	Original  string // path of the file as it was published, "" when it is not kept
}

// forms in which rows leave, in the order in which they are offered.
var forms = []child.Form{child.CSV, child.XLSX, child.JSON, child.Lines, child.GeoJSON, child.Parquet}

// leaves reports whether what a question asks for may be had in a form: groups have no
// point, and their sums may be larger than Arrow's numbers.
func (l *looking) leaves(q tabular.Query, f child.Form) bool {
	switch f {
	case child.GeoJSON:
		return l.t.Place.Located() && !query.Grouped(q)
	case child.Arrow:
		return !query.Grouped(q)
	}
	return slices.Contains(forms, f)
}

// mostSheet is how many rows a sheet of XLSX holds below its header.
const mostSheet = 1_048_575

// about fills which version this is and how to take it along.
func (l *looking) about() {
	v := l.open.Version
	a := aboutView{Version: l.L.T("explore.version", "number", v.Number, "date", l.L.Date(v.Fetched), "size", l.L.Bytes(v.Bytes))}
	a.Downloads = l.downloads(l.q)
	if l.t.Rows > mostSheet && !query.Grouped(l.q) {
		a.Limits = l.L.T("explore.download.sheet", "rows", l.L.Number(mostSheet))
	}
	if l.open.Hiding.Plain() {
		a.Original = l.at.path + "/original"
	}
	if l.at.version > 0 {
		if a.Original != "" {
			a.Original += "?version=" + strconv.Itoa(l.at.version)
		}
	}
	a.Notice, a.Kept = l.old(), l.kept()
	l.About = a
}

// mostKept is how many columns that nobody may see are named.
const mostKept = 8

// kept says which columns nobody may see, and where they are missing.
func (l *looking) kept() (out []string) {
	say := func(key string, is func(tabular.Column) bool) {
		var names []string
		for _, c := range l.table.Profile.Columns {
			if is(c) {
				names = append(names, "“"+tabular.Clip(c.Name, 60)+"”")
			}
		}
		n := len(names)
		if n == 0 {
			return
		}
		if n > mostKept {
			names = append(names[:mostKept], "…")
		}
		out = append(out, l.L.T(key, "count", n, "columns", strings.Join(names, ", ")))
	}
	say("explore.kept.suspected", l.open.Hiding.Suspected)
	say("explore.kept.withheld", l.open.Hiding.Withheld)
	return out
}

// old says that an old version is looked at, nil when it is the current one.
func (l *looking) old() *web.Notice {
	if l.at.version == 0 {
		return nil
	}
	return &web.Notice{Tone: web.Info, Title: l.L.T("explore.version.old", "number", l.open.Version.Number), Link: l.at.path, Action: l.L.T("explore.version.current")}
}

// downloads are the paths of the rows or groups of a question, in each form.
func (l *looking) downloads(q tabular.Query) (out []web.NavLink) {
	for _, f := range forms {
		if !l.leaves(q, f) {
			continue
		}
		out = append(out, web.NavLink{Label: l.L.T("explore.form." + string(f)), Path: l.download(q, f)})
		if f == child.CSV {
			out = append(out, web.NavLink{Label: l.L.T("explore.form.bom"), Path: l.download(q, f, with("bom", "1"))})
		}
	}
	return out
}

// download is the path of the rows or groups of a question in a form.
func (l *looking) download(q tabular.Query, f child.Form, changes ...change) string {
	q.Key, q.Limit = nil, 0
	changes = append([]change{without("ver"), without("columna"), without(paramChart), without(paramMeasure), without(paramMap), without("fija"), with("forma", string(f))}, changes...)
	link, _ := url.Parse(l.link(q, changes...)) // made by url.Values
	link.Path += "/descargar"
	return link.String()
}

// rowPath is the page of a row of the table.
func (a address) rowPath(n string) string {
	v := url.Values{}
	for _, name := range []string{"hoja", "version"} {
		if s := a.values.Get(name); s != "" {
			v.Set(name, s)
		}
	}
	return pathWith(a.path+"/filas/"+url.PathEscape(n), v)
}

// ask is the path of the form that reports something about a column or a row.
func (l *looking) ask(p *Pages, column string, row int64, code string) string {
	if p.Ask == nil {
		return ""
	}
	q := l.q
	q.Key, q.Limit = nil, 0
	at := Pointer{Resource: l.open.Resource.ID, Version: l.open.Version.Number, Table: l.t.Name, Column: column, Row: row, Code: code,
		View: l.link(q, without("columna"), without("ver"), without("version")), Title: l.open.Resource.Title}
	l.propose(&at)
	return p.Ask(at)
}

// make fills where a tool is made of what is seen, and which there are.
func (l *looking) make(p *Pages) (err error) {
	q := l.q
	q.Key, q.Limit = nil, 0
	if p.Make != nil {
		l.About.Make = p.Make(Pointer{Resource: l.open.Resource.ID, Version: l.at.version, View: l.link(q, without("columna"), without("ver"), without("version"))})
	}
	if p.Made == nil {
		return nil
	}
	return p.DB.Read(l.ctx, func(tx *db.Tx) error {
		l.About.Made, err = p.Made(tx, l.open.Resource.ID, l.at.column)
		return err
	})
}

// statusView says where a resource stands that has no table yet, or whose last try went
// wrong.
type statusView struct {
	Progress *web.Progress
	Notice   *web.Notice
	Fault    string // what was wrong with the file, and where
	Retry    string // path of the form that tries again, "" for none
	Cancel   string
}

// status fills what is said before the table.
func (p *Pages) status(v *view, s explore.Status, open *explore.View, resource string) *statusView {
	out := &statusView{}
	switch s.Stage {
	case explore.StageWaiting, explore.StageRunning:
		pr := ProgressOf(v.L, s)
		pr.Live = LivePath(v.at.path)
		out.Progress = &pr
		if access.Can(v.Actor, access.ExploreCorrect, access.Object{Institution: v.institution}) {
			out.Cancel = v.at.path + "/cancelar"
		}
	case explore.StageFailed:
		out.Retry = v.at.path + "/abrir"
		if f := s.Attempt.Fault; f != nil {
			out.Fault = f.Sentence(v.L)
		}
		n := &web.Notice{Tone: web.Warning, Title: v.L.T("explore.status.failed")}
		switch {
		case s.Attempt.Outcome == explore.OutcomeCancelled:
			n = &web.Notice{Tone: web.Info, Title: v.L.T("explore.status.cancelled")}
		case open != nil:
			n = &web.Notice{Tone: web.Warning, Title: v.L.T("explore.status.last_good"),
				Text: v.L.T("explore.status.last_good.text", "date", v.L.Date(open.Version.Fetched), "size", v.L.Bytes(open.Version.Bytes))}
		}
		out.Notice = n
	}
	if out.Progress == nil && out.Notice == nil {
		return nil
	}
	return out
}

// ProgressOf is how far a conversion is, in words.
func ProgressOf(l *i18n.Printer, s explore.Status) web.Progress {
	p := web.Progress{L: l, Label: l.T("explore.status.waiting")}
	if s.Stage != explore.StageRunning {
		return p
	}
	p.Label = l.T("explore.status.running")
	p.Note = stepWords(l, s.Progress)
	if s.Progress.Total > 0 {
		p.Done, p.Total = int(100*s.Progress.Done/s.Progress.Total), 100
	}
	return p
}

// LivePath is where events tell how far the opening of the resource with this page is.
func LivePath(page string) string { return page + "/avance" }

// stepWords say what is being done: the step, its bytes and its rows.
func stepWords(l *i18n.Printer, s explore.Progress) string {
	words := l.T("explore.step_of." + s.Step)
	if s.Done > 0 {
		words += " · " + l.Bytes(s.Done)
		if s.Total > 0 {
			words = l.T("explore.status.of", "step", l.T("explore.step_of."+s.Step), "done", l.Bytes(s.Done), "total", l.Bytes(s.Total))
		}
	}
	if s.Rows > 0 {
		words += " · " + l.T("explore.rows", "count", int(s.Rows), "number", l.Number(s.Rows))
	}
	return words
}
