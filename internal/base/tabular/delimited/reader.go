package delimited

import (
	"bytes"
	"context"
	"io"
	"os"
	"slices"
	"unicode"
	"unicode/utf8"

	"plaza/internal/base/tabular"
)

// reader gives the rows of a plan.
type reader struct {
	plan   *plan
	file   *os.File
	tokens *tokens
	src    *tabular.Source
	found  *tabular.Problems // nil when they are known already
	// country are rows of the whole country, which are totals when each stands over its
	// states: "Nacional" among few values is one of the values.
	country tabular.Problems
	row     int64
	count   int64 // bytes read
	read    func(int64)
	end     error // io.EOF or a Fault, once the rows before it were given
}

func (p *plan) open(ctx context.Context, src *tabular.Source, read func(int64)) (*reader, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	file, err := os.Open(p.path)
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err == nil && (info.Size() != p.survey.size || !info.ModTime().Equal(p.modified)) {
		err = &tabular.Fault{Code: "file_changed", Byte: -1}
	}
	if err == nil {
		_, err = file.Seek(int64(p.survey.bom), io.SeekStart)
	}
	if err != nil {
		file.Close()
		return nil, err
	}
	r := &reader{plan: p, file: file, src: src, read: read, count: int64(p.survey.bom)}
	r.tokens = newTokens(decoded(&counted{file, &r.count}, p.survey), p.dialect)
	r.tokens.cols, r.tokens.offset, r.tokens.width = p.cols, int64(p.survey.bom), p.survey.width()
	if p.survey.mixed || p.survey.nul > 0 {
		r.tokens.offset = -1
	}
	if !p.known.Load() {
		r.found = &tabular.Problems{}
		r.tokens.stray = r.stray
	}
	return r, nil
}

// width is how many bytes of the file a decoded text takes.
func (s *survey) width() func([]byte) int {
	switch {
	case s.wide():
		return func(text []byte) (n int) {
			for len(text) > 0 {
				r, size := utf8.DecodeRune(text)
				n, text = n+2, text[size:]
				if r > 0xFFFF {
					n += 2
				}
			}
			return n
		}
	case s.byteMode != nil:
		return func(text []byte) (n int) {
			for _, b := range text {
				if b&0xC0 != 0x80 { // the first byte of a letter
					n++
				}
			}
			return n
		}
	}
	return nil
}

// counted counts what is read.
type counted struct {
	io.Reader
	n *int64
}

// Read reads and counts.
func (c *counted) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	*c.n += int64(n)
	return n, err
}

// Next fills b.
func (r *reader) Next(ctx context.Context, b *tabular.Batch) error {
	b.Reset(r.plan.cols, r.row+1)
	if err := ctx.Err(); err != nil {
		return err
	}
	if r.end != nil {
		return r.end
	}
	err := r.fill(b)
	r.row += int64(b.Rows())
	r.damage(b)
	if r.read != nil {
		r.read(r.count)
	}
	r.end = err
	if err == io.EOF {
		r.merge()
	}
	if b.Rows() > 0 {
		return nil
	}
	return err
}

// batchBytes is how much text a batch may have before it is given away short.
const batchBytes = 8 << 20

func (r *reader) fill(b *tabular.Batch) error {
	t, p := r.tokens, r.plan
	for !b.Full() && b.Size() < batchBytes {
		before := b.Size()
		n, err := t.row(b)
		if err != nil {
			b.DropRow()
			return err
		}
		switch {
		case p.names.data == 0 || t.begun < p.names.data:
			b.DropRow()
			continue
		case p.stop > 0 && t.begun >= p.stop:
			b.DropRow()
			return io.EOF
		}
		if text := b.Buffer()[before:]; len(text) <= 64 && len(bytes.TrimSpace(text)) == 0 {
			b.DropRow()
			r.note("m31", tabular.Sample{Line: t.begun})
			continue
		}
		if r.found != nil {
			r.look(b, n)
		}
		b.EndRow()
		b.Lines = append(b.Lines, t.begun)
	}
	return nil
}

