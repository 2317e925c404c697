package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/tabular"
	"plaza/internal/base/tabular/query"
	"plaza/internal/plaza"
	"plaza/internal/section/catalog"
	"plaza/internal/site"
)

// How people click: 50 of them with five seconds between clicks, whether or not the page
// before has come.
const (
	clickEvery = 100 * time.Millisecond
	openTables = 10
)

// clickFor is for how long: less over tables of a size that is only tried.
func clickFor(n int) time.Duration {
	if n < 1_000_000 {
		return 10 * time.Second
	}
	return time.Minute
}

// benchClicks has people click through ten tables of n/10 rows, then through one of n, and
// reads pages while a file is converted.
func benchClicks(ctx context.Context, n int) error {
	long := clickFor(n)
	small, err := worksTable(ctx, max(n/10, 1000))
	if err != nil {
		return err
	}
	large, err := worksTable(ctx, n)
	if err != nil {
		return err
	}
	s, paths, err := startDemo("screens", filepath.Dir(small.Parquet), filepath.Dir(large.Parquet))
	if err != nil {
		return err
	}
	defer s.stop()
	m := watchMemory(s.pids()[0])
	defer m.stop()
	fmt.Printf("  50 people with 5 s between clicks, for %.0f s\n", long.Seconds())
	some, one := paths[:openTables], paths[openTables:]
	if err := openOnce(paths, s.url); err != nil {
		return err
	}
	a := clickThrough(s, some, long)
	all, first := m.most()
	fmt.Printf("    %d tables of %d rows: %v (p95 at most %.0f ms: %s; no error: %s); server and children %d MB (at most %d: %s), server %d MB\n", openTables, small.Profile.Rows, a,
		ms(clickBound), verdict(a.p95() <= clickBound), verdict(a.bad == 0 && a.later == 0), all/1_000_000, allMemory/1_000_000, verdict(all <= allMemory), first/1_000_000)
	b := clickThrough(s, one, long)
	fmt.Printf("    one table of %d rows: %v (p95 at most %.0f ms or 503 with Retry-After: %s)\n", large.Profile.Rows, b, ms(bigClickBound), verdict(b.bad == 0 && b.p95() <= bigClickBound))
	return beside(ctx, s, some, m, int64(n)*bytesPerRow, long/2)
}

// beside compares readers with and without a conversion.
func beside(ctx context.Context, s *server, paths []string, m *memory, size int64, long time.Duration) error {
	file, err := worksFile(false, 0, size)
	if err != nil {
		return err
	}
	quiet := clickThrough(s, paths, long)
	converting, end := context.WithCancel(ctx)
	failed := make(chan error, 1)
	go func() {
		for converting.Err() == nil {
			if _, _, err := opened(converting, file); err != nil && converting.Err() == nil {
				failed <- err
				return
			}
		}
		failed <- nil
	}()
	m.most() // of what was before
	busy := clickThrough(s, paths, long)
	end()
	if err := <-failed; err != nil {
		return err
	}
	ratio := float64(busy.p95()) / float64(max(quiet.p95(), 1))
	_, first := m.most()
	fmt.Printf("    readers: %v\n    while files of %d MB are converted: %v, %.2f× (at most %.0f×: %s); server %d MB (at most %d: %s)\n", quiet, size/1_000_000, busy, ratio,
		besideBound, verdict(ratio <= besideBound && busy.bad == 0), first/1_000_000, serveMemory/1_000_000, verdict(first <= serveMemory))
	return nil
}

// clicks are the answers that people got.
type clicks struct {
	mu         sync.Mutex
	waits      []time.Duration
	later, bad int // 503 with Retry-After; everything else that is no page
	worst      string
	cpu        time.Duration // of the server and its children, each click
}

func (c *clicks) p95() time.Duration { return p95(c.waits) }

func (c *clicks) String() string {
	tail := ""
	if c.later+c.bad > 0 {
		tail = fmt.Sprintf(", %d asked to come later, %d errors %s", c.later, c.bad, c.worst)
	}
	return fmt.Sprintf("%d clicks, median %.0f ms, p95 %.0f ms, processor %.1f ms each%s", len(c.waits), ms(middle(c.waits)), ms(c.p95()), ms(c.cpu), tail)
}

