package cases

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"

	"plaza/internal/base/db"
	"plaza/internal/base/text"
	"plaza/internal/civic/access"
	"plaza/internal/civic/account"
	"plaza/internal/civic/calendar"
	"plaza/internal/civic/comment"
	"plaza/internal/civic/gate"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/membership"
	"plaza/internal/civic/moderation"
	"plaza/internal/civic/privacy"
	"plaza/internal/civic/record"
	"plaza/internal/civic/search"
	"plaza/internal/plaza"
)

// Form is what a case is made from.
type Form struct {
	Kind    Kind
	Title   string
	Body    string
	Details Details
	Need    string // what it is needed for, always optional
	Name    string // a name for this case alone, "" for the account's
	// On is what it is about; its Ref may be zero. Institution is who is asked where On
	// says nothing of it, "" for "no lo sé".
	On          On
	Institution string
	Language    string
	After       string // id of a case after which it is asked anew
	Comment     string // id of a comment as which it was said, or ""
	Channel     Channel
	Received    time.Time // of one that was brought; zero: now
	Nonce       string    // of the form
	// Stored is called once the case is stored and before the record is written: for what
	// comes with it. nil is nothing.
	Stored func(tx *db.Tx, c Case) error `json:"-"`
}

// cut is a form as a draft of it is kept: nothing longer than what Check lets through by
// far, as nobody has checked it yet.
func (f Form) cut() Form {
	d := &f.Details
	for _, s := range []*string{&f.Title, &f.Need, &f.Name, &f.On.Column, &f.On.Row, &f.On.View, &f.On.Code, &d.Rows, &d.Should, &d.Evidence, &d.Format, &d.Frequency,
		&d.Period, &d.Geography, &d.Disaggregation, &d.Link} {
		*s = begin(*s, 2*MaxNeed)
	}
	f.Body = begin(f.Body, 2*MaxBody)
	return f
}

// begin is the beginning of a text, at most so many letters.
func begin(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most])
	}
	return s
}

// From is where a form was sent from: what it gave away, and the network
// (gate.Network), "" when it is not known.
type From struct {
	Signals []gate.Signal
	Network string
}

// How often one may ask in an hour. One who asks twenty things of an institution in a
// week is heard in all of them.
var (
	perAsker       = gate.Limit{Name: "case.asker", Max: 20, Window: time.Hour, Key: "cases.error.often"}
	perNetwork     = gate.Limit{Name: "case.network", Max: 60, Window: time.Hour, Key: "cases.error.often"}
	perInstitution = gate.Limit{Name: "case.institution", Max: 300, Window: time.Hour, Key: "cases.error.busy"}
)

