package score

import (
	"encoding/xml"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/section/cases"
)

// shownInFeed is how many months the feed holds.
const shownInFeed = 24

// atomFeed is the feed of the figures of each month (RFC 4287).
type atomFeed struct {
	XMLName  xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
	Lang     string      `xml:"xml:lang,attr"`
	ID       string      `xml:"id"`
	Title    string      `xml:"title"`
	Subtitle string      `xml:"subtitle"`
	Updated  string      `xml:"updated"`
	Author   atomName    `xml:"author"`
	Links    []atomLink  `xml:"link"`
	Entries  []atomEntry `xml:"entry"`
}

type atomName struct {
	Name string `xml:"name"`
}

type atomLink struct {
	Rel  string `xml:"rel,attr"`
	Type string `xml:"type,attr"`
	Href string `xml:"href,attr"`
}

type atomEntry struct {
	ID      string   `xml:"id"`
	Title   string   `xml:"title"`
	Updated string   `xml:"updated"`
	Link    atomLink `xml:"link"`
	Summary string   `xml:"summary"`
}

// feed tells of each month that has ended.
func (s *Scores) feed(w http.ResponseWriter, r *http.Request) error {
	l := s.shell.Printer(r)
	self := s.shell.URL(Path + "/atom.xml")
	f := atomFeed{Lang: l.Lang(), ID: self, Title: l.T("score.feed.title"), Subtitle: l.T("score.lead"), Author: atomName{l.T("score.feed.author")},
		Links: []atomLink{{"self", "application/atom+xml", self}, {"alternate", "text/html", s.shell.URL(Path)}}}
	if err := s.DB.Read(r.Context(), func(tx *db.Tx) error {
		lines, err := Tally(tx, Filter{}, ByMonth)
		if err != nil {
			return err
		}
		f.Updated = endOf(monthOf(tx.Now.AddDate(0, -1, 0))).UTC().Format(time.RFC3339)
		for _, m := range newest(lines, tx.Now, shownInFeed) {
			page := s.shell.URL((ask{Month: m.Of}).page())
			words := []string{l.T("score.feed.counts", "received", m.Received, "answered", m.Answered, "unanswered", m.Unanswered)}
			if p, ok := m.Share(); ok {
				words = append(words, l.T("score.feed.share", "percent", p, "count", m.Judged()))
			}
			if days, ok := m.AnswerDays.Within(90); ok {
				words = append(words, l.T("score.p90.answer", "days", days, "count", m.AnswerDays.Count()))
			}
			f.Entries = append(f.Entries, atomEntry{ID: page, Title: l.PartialDate(m.Of), Updated: endOf(m.Of).UTC().Format(time.RFC3339),
				Link: atomLink{"alternate", "text/html", page}, Summary: strings.Join(words, " ")})
		}
		return nil
	}); err != nil {
		return err
	}
	raw, err := xml.Marshal(f)
	if err != nil {
		return fmt.Errorf("writing a feed: %w", err)
	}
	w.Header().Set("Content-Type", "application/atom+xml; charset=utf-8")
	_, err = w.Write(append([]byte(xml.Header), raw...))
	return err
}

// sortedOutcomes are the outcomes that there are, in order of their names.
func sortedOutcomes(all map[cases.Outcome]int) (out []string) {
	for _, o := range slices.Sorted(maps.Keys(all)) {
		out = append(out, string(o))
	}
	return out
}
