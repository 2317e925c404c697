package tool_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"plaza/internal/base/db"
	"plaza/internal/base/db/dbtest"
	"plaza/internal/civic/account"
	"plaza/internal/civic/moderation"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
	"plaza/internal/section/tool"
)

func TestPublishingMakesAVersionThatEverybodySees(t *testing.T) {
	worlds(t, func(w *world) {
		p := w.published(w.Ana, line("Precio de la gasolina"))
		if !p.Public() || p.Version != 1 || !strings.HasPrefix(p.Path(), "/herramientas/precio-de-la-gasolina-") {
			t.Errorf("published: %+v", p)
		}
		if w.indexed(p.ID) != "Precio de la gasolina" || w.verbs() != "published" {
			t.Errorf("the search has %q, the record %q", w.indexed(p.ID), w.verbs())
		}
		entry := w.entries()[0]
		if said := string(entry.Payload); strings.Contains(said, "gasolina") || !strings.Contains(said, prices) || entry.Actor.Ref != w.Ana.Pseudonym {
			t.Errorf("the record tells %s by %q", said, entry.Actor.Ref)
		}
		var audience record.Audience
		w.Read(func(tx *db.Tx) (err error) { audience, err = tool.Audiences(tx, entry); return err })
		of := func(kind, id string) plaza.Ref { return plaza.Ref{Kind: kind, ID: id} }
		about := []plaza.Ref{p.Ref(), of(tool.KindDataset, prices), of(tool.KindResource, gasoline), of(tool.KindDataset, census), of(tool.KindResource, places)}
		if diff := cmp.Diff(record.Audience{About: about}, audience); diff != "" {
			t.Errorf("who hears of it: %s", diff)
		}
		same, err := w.publish(w.Ana, w.opened(w.Ana, p.ID))
		if err != nil || same.Version != 1 || w.verbs() != "published" {
			t.Errorf("the same again: version %d, %v, %s", same.Version, err, w.verbs())
		}
		second := w.save(w.Ana, w.opened(w.Ana, p.ID), line("Otro nombre"))
		if w.get(p.ID).Title != "Precio de la gasolina" {
			t.Error("what is being worked on is seen")
		}
		now, err := w.publish(w.Ana, second)
		if err != nil || now.Version != 2 || now.Slug != p.Slug || w.verbs() != "published changed" {
			t.Errorf("the second version: %+v, %v, %s", now, err, w.verbs())
		}
		var old tool.Version
		w.Read(func(tx *db.Tx) (err error) { old, err = tool.VersionOf(tx, p.ID, 1); return err })
		if old.Title != "Precio de la gasolina" || old.Note != "Una nota." {
			t.Errorf("the first version is now %+v", old)
		}
	})
}

func TestAPublicationSaysOnWhichColumnsItRests(t *testing.T) {
	worlds(t, func(w *world) {
		p := w.published(w.Ana, line("Precio"))
		var uses []tool.Use
		w.Read(func(tx *db.Tx) (err error) { uses, err = tool.Uses(tx, p.ID); return err })
		of := func(dataset, resource, column, kind string, position int) tool.Use {
			return tool.Use{Dataset: dataset, Resource: resource, Table: 1, Column: column, Seen: 1, Type: kind, Position: position}
		}
		want := []tool.Use{
			of(prices, gasoline, "", "", -1), of(prices, gasoline, "fecha", "date", 0), of(prices, gasoline, "producto", "text", 1),
			of(prices, gasoline, "precio", "decimal", 2), of(prices, gasoline, "estado", "code", 3),
			of(census, places, "", "", -1), of(census, places, "cve_ent", "code", 0), of(census, places, "viviendas", "integer", 1),
		}
		if diff := cmp.Diff(want, uses); diff != "" {
			t.Error(diff)
		}
		var made map[plaza.Ref]int
		gas, data := plaza.Ref{Kind: tool.KindResource, ID: gasoline}, plaza.Ref{Kind: tool.KindDataset, ID: prices}
		w.Read(func(tx *db.Tx) (err error) { made, err = tool.Made(tx, []plaza.Ref{gas, data}); return err })
		if made[gas] != 1 || made[data] != 1 {
			t.Errorf("made with them: %v", made)
		}
	})
}

func TestWhatCannotBePublishedSaysWhy(t *testing.T) {
	untitled, unknown, away := line(" "), line("Uno"), outside()
	unknown.Spec.Sources[0].Resource = "01980000-0000-7000-8000-0000000000ff"
	away.External.URL = "javascript:alert(1)"
	bare := outside()
	bare.External.Datasets = nil
	for _, c := range []struct {
		name  string
		doc   tool.Document
		wrong error
		field string
	}{
		{"no title", untitled, nil, "title"},
		{"a resource that the catalogue does not have", unknown, nil, "sources[0].resource"},
		{"an address that is none", away, nil, "url"},
		{"a tool elsewhere without data", bare, nil, "datasets"},
		{"columns that the table does not have", line("Uno"), &plaza.Error{Kind: plaza.Invalid, Fields: []plaza.FieldError{{Field: "views[0]"}}}, "views[0]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, dbtest.SQLite(t))
			w.wrong = c.wrong
			_, err := w.publish(w.Ana, w.begin(w.Ana, c.doc))
			e, ok := err.(*plaza.Error)
			if !ok || e.Kind != plaza.Invalid || len(e.Fields) == 0 || e.Fields[0].Field != c.field {
				t.Errorf("%v, want Invalid at %s", err, c.field)
			}
			if w.verbs() != "" {
				t.Errorf("the record has %s", w.verbs())
			}
		})
	}
}

