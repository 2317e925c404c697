package commitment

import (
	"encoding/xml"
	"fmt"
	"net/http"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/web"
)

const atomType = "application/atom+xml"

// shownInFeed is how many commitments a feed has.
const shownInFeed = 50

// atomFeed is a feed of commitments (RFC 4287).
type atomFeed struct {
	XMLName xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
	Lang    string      `xml:"xml:lang,attr"`
	ID      string      `xml:"id"`
	Title   string      `xml:"title"`
	Updated string      `xml:"updated"`
	Author  string      `xml:"author>name"`
	Links   []atomLink  `xml:"link"`
	Entries []atomEntry `xml:"entry"`
}

type atomLink struct {
	Rel  string `xml:"rel,attr"`
	Type string `xml:"type,attr"`
	Href string `xml:"href,attr"`
}

type atomEntry struct {
	ID        string   `xml:"id"`
	Title     string   `xml:"title"`
	Updated   string   `xml:"updated"`
	Published string   `xml:"published"`
	Author    string   `xml:"author>name"`
	Link      atomLink `xml:"link"`
	Summary   string   `xml:"summary"`
}

// feed is the list as a feed: what the filter chooses, the last made first.
func (cs *Commitments) feed(w http.ResponseWriter, r *http.Request) error {
	page := cs.shell.Page(r, "")
	a := readAsked(r.URL.Query())
	l := page.L
	self := a.path(feedPath, Key{})
	f := atomFeed{Lang: l.Lang(), ID: page.URL(self), Title: l.T("commitment.list"), Author: l.T("commitment.feed.author"), Updated: instant(time.Time{}),
		Links: []atomLink{{"self", atomType, page.URL(self)}, {"alternate", "text/html", page.URL(a.path(Path, Key{}))}}}
	if err := cs.DB.Read(r.Context(), func(tx *db.Tx) error {
		body, known, err := bodyOf(tx, a.body)
		if err != nil || !known {
			return err
		}
		list, err := List(tx, a.filter(body), Newest, Key{}, shownInFeed)
		if err != nil {
			return err
		}
		return cs.entries(tx, page, &f, list)
	}); err != nil {
		return err
	}
	raw, err := xml.Marshal(f)
	if err != nil {
		return fmt.Errorf("writing a feed: %w", err)
	}
	w.Header().Set("Content-Type", atomType+"; charset=utf-8")
	_, err = w.Write(append([]byte(xml.Header), raw...))
	return err
}

// entries adds commitments to a feed; each is as new as the last thing that happened to it.
func (cs *Commitments) entries(tx *db.Tx, page web.Page, f *atomFeed, list []Commitment) error {
	views, err := cs.lines(tx, page, list)
	if err != nil {
		return err
	}
	last, err := lastSteps(tx, list)
	if err != nil {
		return err
	}
	var newest time.Time
	for i, c := range list {
		at := last[c.ID]
		if at.After(newest) {
			newest = at
		}
		v := views[i]
		f.Entries = append(f.Entries, atomEntry{ID: "urn:uuid:" + c.ID, Title: c.Code + ": " + c.Text, Updated: instant(at), Published: instant(c.Made),
			Author: v.Body, Link: atomLink{"alternate", "text/html", page.URL(c.Path())},
			Summary: page.L.T("commitment.feed.summary", "state", v.State.Text, "date", v.Due)})
	}
	if !newest.IsZero() {
		f.Updated = instant(newest)
	}
	return nil
}

// lastSteps are when something last happened to commitments.
func lastSteps(tx *db.Tx, list []Commitment) (map[string]time.Time, error) {
	out := make(map[string]time.Time, len(list))
	ids := make([]string, len(list))
	for i, c := range list {
		ids[i], out[c.ID] = c.ID, c.Made
	}
	if len(ids) == 0 {
		return out, nil
	}
	steps, err := db.All(tx, func(scan func(...any) error) (s Step, err error) {
		err = scan(&s.Commitment, &s.At)
		return s, err
	}, `SELECT commitment_id, MAX(at)
		FROM commitment_steps
		WHERE commitment_id IN (`+db.Placeholders(1, len(ids))+`)
		GROUP BY commitment_id`, db.Args(ids)...)
	for _, s := range steps {
		out[s.Commitment] = s.At
	}
	return out, err
}

func instant(t time.Time) string { return t.UTC().Format(time.RFC3339) }
