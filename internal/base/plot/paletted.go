package plot

import (
	"cmp"
	"image"
	"image/color"
	"slices"
)

// paletted is the picture with at most 256 colours, those that most pixels have: of flat
// drawings, only the edges of letters and lines come to lie on a neighbour.
func paletted(img *image.RGBA) *image.Paletted {
	counts := map[[3]uint8]int{}
	runs(img, func(c [3]uint8, from, to int) { counts[c] += to - from })
	colours := make([][3]uint8, 0, len(counts))
	for c := range counts {
		colours = append(colours, c)
	}
	slices.SortFunc(colours, func(a, b [3]uint8) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), slices.Compare(a[:], b[:]))
	})
	chosen := spread(colours)
	index := make(map[[3]uint8]uint8, len(counts))
	for _, c := range colours {
		index[c] = nearest(chosen, c)
	}
	out := image.NewPaletted(img.Rect, make(color.Palette, len(chosen)))
	for i, c := range chosen {
		out.Palette[i] = color.RGBA{c[0], c[1], c[2], 0xff}
	}
	runs(img, func(c [3]uint8, from, to int) {
		at := index[c]
		for i := from; i < to; i++ {
			out.Pix[i] = at
		}
	})
	return out
}

// runs calls do for each stretch of pixels of one colour, by their numbers: looking colours
// up for every pixel would take longer than drawing them.
func runs(img *image.RGBA, do func(c [3]uint8, from, to int)) {
	pix, n := img.Pix, len(img.Pix)/4
	for from := 0; from < n; {
		c, to := [3]uint8(pix[4*from:]), from+1
		for to < n && [3]uint8(pix[4*to:]) == c {
			to++
		}
		do(c, from, to)
		from = to
	}
}

// spread takes the commonest colours that are not next to one that is already taken.
func spread(colours [][3]uint8) [][3]uint8 {
	const most, apart = 256, 3 * 8 * 8
	if len(colours) <= most {
		return colours
	}
	var out [][3]uint8
	for _, c := range colours {
		if len(out) == most {
			break
		}
		if len(out) < 32 || apartness(out[nearest(out, c)], c) > apart {
			out = append(out, c)
		}
	}
	return out
}

func nearest(among [][3]uint8, c [3]uint8) uint8 {
	best, at := 1<<30, 0
	for i, one := range among {
		if d := apartness(one, c); d < best {
			best, at = d, i
		}
	}
	return uint8(at)
}

// apartness is the square of how far two colours are from each other.
func apartness(a, b [3]uint8) int {
	sum := 0
	for i := range a {
		d := int(a[i]) - int(b[i])
		sum += d * d
	}
	return sum
}
