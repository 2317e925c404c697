package explore

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/tabular"
	"plaza/internal/base/text"
	"plaza/internal/civic/access"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
)

// Hiding is what of a resource's tables nobody may see now.
type Hiding struct {
	// File says that the whole file is withheld, by its institution or through a report.
	File bool
	// Reported says that a private report withholds it, whatever was decided here: that hold
	// ends where the report is attended to.
	Reported bool
	// Decisions are what was decided of columns, and of the file under the name "".
	Decisions []Decision
	// Suspects are columns in which personal data is suspected and of which nobody has
	// decided: they are told of without any value.
	Suspects []Named
}

// Named is a column by what it is called here and in its file, where that differs.
type Named struct{ Name, Label string }

// Decision is what people decided of a column.
type Decision struct {
	Named
	Hidden bool
	Reason string
	Role   plaza.Role
	At     time.Time
}

// is reports whether a column goes by one of the names: whatever a correction calls it,
// what was hidden stays hidden.
func (n Named) is(c tabular.Column) bool {
	for _, a := range []string{n.Name, n.Label} {
		for _, b := range []string{c.Name, c.Label} {
			if a != "" && text.Fold(a) == text.Fold(b) {
				return true
			}
		}
	}
	return false
}

// HidingOf reads what of a resource nobody may see now. It runs two statements.
func HidingOf(tx *db.Tx, r Resource) (h Hiding, err error) {
	if h.Decisions, err = db.All(tx, func(scan func(...any) error) (d Decision, err error) {
		var state string
		err = scan(&d.Name, &d.Label, &state, &d.Reason, &d.Role, &d.At)
		d.Hidden = state == stateHidden
		return d, err
	}, `SELECT name, label, state, reason, role, at FROM explore_columns WHERE resource_id = $1 ORDER BY name`, r.ID); err != nil {
		return h, fmt.Errorf("reading what is withheld of a resource: %w", err)
	}
	own := h.since()
	h.File = !r.Withheld.IsZero() || !own.IsZero()
	h.Reported = !r.Withheld.IsZero() && !r.Withheld.Equal(own)
	all, err := db.All(tx, func(scan func(...any) error) (n Named, err error) {
		err = scan(&n.Name, &n.Label)
		return n, err
	}, `SELECT DISTINCT name, label FROM explore_suspects WHERE resource_id = $1 ORDER BY name, label`, r.ID)
	if err != nil {
		return h, fmt.Errorf("reading what is suspected of a resource: %w", err)
	}
	for _, n := range all {
		if !slices.ContainsFunc(h.Decisions, func(d Decision) bool { return d.Name != "" && d.is(tabular.Column{Name: n.Name, Label: n.Label}) }) {
			h.Suspects = append(h.Suspects, n)
		}
	}
	return h, nil
}

// since is since when the whole file is withheld by decision, the zero time when it is not.
// Whoever decides so tells the catalogue the same instant: another one there is a report's.
func (h Hiding) since() time.Time {
	for _, d := range h.Decisions {
		if d.Name == "" && d.Hidden {
			return d.At
		}
	}
	return time.Time{}
}

// The states of a decision in the store.
const (
	stateHidden = "hidden"
	stateShown  = "shown"
)

// Hidden are the columns of a resource that are withheld, by the name they had then, and
// whether the whole file is.
func (s *Section) Hidden(tx *db.Tx, resource string) (columns []string, file bool, err error) {
	r, err := s.Resources.Resource(tx, resource)
	if err != nil {
		return nil, false, err
	}
	h, err := HidingOf(tx, r)
	for _, d := range h.Decisions {
		if d.Hidden && d.Name != "" {
			columns = append(columns, d.Name)
		}
	}
	return columns, h.File, err
}

// Withheld reports whether nobody may see a column because of a decision.
func (h Hiding) Withheld(c tabular.Column) bool {
	return slices.ContainsFunc(h.Decisions, func(d Decision) bool { return d.Hidden && d.Name != "" && d.is(c) })
}

// Because is the reason for which a column is withheld, "" for none.
func (h Hiding) Because(c tabular.Column) string {
	for _, d := range h.Decisions {
		if d.Hidden && d.Name != "" && d.is(c) {
			return d.Reason
		}
	}
	return ""
}

// Suspected reports whether a column waits for a decision: for what was told of it, or for
// what it seems to hold.
func (h Hiding) Suspected(c tabular.Column) bool {
	if slices.ContainsFunc(h.Decisions, func(d Decision) bool { return d.Name != "" && d.is(c) }) {
		return false
	}
	return c.Meaning.Personal() || slices.ContainsFunc(h.Suspects, func(n Named) bool { return n.is(c) })
}

