package reckon

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strings"

	"plaza/internal/base/tabular"
	"plaza/internal/section/tool/spec"
)

// grouping puts together what is too much to show, in order.
type grouping struct {
	p       *plan
	buckets []*bucket
	more    bool    // there are groups that were not asked for
	total   *bucket // then: what all rows give together; its amounts where there is one group
	beyond  int64   // then: how many groups were not asked for
	ranks   []map[string]int
}

// category is a value of a group.
type category struct {
	cell  tabular.Cell
	sum   *bucket
	score float64
	loose bool // its parts cannot be put together: score is that of the greatest
}

// sift takes out what has no place in the picture, and counts it.
func (g *grouping) sift() {
	p := g.p
	for _, b := range g.buckets {
		p.out.Missing += b.rows - b.valued
	}
	if g.total != nil && g.total.amounts != nil {
		p.out.Missing = g.total.rows - g.total.valued
	}
	g.buckets = slices.DeleteFunc(g.buckets, func(b *bucket) bool {
		for i, t := range p.groups {
			switch {
			case t.role == RolePlace && b.keys[i].Null:
				p.out.Nowhere += b.rows
				return true
			case t.role == RolePlace && t.level != noPlace && !g.known(t, b.keys[i].Text):
				return true
			case b.keys[i].Null && p.ordered(t) && (t.role == RoleX || t.role == RoleY) && p.view.Mark != spec.Table:
				p.out.Missing += b.valued
				return true
			}
		}
		v, ok := g.figure(b)
		if p.view.Mark == spec.Treemap && ok && v < 0 {
			p.out.Negative++
			return true
		}
		return false
	})
}

// known holds a code to the framework and to the state that a map shows.
func (g *grouping) known(t *part, code string) bool {
	if _, ok := codeOf(code, t.level); !ok {
		g.p.unknown(code)
		return false
	}
	return strings.HasPrefix(code, g.p.view.Within)
}

// unknown notes a code that the shapes do not have.
func (p *plan) unknown(code string) {
	p.out.UnknownCount++
	if len(p.out.Unknown) < mostUnmatched {
		p.out.Unknown = append(p.out.Unknown, code)
	}
}

// figure is the first measure of a bucket as it is shown.
func (g *grouping) figure(b *bucket) (float64, bool) { return g.p.figure(b, 0) }

func (p *plan) figure(b *bucket, i int) (float64, bool) {
	v, ok := b.amounts[i].figure()
	if p.per == nil || !ok {
		return v, ok
	}
	if b.lost {
		return 0, false
	}
	return p.per.share(b, v)
}

// fold keeps as many categories of each group as may be shown: series and panels first, the
// axis last, for which there is as much room as they leave.
func (g *grouping) fold() {
	g.ranks = make([]map[string]int, len(g.p.groups))
	order := []Role{RoleFacet, RoleColor, RoleLabel, RoleY, RoleDetail, RolePlace, RoleX, RoleLongitude, RoleLatitude}
	for _, role := range order {
		for i, t := range g.p.groups {
			if t.role == role {
				g.keep(i, t)
			}
		}
	}
	slices.SortStableFunc(g.buckets, func(a, b *bucket) int {
		for i := range g.p.groups {
			if c := cmp.Compare(g.ranks[i][idOf(a.keys[i])], g.ranks[i][idOf(b.keys[i])]); c != 0 {
				return c
			}
		}
		return 0
	})
}

// limit is how many categories of a group are kept (0: all), and whether the others are put
// together.
func (g *grouping) limit(i int, t *part) (most int, others bool) {
	v := g.p.view
	series := v.Mark == spec.Bar || v.Mark == spec.Line || v.Mark == spec.Area || v.Mark == spec.Point
	switch {
	case t.role == RoleFacet && v.Mark != spec.Table:
		return spec.MaxPanels, false
	case t.role == RoleColor && series:
		if v.Mark == spec.Line && !g.p.ordered(t) && !(g.additive() && g.foldable()) {
			return max(spec.MaxSeries, g.room(i)), false // those without a colour are drawn in grey
		}
		return spec.MaxSeries, !g.p.ordered(t) && g.foldable()
	case v.Mark == spec.Table || v.Mark == spec.Point || v.Mark == spec.Circle:
		return 0, false
	}
	room := g.room(i)
	switch {
	case t.role == RolePlace:
		return room, false
	case !g.p.ordered(t):
		return min(room, cmp.Or(v.Top, spec.DefaultTop)), v.Others && g.foldable()
	case v.Top > 0 && v.Mark == spec.Bar && t.step() == "":
		return min(room, v.Top), false
	}
	return room, false
}

// room is how many categories of a group may be shown beside those of the others.
func (g *grouping) room(i int) int {
	out := spec.MaxMarks
	for k := range g.p.groups {
		if k != i {
			out /= max(1, g.distinct(k))
		}
	}
	return max(1, out)
}

// additive reports whether what is left over adds up: a line of means of all others lies
// among theirs, and hides them.
func (g *grouping) additive() bool {
	return !slices.ContainsFunc(g.p.measures, func(t *part) bool { return t.fn != tabular.Sum && t.fn != tabular.Count })
}

// foldable reports whether what is left over can be told as one number.
func (g *grouping) foldable() bool {
	if g.more && g.p.view.Mark == spec.Treemap { // parts below zero may be among them
		return false
	}
	for _, t := range g.p.measures {
		if t.lookup == nil && !mergeable(t.fn) || g.more && (t.lookup != nil || t.fn == tabular.Min || t.fn == tabular.Max) {
			return false
		}
	}
	return !g.more || len(g.p.groups) == 1 && g.p.per == nil && g.total.amounts != nil
}

