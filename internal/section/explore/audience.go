package explore

import (
	"encoding/json"

	"plaza/internal/base/db"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
)

// Audiences says who hears of a file that changed: besides its followers, those of its
// dataset, also once the catalogue no longer lists it there. What people of an institution
// corrected or withheld of columns is told to nobody.
func Audiences(_ *db.Tx, e record.Entry) (record.Audience, error) {
	switch e.Verb {
	case "resource.opened", "resource.corrected", "resource.column_withheld", "resource.column_released":
		return record.Audience{Nobody: true}, nil
	case "resource.changed":
		var facts struct {
			Dataset string `json:"dataset"`
		}
		if err := json.Unmarshal(e.Payload, &facts); err == nil && facts.Dataset != "" {
			return record.Audience{About: []plaza.Ref{{Kind: "dataset", ID: facts.Dataset}}}, nil
		}
	}
	return record.Audience{}, nil
}