func TestWhatWaitsForReviewIsSeenOnceItIsLetThrough(t *testing.T) {
	worlds(t, func(w *world) {
		w.hold = "dudoso"
		set := func(id string, to moderation.State) error {
			return w.Try(w.mod, func(tx *db.Tx) error {
				acts, err := w.tools.Moderation().Set(tx, id, to)
				if err != nil {
					return err
				}
				return record.Append(tx, acts...)
			})
		}
		p := w.published(w.Ana, line("Algo dudoso"))
		if p.Standing != moderation.Held || len(w.held) != 1 || w.verbs() != "" || w.indexed(p.ID) != "" {
			t.Fatalf("a doubtful tool: %+v, %s", p, w.verbs())
		}
		if err := set(p.ID, moderation.Public); err != nil {
			t.Fatal(err)
		}
		if now := w.get(p.ID); !now.Public() || now.Version != 1 || w.entries()[0].Actor.Ref != w.Ana.Pseudonym {
			t.Errorf("let through: %+v by %v", now, w.entries()[0].Actor)
		}
		again, err := w.publish(w.Ana, w.save(w.Ana, w.opened(w.Ana, p.ID), line("Más dudoso")))
		if err != nil || again.Title != "Algo dudoso" || !again.Waiting() || !again.Public() {
			t.Fatalf("a doubtful version: %+v, %v", again, err)
		}
		var post []moderation.Post
		w.Read(func(tx *db.Tx) (err error) { post, err = w.tools.Moderation().Posts(tx, []string{p.ID}); return err })
		if !post[0].Edit || !strings.HasPrefix(post[0].Text, "Más dudoso") || len(post[0].Versions) != 1 {
			t.Errorf("moderators see %+v", post)
		}
		if err := set(p.ID, moderation.Refused); err != nil {
			t.Fatal(err)
		}
		if now := w.get(p.ID); now.Waiting() || now.Version != 1 || w.verbs() != "published" {
			t.Errorf("refused: %+v, %s", now, w.verbs())
		}
		for _, to := range []moderation.State{moderation.Hidden, moderation.Public, moderation.Hidden} {
			if err := set(p.ID, to); err != nil {
				t.Fatal(err)
			}
		}
		if w.verbs() != "published hidden restored hidden" || w.indexed(p.ID) != "" {
			t.Errorf("hidden: %s, found as %q", w.verbs(), w.indexed(p.ID))
		}
		if _, err := w.publish(w.Ana, w.opened(w.Ana, p.ID)); kind(err) != "conflict" {
			t.Errorf("a hidden tool was published: %v", err)
		}
		if err := set(p.ID, moderation.Refused); kind(err) != "conflict" {
			t.Errorf("a hidden tool was refused: %v", err)
		}
	})
}

func TestARefusedToolWaitsAgainWhateverItSays(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t)) // a rule that no engine changes
	w.hold = "dudoso"
	p := w.published(w.Ana, line("Algo dudoso"))
	w.As(w.mod, func(tx *db.Tx) error { _, err := w.tools.Moderation().Set(tx, p.ID, moderation.Refused); return err })
	now, err := w.publish(w.Ana, w.save(w.Ana, w.opened(w.Ana, p.ID), line("Algo claro")))
	if err != nil || now.Standing != moderation.Held {
		t.Errorf("sent again: %+v, %v", now, err)
	}
}

func TestAToolMadeFromAnotherNamesIt(t *testing.T) {
	worlds(t, func(w *world) {
		p := w.published(w.Ana, line("La base"))
		fork := func(id string) (d tool.Draft, err error) {
			err = w.Try(w.bob, func(tx *db.Tx) error { d, err = w.tools.Fork(tx, id, "La mía"); return err })
			return d, err
		}
		d, err := fork(p.ID)
		if err != nil || d.Tool.Parent != p.ID || d.Tool.ParentVersion != 1 || d.Document.Title() != "La mía" {
			t.Fatalf("made from it: %+v, %v", d.Tool, err)
		}
		if _, err := w.publish(w.bob, d); err != nil {
			t.Fatal(err)
		}
		audience, last := record.Audience{}, w.entries()[1]
		w.Read(func(tx *db.Tx) (err error) { audience, err = tool.Audiences(tx, last); return err })
		if len(audience.Direct) != 1 || audience.Direct[0].Person != w.Ana.ID {
			t.Errorf("who hears of it: %+v", audience)
		}
		var made []tool.Tool
		w.Read(func(tx *db.Tx) (err error) {
			made, err = tool.List(tx, tool.Filter{Parent: p.ID}, tool.Newest, tool.Key{}, 10)
			return err
		})
		if len(made) != 1 || made[0].ID != d.Tool.ID {
			t.Errorf("what was made from it: %v", made)
		}
		elsewhere := w.published(w.Ana, outside())
		if _, err := fork(elsewhere.ID); kind(err) != "conflict" {
			t.Errorf("made from a tool elsewhere: %v", err)
		}
		if _, err := fork(w.begin(w.Ana, line("Un borrador")).Tool.ID); kind(err) != "not-found" {
			t.Errorf("made from a draft: %v", err)
		}
	})
}

