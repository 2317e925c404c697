package toolapi

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"plaza/internal/base/api"
	"plaza/internal/base/i18n"
	"plaza/internal/base/tabular"
	"plaza/internal/base/tabular/form"
	"plaza/internal/base/tabular/query"
	"plaza/internal/plaza"
	"plaza/internal/section/tool"
	"plaza/internal/section/tool/leaving"
	"plaza/internal/section/tool/reckon"
	"plaza/internal/section/tool/sentence"
	"plaza/internal/section/tool/showing"
	"plaza/internal/section/tool/spec"
	"plaza/internal/section/tool/wording"
)

type dataInput struct {
	InTool
	InChoices
	View string `path:"view" maxLength:"40" doc:"toolapi.param.view"`
	Form string `query:"format" enum:"json,csv" doc:"toolapi.param.form"`
}

// ToolData is what a view shows.
type ToolData struct {
	ToolDataHead
	Rows []api.Row `json:"rows" nullable:"false" doc:"toolapi.data.rows"`
}

// ToolDataHead is what is said of a view's numbers before them.
type ToolDataHead struct {
	Tool     string              `json:"tool" doc:"toolapi.id"`
	URL      string              `json:"url" format:"uri" doc:"toolapi.url"`
	Version  int                 `json:"version" doc:"toolapi.version"`
	View     string              `json:"view" doc:"toolapi.view.name"`
	Title    string              `json:"title" doc:"toolapi.view.title"`
	Sentence string              `json:"sentence" doc:"toolapi.data.sentence"`
	Columns  []ToolColumn        `json:"columns" nullable:"false" doc:"toolapi.data.columns"`
	Counts   ToolCounts          `json:"counts" doc:"toolapi.data.counts"`
	Joins    []ToolJoin          `json:"joins" nullable:"false" doc:"toolapi.data.joins"`
	Names    map[string]string   `json:"names,omitempty" doc:"toolapi.data.names"`
	Unknown  []string            `json:"unknown_codes,omitempty" nullable:"false" doc:"toolapi.data.unknown"`
	Chosen   map[string][]string `json:"chosen,omitempty" doc:"toolapi.data.chosen"`
	Range    map[string][]string `json:"chosen_range,omitempty" doc:"toolapi.data.range"`
	Stamps   []ToolStamp         `json:"stamps" nullable:"false" doc:"toolapi.data.stamps"`
}

// ToolColumn says what the values of a column are.
type ToolColumn struct {
	Name    string  `json:"name" doc:"toolapi.column.name"`
	Role    string  `json:"role" doc:"toolapi.column.role"`
	Title   string  `json:"title" doc:"toolapi.column.title"`
	Field   string  `json:"field,omitempty" doc:"toolapi.column.field"`
	Unit    string  `json:"unit,omitempty" doc:"toolapi.column.unit"`
	Type    string  `json:"type" doc:"toolapi.column.type"`
	Meaning string  `json:"meaning,omitempty" doc:"toolapi.column.meaning"`
	Func    string  `json:"aggregate,omitempty" doc:"toolapi.column.aggregate"`
	Step    string  `json:"step,omitempty" doc:"toolapi.column.step"`
	Width   float64 `json:"width,omitempty" doc:"toolapi.column.width"`
	Group   bool    `json:"group" doc:"toolapi.column.group"`
	Per     string  `json:"per,omitempty" doc:"toolapi.column.per"`
	Times   float64 `json:"times,omitempty" doc:"toolapi.column.times"`
}

