package explore

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"plaza/internal/base/db"
	"plaza/internal/base/job"
	"plaza/internal/base/tabular"
	"plaza/internal/base/tabular/child"
	"plaza/internal/plaza"
)

// run is one try to open a resource.
type run struct {
	s        *Section
	job      *job.Job
	resource Resource
	last     Attempt
	current  *Version // nil while there is none
	known    *Version // the version of the same content, nil when it is new
	fixes    []tabular.Correction
	marks    string // digest of fixes
	dir      string
	file     content
	meanings []meaning           // of a data dictionary
	renamed  [][2]tabular.Column // of the current version and of the new one
}

// convert is the handler of Convert. What is wrong with the file or its server is noted,
// where everybody sees it; the error that it returns is for another try.
func (s *Section) convert(ctx context.Context, j *job.Job) error {
	var args Convert
	if err := j.Decode(&args); err != nil {
		return err
	}
	for range maxPasses {
		if ok, err := s.pass(ctx, j, args); err != nil || !ok {
			return err
		}
		var err error
		// what people corrected meanwhile enqueued nothing, as this job was live
		if args.Kept, err = s.stale(ctx, args.Resource); err != nil || !args.Kept {
			return err
		}
	}
	return nil
}

// pass tries once; ok reports that it went well.
func (s *Section) pass(ctx context.Context, j *job.Job, args Convert) (ok bool, err error) {
	r := &run{s: s, job: j, last: Attempt{Resource: args.Resource}}
	defer func() {
		if r.dir != "" {
			_ = os.RemoveAll(r.dir) // what stays is removed by a later conversion
		}
	}()
	if err := r.try(ctx, args); err != nil {
		return false, r.failed(ctx, err)
	}
	return true, nil
}

// maxPasses bounds how often one job begins again because of corrections.
const maxPasses = 5

// stale reports whether the current version was made with other corrections, or by an
// older converter.
func (s *Section) stale(ctx context.Context, resource string) (stale bool, err error) {
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		v, err := Current(tx, resource)
		if err != nil {
			return unlessMissing(err)
		}
		_, marks, err := fixesOf(tx, resource)
		stale = v.Revision < s.revision || v.fixes != marks
		return err
	})
	return stale, err
}

func unlessMissing(err error) error {
	if err != nil && plaza.KindOf(err) == plaza.NotFound {
		return nil
	}
	return err
}

// tell shows how far the try is.
func (r *run) tell(ctx context.Context, p Progress) {
	raw, err := json.Marshal(p)
	if err == nil {
		r.job.Progress(ctx, int(p.Done), int(max(p.Total, 0)), string(raw))
	}
}

// try opens the resource once.
func (r *run) try(ctx context.Context, args Convert) error {
	if err := r.s.DB.Read(ctx, func(tx *db.Tx) error { return r.look(tx, args) }); err != nil {
		return err
	}
	var err error
	if r.dir, err = r.s.scratch(); err != nil {
		return err
	}
	if err := r.bring(ctx, args); err != nil {
		return err
	}
	if done, err := r.unchanged(ctx, args); done || err != nil {
		return err
	}
	out := filepath.Join(r.dir, "out")
	if err := os.Mkdir(out, 0o700); err != nil {
		return fmt.Errorf("making a folder for tables: %w", err)
	}
	profile, err := r.tables(ctx, out)
	if err != nil {
		return err
	}
	if r.meanings, err = r.entries(ctx, profile, out); err != nil {
		return err
	}
	v, err := r.store(ctx, profile, out)
	if err != nil {
		return err
	}
	if r.current != nil && r.current.SHA256 != v.SHA256 {
		v.Change, r.renamed = r.s.changeTo(ctx, *r.current, profile, out)
	}
	if err := r.finish(ctx, v, profile); err != nil {
		return err
	}
	for _, t := range v.Tables {
		if r.s.Cache != nil {
			_ = r.s.Cache.Adopt(t.SHA256, filepath.Join(out, t.SHA256)) // on another disk it cannot; it is fetched then
		}
	}
	return nil
}

