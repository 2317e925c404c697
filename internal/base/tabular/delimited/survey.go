package delimited

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"unicode/utf8"

	"plaza/internal/base/tabular"
)

const surveyBlock = 512 << 10

// survey is what one pass over a whole file says of its bytes. The head alone would
// not do: the first accent of many a file comes after its first megabyte.
type survey struct {
	encoding string
	bom      int  // bytes of it
	unsure   bool // encoding is a guess
	mixed    bool // UTF-8 among text in encoding, or the other way round
	nul      int64
	eol      byte
	ending   string // Layout.LineEnd
	byteMode *table // of what is no UTF-8; nil when all is

	size, lf, cr, crlf int64
	zeros              [2]int64 // bytes 0 at even and odd offsets
	accents            int64    // of UTF-8, about
	odd                int64    // lines that are no UTF-8
	places             places   // of their letters
	oddLines, nulLines []tabular.Sample
}

// inspect reads the whole file once.
func inspect(ctx context.Context, file *os.File) (*survey, error) {
	s := &survey{}
	buf := make([]byte, surveyBlock)
	for kept := 0; ; {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		n, err := io.ReadFull(file, buf[kept:])
		last := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
		if err != nil && !last {
			return nil, err
		}
		n += kept
		if s.size == 0 {
			s.mark(buf[:n])
		}
		used := n
		if !last {
			used = wholeLines(buf[:n])
		}
		s.block(buf[:used])
		kept = copy(buf, buf[used:n])
		if last {
			break
		}
	}
	s.decide()
	return s, nil
}

// mark looks for a byte order mark.
func (s *survey) mark(head []byte) {
	switch {
	case bytes.HasPrefix(head, []byte("\xEF\xBB\xBF")):
		s.encoding, s.bom = utf8Name, 3
	case bytes.HasPrefix(head, []byte("\xFF\xFE")):
		s.encoding, s.bom = utf16LE, 2
	case bytes.HasPrefix(head, []byte("\xFE\xFF")):
		s.encoding, s.bom = utf16BE, 2
	}
}

// wholeLines is how much of a block is whole lines; of one without line end, all but a
// character that is cut.
func wholeLines(b []byte) int {
	end := bytes.LastIndexByte(b, '\n') + 1
	if end == 0 {
		end = bytes.LastIndexByte(b[:len(b)-1], '\r') + 1
	}
	if end > 0 {
		return end
	}
	for i := 1; i <= 3; i++ {
		if utf8.RuneStart(b[len(b)-i]) {
			if !utf8.FullRune(b[len(b)-i:]) {
				return len(b) - i
			}
			break
		}
	}
	return len(b)
}

// block counts what is in b.
func (s *survey) block(b []byte) {
	if bytes.IndexByte(b, 0) >= 0 && s.bom != 2 {
		s.countZeros(b)
	}
	if s.bom == 2 {
		// Units of 16 bits are all that matters.
	} else if utf8.Valid(b) {
		s.accents += int64(bytes.Count(b, []byte("\xC3")) + bytes.Count(b, []byte("\xE2")) + bytes.Count(b, []byte("\xC2")))
	} else {
		s.lines(b)
	}
	s.lf += int64(bytes.Count(b, []byte("\n")))
	if cr := bytes.Count(b, []byte("\r")); cr > 0 {
		s.cr += int64(cr)
		s.crlf += int64(bytes.Count(b, []byte("\r\n")))
	}
	s.size += int64(len(b))
}

func (s *survey) countZeros(b []byte) {
	for i := 0; ; i++ {
		j := bytes.IndexByte(b[i:], 0)
		if j < 0 {
			return
		}
		i += j
		s.zeros[(s.size+int64(i))%2]++
		if len(s.nulLines) < tabular.MaxSamples {
			s.nulLines = append(s.nulLines, tabular.Sample{Line: s.lineOf(b[:i]), Byte: s.size + int64(i)})
		}
	}
}

// lineOf is the line of the file in which the block's part b ends.
func (s *survey) lineOf(b []byte) int64 {
	if lf := s.lf + int64(bytes.Count(b, []byte("\n"))); lf > 0 {
		return lf + 1
	}
	return s.cr + int64(bytes.Count(b, []byte("\r"))) + 1
}

