// Package gate keeps machines and haste out of forms that anybody may send, without
// ever putting a riddle to a person (WCAG 2.2, 3.3.8). It counts how often one person,
// address or institution does something (Brake), and it gives forms hidden fields that
// tell a browser from a script: one that nobody sees and only machines fill in, the
// sealed instant at which the form was drawn, and a proof of work that the browser does
// on the seal while the person writes (proof.go). Without scripts the form works too.
//
// What it finds are signals: they never refuse a post, they make it wait for review
// (package moderation). Only a brake refuses, with 429 and when to come again.
package gate

import (
	"crypto/hmac"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"html/template"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/i18n"
	"plaza/internal/base/secret"
	"plaza/internal/base/web"
)

// Limit is how often one subject may do something in a stretch of time.
type Limit struct {
	Name   string
	Max    int
	Window time.Duration // at most a day, for which a bucket's key lasts
	// Key is the message that says so, "" for the general one.
	Key string
}

// Gate seals forms and counts uses. It is safe for concurrent use.
type Gate struct{ key []byte }

// New makes a Gate; key is secret.Root.Derive(secret.Tokens, 32).
func New(key []byte) *Gate { return &Gate{key} }

// Brake counts one use by the subject and reports TooMany when it is one too many.
// Counts live in the store, so that they hold over nodes and restarts; the subject
// is kept as a keyed hash that is another one tomorrow. A subscriber's IPv6 network
// counts for the site that it is of too.
func (g *Gate) Brake(tx *db.Tx, l Limit, subject string) error {
	return both(tx, l, subject, g.brake)
}

func (g *Gate) brake(tx *db.Tx, l Limit, subject string) error {
	start := tx.Now.Truncate(l.Window)
	bucket := g.bucket(l, start, subject)
	var uses int
	if err := tx.Row(`INSERT INTO brakes (bucket, starts_at, uses)
		VALUES ($1, $2, 1)
		ON CONFLICT (bucket, starts_at) DO UPDATE SET uses = brakes.uses + 1
		RETURNING uses`, hex.EncodeToString(bucket), start).Scan(&uses); err != nil {
		return err
	}
	if uses > l.Max {
		return l.refusal(start.Add(l.Window).Sub(tx.Now))
	}
	return nil
}

// Network is what counts as one address: an IPv4 address, or the /64 that an IPv6
// subscriber has all of.
func Network(ip netip.Addr) string {
	if ip.Is6() && !ip.Is4In6() {
		if p, err := ip.WithZone("").Prefix(64); err == nil {
			return p.String()
		}
	}
	return ip.Unmap().String()
}

// wideFactor is how often as much as one subscriber an IPv6 site may do, from all its 65
// thousand networks together: who has one to himself gains little by going through them,
// and a campus or a provider that shares one out is not shut out by a few.
const wideFactor = 16

// both does something with the limit of a subject and, where it is a subscriber's IPv6
// network, with that of its site.
func both(tx *db.Tx, l Limit, subject string, do func(*db.Tx, Limit, string) error) error {
	if err := do(tx, l, subject); err != nil {
		return err
	}
	if l, site, ok := wide(l, subject); ok {
		return do(tx, l, site)
	}
	return nil
}

// wide is the limit of the /48 that a subject's /64 (Network) lies in; ok is false for any
// other subject.
func wide(l Limit, subject string) (Limit, string, bool) {
	p, err := netip.ParsePrefix(subject)
	if err != nil || !p.Addr().Is6() || p.Bits() != 64 {
		return l, "", false
	}
	site, err := p.Addr().Prefix(48)
	l.Name, l.Max = l.Name+".wide", l.Max*wideFactor
	return l, site.String(), err == nil
}

// Signal is what makes a form look like a machine's.
type Signal string

// The signals.
const (
	Trapped Signal = "trapped" // the field that nobody sees was filled in
	Hasty   Signal = "hasty"   // sent sooner than anybody reads
	Stale   Signal = "stale"   // drawn a day ago or more, or by nobody
	// Unproven: no work was done on the form, as where there are no scripts. By itself
	// it weighs against those only of whom nothing is known yet.
	Unproven Signal = "unproven"
	Replayed Signal = "replayed" // the same drawn form was sent before
)

// The hidden fields.
const (
	trap = "sitio_web" // what a machine that fills in everything fills in
	seal = "sello"
	work = "prueba"
)

