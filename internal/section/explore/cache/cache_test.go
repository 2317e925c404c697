package cache_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"plaza/internal/base/blob"
	"plaza/internal/section/explore/cache"
)

// shop counts how often objects are fetched, and stands still when it is told to.
type shop struct {
	blob.Store
	gets  atomic.Int64
	stand chan struct{}
}

func (s *shop) Get(ctx context.Context, key string) (io.ReadCloser, blob.Info, error) {
	s.gets.Add(1)
	if s.stand != nil {
		select {
		case <-s.stand:
		case <-ctx.Done():
			return nil, blob.Info{}, ctx.Err()
		}
	}
	return s.Store.Get(ctx, key)
}

type world struct {
	*testing.T
	*cache.Cache
	shop *shop
	root string // of the store
	dir  string
}

func newWorld(t *testing.T, limit int64) *world {
	t.Helper()
	w := &world{T: t, root: t.TempDir(), dir: t.TempDir()}
	store, err := blob.Open(t.Context(), "file://"+w.root)
	if err != nil {
		t.Fatal(err)
	}
	w.shop = &shop{Store: store}
	w.open(limit)
	return w
}

func (w *world) open(limit int64) {
	w.Helper()
	c := cache.New(cache.Config{Dir: w.dir, MaxBytes: limit, Store: w.shop})
	w.Cache = c
	w.T.Cleanup(c.Close)
}

// put stores an object of ten bytes that begins with a letter.
func (w *world) put(letter string) string {
	w.Helper()
	info, err := w.shop.Put(w.Context(), strings.NewReader(letter+"123456789"))
	if err != nil {
		w.Fatal(err)
	}
	return info.Key
}

func (w *world) get(key string) *cache.Lease {
	w.Helper()
	l, err := w.Parquet(w.Context(), key)
	if err != nil {
		w.Fatal(err)
	}
	return l
}

func there(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func TestAnObjectIsFetchedOnceWhoeverAsks(t *testing.T) {
	w := newWorld(t, 1000)
	key := w.put("a")
	w.shop.stand = make(chan struct{})
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			l, err := w.Parquet(t.Context(), key)
			if err != nil {
				t.Error(err)
				return
			}
			if raw, _ := os.ReadFile(l.Path); string(raw) != "a123456789" {
				t.Errorf("it holds %q", raw)
			}
			l.Release()
			l.Release()
		})
	}
	close(w.shop.stand)
	all.Wait()
	if n := w.shop.gets.Load(); n != 1 {
		t.Errorf("%d fetches, want 1", n)
	}
}

func TestWhatWasUsedLongestAgoGoesAndWhatIsInUseStays(t *testing.T) {
	w := newWorld(t, 20)
	a, b, c := w.put("a"), w.put("b"), w.put("c")
	held := w.get(a)
	w.get(b).Release()
	w.get(c).Release() // a is in use, so b goes
	if !there(held.Path) || w.Bytes() != 20 || there(filepath.Join(w.dir, b+".parquet")) {
		t.Errorf("%d bytes", w.Bytes())
	}
	both := w.get(c)
	third := w.get(b) // everything is in use, and it is over its size
	if w.Bytes() != 30 || !there(both.Path) || !there(held.Path) {
		t.Errorf("%d bytes in use", w.Bytes())
	}
	held.Release()
	if w.Bytes() != 20 || there(held.Path) {
		t.Errorf("%d bytes once one is given back", w.Bytes())
	}
	both.Release()
	third.Release()
}

func TestAnObjectThatIsDamagedIsNotKept(t *testing.T) {
	w := newWorld(t, 1000)
	key := w.put("a")
	if err := os.WriteFile(filepath.Join(w.root, key[:2], key[2:4], key), []byte("otra cosa"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Parquet(t.Context(), key); !errors.Is(err, blob.ErrCorrupt) {
		t.Errorf("Parquet = %v", err)
	}
	list, err := os.ReadDir(w.dir)
	if err != nil || len(list) != 0 {
		t.Errorf("it left %v, %v", list, err)
	}
	w.put("a") // heals it
	w.get(key).Release()
}

func TestWhoLeavesEndsAFetchThatNobodyElseWaitsFor(t *testing.T) {
	w := newWorld(t, 1000)
	key := w.put("a")
	w.shop.stand = make(chan struct{})
	ctx, cancel := context.WithCancel(t.Context())
	left := make(chan error)
	go func() { _, err := w.Parquet(ctx, key); left <- err }()
	for w.shop.gets.Load() == 0 {
		if t.Context().Err() != nil {
			t.Fatal("nobody fetches")
		}
	}
	cancel()
	if err := <-left; !errors.Is(err, context.Canceled) {
		t.Errorf("Parquet = %v", err)
	}
	close(w.shop.stand)
	w.get(key).Release()
}

func TestANewProcessFindsWhatTheLastOneHadWhole(t *testing.T) {
	w := newWorld(t, 1000)
	a, b := w.put("a"), w.put("b")
	w.get(a).Release()
	w.get(b).Release()
	w.Close()
	half := filepath.Join(w.dir, "part-123")
	if err := os.WriteFile(half, []byte("mitad"), 0o600); err != nil {
		t.Fatal(err)
	}
	w.open(1000)
	if w.get(a).Release(); w.shop.gets.Load() != 2 || there(half) || w.Bytes() != 20 {
		t.Errorf("%d fetches, %d bytes, half there: %v", w.shop.gets.Load(), w.Bytes(), there(half))
	}
	w.Close()
	w.open(10)
	if w.Bytes() != 10 {
		t.Errorf("a smaller one holds %d bytes", w.Bytes())
	}
}

func TestTheEnginesOwnFormIsBuiltOnceWholeOrNotAtAll(t *testing.T) {
	w := newWorld(t, 1000)
	key := w.put("a")
	var built atomic.Int64
	broken := true
	build := func(_ context.Context, parquet, path string) error {
		built.Add(1)
		raw, err := os.ReadFile(parquet)
		if err != nil {
			return err
		}
		if err := os.WriteFile(path, bytes.ToUpper(raw), 0o600); err != nil || !broken {
			return err
		}
		return errors.New("the engine died")
	}
	w.Build(key, build)
	w.Settle()
	if w.Native(key) != nil || built.Load() != 1 {
		t.Error("what broke off is kept")
	}
	broken = false
	for range 5 {
		w.Build(key, build)
	}
	w.Settle()
	l := w.Native(key)
	if l == nil || built.Load() != 2 {
		t.Fatalf("%v after %d builds", l, built.Load())
	}
	if raw, _ := os.ReadFile(l.Path); string(raw) != "A123456789" {
		t.Errorf("it holds %q", raw)
	}
	w.Drop(key)
	if !there(l.Path) {
		t.Error("what is read was dropped")
	}
	l.Release()
	if w.Drop(key); there(l.Path) || w.Bytes() != 0 {
		t.Error("it was not dropped")
	}
}

func TestATableThatWasJustMadeIsTakenOver(t *testing.T) {
	w := newWorld(t, 1000)
	key := w.put("a")
	path := filepath.Join(t.TempDir(), "x")
	if err := os.WriteFile(path, []byte("a123456789"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := w.Adopt(key, path); err != nil {
		t.Fatal(err)
	}
	if w.get(key).Release(); w.shop.gets.Load() != 0 || there(path) {
		t.Error("it was fetched all the same")
	}
}
