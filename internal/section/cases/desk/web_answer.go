package desk

import (
	"encoding/json"
	"errors"
	"html/template"
	"net/http"
	"strconv"
	"strings"

	"plaza/internal/base/db"
	"plaza/internal/base/text"
	"plaza/internal/base/web"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
	"plaza/internal/section/cases"
)

// written is what somebody wrote into the form of an answer.
type written struct {
	form   cases.AnswerForm
	object string       // what was typed for form.Object
	base   string       // id of the draft from which it was made
	why    string       // of a correction
	note   string       // to the liaison
	seen   int          // version of the author's draft
	stay   []string     // ids of files of drafts that are not published
	kept   []cases.File // sent with the form, in the store
}

// readAnswer reads the form. What was typed for an object stands for it until it is found.
func readAnswer(f *web.Form) written {
	w := written{object: f.Value("objeto"), base: f.Value("base"), why: f.Value("motivo"), note: f.Value("nota"), stay: f.Values("sin"), form: cases.AnswerForm{
		Outcome: cases.Outcome(f.Value("resultado")), Summary: f.Value("resumen"), Body: f.Value("texto"),
		Ground: f.Value("fundamento"), Alternative: f.Value("alternativa"), Appeal: f.Value("recurso"),
		FixedWith: f.Value("version_recurso"), PlannedOn: f.Value("fecha"), Promise: f.Value("promesa"), Unit: f.Value("area"),
	}}
	if len(w.stay) > maxStay {
		w.stay = w.stay[:maxStay]
	}
	w.seen, _ = strconv.Atoi(f.Value("version")) // none: 0
	if pick := f.Value("objeto_elegido"); pick != "" {
		w.object = pick
	}
	return w
}

// answerPage is the form of an official answer.
type answerPage struct {
	*head
	Correct  bool
	Lead     string
	Notice   *web.Notice
	Errors   web.ErrorSummary
	Seen     web.Seen
	Action   string
	SaveAt   string // where a script saves the draft
	Version  int
	From     string // id of the draft from which it is made
	Subjects []subjectChoice
	Wrong    string // what is wrong with the outcome
	Body     web.Field
	Summary  web.Field
	Why      *web.Field
	Planned  group
	Object   group
	Found    []web.Option // what is meant by the words typed for the object
	Refusal  group
	Files    []draftFile // of the drafts from which it is made
	Upload   *web.Field  // nil where files are not kept
	Note     web.Field
	Preview  template.HTML
	Others   []draftLine
	Mine     *draftLine
	Earlier  []earlierLine
	Question template.HTML
	Ack      string // path of the acknowledgement, "" when it is none any more
	Publish  bool
	Saved    string
}

// group is a part of the form that some outcomes need.
type group struct {
	Title  string
	Hint   string
	Open   bool
	Fields []web.Field
}

type subjectChoice struct {
	Title    string
	Outcomes []outcomeChoice
}

type outcomeChoice struct {
	Value, Label string
	Chosen       bool
}

func verbPath(correct bool) string {
	if correct {
		return "corregir"
	}
	return "responder"
}

func (d *Desk) write(correct bool) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		return d.drawAnswer(w, r, http.StatusOK, correct, nil, nil, false)
	}
}

// drawAnswer draws the form with what was typed, nil for what stands: the author's draft,
// what they want to begin with, or the answer that is to be corrected. why, which may be
// nil, is why it was not sent.
func (d *Desk) drawAnswer(w http.ResponseWriter, r *http.Request, status int, correct bool, in *written, why error, preview bool) error {
	page := &answerPage{Correct: correct}
	if err := d.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
		if page.head, err = d.openOwn(tx, r); err != nil {
			return err
		}
		mine, err := cases.OwnDraft(tx, page.Case.ID, page.Actor.PersonID)
		if err != nil && plaza.KindOf(err) != plaza.NotFound {
			return err
		}
		page.Version = mine.Version
		if in == nil {
			if in, err = d.begin(tx, page, r, mine); err != nil {
				return err
			}
		}
		return d.fillAnswer(tx, page, *in, why)
	}); err != nil {
		return err
	}
	l := page.L
	page.Seen = web.NewSeen(l, status, page.mark()...)
	if n := refusal(page.head, why); n != nil {
		page.Notice = n
	}
	if page.Notice == nil && !page.Can(cases.Draft) {
		page.Notice = &web.Notice{Tone: web.Warning, Text: l.T("cases.error.state")}
	}
	if page.Seen.Clash && !correct && !page.Case.Owed() {
		page.Notice = &web.Notice{Tone: web.Warning, Title: l.T("desk.answer.meanwhile"), Text: l.T("desk.answer.meanwhile.text"), Live: true,
			Link: page.Case.Path(), Action: l.T("desk.answer.meanwhile.see")}
	}
	if preview {
		page.Preview = text.Markdown(in.form.Body)
	}
	if one := r.URL.Query().Get("hecho"); l.Has("desk.done." + one) {
		page.Done = &web.Notice{Tone: web.Good, Text: l.T("desk.done." + one), Live: true}
	}
	return d.shell.Render(w, r, status, "desk/answer", page)
}

