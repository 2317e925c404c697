// Command plaza is the whole of Plaza: the server, and what an operator does beside
// it. Results go to standard output, logs and errors to standard error; an error is
// one line, in Spanish or (LANG=en…) English, and exit status 1.
//
// Commands work on the same store as a running server, of either engine.
package main

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"plaza/internal/base/i18n"
	"plaza/internal/base/obs"
	"plaza/internal/base/web"
	"plaza/internal/plaza"
	"plaza/internal/site"
)

//go:embed locale
var locale embed.FS

// version is set by the linker in releases.
var version string

// cli is the command line: settings that every command takes, and the commands.
type cli struct {
	settings

	Serve        serveCmd        `cmd:""`
	Harvest      harvestCmd      `cmd:""`
	Institution  institutionCmd  `cmd:""`
	Import       importCmd       `cmd:""`
	Demo         demoCmd         `cmd:""`
	Migrate      migrateCmd      `cmd:""`
	Reindex      reindexCmd      `cmd:""`
	Backup       backupCmd       `cmd:""`
	Restore      restoreCmd      `cmd:""`
	Doctor       doctorCmd       `cmd:""`
	User         userCmd         `cmd:""`
	Token        tokenCmd        `cmd:""`
	Mail         mailCmd         `cmd:""`
	Bitacora     bitacoraCmd     `cmd:""`
	Cumplimiento cumplimientoCmd `cmd:""`
	Explore      exploreCmd      `cmd:""`
	Version      versionCmd      `cmd:""`
	Worker       workerCmd       `cmd:"" hidden:""`
}

// app is what a command is given.
type app struct {
	ctx      context.Context
	out, err io.Writer
	l        *i18n.Printer
	log      *slog.Logger
	version  string
	settings settings
	model    *kong.Application
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run runs a command line and returns the exit status.
func run(ctx context.Context, args []string, out, errs io.Writer) int {
	bundle, err := i18n.New(append(site.Catalogues(), locale)...)
	if err != nil {
		fmt.Fprintln(errs, "plaza:", err)
		return 1
	}
	a := &app{ctx: ctx, out: out, err: errs, l: bundle.Printer(language()), version: buildVersion()}
	if err := a.command(args); err != nil {
		slog.DebugContext(ctx, "command failed", "error", err)
		fmt.Fprintln(errs, "plaza:", a.say(err))
		return 1
	}
	return 0
}

func (a *app) command(args []string) error {
	var c cli
	parser, err := a.parser(&c)
	if err != nil {
		return err
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	chosen, err := parser.Parse(args)
	if err != nil {
		return err
	}
	a.settings, a.model = c.settings, parser.Model
	cfg, err := c.settings.log()
	if err != nil {
		return err
	}
	a.log = obs.NewLogger(a.err, cfg, web.RequestID)
	slog.SetDefault(a.log)
	return chosen.Run(a)
}

// say puts an error into one line: what an operator can mend in their language with
// its cause, anything else as it is. The cause of a conflict is the store's own words,
// which help nobody who reads the sentence; the debug log has them.
func (a *app) say(err error) string {
	if p, ok := errors.AsType[*kong.ParseError](err); ok {
		if inner, ok := errors.AsType[*plaza.Error](p); ok {
			return a.say(inner)
		}
		return a.l.T("cmd.error.usage", "detail", a.usage(p.Error()))
	}
	e, ok := errors.AsType[*plaza.Error](err)
	if !ok || e.Key == "" {
		return oneLine(err.Error())
	}
	var pairs []any
	for k, v := range e.Args {
		pairs = append(pairs, k, v)
	}
	said := a.l.T(e.Key, pairs...)
	for _, f := range e.Fields {
		pairs = pairs[:0]
		for k, v := range f.Args {
			pairs = append(pairs, k, v)
		}
		said += " " + f.Field + ": " + a.l.T(f.Key, pairs...)
	}
	if e.Cause != nil && e.Kind != plaza.Conflict {
		said += " (" + e.Cause.Error() + ")"
	}
	return oneLine(said)
}

// usage is what is wrong with a command line in the reader's language: the parser has
// English sentences only, of few kinds.
func (a *app) usage(said string) string {
	var pairs []string
	for _, w := range []struct{ said, key string }{ // the longer before what it begins with
		{"missing flags:", "missing"}, {"unknown flag", "flag"}, {"unexpected argument", "argument"},
		{"did you mean one of", "mean_one"}, {"did you mean", "mean"}, {"perhaps try", "mean"}, {"must be one of", "one_of"}, {"but got", "got"},
		{"expected a valid 64 bit int", "number"}, {"expected int value", "number"}, {"expected", "expected"},
	} {
		pairs = append(pairs, w.said, a.l.T("cmd.usage."+w.key))
	}
	return strings.NewReplacer(pairs...).Replace(said)
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// buildVersion is the release, or the commit that this was built from.
func buildVersion() string {
	if version != "" {
		return version
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "dev"
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && len(s.Value) >= 12 {
			return "dev-" + s.Value[:12]
		}
	}
	return "dev"
}

type versionCmd struct{}

// Run prints the version.
func (versionCmd) Run(a *app) error {
	_, err := fmt.Fprintln(a.out, "plaza", a.version)
	return err
}
