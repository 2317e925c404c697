package webhook

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/fetch"
	"plaza/internal/base/job"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
)

// topic is what whoever delivers listens to, to hear of something that is due.
const topic = "hooks"

// reading is the name of this reader of the record.
const reading = "hooks"

// Deliver is the job that reads what is new and sends what is due.
type Deliver struct{}

// Kind implements job.Args.
func (Deliver) Kind() string { return "hooks.deliver" }

// Queue is of its own: a receiver that is slow keeps no other work waiting.
const Queue = "hooks"

// Forget is the job that forgets messages that are past their time.
type Forget struct{}

// Kind implements job.Args.
func (Forget) Kind() string { return "hooks.forget" }

// Work registers what is done by itself.
func (hs *Hooks) Work(r *job.Runner) {
	r.Handle(Deliver{}.Kind(), func(ctx context.Context, _ *job.Job) error {
		if err := hs.Read(ctx); err != nil {
			return err
		}
		return hs.Send(ctx)
	})
	r.Every(Deliver{}.Kind(), job.Interval(time.Minute), Deliver{}, job.Options{Unique: Deliver{}.Kind(), Queue: Queue})
	r.Handle(Forget{}.Kind(), func(ctx context.Context, _ *job.Job) error {
		for {
			n := 0
			if err := hs.DB.Write(ctx, func(tx *db.Tx) (err error) { n, err = expire(tx); return err }); err != nil || n == 0 {
				return err
			}
		}
	})
	r.Every(Forget{}.Kind(), job.Interval(24*time.Hour), Forget{}, job.Options{Unique: Forget{}.Kind()})
}

// Run asks for a delivery soon after each entry of the record and whenever somebody
// waits for one, until ctx ends. What it misses, the job does within a minute.
func (hs *Hooks) Run(ctx context.Context) {
	news, stop := hs.DB.Listen(record.Topic)
	defer stop()
	asked, end := hs.DB.Listen(topic)
	defer end()
	for {
		select {
		case <-ctx.Done():
			return
		case <-news:
		case <-asked:
		}
		if err := hs.DB.Write(ctx, func(tx *db.Tx) error {
			var any int
			if err := tx.Row(`SELECT COUNT(id) FROM hooks WHERE state = $1`, Active).Scan(&any); err != nil || any == 0 {
				return err
			}
			_, _, err := job.Enqueue(tx, Deliver{}, job.Options{Unique: Deliver{}.Kind(), Queue: Queue})
			return err
		}); err != nil && ctx.Err() == nil {
			hs.Log.WarnContext(ctx, "asking for hooks to be told", "err", err)
		}
	}
}

// Read stores a message for each hook and new entry that it is to be told of.
func (hs *Hooks) Read(ctx context.Context) error {
	return record.Read(ctx, hs.DB, reading, func(ctx context.Context, entries []record.Entry) error {
		return hs.DB.Write(ctx, func(tx *db.Tx) error {
			hooks, err := db.All(tx, scanHook, `SELECT `+hookColumns+` FROM hooks ORDER BY id`)
			if err != nil || len(hooks) == 0 {
				return err
			}
			for _, e := range entries {
				if err := hs.tell(tx, hooks, e); err != nil {
					return err
				}
			}
			return nil
		})
	})
}

// tell stores the messages about one entry. A hook hears of nothing from before it was.
func (hs *Hooks) tell(tx *db.Tx, hooks []Hook, e record.Entry) error {
	body := ""
	for _, h := range hooks {
		if h.Institution != e.Institution || h.State == Failing || !h.tells(e.Verb) || e.At.Before(h.Created) {
			continue
		}
		if body == "" {
			data, ok, err := hs.Describe(tx, e)
			if err != nil || !ok {
				return err
			}
			data["seq"] = e.Seq
			if body, err = message(e.Verb, e.At, data); err != nil {
				return err
			}
		}
		if err := put(tx, Delivery{ID: tx.ID(), Hook: h.ID, Seq: e.Seq, Verb: e.Verb, Body: body, Created: tx.Now}); err != nil {
			return err
		}
	}
	return nil
}

// message is a body as Standard Webhooks has it: type, timestamp and data.
func message(verb string, at time.Time, data map[string]any) (string, error) {
	raw, err := json.Marshal(map[string]any{"type": verb, "timestamp": at.UTC().Format(time.RFC3339), "data": data})
	if err != nil {
		return "", fmt.Errorf("encoding what happened: %w", err)
	}
	return string(raw), nil
}

