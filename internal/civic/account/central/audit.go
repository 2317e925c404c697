package central

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/web"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
)

// auditors are the roles whose every act is audited, and kinds what is audited whoever
// did it.
var (
	auditors = map[string]bool{string(plaza.Admin): true, string(plaza.Moderator): true, string(plaza.System): true}
	kinds    = []string{"account.", "institution.", "moderation."}
)

// audited reports whether an entry belongs to the audit.
func audited(e record.Entry) bool {
	if auditors[e.Actor.Role] {
		return true
	}
	for _, k := range kinds {
		if strings.HasPrefix(e.Verb, k) {
			return true
		}
	}
	return false
}

// auditPage is how many entries are read at once.
const auditPage = 1000

// audit answers with the audit as JSON Lines, oldest first; desde and hasta are days,
// both included.
func (p *Pages) audit(w http.ResponseWriter, r *http.Request) error {
	var f record.Filter
	for _, day := range []struct {
		name string
		at   *time.Time
		add  int
	}{{"desde", &f.From, 0}, {"hasta", &f.To, 1}} {
		text := web.QueryText(r, day.name, 20)
		if text == "" {
			continue
		}
		t, err := time.ParseInLocation(time.DateOnly, text, p.shell.Printer(r).Zone())
		if err != nil || t.Year() < 1 || t.Year() > 9998 {
			return plaza.E(plaza.Invalid, "central.error.until")
		}
		*day.at = t.AddDate(0, 0, day.add)
	}
	w.Header().Set("Content-Type", "application/jsonl; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="auditoria.jsonl"`)
	return Audit(r.Context(), p.DB, f, w)
}

// Audit writes what the coordination, the moderators and Plaza itself did, and what
// happened to accounts and institutions, as JSON Lines, oldest first.
func Audit(ctx context.Context, d *db.DB, f record.Filter, w io.Writer) error {
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	for {
		var page []record.Entry
		if err := d.Read(ctx, func(tx *db.Tx) (err error) {
			page, err = record.Since(tx, f, auditPage)
			return err
		}); err != nil {
			return err
		}
		for _, e := range page {
			if !audited(e) {
				continue
			}
			if err := out.Encode(e); err != nil {
				return fmt.Errorf("writing the audit: %w", err)
			}
		}
		if len(page) < auditPage {
			return nil
		}
		f.After = page[len(page)-1].Seq
	}
}
