package web

import (
	"html/template"
	"net/url"
	"strconv"

	"plaza/internal/base/i18n"
)

// The types in this file are what the component templates of the same name are
// drawn with: {{template "pager" .Pager}}. Those that have words of their own carry
// a printer, L. The zero value of each draws nothing or its plainest form.

// Pager draws "pager": the way to the pages before and after.
type Pager struct {
	L          *i18n.Printer
	Prev, Next string // paths; "" where there is none
	Page       int    // from 1; 0 when unknown, as with cursors
	Pages      int
	Links      []PageLink // some pages around this one; may be empty
}

// PageLink is one numbered page. A gap has no path and is not the current page.
type PageLink struct {
	Number  int
	Path    string
	Current bool
}

// Gap reports whether the link stands for pages left out.
func (l PageLink) Gap() bool { return l.Number == 0 }

// NewPager makes a pager of numbered pages; link makes the path of a page from 1.
func NewPager(l *i18n.Printer, page, pages int, link func(page int) string) Pager {
	p := Pager{L: l, Page: page, Pages: pages}
	if page > 1 {
		p.Prev = link(page - 1)
	}
	if page < pages {
		p.Next = link(page + 1)
	}
	last := 0
	for n := 1; n <= pages; n++ {
		near := n >= page-1 && n <= page+1
		if !near && n != 1 && n != pages {
			n = nextShown(n, page, pages) - 1 // a million pages cost no more than ten
			continue
		}
		if last != 0 && n > last+1 {
			p.Links = append(p.Links, PageLink{})
		}
		p.Links = append(p.Links, PageLink{Number: n, Path: link(n), Current: n == page})
		last = n
	}
	return p
}

func nextShown(n, page, pages int) int {
	if n < page-1 {
		return page - 1
	}
	return pages
}

// FacetGroup draws "facet": one question of a facet panel, with its choices as links.
type FacetGroup struct {
	L       *i18n.Printer
	Name    string // the parameter's name; makes ids on the page
	Title   string
	Options []FacetOption
	More    string // path that shows all options, "" when all are shown
	Open    bool   // shown unfolded on narrow screens
}

// FacetOption is one choice. Its path adds it to the search, or takes it away when
// it is chosen already.
type FacetOption struct {
	Label  string
	Count  int
	Path   string
	Chosen bool
}

// Chosen reports how many options of the group are chosen.
func (g FacetGroup) Chosen() int {
	n := 0
	for _, o := range g.Options {
		if o.Chosen {
			n++
		}
	}
	return n
}

// Field draws "field": a labelled control with its hint and what is wrong with it.
type Field struct {
	L            *i18n.Printer
	Name         string
	Label        string
	Hint         string
	Error        string // from FieldErrors; "" when all is well
	Value        string
	Type         string // "text" when empty; also "textarea", "select", "checkbox", any input type
	Autocomplete string
	InputMode    string
	Optional     bool // says so beside the label; other fields are required
	Free         bool // may be empty, and says nothing of it: most of its form's fields may
	MaxLength    int  // 0 for no limit
	Rows         int  // of a textarea; 0 is 6
	Checked      bool // of a checkbox
	Multiple     bool // of a file: it takes several
	Options      []Option
}

// Option is one choice of a select.
type Option struct {
	Value, Label string
}

// ID is the control's id, which the error summary links to.
func (f Field) ID() string { return "campo-" + f.Name }

// InputType is the type of a plain input.
func (f Field) InputType() string {
	if f.Type == "" {
		return "text"
	}
	return f.Type
}

// RowCount is the height of a textarea.
func (f Field) RowCount() int {
	if f.Rows == 0 {
		return 6
	}
	return f.Rows
}

// DescribedBy lists the ids of what explains the control.
func (f Field) DescribedBy() string {
	switch {
	case f.Hint != "" && f.Error != "":
		return f.ID() + "-nota " + f.ID() + "-error"
	case f.Hint != "":
		return f.ID() + "-nota"
	case f.Error != "":
		return f.ID() + "-error"
	}
	return ""
}

