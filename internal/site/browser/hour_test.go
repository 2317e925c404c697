package browser_test

import (
	"fmt"
	"log/slog"
	"math"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"plaza/internal/base/db"
	"plaza/internal/base/db/dbtest"
	"plaza/internal/civic/account"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/outbox"
	"plaza/internal/plaza"
	"plaza/internal/section/catalog"
	"plaza/internal/section/catalog/dcat"
	"plaza/internal/site"
	"plaza/internal/site/browser"
)

// How long a person takes, by the Keystroke-Level Model (Card, Moran, Newell 1980) with
// what it leaves out: reading, finding words, and mails.
const (
	stroke  = 280 * time.Millisecond  // K: a key, of an average typist
	aim     = 1100 * time.Millisecond // P: the pointer, or a finger, to its goal
	press   = 200 * time.Millisecond  // B: down and up
	homing  = 400 * time.Millisecond  // H: from the pointer to the keys, or back
	mind    = 1350 * time.Millisecond // M: to make up one's mind to a step
	respond = time.Second             // R: a page comes
	word    = 300 * time.Millisecond  // to read one, at 200 a minute
	wording = time.Second             // to find one that one writes
	mailing = 30 * time.Second        // until a mail is there and found
)

// small is a Plaza of its own with few things in it, made by code. Its clock stands, but
// for what the people in it are reckoned to take.
type small struct {
	*testing.T
	*browser.Demo
	chrome *browser.Browser
}

// small worlds begin on a Tuesday morning.
var hourStart = time.Date(2026, 11, 24, 15, 0, 0, 0, time.UTC)

