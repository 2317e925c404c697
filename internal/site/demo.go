package site

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/i18n"
	"plaza/internal/base/web"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
	"plaza/internal/section/catalog/harvest"
	"plaza/internal/site/demo"
	"plaza/internal/site/home"
)

// PlayDemo plays the demonstration into an installation's store, up to the present
// instant of its configuration, and returns how many acts were played. It opens the
// site with a clock that stands at each act.
func PlayDemo(ctx context.Context, cfg Config, ifEmpty bool, progress func(done, total int)) (played int, err error) {
	if cfg.Now.IsZero() {
		cfg.Now = db.RealClock().Now()
	}
	cfg.Frozen = true
	until := cfg.Now
	s, err := Open(ctx, cfg)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if err := s.moveDemo(ctx); err != nil {
		return 0, err
	}
	stage := &demo.Stage{DB: s.DB, Harvester: s.Harvester, Runner: s.Runner, Signer: s.Signer,
		BaseURL: s.Config.BaseURL, Progress: progress,
		People: &demo.People{Comments: s.Comments, Moderation: s.Moderation, Cards: objects, Tell: s.Follow.Tell, Tools: s.Tools,
			Talk: &demo.Conversation{Cases: s.Cases, Commitments: s.Commitments, Disclosures: s.Disclosures, Forum: s.Forum, Score: s.Scores.Read}}}
	if s.Engine != nil {
		stage.People.Talk.Explore = s.Explore
	}
	return stage.Play(ctx, until, ifEmpty)
}

// demoWhen is the instant as of which the demonstration's sources answer, and when its
// story ends; a store that cannot be read now is taken for one without a story.
func (s *Site) demoWhen() (now, end time.Time) {
	ctx, cancel := context.WithTimeout(context.Background(), lookWithin)
	defer cancel()
	end, err := demo.End(ctx, s.DB)
	if err != nil {
		s.Log.WarnContext(ctx, "looking for the end of the demonstration", "err", err)
	}
	return s.DB.Now(), end
}

// demoHosts serves the demonstration's sources from inside the process, with what
// their catalogues and files were at the clock's instant, under the address by which they
// are asked for: a command with another configuration than the server's changes none.
func (s *Site) demoHosts() (map[string]http.Handler, error) {
	catalogs, err := demo.Catalogs()
	if err != nil {
		return nil, err
	}
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		demo.HandlerAt(r.URL.Scheme+"://"+r.Host, s.demoWhen).ServeHTTP(w, r)
	})
	hosts := make(map[string]http.Handler, len(catalogs))
	for _, c := range catalogs {
		hosts[demo.SourceID(c)] = handler
	}
	return hosts, nil
}

// moveDemo brings the demonstration's stored addresses to the configured one. They
// stand in the store, because to it the demonstration's catalogues are like any
// others, and an installation's address is another one from one day to the next.
func (s *Site) moveDemo(ctx context.Context) error {
	sources, err := s.demoSources(ctx)
	if err != nil {
		return err
	}
	for _, src := range sources {
		if src.base == s.Config.BaseURL {
			continue
		}
		if err := s.Harvester.Rebase(ctx, src.Source, src.base+demo.Prefix, s.Config.BaseURL+demo.Prefix); err != nil {
			return err
		}
	}
	return nil
}

// demoSource is a source of the demonstration with the site's address in its own.
type demoSource struct {
	harvest.Source
	base string
}

// demoSources are those that are in the store.
func (s *Site) demoSources(ctx context.Context) ([]demoSource, error) {
	catalogs, err := demo.Catalogs()
	if err != nil {
		return nil, err
	}
	var out []demoSource
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		for _, c := range catalogs {
			switch src, err := harvest.SourceByID(tx, demo.SourceID(c)); {
			case err == nil:
				out = append(out, demoSource{src, strings.TrimSuffix(src.URL, c.Path)})
			case plaza.KindOf(err) != plaza.NotFound:
				return err
			}
		}
		return nil
	})
	return out, err
}

// lookWithin bounds how long a page waits to learn whether the demonstration is there.
const lookWithin = time.Second

// demoThere tells whether the store holds the demonstration. It looks again when the
// record has moved, which is when the demonstration may have come; cached pages are
// made anew then too. What was there once is there for ever: sources do not go.
func (s *Site) demoThere(w *record.Watcher) func() bool {
	var mu sync.Mutex
	there, seq := false, int64(-1)
	return func() bool {
		now := w.Position()
		mu.Lock()
		defer mu.Unlock()
		if there || now == seq {
			return there
		}
		ctx, cancel := context.WithTimeout(context.Background(), lookWithin)
		defer cancel()
		sources, err := s.demoSources(ctx)
		seq = now
		if err != nil { // pages do not queue for a store that is away: the next act looks again
			s.Log.WarnContext(ctx, "looking for the demonstration", "err", err)
			return false
		}
		there = len(sources) > 0
		return there
	}
}

// notices say in the footer what is not real here: the clock, the demonstration.
func (s *Site) notices(demoThere func() bool) func(l *i18n.Printer) []web.Notice {
	return func(l *i18n.Printer) (out []web.Notice) {
		if !s.Config.Now.IsZero() {
			out = append(out, web.Notice{Text: l.T("site.clock_set", "instant", l.DateTime(s.Config.Now))})
		}
		if demoThere() {
			out = append(out, web.Notice{Text: l.T("site.demo"), Link: "/acerca#" + demoSection, Action: l.T("site.demo.go")})
		}
		return out
	}
}

// demoSection is the anchor of what the page about the site says of the demonstration.
const demoSection = "demostracion"

// aboutDemo names, on the page about the site, every source of the demonstration.
func aboutDemo(there func() bool) func(l *i18n.Printer) ([]home.Section, error) {
	return func(l *i18n.Printer) ([]home.Section, error) {
		if !there() {
			return nil, nil
		}
		sources, err := demo.FileSources()
		if err != nil {
			return nil, fmt.Errorf("naming the demonstration's sources: %w", err)
		}
		section := home.Section{ID: demoSection, Title: l.T("site.demo.title"), Text: []string{l.T("site.demo.1"), l.T("site.demo.2")}}
		for _, o := range sources.Origins {
			if o.URL != "" { // else it was written for the demonstration
				section.Links = append(section.Links, web.NavLink{Path: o.URL, Label: l.T("site.demo.source",
					"repository", o.Repository, "institution", o.Institution, "license", o.License, "holder", o.Holder)})
			}
		}
		slices.SortFunc(section.Links, func(a, b web.NavLink) int { return strings.Compare(a.Label, b.Label) })
		section.Links = append(section.Links, web.NavLink{Path: demo.SourcesPath, Label: l.T("site.demo.all")})
		return []home.Section{section}, nil
	}
}
