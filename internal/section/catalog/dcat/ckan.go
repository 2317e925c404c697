package dcat

import (
	"fmt"
	"strconv"
	"strings"
)

// readCKAN walks an answer of CKAN's action API: the envelope with one package, with
// a page of a search, or with a list of packages; or any of these without envelope.
func readCKAN(d *document, s *scanner) error {
	first, err := s.peek()
	if err != nil {
		return s.ended(err)
	}
	if first == '[' {
		d.report.add(BareList, "", "", true)
		if err := d.packages(s); err != nil {
			return err
		}
		return s.end(&d.report)
	}
	a := answer{d: d, s: s}
	if err := s.object(a.member); err != nil {
		return err
	}
	switch {
	case a.refused:
		return &FormatError{Code: FormatRefused, Offset: s.offset, Line: s.line, Detail: cutForReport(a.reason)}
	case !a.found && isPackage(a.bare):
		if err := a.put(a.bare); err != nil {
			return err
		}
	case !a.found:
		return &FormatError{Code: FormatNot, Offset: s.offset, Line: s.line, Detail: "result"}
	}
	return s.end(&d.report)
}

// answer is the envelope while it is read.
type answer struct {
	d       *document
	s       *scanner
	found   bool // records were read, or an empty list of them
	refused bool
	reason  string
	bare    value // members of what may be a package
	kept    int   // bytes of bare
}

func (a *answer) member(name string) error {
	switch name {
	case "success":
		v, err := a.small()
		a.refused = v.kind == jsonBool && v.text == "false"
		return err
	case "error":
		v, err := a.small()
		if a.reason = v.get("message").text; a.reason == "" {
			a.reason = v.get("__type").text + v.text
		}
		return err
	case "help":
		return a.s.skip()
	case "result":
		return a.result()
	}
	return a.resultMember(name)
}

// small decodes a value that has no reason to be large.
func (a *answer) small() (value, error) {
	raw, err := a.s.value(1 << 20)
	if err != nil || raw.tooLarge || raw.tooDeep {
		return value{}, err
	}
	v, err := parseJSON(utf8Text(raw.data, &a.d.report, &a.d.report))
	if err != nil {
		return value{}, a.s.fail(FormatSyntax, string(raw.data))
	}
	return v, nil
}

func (a *answer) result() error {
	c, err := a.s.peek()
	if err != nil {
		return a.s.ended(err)
	}
	switch c {
	case '[':
		a.found = true
		return a.d.packages(a.s)
	case '{':
		if err := a.s.object(a.resultMember); err != nil {
			return err
		}
		if !a.found && isPackage(a.bare) {
			a.found = true
			return a.put(a.bare)
		}
		return nil
	}
	return a.s.skip()
}

// resultMember reads a member of a search result or of a single package, which are
// told apart only by what they hold.
func (a *answer) resultMember(name string) error {
	c, err := a.s.peek()
	if err != nil {
		return a.s.ended(err)
	}
	if name == "results" && c == '[' {
		a.found = true
		return a.d.packages(a.s)
	}
	if name == "facets" || name == "search_facets" {
		return a.s.skip()
	}
	raw, err := a.s.value(MaxRecord - a.kept)
	if err != nil || raw.tooLarge || raw.tooDeep {
		return err
	}
	a.kept += len(raw.data)
	v, err := parseJSON(utf8Text(raw.data, &a.d.report, &a.d.report))
	if err != nil {
		return a.s.fail(FormatSyntax, string(raw.data))
	}
	if name == "count" {
		n, err := strconv.Atoi(v.text)
		if err != nil || n < 0 {
			a.d.report.add(TotalInvalid, name, v.text, false)
		} else {
			a.d.summary.Total = n
		}
	}
	a.bare.kind = jsonObject
	a.bare.members = append(a.bare.members, member{name, v})
	return nil
}

func isPackage(v value) bool {
	return v.get("resources").kind == jsonArray || v.get("name").kind == jsonString && v.get("title").kind != 0
}

func (a *answer) put(v value) error {
	rep := a.d.record()
	rec, key := packageRecord(rep, v)
	return a.d.put(rec, key, rep)
}

func (d *document) packages(s *scanner) error {
	return s.array(func(int) error { return d.jsonRecord(s, packageRecord) })
}

// packageRecord builds a record of one CKAN package.
func packageRecord(rep *report, v value) (*Record, string) {
	p := ckanPackage{rep: rep, v: v, rec: &Record{}, also: map[string]value{}}
	p.collect()
	p.names()
	if code := p.hidden(); code != "" {
		rep.add(code, "", "", false)
		rep.withdrawn = true
		return nil, p.rec.SourceKey
	}
	p.subject()
	p.people()
	p.dates()
	p.access()
	p.resources()
	p.leftovers()
	return finish(rep, p.rec)
}

type ckanPackage struct {
	rep  *report
	v    value
	rec  *Record
	also map[string]value // the extras, by name, those used taken out
	mx   bool             // mapped from ADELA: url is the dictionary by convention
}

