package tree

import (
	"errors"

	"plaza/internal/base/tabular"
)

// Memory of the windows of columns that lie beside each other in a document.
const (
	columnsMemory = 32 << 20
	columnsApart  = 256 // most columns of a text that must be read from its beginning
)

// columns are lists that lie one after another and are read beside each other.
type columns struct {
	m     *schema
	lists []*column
	n     int64
	total int64
	from  int64
}

// column is one of them.
type column struct {
	in    *stream
	s     *scanner
	keyed bool
	node  *node
	from  int64
}

// openColumns begins to read each column at its place.
func openColumns(d *document, m *schema) (records, error) {
	kids := d.list.kids
	most := tabular.MaxColumns
	if d.text.encoding != nil {
		most = columnsApart
	}
	if len(kids) > most {
		return nil, fault("columns", d.list.from, "most", most)
	}
	keys, err := d.keys()
	if err != nil {
		return nil, err
	}
	c := &columns{m: m, total: kids[0].total, from: d.list.from}
	window := min(max(columnsMemory/len(kids), 4<<10), windowBytes)
	for i, kid := range kids {
		n, err := m.child(m.root, keys[i])
		if err == nil && n == nil {
			err = fault("file_changed", kid.from)
		}
		var in *stream
		if err == nil {
			in, err = d.text.open(kid.from)
		}
		if err != nil {
			c.Close()
			return nil, err
		}
		one := &column{in: in, s: newScanner(in, kid.from, window), keyed: kid.open == '{', node: n, from: kid.from}
		c.lists = append(c.lists, one)
		if err := one.s.enter(); err != nil {
			c.Close()
			return nil, err
		}
	}
	return c, nil
}

// keys are the names of the columns.
func (d *document) keys() ([][]byte, error) {
	in, err := d.text.open(d.list.from)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	s := newScanner(in, d.list.from, windowBytes)
	if err := s.enter(); err != nil {
		return nil, err
	}
	var out [][]byte
	for range d.list.kids {
		if _, err := s.member(len(out) == 0); err != nil {
			return nil, err
		}
		key, _ := appendText(nil, s.key, s.keyFlags)
		out = append(out, key)
		if err := s.skip(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (c *columns) next(r *row) (bool, error) {
	if c.n == c.total {
		return false, nil
	}
	for _, one := range c.lists {
		step := one.s.element
		if one.keyed {
			step = one.s.member
		}
		more, err := step(c.n == 0)
		if err == nil && !more {
			err = fault("file_changed", one.s.offset())
		}
		if err == nil {
			err = c.m.value(one.s, r, one.node, c.n+1)
		}
		if err != nil {
			return false, err
		}
	}
	c.n++
	return true, nil
}

// offset is how far all columns were read together.
func (c *columns) offset() int64 {
	sum := c.from
	for _, one := range c.lists {
		sum += one.s.offset() - one.from
	}
	return sum
}

// Close closes the file of each column.
func (c *columns) Close() error {
	var err error
	for _, one := range c.lists {
		err = errors.Join(err, one.in.Close())
	}
	return err
}
