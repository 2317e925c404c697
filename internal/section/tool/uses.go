package tool

import (
	"fmt"
	"slices"

	"plaza/internal/base/db"
	"plaza/internal/plaza"
	"plaza/internal/section/tool/spec"
)

// usesWith is what a document rests on: its resources' tables whole, and their columns as
// they are now.
func usesWith(s spec.Spec, origins map[plaza.Ref]Origin, shapes map[pinned]Shape) []Use {
	columns := usesOf(s)
	var out []Use
	for _, src := range s.Sources {
		shape := shapes[pinned{src.Resource, src.Version}]
		whole := Use{Dataset: origins[plaza.Ref{Kind: KindResource, ID: src.Resource}].Dataset, Resource: src.Resource,
			Table: max(1, src.Table), Pinned: src.Version, Seen: shape.Version, Position: -1}
		out = addUse(out, whole)
		table := shape.table(whole.Table)
		for _, name := range columns[src.Name] {
			use := whole
			use.Column = name
			if at := table.at(name); at >= 0 {
				use.Type, use.Position = table.Columns[at].Type, at
			}
			out = addUse(out, use)
		}
	}
	return out
}

// addUse adds a use, unless there is one of the same column: whichever follows new versions
// counts.
func addUse(list []Use, u Use) []Use {
	i := slices.IndexFunc(list, func(o Use) bool { return o.Resource == u.Resource && o.Table == u.Table && o.Column == u.Column })
	switch {
	case i < 0:
		return append(list, u)
	case u.Pinned == 0:
		list[i] = u
	}
	return list
}

// table is one of a file's, from 1; an empty one when there is none.
func (s Shape) table(number int) Table {
	if number < 1 || number > len(s.Tables) {
		return Table{}
	}
	return s.Tables[number-1]
}

// Has reports whether all columns that a document uses of one of its sources are in a file.
func (s Shape) Has(doc spec.Spec, src spec.Source) bool {
	table := s.table(max(1, src.Table))
	return !slices.ContainsFunc(usesOf(doc)[src.Name], func(name string) bool { return table.at(name) < 0 })
}

// at is where a column stands, -1 for nowhere.
func (t Table) at(name string) int {
	return slices.IndexFunc(t.Columns, func(c Column) bool { return c.Name == name })
}

// putUses replaces what a tool rests on.
func putUses(tx *db.Tx, id string, uses []Use) error {
	if _, err := tx.Exec(`DELETE FROM tool_uses WHERE tool_id = $1`, id); err != nil {
		return fmt.Errorf("storing what tool %s rests on: %w", id, err)
	}
	for _, u := range uses {
		if _, err := tx.Exec(`INSERT INTO tool_uses (tool_id, dataset_id, resource_id, table_no, column_name, pinned, seen, column_type, position)
			VALUES (`+db.Placeholders(1, 9)+`) ON CONFLICT DO NOTHING`, // a dataset named twice
			id, u.Dataset, u.Resource, u.Table, u.Column, u.Pinned, u.Seen, u.Type, u.Position); err != nil {
			return fmt.Errorf("storing what tool %s rests on: %w", id, err)
		}
	}
	return nil
}

// Uses is what the current version of a tool rests on, by dataset, resource and column.
func Uses(tx *db.Tx, id string) ([]Use, error) {
	return db.All(tx, func(scan func(...any) error) (u Use, err error) {
		err = scan(&u.Dataset, &u.Resource, &u.Table, &u.Column, &u.Pinned, &u.Seen, &u.Type, &u.Position)
		return u, err
	}, `SELECT dataset_id, resource_id, table_no, column_name, pinned, seen, column_type, position
		FROM tool_uses
		WHERE tool_id = $1
		ORDER BY dataset_id, resource_id, table_no, position, column_name`, id)
}

// The facets of the gallery that come from what a tool rests on.
const (
	facetTheme       = "theme"
	facetPlace       = "place"
	facetInstitution = "institution"
)

// facetsOf are a tool's facets; of institutions, its own and those of its data.
func facetsOf(t Tool, origins map[plaza.Ref]Origin) map[string][]string {
	out := map[string][]string{}
	add := func(facet string, values ...string) {
		for _, v := range values {
			if v != "" && !slices.Contains(out[facet], v) {
				out[facet] = append(out[facet], v)
			}
		}
	}
	add(facetInstitution, t.Institution)
	for _, o := range origins {
		add(facetInstitution, o.Institution)
		add(facetTheme, o.Themes...)
		add(facetPlace, o.Places...)
	}
	for _, list := range out {
		slices.Sort(list)
	}
	return out
}

// putFacets replaces a tool's facets.
func putFacets(tx *db.Tx, t Tool, origins map[plaza.Ref]Origin) error {
	if _, err := tx.Exec(`DELETE FROM tool_facets WHERE tool_id = $1`, t.ID); err != nil {
		return fmt.Errorf("storing the facets of tool %s: %w", t.ID, err)
	}
	for facet, values := range facetsOf(t, origins) {
		for _, v := range values {
			if _, err := tx.Exec(`INSERT INTO tool_facets (tool_id, facet, value) VALUES ($1, $2, $3)`, t.ID, facet, v); err != nil {
				return fmt.Errorf("storing the facets of tool %s: %w", t.ID, err)
			}
		}
	}
	return nil
}
