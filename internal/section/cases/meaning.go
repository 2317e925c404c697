package cases

import (
	"cmp"
	"slices"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/civic/institution"
	"plaza/internal/plaza"
)

// Meaning is what an official answer says of the meaning of data, for whoever uses them.
type Meaning struct {
	On       On
	Folio    string
	Question string // the title of the case
	Language string
	Says     string // in a few words, else the beginning of the answer; plain
	Outcome  Outcome
	Voice    institution.Voice // who answered, as it was then
	At       time.Time         // of the version that stands
}

// Path is the page of the case, where the whole answer is.
func (n Meaning) Path() string { return CasePath + n.Folio }

// maxMeanings bounds what is told of one dataset, and maxSays how much of an answer, in
// letters; the list of cases has all.
const (
	maxMeanings = 60
	maxSays     = 400
)

// Meanings are what is known of the columns of a resource, by column: what was asked of their
// meaning and officially answered. It runs two statements.
func Meanings(tx *db.Tx, resource string) (map[string][]Meaning, error) {
	list, err := meanings(tx, `on_kind = 'resource' AND on_id = $1 AND on_id <> '' AND on_column <> ''`, resource)
	out := make(map[string][]Meaning, len(list))
	for _, n := range list {
		out[n.On.Column] = append(out[n.On.Column], n)
	}
	return out, err
}

// meanings are the answers on meaning to the public cases that a condition with one
// parameter chooses, by column, those that most people need first.
func meanings(tx *db.Tx, which string, arg any) ([]Meaning, error) {
	list, err := db.All(tx, scan, `SELECT `+columns+`
		FROM cases
		WHERE `+which+` AND standing = 'public' AND state IN ('answered', 'resolved') AND outcome IN ('explained', 'corrected') AND answer_id <> ''
		ORDER BY supports DESC, answered_at DESC, id
		LIMIT $2`, arg, maxMeanings)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	ids := make([]string, len(list))
	for i, c := range list {
		ids[i] = c.Answer
	}
	versions, err := db.All(tx, scanAnswer, `SELECT `+answerColumns+`
		FROM case_answers
		WHERE id IN (`+db.Placeholders(1, len(ids))+`)
		ORDER BY id, version`, db.Args(ids)...)
	if err != nil {
		return nil, err
	}
	last := make(map[string]Answer, len(list))
	for _, a := range versions {
		last[a.ID] = a
	}
	var out []Meaning
	for _, c := range list {
		if a, ok := last[c.Answer]; ok {
			out = append(out, Meaning{On: c.On, Folio: c.Folio, Question: c.Title, Language: c.Language,
				Says: cmp.Or(a.Summary, excerpt(a.Body, maxSays)), Outcome: a.Outcome, Voice: a.Voice, At: a.At})
		}
	}
	slices.SortStableFunc(out, func(a, b Meaning) int {
		return cmp.Or(cmp.Compare(a.On.Column, b.On.Column), cmp.Compare(a.On.Ref.ID, b.On.Ref.ID))
	})
	return out, nil
}

// knownTally is how many public cases there are of an object in each state.
type knownTally struct{ open, overdue, answered int }

// knownCounts counts the cases that a condition with one parameter chooses.
func knownCounts(tx *db.Tx, which string, arg any) (t knownTally, err error) {
	err = tx.Row(`SELECT COALESCE(SUM(CASE WHEN state IN ('open', 'assigned', 'reopened', 'needs_info') THEN 1 ELSE 0 END), 0),
			COALESCE(SUM(CASE WHEN due_at <= $2 AND state IN ('open', 'assigned', 'reopened') THEN 1 ELSE 0 END), 0),
			COALESCE(SUM(CASE WHEN state IN ('answered', 'resolved') THEN 1 ELSE 0 END), 0)
		FROM cases
		WHERE `+which+` AND standing = 'public'`, arg, tx.Now).Scan(&t.open, &t.overdue, &t.answered)
	return t, err
}

// knownOn is the condition for the cases of a dataset, all its resources' included, or
// of exactly one other thing, with its parameter.
func knownOn(object plaza.Ref) (string, any) {
	if object.Kind == knownDataset {
		return `dataset_id = $1 AND dataset_id <> ''`, object.ID
	}
	return `on_kind = 'resource' AND on_id = $1 AND on_id <> ''`, object.ID
}

// The kinds of what has notes, as the catalogue names them.
const (
	knownDataset  = "dataset"
	knownResource = "resource"
)
