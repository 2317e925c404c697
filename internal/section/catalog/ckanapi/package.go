package ckanapi

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"plaza/internal/civic/institution"
	"plaza/internal/section/catalog"
	"plaza/internal/section/catalog/dcat"
	"plaza/internal/section/catalog/harvest"
)

// dataset is a package as CKAN's package_show writes it.
type dataset struct {
	Author           *string        `json:"author"`
	AuthorEmail      *string        `json:"author_email"`
	CreatorUserID    *string        `json:"creator_user_id"`
	ID               string         `json:"id"`
	IsOpen           bool           `json:"isopen"`
	LicenseID        *string        `json:"license_id"`
	LicenseTitle     *string        `json:"license_title"`
	LicenseURL       *string        `json:"license_url"`
	Maintainer       *string        `json:"maintainer"`
	MaintainerEmail  *string        `json:"maintainer_email"`
	MetadataCreated  string         `json:"metadata_created"`
	MetadataModified string         `json:"metadata_modified"`
	Name             string         `json:"name"`
	Notes            string         `json:"notes"`
	NumResources     int            `json:"num_resources"`
	NumTags          int            `json:"num_tags"`
	Organization     *packageOwner  `json:"organization"`
	OwnerOrg         *string        `json:"owner_org"`
	Private          bool           `json:"private"`
	State            string         `json:"state"`
	Title            string         `json:"title"`
	Type             string         `json:"type"`
	URL              *string        `json:"url"`
	Version          *string        `json:"version"`
	Extras           []extra        `json:"extras"`
	Groups           []packageGroup `json:"groups"`
	Resources        []resource     `json:"resources"`
	Tags             []tag          `json:"tags"`
	AsSubject        []any          `json:"relationships_as_subject"`
	AsObject         []any          `json:"relationships_as_object"`
}

type extra struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

type packageOwner struct {
	ID             string `json:"id"`
	Name           string `json:"name"`
	Title          string `json:"title"`
	Type           string `json:"type"`
	Description    string `json:"description"`
	ImageURL       string `json:"image_url"`
	Created        string `json:"created"`
	IsOrganization bool   `json:"is_organization"`
	ApprovalStatus string `json:"approval_status"`
	State          string `json:"state"`
}

type packageGroup struct {
	ID              string `json:"id"`
	Name            string `json:"name"`
	Title           string `json:"title"`
	DisplayName     string `json:"display_name"`
	Description     string `json:"description"`
	ImageDisplayURL string `json:"image_display_url"`
}

type tag struct {
	ID           string  `json:"id"`
	Name         string  `json:"name"`
	DisplayName  string  `json:"display_name"`
	State        string  `json:"state"`
	VocabularyID *string `json:"vocabulary_id"`
}

// resource is a resource as CKAN writes it, with the names that ckanext-dcat gives
// to what CKAN has none for.
type resource struct {
	CacheLastUpdated *string `json:"cache_last_updated"`
	CacheURL         *string `json:"cache_url"`
	Created          string  `json:"created"`
	DatastoreActive  bool    `json:"datastore_active"`
	Description      string  `json:"description"`
	Format           string  `json:"format"`
	Hash             string  `json:"hash"`
	ID               string  `json:"id"`
	LastModified     *string `json:"last_modified"`
	MetadataModified string  `json:"metadata_modified"`
	Mimetype         *string `json:"mimetype"`
	MimetypeInner    *string `json:"mimetype_inner"`
	Name             string  `json:"name"`
	PackageID        string  `json:"package_id"`
	Position         int     `json:"position"`
	ResourceType     string  `json:"resource_type"`
	Size             *int64  `json:"size"`
	State            string  `json:"state"`
	URL              string  `json:"url"`
	URLType          *string `json:"url_type"`

	AccessURL     string   `json:"access_url,omitempty"`
	DownloadURL   string   `json:"download_url,omitempty"`
	HashAlgorithm string   `json:"hash_algorithm,omitempty"`
	Issued        string   `json:"issued,omitempty"`
	Modified      string   `json:"modified,omitempty"`
	License       string   `json:"license,omitempty"`
	DescribedBy   string   `json:"describedBy,omitempty"`
	ConformsTo    []string `json:"conforms_to,omitempty"`
}

// around is what packages refer to.
type around struct {
	institutions map[string]institution.Institution
	sources      map[string]harvest.Source
	now          time.Time
}

