package workshop

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"plaza/internal/base/i18n"
	"plaza/internal/base/web"
	"plaza/internal/plaza"
	"plaza/internal/section/tool/spec"
	"plaza/internal/section/tool/suggest"
)

// actOn is what a form is sent for while somebody goes on in it: a field changed.
const actOn = "cambio"

// follow reads which sources follow new versions, and which stay.
func (d *desk) follow(sent *web.Form) {
	d.doc.Sources = slices.Clone(d.doc.Sources)
	for i, s := range d.doc.Sources {
		if name := "version_" + s.Name; sent.Has(name) {
			d.doc.Sources[i].Version = max(0, whole(sent.Value(name)))
		}
	}
}

// do does what a button of the form asks, besides taking its fields.
func (p *Pages) do(r *http.Request, d *desk, sent *web.Form, act, argument string) error {
	switch act {
	case "tipo":
		return d.turn(p.shell.Printer(r), spec.Kind(argument))
	case "vista":
		if len(d.doc.Views) >= spec.MaxViews {
			return &plaza.Error{Kind: plaza.Invalid, Key: "workshop.error.views", Args: map[string]any{"max": spec.MaxViews}}
		}
		d.addView(sent)
	case "quitar":
		if len(d.doc.Views) > 1 {
			d.doc.Views = slices.Delete(d.doc.Views, d.at, d.at+1)
			d.at = max(0, d.at-1)
		}
	case "antes":
		d.move(-1)
	case "despues":
		d.move(1)
	case "control":
		return p.addControl(r, d)
	case "sin_control":
		if i := whole(argument); i >= 0 && i < len(d.doc.Controls) {
			d.doc.Controls = slices.Delete(slices.Clone(d.doc.Controls), i, i+1)
		}
	case "unir":
		return p.join(r, d, sent)
	case "sin_fuente":
		d.dropSource(argument)
	}
	return nil
}

// turn makes the view that is worked on one of another kind; Invalid where its table has not
// what that needs.
func (d *desk) turn(l *i18n.Printer, k spec.Kind) error {
	v := d.doc.Views[d.at]
	t := d.table(d.sourceOf(v))
	next := become(v, k, d.sourceOf(v), t)
	lacks := ""
	for _, s := range slots[k] {
		if s.must && *channel(&next.Encoding, s.channel) == (spec.Channel{}) {
			lacks = l.T("workshop.slot." + string(k) + "." + s.channel)
			break
		}
	}
	switch {
	case k == spec.KindPoints && !t.Place.Located():
		return &plaza.Error{Kind: plaza.Invalid, Key: "toolreckon.no_points"}
	case lacks != "":
		return &plaza.Error{Kind: plaza.Invalid, Key: "workshop.error.kind", Args: map[string]any{"kind": l.T("tool.kind." + string(k)), "slot": lacks}}
	}
	d.doc.Views[d.at] = next
	return nil
}

// addControl gives readers another way to choose rows.
func (p *Pages) addControl(r *http.Request, d *desk) error {
	l := p.shell.Printer(r)
	c := spec.Control{Kind: d.sent.Value("control_tipo"), Field: d.sent.Value("control_columna")}
	if c.Kind == "search" || c.Kind == "place" {
		c.Field = ""
	}
	switch {
	case !slices.Contains(spec.Controls, c.Kind):
		return d.wrong("control_tipo", l.T("workshop.error.control"))
	case len(d.doc.Controls) >= spec.MaxControls:
		return d.wrong("control_tipo", l.T("workshop.error.controls", "max", strconv.Itoa(spec.MaxControls)))
	case slices.ContainsFunc(d.doc.Controls, func(o spec.Control) bool { return o.Kind == c.Kind && o.Field == c.Field }):
		return d.wrong("control_columna", l.T("workshop.error.control.twice"))
	}
	tried := d.doc
	tried.Controls = append(slices.Clone(d.doc.Controls), c)
	if m, bad := p.mistake(r.Context(), tried, fmt.Sprintf("controls[%d]", len(d.doc.Controls))); bad {
		return d.wrong("control_columna", l.TMap(m.Key, m.Args))
	}
	d.doc.Controls = tried.Controls
	return nil
}

// mistake is the first thing that the tables say against a part of a document. What they say
// against others is told where those are shown.
func (p *Pages) mistake(ctx context.Context, s spec.Spec, part string) (plaza.FieldError, bool) {
	e, ok := errors.AsType[*plaza.Error](p.Check(ctx, s))
	if !ok {
		return plaza.FieldError{}, false
	}
	i := slices.IndexFunc(e.Fields, func(f plaza.FieldError) bool { return strings.HasPrefix(f.Field, part) })
	if i < 0 {
		return plaza.FieldError{}, false
	}
	return e.Fields[i], true
}

// move puts the view that is worked on before or after its neighbour.
func (d *desk) move(by int) {
	if to := d.at + by; to >= 0 && to < len(d.doc.Views) {
		d.doc.Views[d.at], d.doc.Views[to] = d.doc.Views[to], d.doc.Views[d.at]
		d.at = to
	}
}

