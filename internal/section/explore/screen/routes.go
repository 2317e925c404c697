package screen

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"plaza/internal/base/blob"
	"plaza/internal/base/db"
	"plaza/internal/base/tabular"
	"plaza/internal/base/tabular/child"
	"plaza/internal/base/tabular/form"
	"plaza/internal/base/tabular/query"
	"plaza/internal/base/web"
	"plaza/internal/civic/access"
	"plaza/internal/plaza"
	"plaza/internal/section/explore"
)

// resourcePath is the page of a resource, under which these routes lie.
const resourcePath = "/datos/{dataset}/recursos/{resource}"

func (p *Pages) routes(shell *web.Shell) {
	see := string(access.ExploreSee)
	shell.Handle("GET "+resourcePath+"/filas/{row}", web.Route{Name: "explore.row", Action: see, Cache: web.Public}, p.row)
	shell.Handle("GET "+resourcePath+"/descargar", web.Route{Name: "explore.download", Action: see, Stream: true, Open: true}, p.download)
	shell.Handle("GET "+resourcePath+"/original", web.Route{Name: "explore.original", Action: see, Stream: true, Open: true}, p.original)
	shell.Handle("GET "+resourcePath+"/avance", web.Route{Name: "explore.progress", Action: see, Stream: true}, p.progress)
	shell.Handle("GET "+resourcePath+"/datapackage.json", web.Route{Name: "explore.package", Action: see, Cache: web.Public, Open: true}, p.dataPackage)
	shell.Handle("GET "+resourcePath+"/comparar", web.Route{Name: "explore.compare", Action: see, Cache: web.Public}, p.compare)
	shell.Handle("GET "+resourcePath+"/comparar/avance", web.Route{Name: "explore.compare_progress", Action: see, Stream: true}, p.compareProgress)
	shell.Handle("POST "+resourcePath+"/comparar", web.Route{Name: "explore.compare_rows", Action: see}, p.wantCompared)
	shell.Handle("POST "+resourcePath+"/abrir", web.Route{Name: "explore.retry", Action: see}, p.retry)
	shell.Handle("POST "+resourcePath+"/cancelar", web.Route{Name: "explore.cancel", Action: string(access.ExploreCorrect)}, p.cancel)
}

// opened opens the view that an address names, with the question that it asks.
func (p *Pages) opened(r *http.Request, page web.Page) (*looking, error) {
	l := &looking{view: &view{Page: page, at: addressOf(r.URL)}, ctx: r.Context()}
	open, err := p.Explore.Open(r.Context(), r.PathValue("resource"), l.at.version)
	if err != nil {
		return nil, err
	}
	l.open = open
	l.sheet = max(l.at.sheet, 1) - 1
	if l.table, err = open.Table(r.Context(), l.sheet); err != nil {
		open.Close()
		return nil, err
	}
	shown := query.Visible(l.table.Profile, l.table.Hidden)
	l.t = &shown
	l.at.path = open.Resource.Path
	return l, nil
}

// rowPage is all of one row.
type rowPage struct {
	web.Page
	Number     string
	Cells      []rowCell
	Prev, Next string
	Back       string
	Title      string
	Told       []web.NavLink // public cases about this row
	Old        *web.Notice   // of an old version
}

// rowCell is one cell of a row, with its column.
type rowCell struct {
	N    int // its place in the row, from 1
	Head headView
	Cell cellView
	Same string // address of the rows with this value, "" where that makes no sense
	Ask  string
}

