//go:build acceptance

package acceptance

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// tableRows is how many rows the table of these tests has: enough for a conversion that
// takes seconds.
const tableRows = 1_000_000

// library is an installation with one resource, whose clock jumps ahead at each start: past
// every lease, so that nobody has to wait for it.
type library struct {
	*installation
	now  time.Time
	page string // of the resource
}

// newLibrary makes the installation, and the server that publishes its table. So many that
// fetch the table get half of it, and then nothing for as long as they wait.
func newLibrary(t *testing.T, half int) *library {
	t.Helper()
	w := &library{installation: install(t, t.TempDir()), now: time.Now().UTC().Add(time.Hour)}
	w.extra = func() []string { return []string{"PLAZA_NOW=" + w.now.Format(time.RFC3339)} }
	table := tableOf(tableRows)
	var asked atomic.Int64
	files := http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		out.Header().Set("Content-Type", "text/csv")
		if asked.Add(1) > int64(half) {
			_, _ = out.Write(table) // who reads it may be killed
			return
		}
		_, _ = out.Write(table[:len(table)/2])
		_ = http.NewResponseController(out).Flush()
		<-r.Context().Done()
	})
	w.must("harvest", "run", w.must("harvest", "add", "--kind", "ckan", "--url", catalogueWith(t, 1, files)), "--wait")
	w.page = w.rows(`SELECT '/datos/' || d.slug || '/recursos/' || r.id FROM resources r JOIN datasets d ON d.id = r.dataset_id`)[0]
	return w
}

// tableOf is a CSV with so many rows, the same each time.
func tableOf(rows int) []byte {
	var b bytes.Buffer
	b.WriteString("folio,municipio,fecha,monto,nota\n")
	places := []string{"Mérida", "Cuernavaca", "Lerma", "Tepic"}
	for i := range rows {
		fmt.Fprintf(&b, "%d,%s,2024-%02d-15,%d.50,nota %d\n", i+1, places[i%4], 1+i%12, i*7919%100_000, i*104_729%1_000_003)
	}
	return b.Bytes()
}

// start serves, an hour later than before.
func (w *library) start() (stop func()) {
	w.t.Helper()
	w.now = w.now.Add(time.Hour)
	return w.serve()
}

// workersOf are the processes that a process started and that live.
func workersOf(parent int) (pids []int) {
	stats, _ := filepath.Glob("/proc/[0-9]*/stat") // the pattern is well formed
	for _, path := range stats {
		raw, err := os.ReadFile(path)
		if err != nil {
			continue // it ended meanwhile
		}
		// "pid (name) state parent": the name may hold anything but comes before the last bracket
		rest := strings.Fields(string(raw[bytes.LastIndexByte(raw, ')')+1:]))
		if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(path))); err == nil && len(rest) > 1 && rest[1] == strconv.Itoa(parent) && rest[0] != "Z" {
			pids = append(pids, pid)
		}
	}
	return pids
}

// until waits for something to hold.
func (w *library) until(what string, holds func() bool) {
	w.t.Helper()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	late := time.After(2 * time.Minute)
	for !holds() {
		select {
		case <-tick.C:
		case <-late:
			w.t.Fatalf("after 2 minutes still not: %s", what)
		}
	}
}

// converting are the workers that convert.
func (w *library) converting() (pids []int) {
	for _, pid := range workersOf(w.server) {
		if raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid)); err == nil && strings.HasSuffix(strings.TrimRight(string(raw), "\x00"), "convert") {
			pids = append(pids, pid)
		}
	}
	return pids
}

// finds reports whether a file of the data folder has a name.
func (w *library) finds(pattern string) bool {
	found, err := filepath.Glob(filepath.Join(w.dir, pattern))
	return err == nil && len(found) > 0
}

// whole checks that what the file store holds is what its names say, and that no version
// names what is not there.
func (w *library) whole() {
	w.t.Helper()
	stored, err := filepath.Glob(filepath.Join(w.dir, "files", "*", "*", "*"))
	if err != nil {
		w.t.Fatal(err)
	}
	there := map[string]bool{}
	for _, path := range stored {
		f, err := os.Open(path)
		if err != nil {
			w.t.Fatal(err)
		}
		h := sha256.New()
		if _, err := io.Copy(h, f); err != nil {
			w.t.Fatal(err)
		}
		_ = f.Close() // it was only read
		name := filepath.Base(path)
		if there[name] = true; hex.EncodeToString(h.Sum(nil)) != name {
			w.t.Errorf("%s is half written", path)
		}
	}
	for _, name := range w.rows(`SELECT sha256 FROM explore_versions UNION SELECT sha256 FROM explore_tables`) {
		if !there[name] {
			w.t.Errorf("a version names %s, which is not stored", name)
		}
	}
}

