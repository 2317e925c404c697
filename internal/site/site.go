// Package site builds Plaza from its parts. It is the only package that knows them
// all: which sections there are, what each is given, what the demonstration plays
// and what a process runs. A new section is one line in web.go.
package site

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"plaza/internal/base/blob"
	"plaza/internal/base/db"
	"plaza/internal/base/fetch"
	"plaza/internal/base/i18n"
	"plaza/internal/base/job"
	"plaza/internal/base/mail"
	"plaza/internal/base/obs"
	"plaza/internal/base/secret"
	"plaza/internal/base/tabular/child"
	"plaza/internal/civic/account"
	"plaza/internal/civic/comment"
	"plaza/internal/civic/commitment"
	"plaza/internal/civic/disclosure"
	"plaza/internal/civic/follow"
	"plaza/internal/civic/gate"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/membership"
	"plaza/internal/civic/moderation"
	"plaza/internal/civic/outbox"
	"plaza/internal/civic/privacy"
	"plaza/internal/civic/record"
	"plaza/internal/civic/search"
	"plaza/internal/civic/webhook"
	"plaza/internal/plaza"
	"plaza/internal/section/cases"
	"plaza/internal/section/cases/inbox"
	"plaza/internal/section/cases/score"
	"plaza/internal/section/cases/turn"
	"plaza/internal/section/catalog/harvest"
	"plaza/internal/section/explore"
	"plaza/internal/section/explore/cache"
	"plaza/internal/section/forum"
	"plaza/internal/section/tool"
	"plaza/internal/section/tool/kept"
	toolscreen "plaza/internal/section/tool/screen"
	"plaza/internal/site/settings"
)

// Config is one installation's configuration; docs/configuracion.md is its table.
type Config struct {
	Addr         string // PLAZA_ADDR
	AdminAddr    string // PLAZA_ADMIN_ADDR, "" for none
	Data         string // PLAZA_DATA: directory of the embedded store and files
	DSN          string // PLAZA_DB, "" for SQLite in Data
	Blob         string // PLAZA_BLOB, "" for a directory in Data
	BaseURL      string // PLAZA_BASE_URL, "" for http:// and Addr
	SMTP         string // PLAZA_SMTP
	Secret       string // PLAZA_SECRET
	OTLP         string // PLAZA_OTLP
	Allow        []netip.Prefix
	Proxies      []netip.Prefix // peers whose X-Forwarded-* headers are believed
	Now          time.Time      // PLAZA_NOW, zero for the real time
	Frozen       bool           // the clock stands at Now until it is moved: the demo's
	KeepVersions int            // PLAZA_KEEP_VERSIONS: of each resource, 0 for the explorer's default
	// Worker is how a process is started that opens other people's files; nil: none is, and
	// resources have no table. Its zero value is this binary.
	Worker  *child.Command
	Room    int64 // bytes that the memory of the serving process is held to, where it is not the site's alone
	Version string
	Log     *slog.Logger
}

// Site is the parts of a running Plaza. Commands use them as pages do.
type Site struct {
	Config      Config
	DB          *db.DB
	Blob        blob.Store
	Mail        *mail.Sender
	Bundle      *i18n.Bundle
	Outbox      *outbox.Outbox
	Gate        *gate.Gate
	Accounts    *account.Accounts
	Moderation  *moderation.Desk
	Disclosures *disclosure.Reports
	Forum       *forum.Forum
	Tools       *tool.Tools
	toolKept    *kept.Kept        // nil where nothing is opened
	toolScreens *toolscreen.Pages // as toolKept
	Hooks       *webhook.Hooks
	Cases       *cases.Cases
	Scores      *score.Scores
	Turns       *turn.Turns
	Comments    *comment.Comments
	// Commitments are what institutions promised.
	Commitments *commitment.Commitments
	Members     *membership.Members
	Follow      *follow.Service
	Harvester   *harvest.Harvester
	// Engine opens files as tables; nil where this process cannot.
	Engine  child.Engine
	workers *child.Workers
	tables  *cache.Cache
	Explore *explore.Section
	// Successions renames and ends institutions.
	Successions *institution.Successions
	Runner      *job.Runner
	Search      *search.Engine
	Signer      *record.Signer
	Holdings    privacy.Registry // what is kept of people, in the order in which it is shown
	Metrics     *obs.Metrics
	Log         *slog.Logger
	client      *fetch.Client
	keeper      atomic.Pointer[settings.Keeper] // of what may change while it runs, once there are pages
	secret      secret.Root
}

