package web

import (
	"bytes"
	"fmt"
	"html/template"
	"io/fs"
	"iter"
	"maps"
	"net/http"
	"path"
	"reflect"
	"slices"
	"strings"
	"sync"
)

// Pages maps the name of each template file, without ".html", to a value of the
// type that it is drawn with.
type Pages map[string]any

// views holds the parsed templates.
type views struct {
	own   *template.Template // layout and components
	funcs template.FuncMap
	pages map[string]*view
}

// view is a page. The layout is put around it when it is drawn first: all of them with a
// copy each take the program longer to start than all the rest, and most of a process's pages
// are never asked for.
type view struct {
	whole func() (*template.Template, error)
	page  any
}

func newViews(s *Shell) (*views, error) {
	funcs := s.funcs()
	own, err := template.New("web").Funcs(funcs).ParseFS(ownTemplates, "templates/layout.html", "templates/components.html", "templates/unavailable.html")
	if err != nil {
		return nil, fmt.Errorf("parsing the layout: %w", err)
	}
	v := &views{own: own, funcs: funcs, pages: map[string]*view{}}
	return v, v.add("web", ownTemplates, Pages{"error": errorPage{}})
}

// Templates registers the pages of a section: templates/NAME.html in fsys defines
// "main" and is drawn as "section/NAME" with a value of the type in pages. A file
// whose name begins with an underscore holds parts that the section's pages share.
// A page without a file is an error, and so is a file without a page.
func (s *Shell) Templates(section string, fsys fs.FS, pages Pages) error {
	return s.views.add(section, fsys, pages)
}

func (v *views) add(section string, fsys fs.FS, pages Pages) error {
	files, err := fs.Glob(fsys, "templates/*.html")
	if err != nil {
		return fmt.Errorf("listing the templates of %s: %w", section, err)
	}
	if section != "web" {
		for _, file := range files {
			name := strings.TrimSuffix(path.Base(file), ".html")
			if _, ok := pages[name]; !ok && !strings.HasPrefix(name, "_") {
				return fmt.Errorf("template %s/%s has no page type", section, name)
			}
		}
	}
	for name, page := range pages {
		parts := template.New(name).Funcs(v.funcs)
		for _, file := range files {
			base := path.Base(file)
			if base != name+".html" && !strings.HasPrefix(base, "_") {
				continue
			}
			if _, err := parts.ParseFS(fsys, file); err != nil {
				return fmt.Errorf("parsing %s/%s: %w", section, base, err)
			}
		}
		if parts.Lookup("main") == nil {
			return fmt.Errorf(`template %s/%s defines no "main"`, section, name)
		}
		v.pages[section+"/"+name] = &view{page: page, whole: sync.OnceValues(func() (*template.Template, error) { return v.around(parts) })}
	}
	return nil
}

// around is the layout with the parts of a page in it.
func (v *views) around(parts *template.Template) (*template.Template, error) {
	whole, err := v.own.Clone()
	if err != nil {
		return nil, fmt.Errorf("copying the layout: %w", err)
	}
	for _, part := range parts.Templates() {
		if part.Tree == nil {
			continue // the name of the whole
		}
		if _, err := whole.AddParseTree(part.Name(), part.Tree); err != nil {
			return nil, fmt.Errorf("joining %s to the layout: %w", part.Name(), err)
		}
	}
	return whole.Lookup("layout"), nil
}

// View is a registered template and a value of the type that it is drawn with.
type View struct {
	Template *template.Template
	Page     any
}

// Views yields the registered templates by name, for tests. One that does not fit the layout
// is nil.
func (s *Shell) Views() iter.Seq2[string, View] {
	return func(yield func(string, View) bool) {
		for _, name := range slices.Sorted(maps.Keys(s.views.pages)) {
			v := s.views.pages[name]
			tmpl, _ := v.whole()
			if !yield(name, View{tmpl, v.page}) {
				return
			}
		}
	}
}

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// Render draws a page and answers with it. The page is of the type registered for
// the template, or a pointer to it, and embeds Page. Nothing is sent when drawing
// fails.
func (s *Shell) Render(w http.ResponseWriter, _ *http.Request, status int, name string, page any) error {
	v := s.views.pages[name]
	if v == nil {
		return fmt.Errorf("no template %q", name)
	}
	got, want := reflect.TypeOf(page), reflect.TypeOf(v.page)
	if got != want && (got.Kind() != reflect.Pointer || got.Elem() != want) {
		return fmt.Errorf("template %q is drawn with %v, not %v", name, want, got)
	}
	buf := buffers.Get().(*bytes.Buffer)
	defer buffers.Put(buf)
	buf.Reset()
	tmpl, err := v.whole()
	if err == nil {
		err = tmpl.Execute(buf, page)
	}
	if err != nil {
		return fmt.Errorf("drawing %s: %w", name, err)
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, err = w.Write(buf.Bytes())
	return err
}

// Fragment draws the "main" of a registered page without the layout around it, for a
// place on another page. The data is of the type registered for it.
func (s *Shell) Fragment(name string, data any) (template.HTML, error) {
	v := s.views.pages[name]
	if v == nil {
		return "", fmt.Errorf("no template %q", name)
	}
	var buf bytes.Buffer
	tmpl, err := v.whole()
	if err == nil {
		err = tmpl.ExecuteTemplate(&buf, "main", data)
	}
	if err != nil {
		return "", fmt.Errorf("drawing %s: %w", name, err)
	}
	return template.HTML(buf.String()), nil //nolint:gosec // a template escaped it
}

// funcs are the functions that templates may call.
func (s *Shell) funcs() template.FuncMap {
	return template.FuncMap{
		"icon":  s.icon,
		"asset": s.assets.path,
	}
}

// icon draws a named icon of the sprite. It is decoration: words stand beside it.
func (s *Shell) icon(name string) (template.HTML, error) {
	if s.cfg.Icons != nil && !slices.Contains(s.cfg.Icons, name) {
		return "", fmt.Errorf("the sprite has no icon %q", name)
	}
	return template.HTML(`<svg class="Icon" aria-hidden="true" focusable="false"><use href="` + //nolint:gosec // names are checked
		template.HTMLEscapeString(s.assets.path("icons.svg")+"#"+name) + `"></use></svg>`), nil
}
