package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
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

	"plaza/internal/base/fetch"
	"plaza/internal/base/tabular"
	"plaza/internal/base/tabular/child"
	"plaza/internal/base/text"
)

// exploreCmd opens files as tables, as the explorer of the site does, without a store.
type exploreCmd struct {
	Profile exploreProfile `cmd:""`
	Convert exploreConvert `cmd:""`
}

// Limits of a file that is fetched: those of the site.
const (
	maxExplored   = 4 << 30
	exploreWithin = 2 * time.Hour
)

// exploreProfile tells what a file holds.
type exploreProfile struct {
	From string `arg:"" name:"file"`
	JSON bool   `name:"json"`
}

// Run prints what was found, as a report or as one JSON object.
func (c exploreProfile) Run(a *app) error {
	dir, err := os.MkdirTemp("", "plaza-explore-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	p, err := a.explored(c.From, dir)
	if err != nil {
		return err
	}
	if c.JSON {
		return writeProfile(a.out, p)
	}
	return a.tellProfile(p)
}

// exploreConvert writes a file's tables as Parquet.
type exploreConvert struct {
	From string `arg:"" name:"file"`
	Out  string `required:"" placeholder:"DIR"`
}

// Run writes the folder whole or not at all, and prints what lies in it.
func (c exploreConvert) Run(a *app) error {
	out, err := filepath.Abs(c.Out)
	if err != nil {
		return err
	}
	if err := vacant(out); err != nil {
		return err
	}
	work, err := os.MkdirTemp(filepath.Dir(out), ".plaza-explore-*") // on the disk of out: renamed, not copied
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(work) }()
	p, err := a.explored(c.From, work)
	if err != nil {
		return err
	}
	whole := filepath.Join(work, "whole")
	names, err := gather(work, whole, c.From, p)
	if err != nil {
		return err
	}
	if err := os.Remove(out); err != nil && !errors.Is(err, os.ErrNotExist) { // empty, or nothing of it goes
		return err
	}
	if err := os.Rename(whole, out); err != nil {
		return err
	}
	for _, name := range names {
		if _, err := fmt.Fprintln(a.out, filepath.Join(c.Out, name)); err != nil {
			return err
		}
	}
	return nil
}

// vacant refuses a folder that holds something.
func vacant(dir string) error {
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil
	case err != nil:
		return err
	case len(entries) > 0:
		return invalid("cmd.explore.not_empty", nil, "path", dir)
	}
	return nil
}

// gather moves the tables to a folder, each named as its table, with their profile.
func gather(work, whole, from string, p tabular.Profile) ([]string, error) {
	if err := os.Mkdir(whole, 0o755); err != nil {
		return nil, err
	}
	var names []string
	taken := map[string]bool{}
	for _, t := range p.Tables {
		name := text.Slug(t.Name, 80)
		if name == "" {
			name = text.Slug(stem(nameOf(from)), 80)
		}
		if name == "" {
			name = "tabla"
		}
		for base, n := name, 2; taken[name]; n++ {
			name = base + "-" + strconv.Itoa(n)
		}
		taken[name] = true
		names = append(names, name+".parquet")
		if err := os.Rename(filepath.Join(work, t.Parquet.SHA256), filepath.Join(whole, name+".parquet")); err != nil {
			return nil, err
		}
	}
	f, err := os.Create(filepath.Join(whole, "profile.json"))
	if err != nil {
		return nil, err
	}
	return append(names, "profile.json"), errors.Join(writeProfile(f, p), f.Close())
}

func stem(name string) string { return strings.TrimSuffix(name, path.Ext(name)) }

func writeProfile(w io.Writer, p tabular.Profile) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(p)
}

// explored converts a file in a worker process, as the server does. The tables lie in
// dir under their checksums.
func (a *app) explored(from, dir string) (tabular.Profile, error) {
	in, err := a.takeIn(from, dir)
	if err != nil {
		return tabular.Profile{}, err
	}
	self, err := os.Executable()
	if err != nil {
		return tabular.Profile{}, err
	}
	tables := filepath.Join(dir, "tables")
	if err := os.Mkdir(tables, 0o700); err != nil {
		return tabular.Profile{}, err
	}
	workers := child.New(child.Config{Command: child.Command{Path: self, Args: []string{"worker"}}, Scratch: dir, Log: a.log})
	told := a.progress()
	p, err := workers.Convert(a.ctx, child.Conversion{Input: in.path, Name: in.name, MediaType: in.mediaType, Dir: tables},
		func(s child.Step) { told.show(s.Name, s.Table, s.Done, s.Total) })
	told.end()
	if errClose := workers.Close(context.WithoutCancel(a.ctx)); err == nil {
		err = errClose
	}
	if err != nil {
		return tabular.Profile{}, a.faulty(err)
	}
	p.SHA256 = in.sha256
	for _, t := range p.Tables {
		if err := os.Rename(filepath.Join(tables, t.Parquet.SHA256), filepath.Join(dir, t.Parquet.SHA256)); err != nil && !errors.Is(err, os.ErrNotExist) {
			return p, err // two tables of the same rows are one file
		}
	}
	return p, nil
}

