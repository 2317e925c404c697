package tree

import (
	"context"
	"errors"
	"io"

	"plaza/internal/base/tabular"
)

// JSON finds the lists of records of a JSON document: an array of objects or of rows,
// at its root or a few objects below it, an object whose members are records, columns
// beside each other, or one record. Where there are several lists the largest come
// first, a handful of them. It is a tabular.Opener; of a broken document it gives what
// lies before the fault, and the readers give the fault.
func JSON(ctx context.Context, f tabular.File) ([]*tabular.Source, error) {
	t, err := newText(ctx, f.Path)
	if err != nil {
		return nil, err
	}
	in, err := t.open(0)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	s := newScanner(in, 0, windowBytes)
	all, broken := survey(ctx, s)
	var wrong *tabular.Fault
	if broken != nil && !errors.As(broken, &wrong) {
		return nil, broken
	}
	if wrong != nil && wrong.Code == "json_trailing" && s.buf[s.pos] == '{' {
		if sources, err := Lines(ctx, f); err == nil {
			return sources, nil
		}
	}
	lists := tables(all)
	if len(lists) == 0 || broken != nil && wholeOnly(lists[0].shape) {
		if broken == nil {
			broken = fault("json_no_records", -1)
		}
		return nil, t.place(broken)
	}
	var out []*tabular.Source
	for _, list := range lists {
		d := &document{text: t, list: list, fault: broken, problems: &tabular.Problems{}}
		name := ""
		if len(lists) > 1 {
			name = list.name()
		}
		if err := d.learn(ctx, f.Correction(name)); err != nil {
			return nil, t.place(err)
		}
		out = append(out, d.source(name))
	}
	return out, nil
}

// wholeOnly reports whether records of a shape need the whole container.
func wholeOnly(s shape) bool { return s == columnar || s == alone }

// document is one list of records of a document.
type document struct {
	text     *text
	list     found
	fault    error // where the document is broken, behind the list or in it
	schema   *schema
	problems *tabular.Problems
	unsure   bool // whether the first row is a header
}

// records gives records one by one.
type records interface {
	// next reads a record into a row; false when there are no more. A record that is
	// broken is a fault.
	next(r *row) (bool, error)
	offset() int64
	io.Closer
}

// open begins to read the records with a schema.
func (d *document) open(m *schema) (records, error) {
	if d.list.shape == columnar {
		return openColumns(d, m)
	}
	at := d.list.from
	in, err := d.text.open(at)
	if err != nil {
		return nil, err
	}
	return &elements{in: in, s: newScanner(in, at, windowBytes), m: m, shape: d.list.shape, first: true}, nil
}

// learn goes through all records once for their columns and their problems.
func (d *document) learn(ctx context.Context, fix tabular.Correction) error {
	m := newSchema(d.problems)
	in, err := d.open(m)
	if err != nil {
		return err
	}
	defer in.Close()
	var r row
	var names []string
	for n := int64(1); ; n++ {
		if n%1024 == 0 {
			if err := ctx.Err(); err != nil {
				return err
			}
		}
		r.begin()
		known := len(m.nodes)
		more, err := in.next(&r)
		if err != nil {
			var f *tabular.Fault
			if d.fault == nil || !errors.As(err, &f) || f.Code == "columns" {
				return err
			}
			m.forget(known) // the survey found it broken there too
			break
		}
		if !more {
			break
		}
		if n == 1 && d.rows() {
			names = firstRow(m, &r)
		}
	}
	if d.rows() {
		m.header, d.unsure = isHeader(m, names, d.list.total, fix)
		m.nameBy(names)
	}
	d.schema = m
	return m.settle()
}

// rows reports whether records are lists of cells.
func (d *document) rows() bool {
	return d.list.shape == listed && d.list.open == '[' && 2*d.list.arrays > d.list.total
}

