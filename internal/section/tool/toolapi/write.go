package toolapi

import (
	"context"
	"encoding/json"
	"errors"
	"strings"

	"plaza/internal/base/api"
	"plaza/internal/base/db"
	"plaza/internal/civic/gate"
	"plaza/internal/civic/moderation"
	"plaza/internal/plaza"
	"plaza/internal/section/tool"
	"plaza/internal/section/tool/spec"
)

// Elsewhere is what is said of a tool elsewhere.
type Elsewhere struct {
	Title    string   `json:"title" maxLength:"4000" doc:"toolapi.title"`
	Summary  string   `json:"summary,omitempty" maxLength:"20000" doc:"toolapi.summary"`
	Language string   `json:"language" enum:"es,en" doc:"toolapi.language"`
	Address  string   `json:"address" maxLength:"2000" doc:"toolapi.address"`
	Software string   `json:"software,omitempty" maxLength:"400" doc:"toolapi.software"`
	Datasets []string `json:"datasets" maxItems:"20" doc:"toolapi.datasets"`
}

type beginInput struct {
	Body struct {
		Document    Document   `json:"document,omitempty" required:"false" doc:"toolapi.document"`
		Elsewhere   *Elsewhere `json:"elsewhere,omitempty" doc:"toolapi.elsewhere"`
		Base        string     `json:"base,omitempty" maxLength:"120" doc:"toolapi.base"`
		Institution string     `json:"institution,omitempty" maxLength:"200" doc:"toolapi.as"`
	}
}

type saveInput struct {
	InTool
	Body struct {
		Revision  int        `json:"revision" minimum:"0" maximum:"1000000000" doc:"toolapi.revision"`
		Document  Document   `json:"document,omitempty" required:"false" doc:"toolapi.document"`
		Elsewhere *Elsewhere `json:"elsewhere,omitempty" doc:"toolapi.elsewhere"`
	}
}

type publishInput struct {
	InTool
	Body struct {
		Revision int    `json:"revision" minimum:"0" maximum:"1000000000" doc:"toolapi.revision"`
		Note     string `json:"note,omitempty" maxLength:"4000" doc:"toolapi.note"`
	}
}

// ToolDraft is a working copy as its owner reads it.
type ToolDraft struct {
	ID        string     `json:"id" doc:"toolapi.id"`
	URL       string     `json:"url" format:"uri" doc:"toolapi.edit_url"`
	Revision  int        `json:"revision" doc:"toolapi.revision"`
	Version   int        `json:"version" doc:"toolapi.version"`
	Document  Document   `json:"document,omitempty" doc:"toolapi.document"`
	Elsewhere *Elsewhere `json:"elsewhere,omitempty" doc:"toolapi.elsewhere"`
}

// ToolSent is what became of a publication.
type ToolSent struct {
	ID      string `json:"id" doc:"toolapi.id"`
	URL     string `json:"url" format:"uri" doc:"toolapi.url"`
	State   string `json:"state" enum:"public,held" doc:"toolapi.state"`
	Version int    `json:"version" doc:"toolapi.version"`
}

// documentOf reads what was sent: exactly one of the two.
func documentOf(native Document, elsewhere *Elsewhere) (tool.Document, error) {
	if (native == nil) == (elsewhere == nil) {
		return tool.Document{}, plaza.E(plaza.Invalid, "toolapi.error.document")
	}
	if elsewhere != nil {
		e := elsewhere
		return tool.Document{External: &tool.External{Title: e.Title, Summary: e.Summary, Language: e.Language, URL: e.Address,
			Software: e.Software, Datasets: e.Datasets}}, nil
	}
	raw, err := json.Marshal(native)
	if err != nil {
		return tool.Document{}, &plaza.Error{Kind: plaza.Invalid, Key: "toolapi.error.document", Cause: err}
	}
	s, err := spec.Parse(raw)
	if err != nil {
		return tool.Document{}, inDocument(err)
	}
	return tool.Document{Spec: &s}, nil
}

// inDocument names mistakes by their place in what was sent.
func inDocument(err error) error {
	e, ok := errors.AsType[*plaza.Error](err)
	if !ok || len(e.Fields) == 0 {
		return err
	}
	told := *e
	told.Fields = make([]plaza.FieldError, len(e.Fields))
	for i, f := range e.Fields {
		f.Field = strings.TrimSuffix("document."+strings.TrimPrefix(f.Field, "$"), ".")
		told.Fields[i] = f
	}
	return &told
}