// Open opens the store, migrated to this version, and makes the parts. Nothing runs
// yet. Close it afterwards. Errors that an operator can mend are plaza.Errors.
func Open(ctx context.Context, cfg Config) (*Site, error) {
	if err := cfg.Complete(); err != nil {
		return nil, err
	}
	s := &Site{Config: cfg, Log: cfg.Log, Metrics: obs.NewMetrics(cfg.Version)}
	if err := os.MkdirAll(cfg.Data, 0o700); err != nil {
		return nil, fmt.Errorf("making the data directory: %w", err)
	}
	var err error
	if s.secret, err = secret.Load(cfg.Secret, cfg.Data, !strings.HasPrefix(cfg.DSN, "sqlite:")); err != nil {
		return nil, err
	}
	if s.DB, err = db.Open(ctx, cfg.DSN, db.Options{Clock: cfg.clock()}); err != nil {
		return nil, err
	}
	if _, err := s.DB.Migrate(ctx); err != nil {
		return nil, errors.Join(err, s.DB.Close())
	}
	if err := s.parts(ctx); err != nil {
		return nil, errors.Join(err, s.DB.Close())
	}
	return s, nil
}

// Close closes the store.
func (s *Site) Close() error {
	s.stopExploring()
	if err := s.Tools.StoreVisits(context.Background()); err != nil {
		s.Log.Warn("counting visits of tools", "err", err)
	}
	return s.DB.Close()
}

// Complete fills what follows from the rest and refuses what contradicts itself.
func (c *Config) Complete() error {
	if c.Log == nil {
		c.Log = slog.Default()
	}
	if c.Addr == "" {
		c.Addr = "localhost:8080"
	}
	if c.Data == "" {
		c.Data = "data"
	}
	if c.DSN == "" {
		c.DSN = "sqlite:" + filepath.Join(c.Data, "plaza.db")
	}
	if c.Blob == "" {
		dir, err := filepath.Abs(filepath.Join(c.Data, "files"))
		if err != nil {
			return fmt.Errorf("finding the data directory: %w", err)
		}
		c.Blob = (&url.URL{Scheme: "file", Path: dir}).String()
	}
	if c.BaseURL == "" {
		c.BaseURL = "http://" + strings.Replace(c.Addr, "0.0.0.0", "localhost", 1)
		if strings.HasPrefix(c.Addr, ":") {
			c.BaseURL = "http://localhost" + c.Addr
		}
	}
	c.BaseURL = strings.TrimRight(c.BaseURL, "/")
	if !c.Now.IsZero() && !c.Frozen && !Loopback(c.Addr) {
		return plaza.E(plaza.Invalid, "site.error.now_not_loopback")
	}
	return nil
}

func (c *Config) clock() *db.Clock {
	switch {
	case c.Now.IsZero():
		return db.RealClock()
	case c.Frozen:
		return db.FrozenAt(c.Now)
	default:
		return db.StartingAt(c.Now)
	}
}

// Loopback reports whether an address to listen on is reached from this machine only.
func Loopback(addr string) bool {
	host, _, found := strings.Cut(addr, ":")
	if !found || host == "" {
		return false
	}
	if strings.HasPrefix(addr, "[::1]:") || host == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}

func (s *Site) parts(ctx context.Context) error {
	var err error
	if s.Bundle, err = i18n.New(Catalogues()...); err != nil {
		return err
	}
	if s.Blob, err = blob.Open(ctx, s.Config.Blob); err != nil {
		return err
	}
	if s.Mail, err = mail.Open(s.Config.SMTP); err != nil {
		return err
	}
	base, err := url.Parse(s.Config.BaseURL)
	if err != nil || base.Host == "" {
		return plaza.E(plaza.Invalid, "site.error.base_url")
	}
	if s.Signer, err = record.NewSigner(base.Hostname(), s.secret.Derive(secret.Checkpoints, 32)); err != nil {
		return err
	}
	if err = s.Signer.Adopt(ctx, s.DB); err != nil {
		return err
	}
	s.client = fetch.New(fetch.Config{
		Allow: s.Config.Allow, UserAgent: fetch.UserAgent(s.Config.Version, s.Config.BaseURL),
	})
	local, err := s.demoHosts()
	if err != nil {
		return err
	}
	s.Harvester = harvest.New(harvest.Config{DB: s.DB, Client: s.client, Local: local, Noticed: s.noticed})
	s.Search = search.New()
	s.people(base.Hostname())
	s.explore(local)
	s.Runner = job.NewRunner(s.DB, job.Config{
		Queues: map[string]int{harvest.Queue: 2, follow.Queue: 1, outbox.Queue: 1, inbox.Queue: 1, explore.Queue: 3, kept.Queue: 1}, Log: s.Log,
		Observe: func(i job.Info, took time.Duration) { s.Metrics.Job(i.Kind, string(i.State), took) },
	})
	s.Harvester.Handle(s.Runner)
	s.peopleWork()
	s.inbox().Handle(s.Runner)
	if s.Engine != nil {
		s.Explore.Work(s.Runner)
		s.toolKept = s.toolsKept()
		s.toolKept.Work(s.Runner)
	}
	s.Runner.Handle(checkpointArgs{}.Kind(), s.checkpoint)
	return nil
}

// checkpointArgs are those of the daily job that signs the record.
type checkpointArgs struct{}

func (checkpointArgs) Kind() string { return "record.checkpoint" }

func (s *Site) checkpoint(ctx context.Context, _ *job.Job) error {
	_, err := s.Signer.Checkpoint(ctx, s.DB)
	return err
}
