package kept

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/job"
	"plaza/internal/plaza"
	"plaza/internal/section/tool"
	"plaza/internal/section/tool/drawing"
	"plaza/internal/section/tool/leaving"
	"plaza/internal/section/tool/reckon"
	"plaza/internal/section/tool/showing"
	"plaza/internal/section/tool/spec"
)

// Queue is that of drawing, which takes a second of processor for each view.
const Queue = "tool"

// Draw is the job that computes and draws what is published of a tool.
type Draw struct {
	Tool string `json:"tool"`
}

// Kind implements job.Args.
func (Draw) Kind() string { return "tool.draw" }

// Sweeping is the job that removes what nobody sees any more.
type Sweeping struct{}

// Kind implements job.Args.
func (Sweeping) Kind() string { return "tool.sweep" }

// attempts is how often drawing a tool is tried before it is given up.
const attempts = 4

// again is how often a job begins anew because the tool or its data changed meanwhile.
const again = 3

// Enqueue has a tool drawn, unless that is waited for.
func Enqueue(tx *db.Tx, id string) error {
	_, _, err := job.Enqueue(tx, Draw{id}, job.Options{Unique: "tool.draw:" + id, Queue: Queue, MaxAttempts: attempts})
	return err
}

// Published has the version of a tool drawn that was made current, for tool.Deps.Published.
func Published(tx *db.Tx, t tool.Tool) error {
	if t.URL != "" {
		return nil // it is elsewhere
	}
	return Enqueue(tx, t.ID)
}

// Work registers the jobs.
func (k *Kept) Work(r *job.Runner) {
	r.Handle(Draw{}.Kind(), func(ctx context.Context, j *job.Job) error {
		var args Draw
		if err := j.Decode(&args); err != nil {
			return err
		}
		return k.Draw(ctx, args.Tool)
	})
	r.Handle(Sweeping{}.Kind(), func(ctx context.Context, _ *job.Job) error { return k.Sweep(ctx) })
	r.Every(Sweeping{}.Kind(), job.Interval(24*time.Hour), Sweeping{}, job.Options{Unique: Sweeping{}.Kind()})
}

// Draw computes and draws all views of a tool's current version and stores them. A view that
// cannot be computed has no pictures and stands in no other's way; the error tells of those
// that may go well another time.
func (k *Kept) Draw(ctx context.Context, id string) error {
	ctx = plaza.WithActor(ctx, plaza.SystemActor)
	var err error
	for range again {
		of, known, e := k.current(ctx, id)
		if e != nil || !known {
			return e
		}
		stamp, e := k.stamp(ctx, of.Spec)
		if e != nil {
			return e
		}
		err = k.draw(ctx, of, stamp)
		// what was enqueued while this ran was left out: this is that job
		after, known, e := k.current(ctx, id)
		if e != nil || !known {
			return e
		}
		now, e := k.stamp(ctx, after.Spec)
		if e != nil {
			return e
		}
		if now == stamp && after.Tool.Version == of.Tool.Version {
			break
		}
	}
	return err
}

// current is a tool as everybody sees it; known is false when nobody does, or it is elsewhere.
func (k *Kept) current(ctx context.Context, id string) (of Of, known bool, err error) {
	err = k.DB.Read(ctx, func(tx *db.Tx) error {
		t, err := tool.ByID(tx, id)
		if err != nil || !t.Public() || t.Version == 0 {
			return err
		}
		v, err := tool.Current(tx, t)
		if err != nil || v.Document.Spec == nil {
			return err
		}
		of, known = Of{t, *v.Document.Spec}, true
		return nil
	})
	if err != nil && plaza.KindOf(err) == plaza.NotFound {
		err = nil
	}
	return of, known, err
}

func (of Of) drawn(view, language, form string) tool.Drawn {
	return tool.Drawn{Tool: of.Tool.ID, Version: of.Tool.Version, View: view, Language: language, Form: form}
}

// draw draws the views of which something is missing.
func (k *Kept) draw(ctx context.Context, of Of, stamp string) error {
	var have []tool.Kept
	if err := k.DB.Read(ctx, func(tx *db.Tx) (err error) {
		have, err = tool.PicturesOf(tx, of.Tool.ID, of.Tool.Version)
		return err
	}); err != nil {
		return err
	}
	have = slices.DeleteFunc(have, func(p tool.Kept) bool { return p.Stamp != k.stampOf(p.Form, stamp) })
	var faults []error
	thumb := thumbed(of.Spec)
	if thumb < 0 {
		faults = append(faults, k.titled(ctx, of, stamp))
	}
	for i, v := range of.Spec.Views {
		if v.Mark == spec.Text || complete(have, of, v, i == thumb) {
			continue
		}
		if err := k.drawView(ctx, of, v, i == thumb, stamp); err != nil {
			if ctx.Err() != nil {
				return err
			}
			faults = append(faults, fmt.Errorf("view %s: %w", v.Name, err))
		}
	}
	return errors.Join(faults...)
}

