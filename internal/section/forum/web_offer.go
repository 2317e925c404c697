package forum

import (
	"html/template"
	"net/http"

	"plaza/internal/base/text"
	"plaza/internal/base/web"
	"plaza/internal/civic/access"
	"plaza/internal/civic/comment"
	"plaza/internal/civic/gate"
)

// wasOffered is the field that says that a form's writer wants a thread and no question.
const wasOffered = "ofrecido"

// maxNonce bounds what a form says that it is.
const maxNonce = 100

// offerPage asks whether what somebody wrote is to be a question with a date for its
// answer. All that they typed goes along either way.
type offerPage struct {
	web.Page
	Head  string // of the thread
	Text  template.HTML
	Ask   string // where it becomes a question
	AskAs []web.Option
	As    []web.Option // what it stays a thread with
	Gate  template.HTML
}

// offer answers a new thread that reads like a question with the offer to ask it; false
// where it does not, where something is wrong with it, or its writer has been offered it.
func (f *Forum) offer(w http.ResponseWriter, r *http.Request, form *web.Form, was typed) (bool, error) {
	d := was.Draft
	if f.Question == nil || form.Value(wasOffered) != "" || d.Nonce == "" || len(d.Nonce) > maxNonce ||
		len([]rune(d.Title)) > maxTitle || len([]rune(d.Text)) > comment.MaxLength || text.Blank(d.Title) || text.Blank(d.Text) ||
		!comment.Asks(d.Title) && !comment.Asks(d.Text) {
		return false, nil
	}
	page := &offerPage{Page: f.shell.Page(r, f.shell.Printer(r).T("forum.offer.title")), Head: d.Title}
	if page.Closed(string(access.CaseAsk)) || !access.Can(page.Actor, access.ForumWrite, access.Object{}) || !access.Can(page.Actor, access.CaseAsk, access.Object{}) {
		return false, nil
	}
	page.Crumbs = []web.Crumb{{Title: page.L.T("forum.title"), Path: Path}}
	page.Ask, page.AskAs = f.Question(was.slug, d.Title, d.Text)
	page.NoIndex, page.Text, page.Gate = true, text.Markdown(text.Tidy(d.Text)), gate.Again(form)
	page.As = []web.Option{{Label: "titulo", Value: d.Title}, {Label: "institucion", Value: was.slug}, {Label: "tema", Value: d.Theme},
		{Label: "texto", Value: d.Text}, {Label: "unico", Value: d.Nonce}, {Label: wasOffered, Value: "si"}}
	return true, f.shell.Render(w, r, http.StatusOK, "forum/offer", page)
}
