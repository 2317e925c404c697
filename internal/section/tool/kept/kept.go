// Package kept keeps the numbers and pictures of published tools, so that they are computed
// and drawn once for each version of a tool and of its data. What is stored is known by a
// stamp of all that it depends on: as soon as there is a newer version of a file, or a column
// is hidden, the stamp is another and nothing that was stored is served. It is computed then,
// and a job stores it.
package kept

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/singleflight"

	"plaza/internal/base/blob"
	"plaza/internal/base/db"
	"plaza/internal/base/i18n"
	"plaza/internal/base/image"
	"plaza/internal/base/recent"
	"plaza/internal/plaza"
	"plaza/internal/section/tool"
	"plaza/internal/section/tool/reckon"
	"plaza/internal/section/tool/spec"
)

// Revision is that of what draws: pictures of another one are drawn again.
const Revision = 7

const (
	// patience is how long a page waits for numbers that are not stored.
	patience = 1200 * time.Millisecond
	// computeFor is how long they may take when nobody waits any more.
	computeFor = time.Minute
	// maxKept is how many bytes of a result are stored.
	maxKept = 1 << 20
	// remember is how many bytes of results, pictures and parts of pages a process has at hand.
	remember = 16 << 20
	// largest is the part of the room that one may take.
	largest = 4
	// asking is how many bytes it takes to know of whom it was told that a job is wanted.
	asking = 256 << 10
)

// Deps are what is needed; all but Shape, Log and Patience are required.
type Deps struct {
	DB   *db.DB
	Blob blob.Store
	// Stamp stands for the data of which a document would be computed now, and for what of
	// them is hidden. It is asked for each view that is shown.
	Stamp func(ctx context.Context, s spec.Spec) (string, error)
	// Live computes what a view shows.
	Live func(ctx context.Context, s spec.Spec, view string, reader url.Values) (reckon.Result, error)
	// Shape is what may be seen now of the columns of a version of a file; nil: nothing of
	// earlier versions is shown.
	Shape  func(ctx context.Context, resource string, version int) (tool.Shape, error)
	Bundle *i18n.Bundle
	// URL is the absolute address of a path of this installation.
	URL      func(path string) string
	Log      *slog.Logger
	Patience time.Duration // of Soon; 1.2 s
}

// Kept is what is kept of tools. It is safe for concurrent use.
type Kept struct {
	Deps
	flights singleflight.Group
	memory  *recent.Recent[string, any]
	asked   *recent.Recent[string, struct{}] // which jobs this process has asked for
	maker   *image.Maker                     // of pictures that are sent
}

// New makes a Kept.
func New(deps Deps) *Kept {
	if deps.Log == nil {
		deps.Log = slog.Default()
	}
	deps.Patience = cmp.Or(deps.Patience, patience)
	return &Kept{Deps: deps, memory: recent.New[string, any](remember, largest), asked: recent.New[string, struct{}](asking, largest), maker: makerOf(deps)}
}

// Of is a public tool of ours as everybody sees it: Spec is the document of its current
// version, of which views may be left out.
type Of struct {
	Tool tool.Tool
	Spec spec.Spec
}

func (of Of) key(view, stamp string) string {
	return strings.Join([]string{of.Tool.ID, strconv.Itoa(of.Tool.Version), view, stamp}, "\x00")
}

// View is what a view shows; whoever gets it changes nothing of it. Without choices of
// readers it is what was stored, as long as nothing of the data has changed. Errors are those
// of computing.
func (k *Kept) View(ctx context.Context, of Of, view string, reader url.Values) (reckon.Result, error) {
	return k.view(ctx, of, view, reader, nil)
}

// Soon is View for pages, which do not wait long: what is not stored and takes longer is
// Unavailable, computed on and stored by a job meanwhile.
func (k *Kept) Soon(ctx context.Context, of Of, view string, reader url.Values) (reckon.Result, error) {
	timer := time.NewTimer(k.Patience)
	defer timer.Stop()
	return k.view(ctx, of, view, reader, timer.C)
}

func (k *Kept) view(ctx context.Context, of Of, view string, reader url.Values, late <-chan time.Time) (reckon.Result, error) {
	if len(reader) > 0 {
		return k.Live(ctx, of.Spec, view, reader)
	}
	stamp, err := k.stamp(ctx, of.Spec)
	if err != nil {
		return reckon.Result{}, err
	}
	return k.known(ctx, of, view, stamp, late)
}

// known is what a view with a stamp shows: as it is stored, else computed.
func (k *Kept) known(ctx context.Context, of Of, view, stamp string, late <-chan time.Time) (reckon.Result, error) {
	if r, ok, err := k.stored(ctx, of, view, stamp); ok || err != nil {
		return r, err
	}
	flight := k.flights.DoChan(of.key(view, stamp), func() (any, error) {
		// whoever leaves does not take it from those who asked for the same
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), computeFor)
		defer cancel()
		if v, ok := k.memory.Get(of.key(view, stamp)); ok {
			return v, nil // another had computed it before this one asked
		}
		r, err := k.Live(ctx, of.Spec, view, nil)
		if err == nil {
			k.memory.Put(of.key(view, stamp), r, weight(r))
		}
		return r, err
	})
	select {
	case made := <-flight:
		if made.Err != nil {
			return reckon.Result{}, made.Err
		}
		k.want(ctx, of, stamp)
		return made.Val.(reckon.Result), nil
	case <-late:
		k.want(ctx, of, stamp)
		return reckon.Result{}, plaza.E(plaza.Unavailable, "toolview.wait")
	case <-ctx.Done():
		return reckon.Result{}, ctx.Err()
	}
}

