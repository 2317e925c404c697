package account_test

import (
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"plaza/internal/base/db"
	"plaza/internal/base/db/dbtest"
	"plaza/internal/base/job"
	"plaza/internal/civic/account"
	"plaza/internal/civic/gate"
	"plaza/internal/civic/institution"
	"plaza/internal/plaza"
)

const goodPassword = "tres tazas de té verde"

// form reads the hidden fields of the form at a path, and waits as long as a person.
func (b *browser) form(path string) []string {
	b.Helper()
	page := b.want(b.get(path), http.StatusOK).body
	_, rest, ok := strings.Cut(page, `name="sello" value="`)
	seal, _, _ := strings.Cut(rest, `"`)
	if !ok {
		b.Fatalf("no seal in %s", page)
	}
	dbtest.Advance(b.db, 5*time.Second)
	return []string{"sello", seal, "sitio_web", "", "prueba", gate.Prove(seal)}
}

// apply asks for an account as a person does.
func (b *browser) apply(pairs ...string) answer {
	b.Helper()
	return b.post("/cuenta/nueva", append(b.form("/cuenta/nueva"), pairs...)...)
}

func TestAnAccountIsMadeWhenItsAddressConfirmsIt(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, setting{})
		w.work()
		b := w.browser()
		a := b.want(b.apply("name", "Luz  Pérez", "email", "luz@ejemplo.mx", "password", goodPassword, "volver", "/datos"), http.StatusSeeOther)
		if got := a.header.Get("Location"); got != "/cuenta/nueva?enviada=1" {
			t.Errorf("leads to %s", got)
		}
		if n := w.scalar(`SELECT COUNT(*) FROM people WHERE email_key = $1`, "luz@ejemplo.mx"); n != 0 {
			t.Error("the account is there before the address has confirmed it")
		}
		path := w.mailed(1)
		b.want(b.get(path), http.StatusOK)
		b.want(b.get(path), http.StatusOK) // opening uses nothing up
		a = b.want(b.post(path), http.StatusSeeOther)
		if got := a.header.Get("Location"); got != "/datos" {
			t.Errorf("leads to %s, want /datos", got)
		}
		if got := b.get("/quien").body; !strings.HasPrefix(got, "Luz Pérez;") {
			t.Errorf("taken for %q", got)
		}
		b.want(b.post(path), http.StatusGone)
		other := w.browser()
		a = other.want(other.post("/entrar", "email", "LUZ@ejemplo.mx", "password", goodPassword), http.StatusSeeOther)
		if got := a.header.Get("Location"); got != "/" || len(w.consents) != 1 || !strings.HasSuffix(w.consents[0], "@signup") {
			t.Errorf("leads to %s; consents %v", got, w.consents)
		}
		if n := w.scalar(`SELECT COUNT(*) FROM record_entries WHERE verb = 'account.created'`); n != 2 {
			t.Errorf("%d entries, want Ana's and Luz's", n)
		}
		if n := w.scalar(`SELECT COUNT(*) FROM credentials WHERE secret LIKE $1`, "%tazas%"); n != 0 {
			t.Error("the password is in the store")
		}
	})
}

func TestOfAllWhoConfirmAtOnceOneMakesTheAccount(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, setting{})
		w.work()
		b := w.browser()
		b.want(b.apply("name", "Luz Pérez", "email", "luz@ejemplo.mx"), http.StatusSeeOther)
		path := w.mailed(1)
		const crowd = 12
		statuses := make(chan int, crowd)
		var wg sync.WaitGroup
		for range crowd {
			c := w.browser()
			wg.Go(func() {
				r, _ := http.NewRequest(http.MethodPost, w.server.URL+path, nil)
				r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
				r.Header.Set("Sec-Fetch-Site", "same-origin")
				if res, err := c.client.Do(r); err == nil {
					res.Body.Close()
					statuses <- res.StatusCode
				}
			})
		}
		wg.Wait()
		close(statuses)
		got := map[int]int{}
		for s := range statuses {
			got[s]++
		}
		if diff := cmp.Diff(map[int]int{http.StatusSeeOther: 1, http.StatusGone: crowd - 1}, got); diff != "" {
			t.Errorf("statuses (-want +got):\n%s", diff)
		}
	})
}

