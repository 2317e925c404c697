package workshop

import (
	"errors"
	"html/template"
	"net/http"

	"plaza/internal/base/db"
	"plaza/internal/base/text"
	"plaza/internal/base/web"
	"plaza/internal/civic/gate"
	"plaza/internal/civic/privacy"
	"plaza/internal/plaza"
	"plaza/internal/section/tool"
	"plaza/internal/section/tool/spec"
)

// purpose is what the publishing form's hidden fields are sealed for.
const purpose = "tool"

// documentPage is the document as JSON.
type documentPage struct {
	web.Page
	Back     string
	Revision int
	Text     string
	Wrong    []wrongAt
	Schema   string
	Saved    bool
}

// wrongAt is what is wrong with a document, and where.
type wrongAt struct{ Path, Text string }

func (p *Pages) document(w http.ResponseWriter, r *http.Request) error {
	d, err := p.open(r)
	if err != nil {
		return err
	}
	return p.drawDocument(w, r, d, http.StatusOK, string(d.doc.JSON()), nil)
}

func (p *Pages) drawDocument(w http.ResponseWriter, r *http.Request, d *desk, status int, body string, wrong []wrongAt) error {
	page := &documentPage{Page: p.shell.Page(r, p.shell.Printer(r).T("workshop.document")), Back: d.draft.Tool.EditPath(), Revision: d.draft.Revision, Text: body, Wrong: wrong, Schema: "/api/v1/tools/schema.json"}
	page.NoIndex, page.Canonical = true, page.Back+"/documento"
	page.Crumbs = []web.Crumb{{Title: page.L.T("workshop.mine"), Path: tool.MinePath}, {Title: d.doc.Title, Path: page.Back}}
	return p.shell.Render(w, r, status, "workshop/document", page)
}

// write takes a document that was typed.
func (p *Pages) write(w http.ResponseWriter, r *http.Request) error {
	sent, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	d, err := p.open(r)
	if err != nil {
		return err
	}
	doc, err := spec.Parse([]byte(sent.Value("documento")))
	if err == nil {
		err = p.Check(r.Context(), doc)
	}
	if err == nil {
		err = p.DB.Write(r.Context(), func(tx *db.Tx) error {
			_, err := p.Tools.Save(tx, d.draft.Tool.ID, whole(sent.Value("revision")), tool.Document{Spec: &doc})
			return err
		})
	}
	if e, is := errors.AsType[*plaza.Error](err); is && e.Kind != plaza.Internal {
		l := p.shell.Printer(r)
		wrong := []wrongAt{}
		for _, f := range e.Fields {
			wrong = append(wrong, wrongAt{f.Field, l.TMap(f.Key, f.Args)})
		}
		if len(wrong) == 0 {
			wrong = append(wrong, wrongAt{"", l.TMap(e.Key, e.Args)})
		}
		return p.drawDocument(w, r, d, web.StatusOf(err), sent.Value("documento"), wrong)
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, d.draft.Tool.EditPath(), http.StatusSeeOther)
	return nil
}

// publishPage is where a tool is made public.
type publishPage struct {
	web.Page
	Tool     tool.Tool
	Back     string
	Revision int
	Views    []template.HTML
	Outside  *seenOutside
	Fields   []web.Field
	Notice   *web.Notice
	Gate     gate.Fields
	Privacy  privacy.Said
	Withdraw string
	Reason   web.Field
}

func (p *Pages) ready(w http.ResponseWriter, r *http.Request) error {
	d, err := p.read(r)
	if err != nil {
		return err
	}
	if d.unfinished(w, r) {
		return nil
	}
	return p.drawReady(w, r, d, http.StatusOK, "", nil)
}

