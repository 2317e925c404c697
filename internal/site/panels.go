package site

import (
	"plaza/internal/base/db"
	"plaza/internal/base/i18n"
	"plaza/internal/base/text"
	"plaza/internal/base/web"
	"plaza/internal/civic/access"
	"plaza/internal/civic/comment"
	"plaza/internal/civic/follow"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/membership"
	"plaza/internal/civic/moderation"
	"plaza/internal/plaza"
	"plaza/internal/section/cases"
	"plaza/internal/section/tool"
	"plaza/internal/section/tool/workshop"
	"plaza/internal/site/me"
)

// shownMine is how many lines each part of one's own page shows.
const shownMine = 5

// me is the page of whoever is signed in.
func (s *Site) me() *me.Pages {
	return me.New(me.Deps{
		DB:     s.DB,
		Panels: []me.PanelFunc{s.noticesOf, s.followsOf, s.casesOf, toolsOf, s.commentsOf, officesOf},
		Links: []me.Link{
			{Item: web.Item{Key: "site.me.notices", Path: follow.NoticesPath}, Action: access.AccountSee},
			{Item: web.Item{Key: "site.me.follows", Path: follow.MinePath}, Action: access.AccountSee},
			{Item: web.Item{Key: "site.me.cases", Path: cases.MinePath}, Action: access.AccountSee},
			{Item: web.Item{Key: "site.me.tools", Path: tool.MinePath}, Action: access.ToolWrite},
			{Item: web.Item{Key: "site.me.comments", Path: comment.OwnPath}, Action: access.AccountSee},
			{Item: web.Item{Key: "site.me.account", Path: "/mi/cuenta"}, Action: access.AccountSee},
			{Item: web.Item{Key: "site.me.moderation", Path: moderation.NavPath}, Action: access.QueueSee},
		},
	})
}

func (s *Site) noticesOf(tx *db.Tx, l *i18n.Printer, who plaza.Actor) (*me.Panel, error) {
	p := &me.Panel{ID: "avisos", Title: l.T("site.me.notices"), None: l.T("site.me.notices.none"),
		More: web.NavLink{Label: l.T("site.me.notices.all"), Path: follow.NoticesPath}}
	told, err := s.Follow.Latest(tx, l, who.PersonID, shownMine)
	for _, t := range told {
		p.Lines = append(p.Lines, me.Line{Title: t.Title, Path: t.Path, Quote: t.Quote, Note: t.Why, When: t.When, ISO: t.ISO})
	}
	return p, err
}

func (s *Site) followsOf(tx *db.Tx, l *i18n.Printer, who plaza.Actor) (*me.Panel, error) {
	p := &me.Panel{ID: "sigo", Title: l.T("site.me.follows"), None: l.T("site.me.follows.none"),
		More: web.NavLink{Label: l.T("site.me.follows.all"), Path: follow.MinePath}}
	list, err := follow.List(tx, who.PersonID, "", shownMine)
	if err != nil || len(list) == 0 {
		return p, err
	}
	refs := make([]plaza.Ref, len(list))
	for i, f := range list {
		refs[i] = f.Object
	}
	cards, err := s.Follow.Cards(tx, refs)
	for _, f := range list {
		card := cards[f.Object]
		if card.Title == "" {
			card.Title = f.Object.ID
		}
		note := l.T("site.me.follows.in_app")
		if f.ByMail {
			note = l.T("follow.often." + string(f.Often))
		}
		p.Lines = append(p.Lines, me.Line{Title: card.Title, Path: card.Path, Note: note})
	}
	return p, err
}

// casesOf is what the person asked, the latest first.
func (s *Site) casesOf(tx *db.Tx, l *i18n.Printer, who plaza.Actor) (*me.Panel, error) {
	p := &me.Panel{ID: "consultas", Title: l.T("site.me.cases"), None: l.T("site.me.cases.none"),
		More: web.NavLink{Label: l.T("site.me.cases.all"), Path: cases.MinePath}}
	list, err := cases.OfPerson(tx, who.PersonID, "", shownMine)
	for _, c := range list {
		badge := cases.OwnBadge(l, c)
		p.Lines = append(p.Lines, me.Line{Title: c.Title, Path: c.OwnPage(), Note: c.Folio, Badge: &badge, When: l.Date(c.Asked), ISO: l.ISO(c.Asked)})
	}
	return p, err
}

// toolsOf are the person's tools and drafts of tools, the latest first.
func toolsOf(tx *db.Tx, l *i18n.Printer, who plaza.Actor) (*me.Panel, error) {
	p := &me.Panel{ID: "herramientas", Title: l.T("site.me.tools"), None: l.T("site.me.tools.none"),
		More: web.NavLink{Label: l.T("site.me.tools.all"), Path: tool.MinePath}}
	list, err := tool.Mine(tx, who.PersonID, "", shownMine)
	for _, t := range list {
		badge, path := workshop.OwnBadge(l, t), t.EditPath()
		if t.Public() {
			path = t.Path()
		}
		p.Lines = append(p.Lines, me.Line{Title: t.Title, Path: path, Badge: &badge, When: l.Date(t.Modified), ISO: l.ISO(t.Modified)})
	}
	return p, err
}

func (s *Site) commentsOf(tx *db.Tx, l *i18n.Printer, who plaza.Actor) (*me.Panel, error) {
	p := &me.Panel{ID: "comentarios", Title: l.T("site.me.comments"), None: l.T("site.me.comments.none"),
		More: web.NavLink{Label: l.T("site.me.comments.all"), Path: comment.OwnPath}}
	list, err := comment.Of(tx, who.PersonID, "", shownMine)
	for _, c := range list {
		p.Lines = append(p.Lines, me.Line{Title: text.Excerpt(text.PlainText(c.Body), 120), Path: c.Path(),
			Note: l.T("comment.state." + string(c.State)), When: l.Date(c.At), ISO: l.ISO(c.At)})
	}
	return p, err
}

// officesOf are the institutions where the person has a role; nobody else sees a panel.
func officesOf(tx *db.Tx, l *i18n.Printer, who plaza.Actor) (*me.Panel, error) {
	var ids []string
	roles := map[string][]string{}
	for _, g := range who.Grants {
		if g.Institution == "" {
			continue
		}
		if roles[g.Institution] == nil {
			ids = append(ids, g.Institution)
		}
		roles[g.Institution] = append(roles[g.Institution], string(g.Role))
	}
	if len(ids) == 0 {
		return nil, nil
	}
	p := &me.Panel{ID: "instituciones", Title: l.T("site.me.offices"), More: web.NavLink{Label: l.T("site.me.offices.all"), Path: "/gestion"}}
	bodies, err := institution.ByIDs(tx, ids)
	if err != nil {
		return nil, err
	}
	names, err := membership.NamesOf(tx, ids...)
	for _, id := range ids {
		body, note := bodies[id], ""
		for i, role := range roles[id] {
			if i > 0 {
				note += "; "
			}
			note += names[id].Say(l, plaza.Role(role))
		}
		p.Lines = append(p.Lines, me.Line{Title: body.Name, Path: institution.OfficePath + body.Slug, Note: note})
	}
	return p, err
}
