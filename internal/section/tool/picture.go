package tool

import (
	"fmt"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/plaza"
)

// Drawn names a picture of a view of a tool.
type Drawn struct {
	Tool     string
	Version  int
	View     string // name
	Language string
	Form     string // svg, png, json
}

// Kept is a picture that was drawn, and is in the file store.
type Kept struct {
	Drawn
	Stamp  string // of the data that it shows
	SHA256 string // its key
	Bytes  int64
	Made   time.Time
}

// PictureOf is a picture that was drawn, of whatever data; NotFound when there is none.
func PictureOf(tx *db.Tx, d Drawn) (Kept, error) {
	k := Kept{Drawn: d}
	err := tx.Row(`SELECT stamp, sha256, bytes, made_at
		FROM tool_pictures
		WHERE tool_id = $1 AND version = $2 AND view = $3 AND language = $4 AND form = $5`,
		d.Tool, d.Version, d.View, d.Language, d.Form).Scan(&k.Stamp, &k.SHA256, &k.Bytes, &k.Made)
	if err != nil && plaza.KindOf(err) == plaza.NotFound {
		return k, plaza.E(plaza.NotFound, "tool.error.no_picture")
	}
	return k, err
}

// KeepPicture notes a picture that is in the file store, in place of the one that was there
// of other data, and forgets those of earlier versions. It returns the keys of files that
// nothing here needs any more, for the caller to remove once the transaction is committed.
func KeepPicture(tx *db.Tx, k Kept) (free []string, err error) {
	old, err := db.All(tx, db.Column[string], `DELETE FROM tool_pictures
		WHERE tool_id = $1 AND view = $2 AND language = $3 AND form = $4 AND version <= $5
		RETURNING sha256`, k.Tool, k.View, k.Language, k.Form, k.Version)
	if err != nil {
		return nil, fmt.Errorf("forgetting pictures of tool %s: %w", k.Tool, err)
	}
	if _, err := tx.Exec(`INSERT INTO tool_pictures (tool_id, version, view, language, form, stamp, sha256, bytes, made_at)
		VALUES (`+db.Placeholders(1, 9)+`)`, k.Tool, k.Version, k.View, k.Language, k.Form, k.Stamp, k.SHA256, k.Bytes, tx.Now); err != nil {
		return nil, fmt.Errorf("storing a picture of tool %s: %w", k.Tool, err)
	}
	for _, key := range old {
		var n int
		if err := tx.Row(`SELECT COUNT(*) FROM tool_pictures WHERE sha256 = $1`, key).Scan(&n); err != nil {
			return nil, err
		}
		if n == 0 {
			free = append(free, key)
		}
	}
	return free, nil
}
