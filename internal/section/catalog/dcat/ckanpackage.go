package dcat

import (
	"fmt"
	"plaza/internal/section/catalog/dcat/wire"
	"strings"
)

// This file goes on with packageRecord: people, dates, access and resources.

func (p *ckanPackage) people() {
	rep, rec := p.rep, p.rec
	org := p.v.Get("organization")
	if org.Kind == wire.Object {
		rec.Publisher.Key = rep.identifier("organization.id", org.Get("id"), false)
		rec.Publisher.Name = rep.title("organization.title", org.Get("title").Text)
		slug := rep.title("organization.name", org.Get("name").Text)
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
	for _, key := range []string{uri, rep.title("owner_org", p.v.Get("owner_org").Text), rec.Publisher.Name} {
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
		c.Email = rep.email(who+"_email", rep.one(who+"_email", p.v.Get(who+"_email")))
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
		rec.Issued, _ = rep.date("metadata_created", rep.one("metadata_created", v.Get("metadata_created")))
	}
	if rec.Modified == "" {
		rec.Modified, _ = rep.date("metadata_modified", rep.one("metadata_modified", v.Get("metadata_modified")))
	}
	often, oftenField := p.extra("accrualperiodicity", "frequency", "update_frequency")
	rec.AccrualPeriodicity = rep.frequency(oftenField, often)
	if rec.AccrualPeriodicity == "" {
		rec.AccrualPeriodicity = fromModified
	}
}

func (p *ckanPackage) access() {
	rep, rec, v := p.rep, p.rec, p.v
	rec.License = rep.license("license_id", rep.one("license_id", v.Get("license_id")),
		rep.one("license_title", v.Get("license_title")), rep.one("license_url", v.Get("license_url")))
	landing, field := p.extra("landing_page")
	if landing == "" {
		landing, field = rep.one("url", v.Get("url")), "url"
	}
	rec.LandingPage = rep.url(field, landing)
	dictionary, field := p.extra("data_dictionary", "documentation")
	if strings.HasPrefix(dictionary, "[") { // a list of pages, as ckanext-dcat writes it
		if list := rep.urls(field, wire.Value{Kind: wire.Array, Items: p.parsed(dictionary)}); len(list) > 0 {
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
	if rec.AccessLevel == "" && v.Get("isopen").Text == "true" {
		rec.AccessLevel = "public"
	}
}

func (p *ckanPackage) parsed(s string) []wire.Value {
	v, err := wire.Parse(s)
	if err != nil {
		return nil
	}
	return v.Items
}

func (p *ckanPackage) resources() {
	items := p.rep.list("resources", p.v.Get("resources"))
	if len(items) > maxResources {
		p.rep.add(TooMany, "resources", fmt.Sprint(len(items)), true)
		items = items[:maxResources]
	}
	for i, item := range items {
		field := fmt.Sprintf("resources[%d]", i)
		switch {
		case item.Kind != wire.Object:
			p.rep.add(WrongType, field, item.Text, false)
		case item.Get("state").Text == "deleted":
		default:
			p.rec.Resources = append(p.rec.Resources, p.resource(field+".", i, item))
		}
	}
}

func (p *ckanPackage) resource(prefix string, position int, v wire.Value) Resource {
	rep := p.rep
	one := func(names ...string) string {
		for _, name := range names {
			if s := rep.one(prefix+name, v.Get(name)); s != "" {
				return s
			}
		}
		return ""
	}
	res := Resource{Position: position, ByteSize: -1}
	res.SourceKey = rep.identifier(prefix+"id", v.Get("id"), true)
	res.Title = rep.title(prefix+"name", one("name", "title"))
	res.Description = rep.prose(prefix+"description", one("description"))
	address := rep.url(prefix+"url", rep.address(prefix+"url", v.Get("url")))
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
	res.ByteSize = rep.size(prefix+"size", rep.number(prefix+"size", v.Get("size")))
	rep.checksum(prefix+"hash", one("hash_algorithm"), one("hash"), &res)
	res.Issued, _ = rep.date(prefix+"created", one("issued", "created"))
	res.Modified, _ = rep.date(prefix+"last_modified", one("modified", "last_modified"))
	res.License = rep.license(prefix+"license", "", one("license"), "")
	res.DictionaryURL = rep.url(prefix+"describedBy", one("describedBy", "data_dictionary"))
	res.ConformsTo = rep.standards(prefix+"conforms_to", v.Get("conforms_to"))
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
		if !volatile[strings.ToLower(m.Name)] {
			e.put(p.rep, m.Name, "extras."+m.Name, m.Value)
		}
	}
	if len(e) > 0 {
		p.rec.Extras = e
	}
}

// ordered returns the extras left, by name: which of them fit under the limit must
// not depend on the order of a map.
func (p *ckanPackage) ordered() []wire.Member {
	list := make([]wire.Member, 0, len(p.also))
	for _, name := range sortedKeys(p.also) {
		list = append(list, wire.Member{Name: name, Value: p.also[name]})
	}
	return list
}
