package reckon

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"plaza/internal/base/tabular"
	"plaza/internal/base/tabular/query"
	"plaza/internal/section/tool/spec"
)

// lookup is another source joined by a key that is unique there.
type lookup struct {
	spec.Lookup
	path string
	src  *source        // the other
	key  tabular.Column // here
	own  tabular.Column // there
	at   int            // of the key in plan.asked
	rows map[string]map[string]tabular.Cell
	met  *meeting
}

// lookedUp opens the sources that are joined and finds the keys.
func (p *plan) lookedUp(ctx context.Context) error {
	for i, l := range p.src.spec.Lookup {
		one := &lookup{Lookup: l, path: fmt.Sprintf("%s.lookup[%d]", p.src.path, i)}
		var err error
		if one.src, err = p.d.source(ctx, l.From); err != nil {
			return err
		}
		here, ok := p.src.column(l.Key)
		there, known := one.src.column(l.Equals)
		p.hold(ok, one.path+".key", "column", "column", l.Key)
		p.hold(known, one.path+".equals", "column", "column", l.Equals)
		for k, f := range l.Fields {
			_, ok := one.src.column(f)
			p.hold(ok, fmt.Sprintf("%s.fields[%d]", one.path, k), "column", "column", f)
		}
		if ok && known {
			one.key, one.own = *here, *there
			p.lookups = append(p.lookups, one)
		}
	}
	return nil
}

// text is by what two keys are the same: codes of places with their zeros, numbers however
// they are written.
func (l *lookup) text(key string) string {
	for _, c := range []tabular.Column{l.key, l.own} {
		if c.Meaning == tabular.State || c.Meaning == tabular.Municipality {
			code, _ := codeOf(key, levelOf(c))
			return code
		}
	}
	if l.key.Type.Number() || l.own.Type.Number() {
		if v, err := strconv.ParseFloat(key, 64); err == nil {
			return query.Float(v)
		}
	}
	return strings.TrimSpace(key)
}

// read reads the other source, once: what its filter leaves, by key.
func (l *lookup) read(ctx context.Context, p *plan) error {
	if l.rows != nil {
		return nil
	}
	q := p.filter(l.src, l.src.path+".filter", l.src.spec.Filter)
	q.Where = append(slices.Clone(q.Where), tabular.Condition{Column: l.own.Name, Op: tabular.NotEmpty})
	q.Sort = nil
	q.Columns = append([]string{l.own.Name}, l.Fields...)
	found, left, err := p.d.rows(ctx, l.src, q, spec.MaxGroupsAsked)
	if err != nil {
		return err
	}
	if left > 0 && p.hold(false, l.path, "keys", "max", spec.MaxGroupsAsked) || len(p.wrong) > 0 {
		return p.wrong.Err("toolreckon.error")
	}
	l.rows = make(map[string]map[string]tabular.Cell, len(found.Rows))
	for _, row := range found.Rows {
		fields := map[string]tabular.Cell{}
		for i, name := range found.Columns {
			fields[name] = row[i]
		}
		key := fields[l.own.Name]
		if key.Null || key.Odd {
			continue
		}
		text := l.text(key.Text)
		if _, twice := l.rows[text]; twice {
			p.hold(false, l.path+".equals", "duplicate", "value", tabular.Clip(key.Text, 80), "column", l.Equals)
			return p.wrong.Err("toolreckon.error")
		}
		l.rows[text] = fields
	}
	l.met = newMeeting(l.From, l.Key)
	return nil
}

// field is what the other source has for a key; nothing for one that it does not know.
func (l *lookup) field(key tabular.Cell, name string) tabular.Cell {
	if key.Null || key.Odd {
		return tabular.Cell{Null: true}
	}
	cell, ok := l.rows[l.text(key.Text)][name]
	if !ok || cell.Odd {
		return tabular.Cell{Null: true}
	}
	return cell
}

// number is a field as a number.
func (l *lookup) number(key tabular.Cell, name string) (float64, bool) {
	cell := l.field(key, name)
	v, err := strconv.ParseFloat(cell.Text, 64)
	return v, err == nil && !cell.Null
}

// meeting counts how keys meet.
type meeting struct {
	join Join
	seen map[string]bool
}

// mostUnmatched are the keys that are told of those that do not meet.
const mostUnmatched = 50

func newMeeting(from, key string) *meeting {
	return &meeting{join: Join{From: from, Key: key}, seen: map[string]bool{}}
}

// note counts the rows of a key; one without value is no key, and has none.
func (m *meeting) note(key tabular.Cell, found bool, rows int64) {
	first := !m.seen[key.Text] && !key.Null
	m.seen[key.Text] = true
	j := &m.join
	switch {
	case found:
		j.MatchedRows += rows
		if first {
			j.Matched++
		}
	default:
		j.UnmatchedRows += rows
		if first {
			j.Unmatched++
			if len(j.UnmatchedIs) < mostUnmatched {
				j.UnmatchedIs = append(j.UnmatchedIs, key.Text)
			}
		}
	}
}

// used are the lookups that a view needs.
func (p *plan) used() []*lookup {
	need := map[*lookup]bool{}
	for _, t := range slices.Concat(p.groups, p.measures) {
		if t.lookup != nil {
			need[t.lookup] = true
		}
	}
	if p.per != nil && p.per.lookup != nil {
		need[p.per.lookup] = true
	}
	out := slices.Collect(maps.Keys(need))
	slices.SortFunc(out, func(a, b *lookup) int { return strings.Compare(a.path, b.path) })
	return out
}

// joined reads the lookups that a view needs.
func (p *plan) joined(ctx context.Context) error {
	for _, l := range p.used() {
		if err := l.read(ctx, p); err != nil {
			return err
		}
	}
	return nil
}

// meet notes how the keys of a row, or of a group of rows, meet.
func (p *plan) meet(key func(l *lookup) tabular.Cell, rows int64) {
	for _, l := range p.used() {
		k := key(l)
		_, found := l.rows[l.text(k.Text)]
		l.met.note(k, found && !k.Null && !k.Odd, rows)
	}
}
