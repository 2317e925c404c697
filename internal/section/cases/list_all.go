package cases

import "plaza/internal/base/db"

// StepsOf are what happened to cases, by case and in order: for what is taken out whole.
func StepsOf(tx *db.Tx, ids ...string) ([]Step, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	return db.All(tx, scanStep, `SELECT `+stepColumns+`
		FROM case_steps
		WHERE case_id IN (`+db.Placeholders(1, len(ids))+`)
		ORDER BY case_id, at, id`, db.Args(ids)...)
}

// AnswersOf are all versions of the official answers to cases, by case and in order.
func AnswersOf(tx *db.Tx, ids ...string) ([]Answer, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	return db.All(tx, scanAnswer, `SELECT `+answerColumns+`
		FROM case_answers
		WHERE case_id IN (`+db.Placeholders(1, len(ids))+`)
		ORDER BY case_id, at, version`, db.Args(ids)...)
}
