package dcat

import (
	"fmt"
	"strings"
)

// This file goes on with packageRecord: people, dates, access and resources.

func (p *ckanPackage) people() {
	rep, rec := p.rep, p.rec
	org := p.v.get("organization")
	if org.kind == jsonObject {
		rec.Publisher.Key = rep.identifier("organization.id", org.get("id"), false)
		rec.Publisher.Name = rep.title("organization.title", org.get("title").text)
		slug := rep.title("organization.name", org.get("name").text)
		if rec.Publisher.Name == "" {
			rec.Publisher.Name = slug
		}
		if rec.Publisher.Key == "" {
			rec.Publisher.Key = slug
		}
	}
	name, nameField := p.extra("publisher_name", "dcat_publisher_name")
	uri, _ := p.extra("publisher_uri")
	if rec.Publisher.Name == "" {
		rec.Publisher.Name = rep.title(nameField, name)
	}
	for _, key := range []string{uri, rep.title("owner_org", p.v.get("owner_org").text), rec.Publisher.Name} {
		if rec.Publisher.Key == "" {
			rec.Publisher.Key = rep.title("publisher", key)
		}
	}
	email, emailField := p.extra("publisher_email", "dcat_publisher_email")
	rec.Publisher.Email = rep.email(emailField, email)
	p.contact()
}

func (p *ckanPackage) contact() {
	rep := p.rep
	name, nameField := p.extra("contact_name")
	email, emailField := p.extra("contact_email")
	uri, uriField := p.extra("contact_uri")
	c := Contact{Name: rep.title(nameField, name), Email: rep.email(emailField, email)}
	if isWebAddress(uri) {
		c.URL = rep.url(uriField, uri)
	}
	for _, who := range []string{"maintainer", "author"} {
		if c.Name != "" || c.Email != "" {
			break
		}
		c.Name = p.title(who)
		c.Email = rep.email(who+"_email", rep.one(who+"_email", p.v.get(who+"_email")))
	}
	if c.Email == "" {
		c.Email = p.rec.Publisher.Email
	}
	p.rec.Contact = c
}

// dates prefers what the publisher says of the data to what CKAN says of its page.
func (p *ckanPackage) dates() {
	rep, rec, v := p.rep, p.rec, p.v
	issued, issuedField := p.extra("issued", "dcat_issued")
	modified, modifiedField := p.extra("modified", "dcat_modified")
	var fromModified string
	rec.Issued, _ = rep.date(issuedField, issued)
	rec.Modified, fromModified = rep.date(modifiedField, modified)
	if rec.Issued == "" {
		rec.Issued, _ = rep.date("metadata_created", rep.one("metadata_created", v.get("metadata_created")))
	}
	if rec.Modified == "" {
		rec.Modified, _ = rep.date("metadata_modified", rep.one("metadata_modified", v.get("metadata_modified")))
	}
	often, oftenField := p.extra("accrualperiodicity", "frequency", "update_frequency")
	rec.AccrualPeriodicity = rep.frequency(oftenField, often)
	if rec.AccrualPeriodicity == "" {
		rec.AccrualPeriodicity = fromModified
	}
}

func (p *ckanPackage) access() {
	rep, rec, v := p.rep, p.rec, p.v
	rec.License = rep.license("license_id", rep.one("license_id", v.get("license_id")),
		rep.one("license_title", v.get("license_title")), rep.one("license_url", v.get("license_url")))
	landing, field := p.extra("landing_page")
	if landing == "" {
		landing, field = rep.one("url", v.get("url")), "url"
	}
	rec.LandingPage = rep.url(field, landing)
	dictionary, field := p.extra("data_dictionary", "documentation")
	if strings.HasPrefix(dictionary, "[") { // a list of pages, as ckanext-dcat writes it
		if list := rep.urls(field, value{kind: jsonArray, items: p.parsed(dictionary)}); len(list) > 0 {
			dictionary = list[0]
		}
	}
	if isWebAddress(dictionary) {
		rec.DictionaryURL = rep.url(field, dictionary)
	}
	if rec.DictionaryURL == "" && p.mx {
		rec.DictionaryURL = rec.LandingPage // by ADELA's convention
	}
	rights, _ := p.extra("access_rights")
	rec.AccessLevel = accessLevel(rights)
	if rec.AccessLevel == "" && v.get("isopen").text == "true" {
		rec.AccessLevel = "public"
	}
}

