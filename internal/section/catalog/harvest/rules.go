package harvest

import (
	"plaza/internal/base/db"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
	"plaza/internal/section/catalog"
	"plaza/internal/section/catalog/dcat"
)

// KindRule is the kind of a rule's Ref.
const KindRule = "publisher_rule"

// Rules returns every rule, those of one source before those of all.
func Rules(tx *db.Tx) ([]Rule, error) {
	return db.All(tx, func(scan func(...any) error) (Rule, error) {
		var r Rule
		err := scan(&r.ID, &r.SourceID, &r.Match, &r.InstitutionID, &r.CreatedAt)
		return r, err
	}, `SELECT id, source_id, match_key, institution_id, created_at FROM publisher_rules ORDER BY source_id DESC, match_key`)
}

// PutRule says from now on which institution a publisher is, and moves at once the
// datasets that it concerns and no rule of their own claims. It returns how many
// moved; when more are left than one transaction takes, the next run moves them.
// It appends to the record.
func PutRule(tx *db.Tx, r Rule) (moved int, err error) {
	i, err := institution.ByID(tx, r.InstitutionID)
	if err != nil {
		return 0, field(err, "institution", "harvest.error.institution")
	}
	r.Match = institution.NameKey(r.Match)
	if r.Match == "" {
		return 0, &plaza.Error{Kind: plaza.Invalid, Key: "web.error.invalid",
			Fields: []plaza.FieldError{{Field: "match", Key: "harvest.error.match"}}}
	}
	r.ID = tx.ID()
	if _, err := tx.Exec(`INSERT INTO publisher_rules (id, source_id, match_key, institution_id, created_at)
		VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (source_id, match_key) DO UPDATE SET institution_id = excluded.institution_id`,
		r.ID, r.SourceID, r.Match, r.InstitutionID, tx.Now); err != nil {
		return 0, err
	}
	return remap(tx, record.Act{Verb: "publisher_rule.added", Object: plaza.Ref{Kind: KindRule, ID: r.ID}, Institution: i.ID,
		Payload: map[string]any{"match": r.Match, "source": r.SourceID, "institution": i.Name}})
}

// PutInstitution creates or changes an institution (institution.Save) and moves at
// once the datasets whose publisher has one of its names, as PutRule does. It
// appends to the record.
func PutInstitution(tx *db.Tx, i institution.Institution) (institution.Institution, error) {
	i, acts, err := institution.Save(tx, i)
	if err != nil || len(acts) == 0 {
		return i, err
	}
	_, err = remap(tx, acts...)
	return i, err
}

// remap moves datasets to the institutions that their publishers are by now, appends
// the acts and those of the datasets that moved, and returns how many did.
func remap(tx *db.Tx, acts ...record.Act) (moved int, err error) {
	m, err := newMapper(tx)
	if err != nil {
		return 0, err
	}
	sources, err := Sources(tx)
	if err != nil {
		return 0, err
	}
	byID := make(map[string]Source, len(sources))
	for _, s := range sources {
		byID[s.ID] = s
	}
	return catalog.Remap(tx, "", func(source string, p dcat.Publisher) string {
		return m.institution(byID[source], p)
	}, acts...)
}

// RemoveRule forgets a rule; datasets keep their institution until their next
// change. It appends to the record.
func RemoveRule(tx *db.Tx, id string) error {
	n, err := tx.Exec(`DELETE FROM publisher_rules WHERE id = $1`, id)
	if err != nil || n == 0 {
		return err
	}
	return record.Append(tx, record.Act{Verb: "publisher_rule.removed", Object: plaza.Ref{Kind: KindRule, ID: id}})
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
