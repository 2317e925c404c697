package dcat

import (
	"fmt"
	"strings"
)

// This file goes on with datasetRecord: people, dates, access and distributions.

func (b *dataset) people() {
	rep, rec := b.rep, b.rec
	p := b.v.get("publisher")
	if p.kind == jsonArray && len(p.items) > 0 && p.items[0].kind == jsonObject {
		rep.add(SingleExpected, "publisher", p.items[0].get("name").text, true)
		p = p.items[0]
	}
	if p.kind == jsonObject {
		rec.Publisher = b.publisher(p)
	} else {
		name := rep.title("publisher", rep.one("publisher", p))
		rec.Publisher = Publisher{Key: name, Name: name}
	}
	rec.Contact = b.contact(b.v.get("contactPoint"))
	if b.adela { // the person who answers stands inside publisher
		rec.Contact.Position = rec.Publisher.Position
		if rec.Contact.Email == "" {
			rec.Contact.Email = rec.Publisher.Email
		}
	}
}

func (b *dataset) publisher(p value) Publisher {
	get := func(name string) string {
		return b.rep.title("publisher."+name, b.rep.one("publisher."+name, p.get(name)))
	}
	out := Publisher{Name: get("name"), Position: get("position")}
	for _, name := range []string{"mbox", "hasEmail", "email"} {
		if out.Email == "" {
			out.Email = b.rep.email("publisher."+name, b.rep.one("publisher."+name, p.get(name)))
		}
	}
	if parent := p.get("subOrganizationOf"); parent.kind == jsonObject {
		out.Parent = b.rep.title("publisher.subOrganizationOf", parent.get("name").text)
	} else {
		out.Parent = get("subOrganizationOf")
	}
	for _, name := range []string{"@id", "id", "identifier"} {
		if out.Key == "" {
			out.Key = b.rep.identifier("publisher."+name, p.get(name), false)
		}
	}
	if out.Key == "" {
		out.Key = out.Name
	}
	return out
}

// contact reads a vCard object, its address (ADELA), an e-mail address or a name.
func (b *dataset) contact(v value) Contact {
	const field = "contactPoint"
	if v.kind == jsonArray && len(v.items) > 0 {
		if len(v.items) > 1 {
			b.rep.add(SingleExpected, field, fmt.Sprint(len(v.items)), true)
		}
		v = v.items[0]
	}
	if v.kind != jsonObject {
		switch s := strings.TrimSpace(b.rep.one(field, v)); {
		case isWebAddress(s):
			return Contact{URL: b.rep.url(field, s)}
		case strings.Contains(s, "@"):
			return Contact{Email: b.rep.email(field, s)}
		default:
			return Contact{Name: b.rep.title(field, s)}
		}
	}
	get := func(name string) string { return b.rep.one(field+"."+name, v.get(name)) }
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
	rec.Issued, _ = rep.date("issued", rep.one("issued", v.get("issued")))
	rec.Modified, fromModified = rep.date("modified", rep.one("modified", v.get("modified")))
	rec.AccrualPeriodicity = rep.frequency("accrualPeriodicity", rep.one("accrualPeriodicity", v.get("accrualPeriodicity")))
	if rec.AccrualPeriodicity == "" {
		rec.AccrualPeriodicity = fromModified
	}
}

func (b *dataset) access() {
	rep, rec, v := b.rep, b.rec, b.v
	rec.License = rep.licenseValue("license", v.get("license"))
	rec.LandingPage = b.url("landingPage")
	rec.DictionaryURL = b.url("describedBy")
	if b.adela && rec.DictionaryURL == "" {
		rec.DictionaryURL = rec.LandingPage // by ADELA's convention
	}
	rec.AccessLevel = accessLevel(v.get("accessLevel").text)
	if public := v.get("public"); rec.AccessLevel == "" && (public.kind == jsonBool || public.kind == jsonString) {
		rec.AccessLevel = accessLevel(public.text)
	}
}

// licenseValue reads a licence that is text, an address, or an object.
func (r *report) licenseValue(field string, v value) License {
	if v.kind == jsonObject {
		return r.license(field, v.get("id").text, v.get("name").text+v.get("title").text, v.get("url").text+v.get("@id").text)
	}
	s := r.one(field, v)
	if isWebAddress(strings.TrimSpace(s)) {
		return r.license(field, "", "", strings.TrimSpace(s))
	}
	return r.license(field, "", s, "")
}

