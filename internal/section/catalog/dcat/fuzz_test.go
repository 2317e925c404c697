package dcat_test

import (
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"plaza/internal/section/catalog/dcat"
)

func FuzzReadCKAN(f *testing.F) {
	seed(f, "ckan_*.json")
	f.Add([]byte(`{"success":false,"error":{"message":"no"}}`))
	f.Add([]byte(`[{"name":"a","title":1,"tags":"x, y","extras":{"spatial":[1,2,3,4],"theme":"[\"a\"]"},"resources":[{"url":["b"],"size":"1 kb"}]}]`))
	f.Fuzz(func(t *testing.T, data []byte) { checkReading(t, dcat.CKAN, data) })
}

func FuzzReadDataJSON(f *testing.F) {
	seed(f, "adela.json")
	seed(f, "pod.json")
	seed(f, "argentina.json")
	f.Add([]byte("\xFF\xFE{\x00}\x00"))
	f.Add([]byte(`{"dataset":[{"title":"\ud800","modified":"30/05/2016","keyword":"a;b","distribution":{"downloadURL":"x y","byteSize":"1,5 MB"}},]}`))
	f.Fuzz(func(t *testing.T, data []byte) { checkReading(t, dcat.DataJSON, data) })
}

func FuzzReadDCAT(f *testing.F) {
	seed(f, "catalog.*")
	f.Add([]byte(`{"@context":{"a":{"@id":"http://x/a","@container":"@list","@context":{"b":"http://x/b"}}},"a":[{"b":1}]}`))
	f.Add([]byte("@base <http://x.mx/> . <> a <b>, 'c'@es, \"\"\"d\"\"\", 1.5e3, ( [ <e> true ] ) ."))
	f.Fuzz(func(t *testing.T, data []byte) { checkReading(t, dcat.DCAT, data) })
}

// seed adds the files of testdata that match.
func seed(f *testing.F, pattern string) {
	f.Helper()
	paths, err := filepath.Glob("testdata/" + pattern)
	if err != nil || len(paths) == 0 {
		f.Fatalf("no seeds match %s: %v", pattern, err)
	}
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
}

// checkReading reads anything and holds what comes out to what Record promises.
func checkReading(t *testing.T, kind dcat.Kind, data []byte) {
	base := &url.URL{Scheme: "https", Host: "x.mx", Path: "/c"}
	var prints []string
	count := 0
	summary, err := dcat.Read(kind, strings.NewReader(string(data)), dcat.Options{Base: base, Now: now}, func(item dcat.Item) error {
		if item.Index != count {
			t.Errorf("Index = %d, want %d", item.Index, count)
		}
		count++
		checkText(t, item.Key)
		for _, p := range item.Problems {
			checkProblem(t, p)
		}
		if item.Record != nil {
			checkPromises(t, item.Record)
		}
		prints = append(prints, item.Fingerprint)
		return nil
	})
	if err == nil && summary.Count+summary.Unusable != count {
		t.Errorf("summary %+v after %d items", summary, count)
	}
	for _, p := range summary.Problems {
		checkProblem(t, p)
	}
	if summary.Next != "" && !dcat.SafeURL(summary.Next) {
		t.Errorf("Next = %q", summary.Next)
	}
	again := 0
	_, second := dcat.Read(kind, strings.NewReader(string(data)), dcat.Options{Base: base, Now: now}, func(item dcat.Item) error {
		if again >= len(prints) || item.Fingerprint != prints[again] {
			t.Errorf("item %d differs when read again", again)
		}
		again++
		return nil
	})
	if (err == nil) != (second == nil) || again != count {
		t.Errorf("reading again gives %d items and %v, want %d and %v", again, second, count, err)
	}
}

func checkProblem(t *testing.T, p dcat.Problem) {
	if !slices.Contains(dcat.Codes(), p.Code) {
		t.Errorf("unknown code %q", p.Code)
	}
	if utf8.RuneCountInString(p.Value) > 200 {
		t.Errorf("the value of %s is too long", p.Code)
	}
	checkText(t, p.Value)
}

var isoForm = regexp.MustCompile(`^(|\d{4}(-\d{2}(-\d{2}(T\d{2}:\d{2}:\d{2}Z)?)?)?)$`)

func checkPromises(t *testing.T, r *dcat.Record) {
	if r.SourceKey == "" {
		t.Error("no key")
	}
	for _, s := range slices.Concat(r.Keywords, r.Themes, r.Aliases, []string{r.Title, r.Description, r.Identifier, r.Publisher.Name, r.Publisher.Key,
		r.Contact.Name, r.License.Title, r.License.ID, r.Spatial.Text, r.Version}) {
		checkText(t, s)
	}
	for name, s := range r.Extras {
		checkText(t, name)
		checkText(t, s)
	}
	urls := []string{r.LandingPage, r.DictionaryURL, r.License.URL, r.Contact.URL}
	dates := []string{r.Issued, r.Modified, r.Temporal.Start, r.Temporal.End}
	keys := make(map[string]bool)
	for i := range r.Resources {
		res := &r.Resources[i]
		if keys[res.SourceKey] || res.SourceKey == "" && len(r.Resources) > 1 && keys[""] {
			t.Errorf("the resource key %q is repeated", res.SourceKey)
		}
		keys[res.SourceKey] = true
		urls = append(urls, res.AccessURL, res.DownloadURL, res.DictionaryURL, res.License.URL)
		dates = append(dates, res.Issued, res.Modified)
		checkText(t, res.Title)
		checkText(t, res.Description)
		checkText(t, res.Format)
		checkText(t, res.MediaType)
		checkText(t, res.SourceKey)
		if res.ByteSize < -1 {
			t.Errorf("ByteSize = %d", res.ByteSize)
		}
	}
	for _, u := range urls {
		if u != "" && !dcat.SafeURL(u) {
			t.Errorf("unsafe address %q", u)
		}
	}
	for _, d := range dates {
		if !isoForm.MatchString(d) {
			t.Errorf("date %q", d)
		}
	}
}

// checkText refuses text that could upset a page or a terminal.
func checkText(t *testing.T, s string) {
	if !utf8.ValidString(s) {
		t.Errorf("%q is not UTF-8", s)
	}
	for _, c := range s {
		if unicode.Is(unicode.Cc, c) && c != '\n' && c != '\t' || c >= 0x202A && c <= 0x202E || c >= 0x2066 && c <= 0x2069 {
			t.Errorf("%q holds %U", s, c)
		}
	}
}
