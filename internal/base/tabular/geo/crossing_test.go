package geo

import (
	"math/rand/v2"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkb"
)

// TestCrossingsAreThoseThatEveryPairOfEdgesShows compares the sweep with what comparing
// all pairs finds.
func TestCrossingsAreThoseThatEveryPairOfEdgesShows(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 9))
	counts := map[bool]int{}
	for range 4000 {
		n := 4 + r.IntN(4)
		var ring orb.Ring
		for range n {
			ring = append(ring, orb.Point{float64(r.IntN(9)), float64(r.IntN(9))})
		}
		ring = append(ring, ring[0])
		want := false
		for i := range n {
			for k := range i - 1 {
				a, b, c, d := ring[i], ring[i+1], ring[k], ring[k+1]
				side := func(p, q, o orb.Point) float64 { return (q[0]-p[0])*(o[1]-p[1]) - (q[1]-p[1])*(o[0]-p[0]) }
				want = want || side(a, b, c)*side(a, b, d) < 0 && side(c, d, a)*side(c, d, b) < 0
			}
		}
		counts[want]++
		if _, _, got := crossing(wkb.MustMarshal(orb.Polygon{ring})); got != want {
			t.Fatalf("%v: %v", ring, got)
		}
	}
	if counts[true] < 500 || counts[false] < 500 {
		t.Errorf("the rings are all alike: %v", counts)
	}
}
