package record

import (
	"embed"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/i18n"
	"plaza/internal/base/web"
	"plaza/internal/plaza"
)

// Locale holds the sentences of this package, in Spanish and English.
//
//go:embed locale/*.json
var Locale embed.FS

//go:embed templates/*.html
var templates embed.FS

// Where a site publishes its newest checkpoint and the keys that check it, beside its
// export, which is ExportPath.
const (
	ExportPath = "/bitacora.jsonl"
	NotePath   = "/bitacora/comprobacion.txt"
	KeysPath   = "/bitacora/llave.txt"
)

// action is what reading the record asks for, as package access names it.
const action = "record.read"

// pageSize is how many entries a page shows; shownCheckpoints how many checkpoints.
const (
	pageSize         = 50
	shownCheckpoints = 60
)

// Choice is an institution that entries can be filtered by.
type Choice struct {
	ID, Slug, Name string
	Was            []string // slugs of before, which addresses may have
}

// PagesConfig is what the record's pages need.
type PagesConfig struct {
	DB    *db.DB
	Cards Cards
	// Institutions lists those that have entries to be filtered by, by name.
	Institutions func(tx *db.Tx) ([]Choice, error)
	// PublicKey checks the notes that are signed now, in the note format; "" when
	// nothing is signed. Those that were signed before have their keys in the store.
	PublicKey string
}

// Pages are the bitácora's pages and downloads.
type Pages struct {
	PagesConfig
	shell *web.Shell
}

// NewPages makes the pages.
func NewPages(cfg PagesConfig) *Pages { return &Pages{PagesConfig: cfg} }

// Mount registers the pages.
func (p *Pages) Mount(shell *web.Shell) error {
	p.shell = shell
	if err := shell.Templates("record", templates, web.Pages{"log": logPage{}, "checkpoints": checkpointsPage{}}); err != nil {
		return fmt.Errorf("the record's templates: %w", err)
	}
	shell.Handle("GET /bitacora", web.Route{Name: "record.log", Action: action, Cache: web.Public}, p.log)
	shell.Handle("GET "+ExportPath, web.Route{Name: "record.export", Action: action, Stream: true, Open: true}, p.export)
	// Checkpoints are signed without an entry of their own, so that no cache hears of them.
	shell.Handle("GET /bitacora/comprobaciones", web.Route{Name: "record.checkpoints", Action: action}, p.checkpoints)
	shell.Handle("GET "+NotePath, web.Route{Name: "record.note", Action: action, Open: true}, p.note)
	shell.Handle("GET "+KeysPath, web.Route{Name: "record.key", Action: action, Open: true}, p.key)
	shell.Nav(web.Item{Key: "record.nav", Path: "/bitacora", Icon: "scroll-text"})
	return nil
}

// logPage is a page of the record.
type logPage struct {
	web.Page
	Kinds        []web.Option
	Institutions []web.Option
	Asked        asked
	Entries      []Sentence
	Pager        web.Pager
	Download     string
	Empty        *web.Empty
	Clear        bool
	About        string // what the filter's object is called
}

// asked is what an address asks for, as it stands there.
type asked struct {
	Act, Institution, From, To, Object string
	Before                             int64
}

func readAsked(r *http.Request) asked {
	text := func(name string) string { return web.QueryText(r, name, 100) }
	a := asked{Act: text("acto"), Institution: text("institucion"), From: text("desde"), To: text("hasta"), Object: text("objeto")}
	a.Before, _ = strconv.ParseInt(text("antes"), 10, 64) // anything else is the newest
	return a
}

// values are the address's, without the place in the record.
func (a asked) values() url.Values {
	q := url.Values{}
	for name, v := range map[string]string{"acto": a.Act, "institucion": a.Institution, "desde": a.From, "hasta": a.To, "objeto": a.Object} {
		if v != "" {
			q.Set(name, v)
		}
	}
	return q
}

func (a asked) path(base string, before int64) string {
	q := a.values()
	if before > 0 {
		q.Set("antes", strconv.FormatInt(before, 10))
	}
	if len(q) == 0 {
		return base
	}
	return base + "?" + q.Encode()
}