// clickThrough clicks at a steady pace.
func clickThrough(s *server, paths []string, long time.Duration) *clicks {
	c := &clicks{}
	used := cpuSeconds(descendants(s.pids()[0]))
	r := rand.New(rand.NewPCG(seed, uint64(time.Now().UnixNano()))) // no two runs ask what is known
	client := &http.Client{Timeout: 30 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{MaxIdleConnsPerHost: 100}}
	began := time.Now()
	var all sync.WaitGroup
	for i := 0; time.Duration(i)*clickEvery < long; i++ {
		address := s.url + paths[r.IntN(len(paths))] + clicked(r)
		due := began.Add(time.Duration(i) * clickEvery)
		time.Sleep(time.Until(due))
		all.Go(func() { c.one(client, address, due) })
	}
	all.Wait()
	used = cpuSeconds(descendants(s.pids()[0])) - used
	c.cpu = time.Duration(used * float64(time.Second) / float64(max(len(c.waits), 1)))
	return c
}

func (c *clicks) one(client *http.Client, address string, due time.Time) {
	status, retry, body, err := fetchPage(client, address)
	took := time.Since(due)
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case err == nil && status == http.StatusServiceUnavailable && retry != "":
		c.later++
		return
	case err != nil || status != http.StatusOK || !answered(body):
		c.bad++
		c.worst = fmt.Sprintf("(%s: %d, %v)", address, status, err)
	}
	c.waits = append(c.waits, took)
}

func fetchPage(client *http.Client, address string) (status int, retry string, body []byte, err error) {
	res, err := client.Get(address)
	if err != nil {
		return 0, "", nil, err
	}
	defer res.Body.Close()
	body, err = io.ReadAll(res.Body)
	return res.StatusCode, res.Header.Get("Retry-After"), body, err
}

// answered reports whether a page has what was asked for: one that says why not, or that
// to try again would help, is an answer to people but no result.
func answered(page []byte) bool {
	return !bytes.Contains(page, []byte(`Notice--warning" role="alert"`)) && !bytes.Contains(page, []byte("ntente de nuevo en"))
}

// clicked is what people look for in a table.
func clicked(r *rand.Rand) string {
	v := url.Values{}
	switch r.IntN(10) {
	case 0, 1:
		return ""
	case 2:
		v.Set("despues", query.Cursor(tabular.Query{}, tabular.Position{Row: int64(r.IntN(5000))}))
	case 3, 4:
		v.Set("f.cve_ent", fmt.Sprintf("%02d", 1+r.IntN(32)))
		v.Set("f.monto.min", fmt.Sprint(r.IntN(1_000_000)))
	case 5:
		v.Set("f.sector", worksSectors[r.IntN(len(worksSectors))])
		v.Set("orden", "-monto")
		v.Set("f.edad", fmt.Sprint(r.IntN(100)))
	case 6:
		v.Set("buscar", fmt.Sprintf("constructora %d", r.IntN(20000)))
	case 7:
		v.Set("buscar", worksPlaces[r.IntN(len(worksPlaces))])
		v.Set("f.anio", fmt.Sprint(2000+r.IntN(24)))
	case 8:
		v.Set("grupo", "sector,anio")
		v.Set("medida", "suma:monto")
		v.Set("f.cve_ent", fmt.Sprintf("%02d", 1+r.IntN(32)))
	case 9:
		v.Set("grupo", "fecha")
		v.Set("paso", "mes")
		v.Set("f.edad.min", fmt.Sprint(r.IntN(100)))
	}
	return "?" + v.Encode()
}

// openOnce opens each table once.
func openOnce(paths []string, host string) error {
	client := &http.Client{Timeout: time.Minute}
	for _, p := range paths {
		if status, _, body, err := fetchPage(client, host+p); err != nil || status != http.StatusOK || !bytes.Contains(body, []byte("<table")) {
			return fmt.Errorf("%s answers %d, %v", host+p, status, err)
		}
	}
	return nil
}

// serveScreens is the child process: it serves the demonstration with ten of its files grown
// to copies of one table, and an eleventh to another, and prints these tables' pages.
func serveScreens(ctx context.Context, dir, small, large string) error {
	return serveDemo(ctx, dir, func(s *site.Site) (paths []string, err error) {
		err = s.DB.Write(plaza.WithActor(ctx, plaza.SystemActor), func(tx *db.Tx) (err error) {
			paths, err = growTables(tx, filepath.Join(dir, "explore", "tables"), small, large)
			return err
		})
		return paths, err
	})
}

