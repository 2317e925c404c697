package catalog

import (
	"net/url"
	"strings"

	"plaza/internal/base/db"
	"plaza/internal/base/tabular"
	"plaza/internal/plaza"
)

// Troubles are the problems of a resource that its file does not show, by the codes of
// tabular.Problem: d01 a broken link, i11 accents or spaces in the address, c42 an address
// that other resources of published datasets have too, u22 no description, f01 late by the
// rhythm that its dataset promises. It runs four statements at most.
func Troubles(tx *db.Tx, resource string) (out []tabular.Problem, err error) {
	r, err := ResourceByID(tx, resource)
	if err != nil {
		if plaza.KindOf(err) == plaza.NotFound {
			err = nil
		}
		return nil, err
	}
	d, err := ByID(tx, r.DatasetID)
	if err != nil {
		return nil, err
	}
	add := func(found bool, code string, count int64) {
		if found {
			out = append(out, tabular.Problem{Code: code, Count: count})
		}
	}
	add(r.Check.Broken(), "d01", 1)
	add(accented(r.URL()), "i11", 1)
	same := int64(0)
	if address := r.URL(); address != "" {
		if err := tx.Row(`SELECT COUNT(r.id) FROM resources r JOIN datasets d ON d.id = r.dataset_id
			WHERE substr(r.url, 1, 400) = $1 AND r.url <> '' AND r.url = $2 AND r.id <> $3 AND r.removed_at IS NULL AND d.state = $4`, begin(address, 400), address, r.ID, Published).Scan(&same); err != nil {
			return nil, err
		}
	}
	add(same > 0, "c42", same)
	add(strings.TrimSpace(r.Description) == "", "u22", 1)
	add(d.Freshness(tx.Now) == Late, "f01", 1)
	return out, nil
}

// accented reports whether an address has letters that are not ASCII, or spaces, written
// plainly or escaped.
func accented(address string) bool {
	plain, err := url.PathUnescape(address)
	if err != nil {
		plain = address
	}
	return strings.ContainsFunc(plain, func(r rune) bool { return r > '~' || r == ' ' })
}

// begin is the beginning of a text, in letters.
func begin(s string, most int) string {
	if letters := []rune(s); len(letters) > most {
		return string(letters[:most])
	}
	return s
}

// ResourcesOf lists the ids of the resources of an institution's published datasets, those
// of the datasets that changed last first, and what each is called: as its dataset where it
// has no title.
func ResourcesOf(tx *db.Tx, institution string, limit int) (ids []string, titles map[string]string, err error) {
	titles = map[string]string{}
	err = db.Each(tx, func(scan func(...any) error) (pair [2]string, err error) {
		err = scan(&pair[0], &pair[1])
		return pair, err
	}, func(pair [2]string) error {
		ids = append(ids, pair[0])
		titles[pair[0]] = pair[1]
		return nil
	}, `SELECT r.id, CASE WHEN r.title = '' THEN d.title ELSE r.title END FROM datasets d JOIN resources r ON r.dataset_id = d.id
		WHERE d.institution_id = $1 AND d.state = $2 AND r.removed_at IS NULL
		ORDER BY d.changed_at DESC, d.id DESC, r.position LIMIT $3`, institution, Published, limit)
	return ids, titles, err
}
