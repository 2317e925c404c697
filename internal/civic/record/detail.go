package record

import (
	"strings"

	"plaza/internal/base/db"
	"plaza/internal/base/i18n"
)

// Detail is what somebody who is told of an entry reads besides its sentence.
type Detail struct {
	// Title and Path are what the sentence to whom the entry concerns calls its object
	// and leads to; "" for what the record's own sentence does.
	Title, Path string
	// Args are pairs of name and value for that sentence.
	Args []any
	// Quote is what was said, nil for nothing that is public now.
	Quote *Quote
}

// Quote is what somebody said in public.
type Quote struct {
	By       string // the person or, where it is official, the institution
	Official string // role and area of an official, "" for anybody
	Text     string // the beginning of it, plain and on one line
}

// Details says what there is to tell of entries besides their sentences, by their
// numbers; entries of other parts of Plaza are left out. It is asked when a page is
// drawn or a mail leaves, and tells only what is public then or, in Args, what concerns
// nobody but whom the entry concerns. It runs a bounded number of statements whatever
// the number of entries.
type Details func(tx *db.Tx, l *i18n.Printer, entries []Entry) (map[int64]Detail, error)

// To is the sentence in words for somebody who is told for a reason: the message whose
// key is the reason's and the verb, e.g. "notify.why.reply.comment.published". Without
// such a message it is the record's own.
func (s Sentence) To(l *i18n.Printer, why string, d Detail) Sentence {
	key := why + "." + s.Verb
	if why == "" || !l.Has(key) {
		return s
	}
	if d.Title != "" {
		s.Title, s.Lang = d.Title, ""
	}
	if d.Path != "" {
		s.Path = d.Path
	}
	if s.Title == "" {
		s.Title = l.T("record.untitled")
	}
	text := l.T(key, append([]any{"title", mark}, d.Args...)...)
	var titled bool
	if s.Before, s.After, titled = strings.Cut(text, mark); !titled {
		s.Title, s.Path = "", ""
	}
	return s
}
