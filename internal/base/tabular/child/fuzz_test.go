package child_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"testing"

	"plaza/internal/base/tabular"
	"plaza/internal/base/tabular/child"
)

// FuzzFrames: what can be read as a frame is written as one that reads the same.
func FuzzFrames(f *testing.F) {
	f.Add(child.Frame("ask", 1, "page", "{}"))
	f.Add([]byte("HTTP/1.1 200 OK\r\n\r\n"))
	f.Add([]byte{0, 0, 0, 2, 1, 255, 255, 255, '{', '}'})
	f.Fuzz(func(t *testing.T, raw []byte) {
		once, err := child.Reframe(bufio.NewReader(bytes.NewReader(raw)))
		if err != nil {
			return
		}
		twice, err := child.Reframe(bufio.NewReader(bytes.NewReader(once)))
		if err != nil || !bytes.Equal(once, twice) {
			t.Errorf("%q became %q, %v", once, twice, err)
		}
	})
}

// FuzzWorker: a parent takes anything that a worker may say.
func FuzzWorker(f *testing.F) {
	f.Add(child.Frame("done", 1, "", `{"rows":[]}`))
	f.Add(slices.Concat(child.Frame("chunk", 2, "", "abc"), child.Frame("fail", 2, "", `{"error":{"kind":1,"args":{"a":{"t":"int","v":"x"}}}}`)))
	f.Add(child.Frame("fail", 1, "", `{"fault":{"code":"x","args":[{"t":"time","v":3}]},"cause":{"errno":5}}`))
	f.Add(child.Frame("step", 1, "", `{`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if err := child.Hear(raw); err == nil {
			t.Error("it has no end")
		}
	})
}

// tame is an engine that answers at once.
type tame struct{ child.Engine }

func (tame) Page(context.Context, child.Table, tabular.Query) (tabular.Page, error) {
	return tabular.Page{}, errors.New("no")
}

func (tame) Export(_ context.Context, _ child.Table, _ child.Export, w io.Writer) error {
	_, err := w.Write([]byte("x"))
	return err
}

// FuzzServe: a worker ends with its pipe whatever came through it; an engine without
// the method that is asked for panics, which is an error of that question.
func FuzzServe(f *testing.F) {
	init := child.Frame("init", 0, "", "{}")
	f.Add(slices.Concat(init, child.Frame("ask", 1, "page", child.Question(child.Table{Native: "/a"})), child.Frame("bye", 0, "", "")))
	f.Add(slices.Concat(init, child.Frame("ask", 1, "export", child.Question(child.Table{})), child.Frame("credit", 1, "", ""), child.Frame("bye", 0, "", "")))
	f.Add(slices.Concat(init, child.Frame("ask", 1, "count", "\x00\x00\x00\x00\x00\x00\x00\x00null"), child.Frame("cancel", 1, "", "")))
	f.Add(child.Frame("ask", 1, "page", ""))
	f.Fuzz(func(t *testing.T, raw []byte) {
		_ = child.ServeHere(t.Context(), tame{}, "ask", bytes.NewReader(raw), io.Discard)
	})
}
