package main

import (
	"embed"
	"encoding/json"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/google/uuid"
	"go.yaml.in/yaml/v3"
)

//go:embed content/*.yaml
var contentFiles embed.FS

// catalogNames fixes the order of the catalogues everywhere.
var catalogNames = []string{"salud", "cre", "inegi", "conapo", "cdmx", "federal", "edomex", "federacion"}

// catalog is one institution's or group's catalogue, as written by hand.
type catalog struct {
	Name      string     `yaml:"name"`
	Title     string     `yaml:"title"`
	Format    string     `yaml:"format"`
	Publisher string     `yaml:"publisher"`
	Issued    string     `yaml:"issued"`
	License   string     `yaml:"license"`
	Versions  []string   `yaml:"versions"`
	Datasets  []*dataset `yaml:"datasets"`
}

// dataset carries what is said of a dataset. From and Until are the first and
// last version of the catalogue in which it appears; Second replaces words from
// the second version on. Defects are imperfections put in on purpose.
type dataset struct {
	Slug        string            `yaml:"slug"`
	ID          int               `yaml:"id"`
	Publisher   string            `yaml:"publisher"`
	Title       string            `yaml:"title"`
	Description string            `yaml:"description"`
	Theme       string            `yaml:"theme"`
	Keywords    []string          `yaml:"keywords"`
	Frequency   string            `yaml:"frequency"`
	Temporal    string            `yaml:"temporal"`
	Spatial     string            `yaml:"spatial"`
	Issued      string            `yaml:"issued"`
	Modified    string            `yaml:"modified"`
	Dictionary  string            `yaml:"dictionary"`
	Columns     map[string]string `yaml:"columns"`
	Defects     map[string]string `yaml:"defects"`
	From        int               `yaml:"from"`
	Until       int               `yaml:"until"`
	Second      *dataset          `yaml:"second"`
	Resources   []*resource       `yaml:"resources"`
}

type resource struct {
	File        string `yaml:"file"`
	Title       string `yaml:"title"`
	Description string `yaml:"description"`
	From        int    `yaml:"from"`
	Broken      bool   `yaml:"broken"`

	info *fileInfo
}

// institution is what the catalogues need of instituciones.json.
type institution struct {
	Short   string `json:"siglas"`
	Slug    string `json:"slug"`
	Name    string `json:"nombre"`
	Kind    string `json:"tipo"`
	Website string `json:"sitio"`
	About   string `json:"descripcion"`
	Liaison struct {
		Post string `json:"cargo"`
		Mail string `json:"correo"`
	} `json:"enlace"`
}

// world is everything from which the catalogues are written.
type world struct {
	dir          string
	index        *index
	institutions map[string]*institution
	catalogs     []*catalog
	columns      map[string]string
}

func readWorld(dir string) (*world, error) {
	w := &world{dir: dir, institutions: map[string]*institution{}}
	var err error
	if w.index, err = readIndex(dir); err != nil {
		return nil, err
	}
	b, err := os.ReadFile(filepath.Join(dir, "instituciones.json"))
	if err != nil {
		return nil, err
	}
	var list []*institution
	if err := json.Unmarshal(b, &list); err != nil {
		return nil, fmt.Errorf("reading instituciones.json: %w", err)
	}
	for _, i := range list {
		w.institutions[i.Short] = i
	}
	if err := readYAML("columnas.yaml", &w.columns); err != nil {
		return nil, err
	}
	for _, name := range catalogNames {
		c := &catalog{}
		if err := readYAML(name+".yaml", c); err != nil {
			return nil, err
		}
		if err := w.prepare(c); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		w.catalogs = append(w.catalogs, c)
	}
	return w, nil
}

func readYAML(name string, v any) error {
	b, err := contentFiles.ReadFile("content/" + name)
	if err != nil {
		return err
	}
	if err := yaml.Unmarshal(b, v); err != nil {
		return fmt.Errorf("reading %s: %w", name, err)
	}
	return nil
}

var themes = []string{"Educación", "Economía", "Salud", "Seguridad y Justicia", "Infraestructura", "Finanzas y Contrataciones", "Geoespacial", "Energía y Medio Ambiente", "Cultura y Turismo", "Desarrollo Sostenible", "Gobiernos Locales", "Otros"}

