package score

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"plaza/internal/base/db"
	"plaza/internal/base/i18n"
	"plaza/internal/base/web"
	"plaza/internal/civic/access"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
	"plaza/internal/section/cases"
)

// Path is the page of all institutions' figures.
const Path = "/cumplimiento/respuestas"

// How the two that are no institution are named in addresses: no slug begins so.
const (
	slugAll     = "_todas"
	slugCentral = "_coordinacion"
)

// Mount registers the pages.
func (s *Scores) Mount(shell *web.Shell) error {
	s.shell = shell
	if err := shell.Templates("score", templates, web.Pages{
		"scores": scorePage{}, "cases": casesPage{}, "part": fragment{}}); err != nil {
		return fmt.Errorf("the templates of the figures: %w", err)
	}
	route := func(name string) web.Route {
		return web.Route{Name: "score." + name, Action: string(access.CaseRead), Cache: web.Public}
	}
	shell.Handle("GET "+Path, route("all"), s.all)
	shell.Handle("GET "+Path+"/{institution}", route("one"), s.one)
	shell.Handle("GET "+Path+"/{institution}/casos", route("cases"), s.cases)
	shell.Handle("GET "+Path+"/atom.xml", route("feed"), s.feed)
	open := route("csv")
	open.Open, open.Stream = true, true
	shell.Handle("GET "+Path+".csv", open, s.csv)
	dictionary := route("dictionary")
	dictionary.Open = true
	shell.Handle("GET "+Path+"-diccionario.csv", dictionary, s.dictionary)
	shell.Footer(web.Item{Key: "score.nav", Path: Path})
	return nil
}

// ask is what an address asks for.
type ask struct {
	Slug   string // of an institution, slugCentral or slugAll
	Month  string
	Kind   string
	Sort   string
	Figure Figure
	// Outcome and Side narrow a list of cases.
	Outcome cases.Outcome
	Side    Side
	Band    int    // of ages of what is unanswered, from 1; 0 is any
	After   string // id of the last case of the page before
}

// readAsk reads an address; what makes no sense asks for nothing.
func readAsk(r *http.Request) ask {
	a := ask{Slug: r.PathValue("institution"), Month: web.QueryText(r, "mes", 7), Kind: web.QueryText(r, "clase", 20), Sort: web.QueryText(r, "orden", 20),
		Figure: Figure(web.QueryText(r, "cifra", 20)), Outcome: cases.Outcome(web.QueryText(r, "resultado", 20)),
		Side: Side(web.QueryText(r, "grupo", 10)), After: web.QueryText(r, "despues", 40)}
	if !knownMonth(a.Month) {
		a.Month = ""
	}
	if !knownKind(a.Kind) {
		a.Kind = ""
	}
	if !slices.Contains(sorts, a.Sort) {
		a.Sort = ""
	}
	if !slices.Contains(FiguresListed, a.Figure) {
		a.Figure = Received
	}
	if !slices.Contains(cases.Outcomes(), a.Outcome) {
		a.Outcome = ""
	}
	if !slices.Contains(Sides, a.Side) {
		a.Side = ""
	}
	if n, err := strconv.Atoi(web.QueryText(r, "edad", 2)); err == nil && n > 0 && n <= len(bands)+1 && a.Figure == Unanswered {
		a.Band = n
	}
	return a
}

// page is the address of figures.
func (a ask) page() string {
	path := Path
	if a.Slug != slugAll && a.Slug != "" {
		path += "/" + url.PathEscape(a.Slug)
	}
	return withQuery(path, "mes", a.Month, "clase", a.Kind, "orden", a.Sort)
}

// list is the address of the cases behind a figure.
func (a ask) list(f Figure) string {
	slug := a.Slug
	if slug == "" {
		slug = slugAll
	}
	band := ""
	if a.Band > 0 && f == Unanswered {
		band = strconv.Itoa(a.Band)
	}
	return withQuery(Path+"/"+url.PathEscape(slug)+"/casos", "cifra", string(f), "mes", a.Month, "clase", a.Kind,
		"resultado", string(a.Outcome), "grupo", string(a.Side), "edad", band, "despues", a.After)
}

func withQuery(path string, pairs ...string) string {
	var parts []string
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			parts = append(parts, pairs[i]+"="+url.QueryEscape(pairs[i+1]))
		}
	}
	if len(parts) == 0 {
		return path
	}
	return path + "?" + strings.Join(parts, "&")
}

// filter chooses the cases that an address asks for; bodies are its institution.
func (a ask) filter(bodies []string) Filter {
	return Filter{Bodies: bodies, Month: a.Month, Kind: cases.Kind(a.Kind), Side: a.Side}
}

// named is an institution, or the coordination, with its names.
type named struct {
	ID, Slug, Name string
}

// central is the coordination.
func central(l *i18n.Printer) named { return named{"", slugCentral, l.T("access.role.admin")} }

// bodyOf is whose figures an address asks for; a slug that was given up gives the name
// that holds now.
func bodyOf(tx *db.Tx, l *i18n.Printer, slug string) (named, institution.Institution, error) {
	if slug == slugCentral {
		return central(l), institution.Institution{}, nil
	}
	i, err := institution.BySlug(tx, slug)
	if err != nil && plaza.KindOf(err) == plaza.NotFound {
		return named{}, i, plaza.E(plaza.NotFound, "score.error.institution")
	}
	return named{i.ID, i.Slug, i.Name}, i, err
}

