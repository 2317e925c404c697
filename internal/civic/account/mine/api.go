package mine

import (
	"context"
	"time"

	"plaza/internal/base/api"
	"plaza/internal/base/db"
	"plaza/internal/civic/access"
	"plaza/internal/civic/account"
	"plaza/internal/plaza"
)

// Me is who asks, as programs read it.
type Me struct {
	Name      string   `json:"name" doc:"mine.api.name"`
	Pseudonym string   `json:"pseudonym" doc:"mine.api.pseudonym"`
	Suspended bool     `json:"suspended" doc:"mine.api.suspended"`
	Roles     []MyRole `json:"roles" nullable:"false" doc:"mine.api.roles"`
	Scopes    []string `json:"scopes" nullable:"false" doc:"mine.api.scopes"`
}

// MyRole is a role that whoever asks holds now.
type MyRole struct {
	Role        string     `json:"role" doc:"mine.api.role"`
	Institution string     `json:"institution" doc:"mine.api.institution"`
	From        time.Time  `json:"from" doc:"mine.api.from"`
	Until       *time.Time `json:"until" doc:"mine.api.until"`
}

// Interface registers what programs ask of one's own account.
func (p *Pages) Interface(a *api.API) {
	api.Get(a, api.Op{Name: "mine.api.me", Path: "/api/v1/me", Tag: "account", Action: string(access.AccountSee), Scope: "account:read"},
		func(ctx context.Context, _ *struct{}) (Me, error) {
			actor := plaza.ActorFrom(ctx)
			if err := access.Check(actor, access.AccountSee, access.Object{Kind: "person", Owner: actor.PersonID}); err != nil {
				return Me{}, err
			}
			var person account.Person
			if err := p.DB.Read(ctx, func(tx *db.Tx) (err error) {
				person, err = me(tx)
				return err
			}); err != nil {
				return Me{}, err
			}
			out := Me{Name: person.Name, Pseudonym: person.Pseudonym, Suspended: person.Suspended, Roles: []MyRole{}, Scopes: []string{}}
			out.Scopes = append(out.Scopes, actor.Scopes...)
			for _, g := range person.Grants {
				role := MyRole{Role: string(g.Role), Institution: g.Institution, From: g.From}
				if !g.Until.IsZero() {
					role.Until = &g.Until
				}
				out.Roles = append(out.Roles, role)
			}
			return out, nil
		})
}
