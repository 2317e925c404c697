package demo

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
)

// hydraPage is the number of datasets on a page of the JSON-LD catalogue: few, so
// that a small catalogue has several pages.
const hydraPage = 3

func (h *handler) catalog(w http.ResponseWriter, r *http.Request) {
	c, v, data, ok := h.find(r.PathValue("name"))
	if !ok || c.Kind == "ckan" {
		http.NotFound(w, r)
		return
	}
	if c.Paged {
		number, err := strconv.Atoi(r.URL.Query().Get("page"))
		if r.URL.Query().Get("page") == "" {
			number, err = 1, nil
		}
		if err == nil {
			data, err = pageOf(data, h.base+c.Path, number)
		}
		if err != nil {
			http.NotFound(w, r)
			return
		}
	}
	sum := sha256.Sum256(data)
	w.Header().Set("Content-Type", c.MediaType)
	w.Header().Set("ETag", `"`+hex.EncodeToString(sum[:16])+`"`)
	http.ServeContent(w, r, "", v.From(), bytes.NewReader(data))
}

// pageOf cuts a JSON-LD catalogue and adds the view that leads to the next page.
func pageOf(data []byte, address string, number int) ([]byte, error) {
	var doc map[string]json.RawMessage
	if err := json.Unmarshal(data, &doc); err != nil {
		return nil, err
	}
	var sets []json.RawMessage
	if err := json.Unmarshal(doc["dcat:dataset"], &sets); err != nil {
		return nil, err
	}
	last := max((len(sets)+hydraPage-1)/hydraPage, 1)
	if number < 1 || number > last {
		return nil, fmt.Errorf("page %d of %d", number, last)
	}
	link := func(n int) map[string]string { return map[string]string{"@id": address + "?page=" + strconv.Itoa(n)} }
	view := map[string]any{
		"@id": address + "?page=" + strconv.Itoa(number), "@type": "hydra:PartialCollectionView",
		"hydra:first": link(1), "hydra:last": link(last), "hydra:totalItems": len(sets), "hydra:itemsPerPage": hydraPage,
	}
	if number > 1 {
		view["hydra:previous"] = link(number - 1)
	}
	if number < last {
		view["hydra:next"] = link(number + 1)
	}
	context := doc["@context"]
	delete(doc, "@context")
	cut, err := json.Marshal(sets[(number-1)*hydraPage : min(number*hydraPage, len(sets))])
	if err != nil {
		return nil, err
	}
	doc["dcat:dataset"] = cut
	return json.Marshal(map[string]any{"@context": context, "@graph": []any{doc, view}})
}

// ckanCatalog is the stored form of the CKAN catalogue.
type ckanCatalog struct {
	Title    string        `json:"site_title"`
	Packages []ckanPackage `json:"packages"`
}

// ckanPackage keeps a package as it is, and what is needed to find it.
type ckanPackage struct {
	ID, Name     string
	Organization map[string]any
	raw          json.RawMessage
}

// UnmarshalJSON keeps the text of the package.
func (p *ckanPackage) UnmarshalJSON(b []byte) error {
	var v struct {
		ID           string         `json:"id"`
		Name         string         `json:"name"`
		Organization map[string]any `json:"organization"`
	}
	if err := json.Unmarshal(b, &v); err != nil {
		return err
	}
	*p = ckanPackage{v.ID, v.Name, v.Organization, append(json.RawMessage(nil), b...)}
	return nil
}

// action answers the reading half of CKAN's action API. Searching is left out: q,
// fq and sort are ignored and every package is found, which is what a harvester of
// the whole catalogue asks for.
func (h *handler) action(w http.ResponseWriter, r *http.Request) {
	c, _, data, ok := h.find(r.PathValue("name"))
	if !ok || c.Kind != "ckan" {
		http.NotFound(w, r)
		return
	}
	var all ckanCatalog
	if err := json.Unmarshal(data, &all); err != nil {
		ckanError(w, r, http.StatusInternalServerError, "Internal Server Error", "the catalogue cannot be read")
		return
	}
	switch r.PathValue("action") {
	case "package_search":
		all.search(w, r)
	case "package_list":
		names := make([]string, len(all.Packages))
		for i, p := range all.Packages {
			names[i] = p.Name
		}
		ckanResult(w, r, names)
	case "package_show":
		all.show(w, r)
	case "organization_list", "organization_show":
		all.organizations(w, r)
	case "status_show":
		ckanResult(w, r, map[string]any{"site_title": all.Title, "site_url": h.base, "ckan_version": "2.10.4", "extensions": []string{}, "locale_default": "es"})
	case "site_read":
		ckanResult(w, r, true)
	default:
		writeJSON(w, http.StatusBadRequest, "Action name not known: "+r.PathValue("action"))
	}
}

func (c *ckanCatalog) search(w http.ResponseWriter, r *http.Request) {
	rows, ok1 := count(r, "rows", 10)
	start, ok2 := count(r, "start", 0)
	if !ok1 || !ok2 {
		ckanError(w, r, http.StatusBadRequest, "Search Query Error", "rows and start are whole numbers")
		return
	}
	from := min(start, len(c.Packages))
	to := min(from+min(rows, 1000), len(c.Packages))
	results := make([]json.RawMessage, 0, to-from)
	for _, p := range c.Packages[from:to] {
		results = append(results, p.raw)
	}
	ckanResult(w, r, map[string]any{"count": len(c.Packages), "sort": "id asc", "facets": map[string]any{}, "search_facets": map[string]any{}, "results": results})
}

// count reads a number that is not negative; absent gives the default.
func count(r *http.Request, key string, absent int) (int, bool) {
	s := r.URL.Query().Get(key)
	if s == "" {
		return absent, true
	}
	n, err := strconv.Atoi(s)
	return n, err == nil && n >= 0
}

func (c *ckanCatalog) show(w http.ResponseWriter, r *http.Request) {
	id := r.URL.Query().Get("id")
	for _, p := range c.Packages {
		if id == p.ID || id == p.Name {
			ckanResult(w, r, p.raw)
			return
		}
	}
	ckanError(w, r, http.StatusNotFound, "Not Found Error", "Not found")
}

func (c *ckanCatalog) organizations(w http.ResponseWriter, r *http.Request) {
	id := r.URL.Query().Get("id")
	counts, names := map[string]int{}, []string{}
	byName := map[string]map[string]any{}
	for _, p := range c.Packages {
		name := fmt.Sprint(p.Organization["name"])
		if counts[name]++; counts[name] == 1 {
			names = append(names, name)
			byName[name] = p.Organization
		}
	}
	if r.PathValue("action") == "organization_list" {
		ckanResult(w, r, names)
		return
	}
	for name, org := range byName {
		if id == name || id == org["id"] {
			org["package_count"] = counts[name]
			ckanResult(w, r, org)
			return
		}
	}
	ckanError(w, r, http.StatusNotFound, "Not Found Error", "Not found")
}

func help(r *http.Request) string { return r.URL.Path }

func ckanResult(w http.ResponseWriter, r *http.Request, result any) {
	writeJSON(w, http.StatusOK, map[string]any{"help": help(r), "success": true, "result": result})
}

func ckanError(w http.ResponseWriter, r *http.Request, status int, kind, message string) {
	writeJSON(w, status, map[string]any{"help": help(r), "success": false, "error": map[string]string{"__type": kind, "message": message}})
}
