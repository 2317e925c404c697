package infer

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"plaza/internal/base/tabular"
)

func TestEachTypeMeaningDoubtAndProblemHasItsWords(t *testing.T) {
	var keys []string
	for _, k := range tabular.Types {
		keys = append(keys, "tabular.type."+string(k))
	}
	for _, m := range tabular.Meanings {
		keys = append(keys, "tabular.meaning."+string(m))
	}
	for _, code := range strings.Fields("a01 a02 d01 i11 i12 c42 u22 c41 m31 m33 h01 t01 e01 e02 g01 g02 g03 s01 f01 k01 r01 p01 q01 c02 c03 c04 j01") {
		keys = append(keys, "tabular.problem."+code, "tabular.problem."+code+".fix")
	}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		src, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`doubt\("(\w+)"\)`).FindAllSubmatch(src, -1) {
			keys = append(keys, "tabular.doubt."+string(m[1]))
		}
	}
	for _, lang := range []string{"es", "en"} {
		b, err := os.ReadFile(filepath.Join("..", "locale", lang+".json"))
		if err != nil {
			t.Fatal(err)
		}
		words := map[string]string{}
		if err := json.Unmarshal(b, &words); err != nil {
			t.Fatal(err)
		}
		for _, k := range keys {
			if words[k] == "" {
				t.Errorf("%s has no words in %s", k, lang)
			}
		}
	}
}
