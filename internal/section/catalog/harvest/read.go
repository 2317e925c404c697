package harvest

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"strconv"
	"time"

	"plaza/internal/base/fetch"
	"plaza/internal/section/catalog/dcat"
)

const (
	// ckanRows is what real harvesters ask for at once; portals allow it.
	ckanRows = 100
	// maxPage bounds one page of a paged catalogue, maxDocument a whole data.json.
	maxPage     = 64 << 20
	maxDocument = 512 << 20
	// maxPages bounds a catalogue whose pages never end.
	maxPages = 20_000
	// tries is how often one address is asked before the run fails, with a pause
	// that doubles from firstPause; a server may ask for up to maxPause itself.
	tries      = 3
	firstPause = time.Second
	maxPause   = time.Minute
)

// get fetches one address, trying again where that may help.
func (r *reading) get(ctx context.Context, req fetch.Request) (*fetch.Response, error) {
	wait := firstPause
	for try := 1; ; try++ {
		r.run.Requests++
		res, err := r.client.Get(ctx, req)
		e, ok := errors.AsType[*fetch.Error](err)
		if !ok || try == tries || !passing(e) || e.RetryAfter > maxPause {
			return res, err
		}
		if err := r.h.pause(ctx, max(wait, e.RetryAfter)); err != nil {
			return nil, err
		}
		wait *= 2
	}
}

// passing reports whether a fetch may fail today and not in a second.
func passing(e *fetch.Error) bool {
	switch e.Code {
	case fetch.Busy, fetch.Connect, fetch.Truncated, fetch.TooSlow:
		return true
	case fetch.Status:
		return e.Status >= 500
	}
	return false
}

// document is one answer being read: its bytes go into the run's checksum.
func (r *reading) document(res *fetch.Response, body io.Reader, emit func(dcat.Item) error) (dcat.Summary, error) {
	base, _ := url.Parse(res.FinalURL) // it was fetched, so it parses
	return dcat.Read(r.source.Kind, body, dcat.Options{
		Base: base, ContentType: res.Header.Get("Content-Type"), Now: r.h.db.Now(), Known: r.isKnown,
	}, emit)
}

// readCKAN pages through package_search until as many records as it counts were
// read, advancing by what came: some portals give fewer than asked.
func (r *reading) readCKAN(ctx context.Context) error {
	action := ckanAction(r.source.URL)
	var previous [sha256.Size]byte
	for page := 0; page < maxPages; page++ {
		q := url.Values{"rows": {strconv.Itoa(ckanRows)}, "start": {strconv.Itoa(r.cursor.Start)}, "sort": {"id asc"}}
		sum, items, s, err := r.ckanPage(ctx, action+"?"+q.Encode())
		if err != nil {
			return err
		}
		if items > 0 && sum == previous {
			return &unanswered{"harvest.error.same_page"}
		}
		previous = sum
		r.total = s.Total
		r.cursor.Start += items
		if s.Total >= 0 && r.cursor.Start >= s.Total {
			return nil
		}
		if items == 0 {
			return r.ended(s.Total)
		}
		if err := r.pageDone(ctx); err != nil {
			return err
		}
	}
	return &unanswered{"harvest.error.endless"}
}

// ended judges a list that has no more records although its count promised total of
// them, -1 for none. Portals count what they do not show, a few records in a hundred;
// with more, an answer is taken for cut, and nobody for missing.
func (r *reading) ended(total int) error {
	const tolerated = 100 // one in so many
	short := total - r.cursor.Start
	switch {
	case short <= 0:
		return nil
	case short*tolerated > total:
		return &unanswered{"harvest.error.short"}
	}
	r.problem(dcat.Problem{Code: dcat.TotalInvalid, Field: "count", Value: strconv.Itoa(total), Repaired: true})
	return nil
}

// ckanPage reads one page. Its records are taken once the whole page has been read
// and is not yet another shrunken answer: the first page's count is a guard.
func (r *reading) ckanPage(ctx context.Context, address string) (sum [sha256.Size]byte, items int, s dcat.Summary, err error) {
	res, err := r.get(ctx, fetch.Request{URL: address, Accept: "application/json", MaxBytes: maxPage})
	if err != nil {
		return sum, 0, s, err
	}
	defer res.Body.Close()
	h := sha256.New()
	size := counter{}
	var page []dcat.Item
	s, err = r.document(res, io.TeeReader(res.Body, io.MultiWriter(h, r.content, &size)), func(i dcat.Item) error {
		page = append(page, i)
		return nil
	})
	r.run.Bytes += size.n
	h.Sum(sum[:0])
	if err != nil {
		return sum, 0, s, err
	}
	if r.cursor.Start == 0 && s.Total >= 0 {
		if err := r.guard(s.Total); err != nil {
			return sum, 0, s, err
		}
	}
	for _, p := range s.Problems {
		r.problem(p)
	}
	for _, i := range page {
		if err := r.take(ctx, i); err != nil {
			return sum, 0, s, err
		}
	}
	return sum, len(page), s, nil
}

