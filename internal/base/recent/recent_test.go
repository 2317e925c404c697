package recent_test

import (
	"testing"

	"plaza/internal/base/recent"
)

func TestWhatNobodyAsksForMakesRoom(t *testing.T) {
	r := recent.New[int, string](300, 1)
	for i := range 3 {
		if !r.Put(i, "x", 100) {
			t.Errorf("%d was known", i)
		}
	}
	r.Get(0)
	r.Put(3, "x", 100)
	for i, want := range []bool{true, false, true, true} {
		if _, got := r.Get(i); got != want {
			t.Errorf("%d is kept: %v, want %v", i, got, want)
		}
	}
	r.Forget(3)
	if _, ok := r.Get(3); ok || r.Put(0, "y", 1) {
		t.Error("what was forgotten is known, or what is known was not")
	}
	if v, _ := r.Get(0); v != "x" {
		t.Errorf("what is known was replaced by %q", v)
	}
}

func TestWhatIsTooLargeTakesNobodysPlace(t *testing.T) {
	r := recent.New[string, int](100, 4)
	r.Put("small", 1, 25)
	if !r.Put("large", 2, 26) {
		t.Error("what is too large was known")
	}
	if _, ok := r.Get("large"); ok {
		t.Error("what is too large is kept")
	}
	if _, ok := r.Get("small"); !ok {
		t.Error("what is small had to go for it")
	}
}
