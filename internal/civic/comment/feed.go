package comment

import (
	"encoding/xml"
	"fmt"
	"net/http"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/i18n"
	"plaza/internal/base/text"
	"plaza/internal/civic/account"
	"plaza/internal/civic/institution"
	"plaza/internal/plaza"
)

const atomType = "application/atom+xml"

// atomFeed is a feed of comments (RFC 4287, threads by RFC 4685). Officials are named as
// institutions and roles, people not at all: feeds are copied everywhere and cannot be
// called back.
type atomFeed struct {
	XMLName  xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
	Lang     string      `xml:"xml:lang,attr"`
	ID       string      `xml:"id"`
	Title    string      `xml:"title"`
	Subtitle string      `xml:"subtitle,omitempty"`
	Updated  string      `xml:"updated"`
	Author   *atomAuthor `xml:"author"`
	Links    []atomLink  `xml:"link"`
	Entries  []atomEntry `xml:"entry"`
}

type atomAuthor struct {
	Name string `xml:"name"`
}

type atomLink struct {
	Rel  string `xml:"rel,attr"`
	Type string `xml:"type,attr"`
	Href string `xml:"href,attr"`
}

type atomEntry struct {
	ID        string       `xml:"id"`
	Title     string       `xml:"title"`
	Updated   string       `xml:"updated"`
	Published string       `xml:"published"`
	Author    atomAuthor   `xml:"author"`
	Link      atomLink     `xml:"link"`
	Category  *atomTerm    `xml:"category"`
	Answers   *atomAnswers `xml:"http://purl.org/syndication/thread/1.0 in-reply-to"`
	Content   atomContent  `xml:"content"`
}

type atomTerm struct {
	Term string `xml:"term,attr"`
}

type atomAnswers struct {
	Ref  string `xml:"ref,attr"`
	Href string `xml:"href,attr"`
}

type atomContent struct {
	Type string `xml:"type,attr"`
	HTML string `xml:",chardata"`
}

// feed is what is said under an object.
func (cs *Comments) feed(w http.ResponseWriter, r *http.Request) error {
	l := cs.shell.Printer(r)
	var f atomFeed
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
	return writeAtom(w, f)
}

// feedOf is the feed of everything about an institution whose page has the path.
func feedOf(path string) string { return "/comentarios" + path + "/atom.xml" }

// institutionFeed is what is said about all that an institution answers for.
func (cs *Comments) institutionFeed(w http.ResponseWriter, r *http.Request) error {
	l := cs.shell.Printer(r)
	var f atomFeed
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
	return writeAtom(w, f)
}

// atom begins a feed. since is when it was begun, for one without entries.
func (cs *Comments) atom(l *i18n.Printer, self, page, title string, since time.Time) atomFeed {
	return atomFeed{Lang: l.Lang(), ID: cs.shell.URL(self), Title: title, Updated: instant(since),
		Author: &atomAuthor{l.T("comment.feed.author")},
		Links: []atomLink{{"self", atomType, cs.shell.URL(self)},
			{"alternate", "text/html", cs.shell.URL(page)}}}
}

// entries adds public comments to a feed.
func (cs *Comments) entries(l *i18n.Printer, f *atomFeed, list []Comment, cards map[plaza.Ref]plaza.Card) {
	var newest time.Time
	for _, c := range list {
		on, ok := cards[c.On]
		if !ok || !on.Visible {
			continue
		}
		e := atomEntry{ID: "urn:uuid:" + c.ID, Title: l.T("comment.one.title", "title", on.Title), Updated: instant(c.written()),
			Published: instant(c.Published), Author: atomAuthor{l.T(account.Nobody)},
			Link:    atomLink{"alternate", "text/html", cs.shell.URL(c.Path())},
			Content: atomContent{"html", string(text.Markdown(c.Body))}}
		if c.Official() {
			e.Author.Name = l.T("comment.feed.official", "institution", bodyName(l, c.Voice), "role", roleWords(l, c.Voice))
			e.Category = &atomTerm{"official"}
		}
		if c.Root != "" {
			e.Answers = &atomAnswers{"urn:uuid:" + c.Root, cs.shell.URL("/comentarios/" + c.Root)}
		}
		if c.written().After(newest) {
			newest = c.written()
		}
		f.Entries = append(f.Entries, e)
	}
	if !newest.IsZero() {
		f.Updated = instant(newest)
	}
}

func instant(t time.Time) string { return t.UTC().Format(time.RFC3339) }

func writeAtom(w http.ResponseWriter, f atomFeed) error {
	raw, err := xml.Marshal(f)
	if err != nil {
		return fmt.Errorf("writing a feed: %w", err)
	}
	w.Header().Set("Content-Type", atomType+"; charset=utf-8")
	_, err = w.Write(append([]byte(xml.Header), raw...))
	return err
}