func TestAnInstitutionsToolsAreOfWhoSpeaksForIt(t *testing.T) {
	worlds(t, func(w *world) {
		p := w.published(w.comms, line("De comunicación"))
		transfer := func(who account.Person, to string) error {
			return w.Try(who, func(tx *db.Tx) error { _, err := w.tools.Transfer(tx, p.ID, to); return err })
		}
		if err := transfer(w.comms, w.Lerma.ID); kind(err) != "forbidden" {
			t.Errorf("to another institution: %v", err)
		}
		if err := transfer(w.comms, w.Salud.ID); err != nil {
			t.Fatal(err)
		}
		now := w.get(p.ID)
		if !now.Official() || now.Owner != "" || w.verbs() != "published adopted" {
			t.Errorf("official: %+v, %s", now, w.verbs())
		}
		d := w.save(w.Enlace, w.opened(w.Enlace, p.ID), line("De la institución"))
		if _, err := w.publish(w.Enlace, d); err != nil {
			t.Errorf("another of its people: %v", err)
		}
		if err := transfer(w.Ana, ""); kind(err) != "forbidden" {
			t.Errorf("by somebody else: %v", err)
		}
		if err := transfer(w.comms, ""); err != nil || w.get(p.ID).Owner != w.comms.ID {
			t.Errorf("back to a person: %v, %+v", err, w.get(p.ID))
		}
		err := w.Try(w.Ana, func(tx *db.Tx) error {
			_, err := w.tools.Create(tx, tool.Beginning{Document: line("Mía"), Institution: w.Salud.ID})
			return err
		})
		if kind(err) != "forbidden" {
			t.Errorf("somebody else begins an official one: %v", err)
		}
	})
}

func TestWhatIsWithdrawnStaysSoAndSaysWhy(t *testing.T) {
	worlds(t, func(w *world) {
		p := w.published(w.Ana, line("Equivocada"))
		withdraw := func(who account.Person, why string) error {
			return w.Try(who, func(tx *db.Tx) error { _, err := w.tools.Withdraw(tx, p.ID, why); return err })
		}
		if err := withdraw(w.bob, "Porque sí"); kind(err) != "forbidden" {
			t.Errorf("by somebody else: %v", err)
		}
		if err := withdraw(w.Ana, " \n"); kind(err) != "invalid" {
			t.Errorf("without a reason: %v", err)
		}
		if err := withdraw(w.Ana, "Los datos estaban mal."); err != nil {
			t.Fatal(err)
		}
		now := w.get(p.ID)
		if now.Public() || now.Withdrawn != "Los datos estaban mal." || w.verbs() != "published withdrawn" || w.indexed(p.ID) != "" {
			t.Errorf("withdrawn: %+v, %s", now, w.verbs())
		}
		var cards map[plaza.Ref]plaza.Card
		w.Read(func(tx *db.Tx) (err error) { cards, err = tool.Cards(tx, []plaza.Ref{p.Ref()}); return err })
		if k := cards[p.Ref()]; k.Visible || !k.Unavailable || strings.Contains(asJSON(t, k), "quivocada\"") {
			t.Errorf("its card: %+v", k)
		}
		if err := withdraw(w.Ana, "Otra vez"); kind(err) != "conflict" {
			t.Errorf("twice: %v", err)
		}
		err := w.Try(w.Ana, func(tx *db.Tx) error { _, err := w.tools.Save(tx, p.ID, 0, line("Vuelve")); return err })
		if kind(err) != "conflict" {
			t.Errorf("it goes on: %v", err)
		}
	})
}

func TestToolsAreFeaturedByWhoMay(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t)) // a rule that no engine changes
	p := w.published(w.Ana, line("Buena"))
	feature := func(who account.Person, on bool) string {
		return kind(w.Try(who, func(tx *db.Tx) error { _, err := w.tools.Feature(tx, p.ID, on); return err }))
	}
	dbtest.Advance(w.db, time.Minute)
	if got := feature(w.Ana, true) + feature(w.comms, true); got != "forbiddenforbidden" {
		t.Errorf("a person's tool: %s", got)
	}
	if got := feature(w.mod, true) + feature(w.mod, true) + feature(w.Admin, false); got != "" {
		t.Errorf("the platform's people: %s", got)
	}
	if w.verbs() != "published featured unfeatured" {
		t.Errorf("the record: %s", w.verbs())
	}
}
