package ckanapi

import (
	"cmp"
	"errors"
	"path"
	"slices"
	"strings"
	"time"

	"plaza/internal/base/text"
	"plaza/internal/civic/search"
	"plaza/internal/section/catalog"
)

// asked is a query in the index's terms: words for its text, which rank what is
// found, and conditions for all else.
type asked struct {
	words []string
	last  bool // the last word is the beginning of one
	where []search.Expr
}

// Why a query that can be read cannot be answered.
var (
	errField = errors.New("an unknown field")
	errValue = errors.New("a value that the field cannot have")
	errMany  = errors.New("too many conditions")
)

// fieldError is one of these errors, at a field.
type fieldError struct {
	field string
	err   error
}

func (e *fieldError) Error() string { return e.err.Error() + ": " + e.field }
func (e *fieldError) Unwrap() error { return e.err }

// proseFields are fields of Solr that hold words; the index keeps them together.
var proseFields = map[string]bool{"": true, "text": true, "title": true, "notes": true, "title_ngram": true, "name_ngram": true}

// add takes a parsed query in. Words that all have to be there become the text.
func (a *asked) add(n node, known *lookup) error {
	switch {
	case n.all():
		return nil
	case n.kind == andNode:
		for _, kid := range n.kids {
			if err := a.add(kid, known); err != nil {
				return err
			}
		}
		return nil
	case n.isProse():
		a.words, a.last = append(a.words, spelled(n.term)), n.term.wildcard
		return nil
	case n.kind == notNode && n.kids[0].isProse():
		a.words, a.last = append(a.words, "-"+spelled(n.kids[0].term)), false
		return nil
	}
	e, err := known.condition(n)
	a.where = append(a.where, e)
	return err
}

// text is what the index is to look for.
func (a *asked) text() string { return strings.Join(a.words, " ") }

func (n node) isProse() bool {
	return n.kind == matchNode && proseFields[n.field] && n.term.span == nil && !(n.term.text == "*" && n.term.wildcard)
}

// spelled is a term as the index's own language has it.
func spelled(t term) string {
	s := strings.TrimSpace(strings.NewReplacer(`"`, " ", "*", " ", "?", " ").Replace(t.text))
	if t.phrase || strings.Contains(s, " ") && !t.wildcard {
		return `"` + s + `"`
	}
	return strings.TrimLeft(s, "-")
}

// lookup knows what values of CKAN's fields are in the index.
type lookup struct {
	now           time.Time
	organizations map[string][]string                 // ids, by slug and by id
	renamed       func() (map[string]string, error)   // ids, by slugs of before
	groups        func() (map[string][]string, error) // themes, by slug
	names         map[string]string                   // ids of datasets, by the slugs that are asked for
	tags          func() ([]string, error)
	ofSource      func(field, value string) ([]string, error) // ids of datasets
	costly        int
	leaves        int
}

// Bounds on what a query costs: conditions that each document is held against, and
// terms that are looked up in long lists.
const (
	maxLeaves = 200
	maxCostly = 20
)

// spend notes a costly term; it is refused when there were too many.
func (k *lookup) spend() error {
	if k.costly++; k.costly > maxCostly {
		return errMany
	}
	return nil
}

// namesIn collects the slugs of datasets that a query asks for.
func namesIn(n node, into map[string]bool) {
	if n.kind == matchNode && n.field == "name" && !n.term.wildcard {
		into[n.term.text] = true
	}
	for _, kid := range n.kids {
		namesIn(kid, into)
	}
}

// leaf is the condition of one term: values of a facet, ids, or something else.
// Leaves of one kind that OR joins become one, however many values somebody lists.
type leaf struct {
	facet  string
	values []string
	ids    []string
	other  search.Expr
}

func (l leaf) condition() search.Expr {
	switch {
	case l.other != nil:
		return l.other
	case l.facet != "":
		return search.In(l.facet, l.values...)
	}
	return search.Among(l.ids...)
}

