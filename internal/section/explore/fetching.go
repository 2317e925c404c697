package explore

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"plaza/internal/base/blob"
	"plaza/internal/base/fetch"
	"plaza/internal/base/tabular"
)

// content is a file at hand that is to be converted.
type content struct {
	path         string // on this machine
	sha256       string
	bytes        int64
	name         string
	mediaType    string
	url          string // after redirects
	etag         string
	lastModified string
	status       int
	same         bool // the server says that the copy at hand is current; path is ""
}

// fetchTo fetches the resource's file into the try's folder, whole or not at all.
func (r *run) fetchTo(ctx context.Context, told func(done, total int64)) (content, error) {
	req := fetch.Request{URL: r.resource.URL, MaxBytes: r.s.MaxBytes, Timeout: r.s.FetchFor, Resume: mostResumed}
	// A mark is of the address that it came from, and good only when it came with what is current.
	if r.current != nil && r.last.sha256 == r.current.SHA256 && r.last.url == r.resource.URL {
		req.IfNoneMatch, req.IfModifiedSince = r.last.etag, r.last.lastModified
	}
	resp, err := r.s.ClientFor(r.resource).Get(ctx, req)
	if err != nil {
		return content{status: statusOf(err)}, err
	}
	defer resp.Body.Close()
	c := content{status: resp.Status, url: resp.FinalURL, etag: resp.ETag, lastModified: resp.LastModified, same: resp.NotModified}
	if c.same {
		return c, nil
	}
	c.mediaType, _, _ = mime.ParseMediaType(resp.Header.Get("Content-Type")) // "" when it cannot be read
	c.name = nameOf(resp.Header.Get("Content-Disposition"), resp.FinalURL)
	total := int64(-1)
	if n, err := strconv.ParseInt(resp.Header.Get("Content-Length"), 10, 64); err == nil && resp.Header.Get("Content-Encoding") == "" {
		total = n
	}
	c.path = filepath.Join(r.dir, original)
	c.sha256, c.bytes, err = save(ctx, c.path, resp.Body, func(done int64) { told(done, total) })
	return c, err
}

// original is what the file is called in the folder of a try.
const original = "original"

// mostResumed is how often a fetch that breaks off is gone on with before it is given up.
const mostResumed = 5

// statusOf is the HTTP status that an error tells of, 0 for none.
func statusOf(err error) int {
	if e, ok := errors.AsType[*fetch.Error](err); ok {
		return e.Status
	}
	return 0
}

// save writes all that r gives to a new file.
func save(ctx context.Context, path string, r io.Reader, told func(done int64)) (key string, size int64, err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return "", 0, fmt.Errorf("making a file to convert: %w", blob.WriteError(err))
	}
	h := sha256.New()
	w := &counted{ctx: ctx, f: f, told: told}
	_, err = io.CopyBuffer(io.MultiWriter(w, h), struct{ io.Reader }{r}, make([]byte, 256<<10))
	if w.err != nil {
		err = w.err
	}
	if errClose := f.Close(); err == nil && errClose != nil {
		err = blob.WriteError(errClose)
	}
	if err != nil {
		return "", w.n, fmt.Errorf("saving a file to convert: %w", err)
	}
	return hex.EncodeToString(h.Sum(nil)), w.n, nil
}

// counted writes to a file, tells how far it is and knows its own errors from a reader's.
type counted struct {
	ctx  context.Context
	f    *os.File
	told func(int64)
	n    int64
	err  error
}

func (w *counted) Write(p []byte) (int, error) {
	if w.err = w.ctx.Err(); w.err != nil {
		return 0, w.err
	}
	n, err := w.f.Write(p)
	w.n += int64(n)
	if err != nil {
		w.err = blob.WriteError(err)
		return n, w.err
	}
	w.told(w.n)
	return n, nil
}

// keptIn brings a version's kept file into a folder.
func (s *Section) keptIn(ctx context.Context, v Version, dir string, told func(done, total int64)) (content, error) {
	r, info, err := s.Blob.Get(ctx, v.SHA256)
	if err != nil {
		return content{}, fmt.Errorf("reading the kept file of a version: %w", err)
	}
	defer r.Close()
	c := content{path: filepath.Join(dir, original), name: v.Name, mediaType: v.MediaType, url: v.URL, etag: v.ETag, lastModified: v.LastModified}
	c.sha256, c.bytes, err = save(ctx, c.path, r, func(done int64) { told(done, info.Size) })
	if err == nil && c.sha256 != v.SHA256 {
		err = fmt.Errorf("reading the kept file of version %s: %w", v.ID, blob.ErrCorrupt)
	}
	return c, err
}

// nameOf is what a server calls a file: only a hint, never a name on a disk.
func nameOf(disposition, address string) string {
	name := ""
	if _, params, err := mime.ParseMediaType(disposition); err == nil {
		name = params["filename"]
	}
	if u, err := url.Parse(address); name == "" && err == nil {
		name = path.Base(u.Path)
	}
	name = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return -1
		}
		return r
	}, strings.ToValidUTF8(name, ""))
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	if name == "." || name == ".." {
		return ""
	}
	return tabular.Clip(name, tabular.MaxName)
}

// scratch makes a folder for one conversion, and removes those that processes left which
// were killed more than a day before.
func (s *Section) scratch() (string, error) {
	if err := os.MkdirAll(s.Scratch, 0o700); err != nil {
		return "", fmt.Errorf("making a folder for conversions: %w", blob.WriteError(err))
	}
	dir, err := os.MkdirTemp(s.Scratch, scratchName+"*")
	if err != nil {
		return "", fmt.Errorf("making a folder for a conversion: %w", blob.WriteError(err))
	}
	// ages are measured by the file system's own clock
	now, err := os.Stat(dir)
	list, errList := os.ReadDir(s.Scratch)
	if err != nil || errList != nil {
		return dir, errors.Join(err, errList)
	}
	for _, e := range list {
		info, err := e.Info()
		if err == nil && e.IsDir() && strings.HasPrefix(e.Name(), scratchName) && now.ModTime().Sub(info.ModTime()) > scratchAge {
			_ = os.RemoveAll(filepath.Join(s.Scratch, e.Name())) // what stays is tried again
		}
	}
	return dir, nil
}

const (
	scratchName = "plaza-explore-"
	scratchAge  = 24 * time.Hour
)
