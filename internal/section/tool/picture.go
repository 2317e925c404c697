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
	View     string // name, "" for all of it
	Language string // "" where it is the same in all
	Form     string // svg, dark, png, json, thumbnail
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

// PicturesOf are the pictures of a version that were drawn, each of whatever data.
func PicturesOf(tx *db.Tx, id string, version int) ([]Kept, error) {
	return db.All(tx, func(scan func(...any) error) (k Kept, err error) {
		k.Tool, k.Version = id, version
		err = scan(&k.View, &k.Language, &k.Form, &k.Stamp, &k.SHA256, &k.Bytes, &k.Made)
		return k, err
	}, `SELECT view, language, form, stamp, sha256, bytes, made_at
		FROM tool_pictures
		WHERE tool_id = $1 AND version = $2
		ORDER BY view, language, form`, id, version)
}

// KeepPicture notes a picture that is in the file store, in place of the one that was there
// of other data, and forgets those of earlier versions.
func KeepPicture(tx *db.Tx, k Kept) error {
	if _, err := tx.Exec(`DELETE FROM tool_pictures
		WHERE tool_id = $1 AND view = $2 AND language = $3 AND form = $4 AND version <= $5`,
		k.Tool, k.View, k.Language, k.Form, k.Version); err != nil {
		return fmt.Errorf("forgetting pictures of tool %s: %w", k.Tool, err)
	}
	if _, err := tx.Exec(`INSERT INTO tool_pictures (tool_id, version, view, language, form, stamp, sha256, bytes, made_at)
		VALUES (`+db.Placeholders(1, 9)+`)`, k.Tool, k.Version, k.View, k.Language, k.Form, k.Stamp, k.SHA256, k.Bytes, tx.Now); err != nil {
		return fmt.Errorf("storing a picture of tool %s: %w", k.Tool, err)
	}
	return nil
}

// ForgetView forgets the pictures of a view, "" for the tool's thumbnail: it has none now.
func ForgetView(tx *db.Tx, id, view string) error {
	if _, err := tx.Exec(`DELETE FROM tool_pictures WHERE tool_id = $1 AND view = $2`, id, view); err != nil {
		return fmt.Errorf("forgetting pictures of tool %s: %w", id, err)
	}
	return nil
}

// ForgetPictures forgets the pictures of versions that nobody sees any more.
func ForgetPictures(tx *db.Tx) error {
	_, err := tx.Exec(`DELETE FROM tool_pictures
		WHERE NOT EXISTS (SELECT 1 FROM tools t WHERE t.id = tool_pictures.tool_id AND t.version = tool_pictures.version AND t.standing = 'public')`)
	if err != nil {
		return fmt.Errorf("forgetting pictures: %w", err)
	}
	return nil
}

// nameImage names the picture of a tool elsewhere, so that it stays in the file store.
func nameImage(tx *db.Tx, id string, d Document) error {
	if d.External == nil {
		return nil
	}
	for _, key := range d.External.Picture.keys() {
		if _, err := tx.Exec(`INSERT INTO tool_images (tool_id, sha256) VALUES ($1, $2) ON CONFLICT DO NOTHING`, id, key); err != nil {
			return fmt.Errorf("naming a picture of tool %s: %w", id, err)
		}
	}
	return nil
}

// ForgetImages forgets the pictures of tools elsewhere that no version, working copy or
// publication that waits has any more, and those of tools that were taken away.
func ForgetImages(tx *db.Tx) error {
	_, err := tx.Exec(`DELETE FROM tool_images
		WHERE NOT EXISTS (
			SELECT 1 FROM tools t
			WHERE t.id = tool_images.tool_id AND t.standing <> 'removed' AND (
				t.pending LIKE '%' || tool_images.sha256 || '%'
				OR EXISTS (SELECT 1 FROM tool_versions v WHERE v.tool_id = t.id AND v.document LIKE '%' || tool_images.sha256 || '%')
				OR EXISTS (SELECT 1 FROM tool_drafts d WHERE d.tool_id = t.id AND d.document LIKE '%' || tool_images.sha256 || '%')))`)
	if err != nil {
		return fmt.Errorf("forgetting pictures: %w", err)
	}
	return nil
}
