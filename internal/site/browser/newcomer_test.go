package browser_test

import (
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/civic/account"
	"plaza/internal/plaza"
	"plaza/internal/section/catalog"
	"plaza/internal/site/browser"
)

// town is a Plaza of its own in which people do things, without a mail server: what it
// would mail is read by who looks after it.
type town struct {
	*testing.T
	*browser.Demo
	chrome *browser.Browser
	ada    *browser.Tab // of the coordination
}

func newTown(t *testing.T) *town {
	t.Helper()
	w := &town{T: t}
	var err error
	if w.Demo, err = browser.StartDemo(t.Context(), filepath.Join(t.TempDir(), "data")); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	w.chrome = chrome.At(w.Origin)
	w.ada = w.tab(browser.Look{})
	w.signIn(w.ada, "ada@ejemplo.mx", "Ada Central", plaza.Admin, "")
	return w
}

func (w *town) tab(look browser.Look) *browser.Tab {
	w.Helper()
	v, err := w.chrome.Tab(look)
	if err != nil {
		w.Fatal(err)
	}
	w.Cleanup(v.Close)
	return v
}

// signIn makes an account with a role, at an institution or everywhere, and signs in with
// the link that an operator makes.
func (w *town) signIn(v *browser.Tab, email, name string, role plaza.Role, at string) {
	w.Helper()
	ctx := plaza.WithActor(w.Context(), plaza.SystemActor)
	if err := w.Site.DB.Write(ctx, func(tx *db.Tx) error {
		p, err := account.Create(tx, account.New{Email: email, Name: name})
		if err != nil {
			return err
		}
		return account.GrantRole(tx, p.ID, role, at, time.Time{})
	}); err != nil {
		w.Fatal(err)
	}
	link, err := w.Site.Accounts.SigninLink(ctx, email)
	if err != nil {
		w.Fatal(err)
	}
	visit(w.T, v, strings.TrimPrefix(link, w.Origin), 200)
	follow(w.T, v, "main form button")
}

// typed types into a field.
func (w *town) typed(v *browser.Tab, selector, text string) {
	w.Helper()
	if err := v.Type(selector, text); err != nil {
		w.Fatal(err)
	}
}

// choose chooses an option of a list, or ticks a box.
func (w *town) choose(v *browser.Tab, selector, value string) {
	w.Helper()
	ask[string](w.T, v, fmt.Sprintf(`(() => { const f = document.querySelector(%q); f.value = %q; f.dispatchEvent(new Event('change', {bubbles: true})); return f.value })()`, selector, value))
}

// text is what a page's main part says.
func (w *town) text(v *browser.Tab) string {
	w.Helper()
	return ask[string](w.T, v, "document.querySelector('main').innerText")
}

// mails are the ids of the mails to an address, the newest first.
func (w *town) mails(address string) (ids []string) {
	w.Helper()
	if err := w.Site.DB.Read(w.Context(), func(tx *db.Tx) (err error) {
		ids, err = db.All(tx, db.Column[string], `SELECT id FROM outbox WHERE address = $1 ORDER BY id DESC`, address)
		return err
	}); err != nil {
		w.Fatal(err)
	}
	return ids
}

// read has the coordination read a mail with the button of the list.
func (w *town) read(mail string) string {
	w.Helper()
	visit(w.T, w.ada, "/admin/correos", http.StatusOK)
	follow(w.T, w.ada, "form[action='/admin/correos/"+mail+"'] button")
	return w.text(w.ada)
}

// mailed waits until so many mails to an address are there, and reads the newest.
func (w *town) mailed(address string, n int) string {
	w.Helper()
	var ids []string
	if !comes(func() bool { ids = w.mails(address); return len(ids) >= n }) {
		w.Fatalf("%d mails to %s, want %d", len(ids), address, n)
	}
	return w.read(ids[0])
}

// link finds an address of the site in a mail.
func (w *town) link(mail, under string) string {
	w.Helper()
	found := regexp.MustCompile(regexp.QuoteMeta(w.Origin+under) + `[^\s)>]+`).FindString(mail)
	if found == "" {
		w.Fatalf("no link to %s in:\n%s", under, mail)
	}
	return strings.TrimPrefix(found, w.Origin)
}

// dataset is a dataset that an institution answers for.
func (w *town) dataset() (card plaza.Card) {
	w.Helper()
	if err := w.Site.DB.Read(w.Context(), func(tx *db.Tx) error {
		ref := plaza.Ref{Kind: catalog.KindDataset}
		if err := tx.Row(`SELECT id FROM datasets WHERE institution_id <> '' AND state <> 'absent' ORDER BY slug LIMIT 1`).Scan(&ref.ID); err != nil {
			return err
		}
		cards, err := catalog.Cards(tx, []plaza.Ref{ref})
		card = cards[ref]
		return err
	}); err != nil {
		w.Fatal(err)
	}
	return card
}

