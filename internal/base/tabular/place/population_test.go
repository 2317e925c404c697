package place_test

import (
	"testing"

	"plaza/internal/base/tabular/place"
)

func TestThePopulationIsThatOfTheCensus(t *testing.T) {
	for code, want := range map[string]int64{"01001": 948990, "09": 9209944, "31": 2320898} {
		if n, ok := place.Population(code); !ok || n != want {
			t.Errorf("%s has %d, %v; want %d", code, n, ok, want)
		}
	}
	for _, code := range []string{"", "9", "33", "09999", "010010001"} {
		if n, ok := place.Population(code); ok {
			t.Errorf("%q has %d", code, n)
		}
	}
}

func TestAStateHasThePeopleOfItsMunicipalities(t *testing.T) {
	country := int64(0)
	for _, s := range place.States() {
		sum := int64(0)
		for _, m := range place.Towns(s.Code) {
			n, ok := place.Population(m.Code)
			if !ok {
				t.Errorf("%v has no population", m)
			}
			sum += n
		}
		if n, _ := place.Population(s.Code); n != sum {
			t.Errorf("%v has %d, its municipalities %d", s, n, sum)
		}
		country += sum
	}
	if country != 126_014_024 {
		t.Errorf("the country has %d", country)
	}
}
