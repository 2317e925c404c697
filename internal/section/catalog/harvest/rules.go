package harvest

import (
	"context"
	"strings"

	"plaza/internal/base/db"
	"plaza/internal/base/job"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
	"plaza/internal/section/catalog"
	"plaza/internal/section/catalog/dcat"
)

// KindRule is the kind of a rule's Ref.
const KindRule = "publisher_rule"

const ruleColumns = `id, source_id, match_key, spelling, institution_id, created_at`

func scanRule(scan func(...any) error) (Rule, error) {
	var r Rule
	err := scan(&r.ID, &r.SourceID, &r.Match, &r.Spelling, &r.InstitutionID, &r.CreatedAt)
	return r, err
}

// Rules returns every rule, those of one source before those of all.
func Rules(tx *db.Tx) ([]Rule, error) {
	return db.All(tx, scanRule, `SELECT `+ruleColumns+` FROM publisher_rules ORDER BY source_id DESC, match_key`)
}

// RuleByID returns a rule; NotFound when there is none.
func RuleByID(tx *db.Tx, id string) (Rule, error) {
	return scanRule(tx.Row(`SELECT `+ruleColumns+` FROM publisher_rules WHERE id = $1`, id).Scan)
}

// PutRule says from now on which institution a publisher is, whatever an earlier rule
// said of it, and moves at once the datasets that it concerns and no rule of their own
// claims. It returns how many moved; when more are left than one transaction takes,
// MoveRest or the next run moves them. It appends to the record.
func PutRule(tx *db.Tx, r Rule) (moved int, err error) {
	act, err := putRule(tx, r)
	if err != nil {
		return 0, err
	}
	return remapAll(tx, act)
}

// putRule is PutRule before anything moves.
func putRule(tx *db.Tx, r Rule) (rule record.Act, err error) {
	i, err := institution.ByID(tx, r.InstitutionID)
	if err != nil {
		return rule, field(err, "institution", "harvest.error.institution")
	}
	if i.Extinct() {
		return rule, field(plaza.E(plaza.Conflict, "institution.error.extinct"), "institution", "institution.error.extinct")
	}
	r.Spelling = strings.Join(strings.Fields(r.Match), " ")
	r.Match = institution.NameKey(r.Match)
	if r.Match == "" {
		return rule, &plaza.Error{Kind: plaza.Invalid, Key: "web.error.invalid",
			Fields: []plaza.FieldError{{Field: "match", Key: "harvest.error.match"}}}
	}
	rule = record.Act{Verb: "publisher_rule.added", Institution: i.ID}
	payload := map[string]any{"match": r.Spelling, "source": r.SourceID, "institution": i.Name}
	old, err := scanRule(tx.Row(`SELECT `+ruleColumns+` FROM publisher_rules WHERE source_id = $1 AND match_key = $2`, r.SourceID, r.Match).Scan)
	switch {
	case err == nil && old.InstitutionID != r.InstitutionID:
		rule.Verb, payload["from"], payload["to"] = "publisher_rule.changed", old.InstitutionID, r.InstitutionID
	case err == nil: // it is said again, and may be written better
	case plaza.KindOf(err) != plaza.NotFound:
		return rule, err
	}
	r.ID = old.ID
	if r.ID == "" {
		r.ID = tx.ID()
	}
	rule.Object, rule.Payload = plaza.Ref{Kind: KindRule, ID: r.ID}, payload
	if _, err := tx.Exec(`INSERT INTO publisher_rules (`+ruleColumns+`) VALUES (`+db.Placeholders(1, 6)+`)
		ON CONFLICT (source_id, match_key) DO UPDATE SET institution_id = excluded.institution_id, spelling = excluded.spelling`,
		r.ID, r.SourceID, r.Match, r.Spelling, r.InstitutionID, tx.Now); err != nil {
		return rule, err
	}
	return rule, nil
}

// ChangeRule says that the publisher of a rule is another institution. It is PutRule
// otherwise; NotFound when there is no such rule.
func ChangeRule(tx *db.Tx, id, body string) (moved int, err error) {
	r, err := RuleByID(tx, id)
	if err != nil {
		return 0, err
	}
	r.Match, r.InstitutionID = r.Publisher(), body
	return PutRule(tx, r)
}

