package catalog

import (
	"html/template"
	"net/http"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/i18n"
	"plaza/internal/base/text"
	"plaza/internal/base/web"
	"plaza/internal/civic/institution"
	"plaza/internal/plaza"
	"plaza/internal/section/catalog/dcat"
)

// resourceLine is a resource as pages show it.
type resourceLine struct {
	ID, Title, Path string
	Lang            string
	Format          string
	Size            string
	Use             string // what one can do with it
	Description     template.HTML
	Open            template.URL // where it is to be had; "" for nowhere
	Host            string
	Service         bool // asked rather than downloaded
	Check           looked
	Updated         string
	Columns         []columnLine
	Table           string // the words of the way into its table; "" for none
	Shape           string // how large that is
	Dictionary      template.URL
}

// columnLine is a column of a dictionary, with what was answered about it.
type columnLine struct {
	dcat.Field
	Said []saidLine
}

// saidLine is what an institution answered about a column.
type saidLine struct {
	Text, Path, Lang string
	Who              string
}

func columnLines(fields []dcat.Field) []columnLine {
	var out []columnLine
	for _, f := range fields {
		out = append(out, columnLine{Field: f})
	}
	return out
}

// say adds what was answered about columns to those that the dictionary has, whatever
// the case of their names.
func say(l *i18n.Printer, columns []columnLine, said map[string][]ColumnNote) {
	byName := make(map[string][]ColumnNote, len(said))
	for name, notes := range said {
		key := text.Fold(name)
		byName[key] = append(byName[key], notes...)
	}
	for i, c := range columns {
		for _, n := range byName[text.Fold(c.Name)] {
			columns[i].Said = append(columns[i].Said, saidLine{n.Text, n.Path, foreign(l, []string{n.Language}),
				l.T("catalog.columns.said", "who", firstOf(n.By, l.T("access.role.admin")), "date", l.Date(n.At))})
		}
	}
}

// lineView is a resource with what its template needs besides.
type lineView struct {
	L    *i18n.Printer
	R    resourceLine
	Full bool
}

// Line draws a resource with all that is said of it.
func (p *datasetPage) Line(r resourceLine) lineView { return lineView{p.L, r, true} }

// Line draws the page's resource.
func (p *resourcePage) Line(r resourceLine) lineView { return lineView{p.L, r, true} }

// Brief draws a resource beside the page's.
func (p *resourcePage) Brief(r resourceLine) lineView { return lineView{p.L, r, false} }

func resourceWords(l *i18n.Printer, d Dataset, r Resource, now time.Time) resourceLine {
	line := resourceLine{
		ID: r.ID, Title: r.Title, Path: d.ResourcePath(r), Lang: foreign(l, d.Languages),
		Format: r.Format, Size: sizeWords(l, r), Use: useWords(l, r.Format),
		Open: opened(r.URL()), Host: hostOf(r.URL()), Service: isService(r.Format),
		Check: checkWords(l, r, now), Updated: dateWords(l, r.Modified),
		Columns: columnLines(r.Fields), Dictionary: opened(r.DictionaryURL),
	}
	if r.Description != "" && r.Description != r.Title {
		line.Description = text.Markdown(r.Description)
	}
	if line.Title == "" {
		line.Title = l.T("catalog.resource.untitled", "number", r.Position+1)
	}
	return line
}

// tables adds the ways into tables to the lines of resources.
func tables(l *i18n.Printer, lines []resourceLine, shapes map[string]Shape) {
	for i, line := range lines {
		s, ok := shapes[line.ID]
		switch {
		case !ok:
		case s.Columns == 0:
			lines[i].Table = l.T("catalog.resource.table.first")
		default:
			lines[i].Table = l.T("catalog.resource.table")
			lines[i].Shape = l.T("catalog.resource.table.shape", "count", int(s.Rows), "rows", l.Number(s.Rows), "columns", l.Number(int64(s.Columns)))
		}
	}
}

// opened is an address as a page may link to it. Records hold http, https and ftp
// only, and templates know no ftp.
func opened(address string) template.URL {
	if !dcat.SafeURL(address) {
		return ""
	}
	return template.URL(address) //nolint:gosec // its scheme is one of the three
}

// resourcePage tells everything about one resource.
type resourcePage struct {
	web.Page
	D        Dataset
	R        resourceLine
	Owner    owner
	Lang     string
	State    *web.Notice // gone; nil while it is listed
	Facts    []web.Fact
	Siblings []resourceLine
	Around   web.Around
	Opened   Opened
}

