package workshop

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"plaza/internal/base/db"
	"plaza/internal/base/text"
	"plaza/internal/base/web"
	"plaza/internal/civic/privacy"
	"plaza/internal/plaza"
	"plaza/internal/section/tool"
)

// Dataset is one that a tool may rest on.
type Dataset struct{ ID, Title, Owner, Path string }

// actFind is what the button says that seeks datasets.
const actFind = "buscar"

// mostFound datasets are offered at once.
const mostFound = 8

// outsideForm is what somebody says of a tool elsewhere, and what is wrong with it.
type outsideForm struct {
	x     tool.External
	words string            // with which datasets are sought
	found []Dataset         // what they find
	wrong map[string]string // by the names of the document's fields
	state int               // HTTP
}

// newOutside is the form of a tool elsewhere that is not begun.
func (p *Pages) newOutside(w http.ResponseWriter, r *http.Request) error {
	return p.drawOutside(w, r, nil, outsideForm{x: tool.External{Language: p.shell.Printer(r).Lang()[:2]}}, nil)
}

// beginOutside makes a working copy of what was sent, as far as it has a name. What is wrong
// with the rest is said where one works on it.
func (p *Pages) beginOutside(w http.ResponseWriter, r *http.Request, sent *web.Form) error {
	f, err := p.takeOutside(r, sent, tool.External{})
	if err != nil {
		return err
	}
	if text.Blank(f.x.Title) {
		return p.drawOutside(w, r, nil, f, nil)
	}
	var d tool.Draft
	if err := p.DB.Write(r.Context(), func(tx *db.Tx) (err error) {
		d, err = p.Tools.Create(tx, tool.Beginning{Document: tool.Document{External: &f.x}})
		return err
	}); err != nil {
		return p.refuseOutside(w, r, nil, f, err)
	}
	return p.saved(w, r, &desk{draft: d}, f, sent.Value("hacer"))
}

func (p *Pages) editOutside(w http.ResponseWriter, r *http.Request, d *desk) error {
	f := outsideForm{x: *d.draft.Document.External}
	if r.URL.Query().Get("revisar") != "" {
		f.check(p, r)
	}
	return p.drawOutside(w, r, d, f, nil)
}

// changeOutside saves what was sent, right or wrong, as the next revision of the working copy.
func (p *Pages) changeOutside(w http.ResponseWriter, r *http.Request, d *desk, sent *web.Form) error {
	f, err := p.takeOutside(r, sent, *d.draft.Document.External)
	if err != nil {
		return err
	}
	if text.Blank(f.x.Title) {
		return p.drawOutside(w, r, d, f, nil)
	}
	var now tool.Draft
	err = p.DB.Write(r.Context(), func(tx *db.Tx) (err error) {
		now, err = p.Tools.Save(tx, d.draft.Tool.ID, whole(sent.Value("revision")), tool.Document{External: &f.x})
		return err
	})
	if err != nil && plaza.KindOf(err) == plaza.Conflict {
		d.draft.Revision = whole(sent.Value("revision")) // it is refused again until it is opened anew
		return p.refuseOutside(w, r, d, f, err)
	}
	if err != nil {
		return err
	}
	d.draft = now
	return p.saved(w, r, d, f, sent.Value("hacer"))
}

