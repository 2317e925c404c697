package demo_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"plaza/internal/section/catalog/dcat"
	"plaza/internal/site/demo"
)

// harvest reads a catalogue through the handler with the reader of the harvester,
// page by page, as it was at an instant.
func harvest(t *testing.T, c demo.Catalog, at time.Time) (map[string]*dcat.Record, []dcat.Problem) {
	t.Helper()
	h := demo.HandlerAt(base, func() (now, end time.Time) { return at, at })
	next := c.Path
	if c.Kind == "ckan" {
		next += "/api/3/action/package_search?rows=1000"
	}
	records, problems := map[string]*dcat.Record{}, []dcat.Problem(nil)
	for pages := 0; next != ""; pages++ {
		if pages > 20 {
			t.Fatalf("%s has no last page", c.Name)
		}
		w := get(t, h, next)
		u, err := url.Parse(base + next)
		if err != nil {
			t.Fatal(err)
		}
		opt := dcat.Options{Base: u, ContentType: w.Header().Get("Content-Type"), Now: at.AddDate(0, 0, 1)}
		summary, err := dcat.Read(dcat.Kind(c.Kind), w.Body, opt, func(i dcat.Item) error {
			problems = append(problems, i.Problems...)
			if i.Record == nil {
				t.Errorf("%s: record %d cannot be used: %v", c.Name, i.Index, i.Problems)
				return nil
			}
			if records[i.Key] != nil {
				t.Errorf("%s: the key %s is there twice", c.Name, i.Key)
			}
			records[i.Key] = i.Record
			return nil
		})
		if err != nil {
			t.Fatalf("reading %s: %v", c.Name, err)
		}
		next = strings.TrimPrefix(summary.Next, base)
	}
	return records, problems
}

func TestTheHarvesterReadsEveryCatalog(t *testing.T) {
	institutions, err := demo.Institutions()
	if err != nil {
		t.Fatal(err)
	}
	byName := map[string]string{}
	for _, i := range institutions {
		for _, n := range i.Names {
			byName[n] = i.Acronym
		}
	}
	kinds, publishers, orphans := map[string]int{}, map[string]bool{}, []string(nil)
	datasets, opens := 0, 0
	files := sources(t).Files
	for _, c := range catalogs(t) {
		kinds[c.Kind]++
		for i, v := range c.Versions {
			records, _ := harvest(t, c, v.From())
			if len(records) != v.Datasets {
				t.Errorf("%s gives %d datasets, want %d", v.File, len(records), v.Datasets)
			}
			links := 0
			for _, r := range records {
				checkRecord(t, v, r, files)
				links += len(r.Resources)
				if i < len(c.Versions)-1 {
					continue
				}
				if who, ok := byName[r.Publisher.Name]; ok {
					publishers[who] = true
				} else {
					orphans = append(orphans, r.Publisher.Name)
				}
			}
			if links != v.Resources {
				t.Errorf("%s gives %d resources, want %d", v.File, links, v.Resources)
			}
			if i == len(c.Versions)-1 {
				datasets += len(records)
				opens += links - len(v.Broken)
			}
		}
	}
	if kinds["ckan"] < 1 || kinds["dcat"] < 3 || kinds["data.json"] < 3 {
		t.Errorf("kinds of catalogues: %v", kinds)
	}
	if len(publishers) < 12 || datasets < 60 || opens < 120 {
		t.Errorf("%d institutions with data, %d datasets, %d resources that open; want 12, 60 and 120", len(publishers), datasets, opens)
	}
	if diff := cmp.Diff([]string{"ECOBICI"}, orphans); diff != "" {
		t.Errorf("publishers that are no institution (-want +got):\n%s", diff)
	}
	t.Logf("%d institutions, %d datasets, %d resources that open", len(publishers), datasets, opens)
}

// themes are those of datos.gob.mx.
var themes = []string{"Educación", "Economía", "Salud", "Seguridad y Justicia", "Infraestructura", "Finanzas y Contrataciones", "Geoespacial", "Energía y Medio Ambiente", "Cultura y Turismo", "Desarrollo Sostenible", "Gobiernos Locales", "Otros"}

