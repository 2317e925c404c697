package account

import (
	"context"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"strings"

	"rsc.io/qr"

	"plaza/internal/base/db"
	"plaza/internal/base/web"
	"plaza/internal/civic/access"
	"plaza/internal/plaza"
)

// factorPage enrols a second factor, or says that there is one.
type factorPage struct {
	web.Page
	Next     string
	Demanded bool // roles wait for it
	Active   bool
	Codes    []string // recovery codes, shown this once
	Left     int      // recovery codes that are left
	Key      web.Copy // while enrolling
	Picture  template.HTML
	Field    web.Field
	Done     *web.Notice
	Again    string // where to sign in once more before enrolling, "" where that is no need
}

// Summary is what is wrong with the form.
func (p factorPage) Summary() web.ErrorSummary {
	return web.ErrorSummary{L: p.L, Fields: []web.Field{p.Field}}
}

// Enrolling reports whether a key waits for its first code.
func (p factorPage) Enrolling() bool { return p.Key.Text != "" }

// Onward is where to go afterwards.
func (p factorPage) Onward() string { return onward(p.Next) }

func (h handlers) factor(w http.ResponseWriter, r *http.Request) error {
	return h.drawFactor(w, r, http.StatusOK, safePath(web.QueryText(r, "volver", maxPath)), "", nil)
}

// drawFactor draws the page; codes are shown once, in the answer to what made them.
func (h handlers) drawFactor(w http.ResponseWriter, r *http.Request, status int, next, wrong string, codes []string) error {
	page := &factorPage{Page: h.shell.Page(r, h.shell.Printer(r).T("account.factor.title")), Next: next, Codes: codes}
	l := page.L
	if err := h.db.Read(r.Context(), func(tx *db.Tx) error {
		p, err := mayEdit(r.Context(), tx)
		if err != nil {
			return err
		}
		page.Demanded, page.Active = p.Unproven(), p.SecondFactor
		if p.SecondFactor {
			return tx.Row(`SELECT COUNT(*)
				FROM credentials
				WHERE person_id = $1 AND kind = $2`, p.ID, kindRecovery).Scan(&page.Left)
		}
		if !Fresh(r.Context(), tx.Now) { // nor does it see a key that somebody began with
			page.Again = AgainFor(withNext(factorPath, next))
			return nil
		}
		f, err := h.factorOf(tx, p.ID)
		if notFound(err) {
			return nil
		}
		if err != nil {
			return err
		}
		page.Key = web.Copy{L: l, ID: "clave", Text: grouped(plain32.EncodeToString(f.key))}
		page.Picture, err = picture(totpAddress(h.site(), p.Email, f.key))
		return err
	}); err != nil {
		return err
	}
	page.Field = web.Field{L: l, Name: "code", Label: l.T("account.code.label"), Hint: l.T("account.factor.code_hint"),
		Error: wrong, Autocomplete: "one-time-code", MaxLength: 20}
	if page.Enrolling() {
		page.Field.InputMode = "numeric"
	}
	page.Done = done(r, l, "account.factor.done.", "quitado")
	h.ownWay(&page.Page)
	return h.shell.Render(w, r, status, "account/factor", page)
}

