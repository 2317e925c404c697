package site_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"plaza/internal/base/db"
	"plaza/internal/civic/account"
	"plaza/internal/civic/comment"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
	"plaza/internal/site/demo"
)

// unrecorded are the routes of the central unit that leave no entry of the record, each
// with its reason.
var unrecorded = map[string]string{
	"POST /moderacion/avisar":                              "anybody reports, anonymously too: what is decided about it is recorded",
	"POST /moderacion/caso/{case}/tomar":                   "says for some minutes who is looking: nothing changes",
	"POST /moderacion/caso/{case}/soltar":                  "says that nobody is looking any more: nothing changes",
	"POST /moderacion/reglas/probar":                       "tries rules on a text: nothing changes",
	"POST /admin/consultas/{folio}/notas":                  "a private note: nobody else may know of it",
	"POST /admin/consultas/{folio}/borrador":               "a private draft: what is published of it is recorded",
	"POST /admin/consultas/{folio}/borradores/{draft}":     "a private draft: what is published of it is recorded",
	"POST /admin/consultas/{folio}/firmar/{draft}":         "a private draft: its signature is published with the answer",
	"POST /admin/consultas/{folio}/turnar":                 "the coordination has no areas",
	"POST /admin/consultas/{folio}/tomar":                  "nobody asks the coordination to take a case over",
	"POST /admin/consultas/{folio}/devolver":               "nobody asks the coordination to take a case over",
	"POST /admin/consultas/{folio}/turnos/{turn}/reenviar": "mails a link again: nothing changes",
	"POST /admin/consultas/{folio}/turnos/{turn}/revocar":  "ends a link: what was written by it stays private",
	"POST /admin/consultas":                                "leads to the form of one answer: the coordination has no areas to turn to",
	"POST /admin/consultas/filtros":                        "keeps a view of one person",
	"POST /admin/consultas/plantillas":                     "keeps texts that nobody sees until they are published",
	"POST /admin/consultas/importar":                       "reads a file: nothing is public until it is imported",
	"POST /admin/consultas/importar/hoja/{import}":         "begins a job, which records what it imports",
}

// deed is something that the central unit does with a route, and the verb that tells of
// it in the record.
type deed struct {
	pattern, verb string
	page          string // whose form is sent; "" sends form as it is
	form          url.Values
	before        func() // makes what it is done to ready
}

// central does deeds as an admin.
type central struct {
	*routed
	th   *things
	ada  *visitor
	t    *testing.T
	done map[string]bool
}

// exec changes the store directly, for states that take long to come about.
func (c *central) exec(query string, args ...any) {
	c.t.Helper()
	c.write(c.t, func(tx *db.Tx) error { _, err := tx.Exec(query, args...); return err })
}

// does does a deed and looks for its entry.
func (c *central) does(d deed) answer {
	c.t.Helper()
	if d.before != nil {
		d.before()
	}
	_, path, _ := strings.Cut(d.pattern, " ")
	path = c.th.fill(path)
	var was int64
	c.read(c.t, func(tx *db.Tx) (err error) { was, err = record.Position(tx); return err })
	var a answer
	if d.page != "" {
		a = c.ada.fill(c.th.fill(d.page), path, d.form)
	} else {
		a = c.ada.post(path, d.form)
	}
	if a.status != http.StatusSeeOther && a.status != http.StatusOK {
		c.t.Errorf("%s = %d %s", d.pattern, a.status, strings.Join(strings.Fields(a.doc(c.t).Find("main .Field-error, main h1, main p").Text()), " "))
	}
	c.done[d.pattern] = true
	var verbs []string
	c.read(c.t, func(tx *db.Tx) error {
		entries, err := record.Since(tx, record.Filter{After: was}, 200)
		for _, e := range entries {
			if e.Verb == d.verb && e.Actor.Role == string(plaza.Admin) {
				return err
			}
			verbs = append(verbs, e.Verb)
		}
		c.t.Errorf("%s leaves %v in the record, want %s by an admin", d.pattern, verbs, d.verb)
		return err
	})
	return a
}

// TestEveryActOfTheCentralUnitLeavesItsEntry does once what each route of the central
// unit does; a new one has to be named here.
func TestEveryActOfTheCentralUnitLeavesItsEntry(t *testing.T) {
	r := serve(t)
	c := &central{routed: r, th: r.things(t), t: t, done: map[string]bool{}}
	c.ada = r.of(t, r.person(t, "Auditada", plaza.Grant{Role: plaza.Admin}))
	for _, part := range []func(){c.people, c.machines, c.catalogues, c.moderates, c.institutions, c.desk, c.inbox, c.tables} {
		part()
	}
	for _, route := range r.shell.Routes() {
		method, path, _ := strings.Cut(route.Pattern, " ")
		if method == http.MethodPost && (strings.HasPrefix(path, "/admin") || strings.HasPrefix(path, "/moderacion")) &&
			!c.done[route.Pattern] && unrecorded[route.Pattern] == "" {
			t.Errorf("nobody looked whether %s leaves an entry", route.Pattern)
		}
	}
}

