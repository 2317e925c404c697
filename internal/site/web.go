package site

import (
	"context"
	"embed"
	"io/fs"
	"net/http"
	"strings"

	"plaza/internal/base/api"
	"plaza/internal/base/backup"
	"plaza/internal/base/blob"
	"plaza/internal/base/db"
	"plaza/internal/base/fetch"
	"plaza/internal/base/i18n"
	"plaza/internal/base/image"
	"plaza/internal/base/job"
	"plaza/internal/base/mail"
	"plaza/internal/base/obs"
	"plaza/internal/base/secret"
	"plaza/internal/base/tabular"
	"plaza/internal/base/tabular/form"
	"plaza/internal/base/tabular/query"
	"plaza/internal/base/web"
	"plaza/internal/civic/access"
	"plaza/internal/civic/account"
	"plaza/internal/civic/account/central"
	"plaza/internal/civic/account/mine"
	"plaza/internal/civic/calendar"
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
	"plaza/internal/section/basemap"
	"plaza/internal/section/cases"
	"plaza/internal/section/cases/desk"
	"plaza/internal/section/cases/inbox"
	"plaza/internal/section/cases/score"
	"plaza/internal/section/cases/turn"
	"plaza/internal/section/catalog"
	"plaza/internal/section/catalog/ckanapi"
	"plaza/internal/section/catalog/dcat"
	"plaza/internal/section/catalog/harvest"
	"plaza/internal/section/catalog/readapi"
	"plaza/internal/section/explore"
	"plaza/internal/section/explore/exploreapi"
	exploreoffice "plaza/internal/section/explore/office"
	"plaza/internal/section/explore/screen"
	"plaza/internal/section/explore/tiles"
	"plaza/internal/section/forum"
	"plaza/internal/section/tool"
	"plaza/internal/section/tool/drawing"
	"plaza/internal/section/tool/reckon"
	toolscreen "plaza/internal/section/tool/screen"
	"plaza/internal/section/tool/sentence"
	"plaza/internal/section/tool/showing"
	"plaza/internal/section/tool/spec"
	"plaza/internal/section/tool/suggest"
	"plaza/internal/section/tool/toolapi"
	"plaza/internal/section/tool/vegalite"
	"plaza/internal/section/tool/wording"
	"plaza/internal/section/tool/workshop"
	"plaza/internal/site/admin"
	"plaza/internal/site/demo"
	"plaza/internal/site/home"
	"plaza/internal/site/me"
	"plaza/internal/site/settings"
	"plaza/ui"
)

//go:embed locale/*.json
var locale embed.FS

// Catalogues are the sentences of every part, in Spanish and English.
func Catalogues() []fs.FS {
	return []fs.FS{
		web.Locale, db.Locale, job.Locale, blob.Locale, fetch.Locale, image.Locale, mail.Locale, secret.Locale,
		backup.Locale, api.Locale, tabular.Locale, query.Locale, form.Locale, screen.Locale, exploreoffice.Locale,
		access.Locale, account.Locale, calendar.Locale, central.Locale, comment.Locale, commitment.Locale, disclosure.Locale, follow.Locale, gate.Locale,
		institution.Locale, membership.Locale, mine.Locale, moderation.Locale, outbox.Locale, privacy.Locale,
		record.Locale, search.Locale, webhook.Locale,
		basemap.Locale, cases.Locale, turn.Locale, desk.Locale, inbox.Locale, score.Locale, catalog.Locale, dcat.Locale, harvest.Locale, explore.Locale, exploreapi.Locale, tiles.Locale, forum.Locale, readapi.Locale, ckanapi.Locale,
		tool.Locale, spec.Locale, suggest.Locale, reckon.Locale, wording.Locale, drawing.Locale, showing.Locale, sentence.Locale, vegalite.Locale, toolscreen.Locale, toolapi.Locale, workshop.Locale,
		home.Locale, admin.Locale, me.Locale, settings.Locale, locale,
	}
}

// Pages is every page and interface, ready to be served.
type Pages struct{ Shell *web.Shell }