// Check tidies a form and is what is wrong with it, nil for nothing: Invalid at the
// fields of the form (clase, titulo, texto, filas, debe, evidencia, formato, frecuencia,
// periodo, lugar, desglose, enlace, para, nombre).
func (f *Form) Check() error {
	f.Title, f.Body, f.Need, f.Name = text.Line(f.Title), text.Tidy(f.Body), text.Tidy(f.Need), text.Line(f.Name)
	f.On.Column, f.On.Row = text.Line(f.On.Column), text.Line(f.On.Row)
	f.On.tidy()
	d := &f.Details
	for _, s := range []*string{&d.Rows, &d.Should, &d.Evidence, &d.Format, &d.Frequency, &d.Period, &d.Geography, &d.Disaggregation, &d.Link} {
		*s = text.Line(*s)
	}
	switch f.Kind { // each kind has its own details
	case Quality:
		*d = Details{Rows: d.Rows, Should: d.Should, Evidence: d.Evidence}
	case Request:
		*d = Details{Format: d.Format, Frequency: d.Frequency, Period: d.Period, Geography: d.Geography, Disaggregation: d.Disaggregation}
	case Reuse:
		*d = Details{Link: d.Link}
	default:
		*d = Details{}
	}
	var w wrong
	w.hold(slices.Contains(Kinds, f.Kind), "clase", "kind", nil)
	w.hold(!text.Blank(f.Title), "titulo", "title", nil)
	w.length("titulo", f.Title, MaxTitle)
	w.hold(!text.Blank(f.Body), "texto", "body", nil)
	w.length("texto", f.Body, MaxBody)
	w.length("para", f.Need, MaxNeed)
	w.length("nombre", f.Name, MaxName)
	w.hold(f.Name == "" || !text.Blank(f.Name) && !text.Unseen(f.Name) && !strings.ContainsFunc(f.Name, func(r rune) bool { return unicode.Is(unicode.Cf, r) }), "nombre", "name", nil)
	for field, s := range map[string]string{"filas": d.Rows, "debe": d.Should, "evidencia": d.Evidence, "formato": d.Format, "frecuencia": d.Frequency,
		"periodo": d.Period, "lugar": d.Geography, "desglose": d.Disaggregation, "enlace": d.Link} {
		w.length(field, s, MaxDetail)
	}
	w.hold(d.Evidence == "" || isAddress(d.Evidence), "evidencia", "address", nil)
	w.hold(d.Link == "" || isAddress(d.Link), "enlace", "address", nil)
	w.hold(len(f.On.Column) <= maxOnPlace, "columna", "long", map[string]any{"max": maxOnPlace, "length": len(f.On.Column)})
	w.hold(len(f.On.Row) <= maxOnPlace, "filas", "long", map[string]any{"max": maxOnPlace, "length": len(f.On.Row)})
	return w.err()
}

// isAddress reports whether a text is a web address, or a path of this site.
func isAddress(s string) bool {
	if strings.HasPrefix(s, "/") && !strings.HasPrefix(s, "//") {
		return true
	}
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != ""
}

// Ask stores what somebody asks, held or public, and appends to the record, so it is the
// last thing a transaction does. The same form sent again gives the case that it made the
// first time. What is wrong with a field is Invalid.
func (cs *Cases) Ask(tx *db.Tx, f Form, by Asker, from From) (Case, error) {
	actor := plaza.ActorFrom(tx.Context())
	if by.Contact == "" {
		if err := access.Check(actor, access.CaseAsk, access.Object{Kind: RefKind, Institution: f.Institution}); err != nil {
			return Case{}, err
		}
	}
	if prior, done, err := cs.takeUp(tx, &f, &by); done || err != nil {
		return prior, err
	}
	if f.Nonce == "" || len(f.Nonce) > maxNonce {
		return Case{}, &plaza.Error{Kind: plaza.Invalid, Key: "cases.error.form", Fields: []plaza.FieldError{{Field: "texto", Key: "cases.error.form_old"}}}
	}
	if err := f.Check(); err != nil {
		return Case{}, err
	}
	nonce := nonceKey(by, f)
	if c, ok, err := sentBefore(tx, nonce); ok || err != nil {
		return c, err
	}
	if err := cs.brake(tx, actor.PersonID+by.Contact, f.Institution, from.Network); err != nil {
		return Case{}, err
	}
	c, err := cs.make(tx, f, by)
	if err != nil {
		return c, err
	}
	verdict, err := cs.screen(tx, c, from)
	if err != nil {
		return c, err
	}
	if verdict.Hold {
		c.Standing = moderation.Held
	}
	inserted, err := insert(tx, c, nonce)
	if err != nil {
		return c, err
	}
	if !inserted { // the same form, or the same comment, at the same moment
		return madeMeanwhile(tx, nonce, f.Comment)
	}
	if err := keepThemes(tx, c); err != nil {
		return c, err
	}
	if by.Contact != "" || by.Person != "" && by.Person == actor.PersonID { // nobody agreed to anything where an institution sends it
		if err := privacy.Consent(tx, privacy.Who{Person: by.Person, Address: by.Contact}, Point); err != nil {
			return c, err
		}
	}
	if f.Stored != nil {
		if err := f.Stored(tx, c); err != nil {
			return c, err
		}
	}
	if verdict.Hold {
		if err := cs.Screen.Hold(tx, c.Ref(), c.Institution, verdict); err != nil {
			return c, err
		}
		return c, cs.acknowledgeHeld(tx, c)
	}
	c, acts, err := cs.publish(tx, c)
	if err != nil {
		return c, err
	}
	return c, record.Append(tx, acts...)
}

