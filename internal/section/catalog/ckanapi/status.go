package ckanapi

import (
	"cmp"
	"slices"
	"strings"

	"plaza/internal/section/catalog"
	"plaza/internal/section/catalog/dcat"
)

// status is what clients ask before they ask anything else.
type status struct {
	Version     string   `json:"ckan_version"`
	Title       string   `json:"site_title"`
	Description string   `json:"site_description"`
	URL         string   `json:"site_url"`
	ErrorsTo    *string  `json:"error_emails_to"`
	Locale      string   `json:"locale_default"`
	Extensions  []string `json:"extensions"`
}

func (s *Section) statusShow(c *call) (any, error) {
	return status{Version: version, Title: s.Title, Description: c.l.T("ckanapi.site"), URL: s.Shell.URL(""),
		Locale: "es", Extensions: []string{}}, nil
}

// helpShow tells what an action does.
func (s *Section) helpShow(c *call) (any, error) {
	name, err := c.params.required("name")
	if err != nil {
		return nil, err
	}
	if _, ok := s.actions[name]; !ok {
		return nil, notFound("ckanapi.error.no_help")
	}
	return c.l.T("ckanapi.help." + name), nil
}

// license is a licence as CKAN lists it.
type license struct {
	ID         string `json:"id"`
	Title      string `json:"title"`
	URL        string `json:"url"`
	Status     string `json:"status"`
	Maintainer string `json:"maintainer"`
	Family     string `json:"family"`
	Data       bool   `json:"domain_data"`
	Content    bool   `json:"domain_content"`
	Software   bool   `json:"domain_software"`
	Open       bool   `json:"is_okd_compliant"`
	OSI        bool   `json:"is_osi_compliant"`
	OD         string `json:"od_conformance"`
	OSD        string `json:"osd_conformance"`
}

// licenseList lists the licences that datasets have.
func (s *Section) licenseList(*call) (any, error) {
	codes, err := s.values(catalog.FacetLicense)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(codes, func(a, b string) int {
		return cmp.Or(cmp.Compare(strings.ToLower(a), strings.ToLower(b)), cmp.Compare(a, b))
	})
	out := make([]license, len(codes))
	for i, code := range codes {
		l := license{ID: code, Title: code, Status: "active", Data: true, Open: dcat.License{ID: code}.Open(), OD: "not reviewed", OSD: "not reviewed"}
		if known, ok := dcat.KnownLicense(code); ok {
			l.Title, l.URL = known.Title, known.URL
		}
		if l.Open {
			l.OD = "approved"
		}
		out[i] = l
	}
	return out, nil
}
