package gate_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/db/dbtest"
	"plaza/internal/base/i18n"
	"plaza/internal/base/web"
	"plaza/internal/civic/gate"
	"plaza/internal/plaza"
)

var key = []byte("una clave de prueba, de 32 bytes")

func printer(t *testing.T) *i18n.Printer {
	t.Helper()
	b, err := i18n.New(web.Locale, gate.Locale)
	if err != nil {
		t.Fatal(err)
	}
	return b.Printer(i18n.Spanish)
}

var sealed = regexp.MustCompile(`name="sello" value="([^"]+)"`)

// drawn is the seal of a form drawn for a purpose at an instant.
func drawn(t *testing.T, g *gate.Gate, purpose string, at time.Time) string {
	t.Helper()
	m := sealed.FindStringSubmatch(string(g.Fields(printer(t), purpose, at).HTML()))
	if m == nil {
		t.Fatal("a form has no seal")
	}
	return m[1]
}

// form is what a browser sends: pairs of names and values.
func form(t *testing.T, pairs ...string) *web.Form {
	t.Helper()
	v := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(v.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	f, err := web.ReadForm(r)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestAFormTellsAPersonFromAMachine(t *testing.T) {
	g, now := gate.New(key), dbtest.Start
	seal := drawn(t, g, "comment", now)
	proof := gate.Prove(seal)
	other := drawn(t, g, "comment", now)
	forged := drawn(t, gate.New([]byte("otra clave")), "comment", now)
	cases := []struct {
		name  string
		after time.Duration
		pairs []string
		want  []gate.Signal
	}{
		{"a person's", time.Minute, []string{"sello", seal, "prueba", proof}, nil},
		{"a person's without scripts", time.Minute, []string{"sello", seal}, []gate.Signal{gate.Unproven}},
		{"with the trap filled in", time.Minute, []string{"sello", seal, "prueba", proof, "sitio_web", "x"}, []gate.Signal{gate.Trapped}},
		{"sent at once", time.Second, []string{"sello", seal, "prueba", proof}, []gate.Signal{gate.Hasty}},
		{"left open for a day", 24 * time.Hour, []string{"sello", seal, "prueba", proof}, []gate.Signal{gate.Stale, gate.Unproven}},
		{"left open for nearly a day", 24*time.Hour - time.Millisecond, []string{"sello", seal, "prueba", proof}, nil},
		{"drawn in the future", -time.Minute, []string{"sello", seal, "prueba", proof}, []gate.Signal{gate.Stale, gate.Unproven}},
		{"with the work of another form", time.Minute, []string{"sello", seal, "prueba", gate.Prove(other)}, []gate.Signal{gate.Unproven}},
		{"with a proof that is no number", time.Minute, []string{"sello", seal, "prueba", "-1"}, []gate.Signal{gate.Unproven}},
		{"with a forged seal", time.Minute, []string{"sello", forged, "prueba", gate.Prove(forged)}, []gate.Signal{gate.Stale, gate.Unproven}},
		{"with a cut seal", time.Minute, []string{"sello", seal[:len(seal)-1], "prueba", proof}, []gate.Signal{gate.Stale, gate.Unproven}},
		{"with points only", time.Minute, []string{"sello", "..", "prueba", "1"}, []gate.Signal{gate.Stale, gate.Unproven}},
		{"without anything", time.Minute, nil, []gate.Signal{gate.Stale, gate.Unproven}},
	}
	for _, c := range cases {
		if got := g.Signals(form(t, c.pairs...), "comment", now.Add(c.after)); !slices.Equal(got, c.want) {
			t.Errorf("%s: Signals() = %q, want %q", c.name, got, c.want)
		}
	}
	if got := g.Signals(form(t, "sello", seal, "prueba", proof), "report", now.Add(time.Minute)); !slices.Contains(got, gate.Stale) {
		t.Errorf("a form drawn for comments is taken for a report: %q", got)
	}
}

func TestTheFieldsCarryNoWordsOfTheirOwnAndNoScript(t *testing.T) {
	html := string(gate.New(key).Fields(printer(t), "comment", dbtest.Start).HTML())
	for _, want := range []string{`aria-hidden="true"`, `tabindex="-1"`, `autocomplete="off"`, `class="js-proof"`, `data-bits="14"`} {
		if !strings.Contains(html, want) {
			t.Errorf("the fields lack %s: %s", want, html)
		}
	}
	if strings.Contains(html, "<script") || strings.Contains(html, "style=") {
		t.Errorf("the fields hold what the policy of the pages forbids: %s", html)
	}
}

// judge is Judge on a store.
func judge(t *testing.T, d *db.DB, g *gate.Gate, f *web.Form, purpose string) (out []gate.Signal) {
	t.Helper()
	if err := d.Write(t.Context(), func(tx *db.Tx) (err error) {
		out, err = g.Judge(tx, f, purpose)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestADrawnFormCountsOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		g := gate.New(key)
		seal := drawn(t, g, "comment", d.Now())
		sent := form(t, "sello", seal, "prueba", gate.Prove(seal))
		dbtest.Advance(d, time.Minute)
		if got := judge(t, d, g, sent, "comment"); got != nil {
			t.Errorf("the first time: %q", got)
		}
		if got := judge(t, d, g, sent, "comment"); !slices.Equal(got, []gate.Signal{gate.Replayed}) {
			t.Errorf("the second time: %q", got)
		}
		dbtest.Advance(d, 12*time.Hour) // another day
		if got := judge(t, d, g, sent, "comment"); !slices.Contains(got, gate.Replayed) {
			t.Errorf("on the next day: %q", got)
		}
		second := drawn(t, g, "comment", d.Now())
		dbtest.Advance(d, time.Minute)
		if got := judge(t, d, g, form(t, "sello", second, "prueba", gate.Prove(second)), "comment"); got != nil {
			t.Errorf("another form: %q", got)
		}
	})
}

func TestAFormThatWasNotTakenIsNotUsedUp(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		g := gate.New(key)
		seal := drawn(t, g, "comment", d.Now())
		sent := form(t, "sello", seal, "prueba", gate.Prove(seal))
		dbtest.Advance(d, time.Minute)
		if err := d.Write(t.Context(), func(tx *db.Tx) error {
			if _, err := g.Judge(tx, sent, "comment"); err != nil {
				return err
			}
			return plaza.E(plaza.Invalid, "gate.error.too_many")
		}); err == nil {
			t.Fatal("the form was taken")
		}
		if got := judge(t, d, g, sent, "comment"); got != nil {
			t.Errorf("sent again after a mistake: %q", got)
		}
	})
}

