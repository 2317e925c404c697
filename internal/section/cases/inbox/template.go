package inbox

import (
	"slices"
	"strings"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/text"
	"plaza/internal/plaza"
	"plaza/internal/section/cases"
)

// Template is an answer that an institution writes often.
type Template struct {
	ID          string
	Institution string // "" the coordination
	Title       string
	Body        string        // Markdown
	Outcome     cases.Outcome // "" for any
	Updated     time.Time
}

// Limits of templates.
const (
	maxTemplates = 100
	maxTitle     = 120
)

// Templates are an institution's, "" the coordination's, by title.
func Templates(tx *db.Tx, body string) ([]Template, error) {
	return db.All(tx, func(scan func(...any) error) (t Template, err error) {
		err = scan(&t.ID, &t.Institution, &t.Title, &t.Body, &t.Outcome, &t.Updated)
		return t, err
	}, `SELECT id, institution, title, body, outcome, updated_at
		FROM case_templates
		WHERE institution = $1
		ORDER BY title_key
		LIMIT $2`, body, maxTemplates)
}

// putTemplate stores a template, new when it has no ID. Invalid at titulo, texto and
// resultado.
func putTemplate(tx *db.Tx, t Template) error {
	t.Title, t.Body = strings.Join(strings.Fields(t.Title), " "), strings.TrimSpace(t.Body)
	all, err := Templates(tx, t.Institution)
	if err != nil {
		return err
	}
	var wrong plaza.Mistakes
	wrong.Hold(text.Fold(t.Title) != "", "titulo", "inbox.error.template_title", nil)
	wrong.Length("titulo", t.Title, maxTitle, "cases.error.long")
	wrong.Hold(!slices.ContainsFunc(all, func(o Template) bool { return o.ID != t.ID && text.Fold(o.Title) == text.Fold(t.Title) }), "titulo", "inbox.error.template_there", nil)
	wrong.Hold(t.Body != "", "texto", "cases.error.answer", nil)
	wrong.Length("texto", t.Body, cases.MaxAnswer, "cases.error.long")
	wrong.Hold(t.Outcome == "" || slices.Contains(cases.Outcomes(), t.Outcome), "resultado", "cases.error.outcome", nil)
	wrong.Hold(t.ID != "" || len(all) < maxTemplates, "titulo", "inbox.error.many", map[string]any{"max": maxTemplates})
	if err := wrong.Err("cases.error.form"); err != nil {
		return err
	}
	if t.ID == "" {
		_, err = tx.Exec(`INSERT INTO case_templates (id, institution, title, title_key, body, outcome, updated_at)
			VALUES (`+db.Placeholders(1, 7)+`)`, tx.ID(), t.Institution, t.Title, text.Fold(t.Title), t.Body, t.Outcome, tx.Now)
		return err
	}
	_, err = tx.Exec(`UPDATE case_templates SET title = $1, title_key = $2, body = $3, outcome = $4, updated_at = $5
		WHERE id = $6 AND institution = $7`, t.Title, text.Fold(t.Title), t.Body, t.Outcome, tx.Now, t.ID, t.Institution)
	return err
}

func removeTemplate(tx *db.Tx, body, id string) error {
	_, err := tx.Exec(`DELETE FROM case_templates WHERE institution = $1 AND id = $2`, body, id)
	return err
}
