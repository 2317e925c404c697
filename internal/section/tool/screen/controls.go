package screen

import (
	"cmp"
	"context"
	"maps"
	"net/http"
	"net/url"
	"slices"

	"plaza/internal/base/i18n"
	"plaza/internal/base/tabular/place"
	"plaza/internal/base/tabular/query"
	"plaza/internal/base/web"
	"plaza/internal/section/tool"
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

// choosing is what a reader of a page may choose, and what chosen says of it. Other sites'
// pages show what was chosen alone.
func (p *Pages) choosing(ctx context.Context, l *i18n.Printer, of kept.Of, chosen url.Values, page string, keep url.Values) choosing {
	out := choosing{L: l}
	if page == of.Tool.Path() {
		out.Controls = p.controls(ctx, l, of, chosen)
	}
	without := func(parameter, value string) string {
		rest := maps.Clone(keep)
		for name, values := range chosen {
			rest[name] = slices.DeleteFunc(slices.Clone(values), func(one string) bool { return name == parameter && one == value })
		}
		return with(page, rest)
	}
	for k, list := range chosen {
		for _, v := range list {
			out.Chosen = append(out.Chosen, chip{Text: showing.Conditions(l, url.Values{k: {v}})[0], Path: without(k, v)})
		}
	}
	slices.SortFunc(out.Chosen, func(a, b chip) int { return cmp.Compare(a.Text, b.Text) })
	if len(out.Chosen) > 1 {
		out.Clear = with(page, maps.Clone(keep))
	}
	return out
}

// chosen is what may be chosen and what is, alone, for scripts that change a page's.
func (p *Pages) chosen(w http.ResponseWriter, r *http.Request) error {
	t, s, err := p.native(r)
	if err != nil {
		return err
	}
	l := p.shell.Printer(r)
	part, err := p.shell.Fragment("tool/chosen", p.choosing(r.Context(), l, kept.Of{Tool: t, Spec: s}, query.Choices(r.URL.Query()), pageOf(r, t), keeping(r.URL)))
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("X-Robots-Tag", "noindex")
	_, err = w.Write([]byte(part))
	return err
}

// pageOf is the path of the page that a script changes: the tool's, or that within another
// site's.
func pageOf(r *http.Request, t tool.Tool) string {
	if r.URL.Query().Get("en") == "otro_sitio" {
		return EmbedPath + "/" + t.Slug
	}
	return t.Path()
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
