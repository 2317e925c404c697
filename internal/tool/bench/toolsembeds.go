package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/tabular/child"
	"plaza/internal/civic/account"
	"plaza/internal/plaza"
	"plaza/internal/section/basemap"
	"plaza/internal/section/tool"
	"plaza/internal/section/tool/spec"
	"plaza/internal/site"
)

// embedFor is how long sites ask for what they embed.
const embedFor = 5 * time.Second

// benchEmbeds publishes tools over a table in the demonstration and asks for them as other
// sites' pages do.
func benchEmbeds(table string) error {
	s, paths, err := startTools(table)
	if err != nil {
		return err
	}
	defer s.stop()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 200}}
	fresh := func(path string) func(i int) string { // no page is asked for twice: none comes from memory
		return func(i int) string { return fmt.Sprintf("%s%s?n=%d", s.url, path, i) }
	}
	first := strings.Replace(paths[0], "/embed", "", 1)
	for _, one := range []struct {
		name  string
		path  func(i int) string
		bound time.Duration
	}{
		{"a stored picture, SVG", fresh(first + "/vistas/line/grafica.svg"), storedBound},
		{"a stored picture, PNG", fresh(first + "/vistas/line/grafica.png"), storedBound},
		{"a stored thumbnail", fresh(first + "/miniatura.png"), storedBound},
		{"a tile of municipalities", func(i int) string {
			z := 4 + i%8
			x, y := 3<<(z-4)+i%(1<<(z-4)), 6<<(z-4)+i%(1<<(z-4))
			return s.url + strings.NewReplacer("{z}", fmt.Sprint(z), "{x}", fmt.Sprint(x), "{y}", fmt.Sprint(y)).Replace(basemap.TilePath(basemap.LayerTowns))
		}, tileBound},
	} {
		took, err := askInTurn(client, one.path)
		if err != nil {
			return fmt.Errorf("%s: %w", one.name, err)
		}
		fmt.Printf("    %-26s p95 %6.2f ms (under %.0f ms: %s)\n", one.name, ms(p95(took)), ms(one.bound), verdict(p95(took) < one.bound))
	}
	took, bad := askEmbeds(client, s.url, paths)
	slices.Sort(took)
	p99 := took[len(took)*99/100]
	fmt.Printf("    %d embeds a second of %d tools, %d in all: median %.2f ms, p99 %.2f ms (under %.0f ms: %s), %d failed\n", embedsSecond, len(paths), len(took),
		ms(middle(took)), ms(p99), ms(embedBound), verdict(p99 < embedBound && bad == 0), bad)
	return nil
}

// askInTurn asks for some addresses one after the other.
func askInTurn(client *http.Client, path func(i int) string) (took []time.Duration, err error) {
	for i := range 200 {
		one, err := timed(func() error { return fetchWhole(client, path(i)) })
		if err != nil {
			return nil, err
		}
		if i >= 10 { // the first ones warm
			took = append(took, one)
		}
	}
	return took, nil
}

func fetchWhole(client *http.Client, address string) error {
	res, err := client.Get(address)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if _, err := io.Copy(io.Discard, res.Body); err != nil {
		return err
	}
	if res.StatusCode != http.StatusOK && res.StatusCode != http.StatusNoContent { // a tile may be empty
		return fmt.Errorf("%s answers %d", address, res.StatusCode)
	}
	return nil
}

// askEmbeds asks for embedded tools at a rate, whether the answers come or not.
func askEmbeds(client *http.Client, host string, paths []string) (took []time.Duration, bad int) {
	var mu sync.Mutex
	var all sync.WaitGroup
	ticks := time.NewTicker(time.Second / embedsSecond)
	defer ticks.Stop()
	for i := range int(embedFor.Seconds()) * embedsSecond {
		due := <-ticks.C
		all.Go(func() {
			err := fetchWhole(client, host+paths[i%len(paths)])
			mu.Lock()
			defer mu.Unlock()
			if took = append(took, time.Since(due)); err != nil {
				bad++
			}
		})
	}
	all.Wait()
	return took, bad
}