// Pages builds the pages on the parts. watcher tells when cached pages are stale.
func (s *Site) Pages(watcher *record.Watcher) (*Pages, error) {
	there := s.demoThere(watcher)
	keeper, err := settings.Keep(context.Background(), s.DB, watcher, s.names)
	if err != nil {
		return nil, err
	}
	s.keeper.Store(keeper)
	shell, err := web.New(web.Config{
		Unread:   s.unread,
		Identity: func() (string, string) { v := keeper.Values(); return v.Name(), v.Owner },
		BaseURL:  s.Config.BaseURL, Bundle: s.Bundle, Assets: ui.Dist(), Icons: ui.Icons(),
		Now: s.DB.Now, Notices: s.notices(there), Build: s.Config.Version,
		Version:       s.version(watcher),
		SessionCookie: s.Accounts.SessionCookie(), Authenticate: s.Accounts.Authenticate,
		Authorize: authorize(keeper), Closed: closed(keeper), TrustedProxies: s.Config.Proxies, Log: s.Log,
		Observe: func(ctx context.Context, route *web.Route, method string, a web.Answer) {
			obs.SetRoute(ctx, route.Pattern)
			s.Metrics.Request(path(route.Pattern), method, a.Status, a.Elapsed)
		},
	})
	if err != nil {
		return nil, err
	}
	logos := institution.NewLogos(s.DB, s.Blob)
	office := institution.NewOffice(s.DB, shell)
	screens := s.screen()
	for _, mount := range []func(*web.Shell) error{
		home.New(home.Deps{DB: s.DB, Search: s.Search, Cards: cards, About: aboutDemo(there), Answers: s.answers, Tools: s.homeTools}).Mount,
		s.catalog(screens).Mount,
		basemap.New().Mount,
		s.tiles,
		func(shell *web.Shell) error {
			if screens == nil {
				return nil
			}
			return screens.Mount(shell)
		},
		func(shell *web.Shell) error { return s.exploreOffice().Mount(shell, office) },
		institution.NewPages(s.DB, office, s.Successions).Mount,
		calendar.NewPages(s.DB, office).Mount,
		harvest.NewPages(s.DB, s.Harvester).In(office).Mount,
		s.record().Mount,
		func(shell *web.Shell) error {
			return access.Mount(shell, func() []string { return keeper.Values().Off })
		},
		settings.NewPages(s.DB).Mount,
		s.me().Mount,
		s.Accounts.Mount,
		s.mine().Mount,
		central.New(central.Deps{DB: s.DB, Accounts: s.Accounts, Methods: account.Methods}).Mount,
		func(shell *web.Shell) error {
			return privacy.Mount(shell, privacy.PageConfig{Holdings: s.Holdings, Contact: func() string { return keeper.Values().Privacy }})
		},
		s.Follow.Mount,
		outbox.NewPages(s.Outbox, s.BounceToken()).Mount,
		logos.Mount,
		func(shell *web.Shell) error { return s.Members.Mount(shell, office) },
		s.Moderation.Mount,
		func(shell *web.Shell) error { return s.Turns.Mount(shell, office) },
		admin.New(admin.Deps{DB: s.DB, Logos: logos, Waiting: s.waiting}).Mount,
		s.Comments.Mount,
		s.Forum.Mount,
		s.toolPages,
		func(shell *web.Shell) error { return s.Disclosures.Mount(shell, office) },
		func(shell *web.Shell) error { return s.Hooks.Mount(shell, office) },
		s.Cases.MountAsk,
		s.Cases.MountKnown,
		func(shell *web.Shell) error { return s.Commitments.Mount(shell, office) },
		func(shell *web.Shell) error { return s.desk().Mount(shell, office) },
		s.Cases.Mount,
		func(shell *web.Shell) error { return s.inbox().Mount(shell, office) },
		s.Scores.Mount,
		s.interfaces,
	} {
		if err := mount(shell); err != nil {
			return nil, err
		}
	}
	s.Comments.Inbox(office)
	return &Pages{shell}, nil
}

// authorize asks the table of permissions, once it is sure that the feature is not off.
func authorize(k *settings.Keeper) func(context.Context, string) error {
	return func(ctx context.Context, action string) error {
		if err := access.Closed(k.Values().Off, access.Action(action)); err != nil {
			return err
		}
		return account.Authorize(ctx, action)
	}
}

// closed tells which actions belong to a feature that is off.
func closed(k *settings.Keeper) func(string) bool {
	return func(action string) bool { return access.Closed(k.Values().Off, access.Action(action)) != nil }
}

// names calls things as the installation does.
func (s *Site) names(v settings.Values) {
	s.Bundle.Override(map[string]string{"access.role.admin": v.Coordination, "record.role.admin": v.Coordination})
}

// name is what this place is called now. Commands, which have no pages and so no keeper
// of the settings, read it from the store.
func (s *Site) name() string {
	if k := s.keeper.Load(); k != nil {
		return k.Values().Name()
	}
	var v settings.Values
	if err := s.DB.Read(context.Background(), func(tx *db.Tx) (err error) {
		v, _, err = settings.Load(tx)
		return err
	}); err != nil {
		s.Log.Warn("reading what this place is called", "err", err)
	}
	return v.Name()
}

// interfaces mounts what machines read.
func (s *Site) interfaces(shell *web.Shell) error {
	a, err := api.New(shell, api.Config{Action: string(access.SiteRead), Brake: s.Accounts.BrakeWrites})
	if err != nil {
		return err
	}
	s.Comments.API(a)
	s.Cases.API(a)
	s.Scores.API(a)
	s.Follow.API(a)
	toolapi.Mount(a, toolapi.Deps{DB: s.DB, Shell: shell, Tools: s.Tools, View: s.toolView(), Kept: s.toolViewKept(), Cards: cards})
	readapi.Mount(a, readapi.Deps{DB: s.DB, Search: s.Search, Shell: shell, Cards: cards, Tables: s.tablesAPI(a, shell)})
	s.mine().Interface(a)
	ckanapi.Mount(a, ckanapi.Deps{DB: s.DB, Search: s.Search, Shell: shell})
	return nil
}

