package demo

import (
	"context"
	"fmt"
	"regexp"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/civic/account"
	"plaza/internal/civic/comment"
	"plaza/internal/plaza"
	"plaza/internal/section/explore"
	"plaza/internal/section/tool"
	"plaza/internal/section/tool/spec"
)

// Tool is a native tool of the demonstration. Its document names each resource by its file,
// as ids are another installation's: "archivo:inegi/censo2020_municipios.csv".
type Tool struct {
	Name string // of its document in herramientas/
	Days int    // before the end of the story, when it is published
	Base string // name of the one that it was made from, "" for none

	by       string // key of the cast
	official bool   // it is of the institution of whoever made it
	featured bool
	mend     int // days before the end when its author takes the repair that is proposed; 0 never
	said     []reaction
}

var namedFile = regexp.MustCompile(`"archivo:([^"]+)"`)

// Spec is the tool's document with the resources that its files are.
func (t Tool) Spec(resource func(file string) (id string, err error)) (spec.Spec, error) {
	text, err := embedded.ReadFile("herramientas/" + t.Name + ".json")
	if err != nil {
		return spec.Spec{}, fmt.Errorf("reading the demonstration's tools: %w", err)
	}
	var fault error
	text = namedFile.ReplaceAllFunc(text, func(named []byte) []byte {
		id, err := resource(string(namedFile.FindSubmatch(named)[1]))
		if err != nil && fault == nil {
			fault = err
		}
		return []byte(`"` + id + `"`)
	})
	if fault != nil {
		return spec.Spec{}, fault
	}
	return spec.Parse(text)
}

// toolActs are what becomes of the tools, for a story that ends at an instant.
func toolActs(until time.Time) (acts []act) {
	at := func(days, minute int) time.Time {
		return dayBefore(until, days).Add((hour+3)*time.Hour + time.Duration(minute)*time.Minute)
	}
	for i, t := range Tools {
		acts = append(acts, act{at(t.Days, i), func(ctx context.Context, s *Stage) error { return s.publish(ctx, t) }})
		if t.mend > 0 {
			acts = append(acts, act{at(t.mend, i), func(ctx context.Context, s *Stage) error { return s.mend(ctx, t) }})
		}
		for _, r := range t.said {
			acts = append(acts, act{at(r.days, i), func(ctx context.Context, s *Stage) error { return s.remark(ctx, t, r) }})
		}
	}
	for i, e := range elsewhere {
		acts = append(acts, act{at(e.days, len(Tools)+i), func(ctx context.Context, s *Stage) error { return s.list(ctx, e) }})
	}
	return acts
}

// publish has a tool made and published, unless it was; those that it is made of are opened
// first. Where no files are opened there are no tools.
func (s *Stage) publish(ctx context.Context, t Tool) error {
	if s.People.Talk.Explore == nil {
		return nil
	}
	document, err := t.Spec(func(file string) (string, error) { return s.opened(ctx, file) })
	if err != nil {
		return unread(err)
	}
	if err := s.release(ctx, t.by, tool.Document{Spec: &document}, t.official, t.Base); err != nil {
		return fmt.Errorf("publishing %s: %w", t.Name, err)
	}
	if !t.featured {
		return nil
	}
	return s.as(ctx, "elisa", func(tx *db.Tx) error {
		made, err := toolTitled(tx, document.Title)
		if err != nil || !made.Featured.IsZero() {
			return err
		}
		_, err = s.People.Tools.Feature(tx, made.ID, true)
		return err
	})
}

// list has somebody tell of a tool elsewhere.
func (s *Stage) list(ctx context.Context, e external) error {
	if s.People.Talk.Explore == nil {
		return nil
	}
	x := e.External
	x.Language = "es"
	if err := s.DB.Read(ctx, func(tx *db.Tx) error {
		d, err := dataset(tx, e.on)
		x.Datasets = []string{d.ID}
		return err
	}); err != nil {
		return unread(err)
	}
	return s.release(ctx, e.by, tool.Document{External: &x}, e.official, "")
}

// release publishes a document as somebody's tool, and lets it through if it waits.
func (s *Stage) release(ctx context.Context, who string, document tool.Document, official bool, base string) error {
	var draft tool.Draft
	if err := s.as(ctx, who, func(tx *db.Tx) (err error) {
		draft, err = s.begin(tx, who, document, official, base)
		return err
	}); err != nil || draft.Tool.Public() {
		return err
	}
	return s.send(ctx, who, draft, "")
}