// look reads what is known. A resource that cannot be opened is a fault.
func (r *run) look(tx *db.Tx, args Convert) (err error) {
	last, err := attemptOf(tx, args.Resource)
	if err != nil {
		return err
	}
	r.last = last
	if r.resource, err = r.s.Resources.Resource(tx, args.Resource); err != nil {
		if plaza.KindOf(err) == plaza.NotFound {
			return ours(faultGone, nil)
		}
		return err
	}
	v, err := Current(tx, args.Resource)
	if err == nil {
		r.current = &v
	} else if unlessMissing(err) != nil {
		return err
	}
	if r.fixes, r.marks, err = fixesOf(tx, args.Resource); err != nil {
		return err
	}
	if args.Kept && r.current != nil {
		return nil
	}
	return r.reachable()
}

// reachable is a fault where the resource has no file to be fetched.
func (r *run) reachable() error {
	switch {
	case !r.resource.Withheld.IsZero():
		return ours(faultHeld, nil)
	case r.resource.Gone:
		return ours(faultGone, nil)
	case r.resource.URL == "":
		return ours(faultAddress, nil)
	}
	return nil
}

// bring has the file at hand: fetched, or the one that is kept.
func (r *run) bring(ctx context.Context, args Convert) (err error) {
	told := func(done, total int64) { r.tell(ctx, Progress{Step: "fetch", Done: done, Total: total}) }
	told(0, -1)
	if args.Kept && r.current != nil {
		r.file, err = r.s.keptIn(ctx, *r.current, r.dir, told)
		r.known = r.current
		if !lost(err) {
			return err
		}
		if err := r.reachable(); err != nil {
			return err
		}
		r.last.sha256 = "" // no mark is good of what is not there
		_ = os.Remove(filepath.Join(r.dir, original))
	}
	if r.file, err = r.fetchTo(ctx, told); err != nil {
		return err
	}
	if r.file.same {
		r.known = r.current
		return nil
	}
	return r.s.DB.Read(ctx, func(tx *db.Tx) error {
		v, err := oneVersion(tx, `resource_id = $1 AND sha256 = $2`, r.resource.ID, r.file.sha256)
		if err == nil {
			r.known = &v
		}
		return unlessMissing(err)
	})
}

// unchanged ends the try when its content is known and nothing derived from it is old. What
// failed by chance is tried again for whoever asks for it.
func (r *run) unchanged(ctx context.Context, args Convert) (done bool, err error) {
	k := r.known
	if k == nil {
		return false, nil
	}
	fresh := k.Revision >= r.s.revision && k.fixes == r.marks && k.Expired.IsZero()
	switch {
	case fresh && k.State == Failed && args.Again && k.Fault.chance():
	case fresh && k.State == Failed:
		return true, r.s.DB.Write(ctx, func(tx *db.Tx) error { return r.seen(tx, OutcomeFailed, k.Fault) })
	case fresh && r.current != nil && k.ID == r.current.ID:
		return true, r.s.DB.Write(ctx, func(tx *db.Tx) error { return r.seen(tx, OutcomeSame, nil) })
	case r.file.path == "": // the server sent nothing, and what is derived is old
		r.file, err = r.s.keptIn(ctx, *k, r.dir, func(done, total int64) { r.tell(ctx, Progress{Step: "fetch", Done: done, Total: total}) })
	}
	return false, err
}

// seen notes that a known content was served again.
func (r *run) seen(tx *db.Tx, outcome Outcome, fault *Fault) error {
	a, err := pin(tx, r.resource.ID)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(`UPDATE explore_versions SET seen_at = $1 WHERE id = $2`, tx.Now, r.known.ID); err != nil {
		return fmt.Errorf("noting that a version was seen again: %w", err)
	}
	a.Outcome, a.Fault, a.Finding = outcome, fault, ""
	return r.marked(a).keep(tx)
}

// marked is an attempt with the marks of what was served.
func (r *run) marked(a Attempt) Attempt {
	a.Status = r.file.status
	a.revision, a.fixes = r.s.revision, r.marks
	switch {
	case r.file.same: // the marks that were sent are still good
	case r.file.status != 0:
		a.url, a.etag, a.lastModified, a.sha256 = r.resource.URL, r.file.etag, r.file.lastModified, r.file.sha256
	}
	return a
}