func (p *ckanPackage) parsed(s string) []value {
	v, err := parseJSON(s)
	if err != nil {
		return nil
	}
	return v.items
}

func (p *ckanPackage) resources() {
	items := p.rep.list("resources", p.v.get("resources"))
	if len(items) > maxResources {
		p.rep.add(TooMany, "resources", fmt.Sprint(len(items)), true)
		items = items[:maxResources]
	}
	for i, item := range items {
		field := fmt.Sprintf("resources[%d]", i)
		switch {
		case item.kind != jsonObject:
			p.rep.add(WrongType, field, item.text, false)
		case item.get("state").text == "deleted":
		default:
			p.rec.Resources = append(p.rec.Resources, p.resource(field+".", i, item))
		}
	}
}

func (p *ckanPackage) resource(prefix string, position int, v value) Resource {
	rep := p.rep
	one := func(names ...string) string {
		for _, name := range names {
			if s := rep.one(prefix+name, v.get(name)); s != "" {
				return s
			}
		}
		return ""
	}
	res := Resource{Position: position, ByteSize: -1}
	res.SourceKey = rep.identifier(prefix+"id", v.get("id"), true)
	res.Title = rep.title(prefix+"name", one("name", "title"))
	res.Description = rep.prose(prefix+"description", one("description"))
	address := rep.url(prefix+"url", rep.address(prefix+"url", v.get("url")))
	download := rep.url(prefix+"download_url", one("download_url"))
	access := rep.url(prefix+"access_url", one("access_url"))
	kind := one("resource_type")
	switch {
	case download != "" || access != "":
		res.DownloadURL, res.AccessURL = download, access
		if download == "" {
			res.DownloadURL = address
		}
	case kind == "api" || kind == "service" || kind == "page" || kind == "documentation":
		res.AccessURL = address
	default:
		res.DownloadURL = address
	}
	format := one("format")
	if format == "" && kind == "api" {
		format = "API"
	}
	rep.format(prefix, format, one("mimetype", "mimetype_inner", "mediaType"), &res)
	if res.Format == "HTML" || res.Format == "API" || res.Format == "WMS" || res.Format == "WFS" { // nothing to download
		res.AccessURL, res.DownloadURL = address, ""
	}
	res.ByteSize = rep.size(prefix+"size", rep.number(prefix+"size", v.get("size")))
	rep.checksum(prefix+"hash", one("hash_algorithm"), one("hash"), &res)
	res.Issued, _ = rep.date(prefix+"created", one("issued", "created"))
	res.Modified, _ = rep.date(prefix+"last_modified", one("modified", "last_modified"))
	res.License = rep.license(prefix+"license", "", one("license"), "")
	res.DictionaryURL = rep.url(prefix+"describedBy", one("describedBy", "data_dictionary"))
	res.ConformsTo = rep.standards(prefix+"conforms_to", v.get("conforms_to"))
	return res
}

// volatile extras change with every harvest of the portal that was harvested, and
// say nothing of the data.
var volatile = words(`harvest_object_id harvest_timestamp harvest_job_id source_hash metadata_imported guid
	collection_package_id tracking_summary harvest_ng_source_id`)

// leftovers keeps the extras that nothing else used.
func (p *ckanPackage) leftovers() {
	e := extras{}
	for _, m := range p.ordered() {
		if !volatile[strings.ToLower(m.name)] {
			e.put(p.rep, m.name, "extras."+m.name, m.value)
		}
	}
	if len(e) > 0 {
		p.rec.Extras = e
	}
}

// ordered returns the extras left, by name: which of them fit under the limit must
// not depend on the order of a map.
func (p *ckanPackage) ordered() []member {
	list := make([]member, 0, len(p.also))
	for _, name := range sortedKeys(p.also) {
		list = append(list, member{name, p.also[name]})
	}
	return list
}
