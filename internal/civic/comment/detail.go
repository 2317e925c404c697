package comment

import (
	"plaza/internal/base/db"
	"plaza/internal/base/i18n"
	"plaza/internal/base/text"
	"plaza/internal/civic/account"
	"plaza/internal/civic/moderation"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
)

// maxQuote is how much of a comment whoever is told of it reads, in letters.
const maxQuote = 280

// Details quotes comments that were published, as far as they are public now: whoever is
// told of one that was hidden or taken back meanwhile reads nothing of it. It runs two
// statements, and those of Deps.Cards.
func (cs *Comments) Details(tx *db.Tx, l *i18n.Printer, entries []record.Entry) (map[int64]record.Detail, error) {
	var ids []string
	for _, e := range entries {
		if e.Verb == "comment.published" {
			ids = append(ids, e.Object.ID)
		}
	}
	list, err := byIDs(tx, ids)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	var under []plaza.Ref
	var authors []string
	for _, c := range list {
		under, authors = append(under, c.On), append(authors, c.Author)
	}
	cards, err := cs.Cards(tx, under)
	if err != nil {
		return nil, err
	}
	t := &teller{cs: cs, l: l}
	if t.names, err = account.Names(tx, authors); err != nil {
		return nil, err
	}
	quotes := make(map[string]*record.Quote, len(list))
	for _, c := range list {
		if c.State == moderation.Public && cards[c.On].Visible {
			q := &record.Quote{Text: text.Excerpt(text.PlainText(c.Body), maxQuote)}
			q.By, q.Official = t.who(c)
			quotes[c.ID] = q
		}
	}
	out := make(map[int64]record.Detail, len(quotes))
	for _, e := range entries {
		if q := quotes[e.Object.ID]; q != nil && e.Verb == "comment.published" {
			out[e.Seq] = record.Detail{Quote: q}
		}
	}
	return out, nil
}
