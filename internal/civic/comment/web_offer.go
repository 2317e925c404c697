package comment

import (
	"html/template"
	"net/http"
	"strings"

	"plaza/internal/base/db"
	"plaza/internal/base/text"
	"plaza/internal/base/web"
	"plaza/internal/civic/access"
	"plaza/internal/civic/gate"
	"plaza/internal/civic/institution"
)

// wasOffered is the field that says that a form's writer wants a comment and no question.
const wasOffered = "ofrecido"

// offerPage asks whether what somebody wrote is to be a question with a date for its
// answer. All that they typed goes along either way.
type offerPage struct {
	web.Page
	Back   web.NavLink
	Text   template.HTML
	Ask    string // where it becomes a question
	AskAs  []web.Option
	Action string // where it stays a comment
	As     []web.Option
	Gate   template.HTML
}

// questionWords are what questions begin with that bear no mark, as text.Fold has them.
var questionWords = []string{"que", "como", "cuando", "por que", "donde", "quien", "quienes"}

// Asks reports whether a text reads like a question.
func Asks(s string) bool {
	said := text.PlainText(s)
	if strings.ContainsAny(said, "¿?") {
		return true
	}
	words := strings.Join(strings.Fields(text.Fold(said)), " ") + " "
	for _, q := range questionWords {
		if strings.HasPrefix(words, q+" ") {
			return true
		}
	}
	return false
}

// offer answers a new comment that reads like a question with the offer to ask it; false
// where it does not, or its writer has been offered it.
func (cs *Comments) offer(w http.ResponseWriter, r *http.Request, form *web.Form, was typed) (bool, error) {
	if cs.Question == nil || was.Root != "" || form.Value(wasOffered) != "" || was.Voice != "" && was.Voice != ownVoice ||
		check(text.Tidy(was.Text)) != nil || was.Nonce == "" || len(was.Nonce) > maxNonce || !Asks(was.Text) {
		return false, nil
	}
	page := &offerPage{Page: cs.shell.Page(r, cs.shell.Printer(r).T("comment.offer.title"))}
	if page.Closed(string(access.CaseAsk)) {
		return false, nil
	}
	offers := false
	if err := cs.DB.Read(r.Context(), func(tx *db.Tx) error {
		on, err := cs.object(tx, r)
		if err != nil {
			return err
		}
		here := access.Object{Kind: Kind, Institution: on.Institution}
		if !access.Can(page.Actor, access.CommentAdd, here) || !access.Can(page.Actor, access.CaseAsk, here) {
			return nil
		}
		voices, err := institution.Voices(tx, page.Actor, on.Institution)
		if err != nil || len(voices) > 1 { // an official asks nobody by this door
			return err
		}
		if page.Ask, page.AskAs = cs.Question(on.Ref, was.Text); page.Ask == "" {
			return nil
		}
		offers = true
		cs.about(&page.Page, on, page.L.T("comment.offer.title"))
		page.Back, page.Action = web.NavLink{Label: on.Title, Path: on.Path}, ThreadPath(on.Ref)
		return nil
	}); err != nil || !offers {
		return false, err
	}
	page.NoIndex, page.Text, page.Gate = true, text.Markdown(text.Tidy(was.Text)), gate.Again(form)
	page.As = []web.Option{{Label: "texto", Value: was.Text}, {Label: "voz", Value: was.Voice}, {Label: "unico", Value: was.Nonce}, {Label: wasOffered, Value: "si"}}
	return true, cs.shell.Render(w, r, http.StatusOK, "comment/offer", page)
}
