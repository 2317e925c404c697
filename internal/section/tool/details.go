package tool

import (
	"strings"

	"plaza/internal/base/db"
	"plaza/internal/base/i18n"
	"plaza/internal/civic/record"
)

// Details tells whoever answers for a tool that is outdated what its data have no more, and
// what seems to stand in its place; it leads to where that is mended.
func Details(tx *db.Tx, l *i18n.Printer, entries []record.Entry) (map[int64]record.Detail, error) {
	var ids []string
	for _, e := range entries {
		if e.Verb == "tool.outdated" {
			ids = append(ids, e.Object.ID)
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	list, err := db.All(tx, scan, `SELECT `+columns+` FROM tools WHERE id IN (`+db.Placeholders(1, len(ids))+`)`, db.Args(ids)...)
	if err != nil {
		return nil, err
	}
	out := map[int64]record.Detail{}
	for _, t := range list {
		for _, e := range entries {
			if e.Verb == "tool.outdated" && e.Object.ID == t.ID && t.Public() {
				out[e.Seq] = record.Detail{Path: t.EditPath(), Args: []any{"lost", lostWords(l, t)}}
			}
		}
	}
	return out, nil
}

// lostWords says what a tool lost.
func lostWords(l *i18n.Printer, t Tool) string {
	words := make([]string, 0, len(t.Losses))
	for _, one := range t.Losses {
		key := "tool.loss"
		switch {
		case one.Column == "":
			key = "tool.loss.table"
		case one.Proposed != "":
			key = "tool.loss.proposed"
		case !one.Gone():
			key = "tool.loss.type"
		}
		words = append(words, l.T(key, "column", one.Column, "proposed", one.Proposed))
	}
	if len(words) == 0 { // its data have everything again
		return l.T("tool.loss.mended")
	}
	return strings.Join(words, "; ")
}