// ErrorSummary draws "errors": what is wrong with a form, on top of it, linked to
// the fields. It draws nothing when no field has an error.
type ErrorSummary struct {
	L      *i18n.Printer
	Fields []Field
}

// Wrong lists the fields that have an error.
func (s ErrorSummary) Wrong() []Field {
	var wrong []Field
	for _, f := range s.Fields {
		if f.Error != "" {
			wrong = append(wrong, f)
		}
	}
	return wrong
}

// Tone says what a notice or badge means. The zero Tone is neutral.
type Tone string

// The tones: information, something kept or done, something that wants attention,
// something wrong.
const (
	Info    Tone = "info"
	Good    Tone = "good"
	Warning Tone = "warning"
	Bad     Tone = "bad"
)

// Icon is the icon that stands for the tone.
func (t Tone) Icon() string {
	switch t {
	case Good:
		return "circle-check"
	case Warning:
		return "triangle-alert"
	case Bad:
		return "circle-x"
	}
	return "info"
}

// Notice draws "notice": something to know before reading on.
type Notice struct {
	Tone   Tone
	Title  string
	Text   string
	Link   string // path, "" for none
	Action string // words of the link
	Live   bool   // said aloud by screen readers when it appears
}

// Badge draws "badge": a short state, in words.
type Badge struct {
	Tone Tone
	Text string
	Icon string // "" for none
}

// Quote draws "quote": the beginning of what somebody said elsewhere.
type Quote struct {
	By    string
	Badge *Badge // in which office it was said, nil for a person's own words
	Text  string // plain
}

// Fact is one labelled value of "facts", a list of them. Of Text and HTML one is
// set; Link makes it a link, Time makes it a time element (RFC 3339 or a date).
type Fact struct {
	Label string
	Text  string
	HTML  template.HTML // from this program only, or cleaned
	Link  string
	Lang  string // BCP 47 of Text where it is not the page's language
	Time  string
	Note  string // said more quietly after the value
	Icon  string
}

// DatasetItem draws "dataset-item": one entry of a list of datasets, or of anything
// that has a title, a line of why it matters and facts.
type DatasetItem struct {
	Title   string
	HTML    template.HTML // title with highlights, instead of Title
	Path    string
	Lang    string        // BCP 47 of title and summary where it is not the page's
	Kind    string        // what it is, in mixed lists; "" in lists of one kind
	Summary string        // one or two sentences
	Excerpt template.HTML // summary with highlights, instead of Summary
	Facts   []ItemFact
	Formats []string
	Badges  []Badge
}

// ToolItem draws "tool-item": one visualisation in a list of them, in small.
type ToolItem struct {
	Title, Path string
	Lang        string // BCP 47 of the title where it is not the page's
	Summary     string
	Kind        string
	Picture     string // path of an image of 480 by 270 pixels
	Night       string // path of the same on a dark ground
	By          string
	Badges      []Badge
	When, ISO   string
}

// ItemFact is one short fact under a list entry.
type ItemFact struct {
	Icon  string
	Label string // said before the value by screen readers
	Text  string
	Link  string
	Time  string // machine form of a date, "" for none
}

// Empty draws "empty": what one can do where there is nothing to show.
type Empty struct {
	Title string
	Text  string
	Links []NavLink
}

// Progress draws "progress": how far a piece of work is.
type Progress struct {
	L     *i18n.Printer
	Label string
	Done  int
	Total int // 0: unknown
	Note  string
	Live  string // path of the events that update it; "" for none
}

// Percent is how much of it is done, from 0 to 100; 0 when the total is unknown.
func (p Progress) Percent() int {
	if p.Total <= 0 {
		return 0
	}
	return min(100, max(0, p.Done*100/p.Total))
}

// Copy draws "copy": text with a button that copies it, which only a script shows.
type Copy struct {
	L    *i18n.Printer
	ID   string // unique on the page
	Text string
}

// QueryNumber reads a whole number from the address, between low and high; anything
// else is low.
func QueryNumber(u *url.URL, name string, low, high int) int {
	n, err := strconv.Atoi(u.Query().Get(name))
	if err != nil || n < low {
		return low
	}
	return min(n, high)
}
