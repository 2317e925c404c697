package dcat

import (
	"fmt"
	"plaza/internal/section/catalog/dcat/wire"
	"strings"
)

// This file goes on with datasetRecord: people, dates, access and distributions.

func (b *dataset) people() {
	rep, rec := b.rep, b.rec
	p := b.v.Get("publisher")
	if p.Kind == wire.Array && len(p.Items) > 0 && p.Items[0].Kind == wire.Object {
		rep.add(SingleExpected, "publisher", p.Items[0].Get("name").Text, true)
		p = p.Items[0]
	}
	if p.Kind == wire.Object {
		rec.Publisher = b.publisher(p)
	} else {
		name := rep.title("publisher", rep.one("publisher", p))
		rec.Publisher = Publisher{Key: name, Name: name}
	}
	rec.Contact = b.contact(b.v.Get("contactPoint"))
	if b.adela { // the person who answers stands inside publisher
		rec.Contact.Position = rec.Publisher.Position
		if rec.Contact.Email == "" {
			rec.Contact.Email = rec.Publisher.Email
		}
	}
}

func (b *dataset) publisher(p wire.Value) Publisher {
	get := func(name string) string {
		return b.rep.title("publisher."+name, b.rep.one("publisher."+name, p.Get(name)))
	}
	out := Publisher{Name: get("name"), Position: get("position")}
	for _, name := range []string{"mbox", "hasEmail", "email"} {
		if out.Email == "" {
			out.Email = b.rep.email("publisher."+name, b.rep.one("publisher."+name, p.Get(name)))
		}
	}
	if parent := p.Get("subOrganizationOf"); parent.Kind == wire.Object {
		out.Parent = b.rep.title("publisher.subOrganizationOf", parent.Get("name").Text)
	} else {
		out.Parent = get("subOrganizationOf")
	}
	for _, name := range []string{"@id", "id", "identifier"} {
		if out.Key == "" {
			out.Key = b.rep.identifier("publisher."+name, p.Get(name), false)
		}
	}
	if out.Key == "" {
		out.Key = out.Name
	}
	return out
}

// contact reads a vCard object, its address (ADELA), an e-mail address or a name.
func (b *dataset) contact(v wire.Value) Contact {
	const field = "contactPoint"
	if v.Kind == wire.Array && len(v.Items) > 0 {
		if len(v.Items) > 1 {
			b.rep.add(SingleExpected, field, fmt.Sprint(len(v.Items)), true)
		}
		v = v.Items[0]
	}
	if v.Kind != wire.Object {
		switch s := strings.TrimSpace(b.rep.one(field, v)); {
		case isWebAddress(s):
			return Contact{URL: b.rep.url(field, s)}
		case strings.Contains(s, "@"):
			return Contact{Email: b.rep.email(field, s)}
		default:
			return Contact{Name: b.rep.title(field, s)}
		}
	}
	get := func(name string) string { return b.rep.one(field+"."+name, v.Get(name)) }
	c := Contact{
		Name:     b.rep.title(field+".fn", get("fn")),
		Email:    b.rep.email(field+".hasEmail", get("hasEmail")),
		Phone:    b.rep.phone(field+".hasTelephone", get("hasTelephone")),
		URL:      b.rep.url(field+".hasURL", get("hasURL")),
		Position: b.rep.title(field+".title", get("title")),
	}
	if c.Name == "" {
		c.Name = b.rep.title(field+".name", get("name"))
	}
	if c.Email == "" {
		c.Email = b.rep.email(field+".email", get("email"))
	}
	return c
}

// phone cleans a telephone number; "tel:" goes.
func (r *report) phone(field, s string) string {
	s = r.title(field, s)
	if len(s) > 4 && strings.EqualFold(s[:4], "tel:") {
		s = s[4:]
	}
	return r.cut(field, s, 100)
}

func (b *dataset) dates() {
	rep, rec, v := b.rep, b.rec, b.v
	var fromModified string
	rec.Issued, _ = rep.date("issued", rep.one("issued", v.Get("issued")))
	rec.Modified, fromModified = rep.date("modified", rep.one("modified", v.Get("modified")))
	rec.AccrualPeriodicity = rep.frequency("accrualPeriodicity", rep.one("accrualPeriodicity", v.Get("accrualPeriodicity")))
	if rec.AccrualPeriodicity == "" {
		rec.AccrualPeriodicity = fromModified
	}
}

func (b *dataset) access() {
	rep, rec, v := b.rep, b.rec, b.v
	rec.License = rep.licenseValue("license", v.Get("license"))
	rec.LandingPage = b.url("landingPage")
	rec.DictionaryURL = b.url("describedBy")
	if b.adela && rec.DictionaryURL == "" {
		rec.DictionaryURL = rec.LandingPage // by ADELA's convention
	}
	rec.AccessLevel = accessLevel(v.Get("accessLevel").Text)
	if public := v.Get("public"); rec.AccessLevel == "" && (public.Kind == wire.Bool || public.Kind == wire.String) {
		rec.AccessLevel = accessLevel(public.Text)
	}
}

// licenseValue reads a licence that is text, an address, or an object.
func (r *report) licenseValue(field string, v wire.Value) License {
	if v.Kind == wire.Object {
		return r.license(field, v.Get("id").Text, v.Get("name").Text+v.Get("title").Text, v.Get("url").Text+v.Get("@id").Text)
	}
	s := r.one(field, v)
	if isWebAddress(strings.TrimSpace(s)) {
		return r.license(field, "", "", strings.TrimSpace(s))
	}
	return r.license(field, "", s, "")
}

