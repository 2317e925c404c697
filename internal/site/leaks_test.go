package site_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/civic/account"
	"plaza/internal/civic/disclosure"
	"plaza/internal/civic/follow"
	"plaza/internal/civic/moderation"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
	"plaza/internal/section/cases"
	"plaza/internal/section/cases/turn"
	"plaza/internal/site/demo"
)

// The words that were said to somebody and are for nobody else. Each is one that nothing
// else says.
const (
	ofNote    = "zanjanota"     // a note of an institution to itself
	ofDraft   = "zanjaborrador" // an answer that is not published
	ofTurn    = "zanjaturno"    // what the liaison tells the area
	ofArea    = "zanjarosa"     // who that is, with an address
	ofNeed    = "zanjapara"     // what it is needed for
	ofSupport = "zanjaapoyo"    // why somebody needs the same
	ofContact = "zanjacorreo"   // the address of who asked without an account
	ofAccount = "zanjacuenta"   // the account of who asked under another name
	ofPrivate = "zanjadato"     // where personal data lie open
	ofHeld    = "zanjaretenida" // a case that waits for a moderator
	ofStep    = "zanjapaso"     // an answer of an asker that waits for one
)

// secrets are all of them.
var secrets = []string{ofNote, ofDraft, ofTurn, ofArea, ofNeed, ofSupport, ofContact, ofAccount, ofPrivate, ofHeld, ofStep}

// holding keeps everything for moderators.
type holding struct{ *moderation.Desk }

func (h holding) Screen(*db.Tx, moderation.Draft) (moderation.Verdict, error) {
	return moderation.Verdict{Hold: true}, nil
}

// planted is a site in which all secrets are.
type planted struct {
	*post
	t                    *testing.T
	th                   *things
	folios               []string
	zoe, eva, otto, beto account.Person
}

// plant says everything to whom it is for.
func plant(t *testing.T) *planted {
	t.Helper()
	r := serve(t)
	p := &planted{post: &post{routed: r}, t: t, th: r.things(t)}
	here := p.th.body.ID
	p.zoe, p.beto = r.person(t, "Zanjacuenta Real"), r.person(t, "Beto Apoya")
	p.eva = r.person(t, "Eva Enlaza", plaza.Grant{Role: plaza.Liaison, Institution: here})
	p.otto = r.person(t, "Otto Ajeno", plaza.Grant{Role: plaza.Liaison, Institution: demo.InstitutionID("LERMA")})
	r.by(t, p.beto.Actor(), func(tx *db.Tx) error {
		_, err := follow.Put(tx, p.th.body.Ref(), follow.Choice{Often: follow.Now, InApp: true, ByMail: true})
		return err
	})
	r.site.DB.Clock().Advance(time.Hour)
	r.site.Cases.Screen = nil
	asked := p.asks("Lo que se pregunta", ofNeed)
	p.talks(asked)
	answered := p.asks("Lo que se respondió", ofNeed)
	p.act(p.eva, func(tx *db.Tx) (cases.Case, []record.Act, error) {
		return r.site.Cases.Publish(tx, answered.ID, cases.AnswerForm{Outcome: cases.Explained, Body: "Es la clave."}, cases.Signature{})
	})
	v := p.newcomer(t)
	v.fill(cases.AskPath+"?clase=question&institucion="+p.th.body.Slug, cases.AskPath+"/correo",
		url.Values{"titulo": {"Sin cuenta"}, "texto": {"No lo entiendo."}, "para": {ofNeed}, "correo": {ofContact + "@ejemplo.mx"}, "institucion": {p.th.body.Slug}})
	p.delivers(t)
	v.confirms(p.posted(t, ofContact+"@ejemplo.mx", "/consultas/mia/confirmar/"))
	r.site.Cases.Screen = holding{r.site.Moderation}
	held := p.asks(ofHeld, ofNeed)
	p.act(p.zoe, func(tx *db.Tx) (cases.Case, []record.Act, error) {
		return r.site.Cases.Reply(tx, asked.ID, ofStep, cases.By(p.zoe.Actor()), cases.From{})
	})
	p.by(t, p.zoe.Actor(), func(tx *db.Tx) error {
		_, err := r.site.Disclosures.Tell(tx, disclosure.Form{Object: p.th.public.On, Category: "other", Place: ofPrivate, Note: ofPrivate})
		return err
	})
	p.folios = []string{asked.Folio, answered.Folio, held.Folio, p.value(t, `SELECT folio FROM cases WHERE title = 'Sin cuenta'`)}
	p.delivers(t)
	if err := r.site.Search.Sync(t.Context(), r.site.DB); err != nil {
		t.Fatal(err)
	}
	if err := r.watch.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	return p
}

