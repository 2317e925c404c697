package exploreapi

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"plaza/internal/base/api"
	"plaza/internal/base/i18n"
	"plaza/internal/base/tabular"
	"plaza/internal/section/explore"
)

type profileInput struct {
	InVersion
	Form string `query:"formato" enum:"json" doc:"exploreapi.param.form_json"`
}

// FileProfile is all that is known of a version's file.
type FileProfile struct {
	Resource string         `json:"resource" doc:"exploreapi.resource"`
	Version  int            `json:"version" doc:"exploreapi.version"`
	Format   string         `json:"format" doc:"exploreapi.profile.format"`
	Bytes    int64          `json:"bytes" doc:"exploreapi.profile.bytes"`
	SHA256   string         `json:"sha256" doc:"exploreapi.profile.sha256"`
	Tables   []Table        `json:"tables" nullable:"false" doc:"exploreapi.profile.tables"`
	Problems []TableProblem `json:"problems" nullable:"false" doc:"exploreapi.profile.problems"`
	Skipped  []SkippedPart  `json:"skipped" nullable:"false" doc:"exploreapi.profile.skipped"`
}

// Table is one table of a file.
type Table struct {
	Number     int             `json:"number" doc:"exploreapi.table.number"`
	Name       string          `json:"name" doc:"exploreapi.table.name"`
	Format     string          `json:"format" doc:"exploreapi.table.format"`
	Rows       int64           `json:"rows" doc:"exploreapi.table.rows"`
	Encoding   string          `json:"encoding" doc:"exploreapi.table.encoding"`
	Delimiter  string          `json:"delimiter" doc:"exploreapi.table.delimiter"`
	HeaderLine int             `json:"header_line" doc:"exploreapi.table.header_line"`
	HeaderRows int             `json:"header_rows" doc:"exploreapi.table.header_rows"`
	Projection string          `json:"projection" doc:"exploreapi.table.projection"`
	Unsure     []string        `json:"unsure" nullable:"false" doc:"exploreapi.table.unsure"`
	Columns    []ProfileColumn `json:"columns" nullable:"false" doc:"exploreapi.table.columns"`
	Key        []string        `json:"key" nullable:"false" doc:"exploreapi.table.key"`
	Place      TablePlace      `json:"place" doc:"exploreapi.table.place"`
	FirstYear  int             `json:"first_year" doc:"exploreapi.table.first_year"`
	LastYear   int             `json:"last_year" doc:"exploreapi.table.last_year"`
	Problems   []TableProblem  `json:"problems" nullable:"false" doc:"exploreapi.table.problems"`
}

// TablePlace says by what rows lie on a map.
type TablePlace struct {
	Kind    string    `json:"kind" doc:"exploreapi.place.kind"`
	Columns []string  `json:"columns" nullable:"false" doc:"exploreapi.place.columns"`
	States  []string  `json:"states" nullable:"false" doc:"exploreapi.place.states"`
	Towns   []string  `json:"municipalities" nullable:"false" doc:"exploreapi.place.towns"`
	Box     []float64 `json:"box" nullable:"false" doc:"exploreapi.place.box"`
}

// ProfileColumn is what is known of a column.
type ProfileColumn struct {
	Column
	Label     string         `json:"label" doc:"exploreapi.column.label"`
	Note      string         `json:"description" doc:"exploreapi.column.note"`
	Format    string         `json:"format" doc:"exploreapi.column.format"`
	Withheld  bool           `json:"withheld" doc:"exploreapi.column.withheld"`
	Suspected bool           `json:"suspected" doc:"exploreapi.column.suspected"`
	Doubts    []Sentence     `json:"doubts" nullable:"false" doc:"exploreapi.column.doubts"`
	Corrected bool           `json:"corrected" doc:"exploreapi.column.corrected"`
	Nulls     []CountedValue `json:"null_spellings" nullable:"false" doc:"exploreapi.column.nulls"`
	Odd       int64          `json:"odd" doc:"exploreapi.column.odd"`
	Stats     ColumnStats    `json:"stats" doc:"exploreapi.column.stats"`
}