// begin is the working copy of a tool that somebody makes, or made.
func (s *Stage) begin(tx *db.Tx, who string, document tool.Document, official bool, base string) (tool.Draft, error) {
	made, err := toolTitled(tx, document.Title())
	if err == nil {
		return s.People.Tools.Open(tx, made.ID)
	}
	if plaza.KindOf(err) != plaza.NotFound {
		return tool.Draft{}, err
	}
	if base != "" {
		return s.fork(tx, document, base)
	}
	n := tool.Beginning{Document: document}
	if official {
		n.Institution = InstitutionID(cast[who].body)
	}
	return s.People.Tools.Create(tx, n)
}

// fork makes a tool from one of the demonstration, and changes it.
func (s *Stage) fork(tx *db.Tx, document tool.Document, base string) (tool.Draft, error) {
	parent, err := toolNamed(tx, base)
	if err != nil {
		return tool.Draft{}, err
	}
	d, err := s.People.Tools.Fork(tx, parent.ID, document.Title())
	if err != nil {
		return d, err
	}
	return s.People.Tools.Save(tx, d.Tool.ID, d.Revision, document)
}

// send publishes a working copy, and has Elisa let it through if it waits.
func (s *Stage) send(ctx context.Context, who string, d tool.Draft, note string) error {
	ctx, err := s.acting(ctx, who)
	if err != nil {
		return err
	}
	if _, err := s.People.Tools.Publish(ctx, tool.Publication{Tool: d.Tool.ID, Revision: d.Revision, Note: note}); err != nil {
		return err
	}
	if err := s.letThrough(ctx); err != nil {
		return err
	}
	return s.People.Tell(ctx)
}

// mend has the author of a tool take the repair that is proposed, and publish it.
func (s *Stage) mend(ctx context.Context, t Tool) error {
	var d tool.Draft
	if err := s.as(ctx, t.by, func(tx *db.Tx) error {
		made, err := toolNamed(tx, t.Name)
		if err != nil {
			return unread(err)
		}
		if d, err = s.People.Tools.Open(tx, made.ID); err != nil || made.Alive() {
			return err
		}
		d, err = s.People.Tools.Mend(tx, made.ID, d.Revision)
		return err
	}); err != nil || !d.Tool.Working() {
		return err
	}
	return s.send(ctx, t.by, d, "La tabla cambió el nombre de una columna; la herramienta usa ya el nuevo.")
}

// remark has somebody say something of a tool.
func (s *Stage) remark(ctx context.Context, t Tool, r reaction) error {
	if err := s.as(ctx, r.who, func(tx *db.Tx) error {
		made, err := toolNamed(tx, t.Name)
		if err != nil {
			return unread(err)
		}
		cards, err := s.People.Cards(tx, []plaza.Ref{made.Ref()})
		if err != nil {
			return err
		}
		_, err = s.People.Comments.Post(tx, comment.Draft{On: cards[made.Ref()], Text: r.text, Nonce: nonce("tool " + t.Name + r.text)}, comment.From{})
		return err
	}); err != nil {
		return err
	}
	return s.letThrough(ctx)
}

// opened is the resource whose file is at a place of the demonstration, opened; NotFound
// while no catalogue names it.
func (s *Stage) opened(ctx context.Context, file string) (id string, err error) {
	known := false
	if err := s.DB.Read(ctx, func(tx *db.Tx) error {
		if err := tx.Row(`SELECT id FROM resources WHERE url LIKE '%' || $1 AND removed_at IS NULL ORDER BY id LIMIT 1`, Prefix+"archivos/"+file).Scan(&id); err != nil {
			return err
		}
		_, err := explore.Current(tx, id)
		known = err == nil
		return unread(err)
	}); err != nil || known {
		return id, err
	}
	return id, s.visit(ctx, id)
}

// toolNamed is the tool that was made of a document of the demonstration.
func toolNamed(tx *db.Tx, name string) (tool.Tool, error) {
	s, err := (Tool{Name: name}).Spec(func(string) (string, error) { return base, nil })
	if err != nil {
		return tool.Tool{}, err
	}
	return toolTitled(tx, s.Title)
}

func toolTitled(tx *db.Tx, title string) (tool.Tool, error) {
	var id string
	if err := tx.Row(`SELECT id FROM tools WHERE title = $1 ORDER BY id LIMIT 1`, title).Scan(&id); err != nil {
		return tool.Tool{}, err
	}
	return tool.ByID(tx, id)
}

// acting is a context in which one of the cast acts.
func (s *Stage) acting(ctx context.Context, key string) (context.Context, error) {
	var p account.Person
	err := s.DB.Read(ctx, func(tx *db.Tx) (err error) {
		p, err = account.ByEmail(tx, cast[key].mail)
		return err
	})
	return plaza.WithActor(ctx, p.Actor()), err
}