// due is how many messages are taken at a time.
const due = 20

// Send sends what is due, until nothing is.
func (hs *Hooks) Send(ctx context.Context) error {
	for {
		var list []Delivery
		if err := hs.DB.Write(ctx, func(tx *db.Tx) (err error) {
			list, err = claim(tx)
			return err
		}); err != nil || len(list) == 0 {
			return err
		}
		for _, d := range list {
			if err := hs.one(ctx, d); err != nil {
				return err
			}
		}
	}
}

// claimed is for how long a message stays with whoever sends it.
const claimed = 5 * time.Minute

// claim takes some messages that are due, of hooks that are told.
func claim(tx *db.Tx) ([]Delivery, error) {
	return db.All(tx, scanDelivery, `UPDATE hook_deliveries SET next_at = $1
		WHERE id IN (SELECT d.id
			FROM hook_deliveries d
			JOIN hooks h ON h.id = d.hook_id
			WHERE d.next_at <= $2 AND h.state = $3
			ORDER BY d.next_at, d.id
			LIMIT $4)
		RETURNING `+deliveryColumns, tx.Now.Add(claimed), tx.Now, Active, due)
}

// one sends a message and notes what came of it.
func (hs *Hooks) one(ctx context.Context, d Delivery) error {
	var h Hook
	if err := hs.DB.Read(ctx, func(tx *db.Tx) (err error) { h, err = hookByID(tx, d.Hook); return err }); err != nil {
		if plaza.KindOf(err) == plaza.NotFound {
			return nil
		}
		return err
	}
	status, code := hs.post(ctx, h, d)
	if err := ctx.Err(); err != nil {
		return err // it is sent again when the claim has ended
	}
	return hs.DB.Write(ctx, func(tx *db.Tx) error { return hs.note(tx, h, d, status, code) })
}

// post sends a message; code is "" when it arrived.
func (hs *Hooks) post(ctx context.Context, h Hook, d Delivery) (status int, code string) {
	plain, ok := hs.Seal.Open("hook:"+h.ID, h.sealed)
	if !ok {
		return 0, "secret"
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, h.URL, strings.NewReader(d.Body))
	if err != nil {
		return 0, string(fetch.BadURL)
	}
	at := hs.DB.Now()
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("webhook-id", d.ID)
	req.Header.Set("webhook-timestamp", strconv.FormatInt(at.Unix(), 10))
	req.Header.Set("webhook-signature", Sign(string(plain), d.ID, at, d.Body))
	res, err := hs.client.Do(req)
	if err != nil {
		if e, ok := errors.AsType[*fetch.Error](err); ok {
			return e.Status, string(e.Code)
		}
		return 0, string(fetch.Connect)
	}
	defer func() { _ = res.Body.Close() }()
	_, _ = io.Copy(io.Discard, res.Body) // so that the connection is used again
	if res.StatusCode >= 200 && res.StatusCode < 300 {
		return res.StatusCode, ""
	}
	return res.StatusCode, string(fetch.Status)
}

// note writes down what came of an attempt.
func (hs *Hooks) note(tx *db.Tx, h Hook, d Delivery, status int, code string) error {
	state, next, arrived := Arrived, time.Time{}, tx.Now
	if code != "" {
		state, arrived = Waiting, time.Time{}
		if d.Attempts < len(waits) {
			next = tx.Now.Add(waits[d.Attempts])
		} else {
			state = Failed
		}
	}
	if _, err := tx.Exec(`UPDATE hook_deliveries SET state = $1, attempts = attempts + 1, next_at = $2, status = $3, error = $4, arrived_at = $5 WHERE id = $6`,
		state, next, status, code, arrived, d.ID); err != nil {
		return fmt.Errorf("noting a delivery: %w", err)
	}
	if code == "" {
		_, err := tx.Exec(`UPDATE hooks SET failing_at = NULL WHERE id = $1`, h.ID)
		return err
	}
	if _, err := tx.Exec(`UPDATE hooks SET failing_at = COALESCE(failing_at, $1) WHERE id = $2`, tx.Now, h.ID); err != nil {
		return err
	}
	if status != http.StatusGone && (h.FailingAt.IsZero() || tx.Now.Sub(h.FailingAt) < giveUp) {
		return nil
	}
	n, err := tx.Exec(`UPDATE hooks SET state = $1 WHERE id = $2 AND state = $3`, Failing, h.ID, Active)
	if err != nil || n == 0 {
		return err
	}
	return record.Append(tx, act("hook.failing", h))
}
