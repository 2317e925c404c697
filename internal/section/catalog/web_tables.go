package catalog

import (
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"plaza/internal/base/db"
	"plaza/internal/base/i18n"
	"plaza/internal/base/tabular"
	"plaza/internal/base/tabular/place"
	"plaza/internal/base/tabular/query"
	"plaza/internal/base/text"
	"plaza/internal/base/web"
	"plaza/internal/civic/search"
)

// How many tables are shown beside what else was found, and suggested.
const (
	shownTables     = 5
	suggestedTables = 3
)

// noTables keeps tables from what is said of things: they have a group of their own.
var noTables = search.Not(search.In(search.KindFacet, KindResource))

// sought is what somebody typed: words, and columns that were asked for by name.
type sought struct {
	text    string
	columns []string
}

var columnOperator = regexp.MustCompile(`(?i)(?:^|\s)(?:columnas?|columns?)\s*:\s*(?:["“«]([^"”»]*)["”»]?|([^\s"“«]+))`)

// operators reads "columna: precio" and "column: price" out of what somebody typed; a name
// of several words stands in quotes.
func operators(q string) (s sought) {
	s.text = columnOperator.ReplaceAllStringFunc(q, func(one string) string {
		m := columnOperator.FindStringSubmatch(one)
		if name := column(m[1] + m[2]); name != "" {
			s.columns = append(s.columns, name)
		}
		return " "
	})
	s.text = strings.TrimSpace(s.text)
	return s
}

// tablesQuery is the query for tables that hold what somebody typed. The name of a place
// finds those of the whole country too, which do not say each by its name.
func tablesQuery(q string) search.Query {
	s := operators(q)
	out := search.Query{Text: s.text, Facets: []string{search.KindFacet}, Filters: map[string][]string{search.KindFacet: {KindResource}}}
	var all []search.Expr
	for _, name := range s.columns {
		all = append(all, search.Worded(FacetColumn, name))
	}
	if codes := placeCodes()[column(s.text)]; len(codes) > 0 {
		out.Text = ""
		all = append(all, search.Or(search.Says(s.text), search.In(FacetTown, codes...), search.In(FacetPlace, codes...)))
	}
	if len(all) > 0 {
		out.Where = search.And(all...)
	}
	return out
}

// lookInside asks the index for tables that hold what was asked for: some, beside what else
// was found, or for another kind only how many.
func (s *Section) lookInside(ask asksFor, found search.Result) (search.Result, error) {
	if ask.q == "" || ask.tables() {
		return search.Result{}, nil
	}
	q := tablesQuery(ask.q)
	if ask.kind == "" && ask.page <= 1 {
		q.Limit = shownTables
	}
	inside, err := s.Search.Search(q)
	if err != nil {
		return inside, fmt.Errorf("searching tables: %w", err)
	}
	return inside, nil
}

// kindCounts are how much was found of each kind.
func kindCounts(ask asksFor, found, inside search.Result) map[string]int {
	out := map[string]int{}
	for _, c := range found.Facets[search.KindFacet] {
		out[c.Value] = c.Docs
	}
	if inside.Total > 0 {
		out[KindResource] = inside.Total
	}
	return out
}

// held is a table of a resource that holds what was asked for.
type held struct {
	dataset  Dataset
	resource Resource
	inside   Inside
	hit
}

// hit is what of a table matched, and where that is seen.
type hit struct {
	table  int
	column string // its name, "" unless a column matched
	says   string // what the table holds, "" unless a place or value matched
	params url.Values
}

// tables are what was found, with what matched in each.
func (s *Section) tables(tx *db.Tx, q string, found search.Result) ([]held, error) {
	ids := idsOf(found, KindResource)
	insides, err := insidesByID(tx, ids)
	if err != nil || len(insides) == 0 {
		return nil, err
	}
	datasets, err := datasetsOf(tx, ids)
	if err != nil {
		return nil, err
	}
	asked := operators(q)
	var out []held
	for _, id := range ids {
		in, ok := insides[id]
		d, listed := datasets[id]
		if !ok || !listed {
			continue
		}
		r := d.resource(id)
		if r == nil || !r.Withheld.IsZero() || !r.RemovedAt.IsZero() {
			continue
		}
		out = append(out, held{d, *r, in, in.hit(asked, found.Match)})
	}
	return out, nil
}

// datasetsOf are the datasets of resources, by the resource.
func datasetsOf(tx *db.Tx, resources []string) (map[string]Dataset, error) {
	ids, err := db.All(tx, db.Column[string], `SELECT DISTINCT dataset_id FROM resources WHERE id IN (`+db.Placeholders(1, len(resources))+`)`, db.Args(resources)...)
	if err != nil {
		return nil, fmt.Errorf("finding the datasets of tables: %w", err)
	}
	datasets, err := ByIDs(tx, ids)
	out := map[string]Dataset{}
	for _, d := range datasets {
		for _, r := range d.Resources {
			out[r.ID] = d
		}
	}
	return out, err
}

// path is the table's page, narrowed to what matched.
func (h held) path() string {
	path := h.dataset.ResourcePath(h.resource)
	v := url.Values{}
	for name, values := range h.params {
		v[name] = values
	}
	if h.table > 0 {
		v.Set("hoja", strconv.Itoa(h.table+1))
	}
	switch {
	case len(v) == 0:
		return path
	case h.column != "":
		return path + "?" + v.Encode() + "#columna"
	}
	return path + "?" + v.Encode()
}

// title is the resource's, or its dataset's where it has none.
func (h held) title() string { return firstOf(h.resource.Title, h.dataset.Title) }

