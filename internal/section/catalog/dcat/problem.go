package dcat

import (
	"cmp"
	"fmt"
	"net/url"
	"plaza/internal/section/catalog/dcat/rdf"
	"plaza/internal/section/catalog/dcat/wire"
	"slices"
	"strings"
	"time"
)

// The codes of problems. They are stable: runs of years ago keep them. Each has a
// sentence under "dcat.problem.<code>" in the message catalogues, with the pairs
// "field" and "value".
const (
	IdentifierMissing   = "identifier_missing"
	IdentifierNumeric   = "identifier_numeric"
	DuplicateIdentifier = "duplicate_identifier"
	DuplicateResource   = "duplicate_resource"
	DuplicateURL        = "duplicate_url"

	RecordNotObject = "record_not_object"
	RecordMalformed = "record_malformed"
	RecordTooLarge  = "record_too_large"
	RecordTooDeep   = "record_too_deep"
	RecordEmpty     = "record_empty"
	RecordDeleted   = "record_deleted"
	RecordPrivate   = "record_private"
	RecordDraft     = "record_draft"

	TitleMissing       = "title_missing"
	DescriptionMissing = "description_missing"
	URLMissing         = "url_missing"

	WrongType      = "wrong_type"
	NullValue      = "null_value"
	ListExpected   = "list_expected"
	SingleExpected = "single_expected"
	TextForList    = "text_for_list"
	TooMany        = "too_many"
	ProblemsCut    = "problems_cut"

	HTMLInText           = "html_in_text"
	EntitiesInText       = "entities_in_text"
	Mojibake             = "mojibake"
	MojibakeSuspected    = "mojibake_suspected"
	ControlCharacters    = "control_characters"
	ReplacementCharacter = "replacement_character"
	TextTooLong          = "text_too_long"

	DateFormat       = "date_format"
	DateDayFirst     = "date_day_first"
	DateInvalid      = "date_invalid"
	DateInFuture     = "date_in_future"
	DateIsFrequency  = "date_is_frequency"
	TemporalInvalid  = "temporal_invalid"
	TemporalReversed = "temporal_reversed"
	FrequencyUnknown = "frequency_unknown"

	URLInvalid     = "url_invalid"
	URLUnsafe      = "url_unsafe"
	URLEscaped     = "url_escaped"
	URLNoScheme    = "url_no_scheme"
	URLRelative    = "url_relative"
	URLCredentials = "url_credentials"
	URLSeveral     = "url_several"

	EmailInvalid = "email_invalid"
	EmailSeveral = "email_several"

	FormatMismatch  = "format_mismatch"
	MediaTypeFormat = "media_type_format"
	SizeText        = "size_text"
	SizeInvalid     = "size_invalid"
	ChecksumInvalid = "checksum_invalid"
	SpatialInvalid  = "spatial_invalid"

	SingleObject = "single_object"
	BareList     = "bare_list"
	TotalInvalid = "total_invalid"
	NextLoops    = "next_loops"
)

var codes = []string{
	IdentifierMissing, IdentifierNumeric, DuplicateIdentifier, DuplicateResource, DuplicateURL,
	RecordNotObject, RecordMalformed, RecordTooLarge, RecordTooDeep, RecordEmpty, RecordDeleted,
	RecordPrivate, RecordDraft, TitleMissing, DescriptionMissing, URLMissing, WrongType, NullValue,
	ListExpected, SingleExpected, TextForList, TooMany, ProblemsCut, HTMLInText, EntitiesInText,
	Mojibake, MojibakeSuspected, ControlCharacters, ReplacementCharacter, TextTooLong, wire.ByteOrderMark,
	wire.EncodingLatin1, wire.EncodingUTF16, wire.EncodingMixed, DateFormat, DateDayFirst, DateInvalid, DateInFuture,
	DateIsFrequency, TemporalInvalid, TemporalReversed, FrequencyUnknown, URLInvalid, URLUnsafe,
	URLEscaped, URLNoScheme, URLRelative, URLCredentials, URLSeveral, EmailInvalid, EmailSeveral,
	FormatMismatch, MediaTypeFormat, SizeText, SizeInvalid, ChecksumInvalid, SpatialInvalid,
	SingleObject, BareList, wire.TrailingData, rdf.ContextUnknown, rdf.StatementSkipped, TotalInvalid, NextLoops,
}

// Codes returns every code that Problem.Code may have.
func Codes() []string { return slices.Clone(codes) }

// Key is the message key of the problem's sentence.
func (p Problem) Key() string { return "dcat.problem." + p.Code }

// Args are what the sentence takes: the field and the value, a dash for what is empty.
func (p Problem) Args() []any {
	return []any{"field", cmp.Or(p.Field, "—"), "value", cmp.Or(p.Value, "—")}
}

// report collects the problems of one record, or of the document. The first
// maxProblems are kept, then one more says that there were others.
type report struct {
	now      time.Time
	base     *url.URL
	digest   Digest // of the record's text
	problems []Problem
	files    string // what the source calls a record's resources; "" is "distribution"

	withdrawn bool // the source says that the record is not public
}

func (r *report) add(code, field, value string, repaired bool) {
	switch {
	case len(r.problems) > maxProblems:
		return
	case len(r.problems) == maxProblems:
		r.problems = append(r.problems, Problem{Code: ProblemsCut})
		return
	}
	r.problems = append(r.problems, Problem{
		// Copies: a problem outlives its record, whose text would be held whole.
		Code: code, Field: strings.Clone(field), Value: strings.Clone(wire.Cut(value)), Repaired: repaired,
	})
}

// resource is the field of a record's resource, in the source's words.
func (r *report) resource(position int) string {
	return fmt.Sprintf("%s[%d]", cmp.Or(r.files, "distribution"), position)
}

// toldURL reports whether an address of the field was refused, which says already why
// there is none.
func (r *report) toldURL(field string) bool {
	return slices.ContainsFunc(r.problems, func(p Problem) bool {
		return (p.Code == URLInvalid || p.Code == URLUnsafe) && strings.HasPrefix(p.Field, field)
	})
}

// once adds a problem of the document unless one with the same code is there.
func (r *report) once(code, field, value string, repaired bool) {
	for _, p := range r.problems {
		if p.Code == code {
			return
		}
	}
	r.add(code, field, value, repaired)
}

// note is add for what concerns no field.
func (r *report) note(code, value string, repaired bool) { r.add(code, "", value, repaired) }

// noteOnce is once for what concerns no field.
func (r *report) noteOnce(code, value string, repaired bool) { r.once(code, "", value, repaired) }
