package tree

import (
	"strconv"

	"plaza/internal/base/tabular"
)

// node is a key below a table's records.
type node struct {
	key   string
	label string
	kids  []*node
	index map[string]*node // of kids, once they are many
	next  int              // where in kids the next key probably is
	col   int              // while learning its number, then its column, -1 for none
	leaf  bool             // it has had a value of its own
	loose bool             // it has had a value that is no string, after the first record
	set   int64            // the last record that had it
}

// schema is what the records of a table look like: the union of all of them. It is
// learnt in one pass and then only read.
type schema struct {
	root     *node
	nodes    []*node // in order of first appearance
	labels   []string
	header   bool // the first record names the columns
	learning bool
	problems *tabular.Problems
	line     int64 // of the record that is being read, 0 for none
}

func newSchema(problems *tabular.Problems) *schema {
	return &schema{root: &node{col: -1}, learning: true, problems: problems}
}

// view is a copy for one reader: nodes remember where the next key is, which two
// readers at a time must not share.
func (m *schema) view() *schema {
	out := &schema{root: m.root.copy(), labels: m.labels, header: m.header}
	return out
}

func (n *node) copy() *node {
	out := *n
	out.kids, out.next, out.set = make([]*node, len(n.kids)), 0, 0
	if n.index != nil {
		out.index = make(map[string]*node, len(n.index))
	}
	for i, kid := range n.kids {
		out.kids[i] = kid.copy()
		if out.index != nil {
			out.index[kid.key] = out.kids[i]
		}
	}
	return &out
}

// child is the node of a key below n; nil when there is none and nothing is learnt.
func (m *schema) child(n *node, key []byte) (*node, error) {
	for i := n.next; i < len(n.kids) && i < n.next+2; i++ {
		if n.kids[i].key == string(key) {
			n.next = i + 1
			return n.kids[i], nil
		}
	}
	if n.index != nil {
		if kid := n.index[string(key)]; kid != nil {
			return kid, nil
		}
	} else {
		for i, kid := range n.kids {
			if kid.key == string(key) {
				n.next = i + 1
				return kid, nil
			}
		}
	}
	if !m.learning {
		return nil, nil
	}
	if len(m.nodes) >= 2*tabular.MaxColumns {
		return nil, fault("columns", -1, "most", tabular.MaxColumns)
	}
	kid := &node{key: string(key), label: string(key), col: len(m.nodes)}
	if n.label != "" {
		kid.label = n.label + "." + kid.label
	}
	m.nodes = append(m.nodes, kid)
	n.kids = append(n.kids, kid)
	n.next = len(n.kids)
	if len(n.kids) > 16 {
		if n.index == nil {
			n.index = map[string]*node{}
			for _, k := range n.kids {
				n.index[k.key] = k
			}
		}
		n.index[kid.key] = kid
	}
	return kid, nil
}

// forget takes back what a record taught that turned out to be broken: the nodes from
// number n on.
func (m *schema) forget(n int) {
	if n >= len(m.nodes) {
		return
	}
	m.nodes = m.nodes[:n]
	m.root.prune(n)
}

func (n *node) prune(most int) {
	kept := n.kids[:0]
	for _, kid := range n.kids {
		if kid.col < most {
			kid.prune(most)
			kept = append(kept, kid)
		} else if n.index != nil {
			delete(n.index, kid.key)
		}
	}
	n.kids, n.next = kept, 0
}

// settle ends learning: nodes that have values, and those that never had more than
// null, become columns in order of first appearance.
func (m *schema) settle() error {
	m.learning = false
	m.labels = make([]string, 0, len(m.nodes))
	for _, n := range m.nodes {
		n.next = 0
		if !n.leaf && len(n.kids) > 0 {
			n.col = -1
			continue
		}
		n.col = len(m.labels)
		m.labels = append(m.labels, n.label)
	}
	m.root.next = 0
	if len(m.labels) > tabular.MaxColumns {
		return fault("columns", -1, "most", tabular.MaxColumns)
	}
	return nil
}

