// Package dcat reads what remote catalogues publish and turns it into DCAT
// records: CKAN answers, data.json (Project Open Data 1.1, ADELA/DCAT-MX and the
// Argentine profile) and DCAT as JSON-LD, Turtle, N-Triples or RDF/XML.
//
// Real catalogues break their own formats, so reading is lenient: what can be
// repaired with certainty is repaired, what cannot is dropped, and either is
// reported as a Problem with its record, field and value. One bad record never
// stops a reading; a document that is not what it claims (a web page, a cut
// download, an endless nesting) is a wire.FormatError. CKAN and data.json are read
// record by record, in memory that does not grow with the catalogue but for some
// fifty bytes for each identifier seen; RDF is held whole, within MaxGraph.
//
// The package knows nothing of databases, of HTTP or of what a harvest does with
// a record. It fetches nothing: a JSON-LD context on another server is replaced by
// one of ours and reported. Catalogue-wide defaults (the licence, the labels of
// themes) are given in the Summary and not copied into records, because where they
// stand in the document must not change what a record says.
package dcat

import (
	"crypto/sha256"
	"embed"
	"fmt"
	"io"
	"net/url"
	"plaza/internal/section/catalog/dcat/rdf"
	"plaza/internal/section/catalog/dcat/wire"
	"strings"
	"time"
)

// Locale holds the sentences of problems and of format errors.
//
//go:embed locale
var Locale embed.FS

// Kind names a family of catalogue formats.
type Kind string

// The kinds of catalogue.
const (
	// CKAN is one answer of package_search, package_show or
	// current_package_list_with_resources (API version 3).
	CKAN Kind = "ckan"
	// DCAT is RDF: JSON-LD, Turtle, N-Triples or RDF/XML, told apart by content.
	DCAT Kind = "dcat"
	// DataJSON is data.json in any of its three dialects.
	DataJSON Kind = "data.json"
)

// Version names the way of reading records. It changes whenever the same text may
// give another record; digests and fingerprints of another version are not known.
const Version = "plaza dcat 2"

// Limits of a reading. What exceeds them is cut or refused, and reported.
const (
	// MaxRecord is the size in bytes of the JSON text of one record.
	MaxRecord = 10 << 20
	// MaxGraph is the size in bytes of an RDF document.
	MaxGraph = rdf.MaxBytes
	// MaxRecords is the number of records in one document.
	MaxRecords = 1_000_000

	maxTitle     = 1_000   // runes
	maxProse     = 100_000 // runes
	maxResources = 1_000
	maxFields    = 2_000
	maxList      = 200 // keywords, themes, aliases, languages, standards
	maxExtras    = 100
	maxExtra     = 2_000 // runes
	maxURL       = 4_000 // bytes
	maxProblems  = 100   // per record, and per document
)

// Options say how to read one document.
type Options struct {
	// Base is the address that the document was read from; relative addresses are
	// resolved against it. Nil drops them.
	Base *url.URL
	// ContentType is the media type that the server stated. It is a hint only: the
	// content decides.
	ContentType string
	// Now is the present instant, to tell dates in the future. Zero accepts any.
	Now time.Time
	// Known reports whether a record with this digest of its text was read before and
	// is still good, and what it was. Such a record is not decoded, which is most of the
	// work of reading an unchanged catalogue. Nil decodes all. RDF has no such texts.
	Known func(Digest) (Sighting, bool)
}

// Digest is the SHA-256 of the text of a record as the source wrote it, and of the
// version of this package's reading: when that changes, nothing is known any more.
type Digest [sha256.Size]byte

func digestOf(text []byte) Digest {
	h := sha256.New()
	_, _ = h.Write([]byte(canon)) // a hash takes everything
	_, _ = h.Write(text)
	return Digest(h.Sum(nil))
}

// Item is one record of a catalogue, in the order of the document.
type Item struct {
	// Index counts from 0, unusable records included.
	Index int
	// Key is Record.SourceKey, or that of an unusable record where it could still be
	// read: a record that is there but broken is not absent. It may be "".
	Key string
	// Record is nil when nothing usable could be read, and when it is Known.
	Record *Record
	// Fingerprint is Record.Fingerprint, "" without a record.
	Fingerprint string
	// Digest is that of the record's text, zero for RDF.
	Digest Digest
	// Known says that Options.Known recognised the digest.
	Known bool
	// Withdrawn says that the source itself marks the record as deleted, private or a
	// draft: unlike one that is merely broken, it is not there for the public.
	Withdrawn bool
	// Problems tell what was repaired or dropped, in the order found.
	Problems []Problem
}

// Problem is one defect of a record or of its document.
type Problem struct {
	Code     string // one of Codes
	Record   string // SourceKey, "#12" (counted from 1) when there is none, "" for the document
	Field    string // "distribution[0].issued" in the source's words, "" for the whole
	Value    string // what stood there, cut to 200 runes
	Repaired bool   // false: dropped, or left as it was
}

// Summary is what the document says of itself.
type Summary struct {
	Title       string
	Description string
	License     License
	// ThemeLabels translates the theme identifiers of the Argentine profile.
	ThemeLabels map[string]string
	// Count is the number of items emitted with a record.
	Count int
	// Unusable is the number of items emitted without one, those known aside.
	Unusable int
	// Listed is the number of items that are datasets, each once: with a record, known,
	// or broken under a key of their own.
	Listed int
	// Known is the number of items that Options.Known recognised.
	Known int
	// Total is how many records the whole catalogue has over all its pages (CKAN's
	// count, hydra:totalItems), -1 when it does not say.
	Total int
	// Next is the absolute address of the next page, "" at the last.
	Next string
	// Problems are those of the document itself.
	Problems []Problem
}