func (p *Pages) row(w http.ResponseWriter, r *http.Request) error {
	page := &rowPage{Page: p.shell.Page(r, "")}
	n, err := strconv.ParseInt(r.PathValue("row"), 10, 64)
	if err != nil || n < 1 {
		return plaza.E(plaza.NotFound, "explore.row.none")
	}
	l, err := p.opened(r, page.Page)
	if err != nil {
		return err
	}
	defer l.open.Close()
	found, err := p.Engine.Row(r.Context(), l.table, n)
	if plaza.KindOf(err) == plaza.NotFound && err != nil {
		return plaza.E(plaza.NotFound, "explore.row.none")
	}
	if err != nil {
		return err
	}
	page.Title = l.open.Resource.Title
	page.Page.Title = page.L.T("explore.row.title", "row", page.L.Number(n), "resource", l.open.Resource.Title)
	page.Description = page.Page.Title
	page.Number = page.L.Number(n)
	page.Crumbs = []web.Crumb{{Title: l.open.Resource.Title, Path: l.open.Resource.Path}}
	page.Canonical = l.at.rowPath(strconv.FormatInt(n, 10))
	page.Back = l.link(tabular.Query{Key: &tabular.Position{Row: n - 1}}) + "#tabla"
	if n > 1 {
		page.Prev = l.at.rowPath(strconv.FormatInt(n-1, 10))
	}
	if n < l.t.Rows {
		page.Next = l.at.rowPath(strconv.FormatInt(n+1, 10))
	}
	page.Old = l.old()
	for i, cell := range found.Rows[0] {
		c := *l.t.Column(found.Columns[i])
		one := rowCell{N: i + 1, Head: l.head(c.Name), Cell: cellOf(page.L, c, cell, true), Ask: l.ask(p, c.Name, n, "")}
		if !cell.Odd && !cell.Null && c.Type != tabular.Geometry && len(cell.Text) < query.MaxValue {
			one.Same = l.link(and(tabular.Query{}, tabular.Condition{Column: c.Name, Op: tabular.Is, Values: []string{cell.Text}})) + "#tabla"
		}
		page.Cells = append(page.Cells, one)
	}
	if page.Told, err = l.tellRow(p, n); err != nil {
		return err
	}
	return p.shell.Render(w, r, http.StatusOK, "explore/row", page)
}

// download sends the view's rows or groups in a form. What goes wrong before the first byte is an
// error page; later the connection is cut, so that half a file does not look whole.
func (p *Pages) download(w http.ResponseWriter, r *http.Request) error {
	l, err := p.opened(r, p.shell.Page(r, ""))
	if err != nil {
		return err
	}
	defer l.open.Close()
	x, err := p.export(l, r.URL.Query())
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", form.MediaType(x.Form))
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": form.Name(x.About, x.Form)}))
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	h.Set("X-Robots-Tag", "noindex")
	if known(w, r, l, x) || r.Method == http.MethodHead {
		return nil
	}
	return p.Engine.Export(r.Context(), l.table, x, w)
}

// export is what an address asks to be written.
func (p *Pages) export(l *looking, values url.Values) (x child.Export, err error) {
	x.Form = child.Form(values.Get("forma"))
	q, wrong := query.Parse(values, *l.t)
	if err := wrong.Err("explore.mistakes"); err != nil {
		return x, err
	}
	if !slices.Contains(leaving, x.Form) || query.Grouped(q) && !l.leaves(q, x.Form) {
		return x, plaza.E(plaza.Invalid, "explore.error.form")
	}
	q.Key, q.Limit = nil, 0
	x.Query, x.BOM, x.About = q, values.Get("bom") == "1", p.aboutFile(l, q)
	return x, nil
}

// leaving are the forms in which rows may be had.
var leaving = append(slices.Clone(forms), child.Arrow)

// known marks an answer with the version, the question and who may not see what, and
// reports whether the reader has it already. The mark is weak: two files of one answer may
// differ in when they were packed.
func known(w http.ResponseWriter, r *http.Request, l *looking, x child.Export) bool {
	v := l.open.Version
	sum := sha256.Sum256(fmt.Appendf(nil, "%q", []any{l.t.Parquet.SHA256, v.Number, v.SHA256, query.Canonical(x.Query), x.Query.Columns, x.Form, x.BOM, l.table.Hidden, x.About}))
	tag := `W/"` + hex.EncodeToString(sum[:12]) + `"`
	h := w.Header()
	h.Set("ETag", tag)
	h.Set("Last-Modified", v.Fetched.UTC().Format(http.TimeFormat))
	h.Set("Cache-Control", "public, no-cache")
	for one := range strings.SplitSeq(r.Header.Get("If-None-Match"), ",") {
		if one = strings.TrimSpace(one); one == tag || one == "*" || "W/"+one == tag {
			h.Del("Content-Disposition")
			w.WriteHeader(http.StatusNotModified)
			return true
		}
	}
	return false
}

