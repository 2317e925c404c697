package sheet

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path"
	"strings"

	"github.com/klauspost/compress/flate"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"plaza/internal/base/tabular"
)

// Limits of the archive.
const (
	freeUnpacked = 64 << 20 // bytes that may be unpacked at any ratio
	maxPart      = 32 << 20 // bytes of a part that is kept: styles, list of sheets
	aheadFrom    = 64 << 10 // packed bytes from which on a part is read ahead
)

// fault is a Fault about the whole file.
func fault(code string, cause error, args ...any) *tabular.Fault {
	return &tabular.Fault{Code: code, Byte: -1, Cause: cause, Args: args}
}

// archive is the zip a spreadsheet is. Its members are read, never written anywhere,
// so their names cannot lead out of it.
type archive struct {
	path    string
	members map[string]member
}

// member is where a part lies in the file: no handle is held between readings.
type member struct {
	name           string
	at             int64
	packed, claims int64 // claims is what the directory says it unpacks to
	method         uint16
	sum            uint32 // CRC-32 of what it unpacks to; 0 when the directory does not say
}

// openArchive reads the directory of the zip.
func openArchive(f tabular.File) (*archive, error) {
	file, err := os.Open(f.Path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	if err := compound(file); err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	z, err := zip.NewReader(file, info.Size())
	if err != nil {
		return nil, fault("sheet_broken_zip", err)
	}
	if len(z.File) > tabular.MaxEntries {
		return nil, fault("sheet_entries", nil, "n", len(z.File), "max", tabular.MaxEntries)
	}
	a := &archive{path: f.Path, members: make(map[string]member, len(z.File))}
	for _, one := range z.File {
		if one.Flags&1 != 0 {
			return nil, fault("encrypted", nil)
		}
		at, err := one.DataOffset()
		if err != nil {
			return nil, fault("sheet_broken_zip", fmt.Errorf("%q: %w", one.Name, err))
		}
		name := clean(one.Name)
		if _, twice := a.members[name]; !twice {
			a.members[name] = member{
				name: name, at: at, method: one.Method,
				packed: int64(one.CompressedSize64), claims: int64(one.UncompressedSize64), sum: one.CRC32,
			}
		}
	}
	return a, nil
}

// clean is a part's name as it is looked up: programs differ in case and slashes.
func clean(name string) string {
	return strings.ToLower(strings.TrimPrefix(path.Clean("/"+strings.ReplaceAll(name, `\`, "/")), "/"))
}

// compound refuses what is a compound file: a spreadsheet behind a password, or one of
// the old binary kind.
func compound(file *os.File) error {
	head := make([]byte, 8)
	if n, err := io.ReadFull(file, head); err != nil {
		return fault("sheet_broken_zip", fmt.Errorf("%d bytes only", n))
	}
	if !bytes.Equal(head, []byte("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1")) {
		_, err := file.Seek(0, io.SeekStart)
		return err
	}
	mark := []byte("E\x00n\x00c\x00r\x00y\x00p\x00t\x00e\x00d\x00P\x00a\x00c\x00k\x00a\x00g\x00e\x00")
	window := make([]byte, 64<<10)
	kept := 0
	for read := 0; read < 1<<30; {
		n, err := file.Read(window[kept:])
		if bytes.Contains(window[:kept+n], mark) {
			return fault("encrypted", nil)
		}
		if err != nil {
			break
		}
		read += n
		rest := min(kept+n, len(mark))
		copy(window, window[kept+n-rest:kept+n])
		kept = rest
	}
	return fault("xls_old", nil)
}

// part is a member that is being read.
type part struct {
	file   *os.File
	flate  io.ReadCloser
	r      io.Reader
	m      member
	packed io.LimitedReader
	ahead  *ahead // reads it, for large members
	n      int64  // bytes unpacked
	sum    uint32 // of them
}

// open begins to read a member. Its size is what it unpacks to, whatever the directory
// says: past 64 MiB it may be as many times larger than packed as tabular.MaxRatio.
func (a *archive) open(name string) (*part, error) {
	m, ok := a.members[clean(name)]
	if !ok {
		return nil, fault("sheet_missing_part", fmt.Errorf("no member %q", name), "part", path.Base(name))
	}
	file, err := os.Open(a.path)
	if err != nil {
		return nil, err
	}
	p := &part{file: file, m: m}
	p.packed = io.LimitedReader{R: io.NewSectionReader(file, m.at, m.packed), N: m.packed}
	switch m.method {
	case zip.Store:
		p.r = &p.packed
	case zip.Deflate:
		p.flate = flate.NewReader(&p.packed)
		p.r = p.flate
	default:
		file.Close()
		return nil, fault("sheet_zip_method", nil, "method", m.method)
	}
	return p, nil
}

// Read unpacks.
func (p *part) Read(b []byte) (int, error) {
	n, err := p.r.Read(b)
	p.n += int64(n)
	p.sum = crc32.Update(p.sum, crc32.IEEETable, b[:n])
	if p.n > freeUnpacked && p.n/tabular.MaxRatio > p.taken() || p.n > tabular.MaxUnpacked {
		return 0, fault("sheet_bomb", nil, "part", path.Base(p.m.name))
	}
	if err != nil && err != io.EOF {
		return n, fault("sheet_broken_zip", fmt.Errorf("%q: %w", p.m.name, err))
	}
	if err == io.EOF && p.m.sum != 0 && p.sum != p.m.sum {
		return n, fault("sheet_broken_zip", fmt.Errorf("%q is damaged: its checksum is another", p.m.name))
	}
	return n, err
}

// taken is how many packed bytes were read.
func (p *part) taken() int64 { return p.m.packed - p.packed.N }

// Close lets go of the file.
func (p *part) Close() error {
	if p.ahead != nil {
		p.ahead.close()
		p.ahead = nil
	}
	if p.flate != nil {
		p.flate.Close()
	}
	return p.file.Close()
}

// scan begins to read a member as XML, in UTF-8 or, with a mark, in UTF-16.
func (a *archive) scan(name string) (*scanner, *part, error) {
	p, err := a.open(name)
	if err != nil {
		return nil, nil, err
	}
	var r io.Reader = p
	if p.m.packed > aheadFrom {
		p.ahead = newAhead(p)
		r = p.ahead
	}
	s := newScanner(r)
	for s.end < 2 && s.err == nil {
		_ = s.fill(0, maxTag)
	}
	if s.end >= 2 && (s.buf[0] == 0xFE && s.buf[1] == 0xFF || s.buf[0] == 0xFF && s.buf[1] == 0xFE) {
		raw := io.MultiReader(bytes.NewReader(bytes.Clone(s.buf[:s.end])), r)
		s = newScanner(transform.NewReader(raw, unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewDecoder()))
	}
	return s, p, nil
}

// each calls visit for every tag of a small member; a missing one has none.
func (a *archive) each(ctx context.Context, name string, visit func(s *scanner) error) error {
	if _, ok := a.members[clean(name)]; !ok {
		return nil
	}
	s, p, err := a.scan(name)
	if err != nil {
		return err
	}
	defer p.Close()
	for n := 0; ; n++ {
		if n%1024 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		err := s.next()
		if err == io.EOF {
			return nil
		}
		if err == nil {
			err = visit(s)
		}
		if err == nil && s.offset() > maxPart {
			err = errTooBig
		}
		if err != nil {
			return wrong(err, name, s)
		}
	}
}

// wrong turns an error of reading a member's XML into a Fault that says which member.
func wrong(err error, name string, s *scanner) error {
	var known *tabular.Fault
	if errors.As(err, &known) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	code := "sheet_broken_xml"
	switch {
	case errors.Is(err, errDTD):
		code = "sheet_dtd"
	case errors.Is(err, errTooBig):
		code = "sheet_cell_size"
	}
	return fault(code, fmt.Errorf("%s, byte %d: %w", name, s.offset(), err), "part", path.Base(name), "byte", s.offset())
}

// at says in which row of its sheet a fault is.
func at(err error, line int64) error {
	var known *tabular.Fault
	if errors.As(err, &known) && known.Line == 0 {
		known.Line = line
	}
	return err
}
