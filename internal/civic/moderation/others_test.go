package moderation_test

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/db/dbtest"
	"plaza/internal/civic/account"
	"plaza/internal/civic/moderation"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
)

func TestAnybodyReportsAnythingOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		id := w.public(w.ana, health, "Un texto")
		count := func() int { return scalar[int](w, `SELECT COUNT(*) FROM moderation_reports`) }
		for range 3 {
			w.report("", note(id), "spam", "")
		}
		w.report("bob", note(id), "spam", "")
		w.report("bob", note(id), "insult", "otra vez")
		if count() != 2 {
			t.Errorf("%d reports, want one of the network and one of the person", count())
		}
		w.report("", plaza.Ref{Kind: "dataset", ID: dataset}, "illegal", "No debería estar")
		w.want(w.get("mod", "/moderacion"), 200, "Calidad del aire", "Publicidad o mensajes repetidos: 2 avisos")
		kept := scalar[string](w, `SELECT GROUPED FROM (SELECT MIN(reporter || reporter_id || body) AS GROUPED FROM moderation_reports) x`)
		if strings.Contains(kept, "127.0.0.1") {
			t.Errorf("an address is kept: %s", kept)
		}
		w.must("mod", w.caseOf(id), moderation.Keep, "in_order")
		w.report("bob", note(id), "spam", "")
		if count() != 4 || scalar[int](w, `SELECT COUNT(*) FROM moderation_cases WHERE closed_at IS NULL`) != 2 {
			t.Error("what was attended to cannot be reported again")
		}
		if got := w.verbs(); strings.Contains(got, "report") {
			t.Errorf("reports are in the record: %s", got)
		}
	})
}

func TestTheFormToReportKeepsWhatWasTypedAndThanks(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	id := w.public(w.ana, health, "Un texto")
	path := moderation.ReportPath(note(id))
	w.want(w.get("", path), 200, `name="sello"`, `href="/notas/`+id+`"`, "Nota")
	ref := note(id).String()
	w.want(w.send("", "/moderacion/avisar", "objeto", ref, "reason", "nada", "text", "lo que <b>"), 422, "lo que &lt;b&gt;", "Elija una de las opciones")
	w.want(w.send("", "/moderacion/avisar", "objeto", ref, "reason", "other"), 422, "Escriba por qué")
	w.want(w.send("", "/moderacion/avisar", "objeto", ref, "reason", "spam", "text", strings.Repeat("a", 2001)), 422)
	sent := w.want(w.send("", "/moderacion/avisar", "objeto", ref, "reason", "spam"), 303)
	w.want(w.get("", sent.Header().Get("Location")), 200, "Gracias", `role="status"`)
	held, _ := w.post(w.ana, health, "Retenido")
	for _, odd := range []string{"note:nada", "note:" + held, "", ":", "x", "\x00:\xff", "source:1"} {
		w.want(w.get("", "/moderacion/avisar?objeto="+url.QueryEscape(odd)), 404)
		w.want(w.send("", "/moderacion/avisar", "objeto", odd, "reason", "spam"), 404)
	}
}

func TestReportingIsBraked(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	codes := map[int]int{}
	var last *httptest.ResponseRecorder
	for i := range 22 {
		id := w.public(w.bob, health, fmt.Sprint("Texto ", i))
		last = w.send("ana", "/moderacion/avisar", "objeto", note(id).String(), "reason", "spam")
		codes[last.Code]++
	}
	if codes[303] != 20 || codes[429] != 2 || last.Header().Get("Retry-After") == "" {
		t.Errorf("answers: %v", codes)
	}
}

func TestAReportByAMachineIsThankedForAndForgotten(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	id := w.public(w.bob, health, "hola")
	w.want(w.send("", "/moderacion/avisar", "objeto", note(id).String(), "reason", "personal_data", "sitio_web", "x"), 303)
	if n := scalar[int](w, `SELECT COUNT(*) FROM moderation_cases`); n != 0 {
		t.Errorf("%d cases", n)
	}
	w.want(w.send("ana", "/moderacion/avisar", "objeto", note(id).String(), "reason", "spam"), 303)
	for range 20 { // without a seal: some
		w.want(w.send("", "/moderacion/avisar", "objeto", note(id).String(), "reason", "spam"), 303)
	}
	w.want(w.send("", "/moderacion/avisar", "objeto", note(id).String(), "reason", "spam"), 429)
	if got := scalar[int](w, `SELECT COUNT(*) FROM consents WHERE point = 'report' AND version = 1`); got != 1 {
		t.Errorf("%d consents, want that of whoever is known", got)
	}
	w.want(w.get("", moderation.ReportPath(note(id))), 200, `href="/acerca/privacidad"`, "nada que diga quién es")
}