var few = gate.Limit{Name: "prueba", Max: 3, Window: time.Hour}

func brake(ctx context.Context, d *db.DB, g *gate.Gate, l gate.Limit, subject string) error {
	return d.Write(ctx, func(tx *db.Tx) error { return g.Brake(tx, l, subject) })
}

func TestABrakeHoldsEachSubjectByItself(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		g := gate.New(key)
		for _, subject := range []string{"person:1", "192.0.2.1", "institution:9"} {
			for range few.Max {
				if err := brake(t.Context(), d, g, few, subject); err != nil {
					t.Fatal(err)
				}
			}
		}
		dbtest.Advance(d, 20*time.Minute)
		err := brake(t.Context(), d, g, few, "192.0.2.1")
		e, ok := err.(*plaza.Error)
		if !ok || e.Kind != plaza.TooMany || e.Key != "gate.error.too_many" || e.RetryAfter != 40*time.Minute {
			t.Errorf("one too many: %v", err)
		}
		if err := brake(t.Context(), d, g, gate.Limit{Name: "otra", Max: 1, Window: time.Hour}, "192.0.2.1"); err != nil {
			t.Errorf("another brake: %v", err)
		}
		dbtest.Advance(d, 40*time.Minute)
		if err := brake(t.Context(), d, g, few, "192.0.2.1"); err != nil {
			t.Errorf("in the next hour: %v", err)
		}
	})
}