// prepare fills in defaults and the row counts, and joins resources to files.
func (w *world) prepare(c *catalog) error {
	for _, d := range c.Datasets {
		if !slices.Contains(themes, d.Theme) {
			return fmt.Errorf("%s: no theme is called %q", d.Slug, d.Theme)
		}
		if d.Publisher == "" {
			d.Publisher = c.Publisher
		}
		if d.Spatial == "" {
			d.Spatial = "México"
		}
		for _, r := range d.Resources {
			if r.Broken {
				f, m := kindOf(r.File)
				r.info = &fileInfo{Format: f, Media: m}
				continue
			}
			info, ok := w.index.Files[r.File]
			if !ok {
				return fmt.Errorf("%s: there is no file %s", d.Slug, r.File)
			}
			r.info = info
			if strings.Contains(r.Description, "{filas}") && info.Rows == 0 {
				return fmt.Errorf("%s: the rows of %s are unknown", d.Slug, r.File)
			}
			r.Description = strings.ReplaceAll(r.Description, "{filas}", thousands(info.Rows))
			info.Institution, info.Dataset, info.Title = d.Publisher, d.Slug, r.Title
			info.Modified = max(info.Modified, d.Modified)
		}
	}
	return nil
}

func thousands(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// at gives the datasets of one version, the second wording applied.
func (c *catalog) at(version int) []*dataset {
	var out []*dataset
	for _, d := range c.Datasets {
		if d.From > version || (d.Until != 0 && d.Until < version) {
			continue
		}
		v := *d
		if s := d.Second; s != nil && version >= 2 {
			v.Title, v.Description, v.Modified = s.Title, s.Description, s.Modified
		}
		v.Resources = nil
		for _, r := range d.Resources {
			if r.From <= version {
				v.Resources = append(v.Resources, r)
			}
		}
		out = append(out, &v)
	}
	return out
}

// publisherName is how the catalogue calls the publisher; a name that belongs
// to no institution is written as it is.
func (w *world) publisherName(short string) string {
	if i := w.institutions[short]; i != nil {
		return i.Name
	}
	return short
}

func (w *world) liaison(short string) (post, mail string) {
	if i := w.institutions[short]; i != nil {
		return i.Liaison.Post, i.Liaison.Mail
	}
	return "Unidad de datos", "datos@" + strings.ToLower(short) + ".example"
}

const filesURL = "{{base}}/demo/archivos/"

// stableID is a UUID that never changes for the same name.
func stableID(parts ...string) string {
	space := uuid.NewSHA1(uuid.NameSpaceURL, []byte("plaza:demo"))
	return uuid.NewSHA1(space, []byte(strings.Join(parts, "/"))).String()
}

func (d *dataset) uuid() string { return stableID("conjunto", d.Slug) }

func (d *dataset) resourceID(r *resource) string { return stableID("recurso", d.Slug, r.File) }

// origins are the repositories from which a dataset's files were derived, in the
// order of the files; what was written for the demonstration has none.
func (d *dataset) origins() []originInfo {
	var out []originInfo
	for _, r := range d.Resources {
		for _, k := range sourceKeys(r.info.Source) {
			if o := originTable[k]; o.URL != "" && !slices.Contains(out, o) {
				out = append(out, o)
			}
		}
	}
	return out
}

// sources are the addresses of the origins.
func (d *dataset) sources() []string {
	var out []string
	for _, o := range d.origins() {
		if !slices.Contains(out, o.URL) {
			out = append(out, o.URL)
		}
	}
	return out
}

// provenance is the attribution that the origins' licences and terms ask for.
func (d *dataset) provenance() string {
	var out []string
	for _, o := range d.origins() {
		out = append(out, fmt.Sprintf("Datos de %s, por medio de %s, con licencia %s (%s). %s", o.Institution, o.Repository, o.Licence, o.Holder, o.Terms))
	}
	return strings.Join(out, " ")
}

// dictionary is the data dictionary of a dataset as a resource, or nil.
func (w *world) dictionary(d *dataset) *resource {
	if d.Dictionary == "" {
		return nil
	}
	file := path.Join("diccionarios", d.Slug+"."+d.Dictionary)
	info := w.index.Files[file]
	return &resource{File: file, Title: "Diccionario de datos", Description: "Qué significa cada columna y de qué tipo es.", info: info}
}

// start and end split the temporal coverage; ok is false for free text.
func (d *dataset) period() (start, end string, ok bool) {
	return strings.Cut(d.Temporal, "/")
}