// thumbed is the view of which the thumbnail is: the first chart or map, else the first figure,
// else the first table; -1 when there is none.
func thumbed(s spec.Spec) int {
	if i := slices.IndexFunc(s.Views, func(v spec.View) bool { return drawing.Drawn(v) && v.Mark != spec.Figure }); i >= 0 {
		return i
	}
	if i := slices.IndexFunc(s.Views, drawing.Drawn); i >= 0 {
		return i
	}
	return slices.IndexFunc(s.Views, func(v spec.View) bool { return v.Mark != spec.Text })
}

// complete reports whether all of a view is stored. Numbers may be too many to be.
func complete(have []tool.Kept, of Of, v spec.View, thumb bool) bool {
	want := []tool.Drawn{of.drawn(v.Name, "", JSON)}
	if drawing.Drawn(v) {
		want = nil
		for _, language := range Languages {
			for _, f := range pictures {
				want = append(want, of.drawn(v.Name, language, f.form))
			}
		}
	}
	if thumb {
		want = append(want, of.drawn("", "", Thumbnail), of.drawn("", "", Night))
	}
	return !slices.ContainsFunc(want, func(d tool.Drawn) bool {
		return !slices.ContainsFunc(have, func(p tool.Kept) bool { return p.Drawn == d })
	})
}

// titled stores the thumbnails of a tool of words.
func (k *Kept) titled(ctx context.Context, of Of, stamp string) error {
	var files []made
	for _, dark := range []bool{false, true} {
		body, err := leaving.Titled(of.Tool.Title, dark)
		if err != nil {
			return err
		}
		files = append(files, makeOf(of.drawn("", "", ThumbnailForm(dark)), body))
	}
	return k.keep(ctx, stamp, files)
}

// drawView stores a view. What is wrong with the document or its tables is no fault of ours:
// the view has nothing then, but what it showed of an earlier version that is still open.
func (k *Kept) drawView(ctx context.Context, of Of, v spec.View, thumb bool, stamp string) error {
	r, err := k.Live(ctx, of.Spec, v.Name, nil)
	if kind := plaza.KindOf(err); err != nil && (kind == plaza.Invalid || kind == plaza.NotFound || kind == plaza.Forbidden) {
		if _, _, ok, err := k.Last(ctx, of, v.Name); ok || err != nil {
			return err // it is shown as what was
		}
		return k.DB.Write(ctx, func(tx *db.Tx) error {
			if thumb {
				if err := tool.ForgetView(tx, of.Tool.ID, ""); err != nil {
					return err
				}
			}
			return tool.ForgetView(tx, of.Tool.ID, v.Name)
		})
	}
	if err != nil {
		return err
	}
	files, err := k.files(of, v, r, thumb)
	if err != nil {
		return err
	}
	return k.keep(ctx, stamp, files)
}

// files are all that is stored of a view.
func (k *Kept) files(of Of, v spec.View, r reckon.Result, thumb bool) (out []made, err error) {
	raw, err := json.Marshal(r)
	if err != nil {
		return nil, fmt.Errorf("writing the numbers of a tool: %w", err)
	}
	if len(raw) <= maxKept {
		out = append(out, makeOf(of.drawn(v.Name, "", JSON), raw))
	}
	leaves := func(language string) leaving.View {
		return leaving.View{Asked: showing.Asked{L: k.Bundle.Printer(language), Spec: of.Spec, View: v, Result: r, Alt: of.Spec.Description}, URL: k.URL(of.Tool.Path())}
	}
	if drawing.Drawn(v) {
		for _, language := range Languages {
			for _, p := range pictures {
				one := leaves(language)
				one.Dark = p.dark
				_, body, err := one.Write(p.file)
				if err != nil {
					return nil, err
				}
				out = append(out, makeOf(of.drawn(v.Name, language, p.form), body))
			}
		}
	}
	if thumb {
		for _, dark := range []bool{false, true} {
			one := leaves(of.Tool.Language)
			one.Dark = dark
			body, err := one.Thumbnail()
			if err != nil {
				return nil, err
			}
			out = append(out, makeOf(of.drawn("", "", ThumbnailForm(dark)), body))
		}
	}
	return out, nil
}
