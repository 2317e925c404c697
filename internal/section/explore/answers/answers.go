// Package answers keeps what was asked of tables. A table never changes, so an answer is
// good for ever: it is known by the table's checksum, what is hidden of it and the question
// in its canonical form. Equal questions that come at once are asked once.
package answers

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"

	"golang.org/x/sync/singleflight"

	"plaza/internal/base/recent"
	"plaza/internal/base/tabular"
	"plaza/internal/base/tabular/child"
	"plaza/internal/base/tabular/query"
)

// Engine is an Engine that remembers pages, rows, counts and groups, up to a number of
// bytes. It is safe for concurrent use.
type Engine struct {
	child.Engine

	flights singleflight.Group
	known   *recent.Recent[key, any]
}

type key [sha256.Size]byte

// largest is the part of the room that one answer may take.
const largest = 16

// New makes an Engine that keeps most bytes of answers of another one.
func New(e child.Engine, most int64) *Engine {
	return &Engine{Engine: e, known: recent.New[key, any](most, largest)}
}

// Page is child.Engine's. What it says of how many rows there are is known from then on.
func (e *Engine) Page(ctx context.Context, t child.Table, q tabular.Query) (tabular.Page, error) {
	page, err := ask(ctx, e, "page", t, question(q), func(ctx context.Context) (tabular.Page, error) { return e.Engine.Page(ctx, t, q) })
	if err == nil && page.Count != nil && t.Profile.Parquet.SHA256 != "" {
		if k, err := keyOf("count", t, counting(q)); err == nil {
			e.known.Put(k, *page.Count, sizeOf(*page.Count))
		}
	}
	return page, err
}

// Row is child.Engine's.
func (e *Engine) Row(ctx context.Context, t child.Table, number int64) (tabular.Page, error) {
	return ask(ctx, e, "row", t, []any{number}, func(ctx context.Context) (tabular.Page, error) { return e.Engine.Row(ctx, t, number) })
}

// Count is child.Engine's.
func (e *Engine) Count(ctx context.Context, t child.Table, q tabular.Query) (int64, error) {
	return ask(ctx, e, "count", t, counting(q), func(ctx context.Context) (int64, error) { return e.Engine.Count(ctx, t, q) })
}

// Groups is child.Engine's.
func (e *Engine) Groups(ctx context.Context, t child.Table, q tabular.Query) (tabular.Groups, error) {
	return ask(ctx, e, "groups", t, question(q), func(ctx context.Context) (tabular.Groups, error) { return e.Engine.Groups(ctx, t, q) })
}

// counting is what tells apart how many rows two queries leave.
func counting(q tabular.Query) []any {
	return question(tabular.Query{Search: q.Search, Where: q.Where})
}

// question is what tells two queries apart.
func question(q tabular.Query) []any { return []any{query.Canonical(q), q.Key, q.Limit, q.Counted} }

// ask answers from what is known, or asks and keeps the answer. Whoever leaves does not
// take the answer from those who asked the same: they ask again.
func ask[T any](ctx context.Context, e *Engine, op string, t child.Table, question []any, ask func(context.Context) (T, error)) (T, error) {
	var none T
	k, err := keyOf(op, t, question)
	if err != nil {
		return none, err
	}
	if v, ok := e.known.Get(k); ok {
		return v.(T), nil
	}
	if t.Profile.Parquet.SHA256 == "" {
		return ask(ctx) // nothing says which table it is
	}
	made, err, _ := e.flights.Do(string(k[:]), func() (any, error) {
		v, err := ask(ctx)
		if err == nil {
			e.known.Put(k, v, sizeOf(v))
		}
		return v, err
	})
	if err != nil {
		if ctx.Err() == nil && gaveUp(err) {
			return ask(ctx) // it was another's patience that ended
		}
		return none, err
	}
	return made.(T), nil
}

// keyOf is by what an answer is known.
func keyOf(op string, t child.Table, question []any) (key, error) {
	text, err := json.Marshal([]any{op, t.Profile.Parquet.SHA256, t.Hidden, question})
	return key(sha256.Sum256(text)), err
}

// gaveUp reports whether an error is that a reader left.
func gaveUp(err error) bool {
	return errors.Is(err, context.Canceled)
}

// sizeOf is about how many bytes an answer takes.
func sizeOf(v any) int64 {
	const frame, perCell = 200, 32
	size := int64(frame)
	var rows [][]tabular.Cell
	switch v := v.(type) {
	case tabular.Page:
		rows = v.Rows
	case tabular.Groups:
		rows = v.Rows
	}
	for _, row := range rows {
		for _, c := range row {
			size += perCell + int64(len(c.Text))
		}
	}
	return size
}
