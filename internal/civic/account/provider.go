package account

import (
	"context"
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"plaza/internal/base/db"
	"plaza/internal/base/fetch"
	"plaza/internal/base/text"
	"plaza/internal/civic/access"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
)

// Provider is who else may say who somebody is, by OpenID Connect.
type Provider struct {
	ID       string
	Slug     string // part of the address it sends people back to; never changes
	Name     string
	Issuer   string // its address, as its tokens name it
	ClientID string
	Scopes   string // separated by spaces; openid is always among them
	Enabled  bool
	Created  time.Time

	secret string // sealed
}

// path is where one goes to come in through the provider.
func (p Provider) path() string { return "/entrar/con/" + p.Slug }

// back is where the provider sends people back to.
func (p Provider) back() string { return p.path() + "/regreso" }

// defaultScopes are asked for where an admin says nothing else.
const defaultScopes = "openid email profile"

// Limits of what an admin says of a provider, in letters and bytes.
const (
	maxProviderName   = 60
	maxProviderURL    = 500
	maxProviderText   = 500
	maxProviderScopes = 20
)

const providerColumns = `id, slug, name, issuer, client_id, secret, scopes, enabled, created_at`

func scanProvider(scan func(...any) error) (p Provider, err error) {
	err = scan(&p.ID, &p.Slug, &p.Name, &p.Issuer, &p.ClientID, &p.secret, &p.Scopes, &p.Enabled, &p.Created)
	return p, err
}

func allProviders(tx *db.Tx) ([]Provider, error) {
	return db.All(tx, scanProvider, `SELECT `+providerColumns+` FROM identity_providers ORDER BY name, id`)
}

func providerBySlug(tx *db.Tx, slug string) (Provider, error) {
	return scanProvider(tx.Row(`SELECT `+providerColumns+` FROM identity_providers WHERE slug = $1`, slug).Scan)
}

