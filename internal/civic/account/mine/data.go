package mine

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/web"
	"plaza/internal/civic/access"
	"plaza/internal/civic/account"
	"plaza/internal/civic/gate"
	"plaza/internal/civic/privacy"
	"plaza/internal/plaza"
)

// dataPage shows what is held, and gives it.
type dataPage struct {
	web.Page
	Tables   []privacy.Table
	Download string
}

func (p *Pages) data(w http.ResponseWriter, r *http.Request) error {
	page := &dataPage{Page: p.page(r, "mine.data.title"), Download: dataPath + ".json"}
	page.Tables = p.Holdings.Tables(page.L)
	return p.shell.Render(w, r, http.StatusOK, "mine/data", page)
}

// takeout is the file with all that a person gave.
type takeout struct {
	Site string         `json:"site"`
	Made time.Time      `json:"made"`
	Data map[string]any `json:"data"`
}

func (p *Pages) export(w http.ResponseWriter, r *http.Request) error {
	out := takeout{Site: p.shell.URL("/")}
	if err := p.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
		actor := plaza.ActorFrom(tx.Context())
		if err := access.Check(actor, access.AccountExport, access.Object{Kind: "person", Owner: actor.PersonID}); err != nil {
			return err
		}
		out.Made = tx.Now
		out.Data, err = p.Holdings.Export(tx, actor.PersonID)
		return err
	}); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="`+exportLabel+`"`)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(out); err != nil {
		return fmt.Errorf("writing what a person gave: %w", err)
	}
	return nil
}

// erasePage says what goes and what stays, and asks to be sure.
type erasePage struct {
	web.Page
	Word    string
	Field   web.Field
	Fresh   bool
	Sent    bool
	HasMail bool
	Refused *web.Notice
}

// Errors are what is wrong with the form.
func (p erasePage) Errors() web.ErrorSummary {
	return web.ErrorSummary{L: p.L, Fields: []web.Field{p.Field}}
}

func (p *Pages) erase(w http.ResponseWriter, r *http.Request) error {
	return p.drawErase(w, r, http.StatusOK, "", nil)
}

func (p *Pages) drawErase(w http.ResponseWriter, r *http.Request, status int, typed string, err error) error {
	page := &erasePage{Page: p.page(r, "mine.erase.title"), Fresh: account.Fresh(r.Context(), p.DB.Now()), HasMail: p.Accounts.HasMail()}
	l := page.L
	page.Sent, page.Word = r.URL.Query().Has("enviada"), l.T("mine.erase.word")
	page.Field = web.Field{L: l, Name: "word", Label: l.T("mine.erase.type", "word", page.Word), Value: typed, MaxLength: 40, Autocomplete: "off"}
	if said := web.FieldErrors(l, err); said != nil {
		page.Field.Error = said["word"]
	} else if err != nil {
		page.Refused = &web.Notice{Tone: web.Bad, Title: l.T("mine.erase.refused"), Text: l.T("account.error.last_admin"), Live: true}
	}
	return p.shell.Render(w, r, status, "mine/erase", page)
}

func (p *Pages) doErase(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	if !account.Fresh(r.Context(), p.DB.Now()) {
		return p.drawErase(w, r, http.StatusForbidden, "", nil)
	}
	word := p.shell.Printer(r).T("mine.erase.word")
	if !strings.EqualFold(form.Value("word"), word) {
		return p.drawErase(w, r, http.StatusUnprocessableEntity, form.Value("word"), &plaza.Error{Kind: plaza.Invalid, Key: "account.error.form",
			Fields: []plaza.FieldError{{Field: "word", Key: "mine.erase.wrong", Args: map[string]any{"word": word}}}})
	}
	err = p.DB.Write(r.Context(), func(tx *db.Tx) error {
		return account.Erase(tx, plaza.ActorFrom(tx.Context()).PersonID, p.Holdings)
	})
	if plaza.KindOf(err) == plaza.Conflict {
		return p.drawErase(w, r, http.StatusConflict, "", err)
	}
	if err != nil {
		return err
	}
	p.Accounts.DropCookie(r.Context(), w)
	return p.see(w, r, erasedPath)
}

// again mails a link that signs in anew and leads back here.
func (p *Pages) again(w http.ResponseWriter, r *http.Request) error {
	if err := p.Accounts.Again(r.Context(), erasePath, gate.Network(p.shell.ClientIP(r))); err != nil {
		return err
	}
	return p.see(w, r, erasePath+"?enviada=1")
}

// erasedPage says goodbye.
type erasedPage struct{ web.Page }

func (p *Pages) erased(w http.ResponseWriter, r *http.Request) error {
	page := &erasedPage{p.shell.Page(r, p.shell.Printer(r).T("mine.erased.title"))}
	page.NoIndex = true
	return p.shell.Render(w, r, http.StatusOK, "mine/erased", page)
}
