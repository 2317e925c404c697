package cases

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/text"
	"plaza/internal/base/web"
	"plaza/internal/civic/access"
	"plaza/internal/civic/comment"
	"plaza/internal/civic/moderation"
	"plaza/internal/plaza"
)

// AskOf is where a comment becomes a case.
func AskOf(id string) string { return AskPath + "?comentario=" + url.QueryEscape(id) }

// saidAs is what somebody is to a comment of which a case is made.
type saidAs int

const (
	toQuote  saidAs = iota + 1 // anybody: they ask in their own name
	toAsk                      // its author
	toHandle                   // who answers for its institution: the case is its author's
)

// saidFirst is the comment as which something was said before it is asked; the zero one
// is none.
type saidFirst struct {
	Comment comment.Comment
	Title   string // of what it stands under
	Role    saidAs
}

// mine reports whether the case is the comment's, and not somebody's who quotes it.
func (s saidFirst) mine() bool { return s.Role == toAsk || s.Role == toHandle }

// commentFor is a public comment of which who acts would make a case; the zero one where
// there is none, or none that one asks about: what is said officially is no question.
func (cs *Cases) commentFor(tx *db.Tx, id string) (s saidFirst, err error) {
	if cs.Spoken == nil || id == "" {
		return s, nil
	}
	ref := plaza.Ref{Kind: comment.Kind, ID: id}
	cards, err := cs.Spoken(tx, []plaza.Ref{ref})
	if err != nil || !cards[ref].Visible {
		return s, err
	}
	c, err := comment.ByID(tx, id)
	if err != nil || c.State != moderation.Public || c.Official() {
		return s, err
	}
	actor := plaza.ActorFrom(tx.Context())
	s = saidFirst{Comment: c, Title: cards[ref].Title, Role: toQuote}
	switch {
	case c.Author != "" && c.Author == actor.PersonID:
		s.Role = toAsk
	case access.Can(actor, access.CaseHandle, access.Object{Kind: RefKind, Institution: c.Institution}):
		s.Role = toHandle
	}
	return s, nil
}

// takeUp makes a form that was said as a comment the comment's own, where who acts may:
// its words, its author, what it stands under. done says that it is a case already. For
// anybody else it is a form like any other, in their own name.
func (cs *Cases) takeUp(tx *db.Tx, f *Form, by *Asker) (prior Case, done bool, err error) {
	if f.Comment == "" {
		return prior, false, nil
	}
	s, err := cs.commentFor(tx, f.Comment)
	if err != nil || !s.mine() || by.Contact != "" {
		f.Comment = ""
		return prior, false, err
	}
	if prior, done, err = caseOf(tx, f.Comment); done || err != nil {
		return prior, done, err
	}
	return prior, false, cs.bind(tx, f, by, s)
}

// bind gives a form what it has of a comment, and its asker.
func (cs *Cases) bind(tx *db.Tx, f *Form, by *Asker, s saidFirst) error {
	f.On, f.Institution = s.on(f.On), s.Comment.Institution
	if _, err := cs.About(tx, f); err != nil {
		return err
	}
	if s.Role == toHandle {
		f.Body, f.Need, f.Name = s.Comment.Body, "", ""
		*by = Asker{Person: s.Comment.Author}
	}
	return nil
}

// on is what a case is about that was a comment: what it stands under, where that can be
// asked about.
func (s saidFirst) on(was On) On {
	ref := s.Comment.On
	if !askable(ref.Kind) {
		return On{}
	}
	if ref == was.Ref {
		return was
	}
	return On{Ref: ref}
}

// askable reports whether one asks about a kind of thing.
func askable(kind string) bool {
	return slices.Contains(aboutKinds, kind) && kind != "comment" && kind != "forum"
}

// caseOf is the case that a comment became; a Conflict when it is none that whoever acts
// may know of.
func caseOf(tx *db.Tx, id string) (Case, bool, error) {
	c, err := scan(tx.Row(`SELECT `+columns+` FROM cases WHERE comment_id = $1 AND comment_id <> ''`, id).Scan)
	if err != nil {
		if plaza.KindOf(err) == plaza.NotFound {
			err = nil
		}
		return Case{}, false, err
	}
	if !c.Public() && !c.Asker.Is(By(plaza.ActorFrom(tx.Context()))) {
		return Case{}, false, plaza.E(plaza.Conflict, "cases.error.comment_taken")
	}
	return c, true, nil
}

// madeMeanwhile is the case that somebody else's form for the same comment made at the
// same moment, or the same form.
func madeMeanwhile(tx *db.Tx, nonce, id string) (Case, error) {
	if id != "" {
		if c, ok, err := caseOf(tx, id); ok || err != nil {
			return c, err
		}
	}
	c, ok, err := sentBefore(tx, nonce)
	if err == nil && !ok {
		err = errState
	}
	return c, err
}

