package desk

import (
	"strconv"
	"strings"

	"plaza/internal/base/db"
	"plaza/internal/base/web"
	"plaza/internal/civic/access"
	"plaza/internal/civic/calendar"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
	"plaza/internal/section/cases"
)

// typed is what somebody wrote into a form, by its fields.
type typed func(field string) string

// deed is an act with its form.
type deed struct {
	path   string
	act    cases.Act
	danger bool // it ends something
	// offered is whether the page of the case names it, besides what the table of acts says;
	// nil is always.
	offered func(h *head, k cases.Clock) bool
	fields  func(d *Desk, tx *db.Tx, h *head, in typed) ([]web.Field, error)
	do      func(cs *cases.Cases, tx *db.Tx, h *head, in typed) (cases.Case, []record.Act, error)
}

// deeds are all of them, in the order of the page.
var deeds = []deed{
	{path: "acusar", act: cases.Acknowledge, fields: noFields,
		do: func(cs *cases.Cases, tx *db.Tx, h *head, _ typed) (cases.Case, []record.Act, error) {
			return cs.Acknowledge(tx, h.Case.ID)
		}},
	{path: "turnar", act: cases.Turn, fields: unitField,
		do: func(cs *cases.Cases, tx *db.Tx, h *head, in typed) (cases.Case, []record.Act, error) {
			return cs.Turn(tx, h.Case.ID, in("area"))
		}},
	{path: "informacion", act: cases.AskInfo, fields: textarea("texto"),
		do: func(cs *cases.Cases, tx *db.Tx, h *head, in typed) (cases.Case, []record.Act, error) {
			return cs.AskInfo(tx, h.Case.ID, in("texto"))
		}},
	{path: "ampliar", act: cases.Extend, fields: extendFields,
		offered: func(h *head, k cases.Clock) bool { return k.ID != "" && k.Extended == 0 && k.InTime(h.Now) },
		do: func(cs *cases.Cases, tx *db.Tx, h *head, in typed) (cases.Case, []record.Act, error) {
			n, _ := strconv.Atoi(in("dias")) // what is no number is refused as too few
			return cs.Extend(tx, h.Case.ID, n, in("motivo"))
		}},
	{path: "avance", act: cases.Advance, fields: advanceFields,
		offered: func(h *head, _ cases.Clock) bool { return cases.ProgressOf(h.Case.Kind) != nil },
		do:      advance},
	{path: "convertir", act: cases.Convert, fields: convertFields,
		do: func(cs *cases.Cases, tx *db.Tx, h *head, in typed) (cases.Case, []record.Act, error) {
			return cs.Convert(tx, h.Case.ID, cases.Kind(in("clase")))
		}},
	{path: "unir", act: cases.Merge, danger: true, fields: input("folio", 40),
		do: func(cs *cases.Cases, tx *db.Tx, h *head, in typed) (cases.Case, []record.Act, error) {
			return cs.Merge(tx, h.Case.ID, in("folio"))
		}},
	{path: "separar", act: cases.Split, fields: optional("motivo"),
		do: func(cs *cases.Cases, tx *db.Tx, h *head, in typed) (cases.Case, []record.Act, error) {
			return cs.Split(tx, h.Case.ID, in("motivo"))
		}},
	{path: "pasar", act: cases.Hand, fields: handFields,
		offered: func(h *head, _ cases.Clock) bool { return !h.Open },
		do: func(cs *cases.Cases, tx *db.Tx, h *head, in typed) (cases.Case, []record.Act, error) {
			to, err := bodyNamed(tx, in("institucion"))
			if err != nil {
				return cases.Case{}, nil, err
			}
			return cs.HandOver(tx, h.Case.ID, to, in("motivo"))
		}},
	{path: "retirar-pase", act: cases.TakeBack, fields: optional("motivo"),
		offered: func(h *head, _ cases.Clock) bool { return h.Open },
		do: func(cs *cases.Cases, tx *db.Tx, h *head, in typed) (cases.Case, []record.Act, error) {
			return cs.TakeBack(tx, h.Case.ID, in("motivo"))
		}},
	{path: "tomar", act: cases.TakeOver, fields: noFields,
		do: func(cs *cases.Cases, tx *db.Tx, h *head, _ typed) (cases.Case, []record.Act, error) {
			return cs.TakeOver(tx, h.Case.ID)
		}},
	{path: "devolver", act: cases.Return, danger: true, fields: textarea("motivo"),
		do: func(cs *cases.Cases, tx *db.Tx, h *head, in typed) (cases.Case, []record.Act, error) {
			return cs.Return(tx, h.Case.ID, in("motivo"))
		}},
	{path: "formal", act: cases.Formal, danger: true, fields: formalFields,
		do: func(cs *cases.Cases, tx *db.Tx, h *head, in typed) (cases.Case, []record.Act, error) {
			return cs.Formal(tx, h.Case.ID, in("folio"), in("texto"))
		}},
	{path: "desenlace", act: cases.FormalEnd, fields: textarea("texto"),
		offered: func(h *head, _ cases.Clock) bool { return h.Case.Outcome == cases.Transfer },
		do: func(cs *cases.Cases, tx *db.Tx, h *head, in typed) (cases.Case, []record.Act, error) {
			return cs.FormalEnd(tx, h.Case.ID, in("texto"))
		}},
	{path: "cerrar", act: cases.Close, danger: true, fields: textarea("motivo"),
		do: func(cs *cases.Cases, tx *db.Tx, h *head, in typed) (cases.Case, []record.Act, error) {
			return cs.Close(tx, h.Case.ID, in("motivo"))
		}},
}