// asks has Zoe ask under a name of her own.
func (p *planted) asks(title, need string) (c cases.Case) {
	p.t.Helper()
	p.by(p.t, p.zoe.Actor(), func(tx *db.Tx) (err error) {
		f := cases.Form{Kind: cases.Question, Title: title, Body: "Texto de " + title, Need: need, Name: "Seudónima", Language: "es", Nonce: title,
			On: cases.On{Ref: p.th.public.On}}
		if _, err = p.site.Cases.About(tx, &f); err == nil {
			c, err = p.site.Cases.Ask(tx, f, cases.By(p.zoe.Actor()), cases.From{})
		}
		return err
	})
	return c
}

// act does something to a case, with its entry in the record.
func (p *planted) act(by account.Person, do func(tx *db.Tx) (cases.Case, []record.Act, error)) {
	p.t.Helper()
	p.by(p.t, by.Actor(), func(tx *db.Tx) error {
		_, acts, err := do(tx)
		if err != nil {
			return err
		}
		return record.Append(tx, acts...)
	})
}

// talks is what is said of a case to some only.
func (p *planted) talks(c cases.Case) {
	p.t.Helper()
	s := p.site
	p.act(p.beto, func(tx *db.Tx) (cases.Case, []record.Act, error) { return s.Cases.Support(tx, c.ID, ofSupport) })
	p.act(p.eva, func(tx *db.Tx) (cases.Case, []record.Act, error) {
		_, acts, err := s.Turns.ByMail(tx, c.ID, turn.Form{Name: "Zanjarosa", Email: ofArea + "@salud.example", Note: ofTurn})
		return c, acts, err
	})
	p.work(p.t)
	link := p.posted(p.t, ofArea+"@salud.example", "/turno/")
	p.newcomer(p.t).sees(link, link, url.Values{"texto": {ofDraft}, "nota": {ofNote}, "hacer": {"enviar"}})
	p.by(p.t, p.eva.Actor(), func(tx *db.Tx) error {
		if _, err := s.Cases.AddNote(tx, c.ID, c.Institution, ofNote); err != nil {
			return err
		}
		_, err := s.Cases.SaveDraft(tx, c.ID, cases.AnswerForm{Outcome: cases.Explained, Body: ofDraft, Summary: ofDraft}, 0)
		return err
	})
	p.act(p.eva, func(tx *db.Tx) (cases.Case, []record.Act, error) { return s.Cases.AskInfo(tx, c.ID, "¿De qué año?") })
}

// tells asks every page, feed, calendar, table and interface that there is, and reports
// which of the words somebody reads there. It returns how many of them answered.
func (p *planted) tells(v *visitor, name string, words []string) (read int) {
	p.t.Helper()
	seen := map[string]bool{}
	look := func(path string) {
		if seen[path] {
			return
		}
		seen[path] = true
		a := v.get(path)
		if a.status == http.StatusOK {
			read++
		}
		said := strings.ToLower(a.body + " " + a.location)
		for _, w := range words {
			if strings.Contains(said, w) {
				at := strings.Index(said, w)
				p.t.Errorf("GET %s as %s tells %s: …%s…", path, name, w, strings.Join(strings.Fields(said[max(0, at-160):min(len(said), at+60)]), " "))
			}
		}
	}
	lerma := p.value(p.t, `SELECT slug FROM institutions WHERE id = $1`, demo.InstitutionID("LERMA"))
	for _, route := range p.shell.Routes() {
		method, path, _ := strings.Cut(route.Pattern, " ")
		if method != http.MethodGet || skipped(method, path) {
			continue
		}
		for _, folio := range p.folios {
			p.th.known["folio"], p.th.known["version"], p.th.known["file"] = folio, "1", p.th.body.Slug+".ics"
			look(p.th.fill(path))
			if rest, ok := strings.CutPrefix(path, "/gestion/{institution}"); ok {
				look("/gestion/" + lerma + p.th.fill(rest))
			}
		}
	}
	at := url.QueryEscape(p.th.public.On.String())
	for _, path := range []string{"/buscar?q=Seud%C3%B3nima", "/buscar?q=pregunta", "/consultas?q=pregunta", "/consultas?orden=apoyos", "/consultas?objeto=" + at,
		"/consultas.csv?institucion=" + p.th.body.Slug, "/consultas.atom?institucion=" + p.th.body.Slug, "/bitacora?objeto=case", "/bitacora.jsonl?limite=1000",
		"/consultas/nueva/parecidas?titulo=pregunta&objeto=" + at, "/api/v1/comments?on=" + at, "/api/3/action/package_search?rows=100"} {
		look(path)
	}
	return read
}

