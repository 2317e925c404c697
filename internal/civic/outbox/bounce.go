package outbox

import (
	"bufio"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"net/textproto"
	"strings"

	"plaza/internal/base/db"
	"plaza/internal/plaza"
)

// Bounds of a report that comes in, in bytes and parts.
const (
	MaxReport   = 1 << 20
	maxParts    = 20
	maxReported = 20 // addresses
)

// Report is what a mail server says of a mail of ours that it took at first: that it
// could not be delivered (RFC 3464), or that its reader complained (RFC 5965).
type Report struct {
	Complaint bool
	Failed    bool     // for good; a delay is none
	Status    string   // RFC 3463's code, "" in a complaint
	MessageID string   // of our mail, without brackets; "" when the report does not say
	Addresses []string // for whom it was
}

// ParseReport reads a report as it came by mail. What is none is Invalid.
func ParseReport(raw io.Reader) (Report, error) {
	var r Report
	m, err := mail.ReadMessage(io.LimitReader(raw, MaxReport))
	if err != nil {
		return r, noReport(err)
	}
	media, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil || media != "multipart/report" || params["boundary"] == "" {
		return r, noReport(errors.New("not a multipart/report"))
	}
	parts := multipart.NewReader(m.Body, params["boundary"])
	for range maxParts {
		p, err := parts.NextRawPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return r, noReport(err)
		}
		if err := r.part(p); err != nil {
			return r, noReport(err)
		}
	}
	if !r.Complaint && r.Status == "" {
		return r, noReport(errors.New("it says nothing of any delivery"))
	}
	return r, nil
}

func (r *Report) part(p *multipart.Part) error {
	media, _, err := mime.ParseMediaType(p.Header.Get("Content-Type"))
	if err != nil {
		return nil //nolint:nilerr // a part of no kind that we know, as any other
	}
	var body io.Reader = p
	switch strings.ToLower(p.Header.Get("Content-Transfer-Encoding")) {
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, p)
	case "quoted-printable":
		body = quotedprintable.NewReader(p)
	}
	fields := textproto.NewReader(bufio.NewReader(body))
	switch media {
	case "message/delivery-status", "message/global-delivery-status":
		return r.deliveries(fields)
	case "message/feedback-report":
		h, err := header(fields)
		if kind := strings.ToLower(h.Get("Feedback-Type")); kind == "abuse" || kind == "fraud" || kind == "opt-out" {
			r.Complaint = true
		}
		r.add(h.Values("Original-Rcpt-To")...)
		return err
	case "message/rfc822", "message/global", "text/rfc822-headers", "message/rfc822-headers":
		h, err := header(fields)
		r.MessageID = strings.Trim(strings.TrimSpace(h.Get("Message-Id")), "<>")
		return err
	}
	return nil
}

// deliveries reads the groups of fields of a delivery status: the first is of the
// message, each other one of a recipient.
func (r *Report) deliveries(fields *textproto.Reader) error {
	for n := range maxReported + 1 {
		h, err := header(fields)
		if n > 0 && len(h) > 0 {
			status, _, _ := strings.Cut(strings.TrimSpace(h.Get("Status")), " ")
			r.Status = status[:min(len(status), 20)]
			r.Failed = r.Failed || strings.EqualFold(strings.TrimSpace(h.Get("Action")), "failed") && strings.HasPrefix(status, "5.")
			r.add(h.Get("Original-Recipient"), h.Get("Final-Recipient"))
		}
		if err != nil || len(h) == 0 && n > 0 {
			return err
		}
	}
	return nil
}

// header reads one group of fields; the end of the text ends it too.
func header(fields *textproto.Reader) (textproto.MIMEHeader, error) {
	h, err := fields.ReadMIMEHeader()
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return h, err
}

// add notes recipients, as "rfc822; ana@example.org" or in brackets.
func (r *Report) add(list ...string) {
	for _, s := range list {
		if _, after, ok := strings.Cut(s, ";"); ok {
			s = after
		}
		if s = strings.Trim(strings.TrimSpace(s), "<>"); s != "" && len(s) <= 254 && len(r.Addresses) < maxReported {
			r.Addresses = append(r.Addresses, s)
		}
	}
}

func noReport(cause error) error {
	return &plaza.Error{Kind: plaza.Invalid, Key: "outbox.error.report", Cause: cause}
}

// Bounce takes a report in: the address that our mail went to gets no more. It returns
// that address, "" when the report is of a delay or of no mail of ours. A report can
// name anybody, so only addresses to which we sent something are touched.
func (o *Outbox) Bounce(ctx context.Context, raw io.Reader) (address string, err error) {
	r, err := ParseReport(raw)
	if err != nil || !r.Complaint && !r.Failed {
		return "", err
	}
	err = o.db.Write(ctx, func(tx *db.Tx) error {
		if address, err = sentTo(tx, r); err != nil || address == "" {
			return err
		}
		if r.Complaint {
			return mark(tx, address, Complained, "")
		}
		if !lasting(r.Status) {
			address = ""
			return nil
		}
		return mark(tx, address, Bounced, r.Status)
	})
	if err != nil {
		return "", fmt.Errorf("taking in a report of a mail: %w", err)
	}
	return address, nil
}

// lasting reports whether a failure is of the address and not of today or of us: a full
// mailbox (5.2.2) and rules against a text (5.7) are not.
func lasting(status string) bool {
	return !strings.HasPrefix(status, "5.7") && status != "5.2.2" && !strings.HasPrefix(status, "5.3")
}

// sentTo is the address that the mail of a report went to.
func sentTo(tx *db.Tx, r Report) (address string, err error) {
	if id, _, ok := strings.Cut(r.MessageID, "@"); ok {
		err = tx.Row(`SELECT address FROM outbox WHERE id = $1`, id).Scan(&address)
		if err == nil || plaza.KindOf(err) != plaza.NotFound {
			return address, err
		}
	}
	for _, a := range r.Addresses {
		err = tx.Row(`SELECT address FROM outbox WHERE address IN ($1, $2) LIMIT 1`, a, addressKey(a)).Scan(&address)
		if err == nil || plaza.KindOf(err) != plaza.NotFound {
			return address, err
		}
	}
	return "", nil
}
