package child_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"plaza/internal/base/tabular"
	"plaza/internal/base/tabular/child"
	"plaza/internal/plaza"
)

// TestMain is the test, or one of the processes that it starts: a worker with the fake
// engine, one that talks nonsense, or a parent that is to be killed.
func TestMain(m *testing.M) {
	if len(os.Args) < 2 || !strings.HasPrefix(os.Args[1], "as-") {
		os.Exit(m.Run())
	}
	var err error
	switch os.Args[1] {
	case "as-worker":
		err = child.Serve(context.Background(), &fake{}, os.Args[2:], os.Stdin, os.Stdout)
	case "as-nonsense":
		_, err = os.Stdout.WriteString("HTTP/1.1 200 OK\r\n\r\nthis is no frame")
		_, _ = io.Copy(io.Discard, os.Stdin) // stays until it is killed
	case "as-liar": // answers what was not asked
		_, err = os.Stdout.Write(child.Frame("done", 77, "", "{}"))
		_, _ = io.Copy(io.Discard, os.Stdin)
	case "as-flood": // sends chunks that nobody has room for
		for err = asked(); err == nil; {
			_, err = os.Stdout.Write(child.Frame("chunk", 1, "", "x"))
		}
	case "as-deaf": // does not hear that its pipe ends
		err = asked()
		_, _ = os.Stdout.Write(child.Frame("step", 1, "", fmt.Sprintf(`{"name":"%d"}`, os.Getpid())))
		_, _ = unix.Poll(nil, -1)
	case "as-parent":
		w := child.New(child.Config{Command: command(os.Args[3]), Reserve: -1, Log: slog.New(slog.DiscardHandler)})
		_, err = w.Convert(context.Background(), child.Conversion{Name: "sleep", Dir: os.Args[2]}, func(s child.Step) { fmt.Println(s.Name) })
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// asked waits for the first question.
func asked() error {
	r := bufio.NewReader(os.Stdin)
	_, err := child.Reframe(r)
	_, other := child.Reframe(r)
	return errors.Join(err, other)
}

func command(as string) child.Command {
	return child.Command{Path: os.Args[0], Args: []string{"as-" + as}}
}

// fake is an engine that does what a question's search or a file's name says.
type fake struct{ limits child.Limits }

func (f *fake) Limit(l child.Limits) error {
	f.limits = l
	return nil
}

var hoard [][]byte

// act does one thing. Where it says so, it writes to the named pipe first.
func (f *fake) act(ctx context.Context, what, pipe string) error {
	if pipe != "" {
		if w, err := os.OpenFile(pipe, os.O_WRONLY, 0); err == nil {
			fmt.Fprintln(w, os.Getpid())
			_ = w.Close()
		}
	}
	switch what {
	case "sleep":
		<-ctx.Done()
		return ctx.Err()
	case "stubborn":
		select {}
	case "crash":
		_ = syscall.Kill(os.Getpid(), syscall.SIGSEGV)
		select {}
	case "exit":
		os.Exit(3)
	case "panic":
		panic("no such luck")
	case "go panic":
		go panic("elsewhere")
		select {}
	case "noise":
		line := strings.Repeat("x", 100)
		for range 5000 {
			fmt.Fprintln(os.Stderr, line)
		}
	case "memory":
		debug.SetMemoryLimit(1 << 40)
		for {
			one := make([]byte, 1<<20)
			for i := 0; i < len(one); i += 4096 {
				one[i] = 1
			}
			hoard = append(hoard, one)
		}
	case "disk":
		block := make([]byte, 1<<20)
		for n := 0; ; n++ {
			if err := os.WriteFile(filepath.Join(f.limits.Scratch, fmt.Sprint("block", n)), block, 0o600); err != nil {
				return err
			}
		}
	case "file":
		w, err := os.Create(filepath.Join(f.limits.Scratch, "one"))
		if err != nil {
			return err
		}
		for block := make([]byte, 1<<20); ; {
			if _, err := w.Write(block); err != nil {
				return err
			}
		}
	case "invalid":
		return &plaza.Error{Kind: plaza.Invalid, Key: "some.key", Args: map[string]any{"n": 3},
			Fields: []plaza.FieldError{{Field: "where", Key: "other.key", Args: map[string]any{"x": 2.5}}}, Cause: errors.New("deep")}
	case "fault":
		return &tabular.Fault{Code: "broken", Line: 7, Column: "precio", Byte: 42, Args: []any{"have", 3}, Cause: io.ErrUnexpectedEOF}
	}
	return nil
}

// state is what a worker can say of itself.
type state struct {
	Env    []string
	Files  []string
	Dir    string
	Limits child.Limits
	Nice   string
	Status map[string]string
	Routes int
	Limit  map[string]string
}

func (f *fake) look() string {
	s := state{Env: os.Environ(), Limits: f.limits, Status: map[string]string{}, Limit: map[string]string{}}
	s.Dir, _ = os.Getwd()
	open, err := os.ReadDir("/proc/self/fd")
	for _, one := range open {
		to, _ := os.Readlink("/proc/self/fd/" + one.Name())
		s.Files = append(s.Files, to)
	}
	if err != nil {
		s.Files = []string{err.Error()}
	}
	status, _ := os.ReadFile("/proc/self/status")
	for line := range strings.Lines(string(status)) {
		k, v, _ := strings.Cut(line, ":")
		s.Status[k] = strings.TrimSpace(v)
	}
	stat, _ := os.ReadFile("/proc/self/stat")
	_, rest, _ := bytes.Cut(stat, []byte(") "))
	if fields := bytes.Fields(rest); len(fields) > 16 {
		s.Nice = string(fields[16])
	}
	limits, _ := os.ReadFile("/proc/self/limits")
	for line := range strings.Lines(string(limits)) {
		if len(line) > 46 {
			s.Limit[strings.TrimSpace(line[:26])] = strings.TrimSpace(line[26:47])
		}
	}
	net, _ := os.ReadFile("/proc/net/dev")
	s.Routes = strings.Count(string(net), "\n")
	raw, _ := json.Marshal(s)
	return string(raw)
}

func page(text string) tabular.Page {
	return tabular.Page{Columns: []string{"a"}, Rows: [][]tabular.Cell{{{Text: text}}}, Numbers: []int64{1}}
}

func (f *fake) Page(ctx context.Context, t child.Table, q tabular.Query) (tabular.Page, error) {
	if q.Search == "look" {
		return page(f.look()), nil
	}
	if q.Search == "table" {
		raw, err := json.Marshal(t)
		return page(string(raw)), err
	}
	if q.Search == "great" {
		return page(strings.Repeat("x", 40<<20)), nil
	}
	return page(q.Search), f.act(ctx, q.Search, t.Native)
}

func (f *fake) Row(_ context.Context, _ child.Table, number int64) (tabular.Page, error) {
	return tabular.Page{Numbers: []int64{number}}, nil
}

func (f *fake) Count(ctx context.Context, t child.Table, q tabular.Query) (int64, error) {
	return int64(len(q.Search)), f.act(ctx, q.Search, t.Native)
}

func (f *fake) Groups(ctx context.Context, t child.Table, q tabular.Query) (tabular.Groups, error) {
	return tabular.Groups{Columns: []string{q.Search}, More: true}, f.act(ctx, q.Search, t.Native)
}

func (f *fake) Native(ctx context.Context, t child.Table, path string) error {
	if err := os.WriteFile(path, []byte("half"), 0o600); err != nil {
		return err
	}
	if err := f.act(ctx, t.Profile.Name, ""); err != nil {
		return err
	}
	return os.WriteFile(path, []byte("whole"), 0o600)
}

func (f *fake) Compare(_ context.Context, before, after child.Table) (child.Difference, error) {
	return child.Difference{Before: before.Profile.Rows, After: after.Profile.Rows}, nil
}

// Export writes n pieces, or without end.
func (f *fake) Export(ctx context.Context, t child.Table, e child.Export, w io.Writer) error {
	piece := bytes.Repeat([]byte("0123456789abcdef"), 256)
	for n := int64(0); e.Most == 0 || n < e.Most; n++ {
		if _, err := w.Write(piece); err != nil {
			if t.Native != "" { // who waits hears that it was noticed
				_ = f.act(ctx, "", t.Native)
			}
			return err
		}
	}
	return f.act(ctx, e.Query.Search, t.Native)
}

func (f *fake) Convert(ctx context.Context, c child.Conversion, step func(child.Step)) (tabular.Profile, error) {
	step(child.Step{Name: fmt.Sprint(os.Getpid()), Done: 1, Total: 2})
	if c.Name == "look" {
		return tabular.Profile{Format: f.look()}, nil
	}
	sum := strings.Repeat("0a", 32)
	if c.Name == "lie" {
		sum = "../../../etc/passwd"
	}
	if err := f.act(ctx, c.Name, ""); err != nil {
		return tabular.Profile{}, err
	}
	return tabular.Profile{Format: "csv", SHA256: c.Input, Tables: []tabular.Table{{Name: "t", Parquet: tabular.Stored{SHA256: sum}}}}, nil
}

// workers are Workers with the fake engine, closed with the test.
func workers(t testing.TB, change func(*child.Config)) *child.Workers {
	t.Helper()
	c := child.Config{Command: command("worker"), Scratch: t.TempDir(), Slots: 4, Log: slog.New(slog.DiscardHandler)}
	if raced {
		c.Reserve = -1
	}
	if change != nil {
		change(&c)
	}
	w := child.New(c)
	w.SetGrace(100 * time.Millisecond)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		_ = w.Close(ctx)
	})
	return w
}
