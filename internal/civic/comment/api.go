package comment

import (
	"context"
	"slices"
	"strings"
	"time"

	"plaza/internal/base/api"
	"plaza/internal/base/db"
	"plaza/internal/base/text"
	"plaza/internal/base/web"
	"plaza/internal/civic/access"
	"plaza/internal/plaza"
)

// API registers what programs may ask about comments, after Mount.
func (cs *Comments) API(a *api.API) {
	api.Get(a, api.Op{Name: "comment.api.comments", Path: api.Prefix + "/comments", Tag: "comments",
		Action: string(access.CommentRead), Cache: web.Public, Missing: true}, cs.list)
	api.Get(a, api.Op{Name: "comment.api.comment", Path: api.Prefix + "/comments/{comment}", Tag: "comments",
		Action: string(access.CommentRead), Cache: web.Public, Missing: true}, cs.apiOne)
	cs.writing(a)
}

type listInput struct {
	api.Paging
	Object string `query:"object" maxLength:"120" doc:"comment.api.param.object"`
}

// Item is a public comment. People are not named.
type Item struct {
	ID        string     `json:"id" doc:"comment.api.item.id"`
	Object    string     `json:"object" doc:"comment.api.item.object"`
	Answers   *string    `json:"answers" doc:"comment.api.item.answers"`
	Merged    *string    `json:"merged_from" doc:"comment.api.item.merged_from"`
	URL       string     `json:"url" format:"uri" doc:"comment.api.item.url"`
	Official  *Speaker   `json:"official,omitempty" doc:"comment.api.item.official"`
	Text      string     `json:"text" doc:"comment.api.item.text"`
	HTML      string     `json:"html" doc:"comment.api.item.html"`
	Published time.Time  `json:"published" doc:"comment.api.item.published"`
	Edited    *time.Time `json:"edited" doc:"comment.api.item.edited"`
	Version   int        `json:"version" doc:"comment.api.item.version"`
}

// Speaker is in whose name something was said, as it was then.
type Speaker struct {
	Institution string `json:"institution" doc:"comment.api.speaker.institution"`
	Name        string `json:"name" doc:"comment.api.speaker.name"`
	Role        string `json:"role" doc:"comment.api.speaker.role"`
	Unit        string `json:"unit" doc:"comment.api.speaker.unit"`
}

func (cs *Comments) list(ctx context.Context, in *listInput) (out api.List[Item], err error) {
	out.Items = []Item{}
	var from Key
	if in.Cursor != "" {
		if err := api.ReadCursor(in.Cursor, &from); err != nil {
			return out, err
		}
	}
	var found []Comment
	if err := cs.DB.Read(ctx, func(tx *db.Tx) (err error) {
		if found, out.Total, err = cs.asked(tx, in.Object, from, in.Limit+1); err != nil {
			return err
		}
		if len(found) > in.Limit {
			found = found[:in.Limit]
			cursor, err := api.NewCursor(keyOf(found[in.Limit-1]))
			if err != nil {
				return err
			}
			out.More(cursor)
		}
		found, err = cs.visible(tx, found)
		return err
	}); err != nil {
		return out, err
	}
	for _, c := range found {
		out.Items = append(out.Items, cs.item(ctx, c))
	}
	return out, nil
}

// asked are the public comments of an object, or of all objects that can be seen for "".
func (cs *Comments) asked(tx *db.Tx, object string, from Key, limit int) (list []Comment, total int, err error) {
	if object != "" {
		on, err := cs.objectOf(tx, refIn(object))
		if err != nil {
			return nil, 0, err
		}
		if total, err = Count(tx, on.Ref); err != nil {
			return nil, 0, err
		}
		list, err = public(tx, on.Ref, from, limit)
		return list, total, err
	}
	if total, err = countEverywhere(tx); err != nil {
		return nil, 0, err
	}
	list, err = publicEverywhere(tx, from, limit)
	return list, total, err
}

// refIn is an object as programs name it, "kind:id".
func refIn(s string) plaza.Ref {
	kind, id, _ := strings.Cut(s, ":")
	return plaza.Ref{Kind: kind, ID: id}
}

// visible are the items whose object can be seen.
func (cs *Comments) visible(tx *db.Tx, list []Comment) ([]Comment, error) {
	refs := make([]plaza.Ref, len(list))
	for i, c := range list {
		refs[i] = c.On
	}
	cards, err := cs.Cards(tx, refs)
	return slices.DeleteFunc(list, func(c Comment) bool { return !cards[c.On].Visible }), err
}

func (cs *Comments) item(ctx context.Context, c Comment) Item {
	item := Item{ID: c.ID, Object: c.On.String(), URL: cs.shell.URL(c.Path()), Text: c.Body, HTML: string(text.Markdown(c.Body)),
		Published: c.Published.UTC(), Version: c.Version}
	if c.Root != "" {
		item.Answers = &c.Root
	}
	if c.Home.Root != "" {
		item.Merged = &c.Home.Root
	}
	if !c.Edited.IsZero() {
		at := c.Edited.UTC()
		item.Edited = &at
	}
	if c.Official() {
		item.Official = &Speaker{Institution: c.Voice.Institution, Name: bodyName(api.Printer(ctx), c.Voice),
			Role: string(c.Voice.Role), Unit: c.Voice.Unit}
	}
	return item
}