// answers is how well institutions answer, for the first page.
func (s *Site) answers(tx *db.Tx, l *i18n.Printer) (number, label, path string, err error) {
	h, err := s.Scores.Headline(tx, l)
	return h.Number, h.Label, h.Path, err
}

// forum is where people talk of what belongs to no dataset, by the themes of all datasets.
func (s *Site) forum() *forum.Forum {
	return forum.New(forum.Deps{DB: s.DB, Gate: s.Gate, Comments: s.Comments, Question: cases.OfferOf,
		Around: func(tx *db.Tx, page web.Page, object plaza.Card) (web.Around, error) {
			return s.Follow.Around(tx, page, object)
		},
		Themes: func(*db.Tx) ([]string, error) {
			found, err := s.Search.Search(search.Query{Filters: map[string][]string{search.KindFacet: {catalog.KindDataset}}, Facets: []string{catalog.FacetTheme}, MaxValues: 200, Limit: 1})
			out := make([]string, len(found.Facets[catalog.FacetTheme]))
			for i, c := range found.Facets[catalog.FacetTheme] {
				out[i] = c.Value
			}
			return out, err
		}})
}

// mine are the pages of one's own account.
func (s *Site) mine() *mine.Pages {
	return mine.New(mine.Deps{DB: s.DB, Accounts: s.Accounts, Holdings: s.Holdings})
}

// path is a pattern without its method.
func path(pattern string) string {
	if _, p, ok := strings.Cut(pattern, " "); ok {
		return p
	}
	return pattern
}

func (s *Site) catalog(screens *screen.Pages) *catalog.Section {
	return catalog.New(catalog.Deps{
		DB: s.DB, Search: s.Search, Cards: cards, Around: s.aroundObject, Said: said, Named: cases.Named, Opened: s.opened(screens), Tables: s.openTables(screens),
		Origin: func(tx *db.Tx, source string) (catalog.Origin, error) {
			src, err := harvest.SourceByID(tx, source)
			if err != nil {
				return catalog.Origin{}, err
			}
			return origin(tx, src)
		},
		OriginsOf: func(tx *db.Tx, institution string) ([]catalog.Origin, error) {
			all, err := harvest.Sources(tx)
			if err != nil {
				return nil, err
			}
			var out []catalog.Origin
			for _, src := range all {
				if src.InstitutionID != institution {
					continue
				}
				o, err := origin(tx, src)
				if err != nil {
					return nil, err
				}
				out = append(out, o)
			}
			return out, nil
		},
	})
}

// desk is where institutions work on one case.
func (s *Site) desk() *desk.Desk {
	return desk.New(desk.Deps{
		DB: s.DB, Cases: s.Cases, Cards: things, Kinds: []string{catalog.KindDataset, catalog.KindResource}, Search: s.Search,
		Find: catalog.Find,
		Files: func(tx *db.Tx, c cases.Case) ([]desk.File, error) {
			all, err := cases.Files(tx, c.ID)
			var out []desk.File
			for _, f := range all {
				if f.Place != cases.FileOfDraft { // those are with their draft, for its institution
					out = append(out, desk.File{Name: f.Name, Path: f.Path(c.Folio), Bytes: f.Size})
				}
			}
			return out, err
		},
	})
}

// origin is what the catalogue's pages say of a source.
func origin(tx *db.Tx, s harvest.Source) (catalog.Origin, error) {
	o := catalog.Origin{ID: s.ID, Title: s.Title, URL: s.Address(), Path: s.Path(), State: s.StateKey(),
		Retired: s.State == harvest.Retired}
	last, err := harvest.LastWhole(tx, s.ID)
	if err != nil {
		if plaza.KindOf(err) == plaza.NotFound {
			return o, nil
		}
		return o, err
	}
	o.SeenAt, o.RunPath = last.FinishedAt, last.Path()
	return o, nil
}

func (s *Site) record() *record.Pages {
	return record.NewPages(record.PagesConfig{
		DB: s.DB, Cards: cards, PublicKey: s.Signer.PublicKey(),
		Institutions: func(tx *db.Tx) ([]record.Choice, error) {
			all, err := institution.All(tx)
			if err != nil {
				return nil, err
			}
			old, err := institution.OldSlugs(tx)
			was := map[string][]string{}
			for slug, id := range old {
				was[id] = append(was[id], slug)
			}
			out := make([]record.Choice, len(all))
			for i, in := range all {
				out[i] = record.Choice{ID: in.ID, Slug: in.Slug, Name: in.Name, Was: was[in.ID]}
			}
			return out, err
		},
	})
}

// demoFiles are the demonstration's files and catalogues as of now.
func (s *Site) demoFiles() http.Handler { return demo.HandlerAt(s.Config.BaseURL, s.demoWhen) }

// things resolves what cases can be about; objects, what can be spoken about; cards, all that the record and the search
// name.
var (
	things  = record.JoinCards(catalog.Cards, harvest.Cards, tool.Cards)
	objects = record.JoinCards(things, cases.Cards(things), forum.Cards)
	cards   = record.JoinCards(objects, comment.Cards(objects), commitment.Cards(objects), membership.Cards, moderation.Cards)
)
