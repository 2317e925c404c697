package geo

import (
	"bufio"
	"encoding/binary"
	"io"
	"os"
)

// index is a .shx: where each record begins. It is only asked where the records of a
// .shp do not follow each other, which editors leave behind that move a record and do
// not pack the file. A nil index knows nothing.
type index struct {
	file *os.File
	in   *bufio.Reader
	next uint32 // the record that comes next, from 0
}

// openIndex opens the file; one that is missing or too short is nil.
func openIndex(path string) *index {
	if path == "" {
		return nil
	}
	file, err := os.Open(path)
	if err != nil {
		return nil
	}
	x := &index{file: file, in: bufio.NewReader(file)}
	if _, err := x.in.Discard(shapeHeader); err != nil {
		x.close()
		return nil
	}
	return x
}

func (x *index) close() {
	if x != nil {
		x.file.Close()
	}
}

// begin is where record n begins, each n later than the one before. It is false beyond
// the last.
func (x *index) begin(n uint32) (int64, bool) {
	if x == nil {
		return 0, false
	}
	var entry [8]byte
	for ; x.next <= n; x.next++ {
		if _, err := io.ReadFull(x.in, entry[:]); err != nil {
			return 0, false
		}
	}
	return int64(binary.BigEndian.Uint32(entry[:])) * 2, true
}

// forward goes to the next record, over a gap when there is one. It is false when there
// is none.
func (s *shapes) forward() (bool, error) {
	n := s.seen
	s.seen++
	if s.at < s.size {
		head, err := s.in.Peek(8)
		if err == nil && binary.BigEndian.Uint32(head) == n+1 && int64(binary.BigEndian.Uint32(head[4:]))*2 <= s.size-s.at-8 {
			return true, nil
		}
	}
	at, ok := s.index.begin(n)
	if !ok {
		return s.index == nil && s.at < s.size, nil
	}
	if at < shapeHeader || at > s.size-8 || at == s.at {
		return s.at < s.size, nil
	}
	if _, err := s.file.Seek(at, io.SeekStart); err != nil {
		return false, err
	}
	s.in.Reset(s.file)
	s.at = at
	return true, nil
}
