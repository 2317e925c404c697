package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"time"

	"plaza/internal/base/i18n"
	"plaza/internal/base/tabular"
	"plaza/internal/base/tabular/child"
	"plaza/internal/base/tabular/query"
	"plaza/internal/section/explore/answers"
	"plaza/internal/section/tool/leaving"
	"plaza/internal/section/tool/reckon"
	"plaza/internal/section/tool/showing"
	"plaza/internal/section/tool/spec"
	"plaza/internal/site"
)

// benchedPrices is how many rows the real table of petrol prices has.
const benchedPrices = 3_262_446

// Bounds that tools are held to.
const (
	toolMore     = 15 * time.Millisecond // besides directBound
	drawBound    = time.Second
	storedBound  = 3 * time.Millisecond
	embedBound   = 50 * time.Millisecond // p99
	tileBound    = 40 * time.Millisecond
	toolRounds   = 20
	drawRounds   = 5
	embedsSecond = 500
	embeddedOf   = 50 // tools
)

// benchTools measures tools over a table of n prices.
func benchTools(ctx context.Context, n int) error {
	fmt.Printf("\nTools: a table of %d prices, %d threads%s\n", n, engineThreads(), machineLoad())
	t, dir, err := pricesTable(ctx, n)
	if err != nil {
		return err
	}
	if err := benchViews(ctx, t); err != nil {
		return err
	}
	s, paths, err := startDemo("tooled", dir)
	if err != nil {
		return err
	}
	defer s.stop()
	last := len(paths) - 1
	return errors.Join(benchEmbeds(s.url, paths[:last]), benchLinked(ctx, s.url, paths[last], n))
}

// alone opens one table as every resource.
type alone struct{ table child.Table }

func (a alone) Open(context.Context, string, int) (reckon.Opened, error) { return a, nil }

func (alone) Stamp() reckon.Stamp {
	return reckon.Stamp{Title: "Precios", Version: 1, Newest: 1}
}

func (a alone) Table(context.Context, int) (child.Table, error) { return a.table, nil }

func (alone) Close() {}

// noted is an engine that notes what it is asked, as DuckDB would be.
type noted struct {
	reckon.Engine
	mu         sync.Mutex
	statements []query.SQL
}

func (e *noted) note(s query.SQL, err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if err == nil {
		e.statements = append(e.statements, s)
	}
}

func (e *noted) Page(ctx context.Context, t child.Table, q tabular.Query) (tabular.Page, error) {
	e.note(query.Compile(t.Profile, nil, q, "n.main.t"))
	return e.Engine.Page(ctx, t, q)
}

func (e *noted) Count(ctx context.Context, t child.Table, q tabular.Query) (int64, error) {
	e.note(query.Count(t.Profile, nil, q, "n.main.t"))
	return e.Engine.Count(ctx, t, q)
}

func (e *noted) Groups(ctx context.Context, t child.Table, q tabular.Query) (tabular.Groups, error) {
	e.note(query.Compile(t.Profile, nil, q, "n.main.t"))
	return e.Engine.Groups(ctx, t, q)
}

// priced are views of prices, one of each kind that they can be drawn as.
func priced() []spec.View {
	field := func(name string) spec.Channel { return spec.Channel{Field: name} }
	day, mean := spec.Channel{Field: "fecha", TimeUnit: "yearmonthdate"}, spec.Channel{Field: "precio", Aggregate: "mean"}
	count, bins := spec.Channel{Aggregate: "count"}, spec.Channel{Field: "precio", Bin: 20}
	return []spec.View{
		{Name: "line", Mark: spec.Line, Encoding: spec.Encoding{X: day, Y: mean, Color: field("producto")}},
		{Name: "area", Mark: spec.Area, Encoding: spec.Encoding{X: day, Y: count}},
		{Name: "bar", Mark: spec.Bar, Encoding: spec.Encoding{X: mean, Y: field("producto")}},
		{Name: "histogram", Mark: spec.Bar, Encoding: spec.Encoding{X: bins, Y: count}},
		{Name: "heat", Mark: spec.Rect, Encoding: spec.Encoding{X: day, Y: field("producto"), Color: mean}},
		{Name: "figure", Mark: spec.Figure, Encoding: spec.Encoding{X: day, Y: mean}},
	}
}