// ColumnStats describe a column's values.
type ColumnStats struct {
	Count     int64          `json:"count" doc:"exploreapi.stats.count"`
	Nulls     int64          `json:"nulls" doc:"exploreapi.stats.nulls"`
	Distinct  int64          `json:"distinct" doc:"exploreapi.stats.distinct"`
	Estimated bool           `json:"estimated" doc:"exploreapi.stats.estimated"`
	Min       string         `json:"min" doc:"exploreapi.stats.min"`
	Max       string         `json:"max" doc:"exploreapi.stats.max"`
	Mean      *float64       `json:"mean" doc:"exploreapi.stats.mean"`
	Sum       *float64       `json:"sum" doc:"exploreapi.stats.sum"`
	Quantiles []string       `json:"quantiles" nullable:"false" doc:"exploreapi.stats.quantiles"`
	Histogram []HistogramBin `json:"histogram" nullable:"false" doc:"exploreapi.stats.histogram"`
	Top       []CountedValue `json:"top" nullable:"false" doc:"exploreapi.stats.top"`
}

// HistogramBin is one bar of a histogram.
type HistogramBin struct {
	From  string `json:"from" doc:"exploreapi.bin.from"`
	To    string `json:"to" doc:"exploreapi.bin.to"`
	Count int64  `json:"count" doc:"exploreapi.value.count"`
}

// CountedValue is a value and how many rows have it.
type CountedValue struct {
	Value string `json:"value" doc:"exploreapi.value.value"`
	Count int64  `json:"count" doc:"exploreapi.value.count"`
}

// Sentence is a code and what it says.
type Sentence struct {
	Code string `json:"code" doc:"exploreapi.sentence.code"`
	Text string `json:"text" doc:"exploreapi.sentence.text"`
}

// TableProblem is something wrong with a file.
type TableProblem struct {
	Sentence
	Fix     string          `json:"fix" doc:"exploreapi.problem.fix"`
	Column  string          `json:"column" doc:"exploreapi.problem.column"`
	Count   int64           `json:"count" doc:"exploreapi.problem.count"`
	Samples []ProblemSample `json:"samples" nullable:"false" doc:"exploreapi.problem.samples"`
}

// ProblemSample is a place in a file where something is wrong.
type ProblemSample struct {
	Row  int64  `json:"row" doc:"exploreapi.sample.row"`
	Line int64  `json:"line" doc:"exploreapi.sample.line"`
	Byte int64  `json:"byte" doc:"exploreapi.sample.byte"`
	Text string `json:"text" doc:"exploreapi.sample.text"`
}

// SkippedPart is a part of a file that is no table.
type SkippedPart struct {
	Name string `json:"name" doc:"exploreapi.table.name"`
	Sentence
}

// profile answers with what is known of a version.
func (s *Section) profile(ctx context.Context, in *profileInput) (reply api.Reply, err error) {
	v, err := s.open(ctx, in.InVersion)
	if err != nil {
		return reply, err
	}
	defer v.Close()
	l := api.Printer(ctx)
	out := profileOf(v, l)
	var raw bytes.Buffer
	enc := json.NewEncoder(&raw)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(out); err != nil {
		return reply, fmt.Errorf("writing a profile: %w", err)
	}
	if api.Tag(ctx, tagOf([]any{opProfile, l.Lang(), raw.String()})) {
		return reply, nil
	}
	reply.Body = raw.Bytes()
	return reply, nil
}

func profileOf(v *explore.View, l *i18n.Printer) FileProfile {
	p := v.Profile
	out := FileProfile{Resource: v.Resource.ID, Version: v.Version.Number, Format: p.Format, Bytes: p.Bytes, SHA256: p.SHA256,
		Tables: []Table{}, Problems: problemsOf(append(p.Problems[:len(p.Problems):len(p.Problems)], v.Version.Problems()...), l), Skipped: []SkippedPart{}}
	for i, t := range p.Tables {
		out.Tables = append(out.Tables, tableOf(i, t, v.Hiding, l))
	}
	for _, sk := range p.Skipped {
		out.Skipped = append(out.Skipped, SkippedPart{sk.Name, sentenceOf("tabular.fault.", sk.Why, nil, l)})
	}
	return out
}

