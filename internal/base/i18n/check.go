package i18n

import (
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
)

// CheckCatalogues reports what a translator forgot: keys that only one language has,
// placeholders that differ, plural forms that only one language has, empty text. It
// is for tests; an empty answer means that all is well.
func CheckCatalogues(catalogues ...fs.FS) []string {
	var problems []string
	for _, fsys := range catalogues {
		es, err := load(fsys, files[0].path)
		if err != nil {
			problems = append(problems, err.Error())
			continue
		}
		en, err := load(fsys, files[1].path)
		if err != nil {
			problems = append(problems, err.Error())
			continue
		}
		problems = append(problems, compare(es, en)...)
	}
	slices.Sort(problems)
	return problems
}

func compare(es, en map[string]message) []string {
	var problems []string
	for key, spanish := range es {
		english, ok := en[key]
		if !ok {
			problems = append(problems, fmt.Sprintf("%s: missing in English", key))
			continue
		}
		if (spanish.one == nil) != (english.one == nil) || (spanish.zero == nil) != (english.zero == nil) {
			problems = append(problems, fmt.Sprintf("%s: plural forms differ", key))
		}
		if a, b := names(spanish), names(english); a != b {
			problems = append(problems, fmt.Sprintf("%s: placeholders differ: %s and %s", key, a, b))
		}
		if len(spanish.other) == 0 || len(english.other) == 0 {
			problems = append(problems, fmt.Sprintf("%s: no text", key))
		}
	}
	for key := range en {
		if _, ok := es[key]; !ok {
			problems = append(problems, fmt.Sprintf("%s: missing in Spanish", key))
		}
	}
	return problems
}

// names lists the placeholders of all forms of a message. "count" need not be shown
// by every form ("un conjunto").
func names(m message) string {
	set := map[string]bool{}
	for _, form := range [][]part{m.zero, m.one, m.other} {
		for _, part := range form {
			if part.name != "" {
				set["{"+part.name+"}"] = true
			}
		}
	}
	return strings.Join(slices.Sorted(maps.Keys(set)), " ")
}
