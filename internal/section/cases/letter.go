package cases

import (
	_ "embed"
	"fmt"
	"html/template"
	"strings"

	"plaza/internal/base/i18n"
	"plaza/internal/civic/outbox"
)

//go:embed letter.html
var letterHTML string

var letterTemplate = template.Must(template.New("letter").Parse(letterHTML))

// Mail is a mail about cases: what it is about, the cases one by one, and why it came.
type Mail struct {
	L       *i18n.Printer
	Subject string
	Lead    string
	Quote   string // what somebody wrote, "" for nothing
	Lines   []MailLine
	More    string // how many are not listed
	Button  string // words of the one link, "" for none
	Link    string // absolute
	Why     string // who writes, and why
	Copy    string // what to do when the button does not work; Message says it
}

// MailLine is one case in a letter.
type MailLine struct {
	Title string
	Note  string
	Link  string // absolute
}

// MaxLines is how many cases a letter lists; the others it counts.
const MaxLines = 100

// Message is the letter as text and HTML, for the outbox.
func (x Mail) Message() (outbox.Message, error) {
	if more := len(x.Lines) - MaxLines; more > 0 {
		x.Lines, x.More = x.Lines[:MaxLines], x.L.T("cases.mail.more", "count", more)
	}
	x.Copy = x.L.T("cases.mail.copy")
	var html, plain strings.Builder
	if err := letterTemplate.Execute(&html, x); err != nil {
		return outbox.Message{}, fmt.Errorf("drawing a mail: %w", err)
	}
	plain.WriteString(x.Lead + "\n")
	if x.Quote != "" {
		plain.WriteString("\n" + x.Quote + "\n")
	}
	for _, line := range x.Lines {
		plain.WriteString("\n" + line.Title + "\n" + line.Note + "\n" + line.Link + "\n")
	}
	if x.More != "" {
		plain.WriteString("\n" + x.More + "\n")
	}
	if x.Button != "" {
		plain.WriteString("\n" + x.Button + ":\n" + x.Link + "\n")
	}
	plain.WriteString("\n" + x.Why + "\n")
	return outbox.Message{Subject: x.Subject, Text: plain.String(), HTML: html.String()}, nil
}
