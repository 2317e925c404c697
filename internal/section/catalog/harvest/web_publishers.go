package harvest

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"plaza/internal/base/db"
	"plaza/internal/base/i18n"
	"plaza/internal/base/web"
	"plaza/internal/section/catalog"
)

const publishersPath = "/admin/publicadores"

// shownPublishers is how many publishers without institution are listed at once.
const shownPublishers = 100

// publishersPage maps publishers to institutions.
type publishersPage struct {
	web.Page
	Done       *web.Notice
	Errors     web.ErrorSummary
	Publishers []publisherLine
	Wrong      string // what is wrong with the choice of publishers
	Body       web.Field
	Everywhere web.Field
	Rules      []ruleLine
}

// publisherLine is a publisher that no rule maps.
type publisherLine struct {
	ID, Value    string // of its checkbox
	Name, Source string
	Datasets     string
	Chosen       bool
}

// ruleLine is a rule with its button.
type ruleLine struct {
	ID, Match string
	Body      web.NavLink
	Source    string
	Since     string
	Seen      web.Seen
}

func (p *Pages) publishers(w http.ResponseWriter, r *http.Request) error {
	return p.drawPublishers(w, r, http.StatusOK, &web.Form{}, nil)
}

func (p *Pages) drawPublishers(w http.ResponseWriter, r *http.Request, status int, form *web.Form, wrong map[string]string) error {
	page := &publishersPage{Page: p.shell.Page(r, p.shell.Printer(r).T("harvest.publishers"))}
	l := page.L
	var o *owners
	if err := p.db.Read(r.Context(), func(tx *db.Tx) (err error) {
		if o, err = loadOwners(tx, l); err != nil {
			return err
		}
		return loadPublishers(tx, page, o, form.Values("publicador"))
	}); err != nil {
		return err
	}
	page.NoIndex = true
	page.Crumbs = []web.Crumb{{Title: l.T("harvest.admin.crumb"), Path: "/admin"}, {Title: l.T("harvest.admin"), Path: adminPath}}
	page.Done = doneNotice(l, r)
	page.Wrong = wrong["match"]
	page.Body = web.Field{L: l, Name: "institution", Label: l.T("harvest.form.body"), Type: "select", Value: form.Value("institution"),
		Options: o.options(l.T("harvest.form.body.choose")), Error: wrong["institution"]}
	page.Everywhere = web.Field{L: l, Name: "everywhere", Label: l.T("harvest.form.everywhere"), Type: "checkbox", Optional: true,
		Hint: l.T("harvest.form.everywhere.hint"), Checked: form.Checked("everywhere")}
	choice := web.Field{L: l, Name: "publicador-0", Label: l.T("harvest.publishers.choose"), Error: page.Wrong}
	page.Errors = web.ErrorSummary{L: l, Fields: []web.Field{choice, page.Body}}
	return p.shell.Render(w, r, status, "harvest/publishers", page)
}

func loadPublishers(tx *db.Tx, page *publishersPage, o *owners, chosen []string) error {
	l := page.L
	sources, err := Sources(tx)
	if err != nil {
		return err
	}
	titles := make(map[string]string, len(sources))
	for _, s := range sources {
		titles[s.ID] = s.Title
	}
	unmapped, err := catalog.Unmapped(tx, shownPublishers)
	if err != nil {
		return err
	}
	for i, u := range unmapped {
		page.Publishers = append(page.Publishers, publisherWords(l, i, u, titles, chosen))
	}
	rules, err := Rules(tx)
	for _, r := range rules {
		page.Rules = append(page.Rules, ruleWords(l, r, o, titles))
	}
	return err
}

func ruleWords(l *i18n.Printer, r Rule, o *owners, titles map[string]string) ruleLine {
	line := ruleLine{ID: r.ID, Match: r.Publisher(), Body: o.link(r.InstitutionID), Source: titles[r.SourceID], Since: l.Date(r.CreatedAt),
		Seen: web.NewSeen(l, http.StatusOK, r)}
	if r.SourceID == "" {
		line.Source = l.T("harvest.rules.everywhere")
	}
	return line
}

func publisherWords(l *i18n.Printer, i int, u catalog.Publisher, titles map[string]string, chosen []string) publisherLine {
	match := u.Name
	if match == "" {
		match = u.Key
	}
	line := publisherLine{ID: "campo-publicador-" + strconv.Itoa(i), Value: u.SourceID + " " + match, Name: match,
		Source: titles[u.SourceID], Datasets: l.T("harvest.datasets", "count", u.Datasets)}
	if match == "" {
		line.Name = l.T("harvest.publishers.unnamed")
	}
	for _, c := range chosen {
		line.Chosen = line.Chosen || c == line.Value
	}
	return line
}

