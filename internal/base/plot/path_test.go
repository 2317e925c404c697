package plot

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPathsAreReadAndWrittenShort(t *testing.T) {
	for _, c := range []struct{ path, want string }{
		{"", ""},
		{"M10 20L30 40", "M10 20l20 20"},
		{"M10,20 30,40", "M10 20l20 20"},
		{"m10 20 20 20", "M10 20l20 20"},
		{"M0 0H10V10H0Z", "M0 0h10v10h-10z"},
		{"M0 0h10v10h-10z m5 5l1 1", "M0 0h10v10h-10zM5 5l1 1"},
		{"M1.25.5-3-4", "M1.3 .5l-4.3-4.5"},
		{"M0 0C1 2 3 4 5 6 7 8 9 10 11 12", "M0 0c1 2 3 4 5 6 2 2 4 4 6 6"},
		{"M0 0c1 2 3 4 5 6", "M0 0c1 2 3 4 5 6"},
		{"M0 0A5 5 0 0 1 10 0", "M0 0a5 5 0 0 1 10 0"},
		{"M0 0a5 5 0 1110 0", "M0 0a5 5 0 1 1 10 0"},
		{"M1e1 1E-1", "M10 .1"},
		{"M0 0L.04 .04L.08 .08L.12 .12", "M0 0h0l.1 .1"},
	} {
		p, err := parsePath(c.path)
		if err != nil {
			t.Errorf("%q: %v", c.path, err)
			continue
		}
		if diff := cmp.Diff(c.want, p.data()); diff != "" {
			t.Errorf("%q (-want +got):\n%s", c.path, diff)
		}
	}
}

func TestRoundingDoesNotAddUpAlongAPath(t *testing.T) {
	p := path{{op: 'M'}}
	for i := range 1000 {
		p = append(p, segment{op: 'L', x: float64(i+1) * 0.34, y: float64(i%2) * 5})
	}
	again, err := parsePath(p.data())
	if err != nil {
		t.Fatal(err)
	}
	if got := again.end().x; math.Abs(got-340) > 0.051 {
		t.Errorf("the path ends at %.2f, want 340", got)
	}
}

func TestWhatIsNoPathIsRefused(t *testing.T) {
	for _, d := range []string{"L1 1", "M", "M1", "M1 x", "M1 1Q1 1 2 2", "M1 1 Z 5", "10 10", "M1 1A1 1 0 2 0 1 1", "M1e999 0", "M1 1L2e6 0", "M--1 0", "M1 1e", "M. .", "M999999 0m999999 0", "<script>", "M0 0\x00"} {
		if p, err := parsePath(d); err == nil {
			t.Errorf("%q is read as %v", d, p)
		}
	}
}

func TestAnArcIsPartOfItsCircle(t *testing.T) {
	for _, d := range []string{"M10 0A10 10 0 0 1 0 10", "M10 0A10 10 0 1 0 0 10", "M10 0A10 10 0 1 1 0 -10", "M10 0A10 10 30 0 1 -10 0", "M10 0A2 2 0 0 1 -10 0"} {
		p, err := parsePath(d)
		if err != nil {
			t.Fatal(err)
		}
		for _, at := range p.flatten(matrix{a: 1, d: 1})[0].points {
			if r := math.Hypot(at.x, at.y); math.Abs(r-10) > 0.02 {
				t.Errorf("%s goes through %.2f, %.2f: %.3f from the centre", d, at.x, at.y, r)
			}
		}
	}
}

func FuzzPath(f *testing.F) {
	for _, seed := range []string{"M0 0L1 1", "m1.5-2c1 2 3 4 5 6zl1 1", "M0 0a5 5 30 1 0 10 0A1 1 0 0 0 3 3", "M0 0H10V10z", "M1e5,1E-5"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, d string) {
		p, err := parsePath(d)
		if err != nil {
			return
		}
		again, err := parsePath(p.data())
		if err != nil {
			t.Fatalf("%q is written as %q, which is not read: %v", d, p.data(), err)
		}
		if len(again) > len(p) {
			t.Fatalf("%q of %d segments has %d when written", d, len(p), len(again))
		}
		for _, line := range stroked(p.flatten(matrix{a: 1, d: 1}), 2, true) {
			for _, at := range line.points {
				if math.IsNaN(at.x) || math.IsNaN(at.y) {
					t.Fatalf("%q goes through nowhere", d)
				}
			}
		}
	})
}
