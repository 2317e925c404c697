package tool

import (
	"fmt"
	"strings"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/plaza"
	"plaza/internal/section/tool/spec"
)

// Filter chooses public tools; zero fields choose all.
type Filter struct {
	Kind        spec.Kind
	Theme       string // of its data
	Place       string // code of a state, of its data
	Institution string // id: its own, or that of its data
	Dataset     string // id of one that it rests on
	Resource    string // id
	Column      string // of Resource
	Owner       string // id of a person
	Parent      string // id of the tool that it was made from
	Official    bool
	Alive       bool // neither outdated nor at a broken address
	Featured    bool
}

// Sort is an order of the gallery.
type Sort string

// The orders.
const (
	Newest       Sort = "newest"
	MostViewed   Sort = "viewed"
	FeaturedTop  Sort = "featured" // those first, and then the newest
	featuredRank      = `CASE WHEN featured_at IS NULL THEN 0 ELSE 1 END`
)

// Sorts are all of them.
var Sorts = []Sort{FeaturedTop, Newest, MostViewed}

// Key is a place in a list; the zero Key is its beginning.
type Key struct {
	Rank int64     `json:"rank,omitempty"` // views, or whether it is featured
	At   time.Time `json:"at,omitzero"`
	ID   string    `json:"id"`
}

// KeyOf is the place of a tool in a list.
func KeyOf(t Tool, s Sort) Key {
	k := Key{At: t.Published, ID: t.ID}
	switch {
	case s == MostViewed:
		k = Key{Rank: t.Views, ID: t.ID}
	case s == FeaturedTop && !t.Featured.IsZero():
		k.Rank = 1
	}
	return k
}

// statement is one that is being written.
type statement struct {
	text strings.Builder
	args []any
}

// and adds a condition, in which each "?" stands for the next argument.
func (q *statement) and(condition string, args ...any) {
	for _, a := range args {
		q.args = append(q.args, a)
		condition = strings.Replace(condition, "?", fmt.Sprintf("$%d", len(q.args)), 1)
	}
	q.text.WriteString(" AND " + condition)
}

// where is what a filter asks.
func (f Filter) where(q *statement) {
	flag := func(on bool, condition string) {
		if on {
			q.and(condition)
		}
	}
	is := func(column, value string) {
		if value != "" {
			q.and(column+" = ?", value)
		}
	}
	is("kind", string(f.Kind))
	is("owner_id", f.Owner)
	is("parent_id", f.Parent)
	for _, one := range [][2]string{{facetTheme, f.Theme}, {facetPlace, f.Place}, {facetInstitution, f.Institution}} {
		if one[1] != "" {
			q.and(`id IN (SELECT tool_id FROM tool_facets WHERE facet = ? AND value = ?)`, one[0], one[1])
		}
	}
	if f.Dataset != "" {
		q.and(`id IN (SELECT tool_id FROM tool_uses WHERE dataset_id = ?)`, f.Dataset)
	}
	switch {
	case f.Resource != "" && f.Column != "":
		q.and(`id IN (SELECT tool_id FROM tool_uses WHERE resource_id = ? AND resource_id <> '' AND column_name = ?)`, f.Resource, f.Column)
	case f.Resource != "":
		q.and(`id IN (SELECT tool_id FROM tool_uses WHERE resource_id = ? AND resource_id <> '')`, f.Resource)
	}
	flag(f.Official, `institution <> ''`)
	flag(f.Featured, `featured_at IS NOT NULL`)
	if f.Alive {
		q.and(`outdated_at IS NULL AND broken_at IS NULL`)
	}
}

// after goes on from a place of the list.
func (k Key) after(q *statement, s Sort) {
	switch {
	case k.ID == "":
	case s == MostViewed:
		q.and(`(views, id) < (?, ?)`, k.Rank, k.ID)
	case s == FeaturedTop:
		q.and(`(`+featuredRank+`, published_at, id) < (?, ?, ?)`, k.Rank, k.At, k.ID)
	default:
		q.and(`(published_at, id) < (?, ?)`, k.At, k.ID)
	}
}

