package child_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"plaza/internal/base/tabular"
	"plaza/internal/base/tabular/child"
	"plaza/internal/plaza"
)

func TestAConversionGivesItsProfileAndSteps(t *testing.T) {
	w, dir := workers(t, nil), t.TempDir()
	var steps []child.Step
	p, err := w.Convert(t.Context(), child.Conversion{Input: "/some/file", Dir: dir}, func(s child.Step) { steps = append(steps, s) })
	if err != nil {
		t.Fatal(err)
	}
	if p.SHA256 != "/some/file" || len(p.Tables) != 1 || len(steps) != 1 || steps[0].Total != 2 {
		t.Errorf("profile %+v, steps %+v", p, steps)
	}
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Errorf("the worker's folder is left: %v", left)
	}
}

// gone fails when a process is still there.
func gone(t *testing.T, pid string) {
	t.Helper()
	n, err := strconv.Atoi(pid)
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(n, 0); err != syscall.ESRCH {
		t.Errorf("process %d is still there: %v", n, err)
	}
}

func TestAConversionThatTakesTooMuchIsEnded(t *testing.T) {
	const mb = 1 << 20
	tests := []struct {
		name   string
		what   string
		change func(*child.Config)
		code   string
	}{
		{"memory, seen by the watcher", "memory", func(c *child.Config) { c.ConvertMemory, c.Reserve = 300*mb, -1 }, "killed_memory"},
		{"memory, refused by the kernel", "memory", func(c *child.Config) { c.ConvertMemory, c.Reserve = 150*mb, 150*mb }, "killed_memory"},
		{"disk in many files", "disk", func(c *child.Config) { c.Disk = 20 * mb }, "killed_disk"},
		{"disk in one file", "file", func(c *child.Config) { c.Disk = 20 * mb }, "killed_disk"},
		{"time, and it stops", "sleep", nil, "killed_time"},
		{"time, and it does not stop", "stubborn", nil, "killed_time"},
		{"a crash", "crash", nil, "crashed"},
		{"an exit", "exit", nil, "crashed"},
		{"a panic elsewhere", "go panic", nil, "crashed"},
		{"a lie about a file's name", "lie", nil, "crashed"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if raced && strings.Contains(test.name, "kernel") {
				return // see raced
			}
			w := workers(t, test.change)
			w.SetTick(5 * time.Millisecond)
			if strings.Contains(test.name, "kernel") {
				w.SetTick(time.Hour)
			}
			var over func()
			w.SetTimer(func(_ time.Duration, f func()) func() bool {
				over = f
				return func() bool { return true }
			})
			var pid string
			_, err := w.Convert(t.Context(), child.Conversion{Name: test.what, Dir: t.TempDir()}, func(s child.Step) {
				pid = s.Name
				if test.code == "killed_time" {
					over()
				}
			})
			fault, ok := errors.AsType[*tabular.Fault](err)
			if !ok || fault.Code != test.code || fault.Byte != -1 {
				t.Fatalf("error is %v, want a fault %s", err, test.code)
			}
			gone(t, pid)
		})
	}
}

func TestAWorkerThatIsKilledInMidConversionIsAFaultAndTheNextConversionWorks(t *testing.T) {
	w := workers(t, nil)
	_, err := w.Convert(t.Context(), child.Conversion{Name: "sleep", Dir: t.TempDir()}, func(s child.Step) {
		pid, _ := strconv.Atoi(s.Name)
		_ = syscall.Kill(pid, syscall.SIGKILL)
	})
	if !errors.Is(err, &tabular.Fault{Code: "crashed"}) {
		t.Errorf("error is %v", err)
	}
	if _, err := w.Convert(t.Context(), child.Conversion{Dir: t.TempDir()}, nil); err != nil {
		t.Error(err)
	}
}

func TestACancelledConversionIsDeadWhenConvertReturns(t *testing.T) {
	for _, what := range []string{"sleep", "stubborn", "memory"} {
		t.Run(what, func(t *testing.T) {
			w := workers(t, nil)
			ctx, cancel := context.WithCancel(t.Context())
			var pid string
			_, err := w.Convert(ctx, child.Conversion{Name: what, Dir: t.TempDir()}, func(s child.Step) { pid = s.Name; cancel() })
			if err != context.Canceled {
				t.Errorf("error is %v", err)
			}
			gone(t, pid)
		})
	}
}

func TestAFaultOfAFileComesThroughWhole(t *testing.T) {
	_, err := workers(t, nil).Convert(t.Context(), child.Conversion{Name: "fault", Dir: t.TempDir()}, nil)
	fault, ok := errors.AsType[*tabular.Fault](err)
	if !ok {
		t.Fatal(err)
	}
	cause := fault.Cause.Error()
	fault.Cause = nil
	want := &tabular.Fault{Code: "broken", Line: 7, Column: "precio", Byte: 42, Args: []any{"have", 3}}
	if d := cmp.Diff(want, fault); d != "" || cause != "unexpected EOF" {
		t.Errorf("%s cause %q", d, cause)
	}
}

