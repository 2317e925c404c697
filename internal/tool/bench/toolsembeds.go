package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"math"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"plaza/internal/base/db"
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
func benchEmbeds(host string, paths []string) error {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 200}}
	fresh := func(path string) func(i int) string { // no page is asked for twice: none comes from memory
		return func(i int) string { return fmt.Sprintf("%s%s?n=%d", host, path, i) }
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
		{"a tile of municipalities", func(i int) string { // all over the country, at every zoom
			z := 4 + i%11
			side := math.Exp2(float64(z)) / 360
			lon, lat := -117+31*frac(i, 0.618), 15+17*frac(i, 0.755)
			y := math.Floor((180 - 180/math.Pi*math.Log(math.Tan(math.Pi/4+lat*math.Pi/360))) * side)
			tile := strings.NewReplacer("{z}", fmt.Sprint(z), "{x}", fmt.Sprint(math.Floor((lon+180)*side)), "{y}", fmt.Sprint(y)).Replace(basemap.TilePath(basemap.LayerTowns))
			return fmt.Sprintf("%s%s?n=%d", host, tile, i)
		}, tileBound},
	} {
		took, err := askInTurn(client, one.path)
		if err != nil {
			return fmt.Errorf("%s: %w", one.name, err)
		}
		fmt.Printf("    %-26s p95 %6.2f ms (under %.0f ms: %s)\n", one.name, ms(p95(took)), ms(one.bound), verdict(p95(took) < one.bound))
	}
	took, bad := askEmbeds(client, host, paths)
	slices.Sort(took)
	p99 := took[len(took)*99/100]
	fmt.Printf("    %d embeds a second of %d tools, %d in all: median %.2f ms, p99 %.2f ms (under %.0f ms: %s), %d failed\n", embedsSecond, len(paths), len(took),
		ms(middle(took)), ms(p99), ms(embedBound), verdict(p99 < embedBound && bad == 0), bad)
	return nil
}

// frac is the place of the i-th of evenly spread points between 0 and 1.
func frac(i int, step float64) float64 {
	_, f := math.Modf(float64(i) * step)
	return f
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

// serveTools is the child process: it publishes tools, has them drawn, and serves them.
func serveTools(ctx context.Context, dir, table string) error {
	return serveDemo(ctx, dir, func(s *site.Site) ([]string, error) {
		return publishTools(ctx, s, filepath.Join(dir, "explore", "tables"), table)
	})
}

// publishTools makes the tools, in turn of each kind, and one of four linked views; paths are
// what other sites embed, and last the page of linked views.
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
		path, err := publishTool(as, s, resource, fmt.Sprintf("Precios %d", i), views[i%len(views)])
		if err != nil {
			return nil, err
		}
		paths = append(paths, "/embed"+path)
	}
	path, err := publishTool(as, s, resource, "Precios a la vez", linked()...)
	if err != nil {
		return nil, err
	}
	_, err = s.Runner.Drain(plaza.WithActor(ctx, plaza.SystemActor))
	return append(paths, path), err
}

// publishTool publishes views of a resource and returns the tool's path.
func publishTool(as context.Context, s *site.Site, resource, title string, views ...spec.View) (string, error) {
	for i := range views {
		views[i].Source = "datos"
	}
	doc := tool.Document{Spec: &spec.Spec{Schema: spec.Schema, Title: title, Language: "es", Sources: []spec.Source{{Name: "datos", Resource: resource}}, Views: views}}
	var d tool.Draft
	if err := s.DB.Write(as, func(tx *db.Tx) (err error) { d, err = s.Tools.Create(tx, tool.Beginning{Document: doc}); return err }); err != nil {
		return "", err
	}
	t, err := s.Tools.Publish(as, tool.Publication{Tool: d.Tool.ID, Revision: d.Revision})
	return t.Path(), err
}
