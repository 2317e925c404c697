package readapi

import (
	"time"

	"plaza/internal/civic/institution"
	"plaza/internal/section/catalog"
	"plaza/internal/section/catalog/dcat"
	"plaza/internal/section/catalog/harvest"
)

// Dataset is a dataset as programs read it.
type Dataset struct {
	ID    string `json:"id" doc:"readapi.dataset.id"`
	Slug  string `json:"slug" doc:"readapi.dataset.slug"`
	URL   string `json:"url" format:"uri" doc:"readapi.dataset.url"`
	State string `json:"state" enum:"published,absent" doc:"readapi.dataset.state"`

	Title              string          `json:"title" doc:"readapi.dataset.title"`
	Description        string          `json:"description" doc:"readapi.dataset.description"`
	Keywords           []string        `json:"keywords" nullable:"false" doc:"readapi.dataset.keywords"`
	Themes             []string        `json:"themes" nullable:"false" doc:"readapi.dataset.themes"`
	Identifier         string          `json:"identifier" doc:"readapi.dataset.identifier"`
	Institution        *InstitutionRef `json:"institution,omitempty" doc:"readapi.dataset.institution"`
	Publisher          string          `json:"publisher" doc:"readapi.dataset.publisher"`
	Contact            Contact         `json:"contact_point" doc:"readapi.dataset.contact_point"`
	License            License         `json:"license" doc:"readapi.dataset.license"`
	Issued             string          `json:"issued" doc:"readapi.dataset.issued" example:"2016-05"`
	Modified           string          `json:"modified" doc:"readapi.dataset.modified" example:"2026-05-30"`
	AccrualPeriodicity string          `json:"accrual_periodicity" doc:"readapi.dataset.accrual_periodicity" example:"R/P1M"`
	Freshness          string          `json:"freshness" enum:"fresh,late,unbound" doc:"readapi.dataset.freshness"`
	Spatial            Spatial         `json:"spatial" doc:"readapi.dataset.spatial"`
	Temporal           Temporal        `json:"temporal" doc:"readapi.dataset.temporal"`
	LandingPage        string          `json:"landing_page" doc:"readapi.dataset.landing_page"`
	Documentation      string          `json:"documentation" doc:"readapi.dataset.documentation"`
	Languages          []string        `json:"languages" nullable:"false" doc:"readapi.dataset.languages"`
	ConformsTo         []string        `json:"conforms_to" nullable:"false" doc:"readapi.dataset.conforms_to"`
	AccessRights       string          `json:"access_rights" doc:"readapi.dataset.access_rights"`
	Version            string          `json:"version" doc:"readapi.dataset.version"`

	Resources []Resource `json:"resources" nullable:"false" doc:"readapi.dataset.resources"`
	Notes     []Note     `json:"notes" nullable:"false" doc:"readapi.dataset.notes"`

	Source       *SourceRef `json:"source,omitempty" doc:"readapi.dataset.source"`
	SourceKey    string     `json:"source_key" doc:"readapi.dataset.source_key"`
	FirstSeen    time.Time  `json:"first_seen" doc:"readapi.dataset.first_seen"`
	LastSeen     *time.Time `json:"last_seen" doc:"readapi.dataset.last_seen"`
	LastChanged  time.Time  `json:"last_changed" doc:"readapi.dataset.last_changed"`
	MissingSince *time.Time `json:"missing_since" doc:"readapi.dataset.missing_since"`
	AbsentSince  *time.Time `json:"absent_since" doc:"readapi.dataset.absent_since"`
}

// InstitutionRef names an institution.
type InstitutionRef struct {
	ID   string `json:"id" doc:"readapi.institution.id"`
	Slug string `json:"slug" doc:"readapi.institution.slug"`
	Name string `json:"name" doc:"readapi.institution.name"`
	URL  string `json:"url" format:"uri" doc:"readapi.institution.url"`
}

