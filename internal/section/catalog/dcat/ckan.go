package dcat

import (
	"fmt"
	"plaza/internal/section/catalog/dcat/wire"
	"strconv"
	"strings"
)

// readCKAN walks an answer of CKAN's action API: the envelope with one package, with
// a page of a search, or with a list of packages; or any of these without envelope.
func readCKAN(d *document, s *wire.Scanner) error {
	first, err := s.Peek()
	if err != nil {
		return s.Ended(err)
	}
	if first == '[' {
		d.report.add(BareList, "", "", true)
		if err := d.packages(s); err != nil {
			return err
		}
		return s.End(d.report.note)
	}
	a := answer{d: d, s: s}
	if err := s.Object(a.member); err != nil {
		return err
	}
	switch {
	case a.refused:
		return &wire.FormatError{Code: wire.FormatRefused, Offset: s.Offset, Line: s.Line, Detail: wire.Cut(a.reason)}
	case !a.found && isPackage(a.bare):
		if err := a.put(a.bare); err != nil {
			return err
		}
	case !a.found:
		return &wire.FormatError{Code: wire.FormatNot, Offset: s.Offset, Line: s.Line, Detail: "result"}
	}
	return s.End(d.report.note)
}

// answer is the envelope while it is read.
type answer struct {
	d       *document
	s       *wire.Scanner
	found   bool // records were read, or an empty list of them
	refused bool
	reason  string
	bare    wire.Value // members of what may be a package
	kept    int        // bytes of bare
}

func (a *answer) member(name string) error {
	switch name {
	case "success":
		v, err := a.small()
		a.refused = v.Kind == wire.Bool && v.Text == "false"
		return err
	case "error":
		v, err := a.small()
		if a.reason = v.Get("message").Text; a.reason == "" {
			a.reason = v.Get("__type").Text + v.Text
		}
		return err
	case "help":
		return a.s.Skip()
	case "result":
		return a.result()
	}
	return a.resultMember(name)
}

// small decodes a value that has no reason to be large.
func (a *answer) small() (wire.Value, error) {
	raw, err := a.s.Value(1 << 20)
	if err != nil || raw.TooLarge || raw.TooDeep {
		return wire.Value{}, err
	}
	v, err := wire.Parse(wire.UTF8(raw.Data, a.d.report.noteOnce, a.d.report.note))
	if err != nil {
		return wire.Value{}, a.s.Fail(wire.FormatSyntax, string(raw.Data))
	}
	return v, nil
}

func (a *answer) result() error {
	c, err := a.s.Peek()
	if err != nil {
		return a.s.Ended(err)
	}
	switch c {
	case '[':
		a.found = true
		return a.d.packages(a.s)
	case '{':
		if err := a.s.Object(a.resultMember); err != nil {
			return err
		}
		if !a.found && isPackage(a.bare) {
			a.found = true
			return a.put(a.bare)
		}
		return nil
	}
	return a.s.Skip()
}

// resultMember reads a member of a search result or of a single package, which are
// told apart only by what they hold.
func (a *answer) resultMember(name string) error {
	c, err := a.s.Peek()
	if err != nil {
		return a.s.Ended(err)
	}
	if name == "results" && c == '[' {
		a.found = true
		return a.d.packages(a.s)
	}
	if name == "facets" || name == "search_facets" {
		return a.s.Skip()
	}
	raw, err := a.s.Value(MaxRecord - a.kept)
	if err != nil || raw.TooLarge || raw.TooDeep {
		return err
	}
	a.kept += len(raw.Data)
	v, err := wire.Parse(wire.UTF8(raw.Data, a.d.report.noteOnce, a.d.report.note))
	if err != nil {
		return a.s.Fail(wire.FormatSyntax, string(raw.Data))
	}
	if name == "count" {
		n, err := strconv.Atoi(v.Text)
		if err != nil || n < 0 {
			a.d.report.add(TotalInvalid, name, v.Text, false)
		} else {
			a.d.summary.Total = n
		}
	}
	a.bare.Kind = wire.Object
	a.bare.Members = append(a.bare.Members, wire.Member{Name: name, Value: v})
	return nil
}

func isPackage(v wire.Value) bool {
	return v.Get("resources").Kind == wire.Array || v.Get("name").Kind == wire.String && v.Get("title").Kind != 0
}

func (a *answer) put(v wire.Value) error {
	rep := a.d.record()
	rec, key := packageRecord(rep, v)
	return a.d.put(rec, key, rep)
}

func (d *document) packages(s *wire.Scanner) error {
	return s.Array(func(int) error { return d.jsonRecord(s, packageRecord) })
}

// packageRecord builds a record of one CKAN package.
func packageRecord(rep *report, v wire.Value) (*Record, string) {
	rep.files = "resources"
	p := ckanPackage{rep: rep, v: v, rec: &Record{}, also: map[string]wire.Value{}}
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
	v    wire.Value
	rec  *Record
	also map[string]wire.Value // the extras, by name, those used taken out
	mx   bool                  // mapped from ADELA: url is the dictionary by convention
}

// extraNames are members that some portals hold among the extras and some beside
// the title, depending on the version of their extensions.
var extraNames = words(`guid identifier uri gov_type dcat_issued dcat_modified dcat_publisher_name dcat_publisher_email issued modified
	language theme spatial spatial_text temporal temporal_start temporal_end accrualperiodicity frequency update_frequency publisher_name
	publisher_email publisher_uri contact_name contact_email contact_uri conforms_to access_rights documentation data_dictionary
	dcat_version landing_page`)

func (p *ckanPackage) collect() {
	for _, m := range p.v.Members {
		if extraNames[strings.ToLower(m.Name)] && m.Value.Kind != wire.Null {
			p.also[strings.ToLower(m.Name)] = m.Value
		}
	}
	x := p.v.Get("extras")
	switch x.Kind {
	case wire.Array:
		for _, item := range x.Items {
			if name := item.Get("key").Text; name != "" && len(p.also) < 10*maxExtras && item.Get("state").Text != "deleted" {
				p.also[p.extraName(name)] = item.Get("value")
			}
		}
	case wire.Object: // as CKAN before 2.0 had it
		for _, m := range x.Members {
			if len(p.also) < 10*maxExtras {
				p.also[p.extraName(m.Name)] = m.Value
			}
		}
	}
	p.mx = p.also["gov_type"].Kind != 0 || p.also["dcat_publisher_email"].Kind != 0
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
	return p.rep.title(name, p.rep.one(name, p.v.Get(name)))
}

func (p *ckanPackage) names() {
	id, name := p.rep.identifier("id", p.v.Get("id"), true), p.title("name")
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
	switch p.v.Get("state").Text {
	case "deleted":
		return RecordDeleted
	case "draft":
		return RecordDraft
	}
	if p.v.Get("private").Text == "true" {
		return RecordPrivate
	}
	return ""
}

func (p *ckanPackage) subject() {
	rep, rec, v := p.rep, p.rec, p.v
	rec.Title = p.title("title")
	rec.Description = rep.prose("notes", rep.one("notes", v.Get("notes")))
	rec.Keywords = p.labels("tags", "display_name", "name")
	rec.Themes = p.labels("groups", "title", "display_name", "name")
	if t := p.also["theme"]; t.Kind != 0 {
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
	v := p.v.Get(name)
	if v.Kind == 0 {
		return nil
	}
	if v.Kind == wire.String {
		return p.rep.keywords(name, v)
	}
	var list []string
	for i, item := range p.rep.list(name, v) {
		if i == 2*maxList {
			break
		}
		s := item.Text
		for _, key := range keys {
			if s == "" {
				s = item.Get(key).Text
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
