package tool

import (
	"cmp"
	"slices"

	"plaza/internal/base/db"
	"plaza/internal/base/tabular"
	"plaza/internal/civic/moderation"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
	"plaza/internal/section/tool/spec"
)

// Loss is something that a tool rests on and its data have no more.
type Loss struct {
	Resource string `json:"resource"`
	Version  int    `json:"version"`          // of the file, in which it was missed
	Table    int    `json:"table"`            // from 1
	Column   string `json:"column,omitempty"` // "" the table whole
	Was      string `json:"was,omitempty"`    // type
	Now      string `json:"now,omitempty"`    // type, "" the column is gone
	// Proposed is the column that seems to stand in its place, "" none does.
	Proposed string `json:"proposed,omitempty"`
}

// Gone reports whether a column or table is there no more.
func (l Loss) Gone() bool { return l.Now == "" }

// What is what became of it, as keys of messages end: "table", "type", "instead" (something
// seems to stand in its place) or "gone".
func (l Loss) What() string {
	switch {
	case l.Column == "":
		return "table"
	case !l.Gone():
		return "type"
	case l.Proposed != "":
		return "instead"
	}
	return "gone"
}

// Drifted compares what a tool rests on with the columns that a resource's file has now.
// What the tool lost makes it outdated; when all is there again, it is no more. before is the
// file as it was when the tool was published, the zero Shape when that is not known: what
// was there already stands in no other column's place. Tools that pin a version of the file
// never change. The acts are for the caller to append to the record.
func (ts *Tools) Drifted(tx *db.Tx, id, resource string, now, before Shape) ([]record.Act, error) {
	t, err := pin(tx, id)
	if err != nil {
		return nil, err
	}
	if t.Version == 0 || t.Standing == moderation.Removed {
		return nil, nil
	}
	uses, err := Uses(tx, id)
	if err != nil {
		return nil, err
	}
	uses = slices.DeleteFunc(uses, func(u Use) bool { return u.Resource != resource || u.Pinned != 0 })
	losses := slices.DeleteFunc(slices.Clone(t.Losses), func(l Loss) bool { return l.Resource == resource })
	losses = append(losses, lost(uses, now, before)...)
	was := t.Outdated
	if sameLosses(t.Losses, losses) {
		return nil, nil
	}
	t.Losses = losses
	switch {
	case len(losses) == 0:
		t.Outdated = never
	case was.IsZero():
		t.Outdated = tx.Now
	}
	if err := save(tx, t); err != nil || !t.Public() {
		return nil, err
	}
	switch {
	case len(losses) == 0:
		return []record.Act{act("tool.repaired", t)}, nil
	case was.IsZero():
		return []record.Act{act("tool.outdated", t)}, nil
	}
	return nil, nil
}

// sameLosses reports whether nothing else is lost, in whichever version of the file.
func sameLosses(a, b []Loss) bool {
	return slices.EqualFunc(a, b, func(x, y Loss) bool {
		x.Version = y.Version
		return x == y
	})
}

// lost is which of the uses of a resource's tables are met no more.
func lost(uses []Use, now, before Shape) []Loss {
	var out []Loss
	byTable := map[int][]Use{}
	for _, u := range uses {
		byTable[u.Table] = append(byTable[u.Table], u)
	}
	tables := make([]int, 0, len(byTable))
	for n := range byTable {
		tables = append(tables, n)
	}
	slices.Sort(tables)
	for _, n := range tables {
		if n > len(now.Tables) {
			out = append(out, Loss{Resource: byTable[n][0].Resource, Version: now.Version, Table: n})
			continue
		}
		out = append(out, lostColumns(byTable[n], now.Version, now.table(n), before.table(n))...)
	}
	return out
}

// lostColumns is which columns of one table are missed.
func lostColumns(uses []Use, version int, now, before Table) []Loss {
	var out []Loss
	var gone []Use
	for _, u := range uses {
		if u.Column == "" {
			continue
		}
		at := now.at(u.Column)
		switch {
		case at < 0:
			gone = append(gone, u)
		case u.Type != "" && !alike(u.Type, now.Columns[at].Type):
			out = append(out, Loss{Resource: u.Resource, Version: version, Table: u.Table, Column: u.Column, Was: u.Type, Now: now.Columns[at].Type})
		}
	}
	instead := replacements(gone, uses, now, before)
	for _, u := range gone {
		out = append(out, Loss{Resource: u.Resource, Version: version, Table: u.Table, Column: u.Column, Was: u.Type, Proposed: instead[u.Column]})
	}
	slices.SortFunc(out, func(a, b Loss) int { return cmp.Compare(a.Column, b.Column) })
	return out
}

// quantities are types of which one may stand for another in every view.
var quantities = []string{string(tabular.Integer), string(tabular.Decimal), string(tabular.Money), string(tabular.Percent)}

// texts are those of what is grouped by.
var texts = []string{string(tabular.Text), string(tabular.Code)}

// alike reports whether a view that was made of one type can be made of another.
func alike(a, b string) bool {
	for _, family := range [][]string{quantities, texts} {
		if slices.Contains(family, a) && slices.Contains(family, b) {
			return true
		}
	}
	return a == b
}

// Repair is a document with the columns that were lost replaced by those that seem to stand
// in their place. whole is false where one has none, or has another type: then somebody has
// to look at it.
func Repair(s spec.Spec, losses []Loss) (repaired spec.Spec, whole bool) {
	whole = len(losses) > 0
	type column struct {
		resource string
		table    int
		name     string
	}
	instead := map[column]string{}
	for _, l := range losses {
		if l.Proposed == "" {
			whole = false
			continue
		}
		instead[column{l.Resource, l.Table, l.Column}] = l.Proposed
	}
	return mapFields(s, func(source, name string) string {
		src, _ := s.Source(source)
		if to := instead[column{src.Resource, max(1, src.Table), name}]; to != "" && src.Version == 0 {
			return to
		}
		return name
	}), whole
}

// Mend makes the proposed repair of an outdated tool the next revision of its working copy,
// as Save does; a Conflict when nothing is proposed.
func (ts *Tools) Mend(tx *db.Tx, id string, revision int) (Draft, error) {
	d, err := ts.hold(tx, id, revision)
	if err != nil {
		return d, err
	}
	if d.Document.Spec == nil || !slices.ContainsFunc(d.Tool.Losses, func(l Loss) bool { return l.Proposed != "" }) {
		return d, plaza.E(plaza.Conflict, "tool.error.no_repair")
	}
	s, _ := Repair(*d.Document.Spec, d.Tool.Losses)
	return ts.Save(tx, id, revision, Document{Spec: &s})
}
