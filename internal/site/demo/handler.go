package demo

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"time"
)

// SourcesPath is where FUENTES.md is served: the licences of what the demonstration
// holds ask that their texts go with it.
const SourcesPath = "/demo/FUENTES.md"

// Prefix is where the handler's addresses begin.
const Prefix = "/demo/"

// Handler serves the files and the newest version of each catalogue under Prefix.
// base is the address of the installation without a final slash; it stands in
// every link.
func Handler(base string) http.Handler {
	return HandlerAt(base, func() (now, end time.Time) { return lastDay, lastDay })
}

// lastDay is after everything that catalogues and files say.
var lastDay = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)

// HandlerAt is Handler with catalogues and files as they were at the instant that when
// gives, so that a story played from the past finds what was published then. end is when
// that story ends.
func HandlerAt(base string, when func() (now, end time.Time)) http.Handler {
	h := &handler{base: strings.TrimSuffix(base, "/"), when: when}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /demo/archivos/{name...}", h.file)
	mux.HandleFunc("GET "+SourcesPath, h.sources)
	mux.HandleFunc("GET /demo/catalogos/{$}", h.list)
	mux.HandleFunc("GET /demo/catalogos/{name}", h.catalog)
	mux.HandleFunc("GET /demo/catalogos/{name}/api/3/action/{action}", h.action)
	mux.HandleFunc("OPTIONS /demo/", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Methods", "GET, HEAD")
		w.Header().Set("Access-Control-Allow-Headers", "Range, If-None-Match, If-Modified-Since")
		w.WriteHeader(http.StatusNoContent)
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "*")
		w.Header().Set("Access-Control-Expose-Headers", "Content-Disposition, Content-Length, Content-Range, ETag")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		// The files are other people's; nothing in them may run as ours.
		w.Header().Set("Content-Security-Policy", "default-src 'none'; sandbox")
		mux.ServeHTTP(w, r)
	})
}

type handler struct {
	base string
	when func() (now, end time.Time)
}

func (h *handler) sources(w http.ResponseWriter, r *http.Request) {
	data, err := embedded.ReadFile("FUENTES.md")
	if err != nil {
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8") // to be read, not downloaded
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(data))
}

func (h *handler) file(w http.ResponseWriter, r *http.Request) {
	s, err := sources()
	if err != nil {
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		return
	}
	name := r.PathValue("name")
	f, ok := s.Files[name]
	packed := false
	if !ok && strings.HasSuffix(name, ".gz") {
		// The compressed file may be had as it is stored.
		f, ok = s.Files[strings.TrimSuffix(name, ".gz")]
		ok = ok && f.Stored == name && len(f.Later) == 0
		packed = ok
	}
	if !ok {
		http.NotFound(w, r)
		return
	}
	f = f.At(h.when())
	data, err := fs.ReadFile(embedded, "archivos/"+f.Stored)
	if err != nil {
		http.NotFound(w, r)
		return
	}
	modified, _ := time.Parse(time.DateOnly, f.Modified) // zero leaves the header out
	content, tag := io.ReadSeeker(bytes.NewReader(data)), f.SHA256[:32]
	w.Header().Set("Content-Type", f.MediaType)
	switch {
	case packed:
		w.Header().Set("Content-Type", "application/gzip")
		tag += "-gz"
	case strings.HasSuffix(f.Stored, ".gz"):
		w.Header().Add("Vary", "Accept-Encoding")
		if r.Header.Get("Range") == "" && acceptsGzip(r) {
			w.Header().Set("Content-Encoding", "gzip")
			tag += "-gz"
		} else {
			content = &unpacked{data: data, size: f.Bytes}
		}
	}
	if !strings.HasPrefix(f.MediaType, "text/html") {
		w.Header().Set("Content-Disposition", `attachment; filename="`+path.Base(name)+`"`)
	}
	w.Header().Set("ETag", `"`+tag+`"`)
	w.Header().Set("Cache-Control", "public, max-age=3600")
	http.ServeContent(w, r, "", modified, content)
}

// acceptsGzip reads Accept-Encoding; a coding with q=0 is refused.
func acceptsGzip(r *http.Request) bool {
	for _, part := range strings.Split(r.Header.Get("Accept-Encoding"), ",") {
		coding, params, _ := strings.Cut(strings.ToLower(part), ";")
		if strings.TrimSpace(coding) == "gzip" {
			q := strings.TrimSpace(params)
			return q != "q=0" && q != "q=0.0" && q != "q=0.00" && q != "q=0.000"
		}
	}
	return false
}

// unpacked reads a gzip file as what it holds, seeking by reading on or anew: a
// file of 12 MB never stands in memory for a client that wants it plain.
type unpacked struct {
	data []byte
	size int64
	want int64 // where the next Read begins
	at   int64 // where z stands
	z    *gzip.Reader
}

// Seek only notes the place.
func (u *unpacked) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += u.want
	case io.SeekEnd:
		offset += u.size
	}
	if offset < 0 {
		return 0, fmt.Errorf("seeking before the beginning")
	}
	u.want = offset
	return offset, nil
}

// Read goes to the place that Seek noted.
func (u *unpacked) Read(p []byte) (int, error) {
	if u.z == nil || u.want < u.at {
		z, err := gzip.NewReader(bytes.NewReader(u.data))
		if err != nil {
			return 0, err
		}
		u.z, u.at = z, 0
	}
	if u.want > u.at {
		n, err := io.CopyN(io.Discard, u.z, u.want-u.at)
		u.at += n
		if err != nil {
			return 0, err
		}
	}
	n, err := u.z.Read(p)
	u.at += int64(n)
	u.want = u.at
	return n, err
}

// list names the catalogues, for those who open the folder.
func (h *handler) list(w http.ResponseWriter, r *http.Request) {
	catalogs, err := Catalogs()
	if err != nil {
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		return
	}
	type entry struct {
		Title string `json:"title"`
		Kind  string `json:"kind"`
		URL   string `json:"url"`
	}
	out := make([]entry, len(catalogs))
	for i, c := range catalogs {
		out[i] = entry{c.Title, c.Kind, h.base + c.Path}
	}
	writeJSON(w, http.StatusOK, out)
}

// find gives the version of a catalogue that is current, with the links filled in.
func (h *handler) find(name string) (Catalog, Version, []byte, bool) {
	catalogs, err := Catalogs()
	if err != nil {
		return Catalog{}, Version{}, nil, false
	}
	for _, c := range catalogs {
		if path.Base(c.Path) != name {
			continue
		}
		now, _ := h.when()
		v := c.At(now)
		data, err := embedded.ReadFile("catalogos/" + v.File)
		if err != nil {
			return Catalog{}, Version{}, nil, false
		}
		return c, v, bytes.ReplaceAll(data, []byte("{{base}}"), []byte(h.base)), true
	}
	return Catalog{}, Version{}, nil, false
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	_ = e.Encode(v) // the client has gone away
}
