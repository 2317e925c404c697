package explore

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"plaza/internal/base/fetch"
	"plaza/internal/base/i18n"
	"plaza/internal/base/tabular"
	"plaza/internal/plaza"
)

// Fault is why a file could not be opened, kept so that each reader is told in their own
// language.
type Fault struct {
	Key    string         `json:"key"` // of its sentence
	Table  string         `json:"table,omitempty"`
	Line   int64          `json:"line,omitempty"`   // from 1
	Column string         `json:"column,omitempty"` // its name
	Byte   int64          `json:"byte"`             // offset in the file, -1 unknown
	Args   map[string]any `json:"args,omitempty"`   // of its sentence
}

// Sentence is what is told of the fault.
func (f *Fault) Sentence(l *i18n.Printer) string {
	pairs := []any{"table", f.Table, "line", f.Line, "column", f.Column, "byte", f.Byte}
	for name, v := range f.Args {
		pairs = append(pairs, name, v)
	}
	return tabular.Sentence(l, f.Key, pairs...)
}

// The keys of this package's own faults.
const (
	faultHTML    = "explore.fault.html"
	faultTable   = "explore.fault.no_table"
	faultAddress = "explore.fault.no_address"
	faultGone    = "explore.fault.removed"
	faultHeld    = "explore.fault.withheld"
	faultChanged = "explore.fault.changed"
	faultEngine  = "explore.fault.engine"
)

// The codes of what a file that cannot be opened says of its resource's quality.
const (
	findingHTML   = "h01" // a page in place of data
	findingLost   = "d01" // nothing at its address
	findingBroken = "a01" // broken, or not as its format has it
	findingNone   = "a02" // no table at all
)

// blameless are faults that no publisher can mend: of what this site cannot do, or what was
// so for a moment.
var blameless = map[string]bool{
	"crashed": true, "killed_disk": true, "killed_memory": true, "killed_time": true, "not_supported": true, "file_changed": true, "json_changed": true,
}

// findingOf is what a fault of a file says of its resource's quality, "" for nothing.
func findingOf(code string) string {
	switch {
	case blameless[code]:
		return ""
	case strange[code]:
		return findingNone
	}
	return findingBroken
}

// fileFault is a fault of a file: trying again with the same bytes changes nothing.
type fileFault struct {
	fault Fault
	kept  bool // it is a broken table, which a better converter may open
}

func (f *fileFault) Error() string { return "explore: " + f.fault.Key }

// ours is a fault of this package that no bytes cause.
func ours(key string, args map[string]any) error {
	return &fileFault{fault: Fault{Key: key, Byte: -1, Args: args}}
}

// strange are the codes of faults of files that are no tables at all, as package detect and
// the readers call them: nothing is kept of them.
var strange = map[string]bool{
	"not_a_table": true, htmlInstead: true, "empty": true, "no_table": true, "no_tables": true, "json_no_records": true,
	"geo_none": true, "sheet_no_workbook": true,
}

// chance reports whether the fault may lie in what else this machine did: the worker took
// too much of what there was just then.
func (f *Fault) chance() bool {
	return f != nil && slices.Contains([]string{"tabular.fault.killed_memory", "tabular.fault.killed_time", "tabular.fault.killed_disk"}, f.Key)
}

// htmlInstead is the fault of a page that came in place of data.
const htmlInstead = "html_instead"

// workerDied is the fault of a worker that ended before its work, as one does that the
// system killed: it says nothing of the file, which the next may open.
const workerDied = "crashed"

// judge turns what went wrong into what is told of it. again reports whether another
// try may go better.
func judge(err error) (f Fault, finding string, kept, again bool) {
	if own, ok := errors.AsType[*fileFault](err); ok {
		if own.fault.Key == faultHTML {
			finding = findingHTML
		}
		return own.fault, finding, own.kept, false
	}
	if t, ok := errors.AsType[*tabular.Fault](err); ok {
		if t.Code == htmlInstead {
			return Fault{Key: faultHTML, Byte: -1}, findingHTML, false, false
		}
		f = Fault{Key: "tabular.fault." + t.Code, Table: tabular.Clip(t.Table, tabular.MaxName), Line: t.Line, Column: tabular.Clip(t.Column, tabular.MaxName), Byte: t.Byte, Args: paired(t.Args)}
		died := t.Code == workerDied
		return f, findingOf(t.Code), !strange[t.Code] && !died, died
	}
	if e, ok := errors.AsType[*fetch.Error](err); ok {
		if e.Code == fetch.Status && !passing(e) {
			finding = findingLost
		}
		args := map[string]any{"host": e.Host, "status": e.Status}
		return Fault{Key: e.Key(), Byte: -1, Args: args}, finding, false, passing(e)
	}
	if e, ok := errors.AsType[*plaza.Error](err); ok && e.Key != "" {
		return Fault{Key: e.Key, Byte: -1, Args: plain(e.Args)}, "", false, e.Kind != plaza.Invalid && e.Kind != plaza.NotFound
	}
	return Fault{Key: faultEngine, Byte: -1}, "", false, true
}

// passing reports whether a server may do better in a while.
func passing(e *fetch.Error) bool {
	switch e.Code {
	case fetch.BadURL, fetch.RefusedAddress, fetch.TooLarge, fetch.Redirects:
		return false
	case fetch.Status:
		return e.Status >= 500
	}
	return true
}

// paired makes a map of the pairs of a fault.
func paired(args []any) map[string]any {
	out := map[string]any{}
	for i := 0; i+1 < len(args); i += 2 {
		if name, ok := args[i].(string); ok {
			out[name] = args[i+1]
		}
	}
	return plain(out)
}

// plain keeps of arguments what JSON brings back as it was, and nothing long.
func plain(args map[string]any) map[string]any {
	out := make(map[string]any, len(args))
	for name, v := range args {
		switch v := v.(type) {
		case string:
			out[name] = tabular.Clip(strings.ToValidUTF8(v, "\uFFFD"), tabular.MaxName)
		case bool, int, int32, int64, float64:
			out[name] = v
		default:
			out[name] = tabular.Clip(fmt.Sprint(v), tabular.MaxName)
		}
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

// encoded is a value as JSON, "" for a nil pointer.
func encoded[T any](v *T) (string, error) {
	if v == nil {
		return "", nil
	}
	raw, err := json.Marshal(v)
	return string(raw), err
}

// decoded is what encoded made.
func decoded[T any](raw string) (*T, error) {
	if raw == "" {
		return nil, nil
	}
	v := new(T)
	if err := json.Unmarshal([]byte(raw), v); err != nil {
		return nil, fmt.Errorf("reading what was kept of a version: %w", err)
	}
	return v, nil
}
