package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"strings"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/fetch"
	"plaza/internal/civic/record"
	"plaza/internal/site"
)

// bitacoraCmd is about the public record.
type bitacoraCmd struct {
	Verify verifyCmd `cmd:""`
}

// verifyCmd replays the public record: this installation's, or anyone's export.
type verifyCmd struct {
	From       string `arg:"" optional:"" name:"source"`
	Checkpoint string `placeholder:"FILE"`
	Key        string `placeholder:"KEY"`
}

// Bounds of an export that is fetched.
const (
	maxExport     = 16 << 30
	exportTimeout = time.Hour
	maxNote       = 64 << 10
)

// Run prints how many entries there are and the last hash, or names the first bad one.
func (c verifyCmd) Run(a *app) error {
	var signed []record.Checkpoint
	if (c.Checkpoint == "") != (c.Key == "") {
		return invalid("cmd.bitacora.half", nil)
	}
	if c.Checkpoint != "" {
		note, err := readNote(c.Checkpoint)
		if err != nil {
			return err
		}
		p, err := record.OpenCheckpoint(note, strings.Fields(c.Key)...)
		if err != nil {
			return invalid("cmd.bitacora.signature", err)
		}
		signed = append(signed, p)
	}
	var got record.Verified
	err := c.read(a, func(r io.Reader, own ...record.Checkpoint) (err error) {
		signed = append(signed, own...)
		got, err = record.Verify(r, signed...)
		return err
	})
	if bad, ok := errors.AsType[*record.BadEntry](err); ok {
		return invalid("cmd.bitacora.bad", nil, "seq", fmt.Sprint(bad.Seq), "line", fmt.Sprint(bad.Line), "reason", a.l.T(bad.Key, "count", bad.Count))
	}
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(a.out, "%s\n%s\n", a.l.T("cmd.bitacora.good", "count", got.Entries, "hash", got.Hash),
		a.l.T("cmd.bitacora.signed", "count", len(signed)))
	return err
}

func readNote(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	return short(f)
}

func short(r io.Reader) (string, error) {
	b, err := io.ReadAll(io.LimitReader(r, maxNote))
	return string(b), err
}

type verifier func(r io.Reader, own ...record.Checkpoint) error

// read opens what is to be verified.
func (c verifyCmd) read(a *app, verify verifier) error {
	if c.From == "" {
		return a.withSite(func(s *site.Site) error { return verifyOwn(a.ctx, s, verify) })
	}
	if u, err := url.Parse(c.From); err == nil && (u.Scheme == "http" || u.Scheme == "https") {
		cfg, err := a.settings.site(a)
		if err != nil {
			return err
		}
		client := fetch.New(fetch.Config{Allow: cfg.Allow, UserAgent: fetch.UserAgent(a.version, cfg.BaseURL),
			Timeout: exportTimeout, MaxBytes: maxExport})
		return c.verifyRemote(a, client, u, verify)
	}
	f, err := os.Open(c.From)
	if err != nil {
		return err
	}
	defer f.Close()
	return verifyExport(f, verify)
}

// verifyRemote verifies the export at an address, and unless a checkpoint was given,
// against the newest one that its site publishes. That is fetched first: the record
// only grows.
func (c verifyCmd) verifyRemote(a *app, client *fetch.Client, at *url.URL, verify verifier) error {
	var published []record.Checkpoint
	if c.Checkpoint == "" {
		var err error
		if published, err = a.published(client, at); err != nil {
			return err
		}
	}
	res, err := client.Get(a.ctx, fetch.Request{URL: at.String()})
	if err != nil {
		return err
	}
	defer res.Body.Close()
	return verifyExport(res.Body, func(r io.Reader, _ ...record.Checkpoint) error { return verify(r, published...) })
}

// published is the newest checkpoint of the site whose export is at an address, none
// when the site does not give it: a copy of an export may be kept anywhere.
func (a *app) published(client *fetch.Client, at *url.URL) ([]record.Checkpoint, error) {
	var texts [2]string
	for i, path := range []string{record.NotePath, record.KeysPath} {
		address := at.ResolveReference(&url.URL{Path: strings.TrimPrefix(path, "/")}).String()
		res, err := client.Get(a.ctx, fetch.Request{URL: address, MaxBytes: maxNote})
		if err == nil {
			texts[i], err = short(res.Body)
			_ = res.Body.Close()
		}
		if err != nil {
			a.log.DebugContext(a.ctx, "no published checkpoint", "url", address, "error", err)
			return nil, a.ctx.Err()
		}
	}
	p, err := record.OpenCheckpoint(texts[0], strings.Fields(texts[1])...)
	if err != nil {
		return nil, invalid("cmd.bitacora.signature", err)
	}
	return []record.Checkpoint{p}, nil
}

// verifyExport refuses what is empty, as a failed download is: nothing would be wrong
// with it, and nothing right.
func verifyExport(r io.Reader, verify verifier) error {
	b := bufio.NewReaderSize(r, 1<<20)
	if _, err := b.Peek(1); errors.Is(err, io.EOF) {
		return invalid("cmd.bitacora.empty", nil)
	}
	return verify(b)
}

// verifyOwn replays this installation's own export against all its checkpoints.
func verifyOwn(ctx context.Context, s *site.Site, verify verifier) error {
	var own []record.Checkpoint
	var keys []string
	if err := s.DB.Read(ctx, func(tx *db.Tx) (err error) {
		if keys, err = record.Keys(tx); err != nil {
			return err
		}
		own, err = record.Checkpoints(tx, record.MaxCheckpoints)
		return err
	}); err != nil {
		return err
	}
	for i, p := range own {
		var err error
		if own[i], err = record.OpenCheckpoint(p.Note, keys...); err != nil { // what was signed, not what the row says
			return invalid("cmd.bitacora.signature", err)
		}
	}
	r, w := io.Pipe()
	go func() { w.CloseWithError(record.Export(ctx, s.DB, record.Filter{}, w)) }()
	err := verify(r, own...)
	_ = r.Close() // lets the export end when the verdict came early
	return err
}