// tables has the file converted.
func (r *run) tables(ctx context.Context, out string) (tabular.Profile, error) {
	c := child.Conversion{Input: r.file.path, Name: r.file.name, MediaType: r.file.mediaType, Dir: out, Corrections: r.fixes, Dictionary: r.resource.Dictionary}
	p, err := r.s.Engine.Convert(ctx, c, func(st child.Step) {
		r.tell(ctx, Progress{Step: st.Name, Table: st.Table, Done: st.Done, Total: st.Total, Rows: st.Rows})
	})
	if err != nil {
		if ctx.Err() != nil {
			return p, context.Cause(ctx)
		}
		return p, r.asPage(err)
	}
	switch {
	case p.Format == "html" && len(p.Tables) == 0:
		return p, ours(faultHTML, nil)
	case len(p.Tables) == 0:
		return p, ours(faultTable, map[string]any{"format": p.Format})
	case p.SHA256 != "" && p.SHA256 != r.file.sha256:
		return p, ours(faultChanged, nil)
	}
	p.SHA256, p.Bytes = r.file.sha256, r.file.bytes
	return p, nil
}

// asPage takes a file that its server calls a page of HTML, and that is no table, at its
// word.
func (r *run) asPage(err error) error {
	t, ok := errors.AsType[*tabular.Fault](err)
	if ok && strange[t.Code] && r.file.mediaType == "text/html" && !strings.EqualFold(r.resource.Format, "html") {
		return ours(faultHTML, nil)
	}
	return err
}

// doubtsOf is what the store itself keeps of a profile that is an object: whether something
// in it is a guess, which lists ask for many at once.
func doubtsOf(p tabular.Profile) string {
	for _, t := range p.Tables {
		for _, c := range t.Columns {
			if len(c.Doubts) > 0 {
				return `{"doubts":["` + c.Doubts[0] + `"]}` // a word of our own
			}
		}
	}
	return ""
}

// store puts everything into the file store, before any row names it.
func (r *run) store(ctx context.Context, p tabular.Profile, out string) (v Version, err error) {
	v = Version{Resource: r.resource.ID, SHA256: r.file.sha256, Bytes: r.file.bytes, Name: r.file.name, MediaType: r.file.mediaType, URL: r.file.url,
		ETag: r.file.etag, LastModified: r.file.lastModified, State: Good, Revision: r.s.revision, fixes: r.marks}
	v.Rows, v.Columns = counts(p)
	raw, err := json.Marshal(p)
	if err != nil {
		return v, fmt.Errorf("encoding a profile: %w", err)
	}
	objects := map[string]int64{v.SHA256: v.Bytes}
	if v.profile = string(raw); len(raw) > maxProfileText {
		v.profile, v.profileObject = doubtsOf(p), digest(raw)
		objects[v.profileObject] = int64(len(raw))
	}
	for _, t := range p.Tables {
		v.Tables = append(v.Tables, Stored{Name: t.Name, SHA256: t.Parquet.SHA256, Bytes: t.Parquet.Bytes, Rows: t.Rows})
		objects[t.Parquet.SHA256] = t.Parquet.Bytes
	}
	if err := r.s.DB.Write(ctx, func(tx *db.Tx) error { return r.s.claims().Claim(tx, objects) }); err != nil {
		return v, err
	}
	var done int64
	for _, t := range v.Tables {
		r.tell(ctx, Progress{Step: "store", Table: t.Name, Done: done, Total: total(objects), Rows: v.Rows})
		if err := r.s.put(ctx, filepath.Join(out, t.SHA256), t.SHA256); err != nil {
			return v, err
		}
		done += t.Bytes
	}
	if v.profileObject != "" {
		if err := r.s.putAs(ctx, strings.NewReader(string(raw)), v.profileObject); err != nil {
			return v, err
		}
	}
	r.tell(ctx, Progress{Step: "store", Done: done, Total: total(objects), Rows: v.Rows})
	return v, r.s.put(ctx, r.file.path, v.SHA256)
}

func total(objects map[string]int64) (n int64) {
	for _, size := range objects {
		n += size
	}
	return n
}
