// Package membership knows who works at which institution and who answers for it.
//
// People come to a role at an institution on three ways, and always somebody there
// says yes: they are invited at their address, they ask, or they ask with an address
// of a domain that is known to be the institution's. Liaisons (Enlaces de Datos
// Abiertos) are appointed by the coordination, with the letter that says so.
//
//	invitation: open ──▶ accepted | revoked | expired
//	request:    open ──▶ accepted | refused (with its reason) | withdrawn | expired
//
// The roles themselves are account's grants; what is kept here is how they came to be.
//
// Who answers for an institution is stored nowhere. It follows at each moment from who
// holds which role, who is away and who is suspended (Responsible): the liaisons that
// are there, else who stands in for one that is away, else the liaisons of the head of
// the sector, else the coordination. So what is open passes on by itself when a role is
// taken, ends by its date or goes with its holder. A reader of that state (Notice) only
// tells the record when an institution is left without a liaison, and when it has one
// again.
package membership

import (
	"cmp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"

	"plaza/internal/base/i18n"
	"plaza/internal/base/text"
	"plaza/internal/civic/access"
	"plaza/internal/plaza"
)

// The kinds of what this package's acts are done to.
const (
	KindInvitation = "invitation"
	KindRequest    = "join_request"
)

// How long an invitation and a request stay open.
const (
	invitationLife = 14 * 24 * time.Hour
	requestLife    = 30 * 24 * time.Hour
)

// Limits, in letters where nothing else is said.
const (
	maxMessage  = 1000
	maxReason   = 1000
	maxRoleName = 80
	maxNumber   = 60
	maxDomain   = 253
	maxAhead    = 10 * 365 * 24 * time.Hour // how far off a date may lie
)

// MaxLetter is the most bytes that a letter's file may have.
const MaxLetter = 5 << 20

// Roles are those that one may hold at an institution, in the order of lists.
var Roles = []plaza.Role{plaza.Liaison, plaza.DataOwner, plaza.Transparency, plaza.Communications, plaza.Moderator}

// Offered are the roles that an institution gives itself; liaisons are appointed.
var Offered = Roles[1:]

// State is where an invitation or a request stands.
type State string

// The states; see the package comment.
const (
	Open      State = "open"
	Accepted  State = "accepted"
	Revoked   State = "revoked"
	Refused   State = "refused"
	Withdrawn State = "withdrawn"
	Expired   State = "expired"
)

// Invitation offers roles at an institution to an address.
type Invitation struct {
	ID          string
	Institution string // id
	Email       string
	Roles       []plaza.Role
	Unit        string    // id, "" for none
	From        time.Time // of the roles, inclusive; zero: from when it is accepted
	Until       time.Time // exclusive; zero: without end
	Letter      string    // id, of a liaison's appointment
	State       State
	InvitedBy   string // id of the person, "" for nobody who is still here
	CreatedAt   time.Time
	ExpiresAt   time.Time

	emailKey string
}

// standing is the state that the instant gives it: what has ended by its date is
// expired, also before a job says so.
func (i Invitation) standing(now time.Time) State {
	if i.State == Open && (!now.Before(i.ExpiresAt) || !i.Until.IsZero() && !now.Before(i.Until)) {
		return Expired
	}
	return i.State
}

// Request asks for a role at an institution.
type Request struct {
	ID          string
	Institution string     // id
	Person      string     // id
	Role        plaza.Role // "": whichever the institution says
	Unit        string     // id, "" for none
	Message     string
	Domain      string // verified one of the asker's address, "" for none
	State       State
	Reason      string // of a refusal
	CreatedAt   time.Time
	ExpiresAt   time.Time
	EndedAt     time.Time // zero while it is open
}

// standing is as an Invitation's.
func (r Request) standing(now time.Time) State {
	if r.State == Open && !now.Before(r.ExpiresAt) {
		return Expired
	}
	return r.State
}

// Letter is the oficio by which a liaison was appointed.
type Letter struct {
	ID          string
	Institution string
	Person      string // id, "" until who was appointed has an account
	Number      string
	Dated       string // 2026-11-27
	File        string // key in the file store
	MediaType   string
	Size        int64 // bytes
	CreatedAt   time.Time
}

// Domain is an e-mail domain that an institution says is its own.
type Domain struct {
	ID          string
	Institution string
	Name        string // in ASCII, lower case
	CreatedAt   time.Time
	VerifiedAt  time.Time // zero while it is only proposed
}

// Verified reports whether the coordination has said that it is the institution's.
func (d Domain) Verified() bool { return !d.VerifiedAt.IsZero() }

// Absence says that a liaison is away and who stands in meanwhile.
type Absence struct {
	ID          string
	Institution string
	Person      string    // id of the liaison
	Substitute  string    // id of the person
	From        time.Time // inclusive
	Until       time.Time // exclusive
}

// InForce reports whether the liaison is away at that instant.
func (a Absence) InForce(now time.Time) bool { return !now.Before(a.From) && now.Before(a.Until) }

// Names are an institution's own names of roles.
type Names map[plaza.Role]string

// Say is how the institution calls the role, else what Plaza calls it.
func (n Names) Say(l *i18n.Printer, role plaza.Role) string {
	return cmp.Or(n[role], access.RoleName(l, role))
}

// answers reports whether who holds the role at an institution may speak for it.
func answers(role plaza.Role, institution string) bool {
	holder := plaza.Actor{PersonID: "-", Grants: []plaza.Grant{{Role: role, Institution: institution}}}
	return access.Can(holder, access.CommentSpeak, access.Object{Institution: institution})
}

// roleList and roles write several roles as one text and read it again.
func roleList(roles []plaza.Role) string {
	var names []string
	for _, r := range roles {
		names = append(names, string(r))
	}
	return strings.Join(names, " ")
}

func roles(list string) (out []plaza.Role) {
	for _, name := range strings.Fields(list) {
		out = append(out, plaza.Role(name))
	}
	return out
}

// line is text on one line without what cannot be seen or turns the direction of
// writing around, and whether it has at most so many letters.
func line(s string, most int) (string, bool) {
	s, ok := lines(s, most)
	return strings.Join(strings.Fields(s), " "), ok
}

// lines is as line, and keeps the ends of lines.
func lines(s string, most int) (string, bool) {
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\n', r == '\t':
			return r
		case unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Cs):
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
	s = strings.TrimSpace(text.Unstack(s))
	return s, utf8.RuneCountInString(s) <= most
}

// domainName is a domain in ASCII and lower case, "" for what is none. Only names with
// a dot are domains of an institution.
func domainName(s string) string {
	s = strings.TrimPrefix(strings.TrimSuffix(strings.TrimSpace(s), "."), "@")
	name, err := idna.Lookup.ToASCII(s)
	if err != nil || len(name) > maxDomain || !strings.Contains(name, ".") || slices.Contains(strings.Split(name, "."), "") {
		return ""
	}
	return name
}

// domainOf is the domain of an address' key.
func domainOf(key string) string { return key[strings.LastIndexByte(key, '@')+1:] }

// mask hides most of an address from who has its invitation in hand.
func mask(email string) string {
	at := strings.LastIndexByte(email, '@')
	if at < 1 {
		return "…"
	}
	_, n := utf8.DecodeRuneInString(email)
	return email[:n] + "…" + email[at:]
}

// at is an Error of a kind that is shown at a field.
func at(kind plaza.Kind, field, key string) error {
	return &plaza.Error{Kind: kind, Key: key, Fields: []plaza.FieldError{{Field: field, Key: key}}}
}
