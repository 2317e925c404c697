package image

import (
	"image"
	"image/draw"
)

// strip is how many rows of a source are converted at a time.
const strip = 16

// shrink gives src in w × h pixels, at most as many as it has: each pixel is the mean
// of the area that it covers. The library's scalers keep 32 bytes for each column of
// the result times each row of the source, half a gigabyte for a tall photograph;
// this keeps a few rows.
func shrink(src image.Image, w, h int) *image.RGBA {
	b := src.Bounds()
	dst := image.NewRGBA(image.Rect(0, 0, w, h))
	if b.Dx() == w && b.Dy() == h {
		draw.Draw(dst, dst.Rect, src, b.Min, draw.Src)
		return dst
	}
	s := shrinker{dst: dst, cols: shares(b.Dx(), w), line: make([]float32, 4*w), sum: make([]float32, 4*w), next: make([]float32, 4*w)}
	rows := shares(b.Dy(), h)
	buf := image.NewRGBA(image.Rect(0, 0, b.Dx(), strip))
	for top := 0; top < b.Dy(); top += strip {
		n := min(strip, b.Dy()-top)
		draw.Draw(buf, image.Rect(0, 0, b.Dx(), n), src, image.Pt(b.Min.X, b.Min.Y+top), draw.Src)
		for i := range n {
			s.add(buf.Pix[i*buf.Stride:][:4*b.Dx()], rows[top+i])
		}
	}
	s.flush()
	return dst
}

// share says where one column or row of the source goes: to the place at, and what
// is left to the place after it. All that come to one place add up to 1.
type share struct {
	at         int
	here, next float32
}

func shares(from, to int) []share {
	out := make([]share, from)
	for i := range out {
		begin, end := i*to, (i+1)*to // in units of 1/from of a place
		at := begin / from
		edge := (at + 1) * from
		out[i] = share{at: at, here: float32(min(end, edge)-begin) / float32(from)}
		if end > edge {
			out[i].next = float32(end-edge) / float32(from)
		}
	}
	return out
}

// shrinker adds up rows of the source until a row of the result is whole.
type shrinker struct {
	dst       *image.RGBA
	cols      []share
	line      []float32 // one row of the source, as wide as the result
	sum, next []float32 // the row of the result at y, and the one after it
	y         int
}

func (s *shrinker) add(row []uint8, to share) {
	clear(s.line)
	for x, c := range s.cols {
		p := row[4*x : 4*x+4]
		l := s.line[4*c.at : 4*c.at+4]
		for i := range 4 {
			l[i] += c.here * float32(p[i])
		}
		if c.next > 0 {
			l = s.line[4*c.at+4 : 4*c.at+8]
			for i := range 4 {
				l[i] += c.next * float32(p[i])
			}
		}
	}
	if to.at > s.y {
		s.flush()
	}
	for i, v := range s.line {
		s.sum[i] += to.here * v
		s.next[i] += to.next * v
	}
}

// flush writes the row that is whole and goes on to the next.
func (s *shrinker) flush() {
	out := s.dst.Pix[s.y*s.dst.Stride:]
	for i, v := range s.sum {
		out[i] = uint8(min(v+0.5, 255))
	}
	s.sum, s.next = s.next, s.sum
	clear(s.next)
	s.y++
}
