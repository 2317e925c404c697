package cases

import (
	"time"

	"plaza/internal/base/db"
)

// EarlierAnswer is an official answer that was given before on the same thing.
type EarlierAnswer struct {
	Case   Case
	Answer Answer
}

// EarlierAnswers are the official answers to other public cases on the dataset of one, at
// most limit: those on its very column first, then the newest. It runs two statements.
func EarlierAnswers(tx *db.Tx, c Case, limit int) ([]EarlierAnswer, error) {
	if c.On.Dataset == "" {
		return nil, nil
	}
	list, err := db.All(tx, scan, `SELECT `+columns+`
		FROM cases
		WHERE dataset_id = $1 AND dataset_id <> '' AND standing = 'public' AND answer_id <> '' AND id <> $2
		ORDER BY CASE WHEN on_column = $3 AND on_column <> '' THEN 0 ELSE 1 END, asked_at DESC, id DESC
		LIMIT $4`, c.On.Dataset, c.ID, c.On.Column, limit)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	ids := make([]string, len(list))
	for i, one := range list {
		ids[i] = one.Answer
	}
	all, err := db.All(tx, scanAnswer, `SELECT `+answerColumns+`
		FROM case_answers
		WHERE id IN (`+db.Placeholders(1, len(ids))+`)
		ORDER BY version`, db.Args(ids)...)
	if err != nil {
		return nil, err
	}
	newest := map[string]Answer{}
	for _, a := range all {
		newest[a.ID] = a
	}
	out := make([]EarlierAnswer, 0, len(list))
	for _, one := range list {
		if a, ok := newest[one.Answer]; ok {
			out = append(out, EarlierAnswer{one, a})
		}
	}
	return out, nil
}

// SupportWhy is for what somebody needs the same, which only the institution reads. Who
// they are it does not tell.
type SupportWhy struct {
	Why  string
	At   time.Time
	From string // id of the case that brought it, "" for its own
}

// SupportWhys are those of a case that say something, the newest first.
func SupportWhys(tx *db.Tx, id string, limit int) ([]SupportWhy, error) {
	return db.All(tx, func(scan func(...any) error) (s SupportWhy, err error) {
		err = scan(&s.Why, &s.At, &s.From)
		return s, err
	}, `SELECT why, at, from_id
		FROM case_supports
		WHERE case_id = $1 AND why <> ''
		ORDER BY at DESC, who
		LIMIT $2`, id, limit)
}
