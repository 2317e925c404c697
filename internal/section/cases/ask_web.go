package cases

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/job"
	"plaza/internal/base/text"
	"plaza/internal/base/web"
	"plaza/internal/civic/access"
	"plaza/internal/civic/gate"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/moderation"
	"plaza/internal/plaza"
)

//go:embed templates_ask/templates/*.html
var askTemplates embed.FS

// The paths of asking.
const (
	askLookPath   = AskPath + "/ver"
	askSignInPath = AskPath + "/entrar"
	askMailPath   = AskPath + "/correo"
	ownLinkPath   = "/consultas/mia/abrir/"
	confirmPath   = "/consultas/mia/confirmar/"
	forgetPath    = "/consultas/mia/olvidar/"
	// MinePath is what one asked, and what one supports.
	MinePath = "/mi/consultas"
)

// maxAskBody holds MaxFiles files and the form; maxGuestFiles is how much is taken at
// once from who is not signed in.
const (
	maxAskBody    = MaxFiles*MaxFile + 1<<20
	maxGuestFiles = MaxFile + 1<<20
)

// How often, from one network, who is not signed in may send files, and drafts be kept.
var (
	perUpload = gate.Limit{Name: "case.upload", Max: 20, Window: time.Hour, Key: "cases.error.often"}
	perDraft  = gate.Limit{Name: "case.draft", Max: 60, Window: time.Hour, Key: "cases.error.often"}
)

// MountAsk registers the pages of asking: the form, what is sent to addresses, files,
// acknowledgements and what one asked.
func (cs *Cases) MountAsk(shell *web.Shell) error {
	cs.shell = shell
	pages, err := fs.Sub(askTemplates, "templates_ask")
	if err != nil {
		return fmt.Errorf("the templates of asking: %w", err)
	}
	if err := shell.Templates("ask", pages, web.Pages{
		"new": askPage{}, "similar": similarView{}, "invite": inviteView{}, "sent": askSentPage{}, "confirm": askConfirmPage{},
		"forget": forgetPage{}, "acuse": acusePage{}, "mine": minePage{}, "button": buttonPage{},
	}); err != nil {
		return fmt.Errorf("the templates of asking: %w", err)
	}
	shell.Personal(contactCookie)
	route := func(name string, action access.Action) web.Route {
		return web.Route{Name: "case.ask." + name, Action: string(action), Cache: web.Private}
	}
	large := func(r web.Route) web.Route { r.MaxBody = maxAskBody; return r }
	secret := func(r web.Route) web.Route { r.Secret = true; return r }
	shell.Handle("GET "+AskPath, secret(route("form", access.CaseRead)), cs.askForm) // a draft's id is in its address
	shell.Handle("POST "+AskPath, large(route("send", access.CaseAsk)), cs.send)
	shell.Handle("POST "+askLookPath, large(route("look", access.CaseRead)), cs.lookFirst)
	shell.Handle("POST "+askSignInPath, large(route("signin", access.CaseRead)), cs.signInFirst)
	shell.Handle("POST "+askMailPath, large(route("mail", access.CaseAskByMail)), cs.byMail)
	shell.Handle("GET "+similarPath, route("similar", access.CaseRead), cs.similarNow)
	shell.Handle("GET "+confirmPath+"{token}", secret(route("confirm", access.CaseAskByMail)), cs.showConfirm)
	shell.Handle("POST "+confirmPath+"{token}", secret(route("confirmed", access.CaseAskByMail)), cs.confirm)
	shell.Handle("GET "+ownLinkPath+"{token}", secret(route("own", access.CaseRead)), cs.openOwn)
	shell.Handle("GET "+forgetPath+"{token}", secret(route("forget", access.CaseRead)), cs.showForget)
	shell.Handle("POST "+forgetPath+"{token}", secret(route("forgotten", access.CaseRead)), cs.forget)
	shell.Handle("GET /consultas/{folio}/acuse", route("acuse", access.CaseRead), cs.acuse)
	shell.Handle("GET /consultas/{folio}/archivos/{file}", route("file", access.CaseRead), cs.file)
	shell.Handle("GET "+MinePath, route("mine", access.AccountSee), cs.mine)
	cs.mountButton(shell)
	return nil
}

// askRef reads what a form is about; what is no Ref is one of no kind there is.
func askRef(s string) plaza.Ref {
	if s == "" || s == ":" {
		return plaza.Ref{}
	}
	kind, id, _ := strings.Cut(s, ":")
	if id == "" || len(id) > 200 {
		kind = "?"
	}
	return plaza.Ref{Kind: kind, ID: id}
}

