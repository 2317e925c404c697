package tool

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"unicode"

	"plaza/internal/base/fetch"
	"plaza/internal/base/text"
	"plaza/internal/plaza"
	"plaza/internal/section/tool/spec"
)

// Document is what a tool is: exactly one of the two is set.
type Document struct {
	Spec     *spec.Spec `json:"spec,omitempty"`     // of a native tool
	External *External  `json:"external,omitempty"` // of one elsewhere
}

// External is what is said of a tool elsewhere.
type External struct {
	Title    string   `json:"title"`
	Summary  string   `json:"summary,omitempty"`
	Language string   `json:"language"`
	URL      string   `json:"url"`
	Maker    string   `json:"maker,omitempty"`    // who makes it, in words
	Software string   `json:"software,omitempty"` // what it is made with: "Tableau", "aplicación web"
	Alt      string   `json:"alt,omitempty"`      // of the picture
	Picture  *Picture `json:"picture,omitempty"`
	Datasets []string `json:"datasets"` // ids of those that it shows
}

// Picture is a file in the file store that shows a tool elsewhere.
type Picture struct {
	SHA256    string `json:"sha256"` // its key
	Bytes     int64  `json:"bytes"`
	MediaType string `json:"mediaType"`
	Width     int    `json:"width,omitempty"` // pixels
	Height    int    `json:"height,omitempty"`
	Thumbnail string `json:"thumbnail,omitempty"` // key of it in small, a JPEG
}

// keys are the objects in the file store that it is.
func (p *Picture) keys() (out []string) {
	if p == nil {
		return nil
	}
	for _, key := range []string{p.SHA256, p.Thumbnail} {
		if key != "" {
			out = append(out, key)
		}
	}
	return out
}

// Limits of what is said of a tool elsewhere.
const (
	MaxURL      = 2000 // letters
	MaxSoftware = 80   // letters; of who makes it, too
	MaxDatasets = 20
)

// Title is what the tool is called.
func (d Document) Title() string {
	if d.Spec != nil {
		return d.Spec.Title
	}
	return d.External.Title
}

// Summary is what it shows, in a sentence or two.
func (d Document) Summary() string {
	if d.Spec != nil {
		return d.Spec.Summary
	}
	return d.External.Summary
}

// Language is the one that it is written in.
func (d Document) Language() string {
	if d.Spec != nil {
		return d.Spec.Language
	}
	return d.External.Language
}

// Kind is that of the gallery.
func (d Document) Kind() spec.Kind {
	if d.Spec != nil {
		return d.Spec.Kind()
	}
	return spec.KindExternal
}

// Text is all that people wrote in it, a line each, to be judged and searched.
func (d Document) Text() string {
	var lines []string
	if d.External != nil {
		x := d.External
		lines = []string{x.Title, x.Summary, x.Maker, x.Software, x.Alt, x.URL}
	} else {
		lines = specTexts(*d.Spec)
	}
	lines = slices.DeleteFunc(lines, func(s string) bool { return strings.TrimSpace(s) == "" })
	return strings.Join(lines, "\n")
}

func specTexts(s spec.Spec) []string {
	lines := []string{s.Title, s.Subtitle, s.Summary, s.Description, text.PlainText(s.Notes)}
	for _, v := range s.Views {
		lines = append(lines, v.Title, text.PlainText(v.Text))
		e := v.Encoding
		for _, c := range []spec.Channel{e.X, e.Y, e.Color, e.Size, e.Facet, e.Detail, e.Place, e.Longitude, e.Latitude, e.Label} {
			lines = append(lines, c.Title)
		}
		for _, r := range v.Rules {
			lines = append(lines, r.Label)
		}
		for _, n := range v.Marks {
			lines = append(lines, n.Text)
		}
	}
	for _, c := range s.Controls {
		lines = append(lines, c.Title)
	}
	return lines
}

// named is the document under another title.
func (d Document) named(title string) Document {
	if d.Spec != nil {
		s := *d.Spec
		s.Title = title
		return Document{Spec: &s}
	}
	x := *d.External
	x.Title = title
	return Document{External: &x}
}

// refs are the resources and datasets that it names, each once.
func (d Document) refs() []plaza.Ref {
	var out []plaza.Ref
	add := func(kind, id string) {
		if ref := (plaza.Ref{Kind: kind, ID: id}); id != "" && !slices.Contains(out, ref) {
			out = append(out, ref)
		}
	}
	if d.External != nil {
		for _, id := range d.External.Datasets {
			add(KindDataset, id)
		}
		return out
	}
	for _, s := range d.Spec.Sources {
		add(KindResource, s.Resource)
	}
	return out
}

