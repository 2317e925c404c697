package plaza

import "context"

// Role is one of the roles of PLAZA.md section 3.
type Role string

// The roles. A visitor is anyone; a member has an account.
const (
	Visitor Role = "visitor"
	// Holder is anyone with an account, suspended ones included: what is one's own
	// stays within reach.
	Holder         Role = "holder"
	Member         Role = "member"
	Liaison        Role = "liaison"
	DataOwner      Role = "data_owner"
	Transparency   Role = "transparency"
	Communications Role = "communications"
	Judge          Role = "judge"
	Moderator      Role = "moderator"
	Admin          Role = "admin"
	// StandIn is the liaison of the head of an institution that has no liaison of its own,
	// at that institution. Nobody is given it: it comes and goes by itself.
	StandIn Role = "stand_in"
	// System is Plaza itself: harvests, schedules, the demo. No person holds it.
	System Role = "system"
)

// Grant is a role held in an institution; Institution is "" for platform-wide roles.
type Grant struct {
	Role        Role
	Institution string // institution id
	Unit        string // id of the área that the role is held for, or ""
}

// Actor is who acts. The zero Actor is a visitor.
type Actor struct {
	PersonID string // "" for visitors and for the system
	Name     string
	// Pseudonym is the salted commitment under which the record names the person.
	Pseudonym string
	Grants    []Grant
	// Suspended takes every role away but Holder.
	Suspended bool
	// Limited says that whoever acts came with an access token: only the actions of
	// its Scopes are open, whatever the roles.
	Limited bool
	Scopes  []string
}

// SystemActor acts for Plaza itself in jobs and commands.
var SystemActor = Actor{Grants: []Grant{{Role: System}}}

// Has reports whether the actor holds the role anywhere.
func (a Actor) Has(role Role) bool {
	for _, g := range a.Grants {
		if g.Role == role {
			return true
		}
	}
	return false
}

// SignedIn reports whether the actor is a person with an account.
func (a Actor) SignedIn() bool { return a.PersonID != "" }

type actorKey struct{}

// WithActor returns a context in which a acts.
func WithActor(ctx context.Context, a Actor) context.Context {
	return context.WithValue(ctx, actorKey{}, a)
}

// ActorFrom returns who acts in ctx, the visitor when nobody was set.
func ActorFrom(ctx context.Context) Actor {
	a, _ := ctx.Value(actorKey{}).(Actor)
	return a
}
