package site

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"plaza/internal/base/api"
	"plaza/internal/base/db"
	"plaza/internal/base/fetch"
	"plaza/internal/base/tabular"
	"plaza/internal/base/tabular/child"
	"plaza/internal/base/text"
	"plaza/internal/base/web"
	"plaza/internal/civic/disclosure"
	"plaza/internal/civic/institution"
	"plaza/internal/plaza"
	"plaza/internal/section/cases"
	"plaza/internal/section/catalog"
	"plaza/internal/section/catalog/dcat"
	"plaza/internal/section/catalog/readapi"
	"plaza/internal/section/explore"
	"plaza/internal/section/explore/answers"
	"plaza/internal/section/explore/cache"
	"plaza/internal/section/explore/exploreapi"
	exploreoffice "plaza/internal/section/explore/office"
	"plaza/internal/section/explore/screen"
	"plaza/internal/section/explore/tiles"
)

// maxTables is how many bytes of tables this machine keeps for the explorer.
const maxTables = 20 << 30

// maxAnswers is how many bytes of answers about tables this process remembers.
const maxAnswers = 16 << 20

// explore makes what opens the files of the catalogue's resources, in worker processes.
func (s *Site) explore(local map[string]http.Handler) {
	dir := filepath.Join(s.Config.Data, "explore")
	s.tables = cache.New(cache.Config{Dir: filepath.Join(dir, "tables"), MaxBytes: maxTables, Store: s.Blob, Log: s.Log})
	if s.Config.Worker != nil {
		s.workers = child.New(child.Config{Command: *s.Config.Worker, Log: s.Log})
		s.Engine = answers.New(s.tables.Checked(s.workers), maxAnswers)
	}
	s.Explore = explore.New(explore.Deps{
		DB: s.DB, Blob: s.Blob, Engine: s.Engine, Client: s.client, Log: s.Log, Cache: s.tables,
		Scratch: filepath.Join(dir, "scratch"), Keep: s.Config.KeepVersions,
		Resources: explored{}, Index: s.inside, Suspicions: explore.Private(s.Disclosures), Hold: catalog.Withhold,
		ClientFor: func(r explore.Resource) *fetch.Client {
			u, err := url.Parse(r.URL)
			if h := local[r.Source]; h != nil && err == nil {
				return s.client.WithHost(u.Host, h)
			}
			return s.client
		},
	})
}

// stopExploring ends the workers and what is built in the background.
func (s *Site) stopExploring() {
	if s.workers == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), stopWithin)
	defer cancel()
	if err := s.Explore.StoreVisits(ctx); err != nil {
		s.Log.Warn("counting visits", "err", err)
	}
	if err := s.workers.Close(ctx); err != nil {
		s.Log.Warn("ending workers", "err", err)
	}
	s.tables.Close()
}

// screen draws what the explorer shows; nil where nothing is opened.
func (s *Site) screen() *screen.Pages {
	if s.Engine == nil {
		return nil
	}
	return screen.New(screen.Deps{DB: s.DB, Explore: s.Explore, Engine: s.Engine, Ask: askAbout, Facts: catalog.Troubles, Told: toldOf, Make: makeTool, Made: toolsMade, Correct: exploreoffice.ColumnsPath})
}

// exploreOffice is where people of an institution say what its tables are, and what of them is
// shown.
func (s *Site) exploreOffice() *exploreoffice.Pages {
	return exploreoffice.New(exploreoffice.Deps{DB: s.DB, Explore: s.Explore, Of: catalog.ResourcesOf, Report: disclosure.PathOf})
}

// tablesAPI mounts what programs ask about tables, and says where that is; nil where nothing
// is opened.
func (s *Site) tablesAPI(a *api.API, shell *web.Shell) func(resource string) *readapi.Tables {
	if s.Engine == nil {
		return nil
	}
	exploreapi.Mount(a, exploreapi.Deps{DB: s.DB, Explore: s.Explore, Engine: s.Engine, Shell: shell})
	return func(resource string) *readapi.Tables {
		links := readapi.Tables(exploreapi.LinksOf(shell.URL, resource, ""))
		return &links
	}
}

// tiles mounts the squares of resources for interactive maps; none where nothing is opened.
func (s *Site) tiles(shell *web.Shell) error {
	if s.Engine == nil {
		return nil
	}
	return tiles.Mount(shell, tiles.Deps{Explore: s.Explore, Engine: s.Engine})
}

