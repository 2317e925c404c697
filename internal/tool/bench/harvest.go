package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/fetch"
	"plaza/internal/base/job"
	"plaza/internal/plaza"
	"plaza/internal/section/catalog/dcat"
	"plaza/internal/section/catalog/harvest"
)

// startPortal starts the generated catalogue in a process of its own.
func startPortal(n int) (address string, stop func(), err error) {
	self, err := os.Executable()
	if err != nil {
		return "", nil, err
	}
	c := exec.Command(self, "portal", strconv.Itoa(n))
	out, err := c.StdoutPipe()
	if err != nil {
		return "", nil, err
	}
	c.Stderr = os.Stderr
	if err := c.Start(); err != nil {
		return "", nil, err
	}
	stop = func() {
		_ = c.Process.Kill()
		_ = c.Wait() // killed on purpose
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		stop()
		return "", nil, err
	}
	address = strings.TrimSpace(line)
	// The first page is ready when all are.
	res, err := http.Get(address + "/?rows=100&start=0")
	if err != nil {
		stop()
		return "", nil, err
	}
	return address, stop, res.Body.Close()
}

// benchHarvest prints how long harvests take beside the least that they could.
func benchHarvest(ctx context.Context, n int, postgres string) error {
	portal, stop, err := startPortal(n)
	if err != nil {
		return err
	}
	defer stop()
	fmt.Printf("\nHarvest of a CKAN catalogue of %d datasets × 3 resources over loopback\n", n)
	engines := []string{"sqlite"}
	if postgres != "" {
		engines = append(engines, "postgresql")
	}
	for _, engine := range engines {
		if err := benchEngine(ctx, engine, postgres, portal, n); err != nil {
			return err
		}
	}
	return nil
}

func benchEngine(ctx context.Context, engine, postgres, portal string, n int) error {
	read, err := timed(func() error { return readOnly(portal, n, nil) })
	if err != nil {
		return err
	}
	d, drop, err := store(ctx, engine, postgres)
	if err != nil {
		return err
	}
	insert, err := timed(func() error { return readAndInsert(ctx, d, portal, n) })
	drop()
	if err != nil {
		return err
	}
	row := func(what string, took, base time.Duration, bound float64) {
		verdict := ""
		if bound > 0 {
			verdict = fmt.Sprintf("%6.2f× (at most %.1f×)", took.Seconds()/base.Seconds(), bound)
		}
		fmt.Printf("  %-11s %-48s %8.2f s  %s\n", engine, what, took.Seconds(), verdict)
	}
	row("download and decode", read, 0, 0)
	row("download, decode, bulk-insert", insert, 0, 0)
	for _, bare := range []bool{true, false} {
		d, drop, err := store(ctx, engine, postgres)
		if err != nil {
			return err
		}
		h, err := newHarvest(ctx, d, portal, bare)
		if err != nil {
			drop()
			return err
		}
		first, err := timed(func() error { return h.run(ctx, harvest.Complete, n) })
		if err != nil {
			drop()
			return err
		}
		if bare {
			row("harvest, index and record off", first, insert, 3)
		} else {
			row("harvest", first, insert, 6)
			again, err := timed(func() error { return h.run(ctx, harvest.Unchanged, n) })
			if err != nil {
				drop()
				return err
			}
			row("harvest again, unchanged", again, read, 1.5)
		}
		drop()
	}
	return nil
}

func timed(f func() error) (time.Duration, error) {
	start := time.Now()
	err := f()
	return time.Since(start), err
}

// ckanDataset is what a plain client decodes.
type ckanDataset struct {
	ID, Name, Title, Notes, State string
	LicenseID                     string `json:"license_id"`
	LicenseTitle                  string `json:"license_title"`
	MetadataModified              string `json:"metadata_modified"`
	Organization                  struct{ ID, Name, Title string }
	Tags, Groups                  []struct{ Name string }
	Extras                        []struct{ Key, Value string }
	Resources                     []struct {
		ID, Name, Description, Format, URL string
		Size                               int64
		LastModified                       string `json:"last_modified"`
	}
}

func readOnly(portal string, n int, each func([]ckanDataset) error) error {
	for start := 0; start < n; start += 100 {
		res, err := http.Get(fmt.Sprintf("%s/api/3/action/package_search?rows=100&start=%d&sort=id+asc", portal, start))
		if err != nil {
			return err
		}
		raw, err := io.ReadAll(res.Body)
		if err := errors.Join(err, res.Body.Close()); err != nil {
			return err
		}
		var answer struct {
			Result struct{ Results []ckanDataset }
		}
		if err := json.Unmarshal(raw, &answer); err != nil {
			return err
		}
		if each != nil {
			if err := each(answer.Result.Results); err != nil {
				return err
			}
		}
	}
	return nil
}