// extraNames are members that some portals hold among the extras and some beside
// the title, depending on the version of their extensions.
var extraNames = words(`guid identifier uri gov_type dcat_issued dcat_modified dcat_publisher_name dcat_publisher_email issued modified
	language theme spatial spatial_text temporal temporal_start temporal_end accrualperiodicity frequency update_frequency publisher_name
	publisher_email publisher_uri contact_name contact_email contact_uri conforms_to access_rights documentation data_dictionary
	dcat_version landing_page`)

func (p *ckanPackage) collect() {
	for _, m := range p.v.members {
		if extraNames[strings.ToLower(m.name)] && m.value.kind != jsonNull {
			p.also[strings.ToLower(m.name)] = m.value
		}
	}
	x := p.v.get("extras")
	switch x.kind {
	case jsonArray:
		for _, item := range x.items {
			if name := item.get("key").text; name != "" && len(p.also) < 10*maxExtras && item.get("state").text != "deleted" {
				p.also[p.extraName(name)] = item.get("value")
			}
		}
	case jsonObject: // as CKAN before 2.0 had it
		for _, m := range x.members {
			if len(p.also) < 10*maxExtras {
				p.also[p.extraName(m.name)] = m.value
			}
		}
	}
	p.mx = p.also["gov_type"].kind != 0 || p.also["dcat_publisher_email"].kind != 0
}

// extraName folds the case of names that mean something here and keeps others.
func (p *ckanPackage) extraName(name string) string {
	name = p.rep.title("extras", name)
	if low := strings.ToLower(name); extraNames[low] {
		return low
	}
	return name
}

// extra takes an extra's text by the first of its names that says something.
func (p *ckanPackage) extra(names ...string) (s, field string) {
	field = "extras." + names[0]
	for _, name := range names {
		v := p.also[name]
		delete(p.also, name)
		if s == "" {
			if t := strings.TrimSpace(p.rep.one("extras."+name, v)); t != "" {
				s, field = t, "extras."+name
			}
		}
	}
	return s, field
}

func (p *ckanPackage) title(name string) string {
	return p.rep.title(name, p.rep.one(name, p.v.get(name)))
}

func (p *ckanPackage) names() {
	id, name := p.rep.identifier("id", p.v.get("id"), true), p.title("name")
	guid, field := p.extra("identifier", "guid")
	uri, _ := p.extra("uri")
	p.rec.Identifier = p.rep.title(field, guid)
	p.rec.SourceKey = id
	if id == "" {
		p.rec.SourceKey = name
	}
	p.rec.Aliases = []string{name, p.rec.Identifier, p.rep.title("extras.uri", uri)}
}

// hidden returns why a package is not public, "" when it is.
func (p *ckanPackage) hidden() string {
	switch p.v.get("state").text {
	case "deleted":
		return RecordDeleted
	case "draft":
		return RecordDraft
	}
	if p.v.get("private").text == "true" {
		return RecordPrivate
	}
	return ""
}

func (p *ckanPackage) subject() {
	rep, rec, v := p.rep, p.rec, p.v
	rec.Title = p.title("title")
	rec.Description = rep.prose("notes", rep.one("notes", v.get("notes")))
	rec.Keywords = p.labels("tags", "display_name", "name")
	rec.Themes = p.labels("groups", "title", "display_name", "name")
	if t := p.also["theme"]; t.kind != 0 {
		delete(p.also, "theme")
		for _, s := range rep.plainTexts("extras.theme", t) {
			rec.Themes = append(rec.Themes, rep.theme("extras.theme", s))
		}
		rec.Themes = rep.atMost("extras.theme", distinct(rec.Themes))
	}
	rec.Spatial = rep.spatialValue("extras.spatial", p.also["spatial"])
	delete(p.also, "spatial")
	if text, field := p.extra("spatial_text"); rec.Spatial.Text == "" {
		rec.Spatial.Text = rep.title(field, text)
	}
	rec.Temporal = p.temporal()
	rec.Languages = rep.languages("extras.language", p.also["language"])
	delete(p.also, "language")
	rec.ConformsTo = rep.standards("extras.conforms_to", p.also["conforms_to"])
	delete(p.also, "conforms_to")
	rec.Version = p.title("version")
	if version, field := p.extra("dcat_version"); rec.Version == "" {
		rec.Version = rep.title(field, version)
	}
}

// labels reads tags or groups: objects with a name, or bare texts.
func (p *ckanPackage) labels(name string, keys ...string) []string {
	v := p.v.get(name)
	if v.kind == 0 {
		return nil
	}
	if v.kind == jsonString {
		return p.rep.keywords(name, v)
	}
	var list []string
	for i, item := range p.rep.list(name, v) {
		if i == 2*maxList {
			break
		}
		s := item.text
		for _, key := range keys {
			if s == "" {
				s = item.get(key).text
			}
		}
		list = append(list, p.rep.title(fmt.Sprintf("%s[%d]", name, i), s))
	}
	return p.rep.atMost(name, distinct(list))
}

func (p *ckanPackage) temporal() Temporal {
	start, _ := p.extra("temporal_start")
	end, field := p.extra("temporal_end")
	whole, wholeField := p.extra("temporal")
	if start != "" || end != "" {
		return p.rep.interval(field, start+"/"+end, start, end)
	}
	return p.rep.temporal(wholeField, whole)
}
