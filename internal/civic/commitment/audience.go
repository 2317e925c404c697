package commitment

import (
	"strings"

	"plaza/internal/base/db"
	"plaza/internal/base/i18n"
	"plaza/internal/base/text"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
)

// told are the verbs that whom a commitment concerns in person hears of.
var told = map[string]bool{
	"commitment.progressed": true, "commitment.rescheduled": true, "commitment.kept": true, "commitment.dropped": true,
}

// whySign is why whoever signs hears of a commitment that is to be dropped: a message key.
const whySign = "notify.why.commitment_sign"

// Audiences says who hears of what becomes of commitments: who asked for one and who
// joined them, besides who follows its origin, what it concerns and its institution. Of a
// promise in an official answer the answer itself tells; of what is still being decided,
// nobody is told.
func (cs *Commitments) Audiences(tx *db.Tx, e record.Entry) (record.Audience, error) {
	switch {
	case !strings.HasPrefix(e.Verb, RefKind+"."):
		return record.Audience{}, nil
	case e.Verb == RefKind+"."+string(DropAsked): // weighed so that no follower hears of it
		return record.Audience{Roles: []record.Post{{Role: plaza.Transparency, Institution: e.Institution, Why: whySign}}}, nil
	case !told[e.Verb]:
		return record.Audience{Nobody: true}, nil
	}
	c, err := ByID(tx, e.Object.ID)
	if err != nil {
		if plaza.KindOf(err) == plaza.NotFound {
			return record.Audience{Nobody: true}, nil
		}
		return record.Audience{}, err
	}
	if c.Origin.ID == "" || cs.Concerned == nil {
		return record.Audience{}, nil
	}
	people, err := cs.Concerned(tx, c.Origin)
	return record.Audience{Direct: people}, err
}

// maxQuote is how much of a text whoever is told of it reads, in letters.
const maxQuote = 280

// Details quotes what was said of commitments: their progress and the reasons of what
// became of them. It runs two statements.
func (cs *Commitments) Details(tx *db.Tx, l *i18n.Printer, entries []record.Entry) (map[int64]record.Detail, error) {
	var ids []string
	for _, e := range entries {
		if told[e.Verb] {
			ids = append(ids, e.Object.ID)
		}
	}
	list, err := ByIDs(tx, ids...)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	steps, err := db.All(tx, scanStep, `SELECT `+stepColumns+`
		FROM commitment_steps
		WHERE commitment_id IN (`+db.Placeholders(1, len(ids))+`)
		ORDER BY at, id`, db.Args(ids)...)
	if err != nil {
		return nil, err
	}
	known := map[string]Commitment{}
	for _, c := range list {
		known[c.ID] = c
	}
	out := make(map[int64]record.Detail, len(list))
	for _, e := range entries {
		c, ok := known[e.Object.ID]
		if !ok || !told[e.Verb] {
			continue
		}
		d := record.Detail{Args: []any{"date", l.PartialDate(c.Due), "code", c.Code}}
		for _, s := range steps {
			if s.Commitment == c.ID && RefKind+"."+string(s.Kind) == e.Verb && s.At.Equal(e.At) {
				d.Quote = quote(l, c, s)
			}
		}
		out[e.Seq] = d
	}
	return out, nil
}

// quote is what a step says, as its institution's words.
func quote(l *i18n.Printer, c Commitment, s Step) *record.Quote {
	q := &record.Quote{By: s.Voice.Name, Text: text.Excerpt(text.PlainText(s.Body), maxQuote)}
	if q.By == "" {
		q.By = l.T("commitment.by_plaza")
	}
	if s.Kind == WasKept {
		q.Text = l.T("commitment.evidence.quote", "title", text.Excerpt(c.Evidence.Title, maxQuote))
	}
	if q.Text == "" {
		return nil
	}
	return q
}
