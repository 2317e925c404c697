package child

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"plaza/internal/base/tabular"
)

// Convert converts a file in a process of its own, when no other conversion is under
// way. The process is gone when it returns. Dir holds whole tables, and after an error
// what its caller should remove.
func (w *Workers) Convert(ctx context.Context, c Conversion, step func(Step)) (tabular.Profile, error) {
	body, err := w.alone(ctx, opConvert, question{Conversion: &c}, c.Dir, []string{c.Dir}, step)
	p, err := answer[tabular.Profile](body, err)
	if err != nil {
		return tabular.Profile{}, err
	}
	for _, t := range p.Tables {
		if !digest(t.Parquet.SHA256) { // it names a file, and comes from where other people's files are opened
			return tabular.Profile{}, &tabular.Fault{Code: crashed, Byte: -1, Cause: fmt.Errorf("%w: SHA-256 %q", errNonsense, t.Parquet.SHA256)}
		}
	}
	return p, nil
}

func digest(s string) bool {
	for _, r := range s {
		if (r < '0' || r > '9') && (r < 'a' || r > 'f') {
			return false
		}
	}
	return len(s) == 64
}

// Native writes a table as the engine's own file, in a process of its own as Convert.
func (w *Workers) Native(ctx context.Context, t Table, path string) error {
	dir, err := os.MkdirTemp(filepath.Dir(path), ".native-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	whole := filepath.Join(dir, filepath.Base(path))
	if _, err := w.alone(ctx, opNative, question{Table: &t, Path: whole}, dir, []string{dir}, nil); err != nil {
		return err
	}
	return os.Rename(whole, path)
}

// Compare compares two versions, in a process of its own as Convert: it reads both whole.
func (w *Workers) Compare(ctx context.Context, before, after Table) (Difference, error) {
	return answer[Difference](w.alone(ctx, opCompare, question{Table: &before, After: &after}, w.cfg.Scratch, nil, nil))
}

// alone does one work in a worker of its own.
func (w *Workers) alone(ctx context.Context, op string, q question, parent string, dirs []string, step func(Step)) ([]byte, error) {
	body, err := encode(q)
	if err != nil {
		return nil, err
	}
	if err := w.turn(ctx); err != nil {
		return nil, err
	}
	defer func() {
		<-w.converting
		w.long.Done()
	}()
	s, err := w.open(modeConvert, parent, dirs)
	if err != nil {
		return nil, unavailable("tabular.error.worker", w.cfg.Deadline, err)
	}
	killed := context.AfterFunc(ctx, func() { s.p.kill(killedTime) })
	defer killed()
	c := s.begin(op, body, w.cfg.ConvertTime)
	closed := context.AfterFunc(w.life, func() { c.stop(w.grace) })
	defer closed()
	late := w.timer(w.cfg.ConvertTime, func() { c.expire(w.grace) })
	defer late()
	result, err := c.follow(ctx, steps(step))
	if err != nil { // also an answer: the work is not gone on with
		s.p.kill(crashed)
	}
	s.leave()
	<-s.dead
	return result, w.judged(ctx, c, err)
}

// turn waits for the one place of long work.
func (w *Workers) turn(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case w.converting <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	case <-w.life.Done():
		return closing()
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.life.Err() != nil {
		<-w.converting
		return closing()
	}
	w.long.Add(1)
	return nil
}

func steps(step func(Step)) func([]byte) error {
	return func(body []byte) error {
		var s Step
		if err := json.Unmarshal(body, &s); err != nil {
			return errNonsense
		}
		if step != nil {
			step(s)
		}
		return nil
	}
}

// judged is an error of a long work as its caller hears it.
func (w *Workers) judged(ctx context.Context, c *call, err error) error {
	if err == nil {
		return nil
	}
	if gone := ctx.Err(); gone != nil {
		return gone
	}
	if w.life.Err() != nil {
		return closing()
	}
	lost, ended := errors.AsType[*died](err)
	late, _ := c.blame()
	switch {
	case late || err == context.DeadlineExceeded:
		return &tabular.Fault{Code: killedTime, Byte: -1, Cause: err}
	case ended:
		return &tabular.Fault{Code: lost.why, Byte: -1, Cause: err}
	case errors.Is(err, syscall.EFBIG) || strings.Contains(strings.ToLower(err.Error()), "file too large"):
		return &tabular.Fault{Code: killedDisk, Byte: -1, Cause: err} // as the kernel says it, or the engine after it
	case errors.Is(err, errNonsense):
		return &tabular.Fault{Code: crashed, Byte: -1, Cause: err}
	}
	return err
}
