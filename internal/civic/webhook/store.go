package webhook

import (
	"fmt"
	"slices"
	"strings"

	"plaza/internal/base/db"
	"plaza/internal/civic/access"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
)

const hookColumns = `id, institution, url, secret, events, state, version, created_at, failing_at`

func scanHook(scan func(...any) error) (h Hook, err error) {
	var events string
	err = scan(&h.ID, &h.Institution, &h.URL, &h.sealed, &events, &h.State, &h.Version, &h.Created, &h.FailingAt)
	h.Events = strings.Fields(events)
	return h, err
}

// Of are the hooks of an institution, the oldest first.
func Of(tx *db.Tx, institution string) ([]Hook, error) {
	return db.All(tx, scanHook, `SELECT `+hookColumns+` FROM hooks WHERE institution = $1 ORDER BY id`, institution)
}

func hookByID(tx *db.Tx, id string) (Hook, error) {
	h, err := scanHook(tx.Row(`SELECT `+hookColumns+` FROM hooks WHERE id = $1`, id).Scan)
	if err != nil && plaza.KindOf(err) == plaza.NotFound {
		return h, plaza.E(plaza.NotFound, "webhook.error.not_found")
	}
	return h, err
}

const deliveryColumns = `id, hook_id, seq, verb, body, state, attempts, next_at, status, error, created_at, arrived_at`

func scanDelivery(scan func(...any) error) (d Delivery, err error) {
	err = scan(&d.ID, &d.Hook, &d.Seq, &d.Verb, &d.Body, &d.State, &d.Attempts, &d.Next, &d.Status, &d.Error, &d.Created, &d.Arrived)
	return d, err
}

// Deliveries are the newest messages to a hook.
func Deliveries(tx *db.Tx, hook string, limit int) ([]Delivery, error) {
	return db.All(tx, scanDelivery, `SELECT `+deliveryColumns+`
		FROM hook_deliveries
		WHERE hook_id = $1
		ORDER BY created_at DESC, id DESC
		LIMIT $2`, hook, limit)
}

// Form is what a hook is made from.
type Form struct {
	URL    string
	Events []string
}

// check is what is wrong with a form, at the fields url and eventos.
func (hs *Hooks) check(f *Form) error {
	var wrong []plaza.FieldError
	f.URL = strings.TrimSpace(f.URL)
	if !strings.HasPrefix(f.URL, "https://") && !strings.HasPrefix(f.URL, "http://") || len(f.URL) > maxURL || hs.Client.Check(f.URL) != nil {
		wrong = append(wrong, plaza.FieldError{Field: "url", Key: "webhook.error.url"})
	}
	f.Events = slices.DeleteFunc(slices.Clone(Families), func(e string) bool { return !slices.Contains(f.Events, e) })
	if len(f.Events) == 0 {
		wrong = append(wrong, plaza.FieldError{Field: "eventos", Key: "webhook.error.events"})
	}
	if len(wrong) > 0 {
		return &plaza.Error{Kind: plaza.Invalid, Key: "web.error.invalid", Fields: wrong}
	}
	return nil
}

// Add makes a hook of an institution and returns it with its secret, which is not shown
// again. It appends to the record: that there is one, not where it leads.
func (hs *Hooks) Add(tx *db.Tx, institution string, f Form) (Hook, string, error) {
	if err := may(tx, institution); err != nil {
		return Hook{}, "", err
	}
	if err := hs.check(&f); err != nil {
		return Hook{}, "", err
	}
	all, err := Of(tx, institution)
	if err != nil {
		return Hook{}, "", err
	}
	if len(all) >= maxHooks {
		return Hook{}, "", plaza.E(plaza.Conflict, "webhook.error.many")
	}
	h := Hook{ID: tx.ID(), Institution: institution, URL: f.URL, Events: f.Events, State: Active, Version: 1, Created: tx.Now}
	plain := newSecret()
	h.sealed = hs.Seal.Seal("hook:"+h.ID, []byte(plain))
	if _, err := tx.Exec(`INSERT INTO hooks (`+hookColumns+`) VALUES (`+db.Placeholders(1, 9)+`)`,
		h.ID, h.Institution, h.URL, h.sealed, strings.Join(h.Events, " "), h.State, h.Version, h.Created, h.FailingAt); err != nil {
		return h, "", fmt.Errorf("storing a hook: %w", err)
	}
	return h, plain, record.Append(tx, act("hook.added", h))
}

// may asks whether the actor may change an institution's hooks.
func may(tx *db.Tx, institution string) error {
	return access.Check(plaza.ActorFrom(tx.Context()), access.HookEdit, access.Object{Kind: Kind, Institution: institution})
}