// grouped puts a space after every four letters.
func grouped(s string) string {
	var b strings.Builder
	for i, r := range s {
		if i > 0 && i%4 == 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// picture draws a text as a QR code in SVG, with the quiet zone of four modules.
func picture(s string) (template.HTML, error) {
	code, err := qr.Encode(s, qr.M)
	if err != nil {
		return "", fmt.Errorf("drawing a QR code: %w", err)
	}
	var b strings.Builder
	side := code.Size + 8
	fmt.Fprintf(&b, `<svg class="Factor-picture" viewBox="0 0 %d %d" aria-hidden="true" focusable="false" shape-rendering="crispEdges"><rect width="%d" height="%d" fill="#fff"/><path fill="#000" d="`, side, side, side, side)
	for y := range code.Size {
		for x := range code.Size {
			if code.Black(x, y) {
				fmt.Fprintf(&b, "M%d %dh1v1h-1z", x+4, y+4)
			}
		}
	}
	b.WriteString(`"/></svg>`)
	return template.HTML(b.String()), nil //nolint:gosec // numbers only
}

func (h handlers) startEnrolling(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	if Stale(w, r, h.Accounts, withNext(factorPath, safePath(form.Value("volver")))) {
		return nil
	}
	if err := h.db.Write(r.Context(), func(tx *db.Tx) error {
		p, err := mayEdit(r.Context(), tx)
		if err != nil {
			return err
		}
		return h.startFactor(tx, p.ID)
	}); err != nil {
		return err
	}
	http.Redirect(w, r, withNext(factorPath, safePath(form.Value("volver"))), http.StatusSeeOther)
	return nil
}

// withCode runs do in the transaction that spends the code which was typed, and reports
// whether the code was good.
func (h handlers) withCode(r *http.Request, code string, do func(tx *db.Tx, p Person) error) (good bool, err error) {
	var who Person
	err = h.db.Write(r.Context(), func(tx *db.Tx) error {
		p, err := mayEdit(r.Context(), tx)
		if err != nil {
			return err
		}
		who = p
		if err := h.brakeCode(tx, p.ID, "own", code); err != nil {
			return err
		}
		good, err = h.spendCode(tx, p.ID, code)
		if notFound(err) {
			return plaza.E(plaza.Conflict, "account.error.no_factor")
		}
		if err != nil || !good {
			return err
		}
		return do(tx, p)
	})
	h.warn(r.Context(), who, err)
	return good, err
}

// enrol makes the key count whose first code came, shows the recovery codes and ends the
// sessions elsewhere, which were begun without a code.
func (h handlers) enrol(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	var a arrival
	var codes []string
	next := safePath(form.Value("volver"))
	if Stale(w, r, h.Accounts, withNext(factorPath, next)) {
		return nil
	}
	good, err := h.withCode(r, form.Value("code"), func(tx *db.Tx, p Person) (err error) {
		if p.SecondFactor {
			return plaza.E(plaza.Conflict, "account.error.has_factor")
		}
		if codes, err = h.newRecovery(tx, p.ID); err != nil {
			return err
		}
		if err := endSessions(tx, p.ID); err != nil {
			return err
		}
		setCookie, err := h.begin(tx, p, h.cookie(r), byPassword)
		if err != nil {
			return err
		}
		a.cookies = append(a.cookies, setCookie)
		return h.tell(tx, p, "factor_set")
	})
	if err != nil {
		return err
	}
	if !good {
		return h.drawFactor(w, r, http.StatusUnprocessableEntity, next, h.shell.Printer(r).T("account.error.code"), nil)
	}
	for _, set := range a.cookies {
		set(w)
	}
	return h.drawFactor(w, r, http.StatusOK, next, "", codes)
}

// renewCodes replaces the recovery codes.
func (h handlers) renewCodes(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	var codes []string
	good, err := h.withCode(r, form.Value("code"), func(tx *db.Tx, p Person) (err error) {
		codes, err = h.newRecovery(tx, p.ID)
		return err
	})
	if err != nil {
		return err
	}
	if !good {
		return h.drawFactor(w, r, http.StatusUnprocessableEntity, "", h.shell.Printer(r).T("account.error.code"), nil)
	}
	return h.drawFactor(w, r, http.StatusOK, "", "", codes)
}

func (h handlers) dropFactor(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	good, err := h.withCode(r, form.Value("code"), func(tx *db.Tx, p Person) error {
		if err := DropSecondFactor(tx, p.ID); err != nil {
			return err
		}
		return h.tell(tx, p, "factor_removed")
	})
	if err != nil {
		return err
	}
	if !good {
		return h.drawFactor(w, r, http.StatusUnprocessableEntity, "", h.shell.Printer(r).T("account.error.code"), nil)
	}
	http.Redirect(w, r, factorPath+"?hecho=quitado", http.StatusSeeOther)
	return nil
}

// Authorize is access.Authorize for routes, with its errors; who is refused only because their roles wait
// for a second factor is led to enrol.
func Authorize(ctx context.Context, action string) error {
	err := access.Authorize(ctx, action)
	if err == nil {
		return nil
	}
	v := present(ctx)
	if v == nil || !v.person.Unproven() || access.Authorize(plaza.WithActor(ctx, v.person.full()), action) != nil {
		return err
	}
	return &web.Elsewhere{Path: factorPath + "?" + url.Values{"exigido": {"1"}}.Encode(),
		Because: &plaza.Error{Kind: plaza.Forbidden, Key: "account.error.unproven", Cause: err}}
}
