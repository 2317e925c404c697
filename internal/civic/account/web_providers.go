package account

import (
	"context"
	"errors"
	"net/http"

	"plaza/internal/base/db"
	"plaza/internal/base/web"
	"plaza/internal/civic/access"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
)

// IdentityPath is where admins say who else may tell who somebody is, and of whom a
// second factor is asked.
const IdentityPath = "/admin/identidad"

// mountProviders registers the way to providers and the pages about them.
func (h handlers) mountProviders() {
	in := string(access.SignIn)
	h.shell.Handle("GET /entrar/con/{provider}", web.Route{Name: "account.provider", Action: in}, h.goOut)
	h.shell.Handle("GET /entrar/con/{provider}/regreso", web.Route{Name: "account.provider_back", Action: in, Secret: true}, h.comeBack)
	route := func(name string) web.Route {
		return web.Route{Name: "account." + name, Action: string(access.SettingsEdit), Cache: web.Private, MaxBody: 16 << 10}
	}
	h.shell.Handle("GET "+IdentityPath, route("providers"), h.listProviders)
	h.shell.Handle("POST "+IdentityPath, route("provider_add"), h.saveProvider)
	h.shell.Handle("GET "+IdentityPath+"/nuevo", route("provider_new"), h.newProvider)
	h.shell.Handle("POST "+IdentityPath+"/segundo-factor", route("factor_required"), h.requireFactor)
	h.shell.Handle("GET "+IdentityPath+"/{provider}", route("provider_edit"), h.editProvider)
	h.shell.Handle("POST "+IdentityPath+"/{provider}", route("provider_save"), h.saveProvider)
}

// providersPage lists the providers.
type providersPage struct {
	web.Page
	Done     *web.Notice
	Items    []providerLine
	Seen     web.Seen
	Required bool // a second factor, of whoever holds a role
}

type providerLine struct {
	Name, Issuer, Path string
	State              web.Badge
}

func (h handlers) listProviders(w http.ResponseWriter, r *http.Request) error {
	return h.drawProviders(w, r, http.StatusOK)
}

func (h handlers) drawProviders(w http.ResponseWriter, r *http.Request, status int) error {
	page := &providersPage{Page: h.shell.Page(r, h.shell.Printer(r).T("account.providers.title"))}
	l := page.L
	err := h.db.Read(r.Context(), func(tx *db.Tx) error {
		all, err := allProviders(tx)
		if err != nil {
			return err
		}
		for _, p := range all {
			line := providerLine{Name: p.Name, Issuer: p.Issuer, Path: IdentityPath + "/" + p.Slug,
				State: web.Badge{Text: l.T("account.provider.disabled")}}
			if p.Enabled {
				line.State = web.Badge{Tone: web.Good, Icon: "circle-check", Text: l.T("account.provider.enabled")}
			}
			page.Items = append(page.Items, line)
		}
		page.Required, err = SecondFactorRequired(tx)
		return err
	})
	if err != nil {
		return err
	}
	page.NoIndex, page.Seen = true, web.NewSeen(l, status, page.Required)
	page.Crumbs = []web.Crumb{{Title: l.T("account.admin.crumb"), Path: "/admin"}}
	if what := r.URL.Query().Get("hecho"); what == "guardado" || what == "segundo-factor" {
		page.Done = &web.Notice{Tone: web.Good, Text: l.T("account.providers.done." + what), Live: true}
	}
	return h.shell.Render(w, r, status, "account/providers", page)
}

// providerPage is the form for one provider, new or known. Its secret is never shown.
type providerPage struct {
	web.Page
	Fields []web.Field
	Action string
	Seen   web.Seen
	Back   web.Copy // the address to tell the provider
	Known  bool
}

// Summary is what is wrong with the form.
func (p providerPage) Summary() web.ErrorSummary { return web.ErrorSummary{L: p.L, Fields: p.Fields} }

func (h handlers) newProvider(w http.ResponseWriter, r *http.Request) error {
	return h.drawProvider(w, r, http.StatusOK, Provider{}, Provider{Scopes: defaultScopes, Enabled: true}, nil)
}

func (h handlers) editProvider(w http.ResponseWriter, r *http.Request) error {
	p, err := h.knownProvider(r.Context(), r.PathValue("provider"))
	if err != nil {
		return err
	}
	return h.drawProvider(w, r, http.StatusOK, p, p, nil)
}

func (h handlers) knownProvider(ctx context.Context, slug string) (p Provider, err error) {
	err = h.db.Read(ctx, func(tx *db.Tx) (err error) {
		p, err = providerBySlug(tx, slug)
		return err
	})
	return p, err
}

