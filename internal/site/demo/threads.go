package demo

import (
	"fmt"

	"plaza/internal/civic/comment"
	"plaza/internal/civic/disclosure"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
	"plaza/internal/section/forum"
)

// thread is a conversation of the forum.
type thread struct {
	days    int
	by      string
	body    string // acronym of to whom it is addressed, "" for nobody
	title   string
	text    string
	answers []reaction
}

// reaction is what somebody answers in a thread.
type reaction struct {
	days int
	who  string
	text string
}

// beats are what happens in a thread.
func (t thread) beats() []beat {
	all := []beat{{days: t.days, who: t.by, do: func(s *scene) ([]record.Act, error) {
		d := forum.Draft{Title: t.title, Text: t.text, Nonce: nonce("thread " + t.title)}
		if t.body != "" {
			d.Institution = InstitutionID(t.body)
		}
		_, err := s.Forum.Open(s.tx, d, comment.From{})
		return nil, err
	}}}
	for n, r := range t.answers {
		all = append(all, beat{days: r.days, who: r.who, do: func(s *scene) ([]record.Act, error) {
			var ref plaza.Ref
			var first string
			if err := s.tx.Row(`SELECT id, comment_id FROM forum_threads WHERE title = $1`, t.title).Scan(&ref.ID, &first); err != nil {
				return nil, err
			}
			ref.Kind = forum.Kind
			cards, err := forum.Cards(s.tx, []plaza.Ref{ref})
			if err != nil {
				return nil, err
			}
			d := comment.Draft{On: cards[ref], Root: first, Text: r.text, Nonce: nonce(fmt.Sprint("thread ", t.title, n))}
			if p := cast[r.who]; p.body != "" && p.body == t.body {
				d.Voice = institution.Voice{Role: p.role, Institution: InstitutionID(p.body)}.Key()
			}
			_, err = s.Forum.Comments.Post(s.tx, d, comment.From{})
			return nil, err
		}})
	}
	return all
}

// tellPrivately is a private report of personal data, which is attended to by who it
// concerns and shown nowhere.
var tellPrivately = beat{days: 1, who: "leonel", needs: "estaciones-de-servicio-con-permiso", do: func(s *scene) ([]record.Act, error) {
	_, err := s.Disclosures.Tell(s.tx, disclosure.Form{Object: s.thing, Category: "identity", Place: "Archivo en Latin-1, columna «Razón social»",
		Note: "En algunos renglones parece estar el nombre de una persona y no el de una empresa."})
	return nil, err
}}