// filter makes a Filter; what makes no sense is dropped from a as well, so that the
// form shows what was done. An institution that is not known finds nothing.
func (a *asked) filter(l *i18n.Printer, institutions []Choice) Filter {
	f := Filter{Before: max(a.Before, 0)}
	if strings.Trim(a.Act, "abcdefghijklmnopqrstuvwxyz_.") == "" {
		f.Verb = a.Act
	} else {
		a.Act = ""
	}
	if kind, id, ok := strings.Cut(a.Object, ":"); ok && kind != "" && id != "" {
		f.Object = plaza.Ref{Kind: kind, ID: id}
	} else {
		a.Object = ""
	}
	if a.Institution != "" {
		f.Institution = "-"
		for _, i := range institutions {
			if i.Slug == a.Institution || slices.Contains(i.Was, a.Institution) {
				f.Institution, a.Institution = i.ID, i.Slug
				break
			}
		}
	}
	day := func(s *string) time.Time {
		t, err := time.ParseInLocation(time.DateOnly, *s, l.Zone())
		if err != nil || t.Year() < 1 || t.Year() > 9998 {
			*s = ""
			return time.Time{}
		}
		return t
	}
	f.From = day(&a.From)
	if to := day(&a.To); !to.IsZero() {
		f.To = to.AddDate(0, 0, 1) // that day included
	}
	return f
}

func (p *Pages) log(w http.ResponseWriter, r *http.Request) error {
	page := &logPage{Page: p.shell.Page(r, p.shell.Printer(r).T("record.title")), Asked: readAsked(r)}
	l := page.L
	var entries []Entry
	var choices []Choice
	err := p.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
		if choices, err = p.Institutions(tx); err != nil {
			return err
		}
		f := page.Asked.filter(l, choices)
		if entries, err = Latest(tx, f, pageSize+1); err != nil {
			return err
		}
		more := len(entries) > pageSize
		entries = entries[:min(len(entries), pageSize)]
		if more {
			page.Pager.Next = page.Asked.path("/bitacora", entries[len(entries)-1].Seq)
		}
		page.Entries, err = Sentences(tx, l, page.Now, p.Cards, entries)
		return err
	})
	if err != nil {
		return err
	}
	page.Pager.L = l
	if page.Asked.Before > 0 {
		page.Pager.Prev = page.Asked.path("/bitacora", 0)
	}
	p.fillLog(page, choices)
	return p.shell.Render(w, r, http.StatusOK, "record/log", page)
}

func (p *Pages) fillLog(page *logPage, choices []Choice) {
	l := page.L
	page.Description = l.T("record.lead")
	page.Canonical = page.Asked.path("/bitacora", page.Asked.Before)
	page.NoIndex = page.Asked != (asked{})
	page.Download = page.Asked.path(ExportPath, 0)
	page.Alternates = []web.Alternate{{Type: "application/jsonl", Path: ExportPath, Title: l.T("record.download")}}
	page.Clear = len(page.Asked.values()) > 0
	page.Kinds = []web.Option{{Label: l.T("record.filter.all_acts")}}
	listed := false
	for _, k := range kinds {
		page.Kinds = append(page.Kinds, web.Option{Value: k, Label: l.T("record.filter.act." + strings.TrimSuffix(k, "."))})
		listed = listed || k == page.Asked.Act
	}
	if !listed && page.Asked.Act != "" {
		page.Kinds = append(page.Kinds, web.Option{Value: page.Asked.Act, Label: page.Asked.Act})
	}
	page.Institutions = []web.Option{{Label: l.T("record.filter.all_institutions")}}
	for _, c := range choices {
		page.Institutions = append(page.Institutions, web.Option{Value: c.Slug, Label: c.Name})
	}
	if page.Asked.Object != "" && len(page.Entries) > 0 {
		page.About = page.Entries[0].Title
	}
	if len(page.Entries) == 0 {
		page.Empty = &web.Empty{Title: l.T("record.empty"), Text: l.T("record.empty.text")}
		if page.Asked != (asked{}) {
			page.Empty = &web.Empty{Title: l.T("record.none"), Text: l.T("record.none.text"),
				Links: []web.NavLink{{Label: l.T("record.filter.clear"), Path: "/bitacora", Icon: "scroll-text"}}}
		}
	}
}

