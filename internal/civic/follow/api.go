package follow

import (
	"context"
	"time"

	"plaza/internal/base/api"
	"plaza/internal/base/db"
	"plaza/internal/civic/access"
	"plaza/internal/plaza"
)

// API registers what programs ask of what somebody follows and was told, after Mount.
func (s *Service) API(a *api.API) {
	op := func(name, path, scope string, action access.Action) api.Op {
		return api.Op{Name: "follow.api." + name, Path: api.Prefix + "/me/" + path, Tag: "account", Action: string(action), Scope: scope}
	}
	api.Get(a, op("notices", "notices", "account:read", access.AccountSee), s.apiNotices)
	api.Get(a, op("list", "follows", "account:read", access.AccountSee), s.apiList)
	put := op("put", "follows", "follow", access.Follow)
	put.Missing = true
	api.Put(a, put, s.apiPut)
	stop := op("stop", "follows/{follow}", "follow", access.Follow)
	stop.Missing = true
	api.Delete(a, stop, s.apiStop)
}

// Followed is a subscription as programs read it.
type Followed struct {
	ID     string    `json:"id" doc:"follow.api.id"`
	Object string    `json:"object" doc:"follow.api.object"`
	Title  string    `json:"title" doc:"follow.api.title"`
	URL    *string   `json:"url" doc:"follow.api.url"`
	Often  string    `json:"often" enum:"now,daily,weekly" doc:"follow.api.often"`
	InApp  bool      `json:"in_app" doc:"follow.api.in_app"`
	ByMail bool      `json:"by_mail" doc:"follow.api.by_mail"`
	Since  time.Time `json:"since" doc:"follow.api.since"`
}

func (s *Service) followed(f Follow, card plaza.Card) Followed {
	out := Followed{ID: f.ID, Object: f.Object.String(), Often: string(f.Often), InApp: f.InApp, ByMail: f.ByMail, Since: f.Created.UTC()}
	if card.Visible { // what is no longer public has no name here either
		out.Title = card.Title
		url := s.shell.URL(card.Path)
		out.URL = &url
	}
	return out
}

// myself is the person who asks, where they may do an action to what is theirs.
func myself(ctx context.Context, action access.Action, kind string) (string, error) {
	actor := plaza.ActorFrom(ctx)
	return actor.PersonID, access.Check(actor, action, access.Object{Kind: kind, Owner: actor.PersonID})
}

func (s *Service) apiList(ctx context.Context, in *api.Paging) (out api.List[Followed], err error) {
	out.Items = []Followed{}
	me, err := myself(ctx, access.AccountSee, "person")
	if err != nil {
		return out, err
	}
	var before string
	if in.Cursor != "" {
		if err := api.ReadCursor(in.Cursor, &before); err != nil {
			return out, err
		}
	}
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		if err := tx.Row(`SELECT COUNT(*) FROM follows WHERE recipient = $1`, me).Scan(&out.Total); err != nil {
			return err
		}
		list, err := List(tx, me, before, in.Limit+1)
		if err != nil {
			return err
		}
		if len(list) > in.Limit {
			list = list[:in.Limit]
			cursor, err := api.NewCursor(list[in.Limit-1].ID)
			if err != nil {
				return err
			}
			out.More(cursor)
		}
		refs := make([]plaza.Ref, len(list))
		for i, f := range list {
			refs[i] = f.Object
		}
		cards, err := s.Cards(tx, refs)
		for _, f := range list {
			out.Items = append(out.Items, s.followed(f, cards[f.Object]))
		}
		return err
	})
	return out, err
}

type putInput struct {
	Body struct {
		Object string `json:"object" minLength:"1" maxLength:"1041" doc:"follow.api.object"`
		Often  string `json:"often" enum:"now,daily,weekly" doc:"follow.api.often"`
		InApp  bool   `json:"in_app" doc:"follow.api.in_app"`
		ByMail bool   `json:"by_mail" doc:"follow.api.by_mail"`
	}
}

func (s *Service) apiPut(ctx context.Context, in *putInput) (out Followed, err error) {
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		card, err := s.object(tx, in.Body.Object)
		if err != nil {
			return err
		}
		f, err := Put(tx, card.Ref, Choice{Often: Often(in.Body.Often), InApp: in.Body.InApp, ByMail: in.Body.ByMail})
		out = s.followed(f, card)
		return err
	})
	return out, err
}

type stopInput struct {
	Follow string `path:"follow" maxLength:"80" doc:"follow.api.id"`
}

func (s *Service) apiStop(ctx context.Context, in *stopInput) error {
	me, err := myself(ctx, access.Follow, "follow")
	if err != nil {
		return err
	}
	return s.DB.Write(ctx, func(tx *db.Tx) error { return stop(tx, me, in.Follow) })
}

type noticesInput struct {
	api.Paging
	Unread bool `query:"unread" doc:"follow.api.unread"`
}

// Notified is a notice as programs read it.
type Notified struct {
	Entry int64     `json:"entry" doc:"follow.api.notice.entry"`
	Text  string    `json:"text" doc:"follow.api.notice.text"`
	URL   *string   `json:"url" doc:"follow.api.notice.url"`
	Why   string    `json:"why" doc:"follow.api.notice.why"`
	At    time.Time `json:"at" doc:"follow.api.notice.at"`
	Read  bool      `json:"read" doc:"follow.api.notice.read"`
}

func (s *Service) apiNotices(ctx context.Context, in *noticesInput) (out api.List[Notified], err error) {
	out.Items = []Notified{}
	me, err := myself(ctx, access.AccountSee, "person")
	if err != nil {
		return out, err
	}
	var before int64
	if in.Cursor != "" {
		if err := api.ReadCursor(in.Cursor, &before); err != nil {
			return out, err
		}
	}
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		where := "recipient = $1 AND in_app"
		if in.Unread {
			where += " AND read_at IS NULL"
		}
		if err := tx.Row(`SELECT COUNT(*) FROM notices WHERE `+where, me).Scan(&out.Total); err != nil {
			return err
		}
		list, err := notices(tx, me, in.Unread, before, in.Limit+1)
		if err != nil {
			return err
		}
		if len(list) > in.Limit {
			list = list[:in.Limit]
			cursor, err := api.NewCursor(list[in.Limit-1].seq)
			if err != nil {
				return err
			}
			out.More(cursor)
		}
		lines, err := s.lines(tx, api.Printer(ctx), list)
		for i, l := range lines {
			n := Notified{Entry: list[i].seq, Text: l.Text(), Why: l.Why, At: list[i].at.UTC(), Read: list[i].read}
			if l.Link != "" {
				url := s.shell.URL(l.Link)
				n.URL = &url
			}
			out.Items = append(out.Items, n)
		}
		return err
	})
	return out, err
}
