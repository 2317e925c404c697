package exploreapi

import (
	"context"

	"plaza/internal/base/api"
	"plaza/internal/base/tabular"
	"plaza/internal/base/tabular/query"
)

type rowsInput struct {
	InVersion
	InTable
	Filters
	Sort    []string `query:"orden,explode" maxItems:"10" maxLength:"2000" doc:"exploreapi.param.sort"`
	Columns []string `query:"col,explode" maxItems:"1000" maxLength:"8000" doc:"exploreapi.param.columns"`
	Limit   int      `query:"limite" minimum:"1" maximum:"1000" default:"100" doc:"exploreapi.param.limit"`
	After   string   `query:"despues" maxLength:"2000" doc:"exploreapi.param.after"`
	Before  string   `query:"antes" maxLength:"2000" doc:"exploreapi.param.before"`
	Page    int      `query:"pagina" minimum:"1" maximum:"1000000000" doc:"exploreapi.param.page"`
	Total   string   `query:"total" enum:"si,no" doc:"exploreapi.param.total"`
}

// Rows is a page of rows.
type Rows struct {
	RowsHead
	Rows []api.Row `json:"rows" nullable:"false" doc:"exploreapi.rows.rows"`
}

// RowsHead is what is said of a page before its rows.
type RowsHead struct {
	Resource string   `json:"resource" doc:"exploreapi.resource"`
	Version  int      `json:"version" doc:"exploreapi.version"`
	Table    TableRef `json:"table" doc:"exploreapi.table"`
	Columns  []Column `json:"columns" nullable:"false" doc:"exploreapi.rows.columns"`
	Total    *int64   `json:"total,omitempty" nullable:"false" doc:"exploreapi.rows.total"`
	Next     *string  `json:"next" doc:"exploreapi.rows.next"`
}

// Column says what the values of a column are.
type Column struct {
	Name    string `json:"name" doc:"exploreapi.column.name"`
	Type    string `json:"type" enum:"text,code,integer,decimal,money,percent,year,date,datetime,time,boolean,url,email,geometry" doc:"exploreapi.column.type"`
	Meaning string `json:"meaning" doc:"exploreapi.column.meaning"`
	Unit    string `json:"unit" doc:"exploreapi.column.unit"`
}

func columnOf(c tabular.Column) Column {
	return Column{Name: c.Name, Type: string(c.Type), Meaning: string(c.Meaning), Unit: c.Unit}
}

// rows answers with a page of rows.
func (s *Section) rows(ctx context.Context, in *rowsInput) (reply api.Reply, err error) {
	l, err := s.table(ctx, in.InVersion, in.Sheet)
	if err != nil {
		return reply, err
	}
	defer l.Close()
	values := api.Query(ctx)
	q, err := l.asked(values)
	if err != nil {
		return reply, err
	}
	if q.Limit == 0 {
		q.Limit = query.DefaultRows
	}
	head := RowsHead{Resource: l.view.Resource.ID, Version: l.view.Version.Number, Table: l.ref, Columns: []Column{}}
	columns := l.columns(q.Columns)
	for _, c := range columns {
		head.Columns = append(head.Columns, columnOf(c))
	}
	if api.Tag(ctx, l.tag(opRows, api.Asked(ctx).Name, head, query.Canonical(q), q.Columns, in.Total, values.Get("lang"))) {
		return reply, nil
	}
	q.Counted = in.Total == "si"
	page, err := s.Engine.Page(ctx, l.table, q)
	if err != nil {
		return reply, err
	}
	if head.Total = page.Count; q.Counted && head.Total == nil { // of a later page
		n, err := s.Engine.Count(ctx, l.table, q)
		if err != nil {
			return reply, err
		}
		head.Total = &n
	}
	if page.Next != nil {
		next := q
		next.Key = page.Next
		reply.Next = s.address(l, opRows, next, values)
		head.Next = &reply.Next
	}
	reply.Body, err = written(api.Asked(ctx), leafOf(l, columns, page), head)
	return reply, err
}

// columns are those that a question shows, in its order.
func (l *looked) columns(names []string) []tabular.Column {
	if len(names) == 0 {
		return l.shown.Columns
	}
	var out []tabular.Column
	for _, name := range names {
		if c := l.shown.Column(name); c != nil {
			out = append(out, *c)
		}
	}
	return out
}
