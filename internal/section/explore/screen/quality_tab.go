package screen

import (
	"net/http"
	"slices"
	"strconv"

	"plaza/internal/base/db"
	"plaza/internal/base/tabular"
	"plaza/internal/base/web"
	"plaza/internal/section/explore"
)

// harms are what problems hurt, in the order in which they are told, with their codes. p01
// is none of them: of suspected personal data nobody is asked to make a public case.
var harms = []struct {
	name  string
	codes []string
}{
	{"availability", []string{"d01", "h01", "a01", "a02", "f01"}},
	{"interoperability", []string{"i11", "i12", "s01", "g01", "q01", "c03", "c04", "j01", "j02"}},
	{"quality", []string{"c41", "c42", "m33", "k01", "r01", "e01", "e02", "g02", "g03", "g04", "g05", "g06", "g07", "g08", "g09"}},
	{"documentation", []string{"u22", "c02"}},
	{"readability", []string{"m31", "t01"}},
}

// Where codes are looked for: what a table cannot have is not told to be well.
var (
	ofShapes = []string{"g04", "g05", "g06", "g07", "g08", "g09"}
	ofPlaces = []string{"g02", "g03"}
	ofSheets = []string{"c03", "c04"}
	ofLines  = []string{"j01", "j02"}
	ofText   = []string{"i12", "e01", "e02", "q01", "r01"}
	ofNoFile = []string{"i11", "c42", "u22", "f01"} // what is known without having opened it
)

// qualityView is what is wrong with a version of a resource's file, and what is not.
type qualityView struct {
	Harms   []harmView
	Good    []string // what was looked for and not found
	Reviews []string // what is said of columns that may hold personal data, or are withheld
}

// harmView are the problems that hurt one thing.
type harmView struct {
	Title string
	List  []troubleView
}

// troubleView is one problem.
type troubleView struct {
	Code, Says, Fix string
	Column, Path    string // of the column that it is in, "" for the whole
	Count           string
	Samples         []sampleView
	Report          string // path of the form that reports it
}

// sampleView is a place where it shows.
type sampleView struct{ Label, Path, Text string }

// shownSamples is how many places are told of each problem.
const shownSamples = 5

// quality fills the tab of what is wrong.
func (p *Pages) quality(l *looking) error {
	list, err := p.problems(l)
	if err != nil {
		return err
	}
	v := &qualityView{Reviews: l.reviews()}
	for _, h := range harms {
		one := harmView{Title: l.L.T("explore.harm." + h.name)}
		for _, code := range h.codes {
			found := false
			for _, pr := range list {
				if pr.Code == code {
					one.List, found = append(one.List, l.trouble(p, pr)), true
				}
			}
			if !found && l.looksFor(code) {
				v.Good = append(v.Good, l.L.T("explore.trouble."+code))
			}
		}
		if len(one.List) > 0 {
			v.Harms = append(v.Harms, one)
		}
	}
	l.Quality = v
	return nil
}

// unopened fills the tab of what is wrong of a resource that has no version: why its file
// could not be opened, and what the catalogue knows.
func (p *Pages) unopened(r *http.Request, v *view, resource string) error {
	open := &explore.View{}
	if err := p.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
		if open.Resource, err = p.Explore.Resources.Resource(tx, resource); err == nil {
			open.Hiding, err = explore.HidingOf(tx, open.Resource)
		}
		return err
	}); err != nil || open.Hiding.File {
		return err
	}
	l := &looking{view: v, ctx: r.Context(), open: open, t: &tabular.Table{}}
	for _, t := range tabs {
		if t.name == "calidad" {
			v.Tabs = []web.NavLink{{Label: v.L.T(t.key), Icon: t.icon, Path: v.at.clean(with("ver", t.name)), Current: true}}
		}
	}
	return p.quality(l)
}

// problems are those of the file, of the table, of the version and of what the catalogue
// knows. Those in columns that nobody may see come without places already.
func (p *Pages) problems(l *looking) ([]tabular.Problem, error) {
	list := slices.Concat(l.open.Profile.Problems, l.table.Profile.Problems, l.open.Version.Problems())
	return list, p.DB.Read(l.ctx, func(tx *db.Tx) error {
		if p.Facts != nil {
			facts, err := p.Facts(tx, l.open.Resource.ID)
			if err != nil {
				return err
			}
			list = append(list, facts...)
		}
		st, err := explore.StatusOf(tx, l.open.Resource.ID)
		code := st.Attempt.Finding
		known := slices.ContainsFunc(list, func(pr tabular.Problem) bool { return pr.Code == code })
		if code != "" && !known {
			list = append(list, tabular.Problem{Code: code, Count: 1})
		}
		return err
	})
}

