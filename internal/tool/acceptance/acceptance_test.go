//go:build acceptance

// Package acceptance breaks a real installation on purpose, from outside: the
// process is killed, the power is cut, the disk fills up. What was acknowledged has
// to be there afterwards, whole. make acceptance runs it, as root.
package acceptance

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"plaza/internal/base/db"
)

const plaza = "../../../bin/plaza"

// installation is a Plaza with its data in a directory.
type installation struct {
	t     *testing.T
	dir   string
	addr  string
	extra func() []string // of the environment; nil for nothing
	// server is the process that serves, or did so last
	server int
}

func install(t *testing.T, dir string) *installation {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return &installation{t: t, dir: filepath.Join(dir, "data"), addr: l.Addr().String()}
}

func (i *installation) command(args ...string) *exec.Cmd {
	cmd := exec.CommandContext(i.t.Context(), plaza, args...)
	cmd.Env = append(os.Environ(), "PLAZA_DATA="+i.dir, "PLAZA_ADDR="+i.addr, "PLAZA_FETCH_ALLOW=127.0.0.0/8", "PLAZA_LOG=error/text", "LANG=en")
	if i.extra != nil {
		cmd.Env = append(cmd.Env, i.extra()...)
	}
	return cmd
}

// must runs a command that has to succeed, and returns its last line.
func (i *installation) must(args ...string) string {
	i.t.Helper()
	out, err := i.try(args...)
	if err != nil {
		i.t.Fatalf("plaza %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	lines := strings.Split(strings.TrimSpace(out), "\n")
	return lines[len(lines)-1]
}

func (i *installation) try(args ...string) (string, error) {
	cmd := i.command(args...)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		return errs.String(), err
	}
	return string(out), nil
}

// serve starts the server and waits until it is ready.
func (i *installation) serve() (stop func()) {
	i.t.Helper()
	cmd := i.command("serve")
	if err := cmd.Start(); err != nil {
		i.t.Fatal(err)
	}
	i.server = cmd.Process.Pid
	i.await("/readyz", http.StatusOK)
	return func() {
		_ = cmd.Process.Kill() // it is what is being tried
		_ = cmd.Wait()
	}
}

// status asks for a path; 0 means that nobody answered.
func (i *installation) status(path string) int {
	resp, err := (&http.Client{Timeout: 5 * time.Second}).Get("http://" + i.addr + path)
	if err != nil {
		return 0
	}
	_ = resp.Body.Close()
	return resp.StatusCode
}

func (i *installation) await(path string, status int) {
	i.t.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	late := time.After(20 * time.Second)
	for i.status(path) != status {
		select {
		case <-tick.C:
		case <-late:
			i.t.Fatalf("%s answers %d after 20 s, want %d", path, i.status(path), status)
		}
	}
}

// sound checks the store and the record, and that nothing half-written is visible.
func (i *installation) sound() {
	i.t.Helper()
	d, err := db.Open(context.Background(), "sqlite:"+filepath.Join(i.dir, "plaza.db"), db.Options{})
	if err != nil {
		i.t.Fatal(err)
	}
	defer d.Close()
	var integrity string
	if err := d.Read(i.t.Context(), func(tx *db.Tx) error {
		return tx.Row(`PRAGMA integrity_check`).Scan(&integrity)
	}); err != nil || integrity != "ok" {
		i.t.Errorf("integrity_check: %q %v", integrity, err)
	}
	i.must("bitacora", "verify")
}

// rows are the values of one column.
func (i *installation) rows(query string, args ...any) (out []string) {
	i.t.Helper()
	d, err := db.Open(i.t.Context(), "sqlite:"+filepath.Join(i.dir, "plaza.db"), db.Options{})
	if err != nil {
		i.t.Fatal(err)
	}
	defer d.Close()
	if err := d.Read(i.t.Context(), func(tx *db.Tx) (err error) {
		out, err = db.All(tx, db.Column[string], query, args...)
		return err
	}); err != nil {
		i.t.Fatal(err)
	}
	return out
}

// catalogue serves a CKAN with so many datasets, and none of their files.
func catalogue(t *testing.T, n int) string {
	t.Helper()
	return catalogueWith(t, n, http.NotFoundHandler())
}

// catalogueWith serves a CKAN with so many datasets, and their files.
func catalogueWith(t *testing.T, n int, files http.Handler) string {
	t.Helper()
	mux := http.NewServeMux()
	mux.Handle("GET /", files)
	mux.HandleFunc("GET /api/3/action/package_search", func(w http.ResponseWriter, r *http.Request) {
		start, _ := strconv.Atoi(r.URL.Query().Get("start"))
		rows, err := strconv.Atoi(r.URL.Query().Get("rows"))
		if err != nil || rows <= 0 {
			rows = 100
		}
		results := []map[string]any{}
		for k := start; k < min(n, start+rows); k++ {
			results = append(results, map[string]any{
				"id": fmt.Sprintf("id-%06d", k), "name": fmt.Sprintf("conjunto-%06d", k), "title": fmt.Sprintf("Conjunto %d", k), "notes": strings.Repeat("texto ", 60),
				"resources": []map[string]any{{"id": fmt.Sprintf("r-%06d", k), "name": "Tabla", "format": "CSV", "url": fmt.Sprintf("http://%s/%d.csv", r.Host, k)}},
			})
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]any{"success": true, "result": map[string]any{"count": n, "results": results}})
	})
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s.URL
}