// make is a case as a form has it, with its folio.
func (cs *Cases) make(tx *db.Tx, f Form, by Asker) (Case, error) {
	by.Name = f.Name
	c := Case{ID: tx.ID(), Kind: f.Kind, Title: f.Title, Body: f.Body, Details: f.Details, Need: f.Need, Language: f.Language, On: f.On,
		Institution: f.Institution, Asker: by, Channel: f.Channel, After: f.After, Comment: f.Comment, Standing: moderation.Public, State: Open, Version: 1, Asked: tx.Now}
	if c.Channel == "" {
		c.Channel = Web
	}
	if !f.Received.IsZero() {
		c.Asked = f.Received
	}
	zone, err := institution.ZoneOf(tx, c.Institution)
	if err != nil {
		return c, err
	}
	var body institution.Institution
	if c.Institution != "" {
		if body, err = institution.ByID(tx, c.Institution); err != nil {
			return c, err
		}
	}
	c.Folio, err = nextFolio(tx, body, zone)
	return c, err
}

// brake counts one case of somebody.
func (cs *Cases) brake(tx *db.Tx, by, body, network string) error {
	if err := cs.Gate.Brake(tx, perAsker, by); err != nil {
		return err
	}
	if network != "" {
		if err := cs.Gate.Brake(tx, perNetwork, network); err != nil {
			return err
		}
	}
	return cs.Gate.Brake(tx, perInstitution, body)
}

// screen judges a case before it is stored.
func (cs *Cases) screen(tx *db.Tx, c Case, from From) (moderation.Verdict, error) {
	if cs.Screen == nil {
		return moderation.Verdict{}, nil
	}
	d := c.Details
	written := strings.Join([]string{c.Title, c.Body, c.Asker.Name, c.On.View, d.Rows, d.Should, d.Evidence, d.Format, d.Frequency, d.Period, d.Geography, d.Disaggregation, d.Link}, "\n")
	v, err := cs.Screen.Screen(tx, moderation.Draft{Author: c.Asker.Person, Institution: c.Institution, Text: written, Signals: from.Signals})
	if err != nil {
		return v, fmt.Errorf("judging a case: %w", err)
	}
	return v, nil
}

// publish makes a stored case public: its clocks begin, and it is turned to an area where
// a rule says so. The acts are for the caller to append to the record.
func (cs *Cases) publish(tx *db.Tx, c Case) (Case, []record.Act, error) {
	c.Standing, c.Published = moderation.Public, tx.Now
	if !c.Brought() {
		c.Asked = tx.Now
	}
	clock, err := cs.startClocks(tx, &c, c.Asked)
	if err != nil {
		return c, nil, err
	}
	if err := save(tx, c); err != nil {
		return c, nil, err
	}
	if err := step(tx, Step{Case: c.ID, Kind: Opened, At: c.Asked, Person: c.Asker.Person, Facts: StepFacts{Due: clock.Due}}); err != nil {
		return c, nil, err
	}
	if err := search.Put(tx, doc(c, "")); err != nil {
		return c, nil, err
	}
	f := ofClock(clock)
	f.Asked, f.Channel = c.Asked, c.Channel
	a := act(Opened, c, f)
	if !c.Brought() { // else it is the act of who brings it
		if a.By, err = cs.asker(tx, c); err != nil {
			return c, nil, err
		}
	}
	c, acts, err := cs.routed(tx, c, a)
	if err != nil || c.Comment == "" {
		return c, acts, err
	}
	attended, err := comment.Attend(tx, c.Comment)
	return c, append(acts, attended...), err
}