// mapPublishers says of each chosen publisher which institution it is.
func (p *Pages) mapPublishers(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	l := p.shell.Printer(r)
	chosen := form.Values("publicador")
	wrong := map[string]string{}
	if len(chosen) == 0 {
		wrong["match"] = l.T("harvest.error.no_publisher")
	}
	if form.Value("institution") == "" {
		wrong["institution"] = l.T("harvest.error.institution")
	}
	if len(wrong) > 0 {
		return p.drawPublishers(w, r, http.StatusUnprocessableEntity, form, wrong)
	}
	total := 0
	for _, c := range chosen {
		source, match, _ := strings.Cut(c, " ")
		if form.Checked("everywhere") {
			source = ""
		}
		// one transaction for each: a rule moves datasets and ends with its acts
		err := p.db.Write(r.Context(), func(tx *db.Tx) error {
			moved, err := PutRule(tx, Rule{SourceID: source, Match: match, InstitutionID: form.Value("institution")})
			total += moved
			return err
		})
		if wrong := web.FieldErrors(l, err); wrong != nil {
			return p.drawPublishers(w, r, http.StatusUnprocessableEntity, form, wrong)
		}
		if err != nil {
			return err
		}
	}
	return p.seeMoved(w, r, publishersPath+"?hecho=asignado", total)
}

// seeMoved leads to a page that says what was done and how many datasets moved; those
// that did not fit move behind.
func (p *Pages) seeMoved(w http.ResponseWriter, r *http.Request, path string, moved int) error {
	more := false
	if err := p.db.Write(r.Context(), func(tx *db.Tx) (err error) {
		more, err = MoveRest(tx)
		return err
	}); err != nil {
		return err
	}
	path += "&conjuntos=" + strconv.Itoa(moved)
	if more {
		path += "&faltan=1"
	}
	return see(w, r, path)
}

func (p *Pages) unmap(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	moved := 0
	err = p.db.Write(r.Context(), func(tx *db.Tx) (err error) {
		if err := sameRule(tx, r, form); err != nil {
			return err
		}
		moved, err = RemoveRule(tx, r.PathValue("rule"))
		return err
	})
	if errors.Is(err, web.ErrMeanwhile) {
		return p.drawRule(w, r, http.StatusConflict, nil, nil)
	}
	if err != nil {
		return err
	}
	return p.seeMoved(w, r, publishersPath+"?hecho=quitada", moved)
}

// sameRule is web.ErrMeanwhile when the rule that a request names is no more as its maker
// saw it. Whoever else is changing it waits until this transaction has ended.
func sameRule(tx *db.Tx, r *http.Request, form *web.Form) error {
	id := r.PathValue("rule")
	if _, err := tx.Exec(`UPDATE publisher_rules SET match_key = match_key WHERE id = $1`, id); err != nil {
		return err
	}
	rule, err := RuleByID(tx, id)
	if err != nil {
		return missing(err, "harvest.error.no_rule")
	}
	if !web.StillSeen(form, rule) {
		return web.ErrMeanwhile
	}
	return nil
}

// rulePage changes a rule.
type rulePage struct {
	web.Page
	Seen   web.Seen
	Rule   ruleLine
	Errors web.ErrorSummary
	Body   web.Field
}

func (p *Pages) rule(w http.ResponseWriter, r *http.Request) error {
	return p.drawRule(w, r, http.StatusOK, nil, nil)
}

// drawRule draws the form of a rule with what was chosen, nil for nothing yet.
func (p *Pages) drawRule(w http.ResponseWriter, r *http.Request, status int, form *web.Form, wrong map[string]string) error {
	page := &rulePage{Page: p.shell.Page(r, "")}
	l := page.L
	var o *owners
	var rule Rule
	if err := p.db.Read(r.Context(), func(tx *db.Tx) (err error) {
		if rule, err = RuleByID(tx, r.PathValue("rule")); err != nil {
			return missing(err, "harvest.error.no_rule")
		}
		if o, err = loadOwners(tx, l); err != nil {
			return err
		}
		titles := map[string]string{}
		if s, err := SourceByID(tx, rule.SourceID); err == nil {
			titles[s.ID] = s.Title
		}
		page.Rule = ruleWords(l, rule, o, titles)
		page.Seen = web.NewSeen(l, status, rule)
		return nil
	}); err != nil {
		return err
	}
	chosen := rule.InstitutionID
	if form != nil {
		chosen = form.Value("institution")
	}
	page.Title, page.NoIndex = l.T("harvest.rule.title", "publisher", rule.Publisher()), true
	page.Crumbs = []web.Crumb{{Title: l.T("harvest.admin.crumb"), Path: "/admin"}, {Title: l.T("harvest.publishers"), Path: publishersPath}}
	page.Body = web.Field{L: l, Name: "institution", Label: l.T("harvest.form.body"), Type: "select", Value: chosen,
		Options: o.options(l.T("harvest.form.body.choose")), Error: wrong["institution"]}
	page.Errors = web.ErrorSummary{L: l, Fields: []web.Field{page.Body}}
	return p.shell.Render(w, r, status, "harvest/rule", page)
}

func (p *Pages) changeRule(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	moved := 0
	err = p.db.Write(r.Context(), func(tx *db.Tx) (err error) {
		if err := sameRule(tx, r, form); err != nil {
			return err
		}
		moved, err = ChangeRule(tx, r.PathValue("rule"), form.Value("institution"))
		return err
	})
	if errors.Is(err, web.ErrMeanwhile) {
		return p.drawRule(w, r, http.StatusConflict, form, nil)
	}
	if wrong := web.FieldErrors(p.shell.Printer(r), err); wrong != nil {
		return p.drawRule(w, r, http.StatusUnprocessableEntity, form, wrong)
	}
	if err != nil {
		return err
	}
	return p.seeMoved(w, r, publishersPath+"?hecho=cambiada", moved)
}