func TestSigningUpTellsNobodyWhetherAnAddressHasAnAccount(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, setting{})
		type seen struct {
			status             int
			location           string
			cookies            int
			statements, hashes int64
			jobs               int
		}
		try := func(email string) seen {
			b := w.browser()
			hidden := b.form("/cuenta/nueva")
			jobs, hashes := w.scalar(`SELECT COUNT(*) FROM jobs`), w.accounts.Hashes()
			counter := newCounter(w)
			a := b.post("/cuenta/nueva", append(hidden, "name", "Ana María Gil", "email", email, "password", goodPassword)...)
			return seen{a.status, a.header.Get("Location"), len(a.header["Set-Cookie"]), counter(),
				w.accounts.Hashes() - hashes, w.scalar(`SELECT COUNT(*) FROM jobs`) - jobs}
		}
		try("calentar@ejemplo.mx")
		known, unknown := try(anaEmail), try("nadie@ejemplo.mx")
		if diff := cmp.Diff(known, unknown, cmp.AllowUnexported(seen{})); diff != "" {
			t.Errorf("with an account (-) and without (+):\n%s", diff)
		}
		if known.statements == 0 || known.jobs != 1 || known.hashes != 1 || known.status != http.StatusSeeOther {
			t.Errorf("%+v: the test looks at nothing", known)
		}
		w.work()
		mails := w.mail.Wait(t, 3)
		for _, m := range mails {
			toAna := strings.Contains(strings.Join(m.To, " "), anaEmail)
			if toAna != strings.Contains(m.Text, "/entrar/") || toAna == strings.Contains(m.Text, "/cuenta/nueva/") {
				t.Errorf("to %v: %s", m.To, m.Text)
			}
		}
		if n := w.scalar(`SELECT COUNT(*) FROM jobs WHERE args LIKE $1`, "%ejemplo.mx%"); n != 0 {
			t.Errorf("%d jobs hold an address", n)
		}
	})
}

func TestAPasswordThatSomebodyElseChoseIsNotTheirs(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t), setting{})
	w.work()
	thief := w.browser()
	thief.want(thief.apply("name", "Luz Pérez", "email", "luz@ejemplo.mx", "password", goodPassword), http.StatusSeeOther)
	path := w.mailed(1)
	luz := w.browser() // who has the mailbox, and never saw the form
	if page := luz.want(luz.get(path), http.StatusOK).body; !strings.Contains(page, "otro navegador") {
		t.Error("the page does not say that the password is left out")
	}
	luz.want(luz.post(path), http.StatusSeeOther)
	thief.want(thief.post("/entrar", "email", "luz@ejemplo.mx", "password", goodPassword), http.StatusUnprocessableEntity)
}

func TestLinksThatConfirmExpireAndCannotBeMadeUp(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t), setting{})
	b := w.browser()
	b.want(b.apply("name", "Luz Pérez", "email", "luz@ejemplo.mx"), http.StatusSeeOther)
	w.runOne(account.SignupMail{}.Kind())
	path := w.mailed(1)
	id, _, _ := strings.Cut(path, ".")
	for _, bad := range []string{id, id + ".", id + ".AAAA", path + "A", "/cuenta/nueva/" + strings.Repeat("a", 3000), "/cuenta/nueva/%00"} {
		if a := b.post(bad); a.status != http.StatusGone && a.status != http.StatusBadRequest {
			t.Errorf("%.60s: %d", bad, a.status)
		}
	}
	dbtest.Advance(w.db, 24*time.Hour)
	b.want(b.get(path), http.StatusGone)
	b.want(b.post(path), http.StatusGone)
	dbtest.Advance(w.db, time.Second)
	w.sweep()
	if n := w.scalar(`SELECT COUNT(*) FROM signups`); n != 0 {
		t.Errorf("%d sign-ups are kept", n)
	}
}

