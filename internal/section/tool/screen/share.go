package screen

import (
	"html"
	"net/url"

	"plaza/internal/base/i18n"
	"plaza/internal/base/web"
	"plaza/internal/section/tool"
	"plaza/internal/section/tool/spec"
)

// sharing is how a tool leaves its page: its address with what the reader chose, and what
// other sites put into theirs.
type sharing struct {
	Link    *web.Copy
	Chosen  bool // the address has what the reader chose
	Code    *web.Copy
	See     string // path of what is embedded
	Choices []web.Option
}

// share offers the address and the code of a tool, with what the reader chose in both.
func (p *Pages) share(l *i18n.Printer, t tool.Tool, s spec.Spec, chosen url.Values) *sharing {
	embedded := with(EmbedPath+"/"+t.Slug, chosen)
	out := &sharing{Chosen: len(chosen) > 0, See: embedded,
		Link: &web.Copy{L: l, ID: "enlace", Text: p.shell.URL(with(t.Path(), chosen))},
		Code: &web.Copy{L: l, ID: "embeber", Text: embedCode(p.shell.URL(embedded), t.Title, len(s.Views))}}
	for _, one := range []string{"tema=oscuro", "tema=claro", "lang=en", "lang=es"} {
		out.Choices = append(out.Choices, web.Option{Value: one, Label: l.T("tool.embed.choice." + one)})
	}
	if len(s.Views) > 1 {
		for _, v := range s.Views {
			if v.Mark != spec.Text && v.Title != "" {
				out.Choices = append(out.Choices, web.Option{Value: "vista=" + v.Name, Label: l.T("tool.embed.choice.view", "title", v.Title)})
			}
		}
	}
	return out
}

// The height in pixels of the frame of one view, and of several.
const (
	frameOfOne     = "640"
	frameOfSeveral = "900"
)

// embedCode is what other sites put into their pages.
func embedCode(address, title string, views int) string {
	height := frameOfOne
	if views > 1 {
		height = frameOfSeveral
	}
	return `<iframe src="` + html.EscapeString(address) + `" title="` + html.EscapeString(title) + `" width="100%" height="` + height + `" loading="lazy" style="border:0"></iframe>`
}
