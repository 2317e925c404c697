package place

import (
	"testing"
)

func BenchmarkUnpack(b *testing.B) {
	for b.Loop() {
		if _, err := unpack(packed); err != nil {
			b.Fatal(err)
		}
	}
}

func TestAFrameworkThatIsCutDoesNotOpen(t *testing.T) {
	for _, n := range []int{0, 10, 1000, len(packed) / 2} {
		if _, err := unpack(packed[:n]); err == nil {
			t.Errorf("%d bytes open", n)
		}
	}
}