// ToolCounts are how many rows and categories there are, and how many are not shown.
type ToolCounts struct {
	Counted   int64    `json:"counted" doc:"toolapi.counts.counted"`
	Missing   int64    `json:"missing" doc:"toolapi.counts.missing"`
	Nowhere   int64    `json:"nowhere" doc:"toolapi.counts.nowhere"`
	Odd       int64    `json:"odd" doc:"toolapi.counts.odd"`
	Left      int64    `json:"left" doc:"toolapi.counts.left"`
	LeftRows  int64    `json:"left_rows" doc:"toolapi.counts.left_rows"`
	Rest      *int     `json:"rest" doc:"toolapi.counts.rest"`
	Folded    int      `json:"folded" doc:"toolapi.counts.folded"`
	Unknown   int      `json:"unknown_codes" doc:"toolapi.counts.unknown"`
	Negative  int      `json:"negative" doc:"toolapi.counts.negative"`
	Total     *float64 `json:"total" doc:"toolapi.counts.total"`
	Clustered bool     `json:"clustered" doc:"toolapi.counts.clustered"`
	Binned    bool     `json:"binned" doc:"toolapi.counts.binned"`
}

// ToolJoin is how the keys of two sources met.
type ToolJoin struct {
	From          string   `json:"from" doc:"toolapi.join.from"`
	Key           string   `json:"key" doc:"toolapi.join.key"`
	Matched       int      `json:"matched" doc:"toolapi.join.matched"`
	Unmatched     int      `json:"unmatched" doc:"toolapi.join.unmatched"`
	UnmatchedIs   []string `json:"unmatched_keys" nullable:"false" doc:"toolapi.join.unmatched_keys"`
	MatchedRows   int64    `json:"matched_rows" doc:"toolapi.join.matched_rows"`
	UnmatchedRows int64    `json:"unmatched_rows" doc:"toolapi.join.unmatched_rows"`
}

// ToolStamp says what was read of a resource.
type ToolStamp struct {
	Source      string    `json:"source" doc:"toolapi.source.name"`
	Resource    string    `json:"resource" doc:"toolapi.source.resource"`
	Title       string    `json:"title" doc:"toolapi.stamp.title"`
	Dataset     string    `json:"dataset" doc:"toolapi.dataset.title"`
	URL         string    `json:"url,omitempty" format:"uri" doc:"toolapi.stamp.url"`
	Institution string    `json:"institution" doc:"toolapi.dataset.institution"`
	License     string    `json:"license" doc:"toolapi.stamp.license"`
	LicenseURL  string    `json:"license_url,omitempty" doc:"toolapi.stamp.license_url"`
	Version     int       `json:"version" doc:"toolapi.stamp.version"`
	Newest      int       `json:"newest" doc:"toolapi.stamp.newest"`
	Pinned      bool      `json:"pinned" doc:"toolapi.stamp.pinned"`
	Fetched     time.Time `json:"fetched" doc:"toolapi.stamp.fetched"`
	SHA256      string    `json:"sha256,omitempty" doc:"toolapi.stamp.sha256"`
}

// data answers with the numbers of a view.
func (s *Section) data(ctx context.Context, in *dataInput) (reply api.Reply, err error) {
	t, doc, err := s.native(ctx, in.Tool, 0)
	if err != nil {
		return reply, err
	}
	v, ok := doc.View(in.View)
	if !ok || v.Mark == spec.Text {
		return reply, plaza.E(plaza.NotFound, "toolreckon.view")
	}
	result, err := s.result(ctx, t, doc, v.Name, true)
	if err != nil {
		return reply, err
	}
	l := api.Printer(ctx)
	if api.Asked(ctx) == api.JSON {
		reply.Body, err = asJSON(s.head(l, t, doc, v, result), result.Columns, leaving.Rows(l, result))
		return reply, err
	}
	a := showing.Asked{L: l, Spec: doc, View: v, Result: result, Reader: query.Choices(api.Query(ctx))}
	_, reply.Body, err = leaving.View{Asked: a, URL: s.Shell.URL(t.Path())}.Write(leaving.CSV)
	return reply, err
}