func TestWhatIsWrongWithASignUpIsToldAtItsField(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t), setting{})
	w.official()
	for _, c := range []struct{ name, field, value, says string }{
		{"no name", "name", "", "Escriba un nombre"},
		{"a very long name", "name", strings.Repeat("ñ", 121), "Escriba un nombre"},
		{"a name that turns round", "name", "Ana\u202egil", "Escriba un nombre"},
		{"an institution's name", "name", "Secretaría de Salud", "institución"},
		{"an official's name", "name", "Inés Robles", "persona con cargo"},
		{"no address", "email", "luz", "dirección de correo completa"},
		{"a header in the address", "email", "luz@ejemplo.mx\r\nBcc: x@x.mx", "dirección de correo completa"},
		{"a short password", "password", "corta", "al menos 8"},
		{"a common password", "password", "Password1", "más se usan"},
		{"her own name", "password", "LuzPerez1", "Se parece"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := w.browser()
			fields := map[string]string{"name": "Luz Pérez", "email": "luz@ejemplo.mx", "password": goodPassword}
			fields[c.field] = c.value
			a := b.apply("name", fields["name"], "email", fields["email"], "password", fields["password"])
			b.want(a, http.StatusUnprocessableEntity)
			if !strings.Contains(a.body, c.says) || !strings.Contains(a.body, `href="#campo-`+c.field+`"`) {
				t.Errorf("the page says: %s", a.body)
			}
			if strings.Contains(a.body, goodPassword) {
				t.Error("the password comes back")
			}
		})
	}
	if n := w.scalar(`SELECT COUNT(*) FROM signups`) + w.scalar(`SELECT COUNT(*) FROM jobs`); n != 0 {
		t.Errorf("%d rows are kept of what was refused", n)
	}
}

func TestMachinesHearWhatEverybodyHearsAndAreLeftOut(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t), setting{})
	b := w.browser()
	hidden := b.form("/cuenta/nueva")
	hidden[3] = "https://spam.example"
	a := b.want(b.post("/cuenta/nueva", append(hidden, "name", "Bot Gil", "email", "bot@ejemplo.mx")...), http.StatusSeeOther)
	if n := w.scalar(`SELECT COUNT(*) FROM signups`); n != 0 || a.header.Get("Location") != "/cuenta/nueva?enviada=1" {
		t.Errorf("%d sign-ups, leads to %s", n, a.header.Get("Location"))
	}
	for i := range 5 { // without a seal: few
		b.want(b.post("/cuenta/nueva", "name", "Bot Gil", "email", "bot"+string(rune('a'+i))+"@ejemplo.mx"), http.StatusSeeOther)
	}
	b.want(b.post("/cuenta/nueva", "name", "Bot Gil", "email", "botz@ejemplo.mx"), http.StatusTooManyRequests)
}

// TestWhoMistypesIsNotLockedOut has somebody without scripts, whose forms look like a
// machine's, send wrong ones; and a machine that does nothing else.
func TestWhoMistypesIsNotLockedOut(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t), setting{})
	b := w.browser()
	wrong := func() answer { return b.post("/cuenta/nueva", "name", "Luz Pérez", "email", "luz.ejemplo.mx") }
	for range 30 {
		b.want(wrong(), http.StatusUnprocessableEntity)
	}
	for i := range 5 {
		b.want(b.post("/cuenta/nueva", "name", "Luz Pérez", "email", "luz"+string(rune('a'+i))+"@ejemplo.mx"), http.StatusSeeOther)
	}
	b.want(b.post("/cuenta/nueva", "name", "Luz Pérez", "email", "luz@ejemplo.mx"), http.StatusTooManyRequests)
	for range 70 {
		b.want(wrong(), http.StatusUnprocessableEntity)
	}
	b.want(wrong(), http.StatusTooManyRequests)
	b.want(b.apply("name", "Luz Pérez", "email", "luz@ejemplo.mx"), http.StatusSeeOther) // one that nothing is odd about
}

func TestAskingForAccountsIsBraked(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t), setting{})
	b := w.browser()
	for range 3 {
		b.want(b.apply("name", "Luz Pérez", "email", "luz@ejemplo.mx"), http.StatusSeeOther)
	}
	a := b.want(b.apply("name", "Luz Pérez", "email", "luz@ejemplo.mx"), http.StatusTooManyRequests)
	if a.header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
}

func TestSigningUpStaysOnThisSite(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t), setting{})
	b := w.browser()
	for _, evil := range []string{"https://otro.mx/", "//otro.mx", "/\\otro.mx"} {
		if page := b.want(b.get("/cuenta/nueva?volver="+url.QueryEscape(evil)), http.StatusOK); strings.Contains(page.body, "otro.mx\"") && strings.Contains(page.body, `name="volver"`) {
			t.Errorf("the form keeps %q", evil)
		}
	}
	b.want(b.apply("name", "Luz Pérez", "email", "luz@ejemplo.mx", "volver", "https://otro.mx/"), http.StatusSeeOther)
	w.work()
	if got := b.want(b.post(w.mailed(1)), http.StatusSeeOther).header.Get("Location"); got != "/mi?hecho=cuenta" {
		t.Errorf("leads to %q", got)
	}
}

