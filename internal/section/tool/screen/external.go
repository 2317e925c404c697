package screen

import (
	"net/http"

	"plaza/internal/base/db"
	"plaza/internal/base/i18n"
	"plaza/internal/base/web"
	"plaza/internal/plaza"
	"plaza/internal/section/tool"
)

// ImagePath is where the picture of a tool elsewhere is, under its page.
const ImagePath = "/imagen"

// Also under it: its picture in small, and where it is shown within a page of ours.
const (
	smallPath = "/imagen/miniatura"
	framePath = "/abrir"
)

// outside is a tool elsewhere.
type outside struct {
	L             *i18n.Printer
	URL, Host     string
	Software      string
	Picture, Alt  string
	Width, Height int
	Frame         string // path where it is shown within a page of ours, "" where that cannot be
	Gone          bool   // it does not answer
}

func outsideOf(l *i18n.Printer, t tool.Tool, x tool.External) *outside {
	o := &outside{L: l, URL: x.URL, Host: x.Host(), Software: x.Software, Gone: t.Address.Broken()}
	if x.Picture != nil {
		o.Picture, o.Alt, o.Width, o.Height = t.Path()+ImagePath, x.Alt, x.Picture.Width, x.Picture.Height
	}
	if web.FrameOrigin(x.URL) != "" {
		o.Frame = t.Path() + framePath
	}
	return o
}

// elsewhere is a public tool elsewhere.
func (p *Pages) elsewhere(r *http.Request) (t tool.Tool, x tool.External, err error) {
	err = p.DB.Read(r.Context(), func(tx *db.Tx) error {
		var v tool.Version
		if t, v, err = p.found(tx, r); err != nil {
			return err
		}
		if v.Document.External == nil {
			return plaza.E(plaza.NotFound, "tool.error.not_found")
		}
		x = *v.Document.External
		return nil
	})
	return t, x, err
}

// image is the picture of a tool elsewhere that is stored here.
func (p *Pages) image(w http.ResponseWriter, r *http.Request) error {
	_, x, err := p.elsewhere(r)
	if err != nil {
		return err
	}
	if x.Picture == nil {
		return plaza.E(plaza.NotFound, "tool.error.no_picture")
	}
	body, err := p.Kept.Image(r.Context(), *x.Picture)
	if err != nil {
		return err
	}
	w.Header().Set("X-Robots-Tag", "noindex")
	return send(w, x.Picture.MediaType, body)
}

// small is the picture of a tool elsewhere in small, for lists.
func (p *Pages) small(w http.ResponseWriter, r *http.Request) error {
	_, x, err := p.elsewhere(r)
	if err != nil {
		return err
	}
	body, kind, err := p.Kept.Small(r.Context(), x, dark(r))
	if err != nil {
		return err
	}
	w.Header().Set("X-Robots-Tag", "noindex")
	return send(w, kind, body)
}

// smallOf is where a tool is in small, by day and by night.
func smallOf(t tool.Tool) (day, night string) {
	day = t.Path() + "/miniatura.png"
	if t.External() {
		day = t.Path() + smallPath
	}
	return day, day + "?tema=oscuro"
}

// framePage shows a tool elsewhere within a page of ours.
type framePage struct {
	web.Page
	Heading   string
	URL, Host string
	Back      string
}

// frame shows a tool elsewhere to who chose so: its site learns of that only here. The frame
// is a sandbox of its own origin, and the only one that the page may show.
func (p *Pages) frame(w http.ResponseWriter, r *http.Request) error {
	t, x, err := p.elsewhere(r)
	if err != nil {
		return err
	}
	origin := web.FrameOrigin(x.URL)
	if origin == "" {
		return plaza.E(plaza.NotFound, "tool.error.no_frame")
	}
	page := &framePage{Page: p.shell.Page(r, ""), Heading: t.Title, URL: x.URL, Host: x.Host(), Back: t.Path()}
	page.Title = page.L.T("tool.frame.title", "title", t.Title)
	page.NoIndex, page.Canonical = true, t.Path()
	page.Crumbs = []web.Crumb{{Title: page.L.T("tool.title"), Path: tool.Path}, {Title: t.Title, Path: t.Path()}}
	web.AllowFrame(w, origin)
	return p.shell.Render(w, r, http.StatusOK, "tool/frame", page)
}
