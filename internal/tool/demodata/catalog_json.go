package main

import (
	"bytes"
	"encoding/json"
	"strings"
)

// object keeps the order in which a catalogue writes its keys.
type object []field

type field struct {
	key   string
	value any
}

func (o object) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, f := range o {
		if i > 0 {
			b.WriteByte(',')
		}
		k, err := marshal(f.key)
		if err != nil {
			return nil, err
		}
		v, err := marshal(f.value)
		if err != nil {
			return nil, err
		}
		b.Write(k)
		b.WriteByte(':')
		b.Write(v)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimRight(b.Bytes(), "\n"), nil
}

func document(v any) ([]byte, error) {
	raw, err := marshal(v)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := json.Indent(&b, raw, "", " "); err != nil {
		return nil, err
	}
	b.WriteByte('\n')
	return b.Bytes(), nil
}

// local turns a date into the midnight of central Mexico that ADELA wrote.
func local(date string) string { return date + "T00:00:00-06:00" }

// adela writes the shape of the federal tool: keys of data.json in a dialect of
// its own, a vCard address as contact, the dictionary as landing page.
func (w *world) adela(c *catalog, version int) ([]byte, error) {
	var sets []object
	last := c.Issued
	for _, d := range c.at(version) {
		post, mail := w.liaison(d.Publisher)
		landing := ""
		if dict := w.dictionary(d); dict != nil {
			landing = filesURL + dict.File
		}
		modified := local(d.Modified)
		if bad := d.Defects["modified"]; bad != "" {
			modified = bad
		}
		last = max(last, d.Modified)
		var dist []object
		for i, r := range d.Resources {
			dist = append(dist, object{
				{"id", d.ID*10 + i}, {"title", r.Title}, {"description", r.Description},
				{"issued", local(d.Issued)}, {"modified", local(d.Modified)}, {"license", c.License}, {"spatial", nil},
				{"downloadURL", filesURL + r.File}, {"mediaType", plainMedia(r.info.Media)}, {"format", strings.ToLower(r.info.Format)},
				{"byteSize", r.info.Bytes}, {"temporal", d.Temporal}, {"tools", ""}, {"publishDate", local(d.Issued)},
			})
		}
		sets = append(sets, object{
			{"id", d.ID}, {"title", d.Title}, {"description", d.Description}, {"issued", local(d.Issued)}, {"modified", modified},
			{"identifier", d.Slug}, {"theme", d.Theme}, {"keyword", append(append([]string(nil), d.Keywords...), "federal", strings.ToLower(c.Publisher))},
			{"language", "es"}, {"contactPoint", filesURL + "contactos/" + w.institutions[d.Publisher].Slug + ".vcf"},
			{"temporal", d.Temporal}, {"spatial", d.Spatial}, {"govType", "federal"}, {"accrualPeriodicity", d.Frequency},
			{"source", d.sources()}, {"provenance", d.provenance()},
			{"landingPage", landing}, {"openessRating", 3}, {"comments", nil}, {"quality", nil},
			{"publisher", object{{"name", d.Publisher}, {"position", post}, {"mbox", mail}}},
			{"public", true}, {"publishDate", local(d.Issued)}, {"distribution", dist},
		})
	}
	return document(object{
		{"title", c.Title}, {"description", ""}, {"homepage", ""}, {"language", "es"}, {"license", c.License},
		{"issued", local(c.Issued)}, {"modified", local(last)}, {"dataset", sets},
	})
}

func plainMedia(s string) string {
	m, _, _ := strings.Cut(s, ";")
	return m
}

// argentina writes the Spanish profile whose distributions carry the columns.
func (w *world) argentina(c *catalog, version int) ([]byte, error) {
	fieldTypes := map[string]string{"entero": "integer", "decimal": "number", "fecha": "date", "texto": "string"}
	var sets []object
	for _, d := range c.at(version) {
		post, mail := w.liaison(d.Publisher)
		if d.Defects["emails"] != "" {
			mail += ", atencion@" + strings.TrimPrefix(mail, "datos@")
		}
		var keyword any = d.Keywords
		if d.Defects["keyword"] != "" {
			keyword = strings.Join(d.Keywords, ", ")
		}
		var dist []object
		for _, r := range d.Resources {
			o := object{
				{"identifier", d.resourceID(r)}, {"title", r.Title}, {"description", r.Description}, {"downloadURL", filesURL + r.File},
				{"accessURL", filesURL + r.File}, {"mediaType", plainMedia(r.info.Media)}, {"format", r.info.Format}, {"byteSize", r.info.Bytes},
				{"issued", d.Issued}, {"modified", d.Modified},
			}
			var fields []object
			for i, col := range r.info.Columns {
				text, err := w.describe(d, col)
				if err != nil {
					return nil, err
				}
				fields = append(fields, object{{"title", col}, {"type", fieldTypes[r.info.Types[i]]}, {"description", text}})
			}
			if len(fields) > 0 {
				o = append(o, field{"field", fields})
			}
			dist = append(dist, o)
		}
		sets = append(sets, object{
			{"identifier", d.uuid()}, {"title", d.Title}, {"description", d.Description},
			{"publisher", object{{"name", "H. " + w.publisherName(d.Publisher)}, {"mbox", mail}}},
			{"contactPoint", object{{"fn", post}, {"hasEmail", mail}}},
			{"theme", []string{d.Theme}}, {"keyword", keyword},
			{"accrualPeriodicity", "eventual"}, {"issued", d.Issued}, {"modified", d.Modified}, {"language", []string{"spa"}},
			{"spatial", d.Spatial}, {"temporal", d.Temporal}, {"license", c.License},
			{"source", d.sources()}, {"provenance", d.provenance()}, {"distribution", dist},
		})
	}
	return document(object{
		{"version", "1.1"}, {"identifier", c.Name}, {"title", c.Title},
		{"description", "Trámites, giros e inspecciones que cinco ayuntamientos informaron en un formato común."},
		{"publisher", object{{"name", "H. " + w.publisherName(c.Publisher)}, {"mbox", w.institutions[c.Publisher].Liaison.Mail}}},
		{"issued", c.Issued}, {"modified", c.Versions[version-1]}, {"language", []string{"spa"}}, {"license", c.License},
		{"homepage", "{{base}}/demo/catalogos/"}, {"themeTaxonomy", []object{}}, {"dataset", sets},
	})
}

