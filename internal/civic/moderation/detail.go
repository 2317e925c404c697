package moderation

import (
	"plaza/internal/base/db"
	"plaza/internal/base/i18n"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
)

// Details says of decisions what their sentences tell the author: what it was about
// ({what}), the reason ({reason}) and the end of a suspension ({until}). What is
// against the author leads to the decision, where they read the reason and appeal; what
// is in their favour to the post. It runs one statement, and those of the kinds of posts.
func (d *Desk) Details(tx *db.Tx, l *i18n.Printer, entries []record.Entry) (map[int64]record.Detail, error) {
	var ids []string
	for _, e := range entries {
		if e.Object.Kind == DecisionKind {
			ids = append(ids, e.Object.ID)
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	list, err := db.All(tx, scanDecision, selectDecision+`d.id IN (`+db.Placeholders(1, len(ids))+`)`, db.Args(ids)...)
	if err != nil {
		return nil, err
	}
	var refs []plaza.Ref
	byID := map[string]Decision{}
	for _, dec := range list {
		byID[dec.ID] = dec
		refs = append(refs, dec.Object)
	}
	things, err := d.things(tx, refs)
	if err != nil {
		return nil, err
	}
	out := make(map[int64]record.Detail, len(entries))
	for _, e := range entries {
		dec, ok := byID[e.Object.ID]
		if !ok {
			continue
		}
		detail := record.Detail{Args: []any{"what", yours(l, dec.Object.Kind), "reason", l.T("moderation.reason." + dec.Reason), "until", dec.Until}}
		if t := things[dec.Object]; t.found && dec.Act.favours() {
			detail.Title, detail.Path = t.Title, t.Path
		}
		out[e.Seq] = detail
	}
	return out, nil
}

// yours is what a person's post is called to themselves.
func yours(l *i18n.Printer, kind string) string {
	if key := "moderation.yours." + kind; l.Has(key) {
		return l.T(key)
	}
	return l.T("moderation.yours")
}
