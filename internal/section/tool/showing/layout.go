package showing

import "plaza/internal/section/tool/spec"

// Share is how much of a row a view takes on wide screens; narrow ones have one column.
type Share string

// The shares of a row.
const (
	Whole   Share = "whole"
	Half    Share = "half"
	Third   Share = "third"
	Quarter Share = "quarter"
)

// Layout is which share of a row each view of a tool takes. Figures that follow one another
// stand together; so do charts and maps, in pairs, of which the first is wide when their
// number is odd. Words, tables and what is wide by nature take a row. Views stay in the order
// of the document, and no row has a gap.
func Layout(views []spec.View) []Share {
	out := make([]Share, len(views))
	for from := 0; from < len(views); {
		group := groupOf(views[from])
		to := from + 1
		for to < len(views) && groupOf(views[to]) == group {
			to++
		}
		switch group {
		case figures:
			copy(out[from:to], figureShares(to-from))
		case charts:
			for i := from; i < to; i++ {
				out[i] = Half
			}
			if (to-from)%2 == 1 {
				out[from] = Whole
			}
		default:
			for i := from; i < to; i++ {
				out[i] = Whole
			}
		}
		from = to
	}
	return out
}

// The groups of views that may share rows.
const (
	alone = iota
	figures
	charts
)

func groupOf(v spec.View) int {
	switch v.Kind() {
	case spec.KindFigure:
		return figures
	case spec.KindText, spec.KindTable, spec.KindMultiples, spec.KindHeatMap:
		return alone
	}
	return charts
}

// figureShares are those of some figures: at most four are in a row, and rows are even.
func figureShares(n int) (out []Share) {
	share := map[int]Share{1: Whole, 2: Half, 3: Third, 4: Quarter}
	for n > 0 {
		row := min(n, 4)
		if n == 5 {
			row = 3 // and two
		}
		for range row {
			out = append(out, share[row])
		}
		n -= row
	}
	return out
}

// width of a picture, in pixels, in a share of a row.
func (s Share) width() float64 {
	switch s {
	case Half:
		return Halved
	case Third, Quarter:
		return Narrow
	}
	return Wide
}

// Common reports whether all that a tool computes comes from the same table, so that it is
// said once where its numbers come from.
func Common(s spec.Spec) bool {
	source, n := "", 0
	for _, v := range s.Views {
		if v.Mark == spec.Text {
			continue
		}
		_, shapes := s.Source(v.Geo)
		if n > 0 && v.Source != source || shapes {
			return false
		}
		source = v.Source
		n++
	}
	return n > 1
}
