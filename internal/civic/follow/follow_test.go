package follow_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/db/dbtest"
	"plaza/internal/base/mail/mailtest"
	"plaza/internal/civic/account"
	"plaza/internal/civic/follow"
	"plaza/internal/civic/record"
	"plaza/internal/civic/search"
	"plaza/internal/plaza"
)

var (
	atOnce = follow.Choice{Often: follow.Now, InApp: true, ByMail: true}
	daily  = follow.Choice{Often: follow.Daily, InApp: true, ByMail: true}
	weekly = follow.Choice{Often: follow.Weekly, InApp: true, ByMail: true}
	inApp  = follow.Choice{Often: follow.Daily, InApp: true}
)

func TestWhoeverFollowsWhatAThingLiesWithinIsToldOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, "")
		w.happens("dataset.absent", air) // before anybody follows
		for name, refs := range map[string][]plaza.Ref{"ana": {air}, "beto": {health}, "caro": {theme}, "dora": {air, health, theme}, "ema": {{Kind: "dataset", ID: "otro"}}} {
			for _, r := range refs {
				w.follows(name, r, inApp)
			}
		}
		w.follows("fe", air, inApp)
		w.happensBy(w.accounts["fe"].Actor(), "dataset.absent", air) // not who did it
		w.happens("source.paused", plaza.Ref{Kind: "source", ID: "s"})
		w.happens("dataset.absent", plaza.Ref{Kind: "dataset", ID: "oculto"})
		w.work()
		w.work()
		want := []string{"ana: dataset.absent", "beto: dataset.absent", "caro: dataset.absent", "dora: dataset.absent"}
		if got := w.told(); !slices.Equal(got, want) {
			t.Errorf("told %q, want %q", got, want)
		}
	})
}

func TestAudiencesNamePeopleRolesAndFurtherThings(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		var ana, beto account.Person
		w := newWorld(t, d, "", func(_ *db.Tx, e record.Entry) (record.Audience, error) {
			switch e.Verb {
			case "comment.published":
				return record.Audience{Direct: []record.Concerned{{Person: ana.ID, Why: "notify.why.direct"}},
					Roles: []record.Post{{Role: plaza.Liaison, Institution: health.ID}}, About: []plaza.Ref{theme}}, nil
			case "comment.quiet":
				return record.Audience{Nobody: true, Direct: []record.Concerned{{Person: ana.ID}}}, nil
			}
			return record.Audience{}, nil
		})
		ana, beto = w.person("ana"), w.person("beto")
		w.follows("caro", theme, inApp)
		w.follows("dora", plaza.Ref{Kind: "comment", ID: "c"}, inApp)
		w.write(plaza.SystemActor, func(tx *db.Tx) error {
			return account.GrantRole(tx, beto.ID, plaza.Liaison, health.ID, time.Time{})
		})
		w.happens("comment.published", plaza.Ref{Kind: "comment", ID: "c"})
		w.happens("comment.quiet", plaza.Ref{Kind: "comment", ID: "c"})
		w.work()
		want := []string{"ana: comment.published", "beto: comment.published", "caro: comment.published", "dora: comment.published"}
		if got := w.told(); !slices.Equal(got, want) {
			t.Errorf("told %q, want %q", got, want)
		}
	})
}

func TestWhomItConcernsIsToldWhereNobodyFollowsAnything(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		var ana account.Person
		w := newWorld(t, d, "", func(_ *db.Tx, _ record.Entry) (record.Audience, error) {
			return record.Audience{Direct: []record.Concerned{{Person: ana.ID, Why: "notify.why.direct"}}}, nil
		})
		ana = w.person("ana")
		w.happens("dataset.absent", air)
		w.work() // the first time: what was before is not told
		w.happens("comment.published", plaza.Ref{Kind: "comment", ID: "c"})
		w.work()
		w.work()
		if got, want := w.told(), []string{"ana: comment.published"}; !slices.Equal(got, want) {
			t.Errorf("told %q, want %q", got, want)
		}
	})
}

