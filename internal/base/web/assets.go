package web

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strconv"
)

const assetPrefix = "/assets/"

// assets holds the built files in memory: some hundred kilobytes in all.
type assets struct {
	names map[string]string // "site.css" to "site.1a2b3c4d.css"
	files map[string]*asset
}

type asset struct {
	kind   []string
	bodies [encodings][]byte // nil where the asset tool made no such variant
}

// loadAssets reads what the asset tool built. Without a build, names stand for
// themselves and nothing is found under them: pages stay readable.
func loadAssets(built fs.FS) (*assets, error) {
	a := &assets{names: map[string]string{}, files: map[string]*asset{}}
	if built == nil {
		return a, nil
	}
	manifest, err := fs.ReadFile(built, "manifest.json")
	if errors.Is(err, fs.ErrNotExist) {
		return a, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the list of assets: %w", err)
	}
	if err := json.Unmarshal(manifest, &a.names); err != nil {
		return nil, fmt.Errorf("reading the list of assets: %w", err)
	}
	for _, name := range a.names {
		f := &asset{kind: []string{mime.TypeByExtension(path.Ext(name))}}
		if path.Ext(name) == ".woff2" {
			f.kind = []string{"font/woff2"} // not in every system's table
		}
		for encoding, suffix := range []string{"", ".gz", ".br"} {
			body, err := fs.ReadFile(built, name+suffix)
			if err != nil && encoding == identity {
				return nil, fmt.Errorf("reading asset %s: %w", name, err)
			}
			f.bodies[encoding] = body
		}
		a.files[name] = f
	}
	return a, nil
}

// path is the address of an asset by its plain name.
func (a *assets) path(name string) string {
	if hashed, ok := a.names[name]; ok {
		name = hashed
	}
	return assetPrefix + name
}

// serve answers with an asset, for ever: its name changes with its content.
func (a *assets) serve(w http.ResponseWriter, r *http.Request) error {
	f := a.files[r.PathValue("name")]
	if f == nil {
		return &StatusError{Status: http.StatusNotFound}
	}
	h := w.Header()
	h["Content-Type"] = f.kind
	h["X-Robots-Tag"] = []string{"noindex"}
	encoding := accepted(r, false)
	for f.bodies[encoding] == nil && encoding != identity {
		encoding--
	}
	if f.bodies[gzipped] != nil {
		h["Vary"] = []string{"Accept-Encoding"}
	}
	if name := encodingNames[encoding]; name != nil {
		h["Content-Encoding"] = name
	}
	h["Content-Length"] = []string{strconv.Itoa(len(f.bodies[encoding]))}
	w.WriteHeader(http.StatusOK)
	if r.Method == http.MethodHead {
		return nil
	}
	_, err := w.Write(f.bodies[encoding])
	return err
}
