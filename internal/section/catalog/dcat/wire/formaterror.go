package wire

import (
	"fmt"
	"slices"
)

// The codes of a FormatError. Each has a sentence under "dcat.format.<code>".
const (
	FormatHTML          = "html"            // a web page in place of a catalogue
	FormatEmpty         = "empty"           // no bytes, or blanks only
	FormatTruncated     = "truncated"       // the document breaks off
	FormatNot           = "not_this_format" // something else than the kind asked for
	FormatSyntax        = "syntax"          // broken at Offset and Line
	FormatTrailingComma = "trailing_comma"  // a comma with nothing after it
	FormatTooDeep       = "too_deep"        // nested beyond reason
	FormatTooLarge      = "too_large"       // over MaxGraph or MaxRecords
	FormatRefused       = "refused"         // the catalogue answered with an error
)

var formatCodes = []string{
	FormatHTML, FormatEmpty, FormatTruncated, FormatNot, FormatSyntax,
	FormatTrailingComma, FormatTooDeep, FormatTooLarge, FormatRefused,
}

// FormatCodes returns every code that FormatError.Code may have.
func FormatCodes() []string { return slices.Clone(formatCodes) }

// FormatError says that a document as a whole is not what it claims. What was
// emitted before it is incomplete.
type FormatError struct {
	Code   string
	Offset int64  // byte of the decoded text where it was noticed, -1 when unknown
	Line   int    // counted from 1, 0 when unknown
	Detail string // what was met there, or what the catalogue said, at most 200 runes
	Cause  error
}

// Key is the message key of the sentence, which takes the pairs "line" and "detail".
func (e *FormatError) Key() string { return "dcat.format." + e.Code }

// Error describes the error for logs.
func (e *FormatError) Error() string {
	s := "catalogue format: " + e.Code
	if e.Line > 0 {
		s += fmt.Sprintf(" at line %d", e.Line)
	}
	if e.Detail != "" {
		s += ": " + e.Detail
	}
	if e.Cause != nil {
		s += ": " + e.Cause.Error()
	}
	return s
}

// Unwrap returns the cause.
func (e *FormatError) Unwrap() error { return e.Cause }