func checkRecord(t *testing.T, v demo.Version, r *dcat.Record, files map[string]demo.File) {
	t.Helper()
	if r.Title == "" || len(r.Description) < 80 || len(r.Keywords) == 0 || r.Contact.Email == "" || r.Temporal.Start == "" {
		t.Errorf("%s: %q is poorly described", v.File, r.Title)
	}
	if len(r.Themes) != 1 || !slices.Contains(themes, r.Themes[0]) {
		t.Errorf("%s: %q has the themes %v", v.File, r.Title, r.Themes)
	}
	if len(r.Resources) == 0 {
		t.Errorf("%s: %q has no resource", v.File, r.Title)
	}
	for _, date := range []string{r.Issued, r.Modified} {
		if date < "2025-05-23" || date[:10] > v.Date {
			t.Errorf("%s of %s: %q is of %s", v.File, v.Date, r.Title, date)
		}
	}
	for _, res := range r.Resources {
		name := strings.TrimPrefix(res.DownloadURL, base+"/demo/archivos/")
		f, ok := files[name]
		if !ok {
			if !slices.Contains(v.Broken, name) {
				t.Errorf("%s: %q leads nowhere: %s", v.File, res.Title, res.DownloadURL)
			}
			continue
		}
		if res.ByteSize != f.Bytes || !strings.EqualFold(res.Format, f.Format) {
			t.Errorf("%s: %s is %d bytes of %s, want %d of %s", v.File, name, res.ByteSize, res.Format, f.Bytes, f.Format)
		}
		if n, said := statedRows(res.Description); said && n != f.Rows {
			t.Errorf("%s: %q speaks of %d rows, %s has %d", v.File, res.Description, n, name, f.Rows)
		}
	}
}

func TestTheImperfectionsPutInOnPurposeAreReported(t *testing.T) {
	got := map[string]int{}
	noLicense, dictionaries, overdue := 0, 0, 0
	for _, c := range catalogs(t) {
		records, problems := harvest(t, c, c.Versions[0].From())
		for _, p := range problems {
			got[p.Code]++
		}
		for _, r := range records {
			if c.Kind == "ckan" && r.License.ID == "" {
				noLicense++
			}
			if c.Name == "inegi" && r.Resources[0].License.URL == "" && r.License.URL == "" {
				noLicense++
			}
			if r.DictionaryURL != "" {
				dictionaries++
			}
			if r.AccrualPeriodicity == "R/P1D" {
				overdue++
			}
		}
	}
	for _, code := range []string{"date_day_first", "text_for_list", "email_several"} {
		if got[code] == 0 {
			t.Errorf("no catalogue has the problem %s; found %v", code, got)
		}
	}
	if noLicense != 2 || dictionaries < 15 || overdue != 1 {
		t.Errorf("%d datasets without licence, %d with a dictionary in ADELA, %d overdue; want 2, at least 15 and 1", noLicense, dictionaries, overdue)
	}
}

func TestSecondVersionsAddChangeAndRemoveADataset(t *testing.T) {
	two := 0
	for _, c := range catalogs(t) {
		if len(c.Versions) < 2 {
			continue
		}
		two++
		before, _ := harvest(t, c, c.Versions[0].From())
		after, _ := harvest(t, c, c.Versions[1].From())
		added, changed, gone := 0, 0, 0
		for key, r := range after {
			switch old := before[key]; {
			case old == nil:
				added++
			case !cmp.Equal(old, r):
				changed++
			}
		}
		for key := range before {
			if after[key] == nil {
				gone++
			}
		}
		if added != 1 || changed != 1 || gone != 1 {
			t.Errorf("%s: %d added, %d changed, %d gone; want one of each", c.Name, added, changed, gone)
		}
	}
	if two < 2 {
		t.Errorf("%d catalogues with a second version, want 2", two)
	}
}
