package comment

import (
	"net/http"
	"time"

	"plaza/internal/base/atom"
	"plaza/internal/base/db"
	"plaza/internal/base/i18n"
	"plaza/internal/base/text"
	"plaza/internal/civic/account"
	"plaza/internal/civic/institution"
	"plaza/internal/plaza"
)

// feed is what is said under an object.
func (cs *Comments) feed(w http.ResponseWriter, r *http.Request) error {
	l := cs.shell.Printer(r)
	var f atom.Feed
	if err := cs.DB.Read(r.Context(), func(tx *db.Tx) error {
		on, err := cs.object(tx, r)
		if err != nil {
			return err
		}
		list, err := public(tx, on.Ref, Key{}, shownInFeed)
		if err != nil {
			return err
		}
		path := ThreadPath(on.Ref)
		f = cs.atom(l, path+"/atom.xml", path, l.T("comment.feed.title", "title", on.Title), on.Modified)
		cs.entries(l, &f, list, map[plaza.Ref]plaza.Card{on.Ref: on})
		return nil
	}); err != nil {
		return err
	}
	return atom.Write(w, f)
}

// feedOf is the feed of everything about an institution whose page has the path.
func feedOf(path string) string { return "/comentarios" + path + "/atom.xml" }

// institutionFeed is what is said about all that an institution answers for.
func (cs *Comments) institutionFeed(w http.ResponseWriter, r *http.Request) error {
	l := cs.shell.Printer(r)
	var f atom.Feed
	if err := cs.DB.Read(r.Context(), func(tx *db.Tx) error {
		i, err := institution.BySlug(tx, r.PathValue("institution"))
		if err != nil {
			if plaza.KindOf(err) == plaza.NotFound {
				return plaza.E(plaza.NotFound, "comment.error.no_object")
			}
			return err
		}
		list, err := latestOf(tx, i.ID, shownInFeed)
		if err != nil {
			return err
		}
		refs := make([]plaza.Ref, len(list))
		for n, c := range list {
			refs[n] = c.On
		}
		cards, err := cs.Cards(tx, refs)
		if err != nil {
			return err
		}
		f = cs.atom(l, feedOf(i.Path()), i.Path(), l.T("comment.feed.institution", "institution", i.Name), i.UpdatedAt)
		cs.entries(l, &f, list, cards)
		return nil
	}); err != nil {
		return err
	}
	return atom.Write(w, f)
}

// atom begins a feed. Officials are named in it as institutions and roles, people not at
// all: feeds are copied everywhere and cannot be called back. since is when it was begun,
// for one without entries.
func (cs *Comments) atom(l *i18n.Printer, self, page, title string, since time.Time) atom.Feed {
	return atom.Feed{Lang: l.Lang(), Title: title, Since: since, Author: l.T("comment.feed.author"), Self: cs.shell.URL(self), Page: cs.shell.URL(page)}
}

// entries adds public comments to a feed.
func (cs *Comments) entries(l *i18n.Printer, f *atom.Feed, list []Comment, cards map[plaza.Ref]plaza.Card) {
	for _, c := range list {
		on, ok := cards[c.On]
		if !ok || !on.Visible {
			continue
		}
		e := atom.Entry{ID: "urn:uuid:" + c.ID, Title: l.T("comment.one.title", "title", on.Title), Updated: c.written(), Published: c.Published,
			Author: l.T(account.Nobody), Link: cs.shell.URL(c.Path()), HTML: string(text.Markdown(c.Body))}
		if c.Official() {
			e.Author = l.T("comment.feed.official", "institution", bodyName(l, c.Voice), "role", roleWords(l, c.Voice))
			e.Category = "official"
		}
		if c.Root != "" {
			e.Answers = atom.Answered{ID: "urn:uuid:" + c.Root, Link: cs.shell.URL("/comentarios/" + c.Root)}
		}
		f.Entries = append(f.Entries, e)
	}
}