func TestAKeptSearchTellsOfNewDatasetsThatItFinds(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, "")
		w.follows("ana", plaza.Ref{Kind: "search", ID: "agua"}, inApp)
		w.follows("beto", plaza.Ref{Kind: "search", ID: "fuego"}, inApp)
		for _, title := range []string{"Calidad del agua", "Calidad del aire"} {
			ref := plaza.Ref{Kind: "dataset", ID: title}
			w.write(plaza.SystemActor, func(tx *db.Tx) error {
				if err := search.Put(tx, search.Doc{Ref: ref, Title: title}); err != nil {
					return err
				}
				return record.Append(tx, record.Act{Verb: "dataset.added", Object: ref})
			})
		}
		w.work()
		if got, want := w.told(), []string{"ana: dataset.added"}; !slices.Equal(got, want) {
			t.Errorf("told %q, want %q", got, want)
		}
	})
}

func TestMailsOfOneRunAreOneMailWithItsReasons(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, "")
		seen := 0
		w.follows("ana", air, atOnce)
		w.follows("ana", health, atOnce)
		w.happens("dataset.absent", air)
		w.happens("dataset.returned", air)
		w.happens("dataset.added", plaza.Ref{Kind: "dataset", ID: "agua"})
		w.work()
		got := w.arrived(&seen)
		if len(got) != 1 {
			t.Fatalf("%d mails, want one", len(got))
		}
		m := got[0]
		if m.Subject() != "3 novedades en Plaza" || m.To[0] != "ana@ejemplo.mx" {
			t.Errorf("subject %q to %v", m.Subject(), m.To)
		}
		for _, part := range []string{"Porque sigue Título de aire.", "Porque sigue Título de salud.", base + "/dataset/agua", "Hola, ana:", base + "/mi/seguimientos"} {
			if !strings.Contains(m.Text, part) {
				t.Errorf("the text lacks %q:\n%s", part, m.Text)
			}
		}
		if !strings.Contains(m.HTML, `href="`+base+`/dataset/aire"`) || strings.Contains(m.HTML, "<img") {
			t.Errorf("the HTML lacks its links, or has pictures:\n%s", m.HTML)
		}
		if !strings.HasPrefix(m.Header.Get("List-Unsubscribe"), "<"+base+"/seguir/baja/") || m.Header.Get("List-Unsubscribe-Post") != "List-Unsubscribe=One-Click" {
			t.Errorf("headers %q, %q", m.Header.Get("List-Unsubscribe"), m.Header.Get("List-Unsubscribe-Post"))
		}
		w.work()
		if got := w.arrived(&seen); len(got) != 0 {
			t.Errorf("%d mails again", len(got))
		}
	})
}

func TestFollowingByMailFromTheFormToTheLastClick(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, "")
		seen := 0
		page := w.as("", http.MethodGet, follow.FollowPath(air), nil)
		if page.Code != http.StatusOK || !strings.Contains(page.Body.String(), "/entrar?volver=") {
			t.Fatalf("the form: %d\n%s", page.Code, page.Body)
		}
		ask := func(email string) string {
			t.Helper()
			res := w.as("", http.MethodPost, "/seguir", url.Values{"objeto": {air.String()}, "email": {email}, "often": {"now"}})
			if res.Code != http.StatusOK {
				t.Fatalf("asking: %d\n%s", res.Code, res.Body)
			}
			return res.Body.String()
		}
		w.person("conocida")
		if ask("Nueva@ejemplo.mx") != ask("conocida@ejemplo.mx") {
			t.Error("the answer tells which addresses are known")
		}
		w.happens("dataset.absent", air)
		w.work()
		got := w.arrived(&seen)
		if len(got) != 2 {
			t.Fatalf("%d mails, want the two confirmations and nothing of what happened", len(got))
		}
		slices.SortFunc(got, func(a, b mailtest.Message) int { return strings.Compare(a.To[0], b.To[0]) }) // several connections bring them
		link := w.linkIn(got[0], `/seguir/confirmar/[\w.-]+`)
		if res := w.as("", http.MethodGet, link, nil); res.Code != http.StatusOK || res.Header().Get("Referrer-Policy") != "no-referrer" {
			t.Fatalf("opening the link: %d %v", res.Code, res.Header())
		}
		w.happens("dataset.absent", air) // a scanner opened the link: nobody has said yes
		w.work()
		if got := w.arrived(&seen); len(got) != 0 {
			t.Fatalf("%d mails before anybody said yes", len(got))
		}
		res := w.as("", http.MethodPost, link, url.Values{})
		manage := res.Header().Get("Location")
		if res.Code != http.StatusSeeOther || !strings.HasPrefix(manage, "/seguir/m") {
			t.Fatalf("saying yes: %d %q", res.Code, manage)
		}
		if res := w.as("", http.MethodGet, manage, nil); res.Code != http.StatusOK || !strings.Contains(res.Body.String(), "Título de aire") {
			t.Errorf("the page of what is followed: %d\n%s", res.Code, res.Body)
		}
		w.happens("dataset.returned", air)
		w.work()
		if got = w.arrived(&seen); len(got) != 1 || !strings.Contains(got[0].Text, "Porque sigue Título de aire") {
			t.Fatalf("%d mails, want one with its reason", len(got))
		}
		stop := strings.Trim(got[0].Header.Get("List-Unsubscribe"), "<>")
		if res := w.as("", http.MethodGet, stop, nil); res.Code != http.StatusOK {
			t.Errorf("opening the link to stop: %d", res.Code)
		}
		w.happens("dataset.absent", air)
		w.work()
		if got := w.arrived(&seen); len(got) != 1 {
			t.Errorf("%d mails after the link to stop was only opened, want one", len(got))
		}
		for range 2 { // mail programs try again
			if res := w.as("", http.MethodPost, stop, url.Values{"List-Unsubscribe": {"One-Click"}}); res.Code != http.StatusOK {
				t.Fatalf("one click: %d", res.Code)
			}
		}
		w.happens("dataset.returned", air)
		w.work()
		if got := w.arrived(&seen); len(got) != 0 {
			t.Errorf("%d mails after the click that stops them", len(got))
		}
		if n := w.count(`SELECT COUNT(*) FROM follow_readers WHERE email_key = 'nueva@ejemplo.mx'`); n != 0 {
			t.Error("the address of whoever stopped is still there")
		}
	})
}