func (g *grouping) distinct(i int) int {
	seen := map[string]bool{}
	for _, b := range g.buckets {
		seen[idOf(b.keys[i])] = true
	}
	return len(seen)
}

// keep keeps the greatest categories of a group, the last of one in order, and puts the
// others together or leaves them out.
func (g *grouping) keep(i int, t *part) {
	all := g.categories(i)
	most, others := g.limit(i, t)
	ordered := g.p.ordered(t)
	slices.SortFunc(all, func(a, b *category) int {
		if ordered {
			return -t.order(a.cell, b.cell)
		}
		return cmp.Or(cmp.Compare(b.score, a.score), t.order(a.cell, b.cell))
	})
	if others && len(all) == most+1 && t.role != RoleColor && g.beyond == 0 {
		most++ // what is left over would be one category
	}
	if most > 0 && len(all) > most || g.beyond > 0 && others {
		kept := min(most, len(all))
		if t.role == RoleColor && others {
			kept--
		}
		gone := all[kept:]
		all = slices.Clip(all[:kept])
		if others {
			all = append(all, &category{cell: Other})
			g.together(i, gone)
			g.p.out.Folded += len(gone) + int(g.beyond)
		} else {
			g.leave(i, gone)
			g.p.out.Left += int64(len(gone)) + g.beyond
		}
	} else {
		g.p.out.Left += g.beyond
	}
	g.rank(i, t, all)
}

// categories are the values of a group, with what all rows of each give.
func (g *grouping) categories(i int) []*category {
	at := map[string]*category{}
	var out []*category
	for _, b := range g.buckets {
		v, ok := g.figure(b)
		if !ok {
			v = math.Inf(-1)
		}
		id := idOf(b.keys[i])
		c := at[id]
		if c == nil {
			c = &category{cell: b.keys[i], sum: b.clone(), score: v}
			at[id] = c
			out = append(out, c)
			continue
		}
		c.score = max(c.score, v)
		c.loose = c.loose || !c.sum.add(b)
	}
	for _, c := range out {
		if v, ok := g.figure(c.sum); ok && !c.loose {
			c.score = v
		}
	}
	return out
}

func ids(list []*category) map[string]bool {
	out := map[string]bool{}
	for _, c := range list {
		out[idOf(c.cell)] = true
	}
	return out
}

// leave leaves categories out.
func (g *grouping) leave(i int, gone []*category) {
	ids := ids(gone)
	g.buckets = slices.DeleteFunc(g.buckets, func(b *bucket) bool { return ids[idOf(b.keys[i])] })
}

// together puts the buckets of categories into one of what is left over.
func (g *grouping) together(i int, gone []*category) {
	ids := ids(gone)
	by := map[string]float64{}
	at := map[string]*bucket{}
	var out []*bucket
	for _, b := range g.buckets {
		if !ids[idOf(b.keys[i])] {
			out = append(out, b)
			continue
		}
		maps.Copy(by, b.by)
		b = b.clone()
		b.keys[i] = Other
		if same := at[b.id()]; same != nil {
			same.add(b)
			continue
		}
		at[b.id()] = b
		out = append(out, b)
	}
	if g.more {
		out = g.remainder(slices.DeleteFunc(out, func(b *bucket) bool { return b.keys[i] == Other }))
	}
	if g.p.per != nil && g.p.per.shown == i { // places where nothing was counted are among the others too
		for _, b := range at {
			b.by = maps.Clone(by)
		}
	}
	g.buckets = out
}

// remainder adds what all rows give less those that are kept: the others, where not all of
// them were asked for.
func (g *grouping) remainder(kept []*bucket) []*bucket {
	rest := g.total.clone()
	rest.keys = []tabular.Cell{Other}
	for k := range rest.amounts {
		a := &rest.amounts[k]
		sum := func(x amount) float64 {
			if x.cell.Null {
				return 0
			}
			if x.fn == tabular.Mean {
				return x.value * float64(x.n)
			}
			return x.value
		}
		left := sum(*a)
		for _, b := range kept {
			left -= sum(b.amounts[k])
			a.n -= b.amounts[k].n
		}
		if a.fn == tabular.Mean {
			a.cell.Null = a.n <= 0
			left /= float64(max(a.n, 1))
		}
		a.value, a.merged = left, true
	}
	g.p.out.LeftRows = 0
	return append(kept, rest)
}

// rank puts the categories that are kept in their order.
func (g *grouping) rank(i int, t *part, kept []*category) {
	byValue := !g.p.ordered(t) && !t.col.Type.Number() && t.role != RolePlace
	down := byValue
	switch t.ch.Sort {
	case "ascending", "descending":
		byValue, down = false, t.ch.Sort == "descending"
	case "value", "-value":
		byValue, down = true, t.ch.Sort == "-value"
	}
	order := t.order
	if days := calendar(kept); days != nil && t.ch.Sort != "value" && t.ch.Sort != "-value" {
		byValue, down, order = false, t.ch.Sort == "descending", days
	}
	slices.SortStableFunc(kept, func(a, b *category) int {
		if c := cmp.Compare(lastly(a.cell), lastly(b.cell)); c != 0 && (!byValue || a.cell == Other || b.cell == Other) {
			return c
		}
		c := order(a.cell, b.cell)
		if byValue {
			c = cmp.Compare(a.score, b.score)
		}
		if down {
			c = -c
		}
		return cmp.Or(c, t.order(a.cell, b.cell))
	})
	g.ranks[i] = map[string]int{}
	for k, c := range kept {
		g.ranks[i][idOf(c.cell)] = k
	}
}