// lines looks at each line of a block that is not UTF-8 as a whole.
func (s *survey) lines(b []byte) {
	end := byte('\n')
	if bytes.IndexByte(b, end) < 0 {
		end = '\r'
	}
	for at := 0; at < len(b); {
		line := b[at:]
		if i := bytes.IndexByte(line, end); i >= 0 {
			line = line[:i+1]
		}
		valid, beyond := wellFormed(line)
		switch {
		case valid && beyond:
			s.accents++
		case !valid:
			s.odd++
			s.places.add(line)
			if len(s.oddLines) < tabular.MaxSamples {
				s.oddLines = append(s.oddLines, tabular.Sample{Line: s.lineOf(b[:at]), Byte: s.size + int64(at), Text: excerpt(line)})
			}
		}
		at += len(line)
	}
}

// excerpt is a bit of a line around its first byte beyond ASCII, those written as “·”.
func excerpt(line []byte) string {
	at := bytes.IndexFunc(line, func(r rune) bool { return r >= 0x80 })
	line = line[max(0, at-20):min(len(line), max(at, 0)+20)]
	return string(bytes.Map(func(r rune) rune {
		switch {
		case r == utf8.RuneError:
			return '·'
		case r < ' ':
			return ' '
		}
		return r
	}, line))
}

// decide says what the counts mean.
func (s *survey) decide() {
	half := s.size / 2
	switch zeros := s.zeros; {
	case s.bom == 2:
	case half > 0 && zeros[1] > half*3/10 && zeros[0] < half/20+1:
		s.encoding = utf16LE
	case half > 0 && zeros[0] > half*3/10 && zeros[1] < half/20+1:
		s.encoding = utf16BE
	default:
		s.nul = zeros[0] + zeros[1]
		s.decideBytes()
	}
	s.eol, s.ending = '\n', "\n"
	switch {
	case s.lf == 0 && s.cr > 0, s.cr-s.crlf > 10*(s.lf+1):
		s.eol, s.ending = '\r', "\r"
	case s.crlf > s.lf/2, s.wide() && s.cr > s.lf/2:
		s.ending = "\r\n"
	}
}

// wide reports whether characters take two bytes or four.
func (s *survey) wide() bool { return s.encoding == utf16LE || s.encoding == utf16BE }

func (s *survey) decideBytes() {
	if s.odd == 0 {
		s.encoding = utf8Name
		return
	}
	name, unsure := s.places.choose()
	s.byteMode = tableOf(name)
	s.mixed = s.accents > 0 || s.bom == 3
	s.encoding, s.unsure = name, unsure
	_, single := s.places.score(s.byteMode)
	if s.mixed && (s.bom == 3 || s.accents > single) {
		s.encoding, s.unsure = utf8Name, false
	}
}

// problems are those that the pass found.
func (s *survey) problems(into *tabular.Problems) {
	if s.nul > 0 {
		addMany(into, tabular.Problem{Code: "e02", Count: s.nul, Samples: s.nulLines})
	}
	switch {
	case s.mixed:
		addMany(into, tabular.Problem{Code: "i12", Count: s.odd, Samples: s.oddLines,
			Args: map[string]string{"encoding": s.encoding, "kind": "mixed", "other": s.byteMode.name}})
	case s.encoding != utf8Name:
		addMany(into, tabular.Problem{Code: "i12", Count: 1, Args: map[string]string{"encoding": s.encoding}})
	}
}

// addMany adds a problem that was counted elsewhere.
func addMany(into *tabular.Problems, p tabular.Problem) {
	first := tabular.Sample{}
	if len(p.Samples) > 0 {
		first = p.Samples[0]
	}
	found := into.Add(p.Code, p.Column, first)
	found.Count += p.Count - 1
	if len(p.Samples) > 1 {
		room := max(0, tabular.MaxSamples-len(found.Samples))
		found.Samples = append(found.Samples, p.Samples[1:min(len(p.Samples), room+1)]...)
	}
	if p.Args != nil {
		found.Args = p.Args
	}
}
