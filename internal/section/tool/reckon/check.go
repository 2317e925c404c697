package reckon

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"plaza/internal/base/tabular"
	"plaza/internal/base/tabular/query"
	"plaza/internal/plaza"
	"plaza/internal/section/tool/spec"
)

// Check holds a document to the tables that it names: resources open, columns are there, may
// be seen and fit, keys of joins are unique, and controls choose something. What is wrong is
// Invalid with the paths of the document as fields.
func (k *Reckoner) Check(ctx context.Context, s spec.Spec) error {
	d := &desk{k: k, s: s, open: map[string]*source{}}
	defer d.close()
	var wrong plaza.Mistakes
	for i, src := range s.Sources {
		if _, err := d.source(ctx, src.Name); err != nil {
			if kind := plaza.KindOf(err); kind != plaza.NotFound && kind != plaza.Forbidden {
				return err
			}
			path, key := "resource", "toolreckon.resource"
			if errors.Is(err, errTable) {
				path, key = "table", "toolreckon.table"
			}
			wrong.Hold(false, fmt.Sprintf("sources[%d].%s", i, path), key, nil)
		}
	}
	if len(wrong) > 0 {
		return wrong.Err("toolreckon.error")
	}
	note := func(more plaza.Mistakes) {
		for _, m := range more {
			if !slices.ContainsFunc(wrong, func(o plaza.FieldError) bool { return o.Field == m.Field && o.Key == m.Key }) {
				wrong = append(wrong, m)
			}
		}
	}
	for _, src := range s.Sources {
		more, err := d.checkSource(ctx, src.Name)
		if err != nil {
			return err
		}
		note(more)
	}
	for i, v := range s.Views {
		if v.Mark == spec.Text {
			continue
		}
		p, err := d.plan(ctx, i)
		if err != nil {
			return err
		}
		note(p.wrong)
	}
	for i, c := range s.Controls {
		note(d.checkControl(fmt.Sprintf("controls[%d]", i), c))
	}
	return wrong.Err("toolreckon.error")
}

// checkSource is what is wrong with a source's filter and with what it looks up, whether a view
// needs that or not.
func (d *desk) checkSource(ctx context.Context, name string) (plaza.Mistakes, error) {
	src, err := d.source(ctx, name)
	if err != nil {
		return nil, err
	}
	p := &plan{d: d, src: src}
	p.filter(src, src.path+".filter", src.spec.Filter)
	if err := p.lookedUp(ctx); err != nil {
		return nil, err
	}
	if len(p.wrong) > 0 {
		return p.wrong, nil
	}
	for _, l := range p.lookups {
		if err := l.read(ctx, p); err != nil && len(p.wrong) == 0 {
			return nil, err
		}
	}
	return p.wrong, nil
}

// checkControl is what is wrong with a control: it has to choose rows of one source at least.
func (d *desk) checkControl(path string, c spec.Control) plaza.Mistakes {
	p := &plan{d: d}
	any := func(has func(src *source) bool) bool {
		return slices.ContainsFunc(d.s.Sources, func(one spec.Source) bool { return has(d.open[one.Name]) })
	}
	switch c.Kind {
	case "search":
		p.hold(any(func(src *source) bool {
			return slices.ContainsFunc(src.shown.Columns, func(c tabular.Column) bool { return c.Type.Words() })
		}), path+".kind", "no_words")
		return p.wrong
	case "place":
		p.hold(any(func(src *source) bool {
			states, _ := query.Places(src.shown)
			return states
		}), path+".kind", "no_place")
		return p.wrong
	}
	var found []tabular.Column
	joined := any(func(src *source) bool {
		if own, ok := src.column(c.Field); ok {
			found = append(found, *own)
		}
		from, field, _ := strings.Cut(c.Field, ".")
		return slices.ContainsFunc(src.spec.Lookup, func(l spec.Lookup) bool { return l.From == from && slices.Contains(l.Fields, field) })
	})
	if joined && len(found) == 0 {
		p.hold(c.Kind == "list", path+".field", "list_only", "column", c.Field)
		return p.wrong
	}
	switch {
	case !p.hold(len(found) > 0, path+".field", "column", "column", c.Field):
	case c.Kind == "dates":
		p.hold(slices.ContainsFunc(found, func(c tabular.Column) bool { return c.Type == tabular.Date || c.Type == tabular.DateTime }), path+".field", "date", "column", c.Field)
	case c.Kind == "range":
		p.hold(slices.ContainsFunc(found, func(c tabular.Column) bool { return c.Type.Number() }), path+".field", "number", "column", c.Field)
	default:
		p.hold(slices.ContainsFunc(found, func(c tabular.Column) bool { return c.Type != tabular.Geometry }), path+".field", "type", "column", c.Field)
	}
	return p.wrong
}
