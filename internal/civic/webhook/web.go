package webhook

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"plaza/internal/base/db"
	"plaza/internal/base/i18n"
	"plaza/internal/base/web"
	"plaza/internal/civic/access"
	"plaza/internal/civic/institution"
	"plaza/internal/plaza"
)

// shown is how many messages of a hook its page shows.
const shown = 50

// Mount registers the pages.
func (hs *Hooks) Mount(shell *web.Shell, office *institution.Office) error {
	hs.shell, hs.office = shell, office
	if err := shell.Templates("webhook", templates, web.Pages{"list": listPage{}, "one": onePage{}}); err != nil {
		return fmt.Errorf("the templates of connections: %w", err)
	}
	route := func(name string) web.Route {
		return web.Route{Name: "webhook." + name, Action: string(access.HookEdit), Cache: web.Private, MaxBody: 16 << 10}
	}
	office.Add(institution.Tab{Key: "webhook.title", Path: "/conexiones", Action: access.HookEdit, Rank: 9})
	const base = "/gestion/{institution}/conexiones"
	shell.Handle("GET "+base, route("list"), hs.list)
	shell.Handle("POST "+base, route("add"), hs.add)
	shell.Handle("GET "+base+"/{hook}", route("one"), hs.show)
	shell.Handle("POST "+base+"/{hook}", route("change"), hs.change)
	return nil
}

// listPage is an institution's hooks, with the form for another.
type listPage struct {
	institution.OfficePage
	Action string
	Hooks  []hookLine
	URL    web.Field
	Events []eventBox
	Wrong  string // at the events
}

type eventBox struct {
	Value, Label string
	Checked      bool
}

type hookLine struct {
	URL, Path, Events string
	State             web.Badge
}

// Errors is what is wrong with the form.
func (p listPage) Errors() web.ErrorSummary {
	return web.ErrorSummary{L: p.L, Fields: []web.Field{p.URL, {Name: "eventos", Label: p.L.T("webhook.field.eventos"), Error: p.Wrong}}}
}

func (hs *Hooks) list(w http.ResponseWriter, r *http.Request) error {
	return hs.drawList(w, r, http.StatusOK, Form{Events: Families[:1]}, nil)
}

func (hs *Hooks) drawList(w http.ResponseWriter, r *http.Request, status int, f Form, wrong map[string]string) error {
	page := &listPage{}
	if err := hs.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
		if page.OfficePage, err = hs.office.Page(tx, r, access.HookEdit, hs.shell.Printer(r).T("webhook.title")); err != nil {
			return err
		}
		page.Action = institution.OfficePath + page.Institution.Slug + "/conexiones"
		all, err := Of(tx, page.Institution.ID)
		for _, h := range all {
			page.Hooks = append(page.Hooks, hookLine{h.URL, page.Action + "/" + h.ID, eventWords(page.L, h), stateWords(page.L, h)})
		}
		return err
	}); err != nil {
		return err
	}
	l := page.L
	page.URL = web.Field{L: l, Name: "url", Type: "url", Label: l.T("webhook.field.url"), Hint: l.T("webhook.field.url.hint"), Value: f.URL, MaxLength: maxURL, Error: wrong["url"]}
	page.Wrong = wrong["eventos"]
	for _, e := range Families {
		page.Events = append(page.Events, eventBox{e, l.T("webhook.event." + e), slices.Contains(f.Events, e)})
	}
	return hs.shell.Render(w, r, status, "webhook/list", page)
}

func eventWords(l *i18n.Printer, h Hook) (out string) {
	for i, e := range h.Events {
		if i > 0 {
			out += " · "
		}
		out += l.T("webhook.event." + e)
	}
	return out
}

func stateWords(l *i18n.Printer, h Hook) web.Badge {
	b := web.Badge{Tone: web.Good, Text: l.T("webhook.state." + string(h.State))}
	switch {
	case h.State == Failing:
		b.Tone = web.Bad
	case h.State == Paused:
		b.Tone = web.Warning
	case !h.FailingAt.IsZero():
		b = web.Badge{Tone: web.Warning, Text: l.T("webhook.state.late", "date", l.DateTime(h.FailingAt))}
	}
	return b
}

// body is the id of the institution in the request's path.
func body(tx *db.Tx, r *http.Request) (institution.Institution, error) {
	return institution.BySlug(tx, r.PathValue("institution"))
}

// add makes a hook; its secret is shown on the page that answers, and never again.
func (hs *Hooks) add(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	f := Form{URL: form.Value("url"), Events: form.Values("eventos")}
	var h Hook
	var plain string
	err = hs.DB.Write(r.Context(), func(tx *db.Tx) error {
		i, err := body(tx, r)
		if err != nil {
			return err
		}
		h, plain, err = hs.Add(tx, i.ID, f)
		return err
	})
	if wrong := web.FieldErrors(hs.shell.Printer(r), err); wrong != nil {
		return hs.drawList(w, r, http.StatusUnprocessableEntity, f, wrong)
	}
	if err != nil {
		return err
	}
	return hs.drawOne(w, r, h.ID, plain)
}

