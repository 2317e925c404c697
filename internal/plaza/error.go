package plaza

import (
	"errors"
	"fmt"
	"time"
)

// Kind says why something could not be done; one table in base/web turns it into
// a status, one function into a sentence. The zero Kind is Internal.
type Kind uint8

// The kinds of Error.
const (
	Internal Kind = iota
	Invalid
	Unauthenticated
	Forbidden
	NotFound
	Conflict
	TooMany
	Unavailable
)

// String names the kind as machines read it (problem documents, logs).
func (k Kind) String() string {
	switch k {
	case Invalid:
		return "invalid"
	case Unauthenticated:
		return "unauthenticated"
	case Forbidden:
		return "forbidden"
	case NotFound:
		return "not-found"
	case Conflict:
		return "conflict"
	case TooMany:
		return "too-many"
	case Unavailable:
		return "unavailable"
	default:
		return "internal"
	}
}

// Error is a reason that a reader may hear. Key is a message key whose sentence is
// chosen when the reader's language is known; Cause is never shown.
type Error struct {
	Kind       Kind
	Key        string
	Args       map[string]any
	Fields     []FieldError  // for forms: what is wrong, at which field
	RetryAfter time.Duration // zero when nothing is known
	Cause      error
}

// FieldError is what is wrong with one field of a form or request.
type FieldError struct {
	Field string
	Key   string
	Args  map[string]any
}

// Mistakes gathers what is wrong with a form.
type Mistakes []FieldError

// Hold keeps what is wrong with a field unless it is right.
func (m *Mistakes) Hold(ok bool, field, key string, args map[string]any) {
	if !ok {
		*m = append(*m, FieldError{Field: field, Key: key, Args: args})
	}
}

// Length holds a field to a number of letters.
func (m *Mistakes) Length(field, value string, most int, key string) {
	n := len([]rune(value))
	m.Hold(n <= most, field, key, map[string]any{"max": most, "length": n})
}

// Err is the refusal of the form, nil when nothing is wrong.
func (m Mistakes) Err(key string) error {
	if len(m) == 0 {
		return nil
	}
	return &Error{Kind: Invalid, Key: key, Fields: m}
}

// Error describes the error for logs.
func (e *Error) Error() string {
	s := e.Kind.String()
	if e.Key != "" {
		s += ": " + e.Key
	}
	for _, f := range e.Fields {
		s += fmt.Sprintf(" [%s: %s]", f.Field, f.Key)
	}
	if e.Cause != nil {
		s += ": " + e.Cause.Error()
	}
	return s
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

// E makes an Error of a kind with a message key and no arguments.
func E(kind Kind, key string) *Error { return &Error{Kind: kind, Key: key} }

// KindOf returns the kind of the first Error in err's chain, Internal when there is none.
func KindOf(err error) Kind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return Internal
}