// benchViews computes and draws each kind of view.
func benchViews(ctx context.Context, t child.Table) error {
	w, err := workers()
	if err != nil {
		return err
	}
	direct, err := openDirect(ctx, t)
	if err != nil {
		return err
	}
	defer direct.Close()
	bundle, err := i18n.New(site.Catalogues()...)
	if err != nil {
		return err
	}
	fmt.Printf("  a view, p95 of %d: computed, DuckDB itself (at most %.2f× and %.0f ms), once it is known (at most %.0f ms), all its pictures in both languages each (at most %.0f ms)\n",
		toolRounds, directBound, ms(toolMore), ms(storedBound), ms(drawBound))
	for _, v := range priced() {
		if err := benchView(ctx, w, direct, t, v, bundle); err != nil {
			return errors.Join(fmt.Errorf("%s: %w", v.Name, err), w.Close(ctx))
		}
	}
	return w.Close(ctx)
}

func benchView(ctx context.Context, w *child.Workers, direct *sql.DB, t child.Table, v spec.View, bundle *i18n.Bundle) error {
	v.Source = "datos"
	s := spec.Spec{Schema: spec.Schema, Title: "Precios", Language: "es", Sources: []spec.Source{{Name: "datos", Resource: "01980000-0000-7000-8000-00000000000a"}}, Views: []spec.View{v}}
	asked := &noted{Engine: w}
	result, err := (&reckon.Reckoner{Opener: alone{t}, Engine: asked}).View(ctx, s, v.Name, nil)
	if err != nil {
		return err
	}
	known := &reckon.Reckoner{Opener: alone{t}, Engine: answers.New(w, 64<<20)}
	if _, err := known.View(ctx, s, v.Name, nil); err != nil {
		return err
	}
	view := func(k *reckon.Reckoner) func() error {
		return func() error { _, err := k.View(ctx, s, v.Name, nil); return err }
	}
	var took [3][]time.Duration
	for range toolRounds {
		for i, ask := range []func() error{view(&reckon.Reckoner{Opener: alone{t}, Engine: w}), func() error {
			for _, q := range asked.statements {
				if err := drainSQL(ctx, direct, q.Text, q.Args...); err != nil {
					return err
				}
			}
			return nil
		}, view(known)} {
			one, err := timed(ask)
			if err != nil {
				return err
			}
			took[i] = append(took[i], one)
		}
	}
	drawn, err := drawAll(s, v, result, bundle)
	if err != nil {
		return err
	}
	ours, bare, again := p95(took[0]), p95(took[1]), p95(took[2])
	fmt.Printf("    %-10s %9.2f ms %9.2f ms (%.2f×: %s) %7.2f ms (%s) %9.2f ms (%s)\n", v.Name, ms(ours), ms(bare), float64(ours)/float64(max(bare, 1)),
		verdict(ours <= time.Duration(directBound*float64(bare))+toolMore), ms(again), verdict(again < storedBound), ms(drawn), verdict(drawn <= drawBound))
	return nil
}

// drawAll is how long one picture of a view takes, p95 of its forms and languages.
func drawAll(s spec.Spec, v spec.View, r reckon.Result, bundle *i18n.Bundle) (time.Duration, error) {
	var took []time.Duration
	for range drawRounds {
		for _, language := range []string{"es-MX", "en"} {
			for _, file := range []string{leaving.SVG, leaving.PNG} {
				out := leaving.View{Asked: showing.Asked{L: bundle.Printer(language), Spec: s, View: v, Result: r}, URL: "https://plaza.ejemplo.mx/herramientas/precios"}
				one, err := timed(func() error { _, _, err := out.Write(file); return err })
				if err != nil {
					return 0, err
				}
				took = append(took, one)
			}
		}
	}
	return p95(took), nil
}
