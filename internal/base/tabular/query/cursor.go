package query

import (
	"encoding/base64"
	"encoding/binary"
	"hash/fnv"

	"plaza/internal/base/tabular"
	"plaza/internal/plaza"
)

const (
	cursorVersion = 1
	// maxKeys is how many bytes of values a position carries; with more, the row's number
	// alone stands for them and the engine looks them up. Addresses must stay short.
	maxKeys   = 600
	maxCursor = 2000
)

// Cursor writes a position as a part of an address. It holds a version and the sort
// that it belongs to: under another sort it is refused.
func Cursor(q tabular.Query, pos tabular.Position) string {
	raw := []byte{cursorVersion, 0}
	if pos.Back {
		raw[1] |= 1
	}
	values := pos.Values
	if size(values) > maxKeys {
		values = nil
	}
	raw = binary.BigEndian.AppendUint32(raw, sortMark(q.Sort))
	raw = binary.AppendUvarint(raw, uint64(max(pos.Row, 0)))
	raw = binary.AppendUvarint(raw, uint64(len(values)))
	for _, v := range values {
		if v.Null {
			raw = binary.AppendUvarint(raw, 0)
			continue
		}
		raw = binary.AppendUvarint(raw, uint64(len(v.Text))+1)
		raw = append(raw, v.Text...)
	}
	return base64.RawURLEncoding.EncodeToString(raw)
}

// ParseCursor reads a position of a query back. What is no cursor, or one of another
// sort, is a plaza.Error of kind Invalid.
func ParseCursor(q tabular.Query, s string) (*tabular.Position, error) {
	pos, ok := readCursor(q, s)
	if !ok {
		return nil, plaza.E(plaza.Invalid, "query.cursor")
	}
	return pos, nil
}

func readCursor(q tabular.Query, s string) (*tabular.Position, bool) {
	if len(s) > maxCursor {
		return nil, false
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(s)
	if err != nil || len(raw) < 6 || raw[0] != cursorVersion || raw[1] > 1 || binary.BigEndian.Uint32(raw[2:]) != sortMark(q.Sort) {
		return nil, false
	}
	pos := &tabular.Position{Back: raw[1] == 1}
	raw = raw[6:]
	next := func() (uint64, bool) {
		n, used := binary.Uvarint(raw)
		if used <= 0 {
			return 0, false
		}
		raw = raw[used:]
		return n, true
	}
	row, ok := next()
	count, also := next()
	if !ok || !also || row > 1<<53 || count > MaxSorts {
		return nil, false
	}
	pos.Row = int64(row)
	for range count {
		n, ok := next()
		if !ok || n > uint64(len(raw))+1 {
			return nil, false
		}
		if n == 0 {
			pos.Values = append(pos.Values, tabular.Cell{Null: true})
			continue
		}
		pos.Values = append(pos.Values, tabular.Cell{Text: string(raw[:n-1])})
		raw = raw[n-1:]
	}
	return pos, len(raw) == 0
}

func size(values []tabular.Cell) int {
	n := 0
	for _, v := range values {
		n += len(v.Text) + 2
	}
	return n
}

// sortMark tells sorts apart.
func sortMark(sort []tabular.Order) uint32 {
	h := fnv.New32a()
	for _, o := range distinctOrders(sort) {
		_, _ = h.Write([]byte(o.Column)) // a hash never fails
		mark := byte(0)
		if o.Down {
			mark = 1
		}
		_, _ = h.Write([]byte{0, mark})
	}
	return h.Sum32()
}

// Jump is the position before a page of rows, from 1, when a query neither sorts nor
// leaves rows out: pages are found by row number, however far away. Otherwise it is
// refused as Invalid: pages are then reached one after another.
func Jump(q tabular.Query, page int64) (*tabular.Position, error) {
	size := int64(q.Limit)
	if size <= 0 {
		size = DefaultRows
	}
	if page < 1 || page > 1<<53/size {
		return nil, plaza.E(plaza.Invalid, "query.page")
	}
	if len(q.Sort) > 0 || len(q.Where) > 0 || len(searched(q.Search)) > 0 {
		return nil, plaza.E(plaza.Invalid, "query.page.sorted")
	}
	return &tabular.Position{Row: (page - 1) * size}, nil
}
