package search_test

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/db/dbtest"
	"plaza/internal/civic/search"
	"plaza/internal/plaza"
)

func TestChangesAreFollowed(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		e := synced(t, search.New(), d)
		expect := func(text, want string) {
			t.Helper()
			if got := ids(find(t, synced(t, e, d), search.Query{Text: text})); got != want {
				t.Errorf("Search(%q) = %q, want %q", text, got, want)
			}
		}
		put(t, d, search.Doc{Ref: ref("1"), Title: "Agua"}, search.Doc{Ref: ref("2"), Title: "Agua y luz"})
		expect("agua", "1 2")
		put(t, d, search.Doc{Ref: ref("2"), Title: "Gas"})
		expect("agua", "1")
		expect("luz", "")
		expect("gas", "2")
		remove(t, d, ref("1"), ref("unknown"))
		expect("agua", "")
		expect("", "2")
		put(t, d, search.Doc{Ref: ref("1"), Title: "Agua otra vez"})
		expect("agua", "1")
		put(t, d, search.Doc{Ref: ref("3"), Title: "viejo"}, search.Doc{Ref: ref("3"), Title: "nuevo"})
		expect("viejo", "")
		expect("nuevo", "3")
		put(t, d, search.Doc{Ref: plaza.Ref{Kind: "institution", ID: "3"}, Title: "nuevo"})
		if r := find(t, synced(t, e, d), search.Query{Text: "nuevo"}); r.Total != 2 || r.Hits[0].Ref.Kind != "dataset" || r.Hits[1].Ref.Kind != "institution" {
			t.Errorf("things of two kinds with one id: %v", r.Hits)
		}
		remove(t, d, ref("3"))
		if r := find(t, synced(t, e, d), search.Query{Text: "nuevo"}); r.Total != 1 || r.Hits[0].Ref.Kind != "institution" {
			t.Errorf("after removing one of two kinds: %v", r.Hits)
		}
	})
}

func TestWhatIsRolledBackIsNotFound(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		_ = d.Write(t.Context(), func(tx *db.Tx) error {
			if err := search.Put(tx, catalogue...); err != nil {
				t.Fatal(err)
			}
			return plaza.E(plaza.Invalid, "")
		})
		if r := find(t, synced(t, search.New(), d), search.Query{}); r.Total != 0 {
			t.Errorf("%d documents of a transaction that failed", r.Total)
		}
	})
}

func TestAnUnchangedDocumentIsNotReadAgain(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		put(t, d, catalogue...)
		version := func() (n int64) {
			t.Helper()
			err := d.Read(t.Context(), func(tx *db.Tx) error {
				return tx.Row(`SELECT MAX(version) FROM search_docs`).Scan(&n)
			})
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		before := version()
		put(t, d, catalogue...)
		if got := version(); got != before {
			t.Errorf("putting the same again moved the version from %d to %d", before, got)
		}
		for name, change := range map[string]func(*search.Doc){
			"date":    func(d *search.Doc) { d.Modified = d.Modified.Add(time.Second) },
			"created": func(d *search.Doc) { d.Created = day(9) },
			"facet":   func(d *search.Doc) { d.Facets = map[string][]string{"f": {"v"}} },
			"capital": func(d *search.Doc) { d.Title = strings.ToUpper(d.Title) },
			"word":    func(d *search.Doc) { d.Body += " más" },
		} {
			changed := catalogue[0]
			change(&changed)
			before := version()
			put(t, d, changed)
			if version() == before {
				t.Errorf("a new %s moved no version", name)
			}
			put(t, d, catalogue[0])
		}
	})
}

func TestASyncWithoutChangesCostsOneStatement(t *testing.T) {
	d := dbtest.SQLite(t)
	put(t, d, catalogue...)
	e := synced(t, search.New(), d)
	ctx, n := db.CountStatements(t.Context())
	if err := e.Sync(ctx, d); err != nil || n.Load() != 1 {
		t.Errorf("%d statements, %v; want 1", n.Load(), err)
	}
}

func TestRemovedRowsAreForgottenAndALateReaderStartsOver(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		put(t, d, catalogue...)
		late := synced(t, search.New(), d)
		remove(t, d, catalogue[0].Ref)
		dbtest.Advance(d, 8*24*time.Hour)
		remove(t, d, catalogue[1].Ref)
		var rows int
		err := d.Read(t.Context(), func(tx *db.Tx) error {
			return tx.Row(`SELECT COUNT(*) FROM search_docs`).Scan(&rows)
		})
		if err != nil || rows != len(catalogue)-1 {
			t.Errorf("%d rows, %v; want the one removed long ago forgotten", rows, err)
		}
		if r := find(t, synced(t, late, d), search.Query{}); r.Total != len(catalogue)-2 {
			t.Errorf("a reader that missed a removal finds %d, want %d", r.Total, len(catalogue)-2)
		}
	})
}

func TestIDsAreThoseInTheIndex(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		put(t, d, catalogue...)
		put(t, d, search.Doc{Ref: plaza.Ref{Kind: "institution", ID: "x"}, Title: "x"})
		remove(t, d, ref("agua"))
		var got []string
		err := d.Read(t.Context(), func(tx *db.Tx) (err error) {
			got, err = search.IDs(tx, "dataset")
			return err
		})
		want := []string{"aguas", "camion", "covid", "educa", "poblacion", "poblaciones"}
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("IDs = %v, %v; want %v", got, err, want)
		}
	})
}