// askForm draws the form, or asks for the kind first.
func (cs *Cases) askForm(w http.ResponseWriter, r *http.Request) error {
	q := func(name string, most int) string { return web.QueryText(r, name, most) }
	l := cs.shell.Printer(r)
	was := asking{Form: Form{Kind: Kind(q("clase", 20)), Title: text.Line(q("titulo", 4*MaxTitle)), Nonce: newAskNonce(), Language: l.Lang(),
		On: On{Ref: askRef(q("objeto", 1000)), Column: q("columna", maxOnPlace), Row: q("fila", maxOnPlace),
			Version: versionOf(q("version", 20)), View: q("vista", maxOnView+1), Code: q("problema", 20)}}, Slug: q("institucion", 200)}
	was.Form.On.tidy()
	was.Form.Body = q("texto", 4*MaxBody)
	was.Form.Details.Rows, was.Form.After, was.Form.Comment, was.Form.Channel = was.Form.On.Row, q("despues", 60), q("comentario", 60), channelOf(q("canal", 20))
	if was.Form.Comment != "" {
		made, err := cs.ofComment(r, &was)
		if err != nil {
			return err
		}
		if made != "" {
			http.Redirect(w, r, made, http.StatusSeeOther)
			return nil
		}
	}
	if id := q("borrador", 60); id != "" {
		if err := cs.DB.Read(r.Context(), func(tx *db.Tx) error { return was.resume(tx, id) }); err != nil {
			if plaza.KindOf(err) != plaza.NotFound {
				return err
			}
			was.Notice = &web.Notice{Tone: web.Warning, Text: l.T("cases.error.pending")}
		}
	}
	return cs.drawAsk(w, r, http.StatusOK, was)
}

// resume takes up what is kept of a draft.
func (was *asking) resume(tx *db.Tx, id string) error {
	p, err := pendingByID(tx, id)
	if err != nil {
		return err
	}
	if p.Contact != "" || p.Case != "" { // it waits for a link in a mail, or is done
		return plaza.E(plaza.NotFound, "cases.error.pending")
	}
	was.Form, was.Draft, was.Files = p.Form, p.ID, p.Files
	if was.Form.Institution != "" && was.Form.On.Ref.ID == "" {
		i, err := institution.ByID(tx, was.Form.Institution)
		if err != nil && plaza.KindOf(err) != plaza.NotFound {
			return err
		}
		was.Slug = i.Slug
	}
	return nil
}

// drawAsk draws what was written so far.
func (cs *Cases) drawAsk(w http.ResponseWriter, r *http.Request, status int, was asking) error {
	page := &askPage{Page: cs.shell.Page(r, "")}
	page.NoIndex = true
	page.Title = page.L.T("cases.ask.title")
	if !isKind(was.Form.Kind) {
		known := r.URL.Query()
		known.Del("clase")
		page.Kinds, page.Notice = kindLines(page.L, known), was.Notice
		return cs.shell.Render(w, r, status, "ask/new", page)
	}
	page.Title = page.L.T("cases.ask.title." + string(was.Form.Kind))
	if err := cs.DB.Read(r.Context(), func(tx *db.Tx) error {
		if err := cs.chosenBody(tx, &was); err != nil {
			return err
		}
		return cs.fillAsk(tx, page, was)
	}); err != nil {
		return err
	}
	cs.askHow(page)
	return cs.shell.Render(w, r, status, "ask/new", page)
}

func isKind(k Kind) bool {
	for _, one := range Kinds {
		if k == one {
			return true
		}
	}
	return false
}

// chosenBody is whom a form asks that is about nothing in particular; an institution that
// there is not is none. A case after which it is asked anew has to be there, too.
func (cs *Cases) chosenBody(tx *db.Tx, was *asking) error {
	if was.Form.After != "" {
		if before, err := ByID(tx, was.Form.After); err != nil && plaza.KindOf(err) != plaza.NotFound {
			return err
		} else if !before.Public() {
			was.Form.After = ""
		}
	}
	if was.Form.Comment != "" {
		if err := cs.heard(tx, was); err != nil {
			return err
		}
	}
	if was.Form.On.Ref.ID != "" || was.From.mine() {
		return nil
	}
	was.Form.Institution = ""
	if was.Slug == "" {
		return nil
	}
	i, err := institution.BySlug(tx, was.Slug)
	if err != nil && plaza.KindOf(err) != plaza.NotFound {
		return err
	}
	if err != nil || i.Extinct() {
		was.Slug = ""
		return nil
	}
	was.Form.Institution = i.ID
	return nil
}