// official adds an institution and somebody who holds a role there.
func (w *world) official() account.Person {
	w.Helper()
	var inst institution.Institution
	w.write(func(tx *db.Tx) (err error) {
		inst, err = institution.Put(tx, institution.Institution{Name: "Secretaría de Salud", Acronym: "SSA", Type: "federal", Zone: institution.DefaultZone})
		return err
	})
	p := w.create("ines@salud.mx", "Inés Robles")
	w.write(func(tx *db.Tx) error { return account.GrantRole(tx, p.ID, plaza.Liaison, inst.ID, time.Time{}) })
	return p
}

func TestNamesThatLookLikeAnothersAreRefused(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, setting{})
		ines := w.official()
		for _, c := range []struct{ name, person, want string }{
			{"Secretaria de salud", "", "name_institution"}, {"SECRETARÍA  DE SALUD", "", "name_institution"},
			{"ssa", "", "name_institution"}, {"S.S.A.", "", "name_institution"}, {"Secretaría de Salud (oficial)", "", "name_institution"},
			{"Secretaría de Sa1ud", "", "name_institution"}, {"Ѕесгетагіа", "", ""}, {"ЅЅА", "", "name_institution"},
			{"Inés Robles", "", "name_official"}, {"Ines R0bles", "", "name_official"}, {"lnés Robles", "", "name_official"}, {"inés-robles", "", "name_official"},
			{"Іnés Robles", "", "name_scripts"}, {"Inés Rοbles", "", "name_scripts"}, {"Ana Ñúñez Иванова", "", "name_scripts"},
			{"Inés\u200b Robles", "", "name"}, {"Inés\u3164Robles", "", "name"}, {"\u202eselboR sénI", "", "name"}, {"Ana\ufe0f Gil", "", "name"},
			{"A\u0301\u0302\u0303\u0304na", "", "name"}, {"…", "", "name"}, {"", "", "name"}, {strings.Repeat("a", 121), "", "name"},
			{"Inés Robles", ines.ID, ""}, {"Inés Robles Cano", "", "name_official"}, {"Entra a evil.mx", "", "name_address"}, {"https://a", "", "name_address"}, {"yo@tu", "", "name_address"},
			{"J. R. R. Pérez", "", ""}, {"Plaza", "", "name_reserved"}, {"Moderación de datos", "", "name_reserved"}, {"Juan Plaza", "", ""},
			{"Ana Gil (SSA)", "", "name_institution"}, {"Ana de la SSA", "", "name_institution"}, {"Enlace ssa", "", "name_institution"}, {"Ana de León", "", ""}, {"Luz Pérez", "", ""},
			// another's name in the middle of words is nobody's, at their edges it is
			{"Martinés Robles", "", ""}, {"Inés Roblesca", "", ""}, {"Inés Robles2", "", "name_official"}, {"XInésRoblesOficial", "", "name_official"},
			{"inesroblesoficial", "", "name_official"}, {"Yo I n é s Robles", "", "name_official"}, {"Salud García", "", ""}, {"Иван Иванов", "", ""}, {"山田 たろう", "", ""}, {"Ana 😀", "", ""},
		} {
			err := d.Read(t.Context(), func(tx *db.Tx) error { return w.accounts.CheckName(tx, c.name, c.person) })
			got := ""
			if e, ok := err.(*plaza.Error); ok && len(e.Fields) == 1 && e.Fields[0].Field == "name" {
				got = strings.TrimPrefix(e.Fields[0].Key, "account.error.")
			} else if err != nil {
				t.Fatal(err)
			}
			if got != c.want {
				t.Errorf("CheckName(%q) = %q, want %q", c.name, got, c.want)
			}
		}
	})
}

