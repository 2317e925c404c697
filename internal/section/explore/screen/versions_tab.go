package screen

import (
	"net/url"
	"strconv"
	"strings"

	"plaza/internal/base/db"
	"plaza/internal/base/i18n"
	"plaza/internal/base/web"
	"plaza/internal/section/explore"
)

// paramFrom is the number before which the tab of versions begins.
const paramFrom = "desde"

// versionsAtOnce is how many versions a page of the tab holds.
const versionsAtOnce = 20

// versionsView is the tab of versions.
type versionsView struct {
	Note    string // how many are kept, and why some never go
	List    []versionView
	Compare compareForm // to choose two of them
	Older   string      // path of those before, "" for none
	Newest  string      // path of the newest, "" when they are in sight
}

// versionView is one content that the file had.
type versionView struct {
	Number   int
	Title    string
	Badges   []web.Badge
	Facts    []fact
	SHA      web.Copy
	Changes  []string // from the version that was current before
	Fault    string   // why it could not be opened
	See      string   // paths; "" where there is none
	Original string
	Compare  string // with the one before
}

// versions fills the tab of versions.
func (p *Pages) versions(l *looking) error {
	before, _ := strconv.Atoi(l.at.from) // what is no number begins at the newest
	var list []explore.Version
	var current explore.Version
	if err := p.DB.Read(l.ctx, func(tx *db.Tx) (err error) {
		if list, err = explore.Versions(tx, l.open.Resource.ID, max(before, 0), versionsAtOnce+1); err != nil {
			return err
		}
		current, err = explore.Current(tx, l.open.Resource.ID)
		return err
	}); err != nil {
		return err
	}
	v := &versionsView{Note: l.keptWords(p.Explore.Keep)}
	if len(list) > versionsAtOnce {
		list = list[:versionsAtOnce]
		v.Older = pathWith(l.at.path, url.Values{"ver": {"versiones"}, paramFrom: {strconv.Itoa(list[len(list)-1].Number)}})
	}
	if before > 0 {
		v.Newest = pathWith(l.at.path, url.Values{"ver": {"versiones"}})
	}
	for _, one := range list {
		v.List = append(v.List, l.version(one, current))
	}
	v.Compare = compareFormOf(l.Page, l.at.path, list, max(0, current.Number-1), current.Number)
	l.Versions = v
	return nil
}

// keptWords say how many versions are kept, and what the licence has to do with it.
func (l *looking) keptWords(keep int) string {
	key := "explore.versions.kept"
	if !l.open.Resource.Open {
		key = "explore.versions.kept.closed"
	}
	return l.L.T(key, "count", keep, "license", l.open.Resource.License)
}

func (l *looking) version(one, current explore.Version) versionView {
	number := strconv.Itoa(one.Number)
	v := versionView{Number: one.Number, Title: l.L.T("explore.versions.title", "number", one.Number), SHA: web.Copy{L: l.L, ID: "sha-" + number, Text: one.SHA256}}
	switch {
	case one.ID == current.ID:
		v.Badges = append(v.Badges, web.Badge{Tone: web.Good, Text: l.L.T("explore.versions.current"), Icon: "check"})
	case one.State == explore.Failed:
		v.Badges = append(v.Badges, web.Badge{Tone: web.Bad, Text: l.L.T("explore.versions.failed"), Icon: "circle-x"})
	}
	if !one.Expired.IsZero() {
		v.Badges = append(v.Badges, web.Badge{Text: l.L.T("explore.versions.expired"), Icon: "archive"})
	}
	v.Facts = []fact{{l.L.T("explore.versions.fetched"), l.L.DateTime(one.Fetched)}, {l.L.T("explore.versions.seen"), l.L.DateTime(one.Seen)},
		{l.L.T("explore.versions.size"), l.L.Bytes(one.Bytes)}}
	if one.State == explore.Good {
		v.Facts = append(v.Facts, fact{l.L.T("explore.versions.rows"), l.L.Number(one.Rows)}, fact{l.L.T("explore.versions.columns"), l.L.Number(int64(one.Columns))})
	}
	if one.Fault != nil {
		v.Fault = one.Fault.Sentence(l.L)
	}
	if one.Change != nil {
		v.Changes = changeWords(l.Page, *one.Change)
		v.Compare = comparePath(l.at.path, one.Change.From, one.Number)
	}
	if one.State == explore.Good && one.Expired.IsZero() {
		v.See = pathWith(l.at.path, url.Values{"version": {number}})
		if l.open.Hiding.Plain() {
			v.Original = pathWith(l.at.path+"/original", url.Values{"version": {number}})
		}
	}
	return v
}

// changeWords say how a version differs from the one before.
func changeWords(page web.Page, c explore.Change) []string {
	var out []string
	if c.Counted {
		out = append(out, rowsWords(page, explore.Counted{Added: c.Added, Removed: c.Removed, Modified: c.Modified}))
	}
	d := c.Drift
	add := func(key string, names []string) {
		if len(names) > 0 {
			out = append(out, page.L.T("explore.drift."+key, "count", len(names), "names", few(page, names)))
		}
	}
	add("tables_added", d.Added)
	add("tables_removed", d.Removed)
	for _, t := range d.Tables {
		add("added", t.Added)
		add("removed", t.Removed)
		var renamed, retyped []string
		for _, r := range t.Renamed {
			renamed = append(renamed, r.From+" → "+r.To)
		}
		for _, r := range t.Retyped {
			retyped = append(retyped, page.L.T("explore.drift.type", "column", r.Column, "from", page.L.T("tabular.type."+string(r.From)), "to", page.L.T("tabular.type."+string(r.To))))
		}
		add("renamed", renamed)
		add("retyped", retyped)
		if t.Moved {
			out = append(out, page.L.T("explore.drift.moved"))
		}
	}
	if len(out) == 0 || c.Counted && len(out) == 1 && d.None() {
		out = append(out, page.L.T("explore.drift.none"))
	}
	return out
}

// rowsWords are how many rows came, went and changed.
func rowsWords(page web.Page, c explore.Counted) string {
	if c == (explore.Counted{}) {
		return page.L.T("explore.drift.rows.same")
	}
	key := "explore.drift.rows"
	if c.Modified > 0 {
		key = "explore.drift.rows.modified"
	}
	return page.L.T(key, "added", page.L.Number(c.Added), "removed", page.L.Number(c.Removed), "modified", page.L.Number(c.Modified))
}

// fewNames is how many names of columns one line holds.
const fewNames = 12

func few(page web.Page, names []string) string {
	more := len(names) - fewNames
	if more <= 0 {
		return strings.Join(names, ", ")
	}
	return page.L.T("explore.drift.more", "names", strings.Join(names[:fewNames], ", "), "count", more)
}

// pick is a form that chooses two versions, with what its template needs besides.
type pick struct {
	L    *i18n.Printer
	Form compareForm
}

// Pick draws a form that chooses two versions.
func (v view) Pick(f compareForm) pick { return pick{v.L, f} }
