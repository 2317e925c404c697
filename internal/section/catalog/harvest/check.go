package harvest

import (
	"context"
	"errors"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"plaza/internal/base/db"
	"plaza/internal/base/fetch"
	"plaza/internal/base/job"
	"plaza/internal/section/catalog"
)

const (
	// checkAgain is how long what was found about an address is believed.
	checkAgain = 7 * 24 * time.Hour
	// checkBatch and checkAtOnce bound one job; the client is polite to each host.
	checkBatch  = 500
	checkAtOnce = 4
)

// checkArgs are those of the job that looks at resources' addresses.
type checkArgs struct{}

func (checkArgs) Kind() string { return "catalog.check" }

// check is the job's handler.
func (h *Harvester) check(ctx context.Context, j *job.Job) error {
	return h.CheckLinks(ctx, func(done, total int) { j.Progress(ctx, done, total, "") })
}

// CheckLinks looks at the addresses whose last look is a week old, some hundreds at
// a time, and notes what is there. progress may be nil.
func (h *Harvester) CheckLinks(ctx context.Context, progress func(done, total int)) error {
	var links []catalog.Link
	if err := h.db.Read(ctx, func(tx *db.Tx) (err error) {
		links, err = catalog.DueLinks(tx, tx.Now.Add(-checkAgain), checkBatch)
		return err
	}); err != nil {
		return err
	}
	found := make([]catalog.Check, len(links))
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(checkAtOnce)
	for i, l := range links {
		g.Go(func() error {
			found[i] = h.look(gctx, l)
			return gctx.Err()
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	for i, l := range links {
		if err := h.db.Write(ctx, func(tx *db.Tx) error {
			if h.noticed != nil && !found[i].Broken() {
				if err := h.noticed(tx, l, found[i]); err != nil {
					return err
				}
			}
			return catalog.Looked(tx, l, found[i])
		}); err != nil {
			return err
		}
		if progress != nil {
			progress(i+1, len(links))
		}
	}
	return nil
}

// look asks for the head of what is at an address, and for the whole answer's
// beginning where a server knows no HEAD.
func (h *Harvester) look(ctx context.Context, l catalog.Link) catalog.Check {
	client := h.clientFor(l.SourceID, l.URL)
	res, err := client.Get(ctx, fetch.Request{URL: l.URL, Head: true})
	if e, ok := errors.AsType[*fetch.Error](err); ok && e.Code == fetch.Status &&
		slices.Contains([]int{http.StatusMethodNotAllowed, http.StatusNotImplemented, http.StatusForbidden, http.StatusNotFound}, e.Status) {
		res, err = client.Get(ctx, fetch.Request{URL: l.URL})
	}
	c := catalog.Check{State: "ok", Size: -1}
	if e, ok := errors.AsType[*fetch.Error](err); ok {
		c.State, c.Status = string(e.Code), e.Status
		return c
	}
	if err != nil {
		c.State = string(fetch.Connect)
		return c
	}
	defer res.Body.Close()
	c.Status, c.ETag, c.LastModified = res.Status, res.ETag, res.LastModified
	c.Type, _, _ = mime.ParseMediaType(res.Header.Get("Content-Type"))
	if n, err := strconv.ParseInt(res.Header.Get("Content-Length"), 10, 64); err == nil && res.Header.Get("Content-Encoding") == "" {
		c.Size = n
	}
	if c.Type == "text/html" && !slices.Contains([]string{"", "HTML", "API", "WMS", "WFS"}, strings.ToUpper(l.Format)) {
		c.State = "html" // h01: a page where data should be
	}
	return c
}
