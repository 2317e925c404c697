package screen

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"plaza/internal/base/db"
	"plaza/internal/base/tabular"
	"plaza/internal/base/web"
	"plaza/internal/plaza"
	"plaza/internal/section/explore"
)

// The parameters of the page that compares.
const (
	paramEarlier = "antes"
	paramLater   = "despues"
)

// choices is how many versions may be chosen from.
const choices = 100

func comparePath(path string, before, after int) string {
	return pathWith(path+"/comparar", url.Values{paramEarlier: {strconv.Itoa(before)}, paramLater: {strconv.Itoa(after)}})
}

// compareForm chooses two versions.
type compareForm struct {
	Action        string
	Earlier       []web.Option
	Later         []web.Option
	Before, After string
}

func compareFormOf(page web.Page, path string, list []explore.Version, before, after int) compareForm {
	f := compareForm{Action: path + "/comparar", Before: strconv.Itoa(before), After: strconv.Itoa(after)}
	for _, v := range list {
		if v.State == explore.Good {
			f.Earlier = append(f.Earlier, web.Option{Value: strconv.Itoa(v.Number), Label: page.L.T("explore.compare.choice", "number", v.Number, "date", page.L.Date(v.Fetched))})
		}
	}
	if len(f.Earlier) < 2 {
		return compareForm{}
	}
	f.Later = f.Earlier
	return f
}

// comparePage says how two versions of a file differ.
type comparePage struct {
	web.Page
	Resource string
	Back     string
	Form     compareForm
	Wrong    string // what is wrong with the choice
	Chosen   bool   // two versions are compared
	Heads    [2]string
	Facts    []shiftView
	Shape    []string // what changed of tables and columns
	Unknown  string   // why the shape is not compared
	Rows     string
	Wait     *web.Progress
	Refresh  string // path of this page, while it waits
	Fault    string
	Count    string // path of the form that has rows counted, "" for none
	Before   string
	After    string
	Shifts   []shiftView
}

// shiftView is something that differs, before and after.
type shiftView struct{ Label, What, Before, After string }

func (p *Pages) compare(w http.ResponseWriter, r *http.Request) error {
	page := &comparePage{Page: p.shell.Page(r, "")}
	page.NoIndex = true
	id := r.PathValue("resource")
	before, after := pairOf(r.URL.Query())
	var res explore.Resource
	var hiding explore.Hiding
	var c explore.Comparison
	var found error
	if err := p.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
		if res, err = p.Explore.Resources.Resource(tx, id); err != nil {
			return err
		}
		if hiding, err = explore.HidingOf(tx, res); err != nil {
			return err
		}
		list, err := explore.Versions(tx, id, 0, choices)
		if err != nil {
			return err
		}
		if before == 0 && after == 0 {
			before, after = lastTwo(list)
		}
		page.Form = compareFormOf(page.Page, res.Path, list, before, after)
		if before > 0 && after > 0 && before != after {
			c, found = explore.ComparisonOf(tx, id, before, after)
		}
		if plaza.KindOf(found) != plaza.NotFound {
			return found
		}
		return nil
	}); err != nil {
		return err
	}
	switch {
	case hiding.File:
		return plaza.E(plaza.Forbidden, "explore.error.withheld")
	case res.Gone && !res.Open:
		return plaza.E(plaza.NotFound, "explore.error.no_copy")
	}
	page.Resource, page.Back = res.Title, pathWith(res.Path, url.Values{"ver": {"versiones"}})
	page.Title = page.L.T("explore.compare.title", "resource", res.Title)
	page.Crumbs = []web.Crumb{{Title: res.Title, Path: res.Path}}
	page.Canonical = res.Path + "/comparar"
	switch {
	case found != nil:
		page.Wrong = page.L.T("explore.compare.missing")
	case len(page.Form.Earlier) == 0:
		page.Wrong = page.L.T("explore.compare.one")
	case before == 0 || after == 0 || before == after:
		page.Wrong = page.L.T("explore.compare.two")
	default:
		page.Canonical = comparePath(res.Path, before, after)
		if err := p.compared(r.Context(), page, res, hiding, c); err != nil {
			return err
		}
	}
	if page.Wait != nil {
		w.Header().Set("Cache-Control", "no-store")
	}
	return p.shell.Render(w, r, http.StatusOK, "explore/compare", page)
}

// pairOf are the numbers that an address or a form names, 0 for what is none.
func pairOf(v url.Values) (before, after int) {
	before, _ = strconv.Atoi(v.Get(paramEarlier))
	after, _ = strconv.Atoi(v.Get(paramLater))
	return max(before, 0), max(after, 0)
}

// lastTwo are the newest good versions.
func lastTwo(list []explore.Version) (before, after int) {
	for _, v := range list {
		switch {
		case v.State != explore.Good:
		case after == 0:
			after = v.Number
		default:
			return v.Number, after
		}
	}
	return 0, after
}

