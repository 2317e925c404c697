package plot

import "strings"

// How many dots have their name beside, at most, and how wide a line of one may always be.
const (
	mostNames  = 200
	nameAcross = 150.0
)

// namesOf are the names of dots, the greatest first, each where nothing else is. One for which
// there is no place is left out: the table beside has it.
func namesOf(r *room, dots []dot) (nodes []Node) {
	named := 0
	for _, m := range dots {
		if m.Name == "" || named == mostNames {
			continue
		}
		texts := m.named(r, byMark|byText|byRule)
		if texts == nil && r.ruled {
			texts = m.named(r, byMark|byText)
		}
		if texts != nil {
			nodes, named = append(nodes, texts...), named+1
		}
	}
	return nodes
}

// named is the name of a dot in one line or, where that has no place, in two.
func (m dot) named(r *room, avoid uint8) []Node {
	across := max(nameAcross, r.width/4)
	width := TextWidth(m.Name, tickSize, false)
	if width <= across {
		if texts := m.beside(r, avoid, []string{m.Name}, width); texts != nil {
			return texts
		}
	}
	if said := inTwo(m.Name, across); len(said) == 2 || width > across {
		return m.beside(r, avoid, said, widest(said, tickSize))
	}
	return nil
}

// inTwo are two lines of a name about as wide as each other; what they cannot hold is cut. A word
// alone is one line.
func inTwo(name string, across float64) (said []string) {
	if !strings.Contains(name, " ") {
		return broken(name, tickSize, false, across, 1)
	}
	width := TextWidth(name, tickSize, false)
	for part := 0.5; part < 1 && width*part < across; part += 0.1 {
		said = broken(name, tickSize, false, width*part, 2)
		if whole(said, name) == "" && !overlong(name, tickSize, false, width*part) {
			return said
		}
	}
	return broken(name, tickSize, false, across, 2)
}

// beside puts lines, as wide as the widest, at the first place around a dot that is free: to the
// right, to the left, above and below, in the middle or to either side. nil: there is none.
func (m dot) beside(r *room, avoid uint8, said []string, width float64) (nodes []Node) {
	away, high := m.r+4, noteLine*float64(len(said))
	over, under := m.y-away-high+2, m.y+away-2
	for _, at := range []struct {
		x, top float64
		anchor Anchor
	}{
		{m.x + away, m.y - high/2, Start},
		{m.x - away, m.y - high/2, End},
		{m.x, over, Middle}, {m.x, under, Middle},
		{m.x + m.r, over, End}, {m.x - m.r, over, Start},
		{m.x + m.r, under, End}, {m.x - m.r, under, Start},
	} {
		t := Text{X: at.x, Y: at.top + 11, Size: tickSize, Anchor: at.anchor, Ink: InkText, Halo: true, Whole: whole(said, m.Name)}
		taken := t.over(width)
		taken.bottom += noteLine * float64(len(said)-1)
		if !r.free(taken, avoid) {
			continue
		}
		r.take(taken, byText)
		for _, line := range t.set(said) {
			nodes = append(nodes, line)
		}
		return nodes
	}
	return nil
}