// tables looks after a resource that is no institution's.
func (c *central) tables() {
	c.exec(`UPDATE datasets SET institution_id = '' WHERE id = $1`, c.th.known["id"])
	one := "/admin/recursos/{resource}"
	c.does(deed{pattern: "POST " + one + "/columnas", verb: "resource.corrected", page: one + "/columnas", form: url.Values{"encabezado": {"1"}, "motivo": {"Los nombres están en la primera línea."}}})
	c.does(deed{pattern: "POST " + one, verb: "resource.withheld", page: one, form: url.Values{"columna": {""}, "hacer": {"retener"}, "motivo": {"Se revisa."}}})
}

func (c *central) people() {
	one := "/admin/personas/{person}"
	role := url.Values{"role": {"moderator"}}
	for _, d := range []deed{
		{pattern: "POST " + one + "/papeles", verb: "account.role_granted", page: one, form: role},
		{pattern: "POST " + one + "/papeles/terminar", verb: "account.role_ended", page: one, form: role},
		{pattern: "POST " + one + "/sesiones", verb: "account.sessions_ended", page: one},
		{pattern: "POST " + one + "/suspender", verb: "account.suspended", page: one, form: url.Values{"reason": {"una razón"}}},
		{pattern: "POST " + one + "/levantar", verb: "account.suspension_lifted", page: one},
		{pattern: "POST " + one + "/segundo-factor", verb: "account.factor_dropped", page: one, before: func() {
			c.exec(`INSERT INTO credentials (id, person_id, kind, created_at, confirmed_at)
				SELECT 'factor', id, 'totp', created_at, created_at FROM people WHERE id = $1`, c.th.ana.ID)
		}},
	} {
		c.does(d)
	}
}

func (c *central) inbox() {
	c.th.known["import"] = "archivo"
	c.exec(`INSERT INTO case_imports (id, institution, person_id, name, heads, state, total, waiting, created_at) VALUES ('archivo', '', '', 'a.csv', $1, 'read', 1, 1, $2)`,
		`["fecha","canal","asunto","texto"]`, c.site.DB.Now())
	c.exec(`INSERT INTO case_import_rows (import_id, n, state, content) VALUES ('archivo', 2, 'waiting', $1)`, `{"cells":["2026-01-05","correo","Algo","Algo"]}`)
	c.ada.post("/admin/consultas/importar/hoja/archivo", url.Values{})
	if _, err := c.site.Runner.Drain(c.t.Context()); err != nil {
		c.t.Fatal(err)
	}
	one := c.value(c.t, `SELECT id FROM cases WHERE channel = 'email' AND institution = ''`)
	c.does(deed{pattern: "POST /admin/consultas/responder", verb: "case.answered", form: url.Values{"caso": {one + "@1"}, "resultado": {"explained"}, "texto": {"Es así."}}})
}

