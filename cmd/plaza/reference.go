package main

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"github.com/alecthomas/kong"

	"plaza/internal/base/i18n"
)

// writeReference writes the table of all settings: docs/configuracion.md.
func writeReference(w io.Writer, l *i18n.Printer, app *kong.Application) error {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\n%s\n\n", l.T("config.doc.title"), l.T("config.doc.intro"))
	fmt.Fprintf(&b, "| %s | %s | %s | %s |\n|---|---|---|---|\n",
		l.T("config.doc.variable"), l.T("config.doc.flag"), l.T("config.doc.default"), l.T("config.doc.meaning"))
	for _, f := range app.Flags {
		if len(f.Envs) == 0 {
			continue
		}
		fallback := "—"
		if f.Default != "" {
			fallback = "`" + f.Default + "`"
		}
		fmt.Fprintf(&b, "| `%s` | `--%s=%s` | %s | %s |\n", f.Envs[0], f.Name, cmp.Or(f.PlaceHolder, f.Name), fallback,
			strings.ReplaceAll(l.T("config."+strings.ReplaceAll(f.Name, "-", "_")), "|", "\\|"))
	}
	_, err := io.WriteString(w, b.String())
	return err
}
