package dcat

import (
	"errors"
	"fmt"
	"strings"
)

// readDataJSON walks a data.json document: an object with a list of datasets, or
// the bare list of the format's first version.
func readDataJSON(d *document, s *scanner) error {
	first, err := s.peek()
	if err != nil {
		return s.ended(err)
	}
	if first == '[' {
		d.report.add(BareList, "", "", true)
		if err := d.datasets(s); err != nil {
			return err
		}
		return s.end(&d.report)
	}
	found := false
	err = s.object(func(name string) error {
		if strings.EqualFold(name, "dataset") || name == "datasets" {
			found = true
			return d.datasets(s)
		}
		return d.catalogMember(s, name)
	})
	if err != nil {
		return err
	}
	if !found {
		return &FormatError{Code: FormatNot, Offset: s.offset, Line: s.line, Detail: "dataset"}
	}
	return s.end(&d.report)
}

// datasets reads the value of "dataset".
func (d *document) datasets(s *scanner) error {
	c, err := s.peek()
	if err != nil {
		return s.ended(err)
	}
	switch c {
	case '[':
		return s.array(func(i int) error { return d.jsonRecord(s, datasetRecord) })
	case '{':
		d.report.add(SingleObject, "dataset", "", true)
		return d.jsonRecord(s, datasetRecord)
	}
	return s.fail(FormatNot, "dataset")
}

// jsonRecord reads one record whatever is the matter with it.
func (d *document) jsonRecord(s *scanner, build func(*report, value) (*Record, string)) error {
	rep := d.record()
	raw, err := s.value(MaxRecord)
	if err != nil {
		return err
	}
	if !raw.tooLarge {
		rep.digest = digestOf(raw.data)
		if known, err := d.known(rep.digest); known || err != nil {
			return err
		}
	}
	switch {
	case raw.tooLarge:
		rep.add(RecordTooLarge, "", fmt.Sprintf("line %d", raw.line), false)
		return d.put(nil, "", rep)
	case raw.tooDeep:
		rep.add(RecordTooDeep, "", fmt.Sprintf("line %d", raw.line), false)
		return d.put(nil, "", rep)
	}
	v, err := parseJSON(utf8Text(raw.data, &d.report, rep))
	if err != nil {
		var broken *jsonError
		if errors.Is(err, errMany) {
			rep.add(RecordTooLarge, "", fmt.Sprintf("line %d", raw.line), false)
		} else if errors.As(err, &broken) {
			rep.add(RecordMalformed, "", fmt.Sprintf("line %d: %v", raw.line+broken.line, broken.err), false)
		}
		return d.put(nil, "", rep)
	}
	if v.kind != jsonObject {
		rep.add(RecordNotObject, "", v.text, false)
		return d.put(nil, "", rep)
	}
	rec, key := build(rep, v)
	return d.put(rec, key, rep)
}

// catalogMembers are those that catalogMember reads; of some only what is wrong
// with them is of use.
var catalogMembers = words(`title description license themeTaxonomy issued modified homepage superThemeTaxonomy publisher`)

// catalogMember reads what the catalogue says of itself.
func (d *document) catalogMember(s *scanner, name string) error {
	if !catalogMembers[strings.ToLower(name)] {
		return s.skip()
	}
	raw, err := s.value(MaxRecord)
	if err != nil {
		return err
	}
	if raw.tooLarge || raw.tooDeep {
		d.report.add(RecordTooLarge, name, "", false)
		return nil
	}
	rep := &d.report
	v, err := parseJSON(utf8Text(raw.data, rep, rep))
	if err != nil {
		rep.add(RecordMalformed, name, fmt.Sprintf("line %d", raw.line), false)
		return nil
	}
	switch name {
	case "title":
		if d.summary.Title = rep.title(name, rep.one(name, v)); d.summary.Title == "" {
			rep.add(TitleMissing, name, "", false)
		}
	case "description":
		d.summary.Description = rep.prose(name, rep.one(name, v))
	case "license":
		d.summary.License = rep.licenseValue(name, v)
	case "themeTaxonomy":
		d.themeLabels(v)
	case "issued", "modified":
		rep.date(name, rep.one(name, v))
	case "homepage", "superThemeTaxonomy":
		rep.url(name, rep.one(name, v))
	case "publisher":
		if v.kind != jsonObject {
			rep.one(name, v)
		}
		rep.email(name+".mbox", v.get("mbox").text)
	}
	return nil
}

func (d *document) themeLabels(v value) {
	if v.kind != jsonArray {
		return
	}
	labels := make(map[string]string)
	for i, item := range v.items {
		id := d.report.title("themeTaxonomy", item.get("id").text)
		label := d.report.title("themeTaxonomy", item.get("label").text)
		if id != "" && label != "" && i < 10*maxList {
			labels[id] = label
		}
	}
	d.summary.ThemeLabels = labels
}