// List are public tools in an order, at most limit after a place.
func List(tx *db.Tx, f Filter, s Sort, after Key, limit int) ([]Tool, error) {
	q := &statement{}
	f.where(q)
	after.after(q, s)
	order := `published_at DESC, id DESC`
	switch s {
	case MostViewed:
		order = `views DESC, id DESC`
	case FeaturedTop:
		order = featuredRank + ` DESC, published_at DESC, id DESC`
	}
	q.args = append(q.args, limit)
	list, err := db.All(tx, scan, `SELECT `+columns+`
		FROM tools
		WHERE standing = 'public'`+q.text.String()+`
		ORDER BY `+order+fmt.Sprintf(`
		LIMIT $%d`, len(q.args)), q.args...)
	if err != nil {
		return nil, fmt.Errorf("listing tools: %w", err)
	}
	return list, nil
}

// Count is how many public tools a filter chooses.
func Count(tx *db.Tx, f Filter) (n int, err error) {
	q := &statement{}
	f.where(q)
	err = tx.Row(`SELECT COUNT(id) FROM tools WHERE standing = 'public'`+q.text.String(), q.args...).Scan(&n)
	return n, err
}

// Counted is a value of the gallery's filters, and how many public tools have it.
type Counted struct {
	Value string
	Count int
}

// Kinds are the kinds of public tools with how many there are, the most first.
func Kinds(tx *db.Tx) ([]Counted, error) {
	return db.All(tx, scanCounted, `SELECT kind, COUNT(id) FROM tools WHERE standing = 'public' GROUP BY kind ORDER BY COUNT(id) DESC, kind`)
}

// Themes are the themes of public tools with how many there are, the most first.
func Themes(tx *db.Tx, limit int) ([]Counted, error) { return facetCounts(tx, facetTheme, limit) }

// Places are the codes of the states of public tools' data with how many there are.
func Places(tx *db.Tx, limit int) ([]Counted, error) { return facetCounts(tx, facetPlace, limit) }

// Institutions are the ids of the institutions of public tools, and of their data, with how
// many there are.
func Institutions(tx *db.Tx, limit int) ([]Counted, error) {
	return facetCounts(tx, facetInstitution, limit)
}

// Datasets are the ids of the datasets that public tools rest on, with how many do.
func Datasets(tx *db.Tx, limit int) ([]Counted, error) {
	return db.All(tx, scanCounted, `SELECT u.dataset_id, COUNT(DISTINCT u.tool_id)
		FROM tool_uses u
		JOIN tools t ON t.id = u.tool_id
		WHERE t.standing = 'public'
		GROUP BY u.dataset_id
		ORDER BY COUNT(DISTINCT u.tool_id) DESC, u.dataset_id
		LIMIT $1`, limit)
}

func facetCounts(tx *db.Tx, facet string, limit int) ([]Counted, error) {
	return db.All(tx, scanCounted, `SELECT f.value, COUNT(f.tool_id)
		FROM tool_facets f
		JOIN tools t ON t.id = f.tool_id
		WHERE f.facet = $1 AND t.standing = 'public'
		GROUP BY f.value
		ORDER BY COUNT(f.tool_id) DESC, f.value
		LIMIT $2`, facet, limit)
}

func scanCounted(scan func(...any) error) (c Counted, err error) {
	err = scan(&c.Value, &c.Count)
	return c, err
}

// Made is how many public tools were made with each of some things: datasets or resources.
func Made(tx *db.Tx, refs []plaza.Ref) (map[plaza.Ref]int, error) {
	out := map[plaza.Ref]int{}
	for kind, column := range map[string]string{KindDataset: "dataset_id", KindResource: "resource_id"} {
		var ids []string
		for _, r := range refs {
			if r.Kind == kind && r.ID != "" {
				ids = append(ids, r.ID)
			}
		}
		if len(ids) == 0 {
			continue
		}
		found, err := db.All(tx, scanCounted, `SELECT u.`+column+`, COUNT(DISTINCT u.tool_id)
			FROM tool_uses u
			JOIN tools t ON t.id = u.tool_id
			WHERE u.`+column+` IN (`+db.Placeholders(1, len(ids))+`) AND t.standing = 'public'
			GROUP BY u.`+column, db.Args(ids)...)
		if err != nil {
			return nil, fmt.Errorf("counting tools: %w", err)
		}
		for _, c := range found {
			out[plaza.Ref{Kind: kind, ID: c.Value}] = c.Count
		}
	}
	return out, nil
}
