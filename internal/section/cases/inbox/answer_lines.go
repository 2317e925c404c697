package inbox

import (
	"strconv"
	"strings"

	"plaza/internal/base/db"
	"plaza/internal/section/cases"
)

// answered is a case that the answer is for.
type answered struct {
	line
	Value  string // its id and version
	Files  string // says which files of its reader's draft are published with the answer
	Chosen bool
}

// answerLines draw cases as the form of one answer offers them, in one statement.
func answerLines(tx *db.Tx, t *teller, list []cases.Case, reader string, chosen bool) ([]answered, error) {
	ids := make([]string, len(list))
	for i, c := range list {
		ids[i] = c.ID
	}
	files, err := cases.OwnDraftFiles(tx, reader, ids...)
	if err != nil {
		return nil, err
	}
	out := make([]answered, len(list))
	for i, c := range list {
		out[i] = answered{t.asked(c), value(c), "", chosen}
		var names []string
		for _, f := range files[c.ID] {
			names = append(names, f.Name)
		}
		if len(names) > 0 {
			out[i].Files = t.l.T("inbox.answer.files", "names", strings.Join(names, ", "))
		}
	}
	return out, nil
}

// value is a case as a form names it: with the version that its reader saw.
func value(c cases.Case) string { return c.ID + "@" + strconv.Itoa(c.Version) }
