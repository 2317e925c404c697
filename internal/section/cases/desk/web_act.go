package desk

import (
	"errors"
	"net/http"
	"strings"

	"plaza/internal/base/db"
	"plaza/internal/base/web"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
	"plaza/internal/section/cases"
)

// actPage is the form of an act.
type actPage struct {
	*head
	Lead   string
	Notice *web.Notice
	Errors web.ErrorSummary
	Seen   web.Seen
	Fields []web.Field
	Action string
	Do     string
	Danger bool
	Ready  bool // it can be done now
}

func (d *Desk) askDeed(one deed) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		return d.drawDeed(w, r, http.StatusOK, one, func(string) string { return "" }, nil)
	}
}

// drawDeed draws the form of an act with what was typed. why, which may be nil, is why it
// was not done.
func (d *Desk) drawDeed(w http.ResponseWriter, r *http.Request, status int, one deed, in typed, why error) error {
	page := &actPage{Danger: one.danger}
	if err := d.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
		if page.head, err = d.open(tx, r); err != nil {
			return err
		}
		if err := page.may(one); err != nil {
			return err
		}
		page.Fields, err = one.fields(d, tx, page.head, in)
		return err
	}); err != nil {
		return err
	}
	l, key := page.L, "desk."+one.path
	page.sub(l.T(key))
	page.Lead, page.Do, page.Action = l.T(key+".lead"), l.T(key+".do"), page.Base+"/"+one.path
	page.Ready = page.Can(one.act)
	page.Seen = web.NewSeen(l, status, page.mark()...)
	page.Notice = refusal(page.head, why)
	if !page.Ready && page.Notice == nil {
		page.Notice = &web.Notice{Tone: web.Warning, Text: l.T("cases.error.state")}
	}
	wrong := web.FieldErrors(l, why)
	for i := range page.Fields {
		page.Fields[i].Error = wrong[page.Fields[i].Name]
	}
	page.Errors = web.ErrorSummary{L: l, Fields: page.Fields}
	return d.shell.Render(w, r, status, "desk/act", page)
}

// refusal says why something was not done, when it is not about fields and the form does
// not say it by itself.
func refusal(h *head, why error) *web.Notice {
	e, ok := errors.AsType[*plaza.Error](why)
	if !ok || len(e.Fields) > 0 || e.Key == "" || errors.Is(why, web.ErrMeanwhile) {
		return nil
	}
	return &web.Notice{Tone: web.Warning, Text: h.L.TMap(e.Key, e.Args), Live: true}
}

// statusFor is the status of a form that is drawn again because of an error, 0 for an
// error that a form says nothing about.
func statusFor(err error) int {
	e, ok := errors.AsType[*plaza.Error](err)
	switch {
	case !ok:
		return 0
	case len(e.Fields) > 0:
		return http.StatusUnprocessableEntity
	case e.Kind == plaza.Conflict:
		return http.StatusConflict
	}
	return 0
}

func (d *Desk) doDeed(one deed) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		form, err := web.ReadForm(r)
		if err != nil {
			return err
		}
		back := ""
		err = d.DB.Write(r.Context(), func(tx *db.Tx) error {
			h, err := d.open(tx, r)
			if err != nil {
				return err
			}
			if err := h.may(one); err != nil {
				return err
			}
			if !web.StillSeen(form, h.mark()...) {
				return web.ErrMeanwhile
			}
			c, acts, err := one.do(d.Cases, tx, h, form.Value)
			if err != nil {
				return err
			}
			if back = h.Base; one.act == cases.Return { // it is not at this desk any more
				back = strings.TrimSuffix(h.Base, "/"+c.Folio)
			}
			return record.Append(tx, acts...)
		})
		if status := statusFor(err); status != 0 {
			return d.drawDeed(w, r, status, one, form.Value, err)
		}
		if err != nil {
			return err
		}
		http.Redirect(w, r, back+"?hecho="+one.path, http.StatusSeeOther)
		return nil
	}
}