// compared fills what is known of two versions.
func (p *Pages) compared(ctx context.Context, page *comparePage, res explore.Resource, hiding explore.Hiding, c explore.Comparison) error {
	l := page.L
	page.Chosen = true
	page.Before, page.After = strconv.Itoa(c.Before.Number), strconv.Itoa(c.After.Number)
	for i, v := range []explore.Version{c.Before, c.After} {
		page.Heads[i] = l.T("explore.compare.choice", "number", v.Number, "date", l.Date(v.Fetched))
	}
	page.Facts = []shiftView{
		{Label: l.T("explore.versions.rows"), Before: l.Number(c.Before.Rows), After: l.Number(c.After.Rows)},
		{Label: l.T("explore.versions.columns"), Before: l.Number(int64(c.Before.Columns)), After: l.Number(int64(c.After.Columns))},
		{Label: l.T("explore.versions.size"), Before: l.Bytes(c.Before.Bytes), After: l.Bytes(c.After.Bytes)},
		{Label: "SHA-256", Before: c.Before.SHA256, After: c.After.SHA256},
	}
	p.counted(page, res, c)
	var shapes [2]tabular.Profile
	for i, v := range []explore.Version{c.Before, c.After} {
		profile, err := p.Explore.Profile(ctx, v)
		if plaza.KindOf(err) == plaza.NotFound && err != nil {
			page.Unknown = l.T("explore.compare.unknown")
			return nil
		}
		if err != nil {
			return err
		}
		shapes[i] = hiding.Redact(profile)
	}
	page.Shape = changeWords(page.Page, explore.Change{Drift: explore.DriftOf(shapes[0], shapes[1])})
	for _, s := range explore.Shifts(shapes[0], shapes[1]) {
		page.Shifts = append(page.Shifts, shiftWords(page.Page, s, len(shapes[1].Tables) > 1))
	}
	return nil
}

// counted fills how the rows differ: the result, how far it is, or the form that asks.
func (p *Pages) counted(page *comparePage, res explore.Resource, c explore.Comparison) {
	l := page.L
	switch c.Stage {
	case explore.StageDone:
		page.Rows = rowsWords(page.Page, *c.Rows)
	case explore.StageWaiting, explore.StageRunning:
		live := comparePath(res.Path, c.Before.Number, c.After.Number)
		page.Refresh = live
		page.Wait = &web.Progress{L: l, Label: l.T("explore.compare." + string(c.Stage)), Live: res.Path + "/comparar/avance" + live[len(res.Path+"/comparar"):]}
	default:
		if c.Fault != nil {
			page.Fault = c.Fault.Sentence(l)
		} else if c.Stage == explore.StageFailed {
			page.Fault = l.T("explore.fault.engine")
		}
		if c.Countable() {
			page.Count = res.Path + "/comparar"
		} else {
			page.Rows = l.T("explore.error.not_comparable")
		}
	}
}

// shiftWords say what changed of a column.
func shiftWords(page web.Page, s explore.Shift, several bool) shiftView {
	l := page.L
	v := shiftView{Label: s.After.Name, What: l.T("explore.shift." + string(s.Aspect))}
	if s.Before.Name != s.After.Name {
		v.Label = s.Before.Name + " → " + s.After.Name
	}
	if several && s.Table != "" {
		v.Label = s.Table + " · " + v.Label
	}
	say := func(c tabular.Column) string {
		value := func(text string) string { return cellOf(l, c, tabular.Cell{Text: text}, false).Text }
		switch s.Aspect {
		case explore.AspectMeaning:
			if c.Meaning != "" {
				return l.T("tabular.meaning." + string(c.Meaning))
			}
		case explore.AspectUnit:
			return c.Unit
		case explore.AspectNulls:
			return blankWords(l, c)
		case explore.AspectDistinct:
			return distinctWords(l, c)
		case explore.AspectMin:
			return value(c.Stats.Min)
		case explore.AspectMax:
			return value(c.Stats.Max)
		}
		return ""
	}
	none := l.T("explore.shift.nothing")
	v.Before, v.After = orElse(say(s.Before), none), orElse(say(s.After), none)
	return v
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// wantCompared has the rows of two versions compared and goes to the page that tells of it.
func (p *Pages) wantCompared(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return plaza.E(plaza.Invalid, "web.error.invalid")
	}
	before, after := pairOf(r.PostForm)
	id := r.PathValue("resource")
	var path string
	if err := p.DB.Write(r.Context(), func(tx *db.Tx) error {
		res, err := p.Explore.Resources.Resource(tx, id)
		if err != nil {
			return err
		}
		path = res.Path
		return p.Explore.WantComparison(tx, id, before, after)
	}); err != nil {
		return err
	}
	http.Redirect(w, r, comparePath(path, before, after), http.StatusSeeOther)
	return nil
}

// compareProgress tells when a comparison has ended.
func (p *Pages) compareProgress(w http.ResponseWriter, r *http.Request) error {
	before, after := pairOf(r.URL.Query())
	id := r.PathValue("resource")
	return p.tell(w, r, func(tx *db.Tx) (event, error) {
		c, err := explore.ComparisonOf(tx, id, before, after)
		return event{End: !slices.Contains([]explore.Stage{explore.StageWaiting, explore.StageRunning}, c.Stage)}, err
	})
}