// kill ends the server as a power cut does, and checks what it leaves.
func (w *library) kill(stop func()) {
	w.t.Helper()
	workers := workersOf(w.server)
	stop()
	w.until("the workers end with their server", func() bool {
		for _, pid := range workers {
			if raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid)); err == nil && !bytes.Contains(raw, []byte(") Z ")) {
				return false
			}
		}
		return true
	})
	w.sound()
	w.whole()
}

// lines reads the table as CSV and counts its lines; err is how the answer ended.
func (w *library) lines(meanwhile func()) (n int, err error) {
	resp, err := http.Get("http://" + w.addr + w.page + "/descargar?forma=csv")
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return 0, fmt.Errorf("status %d", resp.StatusCode)
	}
	in := bufio.NewReader(resp.Body)
	for {
		_, err := in.ReadSlice('\n')
		if err == io.EOF {
			return n, nil
		}
		if err != nil {
			return n, err
		}
		if n++; n == 1000 && meanwhile != nil {
			meanwhile()
		}
	}
}

// complete checks that the page shows the table, and that it is given whole.
func (w *library) complete() {
	w.t.Helper()
	if got := w.status(w.page); got != http.StatusOK {
		w.t.Errorf("%s answers %d", w.page, got)
	}
	if n, err := w.lines(nil); n != tableRows+1 || err != nil {
		w.t.Errorf("the table has %d lines: %v", n, err)
	}
}

func TestAServerKilledWhileItConvertsTakesItUpAgain(t *testing.T) {
	w := newLibrary(t, 1)
	for _, moment := range []struct {
		name string
		wait func() bool
	}{
		{"while it fetches", func() bool { return w.finds("explore/scratch/*/original") }},
		{"while its worker reads", func() bool { return len(w.converting()) > 0 }},
		{"while it stores", func() bool { return w.finds("files/tmp/put-*") }},
	} {
		stop := w.start()
		if got := w.status(w.page); got != http.StatusOK { // the first visit begins it
			t.Errorf("%s answers %d before its file is opened", w.page, got)
		}
		w.until(moment.name, func() bool { return moment.wait() })
		time.Sleep(time.Duration(rand.IntN(50)) * time.Millisecond)
		w.kill(stop)
		if n := w.rows(`SELECT COUNT(*) || '' FROM explore_versions`)[0]; n != "0" || t.Failed() {
			t.Fatalf("killed %s: %s versions", moment.name, n)
		}
	}
	stop := w.start()
	w.until("the table is opened without anybody asking", func() bool { return len(w.rows(`SELECT id FROM explore_versions`)) == 1 })
	w.complete()
	w.kill(stop)
	if states := w.rows(`SELECT state || ' ' || number FROM explore_versions`); len(states) != 1 || states[0] != "good 1" {
		t.Errorf("the versions are %q", states)
	}
}

func TestWhoIsKilledWhileAQuestionIsAnsweredHarmsNothing(t *testing.T) {
	w := newLibrary(t, 0)
	stop := w.start()
	w.status(w.page)
	w.until("its worker converts", func() bool { return len(w.converting()) > 0 })
	for _, pid := range w.converting() { // as the kernel does when memory is short
		_ = syscall.Kill(pid, syscall.SIGKILL) // it may have ended
	}
	w.until("the try is noted", func() bool { return len(w.rows(`SELECT fault FROM explore_attempts WHERE fault <> ''`)) == 1 })
	if n := len(w.rows(`SELECT id FROM explore_versions`)); n != 0 {
		t.Errorf("a killed worker leaves %d versions", n)
	}
	w.kill(stop)
	stop = w.start() // an hour later it is tried again
	w.until("the table is opened", func() bool { return len(w.rows(`SELECT id FROM explore_versions WHERE state = 'good'`)) == 1 })
	w.complete()

	n, err := w.lines(func() {
		for _, pid := range workersOf(w.server) {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
	})
	if err == nil {
		t.Errorf("a download whose worker was killed seems whole, with %d lines", n)
	}
	w.complete()

	if n, err = w.lines(func() { w.kill(stop) }); err == nil {
		t.Errorf("a download whose server was killed seems whole, with %d lines", n)
	}
	stop = w.start()
	w.complete()
	w.kill(stop)
}
