package blob_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"plaza/internal/base/blob"
	"plaza/internal/plaza"
)

var noTime time.Time

// unusable holds that every call of a store that is away says so, and in time.
func unusable(t *testing.T, s blob.Store) {
	t.Helper()
	key := sum([]byte("x"))
	_, errPut := s.Put(t.Context(), strings.NewReader("x"))
	_, _, errGet := s.Get(t.Context(), key)
	_, errStat := s.Stat(t.Context(), key)
	for call, err := range map[string]error{
		"Put": errPut, "Get": errGet, "Stat": errStat, "Check": blob.Check(t.Context(), s),
		"List": s.List(t.Context(), func(blob.Info) error { return nil }),
	} {
		if plaza.KindOf(err) != plaza.Unavailable {
			t.Errorf("%s = %v, want unavailable", call, err)
		}
		if err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("%s tells the secret: %v", call, err)
		}
	}
}

func TestAStoreThatIsAwayIsUnavailable(t *testing.T) {
	t.Parallel()
	t.Run("directory gone", func(t *testing.T) {
		root := filepath.Join(t.TempDir(), "blobs")
		s := open(t, "file://"+root)
		if err := os.RemoveAll(root); err != nil {
			t.Fatal(err)
		}
		unusable(t, s)
	})
	t.Run("s3 not listening", func(t *testing.T) {
		server := httptest.NewServer(http.NotFoundHandler())
		server.Close()
		unusable(t, open(t, "s3://key:secret@"+strings.TrimPrefix(server.URL, "http://")+"/plaza?tls=false"))
	})
	t.Run("s3 refuses the key", func(t *testing.T) {
		unusable(t, open(t, fakeS3(t, func(http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) })
		})))
	})
}

func TestAFrozenStoreIsGivenUp(t *testing.T) {
	t.Parallel()
	frozen := make(chan struct{})
	var asked atomic.Int32
	address := fakeS3(t, func(http.Handler) http.Handler {
		return http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			asked.Add(1)
			select {
			case <-frozen:
			case <-r.Context().Done():
			}
		})
	})
	t.Cleanup(func() { close(frozen) })
	s := open(t, address)
	_, _, err := s.Get(t.Context(), sum(nil))
	if plaza.KindOf(err) != plaza.Unavailable || asked.Load() != 1 {
		t.Errorf("Get = %v after %d questions, want unavailable after one", err, asked.Load())
	}
}

func TestAnObjectIsWrittenToS3OnlyWhenItIsAbsent(t *testing.T) {
	var answers []int
	s := open(t, fakeS3(t, func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			rec := httptest.NewRecorder()
			h.ServeHTTP(rec, r)
			answers = append(answers, rec.Code)
			w.WriteHeader(rec.Code)
			_, _ = w.Write(rec.Body.Bytes())
		})
	}))
	first, second := put(t, s, []byte("x")), put(t, s, []byte("x"))
	if first != second || len(answers) != 2 || answers[0] != http.StatusOK || answers[1] != http.StatusPreconditionFailed {
		t.Errorf("Put twice = %v and %v by answers %v, want the same by 200 and 412", first, second, answers)
	}
}

func TestAWriterWhoComesSecondWaitsForTheFirst(t *testing.T) {
	for _, tt := range []struct {
		name   string
		stored bool
		want   plaza.Kind
	}{{"first is done", true, plaza.Internal}, {"first is not done", false, plaza.Unavailable}} {
		s := open(t, fakeS3(t, func(h http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Method != http.MethodPut {
					h.ServeHTTP(w, r)
					return
				}
				if tt.stored {
					h.ServeHTTP(httptest.NewRecorder(), r)
				}
				w.WriteHeader(http.StatusConflict)
				_, _ = io.WriteString(w, "<Error><Code>ConditionalRequestConflict</Code></Error>")
			})
		}))
		_, err := s.Put(t.Context(), strings.NewReader("x"))
		if (err == nil) != tt.stored || plaza.KindOf(err) != tt.want {
			t.Errorf("%s: Put = %v, want kind %v", tt.name, err, tt.want)
		}
	}
}

func TestAWriteThatFailsLeavesNothing(t *testing.T) {
	root := t.TempDir()
	s := open(t, "file://"+root)
	key := sum([]byte("x"))
	// A file stands where the directory should be, as no permission can stop root.
	if err := os.WriteFile(filepath.Join(root, key[:2]), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Put(t.Context(), strings.NewReader("x")); plaza.KindOf(err) != plaza.Unavailable {
		t.Errorf("Put = %v, want unavailable", err)
	}
	left, err := os.ReadDir(filepath.Join(root, "tmp"))
	if err != nil || len(left) != 0 {
		t.Errorf("temporary files left: %v, %v", left, err)
	}
}

func TestAFullDiskIsToldAsSuch(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if errors.Is(err, os.ErrNotExist) {
		return // only Linux has it
	}
	if err != nil {
		t.Fatal(err)
	}
	_, err = full.WriteString("x")
	_ = full.Close() // nothing was written
	if reason, ok := errors.AsType[*plaza.Error](blob.WriteError(err)); !ok || reason.Key != "blob.error.full" || reason.Kind != plaza.Unavailable {
		t.Errorf("a full disk = %v", reason)
	}
}

func TestOldTemporaryFilesAreSweptAndYoungOnesStay(t *testing.T) {
	root := t.TempDir()
	open(t, "file://"+root)
	old, young := filepath.Join(root, "tmp", "put-old"), filepath.Join(root, "tmp", "put-young")
	for _, path := range []string{old, young} {
		if err := os.WriteFile(path, []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	st, err := os.Stat(young)
	if err != nil {
		t.Fatal(err)
	}
	past := st.ModTime().Add(-25 * time.Hour)
	if err := os.Chtimes(old, past, past); err != nil {
		t.Fatal(err)
	}
	open(t, "file://"+root)
	left, err := os.ReadDir(filepath.Join(root, "tmp"))
	if err != nil || len(left) != 1 || left[0].Name() != "put-young" {
		t.Errorf("left: %v, %v; want put-young alone", left, err)
	}
}

func TestAddressesOfStores(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, address := range []string{"file:blobs", "file:///" + strings.TrimPrefix(t.TempDir(), "/"), "s3://k:s@s3.example/b", "s3://k:s@h:9000/b/p/q?region=x&tls=0"} {
		if _, err := blob.Open(t.Context(), address); err != nil {
			t.Errorf("Open(%q) = %v", address, err)
		}
	}
	for _, address := range []string{
		"", "blobs", "/var/blobs", "file:", "file://", "file://host/dir", "file:///dir?x=1", "ftp://secret@host/x",
		"s3://k:secret@host", "s3://k:secret@host/", "s3:///bucket", "s3://k:secret@host/b?tls=secret", "s3://k:secret@host/b?x=1",
		"s3://k:secret@host:port/b", "s3://k:secret%zz@host/b",
	} {
		_, err := blob.Open(t.Context(), address)
		if err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("Open(%q) = %v, want an error without secrets", address, err)
		}
	}
}