func TestAHarvestKilledAtAnyMomentIsCompletedByTheNext(t *testing.T) {
	const datasets, rounds = 3000, 12
	i := install(t, t.TempDir())
	source := i.must("harvest", "add", "--kind", "ckan", "--url", catalogue(t, datasets))
	for round := range rounds {
		cmd := i.command("harvest", "run", source, "--wait", "--json")
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(rand.IntN(700)) * time.Millisecond)
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		i.sound()
		if t.Failed() {
			t.Fatalf("after kill %d", round+1)
		}
	}
	out, err := i.try("harvest", "run", source, "--wait", "--json")
	if err != nil {
		t.Fatalf("the run after the kills: %v\n%s", err, out)
	}
	var run struct{ Seen int }
	if err := json.Unmarshal([]byte(out), &run); err != nil || run.Seen != datasets {
		t.Errorf("the run after the kills: %s (%v)", out, err)
	}
	var whole int
	d, err := db.Open(t.Context(), "sqlite:"+filepath.Join(i.dir, "plaza.db"), db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if err := d.Read(t.Context(), func(tx *db.Tx) error {
		return tx.Row(`SELECT COUNT(DISTINCT d.id) FROM datasets d JOIN resources r ON r.dataset_id = d.id`).Scan(&whole)
	}); err != nil || whole != datasets {
		t.Errorf("%d datasets with their resource, want %d (%v)", whole, datasets, err)
	}
	i.sound()
}

func TestAServerKilledWhileItIsWrittenToLosesNothing(t *testing.T) {
	i := install(t, t.TempDir())
	var kept []string
	for range 6 {
		stop := i.serve()
		for range 4 {
			kept = append(kept, i.must("harvest", "add", "--kind", "ckan", "--url", "http://127.0.0.1:9/"+strconv.Itoa(len(kept))))
		}
		stop()
		i.sound()
	}
	i.has(kept)
}

// has checks that every acknowledged source is there.
func (i *installation) has(sources []string) {
	i.t.Helper()
	list, err := i.try("harvest", "list")
	if err != nil {
		i.t.Fatal(err)
	}
	for _, id := range sources {
		if !strings.Contains(list, id) {
			i.t.Errorf("the source %s was acknowledged and is lost", id)
		}
	}
}

func sh(t *testing.T, script string) {
	t.Helper()
	if out, err := exec.Command("sh", "-ec", script).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", script, err, out)
	}
}

func TestAPowerCutLosesNothingThatWasAcknowledged(t *testing.T) {
	dir := t.TempDir()
	disk, at := filepath.Join(dir, "disk"), filepath.Join(dir, "mnt")
	sh(t, "truncate -s 256M "+disk+" && mkfs.ext4 -q "+disk+" && mkdir "+at+" && mount -o loop "+disk+" "+at)
	t.Cleanup(func() { _ = exec.Command("umount", at).Run() })
	i := install(t, at)
	var kept []string
	for range 5 {
		stop := i.serve()
		for range 5 {
			kept = append(kept, i.must("harvest", "add", "--kind", "ckan", "--url", "http://127.0.0.1:9/"+strconv.Itoa(len(kept))))
		}
		sh(t, "xfs_io -x -c shutdown "+at) // nothing more reaches the disk
		stop()
		sh(t, "umount "+at+" && mount -o loop "+disk+" "+at)
		i.sound()
		i.has(kept)
	}
}

func TestAFullDiskRefusesWritesAndKeepsReading(t *testing.T) {
	at := filepath.Join(t.TempDir(), "mnt")
	sh(t, "mkdir "+at+" && mount -t tmpfs -o size=64m plaza "+at)
	t.Cleanup(func() { _ = exec.Command("umount", at).Run() })
	i := install(t, at)
	i.must("demo")
	stop := i.serve()
	t.Cleanup(stop)
	add := []string{"harvest", "add", "--kind", "ckan", "--url", "http://127.0.0.1:9/lleno"}

	_ = exec.Command("dd", "if=/dev/zero", "of="+at+"/filler", "bs=64k").Run() // ends when the disk is full
	said, err := i.try(add...)
	if err == nil {
		t.Error("a write on a full disk was acknowledged")
	}
	t.Logf("a write on a full disk says: %s", strings.TrimSpace(said))
	for _, path := range []string{"/", "/datos", "/buscar?q=agua", "/healthz"} {
		if got := i.status(path); got != http.StatusOK {
			t.Errorf("%s answers %d on a full disk", path, got)
		}
	}
	i.await("/readyz", http.StatusServiceUnavailable)

	if err := os.Remove(filepath.Join(at, "filler")); err != nil {
		t.Fatal(err)
	}
	i.await("/readyz", http.StatusOK)
	i.must(add...)
	i.sound()
}