func TestAWorkerThatTalksNonsenseIsKilledAndReported(t *testing.T) {
	for _, as := range []string{"nonsense", "liar", "flood"} {
		t.Run(as, func(t *testing.T) {
			w := workers(t, func(c *child.Config) { c.Command = command(as) })
			_, err := w.Convert(t.Context(), child.Conversion{Dir: t.TempDir()}, nil)
			if !errors.Is(err, &tabular.Fault{Code: "crashed"}) {
				t.Errorf("Convert: %v", err)
			}
			if _, err := w.Page(t.Context(), child.Table{}, tabular.Query{}); plaza.KindOf(err) != plaza.Unavailable {
				t.Errorf("Page: %v", err)
			}
		})
	}
}

func TestConversionsAreDoneOneAtATime(t *testing.T) {
	w := workers(t, nil)
	first, cancel := context.WithCancel(t.Context())
	under, ended := make(chan struct{}), make(chan error, 1)
	go func() {
		_, err := w.Convert(first, child.Conversion{Name: "sleep", Dir: t.TempDir()}, func(child.Step) { close(under) })
		ended <- err
	}()
	<-under
	second, leave := context.WithCancel(t.Context())
	leave()
	if _, err := w.Convert(second, child.Conversion{Dir: t.TempDir()}, nil); err != context.Canceled {
		t.Errorf("a second that is cancelled while it waits: %v", err)
	}
	third := make(chan error, 1)
	go func() {
		_, err := w.Convert(t.Context(), child.Conversion{Dir: t.TempDir()}, nil)
		third <- err
	}()
	select {
	case err := <-third:
		t.Fatalf("the third did not wait: %v", err)
	default:
	}
	cancel()
	if err := <-ended; err != context.Canceled {
		t.Error(err)
	}
	if err := <-third; err != nil {
		t.Error(err)
	}
}

func TestAKilledParentLeavesNoWorker(t *testing.T) {
	for _, as := range []string{"worker", "deaf"} {
		t.Run(as, func(t *testing.T) { killParentOf(t, as) })
	}
}

func killParentOf(t *testing.T, as string) {
	parent := exec.Command(os.Args[0], "as-parent", t.TempDir(), as)
	out, err := parent.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	pid, _ := strconv.Atoi(strings.TrimSpace(line))
	fd, err := unix.PidfdOpen(pid, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	if err := parent.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = parent.Wait()
	// readable when the process has ended
	if n, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, 10_000); n != 1 {
		t.Errorf("the worker outlives its parent: %d %v", n, err)
	}
}

func TestNativeFilesAreWholeOrNotThere(t *testing.T) {
	w, dir := workers(t, nil), t.TempDir()
	path := filepath.Join(dir, "table.db")
	for _, what := range []string{"crash", "invalid"} {
		if err := w.Native(t.Context(), child.Table{Profile: tabular.Table{Name: what}}, path); err == nil {
			t.Errorf("%s: no error", what)
		}
		if left, _ := os.ReadDir(dir); len(left) > 0 {
			t.Errorf("%s leaves %v", what, left)
		}
	}
	if err := w.Native(t.Context(), child.Table{}, path); err != nil {
		t.Fatal(err)
	}
	if got, _ := os.ReadFile(path); string(got) != "whole" {
		t.Errorf("file is %q", got)
	}
	d, err := w.Compare(t.Context(), child.Table{Profile: tabular.Table{Rows: 3}}, child.Table{Profile: tabular.Table{Rows: 4}})
	if err != nil || d.Before != 3 || d.After != 4 {
		t.Errorf("Compare: %+v, %v", d, err)
	}
}

func TestAWorkerHasNothingButItsPipes(t *testing.T) {
	t.Setenv("PLAZA_SECRET", "hidden")
	// a file of ours that is not marked to be closed
	fd, err := unix.Open(filepath.Join(os.TempDir()), unix.O_RDONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	w, dir := workers(t, func(c *child.Config) { c.Disk = 12345678 }), t.TempDir()
	p, err := w.Convert(t.Context(), child.Conversion{Name: "look", Dir: dir}, nil)
	if err != nil {
		t.Fatal(err)
	}
	var s state
	if err := json.Unmarshal([]byte(p.Format), &s); err != nil {
		t.Fatal(err)
	}
	if len(s.Env) != 1 || s.Env[0] != "TMPDIR="+s.Limits.Scratch || s.Dir != s.Limits.Scratch || filepath.Dir(s.Dir) != dir {
		t.Errorf("environment %v, folder %s, scratch %s", s.Env, s.Dir, s.Limits.Scratch)
	}
	for _, f := range s.Files {
		if f != "" && !strings.HasPrefix(f, "pipe:") && !strings.HasPrefix(f, "/sys/fs/cgroup/") && !strings.HasPrefix(f, "anon_inode:") && !strings.HasPrefix(f, "/proc/") {
			t.Errorf("%s is open", f)
		}
	}
	if s.Status["NoNewPrivs"] != "1" || s.Nice != "19" || s.Limit["Max core file size"] != "0" || s.Limit["Max file size"] != "12345678" {
		t.Errorf("rights %v, nice %s, limits %v", s.Status, s.Nice, s.Limit)
	}
	if l := s.Limits; l.Memory != 1_200_000_000 || l.Go+l.Engine > l.Memory || l.Go <= 0 || l.Engine <= 0 || l.Disk != 12345678 {
		t.Errorf("limits %+v", l)
	}
}
