package moderation

import (
	"net/http"

	"plaza/internal/base/db"
	"plaza/internal/base/text"
	"plaza/internal/base/web"
	"plaza/internal/civic/access"
	"plaza/internal/civic/account"
)

// personPage is an author's past, for the moderators of the platform.
type personPage struct {
	web.Page
	Facts     []web.Fact
	Decisions []decisionLine
	Cases     []queueLine
	Posts     []postLine
}

type postLine struct{ Title, Path, Text, Kind, State, When, ISO string }

func personPath(id string) string { return peoplePath + "/" + id }

func (d *Desk) showPerson(w http.ResponseWriter, r *http.Request) error {
	page := &personPage{Page: d.page(r, "moderation.person")}
	l := page.L
	if err := access.Check(page.Actor, access.QueueSee, access.Object{Kind: "person"}); err != nil {
		return err // an institution's moderators know of what concerns it only
	}
	var p account.Person
	var about []Decision
	if err := d.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
		if p, err = account.ByID(tx, r.PathValue("person")); err != nil {
			return err
		}
		if about, err = decisionsAbout(tx, p.ID); err != nil {
			return err
		}
		var who []string
		for _, dec := range about {
			who = append(who, dec.By)
		}
		names, err := people(tx, who...)
		if err != nil {
			return err
		}
		page.Decisions = decisionLines(l, names, about)
		cases, err := casesOf(tx, p.ID)
		if err != nil {
			return err
		}
		if page.Cases, err = d.lines(tx, l, page.Page, cases); err != nil {
			return err
		}
		return d.postsBy(tx, page, p.ID)
	}); err != nil {
		return err
	}
	page.Title = p.Name
	page.Crumbs = []web.Crumb{{Title: l.T("moderation.title"), Path: queuePath}}
	counts := map[Act]int{}
	for _, dec := range about {
		if dec.Undone.IsZero() {
			counts[dec.Act]++
		}
	}
	page.Facts = []web.Fact{{Label: l.T("moderation.person.since"), Text: l.Date(p.Created), Time: l.ISO(p.Created)}}
	for _, a := range []Act{Release, Refuse, Hide, Warn, Suspend} {
		page.Facts = append(page.Facts, web.Fact{Label: l.T("moderation.did." + string(a)), Text: l.Number(counts[a])})
	}
	return d.shell.Render(w, r, http.StatusOK, "moderation/person", page)
}

// postsBy asks each kind of posts for the person's newest.
func (d *Desk) postsBy(tx *db.Tx, page *personPage, person string) error {
	l := page.L
	for _, name := range d.kindNames() {
		kind, ok := d.kinds[name]
		if !ok || kind.By == nil {
			continue
		}
		posts, err := kind.By(tx, person, historyLimit)
		if err != nil {
			return err
		}
		for _, post := range posts {
			page.Posts = append(page.Posts, postLine{Title: titleOf(l, thing{Post: post, found: true}), Path: post.Path, Text: excerpt(post.Text, 200),
				Kind: kindWords(l, name), State: l.T("moderation.post." + string(post.State)), When: l.DateTime(post.At), ISO: l.ISO(post.At)})
		}
	}
	return nil
}

// rulesPage lists the rules, adds one and tries them on a text.
type rulesPage struct {
	web.Page
	Done   *web.Notice
	Rules  []ruleLine
	Errors web.ErrorSummary
	Fields []web.Field
	Try    web.Field
	Tried  *web.Notice
	Found  []string // what a tried text would wait for
}

type ruleLine struct{ Kind, Pattern, Reason, When, ISO, Drop string }

func (d *Desk) showRules(w http.ResponseWriter, r *http.Request) error {
	return d.drawRules(w, r, http.StatusOK, Rule{}, nil, "")
}

