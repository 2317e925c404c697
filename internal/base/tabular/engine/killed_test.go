package engine_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"plaza/internal/base/tabular"
	"plaza/internal/base/tabular/child"
	"plaza/internal/base/tabular/child/childtest"
)

// offspring are the processes that this one started and that live.
func offspring(t *testing.T) (pids []int) {
	t.Helper()
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range stats {
		raw, err := os.ReadFile(path)
		if err != nil {
			continue // it ended meanwhile
		}
		// "pid (name) state parent": the name may hold anything but comes before the last bracket
		rest := strings.Fields(string(raw[bytes.LastIndexByte(raw, ')')+1:]))
		if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(path))); err == nil && len(rest) > 1 && rest[1] == strconv.Itoa(os.Getpid()) && rest[0] != "Z" {
			pids = append(pids, pid)
		}
	}
	return pids
}

// killWorkers ends all workers as the kernel does when memory is short.
func killWorkers(t *testing.T) {
	t.Helper()
	pids := offspring(t)
	if len(pids) == 0 {
		t.Error("no worker is there to be killed")
	}
	for _, pid := range pids {
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
			t.Error(err)
		}
	}
}

// killer kills the workers once something has come.
type killer struct {
	t    *testing.T
	once sync.Once
}

func (k *killer) Write(p []byte) (int, error) {
	k.once.Do(func() { killWorkers(k.t) })
	return len(p), nil
}

func TestAWorkerThatIsKilledHarmsNothing(t *testing.T) {
	w := child.New(child.Config{Command: childtest.Command(t)})
	t.Cleanup(func() {
		if err := w.Close(t.Context()); err != nil {
			t.Log(err)
		}
	})
	var b strings.Builder
	b.WriteString("n,texto\n")
	for i := range 150_000 {
		b.WriteString(strconv.Itoa(i) + ",texto " + strconv.Itoa(i*7919) + "\n")
	}
	in := filepath.Join(t.TempDir(), "a.csv")
	if err := os.WriteFile(in, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, at := range []string{"read", "write"} {
		dir, killed := t.TempDir(), false
		_, err := w.Convert(t.Context(), child.Conversion{Input: in, Name: "a.csv", Dir: dir}, func(s child.Step) {
			if s.Name == at && !killed {
				killed = true
				killWorkers(t)
			}
		})
		if !killed || !errors.Is(err, &tabular.Fault{Code: "crashed"}) && !errors.Is(err, &tabular.Fault{Code: "killed_memory"}) {
			t.Errorf("killed at %s (%v): %v", at, killed, err)
		}
		for _, f := range must(os.ReadDir(dir)) {
			if len(f.Name()) != 64 {
				continue
			}
			// the kill may come when a table is whole already
			if sum := sha256.Sum256(must(os.ReadFile(filepath.Join(dir, f.Name())))); f.Name() != hex.EncodeToString(sum[:]) {
				t.Errorf("killed at %s, and %s seems whole", at, f.Name())
			}
		}
	}
	dir := t.TempDir()
	p, err := w.Convert(t.Context(), child.Conversion{Input: in, Name: "a.csv", Dir: dir}, nil)
	if err != nil || p.Tables[0].Rows != 150_000 {
		t.Fatalf("the next conversion: %v", err)
	}
	table := child.Table{Parquet: filepath.Join(dir, p.Tables[0].Parquet.SHA256), Profile: p.Tables[0]}
	if err := w.Export(t.Context(), table, child.Export{Form: child.CSV}, &killer{t: t}); err == nil {
		t.Error("an export whose worker was killed seems whole")
	}
	if page, err := w.Page(t.Context(), table, tabular.Query{Limit: 3}); err != nil || len(page.Rows) != 3 {
		t.Errorf("the next question: %v", err)
	}
	killWorkers(t) // between two questions
	if n, err := w.Count(t.Context(), table, tabular.Query{Search: "texto"}); err != nil || n != 150_000 {
		t.Errorf("the question after the next: %d, %v", n, err)
	}
}