func everything() leaf { return leaf{other: search.And()} }
func nothing() leaf    { return leaf{other: search.Or()} }

// joins reports whether two leaves can be one.
func (l leaf) joins(m leaf) bool {
	if l.other != nil || m.other != nil || l.facet != m.facet {
		return false
	}
	return l.facet == "" || len(l.values) > 0 && len(m.values) > 0 // without values: any
}

// condition makes a condition of a part of a query.
func (k *lookup) condition(n node) (search.Expr, error) {
	switch n.kind {
	case notNode:
		e, err := k.condition(n.kids[0])
		if err != nil {
			return nil, err
		}
		return search.Not(e), nil
	case andNode:
		list := make([]search.Expr, len(n.kids))
		for i, kid := range n.kids {
			var err error
			if list[i], err = k.condition(kid); err != nil {
				return nil, err
			}
		}
		return search.And(list...), nil
	case orNode:
		return k.either(n.kids)
	}
	l, err := k.leaf(n)
	if err != nil {
		return nil, err
	}
	return l.condition(), k.grow()
}

// either is a condition that holds where one of several does.
func (k *lookup) either(kids []node) (search.Expr, error) {
	var leaves []leaf
	var list []search.Expr
	for _, kid := range kids {
		if kid.kind != matchNode {
			e, err := k.condition(kid)
			if err != nil {
				return nil, err
			}
			list = append(list, e)
			continue
		}
		l, err := k.leaf(kid)
		if err != nil {
			return nil, err
		}
		if at := slices.IndexFunc(leaves, l.joins); at >= 0 {
			leaves[at].values = append(leaves[at].values, l.values...)
			leaves[at].ids = append(leaves[at].ids, l.ids...)
			continue
		}
		leaves = append(leaves, l)
		if err := k.grow(); err != nil {
			return nil, err
		}
	}
	for _, l := range leaves {
		list = append(list, l.condition())
	}
	return search.Or(list...), nil
}

// grow notes a condition; it is refused when there were too many.
func (k *lookup) grow() error {
	if k.leaves++; k.leaves > maxLeaves {
		return errMany
	}
	return nil
}

// leaf is the condition of a field and term.
func (k *lookup) leaf(n node) (leaf, error) {
	switch {
	case n.all():
		return everything(), nil
	case n.isProse():
		return leaf{other: search.Says(spelled(n.term))}, k.spend()
	}
	l, err := k.match(n.field, n.term)
	if errors.Is(err, errField) || errors.Is(err, errValue) {
		err = &fieldError{n.field, err}
	}
	return l, err
}

// constants are fields that have one value here.
var constants = map[string]string{"type": "dataset", "dataset_type": "dataset", "entity_type": "package", "state": "active",
	"private": "false", "capacity": "public", "permission_labels": "public"}

func (k *lookup) match(field string, t term) (leaf, error) {
	if value, ok := constants[field]; ok {
		if t.span == nil && fits(t, value) {
			return everything(), nil
		}
		return nothing(), nil
	}
	switch field {
	case "metadata_modified":
		return k.during(search.Changed, t)
	case "metadata_created":
		return k.during(search.Created, t)
	}
	if t.span != nil {
		if t.span.low != "*" || t.span.high != "*" {
			return leaf{}, errValue
		}
		t = term{text: "*", wildcard: true}
	}
	switch field {
	case "organization", "owner_org":
		if !t.wildcard && k.organizations[t.text] == nil {
			old, err := k.renamed()
			if id := old[t.text]; id != "" || err != nil {
				return leaf{facet: catalog.FacetInstitution, values: []string{id}}, err
			}
		}
		return named(catalog.FacetInstitution, t, k.organizations), nil
	case "groups":
		if err := k.spend(); err != nil {
			return leaf{}, err
		}
		groups, err := k.groups()
		return named(catalog.FacetTheme, t, groups), err
	case "res_format":
		t.text = strings.ToUpper(t.text)
		return k.facet(catalog.FacetFormat, t)
	case "license_id":
		return k.facet(catalog.FacetLicense, t)
	case "tags":
		return k.facet(catalog.FacetKeyword, t)
	case "id", "name", "harvest_source_id", "harvest_source_title":
		return k.identified(field, t)
	}
	return leaf{}, errField
}