// TestANewcomersCommentWaitsIsLetThroughAndIsMailed is what happens to the first thing
// that somebody says here, with scripts and without.
func TestANewcomersCommentWaitsIsLetThroughAndIsMailed(t *testing.T) {
	w := newTown(t)
	mo := w.tab(browser.Look{})
	w.signIn(mo, "mo@ejemplo.mx", "Mo Deradora", plaza.Moderator, "")
	on := w.dataset()
	for n, look := range []browser.Look{{Width: 360}, {Width: 1280, Bare: true}} {
		t.Run(look.String(), func(t *testing.T) {
			w := &town{T: t, Demo: w.Demo, chrome: w.chrome, ada: w.ada}
			word := []string{"xocoyote", "tlacuache"}[n]
			reader := w.tab(look)
			mail := fmt.Sprintf("lectora%d@ejemplo.mx", n)
			w.followsByMail(reader, on, mail)
			v := w.tab(look)
			w.signsUp(v, fmt.Sprintf("nadia%d@ejemplo.mx", n), "Nadia "+word)
			visit(t, v, on.Path, 200)
			w.typed(v, "textarea[name=texto]", "Aquí falta el "+word+" de mayo.")
			follow(t, v, ".Comment-form button[type=submit]")
			if said := w.text(v); !strings.Contains(said, word) {
				t.Fatalf("she does not see what she sent:\n%s", said)
			}
			w.seen(reader, on, word, false)
			before := len(w.mails(mail))
			w.letsThrough(mo, word)
			w.seen(reader, on, word, true)
			text := w.mailed(mail, before+1)
			if !strings.Contains(text, on.Title) {
				t.Errorf("the mail does not say what it is about:\n%s", text)
			}
			if got := len(w.mails(mail)); got != before+1 {
				t.Errorf("%d mails for one comment", got-before)
			}
			w.stops(w.link(text, "/seguir/baja/"))
		})
	}
}

// followsByMail follows an object with an address, and confirms it.
func (w *town) followsByMail(v *browser.Tab, on plaza.Card, email string) {
	w.Helper()
	visit(w.T, v, "/seguir?objeto="+url.QueryEscape(on.Ref.String()), 200)
	w.typed(v, "main input[name=email]", email)
	w.choose(v, "main select[name=often]", "now")
	follow(w.T, v, "main form button[type=submit]")
	visit(w.T, v, w.link(w.mailed(email, 1), "/seguir/confirmar/"), 200)
	follow(w.T, v, "main form button")
}

// signsUp makes an account with an address, and confirms it by a button.
func (w *town) signsUp(v *browser.Tab, email, name string) {
	w.Helper()
	visit(w.T, v, "/cuenta/nueva", 200)
	w.typed(v, "main input[name=name]", name)
	w.typed(v, "main input[name=email]", email)
	follow(w.T, v, "main form button[type=submit]")
	visit(w.T, v, w.link(w.mailed(email, 1), "/cuenta/nueva/"), 200)
	follow(w.T, v, "main form button")
	visit(w.T, v, "/mi", 200)
}

// seen checks that a comment is for everybody, or for nobody: on the page, in the feed
// and in the search.
func (w *town) seen(v *browser.Tab, on plaza.Card, word string, want bool) {
	w.Helper()
	feed := "/comentarios/" + on.Ref.Kind + "/" + on.Ref.ID + "/atom.xml"
	visit(w.T, v, on.Path, 200)
	if got := strings.Contains(w.text(v), word); got != want {
		w.Errorf("on the page: %v, want %v", got, want)
	}
	res, err := http.Get(w.Origin + feed)
	if err != nil {
		w.Fatal(err)
	}
	defer res.Body.Close()
	body := new(strings.Builder)
	if err := res.Write(body); err != nil {
		w.Fatal(err)
	}
	if got := strings.Contains(body.String(), word); got != want {
		w.Errorf("in the feed: %v, want %v", got, want)
	}
	visit(w.T, v, "/buscar?q="+word, 200)
	if got := ask[int](w.T, v, "document.querySelectorAll('main .Item').length"); !want && got > 0 {
		w.Errorf("the search finds %d things", got)
	}
}

// letsThrough has a moderator let the case that waits through, with a reason.
func (w *town) letsThrough(v *browser.Tab, word string) {
	w.Helper()
	visit(w.T, v, "/moderacion", 200)
	follow(w.T, v, "main a[href*='/moderacion/caso/']")
	if said := w.text(v); !strings.Contains(said, word) {
		w.Fatalf("the first case is another:\n%s", said)
	}
	w.choose(v, "main form:has([formaction$='/dejar-pasar']) select", "other")
	w.typed(v, "main form:has([formaction$='/dejar-pasar']) textarea", "Es lo que se espera de un comentario.")
	follow(w.T, v, "main [formaction$='/dejar-pasar']")
}

// stops ends mails as a mail program does with one press.
func (w *town) stops(path string) {
	w.Helper()
	res, err := http.Post(w.Origin+path, "application/x-www-form-urlencoded", strings.NewReader("List-Unsubscribe=One-Click"))
	if err != nil {
		w.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		w.Errorf("one press on stop: %s", res.Status)
	}
}
