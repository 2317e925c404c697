// Package delimited reads tables from delimited text as agencies publish it: any
// delimiter, quote, encoding and line end, titles above the names of the columns,
// names in several lines or none at all, notes below the last row, rows that are too
// long or too short, quotes that are never closed.
//
// A file is read once in full to know its encoding, then samples from its beginning,
// middle and end are split in every way that may fit, and the way that gives the most
// even rows of the most cell-like cells is taken. Rows are then read as a stream: a
// file of any size takes a window of some hundred kilobytes.
package delimited

import (
	"bytes"
	"context"
	"io"
	"math"
	"os"
	"strings"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"plaza/internal/base/tabular"
	"plaza/internal/base/tabular/header"
)

// Sizes of the samples, in bytes of the file, and how many rows of the head are looked
// at for the names of columns.
const (
	headBytes = 512 << 10
	midBytes  = 64 << 10
	tailBytes = 128 << 10
	headRows  = 250
)

// Open is the tabular.Opener of delimited text. The one Source it gives has no name.
// Faults: empty; too_many_columns; cell_too_long and row_too_long for the first row.
func Open(ctx context.Context, f tabular.File) ([]*tabular.Source, error) {
	file, err := os.Open(f.Path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	s, err := inspect(ctx, file)
	if err != nil {
		return nil, err
	}
	if s.size <= int64(s.bom) {
		return nil, &tabular.Fault{Code: "empty", Byte: 0}
	}
	p, err := planOf(file, s, f.Correction(""))
	if err != nil {
		return nil, err
	}
	p.path, p.modified = f.Path, info.ModTime()
	src := p.source()
	s.problems(src.Problems)
	return []*tabular.Source{src}, p.firstRow(ctx, src)
}

// plan is all that reading the rows needs to know.
type plan struct {
	path     string
	modified time.Time
	survey   *survey
	dialect  dialect
	names    names
	cols     int
	columns  []string // as problems name them
	footer   []string
	stop     int64 // line of the first note below the rows; 0: there is none
	unsure   []string
	known    atomic.Bool // the problems of its rows were collected
}

// planOf decides how the file is written.
func planOf(file *os.File, s *survey, fix tabular.Correction) (*plan, error) {
	pieces, tailLine, err := samples(file, s)
	if err != nil {
		return nil, err
	}
	head := pieces[0]
	if len(bytes.TrimSpace(head.text)) == 0 && !head.cut {
		return nil, &tabular.Fault{Code: "empty", Byte: 0}
	}
	p := &plan{survey: s}
	from := int64(1)
	delim, rest := declared(head.text, s.eol)
	var best trial
	var unsure bool
	if delim != 0 {
		pieces[0].text, from = rest, 2
		best = tryQuotes(pieces, dialect{delim: delim, eol: s.eol}, 1)
		best.modal = max(best.modal, 1)
	} else if best, unsure, err = findDialect(pieces, s.eol); err != nil {
		return nil, err
	}
	p.dialect = best.dialect
	rows := records(pieces[0], p.dialect, best.modal, headRows, from)
	last := rows
	if len(pieces) > 1 {
		last = records(pieces[len(pieces)-1], p.dialect, best.modal, 1<<20, tailLine)
	} else if len(rows) == headRows {
		last = records(pieces[0], p.dialect, best.modal, 1<<20, from)
	}
	p.names = findNames(rows, best.modal, fix)
	p.cols = max(best.modal, len(p.names.labels))
	p.findFooter(last, best.modal)
	for name, guess := range map[string]bool{"encoding": s.unsure, "delimiter": unsure, "header_line": p.names.unsure && fix.HeaderLine == 0} {
		if guess {
			p.unsure = append(p.unsure, name)
		}
	}
	return p, nil
}

// declared is the delimiter that a first line such as "sep=;" names, and what follows.
func declared(text []byte, eol byte) (delim byte, rest []byte) {
	line, rest, _ := bytes.Cut(text, []byte{eol})
	word := strings.Trim(string(bytes.TrimRight(line, "\r")), `"`)
	if len(word) == 5 && strings.EqualFold(word[:4], "sep=") && word[4] < utf8.RuneSelf {
		return word[4], rest
	}
	return 0, text
}

// samples are the head and, of a file that is longer, a piece of its middle and its
// tail, with the line at which the tail begins.
func samples(file *os.File, s *survey) ([]piece, int64, error) {
	at := int64(s.bom)
	if s.size <= headBytes {
		raw := make([]byte, s.size-at)
		if _, err := file.ReadAt(raw, at); err != nil && err != io.EOF {
			return nil, 0, err
		}
		return []piece{{text: decodedAll(raw, s)}}, 0, nil
	}
	var out []piece
	spans := [][2]int64{{at, at + headBytes}, {s.size/2&^1 + at%2, s.size/2&^1 + midBytes}, {(s.size - tailBytes) &^ 1, s.size}}
	for i, span := range spans {
		raw := make([]byte, span[1]-span[0])
		n, err := file.ReadAt(raw, span[0])
		if err != nil && err != io.EOF {
			return nil, 0, err
		}
		text := decodedAll(raw[:n], s)
		if i > 0 {
			if _, rest, found := bytes.Cut(text, []byte{s.eol}); found {
				text = rest
			}
		}
		cut := i < 2
		if end := bytes.LastIndexByte(text, s.eol); cut && end >= 0 && i > 0 {
			text = text[:end+1]
		}
		out = append(out, piece{text: text, cut: cut})
	}
	lines := s.lf
	if s.eol == '\r' {
		lines = s.cr
	}
	tail := out[2].text
	after := int64(bytes.Count(tail, []byte{s.eol}))
	return out, lines - after + 1, nil
}

// findFooter looks for notes below the rows among the last records.
func (p *plan) findFooter(last []record, modal int) {
	at, noted, longest := len(last), len(last), longestLabel(last, p.names.data)
	for at > 0 && len(last)-at < 60 && last[at-1].line >= p.names.data && p.names.data > 0 {
		r := last[at-1]
		if r.filled > 0 && !note(r, modal, longest) {
			break
		}
		at--
		if r.filled > 0 {
			noted = at
		}
	}
	rows, good := 0, 0
	for _, r := range last[:at] {
		if r.line >= p.names.data && r.filled > 0 {
			rows++
			if len(r.cells) == modal {
				good++
			}
		}
	}
	if noted == len(last) || modal > 1 && good*2 < rows {
		if at < len(last) && noted == len(last) && last[at].line >= p.names.data {
			p.stop = last[at].line // blank lines alone
		}
		return
	}
	p.stop = last[at].line
	p.footer = said(last[at:])
}

// longestLabel is how long the first cell of a row gets, of those with more than one
// that come from line data on.
func longestLabel(rows []record, data int64) int {
	longest := math.MaxInt
	for _, r := range rows {
		if r.line < data || r.filled < 2 {
			continue
		}
		if length := len(bytes.TrimSpace(r.cells[0])); longest == math.MaxInt || length > longest {
			longest = length
		}
	}
	return longest
}

// note reports whether a record is a line of text below a table whose rows begin with
// texts of at most longest bytes. A row of which only the name is known is none.
func note(r record, modal, longest int) bool {
	first := ""
	for _, c := range r.cells {
		if c := bytes.TrimSpace(c); len(c) > 0 {
			first = string(c)
			break
		}
	}
	switch {
	case first == "" || total([]byte(first)):
		return false
	case modal == 1:
		return closing(first) && len(first) > 12 && (header.Explicit(first) || strings.Contains(first, ": "))
	case closing(first) && len(r.cells) != modal:
		return r.filled <= max(1, modal/2)
	case closing(first) && r.filled == 1 && (header.Explicit(first) || strings.Contains(first, ": ")):
		return true
	}
	return r.filled == 1 && len(bytes.TrimSpace(r.cells[0])) > 0 && kindOf([]byte(first)) == words &&
		strings.Contains(first, " ") && len(first) > max(15, longest) && (modal > 2 || closing(first))
}

// source is the table.
func (p *plan) source() *tabular.Source {
	s := p.survey
	src := &tabular.Source{
		Format: "csv", Labels: make([]string, p.cols), Bytes: s.size, Problems: &tabular.Problems{},
		Layout: tabular.Layout{
			Encoding: s.encoding, BOM: s.bom > 0, LineEnd: s.ending, HeaderLine: p.names.line,
			Preamble: p.names.preamble, Footer: p.footer, Unsure: sorted(p.unsure),
		},
	}
	copy(src.Labels, p.names.labels)
	p.columns = tabular.Names(src.Labels)
	if !p.dialect.single {
		src.Layout.Delimiter = string(rune(p.dialect.delim))
	}
	if p.dialect.quote != 0 {
		src.Layout.Quote = string(rune(p.dialect.quote))
	}
	if p.names.line > 0 {
		src.Layout.HeaderRows = p.names.rows
	}
	src.Open = func(ctx context.Context, read func(int64)) (tabular.Reader, error) {
		return p.open(ctx, src, read)
	}
	return src
}

// firstRow reads the first row as the rows are read later: one that is too long for
// any table is refused before anything else happens.
func (p *plan) firstRow(ctx context.Context, src *tabular.Source) error {
	r, err := p.open(ctx, src, nil)
	if err != nil {
		return err
	}
	defer r.Close()
	var b tabular.Batch
	b.Reset(0, 1)
	if _, err := r.tokens.row(&b); err != nil && err != io.EOF {
		return err
	}
	return nil
}