// tidy trims what was typed and says what is wrong with it. fresh says that the provider
// is new, and so needs a secret.
func (p *Provider) tidy(secret string, fresh bool) (wrong []plaza.FieldError) {
	refuse := func(field, key string) {
		wrong = append(wrong, plaza.FieldError{Field: field, Key: "account.error.provider." + key})
	}
	p.Name = strings.Join(strings.Fields(p.Name), " ")
	if n := utf8.RuneCountInString(p.Name); n == 0 || n > maxProviderName || text.Unseen(p.Name) {
		refuse("name", "name")
	}
	if !soundIssuer(p.Issuer) {
		refuse("issuer", "issuer")
	}
	if p.ClientID == "" || len(p.ClientID) > maxProviderText {
		refuse("client_id", "client")
	}
	if fresh && secret == "" || len(secret) > maxProviderText {
		refuse("client_secret", "secret")
	}
	scopes := strings.Fields(p.Scopes)
	if len(scopes) == 0 {
		scopes = strings.Fields(defaultScopes)
	}
	if !slices.Contains(scopes, "openid") {
		scopes = append([]string{"openid"}, scopes...)
	}
	p.Scopes = strings.Join(scopes, " ")
	if len(scopes) > maxProviderScopes || len(p.Scopes) > maxProviderText || strings.ContainsAny(p.Scopes, `"\`) {
		refuse("scopes", "scopes")
	}
	return wrong
}

// soundIssuer reports whether an address may be an issuer's: https, or plain http on
// this machine; without query and fragment (OpenID Connect Discovery, 3).
func soundIssuer(s string) bool {
	u, err := url.Parse(s)
	if err != nil || len(s) > maxProviderURL || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return false
	}
	ip, err := netip.ParseAddr(u.Hostname())
	return u.Scheme == "https" || u.Scheme == "http" && (u.Hostname() == "localhost" || err == nil && ip.IsLoopback())
}

// SaveProvider adds a provider, or changes the one of that id; a secret "" stays as it
// is. It appends to the record, so it is the last statement of its transaction. What is
// wrong is Invalid, field by field.
func (a *Accounts) SaveProvider(tx *db.Tx, p Provider, secret string) (Provider, error) {
	if err := access.Check(plaza.ActorFrom(tx.Context()), access.SettingsEdit, access.Object{Kind: "identity_provider"}); err != nil {
		return p, err
	}
	fresh := p.ID == ""
	wrong := p.tidy(secret, fresh)
	all, err := allProviders(tx)
	if err != nil {
		return p, err
	}
	for _, other := range all {
		if other.Issuer == p.Issuer && other.ID != p.ID {
			wrong = append(wrong, plaza.FieldError{Field: "issuer", Key: "account.error.provider.known"})
		}
	}
	if len(wrong) > 0 {
		return p, &plaza.Error{Kind: plaza.Invalid, Key: "account.error.form", Fields: wrong}
	}
	if fresh {
		p.ID, p.Created = tx.ID(), tx.Now
		p.Slug = freeSlug(text.Slug(p.Name, 40), all)
	}
	if secret != "" {
		p.secret = a.seals.Seal("provider:"+p.ID, []byte(secret))
	}
	if _, err := tx.Exec(`INSERT INTO identity_providers (`+providerColumns+`)
		VALUES (`+db.Placeholders(1, 9)+`)
		ON CONFLICT (id) DO UPDATE SET name = excluded.name, issuer = excluded.issuer, client_id = excluded.client_id,
			secret = excluded.secret, scopes = excluded.scopes, enabled = excluded.enabled`,
		p.ID, p.Slug, p.Name, p.Issuer, p.ClientID, p.secret, p.Scopes, p.Enabled, p.Created); err != nil {
		return p, fmt.Errorf("saving an identity provider: %w", err)
	}
	return p, record.Append(tx, record.Act{Verb: "account.provider_saved", Object: plaza.Ref{Kind: "identity_provider", ID: p.ID},
		Payload: providerFacts{Name: p.Name, Enabled: p.Enabled}})
}

// providerFacts is what the record tells of a provider.
type providerFacts struct {
	Name    string `json:"name"`
	Enabled bool   `json:"enabled"`
}

// factorFacts is what the record tells of a change of who needs a second factor.
type factorFacts struct {
	Required bool `json:"required"`
}

func freeSlug(want string, all []Provider) string {
	if want == "" {
		want = "proveedor"
	}
	slug := want
	taken := []string{"nuevo", "segundo-factor"} // pages beside the providers'
	for _, p := range all {
		taken = append(taken, p.Slug)
	}
	for n := 2; slices.Contains(taken, slug); n++ {
		slug = fmt.Sprintf("%s-%d", want, n)
	}
	return slug
}

// providers finds providers and speaks to them. It is safe for concurrent use.
type providers struct {
	db    *db.DB
	known discoveries
}

func newProviders(d *db.DB, c *fetch.Client) *providers {
	if c == nil {
		c = fetch.New(fetch.Config{})
	}
	return &providers{db: d, known: discoveries{client: c.HTTP(maxProviderAnswer, providerPatience), now: d.Now}}
}

// enabled lists the providers through which one may come in now.
func (s *providers) enabled(ctx context.Context) ([]Provider, error) {
	var all []Provider
	err := s.db.Read(ctx, func(tx *db.Tx) (err error) {
		all, err = allProviders(tx)
		return err
	})
	return slices.DeleteFunc(all, func(p Provider) bool { return !p.Enabled }), err
}

// find returns an enabled provider; NotFound when there is none of that name.
func (s *providers) find(ctx context.Context, slug string) (p Provider, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) (err error) {
		p, err = providerBySlug(tx, slug)
		return err
	})
	if err == nil && !p.Enabled {
		err = plaza.E(plaza.NotFound, "account.error.provider.none")
	}
	return p, err
}