func (d *Desk) drawRules(w http.ResponseWriter, r *http.Request, status int, typed Rule, wrong map[string]string, sample string) error {
	page := &rulesPage{Page: d.page(r, "moderation.rules")}
	l := page.L
	var all, matched []Rule
	if err := d.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
		if all, err = Rules(tx); err != nil || sample == "" {
			return err
		}
		matched, err = d.matching(tx, sample)
		return err
	}); err != nil {
		return err
	}
	page.Done = done(l, r)
	page.Crumbs = []web.Crumb{{Title: l.T("moderation.title"), Path: queuePath}}
	for _, rule := range all {
		page.Rules = append(page.Rules, ruleLine{l.T("moderation.rule." + rule.Kind), rule.Pattern, rule.Reason, l.Date(rule.Created), l.ISO(rule.Created),
			rulesPath + "/" + rule.ID + "/quitar"})
	}
	page.Fields = []web.Field{
		field(l, wrong, web.Field{Name: "kind", Type: "select", Value: typed.Kind, Options: choices(l, "moderation.rule.", ruleKinds, false)}),
		field(l, wrong, web.Field{Name: "pattern", Value: typed.Pattern, MaxLength: maxPattern}),
		field(l, wrong, web.Field{Name: "reason", Label: l.T("moderation.rule.reason"), Hint: l.T("moderation.rule.reason.hint"), Value: typed.Reason, MaxLength: maxReason}),
	}
	page.Errors = web.ErrorSummary{L: l, Fields: page.Fields}
	page.Try = field(l, nil, web.Field{Name: "sample", Type: "textarea", Rows: 4, Value: sample, MaxLength: maxReport})
	if sample != "" {
		page.Tried, page.Found = d.tried(page, sample, matched)
	}
	return d.shell.Render(w, r, status, "moderation/rules", page)
}

// tried says what a text would wait for, whoever wrote it.
func (d *Desk) tried(page *rulesPage, sample string, matched []Rule) (*web.Notice, []string) {
	l := page.L
	var found []string
	for _, rule := range matched {
		found = append(found, l.T("moderation.rule."+rule.Kind)+": "+rule.Pattern+". "+rule.Reason)
	}
	if tricks(sample) {
		found = append(found, l.T("moderation.why.tricks"))
	}
	if len(mention.FindAllString(sample, d.Mentions+1)) > d.Mentions {
		found = append(found, l.T("moderation.why.mentions"))
	}
	if d.foreign(sample) {
		found = append(found, l.T("moderation.why.link"))
	}
	if len(found) == 0 {
		return &web.Notice{Tone: web.Good, Text: l.T("moderation.rules.none"), Live: true}, nil
	}
	return &web.Notice{Tone: web.Warning, Text: l.T("moderation.rules.found", "count", len(found)), Live: true}, found
}

func (d *Desk) addRule(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	typed := Rule{Kind: form.Value("kind"), Pattern: form.Value("pattern"), Reason: text.Unstack(form.Value("reason"))}
	err = d.DB.Write(r.Context(), func(tx *db.Tx) error { return d.AddRule(tx, typed) })
	if wrong := web.FieldErrors(d.shell.Printer(r), err); wrong != nil {
		return d.drawRules(w, r, http.StatusUnprocessableEntity, typed, wrong, "")
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, rulesPath+"?hecho=regla", http.StatusSeeOther)
	return nil
}

func (d *Desk) dropRule(w http.ResponseWriter, r *http.Request) error {
	if err := d.DB.Write(r.Context(), func(tx *db.Tx) error { return d.DropRule(tx, r.PathValue("rule")) }); err != nil {
		return err
	}
	http.Redirect(w, r, rulesPath+"?hecho=sin_regla", http.StatusSeeOther)
	return nil
}

// tryRules changes nothing: the text is in a form because it does not fit an address.
func (d *Desk) tryRules(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	sample := []rune(form.Value("sample"))
	return d.drawRules(w, r, http.StatusOK, Rule{}, nil, string(sample[:min(len(sample), maxReport)]))
}
