package harvest

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"plaza/internal/base/db"
	"plaza/internal/base/job"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
	"plaza/internal/section/catalog"
)

// named is the handler of the job for when an institution is called otherwise: its
// datasets are found by its name.
func (h *Harvester) named(ctx context.Context, j *job.Job) error {
	var args institution.NamedArgs
	if err := json.Unmarshal(j.Args, &args); err != nil {
		return fmt.Errorf("reading which institution: %w", err)
	}
	return catalog.ReindexOwner(ctx, h.db, args.Institution)
}

// Movers move what the catalogue keeps for an institution to those that follow it. The
// sources and what was said of publishers go before the datasets, whose institution
// follows from them: a reading in between finds no other.
func Movers() []institution.Mover {
	return []institution.Mover{
		{Key: "sources", Count: countOf(`SELECT COUNT(*) FROM sources WHERE institution_id = $1`), Move: moveSources,
			Parts: sourceParts, Share: shareSource},
		{Key: "rules", Count: countOf(`SELECT COUNT(*) FROM publisher_rules WHERE institution_id = $1`), Move: moveRules},
		{Key: "datasets", Count: catalog.CountOf, Move: moveDatasets, Parts: publisherParts, Share: sharePublisher},
	}
}

func countOf(query string) func(tx *db.Tx, from string) (int, error) {
	return func(tx *db.Tx, from string) (n int, err error) {
		err = tx.Row(query, from).Scan(&n)
		return n, err
	}
}

// SourcesOf are the sources of an institution by title.
func SourcesOf(tx *db.Tx, institution string, limit int) ([]Source, error) {
	return db.All(tx, scanSource, `SELECT `+sourceColumns+` FROM sources
		WHERE institution_id = $1 ORDER BY title, id LIMIT $2`, institution, limit)
}

func moveSources(tx *db.Tx, from, to string) ([]record.Act, error) {
	list, err := SourcesOf(tx, from, institution.MaxPiece)
	if err != nil {
		return nil, err
	}
	var acts []record.Act
	for _, s := range list {
		more, err := giveSource(tx, s, to)
		if err != nil {
			return nil, err
		}
		acts = append(acts, more...)
	}
	return acts, nil
}

// giveSource makes a source another institution's.
func giveSource(tx *db.Tx, s Source, to string) ([]record.Act, error) {
	old := s
	s.InstitutionID = to
	if _, err := tx.Exec(`UPDATE sources SET institution_id = $1 WHERE id = $2`, to, s.ID); err != nil {
		return nil, err
	}
	return editActs(old, s, []string{"institution"}), nil
}

func sourceParts(tx *db.Tx, from string, limit int) ([]institution.Part, error) {
	list, err := SourcesOf(tx, from, limit)
	var out []institution.Part
	for _, s := range list {
		out = append(out, institution.Part{ID: s.ID, Title: s.Title, Kind: "harvest.part.source"})
	}
	return out, err
}

func shareSource(tx *db.Tx, from, key, to string) ([]record.Act, error) {
	s, err := SourceByID(tx, key)
	if err == nil && s.InstitutionID != from || err != nil && plaza.KindOf(err) == plaza.NotFound {
		return nil, plaza.E(plaza.Invalid, "institution.error.shares")
	}
	if err != nil {
		return nil, err
	}
	return giveSource(tx, s, to)
}

// moveRules has publishers be the successor; where that is the central unit, nobody
// knows any more whose they are.
func moveRules(tx *db.Tx, from, to string) ([]record.Act, error) {
	list, err := db.All(tx, scanRule, `SELECT `+ruleColumns+` FROM publisher_rules
		WHERE institution_id = $1 ORDER BY id LIMIT $2`, from, institution.MaxPiece)
	if err != nil {
		return nil, err
	}
	acts := make([]record.Act, 0, len(list))
	for _, r := range list {
		act := record.Act{Verb: "publisher_rule.changed", Object: plaza.Ref{Kind: KindRule, ID: r.ID}, Institution: to,
			Payload: map[string]any{"match": r.Publisher(), "source": r.SourceID, "from": from, "to": to}}
		statement, args := `UPDATE publisher_rules SET institution_id = $1 WHERE id = $2`, []any{to, r.ID}
		if to == "" {
			act.Verb, act.Institution = "publisher_rule.removed", from
			statement, args = `DELETE FROM publisher_rules WHERE id = $1`, []any{r.ID}
		}
		if _, err := tx.Exec(statement, args...); err != nil {
			return nil, err
		}
		acts = append(acts, act)
	}
	return acts, nil
}

func moveDatasets(tx *db.Tx, from, to string) ([]record.Act, error) {
	find, err := finder(tx)
	if err != nil {
		return nil, err
	}
	return catalog.Vacate(tx, from, to, find, institution.MaxPiece)
}

// publisherParts are the publishers whose datasets an institution has. A part's key is
// their source and the key, or name, by which a rule knows them.
func publisherParts(tx *db.Tx, from string, limit int) ([]institution.Part, error) {
	list, err := catalog.PublishersOf(tx, from, limit)
	if err != nil {
		return nil, err
	}
	sources, err := Sources(tx)
	titles := make(map[string]string, len(sources))
	for _, s := range sources {
		titles[s.ID] = s.Title
	}
	var out []institution.Part
	known := map[string]bool{}
	for _, p := range list {
		match, title := p.Key, p.Name
		if institution.NameKey(match) == "" {
			match = p.Name
		}
		if title == "" {
			title = match
		}
		id := p.Source + "/" + match
		if institution.NameKey(match) == "" || known[id] {
			continue // what names no publisher goes with its source
		}
		known[id] = true
		out = append(out, institution.Part{ID: id, Title: fmt.Sprintf("%s · %s (%d)", title, titles[p.Source], p.Datasets), Kind: "harvest.part.publisher"})
	}
	return out, err
}

// sharePublisher says that a publisher is another institution; its datasets follow.
func sharePublisher(tx *db.Tx, from, key, to string) ([]record.Act, error) {
	source, match, _ := strings.Cut(key, "/")
	list, err := publisherParts(tx, from, 1000)
	if err != nil {
		return nil, err
	}
	there := false
	for _, p := range list {
		there = there || p.ID == key
	}
	if !there {
		return nil, plaza.E(plaza.Invalid, "institution.error.shares")
	}
	act, err := putRule(tx, Rule{SourceID: source, Match: match, InstitutionID: to})
	return []record.Act{act}, err
}
