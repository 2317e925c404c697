// Package infer says what the columns of a table are: it reads every cell once, and
// afterwards turns the texts of a column into values.
//
// Each cell has one class, the finest kind of text that its bytes show; the judge counts
// cells by class. A type, with its format and meaning, is a set of classes, and a column
// is of the narrowest type whose set holds enough of its values: at least 99 in 100, and
// no more than 1,000 and one in 1,000 of them outside. What does not fit stays beside its
// row as text (Odd). Below that the column is text. Parsers go by the same classes, so
// that what the judge counted is what the engine meets.
//
// Formats (tabular.Column.Format) say how values are written:
//
//	numbers    "0", "0.0", "0,000", "0,000.0" with a decimal point; "0,0", "0.000",
//	           "0.000,0" with a decimal comma. Only the last digit group's sign matters
//	           to the parser; thousands may be absent.
//	codes      "0.0": numbers whose ".0" a spreadsheet added
//	dates      "yyyy-mm-dd", "dd/mm/yyyy", "dd/mm/yy", "mm/dd/yyyy", "mm/dd/yy",
//	           "dd-mmm-yyyy" (a month's name, Spanish or English), "yyyymmdd", and "month"
//	           for months, stored as their first day
//	date-times a date's, then " hh:mm:ss"; a zone is dropped and said in a doubt
//	times      "hh:mm:ss"
//	booleans   "sí/no", "true/false", "s/n", "x" (empty is no), "1/0", "1/2" (2 is no)
package infer

import (
	"context"
	"errors"
	"io"
	"sync"

	"plaza/internal/base/tabular"
)

// Result is what Table found.
type Result struct {
	Columns  []tabular.Column // without Stats
	Rows     int64
	Place    tabular.Place // Kind and Columns only
	Key      []string      // the first column that names rows by itself, if there is one
	Problems []tabular.Problem
}

// Judge reads columns. The zero one takes geometries by their looks.
type Judge struct {
	// Geometry appends a cell's geometry (WKT or GeoJSON text) to dst as it is stored, and
	// says whether it is one. It must be safe for concurrent use.
	Geometry func(cell, dst []byte) ([]byte, bool)
}

// Table is Judge.Table without a reader of geometries.
func Table(ctx context.Context, src *tabular.Source, fix tabular.Correction, workers int) (*Result, error) {
	return Judge{}.Table(ctx, src, fix, workers)
}

// ParserOf is Judge.ParserOf without a reader of geometries: their texts are kept.
func ParserOf(c tabular.Column) Parser { return Judge{}.ParserOf(c) }

// Table reads all cells of a table, judged by as many goroutines as workers says beside
// the reader, and says what each column is. Corrections hold. When the file is broken
// from some place on, the error is the reader's *tabular.Fault and the result is about
// the rows before it; with other errors there is no result.
func (j Judge) Table(ctx context.Context, src *tabular.Source, fix tabular.Correction, workers int) (*Result, error) {
	reader, err := src.Open(ctx, nil)
	if err != nil {
		return nil, err
	}
	defer reader.Close()
	names := tabular.Names(src.Labels)
	p := newPass(j, names, fix, max(1, workers))
	err = p.run(ctx, reader)
	var fault *tabular.Fault
	if err != nil && !errors.As(err, &fault) {
		return nil, err
	}
	d := decider{names: names, src: src, fix: fix, keys: p.keys, rows: p.rows, columns: p.merged()}
	return d.result(), err
}

// pass is one reading of a table.
type pass struct {
	judge  Judge
	names  []string
	fix    tabular.Correction
	keys   *keys
	parts  [][]column // of each goroutine
	rows   int64
	free   chan *tabular.Batch
	filled chan *tabular.Batch
}

func newPass(j Judge, names []string, fix tabular.Correction, workers int) *pass {
	p := &pass{judge: j, names: names, fix: fix, keys: newKeys(len(names)), parts: make([][]column, workers)}
	keep, most := int64(tabular.MaxSamples), mostDistinct
	if len(names) > manyColumns {
		keep, most = 3, fewDistinct // wide tables would fill memory with samples
	}
	for w := range p.parts {
		p.parts[w] = make([]column, len(names))
		for i, name := range names {
			c := &p.parts[w][i]
			c.keep, c.words.most, c.minLen = keep, most, 1<<62
			if h := hintsOf(name); h.lat || h.lon || fix.Columns[name].Meaning == tabular.Latitude || fix.Columns[name].Meaning == tabular.Longitude {
				c.geo = &coordinates{}
			}
		}
	}
	for i, name := range names {
		p.keys.list[i].named = hintsOf(name).key
	}
	p.free = make(chan *tabular.Batch, 2*workers+1)
	p.filled = make(chan *tabular.Batch, 2*workers+1)
	for range cap(p.free) {
		p.free <- &tabular.Batch{}
	}
	return p
}

// run reads until the end, while other goroutines judge.
func (p *pass) run(ctx context.Context, reader tabular.Reader) error {
	var all sync.WaitGroup
	for w := range p.parts {
		all.Go(func() { p.work(p.parts[w]) })
	}
	defer all.Wait()
	defer close(p.filled)
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		b := <-p.free
		err := reader.Next(ctx, b)
		if rows := b.Rows(); rows > 0 {
			p.rows += int64(rows)
			p.filled <- b
		} else {
			p.free <- b
		}
		if err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// blockRows are judged column by column, as many as a processor keeps at hand.
const blockRows = 64

func (p *pass) work(columns []column) {
	l := lexer{geometry: p.judge.Geometry}
	var prints []uint64
	for b := range p.filled {
		cols, rows := min(len(columns), b.Cols), b.Rows()
		for from := 0; from < rows; from += blockRows {
			for i := range cols {
				columns[i].judge(&l, b, i, from, min(from+blockRows, rows))
			}
		}
		for i := range cols {
			prints = p.keys.judge(&columns[i], b, i, prints)
		}
		p.free <- b
	}
}

// merged adds up what the goroutines have seen.
func (p *pass) merged() []column {
	for _, part := range p.parts[1:] {
		for i := range part {
			p.parts[0][i].merge(&part[i])
		}
	}
	return p.parts[0]
}
