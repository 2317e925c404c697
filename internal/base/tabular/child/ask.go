package child

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"sync"
	"time"

	"plaza/internal/base/tabular"
)

var _ Engine = (*Workers)(nil)

// Page reads rows.
func (w *Workers) Page(ctx context.Context, t Table, q tabular.Query) (tabular.Page, error) {
	return answer[tabular.Page](w.ask(ctx, opPage, question{Table: &t, Query: &q}, nil))
}

// Row reads one row.
func (w *Workers) Row(ctx context.Context, t Table, number int64) (tabular.Page, error) {
	return answer[tabular.Page](w.ask(ctx, opRow, question{Table: &t, Number: number}, nil))
}

// Count counts rows.
func (w *Workers) Count(ctx context.Context, t Table, q tabular.Query) (int64, error) {
	return answer[int64](w.ask(ctx, opCount, question{Table: &t, Query: &q}, nil))
}

// Groups reads groups.
func (w *Workers) Groups(ctx context.Context, t Table, q tabular.Query) (tabular.Groups, error) {
	return answer[tabular.Groups](w.ask(ctx, opGroups, question{Table: &t, Query: &q}, nil))
}

// Export writes rows to out as they come, as fast as out takes them. After an error out
// may hold a part.
func (w *Workers) Export(ctx context.Context, t Table, e Export, out io.Writer) error {
	_, err := w.ask(ctx, opExport, question{Table: &t, Export: &e}, out)
	return err
}

func answer[T any](body []byte, err error) (T, error) {
	var v T
	if err == nil {
		err = json.Unmarshal(body, &v)
	}
	return v, err
}

// ask asks the asking worker, and once more when it dies of something else.
func (w *Workers) ask(ctx context.Context, op string, q question, out io.Writer) ([]byte, error) {
	body, err := encode(q)
	if err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	release, err := w.admit(ctx, w.placesOf(q.Table.Profile.Rows), out != nil)
	if err != nil {
		return nil, err
	}
	sink := &sink{w: out}
	for again := false; ; again = true {
		s, err := w.join()
		if err != nil {
			release()
			return nil, err
		}
		c := w.put(ctx, s, op, body)
		result, err := c.follow(ctx, func(chunk []byte) error { return sink.take(c, chunk) })
		_, lost := errors.AsType[*died](err)
		late, culprit := c.blame()
		if lost && !again && !late && !culprit && !sink.used {
			w.cfg.Log.Info("worker died; its question is asked again", "op", op, "error", err)
			w.part(s)
			continue
		}
		w.after(s, c, release)
		return result, said(ctx, err, late)
	}
}

// put asks, and sees to the question's end: with ctx, or in time.
func (w *Workers) put(ctx context.Context, s *session, op string, body []byte) *call {
	left, limit := w.cfg.Deadline, w.cfg.Deadline
	if op == opExport {
		left, limit = 0, w.cfg.ExportTime
	}
	c := s.begin(op, body, left)
	if op == opExport {
		c.pace(w.cfg.Deadline, w.grace, 0)
	}
	late := time.AfterFunc(limit, func() { c.expire(w.grace) })
	leave := context.AfterFunc(ctx, func() { c.stop(w.grace) })
	c.whenOver(func() {
		late.Stop()
		leave()
	})
	return c
}

// after gives the question's place back when the worker has really ended it.
func (w *Workers) after(s *session, c *call, release func()) {
	done := sync.OnceFunc(func() {
		w.part(s)
		release()
	})
	select {
	case <-c.ended:
		done()
	default:
		c.stop(w.grace) // its reader failed, or has gone
		c.whenOver(done)
	}
}

// sink passes chunks on to who reads them.
type sink struct {
	w    io.Writer
	used bool
}

func (k *sink) take(c *call, chunk []byte) error {
	if k.w == nil {
		return errNonsense
	}
	k.used = true
	if _, err := k.w.Write(chunk); err != nil {
		return err
	}
	c.credit()
	return nil
}

// said is an error of a question as its asker hears it.
func said(ctx context.Context, err error, late bool) error {
	if err == nil {
		return nil
	}
	if gone := ctx.Err(); gone != nil {
		return gone
	}
	_, lost := errors.AsType[*died](err)
	switch {
	case late || err == context.DeadlineExceeded:
		return unavailable("tabular.error.slow", 30*time.Second, err)
	case lost:
		return unavailable("tabular.error.worker", 5*time.Second, err)
	}
	return err
}