// scorePage is the figures of all, or of one institution.
type scorePage struct {
	web.Page
	Lead    string
	Action  string // of the form that narrows it
	Month   string
	Kind    string
	Months  []web.Option
	Kinds   []web.Option
	Summary []stat
	Empty   *web.Empty
	Notes   []string
	Parts   []part // charts with their tables
	Rules   []string
	Terms   string
	AsOf    string
	CSV     string
	Words   string // address of the dictionary
	API     string
	Feed    string
}

// stat is one large figure with its sample.
type stat struct {
	Number, Label, Note, Path string
}

// part is a table, with a chart of it where it has one.
type part struct {
	L     *i18n.Printer
	ID    string
	Title string
	Note  string
	Chart *chart
	Head  []head
	Rows  [][]cell
	More  *web.NavLink
}

// head is the head of a column; Path sorts by it.
type head struct {
	Text, Path string
	Number     bool
	Sorted     bool
}

// cell is one of a table; the first of each row is the row's head.
type cell struct {
	Text, Path string
	Number     bool
	Label      string // the head of its column, for phones
}

// all is the page of all institutions.
func (s *Scores) all(w http.ResponseWriter, r *http.Request) error {
	a := readAsk(r)
	a.Slug = slugAll
	page := &scorePage{Page: s.shell.Page(r, s.shell.Printer(r).T("score.title"))}
	if err := s.DB.Read(r.Context(), func(tx *db.Tx) error { return s.fillAll(tx, page, a) }); err != nil {
		return err
	}
	page.Page.Description = page.L.T("score.lead")
	page.Lead = page.L.T("score.lead")
	return s.shell.Render(w, r, http.StatusOK, "score/scores", page)
}

// one is the page of an institution.
func (s *Scores) one(w http.ResponseWriter, r *http.Request) error {
	a := readAsk(r)
	a.Sort = ""
	page := &scorePage{Page: s.shell.Page(r, "")}
	l := page.L
	moved := ""
	if err := s.DB.Read(r.Context(), func(tx *db.Tx) error {
		body, i, err := bodyOf(tx, l, a.Slug)
		if err != nil {
			return err
		}
		if body.Slug != a.Slug {
			a.Slug = body.Slug
			moved = a.page()
			return nil
		}
		page.Title = l.T("score.title.one", "institution", body.Name)
		page.Page.Description = page.Title
		page.Lead = l.T("score.lead.one", "institution", body.Name)
		page.Crumbs = []web.Crumb{{Title: l.T("score.title"), Path: Path}}
		if i.ID != "" {
			page.Crumbs = append([]web.Crumb{{Title: i.Short(), Path: i.Path()}}, page.Crumbs...)
		}
		return s.fillOne(tx, page, a, body)
	}); err != nil {
		return err
	}
	if moved != "" {
		http.Redirect(w, r, moved, http.StatusMovedPermanently)
		return nil
	}
	return s.shell.Render(w, r, http.StatusOK, "score/scores", page)
}

// frame fills what both pages have in common.
func (s *Scores) frame(tx *db.Tx, page *scorePage, a ask) error {
	l := page.L
	page.Canonical = a.page()
	page.NoIndex = a.Month != "" || a.Kind != "" || a.Sort != ""
	page.Action = (ask{Slug: a.Slug}).page()
	page.Month, page.Kind = a.Month, a.Kind
	page.Months = []web.Option{{Value: "", Label: l.T("score.all_months")}}
	known, err := months(tx)
	if err != nil {
		return err
	}
	for _, m := range known {
		page.Months = append(page.Months, web.Option{Value: m, Label: l.PartialDate(m)})
	}
	page.Kinds = []web.Option{{Value: "", Label: l.T("score.all_kinds")}}
	for _, k := range cases.Kinds {
		page.Kinds = append(page.Kinds, web.Option{Value: string(k), Label: l.T("cases.kind." + string(k))})
	}
	terms, err := cases.ReadTerms(tx)
	if err != nil {
		return err
	}
	page.Terms = l.T("score.terms", "version", terms.Version, "acknowledge", terms.Acknowledge, "question", terms.Question,
		"quality", terms.Quality, "request", terms.Request, "reuse", terms.Reuse)
	at, _, err := record.Reached(tx, reading)
	if err != nil {
		return err
	}
	page.AsOf = l.T("score.as_of", "entry", l.Number(at.Seq), "when", l.DateTime(tx.Now))
	for _, rule := range []string{"promise", "month", "closed", "judged", "days", "rank", "few", "sides", "hidden", "comments"} {
		page.Rules = append(page.Rules, l.T("score.rule."+rule, "least", Least))
	}
	page.CSV, page.Words, page.Feed = Path+".csv", Path+"-diccionario.csv", Path+"/atom.xml"
	page.API = apiPath
	if a.Slug != slugAll {
		page.API += "/" + a.Slug
	}
	page.Alternates = []web.Alternate{{Type: "text/csv", Path: page.CSV, Title: l.T("score.csv")}, {Type: "application/atom+xml", Path: page.Feed, Title: l.T("score.feed")}}
	return nil
}