func (b *dataset) distributions() {
	items := b.rep.list("distribution", b.v.Get("distribution"))
	if len(items) == 0 {
		b.ownDistribution()
		return
	}
	if len(items) > maxResources {
		b.rep.add(TooMany, "distribution", fmt.Sprint(len(items)), true)
		items = items[:maxResources]
	}
	for i, item := range items {
		field := fmt.Sprintf("distribution[%d]", i)
		switch {
		case item.Kind == wire.String && isWebAddress(strings.TrimSpace(item.Text)):
			b.rep.add(WrongType, field, item.Text, true)
			item = wire.Value{Kind: wire.Object, Members: []wire.Member{{Name: "downloadURL", Value: item}}}
		case item.Kind != wire.Object:
			b.rep.add(WrongType, field, item.Text, false)
			continue
		case len(item.Members) == 0:
			continue
		}
		b.rec.Resources = append(b.rec.Resources, b.distribution(field, i, item))
	}
}

// ownDistribution makes a resource of addresses that stand on the dataset itself, as
// the format's first version had them.
func (b *dataset) ownDistribution() {
	for _, name := range []string{"downloadURL", "accessURL", "webService"} {
		if v := b.v.Get(name); v.Kind == wire.String && v.Text != "" {
			own := wire.Value{Kind: wire.Object}
			for _, member := range []string{"title", "accessURL", "downloadURL", "format", "mediaType"} {
				own.Members = append(own.Members, wire.Member{Name: member, Value: b.v.Get(member)})
			}
			if name == "webService" {
				own.Members[1].Value, own.Members[3].Value = v, wire.Value{Kind: wire.String, Text: "API"}
			}
			b.rec.Resources = append(b.rec.Resources, b.distribution("", 0, own))
			return
		}
	}
}

func (b *dataset) distribution(field string, position int, v wire.Value) Resource {
	rep := b.rep
	prefix := field
	if field != "" {
		prefix += "."
	}
	one := func(name string) string { return rep.one(prefix+name, v.Get(name)) }
	res := Resource{Position: position, ByteSize: -1}
	res.Title = rep.title(prefix+"title", one("title"))
	res.Description = rep.prose(prefix+"description", one("description"))
	res.AccessURL = rep.url(prefix+"accessURL", rep.address(prefix+"accessURL", v.Get("accessURL")))
	res.DownloadURL = rep.url(prefix+"downloadURL", rep.address(prefix+"downloadURL", v.Get("downloadURL")))
	rep.format(prefix, one("format"), one("mediaType"), &res)
	res.ByteSize = rep.size(prefix+"byteSize", rep.number(prefix+"byteSize", v.Get("byteSize")))
	if sum := v.Get("checksum"); sum.Kind == wire.Object {
		rep.checksum(prefix+"checksum", sum.Get("algorithm").Text, sum.Get("checksumValue").Text, &res)
	} else {
		rep.checksum(prefix+"checksum", "", sum.Text, &res)
	}
	res.Issued, _ = rep.date(prefix+"issued", one("issued"))
	res.Modified, _ = rep.date(prefix+"modified", one("modified"))
	res.License = rep.licenseValue(prefix+"license", v.Get("license"))
	res.DictionaryURL = rep.url(prefix+"describedBy", one("describedBy"))
	res.ConformsTo = rep.standards(prefix+"conformsTo", v.Get("conformsTo"))
	res.Fields = b.columns(prefix+"field", v.Get("field"))
	for _, name := range []string{"identifier", "id", "@id"} {
		if res.SourceKey == "" {
			res.SourceKey = rep.identifier(prefix+name, v.Get(name), name == "identifier")
		}
	}
	return res
}

// address returns an address that may stand in a list; a number is none.
func (r *report) address(field string, v wire.Value) string {
	if v.Kind == wire.Number || v.Kind == wire.Bool {
		r.add(WrongType, field, v.Text, false)
		return ""
	}
	return r.one(field, v)
}

// columns reads the data dictionary of the Argentine profile.
func (b *dataset) columns(field string, v wire.Value) []Field {
	if v.Kind != wire.Array {
		if v.Kind != 0 && v.Kind != wire.Null {
			b.rep.add(ListExpected, field, v.Text, false)
		}
		return nil
	}
	var list []Field
	for i, item := range v.Items {
		if i == maxFields {
			b.rep.add(TooMany, field, fmt.Sprint(len(v.Items)), true)
			break
		}
		at := fmt.Sprintf("%s[%d]", field, i)
		get := func(name string) string { return b.rep.title(at+"."+name, b.rep.one(at+"."+name, item.Get(name))) }
		f := Field{Name: get("title"), Type: strings.ToLower(get("type")), Description: b.rep.prose(at+".description", item.Get("description").Text)}
		if name := get("name"); name != "" {
			f.Name, f.Title = name, f.Name
		}
		if f != (Field{}) {
			list = append(list, f)
		}
	}
	return list
}

// extras keeps the other members, whatever the profile calls them.
func (b *dataset) extras() {
	e := extras{}
	for _, m := range b.v.Members {
		if !datasetMembers[strings.ToLower(m.Name)] {
			e.put(b.rep, b.rep.title("", m.Name), m.Name, m.Value)
		}
	}
	if len(e) > 0 {
		b.rec.Extras = e
	}
}

func (b *dataset) finish() (*Record, string) { return finish(b.rep, b.rec) }