// identified is a condition on what names a dataset or its source.
func (k *lookup) identified(field string, t term) (leaf, error) {
	if t.any() {
		return everything(), nil
	}
	if t.wildcard {
		return leaf{}, errValue
	}
	switch field {
	case "id":
		return leaf{ids: []string{t.text}}, nil
	case "name":
		return leaf{ids: []string{k.names[t.text]}}, nil // "" is no dataset's
	}
	if err := k.spend(); err != nil {
		return leaf{}, err
	}
	ids, err := k.ofSource(field, t.text)
	return leaf{ids: ids}, err
}

// any reports whether a term takes any value.
func (t term) any() bool { return t.wildcard && strings.Trim(t.text, "*") == "" }

// facet is a condition on a facet whose values stand in the index as CKAN has them.
func (k *lookup) facet(name string, t term) (leaf, error) {
	switch {
	case t.any():
		return leaf{facet: name}, nil
	case !t.wildcard:
		return leaf{facet: name, values: []string{t.text}}, nil
	case name != catalog.FacetKeyword:
		return leaf{}, errValue
	}
	if err := k.spend(); err != nil {
		return leaf{}, err
	}
	tags, err := k.tags()
	if err != nil {
		return leaf{}, err
	}
	l := leaf{facet: name}
	for _, tag := range tags {
		if fits(t, tag) {
			l.values = append(l.values, tag)
		}
	}
	if len(l.values) == 0 {
		return nothing(), nil
	}
	return l, nil
}

// named is a condition on a facet whose values CKAN knows by other names.
func named(facet string, t term, names map[string][]string) leaf {
	if t.any() {
		return leaf{facet: facet}
	}
	l := leaf{facet: facet}
	if !t.wildcard {
		l.values = names[t.text]
	} else {
		for name, of := range names {
			if fits(t, name) {
				l.values = append(l.values, of...)
			}
		}
	}
	if len(l.values) == 0 {
		return nothing()
	}
	return l
}

// fits reports whether a value is the one that a term asks for.
func fits(t term, value string) bool {
	if !t.wildcard {
		return t.text == value
	}
	pattern := strings.NewReplacer("[", `\[`, "]", `\]`, `\`, `\\`, "/", "\x01").Replace(t.text)
	ok, err := path.Match(pattern, strings.ReplaceAll(value, "/", "\x01"))
	return err == nil && ok
}

// during is a condition on an instant. The index knows milliseconds; both ends of
// its own ranges are cut there.
func (k *lookup) during(date search.Date, t term) (leaf, error) {
	if t.wildcard && t.text == "*" {
		return everything(), nil
	}
	s := t.span
	if s == nil {
		s = &span{low: t.text, high: t.text, includesLow: true, includesHigh: true}
	}
	var from, to time.Time
	var ok bool
	if s.low != "*" {
		if from, ok = readInstant(s.low, k.now); !ok {
			return leaf{}, errValue
		}
		if cut := from.Truncate(time.Millisecond); cut.Before(from) || !s.includesLow {
			from = cut.Add(time.Millisecond)
		}
	}
	if s.high != "*" {
		if to, ok = readInstant(s.high, k.now); !ok {
			return leaf{}, errValue
		}
		if cut := to.Truncate(time.Millisecond); cut.Before(to) || s.includesHigh {
			to = cut.Add(time.Millisecond)
		}
	}
	return leaf{other: search.During(date, from, to)}, nil
}

// slugOf is the name of a theme as a group.
func slugOf(theme string) string { return cmp.Or(text.Slug(theme, 100), "grupo") }
