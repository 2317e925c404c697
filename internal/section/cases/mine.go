package cases

import (
	"net/http"
	"net/url"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/i18n"
	"plaza/internal/base/web"
	"plaza/internal/civic/moderation"
	"plaza/internal/plaza"
)

// shownOwn is how many cases a page of one's own shows.
const shownOwn = 25

// OfPerson are the cases that a person asked, in any standing, the latest first; before
// is the id of the last one of the page before.
func OfPerson(tx *db.Tx, person, before string, limit int) ([]Case, error) {
	if person == "" {
		return nil, nil
	}
	where, args := `asker_id = $1`, []any{person}
	if before != "" {
		where, args = where+` AND id < $2`, append(args, before)
	}
	return db.All(tx, scan, `SELECT `+columns+`
		FROM cases
		WHERE `+where+`
		ORDER BY id DESC
		LIMIT `+db.Placeholders(len(args)+1, 1), append(args, limit)...)
}

// SupportedBy are the public cases that a person supports, in order of their ids, the
// latest first.
func SupportedBy(tx *db.Tx, person, before string, limit int) ([]Case, error) {
	if person == "" {
		return nil, nil
	}
	where, args := `standing = 'public' AND id IN (SELECT case_id FROM case_supports WHERE who = $1)`, []any{person}
	if before != "" {
		where, args = where+` AND id < $2`, append(args, before)
	}
	return db.All(tx, scan, `SELECT `+columns+`
		FROM cases
		WHERE `+where+`
		ORDER BY id DESC
		LIMIT `+db.Placeholders(len(args)+1, 1), append(args, limit)...)
}

// minePage is what one asked, or what one supports.
type minePage struct {
	web.Page
	Done  *web.Notice
	Views []mineView
	Items []mineLine
	Empty *web.Empty
	Pager web.Pager
}

type mineView struct {
	Label, Path string
	Current     bool
}

// mineLine is a case in it. Decision is why it was hidden or refused, for its asker.
type mineLine struct {
	Item     web.DatasetItem
	Decision string
	Acuse    string
}

func (cs *Cases) mine(w http.ResponseWriter, r *http.Request) error {
	page := &minePage{Page: cs.shell.Page(r, cs.shell.Printer(r).T("cases.mine.title"))}
	page.NoIndex = true
	l, before := page.L, web.QueryText(r, "antes", 60)
	supported := r.URL.Query().Get("ver") == "apoyo"
	page.Views = []mineView{{l.T("cases.mine.asked"), MinePath, !supported}, {l.T("cases.mine.supported"), MinePath + "?ver=apoyo", supported}}
	if r.URL.Query().Get("hecho") == "espera" {
		page.Done = &web.Notice{Tone: web.Good, Text: l.T("cases.mine.held"), Live: true}
	}
	if err := cs.DB.Read(r.Context(), func(tx *db.Tx) error {
		read := OfPerson
		if supported {
			read = SupportedBy
		}
		list, err := read(tx, page.Actor.PersonID, before, shownOwn+1)
		if err != nil {
			return err
		}
		if len(list) > shownOwn {
			list = list[:shownOwn]
			q := url.Values{"antes": {list[shownOwn-1].ID}}
			if supported {
				q.Set("ver", "apoyo")
			}
			page.Pager.Next = MinePath + "?" + q.Encode()
		}
		page.Items, err = cs.mineLines(tx, l, page.Actor.PersonID, list)
		return err
	}); err != nil {
		return err
	}
	page.Pager.L = l
	if len(page.Items) == 0 {
		page.Empty = &web.Empty{Title: l.T("cases.mine.none"), Links: []web.NavLink{{Label: l.T("cases.ask.go"), Path: AskPath, Icon: "message-circle"}}}
		if supported {
			page.Empty.Title = l.T("cases.mine.none_supported")
			page.Empty.Links = []web.NavLink{{Label: l.T("cases.nav"), Path: "/consultas", Icon: "search"}}
		}
	}
	return cs.shell.Render(w, r, http.StatusOK, "ask/mine", page)
}

func (cs *Cases) mineLines(tx *db.Tx, l *i18n.Printer, person string, list []Case) ([]mineLine, error) {
	var gone []plaza.Ref
	for _, c := range list {
		if !c.Public() {
			gone = append(gone, c.Ref())
		}
	}
	why := map[plaza.Ref]string{}
	if cs.Decisions != nil && len(gone) > 0 {
		var err error
		if why, err = cs.Decisions(tx, person, gone); err != nil {
			return nil, err
		}
	}
	out := make([]mineLine, 0, len(list))
	for _, c := range list {
		m := mineLine{Decision: why[c.Ref()], Acuse: acusePath(c)}
		m.Item = web.DatasetItem{Title: c.Title, Path: c.OwnPage(), Lang: c.Language, Kind: l.T("cases.kind." + string(c.Kind)),
			Badges: []web.Badge{OwnBadge(l, c)},
			Facts: []web.ItemFact{{Icon: "tag", Label: l.T("cases.acuse.folio"), Text: c.Folio},
				{Icon: "calendar", Label: l.T("cases.acuse.asked"), Text: l.Date(c.Asked), Time: l.ISO(c.Asked)}}}
		if c.Public() && c.Owed() && !c.Due.IsZero() {
			m.Item.Facts = append(m.Item.Facts, web.ItemFact{Icon: "calendar-clock", Text: l.T("cases.mine.due", "date", l.Date(c.Due.Add(-time.Millisecond)))})
		}
		out = append(out, m)
	}
	return out, nil
}

// OwnBadge says where a case stands, for its asker: while it is not public, that.
func OwnBadge(l *i18n.Printer, c Case) web.Badge {
	switch {
	case c.Standing == moderation.Held:
		return web.Badge{Tone: web.Info, Text: l.T("cases.mine.standing.held"), Icon: "clock"}
	case !c.Public():
		return web.Badge{Tone: web.Warning, Text: l.T("cases.mine.standing.hidden")}
	case c.State == NeedsInfo:
		return web.Badge{Tone: web.Warning, Text: l.T("cases.mine.needs_you"), Icon: "message-circle"}
	case c.State == Answered || c.State == Resolved:
		return web.Badge{Tone: web.Good, Text: l.T("cases.state." + string(c.State)), Icon: "circle-check"}
	}
	return web.Badge{Text: l.T("cases.state." + string(c.State))}
}