// ofAsked reports whether an act is that of an institution that is asked to take a case
// over.
func ofAsked(a cases.Act) bool { return a == cases.TakeOver || a == cases.Return }

// may is nil when whoever looks may do the deed from this desk, whether or not the case
// stands where it can be done.
func (h *head) may(one deed) error {
	if h.Asked != ofAsked(one.act) {
		return plaza.E(plaza.NotFound, "cases.error.not_found")
	}
	return access.Check(h.Actor, actionOf(one.act), access.Object{Kind: cases.RefKind, Institution: h.Body.ID})
}

// offers reports whether the case's page names the deed.
func (h *head) offers(one deed, k cases.Clock) bool {
	return h.may(one) == nil && h.Can(one.act) && (one.offered == nil || one.offered(h, k))
}

func noFields(*Desk, *db.Tx, *head, typed) ([]web.Field, error) { return nil, nil }

// textarea is a form of one text that has to be written.
func textarea(name string) func(*Desk, *db.Tx, *head, typed) ([]web.Field, error) {
	return func(_ *Desk, _ *db.Tx, h *head, in typed) ([]web.Field, error) {
		return []web.Field{h.text(name, in, false)}, nil
	}
}

// optional is a form of one text that may be left out.
func optional(name string) func(*Desk, *db.Tx, *head, typed) ([]web.Field, error) {
	return func(_ *Desk, _ *db.Tx, h *head, in typed) ([]web.Field, error) {
		return []web.Field{h.text(name, in, true)}, nil
	}
}

// text is a field of several lines that everybody will read.
func (h *head) text(name string, in typed, optional bool) web.Field {
	return web.Field{L: h.L, Name: name, Type: "textarea", Label: h.L.T("desk.field." + name), Hint: h.L.T("desk.field.public"), Value: in(name),
		MaxLength: cases.MaxReason, Rows: 5, Optional: optional}
}

// input is a form of one line.
func input(name string, most int) func(*Desk, *db.Tx, *head, typed) ([]web.Field, error) {
	return func(_ *Desk, _ *db.Tx, h *head, in typed) ([]web.Field, error) {
		return []web.Field{{L: h.L, Name: name, Label: h.L.T("desk.field." + name), Hint: h.L.T("desk.field." + name + ".hint"), Value: in(name), MaxLength: most}}, nil
	}
}

// choice is the first option of a select where nothing is chosen yet.
func (h *head) choice() web.Option { return web.Option{Label: h.L.T("desk.choose")} }

func unitField(_ *Desk, tx *db.Tx, h *head, in typed) ([]web.Field, error) {
	options, err := h.units(tx)
	value := in("area")
	if value == "" {
		value = h.Case.Unit
	}
	f := web.Field{L: h.L, Name: "area", Type: "select", Label: h.L.T("desk.field.area"), Options: options, Value: value}
	if len(options) == 1 {
		f.Hint = h.L.T("desk.turnar.none")
	}
	return []web.Field{f}, err
}

// units are the areas of the desk's institution.
func (h *head) units(tx *db.Tx) ([]web.Option, error) {
	options := []web.Option{h.choice()}
	if h.Body.ID == "" {
		return options, nil
	}
	list, err := institution.Units(tx, h.Body.ID)
	for _, u := range list {
		options = append(options, web.Option{Value: u.ID, Label: u.Name})
	}
	return options, err
}

// extendFields offer each number of days with the date to which it leads.
func extendFields(_ *Desk, tx *db.Tx, h *head, in typed) ([]web.Field, error) {
	k, by, err := answerClock(tx, h.Case)
	if err != nil {
		return nil, err
	}
	options := []web.Option{h.choice()}
	for n := 1; n <= k.Days && k.Extended == 0 && k.ID != ""; n++ {
		then := k
		then.Extend(by, n)
		options = append(options, web.Option{Value: strconv.Itoa(n), Label: h.L.T("desk.ampliar.option", "count", n, "date", h.L.Date(then.LastDay()))})
	}
	return []web.Field{
		{L: h.L, Name: "dias", Type: "select", Label: h.L.T("desk.field.dias"), Hint: h.L.T("desk.ampliar.hint"), Options: options, Value: in("dias")},
		h.text("motivo", in, false),
	}, nil
}