func (p *Pages) drawReady(w http.ResponseWriter, r *http.Request, d *desk, status int, note string, notice *web.Notice) error {
	page := &publishPage{Page: p.shell.Page(r, ""), Tool: d.draft.Tool, Back: d.draft.Tool.EditPath(), Revision: d.draft.Revision, Notice: notice}
	l := page.L
	title := d.draft.Document.Title()
	page.Title = l.T("workshop.publish", "title", title)
	page.NoIndex, page.Canonical = true, page.Back+"/publicar"
	page.Crumbs = []web.Crumb{{Title: l.T("workshop.mine"), Path: tool.MinePath}, {Title: title, Path: page.Back}}
	page.Gate, page.Privacy = p.Gate.Fields(l, purpose, page.Now), privacy.Say(l, tool.Point)
	page.Fields = append(page.Fields, web.Field{L: l, Name: "nota", Label: l.T("workshop.note"), Hint: l.T("workshop.note.hint"), Value: note, MaxLength: tool.MaxNote, Optional: true})
	if err := p.DB.Read(r.Context(), func(tx *db.Tx) error {
		offices, err := p.Offices(tx, page.Actor)
		if len(offices) > 0 && !d.draft.Tool.Official() {
			page.Fields = append(page.Fields, web.Field{L: l, Name: "institucion", Type: "select", Label: l.T("workshop.owner"), Optional: true, Options: append([]web.Option{{Label: l.T("workshop.owner.me")}}, offices...)})
		}
		return err
	}); err != nil {
		return err
	}
	if x := d.draft.Document.External; x != nil {
		page.Outside = seenOf(page.Back, *x)
	}
	for _, v := range d.doc.Views {
		part, err := p.preview(r, d.doc, v.Name, 2, false)
		if err != nil {
			return err
		}
		page.Views = append(page.Views, part)
	}
	if d.draft.Tool.Public() {
		page.Withdraw = page.Back + "/retirar"
		page.Reason = web.Field{L: l, Name: "motivo", Label: l.T("workshop.withdraw.reason"), MaxLength: tool.MaxReason}
	}
	return p.shell.Render(w, r, status, "workshop/publish", page)
}

// publish makes the working copy public, or sends it to be reviewed.
func (p *Pages) publish(w http.ResponseWriter, r *http.Request) error {
	sent, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	d, err := p.read(r)
	if err != nil {
		return err
	}
	if d.unfinished(w, r) {
		return nil
	}
	if office := sent.Value("institucion"); office != "" {
		err = p.DB.Write(r.Context(), func(tx *db.Tx) error {
			_, err := p.Tools.Transfer(tx, d.draft.Tool.ID, office)
			return err
		})
	}
	var t tool.Tool
	if err == nil {
		pub := tool.Publication{Tool: d.draft.Tool.ID, Revision: whole(sent.Value("revision")), Note: text.Line(sent.Value("nota")),
			Signals: func(tx *db.Tx) ([]gate.Signal, error) { return p.Gate.Judge(tx, sent, purpose) }}
		if ip := p.shell.ClientIP(r); ip.IsValid() {
			pub.Network = gate.Network(ip)
		}
		t, err = p.Tools.Publish(r.Context(), pub)
	}
	if e, is := errors.AsType[*plaza.Error](err); is && e.Kind != plaza.Internal && e.Kind != plaza.Forbidden {
		l := p.shell.Printer(r)
		why := d.why(l, e)
		return p.drawReady(w, r, d, web.StatusOf(err), sent.Value("nota"), &web.Notice{Tone: web.Bad, Text: why, Live: true})
	}
	if err != nil {
		return err
	}
	to := tool.MinePath
	if t.Public() && !t.Waiting() {
		to = t.Path()
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// withdraw takes a tool back.
func (p *Pages) withdraw(w http.ResponseWriter, r *http.Request) error {
	sent, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	err = p.DB.Write(r.Context(), func(tx *db.Tx) error {
		_, err := p.Tools.Withdraw(tx, r.PathValue("tool"), sent.Value("motivo"))
		return err
	})
	if e, is := errors.AsType[*plaza.Error](err); is && e.Kind == plaza.Invalid && len(e.Fields) > 0 {
		d, err := p.read(r)
		if err != nil {
			return err
		}
		why := p.shell.Printer(r).TMap(e.Fields[0].Key, e.Fields[0].Args)
		return p.drawReady(w, r, d, web.StatusOf(e), "", &web.Notice{Tone: web.Bad, Text: why, Live: true})
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, tool.MinePath, http.StatusSeeOther)
	return nil
}
