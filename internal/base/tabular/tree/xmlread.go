package tree

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"io"
	"strconv"

	"plaza/internal/base/tabular"
)

// maxNumbered is how many elements of one name below a record have columns of their
// own; further ones are joined to the last.
const maxNumbered = 20

// slot is where an element's cells go.
type slot struct {
	kind  *kind
	text  int // column, -1 for none
	attrs []int
	kids  map[string]*places
}

// places are the slots of elements of one name below one parent.
type places struct {
	slots []*slot
	in    int64 // the parent that was read last, by number
	used  int
}

// plan says which columns a table has and where the cells of its records go.
type plan struct {
	record   *kind
	numbered int
	labels   []string
	top      *slot
	around   map[*kind]*slot // elements around the record that come several times
	cells    [][]byte
	written  []bool
}

// newPlan lays out the columns of a record: those around it first.
func newPlan(record *kind, numbered int) *plan {
	p := &plan{record: record, numbered: numbered, around: map[*kind]*slot{}}
	var outer []*kind
	for at := record.parent; at.parent != nil; at = at.parent {
		if at.total > 1 {
			outer = append([]*kind{at}, outer...)
		}
	}
	for _, k := range outer {
		s := p.shallow(k)
		for _, kid := range k.kids {
			if kid.plain() && kid.most == 1 && kid != record {
				s.kids[kid.name] = &places{slots: []*slot{{kind: kid, text: p.column(k.name + "." + kid.name)}}}
			}
		}
		p.around[k] = s
	}
	p.top = p.lay(record, "")
	p.cells, p.written = make([][]byte, len(p.labels)), make([]bool, len(p.labels))
	return p
}

// column adds a column.
func (p *plan) column(label string) int {
	p.labels = append(p.labels, label)
	return len(p.labels) - 1
}

// shallow is a slot for an element's attributes alone.
func (p *plan) shallow(k *kind) *slot {
	s := &slot{kind: k, text: -1, kids: map[string]*places{}}
	for _, a := range k.attrs {
		s.attrs = append(s.attrs, p.column(k.name+"."+a))
	}
	return s
}

// lay is the slot of a kind whose labels begin with a prefix. It stops adding when
// there are far too many.
func (p *plan) lay(k *kind, label string) *slot {
	s := &slot{kind: k, text: -1, kids: map[string]*places{}}
	prefix := label
	if prefix != "" {
		prefix += "."
	}
	for _, a := range k.attrs {
		name := prefix + a
		if k.child(a) != nil {
			name = prefix + "@" + a
		}
		s.attrs = append(s.attrs, p.column(name))
	}
	if k.text || k.plain() {
		name := label
		if name == "" {
			name = valueColumn
		}
		s.text = p.column(name)
	}
	for _, kid := range k.kids {
		all := &places{}
		s.kids[kid.name] = all
		n := 1
		if !kid.plain() {
			n = int(min(kid.most, int64(p.numbered)))
		}
		for i := range n {
			if len(p.labels) > tabular.MaxColumns {
				break
			}
			name := prefix + kid.name
			if i > 0 {
				name += "_" + strconv.Itoa(i+1)
			}
			all.slots = append(all.slots, p.lay(kid, name))
		}
	}
	return s
}

// put adds text to a column's cell.
func (p *plan) put(col int, txt []byte) {
	if col < 0 {
		return
	}
	if p.written[col] && len(txt) > 0 {
		p.cells[col] = append(p.cells[col], "; "...)
	}
	p.cells[col] = append(p.cells[col], txt...)
	p.written[col] = p.written[col] || len(txt) > 0
}

// clear empties the cells of an element and of what is below it.
func (p *plan) clear(s *slot) {
	for _, col := range append([]int{s.text}, s.attrs...) {
		if col >= 0 {
			p.cells[col], p.written[col] = p.cells[col][:0], false
		}
	}
	for _, all := range s.kids {
		for _, kid := range all.slots {
			p.clear(kid)
		}
	}
}

// xmlReader gives the records of a document.
type xmlReader struct {
	in     *xmlText
	plan   *plan
	path   []*kind // elements that are open around the record; nil for unknown ones
	number int64   // of elements, to tell them apart
	rows   int64
	size   int // of the record that is being read
	fault  error
	report func(int64)
	bytes  int64
	told   int64
}

