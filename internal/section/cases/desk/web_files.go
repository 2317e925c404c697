package desk

import (
	"net/http"
	"slices"

	"plaza/internal/base/db"
	"plaza/internal/base/web"
	"plaza/internal/plaza"
	"plaza/internal/section/cases"
)

// maxStay bounds how many files a form may keep back.
const maxStay = 100

// draftFile is a file of a draft.
type draftFile struct {
	ID, Name, Path, Size string
	Stays                bool // it is not published with the answer
}

// keepFiles puts what was sent with a form into the store, until a row names it.
func (d *Desk) keepFiles(r *http.Request, form *web.Form, in *written) (err error) {
	if sent := form.Files("archivos"); len(sent) > 0 && d.Cases.Blob != nil {
		in.kept, err = d.Cases.Keep(r.Context(), sent)
	}
	return err
}

// draftFiles are the files of some drafts of the case.
func draftFiles(tx *db.Tx, h *head, stay []string, drafts ...string) (out []draftFile, err error) {
	all, err := cases.DraftFiles(tx, h.Case.ID, drafts...)
	for _, id := range slices.Compact(drafts) {
		for _, f := range all[id] {
			out = append(out, draftFile{ID: f.ID, Name: f.Name, Path: f.Path(h.Case.Folio), Size: h.L.Bytes(f.Size), Stays: slices.Contains(stay, f.ID)})
		}
	}
	return out, err
}

// files are those that would be published with an answer, and the field for more.
func (d *Desk) files(tx *db.Tx, p *answerPage, in written, wrong string) (err error) {
	var from []string
	own, err := cases.OwnDraft(tx, p.Case.ID, p.Actor.PersonID)
	if err != nil && plaza.KindOf(err) != plaza.NotFound {
		return err
	}
	if own.ID != "" {
		from = append(from, own.ID)
	}
	if in.base != "" && in.base != own.ID {
		base, err := cases.DraftByID(tx, p.Case.ID, in.base)
		if err != nil && plaza.KindOf(err) != plaza.NotFound {
			return err
		}
		if base.ID != "" {
			from = append(from, base.ID)
		}
	}
	if p.Files, err = draftFiles(tx, p.head, in.stay, from...); err != nil || d.Cases.Blob == nil {
		return err
	}
	l := p.L
	p.Upload = &web.Field{L: l, Name: "archivos", Type: "file", Multiple: true, Optional: true, Label: l.T("desk.answer.archivos"), Hint: l.T("desk.answer.archivos.hint"), Error: wrong}
	p.Errors.Fields = append(p.Errors.Fields, *p.Upload)
	return nil
}
