package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"plaza/internal/site/browser"
)

// categories are what Lighthouse judges, with the least score of each, in hundredths.
// Performance is a simulated slow telephone's: the one score that a busy machine
// lowers, so it has room.
var categories = []struct {
	id    string
	least int
}{{"accessibility", 100}, {"best-practices", 100}, {"seo", 100}, {"performance", 90}}

// attempts is how often a page is looked at until Lighthouse 12 gets a whole trace out
// of a Chromium that is newer than it; it says itself to run it again.
const attempts = 5

// judged reports whether Lighthouse looks at a kind of address: those that a newcomer
// lands on. It takes ten seconds a page.
func judged(path string) bool {
	for _, start := range []string{"/datos", "/instituciones", "/herramientas", "/lecturas", "/bitacora", "/acerca"} {
		if strings.HasPrefix(path, start) {
			return true
		}
	}
	return path == "/" || path == "/buscar"
}

// judge prints Lighthouse's scores of the pages, and returns what is below the least.
func judge(ctx context.Context, origin string, paths []string) (faults []string, err error) {
	chrome, err := browser.Find()
	if err != nil {
		return nil, err
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(w, "\n")
	for _, c := range categories {
		fmt.Fprintf(w, "%s\t", c.id)
	}
	fmt.Fprint(w, "  page\t\n")
	for _, path := range paths {
		if !judged(path) {
			continue
		}
		var got report
		for range attempts {
			if got, err = lighthouse(ctx, chrome, origin+path); err == nil {
				break
			}
		}
		if err != nil {
			return nil, fmt.Errorf("looking at %s with Lighthouse: %w", path, err)
		}
		for _, c := range categories {
			score := got.score(c.id)
			fmt.Fprintf(w, "%d\t", score)
			// What has a query is not for search engines, and says so.
			if score < c.least && (c.id != "seo" || !strings.Contains(path, "?")) {
				faults = append(faults, fmt.Sprintf("%s: Lighthouse gives %s %d, the least is %d: %s",
					path, c.id, score, c.least, strings.Join(got.lost(c.id), ", ")))
			}
		}
		fmt.Fprintf(w, "  %s\t\n", path)
	}
	return faults, w.Flush()
}

// report is what is read of Lighthouse's.
type report struct {
	Categories map[string]struct {
		Score     float64
		AuditRefs []struct {
			ID     string
			Weight float64
		}
	}
	Audits map[string]struct{ Score *float64 }
}

// score is a category's, in hundredths.
func (r report) score(category string) int {
	return int(r.Categories[category].Score*100 + 0.5)
}

// lost names the checks that cost a category points.
func (r report) lost(category string) (ids []string) {
	for _, ref := range r.Categories[category].AuditRefs {
		if score := r.Audits[ref.ID].Score; ref.Weight > 0 && score != nil && *score < 1 {
			ids = append(ids, ref.ID)
		}
	}
	return ids
}

func lighthouse(ctx context.Context, chrome, url string) (r report, err error) {
	flags := "--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run " +
		"--disable-background-networking --disable-component-update --disable-sync"
	cmd := exec.CommandContext(ctx, "node", filepath.Join("internal", "tool", "audit", "lighthouse", "node_modules", "lighthouse", "cli", "index.js"),
		url, "--output=json", "--quiet", "--chrome-flags="+flags)
	cmd.Env = append(os.Environ(), "CHROME_PATH="+chrome)
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		return r, fmt.Errorf("%w: %s", err, said.String())
	}
	return r, json.Unmarshal(out, &r)
}
