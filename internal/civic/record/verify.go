package record

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/gowebpki/jcs"

	"plaza/internal/plaza"
)

// maxLine bounds one line of an export in bytes.
const maxLine = 1 << 20

// BadEntry is the first entry of an export that does not follow from those before.
type BadEntry struct {
	Line  int64  // of the export, from 1
	Seq   int64  // its number, as far as it could be read
	Key   string // message key of why, a clause without a full stop
	Count int64  // that the message takes as {count}
}

// Error says which entry is bad and why.
func (b *BadEntry) Error() string {
	return fmt.Sprintf("entry %d (line %d): %s", b.Seq, b.Line, b.Key)
}

// Verified is what a replay of a whole export found.
type Verified struct {
	Entries int64
	Hash    string // of the last entry
	last    int64  // its number
	missing int64  // the first entry that was left out, 0 when there is none
}

// Verify replays a public export (JSON Lines, from the first entry) and reports the
// first bad entry as a *BadEntry. Checkpoints, when given, must agree with it. Where
// entries are left out, as a filter does, but those that are there have their hashes,
// the error is an Invalid plaza.Error: the chain cannot be followed, for good or ill.
func Verify(r io.Reader, checkpoints ...Checkpoint) (Verified, error) {
	want := map[int64]string{}
	var longest int64
	for _, c := range checkpoints {
		want[c.Seq] = c.Hash
		longest = max(longest, c.Seq)
	}
	var v Verified
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 64<<10), maxLine)
	for lines.Scan() {
		if err := v.next(lines.Bytes()); err != nil {
			return v, err
		}
		if hash, ok := want[v.last]; ok && hash != v.Hash {
			return v, &BadEntry{Line: v.Entries, Seq: v.last, Key: "record.bad.signed"}
		}
	}
	if err := lines.Err(); err != nil {
		if errors.Is(err, bufio.ErrTooLong) {
			return v, &BadEntry{Line: v.Entries + 1, Seq: v.last + 1, Key: "record.bad.no_entry"}
		}
		return v, fmt.Errorf("reading the export: %w", err)
	}
	if v.missing > 0 {
		return v, &plaza.Error{Kind: plaza.Invalid, Key: "record.part",
			Args: map[string]any{"count": v.Entries, "missing": v.missing}}
	}
	if v.Entries < longest {
		return v, &BadEntry{Line: v.Entries + 1, Seq: v.Entries + 1, Key: "record.bad.short", Count: longest}
	}
	return v, nil
}

func (v *Verified) next(line []byte) error {
	bad := func(seq int64, why string) error {
		return &BadEntry{Line: v.Entries + 1, Seq: seq, Key: "record.bad." + why, Count: v.last + 1}
	}
	var e Entry
	dec := json.NewDecoder(bytes.NewReader(line))
	dec.DisallowUnknownFields() // a field that is not hashed could say anything
	if err := dec.Decode(&e); err != nil {
		return bad(v.last+1, "no_entry")
	}
	digest, err := e.Digest()
	switch {
	case err != nil:
		return bad(e.Seq, "no_entry")
	case !sameText(e, line):
		return bad(e.Seq, "more")
	case e.Seq <= v.last:
		return bad(e.Seq, "number")
	case e.Seq == v.last+1 && e.Prev != v.Hash:
		return bad(e.Seq, "prev")
	case e.Hash != digest:
		return bad(e.Seq, "hash")
	}
	if e.Seq > v.last+1 && v.missing == 0 {
		v.missing = v.last + 1
	}
	v.Entries, v.last, v.Hash = v.Entries+1, e.Seq, e.Hash
	return nil
}

// sameText reports whether a line holds exactly what the entry read from it says:
// an instant with more digits, say, would be read but not hashed.
func sameText(e Entry, line []byte) bool {
	raw, err := json.Marshal(e)
	if err != nil {
		return false
	}
	want, err := jcs.Transform(raw)
	if err != nil {
		return false
	}
	got, err := jcs.Transform(line)
	return err == nil && bytes.Equal(got, want)
}
