package record

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/gowebpki/jcs"
)

// maxLine bounds one line of an export in bytes.
const maxLine = 1 << 20

// BadEntry is the first entry of an export that does not follow from those before.
type BadEntry struct {
	Line   int64 // of the export, from 1
	Seq    int64 // its number, as far as it could be read
	Reason string
}

// Error says which entry is bad and why.
func (b *BadEntry) Error() string {
	return fmt.Sprintf("entry %d (line %d): %s", b.Seq, b.Line, b.Reason)
}

// Verified is what a replay of a whole export found.
type Verified struct {
	Entries int64
	Hash    string // of the last entry
}

// Verify replays a public export (JSON Lines, from the first entry) and reports the
// first bad entry as a *BadEntry. Checkpoints, when given, must agree with it.
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
		if hash, ok := want[v.Entries]; ok && hash != v.Hash {
			return v, &BadEntry{v.Entries, v.Entries, "its hash is not the one in the signed checkpoint"}
		}
	}
	if err := lines.Err(); err != nil {
		if errors.Is(err, bufio.ErrTooLong) {
			return v, &BadEntry{v.Entries + 1, v.Entries + 1, "the line is too long to be an entry"}
		}
		return v, fmt.Errorf("reading the export: %w", err)
	}
	if v.Entries < longest {
		return v, &BadEntry{v.Entries + 1, v.Entries + 1, fmt.Sprintf("it is missing: a signed checkpoint counts %d entries", longest)}
	}
	return v, nil
}

func (v *Verified) next(line []byte) error {
	bad := func(seq int64, reason string) error { return &BadEntry{v.Entries + 1, seq, reason} }
	var e Entry
	dec := json.NewDecoder(bytes.NewReader(line))
	dec.DisallowUnknownFields() // a field that is not hashed could say anything
	if err := dec.Decode(&e); err != nil {
		return bad(v.Entries+1, "it is not an entry: "+err.Error())
	}
	digest, err := e.Digest()
	switch {
	case err != nil:
		return bad(e.Seq, err.Error())
	case !sameText(e, line):
		return bad(e.Seq, "it says more than what its hash covers")
	case e.Seq != v.Entries+1:
		return bad(e.Seq, fmt.Sprintf("its number should be %d", v.Entries+1))
	case e.Prev != v.Hash:
		return bad(e.Seq, "it does not follow from the entry before")
	case e.Hash != digest:
		return bad(e.Seq, "its content does not have its hash")
	}
	v.Entries, v.Hash = e.Seq, e.Hash
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
