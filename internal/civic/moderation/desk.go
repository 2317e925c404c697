package moderation

import (
	"embed"
	"encoding/hex"
	"fmt"
	"net/url"
	"strconv"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/i18n"
	"plaza/internal/base/secret"
	"plaza/internal/base/web"
	"plaza/internal/civic/gate"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
)

// Locale holds the sentences of this package, in Spanish and English.
//
//go:embed locale/*.json
var Locale embed.FS

//go:embed templates/*.html
var templates embed.FS

// Config is what a Desk is made from. DB, Gate and Key are required.
type Config struct {
	DB   *db.DB
	Gate *gate.Gate
	Key  []byte // for the hashes of texts and of who reports
	// Cards finds what is reported and is no post: a dataset, an institution.
	Cards record.Cards
	Kinds []Kind
	// Suspend keeps a person from taking part until an instant, Lift ends that; both
	// because of a decision, whose id is given. The acts are appended with it. nil: there
	// is no suspending.
	Suspend func(tx *db.Tx, person string, until time.Time, decision string) ([]record.Act, error)
	Lift    func(tx *db.Tx, person, decision string) ([]record.Act, error)
	// Hosts are sites to which a link is nothing doubtful, with all that lies under them:
	// one's own.
	Hosts []string

	// Releases is how many posts of a new account are to be let through before others
	// pass by themselves, and Age how old it has to be for that. 0 is two, and a day.
	Releases int
	Age      time.Duration
	// Mentions is how many people a post may name without waiting; 0 is five.
	Mentions int
}

// Desk is the moderators': it judges what is posted, keeps the queue and does what
// moderators decide. Register every Kind before it serves; then it is safe for
// concurrent use.
type Desk struct {
	Config
	kinds map[string]Kind
	zone  *time.Location
	rules compiled
	shell *web.Shell
}

var _ Screener = (*Desk)(nil)

// New makes a Desk.
func New(cfg Config) *Desk {
	if cfg.Releases == 0 {
		cfg.Releases = 2
	}
	if cfg.Age == 0 {
		cfg.Age = 24 * time.Hour
	}
	if cfg.Mentions == 0 {
		cfg.Mentions = 5
	}
	if cfg.Cards == nil {
		cfg.Cards = record.JoinCards()
	}
	d := &Desk{Config: cfg, kinds: map[string]Kind{}}
	d.Add(cfg.Kinds...)
	var err error
	if d.zone, err = time.LoadLocation(i18n.DefaultZone); err != nil { // cannot be: the zone database is linked in
		d.zone = time.UTC
	}
	return d
}

// Add registers kinds of posts, for those whose package needs the Desk to be made.
func (d *Desk) Add(kinds ...Kind) {
	for _, k := range kinds {
		d.kinds[k.Name] = k
	}
}

// ReportPath is where somebody reports a thing to moderators, for a link beside it.
func ReportPath(ref plaza.Ref) string {
	return reportPath + "?objeto=" + url.QueryEscape(ref.String())
}

// month is the month of an instant in the country, as 2026-11.
func (d *Desk) month(t time.Time) string { return t.In(d.zone).Format("2006-01") }

// digest is a keyed hash of the parts.
func (d *Desk) digest(parts ...string) string {
	return hex.EncodeToString(secret.Sum(d.Key, parts...)[:16])
}

// thing is what a case is about: a post, or something else that was reported.
type thing struct {
	Post
	kind  Kind // zero for what is no post
	found bool
	card  bool
}

// things finds what Refs name, with one question for each kind of posts and one for
// all else.
func (d *Desk) things(tx *db.Tx, refs []plaza.Ref) (map[plaza.Ref]thing, error) {
	out := make(map[plaza.Ref]thing, len(refs))
	byKind := map[string][]string{}
	var rest []plaza.Ref
	for _, ref := range refs {
		if _, ok := d.kinds[ref.Kind]; ok {
			byKind[ref.Kind] = append(byKind[ref.Kind], ref.ID)
		} else {
			rest = append(rest, ref)
		}
	}
	for name, ids := range byKind {
		kind := d.kinds[name]
		posts, err := kind.Posts(tx, ids)
		if err != nil {
			return nil, fmt.Errorf("finding posts of the kind %s: %w", name, err)
		}
		for _, p := range posts {
			out[p.Ref] = thing{Post: p, kind: kind, found: true}
		}
	}
	if len(rest) == 0 {
		return out, nil
	}
	cards, err := d.Cards(tx, rest)
	if err != nil {
		return nil, fmt.Errorf("finding what was reported: %w", err)
	}
	for ref, c := range cards {
		state := Public
		if !c.Visible {
			state = Hidden
		}
		out[ref] = thing{found: true, card: true, Post: Post{
			Ref: ref, Institution: c.Institution, Title: c.Title, Text: c.Excerpt, Path: c.Path, State: state}}
	}
	return out, nil
}

func (d *Desk) thing(tx *db.Tx, ref plaza.Ref) (thing, error) {
	all, err := d.things(tx, []plaza.Ref{ref})
	return all[ref], err
}

// token tells what a moderator saw from what the post has become since.
func (d *Desk) token(c Case, t thing) string {
	return fmt.Sprintf("%d-%s", c.Version, d.digest("seen", string(t.State), strconv.FormatBool(t.Edit), t.Title, t.Text, t.Into)[:12])
}