func TestABrakeKeepsNoAddress(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		g := gate.New(key)
		buckets := func() (list []string) {
			if err := d.Read(t.Context(), func(tx *db.Tx) (err error) {
				list, err = db.All(tx, db.Column[string], `SELECT bucket FROM brakes`)
				return err
			}); err != nil {
				t.Fatal(err)
			}
			return list
		}
		day := gate.Limit{Name: "dia", Max: 9, Window: 24 * time.Hour}
		for range 2 {
			if err := brake(t.Context(), d, g, day, "192.0.2.77"); err != nil {
				t.Fatal(err)
			}
			dbtest.Advance(d, 24*time.Hour)
		}
		got := buckets()
		if len(got) != 2 || got[0] == got[1] || strings.Contains(strings.Join(got, ""), "192.0.2.77") {
			t.Errorf("an address is known again on another day: %q", got)
		}
	})
}

// twice is two handles on one store, as two nodes have.
func twice(t *testing.T, d *db.DB) [2]*db.DB {
	t.Helper()
	dsn := "sqlite:" + d.Path()
	if d.Engine() != db.SQLite {
		dsn = dbtest.PostgreSQLDSN(t)
	}
	var out [2]*db.DB
	for i := range out {
		n, err := db.Open(t.Context(), dsn, db.Options{Clock: db.FrozenAt(dbtest.Start)})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = n.Close() })
		out[i] = n
	}
	return out
}

func TestABrakeAndAFormCountOnceOverTwoNodesAtOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		nodes, g := twice(t, d), gate.New(key)
		seal := drawn(t, g, "comment", dbtest.Start)
		sent := form(t, "sello", seal, "prueba", gate.Prove(seal))
		var let, first atomic.Int64
		var all sync.WaitGroup
		for i := range 20 {
			all.Go(func() {
				node := nodes[i%2]
				switch err := brake(t.Context(), node, g, few, "192.0.2.1"); {
				case err == nil:
					let.Add(1)
				case plaza.KindOf(err) != plaza.TooMany:
					t.Error(err)
				}
				if err := node.Write(t.Context(), func(tx *db.Tx) error {
					signals, err := g.Judge(tx, sent, "comment")
					if err == nil && !slices.Contains(signals, gate.Replayed) {
						tx.AfterCommit(func() { first.Add(1) })
					}
					return err
				}); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if let.Load() != int64(few.Max) || first.Load() != 1 {
			t.Errorf("%d were let through and the form counted %d times; want %d and 1", let.Load(), first.Load(), few.Max)
		}
	})
}

func TestANetworkIsAnAddressOrASubscriber(t *testing.T) {
	for _, c := range []struct{ ip, want string }{
		{"192.0.2.1", "192.0.2.1"},
		{"::ffff:192.0.2.1", "192.0.2.1"},
		{"2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"},
		{"fe80::1%eth0", "fe80::/64"},
	} {
		if got := gate.Network(netip.MustParseAddr(c.ip)); got != c.want {
			t.Errorf("Network(%s) = %q, want %q", c.ip, got, c.want)
		}
	}
	_ = gate.Network(netip.Addr{}) // unknown: some word, no panic
}

