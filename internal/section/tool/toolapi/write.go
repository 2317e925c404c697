package toolapi

import (
	"context"
	"encoding/json"
	"time"

	"plaza/internal/base/api"
	"plaza/internal/base/db"
	"plaza/internal/civic/access"
	"plaza/internal/civic/gate"
	"plaza/internal/civic/moderation"
	"plaza/internal/plaza"
	"plaza/internal/section/tool"
	"plaza/internal/section/tool/spec"
)

// writing registers what programs may do to tools.
func (s *Section) writing(a *api.API) {
	op := func(name, path string, action access.Action) api.Op {
		return api.Op{Name: "toolapi." + name, Path: Path + path, Tag: "tools", Action: string(action), Missing: name != "create", Scope: scope, Later: name == "publish"}
	}
	api.Post(a, op("create", "", access.ToolWrite), s.create)
	api.Get(a, op("draft", "/{tool}/draft", access.ToolWrite), s.draft)
	api.Put(a, op("save", "/{tool}/draft", access.ToolWrite), s.save)
	api.Delete(a, op("discard", "/{tool}/draft", access.ToolWrite), s.discard)
	api.Post(a, op("publish", "/{tool}/publish", access.ToolPublish), s.publish)
	api.Post(a, op("fork", "/{tool}/fork", access.ToolWrite), s.fork)
	api.Post(a, op("withdraw", "/{tool}/withdraw", access.ToolWithdraw), s.withdraw)
}

// SentTool is a document that is sent: one of the two.
type SentTool struct {
	Document api.Object    `json:"document,omitempty" doc:"toolapi.sent.document"`
	External *ToolExternal `json:"external,omitempty" doc:"toolapi.sent.external"`
}

// ToolExternal is what is said of a tool elsewhere.
type ToolExternal struct {
	Title    string   `json:"title" maxLength:"4000" doc:"toolapi.title"`
	Summary  string   `json:"summary,omitempty" maxLength:"20000" doc:"toolapi.summary"`
	Language string   `json:"language" enum:"es,en" doc:"toolapi.language"`
	URL      string   `json:"url" maxLength:"4000" doc:"toolapi.external.url"`
	Maker    string   `json:"maker,omitempty" maxLength:"4000" doc:"toolapi.external.maker"`
	Software string   `json:"software,omitempty" maxLength:"4000" doc:"toolapi.external.software"`
	Alt      string   `json:"alt,omitempty" maxLength:"20000" doc:"toolapi.external.alt"`
	Datasets []string `json:"datasets" maxItems:"20" nullable:"false" doc:"toolapi.external.datasets"`
}

type createInput struct{ Body SentTool }

type saveInput struct {
	InTool
	Body struct {
		SentTool
		Revision int `json:"revision" minimum:"0" maximum:"1000000000" doc:"toolapi.revision"`
	}
}

type publishInput struct {
	InTool
	Body struct {
		Revision int    `json:"revision" minimum:"0" maximum:"1000000000" doc:"toolapi.revision"`
		Note     string `json:"note,omitempty" maxLength:"4000" doc:"toolapi.note"`
	}
}

type forkInput struct {
	InTool
	Body struct {
		Title string `json:"title,omitempty" maxLength:"140" doc:"toolapi.fork.title"`
	}
}

type withdrawInput struct {
	InTool
	Body struct {
		Reason string `json:"reason" maxLength:"4000" doc:"toolapi.withdraw.reason"`
	}
}

// ToolDraft is the working copy of a tool, for who may change it.
type ToolDraft struct {
	ID       string        `json:"id" doc:"toolapi.id"`
	URL      string        `json:"url" format:"uri" doc:"toolapi.draft.url"`
	State    string        `json:"state" enum:"draft,held,public,refused,hidden,removed" doc:"toolapi.state"`
	Kind     string        `json:"kind" doc:"toolapi.kind"`
	Title    string        `json:"title" doc:"toolapi.title"`
	Version  int           `json:"version" doc:"toolapi.draft.version"`
	Revision int           `json:"revision" doc:"toolapi.revision"`
	Changed  time.Time     `json:"changed" doc:"toolapi.draft.changed"`
	Document *api.Object   `json:"document,omitempty" doc:"toolapi.document"`
	External *ToolExternal `json:"external,omitempty" doc:"toolapi.sent.external"`
}

// ToolState is how a tool stands after something was done to it.
type ToolState struct {
	ID      string `json:"id" doc:"toolapi.id"`
	URL     string `json:"url" format:"uri" doc:"toolapi.url"`
	API     string `json:"api" format:"uri" doc:"toolapi.api"`
	State   string `json:"state" enum:"held,public,hidden,removed" doc:"toolapi.state"`
	Version int    `json:"version" doc:"toolapi.draft.version"`
	Waiting bool   `json:"waiting" doc:"toolapi.waiting"`
}

