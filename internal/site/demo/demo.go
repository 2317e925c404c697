// Package demo holds the demonstration world: real figures of Mexican
// institutions, small enough for a repository, with the catalogues that describe
// them in every format that the harvester reads.
//
// The files were derived by internal/tool/demodata from data whose licences allow
// it; FUENTES.md says of each where it comes from. Everything is embedded, so the
// site serves it itself and the demonstration needs no network. Texts say
// "{{base}}" where the address of the installation goes.
package demo

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"sync"
	"time"
)

//go:embed archivos catalogos herramientas instituciones.json fuentes.json FUENTES.md
var embedded embed.FS

// Files is the folder archivos/ as it is stored: large texts end in ".gz".
func Files() fs.FS {
	sub, err := fs.Sub(embedded, "archivos")
	if err != nil {
		panic(err) // only an invalid name could fail, and this one is constant
	}
	return sub
}

// Institution is a public body whose data are in the demonstration.
type Institution struct {
	Acronym     string `json:"siglas"`
	Slug        string `json:"slug"`
	Name        string `json:"nombre"`
	Type        string `json:"tipo"`  // federal, state, municipal or autonomous
	Parent      string `json:"padre"` // acronym, "" for none
	Zone        string `json:"zona"`  // IANA
	Website     string `json:"sitio"` // "" when unknown
	Description string `json:"descripcion"`
	State       string `json:"cve_ent"` // two-digit code, "" for the whole country
	Town        string `json:"cve_mun"` // three-digit code, "" unless municipal
	// Liaison is the office that answers. It is fictional, under ".example".
	Liaison struct {
		Post string `json:"cargo"`
		Mail string `json:"correo"`
	} `json:"enlace"`
	// Names are those by which catalogues call it, the acronym included.
	Names []string `json:"nombres"`
}

// Institutions lists the institutions; a parent comes before its children.
func Institutions() ([]Institution, error) {
	var list []Institution
	return list, read("instituciones.json", &list)
}

// Catalog is one harvest source.
type Catalog struct {
	Name        string `json:"nombre"`
	Title       string `json:"titulo"`
	Kind        string `json:"tipo"`        // ckan, dcat or data.json
	Institution string `json:"institucion"` // acronym of who runs it
	// Path is appended to the base address; for CKAN, clients add "/api/3/action/…".
	Path      string    `json:"ruta"`
	MediaType string    `json:"tipo_de_medio"`
	Paged     bool      `json:"paginado"`
	Versions  []Version `json:"versiones"` // oldest first, never empty
}

// Version is what a catalogue said from a day on.
type Version struct {
	Date      string   `json:"fecha"` // AAAA-MM-DD, UTC
	File      string   `json:"archivo"`
	Datasets  int      `json:"conjuntos"`
	Resources int      `json:"recursos"`
	Broken    []string `json:"rotos"` // files linked on purpose that do not exist
}

// From is the instant from which the version is served.
func (v Version) From() time.Time {
	t, _ := time.Parse(time.DateOnly, v.Date) // the package's test parses them all
	return t
}

// At is the version current at an instant: the first one before that.
func (c Catalog) At(now time.Time) Version {
	current := c.Versions[0]
	for _, v := range c.Versions[1:] {
		if !now.Before(v.From()) {
			current = v
		}
	}
	return current
}

// Catalogs lists the catalogues in the order in which they first appeared.
func Catalogs() ([]Catalog, error) {
	var list []Catalog
	return list, read("catalogos/indice.json", &list)
}

// File is one file of the demonstration, as it is served.
type File struct {
	Source      string   `json:"fuente"`     // keys of Origins, joined by "+"
	Derivation  string   `json:"derivacion"` // in Spanish, for readers
	Stored      string   `json:"guardado"`   // its name in Files
	Bytes       int64    `json:"bytes"`
	SHA256      string   `json:"sha256"` // hexadecimal, of the file as served
	Format      string   `json:"formato"`
	MediaType   string   `json:"tipo"`
	Encoding    string   `json:"codificacion"`
	Delimiter   string   `json:"separador"`
	Rows        int      `json:"renglones"` // without the header; 0 when unknown
	Columns     []string `json:"columnas"`
	Institution string   `json:"institucion"` // acronym
	Dataset     string   `json:"conjunto"`
	Title       string   `json:"titulo"`
	Modified    string   `json:"modificado"` // AAAA-MM-DD
	// Later is what the same address serves afterwards, oldest first, each from so many Days
	// before the end of the story on.
	Later []File `json:"despues"`
	Days  int    `json:"dias"` // 0 of what is served first
}

// Contents are all that the address of a file serves, one after the other.
func (f File) Contents() []File { return append([]File{f}, f.Later...) }

// At is what the address serves at an instant of a story that ends at another one.
func (f File) At(now, end time.Time) File {
	for _, later := range f.Later {
		if from := dayBefore(end, later.Days); !now.Before(from) {
			later.Modified = from.Format(time.DateOnly)
			f = later
		}
	}
	return f
}

// Origin is a repository from which data were taken.
type Origin struct {
	Repository  string `json:"repositorio"`
	URL         string `json:"url"`
	License     string `json:"licencia_repositorio"`
	Holder      string `json:"titular"`
	Institution string `json:"institucion_de_origen"`
	Terms       string `json:"terminos"`
	TermsURL    string `json:"url_terminos"`
}

// Sources says where everything comes from.
type Sources struct {
	Origins map[string]Origin `json:"fuentes"`
	// Files are keyed by the path under /demo/archivos/.
	Files map[string]File `json:"archivos"`
}

var sources = sync.OnceValues(func() (Sources, error) {
	var s Sources
	return s, read("fuentes.json", &s)
})

// FileSources says of every file where it comes from. The maps are shared: do not
// write to them.
func FileSources() (Sources, error) { return sources() }

func read(name string, v any) error {
	b, err := embedded.ReadFile(name)
	if err != nil {
		return fmt.Errorf("reading the demonstration: %w", err)
	}
	if err := json.Unmarshal(b, v); err != nil {
		return fmt.Errorf("reading the demonstration's %s: %w", name, err)
	}
	return nil
}