// source is the list as a table.
func (d *document) source(name string) *tabular.Source {
	layout := d.text.layout(d.list.where())
	if d.schema.header {
		layout.HeaderLine = 1
	}
	if d.unsure {
		layout.Unsure = append(layout.Unsure, "header_line")
	}
	bytes := d.list.size()
	return &tabular.Source{
		Name: name, Format: "json", Labels: d.schema.labels, Layout: layout, Bytes: bytes, Problems: d.problems,
		Open: func(ctx context.Context, read func(int64)) (tabular.Reader, error) {
			m := d.schema.view()
			in, err := d.open(m)
			if err != nil {
				return nil, err
			}
			r := &reader{text: d.text, in: in, cols: len(m.labels), fault: d.fault}
			r.report, r.from, r.bytes = read, d.list.from, bytes
			if m.header {
				r.row.begin()
				if _, err := in.next(&r.row); err != nil {
					in.Close()
					return nil, d.text.place(err)
				}
			}
			return r, nil
		},
	}
}

// elements are the elements of an array, the members of an object, or an object alone.
type elements struct {
	in    io.Closer
	s     *scanner
	m     *schema
	shape shape
	first bool
	ended bool
	n     int64
}

func (e *elements) offset() int64 { return e.s.offset() }
func (e *elements) Close() error  { return e.in.Close() }

func (e *elements) next(r *row) (bool, error) {
	if e.ended {
		return false, nil
	}
	e.n++
	if e.shape == alone {
		e.ended = true
		return true, e.located(e.m.record(e.s, r, e.n))
	}
	if e.first {
		if err := e.s.enter(); err != nil {
			return false, err
		}
	}
	step := e.s.element
	if e.shape == keyed {
		step = e.s.member
	}
	more, err := step(e.first)
	e.first = false
	if err != nil || !more {
		e.ended = true
		return false, err
	}
	if e.shape == keyed {
		if err := e.putKey(r); err != nil {
			return false, err
		}
	}
	return true, e.located(e.m.record(e.s, r, e.n))
}

// putKey makes the member's key a cell.
func (e *elements) putKey(r *row) error {
	var n *node
	if len(e.m.root.kids) > 0 {
		n = e.m.root.kids[0]
	} else {
		var err error
		if n, err = e.m.child(e.m.root, []byte("\x00key")); err != nil {
			return err
		}
		n.label, n.leaf = keyColumn, true
	}
	from, whole := len(r.arena), true
	r.arena, whole = appendText(r.arena, e.s.key, e.s.keyFlags)
	if !whole {
		e.m.report("i12", n, e.n, r.arena[from:])
	}
	r.put(n.col, from)
	return nil
}

// located gives a fault without a place the scanner's.
func (e *elements) located(err error) error { return located(err, e.s) }

func located(err error, s *scanner) error {
	if f, ok := err.(*tabular.Fault); ok && f.Byte < 0 {
		f.Byte = s.offset()
	}
	return err
}

// reader gives records as batches.
type reader struct {
	text   *text
	in     records
	cols   int
	row    row
	rows   int64
	fault  error // to be given when the records have ended
	ended  bool
	report func(int64)
	from   int64 // offset where the records begin, for progress
	bytes  int64
	told   int64
}

// Next implements tabular.Reader.
func (r *reader) Next(ctx context.Context, b *tabular.Batch) error {
	b.Reset(r.cols, r.rows+1)
	if err := ctx.Err(); err != nil {
		return err
	}
	for !r.ended && !b.Full() && b.Size() < fullBatch {
		r.row.begin()
		more, err := r.in.next(&r.row)
		if err != nil {
			r.ended, r.fault = true, err
			break
		}
		if !more {
			r.ended = true
			break
		}
		r.row.write(b, r.cols)
		if l, ok := r.in.(*lines); ok {
			b.Lines = append(b.Lines, l.line)
		}
		r.rows++
	}
	r.tell()
	if b.Rows() > 0 {
		return nil
	}
	if r.fault != nil {
		return r.text.place(r.fault)
	}
	return io.EOF
}

// tell reports progress.
func (r *reader) tell() {
	if r.report == nil {
		return
	}
	at := r.in.offset() - r.from
	if r.ended && r.fault == nil {
		at = r.bytes
	}
	if at = min(at, r.bytes); at >= r.told+reportEach || r.ended && at > r.told {
		r.told = at
		r.report(at)
	}
}

// Close implements tabular.Reader.
func (r *reader) Close() error { return r.in.Close() }
