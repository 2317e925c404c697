package cases

import (
	"encoding/xml"
	"fmt"
	"net/http"
	"strings"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/text"
	"plaza/internal/base/web"
)

const atomType = "application/atom+xml"

// shownInFeed is how many cases a feed has.
const shownInFeed = 50

// atomFeed is a feed of cases (RFC 4287). People are not named in it: feeds are copied
// everywhere and cannot be called back.
type atomFeed struct {
	XMLName xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
	Lang    string      `xml:"xml:lang,attr"`
	ID      string      `xml:"id"`
	Title   string      `xml:"title"`
	Updated string      `xml:"updated"`
	Author  atomAuthor  `xml:"author"`
	Links   []atomLink  `xml:"link"`
	Entries []atomEntry `xml:"entry"`
}

type atomAuthor struct {
	Name string `xml:"name"`
}

type atomLink struct {
	Rel  string `xml:"rel,attr"`
	Type string `xml:"type,attr"`
	Href string `xml:"href,attr"`
}

type atomTerm struct {
	Term  string `xml:"term,attr"`
	Label string `xml:"label,attr"`
}

type atomEntry struct {
	ID         string      `xml:"id"`
	Title      string      `xml:"title"`
	Updated    string      `xml:"updated"`
	Published  string      `xml:"published"`
	Link       atomLink    `xml:"link"`
	Categories []atomTerm  `xml:"category"`
	Content    atomContent `xml:"content"`
}

type atomContent struct {
	Type string `xml:"type,attr"`
	HTML string `xml:",chardata"`
}

// feed is what a filter chooses, the newest first.
func (cs *Cases) feed(list listing) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		a := readAsk(list, r.URL)
		l := cs.shell.Printer(r)
		self := a.path(".atom")
		f := atomFeed{Lang: l.Lang(), ID: cs.shell.URL(self), Title: l.T("cases." + list.Name + ".title"), Author: atomAuthor{l.T("cases.feed.author")},
			Links: []atomLink{{"self", atomType, cs.shell.URL(self)}, {"alternate", "text/html", cs.shell.URL(a.path(""))}}}
		newest := time.Time{}
		if err := cs.DB.Read(r.Context(), func(tx *db.Tx) error {
			bodies, err := a.named(tx)
			if err != nil {
				return err
			}
			found, err := List(tx, a.filter(bodies), Newest, Key{}, shownInFeed)
			if err != nil {
				return err
			}
			owners, err := ownersOf(tx, found)
			if err != nil {
				return err
			}
			ids := make([]string, 0, len(found))
			for _, c := range found {
				if c.Answer != "" {
					ids = append(ids, c.ID)
				}
			}
			answers, err := answersTo(tx, ids)
			for _, c := range found {
				at := lastOf(c)
				e := atomEntry{ID: "urn:uuid:" + c.ID, Title: c.Title, Updated: instant(at), Published: instant(c.Published),
					Link:       atomLink{"alternate", "text/html", cs.shell.URL(c.Path())},
					Categories: []atomTerm{{string(c.Kind), l.T("cases.kind." + string(c.Kind))}, {string(c.State), l.T("cases.state." + string(c.State))}}}
				var b strings.Builder
				fmt.Fprintf(&b, "<p>%s · %s</p>\n%s", c.Folio, xmlText(ownerWords(l, owners[c.Institution])), text.Markdown(c.Body))
				if v, ok := answers[c.ID]; ok {
					fmt.Fprintf(&b, "\n<h3>%s</h3>\n", xmlText(l.T("cases.feed.answer", "outcome", l.T("cases.outcome."+string(v.Outcome)))))
					if v.Summary != "" {
						fmt.Fprintf(&b, "<p><strong>%s</strong></p>\n", xmlText(v.Summary))
					}
					b.WriteString(string(text.Markdown(v.Body)))
				}
				e.Content = atomContent{"html", b.String()}
				f.Entries = append(f.Entries, e)
				if at.After(newest) {
					newest = at
				}
			}
			if newest.IsZero() {
				newest = tx.Now.Truncate(24 * time.Hour)
			}
			return err
		}); err != nil {
			return err
		}
		f.Updated = instant(newest)
		raw, err := xml.Marshal(f)
		if err != nil {
			return fmt.Errorf("writing a feed: %w", err)
		}
		w.Header().Set("Content-Type", atomType+"; charset=utf-8")
		_, err = w.Write(append([]byte(xml.Header), raw...))
		return err
	}
}

// lastOf is when a case last changed in what a feed says of it.
func lastOf(c Case) time.Time {
	at := c.Published
	for _, t := range []time.Time{c.Acknowledged, c.FirstAnswer, c.Settled} {
		if t.After(at) {
			at = t
		}
	}
	return at
}

// xmlText is a text in HTML.
func xmlText(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a builder takes everything
	return b.String()
}

func instant(t time.Time) string { return t.UTC().Format(time.RFC3339) }