// startClocks starts the clocks of a case at an instant, by the calendar of who answers for its
// institution now, and returns the one to the answer.
func (cs *Cases) startClocks(tx *db.Tx, c *Case, at time.Time) (Clock, error) {
	terms, err := ReadTerms(tx)
	if err != nil {
		return Clock{}, err
	}
	who, err := cs.responsible(tx, c.Institution)
	if err != nil {
		return Clock{}, err
	}
	by, err := calendar.BusinessOf(tx, who.Institution)
	if err != nil {
		return Clock{}, err
	}
	var round int
	if err := tx.Row(`SELECT COALESCE(MAX(round), 0) + 1 FROM case_clocks WHERE case_id = $1`, c.ID).Scan(&round); err != nil {
		return Clock{}, err
	}
	set := func(k Clock) (Clock, error) {
		k.ID, k.Case, k.Round, k.Body, k.Responsible = tx.ID(), c.ID, round, who.Institution, who.Level
		return k, putClock(tx, k)
	}
	if c.State == Open {
		if _, err := set(Start(ToAcknowledge, ruleName(string(ToAcknowledge), terms.Version), terms.Acknowledge, by, at)); err != nil {
			return Clock{}, err
		}
	}
	k, err := set(Start(ToAnswer, ruleName(string(c.Kind), terms.Version), terms.Answer(c.Kind), by, at))
	c.Due = k.Due
	return k, err
}

// responsible is who answers for an institution now. A site without members has liaisons
// everywhere.
func (cs *Cases) responsible(tx *db.Tx, body string) (membership.Responsible, error) {
	if cs.Responsible == nil {
		return membership.Responsible{Level: membership.ByLiaison, Institution: body}, nil
	}
	return cs.Responsible(tx, body)
}

// ofClock is what the record tells of a clock.
func ofClock(k Clock) facts {
	return facts{Body: k.Body, Responsible: string(k.Responsible), Round: k.Round, Rule: k.Rule, Calendar: k.Calendar, Due: k.Due}
}

// asker is how the record names who asked, whoever lets it through.
func (cs *Cases) asker(tx *db.Tx, c Case) (*record.Actor, error) {
	if c.Asker.Person == "" {
		return &record.Actor{Role: string(plaza.Visitor)}, nil
	}
	p, err := account.ByID(tx, c.Asker.Person)
	if err != nil && plaza.KindOf(err) != plaza.NotFound {
		return nil, err
	}
	return &record.Actor{Role: string(plaza.Member), Ref: p.Pseudonym}, nil
}

// doc is a case as it is found: by its folio, its words and those of its official answer.
func doc(c Case, answer string) search.Doc {
	body := text.PlainText(c.Body)
	if answer != "" {
		body += "\n" + text.PlainText(answer)
	}
	d := search.Doc{Ref: c.Ref(), Title: c.Title, Keywords: []string{c.Folio}, Body: body, Created: c.Asked, Modified: c.Asked, Changed: c.Asked}
	if c.Institution != "" {
		d.Facets = map[string][]string{"institution": {c.Institution}}
	}
	return d
}

// nonceKey is under what a form is kept that was sent: nobody can take another's, and one
// who goes back and writes something else in it is heard again.
func nonceKey(by Asker, f Form) string {
	sum := sha256.Sum256([]byte(strings.Join([]string{by.Person, by.Contact, f.Nonce, string(f.Kind), f.On.Ref.String(), f.Title, f.Body}, "\x00")))
	return hex.EncodeToString(sum[:])
}

// sentBefore is what a form has made already.
func sentBefore(tx *db.Tx, nonce string) (Case, bool, error) {
	c, err := scan(tx.Row(`SELECT `+columns+` FROM cases WHERE nonce = $1`, nonce).Scan)
	if err != nil && plaza.KindOf(err) == plaza.NotFound {
		return c, false, nil
	}
	return c, err == nil, err
}
