package outbox

import (
	_ "embed"
	"fmt"
	"html/template"
	"strings"
	"unicode"
	"unicode/utf8"

	"plaza/internal/base/i18n"
)

//go:embed letter.html
var letterHTML string

var letterTemplate = template.Must(template.New("letter").Parse(letterHTML))

// Letter is what a mail says, in the order in which it is read. What is empty is left out.
type Letter struct {
	L        *i18n.Printer
	Subject  string
	Greeting string
	Lead     string
	Quote    string // what somebody wrote
	List     []string
	Items    []Item
	More     int    // how many items are not told besides
	Button   string // words of the one link
	Link     string // absolute
	After    []string
	Why      string // who writes, and why
	Links    []Link // what the reader may do about mails like this
}

// Item is one of several things that a letter is about.
type Item struct {
	Before, Title, After string // a sentence whose title is linked
	Link                 string // absolute
	When                 string
	Said                 *Said
	Note                 string
}

// Said is what somebody wrote, and who.
type Said struct {
	By     string
	Badge  string // as what they wrote, "" for nothing
	Before string // both in a sentence, for the text
	Text   string
}

// Link is a link of a letter's foot.
type Link struct {
	Words string // before the address, in the text
	Name  string // of the link
	To    string // absolute
}

// MaxItems is how many items a letter tells; the others it counts.
const MaxItems = 100

// Message draws the letter as text and as HTML; who gets it, and of what kind it is, is
// left to the caller.
func (x Letter) Message() (Message, error) {
	if more := len(x.Items) - MaxItems; more > 0 {
		x.Items, x.More = x.Items[:MaxItems], x.More+more
	}
	x.Subject = headline(x.Subject)
	var html strings.Builder
	if err := letterTemplate.Execute(&html, x); err != nil {
		return Message{}, fmt.Errorf("drawing a mail: %w", err)
	}
	return Message{Subject: x.Subject, Text: x.text(), HTML: html.String()}, nil
}

// text is the letter without marks.
func (x Letter) text() string {
	parts := []string{x.Greeting, x.Lead}
	if x.Quote != "" {
		parts = append(parts, "> "+x.Quote)
	}
	parts = append(parts, strings.Join(x.List, "\n"))
	for _, one := range x.Items {
		parts = append(parts, one.text())
	}
	if x.More > 0 {
		parts = append(parts, x.L.T("outbox.letter.more", "count", x.More))
	}
	if x.Button != "" {
		parts = append(parts, x.Button+":\n"+x.Link)
	}
	parts = append(parts, x.After...)
	foot := "-- \n" + x.Why
	for _, one := range x.Links {
		foot += "\n" + one.Words + " " + one.To
	}
	var b strings.Builder
	for _, p := range append(parts, foot) {
		if p != "" {
			b.WriteString(strings.TrimSuffix(p, "\n") + "\n\n")
		}
	}
	return strings.TrimSuffix(b.String(), "\n")
}

func (i Item) text() string {
	lines := []string{i.When}
	if i.Said != nil {
		lines = append(lines, i.Said.Before, "> "+i.Said.Text)
	}
	text := "* " + i.Before + i.Title + i.After
	for _, line := range append(lines, i.Link, i.Note) {
		if line != "" {
			text += "\n  " + line
		}
	}
	return text
}

// maxHeadline bounds a subject, in bytes.
const maxHeadline = 150

// headline makes a text fit for a subject: one line without marks of direction or
// control, cut at a letter's edge.
func headline(s string) string {
	s = strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		if unicode.In(r, unicode.Cc, unicode.Cf) {
			return ' '
		}
		return r
	}, s)), " ")
	if len(s) <= maxHeadline {
		return s
	}
	cut := maxHeadline
	for cut > 0 && !utf8.RuneStart(s[cut]) {
		cut--
	}
	return strings.TrimSpace(s[:cut]) + "…"
}
