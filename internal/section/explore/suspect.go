package explore

import (
	"fmt"
	"slices"
	"strings"

	"plaza/internal/base/db"
	"plaza/internal/base/tabular"
	"plaza/internal/civic/disclosure"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
)

// Suspicion is what is told in private of a version of a resource's file.
type Suspicion struct {
	Resource Resource
	Version  int // its number
	Columns  []Suspect
}

// Suspect is a column that seems to hold personal data.
type Suspect struct {
	Named
	Table   string
	Meaning tabular.Meaning // what it seems to hold, "" when only the problem says so
}

// suspectCode is the code of suspected personal data in a profile.
const suspectCode = "p01"

// suspectsIn are the columns of a profile that seem to hold personal data, each once.
func suspectsIn(p tabular.Profile) []Suspect {
	var out []Suspect
	for _, t := range p.Tables {
		for _, c := range t.Columns {
			said := slices.ContainsFunc(t.Problems, func(p tabular.Problem) bool { return p.Code == suspectCode && p.Column == c.Name })
			known := slices.ContainsFunc(out, func(s Suspect) bool { return s.Name == c.Name })
			if (said || c.Meaning.Personal()) && !known {
				one := Suspect{Named: Named{c.Name, c.Label}, Table: t.Name}
				if c.Meaning.Personal() {
					one.Meaning = c.Meaning
				}
				out = append(out, one)
			}
		}
	}
	return out
}

// suspect notes which columns of a version seem to hold personal data and tells of them in
// private: once for each version and column, and not while people have decided about the
// column or an earlier notice of it waits.
func (s *Section) suspect(tx *db.Tx, r Resource, v Version, p tabular.Profile) ([]record.Act, error) {
	found := suspectsIn(p)
	if len(found) == 0 {
		return nil, nil
	}
	h, err := HidingOf(tx, r)
	if err != nil {
		return nil, err
	}
	waiting, err := s.waiting(tx, r.ID)
	if err != nil {
		return nil, err
	}
	var untold []Suspect
	for _, one := range found {
		c := tabular.Column{Name: one.Name, Label: one.Label}
		n, err := tx.Exec(`INSERT INTO explore_suspects (version_id, resource_id, name, label, disclosure_id, at) VALUES ($1, $2, $3, $4, '', $5)
			ON CONFLICT (version_id, name) DO NOTHING`, v.ID, r.ID, one.Name, one.Label, tx.Now)
		if err != nil {
			return nil, fmt.Errorf("noting a suspicion: %w", err)
		}
		decided := slices.ContainsFunc(h.Decisions, func(d Decision) bool { return d.Name != "" && d.is(c) })
		if n > 0 && !decided && !slices.ContainsFunc(waiting, func(w Named) bool { return w.is(c) }) {
			untold = append(untold, one)
		}
	}
	if len(untold) == 0 || s.Suspicions == nil {
		return nil, nil
	}
	id, act, err := s.Suspicions.Suspect(tx, Suspicion{Resource: r, Version: v.Number, Columns: untold})
	if err != nil {
		return nil, fmt.Errorf("telling of suspected personal data: %w", err)
	}
	for _, one := range untold {
		if _, err := tx.Exec(`UPDATE explore_suspects SET disclosure_id = $1 WHERE version_id = $2 AND name = $3`, id, v.ID, one.Name); err != nil {
			return nil, fmt.Errorf("noting a suspicion: %w", err)
		}
	}
	return []record.Act{act}, nil
}

// waiting are the columns of a resource of which a notice has not been concluded.
func (s *Section) waiting(tx *db.Tx, resource string) ([]Named, error) {
	type told struct {
		Named
		id string
	}
	list, err := db.All(tx, func(scan func(...any) error) (t told, err error) {
		err = scan(&t.Name, &t.Label, &t.id)
		return t, err
	}, `SELECT name, label, disclosure_id FROM explore_suspects WHERE resource_id = $1 AND disclosure_id <> '' ORDER BY at DESC LIMIT 200`, resource)
	if err != nil || s.Suspicions == nil {
		return nil, err
	}
	waits := map[string]bool{}
	var out []Named
	for _, t := range list {
		if _, known := waits[t.id]; !known {
			if waits[t.id], err = s.Suspicions.Waits(tx, t.id); err != nil {
				return nil, err
			}
		}
		if waits[t.id] {
			out = append(out, t.Named)
		}
	}
	return out, nil
}

// ReportOf is the id of the latest private notice about what a resource's file may hold, ""
// when there was none.
func ReportOf(tx *db.Tx, resource string) (id string, err error) {
	err = tx.Row(`SELECT disclosure_id FROM explore_suspects WHERE resource_id = $1 AND disclosure_id <> '' ORDER BY at DESC, disclosure_id DESC LIMIT 1`, resource).Scan(&id)
	return id, unlessMissing(err)
}

// private takes suspicions as private reports.
type private struct{ reports *disclosure.Reports }

// Private has suspicions go where private reports of people go: to the Enlace, the enlace
// de transparencia and the coordination, who have one working day.
func Private(reports *disclosure.Reports) Suspicions { return private{reports} }

func (p private) Suspect(tx *db.Tx, s Suspicion) (string, record.Act, error) {
	contact := true
	var places []string
	for _, c := range s.Columns {
		contact = contact && (c.Meaning == tabular.Phone || c.Meaning == tabular.PersonEmail)
		place := "«" + tabular.Clip(c.Name, 60) + "»"
		if c.Table != "" {
			place = tabular.Clip(c.Table, 60) + " " + place
		}
		if c.Meaning == tabular.CURP || c.Meaning == tabular.RFC { // the category says the others
			place += " (" + strings.ToUpper(string(c.Meaning)) + ")"
		}
		places = append(places, place)
	}
	category := "identity"
	if contact {
		category = "contact"
	}
	report, act, err := p.reports.Note(tx, disclosure.Form{Object: plaza.Ref{Kind: KindResource, ID: s.Resource.ID}, Category: category,
		Place: tabular.Clip(fmt.Sprintf("v%d: %s", s.Version, strings.Join(places, ", ")), 480)})
	return report.ID, act, err
}

func (p private) Waits(tx *db.Tx, id string) (bool, error) {
	r, err := disclosure.ByID(tx, id)
	return err == nil && r.Conclusion == "", unlessMissing(err)
}