func TestAReportThatCameMeanwhileIsNotLost(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		id := w.public(w.ana, health, "hola")
		w.report("", note(id), "spam", "")
		c := w.caseOf(id)
		seen, report := w.looked("mod", c)
		dbtest.Advance(d, time.Second)
		w.report("bob", note(id), "personal_data", "Es mi CURP")
		w.want(w.send("mod", "/moderacion/caso/"+c+"/conservar", "seen", seen, "report", report, "reason_ok", "in_order"), 303)
		w.want(w.get("mod", "/moderacion"), 200, c)
		if n := scalar[int](w, `SELECT COUNT(*) FROM moderation_reports WHERE closed_at IS NULL`); n != 1 {
			t.Errorf("%d reports are open, want the one that nobody has read", n)
		}
		w.must("mod", c, moderation.Hide, "personal_data")
		w.lacks(w.get("mod", "/moderacion"), c)
	})
}

func TestReportsAreForThePlatformsModeratorsOnly(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	id := w.public(w.ana, health, "hola")
	w.report("bob", note(id), "personal_data", "Publica mi domicilio")
	c := "/moderacion/caso/" + w.caseOf(id)
	w.lacks(w.want(w.get("mod", c), 200, "Publica mi domicilio"), "La persona bob")
	w.lacks(w.want(w.get("local", c), 200, "Hay un aviso"), "Publica mi domicilio")
}

func (w *world) appeal(who string, dec moderation.Decision, said string) error {
	return w.try(w.actors[who], func(tx *db.Tx) error { return w.desk.Appeal(tx, dec.ID, said) })
}

func (w *world) judge(who string, dec moderation.Decision, outcome string) error {
	return w.try(w.actors[who], func(tx *db.Tx) error { return w.desk.Judge(tx, dec.ID, outcome, "Se revisó.") })
}

func TestAnAuthorAppealsOnceAndAnotherPersonDecides(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		id := w.public(w.ana, health, "hola")
		w.report("", note(id), "insult", "")
		c := w.caseOf(id)
		dec := w.must("admin", c, moderation.Hide, "insult")
		suspension := w.must("admin", c, moderation.Suspend, "insult")
		ana := w.actors["ana"]
		ana.Suspended = true
		w.actors["ana"] = ana
		w.want(w.get("ana", dec.Path()), 200, "Pedir que se revise esta decisión")
		w.lacks(w.get("bob", dec.Path()), "Pedir que se revise esta decisión")
		w.want(w.send("bob", dec.Path()+"/apelar", "text", "x"), http.StatusForbidden)
		w.want(w.send("ana", dec.Path()+"/apelar", "text", ""), 422, "Escriba por qué")
		w.want(w.send("ana", dec.Path()+"/apelar", "text", "No insulté a nadie"), 303)
		w.want(w.send("ana", dec.Path()+"/apelar", "text", "Otra vez"), http.StatusConflict)
		if err := w.appeal("ana", suspension, "Tampoco"); err != nil {
			t.Fatal(err)
		}
		w.want(w.get("admin", "/moderacion/apelaciones"), 200, "No insulté a nadie", "Tampoco")
		w.want(w.get("mod", "/moderacion/apelaciones"), http.StatusForbidden)
		w.admin2 = w.person("admin2", plaza.Grant{Role: plaza.Admin})
		w.want(w.get("admin", dec.Path()), 200, "distinta de la que decidió")
		w.want(w.send("admin", dec.Path()+"/resolver", "outcome", "overturned", "note", "x"), http.StatusForbidden)
		w.want(w.send("admin2", dec.Path()+"/resolver", "outcome", "nada", "note", "x"), 422)
		w.want(w.send("admin2", dec.Path()+"/resolver", "outcome", "overturned", "note", "Tiene razón"), 303)
		w.want(w.send("admin2", dec.Path()+"/resolver", "outcome", "upheld", "note", "x"), http.StatusConflict)
		if w.state(id) != "public" {
			t.Errorf("after overturning the post is %s", w.state(id))
		}
		w.want(w.get("ana", dec.Path()), 200, "Revocada", "Tiene razón", "No insulté")
		w.lacks(w.want(w.get("", dec.Path()), 200, "Revocada"), "Tiene razón", "No insulté")
		if err := w.judge("admin2", suspension, moderation.Overturned); err != nil || len(w.suspended) != 0 {
			t.Errorf("lifting a suspension: %v, %v", err, w.suspended)
		}
	})
}

