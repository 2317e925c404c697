package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// makeCatalogs writes the dictionaries, contact cards, catalogues, their index
// and FUENTES.md from the texts under content/ and from fuentes.json.
func makeCatalogs(dir string) error {
	w, err := readWorld(dir)
	if err != nil {
		return err
	}
	for name := range w.index.Files {
		if strings.HasPrefix(name, "diccionarios/") || strings.HasPrefix(name, "contactos/") {
			delete(w.index.Files, name)
		}
	}
	for _, sub := range []string{"archivos/diccionarios", "archivos/contactos", "catalogos"} {
		if err := os.RemoveAll(filepath.Join(dir, sub)); err != nil {
			return err
		}
	}
	if err := w.writeDictionaries(); err != nil {
		return err
	}
	if err := w.writeCards(); err != nil {
		return err
	}
	for name, f := range w.index.Files {
		if f.Dataset == "" && !strings.HasPrefix(name, "contactos/") {
			return fmt.Errorf("no dataset speaks of %s", name)
		}
	}
	if err := w.writeCatalogs(); err != nil {
		return err
	}
	if err := writeIndex(dir, w.index.Files); err != nil {
		return err
	}
	return w.writeSources()
}

// out is a writer that adds to the files already known.
func (w *world) out() *writer { return &writer{dir: w.dir, files: w.index.Files} }

var dictionaryOrigin = origin{"plaza", "Diccionario redactado para Plaza a partir de las columnas de los archivos."}

func (w *world) writeDictionaries() error {
	for _, c := range w.catalogs {
		for _, d := range c.Datasets {
			if d.Dictionary == "" {
				continue
			}
			t := newTable("archivo", "columna", "tipo", "descripcion")
			for _, r := range d.Resources {
				if r.info.Delimiter == "" {
					continue
				}
				for i, col := range r.info.Columns {
					text, err := w.describe(d, col)
					if err != nil {
						return err
					}
					t.add(filepath.Base(r.File), col, r.info.Types[i], text)
				}
			}
			name := "diccionarios/" + d.Slug + "." + d.Dictionary
			var err error
			if d.Dictionary == "xlsx" {
				err = w.out().xlsx(name, dictionaryOrigin, sheet{"Diccionario", t})
			} else {
				err = w.out().csv(name, t, dictionaryOrigin)
			}
			if err != nil {
				return err
			}
			info := w.index.Files[name]
			info.Institution, info.Dataset, info.Title, info.Modified = d.Publisher, d.Slug, "Diccionario de datos", d.Modified
		}
	}
	return nil
}

func (w *world) describe(d *dataset, col string) (string, error) {
	for _, text := range []string{d.Columns[col], w.columns[col], d.Columns["*"]} {
		if text != "" {
			return text, nil
		}
	}
	return "", fmt.Errorf("%s: the column %q has no description", d.Slug, col)
}

// writeCards writes one vCard per institution, of an office and not a person.
func (w *world) writeCards() error {
	for _, short := range sortedKeys(w.institutions) {
		i := w.institutions[short]
		card := strings.Join([]string{"BEGIN:VCARD", "VERSION:4.0", "KIND:org", "FN:" + vcardText(i.Liaison.Post), "ORG:" + vcardText(i.Name), "EMAIL:" + i.Liaison.Mail, "END:VCARD", ""}, "\r\n")
		name := "contactos/" + i.Slug + ".vcf"
		if err := w.out().put(name, []byte(card), fileInfo{Source: "plaza", How: "Tarjeta de contacto ficticia: una oficina, no una persona.", Encoding: "utf-8"}); err != nil {
			return err
		}
		info := w.index.Files[name]
		info.Institution, info.Title, info.Modified = short, "Contacto", "2025-06-02"
	}
	return nil
}

func vcardText(s string) string {
	return strings.NewReplacer(`\`, `\\`, ",", `\,`, ";", `\;`).Replace(s)
}

// catalogEntry is one line of catalogos/indice.json.
type catalogEntry struct {
	Name        string           `json:"nombre"`
	Title       string           `json:"titulo"`
	Kind        string           `json:"tipo"`
	Institution string           `json:"institucion"`
	Path        string           `json:"ruta"`
	Media       string           `json:"tipo_de_medio"`
	Paged       bool             `json:"paginado,omitempty"`
	Versions    []catalogVersion `json:"versiones"`
}

type catalogVersion struct {
	Date     string   `json:"fecha"`
	File     string   `json:"archivo"`
	Datasets int      `json:"conjuntos"`
	Links    int      `json:"recursos"`
	Broken   []string `json:"rotos,omitempty"`
}

func (w *world) writeCatalogs() error {
	forms := map[string]struct {
		kind, ext, media string
		paged            bool
		write            func(c *catalog, version int) ([]byte, error)
	}{
		"adela":     {"data.json", ".json", "application/json", false, w.adela},
		"argentina": {"data.json", ".json", "application/json", false, w.argentina},
		"ckan":      {"ckan", ".json", "application/json", true, w.ckan},
		"turtle":    {"dcat", ".ttl", "text/turtle; charset=utf-8", false, w.turtle},
		"jsonld":    {"dcat", ".jsonld", "application/ld+json", true, w.jsonLD},
		"rdfxml":    {"dcat", ".rdf", "application/rdf+xml", false, w.rdfXML},
	}
	var list []catalogEntry
	for _, c := range w.catalogs {
		f := forms[c.Format]
		e := catalogEntry{Name: c.Name, Title: c.Title, Kind: f.kind, Institution: c.Publisher, Path: "/demo/catalogos/" + c.Name + f.ext, Media: f.media, Paged: f.paged}
		if f.kind == "ckan" {
			e.Path = "/demo/catalogos/" + c.Name
		}
		for i, date := range c.Versions {
			data, err := f.write(c, i+1)
			if err != nil {
				return fmt.Errorf("writing %s: %w", c.Name, err)
			}
			v := catalogVersion{Date: date, File: c.Name + f.ext}
			if i > 0 {
				v.File = fmt.Sprintf("%s-%d%s", c.Name, i+1, f.ext)
			}
			v.Datasets, v.Links, v.Broken = w.countLinks(c, i+1)
			e.Versions = append(e.Versions, v)
			path := filepath.Join(w.dir, "catalogos", v.File)
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				return err
			}
			if err := os.WriteFile(path, data, 0o644); err != nil {
				return err
			}
		}
		list = append(list, e)
	}
	return writeJSON(filepath.Join(w.dir, "catalogos", "indice.json"), list)
}

func (w *world) countLinks(c *catalog, version int) (datasets, links int, broken []string) {
	for _, d := range c.at(version) {
		datasets++
		for _, r := range w.links(c, d) {
			links++
			if r.Broken {
				broken = append(broken, r.File)
			}
		}
	}
	return datasets, links, broken
}

// links are the resources of a dataset as the catalogue lists them. ADELA says
// where the dictionary is by the landing page, the Argentine profile describes
// the columns in place; the others list it as one more resource.
func (w *world) links(c *catalog, d *dataset) []*resource {
	if dict := w.dictionary(d); dict != nil && c.Format != "adela" && c.Format != "argentina" {
		return append(append([]*resource(nil), d.Resources...), dict)
	}
	return d.Resources
}