func newSmall(t *testing.T, dsn string) *small {
	t.Helper()
	cfg := site.Config{Data: t.TempDir(), DSN: dsn, Log: slog.New(slog.DiscardHandler), Version: "hour", Now: hourStart, Frozen: true}
	if dsn != "" {
		cfg.Secret = strings.Repeat("5ec4e7", 11)
	}
	served, err := browser.Serve(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	w := &small{T: t, Demo: served, chrome: chrome.At(served.Origin)}
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	return w
}

// eachStore runs a test on a small Plaza on each engine.
func eachStore(t *testing.T, f func(w *small)) {
	t.Helper()
	if os.Getenv(dbtest.Engines) != "postgresql" {
		t.Run("sqlite", func(t *testing.T) { f(newSmall(t, "")) })
	}
	if os.Getenv(dbtest.Server) != "" && os.Getenv(dbtest.Engines) != "sqlite" {
		t.Run("postgresql", func(t *testing.T) { f(newSmall(t, dbtest.PostgreSQLDSN(t))) })
	}
}

// write writes as somebody, or as the system.
func (w *small) write(who plaza.Actor, f func(tx *db.Tx) error) {
	w.Helper()
	if err := w.Site.DB.Write(plaza.WithActor(w.Context(), who), f); err != nil {
		w.Fatal(err)
	}
}

// value is one value of the store.
func value[T any](w *small, query string, args ...any) (v T) {
	w.Helper()
	if err := w.Site.DB.Read(w.Context(), func(tx *db.Tx) error { return tx.Row(query, args...).Scan(&v) }); err != nil {
		w.Fatal(err)
	}
	return v
}

// lives is somebody with an account, and a role at an institution or everywhere.
func (w *small) lives(email, name string, role plaza.Role, at string) (who plaza.Actor) {
	w.Helper()
	var id string
	w.write(plaza.SystemActor, func(tx *db.Tx) error {
		p, err := account.Create(tx, account.New{Email: email, Name: name})
		if id = p.ID; err != nil || role == plaza.Member {
			return err
		}
		return account.GrantRole(tx, p.ID, role, at, time.Time{})
	})
	w.write(plaza.SystemActor, func(tx *db.Tx) error {
		p, err := account.ByID(tx, id)
		who = p.Actor()
		return err
	})
	return who
}

// body is an institution.
func (w *small) body(i institution.Institution) (made institution.Institution) {
	w.Helper()
	w.write(plaza.SystemActor, func(tx *db.Tx) (err error) {
		made, err = institution.Put(tx, i)
		return err
	})
	return made
}

const hourSource, hourRun = "0190a000-0000-7000-8000-0000000000a1", "0190a000-0000-7000-8000-0000000000a2"

// holds are datasets of an institution, with a file each; it returns their ids.
func (w *small) holds(at institution.Institution, titles ...string) (ids []string) {
	w.Helper()
	var all []catalog.Incoming
	for i, title := range titles {
		key := fmt.Sprint(at.Slug, "-", i)
		r := dcat.Record{SourceKey: key, Title: title, Description: title + ", por mes y colonia.", Languages: []string{"es"}, Publisher: dcat.Publisher{Key: at.Slug, Name: at.Name},
			Resources: []dcat.Resource{{SourceKey: "r1", Title: title + " (CSV)", Format: "CSV", DownloadURL: "https://datos.example/" + key + ".csv", ByteSize: -1}}}
		all = append(all, catalog.NewIncoming(r, r.Fingerprint(), at.ID))
		ids = append(ids, plaza.DerivedID(hourSource, key))
	}
	w.write(plaza.SystemActor, func(tx *db.Tx) error {
		_, err := catalog.Apply(tx, catalog.Batch{Source: hourSource, Run: hourRun}, all)
		return err
	})
	return ids
}

// walker is somebody who uses the site with nothing but what they see, and what that
// costs them.
type walker struct {
	*testing.T
	*small
	who                                 string
	tab                                 *browser.Tab
	took                                time.Duration
	clicks, fields, keys, pages, letter int
	read                                map[string]bool // what was read before is recognized
	words                               int
}

func (w *small) walker(who string, look browser.Look) *walker {
	w.Helper()
	tab, err := w.chrome.Tab(look)
	if err != nil {
		w.Fatal(err)
	}
	w.Cleanup(tab.Close)
	return &walker{T: w.T, small: w, who: who, tab: tab, read: map[string]bool{}}
}

// costs adds time, on the site's clock too, and tells of it.
func (v *walker) costs(by time.Duration, what string, args ...any) {
	v.T.Helper()
	v.took += by
	v.Site.DB.Clock().Advance(by)
	v.T.Logf("%s %5.0f s (+%4.1f) %s", v.who, v.took.Seconds(), by.Seconds(), fmt.Sprintf(what, args...))
}

// steps are the clicks and the fields, as one counts what one does.
func (v *walker) steps() int { return v.clicks + v.fields }

// minutes are what all of it takes.
func (v *walker) minutes() float64 { return math.Ceil(v.took.Minutes()*10) / 10 }

// sums up what it cost.
func (v *walker) sums() {
	v.T.Helper()
	v.T.Logf("%s: %d steps (%d clicks, %d fields), %d keys, %d pages, %d mails, %d words read: %.1f minutes by the model",
		v.who, v.steps(), v.clicks, v.fields, v.keys, v.pages, v.letter, v.words, v.minutes())
}

// opens the first page, whose address they were given.
func (v *walker) opens(path string) {
	v.T.Helper()
	status, err := v.tab.Visit(path)
	if err != nil || status != http.StatusOK {
		v.T.Fatalf("%s: %d %v", path, status, err)
	}
	v.arrives("opens " + path)
}

// arrives is on a page: what it is, what is asked there and what it warns of are read, once.
func (v *walker) arrives(how string) {
	v.T.Helper()
	v.pages++
	whole(v.T, v.tab)
	n := v.looks("main :is(h1, h2, legend, label, summary, .Lead, .Notice, .Field-hint, .Section-note, .Field-error, .Button)")
	v.costs(respond+time.Duration(n)*word, "%s: %s, %d words", how, ask[string](v.T, v.tab, "document.querySelector('h1').innerText"), n)
}

// looks reads what is new to them where a selector finds it visible, and counts the words.
func (v *walker) looks(selector string) (words int) {
	v.T.Helper()
	for _, said := range ask[[]string](v.T, v.tab, `[...document.querySelectorAll(`+quoted(selector)+`)].filter(e => e.checkVisibility() && e.getClientRects().length).map(e => {
		const hidden = [...e.querySelectorAll('.u-hidden')].map(h => h.innerText)
		return hidden.reduce((said, h) => said.replace(h, ''), e.innerText).trim()
	})`) {
		if !v.read[said] {
			v.read[said] = true
			words += len(strings.Fields(said))
		}
	}
	v.words += words
	return words
}

// reads the text of the page that matters to them.
func (v *walker) reads(selector string) {
	v.T.Helper()
	n := v.looks(selector)
	v.costs(time.Duration(n)*word, "reads %d words more", n)
}

// sees that the page says something.
func (v *walker) sees(all ...string) {
	v.T.Helper()
	said := strings.Join(strings.Fields(ask[string](v.T, v.tab, "document.querySelector('main').innerText")), " ")
	for _, want := range all {
		if !strings.Contains(said, want) {
			path, _ := v.tab.Path()
			v.T.Fatalf("%s: %s does not say %q:\n%s", v.who, path, want, said)
		}
	}
}

// finder finds, by what it is called, a link, a button or a field that is seen, and marks
// it. It returns what it is: link, button, fold, check, select, date or text; "" when there
// is none, and "!" and the names when several different things are called so.
const finder = `((what, name) => {
	document.querySelectorAll('[data-here]').forEach(e => e.removeAttribute('data-here'))
	const tidy = s => s.replace(/\s+/g, ' ').trim()
	const seen = e => e && e.checkVisibility({visibilityProperty: true}) && e.getClientRects().length > 0
	const called = e => tidy(e.tagName === 'INPUT' ? (e.value || e.getAttribute('aria-label') || '') : (e.innerText || e.getAttribute('aria-label') || ''))
	const pool = what === 'press'
		? [...document.querySelectorAll('a[href], button, summary')].filter(seen).map(e => [called(e), e])
		: [...document.querySelectorAll('label')].filter(l => seen(l.control)).map(l => [tidy(l.innerText) || tidy(l.textContent), l.control])
	let hits = pool.filter(p => p[0] === name)
	if (!hits.length) hits = pool.filter(p => p[0].startsWith(name))
	if (!hits.length) hits = pool.filter(p => p[0].includes(name))
	const main = hits.filter(p => p[1].closest('main'))
	if (main.length) hits = main
	const to = new Set(hits.map(p => p[1].href || p[1].outerHTML))
	if (to.size > 1) return '!' + hits.map(p => p[0]).join(' | ')
	if (!hits.length) return ''
	const e = hits[0][1]
	e.setAttribute('data-here', '')
	if (e.tagName === 'A') return e.hash && e.pathname === location.pathname && e.search === location.search ? 'fold' : 'link'
	if (e.tagName === 'SUMMARY') return 'fold'
	if (e.tagName === 'BUTTON') return e.type === 'submit' ? 'button' : 'fold'
	if (e.tagName === 'SELECT') return 'select'
	return {checkbox: 'check', radio: 'check', date: 'date'}[e.type] || 'text'
})`

// finds marks what is called something.
func (v *walker) finds(what, name string) string {
	v.T.Helper()
	kind := ask[string](v.T, v.tab, finder+"("+quoted(what)+","+quoted(name)+")")
	if kind == "" || kind[0] == '!' {
		path, _ := v.tab.Path()
		v.T.Fatalf("%s: on %s nothing, or more than one thing, is called %q: %s\n%s", v.who, path, name, kind, ask[string](v.T, v.tab, "[...document.querySelectorAll('a, button, summary, label')].map(e => e.innerText.trim()).join(' · ')"))
	}
	return kind
}

// presses a link, a button or what unfolds.
func (v *walker) presses(name string) {
	v.T.Helper()
	kind := v.finds("press", name)
	v.clicks++
	v.costs(mind+aim+press, "presses %q", name)
	if kind == "fold" {
		if err := v.tab.Click("[data-here]"); err != nil {
			v.T.Fatal(err)
		}
		return
	}
	status, err := v.tab.Follow("[data-here]")
	if err != nil || status >= 400 {
		v.T.Fatalf("%s: %q leads to %d %v:\n%s", v.who, name, status, err, ask[string](v.T, v.tab, "document.querySelector('main').innerText"))
	}
	v.arrives("comes to")
}

// enters sends the form in which the focus is with the Enter key.
func (v *walker) enters() {
	v.T.Helper()
	v.keys++
	v.costs(stroke, "presses Enter")
	if status, err := v.tab.Enter(); err != nil || status >= 400 {
		v.T.Fatalf("%s: Enter leads to %d %v", v.who, status, err)
	}
	v.arrives("comes to")
}

// writes into a field that is called something, over what stands there.
func (v *walker) writes(name, text string) {
	v.T.Helper()
	kind, n := v.finds("fill", name), utf8.RuneCountInString(text)
	v.fields++
	v.keys += n
	v.costs(mind+aim+press+2*homing+time.Duration(n)*stroke+time.Duration(len(strings.Fields(text)))*wording, "writes %d letters into %q", n, name)
	script := "(() => { const f = document.querySelector('[data-here]'); f.focus(); f.select(); return document.execCommand('insertText', false, " + quoted(text) + ") })()"
	if kind == "date" {
		script = "(() => { const f = document.querySelector('[data-here]'); f.value = " + quoted(text) + "; f.dispatchEvent(new Event('change', {bubbles: true})); return true })()"
	}
	if !ask[bool](v.T, v.tab, script) {
		v.T.Fatalf("%s cannot write into %q", v.who, name)
	}
}

// chooses an option of a list, by what it is called.
func (v *walker) chooses(name, option string) {
	v.T.Helper()
	v.finds("fill", name)
	v.fields++
	n := ask[int](v.T, v.tab, `(() => { const f = document.querySelector('[data-here]'), o = [...f.options].find(o => o.label.startsWith(`+quoted(option)+`))
		if (!o) return 0
		f.value = o.value; f.dispatchEvent(new Event('change', {bubbles: true})); return [...f.options].map(o => o.label).join(' ').split(/\s+/).length })()`)
	if n == 0 {
		v.T.Fatalf("%s: %q offers no %q", v.who, name, option)
	}
	if v.read["options of "+name] {
		n = 0
	}
	v.read["options of "+name] = true
	v.words += n
	v.costs(mind+2*(aim+press)+time.Duration(n)*word, "chooses %q of %q", option, name)
}

// ticks a box that is called something.
func (v *walker) ticks(name string) {
	v.T.Helper()
	v.finds("fill", name)
	v.clicks++
	v.costs(mind+aim+press, "ticks %q", name)
	if err := v.tab.Click("[data-here]"); err != nil {
		v.T.Fatal(err)
	}
}

// gets a mail, reads it and follows its link to where a path begins so.
func (v *walker) gets(address, under string) {
	v.T.Helper()
	var found, text string
	link := regexp.MustCompile(regexp.QuoteMeta(v.Origin+under) + `[^\s)>]+`)
	if !comes(func() bool {
		if err := v.Site.DB.Read(v.T.Context(), func(tx *db.Tx) error {
			all, err := outbox.List(tx, "", "", 100)
			for _, m := range all {
				if found != "" || err != nil {
					break
				}
				var full outbox.Mail
				if full, err = outbox.Get(tx, m.ID); full.To == address && !v.read[m.ID] {
					if found, text = link.FindString(full.Text), full.Text; found != "" {
						v.read[m.ID] = true
					}
				}
			}
			return err
		}); err != nil {
			v.T.Fatal(err)
		}
		return found != ""
	}) {
		v.T.Fatalf("no mail to %s leads to %s:\n%s", address, under, text)
	}
	n := len(strings.Fields(text))
	v.letter++
	v.words += n
	v.costs(mailing+mind+aim+press+time.Duration(n)*word, "gets a mail of %d words", n)
	v.opens(strings.TrimPrefix(found, v.Origin))
}