func tableOf(i int, t tabular.Table, h explore.Hiding, l *i18n.Printer) Table {
	years := tabular.Years(t.Columns)
	out := Table{Number: i + 1, Name: t.Name, Format: t.Format, Rows: t.Rows, Encoding: t.Encoding, Delimiter: t.Delimiter, HeaderLine: t.HeaderLine,
		HeaderRows: t.HeaderRows, Projection: t.Projection, Unsure: listed(t.Unsure), Key: listed(t.Key), FirstYear: years[0], LastYear: years[1],
		Place:   TablePlace{string(t.Place.Kind), listed(t.Place.Columns), listed(t.Place.States), listed(t.Place.Towns), listed(t.Place.Box)},
		Columns: []ProfileColumn{}, Problems: problemsOf(t.Problems, l)}
	for _, c := range t.Columns {
		out.Columns = append(out.Columns, profileColumn(c, h, l))
	}
	for _, name := range h.Columns(t) {
		for _, by := range t.Place.Columns {
			if by == name { // where its rows lie is told by what nobody may see
				out.Place = TablePlace{Columns: []string{}, States: []string{}, Towns: []string{}, Box: []float64{}}
			}
		}
	}
	return out
}

func profileColumn(c tabular.Column, h explore.Hiding, l *i18n.Printer) ProfileColumn {
	s := c.Stats
	out := ProfileColumn{Column: columnOf(c), Label: c.Label, Note: c.Note, Format: c.Format, Withheld: h.Withheld(c), Suspected: h.Suspected(c),
		Doubts: []Sentence{}, Corrected: c.Corrected, Nulls: valuesOf(c.Nulls), Odd: c.Odd,
		Stats: ColumnStats{Count: s.Count, Nulls: s.Nulls, Distinct: s.Distinct, Estimated: s.Estimated, Min: s.Min, Max: s.Max, Mean: s.Mean, Sum: s.Sum,
			Quantiles: listed(s.Quantiles), Histogram: []HistogramBin{}, Top: valuesOf(s.Top)}}
	for _, d := range c.Doubts {
		out.Doubts = append(out.Doubts, sentenceOf("tabular.doubt.", d, nil, l))
	}
	for _, b := range s.Histogram {
		out.Stats.Histogram = append(out.Stats.Histogram, HistogramBin(b))
	}
	return out
}

func problemsOf(list []tabular.Problem, l *i18n.Printer) []TableProblem {
	out := []TableProblem{}
	for _, p := range list {
		args := map[string]any{"column": p.Column, "count": p.Count}
		for name, v := range p.Args {
			args[name] = v
		}
		one := TableProblem{Sentence: sentenceOf("tabular.problem.", p.Code, args, l), Column: p.Column, Count: p.Count, Samples: []ProblemSample{}}
		if key := "tabular.problem." + p.Code + ".fix"; l.Has(key) {
			one.Fix = l.TMap(key, args)
		}
		for _, s := range p.Samples {
			one.Samples = append(one.Samples, ProblemSample(s))
		}
		out = append(out, one)
	}
	return out
}

// sentenceOf is a code and its sentence, the code alone where nobody has words for it.
func sentenceOf(prefix, code string, args map[string]any, l *i18n.Printer) Sentence {
	code = strings.TrimPrefix(code, prefix)
	s := Sentence{Code: code, Text: code}
	if l.Has(prefix + code) {
		s.Text = l.TMap(prefix+code, args)
	}
	return s
}

func valuesOf(list []tabular.ValueCount) []CountedValue {
	out := make([]CountedValue, len(list))
	for i, v := range list {
		out[i] = CountedValue(v)
	}
	return out
}

// listed is never nil: programs expect [].
func listed[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
