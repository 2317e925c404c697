package screen

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"

	"plaza/internal/base/i18n"
	"plaza/internal/base/tabular/place"
	"plaza/internal/base/tabular/query"
	"plaza/internal/base/web"
	"plaza/internal/section/tool/kept"
	"plaza/internal/section/tool/reckon"
	"plaza/internal/section/tool/showing"
	"plaza/internal/section/tool/spec"
	"plaza/internal/section/tool/wording"
)

// control is a form with which readers choose rows.
type control struct {
	Kind    string
	ID      string
	Label   string
	Names   []string // of its fields
	Values  []string // of its fields, as chosen
	Options []web.Option
	Keep    []web.Option // what else is chosen
}

// choice is what a reader of a tool's page may choose, and what chosen says of it.
func (p *Pages) choice(ctx context.Context, l *i18n.Printer, of kept.Of, chosen url.Values) choice {
	out := choice{L: l, Controls: p.controls(ctx, l, of, chosen)}
	for k, list := range chosen {
		for _, v := range list {
			without := url.Values{}
			for name, values := range chosen {
				without[name] = slices.DeleteFunc(slices.Clone(values), func(one string) bool { return name == k && one == v })
			}
			out.Chosen = append(out.Chosen, chip{Text: showing.Conditions(l, url.Values{k: {v}})[0], Path: with(of.Tool.Path(), without)})
		}
	}
	slices.SortFunc(out.Chosen, func(a, b chip) int { return cmp.Compare(a.Text, b.Text) })
	if len(out.Chosen) > 0 {
		out.Clear = of.Tool.Path()
	}
	return out
}

// chosen is what may be chosen and what is, alone, for scripts that change a page's.
func (p *Pages) chosen(w http.ResponseWriter, r *http.Request) error {
	t, s, err := p.native(r)
	if err != nil {
		return err
	}
	part, err := p.shell.Fragment("tool/chosen", p.choice(r.Context(), p.shell.Printer(r), kept.Of{Tool: t, Spec: s}, query.Choices(r.URL.Query())))
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("X-Robots-Tag", "noindex")
	_, err = w.Write([]byte(part))
	return err
}

// controls are those of a document. One whose column is gone is left out: its views say so.
func (p *Pages) controls(ctx context.Context, l *i18n.Printer, of kept.Of, chosen url.Values) (out []control) {
	for i, one := range of.Spec.Controls {
		c := control{Kind: one.Kind, ID: "control-" + string(rune('a'+i)), Label: one.Title}
		if c.Label == "" {
			c.Label = wording.Plain(one.Field)
		}
		name := "f." + one.Field
		switch one.Kind {
		case "search":
			c.Names = []string{"buscar"}
			if one.Title == "" {
				c.Label = l.T("tool.control.search")
			}
		case "place":
			c.Names = []string{"lugar"}
			c.Options = places(l)
			if one.Title == "" {
				c.Label = l.T("tool.control.place")
			}
		case "list":
			c.Names = []string{name}
			c.Options = p.options(ctx, l, of, one.Field)
		default:
			c.Names = []string{name + ".min", name + ".max"}
		}
		if one.Kind == "list" && len(c.Options) < 2 {
			continue
		}
		for _, n := range c.Names {
			c.Values = append(c.Values, chosen.Get(n))
		}
		for k, list := range chosen {
			for _, v := range list {
				if !slices.Contains(c.Names, k) {
					c.Keep = append(c.Keep, web.Option{Value: v, Label: k})
				}
			}
		}
		slices.SortFunc(c.Keep, func(a, b web.Option) int {
			return slices.Compare([]string{a.Label, a.Value}, []string{b.Label, b.Value})
		})
		out = append(out, c)
	}
	return out
}

func places(l *i18n.Printer) []web.Option {
	out := []web.Option{{Label: l.T("tool.control.all")}}
	for _, s := range place.States() {
		out = append(out, web.Option{Value: s.Code, Label: s.Name})
	}
	return out
}

// options are the values of a column, by how often they come; none while they are not known.
func (p *Pages) options(ctx context.Context, l *i18n.Printer, of kept.Of, column string) []web.Option {
	for _, src := range of.Spec.Sources {
		name := "opciones:" + src.Name + ":" + column
		asked := of
		asked.Spec.Views = []spec.View{{Name: name, Source: src.Name, Mark: spec.Bar, Top: spec.MaxTop,
			Encoding: spec.Encoding{X: spec.Channel{Aggregate: "count"}, Y: spec.Channel{Field: column}}}}
		r, err := p.Kept.Soon(ctx, asked, name, nil)
		if err != nil {
			continue // another table has the column, or none, or it takes too long
		}
		i, c, ok := wording.Column(r, reckon.RoleY)
		if !ok {
			continue
		}
		out := []web.Option{{Label: l.T("tool.control.all")}}
		w := wording.Writer{L: l, Result: r}
		for row, cells := range r.Rows {
			if row != r.Rest && !cells[i].Null {
				out = append(out, web.Option{Value: cells[i].Text, Label: w.Cell(c, cells[i])})
			}
		}
		return out
	}
	return nil
}
