package child

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"syscall"
	"time"

	"plaza/internal/base/tabular"
	"plaza/internal/plaza"
)

// maxCauses is how deep a chain of causes is followed across the pipe.
const maxCauses = 8

// wireError is an error as it crosses the pipe: kind, keys, arguments and fields of a
// plaza.Error, a Fault whole, the context's errors and the system's numbers as such, and
// of any other its text.
type wireError struct {
	Text     string     `json:"text,omitempty"`
	Error    *wirePlaza `json:"error,omitempty"`
	Fault    *wireFault `json:"fault,omitempty"`
	Canceled bool       `json:"canceled,omitempty"`
	Deadline bool       `json:"deadline,omitempty"`
	Errno    uint64     `json:"errno,omitempty"`
	Cause    *wireError `json:"cause,omitempty"` // of Error and Fault
}

type wirePlaza struct {
	Kind       plaza.Kind         `json:"kind"`
	Key        string             `json:"key,omitempty"`
	Args       map[string]wireArg `json:"args,omitempty"`
	Fields     []wireField        `json:"fields,omitempty"`
	RetryAfter time.Duration      `json:"retry_after,omitempty"`
}

type wireField struct {
	Field string             `json:"field"`
	Key   string             `json:"key"`
	Args  map[string]wireArg `json:"args,omitempty"`
}

type wireFault struct {
	Code   string    `json:"code"`
	Table  string    `json:"table,omitempty"`
	Line   int64     `json:"line,omitempty"`
	Column string    `json:"column,omitempty"`
	Byte   int64     `json:"byte"`
	Args   []wireArg `json:"args,omitempty"`
}

// wireArg is an argument of a sentence with its Go type: how numbers are written in a
// sentence hangs on it, and JSON knows but one.
type wireArg struct {
	Type  string          `json:"t"`
	Value json.RawMessage `json:"v"`
}

// remote is an error of a worker whose words outside a typed one are kept for the log.
type remote struct {
	text  string
	inner error
}

func (e *remote) Error() string { return e.text }
func (e *remote) Unwrap() error { return e.inner }

func encodeError(err error) *wireError { return encodeDepth(err, maxCauses) }

func encodeDepth(err error, left int) *wireError {
	if err == nil || left == 0 {
		return nil
	}
	w := &wireError{Text: tabular.Clip(err.Error(), 4000)}
	switch e := typed(err).(type) {
	case *plaza.Error:
		w.Error, w.Cause = wireOf(e), encodeDepth(e.Cause, left-1)
		return w
	case *tabular.Fault:
		w.Fault, w.Cause = &wireFault{Code: e.Code, Table: e.Table, Line: e.Line, Column: e.Column,
			Byte: e.Byte, Args: wireArgs(e.Args)}, encodeDepth(e.Cause, left-1)
		return w
	}
	var number syscall.Errno
	switch {
	case errors.Is(err, context.Canceled):
		w.Canceled = true
	case errors.Is(err, context.DeadlineExceeded):
		w.Deadline = true
	case errors.As(err, &number):
		w.Errno = uint64(number)
	}
	return w
}

// typed is the first error of a type that is told whole: in its chain, or in the first of
// several joined ones that has one. nil: none.
func typed(err error) error {
	for err != nil {
		switch e := err.(type) {
		case *plaza.Error, *tabular.Fault:
			return err
		case interface{ Unwrap() []error }:
			for _, one := range e.Unwrap() {
				if found := typed(one); found != nil {
					return found
				}
			}
			return nil
		}
		err = errors.Unwrap(err)
	}
	return nil
}

func wireOf(e *plaza.Error) *wirePlaza {
	out := &wirePlaza{Kind: e.Kind, Key: e.Key, Args: wireNamed(e.Args), RetryAfter: e.RetryAfter}
	for _, f := range e.Fields {
		out.Fields = append(out.Fields, wireField{Field: f.Field, Key: f.Key, Args: wireNamed(f.Args)})
	}
	return out
}

// decode is the error again, never nil.
func (w *wireError) decode() error {
	var inner error
	switch {
	case w.Error != nil:
		e := &plaza.Error{Kind: w.Error.Kind, Key: w.Error.Key, Args: named(w.Error.Args), RetryAfter: w.Error.RetryAfter}
		for _, f := range w.Error.Fields {
			e.Fields = append(e.Fields, plaza.FieldError{Field: f.Field, Key: f.Key, Args: named(f.Args)})
		}
		if w.Cause != nil {
			e.Cause = w.Cause.decode()
		}
		inner = e
	case w.Fault != nil:
		f := w.Fault
		e := &tabular.Fault{Code: f.Code, Table: f.Table, Line: f.Line, Column: f.Column, Byte: f.Byte}
		for _, a := range f.Args {
			e.Args = append(e.Args, a.value())
		}
		if w.Cause != nil {
			e.Cause = w.Cause.decode()
		}
		inner = e
	case w.Canceled:
		inner = context.Canceled
	case w.Deadline:
		inner = context.DeadlineExceeded
	case w.Errno != 0:
		inner = syscall.Errno(w.Errno)
	default:
		return errors.New(w.Text)
	}
	if w.Text == "" || w.Text == inner.Error() {
		return inner
	}
	return &remote{text: w.Text, inner: inner}
}

// maker is how a type of argument is read again.
var makers = map[string]func(json.RawMessage) any{
	"int":      read[int],
	"int64":    read[int64],
	"float64":  read[float64],
	"string":   read[string],
	"bool":     read[bool],
	"strings":  read[[]string],
	"time":     read[time.Time],
	"duration": read[time.Duration],
	"nil":      func(json.RawMessage) any { return nil },
}

func read[T any](raw json.RawMessage) any {
	var v T
	_ = json.Unmarshal(raw, &v) // a value that does not fit its type is its zero
	return v
}

func (a wireArg) value() any {
	if read := makers[a.Type]; read != nil {
		return read(a.Value)
	}
	return string(a.Value)
}

func wireArgOf(v any) wireArg {
	kind := ""
	switch x := v.(type) {
	case nil:
		kind = "nil"
	case int:
		kind = "int"
	case int64:
		kind = "int64"
	case float64:
		kind = "float64"
	case string:
		kind = "string"
	case bool:
		kind = "bool"
	case []string:
		kind = "strings"
	case time.Time:
		kind = "time"
	case time.Duration:
		kind = "duration"
	case int8, int16, int32, uint8, uint16, uint32:
		kind = "int64"
	default:
		kind, v = "string", fmt.Sprint(x)
	}
	raw, err := json.Marshal(v)
	if err != nil { // NaN, the infinities
		kind = "string"
		raw, _ = json.Marshal(fmt.Sprint(v))
	}
	return wireArg{Type: kind, Value: raw}
}

func wireArgs(args []any) []wireArg {
	var out []wireArg
	for _, a := range args {
		out = append(out, wireArgOf(a))
	}
	return out
}

func wireNamed(args map[string]any) map[string]wireArg {
	if args == nil {
		return nil
	}
	out := make(map[string]wireArg, len(args))
	for k, v := range args {
		out[k] = wireArgOf(v)
	}
	return out
}

func named(args map[string]wireArg) map[string]any {
	if args == nil {
		return nil
	}
	out := make(map[string]any, len(args))
	for k, a := range args {
		out[k] = a.value()
	}
	return out
}
