// Package childtest gives tests the worker with the real engine: a test binary is no
// worker, and the engine is too large to link into each.
package childtest

import (
	"errors"
	"fmt"
	"hash/fnv"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"

	"plaza/internal/base/tabular/child"
)

// worker is the command that does nothing but serve the engine.
const worker = "plaza/internal/base/tabular/engine/worker"

// Command is the worker: the one that PLAZA_TEST_WORKER names (scripts/test builds it),
// else one that is built by the first call in this process. It is kept beside what Go
// keeps of a user, for each tree of files one: nothing is linked again that is current.
func Command(t testing.TB) child.Command {
	t.Helper()
	c, err := Built()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Built is Command for what no test holds yet: a world that a process makes once.
func Built() (child.Command, error) {
	path, err := built()
	return child.Command{Path: path}, err
}

var built = sync.OnceValues(func() (string, error) {
	if path := os.Getenv("PLAZA_TEST_WORKER"); path != "" {
		return path, nil
	}
	module, err := exec.Command("go", "env", "GOMOD").Output()
	if err != nil {
		return "", fmt.Errorf("go env GOMOD: %w", err)
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	tree := fnv.New64a()
	_, _ = tree.Write(module)
	dir := filepath.Join(cache, "plaza-test", fmt.Sprintf("%016x", tree.Sum64()))
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	return build(dir)
})

// build builds the worker in dir, one process after another.
func build(dir string) (path string, err error) {
	lock, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, lock.Close()) }()
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		return "", err
	}
	path = filepath.Join(dir, "worker")
	if out, err := exec.Command("go", "build", "-ldflags=-w", "-o", path, worker).CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build %s: %w\n%s", worker, err, out)
	}
	return path, nil
}
