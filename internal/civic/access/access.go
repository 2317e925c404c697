// Package access holds the one table of permissions: which role may do which
// action to an object that stands in which relation to the person. Pages, the
// API, jobs and commands all ask Can or Check; nothing else in Plaza decides.
//
// What the table (table.go) does not grant is denied. Everyone, signed in or not,
// has the role visitor; everyone signed in has the role member too; the rest are
// roles that somebody gave the person, for one institution or for the whole
// platform. A role for one institution says nothing about any other.
//
// The page /acerca/permisos is made from the same table, so that anybody can read
// what the program will do.
package access

import (
	"context"
	"fmt"
	"slices"

	"plaza/internal/plaza"
)

// Action names something that can be done. Its text is the key of its sentence in
// the catalogue of messages: "access.action." and the action.
type Action string

// Relation is how the object must stand to the person for a line to apply.
type Relation uint8

// The relations, from the widest to the narrowest.
const (
	// Anyone: whatever the object is and wherever the role is held.
	Anyone Relation = iota
	// Platform: any object, when the role is held for the whole platform.
	Platform
	// SameInstitution: the object belongs to the institution that the role is for.
	SameInstitution
	// Impartial: as Platform, unless the person has a part in the institution that the
	// object is about.
	Impartial
	// Own: the object belongs to the person.
	Own
)

// String names the relation as message keys do.
func (r Relation) String() string {
	return [...]string{"anyone", "platform", "same_institution", "impartial", "own"}[r]
}

// Line is one line of the table: who holds the role may do the action to objects
// in the relation.
type Line struct {
	Role     plaza.Role
	Relation Relation
	Action   Action
}

// Object is what an action is done to; the zero Object is the platform itself.
type Object struct {
	Kind        string // the kind of its Ref, for the log of a refusal
	Institution string // id of the institution that answers for it, or ""
	Owner       string // id of the person whose it is, or ""
}

// Can reports whether the actor may do the action to the object.
func Can(actor plaza.Actor, action Action, on Object) bool {
	if actor.Limited && !open(action) && !within(actor.Scopes, action) {
		return false
	}
	for _, line := range table {
		if line.Action == action && holds(actor, line, on) {
			return true
		}
	}
	return false
}

// Check is Can with a reason: nil when the actor may; Unauthenticated when the
// actor is a visitor and some person could, so that signing in may help; else
// Forbidden.
func Check(actor plaza.Actor, action Action, on Object) error {
	if Can(actor, action, on) {
		return nil
	}
	refusal := plaza.E(plaza.Forbidden, "access.error.forbidden")
	if !actor.SignedIn() && !actor.Has(plaza.System) && personal(action) {
		refusal = plaza.E(plaza.Unauthenticated, "access.error.sign_in")
	}
	refusal.Cause = fmt.Errorf("%s on %q", action, on.Kind)
	return refusal
}

// Could reports whether there may be an object to which the actor may do the
// action: what a menu asks before it shows a link.
func Could(actor plaza.Actor, action Action) bool {
	if Can(actor, action, Object{Owner: actor.PersonID}) {
		return true
	}
	return slices.ContainsFunc(actor.Grants, func(g plaza.Grant) bool {
		return Can(actor, action, Object{Institution: g.Institution})
	})
}

// Authorize is Check for a route before its handler has found the object: it lets
// through who may do the action to some object, and leaves the rest to the handler's
// own Check. An action that does not exist is Forbidden.
func Authorize(ctx context.Context, action string) error {
	actor := plaza.ActorFrom(ctx)
	if Could(actor, Action(action)) {
		return nil
	}
	return Check(actor, Action(action), Object{})
}

// Closed returns the refusal of an action whose feature is off, nil for any other.
func Closed(off []string, action Action) error {
	for _, f := range Features {
		if slices.Contains(off, f.Name) && slices.Contains(f.Actions, action) {
			return plaza.E(plaza.Forbidden, "access.error.closed")
		}
	}
	return nil
}

// Actions lists every action, in the order of the page.
func Actions() []Action {
	var all []Action
	for _, g := range groups {
		all = append(all, g.Actions...)
	}
	return all
}

// Known reports whether the action exists.
func Known(a Action) bool { return slices.Contains(Actions(), a) }

// Lines lists the table.
func Lines() []Line { return slices.Clone(table) }

// holds reports whether the actor has the line's role in the line's relation to
// the object.
func holds(actor plaza.Actor, line Line, on Object) bool {
	switch line.Role {
	case plaza.Visitor:
		return related(actor, plaza.Grant{}, line.Relation, on)
	case plaza.Holder:
		return actor.SignedIn() && related(actor, plaza.Grant{}, line.Relation, on)
	case plaza.Member:
		return actor.SignedIn() && !actor.Suspended && related(actor, plaza.Grant{}, line.Relation, on)
	}
	if actor.Suspended {
		return false
	}
	return slices.ContainsFunc(actor.Grants, func(g plaza.Grant) bool {
		return g.Role == line.Role && related(actor, g, line.Relation, on)
	})
}

func related(actor plaza.Actor, g plaza.Grant, r Relation, on Object) bool {
	switch r {
	case Anyone:
		return true
	case Platform:
		return g.Institution == ""
	case SameInstitution:
		return g.Institution != "" && g.Institution == on.Institution
	case Impartial:
		return g.Institution == "" && !hasPart(actor, on.Institution)
	case Own:
		return actor.PersonID != "" && actor.PersonID == on.Owner
	}
	return false
}

// hasPart reports whether the actor holds any role in the institution.
func hasPart(actor plaza.Actor, institution string) bool {
	return institution != "" && slices.ContainsFunc(actor.Grants, func(g plaza.Grant) bool {
		return g.Institution == institution
	})
}

// open reports whether the table grants the action to everybody: no token is needed
// for it, and none takes it away.
func open(action Action) bool {
	return slices.ContainsFunc(table, func(l Line) bool {
		return l.Action == action && l.Role == plaza.Visitor && l.Relation == Anyone
	})
}

// within reports whether one of a token's scopes holds the action.
func within(scopes []string, action Action) bool {
	return slices.ContainsFunc(Scopes, func(s Scope) bool {
		return slices.Contains(scopes, s.Name) && slices.Contains(s.Actions, action)
	})
}

// personal reports whether the table grants the action to a role that people hold.
func personal(action Action) bool {
	return slices.ContainsFunc(table, func(l Line) bool {
		return l.Action == action && l.Role != plaza.System
	})
}