// SourceRef names a source catalogue.
type SourceRef struct {
	ID    string `json:"id" doc:"readapi.source.id"`
	Title string `json:"title" doc:"readapi.source.title"`
	URL   string `json:"url" format:"uri" doc:"readapi.source.url"`
}

// Contact is whom to ask.
type Contact struct {
	Name     string `json:"name" doc:"readapi.contact.name"`
	Position string `json:"position" doc:"readapi.contact.position"`
	Email    string `json:"email" doc:"readapi.contact.email"`
	Phone    string `json:"phone" doc:"readapi.contact.phone"`
	URL      string `json:"url" doc:"readapi.contact.url"`
}

// License is the terms of use.
type License struct {
	ID    string `json:"id" doc:"readapi.license.id" example:"CC-BY-4.0"`
	Title string `json:"title" doc:"readapi.license.title"`
	URL   string `json:"url" doc:"readapi.license.url"`
}

// Spatial is what data cover on the ground.
type Spatial struct {
	Text string    `json:"text" doc:"readapi.spatial.text"`
	BBox []float64 `json:"bbox" nullable:"false" doc:"readapi.spatial.bbox"`
}

// Temporal is what data cover in time.
type Temporal struct {
	Start string `json:"start" doc:"readapi.temporal.start"`
	End   string `json:"end" doc:"readapi.temporal.end"`
}

// Note is a remark on quality.
type Note struct {
	Code  string `json:"code" doc:"readapi.note.code" enum:"broken_link,late,no_license,no_dictionary,no_resources"`
	Count int    `json:"count" doc:"readapi.note.count"`
}

// Resource is a distribution.
type Resource struct {
	ID            string   `json:"id" doc:"readapi.resource.id"`
	URL           string   `json:"url" format:"uri" doc:"readapi.resource.url"`
	Title         string   `json:"title" doc:"readapi.resource.title"`
	Description   string   `json:"description" doc:"readapi.resource.description"`
	Format        string   `json:"format" doc:"readapi.resource.format" example:"CSV"`
	MediaType     string   `json:"media_type" doc:"readapi.resource.media_type"`
	AccessURL     string   `json:"access_url" doc:"readapi.resource.access_url"`
	DownloadURL   string   `json:"download_url" doc:"readapi.resource.download_url"`
	ByteSize      *int64   `json:"byte_size" doc:"readapi.resource.byte_size"`
	Checksum      Checksum `json:"checksum" doc:"readapi.resource.checksum"`
	Issued        string   `json:"issued" doc:"readapi.dataset.issued"`
	Modified      string   `json:"modified" doc:"readapi.dataset.modified"`
	License       License  `json:"license" doc:"readapi.resource.license"`
	Documentation string   `json:"documentation" doc:"readapi.dataset.documentation"`
	ConformsTo    []string `json:"conforms_to" nullable:"false" doc:"readapi.dataset.conforms_to"`
	Fields        []Field  `json:"fields" nullable:"false" doc:"readapi.resource.fields"`
	Check         Check    `json:"check" doc:"readapi.resource.check"`
	Tables        *Tables  `json:"data,omitempty" doc:"readapi.resource.data"`
}

// Tables are where what is in a resource's file is read.
type Tables struct {
	Rows      string `json:"rows" format:"uri" doc:"readapi.tables.rows"`
	Aggregate string `json:"aggregate" format:"uri" doc:"readapi.tables.aggregate"`
	Profile   string `json:"profile" format:"uri" doc:"readapi.tables.profile"`
	Versions  string `json:"versions" format:"uri" doc:"readapi.tables.versions"`
}

// Checksum tells whether a download is whole.
type Checksum struct {
	Algorithm string `json:"algorithm" doc:"readapi.checksum.algorithm"`
	Value     string `json:"value" doc:"readapi.checksum.value"`
}

// Field is a column of a data dictionary.
type Field struct {
	Name        string `json:"name" doc:"readapi.field.name"`
	Title       string `json:"title" doc:"readapi.field.title"`
	Type        string `json:"type" doc:"readapi.field.type"`
	Description string `json:"description" doc:"readapi.field.description"`
}