// record reads one element of a table, number n of them, into cells.
func (m *schema) record(s *scanner, r *row, n int64) error {
	c, err := s.peek()
	if err != nil {
		return err
	}
	switch c {
	case '{':
		return m.object(s, r, m.root, n)
	case '[':
		return m.array(s, r, n)
	case 'n': // a hole in a list of records is an empty record
		_, err := s.word()
		return err
	}
	kid, err := m.child(m.root, []byte(valueColumn))
	if err != nil {
		return err
	}
	return m.value(s, r, kid, n)
}

// array reads a record that is a list: columns are its positions.
func (m *schema) array(s *scanner, r *row, n int64) error {
	if err := s.enter(); err != nil {
		return err
	}
	m.root.next = 0
	for i := 0; ; i++ {
		more, err := s.element(i == 0)
		if err != nil || !more {
			return err
		}
		var kid *node
		if i < len(m.root.kids) {
			kid = m.root.kids[i]
		} else if kid, err = m.child(m.root, strconv.AppendInt(nil, int64(i), 10)); err != nil {
			return err
		}
		if err := m.value(s, r, kid, n); err != nil {
			return err
		}
	}
}

// object reads the members of an object below n.
func (m *schema) object(s *scanner, r *row, at *node, n int64) error {
	if err := s.enter(); err != nil {
		return err
	}
	at.next = 0
	for first := true; ; first = false {
		more, err := s.member(first)
		if err != nil || !more {
			return err
		}
		key, whole := s.key, true
		if s.keyFlags != (flags{}) {
			key, whole = appendText(nil, s.key, s.keyFlags)
		}
		kid, err := m.child(at, key)
		if err != nil {
			return err
		}
		if kid != nil && !whole {
			m.report("i12", kid, n, key)
		}
		if kid != nil && kid.set == r.now {
			m.report("j02", kid, n, nil)
			m.clear(r, kid)
		}
		if err := m.value(s, r, kid, n); err != nil {
			return err
		}
	}
}

// clear takes back the cells of a key that comes twice in a record: the last one holds.
func (m *schema) clear(r *row, n *node) {
	if n.col >= 0 && n.col < len(r.set) {
		r.set[n.col] = 0
	}
	n.set = 0
	for _, kid := range n.kids {
		m.clear(r, kid)
	}
}

// value reads the value of a node; nil goes over it.
func (m *schema) value(s *scanner, r *row, n *node, number int64) error {
	if n == nil {
		return s.skip()
	}
	n.set = r.now
	c, err := s.peek()
	if err != nil {
		return err
	}
	from, good := len(r.arena), true
	switch c {
	case '{':
		return m.object(s, r, n, number)
	case '[':
		r.arena, good, err = s.list(r.arena)
	case '"':
		var raw []byte
		var f flags
		if raw, f, err = s.str(); err == nil {
			r.arena, good = appendText(r.arena, raw, f)
		}
	case 'n':
		_, err = s.word()
		return err
	case 't', 'f':
		var w string
		w, err = s.word()
		r.arena = append(r.arena, w...)
	case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
		var raw []byte
		raw, err = s.number()
		r.arena = append(r.arena, raw...)
	default:
		err = s.unexpected(c)
	}
	if err != nil {
		return err
	}
	if len(r.arena) > maxRow {
		return fault("row_too_long", s.offset())
	}
	if m.learning {
		n.leaf = true
		n.loose = n.loose || c != '"' && number > 1
	}
	if !good {
		m.report("i12", n, number, r.arena[from:])
	}
	if n.col >= 0 {
		r.put(n.col, from)
	}
	return nil
}

// report counts a problem while learning, which sees every cell once.
func (m *schema) report(code string, n *node, number int64, cell []byte) {
	if m.learning && m.problems != nil {
		txt := string(cell[:min(len(cell), 1000)])
		m.problems.Add(code, n.label, tabular.Sample{Row: number, Line: m.line, Text: txt})
	}
}