// startTools serves the demonstration in a process of its own, with tools over one of its
// files, which is grown to a table; paths are what other sites embed.
func startTools(table string) (*server, []string, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, nil, err
	}
	dir, err := os.MkdirTemp("", "plaza-bench-*")
	if err != nil {
		return nil, nil, err
	}
	play := exec.Command(self, "screens", dir)
	play.Stderr = os.Stderr
	if err := play.Run(); err != nil {
		return nil, nil, errors.Join(fmt.Errorf("playing the demonstration: %w", err), os.RemoveAll(dir))
	}
	c := exec.Command(self, "tooled", dir, table)
	out, err := c.StdoutPipe()
	if err != nil {
		return nil, nil, err
	}
	c.Stderr = os.Stderr
	if err := c.Start(); err != nil {
		return nil, nil, err
	}
	stop := func() {
		_ = c.Process.Kill()
		_ = c.Wait() // killed on purpose
		_ = os.RemoveAll(dir)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	words := strings.Fields(line)
	if err != nil || len(words) != embeddedOf+1 {
		stop()
		return nil, nil, fmt.Errorf("starting plaza: %q, %w", line, err)
	}
	return &server{words[0], func() []int { return []int{c.Process.Pid} }, stop}, words[1:], nil
}

// serveTools is the child process: it publishes tools, has them drawn, and serves them.
func serveTools(ctx context.Context, dir, table string) error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	addr := l.Addr().String()
	if err := l.Close(); err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	s, err := site.Open(ctx, site.Config{Addr: addr, Data: dir, Version: "bench", Worker: &child.Command{Path: self, Args: []string{"worker"}},
		Log: slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError}))})
	if err != nil {
		return err
	}
	paths, err := publishTools(ctx, s, filepath.Join(dir, "explore", "tables"), table)
	if err != nil {
		return err
	}
	return s.Serve(ctx, func(string) { fmt.Println("http://"+addr, strings.Join(paths, " ")) })
}

// publishTools makes the tools, in turn of each kind.
func publishTools(ctx context.Context, s *site.Site, into, table string) (paths []string, err error) {
	var resource string
	var who account.Person
	if err := s.DB.Write(plaza.WithActor(ctx, plaza.SystemActor), func(tx *db.Tx) error {
		var version, person string
		err := tx.Row(`SELECT v.id, v.resource_id FROM explore_versions v JOIN explore_attempts a ON a.current_id = v.id
			JOIN resources r ON r.id = v.resource_id JOIN datasets d ON d.id = r.dataset_id
			WHERE d.state = 'published' AND r.removed_at IS NULL AND r.withheld_at IS NULL AND (SELECT COUNT(*) FROM explore_tables t WHERE t.version_id = v.id) = 1 ORDER BY v.id LIMIT 1`).Scan(&version, &resource)
		err = cmp.Or(err, tx.Row(`SELECT person_id FROM role_grants WHERE role = 'moderator' AND until_at IS NULL ORDER BY id LIMIT 1`).Scan(&person), os.MkdirAll(into, 0o700))
		if err != nil {
			return err
		}
		if who, err = account.ByID(tx, person); err != nil {
			return err
		}
		return grow(tx, version, table, into, 0)
	}); err != nil {
		return nil, err
	}
	as := plaza.WithActor(ctx, who.Actor())
	views := priced()
	for i := range embeddedOf {
		v := views[i%len(views)]
		v.Source = "datos"
		doc := tool.Document{Spec: &spec.Spec{Schema: spec.Schema, Title: fmt.Sprintf("Precios %d", i), Language: "es", Sources: []spec.Source{{Name: "datos", Resource: resource}}, Views: []spec.View{v}}}
		var d tool.Draft
		if err := s.DB.Write(as, func(tx *db.Tx) (err error) { d, err = s.Tools.Create(tx, tool.Beginning{Document: doc}); return err }); err != nil {
			return nil, err
		}
		t, err := s.Tools.Publish(as, tool.Publication{Tool: d.Tool.ID, Revision: d.Revision})
		if err != nil {
			return nil, err
		}
		paths = append(paths, "/embed"+t.Path())
	}
	_, err = s.Runner.Drain(plaza.WithActor(ctx, plaza.SystemActor))
	return paths, err
}