// askAbout is the form of a question or report about a place in a table. What is reported
// of a problem or a cell is an error in data; of a column one may ask as well.
func askAbout(p screen.Pointer) string {
	v := url.Values{"objeto": {catalog.KindResource + ":" + p.Resource}}
	set := func(name, value string) {
		if value != "" {
			v.Set(name, value)
		}
	}
	if p.Code != "" || p.Row > 0 {
		v.Set("clase", string(cases.Quality))
	}
	view, err := url.Parse(p.View)
	if err != nil {
		view = &url.URL{}
	}
	seen := view.Query()
	if p.Row > 0 { // a row is the same in every view
		seen = url.Values{}
		seen["hoja"] = view.Query()["hoja"]
		v.Set("fila", strconv.FormatInt(p.Row, 10))
	}
	set("columna", p.Column)
	if p.Version > 0 {
		v.Set("version", strconv.Itoa(p.Version))
	}
	set("vista", seen.Encode())
	set("problema", p.Code)
	set("titulo", p.Subject)
	set("texto", p.Text)
	return cases.AskPath + "?" + v.Encode()
}

// toldOf are the public cases about places in a resource's file.
func toldOf(tx *db.Tx, resource string) ([]screen.Told, error) {
	list, err := cases.AtPlaces(tx, plaza.Ref{Kind: catalog.KindResource, ID: resource})
	out := make([]screen.Told, len(list))
	for i, c := range list {
		out[i] = screen.Told{Title: c.Title, Path: c.Path, Column: c.Column, Row: c.Row}
	}
	return out, err
}

// spot is where a case points to, as it may be looked at now: in the version that was
// looked at while its files are there.
func (s *Site) spot(tx *db.Tx, on cases.On) (cases.Spot, error) {
	if s.Engine == nil || on.Ref.Kind != catalog.KindResource {
		return cases.Spot{}, nil
	}
	r, err := explored{}.Resource(tx, on.Ref.ID)
	if err != nil {
		return cases.Spot{}, unlessGone(err)
	}
	now, err := explore.Current(tx, r.ID)
	if err != nil {
		return cases.Spot{}, unlessGone(err)
	}
	v, err := url.ParseQuery(on.View)
	if err != nil {
		v = url.Values{}
	}
	hidden, err := explore.HidingOf(tx, r)
	if err != nil {
		return cases.Spot{}, err
	}
	if !hidden.Plain() { // what was typed of a column may be what nobody may see by now
		v = url.Values{"hoja": v["hoja"]}
	}
	for _, name := range []string{"ver", "columna", "version"} {
		v.Del(name)
	}
	if on.Version > 0 && on.Version != now.Number {
		old, err := explore.ByNumber(tx, r.ID, on.Version)
		if err != nil || !old.Expired.IsZero() || old.State != explore.Good {
			return cases.Spot{}, unlessGone(err)
		}
		v.Set("version", strconv.Itoa(on.Version))
	}
	out := cases.Spot{Path: r.Path + "?" + v.Encode()}
	if n, err := strconv.ParseInt(on.Row, 10, 64); err == nil && n > 0 && on.Version > 0 {
		out.Path = r.Path + "/filas/" + strconv.FormatInt(n, 10) + "?" + v.Encode()
	} else if on.Column != "" {
		v.Set("columna", on.Column)
		out.Path = r.Path + "?" + v.Encode() + "#columna"
	}
	out.Path = strings.TrimSuffix(out.Path, "?")
	if on.Code == "" || on.Version == 0 || now.Number <= on.Version {
		return out, nil
	}
	shows, err := s.shows(tx, r, now, hidden, on)
	if err == nil && !shows {
		out.Mended = now.Number
	}
	return out, err
}

// shows reports whether a version has the problem that a case is about. Nobody learns that
// of a column that is hidden.
func (s *Site) shows(tx *db.Tx, r explore.Resource, v explore.Version, h explore.Hiding, on cases.On) (bool, error) {
	if h.File {
		return true, nil
	}
	p, err := s.Explore.Profile(tx.Context(), v)
	if err != nil {
		return true, unlessGone(err)
	}
	list := append(slices.Clone(p.Problems), v.Problems()...)
	for _, t := range p.Tables {
		if c := t.Column(on.Column); c != nil && (h.Withheld(*c) || h.Suspected(*c)) {
			return true, nil
		}
		list = append(list, t.Problems...)
	}
	facts, err := catalog.Troubles(tx, r.ID)
	list = append(list, facts...)
	return slices.ContainsFunc(list, func(p tabular.Problem) bool { return p.Code == on.Code && p.Column == on.Column }), err
}

