package sheet

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
	"os"
)

// spool is the rows of a sheet on disk, as they were scanned. A table is read twice after
// its shape was seen, and from here that takes a tenth of unpacking and scanning it again.
type spool struct {
	path   string
	bytes  int64
	shared *texts // of the workbook: rows hold the numbers of its texts
}

// Bits of a cell's head; above them is how many columns lie between it and the one before.
const (
	spoolNumeric = 1 << iota
	spoolShared
	spoolBits = iota
)

// spoolLength is how many bytes say the length of a row.
const spoolLength = 4

// spooling is a grid whose rows are kept as they are read.
type spooling struct {
	grid
	part   string // of the workbook, for faults
	file   *os.File
	w      *bufio.Writer
	record []byte
	bytes  int64
}

// spooled begins to keep the rows of a grid in a file of its own in folder.
func spooled(g grid, part, folder string) (*spooling, error) {
	file, err := os.CreateTemp(folder, "hoja-")
	if err != nil {
		return nil, err
	}
	return &spooling{grid: g, part: part, file: file, w: bufio.NewWriterSize(file, firstBuffer)}, nil
}

// row reads a row and keeps it: its length, its number, its repetitions, its cells.
func (s *spooling) row() (line, repeat int64, cells []cell, err error) {
	if line, repeat, cells, err = s.grid.row(); err != nil {
		return line, repeat, cells, err
	}
	b := append(s.record[:0], make([]byte, spoolLength)...)
	b = binary.AppendUvarint(b, uint64(line))
	b = binary.AppendUvarint(b, uint64(repeat))
	next, size := 0, 0
	for i := range cells {
		c := &cells[i]
		if size += len(c.text); size > maxRowBytes {
			return 0, 0, nil, at(fault("sheet_cell_size", nil, "part", s.part, "byte", s.progress()), line)
		}
		head := uint64(c.col-next)<<spoolBits | uint64(c.kind)
		next = c.col + 1
		if c.shared > 0 {
			b = binary.AppendUvarint(b, head|spoolShared)
			b = binary.AppendUvarint(b, uint64(c.shared-1))
			continue
		}
		b = binary.AppendUvarint(b, head)
		b = binary.AppendUvarint(b, uint64(len(c.text)))
		b = append(b, c.text...)
	}
	binary.LittleEndian.PutUint32(b, uint32(len(b)-spoolLength))
	s.record = b
	s.bytes += int64(len(b))
	_, err = s.w.Write(b)
	return line, repeat, cells, err
}

// end is the spool of the rows that were read. One that nobody will read is removed.
func (s *spooling) end(shared *texts, wanted bool) (spool, error) {
	err := errors.Join(s.w.Flush(), s.file.Close())
	if err != nil || !wanted {
		err = errors.Join(err, os.Remove(s.file.Name()))
	}
	return spool{path: s.file.Name(), bytes: s.bytes, shared: shared}, err
}

// open begins to read the rows.
func (s spool) open() (*spoolRows, error) {
	file, err := os.Open(s.path)
	if err != nil {
		return nil, err
	}
	return &spoolRows{file: file, r: bufio.NewReaderSize(file, firstBuffer), shared: s.shared}, nil
}

// spoolRows reads a spool.
type spoolRows struct {
	file   *os.File
	r      *bufio.Reader
	shared *texts
	read   int64 // bytes
	record []byte
	cells  []cell
}

// row gives the next row as the grid gave it; io.EOF after the last.
func (r *spoolRows) row() (line, repeat int64, cells []cell, err error) {
	var long [spoolLength]byte
	if _, err := io.ReadFull(r.r, long[:]); err != nil {
		return 0, 0, nil, err
	}
	n := int(binary.LittleEndian.Uint32(long[:]))
	if n > cap(r.record) {
		r.record = make([]byte, 2*n)
	}
	b := r.record[:n]
	if _, err := io.ReadFull(r.r, b); err != nil {
		return 0, 0, nil, err
	}
	r.read += int64(spoolLength + n)
	line, repeat = int64(number(&b)), int64(number(&b))
	r.cells = r.cells[:0]
	for next := 0; len(b) > 0; {
		head, n := number(&b), number(&b)
		c := cell{col: next + int(head>>spoolBits), kind: kind(head & spoolNumeric)}
		next = c.col + 1
		if head&spoolShared != 0 {
			c.text = r.shared.at(int(n))
		} else {
			c.text, b = b[:n], b[n:]
		}
		r.cells = append(r.cells, c)
	}
	return line, repeat, r.cells, nil
}

// number takes a number off b.
func number(b *[]byte) uint64 {
	v, n := binary.Uvarint(*b)
	*b = (*b)[n:]
	return v
}