// read is the document that was sent. What is wrong with it is Invalid, by its paths.
func (in SentTool) read() (tool.Document, error) {
	if (in.Document.RawMessage == nil) == (in.External == nil) {
		return tool.Document{}, api.Invalid([]plaza.FieldError{{Field: "document", Key: "toolapi.error.one"}})
	}
	if x := in.External; x != nil {
		return tool.Document{External: &tool.External{Title: x.Title, Summary: x.Summary, Language: x.Language, URL: x.URL, Maker: x.Maker, Software: x.Software, Alt: x.Alt, Datasets: x.Datasets}}, nil
	}
	doc, err := spec.Parse(in.Document.RawMessage)
	return tool.Document{Spec: &doc}, err
}

// drafted is a working copy as programs read it.
func (s *Section) drafted(d tool.Draft) ToolDraft {
	t := d.Tool
	out := ToolDraft{ID: t.ID, URL: s.Shell.URL(t.EditPath()), State: string(t.Standing), Kind: string(d.Document.Kind()), Title: d.Document.Title(),
		Version: t.Version, Revision: d.Revision, Changed: d.At.UTC()}
	if t.Draft() {
		out.State = "draft"
	}
	if x := d.Document.External; x != nil {
		out.External = &ToolExternal{x.Title, x.Summary, x.Language, x.URL, x.Maker, x.Software, x.Alt, append([]string{}, x.Datasets...)}
		return out
	}
	out.Document = &api.Object{RawMessage: json.RawMessage(d.Document.Spec.JSON())}
	return out
}

func (s *Section) create(ctx context.Context, in *createInput) (out ToolDraft, err error) {
	doc, err := in.Body.read()
	if err != nil {
		return out, err
	}
	return s.begun(ctx, func(tx *db.Tx) (tool.Draft, error) { return s.Tools.Create(tx, tool.Beginning{Document: doc}) })
}

func (s *Section) fork(ctx context.Context, in *forkInput) (ToolDraft, error) {
	return s.begun(ctx, func(tx *db.Tx) (tool.Draft, error) {
		t, err := public(tx, in.Tool)
		if err != nil {
			return tool.Draft{}, err
		}
		return s.Tools.Fork(tx, t.ID, in.Body.Title)
	})
}

// begun begins a tool, and says where its working copy is.
func (s *Section) begun(ctx context.Context, begin func(tx *db.Tx) (tool.Draft, error)) (out ToolDraft, err error) {
	var d tool.Draft
	if err := s.DB.Write(ctx, func(tx *db.Tx) error {
		d, err = begin(tx)
		return err
	}); err != nil {
		return out, err
	}
	api.Made(ctx, s.address(d.Tool, "/draft"))
	return s.drafted(d), nil
}

func (s *Section) draft(ctx context.Context, in *InTool) (out ToolDraft, err error) {
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		t, err := known(tx, in.Tool)
		if err != nil {
			return err
		}
		d, err := s.Tools.Open(tx, t.ID)
		if err == nil {
			out = s.drafted(d)
		}
		return err
	})
	return out, err
}

func (s *Section) save(ctx context.Context, in *saveInput) (out ToolDraft, err error) {
	doc, err := in.Body.read()
	if err != nil {
		return out, err
	}
	var d tool.Draft
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		t, err := known(tx, in.Tool)
		if err != nil {
			return err
		}
		now, err := s.Tools.Open(tx, t.ID)
		if err != nil {
			return err
		}
		if doc.External != nil && now.Document.External != nil {
			doc.External.Picture = now.Document.External.Picture // it is not sent
		}
		d, err = s.Tools.Save(tx, t.ID, in.Body.Revision, doc)
		return err
	})
	if plaza.KindOf(err) == plaza.Conflict && d.Tool.ID != "" {
		return out, &api.Clash{Err: err, Current: s.drafted(d), Sent: in.Body}
	}
	if err != nil {
		return out, err
	}
	return s.drafted(d), nil
}

func (s *Section) discard(ctx context.Context, in *InTool) error {
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		t, err := known(tx, in.Tool)
		if err != nil {
			return err
		}
		return s.Tools.Discard(tx, t.ID)
	})
}

func (s *Section) publish(ctx context.Context, in *publishInput) (out ToolState, err error) {
	p := tool.Publication{Revision: in.Body.Revision, Note: in.Body.Note}
	if err := s.DB.Read(ctx, func(tx *db.Tx) error {
		t, err := known(tx, in.Tool)
		p.Tool = t.ID
		return err
	}); err != nil {
		return out, err
	}
	if ip := api.Client(ctx); ip.IsValid() {
		p.Network = gate.Network(ip)
	}
	t, err := s.Tools.Publish(ctx, p)
	if err != nil {
		return out, err
	}
	if t.Waiting() || t.Standing == moderation.Held {
		api.Later(ctx)
	} else {
		api.Made(ctx, s.address(t, ""))
	}
	return s.state(t), nil
}

func (s *Section) withdraw(ctx context.Context, in *withdrawInput) (out ToolState, err error) {
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		t, err := known(tx, in.Tool)
		if err != nil {
			return err
		}
		if t, err = s.Tools.Withdraw(tx, t.ID, in.Body.Reason); err == nil {
			out = s.state(t)
		}
		return err
	})
	return out, err
}

func (s *Section) state(t tool.Tool) ToolState {
	return ToolState{ID: t.ID, URL: s.Shell.URL(t.Path()), API: s.address(t, ""), State: string(t.Standing), Version: t.Version, Waiting: t.Waiting()}
}
