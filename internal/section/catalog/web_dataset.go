package catalog

import (
	"html/template"
	"net/http"
	"strings"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/i18n"
	"plaza/internal/base/text"
	"plaza/internal/base/web"
	"plaza/internal/civic/institution"
	"plaza/internal/plaza"
)

// maxHistory is how many changes a dataset's page tells; the record has them all.
const maxHistory = 30

// datasetPage is the page of a dataset, tombstones included.
type datasetPage struct {
	web.Page
	D           Dataset
	Lang        string // of its texts, where it is not the page's
	Owner       owner
	State       *web.Notice // missing or gone; nil when all is well
	Alive       alive
	Description template.HTML
	Keywords    []web.NavLink
	Resources   []resourceLine
	Notes       []noteLine
	History     []changeLine
	AllHistory  string // path of the whole history in the record
	Origin      *originLine
	Citations   []citation
	Facts       []web.Fact
	Around      web.Around
}

// owner is who answers for a dataset: an institution, or the central unit.
type owner struct {
	Name, Path string
	Central    bool
	Said       string // how the source calls it, where that is something else
}

// alive is whether a dataset is kept, in words.
type alive struct {
	Badge   web.Badge
	Updated string // "30 de mayo de 2026", "" when nobody says
	ISO     string
	Ago     string
	Rhythm  string // a sentence on how often, and whether that is so
}

// originLine is where and when a dataset was read.
type originLine struct {
	Origin
	FirstSeen, Seen string
	Gone            bool // Seen is when it was last there, not when its source was
}

// noteLine is something to know before using a dataset.
type noteLine struct {
	Look looked
	Text string
}

// citation is a ready-made reference.
type citation struct {
	Name string
	Copy web.Copy
}

func (s *Section) dataset(w http.ResponseWriter, r *http.Request) error {
	page := &datasetPage{Page: s.shell.Page(r, "")}
	var body institution.Institution
	var origin Origin
	var history []Change
	var shapes map[string]Shape
	err := s.read(r.Context(), func(tx *db.Tx) (err error) {
		if page.D, err = BySlug(tx, r.PathValue("dataset")); err != nil {
			return missing(err, "catalog.error.no_dataset")
		}
		if body, err = ownerOf(tx, page.D); err != nil {
			return err
		}
		if history, err = History(tx, page.D.ID, maxHistory+1); err != nil {
			return err
		}
		if origin, err = s.originOf(tx, page.D.SourceID); err != nil || page.D.Slug != r.PathValue("dataset") {
			return err
		}
		inZone(&page.Page, body)
		if s.Tables != nil {
			if shapes, err = s.Tables(tx, page.D.Current()); err != nil {
				return err
			}
		}
		page.Around, err = s.around(tx, page.Page, page.D.Ref())
		return err
	})
	if err != nil {
		return err
	}
	if page.D.Slug != r.PathValue("dataset") {
		return moved(w, r, page.D.Path())
	}
	s.fillDataset(page, body, origin, history)
	tables(page.L, page.Resources, shapes)
	return s.shell.Render(w, r, http.StatusOK, "catalog/dataset", page)
}

// originOf is the source that a dataset was read from; the zero Origin when nobody
// knows it any more.
func (s *Section) originOf(tx *db.Tx, source string) (Origin, error) {
	if s.Origin == nil {
		return Origin{}, nil
	}
	o, err := s.Origin(tx, source)
	if err != nil && plaza.KindOf(err) == plaza.NotFound {
		return Origin{}, nil
	}
	return o, err
}

func ownerOf(tx *db.Tx, d Dataset) (institution.Institution, error) {
	if d.InstitutionID == "" {
		return institution.Institution{}, nil
	}
	found, err := institution.ByIDs(tx, []string{d.InstitutionID})
	return found[d.InstitutionID], err
}