func act(verb string, h Hook) record.Act {
	return record.Act{Verb: verb, Object: plaza.Ref{Kind: Kind, ID: h.ID}, Institution: h.Institution, Payload: map[string]any{"events": h.Events}}
}

// own is a hook of an institution that the actor may change, held until the transaction
// ends.
func own(tx *db.Tx, institution, id string) (Hook, error) {
	if err := may(tx, institution); err != nil {
		return Hook{}, err
	}
	h, err := scanHook(tx.Row(`UPDATE hooks SET version = version + 1 WHERE id = $1 AND institution = $2 RETURNING `+hookColumns, id, institution).Scan)
	if err != nil && plaza.KindOf(err) == plaza.NotFound {
		return h, plaza.E(plaza.NotFound, "webhook.error.not_found")
	}
	return h, err
}

// Set pauses a hook or has it told again; what waits meanwhile is sent then. It appends to
// the record.
func (hs *Hooks) Set(tx *db.Tx, institution, id string, to State) error {
	h, err := own(tx, institution, id)
	if err != nil {
		return err
	}
	if (to == Active) == (h.State == Active) {
		return plaza.E(plaza.Conflict, "webhook.error.state")
	}
	if _, err := tx.Exec(`UPDATE hooks SET state = $1, failing_at = NULL WHERE id = $2`, to, id); err != nil {
		return fmt.Errorf("moving a hook: %w", err)
	}
	verb := "hook.paused"
	if to == Active {
		verb = "hook.resumed"
		tx.Wake(topic)
	}
	return record.Append(tx, act(verb, h))
}

// Drop forgets a hook with all that was sent to it. It appends to the record.
func (hs *Hooks) Drop(tx *db.Tx, institution, id string) error {
	h, err := own(tx, institution, id)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(`DELETE FROM hooks WHERE id = $1`, id); err != nil {
		return fmt.Errorf("dropping a hook: %w", err)
	}
	return record.Append(tx, act("hook.dropped", h))
}

// Renew gives a hook another secret and returns it; what is sent from now on is signed
// with it. It appends to the record.
func (hs *Hooks) Renew(tx *db.Tx, institution, id string) (string, error) {
	h, err := own(tx, institution, id)
	if err != nil {
		return "", err
	}
	plain := newSecret()
	if _, err := tx.Exec(`UPDATE hooks SET secret = $1 WHERE id = $2`, hs.Seal.Seal("hook:"+h.ID, []byte(plain)), id); err != nil {
		return "", fmt.Errorf("renewing a secret: %w", err)
	}
	return plain, record.Append(tx, act("hook.renewed", h))
}

// Test sends a message that tells of nothing, at once. It appends to the record.
func (hs *Hooks) Test(tx *db.Tx, institution, id string) error {
	h, err := own(tx, institution, id)
	if err != nil {
		return err
	}
	body, err := message("hook.tested", tx.Now, map[string]any{"institution": institution})
	if err != nil {
		return err
	}
	if err := put(tx, Delivery{ID: tx.ID(), Hook: h.ID, Verb: "hook.tested", Body: body, Created: tx.Now}); err != nil {
		return err
	}
	tx.Wake(topic)
	return record.Append(tx, act("hook.tested", h))
}

// Replay sends a message of a hook again, at once. It appends to the record.
func (hs *Hooks) Replay(tx *db.Tx, institution, id, delivery string) error {
	h, err := own(tx, institution, id)
	if err != nil {
		return err
	}
	n, err := tx.Exec(`UPDATE hook_deliveries SET state = $1, attempts = 0, next_at = $2 WHERE id = $3 AND hook_id = $4`, Waiting, tx.Now, delivery, h.ID)
	if err == nil && n == 0 {
		err = plaza.E(plaza.NotFound, "webhook.error.not_found")
	}
	if err != nil {
		return err
	}
	tx.Wake(topic)
	return record.Append(tx, act("hook.replayed", h))
}

// put stores a message to be sent now; one that was stored for the same entry stays.
func put(tx *db.Tx, d Delivery) error {
	_, err := tx.Exec(`INSERT INTO hook_deliveries (id, hook_id, seq, verb, body, state, next_at, created_at)
		VALUES (`+db.Placeholders(1, 8)+`)
		ON CONFLICT DO NOTHING`, d.ID, d.Hook, d.Seq, d.Verb, d.Body, Waiting, d.Created, d.Created)
	if err != nil {
		return fmt.Errorf("storing a message: %w", err)
	}
	return nil
}

// expire forgets messages that are past their time.
func expire(tx *db.Tx) (int, error) {
	n, err := tx.Exec(`DELETE FROM hook_deliveries
		WHERE id IN (SELECT id FROM hook_deliveries WHERE created_at < $1 ORDER BY created_at LIMIT 1000)`, tx.Now.Add(-keep))
	return int(n), err
}
