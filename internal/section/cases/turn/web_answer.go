package turn

import (
	"errors"
	"html/template"
	"net/http"
	"strings"

	"plaza/internal/base/db"
	"plaza/internal/base/i18n"
	"plaza/internal/base/text"
	"plaza/internal/base/web"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/privacy"
	"plaza/internal/plaza"
	"plaza/internal/section/cases"
)

// answerPage is what somebody sees to whom a case was turned by mail: all that they need
// to draft an answer, without an account.
type answerPage struct {
	web.Page
	Dead    *web.Notice // nothing may be written any more, or the link is none
	Done    *web.Notice
	Show    bool // the case
	Folio   string
	Kind    string
	Asked   string
	Body    template.HTML
	Details []web.Fact
	About   *web.NavLink
	Due     string
	From    string // the institution, and the area
	Note    string // of the liaison
	Back    string // why a draft came back
	Answers []answerLine
	Alike   []web.NavLink
	State   string // of the draft, in words; "" while there is none
	Written template.HTML
	Files   []string
	Typed   *web.Copy // what was typed and can be kept no more

	Errors  web.ErrorSummary
	Seen    web.Seen
	Action  string // "" when nothing may be written
	Fields  []web.Field
	Upload  bool
	Motive  web.Field
	Privacy privacy.Said
}

// answerLine is an official answer that there is.
type answerLine struct {
	Outcome, When, ISO string
	HTML               template.HTML
}

// typed is what was written into the page and is not kept.
type typed struct {
	in     *Written
	motive string
	wrong  map[string]string
	stop   *web.Notice
}

// copy is what was typed, to be taken elsewhere; nil when nothing was.
func (in typed) copy(l *i18n.Printer) *web.Copy {
	said := in.motive
	if in.in != nil {
		said = strings.TrimSpace(in.in.Body + "\n\n" + in.in.Note)
	}
	if said == "" {
		return nil
	}
	return &web.Copy{L: l, ID: "escrito", Text: said}
}

func (s *Turns) answer(w http.ResponseWriter, r *http.Request) error {
	return s.drawAnswer(w, r, http.StatusOK, typed{})
}

func (s *Turns) drawAnswer(w http.ResponseWriter, r *http.Request, status int, in typed) error {
	page := &answerPage{Page: s.shell.Page(r, s.shell.Printer(r).T("turn.page"))}
	page.NoIndex, page.Canonical = true, "/"
	err := s.DB.Read(r.Context(), func(tx *db.Tx) error {
		t, c, d, err := s.Look(tx, r.PathValue("token"))
		if err != nil {
			return err
		}
		return page.load(tx, s, t, c, d, in)
	})
	if err != nil {
		return s.dead(w, r, page, in, err)
	}
	if in.stop != nil && page.Dead == nil {
		page.Dead = in.stop
	}
	page.Done = done(page.L, r, "guardado", "enviado", "no_corresponde")
	if page.Action != "" {
		page.Action = PagePath + r.PathValue("token")
		page.Seen.Clash = status == http.StatusConflict
	} else {
		page.Typed = in.copy(page.L)
		if status == http.StatusOK && !page.Show {
			status = http.StatusGone
		}
	}
	return s.shell.Render(w, r, status, "turn/answer", page)
}

// dead says why a link does not work, on a plain page, with what was typed.
func (s *Turns) dead(w http.ResponseWriter, r *http.Request, page *answerPage, in typed, err error) error {
	status := http.StatusNotFound
	e, ok := errors.AsType[*plaza.Error](err)
	if !ok || !errors.Is(err, errUnknown) && !errors.Is(err, errNewer) {
		return err
	}
	if errors.Is(err, errNewer) {
		status = http.StatusGone
	}
	*page = answerPage{Page: page.Page, Dead: &web.Notice{Tone: web.Warning, Title: page.L.T(e.Key), Text: page.L.T(e.Key + ".text")}, Typed: in.copy(page.L)}
	return s.shell.Render(w, r, status, "turn/answer", page)
}

