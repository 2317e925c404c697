package screen

import (
	"net/http"
	"sync"

	"plaza/internal/base/db"
	"plaza/internal/base/tabular/query"
	"plaza/internal/base/web"
	"plaza/internal/plaza"
	"plaza/internal/section/tool"
	"plaza/internal/section/tool/kept"
	"plaza/internal/section/tool/leaving"
	"plaza/internal/section/tool/showing"
	"plaza/internal/section/tool/spec"
)

// native is the document of a public tool of ours.
func (p *Pages) native(r *http.Request) (t tool.Tool, s spec.Spec, err error) {
	err = p.DB.Read(r.Context(), func(tx *db.Tx) error {
		var v tool.Version
		if t, v, err = p.found(tx, r); err != nil {
			return err
		}
		if v.Document.Spec == nil {
			return plaza.E(plaza.NotFound, "tool.error.not_found")
		}
		s = *v.Document.Spec
		return nil
	})
	return t, s, err
}

// document is what the tool is made of.
func (p *Pages) document(w http.ResponseWriter, r *http.Request) error {
	_, s, err := p.native(r)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	_, err = w.Write(s.JSON())
	return err
}

// view is a view alone, for scripts that change a page's.
func (p *Pages) view(w http.ResponseWriter, r *http.Request) error {
	t, s, err := p.native(r)
	if err != nil {
		return err
	}
	v, ok := s.View(r.PathValue("view"))
	if !ok {
		return plaza.E(plaza.NotFound, "tool.error.no_view")
	}
	page := pageOf(r, t)
	if page != t.Path() {
		s = only(s, r)
		if _, there := s.View(v.Name); !there {
			return plaza.E(plaza.NotFound, "tool.error.no_view")
		}
	}
	part, waits, err := p.one(r, drawn{t, s, t.Path(), page, query.Choices(r.URL.Query()), keeping(r.URL)}, v)
	if err != nil {
		return err
	}
	if waits {
		w.Header().Set("Cache-Control", "no-store")
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("X-Robots-Tag", "noindex")
	_, err = w.Write([]byte(part))
	return err
}

// file is a view as a file.
func (p *Pages) file(w http.ResponseWriter, r *http.Request) error {
	t, s, err := p.native(r)
	if err != nil {
		return err
	}
	v, ok := s.View(r.PathValue("view"))
	file := r.PathValue("file")
	if !ok || !leaving.Has(file) || v.Mark == spec.Text {
		return plaza.E(plaza.NotFound, "tool.error.no_view")
	}
	chosen, night := query.Choices(r.URL.Query()), dark(r)
	l := p.shell.Printer(r)
	of := kept.Of{Tool: t, Spec: s}
	w.Header().Set("X-Robots-Tag", "noindex")
	if form, stored := kept.FormOf(file, night); stored && len(chosen) == 0 {
		picture, ok, err := p.Kept.Picture(r.Context(), of, v.Name, l.Lang(), form)
		if err != nil {
			return err
		}
		if ok {
			if picture.Gzip != nil {
				web.Packed(w, picture.Gzip)
			}
			return send(w, types[file], picture.Body)
		}
	}
	result, err := p.Kept.View(r.Context(), of, v.Name, chosen)
	if err != nil {
		return err
	}
	a := showing.Asked{L: l, Spec: s, View: v, Result: result, Reader: chosen, Alt: s.Description}
	kind, body, err := leaving.View{Asked: a, URL: p.shell.URL(t.Path()), Dark: night}.Write(file)
	if err != nil {
		return err
	}
	return send(w, kind, body)
}

// types are the media types of files that are stored.
var types = map[string]string{leaving.SVG: "image/svg+xml", leaving.PNG: "image/png"}

func send(w http.ResponseWriter, kind string, body []byte) error {
	w.Header().Set("Content-Type", kind)
	_, err := w.Write(body)
	return err
}

// dark reports whether a picture is asked for as it is by night.
func dark(r *http.Request) bool { return r.URL.Query().Get("tema") == "oscuro" }

// placeholders draw the thumbnail of a tool that has none, by day and by night.
var placeholders = map[bool]func() ([]byte, error){
	false: sync.OnceValues(func() ([]byte, error) { return leaving.Placeholder(false) }),
	true:  sync.OnceValues(func() ([]byte, error) { return leaving.Placeholder(true) }),
}

// thumbnail is the tool in small, for lists.
func (p *Pages) thumbnail(w http.ResponseWriter, r *http.Request) error {
	var t tool.Tool
	var v tool.Version
	if err := p.DB.Read(r.Context(), func(tx *db.Tx) (err error) { t, v, err = p.found(tx, r); return err }); err != nil {
		return err
	}
	w.Header().Set("X-Robots-Tag", "noindex")
	if v.Document.Spec != nil {
		picture, ok, err := p.Kept.Picture(r.Context(), kept.Of{Tool: t, Spec: *v.Document.Spec}, "", "", kept.ThumbnailForm(dark(r)))
		if err != nil {
			return err
		}
		if ok {
			return send(w, "image/png", picture.Body)
		}
		w.Header().Set("Cache-Control", "no-store") // there will be one soon
	}
	body, err := placeholders[dark(r)]()
	if err != nil {
		return err
	}
	return send(w, "image/png", body)
}

// embedPage is a tool within another site's page.
type embedPage struct {
	web.Page
	Heading  string
	Tool     string // address of its page
	Choosing choosing
	Stage    stage
}

// embed shows a tool, or the view that "vista" names, within another site's page.
func (p *Pages) embed(w http.ResponseWriter, r *http.Request) error {
	t, s, err := p.native(r)
	if err != nil {
		return err
	}
	s = only(s, r)
	page := &embedPage{Page: p.shell.Page(r, t.Title), Heading: t.Title, Tool: p.shell.URL(t.Path())}
	page.Bare, page.NoIndex, page.Canonical = true, true, t.Path()
	page.Theme = map[string]string{"oscuro": "dark", "claro": "light"}[r.URL.Query().Get("tema")]
	path, chosen, keep := EmbedPath+"/"+t.Slug, query.Choices(r.URL.Query()), keeping(r.URL)
	page.Choosing = p.choosing(r.Context(), page.L, kept.Of{Tool: t, Spec: s}, chosen, path, keep)
	var fresh bool
	if page.Stage, fresh, err = p.draw(r, drawn{t, s, t.Path(), path, chosen, keep}); err != nil {
		return err
	}
	if fresh {
		w.Header().Set("Cache-Control", "no-store")
	}
	return p.shell.Render(w, r, http.StatusOK, "tool/embed", page)
}

// only is a document with the view alone that an embedded page names.
func only(s spec.Spec, r *http.Request) spec.Spec {
	if v, ok := s.View(r.URL.Query().Get("vista")); ok {
		s.Views = []spec.View{v}
	}
	return s
}
