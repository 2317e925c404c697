package explore

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"plaza/internal/base/blob"
	"plaza/internal/base/db"
	"plaza/internal/base/tabular"
	"plaza/internal/base/tabular/child"
	"plaza/internal/plaza"
	"plaza/internal/section/explore/cache"
)

// View is a version as it may be looked at. Whoever has it calls Close.
type View struct {
	Resource Resource
	Version  Version
	// Profile is without values of columns that nobody may see, and without tables while
	// the file is withheld.
	Profile tabular.Profile
	Hiding  Hiding

	s      *Section
	whole  tabular.Profile
	mu     sync.Mutex
	leases []*cache.Lease
}

// Open gives a version of a resource by its number, 0 for the current one. NotFound when
// there is none, or its files are gone, or its source withdrew what no licence lets us pass
// on.
func (s *Section) Open(ctx context.Context, resource string, number int) (*View, error) {
	v := &View{s: s}
	var meanings map[string]string
	if err := s.DB.Read(ctx, func(tx *db.Tx) (err error) {
		if v.Resource, err = s.Resources.Resource(tx, resource); err != nil {
			return err
		}
		if v.Resource.Gone && !v.Resource.Open {
			return errNoCopy
		}
		if number == 0 {
			v.Version, err = Current(tx, resource)
		} else {
			v.Version, err = ByNumber(tx, resource, number)
		}
		if err != nil {
			return err
		}
		if v.Hiding, err = HidingOf(tx, v.Resource); err != nil {
			return err
		}
		meanings, err = s.Meanings(tx, v.Resource)
		return err
	}); err != nil {
		return nil, err
	}
	if v.Version.State != Good || !v.Version.Expired.IsZero() {
		return nil, errNoVersion
	}
	var err error
	if v.whole, err = s.Profile(ctx, v.Version); err != nil {
		return nil, s.remade(ctx, v.Version, err)
	}
	v.Profile = Explain(v.Hiding.Redact(v.whole), meanings)
	return v, nil
}

// Close gives back the files of the tables.
func (v *View) Close() {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, l := range v.leases {
		l.Release()
	}
	v.leases = nil
}

// Table has a table of the version on this machine, ready to be asked, until the View is
// closed: i is its place in Profile.Tables. A file that is withheld is Forbidden; a table
// that is not there is NotFound. A large one gets the engine's own form in the background,
// and is asked by it from then on.
func (v *View) Table(ctx context.Context, i int) (child.Table, error) {
	if v.Hiding.File {
		return child.Table{}, plaza.E(plaza.Forbidden, "explore.error.withheld")
	}
	if i < 0 || i >= len(v.whole.Tables) {
		return child.Table{}, plaza.E(plaza.NotFound, "explore.error.no_table")
	}
	t := v.whole.Tables[i]
	l, err := v.s.Cache.Parquet(ctx, t.Parquet.SHA256)
	if err != nil {
		return child.Table{}, fmt.Errorf("opening a table: %w", v.s.remade(ctx, v.Version, err))
	}
	v.hold(l)
	out := child.Table{Parquet: l.Path, Profile: v.Profile.Tables[i], Hidden: v.Hiding.Columns(t)}
	if t.Rows < v.s.NativeRows {
		return out, nil
	}
	if n := v.s.Cache.Native(t.Parquet.SHA256); n != nil {
		v.hold(n)
		out.Native = n.Path
		return out, nil
	}
	v.s.Cache.Build(t.Parquet.SHA256, func(ctx context.Context, parquet, path string) error {
		return v.s.Engine.Native(ctx, child.Table{Parquet: parquet, Profile: t}, path)
	})
	return out, nil
}

// lost reports whether an error says that the file store has an object no more, or not as
// it was.
func lost(err error) bool {
	return err != nil && (plaza.KindOf(err) == plaza.NotFound || errors.Is(err, blob.ErrCorrupt))
}

// remade turns an error of the file store into what is told of it. What was made of the
// current version and is lost is made anew: from the kept file or, where that is lost too,
// from what its address serves. Of an older version it is gone.
func (s *Section) remade(ctx context.Context, v Version, cause error) error {
	if !lost(cause) {
		return cause
	}
	s.Log.ErrorContext(ctx, "what was made of a file is lost", "version", v.ID, "err", cause)
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		st, err := StatusOf(tx, v.Resource)
		switch {
		case err != nil:
			return err
		case st.Attempt.Current != v.ID, st.Stage == StageFailed && tx.Now.Sub(st.Attempt.At) < failedAgain:
			return errNoVersion
		case st.Stage == StageWaiting || st.Stage == StageRunning:
			return nil
		}
		if _, err := tx.Exec(`UPDATE explore_versions SET revision = 0 WHERE id = $1`, v.ID); err != nil {
			return fmt.Errorf("having a version made anew: %w", err)
		}
		_, err = s.enqueue(tx, Convert{Resource: v.Resource, Kept: true})
		return err
	})
	if err != nil {
		return err
	}
	return &plaza.Error{Kind: plaza.Unavailable, Key: "explore.error.lost", RetryAfter: patience, Cause: cause}
}

func (v *View) hold(l *cache.Lease) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.leases = append(v.leases, l)
}