// Check is what the last look at an address found.
type Check struct {
	State     string     `json:"state" doc:"readapi.check.state"`
	Status    int        `json:"status" doc:"readapi.check.status"`
	CheckedAt *time.Time `json:"checked_at" doc:"readapi.check.checked_at"`
}

// around is what datasets of an answer refer to.
type around struct {
	institutions map[string]institution.Institution
	sources      map[string]harvest.Source
	seen         map[string]time.Time // when each was last seen, by dataset id
	now          time.Time
}

// datasetOf is a dataset as programs read it.
func (s *Section) datasetOf(d catalog.Dataset, with around) Dataset {
	out := Dataset{
		ID: d.ID, Slug: d.Slug, URL: s.url(d.Path()), State: string(d.State),
		Title: d.Title, Description: d.Description, Keywords: list(d.Keywords), Themes: list(d.Themes),
		Identifier: d.Identifier, Publisher: d.Publisher.Name,
		Contact: Contact{d.Contact.Name, d.Contact.Position, d.Contact.Email, d.Contact.Phone, d.Contact.URL},
		License: License(d.License), Issued: d.Issued, Modified: d.Modified,
		AccrualPeriodicity: d.AccrualPeriodicity, Freshness: string(d.Freshness(with.now)),
		Spatial: spatialOf(d.Spatial), Temporal: Temporal(d.Temporal), LandingPage: d.LandingPage,
		Documentation: d.DictionaryURL, Languages: list(d.Languages), ConformsTo: list(d.ConformsTo),
		AccessRights: d.AccessLevel, Version: d.Version, Resources: []Resource{}, Notes: []Note{},
		SourceKey: d.SourceKey, FirstSeen: d.FirstSeen, LastChanged: d.ChangedAt,
		LastSeen: instant(with.seen[d.ID]), MissingSince: instant(d.MissingSince), AbsentSince: instant(d.AbsentAt),
	}
	if i, ok := with.institutions[d.InstitutionID]; ok {
		out.Institution = s.institutionRef(i)
	}
	if src, ok := with.sources[d.SourceID]; ok {
		out.Source = &SourceRef{src.ID, src.Title, s.url(src.Path())}
	}
	for _, r := range d.Current() {
		out.Resources = append(out.Resources, s.resourceOf(d, r))
	}
	for _, n := range d.Notes(with.now) {
		out.Notes = append(out.Notes, Note{n.Code, n.Count})
	}
	return out
}

func (s *Section) institutionRef(i institution.Institution) *InstitutionRef {
	return &InstitutionRef{i.ID, i.Slug, i.Name, s.url(i.Path())}
}

func (s *Section) resourceOf(d catalog.Dataset, r catalog.Resource) Resource {
	access, download := r.Addresses()
	out := Resource{
		ID: r.ID, URL: s.url(d.ResourcePath(r)), Title: r.Title, Description: r.Description,
		Format: r.Format, MediaType: r.MediaType, AccessURL: access, DownloadURL: download,
		Checksum: Checksum{r.ChecksumAlgorithm, r.ChecksumValue}, Issued: r.Issued, Modified: r.Modified,
		License: License(r.License), Documentation: r.DictionaryURL, ConformsTo: list(r.ConformsTo), Fields: []Field{},
		Check: Check{r.Check.State, r.Check.Status, instant(r.Check.At)},
	}
	if s.Tables != nil && r.Withheld.IsZero() {
		out.Tables = s.Tables(r.ID)
	}
	if r.ByteSize >= 0 {
		out.ByteSize = &r.ByteSize
	}
	for _, f := range r.Fields {
		out.Fields = append(out.Fields, Field(f))
	}
	return out
}

func spatialOf(s dcat.Spatial) Spatial {
	out := Spatial{Text: s.Text, BBox: []float64{}}
	if b := s.Box; b != nil {
		out.BBox = []float64{b.West, b.South, b.East, b.North}
	}
	return out
}
