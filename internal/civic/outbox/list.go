package outbox

import (
	"time"

	"plaza/internal/base/db"
	"plaza/internal/civic/access"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
)

// Kind is the kind of a mail in the record.
const Kind = "mail"

// Mail is a mail as the store knows it. Its texts are "" once it was sent.
type Mail struct {
	ID       string
	State    State
	Attempts int
	Error    string // of the last attempt; for admins
	Created  time.Time
	Sent     time.Time // zero unless it was
	Next     time.Time // when it is tried next, for one that waits
	Message
}

const columns = `id, kind, person_id, address, subject, body_text, body_html, unsubscribe, state, attempts, error, created_at, sent_at, next_at`

func scanMail(scan func(...any) error) (m Mail, err error) {
	var state string
	err = scan(&m.ID, &m.Kind, &m.Person, &m.To, &m.Subject, &m.Text, &m.HTML, &m.Unsubscribe, &state,
		&m.Attempts, &m.Error, &m.Created, &m.Sent, &m.Next)
	m.State = State(state)
	return m, err
}

// Get returns a mail; NotFound when there is none, or it was forgotten.
func Get(tx *db.Tx, id string) (Mail, error) {
	m, err := scanMail(tx.Row(`SELECT `+columns+` FROM outbox WHERE id = $1`, id).Scan)
	if err != nil && plaza.KindOf(err) == plaza.NotFound {
		return m, plaza.E(plaza.NotFound, "outbox.error.none")
	}
	return m, err
}

// Read returns a mail whose text somebody is to see, and appends to the record that they
// did, so it is the last thing a transaction does. Of whom it is, and to whom, the record
// says nothing. One whose text is forgotten is a Conflict.
func Read(tx *db.Tx, id string) (Mail, error) {
	if err := access.Check(plaza.ActorFrom(tx.Context()), access.MailSee, access.Object{Kind: Kind}); err != nil {
		return Mail{}, err
	}
	m, err := Get(tx, id)
	if err != nil {
		return m, err
	}
	if m.Text == "" {
		return Mail{}, plaza.E(plaza.Conflict, "outbox.error.gone")
	}
	return m, record.Append(tx, act("read", id, m.Kind))
}

// act is what the record tells of a mail: which kind it is, and nothing of whom it is for.
func act(done, id, kind string) record.Act {
	return record.Act{Verb: "mail." + done, Object: plaza.Ref{Kind: Kind, ID: id}, Payload: facts{kind}}
}

type facts struct {
	Kind string `json:"kind"`
}

// List returns mails, the newest first: of one state, or of all for ""; before is the
// id of the last one of the page before.
func List(tx *db.Tx, state State, before string, limit int) ([]Mail, error) {
	where, args := "id > ''", []any{}
	for _, c := range []struct{ condition, value string }{{"state = ", string(state)}, {"id < ", before}} {
		if c.value != "" {
			args = append(args, c.value)
			where += " AND " + c.condition + db.Placeholders(len(args), 1)
		}
	}
	return db.All(tx, scanMail, `SELECT `+columns+`
		FROM outbox
		WHERE `+where+`
		ORDER BY id DESC
		LIMIT `+db.Placeholders(len(args)+1, 1), append(args, limit)...)
}

// Counts are the numbers of mails by state.
func Counts(tx *db.Tx) (map[State]int, error) {
	out := map[State]int{}
	_, err := db.All(tx, func(scan func(...any) error) (struct{}, error) {
		var state string
		var n int
		err := scan(&state, &n)
		out[State(state)] = n
		return struct{}{}, err
	}, `SELECT state, COUNT(*) FROM outbox GROUP BY state`)
	return out, err
}

// Retry sends a mail that was refused, stopped or kept, or that waits for its turn,
// now, and appends to the record. One that was sent is a Conflict: its text is gone.
func Retry(tx *db.Tx, id string) error {
	kind, err := change(tx, id, `UPDATE outbox SET state = 'waiting', next_at = $1, attempts = 0, claim = ''
		WHERE id = $2 AND state <> 'sent' AND claim = '' RETURNING kind`, tx.Now, id)
	if err != nil {
		return err
	}
	if err := enqueue(tx); err != nil {
		return err
	}
	return record.Append(tx, act("retried", id, kind))
}

// Stop keeps a mail that waits from being sent, and appends to the record; any other is a
// Conflict.
func Stop(tx *db.Tx, id string) error {
	kind, err := change(tx, id, `UPDATE outbox SET state = 'stopped' WHERE id = $1 AND state = 'waiting' AND claim = '' RETURNING kind`, id)
	if err != nil {
		return err
	}
	return record.Append(tx, act("stopped", id, kind))
}

// change changes the mail that is as the query says, and returns its kind.
func change(tx *db.Tx, id, query string, args ...any) (kind string, err error) {
	err = tx.Row(query, args...).Scan(&kind)
	if err == nil || plaza.KindOf(err) != plaza.NotFound {
		return kind, err
	}
	if _, err := Get(tx, id); err != nil {
		return "", err
	}
	return "", plaza.E(plaza.Conflict, "outbox.error.state")
}
