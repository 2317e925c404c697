package record

import (
	"plaza/internal/base/db"
	"plaza/internal/plaza"
)

// Audience is who is to hear of an entry, besides those who follow its object, what
// the object lies within (plaza.Card.Within) and its institution. Whoever did it
// hears nothing of it.
type Audience struct {
	// Nobody hears of it, not even followers.
	Nobody bool
	// Direct are people whom it concerns in person.
	Direct []Concerned
	// Roles are all who hold one of them when the notice is made.
	Roles []Post
	// About are further things whose followers hear of it.
	About []plaza.Ref
}

// Concerned is a person and why they are told; the reason is a message key, e.g.
// "notify.why.mention", that the notice quotes.
type Concerned struct {
	Person string
	Why    string
}

// Post is a role at an institution, or for the whole platform when Institution is "".
type Post struct {
	Role        plaza.Role
	Institution string
	Why         string
}

// Audiences says for the verbs of one part of Plaza who is to hear of an entry. It is
// asked once for each entry, in a transaction that reads; of the verbs of other parts
// it says nothing, which is the zero Audience.
type Audiences func(tx *db.Tx, e Entry) (Audience, error)