// Next implements tabular.Reader.
func (r *xmlReader) Next(ctx context.Context, b *tabular.Batch) error {
	b.Reset(len(r.plan.labels), r.rows+1)
	for r.fault == nil && !b.Full() && b.Size() < fullBatch {
		if err := ctx.Err(); err != nil {
			return err
		}
		line, err := r.record()
		if err != nil {
			r.fault = err
			break
		}
		for _, cell := range r.plan.cells {
			b.Add(cell)
		}
		b.EndRow()
		b.Lines = append(b.Lines, line)
		r.rows++
	}
	if at := min(r.in.d.InputOffset(), r.bytes); r.report != nil && at > r.told {
		r.told = at
		r.report(at)
	}
	if b.Rows() > 0 {
		return nil
	}
	return r.fault
}

// Close implements tabular.Reader.
func (r *xmlReader) Close() error { return r.in.Close() }

// record reads up to the end of the next record and says where it begins.
func (r *xmlReader) record() (line int64, err error) {
	for {
		tok, err := r.in.token()
		if err != nil {
			return 0, err
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			k := r.below(tok.Name.Local)
			if k == r.plan.record {
				line, _ := r.in.d.InputPos()
				r.size = 0
				r.plan.clear(r.plan.top)
				return int64(line), r.element(r.plan.top, tok)
			}
			if err := r.enter(k, tok); err != nil {
				return 0, err
			}
		case xml.EndElement:
			if len(r.path) == 0 {
				return 0, errors.New("tree: an element ends that was not open")
			}
			r.path = r.path[:len(r.path)-1]
		}
	}
}

// below is the kind of an element below the ones that are open.
func (r *xmlReader) below(name string) *kind {
	at := r.plan.record
	for at.parent != nil {
		at = at.parent
	}
	if n := len(r.path); n > 0 {
		at = r.path[n-1]
	}
	if at == nil {
		return nil
	}
	return at.child(name)
}

// enter goes into an element around records.
func (r *xmlReader) enter(k *kind, el xml.StartElement) error {
	if n := len(r.path); n > 0 && r.path[n-1] != nil {
		if s := r.plan.around[r.path[n-1]]; s != nil && s.kids[el.Name.Local] != nil {
			kid := s.kids[el.Name.Local].slots[0]
			r.plan.clear(kid)
			r.size = 0
			return r.element(kid, el)
		}
	}
	if s := r.plan.around[k]; k != nil && s != nil {
		r.plan.clear(s)
		r.attributes(s, el)
	}
	r.path = append(r.path, k)
	return nil
}

// attributes puts an element's attributes in their cells.
func (r *xmlReader) attributes(s *slot, el xml.StartElement) {
	for _, a := range attributes(el) {
		if i := indexOf(s.kind.attrs, a.Name.Local); i >= 0 && i < len(s.attrs) {
			r.size += len(a.Value)
			r.plan.put(s.attrs[i], []byte(a.Value))
		}
	}
}

// element reads an element whole into its slot; nil goes over it.
func (r *xmlReader) element(s *slot, el xml.StartElement) error {
	r.number++
	number := r.number
	var txt []byte
	if s != nil {
		r.attributes(s, el)
	}
	for {
		tok, err := r.in.token()
		if err == io.EOF {
			err = r.in.at("xml_truncated", nil)
		}
		if err != nil {
			return err
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			if err := r.element(s.next(tok.Name.Local, number), tok); err != nil {
				return err
			}
		case xml.CharData:
			if s != nil && s.text >= 0 {
				txt = append(txt, tok...)
				r.size += len(tok)
			}
			if r.size > maxRow || len(txt) > tabular.MaxCell {
				return r.in.at("row_too_long", nil)
			}
		case xml.EndElement:
			if s != nil {
				r.plan.put(s.text, bytes.TrimSpace(txt))
			}
			return nil
		}
	}
}

// next is the slot of the next element of a name below s.
func (s *slot) next(name string, number int64) *slot {
	if s == nil || s.kids[name] == nil || len(s.kids[name].slots) == 0 {
		return nil
	}
	all := s.kids[name]
	if all.in != number {
		all.in, all.used = number, 0
	}
	all.used = min(all.used+1, len(all.slots))
	return all.slots[all.used-1]
}
