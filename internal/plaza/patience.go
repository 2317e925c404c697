package plaza

import (
	"context"
	"time"
)

type patienceKey struct{}

// WithPatience returns a context for somebody who waits for an answer: nothing that
// is done under it may let a single thing that Plaza depends on take longer than d. It
// is no deadline for the whole: reading what a person sends may take a minute.
func WithPatience(ctx context.Context, d time.Duration) context.Context {
	return context.WithValue(ctx, patienceKey{}, d)
}

// Patience is how long whoever waits has patience with one thing; ok is false when
// nobody waits.
func Patience(ctx context.Context) (d time.Duration, ok bool) {
	d, ok = ctx.Value(patienceKey{}).(time.Duration)
	return d, ok
}