// stray notes the row that is being read, which has a stray quote. Where samples are
// enough its byte is not asked for: that costs a look at all of the window before it.
func (r *reader) stray() {
	t := r.tokens
	if t.line < r.plan.names.data {
		return
	}
	if q := r.found.Add("q01", "", tabular.Sample{}); len(q.Samples) < tabular.MaxSamples {
		q.Samples = append(q.Samples, tabular.Sample{Line: t.line, Byte: max(0, t.where())})
	}
}

func (r *reader) note(code string, s tabular.Sample) {
	if r.found != nil {
		r.found.Add(code, "", s)
	}
}

// look judges the open row of n cells.
func (r *reader) look(b *tabular.Batch, n int) {
	at := b.Rows()
	where := tabular.Sample{Row: r.row + int64(at) + 1, Line: r.tokens.begun}
	if n != r.plan.cols && !r.blankBeyond(b, n) {
		where.Text = string(b.Cell(at, 0))
		r.found.Add("r01", "", where)
	}
	for i := range min(n, r.plan.cols) {
		cell := b.Cell(at, i)
		if len(cell) == 0 {
			continue
		}
		switch where.Text = string(cell); {
		case total(cell):
			r.found.Add("t01", "", where)
		case country(cell):
			r.country.Add("t01", "", where)
		}
		return
	}
}

// blankBeyond reports whether a row's cells that are too many are all empty.
func (r *reader) blankBeyond(b *tabular.Batch, n int) bool {
	if n < r.plan.cols {
		return false
	}
	for i := r.plan.cols; i < n; i++ {
		if len(b.Cell(b.Rows(), i)) > 0 {
			return false
		}
	}
	return true
}

// Signs of text that was decoded wrongly before it was published: UTF-8 read as
// Windows-1252 and written again, and the character that stands for a lost one.
var (
	lost    = []byte("\uFFFD")
	garbled = [][]byte{[]byte("Ã"), []byte("Â"), []byte("â€")}
)

// damage looks for letters that were lost.
func (r *reader) damage(b *tabular.Batch) {
	if r.found == nil {
		return
	}
	text := b.Buffer()
	suspect := bytes.IndexByte(text, '?') >= 0 || bytes.Contains(text, lost)
	for _, g := range garbled {
		suspect = suspect || bytes.Contains(text, g)
	}
	if !suspect {
		return
	}
	for row := range b.Rows() {
		for col := range b.Cols {
			if cell := b.Cell(row, col); len(cell) > 1 && damaged(cell) {
				r.found.Add("e01", r.plan.columns[col], tabular.Sample{Row: b.First + int64(row), Line: b.Lines[row], Text: string(cell[:min(len(cell), 800)])})
			}
		}
	}
}

// damaged reports whether letters of a cell were lost or garbled.
func damaged(cell []byte) bool {
	if at := bytes.IndexByte(cell, '?'); at > 0 && at+1 < len(cell) && !bytes.Contains(cell, []byte("://")) && bytes.IndexByte(cell, '=') < 0 {
		before, _ := utf8.DecodeLastRune(cell[:at])
		after, _ := utf8.DecodeRune(cell[at+1:])
		if unicode.IsLetter(before) && unicode.IsLetter(after) && (unicode.IsLower(after) || unicode.IsUpper(before)) {
			return true
		}
	}
	if bytes.IndexByte(cell, 0xEF) >= 0 && bytes.Contains(cell, lost) {
		return true
	}
	for _, g := range garbled {
		at := bytes.Index(cell, g)
		if at < 0 {
			continue
		}
		after, _ := utf8.DecodeRune(cell[at+len(g):])
		if after != utf8.RuneError && after >= 0x80 && !unicode.IsLetter(after) || after >= 0x0152 && after < 0x0180 || after == 'ª' || after == 'º' {
			return true
		}
	}
	return false
}

// states are how many a row of the whole country adds up.
const states = 32

// merge gives what was found in the rows to the source, unless another reader did.
func (r *reader) merge() {
	if r.found == nil || !r.plan.known.CompareAndSwap(false, true) {
		return
	}
	for _, p := range r.found.List() {
		addMany(r.src.Problems, p)
	}
	for _, p := range r.country.List() {
		if p.Count*states <= r.row {
			addMany(r.src.Problems, p)
		}
	}
	r.found, r.tokens.stray = nil, nil
}

// Close ends reading.
func (r *reader) Close() error { return r.file.Close() }

func sorted(s []string) []string {
	slices.Sort(s)
	return s
}