// begin is with what the form begins: a draft or an earlier answer that the address names,
// before what the author has written already, of which nothing is lost.
func (d *Desk) begin(tx *db.Tx, page *answerPage, r *http.Request, mine cases.AnswerDraft) (*written, error) {
	in := &written{form: mine.Form}
	base, known, err := d.base(tx, page, r)
	if err != nil {
		return in, err
	}
	if known {
		in.base = r.URL.Query().Get("base")
		own := strings.TrimSpace(mine.Form.Body)
		in.form = base
		if own != "" && own != strings.TrimSpace(base.Body) {
			in.form.Body = base.Body + "\n\n---\n\n" + own
			page.Notice = &web.Notice{Tone: web.Info, Text: page.L.T("desk.answer.kept_below")}
		}
		return in, nil
	}
	if page.Correct && mine.Empty() && page.Case.Answer != "" {
		last, err := cases.LastAnswer(tx, page.Case.ID)
		if err != nil {
			return in, err
		}
		in.form = last.AnswerForm
	}
	return in, nil
}

// base is the draft of another, or the earlier answer, that the address names.
func (d *Desk) base(tx *db.Tx, page *answerPage, r *http.Request) (form cases.AnswerForm, ok bool, err error) {
	if id := web.QueryText(r, "base", 80); id != "" {
		draft, err := cases.DraftByID(tx, page.Case.ID, id)
		return draft.Form, err == nil, err
	}
	folio := web.QueryText(r, "respuesta", 80)
	if folio == "" {
		return form, false, nil
	}
	c, err := cases.ByFolio(tx, folio)
	if err != nil {
		return form, false, notFound(err)
	}
	if !c.Public() || c.Answer == "" {
		return form, false, plaza.E(plaza.NotFound, "cases.error.not_found")
	}
	a, err := cases.LastAnswer(tx, c.ID)
	form = a.AnswerForm
	form.PlannedOn, form.Promise, form.Unit = "", "", "" // another promise is another date
	return form, err == nil, err
}

// answer takes what was written: a draft is saved, sent or put before who signs it, or the
// answer is published. Whatever is refused, what was typed is kept in the author's draft.
func (d *Desk) answer(correct bool) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		form, err := web.ReadForm(r)
		if err != nil {
			return err
		}
		in, what := readAnswer(form), form.Value("hacer")
		if what == "vista" {
			return d.drawAnswer(w, r, http.StatusOK, correct, &in, nil, true)
		}
		if err := d.keepFiles(r, form, &in); err != nil {
			if status := statusFor(err); status != 0 {
				return d.drawAnswer(w, r, status, correct, &in, err, false)
			}
			return err
		}
		back := ""
		err = d.DB.Write(r.Context(), func(tx *db.Tx) error {
			h, err := d.openOwn(tx, r)
			if err != nil {
				return err
			}
			if err := d.resolve(tx, &in); err != nil {
				return err
			}
			back = h.Base + "/" + verbPath(correct) + "?hecho=guardado"
			switch what {
			case "publicar":
				if !web.StillSeen(form, h.mark()...) {
					return web.ErrMeanwhile
				}
				back = h.Base + "?hecho=" + verbPath(correct)
				return d.publish(tx, h, in, correct)
			case "enviar", "firma":
				back = h.Base + "?hecho=" + what
			}
			return d.save(tx, h, in, what)
		})
		if err == nil {
			http.Redirect(w, r, back, http.StatusSeeOther)
			return nil
		}
		if what == "publicar" {
			return d.refused(w, r, correct, in, err)
		}
		d.Cases.Drop(r.Context(), in.kept)
		if status := statusFor(err); status != 0 {
			return d.drawAnswer(w, r, status, correct, &in, err, false)
		}
		return err
	}
}

// publish publishes what was written.
func (d *Desk) publish(tx *db.Tx, h *head, in written, correct bool) error {
	var c cases.Case
	var acts []record.Act
	var err error
	if correct {
		c, acts, err = d.Cases.CorrectDraft(tx, h.Case.ID, in.form, in.why, in.base, in.stay...)
	} else {
		c, acts, err = d.Cases.PublishDraft(tx, h.Case.ID, in.form, in.base, in.stay...)
	}
	if err != nil {
		return err
	}
	if err := cases.AttachKept(tx, c.ID, cases.FileOfAnswer, c.Answer, in.kept); err != nil {
		return err
	}
	return record.Append(tx, acts...)
}