// growTables puts other tables in the place of those of the demonstration's files.
func growTables(tx *db.Tx, into, small, large string) (paths []string, err error) {
	type opened struct{ version, resource string }
	list, err := db.All(tx, func(scan func(...any) error) (o opened, err error) {
		return o, scan(&o.version, &o.resource)
	}, `SELECT v.id, v.resource_id FROM explore_versions v JOIN explore_attempts a ON a.current_id = v.id
		WHERE (SELECT COUNT(*) FROM explore_tables t WHERE t.version_id = v.id) = 1 ORDER BY v.id LIMIT $1`, openTables+1)
	if err != nil {
		return nil, err
	}
	if len(list) <= openTables {
		return nil, fmt.Errorf("the demonstration has %d files with a table", len(list))
	}
	if err := os.MkdirAll(into, 0o700); err != nil {
		return nil, err
	}
	for i, o := range list {
		from := small
		if i == openTables {
			from = large
		}
		if err := grow(tx, o.version, from, into, i); err != nil {
			return nil, err
		}
		r, err := catalog.ResourceByID(tx, o.resource)
		if err != nil {
			return nil, err
		}
		d, err := catalog.ByID(tx, r.DatasetID)
		if err != nil {
			return nil, err
		}
		paths = append(paths, d.ResourcePath(r))
	}
	return paths, nil
}

// grow makes a table's copy, under a name of its own, that of a version.
func grow(tx *db.Tx, version, from, into string, i int) error {
	raw, err := os.ReadFile(filepath.Join(from, "profile.json"))
	if err != nil {
		return err
	}
	p := tabular.Profile{Format: "csv", Tables: make([]tabular.Table, 1)}
	if err := json.Unmarshal(raw, &p.Tables[0]); err != nil {
		return err
	}
	t := &p.Tables[0]
	name := fmt.Sprintf("%064x", i)
	for ending, file := range map[string]string{".parquet": t.Parquet.SHA256, ".native": "native"} {
		if out, err := exec.Command("cp", filepath.Join(from, file), filepath.Join(into, name+ending)).CombinedOutput(); err != nil {
			return fmt.Errorf("%w: %s", err, out)
		}
	}
	t.Parquet.SHA256 = name
	if raw, err = json.Marshal(p); err != nil {
		return err
	}
	if _, err := tx.Exec(`UPDATE explore_versions SET profile = $1, profile_sha256 = '', row_count = $2, column_count = $3 WHERE id = $4`, string(raw), t.Rows, len(t.Columns), version); err != nil {
		return err
	}
	_, err = tx.Exec(`UPDATE explore_tables SET sha256 = $1, bytes = $2, row_count = $3 WHERE version_id = $4`, name, t.Parquet.Bytes, t.Rows, version)
	return err
}

// memory looks now and then at how much a process and its descendants hold.
type memory struct {
	all, first atomic.Int64
	end        chan struct{}
}

func watchMemory(pid int) *memory {
	m := &memory{end: make(chan struct{})}
	go func() {
		tick := time.NewTicker(50 * time.Millisecond)
		defer tick.Stop()
		for {
			all, first := residentOf(descendants(pid))
			m.all.Store(max(m.all.Load(), all))
			m.first.Store(max(m.first.Load(), first))
			select {
			case <-m.end:
				return
			case <-tick.C:
			}
		}
	}()
	return m
}

// most is how much it was at most since the last call.
func (m *memory) most() (all, first int64) { return m.all.Swap(0), m.first.Swap(0) }

func (m *memory) stop() { close(m.end) }

// descendants are a process and those that it started, and they.
func descendants(pid int) []int {
	out := []int{pid}
	for i := 0; i < len(out); i++ {
		tasks, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", out[i]))
		if err != nil {
			continue
		}
		for _, task := range tasks {
			raw, err := os.ReadFile(task)
			if err != nil {
				continue // it has ended
			}
			for _, word := range strings.Fields(string(raw)) {
				if child, err := strconv.Atoi(word); err == nil {
					out = append(out, child)
				}
			}
		}
	}
	return out
}
