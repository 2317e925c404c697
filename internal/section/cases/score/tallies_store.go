package score

import (
	"cmp"
	"fmt"
	"slices"

	"plaza/internal/base/db"
	"plaza/internal/civic/moderation"
	"plaza/internal/plaza"
)

// change is what becomes of tallies: how many cases more or less count in them.
type change map[cellKey][]counting

type counting struct {
	*fact
	n int
}

// note notes what a case was and is; nil is that it was not there.
func (c change) note(was, is *fact) {
	for n, f := range map[int]*fact{-1: was, 1: is} {
		if f == nil || f.Standing != moderation.Public {
			continue
		}
		for _, k := range f.cells() {
			c[k] = append(c[k], counting{f, n})
		}
	}
}

// keep writes what changed into the tallies.
func (c change) keep(tx *db.Tx) error {
	for k, list := range c {
		t := newTally()
		var was string
		err := tx.Row(`SELECT content FROM score_tallies WHERE institution = $1 AND month = $2 AND kind = $3 AND side = $4`,
			k.Institution, k.Month, k.Kind, k.Side).Scan(&was)
		switch {
		case err == nil:
			if err := (content{was, true}).tell(t); err != nil {
				return err
			}
		case plaza.KindOf(err) != plaza.NotFound:
			return fmt.Errorf("reading a tally: %w", err)
		}
		for _, f := range list {
			t.count(f.fact, f.n)
		}
		if is := t.String(); is == was {
			continue
		}
		if t.counts[nReceived] == 0 {
			_, err = tx.Exec(`DELETE FROM score_tallies WHERE institution = $1 AND month = $2 AND kind = $3 AND side = $4`, k.Institution, k.Month, k.Kind, k.Side)
		} else {
			_, err = tx.Exec(`INSERT INTO score_tallies (institution, month, kind, side, received, content) VALUES ($1, $2, $3, $4, $5, $6)
				ON CONFLICT (institution, month, kind, side) DO UPDATE SET received = excluded.received, content = excluded.content`,
				k.Institution, k.Month, k.Kind, k.Side, t.counts[nReceived], t.String())
		}
		if err != nil {
			return fmt.Errorf("writing a tally: %w", err)
		}
	}
	return nil
}

// talliesOf are the tallies of all cases.
func talliesOf(facts map[string]*fact) map[cellKey]*tally {
	all := map[cellKey]*tally{}
	for _, f := range facts {
		if f.Standing != moderation.Public {
			continue
		}
		for _, k := range f.cells() {
			if all[k] == nil {
				all[k] = newTally()
			}
			all[k].count(f, 1)
		}
	}
	return all
}

// keepTallies makes tallies all that there are.
func keepTallies(tx *db.Tx, all map[cellKey]*tally) error {
	if _, err := tx.Exec(`DELETE FROM score_tallies`); err != nil {
		return fmt.Errorf("emptying the tallies: %w", err)
	}
	for k, t := range all {
		if _, err := tx.Exec(`INSERT INTO score_tallies (institution, month, kind, side, received, content) VALUES ($1, $2, $3, $4, $5, $6)`,
			k.Institution, k.Month, k.Kind, k.Side, t.counts[nReceived], t.String()); err != nil {
			return fmt.Errorf("writing a tally: %w", err)
		}
	}
	return nil
}

// tallied reports whether tallies tell figures of a filter apart by something: they are of
// institutions in all months, or of months of all institutions.
func (f Filter) tallied(by By) bool {
	switch by {
	case ByMonth:
		return f.Bodies == nil
	case ByInstitution:
		return f.Month == ""
	case InAll, ByKind, BySide:
		return f.Bodies == nil || f.Month == ""
	}
	return false
}

// storedTally is a tally as it is stored.
type storedTally struct {
	cellKey
	content string
}

// stored are the tallies of a filter, in the order of what they are given apart for.
func stored(tx *db.Tx, f Filter, by By) ([]storedTally, error) {
	where, args := `institution = '`+everybody+`'`, []any{}
	if by == ByInstitution || f.Bodies != nil {
		where = `month = '' AND institution <> '` + everybody + `'`
	}
	add := func(column string, v any) {
		args = append(args, v)
		where += fmt.Sprintf(` AND %s = $%d`, column, len(args))
	}
	if f.Month != "" {
		add("month", f.Month)
	}
	if f.Kind != "" {
		add("kind", f.Kind)
	}
	if f.Side != "" {
		add("side", f.Side)
	}
	if f.Bodies != nil {
		where += ` AND institution IN (` + db.Placeholders(len(args)+1, len(f.Bodies)) + `)`
		args = append(args, db.Args(f.Bodies)...)
	}
	return db.All(tx, func(scan func(...any) error) (c storedTally, err error) {
		err = scan(&c.Institution, &c.Month, &c.Kind, &c.Side, &c.content)
		return c, err
	}, `SELECT institution, month, kind, side, content FROM score_tallies WHERE `+where, args...)
}

// of is the part to which a tally belongs.
func (k cellKey) of(by By) string {
	switch by {
	case ByInstitution:
		return k.Institution
	case ByMonth:
		return k.Month
	case ByKind:
		return string(k.Kind)
	case BySide:
		return string(k.Side)
	}
	return ""
}

// addUp are the figures of tallies, apart by something, in its order.
func addUp(tx *db.Tx, all []storedTally, by By) ([]Line, error) {
	at := map[string]*Line{}
	for _, c := range all {
		of := c.of(by)
		if at[of] == nil {
			at[of] = &Line{Of: of}
		}
		if err := (content{c.content, true}).tell(adding{Figures: &at[of].Figures, now: tx.Now.UnixMilli()}); err != nil {
			return nil, err
		}
	}
	lines := make([]Line, 0, len(at))
	for _, l := range at {
		lines = append(lines, *l)
	}
	slices.SortFunc(lines, func(a, b Line) int { return cmp.Compare(a.Of, b.Of) })
	return lines, nil
}
