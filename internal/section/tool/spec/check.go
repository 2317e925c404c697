package spec

import (
	"fmt"
	"math"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"

	"plaza/internal/base/text"
	"plaza/internal/plaza"
)

var nameForm = regexp.MustCompile(`^[a-z][a-z0-9_]{0,39}$`)

// Aggregates and TimeUnits are the words of Channel, in the order in which they are offered.
var (
	Aggregates = []string{"count", "sum", "mean", "median", "min", "max", "distinct"}
	TimeUnits  = []string{"year", "yearquarter", "yearmonth", "yearweek", "yearmonthdate", "yearmonthdatehours"}
	Sorts      = []string{"ascending", "descending", "value", "-value"}
	Stacks     = []string{"zero", "normalize", "diverging"}
)

// Check is what is wrong with a document by itself, whatever the tables have.
func (s Spec) Check() plaza.Mistakes {
	c := &checker{s: s}
	c.head()
	c.sources()
	c.views()
	c.controls()
	return c.wrong
}

type checker struct {
	s     Spec
	wrong plaza.Mistakes
}

func (c *checker) hold(ok bool, path, key string, args map[string]any) {
	if len(c.wrong) < maxMistakes {
		c.wrong.Hold(ok, path, "toolspec.error."+key, args)
	}
}

// text holds a text to its length, and to letters that can be seen.
func (c *checker) text(path, value string, most int) {
	c.hold(len([]rune(value)) <= most, path, "long", map[string]any{"max": most})
	bad := strings.ContainsFunc(value, func(r rune) bool { return unseen(r) || r == unicode.ReplacementChar })
	c.hold(!bad, path, "letters", nil)
}

// line holds a title to its length and to one line.
func (c *checker) line(path, value string) {
	c.text(path, value, MaxTitle)
	c.hold(!strings.ContainsAny(value, "\n\t"), path, "letters", nil)
}

func unseen(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' }

func (c *checker) oneOf(path, value string, of []string) {
	c.hold(value == "" || slices.Contains(of, value), path, "choice", map[string]any{"of": strings.Join(of, ", ")})
}

func (c *checker) many(path string, n, most int) {
	c.hold(n <= most, path, "many", map[string]any{"max": most})
}

func (c *checker) between(path string, n, low, high int) {
	c.hold(n >= low && n <= high, path, "between", map[string]any{"low": low, "high": high})
}

func (c *checker) finite(path string, v float64) {
	c.hold(!math.IsNaN(v) && math.Abs(v) <= 1e15, path, "number", nil)
}

func (c *checker) head() {
	c.hold(c.s.Schema == Schema, "$schema", "schema", map[string]any{"schema": Schema})
	c.hold(!text.Blank(c.s.Title), "title", "title", nil)
	c.line("title", c.s.Title)
	c.line("subtitle", c.s.Subtitle)
	c.text("description", c.s.Description, MaxText)
	c.text("summary", c.s.Summary, MaxText)
	c.text("notes", c.s.Notes, MaxText)
	c.hold(c.s.Language == "es" || c.s.Language == "en", "language", "choice", map[string]any{"of": "es, en"})
	c.hold(len(c.s.Sources) > 0, "sources", "no_source", nil)
	c.many("sources", len(c.s.Sources), MaxSources)
	c.many("views", len(c.s.Views), MaxViews)
	c.many("controls", len(c.s.Controls), MaxControls)
	shows := slices.ContainsFunc(c.s.Views, func(v View) bool { return v.Mark != Text })
	c.hold(shows, "views", "none", nil)
}

func (c *checker) named(path, name string, seen map[string]bool) {
	c.hold(nameForm.MatchString(name), path, "name", map[string]any{"max": MaxName})
	c.hold(!seen[name], path, "twice", nil)
	seen[name] = true
}

func (c *checker) sources() {
	seen := map[string]bool{}
	for i, src := range c.s.Sources {
		path := fmt.Sprintf("sources[%d]", i)
		c.named(path+".name", src.Name, seen)
		id, err := uuid.Parse(src.Resource)
		c.hold(err == nil && id.String() == src.Resource, path+".resource", "resource", nil)
		c.between(path+".table", src.Table, 0, 1000)
		c.between(path+".version", src.Version, 0, 1_000_000)
		c.filter(path+".filter", src.Filter)
		c.many(path+".lookup", len(src.Lookup), MaxLookups)
		for k, l := range src.Lookup {
			at := fmt.Sprintf("%s.lookup[%d]", path, k)
			_, known := c.s.Source(l.From)
			c.hold(known && l.From != src.Name, at+".from", "source", nil)
			c.field(at+".key", l.Key, true)
			c.field(at+".equals", l.Equals, true)
			c.hold(len(l.Fields) > 0, at+".fields", "field", nil)
			c.list(at+".fields", l.Fields)
		}
	}
}

// maxField is the length of a column's name, in letters.
const maxField = 300

func (c *checker) field(path, name string, must bool) {
	c.hold(!must || name != "", path, "field", nil)
	c.text(path, name, maxField)
}

// list holds names of columns to what there may be, each once.
func (c *checker) list(path string, names []string) {
	c.many(path, len(names), MaxFields)
	for i, name := range names {
		at := fmt.Sprintf("%s[%d]", path, i)
		c.field(at, name, true)
		c.hold(!slices.Contains(names[:min(i, MaxFields)], name), at, "column_twice", map[string]any{"column": name})
	}
}

// filter holds a filter to the form of an address's query; what it means is the table's.
func (c *checker) filter(path, filter string) {
	c.text(path, filter, MaxText)
	values, err := url.ParseQuery(filter)
	c.hold(err == nil, path, "filter", nil)
	for name, list := range values {
		for _, one := range append(list, name) {
			c.hold(utf8.ValidString(one) && !strings.ContainsFunc(strings.ReplaceAll(one, "\r\n", "\n"), unseen), path, "letters", nil)
		}
	}
}

func (c *checker) controls() {
	for i, one := range c.s.Controls {
		path := fmt.Sprintf("controls[%d]", i)
		same := slices.ContainsFunc(c.s.Controls[:min(i, MaxControls)], func(o Control) bool { return o.Kind == one.Kind && o.Field == one.Field })
		c.hold(!same, path, "twice", nil)
		c.hold(slices.Contains(Controls, one.Kind), path+".kind", "choice", map[string]any{"of": strings.Join(Controls, ", ")})
		c.field(path+".field", one.Field, one.Kind != "search" && one.Kind != "place")
		c.line(path+".title", one.Title)
	}
}
