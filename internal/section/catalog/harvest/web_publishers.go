package harvest

import (
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
		line := ruleLine{ID: r.ID, Match: r.Match, Body: o.link(r.InstitutionID), Source: titles[r.SourceID], Since: l.Date(r.CreatedAt)}
		if r.SourceID == "" {
			line.Source = l.T("harvest.rules.everywhere")
		}
		page.Rules = append(page.Rules, line)
	}
	return err
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
	for _, c := range chosen {
		source, match, _ := strings.Cut(c, " ")
		if form.Checked("everywhere") {
			source = ""
		}
		// one transaction for each: a rule moves datasets and ends with its acts
		err := p.db.Write(r.Context(), func(tx *db.Tx) error {
			_, err := PutRule(tx, Rule{SourceID: source, Match: match, InstitutionID: form.Value("institution")})
			return err
		})
		if wrong := web.FieldErrors(l, err); wrong != nil {
			return p.drawPublishers(w, r, http.StatusUnprocessableEntity, form, wrong)
		}
		if err != nil {
			return err
		}
	}
	return see(w, r, publishersPath+"?hecho=asignado")
}

func (p *Pages) unmap(w http.ResponseWriter, r *http.Request) error {
	if err := p.db.Write(r.Context(), func(tx *db.Tx) error { return RemoveRule(tx, r.PathValue("rule")) }); err != nil {
		return err
	}
	return see(w, r, publishersPath+"?hecho=quitada")
}