// TestAWideSprayIsBrakedAsOne counts by IPv4 address, by the /64 of an IPv6 subscriber,
// and by the /48 of who goes through many of those.
func TestAWideSprayIsBrakedAsOne(t *testing.T) {
	hosts := func(format string, n int) (all []string) {
		for i := range n {
			all = append(all, fmt.Sprintf(format, i))
		}
		return all
	}
	const many = 16 * 3 // of the limit few
	for _, c := range []struct {
		name      string
		from      []string
		let       int
		last, yes string // after them: one that is braked, one that is not
	}{
		{"one address", slices.Repeat([]string{"192.0.2.1"}, 5), 3, "192.0.2.1", "192.0.2.2"},
		{"hosts of one subscriber", hosts("2001:db8:1:2::%x", 5), 3, "2001:db8:1:2:ffff::1", "2001:db8:1:3::1"},
		{"an address written the other way", []string{"::ffff:192.0.2.1", "192.0.2.1", "::ffff:192.0.2.1"}, 3, "192.0.2.1", "::ffff:192.0.2.2"},
		{"networks of one site", hosts("2001:db8:1:%x::1", many+5), many, "2001:db8:1:ffff::1", "2001:db8:2::1"},
		{"addresses beside each other", hosts("192.0.2.%d", many+5), many + 5, "", "192.0.2.200"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dbtest.Each(t, func(t *testing.T, d *db.DB) {
				g, let := gate.New(key), 0
				try := func(ip string) error {
					return brake(t.Context(), d, g, few, gate.Network(netip.MustParseAddr(ip)))
				}
				for _, ip := range c.from {
					if try(ip) == nil {
						let++
					}
				}
				if let != c.let {
					t.Errorf("%d were let through, want %d", let, c.let)
				}
				if c.last != "" && plaza.KindOf(try(c.last)) != plaza.TooMany {
					t.Errorf("%s is let through", c.last)
				}
				if c.last != "" {
					if err := d.Write(t.Context(), func(tx *db.Tx) error {
						return g.Spent(tx, few, gate.Network(netip.MustParseAddr(c.last)))
					}); plaza.KindOf(err) != plaza.TooMany {
						t.Errorf("%s has something left: %v", c.last, err)
					}
				}
				if err := try(c.yes); err != nil {
					t.Errorf("%s: %v", c.yes, err)
				}
			})
		})
	}
}

func TestWhatIsForgivenIsForgivenToTheSiteToo(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		g := gate.New(key)
		for i := range 100 { // a store or a hasher that is away lets everybody try again
			network := gate.Network(netip.MustParseAddr(fmt.Sprintf("2001:db8:1:%x::1", i%40)))
			if err := brake(t.Context(), d, g, few, network); err != nil {
				t.Fatal(err)
			}
			if err := d.Write(t.Context(), func(tx *db.Tx) error { return g.Forgive(tx, few, network) }); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func TestTheScriptAndTheServerCallTheSameFieldsTheSame(t *testing.T) {
	script, err := os.ReadFile("../../../ui/ts/proof.ts")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"dataset.seal", "dataset.bits", "${seal}:${this.next}"} {
		if !strings.Contains(string(script), want) {
			t.Errorf("proof.ts does not say %s", want)
		}
	}
}

func FuzzSignals(f *testing.F) {
	f.Add("a.b.c", "1")
	f.Add("....", "99999999999999999999")
	g := gate.New(key)
	f.Fuzz(func(t *testing.T, seal, proof string) {
		got := g.Signals(form(t, "sello", seal, "prueba", proof), "comment", dbtest.Start)
		if !slices.Contains(got, gate.Stale) {
			t.Errorf("a seal that nobody made is taken: %q", seal)
		}
	})
}

func TestTheSieveTakesMachinesOutAndBrakesWhatIsOdd(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		g := gate.New(key)
		sieve := func(f *web.Form) (machine bool, err error) {
			err = d.Write(t.Context(), func(tx *db.Tx) (err error) {
				machine, err = g.Sieve(tx, f, "report", few, "192.0.2.1")
				return err
			})
			return machine, err
		}
		if machine, err := sieve(form(t, "sitio_web", "x")); err != nil || !machine {
			t.Errorf("the trap: %v, %v", machine, err)
		}
		seal := drawn(t, g, "report", d.Now())
		dbtest.Advance(d, time.Minute)
		person := form(t, "sello", seal, "prueba", gate.Prove(seal))
		for n := range few.Max + 1 { // the first time it is nothing odd, then it is a replay
			if machine, err := sieve(person); err != nil || machine {
				t.Errorf("sent %d times: %v, %v", n+1, machine, err)
			}
		}
		if _, err := sieve(person); plaza.KindOf(err) != plaza.TooMany {
			t.Errorf("one replay too many: %v", err)
		}
		if machine, err := sieve(form(t, "sitio_web", "x")); err != nil || !machine {
			t.Errorf("a machine learns that there is a brake: %v, %v", machine, err)
		}
	})
}
