package institution

import (
	"slices"

	"plaza/internal/base/db"
	"plaza/internal/base/i18n"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
)

// HoursOf are an institution's hours; without spans when it has said nothing of them.
func HoursOf(tx *db.Tx, i Institution) (Hours, error) {
	h := Hours{Zone: i.Zone, Calendar: i.Calendar}
	var err error
	h.Spans, err = db.All(tx, func(scan func(...any) error) (Span, error) {
		var s Span
		err := scan(&s.Day, &s.Opens, &s.Closes)
		return s, err
	}, `SELECT weekday, opens, closes FROM institution_hours WHERE institution_id = $1 ORDER BY weekday`, i.ID)
	return h, err
}

// SetHours says when an institution attends. What is wrong is Invalid, field by field;
// of one that is no more it is a Conflict. The acts, none when nothing differs, are for
// the caller to append to the record.
func SetHours(tx *db.Tx, id string, h Hours) ([]record.Act, error) {
	if err := lock(tx, id); err != nil {
		return nil, err
	}
	if wrong := h.check(); len(wrong) > 0 {
		return nil, &plaza.Error{Kind: plaza.Invalid, Key: "web.error.invalid", Fields: wrong}
	}
	i, err := ByID(tx, id)
	if err != nil {
		return nil, err
	}
	old, err := HoursOf(tx, i)
	if err != nil {
		return nil, err
	}
	var fields []string
	for _, f := range []struct {
		name   string
		differ bool
	}{{"zone", old.Zone != h.Zone}, {"calendar", old.Calendar != h.Calendar}, {"hours", !slices.Equal(old.Spans, h.Spans)}} {
		if f.differ {
			fields = append(fields, f.name)
		}
	}
	if len(fields) == 0 {
		return nil, nil
	}
	if err := putHours(tx, id, h); err != nil {
		return nil, err
	}
	return []record.Act{{Verb: "institution.hours", Object: i.Ref(), Institution: id,
		Payload: map[string]any{"name": i.Name, "slug": i.Slug, "fields": fields}}}, nil
}

func putHours(tx *db.Tx, id string, h Hours) error {
	if _, err := tx.Exec(`UPDATE institutions SET zone = $1, calendar = $2, updated_at = $3 WHERE id = $4`,
		h.Zone, h.Calendar, tx.Now, id); err != nil {
		return err
	}
	if _, err := tx.Exec(`DELETE FROM institution_hours WHERE institution_id = $1`, id); err != nil {
		return err
	}
	for _, s := range h.Spans {
		if _, err := tx.Exec(`INSERT INTO institution_hours (institution_id, weekday, opens, closes) VALUES ($1, $2, $3, $4)`,
			id, s.Day, s.Opens, s.Closes); err != nil {
			return err
		}
	}
	return nil
}

// HoursWords are an institution's hours in words, one line for each stretch of days.
func HoursWords(l *i18n.Printer, h Hours) []string {
	var out []string
	for _, s := range Stretches(h.Spans) {
		key := "institution.hours.stretch"
		if s.From == s.To {
			key = "institution.hours.day"
		}
		out = append(out, l.T(key, "from", DayWord(l, s.From), "to", DayWord(l, s.To), "opens", Clock(s.Opens), "closes", Clock(s.Closes)))
	}
	return out
}