func (c *central) machines() {
	day := url.Values{"date": {"2027-01-04"}, "reason": {"Puente"}}
	provider := url.Values{"name": {"Llave"}, "issuer": {"https://llave.ejemplo.mx"}, "client_id": {"plaza"}, "client_secret": {"muy-secreto-1"}, "scopes": {"email"}}
	changed := url.Values{"name": {"Llave Dos"}, "issuer": {"https://llave.ejemplo.mx"}, "client_id": {"plaza"}, "scopes": {"email"}}
	c.th.known["provider"] = "llave"
	c.does(deed{pattern: "POST /admin/datos-personales/{report}", verb: "disclosure.concluded", page: "/admin/datos-personales/{report}",
		form: url.Values{"hacer": {"atender"}, "conclusion": {"none"}, "respuesta": {"No son personales."}}})
	for _, d := range []deed{
		{pattern: "POST /admin/trabajos/{job}/cancelar", verb: "job.cancelled", before: func() {
			c.exec(`UPDATE jobs SET state = 'available', finished_at = NULL, unique_key = '' WHERE id = $1`, c.th.known["job"])
		}},
		{pattern: "POST /admin/trabajos/{job}/reintentar", verb: "job.retried"},
		{pattern: "POST /admin/correos/{mail}/detener", verb: "mail.stopped"},
		{pattern: "POST /admin/correos/{mail}/reintentar", verb: "mail.retried"},
		{pattern: "POST /admin/correos/{mail}", verb: "mail.read"},
		{pattern: "POST /admin/correos/direcciones", verb: "mail.address_revived", form: url.Values{"address": {"rebota@ejemplo.mx"}}, before: func() {
			c.exec(`INSERT INTO mail_addresses (address, state, reason, since) SELECT 'rebota@ejemplo.mx', 'bounced', '', created_at FROM people WHERE id = $1`, c.th.ana.ID)
		}},
		{pattern: "POST /admin/calendarios", verb: "calendar.changed", page: "/admin/calendarios", form: day},
		{pattern: "POST /admin/plazos", verb: "terms.changed", page: "/admin/plazos", form: url.Values{"pregunta": {"9"}}},
		{pattern: "POST /admin/configuracion", verb: "settings.changed", page: "/admin/configuracion", form: url.Values{"owner": {"Una oficina"}}},
		{pattern: "POST /admin/identidad", verb: "account.provider_saved", form: provider},
		{pattern: "POST /admin/identidad/{provider}", verb: "account.provider_saved", page: "/admin/identidad/{provider}", form: changed},
		{pattern: "POST /admin/comentarios", verb: "comment.attended", form: url.Values{"comentario": {c.th.public.ID}}, before: func() {
			c.exec(`UPDATE comments SET institution = '', attention = 'open' WHERE id = $1`, c.th.public.ID)
		}},
		{pattern: "POST /admin/identidad/segundo-factor", verb: "account.factor_required", page: "/admin/identidad", form: url.Values{"required": {"1"}}},
	} {
		c.does(d)
	}
	c.exec(`UPDATE settings SET value = 'nobody' WHERE name = 'second_factor'`) // she has none
}

func (c *central) catalogues() {
	other := demo.InstitutionID("LERMA")
	source := url.Values{"kind": {"ckan"}, "url": {"https://datos.ejemplo.mx"}, "title": {"Otro catálogo"}, "every": {"24"}}
	one := "/admin/catalogos/{source}"
	c.does(deed{pattern: "POST /admin/catalogos", verb: "source.added", form: source})
	c.exec(`UPDATE sources SET file = '', state = 'active', url = 'https://uno.ejemplo.mx', kind = 'ckan', every_hours = 24 WHERE id = $1`, c.th.known["source"])
	asked := c.does(deed{pattern: "POST " + one + "/leer", verb: "source.asked"})
	run := asked.location[strings.LastIndex(asked.location, "/")+1:]
	for _, d := range []deed{
		{pattern: "POST " + one + "/cancelar", verb: "source.stopped", form: url.Values{"run": {run}}},
		{pattern: "POST " + one + "/pausar", verb: "source.paused"},
		{pattern: "POST " + one + "/reanudar", verb: "source.resumed"},
		{pattern: "POST " + one + "/editar", verb: "source.changed", page: one + "/editar", form: url.Values{"title": {"Otro título"}}},
		{pattern: "POST " + one + "/aceptar", verb: "source.accepted", before: func() {
			c.exec(`UPDATE sources SET state = 'quarantined' WHERE id = $1`, c.th.known["source"])
			c.exec(`UPDATE runs SET state = 'quarantined' WHERE source_id = $1`, c.th.known["source"])
		}},
		{pattern: "POST " + one + "/retirar", verb: "source.retired"},
		{pattern: "POST " + one + "/recuperar", verb: "source.returned"},
		{pattern: "POST /admin/publicadores", verb: "publisher_rule.added", form: url.Values{"publicador": {" otro editor"}, "institution": {other}}},
		{pattern: "POST /admin/publicadores/{rule}", verb: "publisher_rule.changed", page: "/admin/publicadores/{rule}", form: url.Values{"institution": {other}}},
		{pattern: "POST /admin/publicadores/{rule}/quitar", verb: "publisher_rule.removed"},
	} {
		c.does(d)
	}
}