// readAndInsert puts one row per dataset and resource into two plain tables.
func readAndInsert(ctx context.Context, d *db.DB, portal string, n int) error {
	if err := d.Write(ctx, func(tx *db.Tx) error {
		for _, table := range []string{"bench_datasets", "bench_resources"} {
			if _, err := tx.Exec(`CREATE TABLE ` + table + ` (id TEXT NOT NULL PRIMARY KEY, title TEXT NOT NULL, body TEXT NOT NULL)`); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		return err
	}
	return readOnly(portal, n, func(page []ckanDataset) error {
		return d.Write(ctx, func(tx *db.Tx) error {
			var datasets, resources []any
			for _, p := range page {
				datasets = append(datasets, p.ID, p.Title, p.Notes)
				for _, r := range p.Resources {
					resources = append(resources, r.ID, r.Name, r.URL)
				}
			}
			for table, rows := range map[string][]any{"bench_datasets": datasets, "bench_resources": resources} {
				for ; len(rows) > 0; rows = rows[min(len(rows), 300):] {
					part := rows[:min(len(rows), 300)]
					var b strings.Builder
					b.WriteString(`INSERT INTO ` + table + ` (id, title, body) VALUES `)
					for i := 0; i < len(part); i += 3 {
						if i > 0 {
							b.WriteString(", ")
						}
						b.WriteString("(" + db.Placeholders(i+1, 3) + ")")
					}
					if _, err := tx.Exec(b.String(), part...); err != nil {
						return err
					}
				}
			}
			return nil
		})
	})
}

// store makes a fresh, migrated store.
func store(ctx context.Context, engine, postgres string) (*db.DB, func(), error) {
	dir, err := os.MkdirTemp("", "plaza-bench-*")
	if err != nil {
		return nil, nil, err
	}
	dsn, dropDatabase := "sqlite:"+filepath.Join(dir, "plaza.db"), func() {}
	if engine == "postgresql" {
		name := "plaza_bench_" + strconv.FormatInt(time.Now().UnixNano(), 36)
		if err := db.Admin(ctx, postgres, `CREATE DATABASE `+name); err != nil {
			return nil, nil, err
		}
		dsn = strings.Replace(postgres, "/postgres?", "/"+name+"?", 1)
		dropDatabase = func() { _ = db.Admin(ctx, postgres, `DROP DATABASE `+name+` WITH (FORCE)`) }
	}
	d, err := db.Open(ctx, dsn, db.Options{})
	if err != nil {
		return nil, nil, err
	}
	drop := func() {
		_ = d.Close()
		dropDatabase()
		_ = os.RemoveAll(dir)
	}
	if _, err := d.Migrate(ctx); err != nil {
		drop()
		return nil, nil, err
	}
	return d, drop, nil
}

// harvesting is one source ready to be run.
type harvesting struct {
	d      *db.DB
	runner *job.Runner
	source string
}

func newHarvest(ctx context.Context, d *db.DB, portal string, bare bool) (*harvesting, error) {
	ctx = plaza.WithActor(ctx, plaza.SystemActor)
	h := harvest.New(harvest.Config{DB: d, Bare: bare, Client: fetch.New(fetch.Config{
		Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")},
	})})
	out := &harvesting{d: d, runner: job.NewRunner(d, job.Config{})}
	h.Handle(out.runner)
	return out, d.Write(ctx, func(tx *db.Tx) error {
		s, err := h.Add(tx, harvest.Source{Kind: dcat.CKAN, URL: portal})
		out.source = s.ID
		return err
	})
}

func (h *harvesting) run(ctx context.Context, want harvest.RunState, seen int) error {
	var id string
	if err := h.d.Write(ctx, func(tx *db.Tx) (err error) {
		id, err = harvest.Enqueue(tx, h.source)
		return err
	}); err != nil {
		return err
	}
	if _, err := h.runner.Drain(ctx); err != nil {
		return err
	}
	return h.d.Read(ctx, func(tx *db.Tx) error {
		r, err := harvest.RunByID(tx, id)
		if err == nil && (r.State != want || r.Seen != seen) {
			err = fmt.Errorf("the run is %s and saw %d: %s %v", r.State, r.Seen, r.Error, r.ErrorArgs)
		}
		return err
	})
}

// peak harvests n datasets in this process and prints its greatest resident size.
func peak(ctx context.Context, portal string, n int) error {
	d, drop, err := store(ctx, "sqlite", "")
	if err != nil {
		return err
	}
	defer drop()
	h, err := newHarvest(ctx, d, portal, false)
	if err != nil {
		return err
	}
	if err := h.run(ctx, harvest.Complete, n); err != nil {
		return err
	}
	kb, err := resident("/proc/self/status", "VmHWM:")
	fmt.Println(kb)
	return err
}

// resident reads a size in kB from a process's status.
func resident(path, field string) (int, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(raw)) {
		if rest, ok := strings.CutPrefix(line, field); ok {
			return strconv.Atoi(strings.Fields(rest)[0])
		}
	}
	return 0, fmt.Errorf("%s says no %s", path, field)
}

func benchMemory(sizes []int) error {
	fmt.Printf("\nGreatest resident size of a process that harvests, SQLite\n")
	self, err := os.Executable()
	if err != nil {
		return err
	}
	for _, n := range sizes {
		portal, stop, err := startPortal(n)
		if err != nil {
			return err
		}
		c := exec.Command(self, "peak", portal, strconv.Itoa(n))
		c.Stderr = os.Stderr
		out, err := c.Output()
		stop()
		if err != nil {
			return fmt.Errorf("measuring memory: %w", err)
		}
		kb, err := strconv.Atoi(strings.TrimSpace(string(out)))
		if err != nil {
			return err
		}
		fmt.Printf("  %9d datasets  %7.1f MB\n", n, float64(kb)/1024)
	}
	return nil
}
