package sheet

import (
	"bytes"
	"context"
	"encoding/binary"
	"io"

	"plaza/internal/base/tabular"
)

// Memory of shared strings. Together the two limits bound a table of them to some
// 300 MB.
const (
	blockBits  = 20
	blockSize  = 1 << blockBits
	maxStrings = 12_000_000
	maxShared  = 208 << 20 // bytes of text
	indexChunk = 1 << 16
)

// texts is a long list of short texts: blocks of bytes, and a place for each text, so
// that it grows without being copied and costs the collector nothing.
type texts struct {
	blocks [][]byte
	index  [][]uint32 // place of each text: block, and byte in it, where its length stands
	n      int
	bytes  int
}

// add appends a text.
func (t *texts) add(text []byte) error {
	if t.n >= maxStrings || t.bytes+len(text) > maxShared {
		return fault("sheet_shared_strings", nil, "max", maxShared>>20)
	}
	need := len(text) + binary.MaxVarintLen32
	last := len(t.blocks) - 1
	if last < 0 || cap(t.blocks[last])-len(t.blocks[last]) < need {
		t.blocks = append(t.blocks, make([]byte, 0, max(need, blockSize)))
		last++
	}
	if t.n%indexChunk == 0 {
		t.index = append(t.index, make([]uint32, 0, indexChunk))
	}
	// A text longer than a block has one of its own and begins at its start, so every
	// place fits.
	place := uint32(last)<<blockBits | uint32(len(t.blocks[last]))
	chunk := &t.index[t.n/indexChunk]
	*chunk = append(*chunk, place)
	t.blocks[last] = binary.AppendUvarint(t.blocks[last], uint64(len(text)))
	t.blocks[last] = append(t.blocks[last], text...)
	t.n++
	t.bytes += len(text)
	return nil
}

// at is text number i; nothing when there is none.
func (t *texts) at(i int) []byte {
	if i < 0 || i >= t.n {
		return nil
	}
	place := t.index[i/indexChunk][i%indexChunk]
	block := t.blocks[place>>blockBits][place&(blockSize-1):]
	length, n := binary.Uvarint(block)
	return block[n : n+int(length)]
}

// readStrings reads the part with the shared strings; there may be none.
func readStrings(ctx context.Context, a *archive, name string) (*texts, error) {
	t := &texts{}
	if _, ok := a.members[clean(name)]; name == "" || !ok {
		return t, nil
	}
	s, p, err := a.scan(name)
	if err != nil {
		return nil, err
	}
	defer p.Close()
	var text []byte
	for {
		if t.n%4096 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		err := s.next()
		if err == io.EOF {
			return t, nil
		}
		if err == nil && s.open && string(s.name) == "si" {
			if text, err = richText(s, text[:0]); err == nil {
				err = t.add(unescape(text))
			}
		}
		if err != nil {
			return nil, wrong(err, name, s)
		}
	}
}

// richText appends the text of the element that next opened: what stands in its t
// elements, whatever runs they lie in, but not how it is to be spoken (rPh).
func richText(s *scanner, dst []byte) ([]byte, error) {
	if s.close {
		return dst, nil
	}
	for depth := 1; ; {
		if err := s.next(); err != nil {
			return dst, inside(err)
		}
		switch {
		case s.open && s.close:
		case s.open && string(s.name) == "rPh":
			if err := s.leave(); err != nil {
				return dst, err
			}
		case s.open && string(s.name) == "t":
			depth++
			var err error
			if dst, err = s.text(dst); err != nil {
				return dst, err
			}
		case s.open:
			if depth++; depth > tabular.MaxDepth {
				return dst, errTag
			}
		default:
			if depth--; depth == 0 {
				return dst, nil
			}
		}
	}
}

// unescape replaces what Excel writes for characters that XML cannot hold: _x000D_.
// It writes into text itself.
func unescape(text []byte) []byte {
	if !bytes.Contains(text, []byte("_x")) {
		return text
	}
	out := 0
	for i := 0; i < len(text); {
		if r, ok := escaped(text[i:]); ok {
			out += copy(text[out:], string(r))
			i += 7
			continue
		}
		text[out] = text[i]
		out++
		i++
	}
	return text[:out]
}

// escaped is the character at the start of text when it is written as _xhhhh_.
func escaped(text []byte) (rune, bool) {
	if len(text) < 7 || text[0] != '_' || text[1] != 'x' || text[6] != '_' {
		return 0, false
	}
	var r rune
	for _, c := range text[2:6] {
		switch {
		case c >= '0' && c <= '9':
			r = r<<4 | rune(c-'0')
		case c >= 'a' && c <= 'f':
			r = r<<4 | rune(c-'a'+10)
		case c >= 'A' && c <= 'F':
			r = r<<4 | rune(c-'A'+10)
		default:
			return 0, false
		}
	}
	return r, r < 0xD800 || r > 0xDFFF
}
