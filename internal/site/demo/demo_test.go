package demo_test

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"io"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/charmap"

	"plaza/internal/site/demo"
)

const maxSize = 15 << 20 // bytes in the repository, as issue 2 allows

func sources(t *testing.T) demo.Sources {
	t.Helper()
	s, err := demo.FileSources()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// plain reads a file as it is served.
func plain(t *testing.T, f demo.File) []byte {
	t.Helper()
	data, err := fs.ReadFile(demo.Files(), f.Stored)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasSuffix(f.Stored, ".gz") {
		return data
	}
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	if data, err = io.ReadAll(z); err != nil {
		t.Fatal(err)
	}
	return data
}

// contents calls f with everything that the address of each file serves.
func contents(t *testing.T, f func(name string, f demo.File)) {
	t.Helper()
	for name, first := range sources(t).Files {
		for _, one := range first.Contents() {
			f(name, one)
		}
	}
}

func TestTheFilesAreThoseThatTheSourcesList(t *testing.T) {
	s := sources(t)
	listed := map[string]string{}
	contents(t, func(name string, f demo.File) {
		listed[f.Stored] = name
		for _, key := range strings.Split(f.Source, "+") {
			if _, ok := s.Origins[key]; !ok {
				t.Errorf("%s comes from %q, which is no source", name, key)
			}
		}
		if f.Derivation == "" || s.Files[name].Institution == "" || s.Files[name].Title == "" {
			t.Errorf("%s does not say how it was made, whose it is or what it is called", name)
		}
		data := plain(t, f)
		sum := sha256.Sum256(data)
		if int64(len(data)) != f.Bytes || hex.EncodeToString(sum[:]) != f.SHA256 {
			t.Errorf("%s has other bytes than fuentes.json says", name)
		}
	})
	var size int64
	err := fs.WalkDir(demo.Files(), ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		size += info.Size()
		if listed[p] == "" {
			t.Errorf("%s is in no source list", p)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if size > maxSize {
		t.Errorf("the files take %d bytes, more than %d", size, maxSize)
	}
}

func TestOnlyOpenLicencesAreShipped(t *testing.T) {
	allowed := []string{"MIT", "BSD-3-Clause", "Apache-2.0", "CC0-1.0", "WTFPL", "La de este proyecto"}
	// Of these only figures of government are taken, which the terms of the data let anybody use;
	// their repositories state no licence.
	figures := []string{"dgm-viz", "conteos-ias"}
	for key, o := range sources(t).Origins {
		if !slices.Contains(allowed, o.License) && !slices.Contains(figures, key) {
			t.Errorf("%s has the licence %q", key, o.License)
		}
		if o.Terms == "" || o.Institution == "" || (key != "plaza" && (o.URL == "" || o.TermsURL == "")) {
			t.Errorf("%s lacks what attribution needs: %+v", key, o)
		}
	}
}

func TestEveryTableParsesAsItIsDeclared(t *testing.T) {
	contents(t, func(name string, f demo.File) {
		if f.Delimiter == "" {
			return
		}
		data := plain(t, f)
		if f.Encoding == "iso-8859-1" {
			var err error
			if data, err = charmap.ISO8859_1.NewDecoder().Bytes(data); err != nil {
				t.Fatal(err)
			}
		}
		r := csv.NewReader(bytes.NewReader(data))
		r.Comma = rune(f.Delimiter[0])
		rows, err := r.ReadAll() // refuses rows of unequal length
		if err != nil {
			t.Errorf("%s: %v", name, err)
			return
		}
		if len(rows)-1 != f.Rows || !slices.Equal(rows[0], f.Columns) {
			t.Errorf("%s has %d rows and columns %v, want %d and %v", name, len(rows)-1, rows[0], f.Rows, f.Columns)
		}
		if f.Rows == 0 {
			t.Errorf("%s is empty", name)
		}
	})
}

func TestEveryOtherFileOpens(t *testing.T) {
	contents(t, func(name string, f demo.File) {
		data := plain(t, f)
		switch {
		case strings.HasPrefix(f.MediaType, "text/html"), f.Delimiter != "":
		case f.Format == "JSON":
			var rows []map[string]any
			if err := json.Unmarshal(data, &rows); err != nil || len(rows) != f.Rows {
				t.Errorf("%s: %d rows, want %d; %v", name, len(rows), f.Rows, err)
			}
		case f.Format == "GeoJSON":
			checkGeoJSON(t, name, f, data)
		case f.Format == "TopoJSON":
			var topo struct {
				Type    string
				Objects map[string]any
				Arcs    []any
			}
			if err := json.Unmarshal(data, &topo); err != nil || topo.Type != "Topology" || len(topo.Objects) == 0 || len(topo.Arcs) == 0 {
				t.Errorf("%s is no topology: %v", name, err)
			}
		case f.Format == "XLSX":
			checkWorkbook(t, name, f, data)
		case f.Format == "SHP":
			z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
			if err != nil || len(z.File) < 3 {
				t.Errorf("%s: not a zipped shapefile: %v", name, err)
			}
		case f.Format == "vCard":
			if !bytes.HasPrefix(data, []byte("BEGIN:VCARD\r\n")) {
				t.Errorf("%s is no vCard", name)
			}
		default:
			t.Errorf("%s: nobody checks files of format %q", name, f.Format)
		}
	})
}

func checkGeoJSON(t *testing.T, name string, f demo.File, data []byte) {
	t.Helper()
	var g struct {
		Type     string
		Features []struct {
			Geometry struct {
				Type        string
				Coordinates json.RawMessage
			}
		}
	}
	if err := json.Unmarshal(data, &g); err != nil || g.Type != "FeatureCollection" || len(g.Features) != f.Rows {
		t.Errorf("%s: %d features, want %d; %v", name, len(g.Features), f.Rows, err)
	}
	for _, x := range g.Features {
		if x.Geometry.Type == "" || len(x.Geometry.Coordinates) < 5 {
			t.Errorf("%s has a feature without geometry", name)
			return
		}
	}
}

func checkWorkbook(t *testing.T, name string, f demo.File, data []byte) {
	t.Helper()
	book, err := excelize.OpenReader(bytes.NewReader(data))
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	defer book.Close()
	rows, err := book.GetRows(book.GetSheetList()[0])
	if err != nil || len(rows)-1 != f.Rows || !slices.Equal(rows[0], f.Columns) {
		t.Errorf("%s: %d rows, want %d; %v", name, len(rows)-1, f.Rows, err)
	}
}

// These find what must not be in a public file of ours: mail addresses and keys of persons
// that are not fictional, and columns that hold persons.
var (
	mailAddress    = regexp.MustCompile(`[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}`)
	personalKey    = regexp.MustCompile(`\b[A-Z]{4}[0-9]{6}[A-Z]{6}[A-Z0-9]{2}\b`)
	personalColumn = regexp.MustCompile(`(?i)^(contacto|telefono|tel|correo|email|domicilio|id_registro|curp|rfc|propuestas|.*_porque)$`)
)

func TestNoFileCarriesPersonalData(t *testing.T) {
	contents(t, func(name string, f demo.File) {
		for _, c := range f.Columns {
			if personalColumn.MatchString(c) {
				t.Errorf("%s has the column %q", name, c)
			}
		}
		if f.Format == "XLSX" || f.Format == "SHP" {
			return
		}
		text := string(plain(t, f))
		for _, m := range mailAddress.FindAllString(text, -1) {
			if !strings.HasSuffix(m, ".example") {
				t.Errorf("%s has the address %q", name, m)
			}
		}
		for _, m := range personalKey.FindAllString(text, -1) {
			if f.Source != "plaza" || !strings.HasPrefix(m, "XXXX") {
				t.Errorf("%s has the key %q", name, m)
			}
		}
	})
	f := sources(t).Files["cre/estaciones_de_servicio_latin1.csv"]
	if !bytes.Contains(plain(t, f), []byte("(persona f\xedsica: nombre omitido)")) {
		t.Errorf("the permit holders who may be natural persons are not hidden")
	}
}

func TestInstitutionsAreCompleteAndParentsComeFirst(t *testing.T) {
	list, err := demo.Institutions()
	if err != nil {
		t.Fatal(err)
	}
	if len(list) < 12 {
		t.Errorf("%d institutions, want at least 12", len(list))
	}
	seen, slugs, names := map[string]bool{}, map[string]bool{}, map[string]string{}
	for _, i := range list {
		if i.Acronym == "" || i.Slug == "" || i.Name == "" || i.Description == "" || i.Liaison.Post == "" {
			t.Errorf("%s lacks something: %+v", i.Acronym, i)
		}
		if len([]rune(i.Description)) > 280 {
			t.Errorf("the description of %s has more than 280 characters", i.Acronym)
		}
		if !slices.Contains([]string{"federal", "state", "municipal", "autonomous"}, i.Type) {
			t.Errorf("%s is of type %q", i.Acronym, i.Type)
		}
		if _, err := time.LoadLocation(i.Zone); err != nil {
			t.Errorf("%s: %v", i.Acronym, err)
		}
		if !strings.HasSuffix(i.Liaison.Mail, ".example") {
			t.Errorf("the address %q of %s is not fictional", i.Liaison.Mail, i.Acronym)
		}
		if seen[i.Acronym] || slugs[i.Slug] {
			t.Errorf("%s is there twice", i.Acronym)
		}
		if i.Parent != "" && !seen[i.Parent] {
			t.Errorf("the parent %q of %s does not come before it", i.Parent, i.Acronym)
		}
		if !slices.Contains(i.Names, i.Acronym) {
			t.Errorf("the names of %s leave out its acronym", i.Acronym)
		}
		for _, n := range i.Names {
			if other, ok := names[strings.ToLower(n)]; ok && other != i.Acronym {
				t.Errorf("%q names both %s and %s", n, other, i.Acronym)
			}
			names[strings.ToLower(n)] = i.Acronym
		}
		seen[i.Acronym], slugs[i.Slug] = true, true
	}
}

func TestEveryLinkOfEveryCatalogLeadsToAFile(t *testing.T) {
	link := regexp.MustCompile(`\{\{base\}\}/demo/archivos/([A-Za-z0-9_./-]+)`)
	used := map[string]bool{}
	for _, c := range catalogs(t) {
		for _, v := range c.Versions {
			for _, m := range link.FindAllStringSubmatch(stored(t, v.File), -1) {
				used[m[1]] = true
				if _, ok := sources(t).Files[m[1]]; !ok && !slices.Contains(v.Broken, m[1]) {
					t.Errorf("%s links to %s, which does not exist", v.File, m[1])
				}
			}
			for _, b := range v.Broken {
				if _, ok := sources(t).Files[b]; ok {
					t.Errorf("%s is said to be broken and exists", b)
				}
			}
		}
	}
	for name := range sources(t).Files {
		// The Argentine profile and CKAN give contacts by address, not by card.
		if !used[name] && path.Dir(name) != "contactos" {
			t.Errorf("no catalogue links to %s", name)
		}
	}
}

func catalogs(t *testing.T) []demo.Catalog {
	t.Helper()
	list, err := demo.Catalogs()
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestVersionsFollowTheCalendar(t *testing.T) {
	for _, c := range catalogs(t) {
		last := time.Time{}
		for _, v := range c.Versions {
			day, err := time.Parse(time.DateOnly, v.Date)
			if err != nil || !day.After(last) {
				t.Errorf("%s: version of %q after %s: %v", c.Name, v.Date, last, err)
			}
			last = day
			if got := c.At(day); got.File != v.File {
				t.Errorf("At(%s) of %s = %s, want %s", v.Date, c.Name, got.File, v.File)
			}
		}
		if got := c.At(time.Time{}); got.File != c.Versions[0].File {
			t.Errorf("before the first version %s serves %s", c.Name, got.File)
		}
	}
}

// saidRows finds a number of rows in a description.
var saidRows = regexp.MustCompile(`([0-9][0-9,]*) (renglones|puntos|tramos|trazos)`)

func statedRows(text string) (int, bool) {
	m := saidRows.FindStringSubmatch(text)
	if m == nil {
		return 0, false
	}
	n, err := strconv.Atoi(strings.ReplaceAll(m[1], ",", ""))
	return n, err == nil
}
