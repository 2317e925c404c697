package fetch_test

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"plaza/internal/base/fetch"
)

func TestABodyThatBreaksOffGoesOnWhereTheSameContentCanBeHad(t *testing.T) {
	const content = "clave,precio\n01,10.5\n02,11\n"
	const long = "Mon, 02 Jan 2006 15:04:05 GMT"
	for name, c := range map[string]struct {
		etag, modified string
		later          string // the ETag from the second answer on; "" for the same
		deaf           bool   // ranges are ignored
		wrong          bool   // another range comes than was asked for
		breaks         int    // answers that break off
		resume         int
		want           fetch.Code
		asked          int
	}{
		"a strong mark":           {etag: `"a"`, breaks: 2, resume: 5, asked: 3},
		"a date of long ago":      {modified: long, breaks: 1, resume: 5, asked: 2},
		"ranges are ignored":      {etag: `"a"`, deaf: true, breaks: 1, resume: 5, asked: 2},
		"another content":         {etag: `"a"`, later: `"b"`, breaks: 1, resume: 5, want: fetch.Truncated, asked: 2},
		"a weak mark":             {etag: `W/"a"`, breaks: 1, resume: 5, want: fetch.Truncated, asked: 1},
		"no mark":                 {breaks: 1, resume: 5, want: fetch.Truncated, asked: 1},
		"another range":           {etag: `"a"`, wrong: true, breaks: 1, resume: 5, want: fetch.Truncated, asked: 2},
		"it breaks off for ever":  {etag: `"a"`, breaks: 99, resume: 2, want: fetch.Truncated, asked: 3},
		"nobody wants it resumed": {etag: `"a"`, breaks: 1, want: fetch.Truncated, asked: 1},
	} {
		asked := 0
		s := serve(t, func(w http.ResponseWriter, r *http.Request) {
			asked++
			h, etag := w.Header(), c.etag
			if asked > 1 && c.later != "" {
				etag = c.later
			}
			if etag != "" {
				h.Set("ETag", etag)
			}
			if c.modified != "" {
				h.Set("Last-Modified", c.modified)
			}
			from, whole := 0, content
			if rest, ok := strings.CutPrefix(r.Header.Get("Range"), "bytes="); ok && !c.deaf && (r.Header.Get("If-Range") == etag || r.Header.Get("If-Range") == c.modified && etag == "") {
				from, _ = strconv.Atoi(strings.TrimSuffix(rest, "-"))
				if c.wrong {
					from--
				}
				whole = content[from:]
				h.Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", from, len(content)-1, len(content)))
			}
			h.Set("Content-Length", strconv.Itoa(len(whole)))
			if from > 0 {
				w.WriteHeader(http.StatusPartialContent)
			}
			if asked <= c.breaks {
				whole = whole[:len(whole)/3]
			}
			fmt.Fprint(w, whole)
		})
		_, text, err := get(t, fetch.New(fetch.Config{Allow: loopback, Interval: -1}), fetch.Request{URL: s.URL, Resume: c.resume, MaxBytes: int64(len(content))})
		if codeOf(err) != c.want || asked != c.asked || c.want == "" && (err != nil || text != content) || !strings.HasPrefix(content, text) {
			t.Errorf("%s: %q, %v after %d answers, want code %q after %d", name, text, err, asked, c.want, c.asked)
		}
	}
}

func TestARestThatIsLongerThanWasSaidIsCutOff(t *testing.T) {
	first := true
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("ETag", `"a"`)
		if first {
			first = false
			w.Header().Set("Content-Length", "100")
			fmt.Fprint(w, strings.Repeat("x", 50))
			return
		}
		w.Header().Set("Content-Range", "bytes 50-99/100")
		w.WriteHeader(http.StatusPartialContent)
		_ = http.NewResponseController(w).Flush() // nothing is announced
		fmt.Fprint(w, strings.Repeat("y", 500))
	})
	_, text, err := get(t, fetch.New(fetch.Config{Allow: loopback, Interval: -1}), fetch.Request{URL: s.URL, Resume: 5, MaxBytes: 100})
	if codeOf(err) != fetch.TooLarge || len(text) != 100 {
		t.Errorf("%d bytes, %v", len(text), err)
	}
}
