package child

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"sync"

	"plaza/internal/base/tabular"
	"plaza/internal/plaza"
)

// question is the body of an ask frame: the fields that its op has. Its two tables go
// before the rest, each after its length in four bytes, so that a worker that has seen a
// table need not read it again.
type question struct {
	Table      *Table         `json:"-"`
	After      *Table         `json:"-"` // Table is the one before
	Conversion *Conversion    `json:"conversion,omitempty"`
	Query      *tabular.Query `json:"query,omitempty"`
	Number     int64          `json:"number,omitempty"`
	Export     *Export        `json:"export,omitempty"`
	Path       string         `json:"path,omitempty"`
}

// encode is a question as it is sent: paths whole, for a worker lives in its own folder,
// and tables without what only describes them.
func encode(q question) ([]byte, error) {
	var body []byte
	for _, t := range []*Table{q.Table, q.After} {
		var raw []byte
		if t != nil {
			slim, err := sent(*t)
			if err != nil {
				return nil, err
			}
			if raw, err = json.Marshal(slim); err != nil {
				return nil, err
			}
		}
		body = append(binary.BigEndian.AppendUint32(body, uint32(len(raw))), raw...)
	}
	var wrong error
	if c := q.Conversion; c != nil {
		own := *c
		own.Input, wrong = whole(c.Input)
		dir, err := whole(c.Dir)
		own.Dir, wrong = dir, errors.Join(wrong, err)
		q.Conversion = &own
	}
	path, err := whole(q.Path)
	q.Path, wrong = path, errors.Join(wrong, err)
	rest, err := json.Marshal(q)
	if wrong = errors.Join(wrong, err); wrong != nil {
		return nil, wrong
	}
	if body = append(body, rest...); len(body) > maxBody {
		return nil, &plaza.Error{Kind: plaza.Invalid, Key: "tabular.error.large"}
	}
	return body, nil
}

func whole(path string) (string, error) {
	if path == "" {
		return "", nil
	}
	return filepath.Abs(path)
}

// sent is a table without lists that are for people: they are most of a profile, and
// each question would carry them.
func sent(t Table) (Table, error) {
	var err, other error
	t.Parquet, err = whole(t.Parquet)
	t.Native, other = whole(t.Native)
	columns := make([]tabular.Column, len(t.Profile.Columns))
	for i, c := range t.Profile.Columns {
		c.Stats.Histogram, c.Stats.Top, c.Stats.Quantiles = nil, nil, nil
		columns[i] = c
	}
	t.Profile.Columns, t.Profile.Problems = columns, nil
	return t, errors.Join(err, other)
}

// maxTables is how many tables a worker remembers.
const maxTables = 64

// tables are those that a worker has read, by the digest of their text.
type tables struct {
	mu   sync.Mutex
	seen map[[sha256.Size]byte]*Table
}

// decode is encode's other side. Every part that a question may have is present.
func (s *tables) decode(body []byte) (question, error) {
	q := question{Conversion: new(Conversion), Query: new(tabular.Query), Export: new(Export)}
	for _, t := range []**Table{&q.Table, &q.After} {
		if len(body) < 4 || uint64(binary.BigEndian.Uint32(body)) > uint64(len(body)-4) {
			return q, fmt.Errorf("%w: a question that is cut", errNonsense)
		}
		n := binary.BigEndian.Uint32(body)
		var err error
		if *t, err = s.table(body[4 : 4+n]); err != nil {
			return q, err
		}
		body = body[4+n:]
	}
	if err := json.Unmarshal(body, &q); err != nil {
		return q, fmt.Errorf("%w: %w", errNonsense, err)
	}
	if q.Conversion == nil || q.Query == nil || q.Export == nil { // null
		return q, fmt.Errorf("%w: a question without parts", errNonsense)
	}
	return q, nil
}

func (s *tables) table(raw []byte) (*Table, error) {
	if len(raw) == 0 {
		return new(Table), nil
	}
	key := sha256.Sum256(raw)
	s.mu.Lock()
	defer s.mu.Unlock()
	if t := s.seen[key]; t != nil {
		return t, nil
	}
	t := new(Table)
	if err := json.Unmarshal(raw, t); err != nil {
		return nil, fmt.Errorf("%w: %w", errNonsense, err)
	}
	if len(s.seen) >= maxTables || s.seen == nil { // all at once: who asks now asks again soon
		s.seen = map[[sha256.Size]byte]*Table{}
	}
	s.seen[key] = t
	return t, nil
}
