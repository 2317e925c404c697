package explore

import (
	"context"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/job"
	"plaza/internal/civic/access"
	"plaza/internal/plaza"
)

const (
	// failedAgain is how long a file that could not be opened is left alone, however
	// often its page is visited.
	failedAgain = time.Hour
	// retryAgain is how long after a try anybody may ask for another.
	retryAgain = 2 * time.Minute
	// patience is what is asked of who comes when too many wait.
	patience = time.Minute
)

// Want is what a page says when somebody opens a resource: it gives where the resource
// stands and has its file opened when there is no version of it, or the last look is older
// than Again. It writes only then. TooMany with RetryAfter when too many wait already;
// NotFound when there is no such resource.
func (s *Section) Want(ctx context.Context, resource string) (Status, error) {
	var st Status
	due := false
	err := s.DB.Read(ctx, func(tx *db.Tx) (err error) {
		if st, err = StatusOf(tx, resource); err != nil {
			return err
		}
		if due = s.due(st, tx.Now); !due {
			return nil
		}
		r, err := s.Resources.Resource(tx, resource)
		due = r.URL != "" && !r.Gone && r.Withheld.IsZero()
		return err
	})
	if err != nil || !due {
		return st, err
	}
	err = s.DB.Write(ctx, func(tx *db.Tx) (err error) {
		if err := s.room(tx, s.MostWaiting); err != nil {
			if plaza.KindOf(err) == plaza.TooMany && st.Attempt.Current != "" {
				return nil // there is something to see, and next time there may be room
			}
			return err
		}
		if _, err = s.enqueue(tx, Convert{Resource: resource}); err != nil {
			return err
		}
		st, err = StatusOf(tx, resource)
		return err
	})
	return st, err
}

// due reports whether a file is to be looked at now because somebody opened its page.
func (s *Section) due(st Status, now time.Time) bool {
	a := st.Attempt
	switch st.Stage {
	case StageWaiting, StageRunning:
		return false
	case StageNone:
		return true
	case StageFailed:
		return a.Outcome == OutcomeFailed && now.Sub(a.At) >= failedAgain
	}
	return now.Sub(a.At) >= s.Again
}

// room refuses when too many conversions and comparisons wait.
func (s *Section) room(tx *db.Tx, most int) error {
	var waiting int
	if err := tx.Row(`SELECT COUNT(id) FROM jobs WHERE state = $1 AND kind IN ($2, $3)`, job.Available, Convert{}.Kind(), Compared{}.Kind()).Scan(&waiting); err != nil {
		return err
	}
	if waiting >= most {
		return &plaza.Error{Kind: plaza.TooMany, Key: "explore.error.many", RetryAfter: patience}
	}
	return nil
}

// Retry has a resource's file opened again now, whatever the last try came to. A job that
// is live already is left as it is, or begun at once when it waits for another try. Whoever
// may not correct the resource waits a while between two tries: a button that anybody may
// press fetches gigabytes from somebody else's server.
func (s *Section) Retry(tx *db.Tx, resource string) error {
	r, err := s.Resources.Resource(tx, resource)
	if err != nil {
		return err
	}
	st, err := StatusOf(tx, resource)
	actor := plaza.ActorFrom(tx.Context())
	own := actor.Has(plaza.System) || access.Can(actor, access.ExploreCorrect, object(r))
	wait := retryAgain - tx.Now.Sub(st.Attempt.At)
	switch {
	case err != nil:
		return err
	case !own && wait > 0 && !st.Attempt.At.IsZero():
		return &plaza.Error{Kind: plaza.TooMany, Key: "explore.error.soon", RetryAfter: wait}
	case st.Stage == StageWaiting && st.Attempt.job != "":
		return job.Retry(tx, st.Attempt.job)
	case st.Stage == StageRunning:
		return nil
	}
	if err := s.room(tx, s.MostWaiting); err != nil {
		return err
	}
	_, err = s.enqueue(tx, Convert{Resource: resource, Again: true})
	return err
}

// Cancel stops the opening of a resource's file, for those who may correct it. Nothing of
// what it did is kept. Nothing to stop is a Conflict.
func (s *Section) Cancel(tx *db.Tx, resource string) error {
	r, err := s.Resources.Resource(tx, resource)
	if err != nil {
		return err
	}
	if err := access.Check(plaza.ActorFrom(tx.Context()), access.ExploreCorrect, object(r)); err != nil {
		return err
	}
	a, err := pin(tx, resource)
	if err != nil {
		return err
	}
	if a.job == "" {
		return plaza.E(plaza.Conflict, "job.error.ended")
	}
	if err := job.Cancel(tx, a.job); err != nil {
		return err
	}
	a.Outcome, a.Fault, a.Finding = OutcomeCancelled, nil, ""
	return a.keep(tx)
}

// Head is what somebody saw of a resource's file without fetching it; zero fields and a
// negative size say nothing.
type Head struct {
	ETag, LastModified string
	Size               int64
	URL                string // its address now
}

// Noticed has a file opened again when what was seen of it differs from the current
// version; of one that was never opened it says nothing. It reports whether it did. The
// link check and the harvest call it in their own transactions.
func (s *Section) Noticed(tx *db.Tx, resource string, h Head) (bool, error) {
	a, err := attemptOf(tx, resource)
	if err != nil || a.Current == "" {
		return false, err
	}
	v, err := ByID(tx, a.Current)
	if err != nil {
		return false, err
	}
	differs := h.URL != "" && a.url != "" && h.URL != a.url
	switch {
	case differs:
	case h.ETag != "" && a.etag != "":
		differs = h.ETag != a.etag
	case h.LastModified != "" && a.lastModified != "":
		differs = h.LastModified != a.lastModified
	case h.Size > 0:
		differs = h.Size != v.Bytes
	}
	if !differs {
		return false, nil
	}
	return s.enqueue(tx, Convert{Resource: resource})
}
