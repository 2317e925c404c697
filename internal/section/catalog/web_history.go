package catalog

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"plaza/internal/base/i18n"
)

// changeLine is one step of a dataset's history in words.
type changeLine struct {
	Date, ISO string
	Kind      string // what happened, a sentence
	Fields    []fieldLine
	Summary   string // "3 campos cambiaron: …"
	Run       string // path of the run that saw it, "" for none
}

// fieldLine is what became of one field.
type fieldLine struct {
	Name          string
	Before, After string
}

// historyWords puts a history into words; whole is where all of it is when it is
// longer than the page.
func (s *Section) historyWords(l *i18n.Printer, d Dataset, history []Change) (lines []changeLine, whole string) {
	if len(history) > maxHistory {
		history = history[:maxHistory]
		whole = "/bitacora?objeto=" + url.QueryEscape(d.Ref().String())
	}
	for _, c := range history {
		line := changeLine{Date: l.Date(c.At), ISO: l.ISO(c.At), Kind: l.T("catalog.change." + c.Kind)}
		if c.RunID != "" {
			line.Run = "/lecturas/" + d.SourceID + "/" + c.RunID
		}
		var names []string
		for _, f := range c.Fields {
			name := l.T("catalog.field." + f.Field)
			line.Fields = append(line.Fields, fieldLine{name, valueWords(l, f.Field, f.Before), valueWords(l, f.Field, f.After)})
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
		if len(names) > 0 {
			const most = 4
			cut := names[:min(most, len(names))]
			line.Summary = l.T("catalog.change.fields", "count", len(line.Fields), "names", strings.Join(cut, ", ")+ellipsis(len(names) > most))
		}
		lines = append(lines, line)
	}
	return lines, whole
}

func ellipsis(more bool) string {
	if more {
		return "…"
	}
	return ""
}

// valueWords shows a value of the history as the page shows it elsewhere. Those of
// resources stand behind the resource's name.
func valueWords(l *i18n.Printer, field, value string) string {
	name := ""
	field, ofResource := strings.CutPrefix(field, "resource_")
	if i := strings.LastIndex(value, ": "); ofResource && i > 0 {
		name, value = value[:i+2], value[i+2:]
	}
	switch field {
	case "institution":
		if value == "" {
			value = l.T("catalog.central")
		}
	case "periodicity":
		value = frequencyWords(l, value)
	case "modified", "issued":
		value = dateWords(l, value)
	case "temporal":
		start, end, _ := strings.Cut(value, "/")
		value = period(l, start, end)
	case "languages":
		value = languages(l, strings.Split(value, ", "))
	case "size":
		if n, err := strconv.ParseInt(value, 10, 64); err == nil {
			value = l.Bytes(n)
		}
	}
	return name + value
}

// yearOf is the year of a date as records have it, else that of an instant.
func yearOf(date string, otherwise time.Time) string {
	if len(date) >= 4 {
		return date[:4]
	}
	return strconv.Itoa(otherwise.Year())
}
