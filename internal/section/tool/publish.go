package tool

import (
	"context"
	"fmt"
	"slices"

	"plaza/internal/base/db"
	"plaza/internal/base/text"
	"plaza/internal/civic/access"
	"plaza/internal/civic/gate"
	"plaza/internal/civic/moderation"
	"plaza/internal/civic/record"
	"plaza/internal/civic/search"
	"plaza/internal/plaza"
	"plaza/internal/section/tool/spec"
)

// Publication is that somebody publishes a working copy.
type Publication struct {
	Tool     string // id
	Revision int    // of the copy that they saw
	Note     string // what changed, for readers
	// Signals reads what the form gave away (gate.Judge); nil for programs.
	Signals func(tx *db.Tx) ([]gate.Signal, error)
	Network string // gate.Network of whoever sends it, "" when it is not known
}

// waiting is a publication that waits for review.
type waiting struct {
	Document *Document `json:"document"`
	Note     string    `json:"note,omitempty"`
	Author   string    `json:"author,omitempty"`
	Uses     []Use     `json:"uses,omitempty"`
}

// Publish makes a working copy the next version of its tool, held or public: what is the same
// as the current version makes none. It opens the tables that the document names, so it is no
// part of a transaction. What is wrong with the document is Invalid, by its paths; another
// revision than the one that was seen is a Conflict.
func (ts *Tools) Publish(ctx context.Context, p Publication) (Tool, error) {
	d, err := ts.ready(ctx, &p)
	if err != nil {
		return d.Tool, err
	}
	shapes, err := ts.shapes(ctx, d.Document)
	if err != nil {
		return d.Tool, err
	}
	var out Tool
	err = ts.DB.Write(ctx, func(tx *db.Tx) error {
		d, err := ts.hold(tx, p.Tool, p.Revision)
		if out = d.Tool; err != nil {
			return err
		}
		if err := access.Check(plaza.ActorFrom(ctx), access.ToolPublish, out.Object()); err != nil {
			return err
		}
		if out.Standing == moderation.Hidden {
			return errState
		}
		if same, err := ts.same(tx, d); same || err != nil {
			return err
		}
		out, err = ts.send(tx, d, p, shapes)
		return err
	})
	return out, err
}

// ready reads the copy that is to be published and holds it to the format and its tables.
func (ts *Tools) ready(ctx context.Context, p *Publication) (d Draft, err error) {
	if err := ts.DB.Read(ctx, func(tx *db.Tx) error {
		if d, err = ts.Open(tx, p.Tool); err != nil {
			return err
		}
		if d.Revision != p.Revision {
			return plaza.E(plaza.Conflict, "tool.error.changed")
		}
		return access.Check(plaza.ActorFrom(ctx), access.ToolPublish, d.Tool.Object())
	}); err != nil {
		return d, err
	}
	p.Note = text.Tidy(p.Note)
	wrong := d.Document.check()
	wrong.Length("note", p.Note, MaxNote, "tool.error.long")
	if err := wrong.Err("tool.error.publish"); err != nil {
		return d, err
	}
	if d.Document.Spec != nil && ts.Check != nil {
		return d, ts.Check(ctx, *d.Document.Spec)
	}
	return d, nil
}

// shapes are those of the files that a document names, by resource and the version that it
// pins. Files that were not opened are left out.
func (ts *Tools) shapes(ctx context.Context, d Document) (map[pinned]Shape, error) {
	out := map[pinned]Shape{}
	if d.Spec == nil || ts.Shape == nil {
		return out, nil
	}
	for _, s := range d.Spec.Sources {
		key := pinned{s.Resource, s.Version}
		if _, known := out[key]; known {
			continue
		}
		shape, err := ts.Shape(ctx, s.Resource, s.Version)
		if err != nil {
			if plaza.KindOf(err) == plaza.NotFound {
				continue
			}
			return nil, fmt.Errorf("reading the columns of resource %s: %w", s.Resource, err)
		}
		out[key] = shape
	}
	return out, nil
}

// pinned is a version of a resource's file, 0 for the newest.
type pinned struct {
	resource string
	version  int
}

// same reports whether a copy says what is published, or waits to be.
func (ts *Tools) same(tx *db.Tx, d Draft) (bool, error) {
	if d.Tool.Waiting() {
		other, err := changed(d, Version{Document: *d.Tool.pending.Document})
		return !other, err
	}
	if d.Tool.Version == 0 {
		return false, nil
	}
	other, err := Unpublished(tx, d)
	return !other, err
}

