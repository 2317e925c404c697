package cases

import (
	"html/template"
	"net/http"

	"plaza/internal/base/db"
	"plaza/internal/base/i18n"
	"plaza/internal/base/text"
	"plaza/internal/base/web"
	"plaza/internal/civic/access"
	"plaza/internal/civic/account"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/moderation"
	"plaza/internal/plaza"
)

// How much the page of a case shows.
const (
	shownSteps   = 100
	shownRelated = 25
	shownPrivate = 20 // of what is for the institution alone
)

// casePage is the page of a case: a line through time.
type casePage struct {
	web.Page
	C        Case
	Owner    web.NavLink // who has to answer
	Kind     string
	State    web.Badge
	Progress string
	Lang     string // of what the asker wrote, where it is not the page's
	Notices  []web.Notice
	Gone     *gone // said instead of everything when it was hidden or taken back
	Clock    *clockView
	Body     template.HTML
	Files    []fileView // that came with it
	Asked    asked
	Comment  *web.NavLink // as which it was said first, nil for none
	About    []web.Fact
	Details  []web.Fact
	Summary  *answerView // the current answer, in a few words
	Steps    []entry
	First    string // path of the beginning, where the page does not begin there
	Next     string // path of the steps that follow
	Related  []related
	Forms    []actForm
	Anew     string // path of asking anew, after a second answer that does not serve
	Support  supportView
	Office   *officeView
	Report   string
	Around   web.Around

	from string // the step from which on it is asked for
}

// gone says that nobody may read a case, and why.
type gone struct {
	Text, Reason   string
	Decision, Path string // of the decision, for the asker; of the log, for everybody
}

// asked is who asked, when and how.
type asked struct {
	Who, When, ISO, Channel string
}

// related are other cases that have to do with one.
type related struct {
	Title string
	Links []web.NavLink
}

// supportView is who needs the same.
type supportView struct {
	Count  string
	Some   bool
	Form   *actForm // nil for who may not
	Back   string   // where support is taken back, "" for who does not support it
	SignIn string
	Mine   bool // the one who looks asked
}

// officeView is what only the institution's people read.
type officeView struct {
	Desk    string
	Need    string
	Whys    []string
	Unclear []string
}

// loaded is what the page of a case is drawn from.
type loaded struct {
	c       Case
	by      Asker
	body    institution.Institution
	on      plaza.Card
	hasOn   bool
	steps   []Step
	answers []Answer
	files   []File
	clocks  []Clock
	bodies  map[string]institution.Institution
	names   map[string]string
	cards   map[plaza.Ref]plaza.Card
	reading Reading
	near    near
	spot    Spot
	first   *web.NavLink // the comment as which it was said, and when
}

// near are the cases that have to do with one, as far as they are public.
type near struct {
	into, after *Case
	joined      []Case
	anew        []Case // asked after it
}

func (cs *Cases) showCase(w http.ResponseWriter, r *http.Request) error {
	page := &casePage{Page: cs.shell.Page(r, "")}
	var all loaded
	var moved string
	if err := cs.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
		if all.c, all.by, err = cs.byAddress(tx, r); err != nil {
			return err
		}
		if all.c.Folio != r.PathValue("folio") {
			moved = all.c.Path()
			return nil
		}
		return cs.fillCase(tx, r, page, &all)
	}); err != nil {
		return err
	}
	if moved != "" {
		http.Redirect(w, r, withQuery(moved, r), http.StatusMovedPermanently)
		return nil
	}
	if all.by.Contact != "" { // what is theirs is kept by nobody
		w.Header().Set("Cache-Control", "private, no-store")
	}
	return cs.shell.Render(w, r, http.StatusOK, "cases/case", page)
}

// fillCase reads a case and draws it, in a bounded number of statements.
func (cs *Cases) fillCase(tx *db.Tx, r *http.Request, page *casePage, all *loaded) error {
	c := all.c
	if err := cs.loadOwner(tx, all); err != nil {
		return err
	}
	page.L = inZone(page.L, all.body)
	page.C, page.Canonical, page.from = c, c.Path(), placeOf(r)
	page.Title = c.Title
	page.Crumbs = []web.Crumb{{Title: page.L.T("cases.nav"), Path: "/consultas"}}
	if c.Standing == moderation.Hidden || c.Standing == moderation.Removed {
		return cs.fillGone(tx, page, all)
	}
	if err := cs.load(tx, r, all); err != nil {
		return err
	}
	page.head(all)
	t := &teller{cs: cs, l: page.L, page: page.Page, all: all, clocks: clockWriter{l: page.L, now: page.Now, body: ownerWords(page.L, all.body)}}
	if err := t.draw(tx, page); err != nil {
		return err
	}
	cs.tools(r, page, all)
	page.describe(t)
	if err := cs.fillOffice(tx, page, all); err != nil || cs.Config.Around == nil || !c.Public() {
		return err
	}
	k := card(c, all.on, all.body)
	around, err := cs.Config.Around(tx, page.Page, k)
	page.Around = around
	return err
}