func (c *central) moderates() {
	c.t.Helper()
	beto := c.person(c.t, "Beto Autor")
	on := c.datasetAt(c.t, c.th.body.ID)
	said := func(text string) comment.Comment { return c.says(c.t, beto, on, text) }
	first, refused := said("Una cosa."), said("Otra cosa.")
	why := url.Values{"reason": {"spam"}, "note": {"Una nota."}}
	decide := func(on comment.Comment, act, verb string, form url.Values) {
		c.t.Helper()
		c.th.known["case"] = c.caseOf(c.t, on)
		one := "/moderacion/caso/{case}"
		c.does(deed{pattern: "POST " + one + "/" + act, verb: "moderation." + verb, page: one, form: form})
	}
	decide(first, "dejar-pasar", "released", nil)
	decide(refused, "rechazar", "refused", why)
	c.exec(`UPDATE moderation_cases SET closed_at = NULL, held = FALSE WHERE object_id = $1`, first.ID)
	decide(first, "conservar", "kept", nil)
	decide(first, "cerrar", "locked", why)
	decide(first, "abrir", "unlocked", nil)
	decide(first, "ocultar", "hidden", why)
	c.th.known["decision"] = c.value(c.t, `SELECT id FROM moderation_decisions WHERE case_id = $1 AND act = 'hide'`, c.caseOf(c.t, first))
	decision := "/moderacion/decisiones/{decision}"
	c.by(c.t, beto.Actor(), func(tx *db.Tx) error {
		return c.site.Moderation.Appeal(tx, c.th.known["decision"], "No estoy de acuerdo.")
	})
	mine := c.ada
	c.ada = c.of(c.t, c.person(c.t, "Otra Admin", plaza.Grant{Role: plaza.Admin})) // somebody else than who decided
	c.does(deed{pattern: "POST " + decision + "/resolver", verb: "moderation.upheld", page: decision, form: url.Values{"outcome": {"upheld"}, "note": {"Se queda así."}}})
	c.ada = mine
	decide(first, "restaurar", "restored", nil)
	asked := said("Lo mismo, dicho antes.")
	decide(asked, "dejar-pasar", "released", nil)
	decide(first, "unir", "merged", url.Values{"reason_merge": {"duplicate"}, "among_merge": {asked.ID}})
	decide(first, "separar", "split", nil)
	decide(refused, "advertir", "warned", why)
	decide(refused, "suspender", "suspended", url.Values{"reason_suspend": {"spam"}, "note_suspend": {"Una nota."}, "days_suspend": {"7"}})
	c.does(deed{pattern: "POST /moderacion/reglas", verb: "moderation.rule_added", page: "/moderacion/reglas",
		form: url.Values{"kind": {"word"}, "pattern": {"xocoyote"}, "reason": {"Una razón"}}})
	c.th.known["rule"] = c.value(c.t, `SELECT id FROM moderation_rules WHERE pattern = 'xocoyote'`)
	c.does(deed{pattern: "POST /moderacion/reglas/{rule}/quitar", verb: "moderation.rule_dropped"})
	c.appeals()
}

// appeals has an admin appeal against what was decided about a post of theirs.
func (c *central) appeals() {
	c.t.Helper()
	var ada account.Person
	c.read(c.t, func(tx *db.Tx) (err error) {
		ada, err = account.ByID(tx, c.value(c.t, `SELECT id FROM people WHERE name = 'Auditada'`))
		return err
	})
	c.exec(`UPDATE moderation_decisions SET author_id = $1 WHERE id = (SELECT MAX(id) FROM moderation_decisions WHERE act = 'refuse')`, ada.ID)
	c.th.known["decision"] = c.value(c.t, `SELECT MAX(id) FROM moderation_decisions WHERE act = 'refuse'`)
	page := "/moderacion/decisiones/{decision}"
	c.does(deed{pattern: "POST " + page + "/apelar", verb: "moderation.appealed", page: page, form: url.Values{"text": {"No estoy de acuerdo."}}})
}

func (c *central) institutions() {
	fresh := url.Values{"name": {"Instituto de Pruebas"}, "slug": {"pruebas"}, "type": {"federal"}, "zone": {"America/Mexico_City"}}
	c.does(deed{pattern: "POST /admin/instituciones", verb: "institution.added", form: fresh})
	c.th.known["institution"] = "pruebas"
	one := "/admin/instituciones/{institution}"
	c.does(deed{pattern: "POST " + one + "/editar", verb: "institution.changed", page: one + "/editar", form: url.Values{"acronym": {"IP"}}})
	basis := func(prefix string, more url.Values) url.Values {
		more[prefix+"date"], more[prefix+"legal"] = []string{"2026-11-20"}, []string{"Decreto"}
		return more
	}
	c.does(deed{pattern: "POST " + one + "/sucesion/nombre", verb: "institution.renamed", page: one + "/sucesion", form: basis("n-", url.Values{"n-name": {"Instituto de Otras Pruebas"}})})
	c.does(deed{pattern: "POST " + one + "/sucesion/fin", verb: "institution.abolished", page: one + "/sucesion",
		form: basis("f-", url.Values{"f-kind": {"abolished"}, "confirmar": {"1"}})})
}
