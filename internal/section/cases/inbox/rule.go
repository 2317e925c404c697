package inbox

import (
	"fmt"
	"slices"

	"plaza/internal/base/db"
	"plaza/internal/base/text"
	"plaza/internal/civic/institution"
	"plaza/internal/plaza"
	"plaza/internal/section/cases"
)

// What is what a rule looks at.
type What string

// The kinds of rule, the most particular first.
const (
	OfDataset What = "dataset"
	OfSource  What = "source"
	OfTheme   What = "theme"
)

var whats = []What{OfDataset, OfSource, OfTheme}

// Rule turns cases about something to an area.
type Rule struct {
	ID          string
	Institution string
	What        What
	Value       string // id of the dataset or source, or the theme
	Unit        string // id
	Place       int    // among those of its kind
}

// Limits of rules.
const (
	maxRules = 500
	maxTheme = 200
)

// Rules are an institution's, in the order in which they are tried.
func Rules(tx *db.Tx, body string) ([]Rule, error) {
	list, err := db.All(tx, func(scan func(...any) error) (r Rule, err error) {
		err = scan(&r.ID, &r.Institution, &r.What, &r.Value, &r.Unit, &r.Place)
		return r, err
	}, `SELECT id, institution, what, value, unit_id, place
		FROM case_rules
		WHERE institution = $1
		ORDER BY place, id`, body)
	slices.SortStableFunc(list, func(a, b Rule) int { return slices.Index(whats, a.What) - slices.Index(whats, b.What) })
	return list, err
}

// ruleFor is the first of rules that speaks of a case, in whose order they are; valid are
// the areas that exist.
func ruleFor(rules []Rule, c cases.Case, source string, valid map[string]bool) (Rule, bool) {
	for _, r := range rules {
		holds := false
		switch r.What {
		case OfDataset:
			holds = c.On.Dataset != "" && r.Value == c.On.Dataset
		case OfSource:
			holds = source != "" && r.Value == source
		case OfTheme:
			holds = slices.ContainsFunc(c.On.Themes, func(t string) bool { return text.Fold(t) == text.Fold(r.Value) })
		}
		if holds && valid[r.Unit] {
			return r, true
		}
	}
	return Rule{}, false
}

// Route is the area to which a case goes by itself, by the rules of its institution, for
// cases.Config. sourceOf is as in Deps.
func Route(sourceOf func(tx *db.Tx, dataset string) (string, error)) func(tx *db.Tx, c cases.Case) (string, bool, error) {
	return func(tx *db.Tx, c cases.Case) (string, bool, error) {
		if c.Institution == "" {
			return "", false, nil
		}
		t, err := newRouter(tx, c.Institution, sourceOf)
		if err != nil || t == nil {
			return "", false, err
		}
		return t.unit(tx, c)
	}
}

// router routes cases of one institution.
type router struct {
	rules    []Rule
	valid    map[string]bool
	sources  map[string]string // by dataset
	sourceOf func(tx *db.Tx, dataset string) (string, error)
}

// newRouter reads an institution's rules; nil when it has none.
func newRouter(tx *db.Tx, body string, sourceOf func(tx *db.Tx, dataset string) (string, error)) (*router, error) {
	rules, err := Rules(tx, body)
	if err != nil || len(rules) == 0 {
		return nil, err
	}
	units, err := institution.Units(tx, body)
	t := &router{rules: rules, valid: map[string]bool{}, sources: map[string]string{}, sourceOf: sourceOf}
	for _, u := range units {
		t.valid[u.ID] = true
	}
	return t, err
}

func (t *router) unit(tx *db.Tx, c cases.Case) (string, bool, error) {
	source, known := t.sources[c.On.Dataset]
	ofSource := slices.ContainsFunc(t.rules, func(r Rule) bool { return r.What == OfSource })
	if !known && ofSource && c.On.Dataset != "" && t.sourceOf != nil {
		var err error
		if source, err = t.sourceOf(tx, c.On.Dataset); err != nil && plaza.KindOf(err) != plaza.NotFound {
			return "", false, fmt.Errorf("the source of dataset %s: %w", c.On.Dataset, err)
		}
		t.sources[c.On.Dataset] = source
	}
	r, ok := ruleFor(t.rules, c, source, t.valid)
	return r.Unit, ok, nil
}

// addRule adds a rule after those of its kind. Invalid at the field of its kind when it
// speaks of nothing or there is one already, and at area when that is not one of the
// institution.
func addRule(tx *db.Tx, r Rule, field string) error {
	u, err := institution.UnitByID(tx, r.Unit)
	if err != nil && plaza.KindOf(err) != plaza.NotFound {
		return err
	}
	var wrong []plaza.FieldError
	if err != nil || u.InstitutionID != r.Institution || !u.RetiredAt.IsZero() {
		wrong = append(wrong, plaza.FieldError{Field: field + "_area", Key: "inbox.error.unit"})
	}
	rules, err := Rules(tx, r.Institution)
	if err != nil {
		return err
	}
	place := 0
	for _, old := range rules {
		if old.What == r.What {
			place = max(place, old.Place+1)
			if text.Fold(old.Value) == text.Fold(r.Value) {
				wrong = append(wrong, plaza.FieldError{Field: field, Key: "inbox.error.rule_there"})
			}
		}
	}
	if len(rules) >= maxRules {
		wrong = append(wrong, plaza.FieldError{Field: field, Key: "inbox.error.many", Args: map[string]any{"max": maxRules}})
	}
	if wrong != nil {
		return &plaza.Error{Kind: plaza.Invalid, Key: "cases.error.form", Fields: wrong}
	}
	_, err = tx.Exec(`INSERT INTO case_rules (id, institution, what, value, unit_id, place, created_at)
		VALUES (`+db.Placeholders(1, 7)+`)`, tx.ID(), r.Institution, r.What, r.Value, r.Unit, place, tx.Now)
	return err
}

// removeRule removes a rule; one that is gone already is gone.
func removeRule(tx *db.Tx, body, id string) error {
	_, err := tx.Exec(`DELETE FROM case_rules WHERE institution = $1 AND id = $2`, body, id)
	return err
}

// raiseRule has a rule tried before the one before it of its kind.
func raiseRule(tx *db.Tx, body, id string) error {
	rules, err := Rules(tx, body)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(rules, func(r Rule) bool { return r.ID == id })
	if i < 1 || rules[i-1].What != rules[i].What {
		return nil
	}
	for _, swap := range []struct {
		id    string
		place int
	}{{rules[i].ID, rules[i-1].Place}, {rules[i-1].ID, rules[i].Place}} {
		if _, err := tx.Exec(`UPDATE case_rules SET place = $1 WHERE id = $2`, swap.place, swap.id); err != nil {
			return err
		}
	}
	return nil
}