func (w *world) count(query string, args ...any) (n int) {
	w.Helper()
	if err := w.db.Read(w.Context(), func(tx *db.Tx) error { return tx.Row(query, args...).Scan(&n) }); err != nil {
		w.Fatal(err)
	}
	return n
}

func TestDigestsComeAtEightAndOnMondays(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) { // Monday, nine in the morning
		w := newWorld(t, d, "")
		seen := 0
		w.follows("diana", air, daily)
		w.follows("sara", air, weekly)
		w.follows("ana", air, atOnce)
		w.follows("lee", air, daily)
		w.happens("dataset.absent", air)
		w.happens("dataset.changed", air) // a machine's: not at once, even for Ana
		w.work()
		to := func() (out []string) {
			for _, m := range w.arrived(&seen) {
				out = append(out, m.To[0]+" "+m.Subject())
			}
			slices.Sort(out)
			return out
		}
		if got := to(); len(got) != 1 || !strings.HasPrefix(got[0], "ana@ejemplo.mx Desapareció") {
			t.Errorf("at once: %q, want Ana's alone, of one thing", got)
		}
		if res := w.as("lee", http.MethodPost, follow.NoticesPath, url.Values{"up_to": {"1000"}}); res.Code != http.StatusSeeOther {
			t.Fatalf("reading: %d", res.Code)
		}
		w.nextMorning()
		if got, want := to(), []string{"ana@ejemplo.mx Cambió el conjunto de datos Título de aire.", "diana@ejemplo.mx 2 novedades en Plaza"}; !slices.Equal(got, want) {
			t.Errorf("on Tuesday: %q, want %q", got, want)
		}
		for range 5 {
			w.nextMorning()
		}
		if got := to(); len(got) != 0 {
			t.Errorf("until Sunday: %q, want nothing", got)
		}
		w.nextMorning()
		if got, want := to(), []string{"sara@ejemplo.mx 2 novedades en Plaza"}; !slices.Equal(got, want) {
			t.Errorf("on Monday: %q, want %q", got, want)
		}
	})
}

