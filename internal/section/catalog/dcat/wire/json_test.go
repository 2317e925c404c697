package wire

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzJSON holds our decoder to encoding/json: it accepts the same texts, apart from
// raw control characters in strings and from depth, and reads the same from them.
func FuzzJSON(f *testing.F) {
	for _, s := range []string{`{"a":[1,-2.5e3,true,null,"\u00e1\n\ud83d\ude00\ud800"],"b":{}}`, `[]`, `[1,]`, `{"a":1,"a":2}`, `01`, `1.`, `"\x"`, ` "a" `, `tru`, `{"a" 1}`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := Parse(s)
		if err != nil && strings.Contains(err.Error(), ErrDeep.Error()) {
			return
		}
		var want any
		d := json.NewDecoder(strings.NewReader(s))
		d.UseNumber()
		valid := json.Valid([]byte(s))
		if rawControl(s) || !utf8.ValidString(s) {
			return
		}
		if valid != (err == nil) {
			t.Fatalf("Parse(%q) = %v, encoding/json says valid %v", s, err, valid)
		}
		if !valid {
			return
		}
		if err := d.Decode(&want); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(plain(got), want) {
			t.Fatalf("Parse(%q) = %#v, want %#v", s, plain(got), want)
		}
	})
}

func rawControl(s string) bool {
	return strings.ContainsFunc(s, func(c rune) bool { return c < ' ' })
}

// plain turns a value into what encoding/json gives with UseNumber.
func plain(v Value) any {
	switch v.Kind {
	case Number:
		return json.Number(v.Text)
	case Array:
		list := make([]any, 0, len(v.Items))
		for _, item := range v.Items {
			list = append(list, plain(item))
		}
		return list
	case Object:
		object := make(map[string]any, len(v.Members))
		for _, m := range v.Members {
			object[m.Name] = plain(m.Value)
		}
		return object
	}
	return v.Any()
}

func TestBrokenJSONIsRefusedWithItsLine(t *testing.T) {
	for text, want := range map[string]string{
		"{\"a\":1,\n}": "line 2: a comma with nothing after it", "[1,\n\n]": "line 3: a comma with nothing after it", "{\"a\"\n1}": "line 2: not JSON",
		"[1 2]": "line 1: not JSON", "1 2": "line 1: text after the end", "": "line 1: not JSON", "{": "line 1: not JSON", `"a`: "line 1: not JSON", `"\u12"`: "line 1: not JSON",
		strings.Repeat("[", 80): "line 1: nested too deeply",
	} {
		if _, err := Parse(text); err == nil || err.Error() != want {
			t.Errorf("Parse(%q) = %v, want %s", text, err, want)
		}
	}
}
