package follow

import (
	"slices"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/i18n"
	"plaza/internal/base/web"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
)

// words are entries and what is followed, for all mails of a run or for one page.
type words struct {
	entries []record.Entry
	at      map[int64]time.Time // when each was, by number
	cards   map[plaza.Ref]plaza.Card
	said    map[string]said // by language
}

// said is what there is to read of entries in a language, by their numbers.
type said struct {
	sentences map[int64]record.Sentence
	details   map[int64]record.Detail
}

// inAtOnce bounds the arguments of one statement.
const inAtOnce = 500

func (s *Service) wordsOf(tx *db.Tx, found map[string][]pending) (*words, error) {
	seqs, refs := map[int64]bool{}, map[plaza.Ref]bool{}
	for _, list := range found {
		for _, p := range list {
			seqs[p.seq] = true
			if p.followed.ID != "" {
				refs[p.followed] = true
			}
		}
	}
	w := &words{at: map[int64]time.Time{}, cards: map[plaza.Ref]plaza.Card{}, said: map[string]said{}}
	var numbers []int64
	for n := range seqs {
		numbers = append(numbers, n)
	}
	for part := range slices.Chunk(numbers, inAtOnce) {
		entries, err := record.Pick(tx, part)
		if err != nil {
			return nil, err
		}
		w.entries = append(w.entries, entries...)
		for _, e := range entries {
			w.at[e.Seq] = e.At
		}
	}
	if s.Cards == nil || len(refs) == 0 {
		return w, nil
	}
	var list []plaza.Ref
	for r := range refs {
		list = append(list, r)
	}
	var err error
	w.cards, err = s.Cards(tx, list)
	return w, err
}

// in is what there is to read in a language, as it is public now.
func (s *Service) in(tx *db.Tx, l *i18n.Printer, w *words) (said, error) {
	if known, ok := w.said[l.Lang()]; ok {
		return known, nil
	}
	list, err := record.Sentences(tx, l, tx.Now, s.Cards, w.entries)
	if err != nil {
		return said{}, err
	}
	out := said{make(map[int64]record.Sentence, len(list)), map[int64]record.Detail{}}
	for _, one := range list {
		out.sentences[one.Seq] = one
	}
	for part := range slices.Chunk(w.entries, inAtOnce) {
		for _, details := range s.Details {
			found, err := details(tx, l, part)
			if err != nil {
				return said{}, err
			}
			for seq, d := range found {
				out.details[seq] = d
			}
		}
	}
	w.said[l.Lang()] = out
	return out, nil
}

// line is a notice in a mail or on a page.
type line struct {
	record.Sentence
	Quote *record.Quote // nil where nothing was said, or it is not public any more
	Link  string        // where it leads: absolute in mails
	Why   string
}

// Text is the sentence without its link.
func (l line) Text() string { return l.Before + l.Title + l.After }

// line puts a notice into words for whom it is for; false when the entry is unknown.
func (s said) line(l *i18n.Printer, w *words, p pending) (line, bool) {
	one, ok := s.sentences[p.seq]
	d := s.details[p.seq]
	one = one.To(l, p.why, d)
	return line{Sentence: one, Quote: d.Quote, Link: one.Path, Why: whyWords(l, p.why, w.cards[p.followed], p.followed)}, ok
}

// quoted says whose words follow.
func quoted(l *i18n.Printer, q *record.Quote) string {
	if q.Official != "" {
		return l.T("notify.quote.official", "name", q.By, "role", q.Official)
	}
	return l.T("notify.quote", "name", q.By)
}

// drawn is what was said, for a page; nil for nothing.
func (l line) drawn(p *i18n.Printer) *web.Quote {
	if l.Quote == nil {
		return nil
	}
	q := &web.Quote{By: l.Quote.By, Text: l.Quote.Text}
	if l.Quote.Official != "" {
		q.Badge = &web.Badge{Text: p.T("notify.official") + ": " + l.Quote.Official, Tone: web.Info, Icon: "badge-check"}
	}
	return q
}

// whyWords is the reason of a notice in words.
func whyWords(l *i18n.Printer, why string, card plaza.Card, followed plaza.Ref) string {
	title := card.Title
	if title == "" {
		title = followed.ID
	}
	if !l.Has(why) {
		why = whyDirect
	}
	if followed.ID == "" && (why == whyFollow || why == whySearch) {
		why = whyDirect
	}
	return l.T(why, "title", title)
}