func TestOneClickStopsOneSubscriptionOrAll(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, "")
		seen := 0
		w.follows("ana", air, atOnce)
		w.follows("ana", health, atOnce)
		w.happens("dataset.absent", air)
		w.work()
		one := strings.Trim(w.arrived(&seen)[0].Header.Get("List-Unsubscribe"), "<>")
		if res := w.as("", http.MethodPost, one, url.Values{}); res.Code != http.StatusOK {
			t.Fatalf("one click: %d", res.Code)
		}
		w.happens("dataset.absent", air)
		w.happens("dataset.absent", plaza.Ref{Kind: "dataset", ID: "agua"})
		w.work()
		got := w.arrived(&seen)
		if len(got) != 1 || strings.Contains(got[0].Text, "porque sigue Título de aire.") && strings.Contains(got[0].Text, "Título de agua") == false {
			t.Fatalf("%d mails, want one for the institution", len(got))
		}
		all := strings.Trim(got[0].Header.Get("List-Unsubscribe"), "<>")
		for _, bad := range []string{all + "x", strings.Replace(all, "/baja/", "/baja/r", 1), base + "/seguir/baja/nada", strings.Replace(all, "/baja/", "/confirmar/", 1)} {
			if res := w.as("", http.MethodPost, bad, url.Values{}); res.Code != http.StatusNotFound {
				t.Errorf("%s: %d, want 404", bad, res.Code)
			}
		}
		if res := w.as("", http.MethodPost, all, url.Values{}); res.Code != http.StatusOK {
			t.Fatalf("one click: %d", res.Code)
		}
		w.happens("dataset.absent", air)
		w.work()
		if got := w.arrived(&seen); len(got) != 0 {
			t.Errorf("%d mails after all was stopped", len(got))
		}
		if n := w.count(`SELECT COUNT(*) FROM notices WHERE in_app`); n != 4 {
			t.Errorf("%d notices in the app, want all 4: only mails were stopped", n)
		}
	})
}

func TestAPersonSeesChangesAndStopsWhatTheyFollow(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, "")
		w.person("ana")
		w.person("beto")
		post := func(name string, form url.Values) int {
			t.Helper()
			return w.as(name, http.MethodPost, follow.MinePath, form).Code
		}
		if got := post("ana", url.Values{"objeto": {air.String()}, "often": {"daily"}}); got != http.StatusUnprocessableEntity {
			t.Errorf("told nowhere: %d, want 422", got)
		}
		if got := post("", url.Values{"objeto": {air.String()}, "often": {"daily"}, "app": {"1"}}); got != http.StatusSeeOther && got != http.StatusUnauthorized {
			t.Errorf("a visitor: %d", got)
		}
		if got := post("ana", url.Values{"objeto": {"dataset:oculto"}, "often": {"daily"}, "app": {"1"}}); got != http.StatusNotFound {
			t.Errorf("a hidden thing: %d, want 404", got)
		}
		for range 2 {
			if got := post("ana", url.Values{"objeto": {air.String()}, "often": {"daily"}, "app": {"1"}}); got != http.StatusSeeOther {
				t.Fatalf("following: %d", got)
			}
		}
		var id string
		if err := d.Read(t.Context(), func(tx *db.Tx) error { return tx.Row(`SELECT id FROM follows`).Scan(&id) }); err != nil {
			t.Fatal(err)
		}
		for _, do := range []string{"save", "stop"} {
			if got := post("beto", url.Values{"follow": {id}, "do": {do}, "often": {"weekly"}, "app": {"1"}}); got != http.StatusNotFound {
				t.Errorf("another's, %s: %d, want 404", do, got)
			}
		}
		if got := post("ana", url.Values{"follow": {id}, "do": {"save"}, "often": {"weekly"}, "app": {"1"}, "mail": {"1"}}); got != http.StatusSeeOther {
			t.Fatalf("changing: %d", got)
		}
		body := w.as("ana", http.MethodGet, follow.MinePath, nil).Body.String()
		if !strings.Contains(body, "Título de aire") || !strings.Contains(body, `<option value="weekly" selected>`) {
			t.Errorf("the list does not show the change:\n%s", body)
		}
		if got := post("ana", url.Values{"do": {"stop_all"}}); got != http.StatusSeeOther || w.count(`SELECT COUNT(*) FROM follows`) != 0 {
			t.Errorf("stopping all: %d", got)
		}
	})
}