// ckan writes packages in the shape of package_show; the site pages them.
func (w *world) ckan(c *catalog, version int) ([]byte, error) {
	var packages []object
	for _, d := range c.at(version) {
		post, mail := w.liaison(d.Publisher)
		org := w.organization(d.Publisher)
		var resources, tags []object
		for i, r := range w.links(c, d) {
			resources = append(resources, object{
				{"id", d.resourceID(r)}, {"package_id", d.uuid()}, {"name", r.Title}, {"description", r.Description}, {"url", filesURL + r.File},
				{"format", r.info.Format}, {"mimetype", plainMedia(r.info.Media)}, {"size", sizeOf(r)}, {"hash", r.info.SHA256}, {"state", "active"},
				{"resource_type", "file"}, {"created", d.Issued + "T18:00:00.000000"}, {"last_modified", d.Modified + "T18:00:00.000000"},
				{"metadata_modified", d.Modified + "T18:00:00.000000"}, {"datastore_active", false}, {"position", i},
			})
		}
		for _, k := range d.Keywords {
			tags = append(tags, object{{"id", stableID("etiqueta", k)}, {"name", k}, {"display_name", k}, {"state", "active"}, {"vocabulary_id", nil}})
		}
		licence := []field{{"license_id", "cc-by"}, {"license_title", "Creative Commons Attribution"}, {"license_url", "https://creativecommons.org/licenses/by/4.0/"}}
		if d.Defects["license"] != "" {
			licence = []field{{"license_id", "notspecified"}, {"license_title", "License not specified"}}
		}
		p := object{
			{"id", d.uuid()}, {"name", d.Slug}, {"title", d.Title}, {"notes", d.Description}, {"type", "dataset"}, {"state", "active"},
			{"private", false}, {"isopen", d.Defects["license"] == ""},
		}
		p = append(p, licence...)
		p = append(p, object{
			{"author", post}, {"author_email", nil}, {"maintainer", post}, {"maintainer_email", mail}, {"version", nil}, {"url", nil},
			{"metadata_created", d.Issued + "T18:00:00.000000"}, {"metadata_modified", d.Modified + "T18:00:00.000000"},
			{"owner_org", stableID("organizacion", d.Publisher)}, {"organization", org},
			{"num_resources", len(resources)}, {"num_tags", len(tags)}, {"tags", tags},
			{"groups", []object{{{"id", stableID("tema", d.Theme)}, {"name", slugOf(d.Theme)}, {"title", d.Theme}, {"display_name", d.Theme}}}},
			{"extras", []object{
				{{"key", "frequency"}, {"value", d.Frequency}}, {{"key", "temporal"}, {"value", d.Temporal}}, {{"key", "spatial"}, {"value", d.Spatial}},
				{{"key", "language"}, {"value", "es"}}, {{"key", "theme"}, {"value", d.Theme}},
				{{"key", "source"}, {"value", strings.Join(d.sources(), ", ")}}, {{"key", "provenance"}, {"value", d.provenance()}},
			}},
			{"relationships_as_subject", []object{}}, {"relationships_as_object", []object{}}, {"resources", resources},
		}...)
		packages = append(packages, p)
	}
	return document(object{{"site_title", c.Title}, {"packages", packages}})
}

func sizeOf(r *resource) any {
	if r.info.Bytes == 0 {
		return nil
	}
	return r.info.Bytes
}

func (w *world) organization(short string) object {
	name, title, about := strings.ToLower(short), short, ""
	if i := w.institutions[short]; i != nil {
		name, title, about = i.Slug, i.Name, i.About
	}
	return object{{"id", stableID("organizacion", short)}, {"name", name}, {"title", title}, {"type", "organization"}, {"description", about}, {"image_url", ""}, {"state", "active"}, {"is_organization", true}, {"approval_status", "approved"}}
}

func slugOf(s string) string {
	s = strings.NewReplacer("á", "a", "é", "e", "í", "i", "ó", "o", "ú", "u", " ", "-").Replace(strings.ToLower(s))
	return s
}
