package membership

import (
	"embed"
	"encoding/hex"
	"log/slog"
	"strings"

	"plaza/internal/base/blob"
	"plaza/internal/base/db"
	"plaza/internal/base/i18n"
	"plaza/internal/base/secret"
	"plaza/internal/base/web"
	"plaza/internal/civic/access"
	"plaza/internal/civic/account"
	"plaza/internal/civic/gate"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/outbox"
	"plaza/internal/plaza"
)

// Locale holds this package's messages.
//
//go:embed locale
var Locale embed.FS

//go:embed templates/*.html
var templates embed.FS

// Config is what Members are made with.
type Config struct {
	DB      *db.DB
	Key     []byte        // secret.Root.Derive(secret.Tokens, 32)
	BaseURL string        // what links begin with
	Site    func() string // what mails call this place now; nil is Plaza
	Mail    *outbox.Outbox
	Gate    *gate.Gate
	Blob    blob.Store   // of letters
	Bundle  *i18n.Bundle // of the mails' words
	// Suspended are those of the people who are suspended now; nil asks each account.
	Suspended func(tx *db.Tx, people []string) (map[string]bool, error)
	// Unattended counts the comments that wait for an institution at /comentarios of its
	// management; nil is none.
	Unattended func(tx *db.Tx, institution string) (int, error)
	// Owed counts the cases that wait for an institution's answer at /consultas of its
	// office; nil where there are none.
	Owed func(tx *db.Tx, institution string) (int, error)
	Log  *slog.Logger // nil is slog.Default()
}

// Members bring people and institutions together. They are safe for concurrent use.
type Members struct {
	Config
	shell  *web.Shell
	office *institution.Office
}

// New makes Members.
func New(cfg Config) *Members {
	if cfg.Site == nil {
		cfg.Site = func() string { return "Plaza" }
	}
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	cfg.BaseURL = strings.TrimRight(cfg.BaseURL, "/")
	return &Members{Config: cfg}
}

// hash is the keyed hash of an invitation's secret; the secret itself is kept nowhere.
func (m *Members) hash(link string) string {
	return hex.EncodeToString(secret.Sum(m.Key, "invitation", link))
}

// may asks the table of permissions about something of an institution.
func may(tx *db.Tx, action access.Action, kind, body, owner string) error {
	return access.Check(plaza.ActorFrom(tx.Context()), action, access.Object{Kind: kind, Institution: body, Owner: owner})
}

// roleAt is the role in which the actor decides something of an institution, for acts
// that the record does not keep under the institution.
func roleAt(actor plaza.Actor, body string, action access.Action) plaza.Role {
	for _, g := range actor.Grants {
		one := plaza.Actor{PersonID: actor.PersonID, Grants: []plaza.Grant{g}}
		if access.Can(one, action, access.Object{Institution: body}) {
			return g.Role
		}
	}
	return ""
}

// checkUnit refuses an area that is not the institution's, or no more.
func checkUnit(tx *db.Tx, body, unit string, wrong *plaza.Mistakes) error {
	if unit == "" {
		return nil
	}
	u, err := institution.UnitByID(tx, unit)
	if err != nil && plaza.KindOf(err) != plaza.NotFound {
		return err
	}
	wrong.Hold(err == nil && u.InstitutionID == body && u.RetiredAt.IsZero(), "unit", "membership.error.unit", nil)
	return nil
}

// RoleNames are the institution's own names of roles.
func RoleNames(tx *db.Tx, body string) (Names, error) {
	all, err := NamesOf(tx, body)
	return all[body], err
}

// NamesOf are the own names of roles of several institutions, by their ids.
func NamesOf(tx *db.Tx, bodies ...string) (map[string]Names, error) {
	out := map[string]Names{}
	if len(bodies) == 0 {
		return out, nil
	}
	_, err := db.All(tx, func(scan func(...any) error) (struct{}, error) {
		var body, role, name string
		err := scan(&body, &role, &name)
		if out[body] == nil {
			out[body] = Names{}
		}
		out[body][plaza.Role(role)] = name
		return struct{}{}, err
	}, `SELECT institution_id, role, name FROM role_names WHERE institution_id IN (`+db.Placeholders(1, len(bodies))+`)`, db.Args(bodies)...)
	return out, err
}

// unitNames are what the areas are called that seats are held for, retired ones too.
func unitNames(tx *db.Tx, ids []string) (map[string]string, error) {
	out := map[string]string{}
	if len(ids) == 0 {
		return out, nil
	}
	_, err := db.All(tx, func(scan func(...any) error) (struct{}, error) {
		var id, name string
		err := scan(&id, &name)
		out[id] = name
		return struct{}{}, err
	}, `SELECT id, name FROM units WHERE id IN (`+db.Placeholders(1, len(ids))+`)`, db.Args(ids)...)
	return out, err
}

// unitsOf are the ids of the areas that the seats name.
func unitsOf(seats ...[]account.Seat) (ids []string) {
	seen := map[string]bool{"": true}
	for _, list := range seats {
		for _, s := range list {
			if !seen[s.Unit] {
				seen[s.Unit] = true
				ids = append(ids, s.Unit)
			}
		}
	}
	return ids
}
