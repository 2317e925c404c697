package commitment

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"plaza/internal/base/db"
	"plaza/internal/base/web"
	"plaza/internal/civic/access"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
)

// managePage is what an institution's people do with one of their commitments.
type managePage struct {
	web.Page
	Code, Text, Lang string
	Back             string
	State            web.Badge
	Open             bool
	Done             *web.Notice
	Refused          *web.Notice // why what was sent could not be done
	Seen             web.Seen
	Errors           web.ErrorSummary
	Progress         []web.Field
	Deliver          []web.Field
	Move             []web.Field
	MoveNote         string
	Drop             []web.Field
	TakeBack         []web.Field
	Dropping         *web.Notice
	MayDrop          bool
}

// wrote is what somebody wrote into one of the forms, and what is wrong with it.
type wrote struct {
	form    *web.Form
	wrong   map[string]string
	refused error
}

// value is what was written in a field.
func (t *wrote) value(name, otherwise string) string {
	if t == nil || t.form == nil || len(t.form.Values(name)) == 0 {
		return otherwise
	}
	return t.form.Value(name)
}

func (cs *Commitments) manage(w http.ResponseWriter, r *http.Request) error {
	return cs.drawManage(w, r, http.StatusOK, nil)
}

func (cs *Commitments) drawManage(w http.ResponseWriter, r *http.Request, status int, t *wrote) error {
	page := &managePage{Page: cs.shell.Page(r, "")}
	if err := cs.DB.Read(r.Context(), func(tx *db.Tx) error {
		c, err := found(tx, r)
		if err != nil {
			return err
		}
		if err := access.Check(page.Actor, access.CommitmentKeep, access.Object{Kind: RefKind, Institution: c.Institution}); err != nil {
			return err
		}
		return cs.fillManage(tx, page, c, status, t)
	}); err != nil {
		return err
	}
	if what := r.URL.Query().Get("hecho"); done[what] {
		page.Done = &web.Notice{Tone: web.Good, Text: page.L.T("commitment.done." + what), Live: true}
	}
	return cs.shell.Render(w, r, status, "commitment/manage", page)
}

// done are what a notice may say after a redirect.
var done = map[string]bool{"avance": true, "reprogramado": true, "cumplido": true, "pedido": true, "retirado": true, "firmado": true, "devuelto": true}

func (cs *Commitments) fillManage(tx *db.Tx, page *managePage, c Commitment, status int, t *wrote) error {
	_, zone, err := zoneOf(tx, c.Institution)
	if err != nil {
		return err
	}
	page.L = page.L.In(zone)
	l := page.L
	page.Title, page.NoIndex = l.T("commitment.manage", "code", c.Code), true
	page.Crumbs = []web.Crumb{{Title: l.T("commitment.list"), Path: Path}, {Title: c.Code, Path: c.Path()}}
	page.Code, page.Text, page.Back, page.State = c.Code, c.Text, c.Path(), stateBadge(l, c, page.Now)
	page.Open = c.State == Open
	page.Seen = web.NewSeen(l, status, c.ID, c.Version)
	if t == nil {
		t = &wrote{}
	}
	switch {
	case errors.Is(t.refused, web.ErrMeanwhile):
		n := page.Seen.Notice()
		page.Refused = &n
	case t.refused != nil:
		page.Refused = &web.Notice{Tone: web.Warning, Text: page.words(t.refused), Live: true}
	}
	page.Seen.Clash = false // said once, on top of all forms
	if !page.Open {
		return nil
	}
	page.Progress = page.dress(t, []web.Field{
		{Name: "texto", Type: "textarea", Value: t.value("texto", ""), MaxLength: MaxReason, Rows: 3},
		{Name: "porcentaje", Type: "number", InputMode: "numeric", Value: t.value("porcentaje", strconv.Itoa(c.Percent))},
	})
	choices, err := cs.choices(tx, page, c)
	if err != nil {
		return err
	}
	page.Deliver = page.dress(t, []web.Field{
		{Name: "objeto", Type: "select", Value: t.value("objeto", ""), Options: choices},
		{Name: "direccion", Value: t.value("direccion", ""), Optional: true},
	})
	switch {
	case c.Movable(page.Now):
		page.Move = page.dress(t, []web.Field{
			{Name: "fecha", Type: "date", Value: t.value("fecha", "")},
			{Name: "motivo", Type: "textarea", Value: t.value("motivo", ""), MaxLength: MaxReason, Rows: 3},
		})
		page.MoveNote = l.T("commitment.move.left", "count", MaxMoves-c.Moves, "date", l.PartialDate(c.Due))
	case c.Moves >= MaxMoves:
		page.MoveNote = l.T("commitment.error.moves", "max", MaxMoves)
	default:
		page.MoveNote = l.T("commitment.error.too_late")
	}
	page.drop(c, t)
	page.Errors = web.ErrorSummary{L: l, Fields: append(append(append(append(append([]web.Field{}, page.Progress...), page.Deliver...), page.Move...), page.Drop...), page.TakeBack...)}
	return nil
}