// Writers at once: a reader that keeps following misses nothing and never sees half
// of a transaction.
func TestFollowersSeeWholeTransactionsOfManyWriters(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		const writers, rounds = 4, 15
		e := search.New()
		e.SetPage(2)
		ctx, cancel := context.WithCancel(t.Context())
		followed := make(chan struct{})
		go func() {
			defer close(followed)
			e.Follow(ctx, d, time.Millisecond, func(err error) { t.Error(err) })
		}()
		var wg sync.WaitGroup
		for w := range writers {
			wg.Go(func() {
				for i := range rounds {
					err := d.Write(ctx, func(tx *db.Tx) error {
						id := fmt.Sprintf("%d-%d", w, i)
						return cmp.Or(
							search.Put(tx, search.Doc{Ref: ref("a" + id), Title: "par"}, search.Doc{Ref: ref("b" + id), Title: "par"}),
							search.Remove(tx, ref(fmt.Sprintf("a%d-%d", w, i-1)), ref(fmt.Sprintf("b%d-%d", w, i-1))))
					})
					if err != nil {
						t.Error(err)
					}
					r, err := e.Search(search.Query{Text: "par"})
					if err != nil || r.Total%2 != 0 {
						t.Errorf("%d documents of pairs, %v", r.Total, err)
					}
				}
			})
		}
		wg.Wait()
		cancel()
		<-followed
		if r := find(t, synced(t, e, d), search.Query{Text: "par"}); r.Total != writers*2 {
			t.Errorf("%d documents in the end, want %d", r.Total, writers*2)
		}
	})
}

func TestHugeAndStrangeDocumentsAreBounded(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		many := make([]string, 5000)
		for i := range many {
			many[i] = fmt.Sprintf("valor-%d\tx\ny\x00", i)
		}
		put(t, d,
			search.Doc{Ref: ref("huge"), Title: strings.Repeat("título ", 10_000), Body: strings.Repeat("cuerpo ", 1_500_000), Keywords: many,
				Facets: map[string][]string{"f": many, "": {"x"}, "long": {strings.Repeat("é", 500)}, "a\tb": {"c"}}},
			search.Doc{Ref: ref("bytes"), Title: "agua \xff\x00 luz", Body: "\u202Eárbol\u0000 🌮"},
			search.Doc{Ref: ref("empty")},
		)
		e := synced(t, search.New(), d)
		for text, want := range map[string]string{"cuerpo": "huge", "luz": "bytes", "arbol": "bytes", "": "bytes empty huge"} {
			if got := ids(find(t, e, search.Query{Text: text, Sort: search.ByID})); got != want {
				t.Errorf("Search(%q) = %q, want %q", text, got, want)
			}
		}
		if st := e.Stats(); st.Bytes > 1<<20 {
			t.Errorf("three documents take %d bytes", st.Bytes)
		}
		r := find(t, e, search.Query{Facets: []string{"f", "long", "a b"}, MaxValues: -1})
		if len(r.Facets["f"]) != 200 || len(r.Facets["long"]) != 1 || len(r.Facets["a b"]) != 1 {
			t.Errorf("%d, %d and %d values", len(r.Facets["f"]), len(r.Facets["long"]), len(r.Facets["a b"]))
		}
	})
}

// meddler is a context that does something at its n-th look-up: between any two
// steps of whoever runs under it.
type meddler struct {
	context.Context
	calls atomic.Int64
	at    int64
	do    func()
}

func (m *meddler) Value(key any) any {
	if m.calls.Add(1) == m.at {
		m.do()
	}
	return m.Context.Value(key)
}

func TestChangesBetweenThePagesOfASyncAreNotLost(t *testing.T) {
	d := dbtest.SQLite(t)
	done := false
	for at := int64(1); !done; at++ {
		put(t, d, search.Doc{Ref: ref("a"), Title: "uno"}, search.Doc{Ref: ref("b"), Title: "uno"}, search.Doc{Ref: ref("c"), Title: "uno"}, search.Doc{Ref: ref("d"), Title: "uno"})
		remove(t, d, ref("d"))
		put(t, d, search.Doc{Ref: ref("e"), Title: fmt.Sprint(at)}) // something after it
		e := search.New()
		e.SetPage(1)
		done = true
		ctx := &meddler{Context: t.Context(), at: at, do: func() {
			done = false
			remove(t, d, ref("a"))
			put(t, d, search.Doc{Ref: ref("b"), Title: "dos"}, search.Doc{Ref: ref("d"), Title: "dos"})
		}}
		if err := e.Sync(ctx, d); err != nil {
			t.Fatal(err)
		}
		if done {
			break // the whole Sync took fewer steps
		}
		synced(t, e, d)
		if one, two := ids(find(t, e, search.Query{Text: "uno"})), ids(find(t, e, search.Query{Text: "dos"})); one != "c" || two != "b d" {
			t.Fatalf("changed at step %d: %q and %q, want c and b d", at, one, two)
		}
	}
}
