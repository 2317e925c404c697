package cases

import (
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"net/url"
	"slices"

	"plaza/internal/base/db"
	"plaza/internal/base/i18n"
	"plaza/internal/base/web"
	"plaza/internal/civic/institution"
	"plaza/internal/plaza"
)

// The fragment has a folder of its own, as a folder of templates is registered whole.
//
//go:embed known/templates/*.html
var knownFiles embed.FS

// MountKnown registers the fragment that Known draws.
func (cs *Cases) MountKnown(shell *web.Shell) error {
	cs.shell = shell
	files, err := fs.Sub(knownFiles, "known")
	if err != nil {
		return fmt.Errorf("the templates of what is known: %w", err)
	}
	if err := shell.Templates("known", files, web.Pages{"known": knownView{}}); err != nil {
		return fmt.Errorf("the templates of what is known: %w", err)
	}
	return nil
}

// maxKnownOpen is how many open cases are told of an object.
const maxKnownOpen = 5

// knownView is what is known of an object by what was asked and answered.
type knownView struct {
	web.Page
	Groups []knownGroup
	Open   []knownCase
	Counts []web.NavLink
	Ask    string
}

// knownGroup is what is known of one column, or of the whole.
type knownGroup struct {
	Column string // "" for the whole
	In     string // the resource, where the page is not its own
	Notes  []knownNote
}

// knownNote is one answered question.
type knownNote struct {
	Question, Path string
	Lang           string
	Says           string
	Outcome        web.Badge
	Who            string // role, area and institution
	Date, ISO      string
}

// knownCase is a case that waits for its answer.
type knownCase struct {
	Title, Path string
	Lang        string
	Kind        string
	Due         web.Badge
}

// Known draws on the page of a dataset or resource what is known of it: what was asked of
// its meaning and answered, by column, and what waits for an answer until when. It is ""
// for anything else, and runs at most six statements whatever there is.
func (cs *Cases) Known(tx *db.Tx, page web.Page, object plaza.Card) (template.HTML, error) {
	if object.Ref.Kind != knownDataset && object.Ref.Kind != knownResource {
		return "", nil
	}
	which, arg := knownOn(object.Ref)
	many, err := knownCounts(tx, which, arg)
	if err != nil {
		return "", err
	}
	v := knownView{Page: page, Ask: "/consultas/nueva?objeto=" + url.QueryEscape(object.Ref.String())}
	if many.answered > 0 {
		list, err := meanings(tx, which, arg)
		if err != nil {
			return "", err
		}
		if v.Groups, err = cs.knownGroups(tx, page.L, object, list); err != nil {
			return "", err
		}
	}
	if many.open > 0 {
		f := Filter{Waiting: true, On: object.Ref}
		if object.Ref.Kind == knownDataset {
			f = Filter{Waiting: true, Dataset: object.Ref.ID}
		}
		list, err := List(tx, f, ByDue, Key{}, maxKnownOpen)
		if err != nil {
			return "", err
		}
		for _, c := range list {
			v.Open = append(v.Open, knownCase{Title: c.Title, Path: c.Path(), Lang: knownLang(page.L, c.Language),
				Kind: page.L.T("cases.kind." + string(c.Kind)), Due: knownDue(page, c)})
		}
	}
	v.count(object.Ref, many)
	return cs.shell.Fragment("known/known", v)
}

// count links to all that there is, by state.
func (v *knownView) count(object plaza.Ref, many knownTally) {
	about := ask{list: allCases, Resource: object.ID}
	if object.Kind == knownDataset {
		about = ask{list: allCases, Dataset: object.ID}
	}
	open, overdue, answered := about, about, about
	open.Waiting, overdue.Overdue = true, true
	answered.States = []string{paramOf(stateWords, string(Answered)), paramOf(stateWords, string(Resolved))}
	for _, c := range []struct {
		key  string
		list ask
		n    int
	}{
		{"open", open, many.open}, {"overdue", overdue, many.overdue}, {"answered", answered, many.answered},
	} {
		if c.n > 0 {
			v.Counts = append(v.Counts, web.NavLink{Label: v.L.T("cases.known.count."+c.key, "count", c.n), Path: c.list.path("")})
		}
	}
}

// knownGroups are notes by column; on a dataset's page each says of which resource it is.
func (cs *Cases) knownGroups(tx *db.Tx, l *i18n.Printer, object plaza.Card, list []Meaning) ([]knownGroup, error) {
	titles, err := cs.knownTitles(tx, object.Ref, list)
	if err != nil {
		return nil, err
	}
	var out []knownGroup
	var last On
	for _, n := range list {
		at := On{Ref: n.On.Ref, Column: n.On.Column}
		if n.On.Column == "" {
			at.Ref = plaza.Ref{} // what is of no column stands together
		}
		if len(out) == 0 || at.Ref != last.Ref || at.Column != last.Column {
			g := knownGroup{Column: n.On.Column}
			if n.On.Column != "" {
				g.In = titles[n.On.Ref]
			}
			out, last = append(out, g), at
		}
		g := &out[len(out)-1]
		g.Notes = append(g.Notes, knownWords(l, n))
	}
	return out, nil
}

// knownTitles are what the resources that notes are about are called, apart from the object
// itself.
func (cs *Cases) knownTitles(tx *db.Tx, object plaza.Ref, list []Meaning) (map[plaza.Ref]string, error) {
	var refs []plaza.Ref
	for _, n := range list {
		if n.On.Column != "" && n.On.Ref != object && n.On.Ref.ID != "" && !slices.Contains(refs, n.On.Ref) {
			refs = append(refs, n.On.Ref)
		}
	}
	out := make(map[plaza.Ref]string, len(refs))
	if len(refs) == 0 || cs.Cards == nil {
		return out, nil
	}
	cards, err := cs.Cards(tx, refs)
	for _, ref := range refs {
		out[ref] = cards[ref].Title
	}
	return out, err
}

func knownWords(l *i18n.Printer, n Meaning) knownNote {
	return knownNote{Question: n.Question, Path: n.Path(), Lang: knownLang(l, n.Language), Says: n.Says,
		Outcome: web.Badge{Tone: web.Good, Text: l.T("cases.outcome." + string(n.Outcome))},
		Who:     knownOffice(l, n.Voice), Date: l.Date(n.At), ISO: l.ISO(n.At)}
}

// knownOffice are in which role, for which area and institution, something was said.
func knownOffice(l *i18n.Printer, v institution.Voice) string {
	words := ""
	for _, part := range []string{v.Unit, v.Name} {
		if part != "" {
			words += ", " + part
		}
	}
	if v.Own() {
		return l.T("access.role.admin") + words
	}
	return l.T("access.role."+string(v.Role)) + words
}

// knownLang is the language of a text where it is not the page's, else "".
func knownLang(l *i18n.Printer, lang string) string {
	if lang == l.Lang() {
		return ""
	}
	return lang
}

// knownDue says until when a case is answered at the latest.
func knownDue(page web.Page, c Case) web.Badge {
	l := page.L
	switch last := c.Due.Add(-1); {
	case c.Due.IsZero():
		return web.Badge{Text: l.T("cases.state." + string(c.State))}
	case c.State == NeedsInfo:
		return web.Badge{Text: l.T("cases.clock.paused"), Tone: web.Info}
	case !page.Now.Before(c.Due):
		return web.Badge{Text: l.T("cases.known.overdue", "date", l.Date(last)), Tone: web.Bad}
	default:
		return web.Badge{Text: l.T("cases.known.due", "date", l.Date(last)), Icon: "calendar-clock"}
	}
}