// drop fills in what there is to do about a commitment that is not to be.
func (p *managePage) drop(c Commitment, t *wrote) {
	p.MayDrop = access.Can(p.Actor, access.CommitmentDrop, access.Object{Kind: RefKind, Institution: c.Institution})
	switch {
	case c.Drops():
		p.Dropping = &web.Notice{Tone: web.Warning, Title: p.L.T("commitment.dropping"),
			Text: p.L.T("commitment.dropping.by", "who", voiceWords(p.L, c.Dropping.Voice), "date", p.L.Date(c.Dropping.At), "reason", c.Dropping.Reason)}
		if p.MayDrop && c.Dropping.By == p.Actor.Pseudonym {
			p.TakeBack = p.dress(t, []web.Field{{Name: "porque", Type: "textarea", Value: t.value("porque", ""), MaxLength: MaxReason, Rows: 2}})
		}
	case p.MayDrop:
		p.Drop = p.dress(t, []web.Field{{Name: "razon", Type: "textarea", Value: t.value("razon", ""), MaxLength: MaxReason, Rows: 3}})
	}
}

// dress gives fields their words.
func (p *managePage) dress(t *wrote, fields []web.Field) []web.Field { return dress(p.Page, t, fields) }

func dress(p web.Page, t *wrote, fields []web.Field) []web.Field {
	for n := range fields {
		f := &fields[n]
		f.L, f.Label = p.L, p.L.T("commitment.field."+f.Name)
		if hint := "commitment.field." + f.Name + ".hint"; p.L.Has(hint) {
			f.Hint = p.L.T(hint)
		}
		if t != nil {
			f.Error = t.wrong[f.Name]
		}
	}
	return fields
}

// words are what an error says.
func (p *managePage) words(err error) string {
	if e, ok := errors.AsType[*plaza.Error](err); ok && p.L.Has(e.Key) {
		return p.L.TMap(e.Key, e.Args)
	}
	return p.L.T("commitment.error.state")
}

// choices are by what a commitment may be kept: what it concerns, else what was added to
// the catalogue since and is like it.
func (cs *Commitments) choices(tx *db.Tx, page *managePage, c Commitment) ([]web.Option, error) {
	options := []web.Option{{Label: page.L.T("commitment.deliver.choose")}}
	add := func(card plaza.Card) {
		if card.Ref.ID != "" && card.Visible {
			options = append(options, web.Option{Value: card.Ref.String(), Label: card.Title})
		}
	}
	if c.Object.ID != "" && cs.Cards != nil {
		cards, err := cs.Cards(tx, []plaza.Ref{c.Object})
		if err != nil {
			return nil, err
		}
		add(cards[c.Object])
	}
	if cs.Added == nil {
		return options, nil
	}
	list, err := cs.Added(tx, c.Institution, c.Text, c.Made)
	for _, card := range list {
		if card.Ref != c.Object {
			add(card)
		}
	}
	return options, err
}

// deed is what a form does to a commitment.
type deed func(tx *db.Tx, c Commitment, f *web.Form) (Commitment, []record.Act, error)