// readDocuments reads data.json, or DCAT page by page.
func (r *reading) readDocuments(ctx context.Context) error {
	next := r.source.URL
	if r.cursor.resumed {
		next = r.cursor.Next
	}
	visited := map[string]bool{}
	for page := 0; page < maxPages; page++ {
		if visited[next] {
			return &unanswered{"harvest.error.same_page"}
		}
		visited[next] = true
		s, unchanged, err := r.readDocument(ctx, next, page == 0 && !r.cursor.resumed)
		if err != nil || unchanged || s.Next == "" {
			return err
		}
		next, r.cursor.Next = s.Next, s.Next
		r.run.ETag, r.run.Modified = "", "" // they were those of one page only
		if err := r.pageDone(ctx); err != nil {
			return err
		}
	}
	return &unanswered{"harvest.error.endless"}
}

// readDocument spools one document to a file, looks through it once to learn what it
// says of itself and whether it is whole, and only then takes its records.
func (r *reading) readDocument(ctx context.Context, address string, first bool) (s dcat.Summary, unchanged bool, err error) {
	req := fetch.Request{URL: address, MaxBytes: maxDocument, Accept: accept[r.source.Kind]}
	if first {
		req.IfNoneMatch, req.IfModifiedSince = r.prev.ETag, r.prev.Modified
	}
	res, err := r.get(ctx, req)
	if err != nil {
		return s, false, err
	}
	defer res.Body.Close()
	if res.NotModified {
		r.keep()
		return s, true, nil
	}
	file, err := os.CreateTemp("", "plaza-catalogue-*")
	if err != nil {
		return s, false, fmt.Errorf("making room for a catalogue: %w", err)
	}
	defer func() {
		_ = file.Close() // a temporary file, read already
		_ = os.Remove(file.Name())
	}()
	n, err := io.Copy(io.MultiWriter(file, r.content), res.Body)
	r.run.Bytes += n
	if err != nil {
		return s, false, err
	}
	r.run.ETag, r.run.Modified = res.ETag, res.LastModified
	if first && r.prev.SHA256 != "" && r.sum() == r.prev.SHA256 {
		r.keep()
		return s, true, nil
	}
	if s, err = r.look(ctx, res, file, first); err != nil {
		return s, false, err
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return s, false, fmt.Errorf("reading a spooled catalogue: %w", err)
	}
	for _, p := range s.Problems {
		r.problem(p)
	}
	_, err = r.document(res, file, func(i dcat.Item) error { return r.take(ctx, i) })
	return s, false, err
}

// look reads a spooled document without taking anything.
func (r *reading) look(ctx context.Context, res *fetch.Response, file *os.File, first bool) (dcat.Summary, error) {
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return dcat.Summary{}, fmt.Errorf("reading a spooled catalogue: %w", err)
	}
	s, err := r.document(res, file, func(dcat.Item) error { return ctx.Err() })
	if err != nil {
		return s, err
	}
	r.defaults = s
	count := s.Listed
	if s.Total >= 0 {
		count = s.Total
	}
	r.total = count
	if first && (s.Next == "" || s.Total >= 0) {
		return s, r.guard(count)
	}
	return s, nil
}

// keep says that the source stands as the last whole run found it.
func (r *reading) keep() {
	r.same = true
	r.run.Seen, r.run.SHA256 = r.prev.Seen, r.prev.SHA256
	r.run.ETag, r.run.Modified = r.prev.ETag, r.prev.Modified
}

var accept = map[dcat.Kind]string{
	dcat.DataJSON: "application/json, */*;q=0.5",
	dcat.DCAT:     "text/turtle, application/ld+json, application/rdf+xml;q=0.9, */*;q=0.5",
}

// counter counts the bytes written to it.
type counter struct{ n int64 }

// Write implements io.Writer.
func (c *counter) Write(p []byte) (int, error) {
	c.n += int64(len(p))
	return len(p), nil
}