// RemoveRule forgets a rule and gives the datasets that it concerned at once the
// institution that other rules and names say. It returns how many moved, as PutRule
// does. It appends to the record.
func RemoveRule(tx *db.Tx, id string) (moved int, err error) {
	r, err := RuleByID(tx, id)
	if err != nil {
		return 0, err
	}
	if _, err := tx.Exec(`DELETE FROM publisher_rules WHERE id = $1`, id); err != nil {
		return 0, err
	}
	return remapAll(tx, record.Act{Verb: "publisher_rule.removed", Object: plaza.Ref{Kind: KindRule, ID: id},
		Institution: r.InstitutionID, Payload: map[string]any{"match": r.Publisher(), "source": r.SourceID}})
}

// PutInstitution creates or changes an institution (institution.Save) and moves at once
// the datasets whose publisher has one of its names, as PutRule does. It appends to the
// record.
func PutInstitution(tx *db.Tx, i institution.Institution) (institution.Institution, error) {
	i, acts, err := institution.Save(tx, i)
	if err != nil || len(acts) == 0 {
		return i, err
	}
	_, err = remapAll(tx, acts...)
	return i, err
}

// remapAll gives datasets the institutions that rules and names say by now, as many as
// one transaction takes, and appends the acts.
func remapAll(tx *db.Tx, acts ...record.Act) (int, error) {
	find, err := finder(tx)
	if err != nil {
		return 0, err
	}
	return catalog.Remap(tx, "", find, acts...)
}

// finder finds institutions by the rules and names of now.
func finder(tx *db.Tx) (catalog.Finder, error) {
	m, err := newMapper(tx)
	if err != nil {
		return nil, err
	}
	sources, err := Sources(tx)
	byID := make(map[string]Source, len(sources))
	for _, s := range sources {
		byID[s.ID] = s
	}
	return func(source string, p dcat.Publisher) string { return m.institution(byID[source], p) }, err
}

// moveArgs are those of the job that moves what a rule left over.
type moveArgs struct{}

func (moveArgs) Kind() string { return "catalog.move" }

// MoveRest queues the moves that changes of rules left over, and reports whether there
// are any.
func MoveRest(tx *db.Tx) (bool, error) {
	find, err := finder(tx)
	if err != nil {
		return false, err
	}
	left, err := catalog.Unmoved(tx, "", find)
	if err != nil || left == 0 {
		return false, err
	}
	_, _, err = job.Enqueue(tx, moveArgs{}, job.Options{Unique: "catalog.move"})
	return true, err
}

// move is the handler of the job that MoveRest queues.
func (h *Harvester) move(ctx context.Context, _ *job.Job) error {
	for {
		moved := 0
		if err := h.db.Write(ctx, func(tx *db.Tx) (err error) {
			moved, err = remapAll(tx)
			return err
		}); err != nil || moved == 0 {
			return err
		}
	}
}

// mapper finds the institution of a publisher. It holds all rules and names, some
// hundreds.
type mapper struct {
	rules map[[2]string]string // source (or "") and match
	names map[string]string    // folded name → institution
	title map[string]string    // institution → name, for the index
}

func newMapper(tx *db.Tx) (*mapper, error) {
	m := &mapper{rules: map[[2]string]string{}, title: map[string]string{}}
	rules, err := Rules(tx)
	if err != nil {
		return nil, err
	}
	for _, r := range rules {
		m.rules[[2]string{r.SourceID, r.Match}] = r.InstitutionID
	}
	if m.names, err = institution.NameKeys(tx); err != nil {
		return nil, err
	}
	all, err := institution.All(tx)
	for _, i := range all {
		m.title[i.ID] = i.Name
	}
	return m, err
}

// institution is the one that a publisher of a source is: by a rule of the source,
// by a rule for all, by its name, else the source's own; "" when none is.
func (m *mapper) institution(s Source, p dcat.Publisher) string {
	key, name := institution.NameKey(p.Key), institution.NameKey(p.Name)
	for _, source := range []string{s.ID, ""} {
		for _, match := range []string{key, name} {
			if id := m.rules[[2]string{source, match}]; match != "" && id != "" {
				return id
			}
		}
	}
	if id := m.names[name]; name != "" && id != "" {
		return id
	}
	return s.InstitutionID
}