// Asked are the public cases that comments became, by the comments' ids.
func Asked(tx *db.Tx, ids []string) (map[string]web.NavLink, error) {
	out := map[string]web.NavLink{}
	if len(ids) == 0 {
		return out, nil
	}
	type made struct{ comment, folio string }
	all, err := db.All(tx, func(scan func(...any) error) (m made, err error) {
		err = scan(&m.comment, &m.folio)
		return m, err
	}, `SELECT comment_id, folio
		FROM cases
		WHERE comment_id <> '' AND standing = 'public' AND comment_id IN (`+db.Placeholders(1, len(ids))+`)`, db.Args(ids)...)
	for _, m := range all {
		out[m.comment] = web.NavLink{Label: m.folio, Path: CasePath + m.folio}
	}
	return out, err
}

// ofComment fills a form that begins with a comment; made is the page of the case that
// the comment is already, "" for none.
func (cs *Cases) ofComment(r *http.Request, was *asking) (made string, err error) {
	err = cs.DB.Read(r.Context(), func(tx *db.Tx) error {
		s, err := cs.commentFor(tx, was.Form.Comment)
		if err != nil {
			return err
		}
		if s.Role == 0 {
			return errNotFound
		}
		c, ok, err := caseOf(tx, s.Comment.ID)
		if ok {
			made = c.Path()
		}
		if ok || err != nil {
			return err
		}
		if !isKind(was.Form.Kind) {
			was.Form.Kind = Question
		}
		was.Form.On = s.on(was.Form.On)
		was.Form.Body = s.Comment.Body
		if !s.mine() {
			was.Form.Body = quoted(s.Comment.Body) + "\n\n" + cs.shell.URL(s.Comment.Path()) + "\n\n"
		}
		if was.Form.Title == "" {
			was.Form.Title = s.title()
		}
		return nil
	})
	return made, err
}

// title is how a case begins that was a comment: with the title of the thread that it
// opened, or its first words.
func (s saidFirst) title() string {
	c := s.Comment
	if !askable(c.On.Kind) && c.On.Kind != RefKind && c.Root == "" {
		return begin(text.Line(s.Title), MaxTitle)
	}
	first, _, _ := strings.Cut(strings.TrimSpace(text.PlainText(c.Body)), "\n")
	return text.Excerpt(text.Line(first), MaxTitle/2)
}

// quoted is a text as somebody else's.
func quoted(s string) string { return "> " + strings.ReplaceAll(begin(s, MaxBody/2), "\n", "\n> ") }

// heard reads the comment of a form anew, and holds the form to it where the case is to
// be the comment's.
func (cs *Cases) heard(tx *db.Tx, was *asking) error {
	s, err := cs.commentFor(tx, was.Form.Comment)
	if err != nil || s.Role == 0 {
		was.From, was.Form.Comment = saidFirst{}, ""
		return err
	}
	was.From = s
	if !s.mine() {
		return nil
	}
	var by Asker
	return cs.bind(tx, &was.Form, &by, s)
}

// first says that it was said as a comment, and in whose name it is asked.
func (p *askPage) first(s saidFirst) {
	if s.Role == 0 {
		return
	}
	l := p.L
	p.First = web.NavLink{Label: l.T("cases.ask.comment", "date", l.Date(s.Comment.At)), Path: s.Comment.Path()}
	switch s.Role {
	case toAsk:
		p.FirstAs = l.T("cases.ask.comment.own")
	case toHandle:
		p.FirstAs, p.Words = l.T("cases.ask.comment.handle"), text.Markdown(s.Comment.Body)
	default:
		p.FirstAs = l.T("cases.ask.comment.quote")
	}
}

// saidBefore is the public comment as which a case was said first, and when; false for
// none.
func saidBefore(tx *db.Tx, c Case) (path string, at time.Time, ok bool, err error) {
	if c.Comment == "" {
		return "", at, false, nil
	}
	found, err := comment.ByIDs(tx, []string{c.Comment})
	if err != nil || len(found) == 0 {
		return "", at, false, err
	}
	return found[0].Path(), found[0].At, true, nil
}

// Offer is where a text about something is asked as a question with a date for its
// answer, and the fields of the form that takes it there; "" where one does not ask about
// such things.
func Offer(on plaza.Ref, body string) (action string, fields []web.Option) {
	if !askable(on.Kind) {
		return "", nil
	}
	first, _, _ := strings.Cut(strings.TrimSpace(text.PlainText(body)), "\n")
	return askLookPath, []web.Option{{Label: "clase", Value: string(Question)}, {Label: "objeto", Value: on.String()},
		{Label: "titulo", Value: text.Excerpt(text.Line(first), MaxTitle/2)}, {Label: "texto", Value: body}}
}

// OfferOf is where something about nothing in particular is asked of an institution, by its
// slug, or of whoever has such data, and the fields of the form that takes it there.
func OfferOf(slug, title, body string) (action string, fields []web.Option) {
	return askLookPath, []web.Option{{Label: "clase", Value: string(Question)}, {Label: "institucion", Value: slug},
		{Label: "titulo", Value: title}, {Label: "texto", Value: body}}
}

// askedByButton is how an address says that the button of an institution's own site led
// here.
const askedByButton = "boton"

func channelOf(s string) Channel {
	if s == askedByButton {
		return Button
	}
	return Web
}
