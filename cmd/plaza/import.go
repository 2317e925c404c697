package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"plaza/internal/base/db"
	"plaza/internal/base/fetch"
	"plaza/internal/base/job"
	"plaza/internal/plaza"
	"plaza/internal/section/catalog/dcat"
	"plaza/internal/section/catalog/harvest"
	"plaza/internal/site"
)

// importCmd reads one catalogue file or address once, by the harvester: as a source
// that is not read again by itself. Importing it again brings what it gave up to date;
// what gave nothing leaves no source behind.
type importCmd struct {
	From        string `arg:"" name:"source"`
	Kind        string `required:"" enum:"ckan,dcat,data.json" placeholder:"ckan|dcat|data.json"`
	Institution string `placeholder:"SLUG"`
	JSON        bool   `name:"json"`
}

// maxImport bounds a catalogue file in bytes; the harvester reads it as it streams.
const maxImport = 1 << 30

// Run imports and prints what it did.
func (c importCmd) Run(a *app) error {
	return a.withSite(func(s *site.Site) error {
		src, local, err := c.source()
		if err != nil {
			return err
		}
		h := s.Harvester
		if local != nil {
			src.ID = plaza.NewID(s.DB.Now())
			if err := s.DB.Read(a.ctx, func(tx *db.Tx) error {
				_, err := sameSource(tx, &src)
				return err
			}); err != nil {
				return err
			}
			client := fetch.New(fetch.Config{MaxBytes: maxImport})
			h = harvest.New(harvest.Config{DB: s.DB, Client: client, Local: map[string]http.Handler{src.ID: local}})
		}
		var run string
		var known bool
		err = s.DB.Write(a.system(), func(tx *db.Tx) error {
			if src.InstitutionID, err = owner(tx, c.Institution); err != nil {
				return err
			}
			if known, err = sameSource(tx, &src); err != nil {
				return err
			}
			if run, err = harvest.EnqueueOnce(tx, src.ID); err != nil {
				return err
			}
			_, err = h.Add(tx, src) // last: it appends to the record
			return err
		})
		if err != nil {
			return err
		}
		r := job.NewRunner(s.DB, job.Config{Log: a.log})
		h.HandleOnce(r)
		err = a.finishRun(s, r, run, c.JSON)
		if !known {
			err = errors.Join(err, a.discard(s, src.ID))
		}
		return err
	})
}

// source is what is imported, and who serves it when it is a file.
func (c importCmd) source() (harvest.Source, http.Handler, error) {
	src := harvest.Source{Kind: dcat.Kind(c.Kind), State: harvest.Paused, URL: c.From}
	if u, err := url.Parse(c.From); err == nil && (u.Scheme == "http" || u.Scheme == "https") {
		return src, nil, nil
	}
	path, err := filepath.Abs(c.From)
	if err != nil {
		return src, nil, err
	}
	info, err := os.Stat(path)
	if err != nil {
		return src, nil, err
	}
	if info.Size() > maxImport {
		return src, nil, invalid("cmd.import.too_large", nil, "path", c.From)
	}
	// the same path is the same source; the path itself is nobody's business
	sum := sha256.Sum256([]byte(path))
	src.File = filepath.Base(path)
	src.Title = src.File
	src.URL = "http://" + hex.EncodeToString(sum[:8]) + ".invalid/" + url.PathEscape(src.Title)
	return src, fileHandler(path), nil
}

// sameSource gives the source the id that it had the last time, if there was one, and
// reports whether there was. One that was retired is a Conflict.
func sameSource(tx *db.Tx, src *harvest.Source) (known bool, err error) {
	last, err := harvest.AtAddress(tx, src.Kind, src.URL)
	switch {
	case err == nil && last.State == harvest.Retired:
		return true, plaza.E(plaza.Conflict, "harvest.error.retired")
	case err == nil:
		src.ID = last.ID
		return true, nil
	case plaza.KindOf(err) != plaza.NotFound:
		return false, err
	}
	if src.ID == "" {
		src.ID = tx.ID()
	}
	return false, nil
}

// discard leaves nothing behind of a source from which nothing was read.
func (a *app) discard(s *site.Site, source string) error {
	return s.DB.Write(a.system(), func(tx *db.Tx) error {
		err := harvest.Discard(tx, source)
		if plaza.KindOf(err) == plaza.Conflict && err != nil {
			return nil // something was
		}
		return err
	})
}

// fileHandler serves a file as its catalogue's only page: a CKAN client that asks
// for a later page gets an empty one.
func fileHandler(path string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if start := r.URL.Query().Get("start"); start != "" && strings.Trim(start, "0") != "" {
			w.Header().Set("Content-Type", "application/json")
			_, _ = fmt.Fprint(w, `{"success": true, "result": {"count": 0, "results": []}}`) // the reader went away
			return
		}
		f, err := os.Open(path)
		if err != nil {
			http.NotFound(w, r)
			return
		}
		defer f.Close()
		info, err := f.Stat()
		if err != nil {
			http.NotFound(w, r)
			return
		}
		var head [512]byte
		n, _ := f.ReadAt(head[:], 0) // a short file is no error here
		w.Header().Set("Content-Type", mediaType(path, head[:n]))
		http.ServeContent(w, r, "", info.ModTime(), f)
	})
}

// mediaType is the type of a catalogue file by its name's end, else by how it begins.
func mediaType(path string, head []byte) string {
	for suffix, kind := range map[string]string{
		".json": "application/json", ".jsonld": "application/ld+json", ".ttl": "text/turtle",
		".rdf": "application/rdf+xml", ".xml": "application/rdf+xml", ".nt": "application/n-triples",
	} {
		if strings.HasSuffix(strings.ToLower(strings.TrimSuffix(path, ".gz")), suffix) {
			return kind
		}
	}
	switch head = bytes.TrimSpace(head); {
	case bytes.HasPrefix(head, []byte("{")), bytes.HasPrefix(head, []byte("[")):
		return "application/json"
	case bytes.HasPrefix(head, []byte("<")):
		return "application/rdf+xml"
	}
	return "text/turtle"
}
