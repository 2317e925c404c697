package mail

import (
	"context"
	"errors"
	"fmt"
	"strings"

	gomail "github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"

	"plaza/internal/plaza"
)

// Session is one connection to the server, for several messages one after the other.
// It is not safe for concurrent use.
type Session struct {
	sender *Sender
	client *gomail.Client
	conn   *smtp.Client
}

// Dial connects, encrypts and signs in. The error is Unavailable when the server does
// not let us.
func (s *Sender) Dial(ctx context.Context) (*Session, error) {
	if s.cfg == nil {
		return nil, plaza.E(plaza.Unavailable, "mail.error.not_configured")
	}
	client, err := s.cfg.client()
	if err != nil {
		return nil, err
	}
	conn, err := client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return nil, unavailable(fmt.Errorf("connecting to the mail server: %w", err))
	}
	return &Session{s, client, conn}, nil
}

// Close leaves the server. What it was handed is taken or not by now.
func (s *Session) Close() { _ = s.client.CloseWithSMTPClient(s.conn) }

// Send hands one message over. The error is Invalid when the message will never be
// taken; IsBounce tells whether that is for the address. It is Unavailable when a later
// try may succeed; IsDeferred tells whether that concerns this message alone, so that
// the session is still good for others.
func (s *Session) Send(m Message) error {
	msg, err := s.sender.compose(m)
	if err != nil {
		return err
	}
	if err := s.client.SendWithSMTPClient(s.conn, msg); err != nil && !msg.IsDelivered() {
		return verdict(err)
	}
	return nil
}

// The message keys by which errors are told apart.
const (
	keyRefused  = "mail.error.refused"
	keyBounce   = "mail.error.recipient"
	keyDeferred = "mail.error.deferred"
)

// IsBounce reports whether the server says that the address takes no mail, and never
// will; status is RFC 3463's, e.g. "5.1.1", or the reply's three digits.
func IsBounce(err error) (status string, ok bool) {
	e, found := errors.AsType[*plaza.Error](err)
	if !found || e.Key != keyBounce {
		return "", false
	}
	status, _ = e.Args["status"].(string)
	return status, true
}

// IsDeferred reports whether the server put off this message and not all of them.
func IsDeferred(err error) bool {
	e, ok := errors.AsType[*plaza.Error](err)
	return ok && e.Key == keyDeferred
}

// verdict tells a refusal for good (a 5xx to this sender, address or text) from
// everything that may pass. The server's own words may name the person and stay out
// of the error, which is kept with the job.
func verdict(err error) error {
	e, ok := errors.AsType[*gomail.SendError](err)
	if !ok {
		return unavailable(fmt.Errorf("sending: %w", err))
	}
	code, status := e.ErrorCode(), e.EnhancedStatusCode()
	cause := fmt.Errorf("sending: %s (%d %s)", e.Reason, code, status)
	switch {
	case code >= 500 && !e.IsTemp() && e.Reason == gomail.ErrSMTPRcptTo && aboutAddress(code, status):
		if status == "" {
			status = fmt.Sprint(code)
		}
		return &plaza.Error{Kind: plaza.Invalid, Key: keyBounce, Args: map[string]any{"status": status}, Cause: cause}
	case code >= 500 && !e.IsTemp():
		return &plaza.Error{Kind: plaza.Invalid, Key: keyRefused, Cause: cause}
	case code >= 400 && code != 421:
		return &plaza.Error{Kind: plaza.Unavailable, Key: keyDeferred, Cause: cause}
	}
	return unavailable(cause)
}

// aboutAddress reports whether a refusal of a recipient is about the address: there is
// no such mailbox or it takes nothing (5.1.x, 5.2.1), and not about us (5.7.x) or about
// today (5.2.2, a full one).
func aboutAddress(code int, status string) bool {
	if status == "" {
		return code == 550 || code == 551 || code == 553
	}
	return strings.HasPrefix(status, "5.1.") && status != "5.1.7" && status != "5.1.8" || status == "5.2.1"
}
