package explore

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/i18n"
	"plaza/internal/base/tabular"
	"plaza/internal/base/tabular/infer"
	"plaza/internal/civic/access"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
)

// Fix is what people of an institution said of a table, for all its versions to come.
type Fix struct {
	Correction tabular.Correction
	Reason     string
	Role       plaza.Role // of who said it
	At         time.Time
	Version    int // grows with each change; 0: there is none
}

// Limits of what people say, in letters.
const (
	maxReason = 1000
	maxFixes  = tabular.MaxColumns
	maxUnit   = 40
)

// Fixes are the corrections of a resource's tables, by name.
func Fixes(tx *db.Tx, resource string) ([]Fix, error) {
	list, err := db.All(tx, func(scan func(...any) error) (f Fix, err error) {
		var raw string
		if err = scan(&raw, &f.Reason, &f.Role, &f.At, &f.Version); err == nil {
			err = json.Unmarshal([]byte(raw), &f.Correction)
		}
		return f, err
	}, `SELECT correction, reason, role, at, version FROM explore_fixes WHERE resource_id = $1 ORDER BY table_name`, resource)
	if err != nil {
		return nil, fmt.Errorf("reading the corrections of a resource: %w", err)
	}
	return list, nil
}

// fixesOf are the corrections of a resource and a digest of them, "" for none.
func fixesOf(tx *db.Tx, resource string) ([]tabular.Correction, string, error) {
	list, err := Fixes(tx, resource)
	if err != nil {
		return nil, "", err
	}
	var out []tabular.Correction
	for _, f := range list {
		if !empty(f.Correction) {
			out = append(out, f.Correction)
		}
	}
	if len(out) == 0 {
		return nil, "", nil
	}
	raw, err := json.Marshal(out) // maps in the order of their keys
	return out, digest(raw), err
}

func digest(raw []byte) string {
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:])
}

func empty(c tabular.Correction) bool {
	return c.HeaderLine == 0 && c.HeaderRows == 0 && len(c.Columns) == 0
}

// Correct sets what is said of a table in place of what was said before; a Correction
// without anything takes it back. The current version is then made anew from the kept
// file, and keeps its number. seen is the Fix's Version that the person saw: another one
// is a Conflict. It appends to the record, so it is the last thing a transaction does.
func (s *Section) Correct(tx *db.Tx, resource string, c tabular.Correction, reason string, seen int) error {
	r, err := s.Resources.Resource(tx, resource)
	if err != nil {
		return err
	}
	actor := plaza.ActorFrom(tx.Context())
	if err := access.Check(actor, access.ExploreCorrect, object(r)); err != nil {
		return err
	}
	if c, err = checked(c, reason); err != nil {
		return err
	}
	if _, err := Current(tx, resource); err != nil {
		return err
	}
	if _, err := pin(tx, resource); err != nil {
		return err
	}
	var version int
	if err := tx.Row(`SELECT version FROM explore_fixes WHERE resource_id = $1 AND table_name = $2`, resource, c.Table).Scan(&version); unlessMissing(err) != nil {
		return err
	}
	if version != seen {
		return plaza.E(plaza.Conflict, "explore.error.corrected")
	}
	raw, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("encoding a correction: %w", err)
	}
	reason = strings.TrimSpace(reason)
	if _, err := tx.Exec(`INSERT INTO explore_fixes (resource_id, table_name, correction, reason, role, at, version) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (resource_id, table_name) DO UPDATE SET correction = EXCLUDED.correction, reason = EXCLUDED.reason, role = EXCLUDED.role,
			at = EXCLUDED.at, version = EXCLUDED.version`,
		resource, c.Table, string(raw), reason, string(roleOf(actor, r.Institution)), tx.Now, version+1); err != nil {
		return fmt.Errorf("storing a correction: %w", err)
	}
	if err := said(tx, resource, Corrected, c.Table, reason, roleOf(actor, r.Institution)); err != nil {
		return err
	}
	if _, err := s.enqueue(tx, Convert{Resource: resource, Kept: true}); err != nil {
		return err
	}
	return record.Append(tx, record.Act{Verb: "resource.corrected", Object: plaza.Ref{Kind: KindResource, ID: resource}, Institution: r.Institution,
		Payload: map[string]any{"title": r.Title, "dataset": r.Dataset, "slug": r.Slug, "table": c.Table, "columns": len(c.Columns), "reason": reason}})
}

// object is a resource as an object of permissions.
func object(r Resource) access.Object {
	return access.Object{Kind: KindResource, Institution: r.Institution}
}

// roleOf is in which role somebody acts on what an institution has.
func roleOf(a plaza.Actor, institution string) plaza.Role {
	role := plaza.Admin
	for _, g := range a.Grants {
		if g.Institution == institution && institution != "" {
			return g.Role
		}
		if g.Institution == "" {
			role = g.Role
		}
	}
	return role
}

// checked is a correction without what says nothing; Invalid at the fields motivo,
// encabezado, and nombre, tipo, significado, unidad or formato of a column.
func checked(c tabular.Correction, reason string) (tabular.Correction, error) {
	var wrong plaza.Mistakes
	wrong.Hold(strings.TrimSpace(reason) != "", "motivo", "explore.error.reason", nil)
	wrong.Length("motivo", strings.TrimSpace(reason), maxReason, "explore.error.long")
	wrong.Length("tabla", c.Table, tabular.MaxName, "explore.error.long")
	wrong.Hold(c.HeaderLine >= -1 && c.HeaderLine <= 10_000 && c.HeaderRows >= 0 && c.HeaderRows <= 20, "encabezado", "explore.error.header", nil)
	wrong.Hold(len(c.Columns) <= maxFixes, "columnas", "explore.error.columns", nil)
	kept := map[string]tabular.ColumnCorrection{}
	names := map[string]string{}
	for _, column := range slices.Sorted(maps.Keys(c.Columns)) {
		one := c.Columns[column]
		one.Name, one.Unit, one.Format = strings.TrimSpace(one.Name), strings.TrimSpace(one.Unit), strings.TrimSpace(one.Format)
		if one == (tabular.ColumnCorrection{}) {
			continue
		}
		kept[column] = one
		at := map[string]any{"column": column}
		if one.Name != "" {
			wrong.Hold(tabular.Names([]string{one.Name})[0] == one.Name, "nombre", "explore.error.name", at)
			folded := strings.ToLower(one.Name)
			_, twice := names[folded]
			wrong.Hold(!twice, "nombre", "explore.error.name_twice", at)
			names[folded] = column
		}
		wrong.Hold(one.Type == "" || slices.Contains(tabular.Types, one.Type), "tipo", "explore.error.type", at)
		wrong.Hold(one.Meaning == "" || slices.Contains(tabular.Meanings, one.Meaning), "significado", "explore.error.meaning", at)
		wrong.Length("unidad", one.Unit, maxUnit, "explore.error.long")
		if one.Format != "" {
			format, ok := infer.FormatOf(one.Format)
			wrong.Hold(ok, "formato", "explore.error.format", at)
			one.Format = format
			kept[column] = one
		}
	}
	c.Columns = kept
	if len(kept) == 0 {
		c.Columns = nil
	}
	return c, wrong.Err("web.error.invalid")
}

// FormatWords are a column's format as people write it, and infer.FormatOf reads it.
func FormatWords(l *i18n.Printer, format string) string {
	if format == "month" {
		return l.T("explore.format.month")
	}
	return strings.ReplaceAll(format, "y", l.T("explore.format.year"))
}
