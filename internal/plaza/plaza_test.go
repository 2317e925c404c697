package plaza_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"plaza/internal/plaza"
)

var uuidV7 = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)

func TestIDsAreUUIDv7AndSortByWhenTheyWereMade(t *testing.T) {
	at := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	var ids []string
	for i := range 50 {
		ids = append(ids, plaza.NewID(at.Add(time.Duration(i)*time.Millisecond)))
	}
	if !slices.IsSorted(ids) {
		t.Error("ids do not sort by time")
	}
	for _, id := range append(ids, plaza.DerivedID(ids[0], "a"), plaza.NestedID(ids[0], "a")) {
		if !uuidV7.MatchString(id) {
			t.Errorf("%q is not a UUIDv7", id)
		}
	}
}

func TestIDsAreFoundInWhatSomebodyPasted(t *testing.T) {
	const a, b = "01980000-0000-7000-8000-00000000000a", "01980000-0000-7000-8000-00000000000b"
	for text, want := range map[string][]string{"": nil, "agua": nil, a: {a}, " https://plaza.ejemplo.mx/datos/agua/recursos/" + strings.ToUpper(a) + "?ver=mapa ": {a}, b + " " + a: {b, a}, a[1:]: nil} {
		if got := plaza.IDs(text); !slices.Equal(got, want) {
			t.Errorf("IDs(%q) = %q, want %q", text, got, want)
		}
		if got := plaza.IsID(text); got != (text == a) {
			t.Errorf("IsID(%q) = %v", text, got)
		}
	}
}

func TestDerivedIDsDependOnEachPartAlone(t *testing.T) {
	base := plaza.NewID(time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC))
	if first, again := plaza.DerivedID(base, "a", "b"), plaza.DerivedID(base, "a", "b"); first != again {
		t.Error("the same parts give different ids")
	}
	seen := map[string]bool{}
	for _, parts := range [][]string{{"a", "b"}, {"ab"}, {"a", "b", ""}, {"b", "a"}, {}} {
		id := plaza.DerivedID(base, parts...)
		if seen[id] || id[:13] != base[:13] {
			t.Errorf("DerivedID(%q) = %s", parts, id)
		}
		nested := plaza.NestedID(base, parts...)
		if seen[nested] || nested[:24] != base[:24] {
			t.Errorf("NestedID(%q) = %s", parts, nested)
		}
		seen[id], seen[nested] = true, true
	}
}
