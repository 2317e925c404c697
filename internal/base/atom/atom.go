// Package atom writes Atom feeds (RFC 4287), with the links of answers to what they
// answer (RFC 4685).
package atom

import (
	"encoding/xml"
	"fmt"
	"net/http"
	"time"
)

// Type is the media type of a feed.
const Type = "application/atom+xml"

// Feed is a feed. It is as old as its newest entry or, without entries, as Since.
type Feed struct {
	Lang       string // BCP 47
	Title      string
	Subtitle   string // "" for none
	Author     string
	Self, Page string // absolute addresses of the feed, which is its id too, and of its page
	Since      time.Time
	Entries    []Entry
}

// Entry is one thing in a feed.
type Entry struct {
	ID        string // a URI that never changes
	Title     string
	Updated   time.Time
	Published time.Time
	Author    string
	Link      string // absolute address
	Category  string // "" for none
	HTML      string // safe to show
	// Answers is what it answers, the zero Answered for nothing.
	Answers Answered
}

// Answered is what an entry answers.
type Answered struct {
	ID   string // that entry's
	Link string // absolute address
}

// Write answers with a feed.
func Write(w http.ResponseWriter, f Feed) error {
	out := feed{Lang: f.Lang, ID: f.Self, Title: f.Title, Subtitle: f.Subtitle, Author: &author{f.Author},
		Links: []link{{"self", Type, f.Self}, {"alternate", "text/html", f.Page}}}
	newest := f.Since
	if len(f.Entries) > 0 {
		newest = time.Time{}
	}
	for _, e := range f.Entries {
		if e.Updated.After(newest) {
			newest = e.Updated
		}
		o := entry{ID: e.ID, Title: e.Title, Updated: instant(e.Updated), Published: instant(e.Published), Author: author{e.Author},
			Link: link{"alternate", "text/html", e.Link}, Content: content{"html", e.HTML}}
		if e.Category != "" {
			o.Category = &term{e.Category}
		}
		if e.Answers != (Answered{}) {
			o.Answers = &answers{e.Answers.ID, e.Answers.Link}
		}
		out.Entries = append(out.Entries, o)
	}
	out.Updated = instant(newest)
	raw, err := xml.Marshal(out)
	if err != nil {
		return fmt.Errorf("writing a feed: %w", err)
	}
	w.Header().Set("Content-Type", Type+"; charset=utf-8")
	_, err = w.Write(append([]byte(xml.Header), raw...))
	return err
}

func instant(t time.Time) string { return t.UTC().Format(time.RFC3339) }

type feed struct {
	XMLName  xml.Name `xml:"http://www.w3.org/2005/Atom feed"`
	Lang     string   `xml:"xml:lang,attr"`
	ID       string   `xml:"id"`
	Title    string   `xml:"title"`
	Subtitle string   `xml:"subtitle,omitempty"`
	Updated  string   `xml:"updated"`
	Author   *author  `xml:"author"`
	Links    []link   `xml:"link"`
	Entries  []entry  `xml:"entry"`
}

type author struct {
	Name string `xml:"name"`
}

type link struct {
	Rel  string `xml:"rel,attr"`
	Type string `xml:"type,attr"`
	Href string `xml:"href,attr"`
}

type entry struct {
	ID        string   `xml:"id"`
	Title     string   `xml:"title"`
	Updated   string   `xml:"updated"`
	Published string   `xml:"published"`
	Author    author   `xml:"author"`
	Link      link     `xml:"link"`
	Category  *term    `xml:"category"`
	Answers   *answers `xml:"http://purl.org/syndication/thread/1.0 in-reply-to"`
	Content   content  `xml:"content"`
}

type term struct {
	Term string `xml:"term,attr"`
}

type answers struct {
	Ref  string `xml:"ref,attr"`
	Href string `xml:"href,attr"`
}

type content struct {
	Type string `xml:"type,attr"`
	HTML string `xml:",chardata"`
}