// Columns are the names of a table's columns that nobody may see, withheld or suspected.
func (h Hiding) Columns(t tabular.Table) []string {
	var out []string
	for _, c := range t.Columns {
		if h.Withheld(c) || h.Suspected(c) {
			out = append(out, c.Name)
		}
	}
	return out
}

// Redact is a profile as anybody may see it: columns that are withheld or suspected without
// values, and nothing of rows when the whole file is withheld.
func (h Hiding) Redact(p tabular.Profile) tabular.Profile {
	if h.File {
		return tabular.Profile{Format: p.Format, Bytes: p.Bytes, SHA256: p.SHA256}
	}
	p.Tables = slices.Clone(p.Tables)
	p.Problems = h.quiet(p.Problems, nil)
	for i, t := range p.Tables {
		hidden := h.Columns(t)
		if len(hidden) == 0 {
			continue
		}
		t.Columns = slices.Clone(t.Columns)
		for j, c := range t.Columns {
			if slices.Contains(hidden, c.Name) {
				c.Stats = tabular.Stats{Count: c.Stats.Count, Nulls: c.Stats.Nulls, Distinct: c.Stats.Distinct, Estimated: c.Stats.Estimated}
				c.Nulls = nil
				t.Columns[j] = c
			}
		}
		t.Problems = h.quiet(t.Problems, hidden)
		// lines around the rows may repeat what is in them
		t.Preamble, t.Footer = nil, nil
		p.Tables[i] = t
	}
	return p
}

// quiet is problems without the texts of hidden columns, or of rows that hold such columns.
func (h Hiding) quiet(list []tabular.Problem, hidden []string) []tabular.Problem {
	out := slices.Clone(list)
	for i, p := range out {
		if !slices.Contains(hidden, p.Column) && (p.Column != "" || len(hidden) == 0) {
			continue
		}
		out[i].Samples = slices.Clone(p.Samples)
		for k := range out[i].Samples {
			out[i].Samples[k].Text = ""
		}
		out[i].Args = nil
	}
	return out
}

// Withhold takes a column of a resource, or with "" the whole file, out of the preview,
// search, interface, download and tools. It appends to the record.
func (s *Section) Withhold(tx *db.Tx, resource, column, reason string) error {
	return s.decide(tx, resource, column, reason, stateHidden)
}

// Release shows a column again, or says of one that was suspected that it may be shown.
// It appends to the record.
func (s *Section) Release(tx *db.Tx, resource, column, reason string) error {
	return s.decide(tx, resource, column, reason, stateShown)
}

// decide writes a decision. What the reason says stays where those who may see it look; the
// record tells that there was one and never of which column's data.
func (s *Section) decide(tx *db.Tx, resource, column, reason, state string) error {
	r, err := s.Resources.Resource(tx, resource)
	if err != nil {
		return err
	}
	actor := plaza.ActorFrom(tx.Context())
	if err := access.Check(actor, access.ExploreWithhold, object(r)); err != nil {
		return err
	}
	reason = strings.TrimSpace(reason)
	var wrong plaza.Mistakes
	wrong.Hold(reason != "", "motivo", "explore.error.reason", nil)
	wrong.Length("motivo", reason, maxReason, "explore.error.long")
	if err := wrong.Err("web.error.invalid"); err != nil {
		return err
	}
	if _, err := pin(tx, resource); err != nil {
		return err
	}
	if column == "" && state == stateShown {
		h, err := HidingOf(tx, r)
		if err != nil {
			return err
		}
		wrong.Hold(!h.Reported, "columna", "explore.error.reported", nil)
		if err := wrong.Err("web.error.invalid"); err != nil {
			return err
		}
	}
	name, err := s.columnOf(tx, resource, column)
	if err != nil {
		return err
	}
	n, err := tx.Exec(`INSERT INTO explore_columns (resource_id, name, label, state, reason, role, at) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (resource_id, name) DO UPDATE SET label = EXCLUDED.label, state = EXCLUDED.state, reason = EXCLUDED.reason, role = EXCLUDED.role,
			at = EXCLUDED.at WHERE explore_columns.state <> EXCLUDED.state`,
		resource, name.Name, name.Label, state, reason, string(roleOf(actor, r.Institution)), tx.Now)
	if err != nil {
		return fmt.Errorf("deciding about a column: %w", err)
	}
	if n == 0 {
		return nil // it was so before
	}
	if err := said(tx, resource, Deed(state), name.Name, reason, roleOf(actor, r.Institution)); err != nil {
		return err
	}
	if err := s.hold(tx, r, column, state); err != nil {
		return err
	}
	if err := s.reindex(tx, r); err != nil {
		return err
	}
	if r.Describes {
		if err := s.explains(tx, r); err != nil {
			return err
		}
	}
	verb := map[string]string{stateHidden: "resource.column_withheld", stateShown: "resource.column_released"}[state]
	if column == "" {
		verb = map[string]string{stateHidden: "resource.withheld", stateShown: "resource.released"}[state]
	}
	return record.Append(tx, record.Act{Verb: verb, Object: plaza.Ref{Kind: KindResource, ID: resource}, Institution: r.Institution,
		Payload: map[string]any{"title": r.Title, "dataset": r.Dataset, "slug": r.Slug}})
}