// unlessGone is an error unless it says that there is nothing.
func unlessGone(err error) error {
	if err != nil && plaza.KindOf(err) == plaza.NotFound {
		return nil
	}
	return err
}

// opened draws a resource's explorer on its page.
func (s *Site) opened(screens *screen.Pages) func(r *http.Request, page web.Page, resource string) (catalog.Opened, error) {
	if screens == nil {
		return nil
	}
	return func(r *http.Request, page web.Page, resource string) (catalog.Opened, error) {
		drawn, err := screens.Draw(r, page, resource)
		return catalog.Opened(drawn), err
	}
}

// openTables tells the catalogue which resources open as tables.
func (s *Site) openTables(screens *screen.Pages) func(tx *db.Tx, resources []catalog.Resource) (map[string]catalog.Shape, error) {
	if screens == nil {
		return nil
	}
	return func(tx *db.Tx, resources []catalog.Resource) (map[string]catalog.Shape, error) {
		ids := make([]string, len(resources))
		for i, r := range resources {
			ids[i] = r.ID
		}
		known, err := explore.ShapesOf(tx, ids)
		if err != nil {
			return nil, err
		}
		out := map[string]catalog.Shape{}
		for _, r := range resources {
			if k := known[r.ID]; r.Withheld.IsZero() && !k.Closed && (k.Columns > 0 || slices.Contains(tableFormats, r.Format)) {
				out[r.ID] = catalog.Shape{Rows: k.Rows, Columns: k.Columns}
			}
		}
		return out, nil
	}
}

// noticed has a file opened again when the link check saw another than the explorer has.
func (s *Site) noticed(tx *db.Tx, l catalog.Link, c catalog.Check) error {
	if s.Engine == nil {
		return nil
	}
	_, err := s.Explore.Noticed(tx, l.ResourceID, explore.Head{ETag: c.ETag, LastModified: c.LastModified, Size: c.Size, URL: l.URL})
	return err
}

// explored tells the explorer of the catalogue's resources.
type explored struct{}

// tableFormats are those that may be tables, as the catalogue calls them.
var tableFormats = []string{"CSV", "TSV", "XLSX", "ODS", "JSON", "JSONL", "GEOJSON", "TOPOJSON", "SHP", "KML", "KMZ", "PARQUET", "XML", "ZIP", "GZIP"}

func (explored) Newest(tx *db.Tx, limit int) ([]string, error) {
	return catalog.NewestOf(tx, tableFormats, limit)
}

func (explored) Resource(tx *db.Tx, id string) (explore.Resource, error) {
	r, err := catalog.ResourceByID(tx, id)
	if err != nil {
		if plaza.KindOf(err) == plaza.NotFound {
			err = plaza.E(plaza.NotFound, "catalog.error.no_resource")
		}
		return explore.Resource{}, err
	}
	d, err := catalog.ByID(tx, r.DatasetID)
	if err != nil {
		return explore.Resource{}, err
	}
	license := r.License
	if license == (dcat.License{}) {
		license = d.License
	}
	out := explore.Resource{ID: r.ID, Describes: describes(d, r), Dataset: d.ID, Source: d.SourceID, Title: r.Title, Slug: d.Slug, Path: d.ResourcePath(r), URL: r.URL(), Format: r.Format,
		Institution: d.InstitutionID, Collection: d.Title, License: license.Title, LicenseURL: license.URL, Open: license.Open(), Gone: !r.RemovedAt.IsZero() || d.State != catalog.Published,
		Withheld: r.Withheld, Dictionary: map[string]string{}}
	if out.Title == "" {
		out.Title = d.Title
	}
	if d.InstitutionID != "" {
		found, err := institution.ByIDs(tx, []string{d.InstitutionID})
		if err != nil {
			return out, err
		}
		out.Publisher = found[d.InstitutionID].Name
	}
	for _, f := range r.Fields {
		if words := cmp.Or(f.Description, f.Title); words != "" {
			out.Dictionary[text.Fold(f.Name)] = words
		}
	}
	return out, nil
}
