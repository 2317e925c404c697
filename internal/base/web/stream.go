package web

import (
	"io"
	"net/http"
	"time"
)

// stall is how long a streamed request or answer may make no progress.
const stall = time.Minute

// stream runs a handler that writes as it goes. Instead of a limit on the whole
// there is one on progress: a peer that neither sends nor takes anything for a
// minute is cut off.
func (s *Shell) stream(w http.ResponseWriter, r *http.Request, route *Route, h Handler) {
	control := http.NewResponseController(w)
	// A connection that knows no deadlines (a test's) has no limits to lift.
	_ = control.SetReadDeadline(time.Time{})
	_ = control.SetWriteDeadline(time.Time{})
	timer := time.AfterFunc(stall, func() {
		past := time.Unix(1, 0)
		_ = control.SetReadDeadline(past)
		_ = control.SetWriteDeadline(past)
	})
	defer timer.Stop()
	out := &streamWriter{ResponseWriter: w, timer: timer}
	if r.Body != nil && r.Body != http.NoBody {
		r.Body = &streamBody{r.Body, timer}
	}
	before := w.Header().Clone()
	r, err := s.identify(r, route)
	if err == nil {
		err = h(out, r)
	}
	if err == nil {
		return
	}
	if out.began {
		stateOf(r.Context()).err = err
		panic(http.ErrAbortHandler) // half an answer must not look whole
	}
	clear(w.Header())
	for name, values := range before {
		w.Header()[name] = values
	}
	s.answerError(w, r, err)
}

type streamWriter struct {
	http.ResponseWriter
	timer *time.Timer
	began bool
}

func (w *streamWriter) WriteHeader(status int) {
	w.began = true
	w.ResponseWriter.WriteHeader(status)
}

func (w *streamWriter) Write(p []byte) (int, error) {
	w.began = true
	n, err := w.ResponseWriter.Write(p)
	w.timer.Reset(stall)
	return n, err
}

// Unwrap lets http.ResponseController reach the connection.
func (w *streamWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

type streamBody struct {
	io.ReadCloser
	timer *time.Timer
}

func (b *streamBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.timer.Reset(stall)
	return n, err
}