// loadOwner reads who has to answer.
func (cs *Cases) loadOwner(tx *db.Tx, all *loaded) (err error) {
	if all.c.Institution != "" {
		all.body, err = institution.ByID(tx, all.c.Institution)
	}
	return err
}

// fillGone says why nobody may read a case.
func (cs *Cases) fillGone(tx *db.Tx, page *casePage, all *loaded) error {
	l, c := page.L, all.c
	page.Title, page.NoIndex = l.T("cases.page.folio", "folio", c.Folio), true
	page.C = Case{Folio: c.Folio}
	page.Owner = ownerLink(page.L, all.body)
	page.Gone = &gone{Text: l.T("cases.gone." + string(c.Standing))}
	if c.Standing != moderation.Hidden {
		return nil
	}
	reason, err := moderation.ReasonOf(tx, c.Ref(), moderation.Hide)
	if err != nil {
		return err
	}
	if reason != "" {
		page.Gone.Reason = l.T("moderation.reason." + reason)
	}
	if cs.shell.Has(logPath) {
		page.Gone.Path = logPath
	}
	if cs.Decisions != nil && c.Asker.Is(all.by) && all.by.Person != "" {
		against, err := cs.Decisions(tx, all.by.Person, []plaza.Ref{c.Ref()})
		page.Gone.Decision = against[c.Ref()]
		return err
	}
	return nil
}

// logPath is the public log of moderation.
const logPath = "/moderacion/bitacora"

// load reads what a readable case is drawn from.
func (cs *Cases) load(tx *db.Tx, r *http.Request, all *loaded) (err error) {
	c := all.c
	if all.steps, err = Steps(tx, c.ID, placeOf(r), shownSteps+1); err != nil {
		return err
	}
	if all.answers, err = Answers(tx, c.ID); err != nil {
		return err
	}
	if all.files, err = Files(tx, c.ID); err != nil {
		return err
	}
	clocks, err := Clocks(tx, c.ID)
	if err != nil {
		return err
	}
	all.clocks = clocks[c.ID]
	if all.c.On.Themes, err = db.All(tx, db.Column[string], `SELECT theme FROM case_themes WHERE case_id = $1 ORDER BY theme`, c.ID); err != nil {
		return err
	}
	if all.near, err = nearTo(tx, c); err != nil {
		return err
	}
	if all.spot, err = cs.spot(tx, c.On); err != nil {
		return err
	}
	if err := cs.loadNames(tx, all); err != nil {
		return err
	}
	path, at, ok, err := saidBefore(tx, c)
	if err != nil {
		return err
	}
	if ok {
		all.first = &web.NavLink{Path: path, Label: cs.shell.Printer(r).T("cases.page.first_said", "date", inZone(cs.shell.Printer(r), all.body).Date(at))}
	}
	all.reading, err = readingOf(tx, c, all.by.Person)
	return err
}

// loadNames reads what people, institutions and things are called.
func (cs *Cases) loadNames(tx *db.Tx, all *loaded) (err error) {
	var bodies []string
	for _, k := range all.clocks {
		if k.Body != "" {
			bodies = append(bodies, k.Body)
		}
	}
	if all.c.MovedFrom != "" {
		bodies = append(bodies, all.c.MovedFrom)
	}
	if all.bodies, err = institution.ByIDs(tx, bodies); err != nil {
		return err
	}
	if all.names, err = account.Names(tx, []string{all.c.Asker.Person}); err != nil || cs.Cards == nil {
		return err
	}
	var refs []plaza.Ref
	if all.c.On.Ref.ID != "" {
		refs = append(refs, all.c.On.Ref)
	}
	for _, a := range all.answers {
		if a.Object.ID != "" {
			refs = append(refs, a.Object)
		}
	}
	if len(refs) == 0 {
		return nil
	}
	all.cards, err = cs.Cards(tx, refs)
	all.on, all.hasOn = all.cards[all.c.On.Ref]
	return err
}

// placeOf is the step from which on a page is asked for.
func placeOf(r *http.Request) string { return web.QueryText(r, "desde", 40) }

// nearTo reads the cases that have to do with one.
func nearTo(tx *db.Tx, c Case) (n near, err error) {
	var ids []string
	for _, id := range []string{c.Into, c.After} {
		if id != "" {
			ids = append(ids, id)
		}
	}
	list, err := ByIDs(tx, ids...)
	if err != nil {
		return n, err
	}
	for i := range list {
		switch one := &list[i]; {
		case !one.Public():
		case one.ID == c.Into:
			n.into = one
		case one.ID == c.After:
			n.after = one
		}
	}
	if n.joined, err = db.All(tx, scan, `SELECT `+columns+`
		FROM cases
		WHERE into_id = $1 AND into_id <> '' AND standing = 'public'
		ORDER BY id
		LIMIT $2`, c.ID, shownRelated); err != nil {
		return n, err
	}
	n.anew, err = db.All(tx, scan, `SELECT `+columns+`
		FROM cases
		WHERE after_id = $1 AND after_id <> '' AND standing = 'public'
		ORDER BY id
		LIMIT $2`, c.ID, shownRelated)
	return n, err
}