// TestWhatIsSaidInPrivateIsReadByNobodyElse plants a word in everything that is said to
// some only and looks for it everywhere else.
func TestWhatIsSaidInPrivateIsReadByNobodyElse(t *testing.T) {
	p := plant(t)
	for name, v := range map[string]*visitor{"nobody": p.newcomer(t), "the liaison of another": p.of(t, p.otto), "a member": p.of(t, p.person(t, "Miriam Lee"))} {
		if n := p.tells(v, name, secrets); n < 60 {
			t.Errorf("only %d pages as %s", n, name)
		}
	}
	p.tells(p.of(t, p.eva), "the liaison", []string{ofContact, ofAccount, ofHeld, ofStep})
	text := strings.ToLower(p.exported(t))
	for _, w := range secrets {
		if strings.Contains(text, w) {
			t.Errorf("the record tells %s", w)
		}
	}
	p.mailed()
}

// mailed looks for the words in the mails to whom they are not for.
func (p *planted) mailed() {
	p.t.Helper()
	area := ofArea + "@salud.example"
	mayRead := map[string][]string{
		ofTurn: {area}, ofArea: {area, p.eva.Email}, ofNeed: {p.eva.Email, p.zoe.Email, ofContact + "@ejemplo.mx"}, ofDraft: {area, p.eva.Email}, ofNote: {p.eva.Email},
		ofContact: {ofContact + "@ejemplo.mx"}, ofAccount: {p.zoe.Email}, ofHeld: {p.zoe.Email}, ofStep: {p.zoe.Email}, ofSupport: {p.eva.Email}, ofPrivate: nil,
	}
	liaisons := map[string]bool{}
	p.read(p.t, func(tx *db.Tx) error {
		list, err := db.All(tx, db.Column[string], `SELECT p.email FROM people p JOIN role_grants g ON g.person_id = p.id WHERE g.institution = $1`, p.th.body.ID)
		for _, email := range list {
			liaisons[email] = true
		}
		return err
	})
	letters := p.letters(p.t)
	if len(letters) < 8 {
		p.t.Errorf("only %d mails", len(letters))
	}
	for _, m := range letters {
		said := strings.ToLower(m.Subject + m.Text + m.HTML)
		for w, who := range mayRead {
			colleague := liaisons[m.To] && slices.Contains(who, p.eva.Email)
			if strings.Contains(said, w) && !slices.Contains(who, m.To) && !colleague {
				p.t.Errorf("the mail %s «%s» to %s tells %s", m.Kind, m.Subject, m.To, w)
			}
		}
	}
}

// TestWhoIsAskedToTakeACaseReadsNothingOfTheHouse has a case asked of another institution.
func TestWhoIsAskedToTakeACaseReadsNothingOfTheHouse(t *testing.T) {
	p := plant(t)
	desk := "/gestion/" + p.th.body.Slug + "/consultas/" + p.folios[3]
	eva := p.of(t, p.eva)
	eva.sees(desk, desk+"/notas", url.Values{"texto": {ofNote}})
	eva.sees(desk+"/pasar", desk+"/pasar", url.Values{"institucion": {demo.InstitutionID("LERMA")}, "motivo": {"Es suya."}})
	otto := p.of(t, p.otto)
	lerma := p.value(t, `SELECT slug FROM institutions WHERE id = $1`, demo.InstitutionID("LERMA"))
	if a := otto.get("/gestion/" + lerma + "/consultas/" + p.folios[3]); a.status != http.StatusOK {
		t.Fatalf("whoever is asked sees it: %d", a.status)
	}
	p.tells(otto, "who is asked", []string{ofNote, ofDraft, ofTurn, ofArea, ofContact, ofAccount, ofPrivate, ofHeld, ofStep})
}
