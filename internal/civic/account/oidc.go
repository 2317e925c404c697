package account

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"plaza/internal/base/db"
	"plaza/internal/base/secret"
	"plaza/internal/plaza"
)

// What a provider may take: bytes of an answer and time for one.
const (
	maxProviderAnswer = 1 << 20
	providerPatience  = 8 * time.Second
)

// discoveryLife is how long what a provider says of itself is believed. Its keys are
// looked up again whenever a token names one that is not known.
const discoveryLife = time.Hour

// discoveries keeps what providers say of themselves, by issuer.
type discoveries struct {
	client *http.Client
	now    func() time.Time

	mu   sync.Mutex
	kept map[string]discovery
}

type discovery struct {
	*oidc.Provider
	until time.Time
}

// of asks a provider about itself, unless that is known.
func (d *discoveries) of(ctx context.Context, issuer string) (*oidc.Provider, error) {
	d.mu.Lock()
	known, ok := d.kept[issuer]
	d.mu.Unlock()
	if ok && d.now().Before(known.until) {
		return known.Provider, nil
	}
	p, err := oidc.NewProvider(oidc.ClientContext(ctx, d.client), issuer)
	if err != nil {
		return nil, away(fmt.Errorf("asking %s about itself: %w", issuer, err))
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.kept == nil || len(d.kept) > 100 { // admins try out issuers; few are in use
		d.kept = map[string]discovery{}
	}
	d.kept[issuer] = discovery{p, d.now().Add(discoveryLife)}
	return p, nil
}

// away says that a provider does not answer as it should: nobody's fault here.
func away(err error) error {
	return &plaza.Error{Kind: plaza.Unavailable, Key: "account.error.provider.away", RetryAfter: time.Minute, Cause: err}
}

// refused says that what came back does not show who somebody is.
func refused(err error) error {
	return &plaza.Error{Kind: plaza.Invalid, Key: "account.error.provider.refused", Cause: err}
}

// identity is somebody as an issuer knows them.
type identity struct {
	Issuer  string `json:"i"`
	Subject string `json:"s"`
	Label   string `json:"l"` // how to tell it from others: an address or a name
}

// claims is an identity with what the issuer says of the person.
type claims struct {
	identity
	Email    string `json:"e"`
	Verified bool   `json:"v"` // the issuer says that the address is the person's
	Name     string `json:"n"`
}

// journey is what the browser carries to the provider and back.
type journey struct {
	Provider string `json:"p"` // its id
	State    string `json:"s"`
	Nonce    string `json:"n"`
	Verifier string `json:"v"` // PKCE
	Next     string `json:"x"`
}

func newJourney(p Provider, next string) journey {
	return journey{Provider: p.ID, State: secret.Chance(), Nonce: secret.Chance(), Verifier: oauth2.GenerateVerifier(), Next: next}
}

// config is how to speak to a provider.
func (a *Accounts) config(p Provider, at *oidc.Provider) (*oauth2.Config, error) {
	secret, ok := a.seals.Open("provider:"+p.ID, p.secret)
	if !ok {
		return nil, plaza.E(plaza.Unavailable, "account.error.provider.away")
	}
	return &oauth2.Config{ClientID: p.ClientID, ClientSecret: string(secret), Endpoint: at.Endpoint(),
		RedirectURL: a.baseURL + p.back(), Scopes: strings.Fields(p.Scopes)}, nil
}

// depart is the provider's address at which the journey begins.
func (a *Accounts) depart(ctx context.Context, p Provider, j journey) (string, error) {
	at, err := a.providers.known.of(ctx, p.Issuer)
	if err != nil {
		return "", err
	}
	cfg, err := a.config(p, at)
	if err != nil {
		return "", err
	}
	u := cfg.AuthCodeURL(j.State, oidc.Nonce(j.Nonce), oauth2.S256ChallengeOption(j.Verifier))
	if to, err := url.Parse(u); err != nil || to.Scheme != "https" && to.Scheme != "http" {
		return "", away(errors.New("its authorization endpoint is no address"))
	}
	return u, nil
}

// arrive ends a journey: it exchanges the code and returns whom the token means. It is
// Unavailable when the provider does not answer, Invalid when the token is not in order.
func (a *Accounts) arrive(ctx context.Context, p Provider, j journey, code string) (claims, error) {
	at, err := a.providers.known.of(ctx, p.Issuer)
	if err != nil {
		return claims{}, err
	}
	cfg, err := a.config(p, at)
	if err != nil {
		return claims{}, err
	}
	ctx = oidc.ClientContext(ctx, a.providers.known.client)
	token, err := cfg.Exchange(ctx, code, oauth2.VerifierOption(j.Verifier))
	if err != nil {
		if e, ok := errors.AsType[*oauth2.RetrieveError](err); ok && e.Response.StatusCode < 500 {
			return claims{}, refused(err)
		}
		return claims{}, away(err)
	}
	raw, _ := token.Extra("id_token").(string)
	verified, err := at.Verifier(&oidc.Config{ClientID: p.ClientID, Now: a.db.Now}).Verify(ctx, raw)
	if err != nil {
		if _, ok := errors.AsType[*url.Error](err); ok { // its keys could not be read
			return claims{}, away(err)
		}
		return claims{}, refused(err)
	}
	if !equal(verified.Nonce, j.Nonce) {
		return claims{}, refused(errors.New("another nonce"))
	}
	return said(ctx, at, p, token, verified)
}

// rawClaims is what providers say of people.
type rawClaims struct {
	Azp               string `json:"azp"`
	Email             string `json:"email"`
	EmailVerified     any    `json:"email_verified"` // some send it as text
	Name              string `json:"name"`
	PreferredUsername string `json:"preferred_username"`
}

// said reads what the token says of the person, and asks the provider for the rest.
func said(ctx context.Context, at *oidc.Provider, p Provider, token *oauth2.Token, t *oidc.IDToken) (claims, error) {
	var raw rawClaims
	if err := t.Claims(&raw); err != nil {
		return claims{}, refused(err)
	}
	if t.Subject == "" || len(t.Subject) > 255 || len(t.Audience) > 1 && raw.Azp != p.ClientID || raw.Azp != "" && raw.Azp != p.ClientID {
		return claims{}, refused(errors.New("no subject, or meant for another"))
	}
	if raw.Email == "" && at.UserInfoEndpoint() != "" {
		info, err := at.UserInfo(ctx, oauth2.StaticTokenSource(token))
		if err != nil {
			return claims{}, away(err)
		}
		if info.Subject != t.Subject {
			return claims{}, refused(errors.New("another subject"))
		}
		if err := info.Claims(&raw); err != nil {
			return claims{}, refused(err)
		}
	}
	c := claims{identity: identity{Issuer: p.Issuer, Subject: t.Subject}, Name: raw.Name}
	if email, _, ok := foldEmail(raw.Email); ok {
		c.Email = email
		c.Verified = raw.EmailVerified == true || raw.EmailVerified == "true"
	}
	if name, ok := cleanName(raw.Name); !ok {
		c.Name, _ = cleanName(raw.PreferredUsername)
	} else {
		c.Name = name
	}
	c.Label = c.Email
	if c.Label == "" {
		c.Label = c.Name
	}
	return c, nil
}

// byIdentity returns the person whom an issuer means; NotFound when there is none.
func byIdentity(tx *db.Tx, who identity) (Person, error) {
	var person string
	if err := tx.Row(`SELECT person_id
		FROM credentials
		WHERE kind = 'oidc' AND issuer = $1 AND subject = $2`, who.Issuer, who.Subject).Scan(&person); err != nil {
		return Person{}, err
	}
	return ByID(tx, person)
}

// connect lets a person come in with an identity. One that is connected already is a
// Conflict.
func connect(tx *db.Tx, person string, who identity) error {
	if _, err := tx.Exec(`INSERT INTO credentials (id, person_id, kind, issuer, subject, label, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		tx.ID(), person, kindOIDC, who.Issuer, who.Subject, who.Label, tx.Now); err != nil {
		return fmt.Errorf("connecting an identity: %w", err)
	}
	return nil
}
