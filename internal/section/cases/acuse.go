package cases

import (
	"html/template"
	"net/http"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/i18n"
	"plaza/internal/base/text"
	"plaza/internal/base/web"
	"plaza/internal/civic/calendar"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/membership"
	"plaza/internal/civic/moderation"
)

// acusePath is the printable acknowledgement of a case.
func acusePath(c Case) string { return c.Path() + "/acuse" }

// acusePage acknowledges a case, to be printed.
type acusePage struct {
	web.Page
	Facts  []web.Fact
	Held   *web.Notice
	Done   *web.Notice
	Case   web.NavLink // "" while nobody sees it
	Own    *ownText    // what its asker wrote, while nobody else reads it
	Formal string
	Copy   web.Copy
}

// ownText is what somebody asked, for themselves.
type ownText struct {
	L     *i18n.Printer
	Lang  string
	Body  template.HTML
	Files []fileView
}

// ownText is what whoever looks asked; nil for everybody else.
func (cs *Cases) ownText(tx *db.Tx, r *http.Request, l *i18n.Printer, c Case) (*ownText, error) {
	if !c.Asker.Is(cs.who(r, c)) {
		return nil, nil
	}
	files, err := Files(tx, c.ID)
	return &ownText{L: l, Lang: c.Language, Body: text.Markdown(c.Body), Files: filesAt(l, c.Folio, files, FileOfCase, c.ID)}, err
}

// acuse is for everybody where the case is public, else for who asked and those who see
// it anyway: that there is one is nobody else's business.
func (cs *Cases) acuse(w http.ResponseWriter, r *http.Request) error {
	page := &acusePage{Page: cs.shell.Page(r, ""), Formal: FormalRoute}
	page.NoIndex = true
	if err := cs.DB.Read(r.Context(), func(tx *db.Tx) error {
		c, err := ByFolio(tx, r.PathValue("folio"))
		if err != nil {
			return err
		}
		if !c.Public() && !cs.seesHidden(r, c) {
			return errNotFound
		}
		zone, err := calendar.BusinessOf(tx, c.Institution)
		if err != nil {
			return err
		}
		l := page.L.In(zone.Zone)
		page.Title = l.T("cases.acuse.title", "folio", c.Folio)
		if page.Facts, err = cs.acuseFacts(tx, l, c); err != nil {
			return err
		}
		body, err := institution.ByIDs(tx, []string{c.Institution})
		page.Copy = web.Copy{L: l, ID: "texto-formal", Text: formalText(l, Form{Title: c.Title, Body: c.Body, Details: c.Details}, body[c.Institution].Name)}
		switch {
		case c.Public():
			page.Case = web.NavLink{Label: l.T("cases.acuse.see"), Path: c.Path()}
			page.Crumbs = []web.Crumb{{Title: c.Folio, Path: c.Path()}}
		case c.Standing == moderation.Held:
			page.Held = &web.Notice{Tone: web.Info, Text: l.T("cases.acuse.held")}
		default:
			page.Held = &web.Notice{Tone: web.Warning, Text: l.T("cases.acuse.hidden")}
			why, err := moderatedFor(tx, l, c)
			if err != nil {
				return err
			}
			if why != "" {
				page.Held.Title, page.Held.Text = l.T("cases.acuse.hidden"), l.T("cases.gone.reason")+" "+why
			}
		}
		if !c.Public() {
			if page.Own, err = cs.ownText(tx, r, l, c); err != nil {
				return err
			}
		}
		if r.URL.Query().Get("hecho") == "enviada" {
			page.Done = &web.Notice{Tone: web.Good, Text: l.T("cases.acuse.done"), Live: true}
		}
		return err
	}); err != nil {
		return err
	}
	return cs.shell.Render(w, r, http.StatusOK, "ask/acuse", page)
}

// acuseFacts are what an acknowledgement says: the due date as it was promised when the
// case was asked, and the one that it has now where that is another.
func (cs *Cases) acuseFacts(tx *db.Tx, l *i18n.Printer, c Case) ([]web.Fact, error) {
	out := []web.Fact{
		{Label: l.T("cases.acuse.folio"), Text: c.Folio},
		{Label: l.T("cases.acuse.kind"), Text: l.T("cases.kind." + string(c.Kind))},
		{Label: l.T("cases.acuse.subject"), Text: c.Title, Lang: c.Language},
		{Label: l.T("cases.acuse.asked"), Text: l.DateTime(c.Asked), Time: l.ISO(c.Asked)},
	}
	clocks, err := Clocks(tx, c.ID)
	if err != nil {
		return nil, err
	}
	var first Clock
	for _, k := range clocks[c.ID] {
		if k.Kind == ToAnswer && first.ID == "" {
			first = k
		}
	}
	bodies, err := institution.ByIDs(tx, []string{c.Institution, first.Body})
	if err != nil {
		return nil, err
	}
	name := func(id string) string {
		if i, ok := bodies[id]; ok {
			return i.Name
		}
		return l.T("cases.ask.coordination")
	}
	out = append(out, web.Fact{Label: l.T("cases.acuse.institution"), Text: name(c.Institution)})
	if first.ID == "" {
		said, err := cs.heldDue(tx, l, c)
		return append(out, web.Fact{Label: l.T("cases.acuse.due"), Text: said}), err
	}
	day := func(t time.Time) string { return l.Date(t.Add(-time.Millisecond)) }
	if c.Institution != "" && first.Body != c.Institution && (first.Responsible == membership.BySector || first.Responsible == membership.ByCoordination) {
		out = append(out, web.Fact{Label: l.T("cases.acuse.due"), Text: l.T("cases.ask.promise.none", "institution", name(c.Institution))},
			web.Fact{Label: l.T("cases.acuse.stands_in"), Text: l.T("cases.acuse.stands_in.until", "by", name(first.Body), "date", day(first.Promised))})
	} else {
		out = append(out, web.Fact{Label: l.T("cases.acuse.due"), Text: day(first.Promised)})
	}
	if !c.Due.IsZero() && !c.Due.Equal(first.Promised) {
		out = append(out, web.Fact{Label: l.T("cases.acuse.due.now"), Text: day(c.Due)})
	}
	return out, nil
}

// heldDue is by when a case will be answered that waits for moderation: whoever asked has a
// date to reckon with, and sees what it hangs on.
func (cs *Cases) heldDue(tx *db.Tx, l *i18n.Printer, c Case) (string, error) {
	p, err := cs.promised(tx, c.Kind, c.Institution)
	if err != nil || p.Vacant || c.Standing != moderation.Held {
		return l.T("cases.acuse.due.held"), err
	}
	return l.T("cases.acuse.due.today", "date", l.In(p.Zone).Date(p.Due.Add(-time.Millisecond))), nil
}