// Part is what is made of what a view shows: its place on a page, say.
type Part struct {
	View   string
	Name   string // of all that it depends on besides the view's numbers
	Reader url.Values
	Make   func(reckon.Result) (string, error)
}

// Part makes a part. Without choices of readers it is made once and kept at hand for all who
// ask for the same, until the tool or its data change. It waits as Soon does; errors are
// those of Soon and of Make.
func (k *Kept) Part(ctx context.Context, of Of, p Part) (string, error) {
	if len(p.Reader) > 0 {
		r, err := k.Soon(ctx, of, p.View, p.Reader)
		if err != nil {
			return "", err
		}
		return p.Make(r)
	}
	stamp, err := k.stamp(ctx, of.Spec)
	if err != nil {
		return "", err
	}
	key := of.key(p.View, stamp) + "\x00part\x00" + p.Name
	if v, ok := k.memory.Get(key); ok {
		return v.(string), nil
	}
	timer := time.NewTimer(k.Patience)
	defer timer.Stop()
	r, err := k.known(ctx, of, p.View, stamp, timer.C)
	if err != nil {
		return "", err
	}
	part, err := p.Make(r)
	if err == nil {
		k.memory.Put(key, part, int64(len(part)))
	}
	return part, err
}

// stamp is that of what is computed now: of the data, and of what draws them.
func (k *Kept) stamp(ctx context.Context, s spec.Spec) (string, error) {
	data, err := k.Stamp(ctx, s)
	if err != nil {
		return "", fmt.Errorf("looking whether a tool's data changed: %w", err)
	}
	sum := sha256.Sum256([]byte(strconv.Itoa(Revision) + "\x00" + data))
	return hex.EncodeToString(sum[:]), nil
}

// stampOf is the stamp with which a form is stored. Pictures of a view say where it is: those
// of an installation that moved are drawn anew, its numbers stay.
func (k *Kept) stampOf(form, stamp string) string {
	if !slices.ContainsFunc(pictures, func(p picture) bool { return p.form == form }) {
		return stamp
	}
	sum := sha256.Sum256([]byte(k.URL("") + "\x00" + stamp))
	return hex.EncodeToString(sum[:])
}

// stored is what is known of a view with a stamp.
func (k *Kept) stored(ctx context.Context, of Of, view, stamp string) (r reckon.Result, ok bool, err error) {
	key := of.key(view, stamp)
	if v, ok := k.memory.Get(key); ok {
		return v.(reckon.Result), true, nil
	}
	body, ok, err := k.read(ctx, of.drawn(view, "", JSON), stamp)
	if !ok || err != nil {
		return r, false, err
	}
	if err := json.Unmarshal(body, &r); err != nil {
		k.Log.ErrorContext(ctx, "numbers of a tool cannot be read", "tool", of.Tool.ID, "view", view, "err", err)
		return r, false, nil
	}
	k.memory.Put(key, r, weight(r))
	return r, true, nil
}

// read is a stored file with a stamp.
func (k *Kept) read(ctx context.Context, d tool.Drawn, stamp string) (body []byte, ok bool, err error) {
	var row tool.Kept
	err = k.DB.Read(ctx, func(tx *db.Tx) (err error) { row, err = tool.PictureOf(tx, d); return err })
	if err != nil && plaza.KindOf(err) != plaza.NotFound {
		return nil, false, err
	}
	if err != nil || row.Stamp != k.stampOf(d.Form, stamp) {
		return nil, false, nil
	}
	if body, ok, err = k.object(ctx, row); ok || err != nil {
		return body, ok, err
	}
	k.Log.ErrorContext(ctx, "a picture of a tool is lost", "tool", d.Tool, "view", d.View, "form", d.Form)
	// without its row, it is drawn anew
	return nil, false, k.DB.Write(ctx, func(tx *db.Tx) error { return tool.ForgetView(tx, d.Tool, d.View) })
}

// Picture is a stored file. Gzip is the same as [web.Gzip] packs it, for those that gain by it.
type Picture struct{ Body, Gzip []byte }

// Picture is a Form of a view in a language, or the thumbnail of a tool. ok is false when
// there is none of the data as they are now; a job draws it then.
func (k *Kept) Picture(ctx context.Context, of Of, view, language, form string) (p Picture, ok bool, err error) {
	stamp, err := k.stamp(ctx, of.Spec)
	if err != nil {
		return p, false, err
	}
	key := of.key(view, stamp) + "\x00" + language + "\x00" + form
	if v, ok := k.memory.Get(key); ok {
		return v.(Picture), true, nil
	}
	body, ok, err := k.read(ctx, of.drawn(view, language, form), stamp)
	if err != nil {
		return p, false, err
	}
	if !ok {
		k.want(ctx, of, stamp)
		return p, false, nil
	}
	if p, err = unpack(form, body); err != nil {
		return p, false, err
	}
	k.memory.Put(key, p, int64(len(p.Body)+len(p.Gzip)))
	return p, true, nil
}

// want has a job store what is not. A process asks once for the same.
func (k *Kept) want(ctx context.Context, of Of, stamp string) {
	key := of.key("", stamp)
	if !k.asked.Put(key, struct{}{}, int64(len(key))+100) {
		return
	}
	if err := k.DB.Write(context.WithoutCancel(ctx), func(tx *db.Tx) error { return Enqueue(tx, of.Tool.ID) }); err != nil {
		k.asked.Forget(key)
		k.Log.WarnContext(ctx, "having a tool drawn", "tool", of.Tool.ID, "err", err)
	}
}
