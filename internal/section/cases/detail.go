package cases

import (
	"strings"

	"plaza/internal/base/db"
	"plaza/internal/base/i18n"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/record"
)

// maxQuote is how much of what was said whoever is told of it reads, in letters.
const maxQuote = 280

// Details quotes what was said by the act that an entry tells of, as far as it is public
// now: an official answer by its few words or its beginning, what an institution asks of
// the asker, and the case itself when it is new. It runs three statements.
func (cs *Cases) Details(tx *db.Tx, l *i18n.Printer, entries []record.Entry) (map[int64]record.Detail, error) {
	var ids []string
	for _, e := range entries {
		switch strings.TrimPrefix(e.Verb, "case.") {
		case string(Opened), string(WasAnswered), string(WasCorrected), string(InfoRequested):
			ids = append(ids, e.Object.ID)
		}
	}
	list, err := ByIDs(tx, ids...)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	byID := map[string]Case{}
	var open []string
	for _, c := range list {
		if c.Public() {
			byID[c.ID] = c
			open = append(open, c.ID)
		}
	}
	answers, err := answersTo(tx, open)
	if err != nil {
		return nil, err
	}
	asked, err := askedBack(tx, open)
	if err != nil {
		return nil, err
	}
	out := map[int64]record.Detail{}
	for _, e := range entries {
		c, ok := byID[e.Object.ID]
		if !ok {
			continue
		}
		var q *record.Quote
		switch e.Verb {
		case "case." + string(Opened):
			q = &record.Quote{By: l.T("cases.asker.somebody"), Text: excerpt(c.Body, maxQuote)}
		case "case." + string(InfoRequested):
			if s, ok := asked[c.ID]; ok {
				q = quote(l, s.Voice, excerpt(s.Body, maxQuote))
			}
		case "case." + string(WasAnswered), "case." + string(WasCorrected):
			if a, ok := answers[c.ID]; ok {
				said := a.Summary
				if said == "" {
					said = excerpt(a.Body, maxQuote)
				}
				q = quote(l, a.Voice, l.T("cases.outcome."+string(a.Outcome))+". "+said)
			}
		}
		if q != nil {
			out[e.Seq] = record.Detail{Quote: q}
		}
	}
	return out, nil
}

// quote is what an official said.
func quote(l *i18n.Printer, v institution.Voice, said string) *record.Quote {
	return &record.Quote{By: bodyWords(l, v), Official: roleWords(l, v), Text: said}
}

// answersTo are the newest versions of the newest answers to cases.
func answersTo(tx *db.Tx, ids []string) (map[string]Answer, error) {
	out := make(map[string]Answer, len(ids))
	if len(ids) == 0 {
		return out, nil
	}
	all, err := db.All(tx, scanAnswer, `SELECT `+answerColumns+`
		FROM case_answers
		WHERE case_id IN (`+db.Placeholders(1, len(ids))+`)
		ORDER BY at, version`, db.Args(ids)...)
	for _, a := range all {
		out[a.Case] = a
	}
	return out, err
}

// askedBack are the last questions to the askers of cases.
func askedBack(tx *db.Tx, ids []string) (map[string]Step, error) {
	out := make(map[string]Step, len(ids))
	if len(ids) == 0 {
		return out, nil
	}
	all, err := db.All(tx, scanStep, `SELECT `+stepColumns+`
		FROM case_steps
		WHERE kind = $1 AND case_id IN (`+db.Placeholders(2, len(ids))+`)
		ORDER BY at, seq, id`, append([]any{InfoRequested}, db.Args(ids)...)...)
	for _, s := range all {
		out[s.Case] = s
	}
	return out, err
}
