package dcat

import (
	"errors"
	"fmt"
	"plaza/internal/section/catalog/dcat/wire"
	"strings"
)

// readDataJSON walks a data.json document: an object with a list of datasets, or
// the bare list of the format's first version.
func readDataJSON(d *document, s *wire.Scanner) error {
	first, err := s.Peek()
	if err != nil {
		return s.Ended(err)
	}
	if first == '[' {
		d.report.add(BareList, "", "", true)
		if err := d.datasets(s); err != nil {
			return err
		}
		return s.End(d.report.note)
	}
	found := false
	err = s.Object(func(name string) error {
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
		return &wire.FormatError{Code: wire.FormatNot, Offset: s.Offset, Line: s.Line, Detail: "dataset"}
	}
	return s.End(d.report.note)
}

// datasets reads the value of "dataset".
func (d *document) datasets(s *wire.Scanner) error {
	c, err := s.Peek()
	if err != nil {
		return s.Ended(err)
	}
	switch c {
	case '[':
		return s.Array(func(i int) error { return d.jsonRecord(s, datasetRecord) })
	case '{':
		d.report.add(SingleObject, "dataset", "", true)
		return d.jsonRecord(s, datasetRecord)
	}
	return s.Fail(wire.FormatNot, "dataset")
}

// jsonRecord reads one record whatever is the matter with it.
func (d *document) jsonRecord(s *wire.Scanner, build func(*report, wire.Value) (*Record, string)) error {
	rep := d.record()
	raw, err := s.Value(MaxRecord)
	if err != nil {
		return err
	}
	if !raw.TooLarge {
		rep.digest = digestOf(raw.Data)
		if known, err := d.known(rep.digest); known || err != nil {
			return err
		}
	}
	switch {
	case raw.TooLarge:
		rep.add(RecordTooLarge, "", fmt.Sprintf("line %d", raw.Line), false)
		return d.put(nil, "", rep)
	case raw.TooDeep:
		rep.add(RecordTooDeep, "", fmt.Sprintf("line %d", raw.Line), false)
		return d.put(nil, "", rep)
	}
	v, err := wire.Parse(wire.UTF8(raw.Data, d.report.noteOnce, rep.note))
	if err != nil {
		var broken *wire.SyntaxError
		if errors.Is(err, wire.ErrMany) {
			rep.add(RecordTooLarge, "", fmt.Sprintf("line %d", raw.Line), false)
		} else if errors.As(err, &broken) {
			rep.add(RecordMalformed, "", fmt.Sprintf("line %d: %v", raw.Line+broken.Line, broken.Err), false)
		}
		return d.put(nil, "", rep)
	}
	if v.Kind != wire.Object {
		rep.add(RecordNotObject, "", v.Text, false)
		return d.put(nil, "", rep)
	}
	rec, key := build(rep, v)
	return d.put(rec, key, rep)
}

// catalogMembers are those that catalogMember reads; of some only what is wrong
// with them is of use.
var catalogMembers = words(`title description license themeTaxonomy issued modified homepage superThemeTaxonomy publisher`)

// catalogMember reads what the catalogue says of itself.
func (d *document) catalogMember(s *wire.Scanner, name string) error {
	if !catalogMembers[strings.ToLower(name)] {
		return s.Skip()
	}
	raw, err := s.Value(MaxRecord)
	if err != nil {
		return err
	}
	if raw.TooLarge || raw.TooDeep {
		d.report.add(RecordTooLarge, name, "", false)
		return nil
	}
	rep := &d.report
	v, err := wire.Parse(wire.UTF8(raw.Data, rep.noteOnce, rep.note))
	if err != nil {
		rep.add(RecordMalformed, name, fmt.Sprintf("line %d", raw.Line), false)
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
		if v.Kind != wire.Object {
			rep.one(name, v)
		}
		rep.email(name+".mbox", v.Get("mbox").Text)
	}
	return nil
}

func (d *document) themeLabels(v wire.Value) {
	if v.Kind != wire.Array {
		return
	}
	labels := make(map[string]string)
	for i, item := range v.Items {
		id := d.report.title("themeTaxonomy", item.Get("id").Text)
		label := d.report.title("themeTaxonomy", item.Get("label").Text)
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
func datasetRecord(rep *report, v wire.Value) (*Record, string) {
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
func isADELA(v wire.Value) bool {
	return v.Get("govType").Kind != 0 || v.Get("openessRating").Kind != 0 || v.Get("publisher").Get("position").Kind != 0
}

type dataset struct {
	rep   *report
	v     wire.Value
	rec   *Record
	adela bool
}

func (b *dataset) title(name string) string { return b.rep.title(name, b.rep.one(name, b.v.Get(name))) }
func (b *dataset) url(name string) string   { return b.rep.url(name, b.rep.one(name, b.v.Get(name))) }

// names settles the key. ADELA's identifier is made of the title and changes with
// it, so there the number is the key and the identifier an alias.
func (b *dataset) names() {
	rec := b.rec
	rec.Identifier = b.rep.identifier("identifier", b.v.Get("identifier"), true)
	id := b.rep.identifier("id", b.v.Get("id"), !b.adela)
	switch {
	case b.adela && id != "":
		rec.SourceKey, rec.Aliases = id, []string{rec.Identifier}
	case rec.Identifier != "":
		rec.SourceKey, rec.Aliases = rec.Identifier, []string{id}
	default:
		rec.SourceKey = id
	}
	if iri := b.v.Get("@id"); iri.Kind == wire.String && !strings.HasPrefix(iri.Text, "_:") {
		iri := b.rep.title("@id", iri.Text)
		rec.Aliases = append(rec.Aliases, iri)
		if rec.SourceKey == "" {
			rec.SourceKey = iri
		}
	}
}

// identifier reads an identifier of any scalar type; unusual says that a number is
// worth a report.
func (r *report) identifier(field string, v wire.Value, unusual bool) string {
	if v.Kind == wire.Number {
		if unusual {
			r.add(IdentifierNumeric, field, v.Text, true)
		}
		return v.Text
	}
	return r.title(field, r.one(field, v))
}

func (b *dataset) subject() {
	rec, v := b.rec, b.v
	rec.Title = b.title("title")
	rec.Description = b.rep.prose("description", b.rep.one("description", v.Get("description")))
	rec.Keywords = b.keywords()
	for _, name := range []string{"superTheme", "theme"} {
		switch t := v.Get(name); {
		case b.adela && t.Kind == wire.String: // there a record has one theme
			rec.Themes = append(rec.Themes, b.rep.theme(name, t.Text))
		case b.adela && t.Kind == wire.Null:
		case t.Kind != 0:
			rec.Themes = append(rec.Themes, b.rep.themes(name, t)...)
		}
	}
	rec.Themes = b.rep.atMost("theme", distinct(rec.Themes))
	rec.Spatial = b.rep.spatialValue("spatial", v.Get("spatial"))
	rec.Temporal = b.temporal()
	rec.Languages = b.rep.languages("language", v.Get("language"))
	rec.ConformsTo = b.rep.standards("conformsTo", v.Get("conformsTo"))
	rec.Version = b.title("version")
}

// keywords leaves out what ADELA adds at the end by itself: the kind of government
// and the sector, which the record says elsewhere.
func (b *dataset) keywords() []string {
	list := b.rep.keywords("keyword", b.v.Get("keyword"))
	if !b.adela {
		return list
	}
	synthetic := []string{foldKey(b.v.Get("govType").Text), strings.ReplaceAll(foldKey(b.v.Get("theme").Text), " ", "-")}
	for range synthetic {
		if n := len(list); n > 0 && (foldKey(list[n-1]) == synthetic[0] || foldKey(list[n-1]) == synthetic[1]) {
			list = list[:n-1]
		}
	}
	return list
}

func (b *dataset) temporal() Temporal {
	v := b.v.Get("temporal")
	if v.Kind == wire.Array && len(v.Items) == 2 && v.Items[0].Kind == wire.String && !strings.Contains(v.Items[0].Text, "/") {
		return b.rep.interval("temporal", v.Items[0].Text, v.Items[0].Text, v.Items[1].Text)
	}
	if v.Kind == wire.Object {
		start, end := v.Get("startDate").Text, v.Get("endDate").Text
		return b.rep.interval("temporal", start+"/"+end, start, end)
	}
	return b.rep.temporal("temporal", b.rep.one("temporal", v))
}