// typed reads the form, with the files that came and those that are kept already. Files
// that nothing comes of are for the caller to Drop: fresh.
func (cs *Cases) typed(w http.ResponseWriter, r *http.Request) (form *web.Form, was asking, fresh []File, err error) {
	signedIn := plaza.ActorFrom(r.Context()).SignedIn()
	if !signedIn {
		r.Body = http.MaxBytesReader(w, r.Body, maxGuestFiles)
	}
	if form, err = web.ReadForm(r); err != nil {
		return nil, was, nil, err
	}
	v := form.Value
	was = asking{Slug: v("institucion"), Email: v("correo"), Said: v("dicho"), Form: Form{Kind: Kind(v("clase")), Title: v("titulo"), Body: v("texto"), Need: v("para"), Name: v("nombre"),
		Nonce: v("unico"), After: v("despues"), Comment: v("comentario"), Language: cs.shell.Printer(r).Lang(), Channel: channelOf(v("canal")),
		On: On{Ref: askRef(v("objeto")), Column: v("columna"), Row: v("fila"),
			Version: versionOf(v("version")), View: v("vista"), Code: v("problema")},
		Details: Details{Rows: v("filas"), Should: v("debe"), Evidence: v("evidencia"), Format: v("formato"), Frequency: v("frecuencia"), Period: v("periodo"),
			Geography: v("lugar"), Disaggregation: v("desglose"), Link: v("enlace")}}}
	if was.Form.Nonce == "" || len(was.Form.Nonce) > maxNonce {
		was.Form.Nonce = newAskNonce()
	}
	sent := form.Files("archivos")
	if len(sent) > 0 && !signedIn {
		if err := cs.DB.Write(r.Context(), func(tx *db.Tx) error { return cs.Gate.Brake(tx, perUpload, gate.Network(cs.shell.ClientIP(r))) }); err != nil {
			return form, was, nil, err
		}
	}
	fresh, err = cs.Keep(r.Context(), sent)
	if id := v("borrador"); err == nil && id != "" && len(id) < 60 {
		err = cs.DB.Read(r.Context(), func(tx *db.Tx) error { return was.filesOf(tx, id) })
	}
	if err == nil && len(was.Files)+len(fresh) > MaxFiles {
		err = fileWrong("files_many", map[string]any{"max": MaxFiles})
	}
	if err != nil {
		cs.Drop(r.Context(), fresh)
		return form, was, nil, err
	}
	was.Files = append(was.Files, fresh...)
	return form, was, fresh, nil
}

// filesOf are the files that are kept of a draft; a draft that is gone has none.
func (was *asking) filesOf(tx *db.Tx, id string) error {
	p, err := pendingByID(tx, id)
	if err != nil && plaza.KindOf(err) != plaza.NotFound {
		return err
	}
	if err == nil && p.Contact == "" && p.Case == "" {
		was.Draft, was.Files = p.ID, p.Files
	}
	return nil
}

// keepDraft keeps what was written with its files, for after signing in or for a form
// that is drawn again: a browser gives no file twice.
func (cs *Cases) keepDraft(ctx context.Context, was *asking) error {
	return cs.DB.Write(ctx, func(tx *db.Tx) error {
		if err := cs.chosenBody(tx, was); err != nil {
			return err
		}
		p, err := putPending(tx, pending{ID: was.Draft, Form: was.Form.cut(), Files: was.Files})
		was.Draft, was.Files = p.ID, p.Files
		return err
	})
}

// again draws a form that was refused for a reason that its writer can do something
// about, with all that was typed and sent; any other error is returned.
func (cs *Cases) again(w http.ResponseWriter, r *http.Request, was asking, why error) error {
	l := cs.shell.Printer(r)
	status := http.StatusUnprocessableEntity
	if was.Wrong = web.FieldErrors(l, why); was.Wrong == nil {
		e, ok := errors.AsType[*plaza.Error](why)
		if !ok || e.Key == "" || e.Kind != plaza.Conflict && e.Kind != plaza.TooMany && e.Kind != plaza.Invalid {
			return why
		}
		if e.RetryAfter > 0 {
			w.Header().Set("Retry-After", strconv.Itoa(int(e.RetryAfter.Seconds())+1))
		}
		status, was.Notice = web.StatusOf(why), &web.Notice{Tone: web.Warning, Text: l.TMap(e.Key, e.Args), Live: true}
	}
	if len(was.Files) > 0 {
		if err := cs.keepDraft(r.Context(), &was); err != nil {
			return err
		}
	}
	return cs.drawAsk(w, r, status, was)
}