// onePage is a hook with what was sent to it.
type onePage struct {
	institution.OfficePage
	Action     string
	URL        string
	Events     string
	State      web.Badge
	Active     bool
	Secret     *web.Copy // once, when it was made
	Done       *web.Notice
	Deliveries []deliveryLine
}

type deliveryLine struct {
	ID, Verb, When, ISO string
	State               web.Badge
	Note                string
	Body                string
}

// show is a hook's page.
func (hs *Hooks) show(w http.ResponseWriter, r *http.Request) error {
	return hs.drawOne(w, r, r.PathValue("hook"), "")
}

func (hs *Hooks) drawOne(w http.ResponseWriter, r *http.Request, id, plain string) error {
	page := &onePage{}
	if err := hs.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
		if page.OfficePage, err = hs.office.Page(tx, r, access.HookEdit, hs.shell.Printer(r).T("webhook.one")); err != nil {
			return err
		}
		h, err := hookByID(tx, id)
		if err == nil && h.Institution != page.Institution.ID {
			err = plaza.E(plaza.NotFound, "webhook.error.not_found")
		}
		if err != nil {
			return err
		}
		l, base := page.L, institution.OfficePath+page.Institution.Slug+"/conexiones"
		page.Crumbs = append(page.Crumbs, web.Crumb{Title: l.T("webhook.title"), Path: base})
		page.Action, page.URL, page.Events, page.State, page.Active = base+"/"+h.ID, h.URL, eventWords(l, h), stateWords(l, h), h.State == Active
		sent, err := Deliveries(tx, h.ID, shown)
		for _, d := range sent {
			page.Deliveries = append(page.Deliveries, hs.deliveryWords(l, h, d))
		}
		return err
	}); err != nil {
		return err
	}
	l := page.L
	if plain != "" {
		page.Secret = &web.Copy{L: l, ID: "secreto", Text: plain}
	}
	if done := r.URL.Query().Get("hecho"); slices.Contains(deeds, done) {
		page.Done = &web.Notice{Tone: web.Good, Text: l.T("webhook.done." + done), Live: true}
	}
	return hs.shell.Render(w, r, http.StatusOK, "webhook/one", page)
}

func (hs *Hooks) deliveryWords(l *i18n.Printer, h Hook, d Delivery) deliveryLine {
	o := deliveryLine{ID: d.ID, Verb: d.Verb, When: l.DateTime(d.Created), ISO: l.ISO(d.Created), Body: d.Body,
		State: web.Badge{Tone: web.Warning, Text: l.T("webhook.delivery." + d.State)}}
	switch d.State {
	case Arrived:
		o.State.Tone = web.Good
	case Failed:
		o.State.Tone = web.Bad
	}
	host := ""
	if u, err := url.Parse(h.URL); err == nil {
		host = u.Host
	}
	if key := "fetch.error." + d.Error; d.Error != "" && l.Has(key) {
		o.Note = l.T(key, "host", host, "status", d.Status)
	}
	if d.State == Waiting && d.Attempts > 0 && !d.Next.IsZero() {
		o.Note += " " + l.T("webhook.delivery.next", "when", l.DateTime(d.Next))
	}
	return o
}

// deeds are what can be done to a hook with the buttons of its page.
var deeds = []string{"probar", "pausar", "reanudar", "quitar", "renovar", "repetir"}

// change does what a button says.
func (hs *Hooks) change(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	id, do, plain, slug := r.PathValue("hook"), form.Value("hacer"), "", ""
	if err := hs.DB.Write(r.Context(), func(tx *db.Tx) error {
		i, err := body(tx, r)
		if err != nil {
			return err
		}
		if _, err := own(tx, i.ID, id); err != nil {
			return err
		}
		slug = i.Slug
		switch do {
		case "probar":
			return hs.Test(tx, i.ID, id)
		case "pausar":
			return hs.Set(tx, i.ID, id, Paused)
		case "reanudar":
			return hs.Set(tx, i.ID, id, Active)
		case "quitar":
			return hs.Drop(tx, i.ID, id)
		case "renovar":
			plain, err = hs.Renew(tx, i.ID, id)
			return err
		case "repetir":
			return hs.Replay(tx, i.ID, id, form.Value("envio"))
		}
		return plaza.E(plaza.Invalid, "webhook.error.deed")
	}); err != nil {
		return err
	}
	if plain != "" {
		return hs.drawOne(w, r, id, plain)
	}
	to := institution.OfficePath + slug + "/conexiones"
	if do != "quitar" {
		to += "/" + id + "?hecho=" + do
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}
