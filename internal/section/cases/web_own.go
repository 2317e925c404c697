package cases

import (
	"cmp"
	"errors"
	"net/http"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/i18n"
	"plaza/internal/base/text"
	"plaza/internal/base/web"
	"plaza/internal/civic/gate"
	"plaza/internal/civic/privacy"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
)

// ownForm is a form by which the asker of a case does something.
type ownForm struct {
	Act  Act
	Path string   // last part of its address
	Step StepKind // what it leaves on the page
	Text bool     // something is written
	Must bool     // and has to be
	do   func(cs *Cases, tx *db.Tx, id, text string, by Asker, from From) (Case, []record.Act, error)
}

// among is what its text is called among other forms.
func (f ownForm) among() string { return "texto-" + f.Path }

// ownForms are all of them, in the order of the page.
var ownForms = []ownForm{
	{Reply, "responder-info", InfoGiven, true, true, (*Cases).Reply},
	{Accept, "aceptar", WasAccepted, false, false, func(cs *Cases, tx *db.Tx, id, _ string, by Asker, _ From) (Case, []record.Act, error) {
		return cs.Accept(tx, id, by)
	}},
	{Reopen, "reabrir", WasReopened, true, true, (*Cases).Reopen},
	{Withdraw, "retirar", WasWithdrawn, true, false, (*Cases).Withdraw},
}

// perOwner is how often one asker may do something to their cases.
var perOwner = gate.Limit{Name: "case.own", Max: 40, Window: time.Hour, Key: "cases.error.often_own"}

// actForm draws "case-form": one act on a case.
type actForm struct {
	L       *i18n.Printer
	Name    string // part of ids on the page
	Action  string
	Title   string
	Lead    string
	Text    *web.Field
	Choice  []web.Option // of buttons: the value that each sends, and its words
	Save    string
	Quiet   bool // its button is not the first thing to press
	Open    bool // shown unfolded
	Gate    gate.Fields
	Seen    *web.Seen
	Privacy privacy.Said
}

// Errors is what is wrong with the form.
func (f actForm) Errors() web.ErrorSummary {
	s := web.ErrorSummary{L: f.L}
	if f.Text != nil {
		s.Fields = append(s.Fields, *f.Text)
	}
	return s
}

// actPage is one act on a case on a page of its own.
type actPage struct {
	web.Page
	Back   web.NavLink
	Case   string // its title
	Notice *web.Notice
	Form   actForm
}

// written is what somebody has typed in a form, and what is wrong with it.
type written struct {
	Text  string
	Wrong map[string]string
}

// own is the form of an asker's act, as it stands alone or among others.
// field is what its text is called: on a page with other forms, no two are called the same.
func (cs *Cases) own(p web.Page, r *http.Request, c Case, f ownForm, field string, status int, was written) actForm {
	l, key := p.L, "cases.act."+string(f.Act)
	seen := web.NewSeen(l, status, c.ID, c.Version)
	form := actForm{L: l, Name: f.Path, Action: withQuery(c.Path()+"/"+f.Path, stripped(r)), Title: l.T(key), Save: l.T(key + ".save"),
		Gate: cs.Gate.Fields(l, purpose, p.Now), Seen: &seen, Quiet: f.Act == Withdraw, Open: f.Act == Reply && c.State == NeedsInfo}
	form.Lead = l.T(key + ".lead")
	if f.Text {
		form.Text = &web.Field{L: l, Name: field, Type: "textarea", Label: l.T(key + ".text"), Value: was.Text, Rows: 5, MaxLength: MaxReason,
			Optional: !f.Must, Error: was.Wrong["texto"]}
		form.Privacy = privacy.Say(l, Point)
	}
	return form
}

// stripped is a request without what only a redirect says.
func stripped(r *http.Request) *http.Request {
	q := r.URL.Query()
	if !q.Has("hecho") && !q.Has("desde") {
		return r
	}
	q.Del("hecho")
	q.Del("desde")
	out := r.Clone(r.Context())
	out.URL.RawQuery = q.Encode()
	return out
}

