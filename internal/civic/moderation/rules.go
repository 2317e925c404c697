package moderation

import (
	"regexp"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"plaza/internal/base/db"
	"plaza/internal/civic/access"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
)

// The kinds of rules: words as they stand in a text, whatever their accents and case;
// a pattern in the syntax of RE2, which takes no longer than the text is long; a site
// and all that lies under it.
const (
	Word    = "word"
	Pattern = "pattern"
	Domain  = "domain"
)

var ruleKinds = []string{Word, Pattern, Domain}

// Limits of the rules: all of them are tried on each post.
const (
	maxRules   = 300
	maxPattern = 200 // runes
	maxReason  = 300 // runes
)

// Rule is why a post waits for review.
type Rule struct {
	ID      string
	Kind    string
	Pattern string
	Reason  string // told to moderators
	Created time.Time
}

// compiled keeps patterns ready, by their text.
type compiled struct{ sync.Map }

func (c *compiled) get(pattern string) (*regexp.Regexp, error) {
	if re, ok := c.Load(pattern); ok {
		return re.(*regexp.Regexp), nil
	}
	re, err := regexp.Compile(`(?i)` + pattern)
	if err != nil {
		return nil, err
	}
	c.Store(pattern, re)
	return re, nil
}

// matches reports whether a rule holds a text.
func (d *Desk) matches(r Rule, said string, words string, sites []string) bool {
	switch r.Kind {
	case Word:
		return strings.Contains(" "+words+" ", " "+r.Pattern+" ")
	case Pattern:
		re, err := d.rules.get(r.Pattern)
		return err == nil && re.MatchString(said)
	case Domain:
		for _, host := range sites {
			if under(host, r.Pattern) {
				return true
			}
		}
	}
	return false
}

// matching are the rules that hold a text.
func (d *Desk) matching(tx *db.Tx, said string) ([]Rule, error) {
	all, err := Rules(tx)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	words, sites := plain(said), hosts(said)
	var out []Rule
	for _, r := range all {
		if d.matches(r, said, words, sites) {
			out = append(out, r)
		}
	}
	return out, nil
}

// Rules are all of them, the newest first.
func Rules(tx *db.Tx) ([]Rule, error) {
	return db.All(tx, func(scan func(...any) error) (r Rule, err error) {
		err = scan(&r.ID, &r.Kind, &r.Pattern, &r.Reason, &r.Created)
		return r, err
	}, `SELECT id, kind, pattern, reason, created_at FROM moderation_rules ORDER BY id DESC LIMIT $1`, maxRules)
}

// clean brings a rule into the form in which it is kept; what is wrong is Invalid, field
// by field.
func (r Rule) clean() (Rule, error) {
	wrong := &plaza.Error{Kind: plaza.Invalid, Key: "moderation.error.form"}
	refuse := func(field, key string) {
		wrong.Fields = append(wrong.Fields, plaza.FieldError{Field: field, Key: key, Args: map[string]any{"max": maxPattern}})
	}
	tooLong := utf8.RuneCountInString(r.Pattern) > maxPattern
	switch r.Kind {
	case Word:
		r.Pattern = plain(r.Pattern)
	case Domain:
		if found := hosts("https://" + r.Pattern); len(found) == 1 && strings.Contains(found[0], ".") && !strings.ContainsAny(r.Pattern, "/ ") {
			r.Pattern = found[0]
		} else {
			refuse("pattern", "moderation.error.domain")
		}
	case Pattern:
		if re, err := regexp.Compile(`(?i)` + r.Pattern); err != nil {
			refuse("pattern", "moderation.error.pattern")
		} else if re.MatchString("") {
			refuse("pattern", "moderation.error.pattern_all")
		}
	default:
		refuse("kind", "moderation.error.choose")
	}
	if r.Pattern == "" || tooLong {
		refuse("pattern", "moderation.error.length")
	}
	if n := utf8.RuneCountInString(r.Reason); n == 0 || n > maxReason {
		wrong.Fields = append(wrong.Fields, plaza.FieldError{Field: "reason", Key: "moderation.error.length", Args: map[string]any{"max": maxReason}})
	}
	if len(wrong.Fields) > 0 {
		return r, wrong
	}
	return r, nil
}

// AddRule adds a rule. It appends to the record, so it is the last statement of its
// transaction. One that is there already is Invalid at its field.
func (d *Desk) AddRule(tx *db.Tx, r Rule) error {
	if err := access.Check(plaza.ActorFrom(tx.Context()), access.RulesOfHolding, access.Object{Kind: RuleKind}); err != nil {
		return err
	}
	r, err := r.clean()
	if err != nil {
		return err
	}
	var there, same int
	if err := tx.Row(`SELECT COUNT(*), COALESCE(SUM(CASE WHEN kind = $1 AND pattern = $2 THEN 1 ELSE 0 END), 0) FROM moderation_rules`,
		r.Kind, r.Pattern).Scan(&there, &same); err != nil {
		return err
	}
	if there >= maxRules || same > 0 {
		key := "moderation.error.rule_known"
		if same == 0 {
			key = "moderation.error.rules_full"
		}
		return &plaza.Error{Kind: plaza.Invalid, Key: "moderation.error.form",
			Fields: []plaza.FieldError{{Field: "pattern", Key: key, Args: map[string]any{"max": maxRules}}}}
	}
	r.ID = tx.ID()
	if _, err := tx.Exec(`INSERT INTO moderation_rules (id, kind, pattern, reason, created_at)
		VALUES ($1, $2, $3, $4, $5)`, r.ID, r.Kind, r.Pattern, r.Reason, tx.Now); err != nil {
		return err
	}
	return record.Append(tx, record.Act{Verb: "moderation.rule_added", Object: plaza.Ref{Kind: RuleKind, ID: r.ID},
		Payload: facts{Act: "add", Reason: r.Kind}})
}

// DropRule takes a rule away; one that is gone already is NotFound.
func (d *Desk) DropRule(tx *db.Tx, id string) error {
	if err := access.Check(plaza.ActorFrom(tx.Context()), access.RulesOfHolding, access.Object{Kind: RuleKind}); err != nil {
		return err
	}
	n, err := tx.Exec(`DELETE FROM moderation_rules WHERE id = $1`, id)
	if err != nil {
		return err
	}
	if n == 0 {
		return plaza.E(plaza.NotFound, "moderation.error.no_rule")
	}
	return record.Append(tx, record.Act{Verb: "moderation.rule_dropped", Object: plaza.Ref{Kind: RuleKind, ID: id},
		Payload: facts{Act: "drop"}})
}

// facts are what the record tells of an act of moderation: never a text, never a name.
type facts struct {
	Act    string `json:"act"`
	Reason string `json:"reason,omitempty"`
}