// load fills the page. What was revoked, runs out or is not public any more shows only
// what was written.
func (p *answerPage) load(tx *db.Tx, s *Turns, t Turn, c cases.Case, d Draft, in typed) error {
	body, err := bodyOf(tx, p.L, t.Institution)
	if err != nil {
		return err
	}
	zone, err := zoneOf(body)
	if err != nil {
		return err
	}
	p.L = p.L.In(zone)
	l, stop := p.L, t.Stop(c, tx.Now)
	p.Folio = c.Folio
	p.Show = c.Public() && tx.Now.Before(t.Expires) && stop != "revoked"
	if p.Show {
		if err := p.about(tx, s, t, c, body); err != nil {
			return err
		}
	}
	files, err := filesOf(tx, c.ID, d.ID)
	if err != nil {
		return err
	}
	for _, f := range files {
		p.Files = append(p.Files, f.Name+" ("+l.Bytes(f.Bytes)+")")
	}
	if d.ID != "" {
		p.Written, p.State = text.Markdown(d.Form.Body), l.T("turn.draft."+d.State)
		if d.State == draftReturned {
			p.Back = d.Note
		}
	}
	switch {
	case stop != "":
		p.Dead = &web.Notice{Tone: web.Warning, Title: l.T("turn.stop." + stop), Text: l.T("turn.stop." + stop + ".text")}
	case !d.editable():
		p.Dead = &web.Notice{Tone: web.Info, Text: l.T("turn.draft.taken")}
	default:
		p.writing(l, s, c, d, in)
	}
	return nil
}

// writing makes the forms, of what was typed or else of the draft.
func (p *answerPage) writing(l *i18n.Printer, s *Turns, c cases.Case, d Draft, in typed) {
	now := Written{Outcome: d.Form.Outcome, Body: d.Form.Body, Note: d.Note}
	if d.State == draftReturned {
		now.Note = ""
	}
	if in.in != nil {
		now = *in.in
	}
	outcomes := []web.Option{{Label: l.T("turn.field.resultado.none")}}
	for _, o := range cases.OutcomesFor(c.Kind) {
		outcomes = append(outcomes, web.Option{Value: string(o), Label: l.T("cases.outcome." + string(o))})
	}
	p.Action, p.Privacy, p.Upload = "?", privacy.Say(l, Point), s.Blob != nil
	p.Seen = web.NewSeen(l, http.StatusOK, d.ID, d.Version)
	p.Fields = dress(l, in.wrong,
		web.Field{Name: "resultado", Type: "select", Value: string(now.Outcome), Options: outcomes, Optional: true},
		web.Field{Name: "texto", Type: "textarea", Rows: 12, Value: now.Body, MaxLength: cases.MaxAnswer},
		web.Field{Name: "nota", Type: "textarea", Rows: 3, Value: now.Note, MaxLength: cases.MaxReason, Optional: true, Label: l.T("turn.field.nota.back"), Hint: l.T("turn.field.nota.back.hint")})
	if p.Upload {
		p.Fields = append(p.Fields, dress(l, in.wrong, web.Field{Name: "archivos", Type: "file", Multiple: true, Optional: true})...)
	}
	p.Motive = dress(l, in.wrong, web.Field{Name: "motivo", Type: "textarea", Rows: 3, Value: in.motive, MaxLength: cases.MaxReason})[0]
	p.Errors = web.ErrorSummary{L: l, Fields: append(append([]web.Field{}, p.Fields...), p.Motive)}
}

// maxAlike is how many answered cases on the same data are offered.
const maxAlike = 5

// about shows the case: what is asked, about what, until when, and what was said before.
func (p *answerPage) about(tx *db.Tx, s *Turns, t Turn, c cases.Case, body institution.Institution) error {
	l := p.L
	p.Title, p.Kind, p.Asked, p.Body, p.Note = c.Title, l.T("cases.kind."+string(c.Kind)), l.Date(c.Asked), text.Markdown(c.Body), t.Note
	voice, err := s.voice(tx, t)
	if err != nil {
		return err
	}
	p.From = body.Name
	if voice.Unit != "" {
		p.From += " · " + voice.Unit
	}
	if p.Due, err = dueWords(tx, l, c); err != nil {
		return err
	}
	p.Details = details(l, c)
	if c.On.Ref.ID != "" && s.Cards != nil {
		cards, err := s.Cards(tx, []plaza.Ref{c.On.Ref})
		if err != nil {
			return err
		}
		if card, ok := cards[c.On.Ref]; ok && card.Visible {
			p.About = &web.NavLink{Label: card.Title, Path: card.Path}
		}
	}
	said, err := cases.Answers(tx, c.ID)
	if err != nil {
		return err
	}
	for _, a := range said {
		p.Answers = append(p.Answers, answerLine{Outcome: l.T("cases.outcome." + string(a.Outcome)), When: l.Date(a.At), ISO: l.ISO(a.At), HTML: text.Markdown(a.Body)})
	}
	if c.On.Dataset == "" {
		return nil
	}
	alike, err := cases.List(tx, cases.Filter{Dataset: c.On.Dataset, States: []cases.State{cases.Answered, cases.Resolved}}, cases.Newest, cases.Key{}, maxAlike+1)
	for _, o := range alike {
		if o.ID != c.ID && len(p.Alike) < maxAlike {
			p.Alike = append(p.Alike, web.NavLink{Label: o.Folio + " · " + o.Title, Path: o.Path()})
		}
	}
	return err
}

