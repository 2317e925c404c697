package comment

import (
	"cmp"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"html/template"
	"net/http"
	"strconv"
	"strings"

	"plaza/internal/base/db"
	"plaza/internal/base/i18n"
	"plaza/internal/base/text"
	"plaza/internal/base/web"
	"plaza/internal/civic/gate"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/moderation"
	"plaza/internal/civic/privacy"
	"plaza/internal/plaza"
)

// purpose is what the form's hidden fields are sealed for.
const purpose = "comment"

// formView draws "comment-form".
type formView struct {
	L       *i18n.Printer
	Action  string
	Root    string // id of the comment that is answered, or ""
	Nonce   string
	Version int // of the comment that is edited, 0 for a new one
	Voice   *web.Field
	Text    web.Field
	Gate    gate.Fields
	Preview template.HTML
	Save    string // words of the button
	Privacy privacy.Said
}

// typed is what somebody has written so far.
type typed struct {
	Root, Voice, Text, Nonce string
	Wrong                    map[string]string
	Preview                  bool
}

// ownVoice is how the form says that somebody speaks for themselves.
const ownVoice = "propia"

func newNonce() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails since Go 1.24
	return hex.EncodeToString(b[:])
}

// form is the form for a comment of an object, with what was typed.
func (cs *Comments) form(tx *db.Tx, page web.Page, on plaza.Card, was typed) (formView, error) {
	l := page.L
	f := formView{L: l, Action: ThreadPath(on.Ref), Root: was.Root, Nonce: was.Nonce,
		Gate: cs.Gate.Fields(l, purpose, page.Now), Save: l.T("comment.form.send"), Privacy: privacy.Say(l, Point)}
	if was.Root != "" {
		f.Save = l.T("comment.form.answer")
	}
	voices, err := institution.Voices(tx, page.Actor, on.Institution)
	if err != nil {
		return f, err
	}
	if len(voices) > 1 {
		f.Voice = &web.Field{L: l, Name: "voz", Type: "select", Label: l.T("comment.form.voice"), Hint: l.T("comment.form.voice.hint"),
			Value: cmp.Or(was.Voice, ownVoice), Error: was.Wrong["voz"]}
		for _, v := range voices {
			f.Voice.Options = append(f.Voice.Options, web.Option{Value: cmp.Or(v.Key(), ownVoice), Label: voiceWords(l, v, page.Actor)})
		}
	}
	hint, err := mentionHint(tx, l, on, page.Actor)
	if err != nil {
		return f, err
	}
	f.Text = textField(l, l.T("comment.form.text"), hint, was)
	if was.Preview {
		f.Preview = text.Markdown(text.Tidy(was.Text))
	}
	return f, nil
}

func textField(l *i18n.Printer, label, hint string, was typed) web.Field {
	return web.Field{L: l, Name: "texto", Type: "textarea", Label: label, Hint: hint, Value: was.Text, Rows: 6, MaxLength: MaxLength,
		Error: was.Wrong["texto"]}
}

// mentionHint says how to write, and whom one can mention.
func mentionHint(tx *db.Tx, l *i18n.Printer, on plaza.Card, actor plaza.Actor) (string, error) {
	all, err := participants(tx, on)
	if err != nil {
		return "", err
	}
	var handles []string
	for _, n := range all {
		if n.ID != actor.PersonID && len(handles) < shownMentioned {
			handles = append(handles, "@"+n.Handle)
		}
	}
	hint := l.T("comment.form.hint")
	if len(handles) > 0 {
		hint += " " + l.T("comment.form.mention", "handles", strings.Join(handles, ", "))
	}
	return hint, nil
}

// writePage is the form on a page of its own: for an answer, a preview, a correction.
type writePage struct {
	web.Page
	Back   web.NavLink
	To     *line // what is answered
	Notice *web.Notice
	Form   formView
}

// Errors is what is wrong with the form.
func (p writePage) Errors() web.ErrorSummary { return p.Form.Errors() }

// Errors is what is wrong with the form.
func (f formView) Errors() web.ErrorSummary {
	s := web.ErrorSummary{L: f.L}
	if f.Voice != nil {
		s.Fields = append(s.Fields, *f.Voice)
	}
	s.Fields = append(s.Fields, f.Text)
	return s
}

func (cs *Comments) write(w http.ResponseWriter, r *http.Request) error {
	return cs.drawForm(w, r, http.StatusOK, typed{Root: web.QueryText(r, "a", maxNonce), Nonce: newNonce()}, nil)
}