// does reads a form, does what it asks for to the commitment in the path, and leads to a
// page that says so; what is wrong is drawn with all that was written. named says at which
// field of the page something is wrong.
func (cs *Commitments) does(w http.ResponseWriter, r *http.Request, what string, do deed, named map[string]string,
	draw func(w http.ResponseWriter, r *http.Request, status int, t *wrote) error) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	var c Commitment
	err = cs.DB.Write(r.Context(), func(tx *db.Tx) error {
		if c, err = found(tx, r); err != nil {
			return err
		}
		if !web.StillSeen(form, c.ID, c.Version) {
			return web.ErrMeanwhile
		}
		var acts []record.Act
		if c, acts, err = do(tx, c, form); err != nil {
			return err
		}
		return record.Append(tx, acts...)
	})
	if wrong := web.FieldErrors(cs.shell.Printer(r), err); wrong != nil {
		for field, at := range named {
			if wrong[field] != "" {
				wrong[at] = wrong[field]
			}
		}
		return draw(w, r, http.StatusUnprocessableEntity, &wrote{form: form, wrong: wrong})
	}
	if plaza.KindOf(err) == plaza.Conflict && err != nil {
		return draw(w, r, http.StatusConflict, &wrote{form: form, refused: err})
	}
	if err != nil {
		return err
	}
	to := c.Path()
	if c.State == Open && access.Can(plaza.ActorFrom(r.Context()), access.CommitmentKeep, access.Object{Kind: RefKind, Institution: c.Institution}) {
		to += managePath + "?hecho=" + what
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

func (cs *Commitments) progress(w http.ResponseWriter, r *http.Request) error {
	return cs.does(w, r, "avance", func(tx *db.Tx, c Commitment, f *web.Form) (Commitment, []record.Act, error) {
		percent, err := strconv.Atoi(strings.TrimSpace(f.Value("porcentaje")))
		if err != nil {
			percent = -1
		}
		return cs.Progress(tx, c.ID, f.Value("texto"), percent)
	}, nil, cs.drawManage)
}

func (cs *Commitments) reschedule(w http.ResponseWriter, r *http.Request) error {
	return cs.does(w, r, "reprogramado", func(tx *db.Tx, c Commitment, f *web.Form) (Commitment, []record.Act, error) {
		return cs.Move(tx, c.ID, f.Value("fecha"), f.Value("motivo"))
	}, nil, cs.drawManage)
}

func (cs *Commitments) deliver(w http.ResponseWriter, r *http.Request) error {
	return cs.does(w, r, "cumplido", func(tx *db.Tx, c Commitment, f *web.Form) (Commitment, []record.Act, error) {
		var object plaza.Ref
		if kind, id, ok := strings.Cut(f.Value("objeto"), ":"); ok && (kind == kindDataset || kind == kindResource) && len(id) <= maxParam {
			object = plaza.Ref{Kind: kind, ID: id}
		}
		if address := strings.TrimSpace(f.Value("direccion")); address != "" && cs.Find != nil {
			var err error
			if object, err = cs.Find(tx, address); err != nil {
				return c, nil, err
			}
		}
		return cs.Deliver(tx, c.ID, object)
	}, nil, cs.drawManage)
}

func (cs *Commitments) askDrop(w http.ResponseWriter, r *http.Request) error {
	return cs.does(w, r, "pedido", func(tx *db.Tx, c Commitment, f *web.Form) (Commitment, []record.Act, error) {
		return cs.AskDrop(tx, c.ID, f.Value("razon"))
	}, map[string]string{"motivo": "razon"}, cs.drawManage)
}

func (cs *Commitments) takeBack(w http.ResponseWriter, r *http.Request) error {
	return cs.does(w, r, "retirado", func(tx *db.Tx, c Commitment, f *web.Form) (Commitment, []record.Act, error) {
		return cs.ReturnDrop(tx, c.ID, f.Value("porque"))
	}, map[string]string{"motivo": "porque"}, cs.drawManage)
}
