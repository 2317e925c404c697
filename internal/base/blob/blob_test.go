package blob_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"

	"plaza/internal/base/blob"
	"plaza/internal/base/i18n"
	"plaza/internal/plaza"
)

func sum(b []byte) string {
	h := sha256.Sum256(b)
	return hex.EncodeToString(h[:])
}

// fakeS3 starts an S3 store in memory with one bucket and gives its address. wrap, if
// any, stands before it.
func fakeS3(t *testing.T, wrap func(http.Handler) http.Handler) string {
	t.Helper()
	backend := s3mem.New()
	if err := backend.CreateBucket("plaza"); err != nil {
		t.Fatal(err)
	}
	h := gofakes3.New(backend).Server()
	if wrap != nil {
		h = wrap(h)
	}
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return "s3://key:secret@" + strings.TrimPrefix(s.URL, "http://") + "/plaza/blobs?tls=false"
}

func open(t *testing.T, address string) blob.Store {
	t.Helper()
	s, err := blob.Open(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func put(t *testing.T, s blob.Store, content []byte) blob.Info {
	t.Helper()
	info, err := s.Put(t.Context(), bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	return info
}

func read(t *testing.T, r io.ReadCloser) []byte {
	t.Helper()
	b, err := io.ReadAll(r)
	if err != nil {
		t.Error(err)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	return b
}

func keys(t *testing.T, s blob.Store) []string {
	t.Helper()
	var out []string
	if err := s.List(t.Context(), func(i blob.Info) error { out = append(out, i.Key); return nil }); err != nil {
		t.Fatal(err)
	}
	return out
}

// each runs a test on a store of either kind.
func each(t *testing.T, f func(t *testing.T, s blob.Store)) {
	t.Run("directory", func(t *testing.T) { f(t, open(t, "file://"+t.TempDir())) })
	t.Run("s3", func(t *testing.T) { f(t, open(t, fakeS3(t, nil))) })
	t.Run("s3 without conditions", func(t *testing.T) {
		f(t, open(t, fakeS3(t, func(h http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Header.Get("If-None-Match") != "" {
					w.WriteHeader(http.StatusNotImplemented)
					_, _ = io.WriteString(w, "<Error><Code>NotImplemented</Code></Error>")
					return
				}
				h.ServeHTTP(w, r)
			})
		})))
	})
}

var contents = map[string][]byte{
	"empty":  {},
	"small":  []byte("calidad del aire"),
	"edge":   bytes.Repeat([]byte{7}, 1<<20),
	"larger": bytes.Repeat([]byte("0123456789"), 300_000),
}

func TestAnObjectComesBackAsItWasPut(t *testing.T) {
	each(t, func(t *testing.T, s blob.Store) {
		var want []string
		for name, content := range contents {
			for range 2 { // again is harmless
				if got, want := put(t, s, content), (blob.Info{Key: sum(content), Size: int64(len(content))}); got != want {
					t.Errorf("%s: Put = %v, want %v", name, got, want)
				}
			}
			key := sum(content)
			want = append(want, key)
			r, info, err := s.Get(t.Context(), key)
			if err != nil {
				t.Fatalf("%s: Get: %v", name, err)
			}
			if got := read(t, r); !bytes.Equal(got, content) || info.Size != int64(len(content)) {
				t.Errorf("%s: Get gives %d bytes, says %d, want %d", name, len(got), info.Size, len(content))
			}
			if got, err := s.Stat(t.Context(), key); err != nil || got != info {
				t.Errorf("%s: Stat = %v, %v, want %v", name, got, err, info)
			}
			if err := blob.Verify(t.Context(), s, key); err != nil {
				t.Errorf("%s: Verify: %v", name, err)
			}
		}
		slices.Sort(want)
		if diff := cmp.Diff(want, keys(t, s)); diff != "" {
			t.Errorf("List (-want +got):\n%s", diff)
		}
	})
}

func TestAPartOfAnObjectCanBeRead(t *testing.T) {
	each(t, func(t *testing.T, s blob.Store) {
		key := put(t, s, []byte("0123456789")).Key
		for _, tt := range []struct {
			offset, length int64
			want           string
			kind           plaza.Kind
		}{
			{0, -1, "0123456789", 0}, {0, 4, "0123", 0}, {3, 4, "3456", 0}, {9, 1, "9", 0}, {7, -1, "789", 0},
			{7, 100, "789", 0}, {4, 0, "", 0},
			{10, -1, "", plaza.Invalid}, {10, 0, "", plaza.Invalid}, {11, 3, "", plaza.Invalid}, {-1, 3, "", plaza.Invalid},
		} {
			r, err := s.GetRange(t.Context(), key, tt.offset, tt.length)
			if tt.kind != 0 {
				if plaza.KindOf(err) != tt.kind {
					t.Errorf("GetRange(%d, %d) = %v, want kind %v", tt.offset, tt.length, err, tt.kind)
				}
				continue
			}
			if err != nil {
				t.Errorf("GetRange(%d, %d): %v", tt.offset, tt.length, err)
				continue
			}
			if got := string(read(t, r)); got != tt.want {
				t.Errorf("GetRange(%d, %d) = %q, want %q", tt.offset, tt.length, got, tt.want)
			}
		}
	})
}

func TestAnObjectThatIsNotThereIsNotFound(t *testing.T) {
	each(t, func(t *testing.T, s blob.Store) {
		key := put(t, s, []byte("x")).Key
		for range 2 {
			if err := s.Delete(t.Context(), key); err != nil {
				t.Errorf("Delete: %v", err)
			}
		}
		for _, key := range []string{
			key, sum([]byte("never")), "", "abc", strings.ToUpper(key), "../../../../etc/passwd",
			strings.Repeat("/", 64), strings.Repeat(".", 64), key[:62] + "\x00a", "probe",
		} {
			_, _, err := s.Get(t.Context(), key)
			_, errRange := s.GetRange(t.Context(), key, 0, 1)
			_, errStat := s.Stat(t.Context(), key)
			for _, err := range []error{err, errRange, errStat, blob.Verify(t.Context(), s, key)} {
				if plaza.KindOf(err) != plaza.NotFound {
					t.Errorf("key %.70q: %v, want not found", key, err)
				}
			}
			if err := s.Delete(t.Context(), key); err != nil {
				t.Errorf("Delete(%.70q) = %v, want nil", key, err)
			}
		}
	})
}

func TestAReaderThatFailsLeavesNothing(t *testing.T) {
	broken := errors.New("the upload broke off")
	each(t, func(t *testing.T, s blob.Store) {
		for _, n := range []int{0, 100, 2 << 20} {
			r := io.MultiReader(bytes.NewReader(make([]byte, n)), iotest.ErrReader(broken))
			_, err := s.Put(t.Context(), r)
			if !errors.Is(err, broken) || plaza.KindOf(err) != plaza.Internal {
				t.Errorf("Put of %d bytes = %v, want the reader's own error", n, err)
			}
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := s.Put(ctx, strings.NewReader("x")); !errors.Is(err, context.Canceled) {
			t.Errorf("Put of a caller who left = %v, want context canceled", err)
		}
		if _, _, err := s.Get(ctx, sum(nil)); !errors.Is(err, context.Canceled) {
			t.Errorf("Get of a caller who left = %v, want context canceled", err)
		}
		if got := keys(t, s); len(got) != 0 {
			t.Errorf("List = %v, want nothing", got)
		}
	})
}

func TestTheSameContentMayBePutByManyAtOnce(t *testing.T) {
	each(t, func(t *testing.T, s blob.Store) {
		var all sync.WaitGroup
		for range 20 {
			all.Go(func() {
				if _, err := s.Put(t.Context(), bytes.NewReader(contents["larger"])); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if got := keys(t, s); len(got) != 1 {
			t.Errorf("List = %v, want one object", got)
		}
		if err := blob.Verify(t.Context(), s, sum(contents["larger"])); err != nil {
			t.Error(err)
		}
	})
}

func TestListingStopsWhereTheCallerSays(t *testing.T) {
	each(t, func(t *testing.T, s blob.Store) {
		for i := range 5 {
			put(t, s, []byte{byte(i)})
		}
		stop := errors.New("enough")
		seen := 0
		err := s.List(t.Context(), func(blob.Info) error {
			if seen++; seen == 2 {
				return stop
			}
			return nil
		})
		if !errors.Is(err, stop) || seen != 2 {
			t.Errorf("List = %v after %d, want to stop after 2", err, seen)
		}
	})
}

func TestTheCheckLeavesNothingBehind(t *testing.T) {
	each(t, func(t *testing.T, s blob.Store) {
		if err := blob.Check(t.Context(), s); err != nil {
			t.Errorf("Check: %v", err)
		}
		if got := keys(t, s); len(got) != 0 {
			t.Errorf("List = %v, want nothing", got)
		}
	})
}

func TestAnObjectIsServedInParts(t *testing.T) {
	each(t, func(t *testing.T, s blob.Store) {
		key := put(t, s, []byte("0123456789")).Key
		for _, tt := range []struct {
			rng    string
			status int
			want   string
		}{
			{"", 200, "0123456789"}, {"bytes=2-4", 206, "234"}, {"bytes=-3", 206, "789"}, {"bytes=20-", 416, ""},
		} {
			r, err := blob.NewReader(t.Context(), s, key)
			if err != nil {
				t.Fatal(err)
			}
			w := httptest.NewRecorder()
			req := httptest.NewRequest(http.MethodGet, "/x.csv", nil)
			if tt.rng != "" {
				req.Header.Set("Range", tt.rng)
			}
			http.ServeContent(w, req, "x.csv", noTime, r)
			if err := r.Close(); err != nil {
				t.Error(err)
			}
			if w.Code != tt.status || (tt.want != "" && w.Body.String() != tt.want) {
				t.Errorf("range %q: %d %q, want %d %q", tt.rng, w.Code, w.Body, tt.status, tt.want)
			}
		}
		r, err := blob.NewReader(t.Context(), s, key)
		if err != nil {
			t.Fatal(err)
		}
		if err := iotest.TestReader(r, []byte("0123456789")); err != nil {
			t.Error(err)
		}
	})
}

func TestDamageIsFoundAndPuttingAgainHealsIt(t *testing.T) {
	root := t.TempDir()
	s := open(t, "file://"+root)
	key := put(t, s, []byte("whole")).Key
	path := filepath.Join(root, key[:2], key[2:4], key)
	if err := os.WriteFile(path, []byte("whale"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := blob.Verify(t.Context(), s, key); !errors.Is(err, blob.ErrCorrupt) {
		t.Errorf("Verify = %v, want ErrCorrupt", err)
	}
	put(t, s, []byte("whole"))
	if err := blob.Verify(t.Context(), s, key); err != nil {
		t.Errorf("Verify after putting again = %v", err)
	}
}

func TestEveryErrorHasItsSentence(t *testing.T) {
	if problems := i18n.CheckCatalogues(blob.Locale); len(problems) > 0 {
		t.Error(problems)
	}
	b, err := i18n.New(blob.Locale)
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"not_found", "range", "unavailable", "full"} {
		if !b.Has("blob.error." + key) {
			t.Errorf("no sentence for %s", key)
		}
	}
}