// kinds are the acts that the form offers, whole families with a dot.
var kinds = []string{"dataset.", "dataset.added", "dataset.changed", "dataset.absent", "dataset.late", "resource.",
	"institution.", "institution.succeeded", "unit.", "comment.", "moderation.", "account.", "invitation.", "source.", "publisher_rule.", "settings.", "mail.", "job."}

// export streams entries as JSON Lines, oldest first.
func (p *Pages) export(w http.ResponseWriter, r *http.Request) error {
	a := readAsked(r)
	var choices []Choice
	if a.Institution != "" {
		if err := p.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
			choices, err = p.Institutions(tx)
			return err
		}); err != nil {
			return err
		}
	}
	f := a.filter(p.shell.Printer(r), choices)
	f.Before = 0
	w.Header().Set("Content-Type", "application/jsonl; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="bitacora.jsonl"`)
	if r.Method == http.MethodHead {
		w.WriteHeader(http.StatusOK)
		return nil
	}
	return Export(r.Context(), p.DB, f, w)
}

// checkpointsPage shows what was signed and how to check it.
type checkpointsPage struct {
	web.Page
	Keys        web.Copy
	Latest      web.Copy
	Command     web.Copy
	Checkpoints []checkpointLine
}

type checkpointLine struct {
	At, ISO string
	Seq     int64
	Hash    string
}

func (p *Pages) checkpoints(w http.ResponseWriter, r *http.Request) error {
	page := &checkpointsPage{Page: p.shell.Page(r, p.shell.Printer(r).T("record.checkpoints"))}
	var list []Checkpoint
	var keys []string
	if err := p.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
		if keys, err = p.keys(tx); err != nil {
			return err
		}
		list, err = Checkpoints(tx, shownCheckpoints)
		return err
	}); err != nil {
		return err
	}
	l := page.L
	page.Description = l.T("record.checkpoints.lead")
	page.Crumbs = []web.Crumb{{Title: l.T("record.nav"), Path: "/bitacora"}}
	page.Keys = web.Copy{L: l, ID: "llave", Text: strings.Join(keys, "\n")}
	page.Command = web.Copy{L: l, ID: "orden", Text: "plaza bitacora verify " + page.URL(ExportPath)}
	for i, c := range list {
		if i == 0 {
			page.Latest = web.Copy{L: l, ID: "nota", Text: strings.TrimSpace(c.Note)}
		}
		page.Checkpoints = append(page.Checkpoints, checkpointLine{l.DateTime(c.At), l.ISO(c.At), c.Seq, c.Hash})
	}
	return p.shell.Render(w, r, http.StatusOK, "record/checkpoints", page)
}

// note answers with the newest signed note, as it was signed.
func (p *Pages) note(w http.ResponseWriter, r *http.Request) error {
	var c Checkpoint
	if err := p.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
		c, err = LastCheckpoint(tx)
		return err
	}); err != nil {
		if plaza.KindOf(err) == plaza.NotFound {
			return &plaza.Error{Kind: plaza.NotFound, Key: "record.error.no_checkpoint", Cause: err}
		}
		return err
	}
	return plainText(w, c.Note)
}

// key answers with the keys that check notes, newest first, one a line.
func (p *Pages) key(w http.ResponseWriter, r *http.Request) error {
	var keys []string
	if err := p.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
		keys, err = p.keys(tx)
		return err
	}); err != nil {
		return err
	}
	if len(keys) == 0 {
		return plaza.E(plaza.NotFound, "record.error.no_key")
	}
	return plainText(w, strings.Join(keys, "\n")+"\n")
}

// keys are the one that signs now, whether or not it has yet, and those before it.
func (p *Pages) keys(tx *db.Tx) ([]string, error) {
	keys, err := Keys(tx)
	if err != nil || p.PublicKey == "" {
		return keys, err
	}
	keys = slices.DeleteFunc(keys, func(k string) bool { return k == p.PublicKey })
	return slices.Insert(keys, 0, p.PublicKey), nil
}

func plainText(w http.ResponseWriter, s string) error {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, err := w.Write([]byte(s))
	return err
}
