package tool_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"plaza/internal/base/db"
	"plaza/internal/base/db/dbtest"
	"plaza/internal/civic/account"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
	"plaza/internal/section/tool"
)

// reshape gives a resource another version and lets the reader of the record hear of it.
func (w *world) reshape(resource string, columns ...string) {
	w.Helper()
	w.shapes[resource] = append(w.shapes[resource], table(len(w.shapes[resource])+1, columns...))
	w.As(account.Person{}, func(tx *db.Tx) error {
		return record.Append(tx, record.Act{Verb: "resource.changed", Object: plaza.Ref{Kind: tool.KindResource, ID: resource}})
	})
	if err := w.tools.Watch(w.Context()); err != nil {
		w.Fatal(err)
	}
}

func TestAColumnThatIsGoneIsToldWithTheOneThatSeemsToBeIt(t *testing.T) {
	lost := func(column, was, now, proposed string) tool.Loss {
		return tool.Loss{Resource: gasoline, Version: 2, Table: 1, Column: column, Was: was, Now: now, Proposed: proposed}
	}
	for _, c := range []struct {
		name    string
		columns []string
		want    []tool.Loss
	}{
		{"nothing changed but the order", []string{"estado:code", "precio:decimal", "producto:text", "fecha:date"}, nil},
		{"a column more", []string{"fecha:date", "producto:text", "precio:decimal", "estado:code", "marca:text"}, nil},
		{"a whole number in place of one with decimals", []string{"fecha:date", "producto:text", "precio:integer", "estado:code"}, nil},
		{"another name at the same place", []string{"fecha:date", "producto:text", "precio_litro:decimal", "estado:code"},
			[]tool.Loss{lost("precio", "decimal", "", "precio_litro")}},
		{"another case", []string{"FECHA:date", "producto:text", "precio:decimal", "estado:code"}, []tool.Loss{lost("fecha", "date", "", "FECHA")}},
		{"a name that says nothing of it", []string{"fecha:date", "producto:text", "xyz:text", "estado:code"}, []tool.Loss{lost("precio", "decimal", "", "")}},
		{"two that went, of which one may be either", []string{"fecha:date", "estado:code", "precios:decimal"},
			[]tool.Loss{lost("precio", "decimal", "", "precios"), lost("producto", "text", "", "")}},
		{"another type", []string{"fecha:text", "producto:text", "precio:decimal", "estado:code"}, []tool.Loss{lost("fecha", "date", "text", "")}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, dbtest.SQLite(t))
			p := w.published(w.Ana, line("Precio"))
			w.reshape(gasoline, c.columns...)
			now := w.get(p.ID)
			if diff := cmp.Diff(c.want, now.Losses); diff != "" {
				t.Error(diff)
			}
			verbs := "published"
			if c.want != nil {
				verbs += " outdated"
			}
			if w.verbs() != verbs || now.Outdated.IsZero() != (c.want == nil) || now.Alive() != (c.want == nil) {
				t.Errorf("since %v, the record has %s", now.Outdated, w.verbs())
			}
		})
	}
}

func TestWhatWasThereBeforeStandsInNoOthersPlace(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t)) // a rule that no engine changes
	w.shapes[gasoline] = nil
	w.shapes[gasoline] = []tool.Shape{table(1, "fecha:date", "producto:text", "precio:decimal", "precio_max:decimal", "estado:code")}
	p := w.published(w.Ana, line("Precio"))
	w.reshape(gasoline, "fecha:date", "producto:text", "precio_max:decimal", "estado:code")
	if got := w.get(p.ID).Losses; len(got) != 1 || got[0].Proposed != "" {
		t.Errorf("lost: %+v", got)
	}
}

func TestATableThatIsGoneIsALoss(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t)) // a rule that no engine changes
	doc := line("Precio")
	doc.Spec.Sources[0].Table = 2
	w.shapes[gasoline][0].Tables = append([]tool.Table{{}}, w.shapes[gasoline][0].Tables...)
	p := w.published(w.Ana, doc)
	w.reshape(gasoline, "fecha:date")
	want := []tool.Loss{{Resource: gasoline, Version: 2, Table: 2}}
	if diff := cmp.Diff(want, w.get(p.ID).Losses); diff != "" {
		t.Error(diff)
	}
}

func TestAnOutdatedToolIsMendedByItsProposalAndByTheFile(t *testing.T) {
	worlds(t, func(w *world) {
		p := w.published(w.Ana, line("Precio"))
		w.reshape(gasoline, "fecha:date", "tipo_producto:text", "precio_litro:decimal", "estado:code")
		w.reshape(places, "cve_entidad:code", "viviendas_total:integer")
		if n := len(w.get(p.ID).Losses); n != 4 || w.verbs() != "published outdated" {
			t.Fatalf("%d losses, %s: %+v", n, w.verbs(), w.get(p.ID).Losses)
		}
		audience, last := record.Audience{}, w.entries()[1]
		w.Read(func(tx *db.Tx) (err error) { audience, err = tool.Audiences(tx, last); return err })
		if len(audience.Direct) != 1 || audience.Direct[0].Person != w.Ana.ID {
			t.Errorf("who hears of it: %+v", audience)
		}
		var d tool.Draft
		w.As(w.Ana, func(tx *db.Tx) (err error) { d, err = w.tools.Mend(tx, p.ID, 1); return err })
		s := d.Document.Spec
		want := line("Precio").Spec
		want.Sources[0].Filter = "f.fecha.min=2022-01-01&f.tipo_producto=regular"
		want.Sources[0].Lookup[0].Equals, want.Sources[0].Lookup[0].Fields = "cve_entidad", []string{"viviendas_total"}
		want.Views[0].Per, want.Views[0].Encoding.Y.Field, want.Controls[0].Field = "censo.viviendas_total", "precio_litro", "tipo_producto"
		if diff := cmp.Diff(want, s); diff != "" {
			t.Error(diff)
		}
		if now, err := w.publish(w.Ana, d); err != nil || !now.Alive() || w.verbs() != "published outdated repaired" {
			t.Errorf("published again: %+v, %v, %s", now, err, w.verbs())
		}
		w.reshape(gasoline, "fecha:date", "precio_litro:decimal", "estado:code")
		w.reshape(gasoline, "fecha:date", "tipo_producto:text", "precio_litro:decimal", "estado:code")
		if now := w.get(p.ID); !now.Alive() || w.verbs() != "published outdated repaired outdated repaired" {
			t.Errorf("the file has its columns again: %+v, %s", now.Losses, w.verbs())
		}
	})
}

func TestAPinnedVersionNeverDrifts(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t)) // a rule that no engine changes
	doc := line("Precio")
	doc.Spec.Sources[0].Version = 1
	p := w.published(w.Ana, doc)
	w.reshape(gasoline, "otra:text")
	if now := w.get(p.ID); !now.Alive() || w.verbs() != "published" {
		t.Errorf("%+v, %s", now.Losses, w.verbs())
	}
}

func TestReadingTheRecordTwiceTellsOnce(t *testing.T) {
	worlds(t, func(w *world) {
		w.published(w.Ana, line("Precio"))
		w.reshape(gasoline, "fecha:date", "producto:text", "estado:code")
		for range 2 {
			if err := w.tools.Reshaped(w.Context(), gasoline); err != nil {
				t.Fatal(err)
			}
		}
		if w.verbs() != "published outdated" {
			t.Errorf("the record has %s", w.verbs())
		}
	})
}
