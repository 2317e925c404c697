package harvest

import (
	"plaza/internal/base/db"
	"plaza/internal/plaza"
)

// Cards are what other parts of Plaza show of sources.
func Cards(tx *db.Tx, refs []plaza.Ref) (map[plaza.Ref]plaza.Card, error) {
	var ids []string
	for _, r := range refs {
		if r.Kind == KindSource {
			ids = append(ids, r.ID)
		}
	}
	out := make(map[plaza.Ref]plaza.Card, len(ids))
	if len(ids) == 0 {
		return out, nil
	}
	list, err := db.All(tx, scanSource, `SELECT `+sourceColumns+` FROM sources
		WHERE id IN (`+db.Placeholders(1, len(ids))+`)`, db.Args(ids)...)
	for _, s := range list {
		out[s.Ref()] = plaza.Card{Ref: s.Ref(), Title: s.Title, Path: s.Path(), Visible: true, Modified: s.CreatedAt}
	}
	return out, err
}
