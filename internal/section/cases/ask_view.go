package cases

import (
	"cmp"
	"crypto/rand"
	"encoding/hex"
	"html/template"
	"net/url"
	"slices"

	"plaza/internal/base/db"
	"plaza/internal/base/i18n"
	"plaza/internal/base/web"
	"plaza/internal/civic/access"
	"plaza/internal/civic/gate"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/privacy"
	"plaza/internal/plaza"
)

// askPurpose is what the hidden fields of the form are sealed for, askMailPoint where an
// address is given.
const (
	askPurpose   = "case"
	askMailPoint = "case_mail"
)

// asking is what somebody has written so far, as the form has it.
type asking struct {
	Form   Form
	Slug   string // of the institution that was chosen, "" for "no lo sé"
	Email  string
	Draft  string // id of what is kept of it already, "" for nothing
	Said   string // slug of whose due date was told with the form
	Files  []File // that are kept already
	Wrong  map[string]string
	Look   bool // what is like it is to be shown
	From   saidFirst
	Notice *web.Notice
}

// askPage is the form for a new case; without a kind it asks for that first.
type askPage struct {
	web.Page
	Kinds    []kindLine
	Kind     Kind
	Object   web.NavLink   // what it is about, "" for nothing in particular
	Spot     web.NavLink   // and where in it, "" for the whole
	First    web.NavLink   // the comment as which it was said, "" for none
	FirstAs  string        // in whose name it becomes a case
	Words    template.HTML // of the comment, where nobody else's may change them
	Gone     bool          // that is no longer published
	Hidden   []web.Option
	TitleBox web.Field
	Fields   []web.Field
	More     []web.Field // what need not be looked at
	MoreOpen bool        // something in it was typed, or is wrong
	Own      []web.Field // about who asks
	Email    web.Field
	Kept     []string // names of files that are kept already
	Notice   *web.Notice
	Action   string
	SignedIn bool
	Mute     bool // signed in, and may not ask
	ByMail   bool
	Closed   bool
	Promise  string
	Note     string
	Formal   string
	Copy     web.Copy
	Similar  similarView
	Live     string // where an island asks for what is similar
	Gate     gate.Fields
	Privacy  privacy.Said
	Mail     privacy.Said
}

// kindLine is one of the kinds, with the link that chooses it.
type kindLine struct{ Kind, Title, Text, Path string }

// Errors is what is wrong with the form.
func (p askPage) Errors() web.ErrorSummary {
	all := slices.Concat([]web.Field{p.TitleBox}, p.Fields, p.More, p.Own, []web.Field{p.Email})
	return web.ErrorSummary{L: p.L, Fields: all}
}

func newAskNonce() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails since Go 1.24
	return hex.EncodeToString(b[:])
}

// kindLines are the kinds to choose from; what is known already goes along.
func kindLines(l *i18n.Printer, known url.Values) (out []kindLine) {
	for _, k := range Kinds {
		q := url.Values{}
		for name, v := range known {
			q[name] = v
		}
		q.Set("clase", string(k))
		out = append(out, kindLine{string(k), l.T("cases.kind." + string(k)), l.T("cases.ask.kind." + string(k)), AskPath + "?" + q.Encode()})
	}
	return out
}

// draw fills the page with what was written.
func (cs *Cases) fillAsk(tx *db.Tx, page *askPage, was asking) error {
	l := page.L
	card, err := cs.About(tx, &was.Form)
	if err != nil {
		return err
	}
	if card.Ref.ID != "" {
		page.Object, page.Gone = web.NavLink{Label: card.Title, Path: card.Path}, card.Unavailable
		page.Crumbs = append(page.Crumbs, web.Crumb{Title: card.Title, Path: card.Path})
	}
	if page.Spot, err = cs.spotLink(tx, l, was.Form.On); err != nil {
		return err
	}
	var bodies []web.Option
	page.first(was.From)
	if card.Ref.ID == "" && !was.From.mine() {
		if bodies, err = askBodies(tx, l); err != nil {
			return err
		}
	}
	promise, err := cs.promised(tx, was.Form.Kind, was.Form.Institution)
	if err != nil {
		return err
	}
	page.Promise, page.Note = promise.words(l)
	page.Kind, page.Notice, page.Formal = was.Form.Kind, was.Notice, FormalRoute
	page.Copy = web.Copy{L: l, ID: "texto-formal", Text: formalText(l, was.Form, promise.Body.Name)}
	for _, f := range was.Files {
		page.Kept = append(page.Kept, f.Name)
	}
	page.Hidden = []web.Option{{Value: string(was.Form.Kind), Label: "clase"}, {Value: was.Form.Nonce, Label: "unico"}, {Value: was.Draft, Label: "borrador"},
		{Value: was.Form.After, Label: "despues"}, {Value: was.Form.On.Row, Label: "fila"}, {Value: versionText(was.Form.On.Version), Label: "version"},
		{Value: was.Form.On.View, Label: "vista"}, {Value: was.Form.On.Code, Label: "problema"}, {Value: cmp.Or(was.Slug, "-"), Label: "dicho"}}
	if was.Form.Kind != Quality { // whose form has a field for it
		page.Hidden = append(page.Hidden, web.Option{Value: was.Form.On.Column, Label: "columna"})
	}
	if was.Form.Channel == Button {
		page.Hidden = append(page.Hidden, web.Option{Value: askedByButton, Label: "canal"})
	}
	if was.Form.Comment != "" {
		page.Hidden = append(page.Hidden, web.Option{Value: was.Form.Comment, Label: "comentario"})
	}
	if was.Form.On.Ref.ID != "" {
		page.Hidden = append(page.Hidden, web.Option{Value: was.Form.On.Ref.String(), Label: "objeto"})
	}
	page.Live = similarPath + "?" + url.Values{"objeto": {was.Form.On.Ref.String()}}.Encode()
	cs.askFields(page, was, bodies)
	if was.Look {
		page.Similar, err = cs.similar(tx, l, was.Form.Title, was.Form.On.Dataset)
		page.Similar.Asked = true
	}
	return err
}