// save saves what was written, and sends it on.
func (d *Desk) save(tx *db.Tx, h *head, in written, what string) error {
	saved, err := d.Cases.SaveDraft(tx, h.Case.ID, in.form, in.seen)
	if err != nil {
		return err
	}
	if err := cases.AttachKept(tx, h.Case.ID, cases.FileOfDraft, saved.ID, in.kept); err != nil {
		return err
	}
	switch what {
	case "enviar":
		_, err = d.Cases.SendDraft(tx, h.Case.ID, in.note)
	case "firma":
		_, err = d.Cases.AskSignature(tx, h.Case.ID)
	}
	return err
}

// keptPage gives somebody who may not answer any more what they typed.
type keptPage struct {
	web.Page
	Kept bool
	Why  string
	Text web.Copy
}

// refused keeps what was not published, and says why it was not.
func (d *Desk) refused(w http.ResponseWriter, r *http.Request, correct bool, in written, why error) error {
	kept, err := d.keep(r, in)
	if err != nil {
		return err
	}
	kind := plaza.KindOf(why)
	if status := statusFor(why); status != 0 {
		if err := d.drawAnswer(w, r, status, correct, &in, why, false); plaza.KindOf(err) != plaza.Forbidden {
			return err
		}
	}
	if !kept || kind != plaza.Forbidden && kind != plaza.NotFound {
		return why
	}
	page := &keptPage{Page: d.shell.Page(r, d.shell.Printer(r).T("desk.kept")), Kept: kept}
	page.NoIndex = true
	if e, ok := errors.AsType[*plaza.Error](why); ok && e.Key != "" {
		page.Why = page.L.TMap(e.Key, e.Args)
	}
	page.Text = web.Copy{L: page.L, ID: "texto", Text: in.form.Body}
	return d.shell.Render(w, r, web.StatusOf(why), "desk/kept", page)
}

// keep keeps what was typed in the author's draft: as they may, or else only in one that
// they have already.
func (d *Desk) keep(r *http.Request, in written) (kept bool, err error) {
	held := false // the files
	err = d.DB.Write(r.Context(), func(tx *db.Tx) error {
		c, err := cases.ByFolio(tx, r.PathValue("folio"))
		if err != nil {
			return err
		}
		saved, err := d.Cases.SaveDraft(tx, c.ID, in.form, in.seen)
		if plaza.KindOf(err) == plaza.Forbidden {
			kept, err = cases.KeepDraft(tx, c.ID, in.form)
			return err
		}
		if kept = err == nil; kept {
			err = cases.AttachKept(tx, c.ID, cases.FileOfDraft, saved.ID, in.kept)
			held = err == nil
		}
		return err
	})
	if !held {
		d.Cases.Drop(r.Context(), in.kept)
	}
	var e *plaza.Error
	if errors.As(err, &e) { // what cannot be kept is on the page all the same
		err = nil
	}
	return kept, err
}

// autosave saves the draft while it is written. A script is told what came of it; without
// one the form comes back.
func (d *Desk) autosave(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	in := readAnswer(form)
	var saved cases.AnswerDraft
	back, said := "", ""
	err = d.DB.Write(r.Context(), func(tx *db.Tx) error {
		h, err := d.openOwn(tx, r)
		if err != nil {
			return err
		}
		if err := d.resolve(tx, &in); err != nil {
			return err
		}
		back = h.Base + "/" + verbPath(!h.Case.Owed()) + "?hecho=guardado"
		saved, err = d.Cases.SaveDraft(tx, h.Case.ID, in.form, in.seen)
		said = h.L.T("desk.draft.saved", "time", h.L.DateTime(tx.Now))
		return err
	})
	status := statusFor(err)
	if err != nil && status == 0 {
		return err
	}
	if !strings.Contains(r.Header.Get("Accept"), "application/json") {
		if status != 0 {
			return d.drawAnswer(w, r, status, false, &in, err, false)
		}
		http.Redirect(w, r, back, http.StatusSeeOther)
		return nil
	}
	if e, ok := errors.AsType[*plaza.Error](err); ok {
		said = d.shell.Printer(r).TMap(e.Key, e.Args)
	}
	body, err := json.Marshal(map[string]any{"version": saved.Version, "said": said})
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	if status != 0 {
		w.WriteHeader(status)
	}
	_, err = w.Write(body)
	return err
}
