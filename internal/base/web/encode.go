package web

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/gzip"
)

// The encodings in which an answer can be sent.
const (
	identity = iota
	gzipped
	brotlied
	encodings
)

var encodingNames = [encodings][]string{identity: nil, gzipped: {"gzip"}, brotlied: {"br"}}

// variant is a body in one encoding with the headers that go with it.
type variant struct {
	body   []byte
	length []string
}

// smallest is the size below which compressing gains nothing.
const smallest = 512

// newEntry takes what the recorder holds.
func newEntry(rec *recorder) *entry {
	e := &entry{status: rec.status, body: bytes.Clone(rec.body.Bytes()), packed: rec.packed != nil}
	if e.status == 0 {
		e.status = http.StatusOK
	}
	if e.status == http.StatusOK && rec.header.Get("ETag") == "" && cacheable(rec.header) {
		sum := sha256.Sum256(e.body)
		// Weak: the same for every encoding of the body.
		e.etag = `W/"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`
		rec.header["Etag"] = []string{e.etag}
	}
	if e.compress = compressible(rec.header); e.compress && rec.header.Get("Vary") == "" {
		rec.header["Vary"] = varyPage
	}
	e.cost = int64(len(e.body)) + 1024
	if e.packed {
		e.variants[gzipped].Store(&variant{body: rec.packed, length: []string{strconv.Itoa(len(rec.packed))}})
	}
	for name, values := range rec.header {
		if name == "X-Request-Id" || name == "Set-Cookie" || name == "Strict-Transport-Security" {
			continue // of this one request
		}
		e.header = append(e.header, headerLine{name, values})
		e.cost += int64(len(name)) + 64
	}
	return e
}

// cacheable reports whether a reader may keep the answer, so that a tag is of use.
func cacheable(h http.Header) bool {
	return !strings.Contains(h.Get("Cache-Control"), "no-store")
}

func compressible(h http.Header) bool {
	kind, _, _ := strings.Cut(h.Get("Content-Type"), ";")
	if h.Get("Content-Encoding") != "" {
		return false
	}
	return strings.HasPrefix(kind, "text/") || strings.HasSuffix(kind, "json") || strings.HasSuffix(kind, "xml") ||
		kind == "application/javascript" || kind == "image/svg+xml" || kind == "application/vnd.mapbox-vector-tile"
}

// write sends the entry in the best encoding that the request accepts, or 304 when
// the reader has it. The headers of e.header are set already.
func (e *entry) write(w http.ResponseWriter, r *http.Request) (status int, n int64) {
	h := w.Header()
	if e.etag != "" && Has(r, e.etag) {
		delete(h, "Content-Type")
		w.WriteHeader(http.StatusNotModified)
		return http.StatusNotModified, 0
	}
	encoding := identity
	if e.compress && len(e.body) >= smallest {
		encoding = accepted(r, e.packed)
	}
	v := e.variant(encoding)
	if name := encodingNames[encoding]; name != nil {
		h["Content-Encoding"] = name
		if tag := h.Get("ETag"); tag != "" && !strings.HasPrefix(tag, "W/") {
			h["Etag"] = []string{"W/" + tag} // a strong tag is of the bytes as they were made
		}
	}
	if e.status != http.StatusNoContent && e.status != http.StatusNotModified {
		h["Content-Length"] = v.length
	}
	w.WriteHeader(e.status)
	if r.Method == http.MethodHead || len(v.body) == 0 {
		return e.status, 0
	}
	sent, _ := w.Write(v.body) // the reader may have left
	return e.status, int64(sent)
}

// Has reports whether a reader has the entity with a tag already.
func Has(r *http.Request, etag string) bool {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return false
	}
	for _, line := range r.Header["If-None-Match"] {
		for candidate := range strings.SplitSeq(line, ",") {
			candidate = strings.TrimSpace(candidate)
			if candidate == "*" || strings.TrimPrefix(candidate, "W/") == strings.TrimPrefix(etag, "W/") {
				return true
			}
		}
	}
	return false
}

// variant returns the body in an encoding, compressing it the first time.
func (e *entry) variant(encoding int) *variant {
	if v := e.variants[encoding].Load(); v != nil {
		return v
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if v := e.variants[encoding].Load(); v != nil {
		return v
	}
	body := e.body
	if encoding != identity {
		body = packed(e.body, encoding)
	}
	v := &variant{body: body, length: []string{strconv.Itoa(len(body))}}
	e.variants[encoding].Store(v)
	return v
}

// Gzip packs a body that is kept, as small as gzip makes it. See [Packed].
func Gzip(body []byte) []byte {
	z, _ := gzip.NewWriterLevel(nil, gzip.BestCompression) // only a bad level fails
	return squeezed(body, z)
}

// Packed tells of the answer that w takes that it is at hand as [Gzip] made it: whoever takes
// gzip gets these bytes, and nothing is packed for this request. The body is written to w
// nevertheless, for others and for the answer's tag.
func Packed(w http.ResponseWriter, gzip []byte) {
	if rec, ok := w.(*recorder); ok {
		rec.packed = gzip
	}
}

// packer is a compressor that may be used again.
type packer interface {
	io.WriteCloser
	Reset(to io.Writer)
}

// packers are kept from one answer to the next: making one, with its hundreds of kilobytes
// of tables, takes longer than most pages take it.
var packers = [encodings]sync.Pool{
	gzipped:  {New: func() any { z, _ := gzip.NewWriterLevel(nil, 5); return z }}, // only a bad level fails
	brotlied: {New: func() any { return brotli.NewWriterLevel(nil, 4) }},
}

func packed(body []byte, encoding int) []byte {
	z := packers[encoding].Get().(packer)
	defer packers[encoding].Put(z)
	return squeezed(body, z)
}

func squeezed(body []byte, z packer) []byte {
	var out bytes.Buffer
	out.Grow(len(body) / 3)
	z.Reset(&out)
	_, _ = z.Write(body) // into memory
	_ = z.Close()
	z.Reset(nil) // it holds on to nothing of the answer
	return out.Bytes()
}

// accepted chooses the encoding of an answer: brotli before gzip, unless the answer is packed
// with gzip already.
func accepted(r *http.Request, packed bool) int {
	lines := r.Header["Accept-Encoding"]
	if len(lines) == 0 {
		return identity
	}
	var takes [encodings]bool
	for part := range strings.SplitSeq(lines[0], ",") {
		name, parameter, _ := strings.Cut(part, ";")
		if p := strings.TrimSpace(parameter); p == "q=0" || strings.HasPrefix(p, "q=0.0") {
			continue
		}
		switch strings.TrimSpace(name) {
		case "br":
			takes[brotlied] = true
		case "gzip":
			takes[gzipped] = true
		}
	}
	switch {
	case takes[gzipped] && (packed || !takes[brotlied]):
		return gzipped
	case takes[brotlied]:
		return brotlied
	}
	return identity
}
