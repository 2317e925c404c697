package screen

import (
	"html/template"
	"net/url"

	"plaza/internal/base/db"
	"plaza/internal/base/i18n"
	"plaza/internal/base/web"
	"plaza/internal/section/tool"
)

// mostMade tools stand beside the data that they are made with.
const mostMade = 3

// made is the tools of a dataset, on its page.
type made struct {
	L     *i18n.Printer
	Items []web.ToolItem
	All   string // path of all of them, "" when they are here
}

// Made is the tools that are made with a dataset, as a part of its page; "" when there are none.
func (p *Pages) Made(tx *db.Tx, l *i18n.Printer, dataset string) (template.HTML, error) {
	list, err := tool.List(tx, tool.Filter{Dataset: dataset}, tool.FeaturedTop, tool.Key{}, mostMade+1)
	if err != nil || len(list) == 0 {
		return "", err
	}
	m := made{L: l}
	if len(list) > mostMade {
		list, m.All = list[:mostMade], with(tool.Path, url.Values{"conjunto": {dataset}})
	}
	if m.Items, err = Items(tx, l, p.Names, list); err != nil {
		return "", err
	}
	return p.shell.Fragment("tool/made", m)
}
