package membership

import (
	"net/http"

	"plaza/internal/base/db"
	"plaza/internal/base/web"
	"plaza/internal/civic/access"
	"plaza/internal/civic/institution"
)

// domainsPage lists an institution's e-mail domains and proposes another.
type domainsPage struct {
	institution.OfficePage
	Done     *web.Notice
	Items    []domainLine
	Verifies bool
	Errors   web.ErrorSummary
	Field    web.Field
	Action   string
}

type domainLine struct {
	Name, Verify, Remove string
	State                web.Badge
}

func (m *Members) domains(w http.ResponseWriter, r *http.Request) error {
	return m.drawDomains(w, r, http.StatusOK, "", nil)
}

func (m *Members) drawDomains(w http.ResponseWriter, r *http.Request, status int, typed string, wrong map[string]string) error {
	page := &domainsPage{}
	var all []Domain
	if err := m.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
		if page.OfficePage, err = m.officePage(tx, r, access.DomainPropose, "membership.domains"); err != nil {
			return err
		}
		all, err = Domains(tx, page.Institution.ID)
		return err
	}); err != nil {
		return err
	}
	l := page.L
	page.Action, page.Done = officePath(page.Institution)+domainsPath, notice(l, r)
	page.Verifies = access.Can(page.Actor, access.DomainVerify, access.Object{Institution: page.Institution.ID})
	for _, d := range all {
		line := domainLine{Name: d.Name, Remove: page.Action + "/" + d.ID + "/quitar", State: web.Badge{Tone: web.Good, Text: l.T("membership.domain.verified"), Icon: "badge-check"}}
		if !d.Verified() {
			line.State = web.Badge{Text: l.T("membership.domain.proposed"), Icon: "clock"}
			line.Verify = page.Action + "/" + d.ID + "/verificar"
		}
		page.Items = append(page.Items, line)
	}
	page.Field = dress(l, []web.Field{{Name: "domain", Value: typed, MaxLength: maxDomain}}, wrong)[0]
	page.Errors = web.ErrorSummary{L: l, Fields: []web.Field{page.Field}}
	return m.shell.Render(w, r, status, "membership/domains", page)
}

func (m *Members) proposeDomain(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	body, err := m.body(r)
	if err != nil {
		return err
	}
	typed := form.Value("domain")
	err = m.DB.Write(r.Context(), func(tx *db.Tx) error {
		_, err := m.ProposeDomain(tx, body.ID, typed)
		return err
	})
	if wrong := web.FieldErrors(m.shell.Printer(r), err); wrong != nil {
		return m.drawDomains(w, r, http.StatusUnprocessableEntity, typed, wrong)
	}
	if err != nil {
		return err
	}
	return see(w, r, officePath(body)+domainsPath+"?hecho=propuesto")
}

func (m *Members) verifyDomain(w http.ResponseWriter, r *http.Request) error {
	body, err := m.body(r)
	if err != nil {
		return err
	}
	err = m.DB.Write(r.Context(), func(tx *db.Tx) error { return m.VerifyDomain(tx, body.ID, r.PathValue("domain")) })
	return settle(w, r, officePath(body)+domainsPath, "verificado", "domain_taken", err)
}

func (m *Members) removeDomain(w http.ResponseWriter, r *http.Request) error {
	body, err := m.body(r)
	if err != nil {
		return err
	}
	err = m.DB.Write(r.Context(), func(tx *db.Tx) error { return m.RemoveDomain(tx, body.ID, r.PathValue("domain")) })
	return settle(w, r, officePath(body)+domainsPath, "quitado", "domain_taken", err)
}