// faulty is why a file is no table as people read it: what, and where.
func (a *app) faulty(err error) error {
	f, ok := errors.AsType[*tabular.Fault](err)
	if !ok {
		return err
	}
	var where []string
	if f.Table != "" {
		where = append(where, a.l.T("cmd.explore.where.table", "table", f.Table))
	}
	if f.Line > 0 {
		where = append(where, a.l.T("cmd.explore.where.line", "line", f.Line))
	}
	if f.Column != "" {
		where = append(where, a.l.T("cmd.explore.where.column", "column", f.Column))
	}
	if f.Byte > 0 {
		where = append(where, a.l.T("cmd.explore.where.byte", "byte", f.Byte))
	}
	pairs := append([]any{"table", f.Table, "line", f.Line, "column", f.Column, "byte", f.Byte}, f.Args...)
	said := tabular.Sentence(a.l, "tabular.fault."+f.Code, pairs...)
	if len(where) > 0 {
		said = a.l.T("cmd.explore.fault", "what", said, "where", strings.Join(where, ", "))
	}
	return errors.New(said)
}

// taken is a file at hand.
type taken struct{ path, name, mediaType, sha256 string }

// takeIn brings a file of this machine or of an address to hand, and knows its checksum.
func (a *app) takeIn(from, dir string) (taken, error) {
	if u, err := url.Parse(from); err == nil && (u.Scheme == "http" || u.Scheme == "https") {
		return a.download(from, filepath.Join(dir, "original"))
	}
	at, err := filepath.Abs(from)
	if err != nil {
		return taken{}, err
	}
	f, err := os.Open(at)
	if err != nil {
		return taken{}, invalid("cmd.error.file", err, "file", from)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return taken{}, invalid("cmd.error.file", err, "file", from)
	}
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return taken{}, invalid("cmd.error.file", err, "file", from)
	}
	return taken{path: at, name: filepath.Base(at), sha256: hex.EncodeToString(h.Sum(nil))}, nil
}

// download fetches a file by the guarded client.
func (a *app) download(address, to string) (taken, error) {
	cfg, err := a.settings.site(a)
	if err != nil {
		return taken{}, err
	}
	client := fetch.New(fetch.Config{Allow: cfg.Allow, UserAgent: fetch.UserAgent(a.version, cfg.BaseURL),
		Timeout: exploreWithin, MaxBytes: maxExplored})
	r, err := client.Get(a.ctx, fetch.Request{URL: address})
	if err != nil {
		return taken{}, err
	}
	defer r.Body.Close()
	in := taken{path: to, name: nameOf(r.FinalURL)}
	in.mediaType, _, _ = mime.ParseMediaType(r.Header.Get("Content-Type")) // "" when it cannot be read
	if _, params, err := mime.ParseMediaType(r.Header.Get("Content-Disposition")); err == nil && params["filename"] != "" {
		in.name = filepath.Base(params["filename"])
	}
	total, err := strconv.ParseInt(r.Header.Get("Content-Length"), 10, 64)
	if err != nil {
		total = -1
	}
	f, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return taken{}, err
	}
	h := sha256.New()
	told := a.progress()
	_, err = io.Copy(io.MultiWriter(f, h, &counting{told: told, total: total}), r.Body)
	told.end()
	if err := errors.Join(err, f.Close()); err != nil {
		return taken{}, err
	}
	in.sha256 = hex.EncodeToString(h.Sum(nil))
	return in, nil
}

// nameOf is the last part of a path or an address: a hint for its ending.
func nameOf(from string) string {
	if u, err := url.Parse(from); err == nil && u.Host != "" {
		return path.Base(u.Path)
	}
	return filepath.Base(from)
}

// counting tells how much of a file has come.
type counting struct {
	told        *progress
	done, total int64
}

func (c *counting) Write(p []byte) (int, error) {
	c.done += int64(len(p))
	c.told.show("fetch", "", c.done, c.total)
	return len(p), nil
}

// progress is one line on a terminal that is written over when a percent or a megabyte
// more is done; nothing where errors go elsewhere.
type progress struct {
	a    *app
	on   bool
	last string
}

func (a *app) progress() *progress {
	f, ok := a.err.(*os.File)
	if !ok {
		return &progress{}
	}
	info, err := f.Stat()
	return &progress{a: a, on: err == nil && info.Mode()&os.ModeCharDevice != 0}
}

const clearLine = "\r\x1b[K"

func (p *progress) show(step, table string, done, total int64) {
	if !p.on {
		return
	}
	line := p.a.l.T("cmd.explore.step." + step)
	if table != "" {
		line += " " + tabular.Clip(printable(table), 40)
	}
	if total > 0 {
		line += fmt.Sprintf(" %d %%", min(100, done*100/total))
	} else if done >= 1<<20 {
		line += " " + p.a.l.Bytes(done>>20<<20)
	}
	if line != p.last {
		p.last = line
		fmt.Fprint(p.a.err, clearLine+line)
	}
}

func (p *progress) end() {
	if p.on {
		fmt.Fprint(p.a.err, clearLine)
	}
}

// printable is a text of somebody's file without what moves a terminal's cursor.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if !strconv.IsPrint(r) {
			return '\uFFFD'
		}
		return r
	}, s)
}
