package form

import (
	"encoding/json"
	"testing"
)

func FuzzQuoted(f *testing.F) {
	for _, s := range []string{"", "-0.5e+10", "01", "Cañón \"x\"\u2028\xff\x00", "1.", "\\", "😀\x7f"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var got string
		if err := json.Unmarshal(quoted(nil, s), &got); err != nil || got != string([]rune(s)) {
			t.Fatalf("%q is written as %s: %v", s, quoted(nil, s), err)
		}
		var n json.Number
		if valid := json.Unmarshal([]byte(s), &n) == nil && json.Valid([]byte(s)); isNumber(s) && !valid {
			t.Fatalf("%q is no number", s)
		}
	})
}

func TestNumbersAreWhatJSONCallsSo(t *testing.T) {
	for s, want := range map[string]bool{"0": true, "-1.5": true, "1e+21": true, "2E5": true, "01": false, "1.": false, ".5": false, "+1": false, "": false, "-": false, "1e": false, "NaN": false, "1x": false, "1e5x": false} {
		if isNumber(s) != want {
			t.Errorf("%q: %v", s, !want)
		}
	}
}