func (s *Section) resource(w http.ResponseWriter, r *http.Request) error {
	page := &resourcePage{Page: s.shell.Page(r, "")}
	var body institution.Institution
	var found *Resource
	var said map[string][]ColumnNote
	err := s.read(r.Context(), func(tx *db.Tx) (err error) {
		if page.D, err = BySlug(tx, r.PathValue("dataset")); err != nil {
			return missing(err, "catalog.error.no_dataset")
		}
		if found = page.D.resource(r.PathValue("resource")); found == nil {
			return plaza.E(plaza.NotFound, "catalog.error.no_resource")
		}
		if body, err = ownerOf(tx, page.D); err != nil {
			return err
		}
		inZone(&page.Page, body)
		if s.Said != nil && len(found.Fields) > 0 {
			if said, err = s.Said(tx, found.ID); err != nil {
				return err
			}
		}
		page.Around, err = s.around(tx, page.Page, plaza.Ref{Kind: KindResource, ID: found.ID})
		return err
	})
	if err != nil {
		return err
	}
	if page.D.Slug != r.PathValue("dataset") {
		return moved(w, r, page.D.ResourcePath(*found))
	}
	fillResource(page, *found, body)
	say(page.L, page.R.Columns, said)
	if s.Opened != nil { // of what was removed, the last good copy
		if page.Opened, err = s.Opened(r, page.Page, found.ID); err != nil {
			return err
		}
		if page.Opened.To != "" {
			http.Redirect(w, r, page.Opened.To, http.StatusSeeOther)
			return nil
		}
		if page.Opened.Fresh {
			w.Header().Set("Cache-Control", "no-store")
		}
		page.NoIndex = !page.Opened.Plain
		if page.Opened.Bytes > 0 {
			page.R.Size = page.L.Bytes(page.Opened.Bytes)
		}
		if page.Opened.Package != "" {
			page.Alternates = append(page.Alternates, web.Alternate{Type: "application/json", Path: page.Opened.Package, Title: page.L.T("catalog.resource.package")})
		}
	}
	return s.shell.Render(w, r, http.StatusOK, "catalog/resource", page)
}

// resource is one of a dataset's, removed ones included; nil when there is none.
func (d Dataset) resource(id string) *Resource {
	for i := range d.Resources {
		if d.Resources[i].ID == id {
			return &d.Resources[i]
		}
	}
	return nil
}

func fillResource(page *resourcePage, r Resource, body institution.Institution) {
	d, l := page.D, page.L
	page.R = resourceWords(l, d, r, page.Now)
	page.Title = l.T("catalog.resource.title", "resource", page.R.Title, "dataset", d.Title)
	page.Lang = foreign(l, d.Languages)
	page.Owner = ownerWords(l, d, body)
	page.Canonical = d.ResourcePath(r)
	page.Page.Description = text.Excerpt(text.PlainText(r.Description+"\n"+d.Description), 200)
	page.Crumbs = []web.Crumb{{Title: l.T("catalog.nav.datasets"), Path: "/datos"}, {Title: d.Title, Path: d.Path()}}
	switch {
	case !r.RemovedAt.IsZero():
		page.State = &web.Notice{Tone: web.Warning, Title: l.T("catalog.resource.removed"),
			Text: l.T("catalog.resource.removed.text", "date", l.Date(r.RemovedAt)), Link: d.Path(), Action: l.T("catalog.resource.back")}
	default:
		page.State = stateNotice(l, d, Origin{})
	}
	page.Facts = resourceFactsOf(l, d, r, page.Owner)
	for _, other := range d.Current() {
		if other.ID != r.ID {
			page.Siblings = append(page.Siblings, resourceWords(l, d, other, page.Now))
		}
	}
}

func resourceFactsOf(l *i18n.Printer, d Dataset, r Resource, o owner) []web.Fact {
	f := factList{l: l}
	f.add("dataset", web.Fact{Text: d.Title, Link: d.Path(), Lang: foreign(l, d.Languages), Icon: "database"})
	f.add("institution", web.Fact{Text: o.Name, Link: o.Path, Icon: "landmark"})
	f.add("format", web.Fact{Text: r.Format})
	f.add("media_type", web.Fact{Text: r.MediaType})
	if r.Check.Type != "" && r.Check.Type != r.MediaType {
		f.add("found_type", web.Fact{Text: r.Check.Type})
	}
	f.add("size", web.Fact{Text: l.Bytes(max(r.ByteSize, -1))})
	if r.Check.Size > 0 && r.Check.Size != r.ByteSize {
		f.add("found_size", web.Fact{Text: l.Bytes(r.Check.Size)})
	}
	f.add("modified", web.Fact{Text: dateWords(l, r.Modified), Time: r.Modified, Icon: "calendar"})
	f.add("issued", web.Fact{Text: dateWords(l, r.Issued), Time: r.Issued})
	license := r.License
	if license == (dcat.License{}) {
		license = d.License
	}
	f.add("license", web.Fact{Text: licenseWords(l, license), Link: webLink(license.URL), Icon: "scale"})
	for _, standard := range r.ConformsTo {
		f.add("conforms_to", web.Fact{Text: standard, Link: webLink(standard)})
	}
	f.add("dictionary", web.Fact{Text: hostOf(r.DictionaryURL), Link: webLink(r.DictionaryURL), Icon: "book-open"})
	f.add("server", web.Fact{Text: hostOf(r.URL())})
	if r.Withheld.IsZero() && r.DownloadURL != "" && r.AccessURL != "" && r.AccessURL != r.DownloadURL {
		f.add("access_page", web.Fact{Text: hostOf(r.AccessURL), Link: webLink(r.AccessURL), Icon: "external-link"})
	}
	if r.ChecksumValue != "" {
		f.add("checksum", web.Fact{Text: r.ChecksumValue, Note: r.ChecksumAlgorithm})
	}
	return f.facts
}
