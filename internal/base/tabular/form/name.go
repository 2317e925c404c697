package form

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"plaza/internal/base/tabular/child"
	"plaza/internal/base/text"
)

// endings are those of forms that are not called like their form.
var endings = map[child.Form]string{child.Arrow: "arrows"}

// Name is a file's name: institution, dataset, table, date, licence and, when rows were
// left out, a mark of the filter, in letters that every system can write. It has at
// most 200 bytes and no path.
func Name(about map[string]string, f child.Form) string {
	var parts []string
	for _, one := range []struct {
		key  string
		most int
	}{{Institution, 40}, {Dataset, 50}, {Table, 40}, {Date, 20}, {Licence, 20}} {
		if s := text.Slug(about[one.key], one.most); s != "" {
			parts = append(parts, s)
		}
	}
	if filter := about[Filter]; filter != "" {
		sum := sha256.Sum256([]byte(filter))
		parts = append(parts, "filtro-"+hex.EncodeToString(sum[:4]))
	}
	if len(parts) == 0 {
		parts = []string{"tabla"}
	}
	return strings.Join(parts, "_") + "." + cmp.Or(endings[f], string(f))
}