func TestWhereThereIsOneAdminTheyJudgeThemselvesAndThePageSaysSo(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	id := w.public(w.ana, health, "hola")
	w.report("", note(id), "insult", "")
	dec := w.must("admin", w.caseOf(id), moderation.Hide, "insult")
	if err := w.appeal("ana", dec, "No"); err != nil {
		t.Fatal(err)
	}
	if err := w.judge("admin", dec, moderation.Upheld); err != nil {
		t.Fatal(err)
	}
	w.want(w.get("ana", dec.Path()), 200, "no hay nadie más", "Confirmada")
	if w.state(id) != "hidden" {
		t.Errorf("an upheld decision is undone: %s", w.state(id))
	}
}

func TestOnlyWhatIsAgainstAPostIsAppealed(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	id, _ := w.post(w.ana, health, "hola")
	dec := w.must("mod", w.caseOf(id), moderation.Release, "in_order")
	if err := w.appeal("ana", dec, "No"); plaza.KindOf(err) != plaza.Conflict {
		t.Errorf("appealing against a release: %v", err)
	}
	w.lacks(w.get("ana", dec.Path()), "Pedir que se revise")
	refused, _ := w.post(w.ana, health, "otra")
	dec = w.must("mod", w.caseOf(refused), moderation.Refuse, "spam")
	if err := w.appeal("ana", dec, "No"); err != nil {
		t.Fatal(err)
	}
	if err := w.judge("admin", dec, moderation.Overturned); err != nil || w.state(refused) != "public" {
		t.Errorf("overturning a refusal: %v, %s", err, w.state(refused))
	}
	if !strings.HasSuffix(w.verbs(), "moderation.appealed note.published moderation.overturned") {
		t.Errorf("the record: %s", w.verbs())
	}
}

func TestThePublicLogNamesNobodyAndRepeatsNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		id, _ := w.post(w.ana, health, "Texto secreto")
		dec := w.must("mod", w.caseOf(id), moderation.Refuse, "insult")
		for i := range 30 {
			id, _ := w.post(w.bob, health, fmt.Sprint("Texto secreto ", i))
			dbtest.Advance(d, time.Second)
			w.must("local", w.caseOf(id), moderation.Release, "in_order")
		}
		first := w.want(w.get("", "/moderacion/bitacora"), 200, "Se dejó pasar", "La moderación de la institución", "noviembre de 2026", `rel="next"`)
		next := strings.ReplaceAll(between(first.Body.String(), `rel="next" href="`, `"`), "&amp;", "&")
		second := w.want(w.get("", next), 200, dec.Number(), "Insultos o amenazas", "La moderación de la plataforma")
		only := w.want(w.get("", "/moderacion/bitacora?acto=refuse&mes=2026-11"), 200, dec.Number())
		none := w.want(w.get("", "/moderacion/bitacora?mes=2026-10"), 200, "No hay decisiones así")
		w.want(w.get("", "/moderacion/bitacora?lang=en"), 200, "Log of moderation", "Let through")
		file := w.want(w.get("", "/moderacion/bitacora.csv"), 200)
		rows, err := csv.NewReader(strings.NewReader(file.Body.String())).ReadAll()
		if err != nil || len(rows) != 32 || !slices.Equal(rows[31][2:], []string{"refuse", "note", "insult", "moderator", ""}) {
			t.Errorf("%d rows, %v: %q", len(rows), err, rows[len(rows)-1])
		}
		for _, page := range []*httptest.ResponseRecorder{first, second, only, none, file} {
			w.lacks(page, "Texto secreto", "La persona", w.ana.ID, w.bob.ID, w.mod.ID, w.ana.Pseudonym, id, "/notas/", "/moderacion/caso/")
		}
		for _, odd := range []string{"?acto='", "?mes=2026-99", "?antes=x", "?antes=%00"} {
			w.want(w.get("", "/moderacion/bitacora"+odd), 200, "Se dejó pasar")
		}
	})
}

