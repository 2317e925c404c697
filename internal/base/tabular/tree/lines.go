package tree

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"

	"plaza/internal/base/tabular"
)

// maxLine is the longest line that is read as a record, in bytes.
const maxLine = maxRow

// Lines reads JSON Lines: one record on each line. A line that is broken is a problem
// of the table (j01) with its line, and left out. It is a tabular.Opener.
func Lines(ctx context.Context, f tabular.File) ([]*tabular.Source, error) {
	t, err := newText(ctx, f.Path)
	if err != nil {
		return nil, err
	}
	problems := &tabular.Problems{}
	m := newSchema(problems)
	in, err := openLines(t, m)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	var r row
	var names []string
	rows := false
	for {
		if err := in.ctxNow(ctx); err != nil {
			return nil, err
		}
		r.begin()
		more, err := in.next(&r)
		if err != nil {
			return nil, t.place(err)
		}
		if !more {
			break
		}
		if in.n == 1 && in.list {
			rows, names = true, firstRow(m, &r)
		}
	}
	switch {
	case in.n == 0 && in.broken > 0:
		return nil, t.place(&tabular.Fault{Code: "jsonl_broken", Line: in.firstLine, Byte: in.firstByte, Args: []any{"count", in.broken}})
	case in.n == 0:
		return nil, fault("empty", 0)
	}
	layout := t.layout("")
	if rows {
		var unsure bool
		if m.header, unsure = isHeader(m, names, in.n, f.Correction("")); m.header {
			layout.HeaderLine = int(in.firstGood)
		}
		if unsure {
			layout.Unsure = append(layout.Unsure, "header_line")
		}
		m.nameBy(names)
	}
	if err := m.settle(); err != nil {
		return nil, err
	}
	return []*tabular.Source{{
		Format: "jsonl", Labels: m.labels, Layout: layout, Bytes: t.size, Problems: problems,
		Open: func(ctx context.Context, read func(int64)) (tabular.Reader, error) {
			in, err := openLines(t, m.view())
			if err != nil {
				return nil, err
			}
			r := &reader{text: t, in: in, cols: len(m.labels), report: read, bytes: t.size}
			if m.header {
				r.row.begin()
				if _, err := in.next(&r.row); err != nil {
					in.Close()
					return nil, t.place(err)
				}
			}
			return r, nil
		},
	}}, nil
}

// lines are records that lie on a line each.
type lines struct {
	in        *stream
	r         *bufio.Reader
	s         scanner
	m         *schema
	buf       []byte
	line      int64 // of the record that was read last
	at        int64 // offset behind it
	n         int64 // records that were whole
	list      bool  // the last record is an array
	broken    int64
	firstGood int64
	firstLine int64 // of the first broken one
	firstByte int64
	looked    int64
}

func openLines(t *text, m *schema) (*lines, error) {
	in, err := t.open(0)
	if err != nil {
		return nil, err
	}
	return &lines{in: in, r: bufio.NewReaderSize(in, windowBytes), m: m}, nil
}

func (l *lines) offset() int64 { return l.at }
func (l *lines) Close() error  { return l.in.Close() }

// ctxNow looks at a context now and then.
func (l *lines) ctxNow(ctx context.Context) error {
	if l.looked++; l.looked%1024 != 0 {
		return nil
	}
	return ctx.Err()
}

// next reads the next line that is a record. Lines that are none are reported while
// the schema learns, and left out.
func (l *lines) next(r *row) (bool, error) {
	for {
		from := l.at
		one, err := l.read()
		if err != nil {
			if err == io.EOF {
				return false, nil
			}
			return false, err
		}
		one = bytes.Trim(one, "\x1e \t\r\n")
		if len(one) == 0 {
			continue
		}
		known := len(l.m.nodes)
		l.s.reset(one, from)
		l.m.line = l.line
		if one[0] == '{' || one[0] == '[' {
			err = l.m.record(&l.s, r, l.n+1)
		} else {
			err = l.s.unexpected(one[0])
		}
		if err == nil {
			if _, after := l.s.space(); after != io.EOF {
				err = fault("json_trailing", l.s.offset())
			}
		}
		var f *tabular.Fault
		if errors.As(err, &f) && f.Code == "columns" {
			f.Line = l.line
			return false, err
		}
		if err == nil {
			if l.n++; l.n == 1 {
				l.firstGood = l.line
			}
			l.list = one[0] == '['
			return true, nil
		}
		l.reject(known, one, from)
		r.begin()
	}
}

// reject leaves a line out.
func (l *lines) reject(known int, one []byte, from int64) {
	if l.broken++; l.broken == 1 {
		l.firstLine, l.firstByte = l.line, from
	}
	if !l.m.learning {
		return
	}
	l.m.forget(known)
	txt := string(appendValid(nil, one[:min(len(one), 1000)]))
	l.m.problems.Add("j01", "", tabular.Sample{Line: l.line, Byte: from, Text: txt})
}

// read reads a line with its end, whatever its length up to maxLine.
func (l *lines) read() ([]byte, error) {
	l.buf = l.buf[:0]
	for {
		part, err := l.r.ReadSlice('\n')
		l.at += int64(len(part))
		if err == nil && len(l.buf) == 0 {
			l.line++
			return part, nil
		}
		l.buf = append(l.buf, part...)
		if len(l.buf) > maxLine {
			return nil, &tabular.Fault{Code: "row_too_long", Line: l.line + 1, Byte: l.at - int64(len(l.buf))}
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
		case err == nil, err == io.EOF && len(l.buf) > 0:
			l.line++
			return l.buf, nil
		default:
			return nil, err
		}
	}
}
