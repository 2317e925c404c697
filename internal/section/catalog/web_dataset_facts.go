package catalog

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"plaza/internal/base/i18n"
	"plaza/internal/base/web"
	"plaza/internal/civic/institution"
)

// datasetFacts are the catalogue's facts, for the margin of a dataset's page. What
// is not known is left out.
func datasetFacts(l *i18n.Printer, d Dataset, o owner, body institution.Institution) []web.Fact {
	f := factList{l: l}
	f.add("institution", web.Fact{Text: o.Name, Link: o.Path, Icon: "landmark"})
	if o.Said != "" {
		f.add("publisher", web.Fact{Text: o.Said})
	}
	f.contact(d, body)
	f.add("license", web.Fact{Text: licenseWords(l, d.License), Link: webLink(d.License.URL), Icon: "scale"})
	f.add("modified", web.Fact{Text: dateWords(l, d.Modified), Time: d.Modified, Icon: "calendar"})
	f.add("issued", web.Fact{Text: dateWords(l, d.Issued), Time: d.Issued})
	f.add("frequency", web.Fact{Text: sentence(frequencyWords(l, d.AccrualPeriodicity)), Icon: "refresh-cw"})
	f.add("temporal", web.Fact{Text: period(l, d.Temporal.Start, d.Temporal.End)})
	f.add("spatial", web.Fact{Text: d.Spatial.Text, Icon: "map-pin"})
	for i, theme := range d.Themes {
		key := "themes"
		if i > 0 {
			key = ""
		}
		f.add(key, web.Fact{Text: theme, Link: ListPath(FacetTheme, theme)})
	}
	f.add("languages", web.Fact{Text: sentence(languages(l, d.Languages))})
	if d.AccessLevel != "" && d.AccessLevel != "public" {
		f.add("access", web.Fact{Text: l.T("catalog.access." + strings.ReplaceAll(d.AccessLevel, " ", "_"))})
	}
	for _, standard := range d.ConformsTo {
		f.add("conforms_to", web.Fact{Text: standard, Link: webLink(standard)})
	}
	f.add("version", web.Fact{Text: d.Version})
	f.add("dictionary", web.Fact{Text: hostOf(d.DictionaryURL), Link: webLink(d.DictionaryURL), Icon: "book-open"})
	f.add("landing_page", web.Fact{Text: hostOf(d.LandingPage), Link: webLink(d.LandingPage), Icon: "external-link"})
	f.origin(d)
	f.add("identifier", web.Fact{Text: d.Identifier})
	return f.facts
}

// factList collects facts that have a value.
type factList struct {
	l     *i18n.Printer
	facts []web.Fact
}

// add adds a fact under the label of a key; "" repeats the label before, for screen
// readers and eyes alike.
func (f *factList) add(key string, fact web.Fact) {
	if fact.Text == "" {
		return
	}
	if key == "" && len(f.facts) > 0 {
		fact.Label = f.facts[len(f.facts)-1].Label
	} else {
		fact.Label = f.l.T("catalog.fact." + key)
	}
	f.facts = append(f.facts, fact)
}

// origin says where the data come from before their publisher: dct:source and
// dct:provenance, by the names under which the kinds of catalogues have them.
func (f *factList) origin(d Dataset) {
	key := "origin"
	for _, name := range []string{"dct:source", "source", "dct:provenance", "provenance"} {
		for _, s := range statements(d.Extras[name]) {
			f.add(key, web.Fact{Text: addressWords(s), Link: webLink(s)})
			key = "" // one label for all of them
		}
	}
}

// statements are the values of an extra that may hold several: as JSON, as
// ckanext-dcat writes lists, or addresses with commas between them.
func statements(s string) []string {
	if s == "" {
		return nil
	}
	var list []string
	if strings.HasPrefix(s, "[") && json.Unmarshal([]byte(s), &list) == nil {
		return slices.DeleteFunc(list, func(s string) bool { return s == "" })
	}
	if list = strings.Split(s, ", "); slices.ContainsFunc(list, func(s string) bool { return webLink(s) == "" }) {
		return []string{s}
	}
	return list
}

// addressWords is an address as people write it; other text stays.
func addressWords(s string) string {
	if webLink(s) == "" {
		return s
	}
	_, rest, _ := strings.Cut(s, "://")
	return strings.TrimSuffix(rest, "/")
}

// contact says whom to ask: who the record names, else the institution's Enlace.
func (f *factList) contact(d Dataset, body institution.Institution) {
	c := d.Contact
	name, email, phone, page := c.Name, c.Email, c.Phone, webLink(c.URL)
	if c.Position != "" && c.Position != name {
		name = strings.TrimPrefix(name+", "+c.Position, ", ")
	}
	if name == "" && email == "" && phone == "" && page == "" {
		name, email, phone = body.Contact.Name, body.Contact.Email, body.Contact.Phone
	}
	if name == "" && email == "" {
		name = hostOf(page)
	} else if name == "" {
		name, email = email, "mailto:"+email
		f.add("contact", web.Fact{Text: name, Link: email, Icon: "mail"})
		return
	}
	f.add("contact", web.Fact{Text: name, Link: page, Note: phone, Icon: "mail"})
	if email != "" {
		f.add("email", web.Fact{Text: email, Link: "mailto:" + url.PathEscape(email)})
	}
}

// period writes what data cover in time.
func period(l *i18n.Printer, start, end string) string {
	key := "catalog.period"
	if len(start) != len("2020-05") && len(start) != len("2020") && len(end) != len("2020-05") && len(end) != len("2020") {
		key = "catalog.period.days"
	}
	switch {
	case start != "" && end != "" && start != end:
		return l.T(key, "start", dateWords(l, start), "end", dateWords(l, end))
	case start != "" && end == "":
		return l.T(key+".from", "start", dateWords(l, start))
	case start == "" && end != "":
		return l.T(key+".until", "end", dateWords(l, end))
	}
	return dateWords(l, start)
}

// languages names languages in the page's own.
func languages(l *i18n.Printer, tags []string) string {
	names := display.Tags(language.Make(l.Lang()))
	var words []string
	for _, t := range tags {
		tag, err := language.Parse(t)
		if err != nil {
			words = append(words, t)
			continue
		}
		words = append(words, names.Name(tag))
	}
	return strings.Join(words, ", ")
}

// sentence begins with a capital.
func sentence(s string) string {
	for i, r := range s {
		if i > 0 {
			return strings.ToUpper(s[:i]) + s[i:]
		}
		_ = r
	}
	return strings.ToUpper(s)
}