// saved answers once a working copy is stored: with what was found or is wrong, or it goes on
// to what was asked for.
func (p *Pages) saved(w http.ResponseWriter, r *http.Request, d *desk, f outsideForm, act string) error {
	switch {
	case len(f.wrong) > 0:
		return p.drawOutside(w, r, d, f, &web.Notice{Tone: web.Info, Text: p.shell.Printer(r).T("workshop.outside.kept")})
	case f.words != "" || act == actFind:
		return p.drawOutside(w, r, d, f, nil)
	}
	to := d.draft.Tool.EditPath()
	if act == "publicar" {
		to += "/publicar"
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// refuseOutside draws the form again with what was typed, and says what stands against it; d is
// nil where nothing is stored yet.
func (p *Pages) refuseOutside(w http.ResponseWriter, r *http.Request, d *desk, f outsideForm, err error) error {
	e, is := errors.AsType[*plaza.Error](err)
	if !is || e.Kind == plaza.Internal {
		return err
	}
	f.state = web.StatusOf(err)
	l, stored := p.shell.Printer(r), ""
	if d != nil {
		stored = d.draft.Tool.EditPath()
	}
	return p.drawOutside(w, r, d, f, refusal(l, e, l.TMap(e.Key, e.Args), stored))
}

// takeOutside reads the form over what was said before. A picture is taken only where a
// working copy will name it: who sent one without a name for the tool is asked for it again.
func (p *Pages) takeOutside(r *http.Request, sent *web.Form, was tool.External) (f outsideForm, err error) {
	l := p.shell.Printer(r)
	x := tool.External{Title: text.Line(sent.Value("titulo")), Summary: text.Tidy(sent.Value("resumen")), URL: sent.Value("direccion"), Language: sent.Value("idioma"),
		Maker: text.Line(sent.Value("quien")), Software: text.Line(sent.Value("hecha_con")), Alt: text.Line(sent.Value("alt")), Picture: was.Picture, Datasets: []string{}}
	if sent.Checked("sin_imagen") {
		x.Picture = nil
	}
	for _, id := range sent.Values("conjuntos") {
		if plaza.IsID(id) && !slices.Contains(x.Datasets, id) && len(x.Datasets) <= tool.MaxDatasets {
			x.Datasets = append(x.Datasets, id)
		}
	}
	f = outsideForm{x: x, words: sent.Value("conjunto")}
	if err := p.findDatasets(r, &f); err != nil {
		return f, err
	}
	picture := ""
	if file, ok := sent.File("imagen"); ok {
		if text.Blank(x.Title) {
			picture = l.T("workshop.outside.again")
		} else if made, err := p.Kept.Take(r.Context(), file.Body); err == nil {
			f.x.Picture = &made
		} else if e, is := errors.AsType[*plaza.Error](err); is && e.Kind == plaza.Invalid {
			picture = l.TMap(e.Key, e.Args)
		} else {
			return f, err
		}
	}
	f.check(p, r)
	if sent.Value("hacer") == actFind {
		f.wrong = map[string]string{} // the rest is not done yet
	}
	if picture != "" {
		f.wrong["picture"] = picture
	}
	if len(f.wrong) > 0 {
		f.state = http.StatusUnprocessableEntity
	}
	return f, nil
}

// check says what is wrong with a tool elsewhere.
func (f *outsideForm) check(p *Pages, r *http.Request) {
	f.wrong = map[string]string{}
	for _, m := range f.x.Check() {
		if f.wrong[m.Field] == "" {
			f.wrong[m.Field] = p.shell.Printer(r).TMap(m.Key, m.Args)
		}
	}
}

// findDatasets seeks datasets by what was typed. One that was named by its address or
// identifier is taken at once.
func (p *Pages) findDatasets(r *http.Request, f *outsideForm) error {
	if f.words == "" {
		return nil
	}
	named, err := p.Dataset(r.Context(), f.words)
	if err == nil {
		if !slices.Contains(f.x.Datasets, named.ID) {
			f.x.Datasets = append(f.x.Datasets, named.ID)
		}
		f.words = ""
		return nil
	}
	if plaza.KindOf(err) != plaza.NotFound {
		return err
	}
	f.found, err = p.Datasets(r.Context(), f.words, mostFound)
	f.found = slices.DeleteFunc(f.found, func(d Dataset) bool { return slices.Contains(f.x.Datasets, d.ID) })
	return err
}

// image is the picture of a working copy, for who works on it.
func (p *Pages) image(w http.ResponseWriter, r *http.Request) error {
	d, err := p.read(r)
	if err != nil {
		return err
	}
	x := d.draft.Document.External
	if x == nil || x.Picture == nil {
		return plaza.E(plaza.NotFound, "tool.error.no_picture")
	}
	body, err := p.Kept.Image(r.Context(), *x.Picture)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", x.Picture.MediaType)
	_, err = w.Write(body)
	return err
}

// shownDatasets are cards of datasets, those that are there and public.
func (p *Pages) shownDatasets(ctx context.Context, ids []string) (out []Dataset, err error) {
	refs := make([]plaza.Ref, len(ids))
	for i, id := range ids {
		refs[i] = plaza.Ref{Kind: tool.KindDataset, ID: id}
	}
	err = p.DB.Read(ctx, func(tx *db.Tx) error {
		cards, err := p.Cards(tx, refs)
		for _, ref := range refs {
			if c := cards[ref]; c.Visible {
				out = append(out, Dataset{ID: ref.ID, Title: c.Title, Owner: c.Owner, Path: c.Path})
			}
		}
		return err
	})
	return out, err
}

// unfinished sends whoever wants to publish a tool elsewhere back to its form while something
// is wrong with it.
func (d *desk) unfinished(w http.ResponseWriter, r *http.Request) bool {
	if x := d.draft.Document.External; x == nil || len(x.Check()) == 0 {
		return false
	}
	http.Redirect(w, r, d.draft.Tool.EditPath()+"?revisar=si", http.StatusSeeOther)
	return true
}

// seenOutside is a tool elsewhere as it is about to be published.
type seenOutside struct {
	Title, Summary, URL string
	Image, Alt          string
	Width, Height       int
}

func seenOf(edit string, x tool.External) *seenOutside {
	s := &seenOutside{Title: x.Title, Summary: x.Summary, URL: x.URL, Alt: x.Alt}
	if x.Picture != nil {
		s.Image, s.Width, s.Height = edit+"/imagen", x.Picture.Width, x.Picture.Height
	}
	return s
}

// outsidePage is the form.
type outsidePage struct {
	web.Page
	Action   string
	Revision int
	Begun    bool
	Undo     bool
	Redo     bool
	Draft    bool // it was never sent
	Fields   []web.Field
	Picture  web.Field
	Alt      web.Field
	Image    string // path of the picture that is kept, "" for none
	Width    int
	Height   int
	Find     web.Field
	Chosen   []Dataset
	Found    []Dataset
	Datasets web.Field // what is wrong with them
	Wrong    web.ErrorSummary
	Notice   *web.Notice
	Privacy  privacy.Said
}
