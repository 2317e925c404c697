// Command audit plays the demonstration, serves it, and goes over the whole site:
// every internal link is followed and every page judged by itself, and of the kinds
// of pages that weigh most, what a first visit transfers is measured in Chromium and
// held against budgets.json; Lighthouse judges those that newcomers land on. It prints a table and what is wrong, and fails when
// anything is. Run it at the root of the repository.
package main

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"plaza/internal/site/browser"
)

//go:embed budgets.json
var budgetsFile []byte

// most bounds the crawl. Facets combine without end, and tables have many rows: of
// addresses with a query, and of rows, only so many are read for each path.
const (
	most      = 5000
	perSearch = 40
	idLength  = 36 // of an identifier, whatever it names
)

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "audit:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) (err error) {
	dir, err := os.MkdirTemp("", "plaza-audit-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	demo, err := browser.StartDemo(ctx, dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, demo.Close()) }()
	paths, faults, err := crawl(ctx, demo.Origin)
	if err != nil {
		return err
	}
	heavy, err := weigh(ctx, demo.Origin, paths)
	if err != nil {
		return err
	}
	faults = append(faults, heavy...)
	low, err := judge(ctx, demo.Origin, paths)
	if err != nil {
		return err
	}
	faults = append(faults, low...)
	for _, f := range faults {
		fmt.Println(f)
	}
	if len(faults) > 0 {
		return fmt.Errorf("%d faults", len(faults))
	}
	return nil
}

// crawl reads the whole site. paths are one page of each kind of address.
func crawl(ctx context.Context, origin string) (paths, faults []string, err error) {
	answers, pages := 0, 0
	searches, kinds := map[string]int{}, map[string]bool{}
	err = browser.Crawl(ctx, origin, []string{"/"}, func(p browser.Page) bool {
		answers++
		path, _, _ := strings.Cut(p.Path, "?")
		// What the demonstration serves stands for other people's sites: some of it is
		// broken, as theirs is.
		if p.Status != http.StatusOK && !strings.HasPrefix(path, "/demo/") {
			faults = append(faults, fmt.Sprintf("%s answers %d (linked from %s)", p.Path, p.Status, p.From))
		}
		if p.Doc == nil || strings.HasPrefix(path, "/demo/") {
			return answers < most
		}
		pages++
		for _, f := range p.Faults(origin) {
			faults = append(faults, p.Path+": "+f)
		}
		if kind := kindOf(p); kind != "" && !kinds[kind] {
			kinds[kind] = true
			paths = append(paths, p.Path)
		}
		return answers < most
	}, func(path string) bool {
		path, query, _ := strings.Cut(path, "?")
		if table, _, row := strings.Cut(path, "/filas/"); row {
			path = table + "/filas"
		} else if query == "" {
			return true
		}
		searches[path]++
		return searches[path] <= perSearch
	})
	fmt.Printf("%d addresses read, %d of them pages, %d faults\n\n", answers, pages, len(faults))
	slices.Sort(paths)
	return paths, faults, err
}

// kindOf is a page's address without names and numbers of things, and with the tab that
// the explorer shows of an opened file. Other addresses with a query are of no kind.
func kindOf(p browser.Page) string {
	path, query, _ := strings.Cut(p.Path, "?")
	parts := strings.Split(path, "/")
	for i := range parts {
		if _, err := strconv.Atoi(parts[i]); err == nil || i == 2 || len(parts[i]) == idLength {
			parts[i] = "*"
		}
	}
	kind := strings.Join(parts, "/")
	if p.Doc.Find(".Explore-tabs").Length() > 0 && (query == "" || strings.HasPrefix(query, "ver=") && !strings.Contains(query, "&")) {
		return kind + "?" + query
	}
	if query != "" {
		return ""
	}
	return kind
}

// weigh prints what a first visit to each page transfers, and returns what is over
// the budgets.
func weigh(ctx context.Context, origin string, paths []string) (faults []string, err error) {
	budgets := map[string]map[string]int{} // by page, "*" for those not named
	if err := json.Unmarshal(budgetsFile, &budgets); err != nil {
		return nil, err
	}
	chrome, err := browser.Open(ctx, origin, ".")
	if err != nil {
		return nil, err
	}
	defer chrome.Close()
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "bytes\tof them script\trequests\t  page\t")
	for _, path := range paths {
		got, problems, err := visit(chrome, path)
		if err != nil {
			return nil, err
		}
		faults = append(faults, problems...)
		fmt.Fprintf(w, "%d\t%d\t%d\t  %s\t\n", got["first visit"], got["script"], got["requests"], path)
		most, named := budgets[path]
		if !named {
			most = budgets["*"]
		}
		for name, budget := range most {
			if got[name] > budget {
				faults = append(faults, fmt.Sprintf("%s: %s is %d, the budget is %d", path, name, got[name], budget))
			}
		}
	}
	return faults, w.Flush()
}

// whole has every picture of a page loaded, also those that wait until they are seen.
const whole = `Promise.all([...document.images].map((one) => { one.loading = "eager"; return one.complete || new Promise((done) => { one.onload = one.onerror = done; }); })).then(() => true)`

// visit is a newcomer's first: with nothing in the cache.
func visit(chrome *browser.Browser, path string) (got map[string]int, problems []string, err error) {
	tab, err := chrome.Tab(browser.Look{Width: 390})
	if err != nil {
		return nil, nil, err
	}
	defer tab.Close()
	if _, err := tab.Visit(path); err != nil {
		return nil, nil, err
	}
	got = map[string]int{}
	for _, t := range tab.Transfers() {
		if strings.HasPrefix(t.URL, "data:") {
			continue
		}
		got["first visit"] += t.Bytes
		got["requests"]++
		if t.Type == "Script" {
			got["script"] += t.Bytes
		}
	}
	if _, err := browser.Ask[bool](tab, whole); err != nil {
		return nil, nil, err
	}
	for _, t := range tab.Transfers() {
		if !strings.HasPrefix(t.URL, "data:") {
			got["with all pictures"] += t.Bytes
		}
	}
	for _, p := range tab.Problems() {
		problems = append(problems, path+": "+p)
	}
	return got, problems, nil
}