// result is a view under what the caller chose, of a tool's current document or of an earlier
// one. A choice that does not fit is refused: a page says so beside the picture, a program
// would not notice.
func (s *Section) result(ctx context.Context, t tool.Tool, doc spec.Spec, view string, current bool) (r reckon.Result, err error) {
	if s.View == nil {
		return reckon.Result{}, plaza.E(plaza.NotFound, "toolapi.error.closed")
	}
	asked := query.Choices(api.Query(ctx))
	if current {
		r, err = s.Kept(ctx, t, doc, view, asked)
	} else {
		r, err = s.View(ctx, doc, view, asked)
	}
	if err == nil && len(r.Wrong) > 0 {
		err = api.Invalid(r.Wrong)
	}
	return r, err
}

// asJSON writes rows as objects with a member for each column.
func asJSON(head ToolDataHead, columns []reckon.Column, rows [][]tabular.Cell) ([]byte, error) {
	out := struct {
		ToolDataHead
		Rows []json.RawMessage `json:"rows"`
	}{head, make([]json.RawMessage, len(rows))}
	for i, row := range rows {
		raw := []byte{'{'}
		for k, cell := range row {
			if k > 0 {
				raw = append(raw, ',')
			}
			raw = append(form.AppendText(raw, columns[k].Name), ':')
			raw = form.AppendValue(raw, cell, columns[k].Type)
		}
		out.Rows[i] = append(raw, '}')
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(out); err != nil {
		return nil, fmt.Errorf("writing the numbers of a view: %w", err)
	}
	return b.Bytes(), nil
}

// head is what is said of a result.
func (s *Section) head(l *i18n.Printer, t tool.Tool, doc spec.Spec, v spec.View, r reckon.Result) ToolDataHead {
	title := v.Title
	if title == "" {
		title = doc.Title
	}
	out := ToolDataHead{Tool: t.ID, URL: s.Shell.URL(t.Path()), Version: t.Version, View: v.Name, Title: title, Sentence: sentence.Say(l, v, r),
		Columns: []ToolColumn{}, Joins: []ToolJoin{}, Stamps: []ToolStamp{}, Counts: counts(r), Names: r.Names, Unknown: r.Unknown, Chosen: r.Chosen}
	w := wording.Writer{L: l, Result: r, Format: v.Format}
	for _, c := range r.Columns {
		out.Columns = append(out.Columns, ToolColumn{c.Name, string(c.Role), w.Title(c), c.Field, c.Unit, string(c.Type), string(c.Meaning), string(c.Func), string(c.Step), c.Width, c.Group, c.Per, c.Times})
	}
	for _, j := range r.Joins {
		one := ToolJoin(j)
		if one.UnmatchedIs == nil {
			one.UnmatchedIs = []string{}
		}
		out.Joins = append(out.Joins, one)
	}
	for name, ends := range r.ChosenRange {
		if out.Range == nil {
			out.Range = map[string][]string{}
		}
		out.Range[name] = ends[:]
	}
	for _, p := range r.Stamps {
		out.Stamps = append(out.Stamps, s.stamp(p))
	}
	return out
}

func counts(r reckon.Result) ToolCounts {
	out := ToolCounts{Counted: r.Counted, Missing: r.Missing, Nowhere: r.Nowhere, Odd: r.Odd, Left: r.Left, LeftRows: r.LeftRows, Folded: r.Folded,
		Unknown: r.UnknownCount, Negative: r.Negative, Total: r.Total, Clustered: r.Clustered, Binned: r.Binned}
	if r.Rest >= 0 {
		out.Rest = &r.Rest
	}
	return out
}

func (s *Section) stamp(p reckon.Stamp) ToolStamp {
	out := ToolStamp{Source: p.Source, Resource: p.Resource, Title: p.Title, Dataset: p.Dataset, Institution: p.Institution, License: p.License, LicenseURL: p.LicenseURL,
		Version: p.Version, Newest: p.Newest, Pinned: p.Pinned, Fetched: p.Fetched.UTC(), SHA256: p.SHA256}
	if p.Path != "" {
		out.URL = s.Shell.URL(p.Path)
	}
	return out
}