// carry keeps hidden what was withheld under another name: a publisher who renames a column
// has not decided that it may be shown.
func (r *run) carry(tx *db.Tx) error {
	if len(r.renamed) == 0 {
		return nil
	}
	h, err := HidingOf(tx, r.resource)
	if err != nil {
		return err
	}
	for _, d := range h.Decisions {
		for _, c := range r.renamed {
			if !d.Hidden || d.Name == "" || !d.is(c[0]) {
				continue
			}
			n, err := tx.Exec(`INSERT INTO explore_columns (resource_id, name, label, state, reason, role, at) VALUES ($1, $2, $3, $4, $5, $6, $7)
				ON CONFLICT (resource_id, name) DO NOTHING`, r.resource.ID, c[1].Name, c[1].Label, stateHidden, d.Reason, string(d.Role), tx.Now)
			if err != nil {
				return fmt.Errorf("keeping a renamed column hidden: %w", err)
			}
			if n == 0 {
				continue
			}
			if err := said(tx, r.resource.ID, Hid, c[1].Name, d.Reason, d.Role); err != nil {
				return err
			}
		}
	}
	return nil
}

// hold tells the catalogue when the whole file is withheld or shown: its own pages and
// programs' answers link it no more, or again.
func (s *Section) hold(tx *db.Tx, r Resource, column, state string) error {
	if column != "" || s.Hold == nil {
		return nil
	}
	at := tx.Now
	if state == stateShown {
		at = time.Time{}
	}
	_, err := s.Hold(tx, r.ID, at)
	return err
}

// Report withholds a whole file through a private report, from an instant on, or with the
// zero one ends that hold; it says whether anybody sees a difference. What was decided here
// stays: of two holds the catalogue is told the report's, then the other's.
func (s *Section) Report(tx *db.Tx, resource string, at time.Time) (bool, error) {
	r, err := s.Resources.Resource(tx, resource)
	if err != nil {
		return false, unlessMissing(err)
	}
	h, err := HidingOf(tx, r)
	if err != nil {
		return false, err
	}
	own := h.since()
	if !own.IsZero() {
		if _, err := s.Hold(tx, resource, time.Time{}); err != nil {
			return false, err
		}
		if at.IsZero() {
			at = own
		}
	}
	changed, err := s.Hold(tx, resource, at)
	if err != nil || !changed || !own.IsZero() {
		return false, err
	}
	if r.Describes {
		err = s.explains(tx, r)
	}
	return true, err
}

// columnOf is a column by its names; NotFound when neither the current version nor an
// earlier decision or suspicion knows it.
func (s *Section) columnOf(tx *db.Tx, resource, column string) (Named, error) {
	if column == "" {
		return Named{}, nil
	}
	var known []Named
	for _, from := range []string{`explore_columns`, `explore_suspects`} {
		list, err := db.All(tx, func(scan func(...any) error) (n Named, err error) {
			err = scan(&n.Name, &n.Label)
			return n, err
		}, `SELECT name, label FROM `+from+` WHERE resource_id = $1 AND name <> ''`, resource)
		if err != nil {
			return Named{}, err
		}
		known = append(known, list...)
	}
	for _, n := range known {
		if n.Name == column || n.Label == column {
			return n, nil
		}
	}
	v, err := Current(tx, resource)
	if err != nil {
		return Named{}, err
	}
	p, err := s.Profile(tx.Context(), v)
	if err != nil {
		return Named{}, err
	}
	for _, t := range p.Tables {
		if c := t.Column(column); c != nil {
			return Named{c.Name, c.Label}, nil
		}
	}
	return Named{}, plaza.E(plaza.NotFound, "explore.error.no_column")
}

// reindex tells the search what of the current version may be found now.
func (s *Section) reindex(tx *db.Tx, r Resource) error {
	if s.Index == nil {
		return nil
	}
	v, err := Current(tx, r.ID)
	if err != nil {
		return unlessMissing(err)
	}
	h, err := HidingOf(tx, r)
	if err != nil {
		return err
	}
	return s.Index(tx, r, v, h)
}

// Plain reports whether nothing of the file is hidden or suspected, so that it may be given
// byte for byte.
func (h Hiding) Plain() bool {
	return !h.File && len(h.Suspects) == 0 && !slices.ContainsFunc(h.Decisions, func(d Decision) bool { return d.Hidden })
}