func TestTheNamesOfTheInstallationAreItsOwn(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, setting{reserved: []string{"Datos de México", "", "Unidad de Datos Abiertos"}})
		for name, want := range map[string]string{"Datos de Mexico": "name_reserved", "DATOS-DE-MÉXIC0": "name_reserved", "Unidad de Datos Abiertos (oficial)": "name_reserved",
			"Datos": "", "Luz Pérez": ""} {
			got := ""
			err := d.Read(t.Context(), func(tx *db.Tx) error { return w.accounts.CheckName(tx, name, "") })
			if e, ok := err.(*plaza.Error); ok {
				got = strings.TrimPrefix(e.Fields[0].Key, "account.error.")
			}
			if got != want {
				t.Errorf("CheckName(%q) = %q, want %q", name, got, want)
			}
			err = d.Write(plaza.WithActor(t.Context(), w.ana.Actor()), func(tx *db.Tx) error { return w.accounts.SetProfile(tx, w.ana.ID, name, "es-MX") })
			if (err == nil) != (want == "") {
				t.Errorf("renaming to %q: %v", name, err)
			}
		}
	})
}

func TestWhoHadANameBeforeAnOfficialOrAnInstitutionHadItIsListed(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, setting{})
		first := w.create("otra@ejemplo.mx", "Ines R0bles")
		w.create("salud@ejemplo.mx", "Secretaría de Sa1ud")
		w.create("luz@ejemplo.mx", "Luz Pérez")
		alike := func() (names []string) {
			t.Helper()
			w.write(func(tx *db.Tx) error { _, _, err := job.Enqueue(tx, account.Lookalikes{}, job.Options{}); return err })
			w.runOne(account.Lookalikes{}.Kind())
			w.write(func(tx *db.Tx) error {
				found, err := account.Find(tx, account.Query{Lookalike: true})
				for _, p := range found.People {
					names = append(names, p.Name+" "+p.Resembles)
				}
				if n, err := account.CountLookalikes(tx); err != nil || n != len(names) {
					t.Errorf("%d are counted, %d listed, %v", n, len(names), err)
				}
				return err
			})
			return names
		}
		if got := alike(); len(got) != 0 {
			t.Errorf("before anybody is appointed: %v", got)
		}
		w.official()
		if got := strings.Join(alike(), ", "); got != "Ines R0bles official, Secretaría de Sa1ud institution" {
			t.Errorf("after it: %s", got)
		}
		if err := d.Write(plaza.WithActor(t.Context(), first.Actor()), func(tx *db.Tx) error {
			return w.accounts.SetProfile(tx, first.ID, "Otra Persona", "es-MX")
		}); err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(alike(), ", "); got != "Secretaría de Sa1ud institution" {
			t.Errorf("once one changed it: %s", got)
		}
	})
}

func TestWithoutAMailServerSignUpsMailsAreKept(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t), setting{noMail: true})
	b := w.browser()
	b.want(b.apply("name", "Luz Pérez", "email", "luz@ejemplo.mx"), http.StatusSeeOther)
	if info := w.runOne(account.SignupMail{}.Kind()); info.State != job.Completed {
		t.Fatalf("%s: %s", info.State, info.Error)
	}
	if n := w.scalar(`SELECT COUNT(*) FROM outbox WHERE state = 'kept' AND body_text LIKE $1`, "%/cuenta/nueva/%"); n != 1 {
		t.Errorf("%d mails are kept, want 1", n)
	}
}

func TestSigningUpIsBrakedBeforeAHashIsMade(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t), setting{})
	b := w.browser()
	for range 3 {
		b.want(b.apply("name", "Luz Pérez", "email", "luz@ejemplo.mx", "password", goodPassword), http.StatusSeeOther)
	}
	made := w.accounts.Hashes()
	b.want(b.apply("name", "Luz Pérez", "email", "luz@ejemplo.mx", "password", goodPassword), http.StatusTooManyRequests)
	if n := w.accounts.Hashes() - made; n != 0 {
		t.Errorf("%d hashes were made for what was refused", n)
	}
}

func TestAMailToAnAddressThatHasConfirmedNothingHoldsNoWordsOfStrangers(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t), setting{})
	w.work()
	b := w.browser()
	b.want(b.apply("name", "Gana Dinero Ya", "email", "victima@ejemplo.mx"), http.StatusSeeOther)
	if m := w.mail.Wait(t, 1)[0]; strings.Contains(m.Text+m.HTML+m.Subject(), "Dinero") {
		t.Errorf("the mail says %q", m.Text)
	}
}