// aboutFile is what a file says of where it comes from.
func (p *Pages) aboutFile(l *looking, q tabular.Query) map[string]string {
	res, v := l.open.Resource, l.open.Version
	about := map[string]string{form.Institution: res.Publisher, form.Origin: v.URL, form.Dataset: res.Slug, form.Table: l.t.Name, form.Date: v.Fetched.In(l.L.Zone()).Format(time.DateOnly),
		form.Licence: res.License, form.Address: p.shell.URL(l.link(q, without("ver"), without("columna"))), form.Language: l.L.Lang()}
	if filter := query.Canonical(q); filter != query.Canonical(tabular.Query{}) {
		about[form.Filter] = filter
	}
	return about
}

// original sends the file as it was published, or the part of it that a reader lacks.
func (p *Pages) original(w http.ResponseWriter, r *http.Request) error {
	at := addressOf(r.URL)
	open, err := p.Explore.Open(r.Context(), r.PathValue("resource"), at.version)
	if err != nil {
		return err
	}
	defer open.Close()
	if !open.Hiding.Plain() {
		return plaza.E(plaza.Forbidden, "explore.error.withheld")
	}
	content, err := blob.NewReader(r.Context(), p.Explore.Blob, open.Version.SHA256)
	if err != nil {
		return err
	}
	defer content.Close()
	h := w.Header()
	h.Set("Content-Type", "application/octet-stream")
	h.Set("ETag", `"`+open.Version.SHA256+`"`)
	h.Set("Cache-Control", "public, no-cache")
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": open.Version.Name}))
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	h.Set("X-Robots-Tag", "noindex")
	http.ServeContent(w, r, "", open.Version.Fetched, content)
	return nil
}

// tick is how often progress is told.
const tick = time.Second

// event is what a page is told of a conversion.
type event struct {
	Done  int    `json:"done"`
	Total int    `json:"total"`
	Note  string `json:"note,omitempty"`
	End   bool   `json:"end"`
}

// longest is how many times one connection is told: who is still there asks again.
const longest = 600

// progress tells how far a conversion is: once, or to who asks for events until it has
// ended or they leave.
func (p *Pages) progress(w http.ResponseWriter, r *http.Request) error {
	l, resource := p.shell.Printer(r), r.PathValue("resource")
	return p.tell(w, r, func(tx *db.Tx) (e event, err error) {
		s, err := explore.StatusOf(tx, resource)
		e.End = s.Stage != explore.StageRunning && s.Stage != explore.StageWaiting
		if !e.End {
			words := ProgressOf(l, s)
			e.Done, e.Total, e.Note = words.Done, words.Total, words.Note
		}
		return e, err
	})
}

// tell sends an event each moment, until one says that it is the last or its reader leaves.
func (p *Pages) tell(w http.ResponseWriter, r *http.Request, look func(tx *db.Tx) (event, error)) error {
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	control := http.NewResponseController(w)
	follows := strings.Contains(r.Header.Get("Accept"), "text/event-stream")
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	for range longest {
		var e event
		if err := p.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
			e, err = look(tx)
			return err
		}); err != nil {
			return err
		}
		text, err := json.Marshal(e)
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(w, "data: %s\n\n", text); err != nil {
			return err
		}
		if err := control.Flush(); err != nil && !errors.Is(err, http.ErrNotSupported) {
			return err
		}
		if e.End || !follows {
			return nil
		}
		select {
		case <-ticker.C:
		case <-r.Context().Done():
			return nil
		}
	}
	return nil
}

func (p *Pages) retry(w http.ResponseWriter, r *http.Request) error {
	return p.act(w, r, p.Explore.Retry)
}

func (p *Pages) cancel(w http.ResponseWriter, r *http.Request) error {
	return p.act(w, r, p.Explore.Cancel)
}

// act does something about a resource's conversion and goes back to its page.
func (p *Pages) act(w http.ResponseWriter, r *http.Request, do func(tx *db.Tx, resource string) error) error {
	resource := r.PathValue("resource")
	var to string
	if err := p.DB.Write(r.Context(), func(tx *db.Tx) error {
		res, err := p.Explore.Resources.Resource(tx, resource)
		if err != nil {
			return err
		}
		to = res.Path
		return do(tx, resource)
	}); err != nil {
		return err
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}
