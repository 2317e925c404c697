package site_test

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/web"
	"plaza/internal/civic/account"
	"plaza/internal/civic/comment"
	"plaza/internal/civic/commitment"
	"plaza/internal/civic/disclosure"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/membership"
	"plaza/internal/civic/outbox"
	"plaza/internal/civic/record"
	"plaza/internal/civic/webhook"
	"plaza/internal/plaza"
	"plaza/internal/section/cases"
	"plaza/internal/section/catalog"
	"plaza/internal/section/catalog/harvest"
	"plaza/internal/section/forum"
)

// write changes the store as Plaza itself.
func (r *routed) write(t *testing.T, fn func(tx *db.Tx) error) {
	t.Helper()
	r.by(t, plaza.SystemActor, fn)
}

// by changes the store as somebody.
func (r *routed) by(t *testing.T, actor plaza.Actor, fn func(tx *db.Tx) error) {
	t.Helper()
	if err := r.site.DB.Write(plaza.WithActor(t.Context(), actor), fn); err != nil {
		t.Fatal(err)
	}
}

func (r *routed) read(t *testing.T, fn func(tx *db.Tx) error) {
	t.Helper()
	if err := r.site.DB.Read(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}

// value is the one thing that a question to the store gives.
func (r *routed) value(t *testing.T, query string, args ...any) (out string) {
	t.Helper()
	r.read(t, func(tx *db.Tx) error {
		if err := tx.Row(query, args...).Scan(&out); err != nil {
			return fmt.Errorf("%s %v: %w", query, args, err)
		}
		return nil
	})
	return out
}

// person makes an account with some roles.
func (r *routed) person(t *testing.T, name string, grants ...plaza.Grant) (p account.Person) {
	t.Helper()
	r.write(t, func(tx *db.Tx) (err error) {
		p, err = account.Create(tx, account.New{Email: strings.ReplaceAll(strings.ToLower(name), " ", ".") + "@ejemplo.mx", Name: name})
		return err
	})
	for _, g := range grants {
		r.write(t, func(tx *db.Tx) error { return account.GrantRole(tx, p.ID, g.Role, g.Institution, time.Time{}) })
	}
	r.read(t, func(tx *db.Tx) (err error) { p, err = account.ByID(tx, p.ID); return err })
	return p
}

// datasetAt is the card of a dataset of an institution.
func (r *routed) datasetAt(t *testing.T, body string) (card plaza.Card) {
	t.Helper()
	ref := plaza.Ref{Kind: catalog.KindDataset, ID: r.value(t, `SELECT id FROM datasets
		WHERE institution_id = $1 AND state <> 'absent' AND EXISTS (SELECT 1 FROM resources WHERE dataset_id = datasets.id)
		ORDER BY slug LIMIT 1`, body)}
	if card = r.card(t, ref); card.Institution != body || card.Owner == "" || card.OwnerPath == "" {
		t.Errorf("its card does not say whose it is: %+v", card)
	}
	return card
}

// card is what others show of something in the catalogue.
func (r *routed) card(t *testing.T, ref plaza.Ref) (card plaza.Card) {
	t.Helper()
	r.read(t, func(tx *db.Tx) error {
		cards, err := catalog.Cards(tx, []plaza.Ref{ref})
		card = cards[ref]
		return err
	})
	return card
}

// says has somebody say something under an object.
func (r *routed) says(t *testing.T, p account.Person, on plaza.Card, text string) (c comment.Comment) {
	t.Helper()
	r.by(t, p.Actor(), func(tx *db.Tx) (err error) {
		c, err = r.site.Comments.Post(tx, comment.Draft{On: on, Text: text, Nonce: text}, comment.From{})
		return err
	})
	return c
}

// caseOf is the id of the case that moderators have of a post.
func (r *routed) caseOf(t *testing.T, c comment.Comment) string {
	t.Helper()
	return r.value(t, `SELECT id FROM moderation_cases WHERE object_id = $1`, c.ID)
}

// decides has a moderator decide a post's case with the form of its page, and returns
// the decision's id.
func (r *routed) decides(moderator *visitor, c comment.Comment, act, reason, note string) string {
	moderator.Helper()
	base := "/moderacion/caso/" + r.caseOf(moderator.T, c)
	if a := moderator.fill(base, base+"/"+act, url.Values{"reason": {reason}, "note": {note}}); a.status != 303 {
		moderator.Fatalf("%s: %d %s", act, a.status, strings.Join(strings.Fields(a.doc(moderator.T).Find("main").Text()), " "))
	}
	return r.value(moderator.T, `SELECT id FROM moderation_decisions WHERE case_id = $1 ORDER BY id DESC LIMIT 1`, r.caseOf(moderator.T, c))
}

// letter is the smallest file that is taken for an oficio.
var letter = []byte("%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n")

// things is one real thing for each wildcard of a route, so that what is asked of an
// object is asked: all of them are of one institution, or of Ana, who is none of those
// who ask.
type things struct {
	ana             account.Person
	body            institution.Institution
	public, refused comment.Comment // Ana's: everybody sees it; a moderator did not let it through
	held            comment.Comment // Ana's: it waits
	waiting         string          // id of the case of held
	secret          string          // of Ana's access token
	known           map[string]string
}

// fill puts a thing in place of each wildcard; of what there is none it says "nada".
func (th *things) fill(pattern string) string {
	return wildcard.ReplaceAllStringFunc(pattern, func(w string) string {
		name := w[1 : len(w)-1]
		if value, ok := th.known[pattern+" "+name]; ok { // there it is another
			return value
		}
		if value, ok := th.known[name]; ok {
			return value
		}
		return "nada"
	})
}

// wildcard is a part of a pattern that stands for anything.
var wildcard = regexp.MustCompile(`\{[^}]*\}`)

// things makes them.
func (r *routed) things(t *testing.T) *things {
	t.Helper()
	th := &things{}
	body := r.value(t, `SELECT s.institution_id
		FROM sources s
		JOIN runs u ON u.source_id = s.id
		JOIN datasets d ON d.institution_id = s.institution_id
		JOIN resources r ON r.dataset_id = d.id
		WHERE s.institution_id <> '' AND d.state <> 'absent'
		ORDER BY s.institution_id
		LIMIT 1`)
	r.read(t, func(tx *db.Tx) (err error) { th.body, err = institution.ByID(tx, body); return err })
	chief := r.person(t, "Ada Central", plaza.Grant{Role: plaza.Admin})
	th.ana = r.person(t, "Ana López")
	said := r.datasetAt(t, body)
	th.public, th.held, th.refused = r.says(t, th.ana, said, "Lo que todos leen."), r.says(t, th.ana, said, "Lo que espera."),
		r.says(t, th.ana, said, "Lo que no pasó.")
	ada := r.of(t, chief)
	r.decides(ada, th.public, "dejar-pasar", "other", "Está bien.")
	decision := r.decides(ada, th.refused, "rechazar", "other", "Una nota que solo lee su autora.")
	th.waiting = r.caseOf(t, th.held)
	var report disclosure.Report
	r.by(t, th.ana.Actor(), func(tx *db.Tx) (err error) {
		report, err = r.site.Disclosures.Tell(tx, disclosure.Form{Object: said.Ref, Category: "other", Place: "La hoja 2"})
		return err
	})
	var hook webhook.Hook
	r.by(t, chief.Actor(), func(tx *db.Tx) (err error) {
		hook, _, err = r.site.Hooks.Add(tx, body, webhook.Form{URL: "https://sistema.ejemplo.mx/avisos", Events: []string{"case"}})
		return err
	})
	var topic forum.Thread
	r.by(t, r.person(t, "Fabio del Foro").Actor(), func(tx *db.Tx) (err error) {
		topic, err = r.site.Forum.Open(tx, forum.Draft{Title: "Un tema", Text: "Algo que decir.", Nonce: "tema"}, comment.From{})
		return err
	})
	th.known = map[string]string{"report": report.ID, "hook": hook.ID, "thread": topic.Slug, "$": "", "rest...": "", "path...": "", "version": "3", "action": "status_show",
		"institution": th.body.Slug, "kind": said.Ref.Kind, "id": said.Ref.ID, "comment": th.public.ID, "case": th.waiting,
		"decision": decision, "person": th.ana.ID}
	r.write(t, func(tx *db.Tx) error {
		c, acts, err := r.site.Commitments.Make(tx, commitment.Promise{Institution: body, Kind: commitment.Publish, Text: "Publicar más", Due: "2030-01-01", Language: "es"})
		if err != nil {
			return err
		}
		th.known["commitment"] = c.Code
		return record.Append(tx, acts...)
	})
	r.office(t, th)
	r.owned(t, th)
	r.harvested(t, th)
	r.asked(t, th, said)
	r.cased(t, th)
	r.tooled(t, th)
	return th
}

// asked makes a case with a file.
func (r *routed) asked(t *testing.T, th *things, on plaza.Card) {
	t.Helper()
	r.by(t, th.ana.Actor(), func(tx *db.Tx) error {
		f := cases.Form{Kind: cases.Question, Title: "¿Qué significa?", Body: "No lo entiendo.", On: cases.On{Ref: on.Ref}, Nonce: "una pregunta", Language: "es"}
		if _, err := r.site.Cases.About(tx, &f); err != nil {
			return err
		}
		f.Stored = func(tx *db.Tx, c cases.Case) error {
			th.known["folio"] = c.Folio
			return r.site.Cases.Attach(tx, c.ID, cases.FileOfCase, c.ID, []web.File{{Name: "a.txt", Body: []byte("hola")}})
		}
		_, err := r.site.Cases.Ask(tx, f, cases.By(th.ana.Actor()), cases.From{})
		return err
	})
	th.known["file"] = r.value(t, `SELECT id FROM case_files LIMIT 1`)
}

// office makes what an institution has.
func (r *routed) office(t *testing.T, th *things) {
	t.Helper()
	s, body := r.site, th.body.ID
	eva := r.person(t, "Eva Primera", plaza.Grant{Role: plaza.Liaison, Institution: body})
	sara := r.person(t, "Sara Suplente", plaza.Grant{Role: plaza.Transparency, Institution: body})
	if _, err := s.Members.Appoint(plaza.WithActor(t.Context(), plaza.SystemActor), membership.Appointment{
		Institution: body, Email: "nadie.todavia@ejemplo.mx", Number: "OF/1", Dated: "2026-11-20", FileName: "oficio.pdf", File: letter}); err != nil {
		t.Fatal(err)
	}
	r.write(t, func(tx *db.Tx) error {
		u, acts, err := institution.PutUnit(tx, institution.Unit{InstitutionID: body, Name: "Estadística", Kind: institution.UnitKinds[0]})
		th.known["unit"] = u.ID
		if err != nil {
			return err
		}
		return record.Append(tx, acts...)
	})
	r.by(t, eva.Actor(), func(tx *db.Tx) error {
		i, err := s.Members.Invite(tx, membership.Invitation{Institution: body, Email: "otra@ejemplo.mx", Roles: []plaza.Role{plaza.DataOwner}})
		th.known["invitation"] = i.ID
		return err
	})
	r.by(t, th.ana.Actor(), func(tx *db.Tx) error {
		q, err := s.Members.Ask(tx, membership.Request{Institution: body, Message: "Trabajo ahí"})
		th.known["request"] = q.ID
		return err
	})
	r.by(t, eva.Actor(), func(tx *db.Tx) error {
		d, err := s.Members.ProposeDomain(tx, body, "salud.ejemplo.mx")
		th.known["domain"] = d.ID
		return err
	})
	r.write(t, func(tx *db.Tx) error {
		a, err := s.Members.SetAbsence(tx, membership.Absence{Institution: body, Person: eva.ID, Substitute: sara.ID,
			From: tx.Now.Add(24 * time.Hour), Until: tx.Now.Add(72 * time.Hour)})
		th.known["absence"] = a.ID
		return err
	})
	r.by(t, th.ana.Actor(), func(tx *db.Tx) error {
		c, err := s.Cases.Ask(tx, cases.Form{Kind: cases.Question, Title: "Una pregunta", Body: "Que todos leen.", Institution: body, Language: "es", Nonce: "una"},
			cases.By(th.ana.Actor()), cases.From{})
		th.known["folio"] = c.Folio
		return err
	})
	th.known["letter"] = r.value(t, `SELECT id FROM letters WHERE institution_id = $1`, body)
	th.known["seat"] = r.value(t, `SELECT id FROM role_grants WHERE institution = $1 AND role = 'transparency'`, body)
}

// owned makes what is Ana's alone.
func (r *routed) owned(t *testing.T, th *things) {
	t.Helper()
	r.write(t, func(tx *db.Tx) (err error) {
		th.secret, err = r.site.Accounts.MakeKey(tx, th.ana.ID, account.NewKey{Name: "mi programa", Scopes: []string{"account:read"}, Expires: tx.Now.Add(time.Hour)})
		return err
	})
	th.known["key"] = r.value(t, `SELECT id FROM access_tokens WHERE person_id = $1`, th.ana.ID)
	r.write(t, func(tx *db.Tx) error {
		return outbox.Post(tx, outbox.Message{Kind: "test", Key: "test", To: th.ana.Email, Person: th.ana.ID, Subject: "Asunto", Text: "Texto"})
	})
	th.known["mail"] = r.value(t, `SELECT id FROM outbox WHERE unique_key = 'test'`)
}

// harvested finds what came with the demonstration.
func (r *routed) harvested(t *testing.T, th *things) {
	t.Helper()
	th.known["dataset"] = r.value(t, `SELECT slug FROM datasets WHERE id = $1`, th.known["id"])
	th.known["resource"] = r.value(t, `SELECT id FROM resources WHERE dataset_id = $1 ORDER BY id LIMIT 1`, th.known["id"])
	// It is open as a table: what a closed one answers is the same everywhere.
	if _, err := r.site.Explore.Want(t.Context(), th.known["resource"]); err != nil {
		t.Fatal(err)
	}
	opening := r.value(t, `SELECT job_id FROM explore_attempts WHERE resource_id = $1`, th.known["resource"])
	if _, err := r.site.Runner.WaitOrWork(plaza.WithActor(t.Context(), plaza.SystemActor), opening); err != nil {
		t.Fatal(err)
	}
	th.known["run"] = r.value(t, `SELECT u.id FROM runs u JOIN sources s ON s.id = u.source_id
		WHERE s.institution_id = $1 ORDER BY u.id LIMIT 1`, th.body.ID)
	th.known["source"] = r.value(t, `SELECT source_id FROM runs WHERE id = $1`, th.known["run"])
	th.known["job"] = r.value(t, `SELECT id FROM jobs ORDER BY id LIMIT 1`)
	r.write(t, func(tx *db.Tx) error {
		_, err := harvest.PutRule(tx, harvest.Rule{Match: "un editor cualquiera", InstitutionID: th.body.ID})
		return err
	})
	th.known["rule"] = r.value(t, `SELECT id FROM publisher_rules WHERE match_key = 'un editor cualquiera'`)
}
