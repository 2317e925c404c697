package exploreapi

import (
	"context"

	"plaza/internal/base/api"
	"plaza/internal/base/tabular"
	"plaza/internal/base/tabular/query"
)

type aggregateInput struct {
	InVersion
	InTable
	Filters
	Group    []string `query:"grupo,explode" maxItems:"10" maxLength:"2000" doc:"exploreapi.param.group"`
	Step     []string `query:"paso,explode" maxItems:"10" maxLength:"200" doc:"exploreapi.param.step"`
	Measures []string `query:"medida,explode" maxItems:"20" maxLength:"4000" doc:"exploreapi.param.measure"`
	Sort     []string `query:"orden,explode" maxItems:"10" maxLength:"2000" doc:"exploreapi.param.sort_groups"`
	Limit    int      `query:"limite" minimum:"1" maximum:"10000" default:"1000" doc:"exploreapi.param.limit_groups"`
}

// Aggregate is groups of rows.
type Aggregate struct {
	AggregateHead
	Rows []api.Row `json:"rows" nullable:"false" doc:"exploreapi.aggregate.rows"`
}

// AggregateHead is what is said of groups before them.
type AggregateHead struct {
	Resource string        `json:"resource" doc:"exploreapi.resource"`
	Version  int           `json:"version" doc:"exploreapi.version"`
	Table    TableRef      `json:"table" doc:"exploreapi.table"`
	Columns  []GroupColumn `json:"columns" nullable:"false" doc:"exploreapi.aggregate.columns"`
	More     bool          `json:"more" doc:"exploreapi.aggregate.more"`
}

// GroupColumn says what a column of an answer with groups holds.
type GroupColumn struct {
	Name   string   `json:"name" doc:"exploreapi.group.name"`
	Type   string   `json:"type" doc:"exploreapi.column.type"`
	Role   string   `json:"role" enum:"group,measure" doc:"exploreapi.group.role"`
	Column string   `json:"column" doc:"exploreapi.group.column"`
	Step   string   `json:"step,omitempty" doc:"exploreapi.group.step"`
	Width  *float64 `json:"width,omitempty" nullable:"false" doc:"exploreapi.group.width"`
	Func   string   `json:"measure,omitempty" doc:"exploreapi.group.measure"`
}

// aggregate answers with groups.
func (s *Section) aggregate(ctx context.Context, in *aggregateInput) (reply api.Reply, err error) {
	l, err := s.table(ctx, in.InVersion, in.Sheet)
	if err != nil {
		return reply, err
	}
	defer l.Close()
	values := api.Query(ctx)
	if values.Get(query.ParamGroup) == "" && values.Get(query.ParamMeasure) == "" {
		values.Set(query.ParamMeasure, query.Word(tabular.Measure{Func: tabular.Count})) // how many rows there are
	}
	q, err := l.asked(values)
	if err != nil {
		return reply, err
	}
	if len(q.Measures) == 0 {
		q.Measures = []tabular.Measure{{Func: tabular.Count}}
	}
	if q.Limit == 0 {
		q.Limit = query.DefaultGroupRows
	}
	sql, err := query.Groups(l.shown, nil, q, "t")
	if err != nil {
		return reply, err
	}
	head := AggregateHead{Resource: l.view.Resource.ID, Version: l.view.Version.Number, Table: l.ref, Columns: groupColumns(q, sql.Columns)}
	if api.Tag(ctx, l.tag(opAggregate, api.Asked(ctx).Name, head, query.Canonical(q), values.Get("lang"))) {
		return reply, nil
	}
	found, err := s.Engine.Groups(ctx, l.table, q)
	if err != nil {
		return reply, err
	}
	head.More = found.More
	columns := make([]tabular.Column, len(head.Columns))
	for i, c := range head.Columns {
		columns[i] = tabular.Column{Name: c.Name, Type: tabular.Type(c.Type)}
	}
	reply.Body, err = written(api.Asked(ctx), leaf{about: l.about(), columns: columns, rows: found.Rows}, head)
	return reply, err
}

// groupColumns says what the columns of an answer hold.
func groupColumns(q tabular.Query, out []query.Out) []GroupColumn {
	list := make([]GroupColumn, len(out))
	for i, name := range query.Heads(q, out) {
		one := GroupColumn{Name: name, Type: string(out[i].Type)}
		if i < len(q.Group) {
			one.Role, one.Column, one.Step = "group", q.Group[i].Column, string(out[i].Step)
			if out[i].Width > 0 {
				one.Width = &out[i].Width
			}
		} else {
			m := q.Measures[i-len(q.Group)]
			one.Role, one.Column, one.Func = "measure", m.Column, string(m.Func)
		}
		list[i] = one
	}
	return list
}
