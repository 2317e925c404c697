package outbox

import (
	"context"
	"testing"

	"plaza/internal/base/db"
)

// DeliverNow is the job, as a second node would run it although the first does.
func DeliverNow(ctx context.Context, o *Outbox) error { return o.deliver(ctx) }

// ClaimAndDie claims mails as a process does that is then killed.
func ClaimAndDie(t *testing.T, d *db.DB) (n int) {
	t.Helper()
	if err := d.Write(t.Context(), func(tx *db.Tx) error {
		list, err := claim(tx, 100)
		n = len(list)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return n
}