func (cs *Cases) askOwn(f ownForm) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		return cs.drawOwn(w, r, f, http.StatusOK, written{}, nil)
	}
}

// drawOwn draws the form of an asker's act on a page of its own. Who is not the asker is
// refused.
func (cs *Cases) drawOwn(w http.ResponseWriter, r *http.Request, f ownForm, status int, was written, why *web.Notice) error {
	page := &actPage{Page: cs.shell.Page(r, ""), Notice: why}
	if err := cs.DB.Read(r.Context(), func(tx *db.Tx) error {
		c, by, err := cs.byAddress(tx, r)
		if err != nil {
			return err
		}
		_, action, err := c.next(f.Act)
		if action == "" {
			action = moveOf(f.Act).Action
		}
		if refused := c.allow(page.Actor, by, action); refused != nil {
			return refused
		}
		if err != nil && page.Notice == nil {
			page.Notice = &web.Notice{Tone: web.Warning, Text: page.L.T("cases.error.state")}
		}
		page.about(c)
		page.Form = cs.own(page.Page, r, c, f, "texto", status, was)
		page.Title = page.Form.Title
		return nil
	}); err != nil {
		return err
	}
	return cs.shell.Render(w, r, status, "cases/act", page)
}

// moveOf is the first line of the table about an act.
func moveOf(a Act) Move {
	for _, m := range moves {
		if m.Act == a {
			return m
		}
	}
	return Move{}
}

// about says of which case a page is.
func (p *actPage) about(c Case) {
	p.NoIndex, p.Case = true, c.Title
	p.Crumbs = []web.Crumb{{Title: p.L.T("cases.nav"), Path: "/consultas"}, {Title: c.Folio, Path: c.Path()}}
	p.Back = web.NavLink{Label: c.Folio, Path: c.Path()}
}

// doOwn does what the asker wants. The same form sent again does nothing more.
func (cs *Cases) doOwn(f ownForm) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		form, err := web.ReadForm(r)
		if err != nil {
			return err
		}
		was := written{Text: cmp.Or(form.Value("texto"), form.Value(f.among()))}
		var c Case
		err = cs.DB.Write(r.Context(), func(tx *db.Tx) error {
			found, by, err := cs.byAddress(tx, r)
			if err != nil {
				return err
			}
			c = found
			if !web.StillSeen(form, c.ID, c.Version) {
				if again, err := sentAgain(tx, c, f, was.Text); again || err != nil {
					return err
				}
				if refused := c.allow(plaza.ActorFrom(r.Context()), by, moveOf(f.Act).Action); refused != nil {
					return refused
				}
				return web.ErrMeanwhile
			}
			if err := cs.Gate.Brake(tx, perOwner, by.Person+by.Contact); err != nil {
				return err
			}
			from, err := cs.sentFrom(tx, r, form)
			if err != nil {
				return err
			}
			_, acts, err := f.do(cs, tx, c.ID, was.Text, by, from)
			if err != nil {
				return err
			}
			return record.Append(tx, acts...)
		})
		if status, wrong, why := cs.refusal(w, r, err); status != 0 {
			was.Wrong = wrong
			if status == http.StatusConflict && errors.Is(err, web.ErrMeanwhile) {
				why = nil // the form says so itself
			}
			return cs.drawOwn(w, r, f, status, was, why)
		}
		if err != nil {
			return err
		}
		http.Redirect(w, r, done(c, f.Path, stripped(r)), http.StatusSeeOther)
		return nil
	}
}

// sentAgain reports whether the last thing that happened to a case is what a form would
// do: the button was pressed twice.
func sentAgain(tx *db.Tx, c Case, f ownForm, said string) (bool, error) {
	last, err := scanStep(tx.Row(`SELECT `+stepColumns+`
		FROM case_steps
		WHERE case_id = $1
		ORDER BY at DESC, seq DESC, id DESC
		LIMIT 1`, c.ID).Scan)
	if err != nil {
		if plaza.KindOf(err) == plaza.NotFound {
			err = nil
		}
		return false, err
	}
	return last.Kind == f.Step && last.Person == plaza.ActorFrom(tx.Context()).PersonID && last.Body == text.Tidy(said), nil
}