// drawForm draws the form with what was typed. why, which may be nil, is why it could not
// be sent.
func (cs *Comments) drawForm(w http.ResponseWriter, r *http.Request, status int, was typed, why *web.Notice) error {
	page := &writePage{Page: cs.shell.Page(r, ""), Notice: why}
	if err := cs.DB.Read(r.Context(), func(tx *db.Tx) error {
		on, err := cs.object(tx, r)
		if err != nil {
			return err
		}
		title := "comment.write.title"
		if was.Root != "" {
			title = "comment.write.answer"
			if err := cs.answered(tx, page, on, was.Root); err != nil {
				return err
			}
		}
		cs.about(&page.Page, on, page.L.T(title, "title", on.Title))
		page.NoIndex, page.Back = true, web.NavLink{Label: on.Title, Path: on.Path}
		page.Form, err = cs.form(tx, page.Page, on, was)
		return err
	}); err != nil {
		return err
	}
	return cs.shell.Render(w, r, status, "comment/write", page)
}

// answered fills in what is being answered; when it takes no answers the page says so.
func (cs *Comments) answered(tx *db.Tx, page *writePage, on plaza.Card, id string) error {
	c, err := ByID(tx, id)
	if err == nil && !(c.placed() && c.under(on.Ref)) {
		err = plaza.E(plaza.NotFound, "comment.error.not_found")
	}
	if err != nil {
		return err
	}
	t, err := cs.teller(tx, page.Page, []Comment{c})
	if err != nil {
		return err
	}
	l := t.line(c)
	l.Reply, l.Edit, l.Remove, l.Report = "", "", "", ""
	page.To = &l
	root, err := ByID(tx, c.Thread())
	if err != nil {
		return err
	}
	if e, ok := errors.AsType[*plaza.Error](root.takesAnswers()); ok && page.Notice == nil {
		page.Notice = &web.Notice{Tone: web.Warning, Text: page.L.T(e.Key)}
	}
	return nil
}

// add takes a comment, or draws its preview.
func (cs *Comments) add(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	was := typed{Root: form.Value("a"), Voice: form.Value("voz"), Text: form.Value("texto"), Nonce: form.Value("unico")}
	if form.Value("hacer") == "vista" {
		was.Preview = true
		return cs.drawForm(w, r, http.StatusOK, was, nil)
	}
	if offered, err := cs.offer(w, r, form, was); offered || err != nil {
		return err
	}
	var c Comment
	var on plaza.Card
	err = cs.DB.Write(r.Context(), func(tx *db.Tx) (err error) {
		if on, err = cs.object(tx, r); err != nil {
			return err
		}
		from, err := cs.from(tx, r, form)
		if err != nil {
			return err
		}
		c, err = cs.Post(tx, Draft{On: on, Root: was.Root, Voice: was.Voice, Text: was.Text, Nonce: was.Nonce}, from)
		return err
	})
	if status, why := cs.refusal(w, r, err, &was); status != 0 {
		return cs.drawForm(w, r, status, was, why)
	}
	if err != nil {
		return err
	}
	to := c.Path()
	switch {
	case c.State == moderation.Held:
		to = OwnPath + "?hecho=espera" + anchor(c.ID)
	case c.Root == "":
		to = on.Path + anchor(c.ID)
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// from is what is known of where a form came from; the drawn form is used up.
func (cs *Comments) from(tx *db.Tx, r *http.Request, form *web.Form) (f From, err error) {
	if ip := cs.shell.ClientIP(r); ip.IsValid() {
		f.Network = gate.Network(ip)
	}
	f.Signals, err = cs.Gate.Judge(tx, form, purpose)
	return f, err
}

// refusal is how a form is drawn again when what was sent is refused for a reason that
// its writer can do something about; status 0 is for all other errors. What was typed
// is kept.
func (cs *Comments) refusal(w http.ResponseWriter, r *http.Request, err error, was *typed) (int, *web.Notice) {
	l := cs.shell.Printer(r)
	if was.Wrong = web.FieldErrors(l, err); was.Wrong != nil {
		if was.Nonce == "" || len(was.Nonce) > maxNonce {
			was.Nonce = newNonce()
		}
		return http.StatusUnprocessableEntity, nil
	}
	e, ok := errors.AsType[*plaza.Error](err)
	if !ok || e.Key == "" || e.Kind != plaza.Conflict && e.Kind != plaza.TooMany {
		return 0, nil
	}
	if e.RetryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(e.RetryAfter.Seconds())+1))
	}
	return web.StatusOf(err), &web.Notice{Tone: web.Warning, Text: l.TMap(e.Key, e.Args), Live: true}
}