// looksFor reports whether a problem could have been found in the table.
func (l *looking) looksFor(code string) bool {
	switch {
	case l.open.Version.Number == 0:
		return slices.Contains(ofNoFile, code)
	case slices.Contains(ofShapes, code):
		return l.table.Profile.Place.Kind == tabular.PlaceGeometry
	case slices.Contains(ofPlaces, code):
		return l.table.Profile.Place.Located()
	case slices.Contains(ofSheets, code):
		return slices.Contains([]string{"xlsx", "ods"}, l.table.Profile.Format)
	case slices.Contains(ofLines, code):
		return l.table.Profile.Format == "jsonl"
	case slices.Contains(ofText, code):
		return l.table.Profile.Encoding != ""
	case code == "s01":
		return l.open.Version.Change != nil
	}
	return true
}

// trouble is a problem in words, with where it shows and how to report it.
func (l *looking) trouble(p *Pages, pr tabular.Problem) troubleView {
	v := troubleView{Code: pr.Code, Says: l.L.T("tabular.problem." + pr.Code), Fix: l.L.T("tabular.problem." + pr.Code + ".fix"), Column: pr.Column}
	if pr.Count > 1 {
		v.Count = l.L.T("explore.quality.count", "count", int(min(pr.Count, 1<<31-1)), "number", l.L.Number(pr.Count))
	}
	hidden := slices.Contains(l.table.Hidden, pr.Column)
	if pr.Column != "" && !hidden && l.t.Column(pr.Column) != nil {
		v.Path = l.link(tabular.Query{}, without("ver"), with("columna", pr.Column)) + "#columna"
	}
	var row int64
	for _, s := range pr.Samples {
		if row == 0 {
			row = s.Row
		}
		if len(v.Samples) == shownSamples || hidden {
			break
		}
		if one := l.sample(s); one.Label != "" {
			v.Samples = append(v.Samples, one)
		}
	}
	if !hidden {
		v.Report = l.ask(p, pr.Column, row, pr.Code)
	}
	return v
}

// sample is a place in words: a row of the table has a page, a line of the file has none.
func (l *looking) sample(s tabular.Sample) sampleView {
	switch {
	case s.Row > 0 && s.Row <= l.t.Rows:
		return sampleView{l.L.T("explore.quality.row", "row", l.L.Number(s.Row)), l.at.rowPath(strconv.FormatInt(s.Row, 10)), s.Text}
	case s.Line > 0:
		return sampleView{l.L.T("explore.quality.line", "line", l.L.Number(s.Line)), "", s.Text}
	case s.Byte > 0:
		return sampleView{l.L.T("explore.quality.byte", "byte", l.L.Number(s.Byte)), "", s.Text}
	}
	return sampleView{}
}

// reviews say which columns nobody may see now, and no more.
func (l *looking) reviews() (out []string) {
	for _, c := range l.table.Profile.Columns {
		switch {
		case l.open.Hiding.Withheld(c):
			out = append(out, l.L.T("explore.quality.withheld", "column", c.Name)+" "+l.L.T("explore.column.because", "reason", l.open.Hiding.Because(c)))
		case l.open.Hiding.Suspected(c):
			out = append(out, l.L.T("explore.quality.suspected", "column", c.Name))
		}
	}
	return out
}

// propose puts what is to be reported into words: of a problem what it is, where and how
// many; of a cell where it is.
func (l *looking) propose(at *Pointer) {
	switch {
	case at.Code != "" && at.Column != "":
		at.Subject = l.L.T("explore.report.title.column", "problem", l.L.T("explore.trouble."+at.Code), "column", at.Column)
	case at.Code != "":
		at.Subject = l.L.T("explore.report.title", "problem", l.L.T("explore.trouble."+at.Code))
	case at.Row > 0:
		at.Subject = l.L.T("explore.report.title.cell", "column", at.Column, "row", l.L.Number(at.Row))
	}
	if at.Code != "" {
		at.Text = l.L.T("tabular.problem."+at.Code) + "\n\n" + l.L.T("explore.report.fix", "fix", l.L.T("tabular.problem."+at.Code+".fix"))
	}
}