// send judges a copy that is held and publishes it, or lets it wait.
func (ts *Tools) send(tx *db.Tx, d Draft, p Publication, shapes map[pinned]Shape) (Tool, error) {
	t, actor := d.Tool, plaza.ActorFrom(tx.Context())
	uses, origins, err := ts.rests(tx, d.Document, shapes)
	if err != nil {
		return t, err
	}
	if err := ts.Gate.Brake(tx, perPublisher, actor.PersonID); err != nil {
		return t, err
	}
	if p.Network != "" {
		if err := ts.Gate.Brake(tx, perNetwork, p.Network); err != nil {
			return t, err
		}
	}
	verdict, err := ts.judge(tx, t, d.Document, p)
	if err != nil {
		return t, err
	}
	if t.Version == 0 {
		t.Slug = slugOf(d.Document.Title(), t.ID)
	}
	w := waiting{Document: &d.Document, Note: p.Note, Author: actor.PersonID, Uses: uses}
	if verdict.Hold {
		t.pending = w
		if t.Version == 0 {
			t.Standing = moderation.Held
		}
		if err := save(tx, t); err != nil {
			return t, err
		}
		return t, ts.Screen.Hold(tx, t.Ref(), t.Institution, verdict)
	}
	acts, err := ts.release(tx, &t, w, origins)
	if err != nil {
		return t, err
	}
	return t, record.Append(tx, acts...)
}

// judge asks moderation whether a publication waits.
func (ts *Tools) judge(tx *db.Tx, t Tool, d Document, p Publication) (moderation.Verdict, error) {
	if ts.Screen == nil {
		return moderation.Verdict{}, nil
	}
	post := moderation.Draft{Author: plaza.ActorFrom(tx.Context()).PersonID, Institution: t.Institution, Official: t.Official(), Text: d.Text() + "\n" + p.Note}
	if t.Version > 0 {
		post.Of = t.Ref()
	}
	var err error
	if p.Signals != nil {
		if post.Signals, err = p.Signals(tx); err != nil {
			return moderation.Verdict{}, err
		}
	}
	v, err := ts.Screen.Screen(tx, post)
	if err != nil {
		return v, fmt.Errorf("judging a tool: %w", err)
	}
	v.Hold = v.Hold || t.Standing == moderation.Refused // whoever refused it looks again
	return v, nil
}

// rests says on what a document rests, with what the catalogue tells of it. What the
// catalogue does not have is Invalid.
func (ts *Tools) rests(tx *db.Tx, d Document, shapes map[pinned]Shape) ([]Use, map[plaza.Ref]Origin, error) {
	refs := d.refs()
	origins, err := ts.Lineage(tx, refs)
	if err != nil {
		return nil, nil, fmt.Errorf("finding what a tool rests on: %w", err)
	}
	var wrong plaza.Mistakes
	for i, ref := range refs {
		_, known := origins[ref]
		field := fmt.Sprintf("datasets[%d]", i)
		if d.Spec != nil {
			field = fmt.Sprintf("sources[%d].resource", slices.IndexFunc(d.Spec.Sources, func(s spec.Source) bool { return s.Resource == ref.ID }))
		}
		wrong.Hold(known, field, "tool.error.unknown", nil)
	}
	if err := wrong.Err("tool.error.publish"); err != nil {
		return nil, nil, err
	}
	var uses []Use
	if d.Spec == nil {
		for _, ref := range refs {
			uses = append(uses, Use{Dataset: ref.ID, Position: -1})
		}
		return uses, origins, nil
	}
	return usesWith(*d.Spec, origins, shapes), origins, nil
}

// release makes a publication the current version of a tool, with everything that follows
// from it. The acts are for the caller to append to the record.
func (ts *Tools) release(tx *db.Tx, t *Tool, w waiting, origins map[plaza.Ref]Origin) ([]record.Act, error) {
	raw, err := w.Document.encode()
	if err != nil {
		return nil, err
	}
	outdated := !t.Outdated.IsZero()
	t.Version++
	t.Standing, t.pending, t.Modified = moderation.Public, waiting{}, tx.Now
	t.Outdated, t.Losses = never, nil
	if t.Published.IsZero() {
		t.Published = tx.Now
	}
	if x := w.Document.External; x != nil && x.URL != t.URL {
		t.Address = Address{} // nothing is known of that one
	}
	t.describe(*w.Document)
	if err := save(tx, *t); err != nil {
		return nil, err
	}
	if _, err := tx.Exec(`INSERT INTO tool_versions (`+versionColumns+`) VALUES (`+db.Placeholders(1, 8)+`)`,
		t.ID, t.Version, raw, t.Title, t.Summary, w.Note, w.Author, tx.Now); err != nil {
		return nil, fmt.Errorf("storing version %d of tool %s: %w", t.Version, t.ID, err)
	}
	if err := putUses(tx, t.ID, w.Uses); err != nil {
		return nil, err
	}
	if err := putFacets(tx, *t, origins); err != nil {
		return nil, err
	}
	if ts.Published != nil {
		if err := ts.Published(tx, *t); err != nil {
			return nil, err
		}
	}
	verb := "tool.changed"
	switch {
	case t.Version == 1:
		verb = "tool.published"
	case outdated:
		verb = "tool.repaired"
	}
	d, err := docOf(tx, *t, *w.Document, origins)
	if err != nil {
		return nil, err
	}
	return []record.Act{actOf(verb, *t, w.Uses)}, search.Put(tx, d)
}