// addView adds the best picture of a source that is not there yet.
func (d *desk) addView(sent *web.Form) {
	source := sent.Value("vista_fuente")
	if _, ok := d.doc.Source(source); !ok {
		source = first(d.doc)
	}
	list := suggest.Views(*d.table(source), func(string) bool { return false }, source)
	v := spec.View{Mark: spec.Text, Text: blankText}
	for _, one := range list {
		if !slices.ContainsFunc(d.doc.Views, func(have spec.View) bool { return have.Source == source && have.Kind() == one.View.Kind() }) {
			v = one.View
			break
		}
	}
	if v.Mark == spec.Text && len(list) > 0 {
		v = list[0].View
	}
	v.Name = d.free("vista", func(name string) bool { _, ok := d.doc.View(name); return ok })
	d.doc.Views = append(d.doc.Views, v)
	d.at = len(d.doc.Views) - 1
}

// free is a name that nothing has.
func (d *desk) free(stem string, taken func(string) bool) string {
	for n := 2; ; n++ {
		if name := stem + strconv.Itoa(n); !taken(name) {
			return name
		}
	}
}

// join adds another table, whose columns are joined to the first by a key, or which stands by
// itself when nothing is said of that.
func (p *Pages) join(r *http.Request, d *desk, sent *web.Form) error {
	l := p.shell.Printer(r)
	ids := plaza.IDs(sent.Value("union_recurso"))
	switch {
	case len(ids) == 0:
		return d.wrong("union_recurso", l.T("workshop.error.resource"))
	case len(d.doc.Sources) >= spec.MaxSources:
		return d.wrong("union_recurso", l.T("workshop.error.sources", "max", strconv.Itoa(spec.MaxSources)))
	}
	shape, err := p.Shape(r.Context(), ids[0], 0)
	switch plaza.KindOf(err) {
	case plaza.NotFound, plaza.Forbidden:
		return d.wrong("union_recurso", l.T("toolreckon.resource"))
	}
	if err != nil {
		return err
	}
	name := d.free("tabla", func(name string) bool { _, ok := d.doc.Source(name); return ok })
	tried := d.doc
	tried.Sources = append(slices.Clone(d.doc.Sources), spec.Source{Name: name, Resource: ids[0]})
	if sent.Value("union_clave")+sent.Value("union_igual")+sent.Value("union_columnas") != "" {
		if err := p.lookUp(r, d, &tried, name); err != nil {
			return err
		}
	}
	d.doc = tried
	d.shapes[name] = shape
	return nil
}

// ofLookup are the fields that hold members of a lookup; keys are at fault for the rest.
var ofLookup = map[string]string{".key": "union_clave", ".fields": "union_columnas"}

// lookUp has the first source of a document look up columns of another.
func (p *Pages) lookUp(r *http.Request, d *desk, s *spec.Spec, from string) error {
	l, src := p.shell.Printer(r), &s.Sources[0]
	one := spec.Lookup{Key: d.sent.Value("union_clave"), From: from, Equals: d.sent.Value("union_igual"), Fields: fieldsOf(d.sent.Value("union_columnas"))}
	one.Equals = cmp.Or(one.Equals, one.Key)
	switch {
	case one.Key == "":
		return d.wrong("union_clave", l.T("workshop.error.join.key"))
	case len(one.Fields) == 0:
		return d.wrong("union_columnas", l.T("workshop.error.join.fields"))
	}
	part := fmt.Sprintf("sources[0].lookup[%d]", len(src.Lookup))
	src.Lookup = append(slices.Clone(src.Lookup), one)
	m, bad := p.mistake(r.Context(), *s, part)
	if !bad {
		return nil
	}
	member, _, _ := strings.Cut(strings.TrimPrefix(m.Field, part), "[")
	return d.wrong(cmp.Or(ofLookup[member], "union_igual"), l.TMap(m.Key, m.Args))
}

// wrong refuses what a field says.
func (d *desk) wrong(field, message string) error {
	d.said.blame(field, message)
	return plaza.E(plaza.Invalid, "toolspec.error")
}

// fieldsOf are the names of a list that was typed.
func fieldsOf(s string) (out []string) {
	for one := range strings.SplitSeq(s, ",") {
		if one = strings.TrimSpace(one); one != "" {
			out = append(out, one)
		}
	}
	return out
}

// dropSource takes a table away, with what rests on it.
func (d *desk) dropSource(name string) {
	if len(d.doc.Sources) < 2 || d.doc.Sources[0].Name == name {
		return
	}
	d.doc.Sources = slices.DeleteFunc(d.doc.Sources, func(s spec.Source) bool { return s.Name == name })
	for i, s := range d.doc.Sources {
		d.doc.Sources[i].Lookup = slices.DeleteFunc(slices.Clone(s.Lookup), func(l spec.Lookup) bool { return l.From == name })
	}
	views := slices.DeleteFunc(slices.Clone(d.doc.Views), func(v spec.View) bool { return v.Source == name })
	if len(views) > 0 {
		d.doc.Views = views
	}
	d.at = min(d.at, len(d.doc.Views)-1)
}
