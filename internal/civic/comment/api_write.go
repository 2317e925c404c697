package comment

import (
	"context"

	"plaza/internal/base/api"
	"plaza/internal/base/db"
	"plaza/internal/civic/access"
	"plaza/internal/civic/gate"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/moderation"
	"plaza/internal/plaza"
)

// scope is what an access token needs to write comments.
const scope = "comment"

// writing registers what programs may do with comments.
func (cs *Comments) writing(a *api.API) {
	const path = api.Prefix + "/comments"
	op := func(name, path string, action access.Action) api.Op {
		return api.Op{Name: "comment.api." + name, Path: path, Tag: "comments", Action: string(action),
			Missing: true, Scope: scope, MaxBody: maxBody, Later: name != "remove"}
	}
	api.Post(a, op("add", path, access.CommentAdd), cs.apiAdd)
	api.Put(a, op("edit", path+"/{comment}", access.CommentEdit), cs.apiEdit)
	api.Delete(a, op("remove", path+"/{comment}", access.CommentRemove), cs.apiRemove)
}

type addInput struct {
	Key  string `header:"Idempotency-Key" maxLength:"60" doc:"comment.api.param.key"`
	Body struct {
		Object string `json:"object" minLength:"1" maxLength:"120" doc:"comment.api.param.object"`
		Parent string `json:"parent,omitempty" maxLength:"80" doc:"comment.api.body.parent"`
		Text   string `json:"text" maxLength:"100000" doc:"comment.api.body.text"`
		As     string `json:"as,omitempty" maxLength:"120" doc:"comment.api.body.as"`
	}
}

type editInput struct {
	Comment string `path:"comment" maxLength:"80" doc:"comment.api.param.comment"`
	Body    struct {
		Text    string `json:"text" maxLength:"100000" doc:"comment.api.body.text"`
		Version int    `json:"version" minimum:"1" maximum:"1000000" doc:"comment.api.body.version"`
	}
}

type oneInput struct {
	Comment string `path:"comment" maxLength:"80" doc:"comment.api.param.comment"`
}

// Written is a comment as whoever wrote it is told of it.
type Written struct {
	ID      string  `json:"id" doc:"comment.api.item.id"`
	Object  string  `json:"object" doc:"comment.api.item.object"`
	Answers *string `json:"answers" doc:"comment.api.item.answers"`
	URL     string  `json:"url" format:"uri" doc:"comment.api.item.url"`
	State   string  `json:"state" enum:"public,held" doc:"comment.api.item.state"`
	Text    string  `json:"text" doc:"comment.api.item.text"`
	Version int     `json:"version" doc:"comment.api.item.version"`
}

// written answers for what was just written; what waits for review is answered with 202.
func (cs *Comments) written(ctx context.Context, c Comment) Written {
	out := Written{ID: c.ID, Object: c.On.String(), URL: cs.shell.URL(c.Path()), State: string(moderation.Public),
		Text: c.Body, Version: c.Version}
	if c.Root != "" {
		out.Answers = &c.Root
	}
	if c.State == moderation.Held || c.Pending != "" {
		out.State = string(moderation.Held)
		api.Later(ctx)
	}
	if c.Pending != "" {
		out.Text = c.Pending
	}
	return out
}

// network is from where a program calls.
func network(ctx context.Context) From {
	if ip := api.Client(ctx); ip.IsValid() {
		return From{Network: gate.Network(ip)}
	}
	return From{}
}

func (cs *Comments) apiAdd(ctx context.Context, in *addInput) (Written, error) {
	key := in.Key
	if key == "" {
		key = newNonce()
	}
	var c Comment
	err := cs.DB.Write(ctx, func(tx *db.Tx) error {
		on, err := cs.objectOf(tx, refIn(in.Body.Object))
		if err != nil {
			return err
		}
		if in.Body.As != "" { // a token speaks for somebody only when it was made to
			if err := access.Check(plaza.ActorFrom(ctx), access.CommentSpeak,
				access.Object{Kind: institution.Kind, Institution: on.Institution}); err != nil {
				return err
			}
		}
		c, err = cs.Post(tx, Draft{On: on, Root: in.Body.Parent, Voice: in.Body.As, Text: in.Body.Text, Nonce: key}, network(ctx))
		return err
	})
	if err != nil {
		return Written{}, api.Members(err, fields)
	}
	if c.State == moderation.Public {
		api.Made(ctx, cs.shell.URL(api.Prefix+"/comments/"+c.ID))
	}
	return cs.written(ctx, c), nil
}

func (cs *Comments) apiEdit(ctx context.Context, in *editInput) (Written, error) {
	var c Comment
	err := cs.DB.Write(ctx, func(tx *db.Tx) (err error) {
		c, err = cs.Edit(tx, in.Comment, in.Body.Text, in.Body.Version, network(ctx))
		return err
	})
	if err == nil {
		return cs.written(ctx, c), nil
	}
	if plaza.KindOf(err) == plaza.Conflict && c.State == moderation.Public {
		return Written{}, &api.Clash{Err: err, Current: cs.item(ctx, c), Sent: in.Body}
	}
	return Written{}, api.Members(err, fields)
}

func (cs *Comments) apiRemove(ctx context.Context, in *oneInput) error {
	return cs.DB.Write(ctx, func(tx *db.Tx) error {
		_, err := cs.Remove(tx, in.Comment)
		return err
	})
}

func (cs *Comments) apiOne(ctx context.Context, in *oneInput) (Item, error) {
	var c Comment
	if err := cs.DB.Read(ctx, func(tx *db.Tx) (err error) {
		if c, err = ByID(tx, in.Comment); err != nil {
			return err
		}
		seen, err := cs.visible(tx, []Comment{c})
		if err == nil && (len(seen) == 0 || c.State != moderation.Public) {
			err = plaza.E(plaza.NotFound, "comment.error.not_found")
		}
		return err
	}); err != nil {
		return Item{}, err
	}
	return cs.item(ctx, c), nil
}

// fields are the members of the interface for the fields of the form.
var fields = map[string]string{"texto": "text", "voz": "as"}
