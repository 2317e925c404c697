package inbox

import (
	"strconv"
	"strings"

	"plaza/internal/base/db"
	"plaza/internal/plaza"
	"plaza/internal/section/cases"
)

// answered is a case that the answer is for.
type answered struct {
	line
	Value  string // its id and version
	Files  string // says which files of its reader's draft are published with the answer
	Chosen bool
}

// answerLines draw cases as the form of one answer offers them.
func answerLines(tx *db.Tx, t *teller, list []cases.Case, reader string, chosen bool) (out []answered, err error) {
	for _, c := range list {
		names, err := ownFiles(tx, c.ID, reader)
		if err != nil {
			return nil, err
		}
		one := answered{t.asked(c), value(c), "", chosen}
		if names != "" {
			one.Files = t.l.T("inbox.answer.files", "names", names)
		}
		out = append(out, one)
	}
	return out, nil
}

// value is a case as a form names it: with the version that its reader saw.
func value(c cases.Case) string { return c.ID + "@" + strconv.Itoa(c.Version) }

// ownFiles are the names of the files of somebody's draft for a case.
func ownFiles(tx *db.Tx, id, person string) (string, error) {
	d, err := cases.OwnDraft(tx, id, person)
	if err != nil {
		if plaza.KindOf(err) == plaza.NotFound {
			err = nil
		}
		return "", err
	}
	files, err := cases.DraftFiles(tx, id, d.ID)
	names := make([]string, len(files[d.ID]))
	for i, f := range files[d.ID] {
		names[i] = f.Name
	}
	return strings.Join(names, ", "), err
}
