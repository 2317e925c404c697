package plot

import "slices"

// areas are the areas of a panel and a target at every point of their upper edges. One alone
// breaks where there is no value, as one of those that stand on one another does: a slope down to
// nothing and up again would say what nobody measured.
func (p *plane) areas(pieces []piece) (nodes []Node) {
	series := p.bySeries(pieces)
	edges := p.edges(series)
	for i, of := range edges {
		if p.crowded {
			p.takeArea(of)
		}
		shape := p.fill(Mark{Series: i}, p.areaPath(of))
		if len(series) > 1 {
			shape.Stroke, shape.Width = InkGround, 0.75
		}
		if shape.Path != "" {
			nodes = append(nodes, shape)
		}
	}
	for i, of := range series {
		if path := p.linePath(of); path != "" && len(series) == 1 {
			nodes = append(nodes, Shape{Path: path, Stroke: p.ink(i, false), Width: lineWidth, Round: true})
		}
		nodes = append(nodes, p.targets(edges[i], len(pieces))...)
	}
	return nodes
}

// edges are the lower and upper edges of every series. On one another they have a place
// wherever any of them has.
func (p *plane) edges(series [][]piece) [][]piece {
	if len(series) == 1 {
		return series
	}
	var places []float64
	for _, of := range series {
		for _, c := range of {
			places = append(places, c.X)
		}
	}
	slices.Sort(places)
	places = slices.Compact(places)
	level := make([]float64, len(places))
	out := make([][]piece, len(series))
	for i, of := range series {
		if len(of) == 0 {
			continue
		}
		for n, x := range places {
			edge := piece{Mark: Mark{X: x, Series: i, Null: true}, from: level[n], to: level[n]}
			for len(of) > 0 && of[0].X == x {
				if !of[0].Null {
					edge.Mark, edge.to = of[0].Mark, of[0].to
				}
				of = of[1:]
			}
			level[n] = edge.to
			out[i] = append(out[i], edge)
		}
	}
	return out
}

// areaPath goes along the upper edge and back along the lower one.
func (p *plane) areaPath(of []piece) string {
	var path outline
	for len(of) > 0 {
		n := slices.IndexFunc(of, func(c piece) bool { return c.Null })
		if n < 0 {
			n = len(of)
		}
		command := byte('M')
		for _, c := range of[:n] {
			path = path.to(command, p.x.at(c.X), p.y.at(c.to))
			command = 'L'
		}
		for _, c := range slices.Backward(of[:n]) {
			path = path.to('L', p.x.at(c.X), p.y.at(c.from))
		}
		if n > 0 {
			path = path.to('Z')
		}
		of = of[min(len(of), n+1):]
	}
	return string(path)
}

// takeArea marks what lies between the edges as taken.
func (p *plane) takeArea(of []piece) {
	for i := 1; i < len(of); i++ {
		a, b := of[i-1], of[i]
		if !a.Null && !b.Null {
			top := min(p.y.at(a.to), p.y.at(b.to), p.y.at(a.from))
			p.room.take(area{p.x.at(a.X), top, p.x.at(b.X), max(p.y.at(a.from), p.y.at(a.to))}, byMark)
		}
	}
}