func TestNoticesAreListedByPageAndMarkedAsRead(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, "")
		w.follows("ana", health, inApp)
		w.follows("beto", health, inApp)
		for i := range 35 {
			w.happens("dataset.added", plaza.Ref{Kind: "dataset", ID: fmt.Sprint("d", i)})
		}
		w.work()
		unread := func(name string) (n int) {
			t.Helper()
			if err := d.Read(t.Context(), func(tx *db.Tx) (err error) {
				n, err = follow.Unread(tx, w.accounts[name].ID)
				return err
			}); err != nil {
				t.Fatal(err)
			}
			return n
		}
		if n := unread("ana"); n != 35 {
			t.Fatalf("%d unread, want 35", n)
		}
		body := w.as("ana", http.MethodGet, follow.NoticesPath, nil).Body.String()
		if strings.Count(body, "NoticeList-item--new") != 30 || !strings.Contains(body, "?antes=") {
			t.Errorf("the first page:\n%s", body)
		}
		seq := w.count(`SELECT MAX(seq) FROM notices`)
		w.as("ana", http.MethodPost, follow.NoticesPath, url.Values{"notice": {fmt.Sprint(seq)}})
		if n := unread("ana"); n != 34 {
			t.Errorf("%d unread after one was read", n)
		}
		w.as("ana", http.MethodPost, follow.NoticesPath, url.Values{"up_to": {fmt.Sprint(seq)}})
		if a, b := unread("ana"), unread("beto"); a != 0 || b != 35 {
			t.Errorf("%d and %d unread after Ana read all, want 0 and 35", a, b)
		}
		ctx, n := db.CountStatements(t.Context())
		if err := d.Read(ctx, func(tx *db.Tx) error { _, err := follow.Unread(tx, "x"); return err }); err != nil || n.Load() != 1 {
			t.Errorf("Unread: %d statements, %v", n.Load(), err)
		}
	})
}

func TestWhatIsPastItsTimeIsForgottenAndAPersonTakesAllAlong(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, "")
		w.follows("ana", air, inApp)
		w.as("", http.MethodPost, "/seguir", url.Values{"objeto": {air.String()}, "email": {"x@ejemplo.mx"}, "often": {"now"}})
		w.happens("dataset.absent", air)
		w.happens("dataset.returned", air)
		w.work()
		w.as("ana", http.MethodPost, follow.NoticesPath, url.Values{"notice": {fmt.Sprint(w.count(`SELECT MAX(seq) FROM notices`))}})
		h := follow.Holding()
		expire := func() {
			t.Helper()
			for n := 1; n > 0; {
				w.write(plaza.SystemActor, func(tx *db.Tx) (err error) {
					n, err = h.Expire(tx)
					return err
				})
			}
		}
		expire()
		if n := w.count(`SELECT COUNT(*) FROM follow_readers`); n != 1 {
			t.Errorf("%d readers at once, want the one who may still confirm", n)
		}
		dbtest.Advance(d, 8*24*time.Hour)
		expire()
		if n := w.count(`SELECT COUNT(*) FROM follow_readers`); n != 0 {
			t.Errorf("%d readers after eight days unconfirmed", n)
		}
		dbtest.Advance(d, 90*24*time.Hour)
		expire()
		if n := w.count(`SELECT COUNT(*) FROM notices`); n != 1 {
			t.Errorf("%d notices after 98 days, want the unread one", n)
		}
		w.write(plaza.SystemActor, func(tx *db.Tx) error {
			file, err := h.Export(tx, w.accounts["ana"].ID)
			if err != nil || !strings.Contains(fmt.Sprint(file), "dataset:aire") {
				t.Errorf("Export = %v, %v", file, err)
			}
			_, err = h.Erase(tx, w.accounts["ana"].ID)
			return err
		})
		if n := w.count(`SELECT COUNT(*) FROM notices`) + w.count(`SELECT COUNT(*) FROM follows`); n != 0 {
			t.Errorf("%d rows of a person who is gone", n)
		}
	})
}

func TestManyFollowersAreToldInPiecesEachOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, "")
		w.write(plaza.SystemActor, func(tx *db.Tx) error { return follow.Crowd(tx, air, 1050) })
		w.write(plaza.SystemActor, func(tx *db.Tx) error { return follow.Crowd(tx, health, 450) }) // some are the same
		w.happens("dataset.absent", air)
		w.happens("dataset.returned", air)
		w.work()
		if n := w.count(`SELECT COUNT(*) FROM notices`); n != 2*1050 {
			t.Errorf("%d notices, want one for each of 1050 and each of two entries", n)
		}
	})
}
