package explore_test

import (
	"testing"

	"plaza/internal/base/db"
	"plaza/internal/base/i18n"
	"plaza/internal/civic/record"
	"plaza/internal/section/explore"
)

func TestFollowersReadHowManyRowsAFileGainedAndLost(t *testing.T) {
	worlds(t, func(w *world) {
		w.serve(small)
		w.serve(larger)
		bundle, err := i18n.New(explore.Locale, record.Locale)
		if err != nil {
			t.Fatal(err)
		}
		w.Read(func(tx *db.Tx) error {
			entries, err := record.Latest(tx, record.Filter{Verb: "resource.changed"}, 1)
			if err != nil {
				return err
			}
			list, err := record.Sentences(tx, bundle.Printer("es"), tx.Now, nil, entries)
			if err != nil {
				return err
			}
			if got := list[0].Before + list[0].Title + list[0].After; got != "El archivo de Camas cambió: +2, −1 filas." {
				t.Errorf("it says %q", got)
			}
			audience, err := explore.Audiences(tx, entries[0])
			if len(audience.About) != 1 || audience.About[0].ID != "un-conjunto" || audience.Nobody {
				t.Errorf("%+v", audience)
			}
			return err
		})
	})
}
