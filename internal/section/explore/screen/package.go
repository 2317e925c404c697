package screen

import (
	"net/http"
	"net/url"
	"strconv"
	"time"

	"plaza/internal/base/tabular/child"
	"plaza/internal/base/tabular/form"
	"plaza/internal/base/tabular/query"
	"plaza/internal/plaza"
	"plaza/internal/section/explore"
)

// dataPackage describes the tables of a version for programs: a Data Package whose files
// are the tables as this site gives them.
func (p *Pages) dataPackage(w http.ResponseWriter, r *http.Request) error {
	at := addressOf(r.URL)
	open, err := p.Explore.Open(r.Context(), r.PathValue("resource"), at.version)
	if err != nil {
		return err
	}
	defer open.Close()
	if open.Hiding.File {
		return plaza.E(plaza.Forbidden, "explore.error.withheld")
	}
	res, v := open.Resource, open.Version
	about := map[string]string{form.Institution: res.Publisher, form.Dataset: orElse(res.Collection, res.Title), form.Date: v.Fetched.UTC().Format(time.RFC3339),
		form.Licence: res.License, "licence_url": res.LicenseURL, form.Origin: v.URL, "source_sha256": v.SHA256, form.Address: p.shell.URL(res.Path)}
	raw, err := form.DataPackage(about, p.packaged(open))
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("X-Robots-Tag", "noindex")
	_, err = w.Write(raw)
	return err
}

// packaged are the tables of a version, pinned to it, without the columns that nobody may
// see.
func (p *Pages) packaged(open *explore.View) []form.Resource {
	var out []form.Resource
	v := open.Version
	for i, t := range open.Profile.Tables {
		shown := query.Visible(t, open.Hiding.Columns(t))
		if shown.Name == "" && len(open.Profile.Tables) == 1 {
			shown.Name = open.Resource.Title
		}
		at := url.Values{"forma": {string(child.CSV)}, "version": {strconv.Itoa(v.Number)}}
		if i > 0 {
			at.Set("hoja", strconv.Itoa(i+1))
		}
		out = append(out, form.Resource{Path: p.shell.URL(pathWith(open.Resource.Path+"/descargar", at)), Form: child.CSV, Table: shown})
	}
	return out
}
