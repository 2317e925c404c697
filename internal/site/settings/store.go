package settings

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/civic/access"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
)

// name is the row of the store's table of settings.
const name = "installation"

// Load reads the settings, and the mark that Save wants of whoever changes them.
func Load(tx *db.Tx) (v Values, mark string, err error) {
	var raw string
	err = tx.Row(`SELECT value FROM settings WHERE name = $1`, name).Scan(&raw)
	if err != nil && plaza.KindOf(err) == plaza.NotFound {
		return v, markOf(""), nil
	}
	if err != nil {
		return v, "", fmt.Errorf("reading the settings: %w", err)
	}
	if err := json.Unmarshal([]byte(raw), &v); err != nil {
		return v, "", fmt.Errorf("decoding the settings: %w", err)
	}
	return v, markOf(raw), nil
}

// Names are what the place, who runs it and its coordination are called: nobody else may
// seem to be them.
func Names(tx *db.Tx) ([]string, error) {
	v, _, err := Load(tx)
	return []string{v.Site, v.Owner, v.Coordination}, err
}

func markOf(raw string) string {
	sum := sha256.Sum256([]byte(raw))
	return hex.EncodeToString(sum[:8])
}

// Save changes the settings and appends to the record, so it is the last thing a
// transaction does; nothing is written when nothing differs. It is a Conflict when
// mark is not that of what is stored: somebody else was faster.
func Save(tx *db.Tx, v Values, mark string) error {
	if err := access.Check(plaza.ActorFrom(tx.Context()), access.SettingsEdit, access.Object{Kind: "settings"}); err != nil {
		return err
	}
	v, err := v.clean()
	if err != nil {
		return err
	}
	// The row is there and locked before it is compared.
	if _, err := tx.Exec(`INSERT INTO settings (name, value) VALUES ($1, $2)
		ON CONFLICT (name) DO UPDATE SET value = settings.value`, name, "{}"); err != nil {
		return fmt.Errorf("locking the settings: %w", err)
	}
	old, now, err := Load(tx)
	if err != nil {
		return err
	}
	if mark != now && (mark != markOf("") || now != markOf("{}")) {
		return plaza.E(plaza.Conflict, "settings.error.changed")
	}
	fields := changed(old, v)
	if len(fields) == 0 {
		return nil
	}
	raw, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("encoding the settings: %w", err)
	}
	if _, err := tx.Exec(`UPDATE settings SET value = $1 WHERE name = $2`, string(raw), name); err != nil {
		return fmt.Errorf("writing the settings: %w", err)
	}
	return record.Append(tx, record.Act{Verb: "settings.changed", Object: plaza.Ref{Kind: "settings", ID: name},
		Payload: map[string]any{"fields": fields}})
}

// Keeper has the settings at hand for whoever asks on each request.
type Keeper struct {
	db      *db.DB
	watcher *record.Watcher
	changed func(Values)

	values atomic.Pointer[Values]

	mu    sync.Mutex // of whoever reads them anew
	seq   int64      // of the record when they were read
	again time.Time  // not before, after the store was away
}

// Keep makes a Keeper; the watcher tells when the settings may have changed. It reads
// them once; changed, which may be nil, is called with what was read, then and whenever
// they are read again.
func Keep(ctx context.Context, d *db.DB, watcher *record.Watcher, changed func(Values)) (*Keeper, error) {
	k := &Keeper{db: d, watcher: watcher, changed: changed, seq: watcher.Position()}
	return k, k.read(ctx)
}

func (k *Keeper) read(ctx context.Context) error {
	var v Values
	if err := k.db.Read(ctx, func(tx *db.Tx) (err error) {
		v, _, err = Load(tx)
		return err
	}); err != nil {
		return err
	}
	k.values.Store(&v)
	if k.changed != nil {
		k.changed(v)
	}
	return nil
}

// Values are the settings now. While another request reads them anew, and while the
// store is away, they are those of before: nobody waits in line for them.
func (k *Keeper) Values() Values {
	if now := k.watcher.Position(); k.mu.TryLock() {
		if now != k.seq && !k.db.Now().Before(k.again) {
			if err := k.read(plaza.WithPatience(context.Background(), patience)); err == nil {
				k.seq = now
			} else {
				k.again = k.db.Now().Add(pause)
			}
		}
		k.mu.Unlock()
	}
	return *k.values.Load()
}