// askBodies are the institutions that can be asked, and that one does not know which.
func askBodies(tx *db.Tx, l *i18n.Printer) ([]web.Option, error) {
	all, err := institution.Going(tx)
	out := []web.Option{{Value: "", Label: l.T("cases.ask.unknown")}}
	for _, i := range all {
		out = append(out, web.Option{Value: i.Slug, Label: i.Name})
	}
	return out, err
}

// askFields are what the kind asks for, and who asks.
func (cs *Cases) askFields(page *askPage, was asking, bodies []web.Option) {
	l, f, d := page.L, was.Form, was.Form.Details
	field := func(name, value string, most int, optional bool) web.Field {
		x := web.Field{L: l, Name: name, Label: l.T("cases.ask.field." + name), Value: value, MaxLength: most, Optional: optional, Error: was.Wrong[name]}
		for _, own := range []string{"." + string(f.Kind), ""} {
			if key := "cases.ask.field." + name + own; own != "" && l.Has(key) {
				x.Label = l.T(key)
			}
			if key := "cases.ask.field." + name + own + ".hint"; x.Hint == "" && l.Has(key) {
				x.Hint = l.T(key)
			}
		}
		return x
	}
	area := func(x web.Field, rows int) web.Field { x.Type, x.Rows = "textarea", rows; return x }
	page.TitleBox = field("titulo", f.Title, MaxTitle, false)
	add := func(x ...web.Field) { page.Fields = append(page.Fields, x...) }
	if bodies != nil {
		x := field("institucion", was.Slug, 0, false)
		x.Type, x.Options, x.Optional = "select", bodies, true
		add(x)
	}
	if f.Kind == Quality {
		add(field("columna", f.On.Column, maxOnPlace, true), field("filas", d.Rows, MaxDetail, true))
	}
	if was.From.Role != toHandle { // whose words it are, they stay
		add(area(field("texto", f.Body, MaxBody, false), 6))
	}
	switch f.Kind {
	case Quality:
		add(field("debe", d.Should, MaxDetail, true), field("evidencia", d.Evidence, MaxDetail, true))
	case Request:
		page.More = []web.Field{field("formato", d.Format, MaxDetail, true), field("frecuencia", d.Frequency, MaxDetail, true), field("periodo", d.Period, MaxDetail, true),
			field("lugar", d.Geography, MaxDetail, true), field("desglose", d.Disaggregation, MaxDetail, true)}
	case Reuse:
		add(field("enlace", d.Link, MaxDetail, true))
	}
	files := field("archivos", "", 0, true)
	files.Type, files.Multiple = "file", true
	if f.Kind == Quality { // evidence
		add(files)
	} else {
		page.More = append(page.More, files)
	}
	page.MoreOpen = slices.ContainsFunc(page.More, func(x web.Field) bool { return x.Value != "" || x.Error != "" })
	if was.From.Role == toHandle {
		return
	}
	page.Own = []web.Field{area(field("para", f.Need, MaxNeed, true), 3), field("nombre", f.Name, MaxName, true)}
	page.Email = field("correo", was.Email, 254, true)
	page.Email.Type, page.Email.Autocomplete = "email", "email"
}

// askHow is how the form can be sent by whoever looks at it.
func (cs *Cases) askHow(page *askPage) {
	page.SignedIn, page.Action = page.Actor.SignedIn(), askLookPath
	page.Closed = page.Page.Closed(string(access.CaseAsk))
	page.Gate, page.Privacy = cs.Gate.Fields(page.L, askPurpose, page.Now), privacy.Say(page.L, Point)
	if page.SignedIn {
		page.Action = AskPath
		page.Mute = !access.Can(page.Actor, access.CaseAsk, access.Object{Kind: RefKind})
		return
	}
	page.ByMail = !page.Page.Closed(string(access.CaseAskByMail))
	page.Mail = privacy.Say(page.L, askMailPoint)
}

// AskLink is where one asks about a thing.
func AskLink(object plaza.Ref) string { return AskPath + "?objeto=" + url.QueryEscape(object.String()) }

// inviteView draws the link to the form on a thing's page.
type inviteView struct {
	L     *i18n.Printer
	Path  string
	Kind  string
	Dates string // path of what an institution has to answer and by when, "" for none
}

// Invite draws, on the page of a dataset, a resource, an institution or a tool, the link to the
// form for a case about it.
func (cs *Cases) Invite(page web.Page, object plaza.Card) (web.Around, error) {
	if !slices.Contains([]string{"dataset", "resource", institution.Kind, aboutTool}, object.Ref.Kind) || !object.Visible || page.Closed(string(access.CaseAsk)) {
		return web.Around{}, nil
	}
	v := inviteView{L: page.L, Path: AskLink(object.Ref), Kind: object.Ref.Kind}
	if object.Ref.Kind == aboutTool {
		v.Path += "&clase=" + string(Reuse)
	}
	if object.Ref.Kind == institution.Kind && page.Has(DatesPattern) {
		v.Dates = object.Path + "/plazos"
	}
	html, err := cs.shell.Fragment("ask/invite", v)
	return web.Around{Head: []template.HTML{html}}, err
}
