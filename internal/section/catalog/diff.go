package catalog

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"plaza/internal/section/catalog/dcat"
)

// maxFieldText bounds what a line of history keeps of a value, in runes.
const maxFieldText = 300

// maxFieldChanges bounds how many fields one line of history names.
const maxFieldChanges = 60

// diff lists what a reader would see differ between two states of a dataset. The
// order in which a source lists things does not count.
func diff(old, next Dataset) []FieldChange {
	var out []FieldChange
	compare := func(field, before, after string) {
		if before != after && len(out) < maxFieldChanges {
			out = append(out, FieldChange{field, cut(before), cut(after)})
		}
	}
	a, b := facts(old.Record), facts(next.Record)
	for i := range a {
		compare(a[i][0], a[i][1], b[i][1])
	}
	before := map[string]dcat.Resource{}
	for _, r := range old.Resources {
		if r.RemovedAt.IsZero() {
			before[r.SourceKey] = r.Resource
		}
	}
	for _, r := range next.Record.Resources {
		o, ok := before[r.SourceKey]
		delete(before, r.SourceKey)
		if !ok {
			compare("resource_added", "", named(r))
			continue
		}
		ra, rb := resourceFacts(o), resourceFacts(r)
		for i := range ra {
			compare("resource_"+ra[i][0], label(o, ra[i][1]), label(r, rb[i][1]))
		}
	}
	for _, r := range old.Resources { // in order, not the map's
		if gone, ok := before[r.SourceKey]; ok {
			compare("resource_removed", named(gone), "")
		}
	}
	return out
}

// facts are a record's fields as texts, always the same ones in the same order.
func facts(r dcat.Record) [][2]string {
	return [][2]string{
		{"title", r.Title}, {"description", r.Description}, {"keywords", list(r.Keywords)}, {"themes", list(r.Themes)},
		{"publisher", r.Publisher.Name}, {"contact", strings.TrimSpace(r.Contact.Name + " " + r.Contact.Email + " " + r.Contact.URL)},
		{"license", license(r.License)}, {"issued", r.Issued}, {"modified", r.Modified},
		{"periodicity", r.AccrualPeriodicity}, {"spatial", spatial(r.Spatial)},
		{"temporal", strings.Trim(r.Temporal.Start+"/"+r.Temporal.End, "/")}, {"landing_page", r.LandingPage},
		{"dictionary", r.DictionaryURL}, {"languages", list(r.Languages)}, {"conforms_to", list(r.ConformsTo)},
		{"access", r.AccessLevel}, {"version", r.Version}, {"identifier", r.Identifier},
	}
}

func resourceFacts(r dcat.Resource) [][2]string {
	size := ""
	if r.ByteSize >= 0 {
		size = strconv.FormatInt(r.ByteSize, 10)
	}
	return [][2]string{
		{"title", r.Title}, {"description", r.Description}, {"format", r.Format}, {"media_type", r.MediaType},
		{"url", Resource{Resource: r}.URL()}, {"size", size}, {"checksum", r.ChecksumValue}, {"issued", r.Issued},
		{"modified", r.Modified}, {"license", license(r.License)}, {"dictionary", r.DictionaryURL},
		{"columns", columns(r.Fields)},
	}
}

func named(r dcat.Resource) string {
	if r.Title != "" {
		return r.Title
	}
	return Resource{Resource: r}.URL()
}

// label puts a resource's name before a value, "" staying "".
func label(r dcat.Resource, value string) string {
	if value == "" || value == named(r) {
		return value
	}
	return named(r) + ": " + value
}

func list(values []string) string {
	sorted := slices.Clone(values)
	slices.Sort(sorted)
	return strings.Join(sorted, ", ")
}

func license(l dcat.License) string {
	if l.Title != "" {
		return l.Title
	}
	return l.ID + l.URL
}

func spatial(s dcat.Spatial) string {
	if s.Box == nil {
		return s.Text
	}
	return strings.TrimSpace(fmt.Sprintf("%s %g,%g,%g,%g", s.Text, s.Box.West, s.Box.South, s.Box.East, s.Box.North))
}

func columns(fields []dcat.Field) string {
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.Name + " " + f.Type
	}
	return strings.Join(names, ", ")
}

func cut(s string) string {
	r := []rune(s)
	if len(r) <= maxFieldText {
		return s
	}
	return string(r[:maxFieldText-1]) + "…"
}