func (s *Section) fillDataset(page *datasetPage, body institution.Institution, origin Origin, history []Change) {
	d, l := page.D, page.L
	page.Title = d.Title
	page.Lang = foreign(l, d.Languages)
	page.Owner = ownerWords(l, d, body)
	page.Description = text.Markdown(d.Description)
	page.Page.Description = text.Excerpt(text.PlainText(d.Description), 200)
	page.Canonical = d.Path()
	page.Crumbs = []web.Crumb{{Title: l.T("catalog.nav.datasets"), Path: "/datos"}}
	if !page.Owner.Central {
		page.Crumbs = append(page.Crumbs, web.Crumb{Title: body.Short(), Path: body.Path()})
	}
	page.State = stateNotice(l, d, origin)
	page.Alive = aliveWords(l, d, page.Now)
	page.Keywords = keywordLinks(d)
	said := map[string]bool{"": true}
	for _, r := range d.Current() {
		line := resourceWords(l, d, r, page.Now)
		if said[line.Use] {
			line.Use = "" // once is enough for all of a kind
		}
		said[line.Use] = true
		page.Resources = append(page.Resources, line)
	}
	page.Notes = noteWords(l, d, page.Now)
	page.History, page.AllHistory = s.historyWords(l, d, history)
	page.Origin = originWords(l, d, origin)
	page.Citations = citations(page.Page, d, page.Owner)
	page.Facts = datasetFacts(l, d, page.Owner, body)
	page.JSONLD = structured(page.Page, d, page.Owner, body)
}

func ownerWords(l *i18n.Printer, d Dataset, body institution.Institution) owner {
	if body.ID == "" {
		return owner{Name: l.T("catalog.central"), Central: true, Said: d.Publisher.Name}
	}
	o := owner{Name: body.Name, Path: body.Path()}
	if said := institution.NameKey(d.Publisher.Name); said != "" && said != institution.NameKey(body.Name) {
		o.Said = d.Publisher.Name
	}
	return o
}

func stateNotice(l *i18n.Printer, d Dataset, o Origin) *web.Notice {
	switch {
	case d.State == Absent:
		return &web.Notice{Tone: web.Warning, Title: l.T("catalog.absent.title"),
			Text: l.T("catalog.absent.text", "date", l.Date(d.AbsentAt))}
	case !d.MissingSince.IsZero():
		return &web.Notice{Tone: web.Info, Title: l.T("catalog.missing.title"),
			Text: l.T("catalog.missing.text", "date", l.Date(d.MissingSince))}
	case o.Retired:
		return &web.Notice{Tone: web.Info, Title: l.T("catalog.retired.title"), Text: l.T("catalog.retired.text", "title", o.Title),
			Link: o.Path, Action: l.T("catalog.retired.go")}
	}
	return nil
}

func aliveWords(l *i18n.Printer, d Dataset, now time.Time) alive {
	fresh := d.Freshness(now)
	a := alive{Badge: freshnessBadge(l, fresh), Updated: dateWords(l, d.Modified), ISO: d.Modified,
		Ago: agoWords(l, d.Modified, now)}
	often := frequencyWords(l, d.AccrualPeriodicity)
	switch {
	case often == "":
		a.Rhythm = l.T("catalog.rhythm.unknown")
	case fresh == Late:
		a.Rhythm = l.T("catalog.rhythm.late", "often", often)
	case fresh == Fresh:
		a.Rhythm = l.T("catalog.rhythm.kept", "often", often)
	default:
		a.Rhythm = l.T("catalog.rhythm.said", "often", often)
	}
	return a
}

func keywordLinks(d Dataset) []web.NavLink {
	var links []web.NavLink
	for _, k := range d.Keywords {
		links = append(links, web.NavLink{Label: k, Path: listPath(filter{Q: `"` + strings.ReplaceAll(k, `"`, "") + `"`})})
	}
	return links
}

func noteWords(l *i18n.Printer, d Dataset, now time.Time) []noteLine {
	var notes []noteLine
	for _, n := range d.Notes(now) {
		key := "catalog.note." + n.Code
		tone := web.Warning
		if n.Code == "broken_link" || n.Code == "no_resources" {
			tone = web.Bad
		}
		notes = append(notes, noteLine{looked{tone, tone.Icon(), l.T(key, "count", n.Count)}, l.T(key + ".text")})
	}
	return notes
}

func originWords(l *i18n.Printer, d Dataset, o Origin) *originLine {
	line := &originLine{Origin: o, FirstSeen: l.Date(d.FirstSeen), Seen: l.DateTime(o.SeenAt)}
	if !d.MissingSince.IsZero() {
		line.Gone, line.Seen = true, l.Date(d.MissingSince)
	}
	return line
}