// Nobody reads and fills in a form in less; a form left open for longer is drawn again.
const (
	least  = 2 * time.Second
	oldest = 24 * time.Hour
)

// Fields are a form's hidden fields; draw them inside the form: {{.Gate.HTML}}.
type Fields struct{ label, seal string }

// Fields makes hidden fields for a form of a purpose, e.g. "comment".
func (g *Gate) Fields(l *i18n.Printer, purpose string, now time.Time) Fields {
	drawn := strconv.FormatInt(now.UnixMilli(), 36) + "." + rand.Text()[:12] // no two forms are one
	return Fields{l.T("gate.trap"), drawn + "." + g.seal(purpose, drawn)}
}

// HTML draws them.
func (f Fields) HTML() template.HTML {
	return template.HTML(`<div class="u-trap" aria-hidden="true"><label>` + template.HTMLEscapeString(f.label) + ` <input type="text" name="` +
		trap + `" tabindex="-1" autocomplete="off"></label></div><input type="hidden" name="` + seal + `" value="` +
		template.HTMLEscapeString(f.seal) + `"><input class="js-proof" type="hidden" name="` + work + `" value="" data-seal="` +
		template.HTMLEscapeString(f.seal) + `" data-bits="` + strconv.Itoa(proofBits) + `">`)
}

// Again draws the hidden fields of a form as they were sent, on a page that asks once more
// before anything comes of it: whoever answers that at once has not been hasty.
func Again(form *web.Form) template.HTML {
	var out strings.Builder
	for _, name := range []string{trap, seal, work} {
		out.WriteString(`<input type="hidden" name="` + name + `" value="` + template.HTMLEscapeString(form.Value(name)) + `">`)
	}
	return template.HTML(out.String())
}

// Signals reads the hidden fields of a form that was sent for a purpose. It does not
// know whether the form was sent before; Judge does.
func (g *Gate) Signals(form *web.Form, purpose string, now time.Time) []Signal {
	var out []Signal
	if form.Value(trap) != "" {
		out = append(out, Trapped)
	}
	_, age, ok := g.opened(form, purpose, now)
	switch {
	case !ok:
		out = append(out, Stale)
	case age < least:
		out = append(out, Hasty)
	}
	if !ok || !Proven(form.Value(seal), form.Value(work)) {
		out = append(out, Unproven)
	}
	return out
}

// Judge is Signals for a form that is about to be taken: it uses the drawn form up, so
// that the work done on it counts once, on whichever node it arrives.
func (g *Gate) Judge(tx *db.Tx, form *web.Form, purpose string) ([]Signal, error) {
	out := g.Signals(form, purpose, tx.Now)
	at, _, ok := g.opened(form, purpose, tx.Now)
	if !ok {
		return out, nil
	}
	// Its row goes with the day's brakes, when the form is too old to be sent anyway.
	n, err := tx.Exec(`INSERT INTO brakes (bucket, starts_at, uses)
		VALUES ($1, $2, 1)
		ON CONFLICT (bucket, starts_at) DO NOTHING`, hex.EncodeToString(g.mac("used", form.Value(seal))), at)
	if err != nil {
		return nil, fmt.Errorf("using a form up: %w", err)
	}
	if n == 0 {
		out = append(out, Replayed)
	}
	return out, nil
}

// opened is when a form was drawn and how long ago; ok is false for one that the Gate
// did not draw for the purpose, or that is too old.
func (g *Gate) opened(form *web.Form, purpose string, now time.Time) (at time.Time, age time.Duration, ok bool) {
	value := form.Value(seal)
	cut := strings.LastIndexByte(value, '.')
	if cut < 0 || !hmac.Equal([]byte(value[cut+1:]), []byte(g.seal(purpose, value[:cut]))) {
		return at, 0, false
	}
	instant, _, _ := strings.Cut(value, ".")
	ms, err := strconv.ParseInt(instant, 36, 64)
	if err != nil {
		return at, 0, false
	}
	at = time.UnixMilli(ms).UTC()
	age = now.Sub(at)
	return at, age, age >= 0 && age < oldest
}

func (g *Gate) seal(purpose, drawn string) string {
	return base64.RawURLEncoding.EncodeToString(g.mac("form", purpose, drawn)[:16])
}

// mac is the keyed hash of the parts.
func (g *Gate) mac(parts ...string) []byte { return secret.Sum(g.key, parts...) }
