package showing

import (
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"plaza/internal/base/i18n"
	"plaza/internal/base/tabular/query"
	"plaza/internal/section/tool/reckon"
	"plaza/internal/section/tool/spec"
	"plaza/internal/section/tool/wording"
)

// Facts are what one has to know of the numbers: how many rows were counted, and what of
// them could not be.
func Facts(a Asked) (out []Fact) {
	r := a.Result
	say := func(yes bool, key string, pairs ...any) {
		if yes {
			out = append(out, Fact{Text: a.L.T("toolview.fact."+key, pairs...)})
		}
	}
	own := a
	if a.Common { // the rest is said once of all views
		own.Spec.Sources, own.Reader = nil, nil
	}
	for _, line := range Conditions(a.L, own.Chosen()) {
		say(true, "filter", "filter", line)
	}
	said := a.Common && a.View.Filter == "" && len(a.Reader) == 0
	say(r.Counted > 0 && !said, "counted", "count", r.Counted)
	say(r.Missing > 0, "missing", "count", r.Missing)
	say(r.Nowhere > 0, "nowhere", "count", r.Nowhere)
	say(r.Odd > 0, "odd", "count", r.Odd)
	say(r.Left > 0, "left", "count", r.Left)
	say(a.View.Cut && (a.View.Mark == spec.Line || a.View.Mark == spec.Point), "cut")
	out = append(out, joins(a)...)
	if r.UnknownCount > 0 {
		out = append(out, Fact{Text: a.L.T("toolview.fact.unknown", "count", r.UnknownCount), List: r.Unknown, More: a.L.T("toolview.fact.codes")})
	}
	return out
}

// joins are how many keys of other tables were found.
func joins(a Asked) (out []Fact) {
	for _, j := range a.Result.Joins {
		f := Fact{Text: a.L.T("toolview.fact.join", "from", source(a.L, j.From), "matched", j.Matched, "all", j.Matched+j.Unmatched, "rows", j.MatchedRows)}
		f.List, f.More = j.UnmatchedIs, a.L.T("toolview.fact.unmatched", "count", j.Unmatched)
		out = append(out, f)
	}
	return out
}

func source(l *i18n.Printer, name string) string {
	if name == "population" {
		return l.T("toolview.population")
	}
	return wording.Plain(name)
}

// Chosen are the conditions by which rows count: of the source, of the view and of the reader.
func (a Asked) Chosen() url.Values {
	out := url.Values{}
	src, _ := a.Spec.Source(a.View.Source)
	for _, text := range []string{src.Filter, a.View.Filter} {
		v, err := url.ParseQuery(text)
		if err != nil {
			continue // refused when it was saved
		}
		for k, list := range v {
			out[k] = append(out[k], list...)
		}
	}
	for k, list := range a.Reader {
		if !a.ownChoice(k) {
			out[k] = append(out[k], list...)
		}
	}
	return out
}

// ownChoice reports whether a reader's choice is of a column by which the view is drawn: there
// it stands out, and takes nothing away.
func (a Asked) ownChoice(parameter string) bool {
	column, _ := query.Split(strings.TrimPrefix(parameter, query.ParamFilter+"."))
	_, between := a.Result.ChosenRange[column]
	return between || len(a.Result.Chosen[column]) > 0
}

// Conditions says in words which rows count, a line for each condition.
func Conditions(l *i18n.Printer, v url.Values) (out []string) {
	v = query.Choices(v)
	for _, k := range slices.Sorted(maps.Keys(v)) {
		values := strings.Join(v[k], l.T("toolview.or"))
		name, is := strings.CutPrefix(k, query.ParamFilter+".")
		if !is {
			base, _, _ := strings.Cut(k, "~")
			out = append(out, l.T("toolview.where."+base, "value", values))
			continue
		}
		name, op := query.Split(name)
		if op == "vacio" {
			op += "." + map[bool]string{true: "si", false: "no"}[values == "si"]
		}
		out = append(out, l.T("toolview.where."+op, "column", wording.Plain(name), "value", values))
	}
	return out
}

// Sources are where the numbers come from: institution, dataset, version, date, licence.
func Sources(l *i18n.Printer, r reckon.Result) (out []Source) {
	for _, s := range r.Stamps {
		if s.Resource == "" {
			out = append(out, Source{Text: s.Title})
			continue
		}
		title := s.Dataset
		if s.Title != "" && s.Title != s.Dataset {
			title += " · " + s.Title
		}
		key := "toolview.source"
		if s.Institution == "" {
			key = "toolview.source.nobody"
		}
		pinned := l.T("toolview.source.follows")
		if s.Pinned {
			pinned = l.T("toolview.source.pinned")
			if s.Newest > s.Version {
				pinned = l.T("toolview.source.behind", "newest", strconv.Itoa(s.Newest))
			}
		}
		out = append(out, Source{Path: s.Path, License: s.License, LicenseURL: s.LicenseURL,
			Text: l.T(key, "institution", s.Institution, "title", title, "version", strconv.Itoa(s.Version), "date", s.Fetched, "pinned", pinned)})
	}
	return out
}
