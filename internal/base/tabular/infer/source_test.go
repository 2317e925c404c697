package infer

import (
	"context"
	"io"

	"plaza/internal/base/tabular"
)

// table is a source over rows that are in memory.
func table(labels []string, rows [][]string) *tabular.Source {
	return &tabular.Source{Labels: labels, Format: "csv", Layout: tabular.Layout{HeaderLine: 1},
		Open: func(context.Context, func(int64)) (tabular.Reader, error) {
			return &memory{cols: len(labels), rows: rows}, nil
		}}
}

// column1 is a source of one column.
func column1(label string, cells ...string) *tabular.Source {
	rows := make([][]string, len(cells))
	for i, c := range cells {
		rows[i] = []string{c}
	}
	return table([]string{label}, rows)
}

type memory struct {
	cols, at int
	rows     [][]string
	fault    error
}

func (m *memory) Next(_ context.Context, b *tabular.Batch) error {
	b.Reset(m.cols, int64(m.at+1))
	for m.at < len(m.rows) && !b.Full() {
		for _, c := range m.rows[m.at] {
			b.AddString(c)
		}
		b.EndRow()
		b.Lines = append(b.Lines, int64(m.at+2))
		m.at++
	}
	if b.Rows() == 0 {
		if m.fault != nil {
			return m.fault
		}
		return io.EOF
	}
	return nil
}

func (m *memory) Close() error { return nil }

func opens(r tabular.Reader) func(context.Context, func(int64)) (tabular.Reader, error) {
	return func(context.Context, func(int64)) (tabular.Reader, error) { return r, nil }
}
