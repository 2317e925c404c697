package record

import (
	"encoding/json"
	"strings"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/i18n"
	"plaza/internal/plaza"
)

// Cards resolves what entries are about; a Ref that it does not know is left out of
// the map. It runs a bounded number of statements whatever the number of refs.
type Cards func(tx *db.Tx, refs []plaza.Ref) (map[plaza.Ref]plaza.Card, error)

// JoinCards asks each of several functions; each answers for its own kinds.
func JoinCards(all ...Cards) Cards {
	return func(tx *db.Tx, refs []plaza.Ref) (map[plaza.Ref]plaza.Card, error) {
		out := make(map[plaza.Ref]plaza.Card, len(refs))
		for _, cards := range all {
			found, err := cards(tx, refs)
			if err != nil {
				return nil, err
			}
			for ref, c := range found {
				out[ref] = c
			}
		}
		return out, nil
	}
}

// Sentence is an entry in a reader's words: "Se publicó el conjunto de datos
// <Title>." with the title as a link, where there is something to lead to.
type Sentence struct {
	Seq           int64
	When, ISO     string
	Before, After string
	Title, Path   string
	Lang          string // BCP 47 of Title, where it is not the page's
	Actor         string // in which role it was done, in words
	Verb, Hash    string
}

// Sentences puts entries into words. cards may be nil: then titles come from the
// entries alone and lead nowhere.
func Sentences(tx *db.Tx, l *i18n.Printer, now time.Time, cards Cards, entries []Entry) ([]Sentence, error) {
	known := map[plaza.Ref]plaza.Card{}
	if cards != nil && len(entries) > 0 {
		var refs []plaza.Ref
		seen := map[plaza.Ref]bool{}
		for _, e := range entries {
			about := []plaza.Ref{{Kind: e.Object.Kind, ID: e.Object.ID}}
			if m := moveIn(e.Payload); m != nil {
				about = append(about, m.from(), m.to())
			}
			for _, ref := range about {
				if ref.ID != "" && !seen[ref] {
					seen[ref] = true
					refs = append(refs, ref)
				}
			}
		}
		var err error
		if known, err = cards(tx, refs); err != nil {
			return nil, err
		}
	}
	out := make([]Sentence, len(entries))
	for i, e := range entries {
		out[i] = sentence(l, now, e, known)
	}
	return out, nil
}

// mark stands in a message for the title, to be found again.
const mark = "\x00"

func sentence(l *i18n.Printer, now time.Time, e Entry, known map[plaza.Ref]plaza.Card) Sentence {
	card := known[plaza.Ref{Kind: e.Object.Kind, ID: e.Object.ID}]
	s := Sentence{Seq: e.Seq, When: when(l, e.At, now), ISO: l.ISO(e.At), Verb: e.Verb, Hash: e.Hash, Title: card.Title, Path: card.Path}
	if short, _, _ := strings.Cut(l.Lang(), "-"); card.Language != "" && !strings.HasPrefix(card.Language, short) {
		s.Lang = card.Language
	}
	if s.Title == "" {
		s.Title = titleIn(e.Payload)
	}
	key := "record.verb." + e.Verb
	if !l.Has(key) {
		key = "record.verb"
	}
	from, to := "", ""
	if m := moveIn(e.Payload); m != nil && l.Has(key+".named") {
		if from, to = bodyName(l, known, m.from()), bodyName(l, known, m.to()); from != "" && to != "" {
			key += ".named"
		}
	}
	added, removed, counted := rowsIn(e.Payload)
	if counted && l.Has(key+".rows") {
		key += ".rows"
	}
	text := l.T(key, "added", added, "removed", removed, "title", mark, "verb", e.Verb, "kind", kindWords(l, e.Object.Kind), "from", from, "to", to, "was", wasIn(e.Payload))
	var titled bool
	s.Before, s.After, titled = strings.Cut(text, mark)
	switch {
	case s.Title == "" && titled:
		s.Title, s.Path = l.T("record.untitled"), card.Path
	case !titled:
		s.Title, s.Path = "", ""
	}
	if key := "record.role." + e.Actor.Role; l.Has(key) {
		s.Actor = l.T(key)
	}
	return s
}

// Proof is the beginning of the entry's hash, to be seen beside it.
func (s Sentence) Proof() string { return s.Hash[:min(len(s.Hash), 12)] }

// titleIn is what the payload calls its object.
func titleIn(payload json.RawMessage) string {
	var p struct{ Title, Name, Match string }
	if json.Unmarshal(payload, &p) != nil {
		return ""
	}
	for _, t := range []string{p.Title, p.Name, p.Match} {
		if t != "" {
			return t
		}
	}
	return ""
}

// wasIn is how the payload says that its object was called before.
func wasIn(payload json.RawMessage) string {
	var p struct{ Was string }
	if json.Unmarshal(payload, &p) != nil {
		return ""
	}
	return p.Was
}

// rowsIn is how many rows a file gained and lost, where the payload counts them.
func rowsIn(payload json.RawMessage) (added, removed int64, counted bool) {
	var p struct{ Added, Removed *int64 }
	if json.Unmarshal(payload, &p) != nil || p.Added == nil || p.Removed == nil {
		return 0, 0, false
	}
	return *p.Added, *p.Removed, true
}

// move is from which institution to which something went, as payloads have it: their
// ids, "" for the central unit.
type move struct{ From, To *string }

// moveIn is the move that a payload tells of, nil for none.
func moveIn(payload json.RawMessage) *move {
	var m move
	if json.Unmarshal(payload, &m) != nil || m.From == nil || m.To == nil {
		return nil
	}
	return &m
}

// kindInstitution is the kind of an institution's Ref: package institution stands on this one.
const kindInstitution = "institution"

func (m *move) from() plaza.Ref { return plaza.Ref{Kind: kindInstitution, ID: *m.From} }
func (m *move) to() plaza.Ref   { return plaza.Ref{Kind: kindInstitution, ID: *m.To} }

// bodyName is what an institution is called, "" when nobody knows it any more.
func bodyName(l *i18n.Printer, known map[plaza.Ref]plaza.Card, body plaza.Ref) string {
	if body.ID == "" {
		return l.T("record.central")
	}
	return known[body].Title
}

func kindWords(l *i18n.Printer, kind string) string {
	if key := "record.kind." + kind; l.Has(key) {
		return l.T(key)
	}
	return kind
}

// when is "hoy, 14:05" for what is fresh, else the date.
func when(l *i18n.Printer, at, now time.Time) string {
	if age := now.Sub(at); age >= 0 && age < 48*time.Hour {
		return l.T("record.when", "ago", l.Ago(at, now), "time", at.In(l.Zone()).Format("15:04"))
	}
	return l.Date(at)
}