// datasetMembers are those that datasetRecord reads; the others become extras.
var datasetMembers = words(`@type @id id identifier title description keyword theme superTheme publisher contactPoint license
	issued modified accrualPeriodicity spatial temporal landingPage describedBy language conformsTo accessLevel public version
	distribution accessURL downloadURL webService format mediaType`)

func words(s string) map[string]bool {
	set := make(map[string]bool)
	for _, w := range strings.Fields(s) {
		set[strings.ToLower(w)] = true
	}
	return set
}

// datasetRecord builds a record of one dataset of a data.json.
func datasetRecord(rep *report, v value) (*Record, string) {
	b := dataset{rep: rep, v: v, rec: &Record{}, adela: isADELA(v)}
	b.names()
	b.subject()
	b.people()
	b.dates()
	b.access()
	b.distributions()
	b.extras()
	return b.finish()
}

// isADELA tells the Mexican profile by what only it has.
func isADELA(v value) bool {
	return v.get("govType").kind != 0 || v.get("openessRating").kind != 0 || v.get("publisher").get("position").kind != 0
}

type dataset struct {
	rep   *report
	v     value
	rec   *Record
	adela bool
}

func (b *dataset) title(name string) string { return b.rep.title(name, b.rep.one(name, b.v.get(name))) }
func (b *dataset) url(name string) string   { return b.rep.url(name, b.rep.one(name, b.v.get(name))) }

// names settles the key. ADELA's identifier is made of the title and changes with
// it, so there the number is the key and the identifier an alias.
func (b *dataset) names() {
	rec := b.rec
	rec.Identifier = b.rep.identifier("identifier", b.v.get("identifier"), true)
	id := b.rep.identifier("id", b.v.get("id"), !b.adela)
	switch {
	case b.adela && id != "":
		rec.SourceKey, rec.Aliases = id, []string{rec.Identifier}
	case rec.Identifier != "":
		rec.SourceKey, rec.Aliases = rec.Identifier, []string{id}
	default:
		rec.SourceKey = id
	}
	if iri := b.v.get("@id"); iri.kind == jsonString && !strings.HasPrefix(iri.text, "_:") {
		iri := b.rep.title("@id", iri.text)
		rec.Aliases = append(rec.Aliases, iri)
		if rec.SourceKey == "" {
			rec.SourceKey = iri
		}
	}
}

// identifier reads an identifier of any scalar type; unusual says that a number is
// worth a report.
func (r *report) identifier(field string, v value, unusual bool) string {
	if v.kind == jsonNumber {
		if unusual {
			r.add(IdentifierNumeric, field, v.text, true)
		}
		return v.text
	}
	return r.title(field, r.one(field, v))
}

func (b *dataset) subject() {
	rec, v := b.rec, b.v
	rec.Title = b.title("title")
	rec.Description = b.rep.prose("description", b.rep.one("description", v.get("description")))
	rec.Keywords = b.keywords()
	for _, name := range []string{"superTheme", "theme"} {
		switch t := v.get(name); {
		case b.adela && t.kind == jsonString: // there a record has one theme
			rec.Themes = append(rec.Themes, b.rep.theme(name, t.text))
		case b.adela && t.kind == jsonNull:
		case t.kind != 0:
			rec.Themes = append(rec.Themes, b.rep.themes(name, t)...)
		}
	}
	rec.Themes = b.rep.atMost("theme", distinct(rec.Themes))
	rec.Spatial = b.rep.spatialValue("spatial", v.get("spatial"))
	rec.Temporal = b.temporal()
	rec.Languages = b.rep.languages("language", v.get("language"))
	rec.ConformsTo = b.rep.standards("conformsTo", v.get("conformsTo"))
	rec.Version = b.title("version")
}

// keywords leaves out what ADELA adds at the end by itself: the kind of government
// and the sector, which the record says elsewhere.
func (b *dataset) keywords() []string {
	list := b.rep.keywords("keyword", b.v.get("keyword"))
	if !b.adela {
		return list
	}
	synthetic := []string{foldKey(b.v.get("govType").text), strings.ReplaceAll(foldKey(b.v.get("theme").text), " ", "-")}
	for range synthetic {
		if n := len(list); n > 0 && (foldKey(list[n-1]) == synthetic[0] || foldKey(list[n-1]) == synthetic[1]) {
			list = list[:n-1]
		}
	}
	return list
}

func (b *dataset) temporal() Temporal {
	v := b.v.get("temporal")
	if v.kind == jsonArray && len(v.items) == 2 && v.items[0].kind == jsonString && !strings.Contains(v.items[0].text, "/") {
		return b.rep.interval("temporal", v.items[0].text, v.items[0].text, v.items[1].text)
	}
	if v.kind == jsonObject {
		start, end := v.get("startDate").text, v.get("endDate").text
		return b.rep.interval("temporal", start+"/"+end, start, end)
	}
	return b.rep.temporal("temporal", b.rep.one("temporal", v))
}
