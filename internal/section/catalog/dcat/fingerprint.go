package dcat

import (
	"bufio"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"io"
	"math"
	"slices"
	"strings"
	"sync"
)

// canon names the way of reading records and of writing them down for their
// fingerprints. It changes when readers give other records for the same text; every
// record is then read again, and looks changed once.
const canon = Version

// Fingerprint is the SHA-256, in hexadecimal, of what the record says. Two records
// with the same fingerprint say the same. The order of keywords, themes, languages,
// aliases, standards, extras and resources does not count, because real catalogues
// shuffle them between one answer and the next; nor does Resource.Position. The
// order of the columns in a dictionary does count.
func (r *Record) Fingerprint() string {
	h := sha256.New()
	w := canonWriter{w: writers.Get().(*bufio.Writer)}
	defer writers.Put(w.w)
	w.w.Reset(h)
	w.text(canon, r.SourceKey, r.Identifier, r.Title, r.Description,
		r.Publisher.Key, r.Publisher.Name, r.Publisher.Parent, r.Publisher.Email, r.Publisher.Position,
		r.Contact.Name, r.Contact.Email, r.Contact.Phone, r.Contact.URL, r.Contact.Position,
		r.License.ID, r.License.Title, r.License.URL,
		r.Issued, r.Modified, r.AccrualPeriodicity, r.Spatial.Text, r.Temporal.Start, r.Temporal.End,
		r.LandingPage, r.DictionaryURL, r.AccessLevel, r.Version)
	w.set(r.Aliases)
	w.set(r.Keywords)
	w.set(r.Themes)
	w.set(r.Languages)
	w.set(r.ConformsTo)
	w.box(r.Spatial.Box)
	w.count(len(r.Extras))
	for _, name := range sortedKeys(r.Extras) {
		w.text(name, r.Extras[name])
	}
	w.resources(r.Resources)
	// Neither the buffer nor the hash can fail.
	_ = w.w.Flush()
	return hex.EncodeToString(h.Sum(nil))
}

// writers are buffers between records and their hashes.
var writers = sync.Pool{New: func() any { return bufio.NewWriterSize(nil, 8<<10) }}

// canonWriter writes values so that different records cannot read the same: every
// text and list carries its length.
type canonWriter struct{ w *bufio.Writer }

func (w canonWriter) count(n int) {
	var buf [8]byte
	binary.BigEndian.PutUint64(buf[:], uint64(n))
	_, _ = w.w.Write(buf[:])
}

func (w canonWriter) text(values ...string) {
	for _, s := range values {
		w.count(len(s))
		_, _ = io.WriteString(w.w, s)
	}
}

func (w canonWriter) set(list []string) {
	w.count(len(list))
	if !slices.IsSorted(list) {
		list = slices.Sorted(slices.Values(list))
	}
	w.text(list...)
}

func (w canonWriter) box(b *Box) {
	if b == nil {
		w.count(0)
		return
	}
	w.count(4)
	for _, f := range []float64{b.West, b.South, b.East, b.North} {
		w.count(int(math.Float64bits(f)))
	}
}

func (w canonWriter) resources(list []Resource) {
	byKey := make([]*Resource, len(list))
	for i := range list {
		byKey[i] = &list[i]
	}
	slices.SortStableFunc(byKey, func(a, b *Resource) int { return strings.Compare(a.SourceKey, b.SourceKey) })
	w.count(len(byKey))
	for _, r := range byKey {
		w.text(r.SourceKey, r.Title, r.Description, r.Format, r.MediaType, r.AccessURL, r.DownloadURL,
			r.ChecksumAlgorithm, r.ChecksumValue, r.Issued, r.Modified,
			r.License.ID, r.License.Title, r.License.URL, r.DictionaryURL)
		w.count(int(r.ByteSize))
		w.set(r.ConformsTo)
		w.count(len(r.Fields))
		for _, f := range r.Fields {
			w.text(f.Name, f.Title, f.Type, f.Description)
		}
	}
}

// hash16 is half a SHA-256: enough to tell the records of one document apart in half
// the memory.
type hash16 [16]byte

func hash(s string) hash16 {
	sum := sha256.Sum256([]byte(s))
	return hash16(sum[:16])
}