func (h handlers) drawProvider(w http.ResponseWriter, r *http.Request, status int, known, p Provider, wrong map[string]string) error {
	l := h.shell.Printer(r)
	page := &providerPage{Page: h.shell.Page(r, l.T("account.provider.new")), Action: IdentityPath, Known: p.Slug != ""}
	page.Seen = web.NewSeen(l, status, known, known.secret)
	if page.Known {
		page.Title, page.Action = p.Name, IdentityPath+"/"+p.Slug
		page.Back = web.Copy{L: l, ID: "regreso", Text: h.baseURL + p.back()}
	}
	page.Fields = []web.Field{
		{Name: "name", Value: p.Name, MaxLength: maxProviderName},
		{Name: "issuer", Value: p.Issuer, Type: "url", MaxLength: maxProviderURL},
		{Name: "client_id", Value: p.ClientID, MaxLength: maxProviderText},
		{Name: "client_secret", Type: "password", MaxLength: maxProviderText, Optional: page.Known, Autocomplete: "new-password"},
		{Name: "scopes", Value: p.Scopes, MaxLength: maxProviderText},
		{Name: "enabled", Type: "checkbox", Checked: p.Enabled, Optional: true},
	}
	for i := range page.Fields {
		f := &page.Fields[i]
		f.L, f.Label, f.Error = l, l.T("account.provider.field."+f.Name), wrong[f.Name]
		if hint := "account.provider.field." + f.Name + ".hint"; l.Has(hint) {
			f.Hint = l.T(hint)
		}
	}
	if page.Known {
		page.Fields[3].Hint = l.T("account.provider.secret_kept")
	}
	page.NoIndex = true
	page.Crumbs = []web.Crumb{{Title: l.T("account.admin.crumb"), Path: "/admin"}, {Title: l.T("account.providers.title"), Path: IdentityPath}}
	return h.shell.Render(w, r, status, "account/provider", page)
}

func (h handlers) saveProvider(w http.ResponseWriter, r *http.Request) error {
	var p Provider
	if slug := r.PathValue("provider"); slug != "" {
		var err error
		if p, err = h.knownProvider(r.Context(), slug); err != nil {
			return err
		}
	}
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	p.Name, p.Issuer, p.ClientID = form.Value("name"), form.Value("issuer"), form.Value("client_id")
	p.Scopes, p.Enabled = form.Value("scopes"), form.Checked("enabled")
	typed, known := p, Provider{}
	err = h.db.Write(r.Context(), func(tx *db.Tx) error {
		if p.ID != "" {
			// whoever else is changing it waits until this transaction has ended
			if _, err := tx.Exec(`UPDATE identity_providers SET slug = slug WHERE id = $1`, p.ID); err != nil {
				return err
			}
			var err error
			if known, err = providerBySlug(tx, p.Slug); err != nil {
				return err
			}
			p.secret = known.secret
		}
		if !web.StillSeen(form, known, known.secret) {
			return web.ErrMeanwhile
		}
		_, err := h.SaveProvider(tx, p, form.Value("client_secret"))
		return err
	})
	if errors.Is(err, web.ErrMeanwhile) {
		return h.drawProvider(w, r, http.StatusConflict, known, typed, nil)
	}
	if said := web.FieldErrors(h.shell.Printer(r), err); said != nil {
		return h.drawProvider(w, r, http.StatusUnprocessableEntity, known, typed, said)
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, IdentityPath+"?hecho=guardado", http.StatusSeeOther)
	return nil
}

// requireFactor says whether whoever holds a role needs a second factor. An admin who has
// none is led to enrol with the next page.
func (h handlers) requireFactor(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	required := form.Checked("required")
	err = h.db.Write(r.Context(), func(tx *db.Tx) error {
		if err := access.Check(plaza.ActorFrom(r.Context()), access.SettingsEdit, access.Object{Kind: "setting"}); err != nil {
			return err
		}
		if err := claimSecondFactor(tx); err != nil {
			return err
		}
		now, err := SecondFactorRequired(tx)
		if err != nil {
			return err
		}
		if !web.StillSeen(form, now) {
			return web.ErrMeanwhile
		}
		if err := RequireSecondFactor(tx, required); err != nil {
			return err
		}
		return record.Append(tx, record.Act{Verb: "account.factor_required", Object: plaza.Ref{Kind: "setting", ID: secondFactorSetting},
			Payload: factorFacts{Required: required}})
	})
	if errors.Is(err, web.ErrMeanwhile) {
		return h.drawProviders(w, r, http.StatusConflict)
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, IdentityPath+"?hecho=segundo-factor", http.StatusSeeOther)
	return nil
}
