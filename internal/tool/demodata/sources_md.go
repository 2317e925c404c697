package main

import (
	_ "embed"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

//go:embed content/licencias.md
var licenceTexts string

// writeSources writes FUENTES.md: for every file whose data it is, under what
// licence it came, how it was derived and how to cite it.
func (w *world) writeSources() error {
	var b strings.Builder
	b.WriteString("# Fuentes de los datos de la demostración\n\n" +
		"Este documento lo escribe `go run ./internal/tool/demodata catalogs internal/site/demo`; los mismos datos están en `fuentes.json`.\n\n" +
		"Las cifras son reales y vienen de repositorios públicos que guardaron datos de instituciones mexicanas. Los títulos, las descripciones y los diccionarios son nuestros. " +
		"Plaza no pertenece a ninguna de estas instituciones, ni ellas la respaldan. Los contactos son ficticios.\n\n" +
		"Algunas direcciones sirven otro archivo al cabo de los días, como pasa en los portales: la tabla lo dice en días antes del final de la historia que cuenta la demostración. " +
		"Los archivos que llevan «inventado» en su nombre se generaron: sus renglones no son de nadie.\n\n" +
		"No se publican datos de personas: se quitaron nombres de funcionarios y de titulares, registros de pacientes, respuestas escritas, y lugares exactos de delitos.\n\n" +
		"## Repositorios de origen\n\n")
	for _, k := range sortedKeys(originTable) {
		if k == "plaza" {
			continue
		}
		o := originTable[k]
		fmt.Fprintf(&b, "### %s\n\n- Clave: `%s`\n- Dirección: <%s>\n- Licencia del repositorio: %s (%s)\n- Datos de: %s\n- Términos de los datos: %s <%s>\n\n", o.Repository, k, o.URL, o.Licence, o.Holder, o.Institution, o.Terms, o.TermsURL)
	}
	b.WriteString("## Archivos\n\n| Archivo | Institución | Fuente | Licencia | Derivación |\n|---|---|---|---|---|\n")
	for _, name := range sortedKeys(w.index.Files) {
		first := w.index.Files[name]
		for _, f := range append([]*fileInfo{first}, first.Later...) {
			var licences []string
			for _, k := range sourceKeys(f.Source) {
				licences = append(licences, originTable[k].Licence)
			}
			when := ""
			if f.Days > 0 {
				when = fmt.Sprintf(", %d días antes del final", f.Days)
			}
			fmt.Fprintf(&b, "| `%s`%s | %s | `%s` | %s | %s |\n", name, when, w.publisherName(first.Institution), f.Source, strings.Join(licences, ", "), f.How)
		}
	}
	b.WriteString("\n" + licenceTexts)
	return os.WriteFile(filepath.Join(w.dir, "FUENTES.md"), []byte(b.String()), 0o644)
}