// convertFields offer each other kind with the date that it leads to.
func convertFields(_ *Desk, tx *db.Tx, h *head, in typed) ([]web.Field, error) {
	k, by, err := answerClock(tx, h.Case)
	if err != nil {
		return nil, err
	}
	terms, err := cases.ReadTerms(tx)
	if err != nil {
		return nil, err
	}
	options := []web.Option{h.choice()}
	for _, kind := range cases.Kinds {
		if kind == h.Case.Kind {
			continue
		}
		label := h.L.T("cases.kind." + string(kind))
		if k.ID != "" {
			label = h.L.T("desk.convertir.option", "kind", label, "date", h.L.Date(k.As(kind, terms, by).LastDay()))
		}
		options = append(options, web.Option{Value: string(kind), Label: label})
	}
	return []web.Field{{L: h.L, Name: "clase", Type: "select", Label: h.L.T("desk.field.clase"), Options: options, Value: in("clase")}}, nil
}

func advanceFields(d *Desk, _ *db.Tx, h *head, in typed) ([]web.Field, error) {
	options := []web.Option{h.choice()}
	for _, p := range cases.ProgressOf(h.Case.Kind) {
		if p != h.Case.Progress && p != cases.Agreed {
			options = append(options, web.Option{Value: string(p), Label: h.L.T("cases.progress." + string(p))})
		}
	}
	fields := []web.Field{{L: h.L, Name: "avance", Type: "select", Label: h.L.T("desk.field.avance"), Options: options, Value: in("avance")}}
	if h.Case.Kind == cases.Quality {
		fields = append(fields, web.Field{L: h.L, Name: "recurso", Label: h.L.T("desk.field.version"), Hint: h.L.T("desk.field.version.hint"),
			Value: in("recurso"), MaxLength: maxVersion, Optional: true})
	}
	return fields, nil
}

// maxVersion is the length of what a resource's version is called.
const maxVersion = 120

func advance(cs *cases.Cases, tx *db.Tx, h *head, in typed) (cases.Case, []record.Act, error) {
	version, resource := strings.TrimSpace(in("recurso")), ""
	if len([]rune(version)) > maxVersion {
		return cases.Case{}, nil, fieldError("recurso", "cases.error.long", map[string]any{"max": maxVersion, "length": len([]rune(version))})
	}
	if h.Case.On.Ref.ID != h.Case.On.Dataset {
		resource = h.Case.On.Ref.ID
	}
	to := cases.Progress(in("avance"))
	if to != cases.Fixed {
		version, resource = "", ""
	}
	return cs.Advance(tx, h.Case.ID, to, resource, version)
}

// fieldError is what is wrong with one field.
func fieldError(field, key string, args map[string]any) error {
	return &plaza.Error{Kind: plaza.Invalid, Key: "cases.error.form", Fields: []plaza.FieldError{{Field: field, Key: key, Args: args}}}
}

// maxListed is up to how many institutions are offered as a list; more are typed.
const maxListed = 300

func handFields(_ *Desk, tx *db.Tx, h *head, in typed) ([]web.Field, error) {
	all, err := institution.Going(tx)
	if err != nil {
		return nil, err
	}
	f := web.Field{L: h.L, Name: "institucion", Label: h.L.T("desk.field.institucion"), Value: in("institucion"), MaxLength: 300}
	if len(all) > maxListed {
		f.Hint = h.L.T("desk.pasar.hint")
	} else {
		f.Type, f.Options = "select", []web.Option{h.choice()}
		for _, i := range all {
			if i.ID != h.Body.ID {
				f.Options = append(f.Options, web.Option{Value: i.ID, Label: i.Name})
			}
		}
	}
	return []web.Field{f, h.text("motivo", in, false)}, nil
}

// bodyNamed is the id of the institution that somebody chose, or whose name they typed;
// what names none comes back as it is.
func bodyNamed(tx *db.Tx, s string) (string, error) {
	if i, err := institution.ByID(tx, s); err == nil {
		return i.ID, nil
	} else if plaza.KindOf(err) != plaza.NotFound {
		return "", err
	}
	id, err := institution.ByName(tx, s)
	if err != nil && plaza.KindOf(err) != plaza.NotFound {
		return "", err
	}
	if id == "" {
		id = s
	}
	return id, nil
}

func formalFields(_ *Desk, _ *db.Tx, h *head, in typed) ([]web.Field, error) {
	folio := web.Field{L: h.L, Name: "folio", Label: h.L.T("desk.field.folio_formal"), Value: in("folio"), MaxLength: 60}
	return []web.Field{folio, h.text("texto", in, false)}, nil
}

// answerClock is the clock of a case to its answer that was not stopped, and by what it
// counts; the zero Clock when none runs.
func answerClock(tx *db.Tx, c cases.Case) (cases.Clock, calendar.Business, error) {
	return clockFor(tx, c, cases.ToAnswer)
}

func clockFor(tx *db.Tx, c cases.Case, kind cases.ClockKind) (k cases.Clock, by calendar.Business, err error) {
	all, err := cases.Clocks(tx, c.ID)
	if err != nil {
		return k, by, err
	}
	for _, one := range all[c.ID] {
		if one.Kind == kind && one.Stopped.IsZero() {
			k = one
		}
	}
	if k.ID == "" {
		return k, by, nil
	}
	by, err = calendar.Restore(tx, k.Body, k.Calendar)
	if err != nil && plaza.KindOf(err) == plaza.NotFound {
		by, err = calendar.BusinessOf(tx, k.Body)
	}
	return k, by, err
}