// lookFirst shows what is like the title, for who has no script or wants to see it.
func (cs *Cases) lookFirst(w http.ResponseWriter, r *http.Request) error {
	form, was, _, err := cs.typed(w, r)
	if form == nil {
		return err
	}
	if err != nil {
		return cs.again(w, r, was, err)
	}
	if len(was.Files) > 0 {
		if err := cs.keepDraft(r.Context(), &was); err != nil {
			return err
		}
	}
	was.Look = true
	return cs.drawAsk(w, r, http.StatusOK, was)
}

// signInFirst keeps what was written and leads to signing in, and back.
func (cs *Cases) signInFirst(w http.ResponseWriter, r *http.Request) error {
	form, was, _, err := cs.typed(w, r)
	if form == nil {
		return err
	}
	if err != nil {
		return cs.again(w, r, was, err)
	}
	if err := cs.DB.Write(r.Context(), func(tx *db.Tx) error { return cs.Gate.Brake(tx, perDraft, gate.Network(cs.shell.ClientIP(r))) }); err != nil {
		return cs.again(w, r, was, err)
	}
	if err := cs.keepDraft(r.Context(), &was); err != nil {
		return err
	}
	back := AskPath + "?borrador=" + was.Draft
	if !plaza.ActorFrom(r.Context()).SignedIn() {
		back = "/entrar?volver=" + url.QueryEscape(back)
	}
	http.Redirect(w, r, back, http.StatusSeeOther)
	return nil
}

// toldDate reports whether the form had told the due date of whom it asks now.
func (was asking) toldDate() bool {
	return was.Form.On.Ref.ID != "" || was.From.mine() || was.Said == was.Slug || was.Said == "-" && was.Slug == ""
}

// tell draws the form once more for an institution that was chosen only now: its due date
// is told before anything is sent.
func (cs *Cases) tell(w http.ResponseWriter, r *http.Request, was asking) error {
	was.Notice = &web.Notice{Tone: web.Info, Text: cs.shell.Printer(r).T("cases.ask.promise.first"), Live: true}
	if len(was.Files) > 0 {
		if err := cs.keepDraft(r.Context(), &was); err != nil {
			return err
		}
	}
	return cs.drawAsk(w, r, http.StatusOK, was)
}

// send asks what somebody who is signed in wrote.
func (cs *Cases) send(w http.ResponseWriter, r *http.Request) error {
	form, was, fresh, err := cs.typed(w, r)
	if form == nil {
		return err
	}
	if err == nil && was.Form.Comment != "" {
		err = cs.DB.Read(r.Context(), func(tx *db.Tx) error { return cs.heard(tx, &was) })
	}
	if err == nil {
		err = was.Form.Check()
	}
	if err != nil {
		return cs.again(w, r, was, err)
	}
	if !was.toldDate() {
		return cs.tell(w, r, was)
	}
	var c Case
	stored := false
	err = cs.DB.Write(r.Context(), func(tx *db.Tx) (err error) {
		stored = false
		if err := cs.chosenBody(tx, &was); err != nil {
			return err
		}
		if _, err := cs.About(tx, &was.Form); err != nil {
			return err
		}
		from := From{Network: gate.Network(cs.shell.ClientIP(r))}
		if from.Signals, err = cs.Gate.Judge(tx, form, askPurpose); err != nil {
			return err
		}
		f := was.Form
		f.Stored = func(tx *db.Tx, c Case) error {
			stored = true
			return cs.take(tx, pending{ID: was.Draft, Files: was.Files}, c)
		}
		c, err = cs.Ask(tx, f, By(plaza.ActorFrom(r.Context())), from)
		return err
	})
	if err != nil {
		return cs.again(w, r, was, err)
	}
	if !stored { // the same form, or the same comment, sent before
		cs.Drop(r.Context(), fresh)
	}
	if c.Comment != "" && !c.Asker.Is(By(plaza.ActorFrom(r.Context()))) {
		http.Redirect(w, r, c.Path(), http.StatusSeeOther)
		return nil
	}
	http.Redirect(w, r, askedPath(c), http.StatusSeeOther)
	return nil
}

// take gives a new case the files that came with its form, ends the draft and has the
// acknowledgement written.
func (cs *Cases) take(tx *db.Tx, p pending, c Case) error {
	if err := attach(tx, c.ID, FileOfCase, c.ID, c.Asker.Person, p.Files); err != nil {
		return err
	}
	if err := becomes(tx, p, c); err != nil {
		return err
	}
	_, _, err := job.Enqueue(tx, Letters{}, job.Options{Unique: Letters{}.Kind()})
	return err
}

// askedPath is where one is led who has asked with an account.
func askedPath(c Case) string {
	if c.Standing == moderation.Held {
		return MinePath + "?hecho=espera"
	}
	return c.Path() + "?hecho=enviada"
}