// tableItems are tables in a list, each with what matched in it.
func (s *Section) tableItems(tx *db.Tx, l *i18n.Printer, q string, found search.Result) ([]web.DatasetItem, error) {
	list, err := s.tables(tx, q, found)
	if err != nil {
		return nil, err
	}
	match := search.MatchOf(operators(q).text)
	var out []web.DatasetItem
	for _, h := range list {
		item := web.DatasetItem{Kind: l.T("catalog.kind.resource"), Title: h.title(), HTML: match.HTML(h.title()), Path: h.path(),
			Lang: foreign(l, h.dataset.Languages), Formats: formatOf(h.resource)}
		switch {
		case h.column != "":
			item.Excerpt = template.HTML(template.HTMLEscapeString(l.T("catalog.table.column", "column", h.column))) //nolint:gosec // escaped
		case h.says != "":
			item.Excerpt = template.HTML(template.HTMLEscapeString(l.T("catalog.table.holds", "value", h.says))) //nolint:gosec // escaped
		}
		item.Facts = append(item.Facts, web.ItemFact{Icon: "database", Label: l.T("catalog.kind.dataset"), Text: h.dataset.Title, Link: h.dataset.Path()})
		if h.table < len(h.inside.Tables) {
			t := h.inside.Tables[h.table]
			item.Facts = append(item.Facts, web.ItemFact{Icon: "list", Text: l.T("catalog.table.rows", "count", t.Rows) + " × " + l.T("catalog.table.columns", "count", t.Wide)})
		}
		out = append(out, item)
	}
	return out, nil
}

func formatOf(r Resource) []string {
	if r.Format == "" {
		return nil
	}
	return []string{r.Format}
}

// suggestTables are tables that hold what somebody types.
func (s *Section) suggestTables(r *http.Request, l *i18n.Printer, q string, most int) ([]suggestion, error) {
	if most <= 0 {
		return nil, nil
	}
	ask := tablesQuery(q)
	ask.AsYouType, ask.Facets, ask.Limit = true, nil, min(most, suggestedTables)
	found, err := s.Search.Search(ask)
	if err != nil {
		return nil, fmt.Errorf("suggesting tables: %w", err)
	}
	var out []suggestion
	err = s.read(r.Context(), func(tx *db.Tx) error {
		list, err := s.tables(tx, q, found)
		for _, h := range list {
			out = append(out, suggestion{h.title(), l.T("catalog.kind.resource"), h.path()})
		}
		return err
	})
	return out, err
}

// hit is what of the tables answers best: a column that was asked for by name, a place, a
// value or a column.
func (in Inside) hit(asked sought, match search.Match) hit {
	for i, t := range in.Tables {
		for _, c := range t.Columns {
			if slices.ContainsFunc(asked.columns, func(name string) bool { return search.InWords(c.Name, name) || search.InWords(c.Label, name) }) {
				return hit{table: i, column: c.Name, params: url.Values{"columna": {c.Name}}}
			}
		}
	}
	if asked.text == "" {
		return hit{}
	}
	if h, ok := in.placeHit(asked.text); ok {
		return h
	}
	best, most := in.wordHit(match)
	if most == 0 { // the name of a place was asked for otherwise than by its words
		best, _ = in.wordHit(search.MatchOf(asked.text))
	}
	return best
}

// wordHit is the column or value of which the most matches, and how much.
func (in Inside) wordHit(match search.Match) (best hit, most int) {
	for i, t := range in.Tables {
		for _, c := range t.Columns {
			if n := max(matched(match, c.Name), matched(match, c.Label)); n > most {
				best, most = hit{table: i, column: c.Name, params: url.Values{"columna": {c.Name}}}, n
			}
			for _, v := range c.Values {
				if n := matched(match, v); n > most {
					best, most = hit{table: i, says: v, params: valueParams(c, v, match)}, n
				}
			}
		}
	}
	return best, most
}

// matched is how many letters of a text match.
func matched(match search.Match, s string) (n int) {
	for _, piece := range match.Marks(s) {
		if piece.Hit {
			n += len(piece.Text)
		}
	}
	return n
}

// valueParams narrow a table to rows like a value: by the words that matched, or where the
// column holds codes, in which no words are looked for, by the value itself.
func valueParams(c InsideColumn, value string, match search.Match) url.Values {
	if c.Coded {
		return url.Values{query.Param(tabular.Condition{Column: c.Name, Op: tabular.Is}): {value}}
	}
	var words []string
	for _, piece := range match.Marks(value) {
		if piece.Hit {
			words = append(words, text.Fold(piece.Text))
		}
	}
	return url.Values{query.ParamSearch: {strings.Join(words, " ")}}
}

// placeHit is the municipality or else the state that a text names and a table holds.
func (in Inside) placeHit(s string) (hit, bool) {
	words := " " + column(s) + " "
	best, longest := hit{}, 0
	for i, t := range in.Tables {
		for _, code := range slices.Concat(t.States, t.Towns) {
			name, ok := place.Municipality(code)
			by := t.ByTown
			if len(code) == 2 {
				name, ok = place.State(code)
				by = t.ByState
			}
			key := column(name)
			if !ok || !by || len(key) < longest || !strings.Contains(words, " "+key+" ") {
				continue
			}
			if len(key) == longest && best.table == i && len(code) == len(best.params.Get(query.ParamPlace)) {
				best.params.Add(query.ParamPlace, code) // others of that name
				continue
			}
			if len(key) > longest {
				best, longest = hit{table: i, says: name, params: url.Values{query.ParamPlace: {code}}}, len(key)
			}
		}
	}
	return best, longest > 0
}
