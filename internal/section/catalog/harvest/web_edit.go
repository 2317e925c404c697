package harvest

import (
	"errors"
	"net/http"
	"strconv"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/web"
	"plaza/internal/civic/access"
	"plaza/internal/plaza"
)

// editPage changes a source, or retires it.
type editPage struct {
	web.Page
	Base   string // of the addresses of what can be done
	Source sourceLine
	Seen   web.Seen
	Errors web.ErrorSummary
	Form   []web.Field
}

func (p *Pages) edit(w http.ResponseWriter, r *http.Request) error {
	return p.drawEdit(w, r, http.StatusOK, nil, nil)
}

// drawEdit draws the form of a source with what was written, nil for nothing yet.
func (p *Pages) drawEdit(w http.ResponseWriter, r *http.Request, status int, f *sourceForm, wrong map[string]string) error {
	page := &editPage{}
	l := p.shell.Printer(r)
	var o *owners
	var s Source
	if err := p.db.Read(r.Context(), func(tx *db.Tx) (err error) {
		if s, err = sourceFor(tx, r, access.SourceEdit); err != nil {
			return err
		}
		at, err := p.place(tx, r, access.SourceEdit, "")
		if err != nil {
			return err
		}
		page.Page, page.Base = at.Page, at.base
		o, err = loadOwners(tx, l)
		return err
	}); err != nil {
		return err
	}
	if f == nil {
		f = &sourceForm{url: s.URL, title: s.Title, institution: s.InstitutionID, every: strconv.Itoa(int(s.Every / time.Hour))}
	}
	page.Title = l.T("harvest.edit.title", "title", s.Title)
	page.Crumbs = append(page.Crumbs, web.Crumb{Title: l.T("harvest.admin"), Path: page.Base})
	page.Source, page.Seen = sourceWords(l, s, o), web.NewSeen(l, status, facts(s))
	page.Form = sourceFields(l, o, *f, wrong)[1:] // its kind stays
	if s.File != "" {
		page.Form = page.Form[1:3] // a file has no address and no rhythm
	}
	if r.PathValue("institution") != "" {
		page.Form = withoutOwner(page.Form)
	}
	page.Errors = web.ErrorSummary{L: l, Fields: page.Form}
	return p.shell.Render(w, r, status, "harvest/edit", page)
}

// facts are what the form of a source changes: what its readings do to it is none of it.
func facts(s Source) []any { return []any{s.Title, s.URL, s.InstitutionID, s.Every} }

func (p *Pages) change(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	f := readSource(form)
	if err := p.owned(r, &f); err != nil {
		return err
	}
	moved := 0
	err = p.db.Write(r.Context(), func(tx *db.Tx) error {
		// whoever else is changing it waits until this transaction has ended
		if _, err := tx.Exec(`UPDATE sources SET title = title WHERE id = $1`, r.PathValue("source")); err != nil {
			return err
		}
		old, err := sourceFor(tx, r, access.SourceEdit)
		if err != nil {
			return err
		}
		if !web.StillSeen(form, facts(old)) {
			return web.ErrMeanwhile
		}
		// whose it becomes must be the actor's to decide as well
		if err := access.Check(plaza.ActorFrom(r.Context()), access.SourceEdit, access.Object{Kind: KindSource, Institution: f.institution}); err != nil {
			return err
		}
		s := f.source()
		s.ID = old.ID
		moved, err = p.harvester.Edit(tx, s)
		return err
	})
	if errors.Is(err, web.ErrMeanwhile) {
		return p.drawEdit(w, r, http.StatusConflict, &f, nil)
	}
	if wrong := web.FieldErrors(p.shell.Printer(r), err); wrong != nil {
		return p.drawEdit(w, r, http.StatusUnprocessableEntity, &f, wrong)
	}
	if err != nil {
		return err
	}
	return p.seeMoved(w, r, back(r)+"?hecho=editado", moved)
}

// retire has a source read no longer; its datasets stay as they are.
func (p *Pages) retire(w http.ResponseWriter, r *http.Request) error {
	if err := p.db.Write(r.Context(), func(tx *db.Tx) error {
		s, err := sourceFor(tx, r, access.SourceEdit)
		if err != nil {
			return err
		}
		return SetState(tx, s.ID, Retired)
	}); err != nil {
		return err
	}
	return see(w, r, back(r)+"?hecho=retirado")
}

// bringBack has a retired source read again.
func (p *Pages) bringBack(w http.ResponseWriter, r *http.Request) error {
	if err := p.db.Write(r.Context(), func(tx *db.Tx) error {
		s, err := sourceFor(tx, r, access.SourceEdit)
		if err != nil {
			return err
		}
		if s.State != Retired {
			return plaza.E(plaza.Conflict, "harvest.error.not_retired")
		}
		if s.File != "" {
			return SetState(tx, s.ID, Paused) // as imports are
		}
		return SetState(tx, s.ID, Active)
	}); err != nil {
		return err
	}
	return see(w, r, back(r)+"?hecho=recuperado")
}