// Read reads one document of a kind and calls emit for each record. The error is a
// *wire.FormatError when the document is not what it claims or breaks off: what was
// emitted before it is good, but the reading is incomplete. An RDF document that
// breaks off emits nothing, because any of its records might lack statements. An
// error of emit ends the reading and is returned as it is; one of r is wrapped.
func Read(kind Kind, r io.Reader, opt Options, emit func(Item) error) (Summary, error) {
	d := newDocument(opt, emit)
	var err error
	switch kind {
	case CKAN, DataJSON:
		err = readJSON(kind, d, r)
	case DCAT:
		err = readGraph(d, r)
	default:
		return d.summary, fmt.Errorf("reading a catalogue: unknown kind %q", kind)
	}
	d.summary.Problems = d.report.problems
	return d.summary, err
}

func readJSON(kind Kind, d *document, r io.Reader) error {
	text, err := wire.Decode(wire.Buffered(r), d.report.note)
	if err != nil {
		return err
	}
	s := wire.NewScanner(text)
	if err := s.Sniff(); err != nil {
		return err
	}
	if kind == CKAN {
		return readCKAN(d, s)
	}
	return readDataJSON(d, s)
}

// document is the state of one reading: what was emitted and which keys were seen.
type document struct {
	opt     Options
	emit    func(Item) error
	summary Summary
	report  report // problems of the document itself
	seen    map[hash16]Sighting
	index   int
}

func newDocument(opt Options, emit func(Item) error) *document {
	if opt.Base != nil && opt.Base.User != nil { // the credentials are ours, and secret
		plain := *opt.Base
		plain.User = nil
		opt.Base = &plain
	}
	return &document{
		opt:     opt,
		emit:    emit,
		summary: Summary{Total: -1},
		report:  report{now: opt.Now, base: opt.Base},
		seen:    make(map[hash16]Sighting),
	}
}

// record starts the report of the next record.
func (d *document) record() *report {
	return &report{now: d.opt.Now, base: d.opt.Base}
}

// known emits a record that need not be decoded, if it is one.
func (d *document) known(digest Digest) (bool, error) {
	if d.opt.Known == nil {
		return false, nil
	}
	s, ok := d.opt.Known(digest)
	if !ok {
		return false, nil
	}
	if _, again := d.seen[s.id]; again { // which of the two is which, only their texts say
		return false, nil
	}
	d.seen[s.id] = s
	d.summary.Known++
	d.summary.Listed++
	return true, d.send(Item{Digest: digest, Known: true})
}

// put emits a record with its problems; rec is nil when it is unusable, and key
// then names it where that is known.
func (d *document) put(rec *Record, key string, rep *report) error {
	fingerprint, dropped := "", false
	if rec != nil {
		fingerprint = rec.Fingerprint()
		if dropped = d.repeated(rec, &fingerprint, rep); dropped {
			rec, fingerprint = nil, ""
		}
	}
	if rec != nil || key != "" && !dropped && !rep.withdrawn {
		d.summary.Listed++
	}
	if rec == nil {
		d.summary.Unusable++
	} else {
		d.summary.Count++
		key = rec.SourceKey
	}
	name := strings.Clone(key)
	if name == "" {
		name = fmt.Sprintf("#%d", d.index+1)
	}
	for i := range rep.problems {
		rep.problems[i].Record = name
	}
	return d.send(Item{
		Key: key, Record: rec, Fingerprint: fingerprint, Digest: rep.digest,
		Withdrawn: rep.withdrawn, Problems: rep.problems,
	})
}

func (d *document) send(item Item) error {
	if d.index >= MaxRecords {
		return &wire.FormatError{Code: wire.FormatTooLarge, Offset: -1}
	}
	item.Index = d.index
	d.index++
	return d.emit(item)
}

// Sighting is what a document remembers of a record that was emitted.
type Sighting struct{ id, title, content hash16 }

// Sight is the Sighting of a record by its key, its title and its fingerprint.
func Sight(key, title, fingerprint string) Sighting {
	return Sighting{id: hash(key), title: hash(foldKey(title)), content: hash(fingerprint)}
}

// repeated settles identifiers that come again, and reports whether the record has
// to go. Of two records under one key:
//   - equal ones are one: the second is dropped;
//   - with another title they are two datasets whose identifiers collided: the second
//     is kept, under the key with a mark made of its title;
//   - with the same title they are two readings of one dataset, and nothing says
//     which is right: the first stays, as it does for every consumer of the catalogue.
func (d *document) repeated(rec *Record, fingerprint *string, rep *report) bool {
	now := Sight(rec.SourceKey, rec.Title, *fingerprint)
	was, again := d.seen[now.id]
	if !again {
		d.seen[now.id] = now
		return false
	}
	if was.title == now.title {
		rep.add(DuplicateIdentifier, "identifier", rec.SourceKey, was.content == now.content)
		return true
	}
	rep.add(DuplicateIdentifier, "identifier", rec.SourceKey, true)
	rec.SourceKey += fmt.Sprintf("#%x", now.title[:4])
	*fingerprint = rec.Fingerprint()
	now.id = hash(rec.SourceKey)
	_, again = d.seen[now.id]
	d.seen[now.id] = now
	return again
}