// ownerLink leads to who has to answer.
func ownerLink(l *i18n.Printer, body institution.Institution) web.NavLink {
	if body.ID == "" {
		return web.NavLink{Label: l.T("cases.central")}
	}
	return web.NavLink{Label: body.Name, Path: body.Path()}
}

// head fills in what stands above the line through time.
func (p *casePage) head(all *loaded) {
	l, c := p.L, all.c
	p.Owner = ownerLink(l, all.body)
	p.Kind = l.T("cases.kind." + string(c.Kind))
	p.State = stateBadge(l, c)
	if c.Progress != "" {
		p.Progress = l.T("cases.progress." + string(c.Progress))
	}
	if c.Language != "" && c.Language != l.Lang() && c.Language[:min(2, len(c.Language))] != l.Lang()[:2] {
		p.Lang = c.Language
	}
	p.Asked = asked{Who: askerWords(l, c.Asker, all.names), When: l.DateTime(c.Asked), ISO: l.ISO(c.Asked)}
	if c.Brought() {
		p.Asked.Channel = l.T("cases.brought", "channel", l.T("cases.channel."+string(c.Channel)))
	}
	p.Files = filesAt(l, c.Folio, all.files, FileOfCase, c.ID)
	p.Body, p.Comment = text.Markdown(c.Body), all.first
	p.About, p.Details = aboutFacts(l, all), detailFacts(l, c)
	switch {
	case c.Standing == moderation.Held:
		p.NoIndex = true
		p.Notices = append(p.Notices, web.Notice{Tone: web.Warning, Title: l.T("cases.held"), Text: l.T("cases.held.text")})
	case c.Standing == moderation.Refused:
		p.NoIndex = true
		p.Notices = append(p.Notices, web.Notice{Tone: web.Warning, Title: l.T("cases.refused"), Text: l.T("cases.refused.text")})
	}
	if c.On.Ref.ID != "" && (!all.hasOn || all.on.Unavailable) {
		p.Notices = append(p.Notices, web.Notice{Tone: web.Info, Text: l.T("cases.about.gone")})
	}
	if all.spot.Mended > 0 {
		p.Notices = append(p.Notices, web.Notice{Tone: web.Good, Text: l.T("cases.about.mended", "number", all.spot.Mended)})
	}
	if n := all.near.into; n != nil {
		p.Notices = append(p.Notices, web.Notice{Tone: web.Info, Title: l.T("cases.merged.title"), Text: l.T("cases.merged.text"), Link: n.Path(), Action: n.Title})
	}
	p.Related = relatedTo(l, all.near)
	p.Description = text.Excerpt(text.PlainText(c.Body), 200)
}

// describe makes the sentence of link previews, and the data for machines.
func (p *casePage) describe(t *teller) {
	l, c := p.L, p.C
	switch {
	case p.Summary != nil && c.Answer != "":
		said := p.Summary.Brief
		p.Description = text.Excerpt(l.T("cases.card.answered", "institution", p.Owner.Label, "outcome", p.Summary.Outcome, "said", said), 300)
	case p.Clock != nil && c.Owed():
		p.Description = text.Excerpt(l.T("cases.card.owed", "kind", p.Kind, "institution", p.Owner.Label, "clock", p.Clock.Text), 300)
	}
	if c.Public() {
		p.JSONLD = structured(p, t)
	}
}

// fillOffice fills in what only the institution's people read.
func (cs *Cases) fillOffice(tx *db.Tx, page *casePage, all *loaded) error {
	c := all.c
	if !access.Can(page.Actor, access.CaseDraft, access.Object{Kind: RefKind, Institution: c.Institution}) || !c.Public() {
		return nil
	}
	o := &officeView{Need: c.Need, Desk: "/admin/consultas/" + c.Folio}
	if all.body.ID != "" {
		o.Desk = "/gestion/" + all.body.Slug + "/consultas/" + c.Folio
	}
	list, err := Supporters(tx, c.ID, shownPrivate)
	if err != nil {
		return err
	}
	for _, s := range list {
		if s.Why != "" {
			o.Whys = append(o.Whys, s.Why)
		}
	}
	if c.Answer != "" {
		if o.Unclear, err = Unclear(tx, c.Answer, shownPrivate); err != nil {
			return err
		}
	}
	page.Office = o
	return nil
}