// tidy is the document as it is kept: what people wrote of a tool elsewhere without what
// cannot be seen. A spec is kept as it is.
func (d Document) tidy() Document {
	if d.External == nil {
		return d
	}
	x := *d.External
	x.Title, x.Summary, x.Maker, x.Software, x.Alt = text.Line(x.Title), text.Tidy(x.Summary), text.Line(x.Maker), text.Line(x.Software), text.Line(x.Alt)
	x.URL = strings.TrimSpace(x.URL)
	datasets := []string{}
	for _, id := range x.Datasets {
		if !slices.Contains(datasets, id) {
			datasets = append(datasets, id)
		}
	}
	x.Datasets = datasets
	return Document{Spec: d.Spec, External: &x}
}

// encode is a document as it is kept, canonical: the same tool has the same text.
func (d Document) encode() (string, error) {
	if (d.Spec == nil) == (d.External == nil) {
		return "", plaza.E(plaza.Invalid, "tool.error.document")
	}
	raw, err := json.Marshal(d)
	if err != nil {
		return "", &plaza.Error{Kind: plaza.Invalid, Key: "tool.error.document", Cause: err} // a number that is none
	}
	if len(raw) > spec.MaxBytes {
		return "", &plaza.Error{Kind: plaza.Invalid, Key: "tool.error.large", Args: map[string]any{"max": spec.MaxBytes >> 10}}
	}
	return string(raw), nil
}

func decode(raw string) (d Document, err error) {
	if err = json.Unmarshal([]byte(raw), &d); err == nil && d.Spec == nil && d.External == nil {
		err = fmt.Errorf("it is empty")
	}
	if err != nil {
		return d, fmt.Errorf("reading a tool's document: %w", err)
	}
	return d, nil
}

// check is what is wrong with a document that is about to be published, apart from what
// its tables say.
func (d Document) check() plaza.Mistakes {
	if d.Spec != nil {
		return d.Spec.Check()
	}
	return d.External.Check()
}

// Host is where it is, as it is called: "mapas.ejemplo.mx"; the address itself when it is none.
func (x External) Host() string {
	u, err := url.Parse(x.URL)
	if err != nil {
		return x.URL
	}
	return u.Hostname()
}

// Check is what is wrong with a tool elsewhere that is about to be published, by the names of
// its fields in JSON.
func (x External) Check() plaza.Mistakes {
	var wrong plaza.Mistakes
	wrong.Hold(!text.Blank(x.Title) && !text.Unseen(x.Title), "title", "tool.error.title", nil)
	wrong.Length("title", x.Title, spec.MaxTitle, "tool.error.long")
	wrong.Length("summary", x.Summary, spec.MaxText, "tool.error.long")
	wrong.Length("maker", x.Maker, MaxSoftware, "tool.error.long")
	wrong.Length("software", x.Software, MaxSoftware, "tool.error.long")
	wrong.Length("alt", x.Alt, spec.MaxText, "tool.error.long")
	wrong.Hold(x.Language == "es" || x.Language == "en", "language", "tool.error.language", nil)
	x.checkAddress(&wrong)
	wrong.Hold(x.Picture == nil || !text.Blank(x.Alt), "alt", "tool.error.alt", nil)
	wrong.Hold(len(x.Datasets) > 0 && len(x.Datasets) <= MaxDatasets, "datasets", "tool.error.datasets", map[string]any{"max": MaxDatasets})
	return wrong
}

// checkAddress holds the address of a tool elsewhere to where anybody's browser can go.
func (x External) checkAddress(wrong *plaza.Mistakes) {
	u, err := url.Parse(x.URL)
	switch {
	case len([]rune(x.URL)) > MaxURL:
		wrong.Length("url", x.URL, MaxURL, "tool.error.long")
	case err == nil && u.User != nil:
		wrong.Hold(false, "url", "tool.error.url_user", nil)
	case err != nil || strings.TrimSpace(x.URL) != x.URL || strings.ContainsFunc(x.URL, func(r rune) bool { return !unicode.IsPrint(r) }):
		wrong.Hold(false, "url", "tool.error.url", nil)
	default:
		err = fetch.CheckPublic(x.URL)
		e, _ := errors.AsType[*fetch.Error](err)
		wrong.Hold(e == nil || e.Code != fetch.RefusedAddress, "url", "tool.error.url_public", nil)
		wrong.Hold(e == nil || e.Code == fetch.RefusedAddress, "url", "tool.error.url", nil)
	}
}