func TestWhoIsConcernedIsTold(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	id := w.public(w.ana, health, "hola")
	w.report("", note(id), "insult", "")
	kept := w.must("mod", w.caseOf(id), moderation.Keep, "in_order")
	w.report("bob", note(id), "insult", "")
	hid := w.must("mod", w.caseOf(id), moderation.Hide, "insult")
	audience := func(verb, object string) (a record.Audience) {
		if err := w.db.Read(t.Context(), func(tx *db.Tx) (err error) {
			a, err = moderation.Audiences(tx, record.Entry{Verb: verb, Object: record.Object{Kind: moderation.DecisionKind, ID: object}})
			return err
		}); err != nil {
			t.Fatal(err)
		}
		return a
	}
	if a := audience("moderation.hidden", hid.ID); len(a.Direct) != 1 || a.Direct[0].Person != w.ana.ID || a.Nobody {
		t.Errorf("of a hidden post hear %+v", a)
	}
	if a := audience("moderation.appealed", hid.ID); len(a.Roles) != 1 || a.Roles[0].Role != plaza.Admin || len(a.Direct) > 0 {
		t.Errorf("of an appeal hear %+v", a)
	}
	for _, quiet := range []record.Audience{audience("moderation.kept", kept.ID), audience("moderation.hidden", "nada")} {
		if !quiet.Nobody || len(quiet.Direct)+len(quiet.Roles) > 0 {
			t.Errorf("somebody hears: %+v", quiet)
		}
	}
	if err := w.db.Read(t.Context(), func(tx *db.Tx) error {
		cards, err := moderation.Cards(tx, []plaza.Ref{hid.Ref(), {Kind: moderation.DecisionKind, ID: "nada"}, note(id)})
		if c := cards[hid.Ref()]; len(cards) != 1 || c.Title != hid.Number() || c.Path != hid.Path() || !c.Visible {
			t.Errorf("the cards: %+v", cards)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

func TestWhatIsKeptAboutAPersonIsGivenAndGoesWithThem(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		hold := moderation.Holding()
		id := w.public(w.ana, health, "Un texto bastante largo que se recuerda")
		w.report("bob", note(id), "insult", "Me insulta a mí")
		dec := w.must("mod", w.caseOf(id), moderation.Hide, "insult")
		if err := w.appeal("ana", dec, "No es cierto"); err != nil {
			t.Fatal(err)
		}
		given := func(p account.Person) string {
			var v any
			if err := d.Read(t.Context(), func(tx *db.Tx) (err error) {
				v, err = hold.Export(tx, p.ID)
				return err
			}); err != nil {
				t.Fatal(err)
			}
			raw, err := json.Marshal(v)
			if err != nil {
				t.Fatal(err)
			}
			return string(raw)
		}
		if got := given(w.bob); !strings.Contains(got, "Me insulta a mí") {
			t.Errorf("bob gets %s", got)
		}
		if got := given(w.ana); !strings.Contains(got, "No es cierto") || !strings.Contains(got, "Se explica.") || strings.Contains(got, "Me insulta") {
			t.Errorf("ana gets %s", got)
		}
		for _, p := range []account.Person{w.ana, w.bob, w.mod} {
			w.write(plaza.SystemActor, func(tx *db.Tx) error {
				_, err := hold.Erase(tx, p.ID)
				return err
			})
			for _, column := range []string{"moderation_reports r WHERE reporter_id", "moderation_decisions WHERE author_id", "moderation_decisions WHERE decided_by",
				"moderation_cases WHERE author_id", "moderation_cases WHERE claimed_by", "moderation_texts WHERE author_id"} {
				if n := scalar[int](w, `SELECT COUNT(*) FROM `+column+` = $1`, p.ID); n != 0 {
					t.Errorf("%s holds somebody who went", column)
				}
			}
		}
		w.lacks(w.want(w.get("admin", dec.Path()), 200, dec.Number()), "Se explica.", "No es cierto")
		w.want(w.get("", "/moderacion/bitacora"), 200, dec.Number())
		w.older(366)
		var n int
		w.write(plaza.SystemActor, func(tx *db.Tx) (err error) {
			n, err = hold.Expire(tx)
			return err
		})
		if texts := scalar[int](w, `SELECT COUNT(*) FROM moderation_reports WHERE body <> ''`); n == 0 || texts != 0 {
			t.Errorf("forgot %d, and %d texts are there after their year", n, texts)
		}
		w.write(plaza.SystemActor, func(tx *db.Tx) (err error) {
			n, err = hold.Expire(tx)
			return err
		})
		if n != 0 {
			t.Errorf("forgets %d again", n)
		}
	})
}