// datasetOf is a dataset as a package.
func (s *Section) datasetOf(d catalog.Dataset, with around) dataset {
	out := dataset{
		ID: d.ID, Name: d.Slug, Title: d.Title, Notes: d.Description, Type: "dataset", State: "active",
		IsOpen: d.License.Open(), LicenseID: some(d.License.ID), LicenseTitle: some(d.License.Title), LicenseURL: some(d.License.URL),
		Maintainer: some(d.Contact.Name), MaintainerEmail: some(d.Contact.Email),
		MetadataCreated: stamp(d.FirstSeen), MetadataModified: stamp(d.ChangedAt),
		URL: some(d.LandingPage), Version: some(d.Version), Extras: s.extrasOf(d, with.sources[d.SourceID]),
		Groups: []packageGroup{}, Resources: []resource{}, Tags: []tag{}, AsSubject: []any{}, AsObject: []any{},
	}
	if i, ok := with.institutions[d.InstitutionID]; ok {
		out.OwnerOrg = &i.ID
		out.Organization = &packageOwner{ID: i.ID, Name: i.Slug, Title: i.Name, Type: "organization", Description: i.Description,
			ImageURL: s.picture(i), Created: stamp(i.CreatedAt), IsOrganization: true, ApprovalStatus: "approved", State: "active"}
	}
	seen := map[string]bool{}
	for _, theme := range d.Themes {
		if name := slugOf(theme); !seen[name] {
			seen[name] = true
			out.Groups = append(out.Groups, packageGroup{ID: name, Name: name, Title: theme, DisplayName: theme})
		}
	}
	for _, k := range d.Keywords {
		out.Tags = append(out.Tags, tagOf(k))
	}
	for i, r := range d.Current() {
		out.Resources = append(out.Resources, resourceOf(d, r, i))
	}
	out.NumResources, out.NumTags = len(out.Resources), len(out.Tags)
	return out
}

func tagOf(keyword string) tag {
	return tag{ID: keyword, Name: keyword, DisplayName: keyword, State: "active"}
}

// some is nil for an empty text, as CKAN has it.
func some(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// picture is the absolute address of an institution's logo.
func (s *Section) picture(i institution.Institution) string {
	if i.Logo == "" {
		return ""
	}
	return s.Shell.URL(i.Logo)
}

// extrasOf is what CKAN has no member for, under the names that ckanext-dcat and
// ckanext-harvest give it; what the source stated besides keeps its own names.
func (s *Section) extrasOf(d catalog.Dataset, source harvest.Source) []extra {
	all := maps.Clone(d.Extras)
	if all == nil {
		all = map[string]string{}
	}
	for name, value := range map[string]string{
		"issued": d.Issued, "modified": d.Modified, "frequency": d.AccrualPeriodicity,
		"spatial_text": d.Spatial.Text, "spatial": geometry(d.Spatial.Box),
		"temporal_start": d.Temporal.Start, "temporal_end": d.Temporal.End,
		"language": many(d.Languages), "conforms_to": many(d.ConformsTo),
		"contact_name": d.Contact.Name, "contact_email": d.Contact.Email, "contact_uri": d.Contact.URL,
		"publisher_name": d.Publisher.Name, "publisher_email": d.Publisher.Email,
		"access_rights": d.AccessLevel, "data_dictionary": d.DictionaryURL, "identifier": d.Identifier,
		"guid": d.SourceKey, "uri": s.Shell.URL(d.Path()),
		"harvest_source_id": source.ID, "harvest_source_title": source.Title,
	} {
		if value != "" {
			all[name] = value
		} else {
			delete(all, name)
		}
	}
	out := make([]extra, 0, len(all))
	for _, name := range slices.Sorted(maps.Keys(all)) {
		out = append(out, extra{name, all[name]})
	}
	return out
}

// many is a list as ckanext-dcat writes it in an extra: one as it is, more as JSON.
func many(list []string) string {
	if len(list) < 2 {
		return strings.Join(list, "")
	}
	raw, err := json.Marshal(list)
	if err != nil {
		return "" // texts always have a form
	}
	return string(raw)
}

// geometry is a box as GeoJSON, "" for none.
func geometry(b *dcat.Box) string {
	if b == nil {
		return ""
	}
	f := func(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }
	w, s, e, n := f(b.West), f(b.South), f(b.East), f(b.North)
	return `{"type": "Polygon", "coordinates": [[[` + w + ", " + s + "], [" + e + ", " + s + "], [" + e + ", " + n + "], [" +
		w + ", " + n + "], [" + w + ", " + s + "]]]}"
}

// services are the formats of what is asked rather than downloaded.
var services = map[string]bool{"API": true, "WMS": true, "WFS": true, "WMTS": true, "SPARQL": true}

func resourceOf(d catalog.Dataset, r catalog.Resource, position int) resource {
	access, download := r.Addresses()
	out := resource{
		ID: r.ID, PackageID: d.ID, Name: r.Title, Description: r.Description, Format: r.Format, Mimetype: some(r.MediaType),
		URL: r.URL(), AccessURL: access, DownloadURL: download, State: "active", ResourceType: "file", Position: position,
		Hash: r.ChecksumValue, HashAlgorithm: r.ChecksumAlgorithm, Created: stamp(d.FirstSeen), MetadataModified: stamp(d.ChangedAt),
		Issued: r.Issued, Modified: r.Modified, DescribedBy: r.DictionaryURL, ConformsTo: r.ConformsTo,
	}
	if services[r.Format] {
		out.ResourceType = "api"
	}
	if r.ByteSize >= 0 {
		out.Size = &r.ByteSize
	}
	if t, err := time.Parse(time.RFC3339, r.Modified); err == nil {
		out.LastModified = some(stamp(t))
	} else if t, err := time.Parse("2006-01-02", r.Modified); err == nil {
		out.LastModified = some(stamp(t))
	}
	for _, license := range []string{r.License.URL, r.License.Title, r.License.ID} {
		if out.License == "" {
			out.License = license
		}
	}
	return out
}