func (s *Section) copyOf(d tool.Draft) (out ToolDraft, err error) {
	out = ToolDraft{ID: d.Tool.ID, URL: s.Shell.URL(d.Tool.EditPath()), Revision: d.Revision, Version: d.Tool.Version}
	if x := d.Document.External; x != nil {
		out.Elsewhere = &Elsewhere{Title: x.Title, Summary: x.Summary, Language: x.Language, Address: x.URL, Software: x.Software, Datasets: x.Datasets}
		return out, nil
	}
	out.Document, err = row(d.Document.Spec.JSON())
	return out, err
}

func (s *Section) begin(ctx context.Context, in *beginInput) (ToolDraft, error) {
	b := in.Body
	var made tool.Beginning
	if b.Base == "" {
		var err error
		if made.Document, err = documentOf(b.Document, b.Elsewhere); err != nil {
			return ToolDraft{}, err
		}
	} else if b.Document != nil || b.Elsewhere != nil || b.Institution != "" {
		return ToolDraft{}, plaza.E(plaza.Invalid, "toolapi.error.document")
	}
	var d tool.Draft
	if err := s.DB.Write(ctx, func(tx *db.Tx) error {
		if b.Base != "" {
			base, err := public(tx, b.Base)
			if err == nil {
				d, err = s.Tools.Fork(tx, base.ID, "")
			}
			return err
		}
		if b.Institution != "" {
			i, err := bodyNamed(tx, b.Institution)
			if err != nil {
				return err
			}
			made.Institution = i.ID
		}
		var err error
		d, err = s.Tools.Create(tx, made)
		return err
	}); err != nil {
		return ToolDraft{}, err
	}
	api.Made(ctx, s.Shell.URL(prefix+"/"+d.Tool.ID+"/draft"))
	return s.copyOf(d)
}

func (s *Section) draft(ctx context.Context, in *InTool) (ToolDraft, error) {
	var d tool.Draft
	if err := s.DB.Read(ctx, func(tx *db.Tx) error {
		t, err := named(tx, in.Tool)
		if err == nil {
			d, err = s.Tools.Open(tx, t.ID)
		}
		return err
	}); err != nil {
		return ToolDraft{}, err
	}
	return s.copyOf(d)
}

func (s *Section) save(ctx context.Context, in *saveInput) (ToolDraft, error) {
	document, err := documentOf(in.Body.Document, in.Body.Elsewhere)
	if err != nil {
		return ToolDraft{}, err
	}
	var d tool.Draft
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		t, err := named(tx, in.Tool)
		if err == nil {
			// a tool elsewhere keeps the picture that its pages gave it
			if document.External != nil {
				if err := s.keepPicture(tx, t.ID, document.External); err != nil {
					return err
				}
			}
			d, err = s.Tools.Save(tx, t.ID, in.Body.Revision, document)
		}
		return err
	})
	if plaza.KindOf(err) == plaza.Conflict && err != nil && d.Document != (tool.Document{}) {
		now, errCopy := s.copyOf(d)
		if errCopy != nil {
			return ToolDraft{}, errCopy
		}
		return ToolDraft{}, &api.Clash{Err: err, Current: now, Sent: in.Body}
	}
	if err != nil {
		return ToolDraft{}, err
	}
	return s.copyOf(d)
}

// keepPicture gives what is said of a tool elsewhere the picture that it has.
func (s *Section) keepPicture(tx *db.Tx, id string, x *tool.External) error {
	d, err := s.Tools.Open(tx, id)
	if err != nil || d.Document.External == nil {
		return err
	}
	x.Picture, x.Alt = d.Document.External.Picture, d.Document.External.Alt
	return nil
}

func (s *Section) publish(ctx context.Context, in *publishInput) (ToolSent, error) {
	var t tool.Tool
	if err := s.DB.Read(ctx, func(tx *db.Tx) (err error) { t, err = named(tx, in.Tool); return err }); err != nil {
		return ToolSent{}, err
	}
	p := tool.Publication{Tool: t.ID, Revision: in.Body.Revision, Note: in.Body.Note}
	if ip := api.Client(ctx); ip.IsValid() {
		p.Network = gate.Network(ip)
	}
	t, err := s.Tools.Publish(ctx, p)
	if err != nil {
		return ToolSent{}, err
	}
	out := ToolSent{ID: t.ID, URL: s.Shell.URL(t.Path()), State: string(moderation.Public), Version: t.Version}
	if t.Waiting() {
		out.State = string(moderation.Held)
		api.Later(ctx)
		return out, nil
	}
	api.Made(ctx, s.Shell.URL(prefix+"/"+t.ID))
	return out, nil
}

func (s *Section) discard(ctx context.Context, in *InTool) error {
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		t, err := named(tx, in.Tool)
		if err != nil {
			return err
		}
		return s.Tools.Discard(tx, t.ID)
	})
}