func (b *dataset) distributions() {
	items := b.rep.list("distribution", b.v.get("distribution"))
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
		case item.kind == jsonString && isWebAddress(strings.TrimSpace(item.text)):
			b.rep.add(WrongType, field, item.text, true)
			item = value{kind: jsonObject, members: []member{{"downloadURL", item}}}
		case item.kind != jsonObject:
			b.rep.add(WrongType, field, item.text, false)
			continue
		case len(item.members) == 0:
			continue
		}
		b.rec.Resources = append(b.rec.Resources, b.distribution(field, i, item))
	}
}

// ownDistribution makes a resource of addresses that stand on the dataset itself, as
// the format's first version had them.
func (b *dataset) ownDistribution() {
	for _, name := range []string{"downloadURL", "accessURL", "webService"} {
		if v := b.v.get(name); v.kind == jsonString && v.text != "" {
			own := value{kind: jsonObject, members: []member{
				{"title", b.v.get("title")}, {"accessURL", b.v.get("accessURL")}, {"downloadURL", b.v.get("downloadURL")},
				{"format", b.v.get("format")}, {"mediaType", b.v.get("mediaType")},
			}}
			if name == "webService" {
				own.members[1].value, own.members[3].value = v, value{kind: jsonString, text: "API"}
			}
			b.rec.Resources = append(b.rec.Resources, b.distribution("", 0, own))
			return
		}
	}
}

func (b *dataset) distribution(field string, position int, v value) Resource {
	rep := b.rep
	prefix := field
	if field != "" {
		prefix += "."
	}
	one := func(name string) string { return rep.one(prefix+name, v.get(name)) }
	res := Resource{Position: position, ByteSize: -1}
	res.Title = rep.title(prefix+"title", one("title"))
	res.Description = rep.prose(prefix+"description", one("description"))
	res.AccessURL = rep.url(prefix+"accessURL", rep.address(prefix+"accessURL", v.get("accessURL")))
	res.DownloadURL = rep.url(prefix+"downloadURL", rep.address(prefix+"downloadURL", v.get("downloadURL")))
	rep.format(prefix, one("format"), one("mediaType"), &res)
	res.ByteSize = rep.size(prefix+"byteSize", rep.number(prefix+"byteSize", v.get("byteSize")))
	if sum := v.get("checksum"); sum.kind == jsonObject {
		rep.checksum(prefix+"checksum", sum.get("algorithm").text, sum.get("checksumValue").text, &res)
	} else {
		rep.checksum(prefix+"checksum", "", sum.text, &res)
	}
	res.Issued, _ = rep.date(prefix+"issued", one("issued"))
	res.Modified, _ = rep.date(prefix+"modified", one("modified"))
	res.License = rep.licenseValue(prefix+"license", v.get("license"))
	res.DictionaryURL = rep.url(prefix+"describedBy", one("describedBy"))
	res.ConformsTo = rep.standards(prefix+"conformsTo", v.get("conformsTo"))
	res.Fields = b.columns(prefix+"field", v.get("field"))
	for _, name := range []string{"identifier", "id", "@id"} {
		if res.SourceKey == "" {
			res.SourceKey = rep.identifier(prefix+name, v.get(name), name == "identifier")
		}
	}
	return res
}

// address returns an address that may stand in a list; a number is none.
func (r *report) address(field string, v value) string {
	if v.kind == jsonNumber || v.kind == jsonBool {
		r.add(WrongType, field, v.text, false)
		return ""
	}
	return r.one(field, v)
}

// columns reads the data dictionary of the Argentine profile.
func (b *dataset) columns(field string, v value) []Field {
	if v.kind != jsonArray {
		if v.kind != 0 && v.kind != jsonNull {
			b.rep.add(ListExpected, field, v.text, false)
		}
		return nil
	}
	var list []Field
	for i, item := range v.items {
		if i == maxFields {
			b.rep.add(TooMany, field, fmt.Sprint(len(v.items)), true)
			break
		}
		at := fmt.Sprintf("%s[%d]", field, i)
		get := func(name string) string { return b.rep.title(at+"."+name, b.rep.one(at+"."+name, item.get(name))) }
		f := Field{Name: get("title"), Type: strings.ToLower(get("type")), Description: b.rep.prose(at+".description", item.get("description").text)}
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
	for _, m := range b.v.members {
		if !datasetMembers[strings.ToLower(m.name)] {
			e.put(b.rep, b.rep.title("", m.name), m.name, m.value)
		}
	}
	if len(e) > 0 {
		b.rec.Extras = e
	}
}

func (b *dataset) finish() (*Record, string) { return finish(b.rep, b.rec) }
