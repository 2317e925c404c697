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
	list, err := ByIDs(tx, ids)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	paths, lost := map[string]string{}, map[string]string{}
	for _, t := range list {
		if t.Public() {
			paths[t.ID], lost[t.ID] = t.EditPath(), lostWords(l, t)
		}
	}
	out := map[int64]record.Detail{}
	for _, e := range entries {
		if id := e.Object.ID; e.Verb == "tool.outdated" && paths[id] != "" {
			out[e.Seq] = record.Detail{Path: paths[id], Args: []any{"lost", lost[id]}}
		}
	}
	return out, nil
}

// lostWords says what a tool lost.
func lostWords(l *i18n.Printer, t Tool) string {
	words := make([]string, 0, len(t.Losses))
	for _, one := range t.Losses {
		words = append(words, l.T("tool.loss."+one.What(), "column", one.Column, "proposed", one.Proposed))
	}
	if len(words) == 0 { // its data have everything again
		return l.T("tool.loss.mended")
	}
	return strings.Join(words, "; ")
}
