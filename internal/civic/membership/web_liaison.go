package membership

import (
	"errors"
	"io"
	"net/http"
	"strconv"

	"plaza/internal/base/db"
	"plaza/internal/base/web"
	"plaza/internal/civic/access"
	"plaza/internal/civic/account"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/privacy"
	"plaza/internal/plaza"
)

// liaisonPage appoints liaisons, with their letters.
type liaisonPage struct {
	institution.OfficePage
	Done    *web.Notice
	Vacant  *web.Notice
	Seats   []seatLine
	Letters []letterLine
	Errors  web.ErrorSummary
	Fields  []web.Field
	Action  string
	Privacy privacy.Said
}

type letterLine struct{ Number, Dated, Name, Path, Size string }

// appointed is what somebody wrote into the form.
type appointed struct{ email, unit, from, until, number, dated string }

func (m *Members) liaison(w http.ResponseWriter, r *http.Request) error {
	return m.drawLiaison(w, r, http.StatusOK, appointed{}, nil)
}

func (m *Members) drawLiaison(w http.ResponseWriter, r *http.Request, status int, in appointed, wrong map[string]string) error {
	page := &liaisonPage{}
	var units []institution.Unit
	if err := m.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
		if page.OfficePage, err = m.officePage(tx, r, access.LiaisonAppoint, "membership.liaison"); err != nil {
			return err
		}
		who, err := m.Responsible(tx, page.Institution.ID)
		if err != nil {
			return err
		}
		if page.Vacant, err = m.vacantNotice(tx, page.Page, who); err != nil {
			return err
		}
		if units, err = institution.Units(tx, page.Institution.ID); err != nil {
			return err
		}
		return page.load(tx)
	}); err != nil {
		return err
	}
	l := page.L
	page.Done, page.Privacy = notice(l, r), privacy.Say(l, letterDatum.Point)
	page.Action = officePath(page.Institution) + liaisonPath
	page.Fields = dress(l, []web.Field{
		{Name: "email", Type: "email", Value: in.email, MaxLength: 254, Hint: l.T("membership.liaison.email.hint")},
		{Name: "unit", Type: "select", Value: in.unit, Options: unitOptions(l, units), Optional: true},
		{Name: "from", Type: "date", Value: in.from, Optional: true},
		{Name: "until", Type: "date", Value: in.until, Optional: true},
		{Name: "number", Value: in.number, MaxLength: maxNumber},
		{Name: "dated", Type: "date", Value: in.dated},
		{Name: "file", Type: "file"},
	}, wrong)
	page.Errors = web.ErrorSummary{L: l, Fields: page.Fields}
	return m.shell.Render(w, r, status, "membership/liaison", page)
}

func (p *liaisonPage) load(tx *db.Tx) error {
	body, base := p.Institution.ID, officePath(p.Institution)
	seats, err := account.SeatsAt(tx, body)
	if err != nil {
		return err
	}
	list, err := letters(tx, body)
	if err != nil {
		return err
	}
	units, err := unitNames(tx, unitsOf(seats))
	if err != nil {
		return err
	}
	for _, s := range seats {
		if s.Role == plaza.Liaison {
			p.Seats = append(p.Seats, seatLine{Name: s.Name, Email: s.Email, Unit: units[s.Unit], Period: period(p.L, s.From, s.Until),
				End: base + membersPath + "/papeles/" + s.ID})
		}
	}
	var people []string
	for _, x := range list {
		if x.Person != "" {
			people = append(people, x.Person)
		}
	}
	names, err := account.Names(tx, people)
	for _, x := range list {
		line := letterLine{Number: x.Number, Dated: p.L.PartialDate(x.Dated), Name: names[x.Person], Path: base + "/oficios/" + x.ID, Size: p.L.Bytes(x.Size)}
		if x.Person == "" {
			line.Name = p.L.T("membership.letter.invited")
		}
		p.Letters = append(p.Letters, line)
	}
	return err
}

func (m *Members) appointLiaison(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	body, err := m.body(r)
	if err != nil {
		return err
	}
	in := appointed{form.Value("email"), form.Value("unit"), form.Value("from"), form.Value("until"), form.Value("number"), form.Value("dated")}
	a := Appointment{Institution: body.ID, Email: in.email, Unit: in.unit, Number: in.number, Dated: in.dated}
	var unread plaza.Mistakes
	a.From, a.Until = days(in.from, in.until, body, m.DB.Now(), &unread)
	if file, ok := form.File("file"); ok {
		a.FileName, a.File = file.Name, file.Body
	}
	var invited bool
	if err = unread.Err("web.error.invalid"); err == nil {
		invited, err = m.Appoint(r.Context(), a)
	}
	if wrong := web.FieldErrors(m.shell.Printer(r), err); wrong != nil {
		return m.drawLiaison(w, r, http.StatusUnprocessableEntity, in, wrong)
	}
	if err != nil {
		return err
	}
	what := "designado"
	if invited {
		what = "enlace-invitado"
	}
	return see(w, r, officePath(body)+liaisonPath+"?hecho="+what)
}

// letter hands a letter out, to be kept and not to be shown: whatever it holds runs
// nothing in the name of this site.
func (m *Members) letter(w http.ResponseWriter, r *http.Request) (err error) {
	var l Letter
	if err := m.DB.Read(r.Context(), func(tx *db.Tx) error {
		body, err := institution.BySlug(tx, r.PathValue("institution"))
		if err != nil {
			return err
		}
		if err := may(tx, access.MemberSee, "letter", body.ID, ""); err != nil {
			return err
		}
		l, err = letterByID(tx, body.ID, r.PathValue("letter"))
		return err
	}); err != nil {
		return err
	}
	content, err := m.Blob.GetRange(r.Context(), l.File, saltSize, -1)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, content.Close()) }()
	h := w.Header()
	h.Set("Content-Type", l.MediaType)
	h.Set("Content-Length", strconv.FormatInt(l.Size, 10))
	h.Set("Content-Disposition", `attachment; filename="oficio-`+l.Dated+letterTypes[l.MediaType][0]+`"`)
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	_, err = io.Copy(w, content)
	return err
}