// details are what a case's kind asked for besides.
func details(l *i18n.Printer, c cases.Case) (out []web.Fact) {
	d := c.Details
	for _, f := range []struct{ key, text string }{
		{"columna", c.On.Column}, {"fila", c.On.Row}, {"filas", d.Rows}, {"debe", d.Should}, {"evidencia", d.Evidence}, {"formato", d.Format},
		{"frecuencia", d.Frequency}, {"periodo", d.Period}, {"lugar", d.Geography}, {"desglose", d.Disaggregation}, {"enlace", d.Link}, {"para", c.Need},
	} {
		if f.text != "" {
			out = append(out, web.Fact{Label: l.T("turn.detail." + f.key), Text: f.text})
		}
	}
	return out
}

// write keeps or sends what was written.
func (s *Turns) write(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	token, l := r.PathValue("token"), s.shell.Printer(r)
	in := Written{Outcome: cases.Outcome(form.Value("resultado")), Body: form.Value("texto"), Note: form.Value("nota"), Send: form.Value("hacer") == "enviar",
		Still: func(d Draft) bool { return web.StillSeen(form, d.ID, d.Version) }}
	kept, err := s.files(r, form)
	var d Draft
	if err == nil {
		err = s.DB.Write(r.Context(), func(tx *db.Tx) (err error) {
			if d, err = s.Write(tx, token, in); err != nil {
				return err
			}
			return cases.AttachKept(tx, d.Case, cases.FileOfDraft, d.ID, kept)
		})
	}
	if err != nil {
		s.Drop(r.Context(), kept)
	}
	if wrong := web.FieldErrors(l, err); wrong != nil {
		return s.drawAnswer(w, r, http.StatusUnprocessableEntity, typed{in: &in, wrong: wrong})
	}
	if errors.Is(err, web.ErrMeanwhile) {
		return s.drawAnswer(w, r, http.StatusConflict, typed{in: &in})
	}
	if err != nil {
		return s.refuse(w, r, typed{in: &in}, err)
	}
	said := "guardado"
	if in.Send {
		said = "enviado"
	}
	return see(w, r, PagePath+token+"?hecho="+said)
}

// files keeps what came with a form, until the draft that it belongs to is written.
func (s *Turns) files(r *http.Request, form *web.Form) ([]cases.File, error) {
	if s.Blob == nil {
		return nil, nil
	}
	return s.Keep(r.Context(), form.Files("archivos"))
}

// decline says that the case is not theirs.
func (s *Turns) decline(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	token, why := r.PathValue("token"), form.Value("motivo")
	err = s.DB.Write(r.Context(), func(tx *db.Tx) error { return s.Decline(tx, token, why) })
	if wrong := web.FieldErrors(s.shell.Printer(r), err); wrong != nil {
		return s.drawAnswer(w, r, http.StatusUnprocessableEntity, typed{motive: why, wrong: wrong})
	}
	if err != nil {
		return s.refuse(w, r, typed{motive: why}, err)
	}
	return see(w, r, PagePath+token+"?hecho=no_corresponde")
}

// refuse draws the page when nothing may be written any more, with what was typed where
// it may be copied from.
func (s *Turns) refuse(w http.ResponseWriter, r *http.Request, in typed, err error) error {
	if errors.Is(err, errUnknown) || errors.Is(err, errNewer) {
		page := &answerPage{Page: s.shell.Page(r, s.shell.Printer(r).T("turn.page"))}
		page.NoIndex, page.Canonical = true, "/"
		return s.dead(w, r, page, in, err)
	}
	if stop := clash(s.shell.Printer(r), err); stop != nil {
		in.stop = stop
		return s.drawAnswer(w, r, http.StatusConflict, in)
	}
	return err
}
