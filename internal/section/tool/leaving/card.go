package leaving

import (
	"net/url"
	"slices"
	"strings"

	"plaza/internal/base/plot"
	"plaza/internal/plaza"
	"plaza/internal/section/tool/drawing"
	"plaza/internal/section/tool/reckon"
	"plaza/internal/section/tool/showing"
	"plaza/internal/section/tool/spec"
)

// enlarged is by how much the drawing of a card is made greater, with its letters: previews
// are shown at half their size, and the least letters have ten pixels there.
const enlarged = 1.7

// Sizes on cards, in pixels of the drawing before it is enlarged.
const (
	usualBar   = 26.0 // a bar with its name, where there is room
	leastBar   = 16.5 // and where there is little
	fewBars    = 2    // are shown in any case
	leastPanel = 150.0
	panelGap   = 20.0
	leastRow   = 118.0 // of panels
	leastKey   = 170.0 // beside a map
	besideMap  = 24.0
	noteSize   = 12.0
	aboveFoot  = 8.0
)

// Card is the view as a preview of its page, of 1200 by 630 pixels: what is too much for it
// is left out, and the card says so. NotFound when the view has no picture.
func (v View) Card() (plot.Scene, error) {
	if !drawing.Drawn(v.View) {
		return plot.Scene{}, plaza.E(plaza.NotFound, "tool.error.no_picture")
	}
	f := v.framing()
	f.Lines, f.Site = v.cited(), v.host()
	width, height := plot.CardSpace(f)
	s, err := v.onCard(width/enlarged, height/enlarged)
	if err != nil {
		return plot.Scene{}, err
	}
	return plot.Card(s, f), nil
}

func (v View) png() (string, []byte, error) {
	s, err := v.Card()
	if err != nil {
		return "", nil, err
	}
	body, err := s.PNG(v.theme(), 1)
	return "image/png", body, err
}

// onCard is the drawing, for a place.
func (v View) onCard(width, height float64) (plot.Scene, error) {
	if v.View.Mark == spec.Figure {
		return v.scene(width)
	}
	c := v.chart(width)
	if c.Kind == plot.Map {
		return v.mapOnCard(c, width, height), nil
	}
	c.Notes, c.Height = nil, height
	shown, of := mostShown(c, height)
	if shown == of {
		return drawing.Scene(v.View, c), nil
	}
	first(&c, shown)
	note := v.L.T("toolview.card.part", "shown", shown, "count", of)
	if len(c.Panels) > 1 {
		c.Words.Multiple += " · " + note
		c.Words.Own += " · " + note
		return drawing.Scene(v.View, c), nil
	}
	if c.X.Title == "" {
		c.X.Title = note
		return drawing.Scene(v.View, c), nil
	}
	s := drawing.Scene(v.View, c)
	// on the line of what lies along the axis, which ends it
	s.Nodes = append(s.Nodes, plot.Text{Y: s.Height - aboveFoot, Size: noteSize, Ink: plot.InkMuted, Text: note})
	return s, nil
}

func (v View) chart(width float64) plot.Chart {
	return drawing.Chart(drawing.Asked{L: v.L, View: v.View, Result: v.Result, Width: width})
}

// mostShown is how many bars or panels of a chart can be read on a height, and of how many.
func mostShown(c plot.Chart, height float64) (shown, of int) {
	if of = len(c.Panels); of > 1 {
		across := int((c.Width + panelGap) / (leastPanel + panelGap))
		return min(of, across*max(1, int(height/leastRow))), of
	}
	of = len(c.Y.Categories)
	if c.Kind != plot.Bars || of <= fewBars {
		return of, of
	}
	c.Height = 0
	whole, few := plot.Draw(c).Height, c
	first(&few, fewBars)
	each := (whole - plot.Draw(few).Height) / float64(of-fewBars)
	around := whole - each*float64(of)
	switch {
	case c.Stacking == plot.Diverging: // ages and the like: every second name tells the others
		each = leastBar / 2
	case each <= usualBar:
		each = leastBar
	}
	return max(fewBars, min(of, int((height-around)/each))), of
}

// first leaves the first bars or panels of a chart.
func first(c *plot.Chart, n int) {
	if len(c.Panels) > 1 {
		c.Panels = c.Panels[:n]
		return
	}
	c.Y.Categories = c.Y.Categories[:n]
	c.Panels = slices.Clone(c.Panels)
	for i := range c.Panels {
		c.Panels[i].Marks = slices.DeleteFunc(slices.Clone(c.Panels[i].Marks), func(m plot.Mark) bool { return m.Y >= float64(n) })
	}
}

// mapOnCard is a map as high as there is room, with its key beside it.
func (v View) mapOnCard(c plot.Chart, width, height float64) plot.Scene {
	key := plot.Scene{}
	most := width
	if len(c.Classes) > 0 || len(c.Series) > 1 {
		most -= leastKey + besideMap
	}
	across := min(most, height*c.Width/c.Height)
	c = v.chart(across)
	c.Keyless = true
	s := drawing.Scene(v.View, c)
	if most < width {
		c.Width = width - across - besideMap
		key = plot.Key(c)
	}
	s.Nodes = []plot.Node{
		plot.Group{Row: -1, Nodes: s.Nodes},
		plot.Group{Row: -1, X: width - key.Width, Nodes: key.Nodes},
	}
	if most < width {
		s.Width = width
	}
	s.Height = max(s.Height, key.Height)
	return s
}

// host is the site, in short.
func (v View) host() string {
	if u, err := url.Parse(v.URL); err == nil && u.Host != "" {
		return u.Host
	}
	return v.URL
}

// cited are the sources in short: institution, date and licence are whole, titles may be cut.
// What was chosen follows where there is room.
func (v View) cited() (out []string) {
	left := plot.CardSources
	for i, s := range v.Result.Stamps {
		line := v.citation(s, max(1, left/(len(v.Result.Stamps)-i)))
		out, left = append(out, line), left-plot.CardLines(line)
	}
	for _, line := range showing.Conditions(v.L, v.Chosen()) {
		line = v.L.T("toolview.fact.filter", "filter", line)
		if n := plot.CardLines(line); n <= left {
			out, left = append(out, line), left-n
		}
	}
	return out
}

// citation is one source on some lines.
func (v View) citation(s reckon.Stamp, lines int) string {
	say := func(title string) string {
		if s.Resource == "" {
			return title
		}
		out := v.L.T("toolview.source.short", "institution", s.Institution, "title", title, "date", s.Fetched)
		if s.Institution == "" {
			out = v.L.T("toolview.source.short.nobody", "title", title, "date", s.Fetched)
		}
		if s.License != "" {
			out += " · " + s.License
		}
		return out
	}
	title := s.Dataset
	if s.Resource == "" {
		title = s.Title
	}
	words := strings.Fields(title)
	for n := len(words) - 1; n > 0 && plot.CardLines(say(title)) > lines; n-- {
		title = strings.TrimRight(strings.Join(words[:n], " "), " ,;:") + "…"
	}
	return say(title)
}
