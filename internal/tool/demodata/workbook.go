package main

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"
)

// sheet is one page of a workbook.
type sheet struct {
	name string
	t    *table
}

// xlsx writes a workbook with typed cells and a bold, frozen header row.
func (w *writer) xlsx(name string, o origin, sheets ...sheet) error {
	data, err := encodeXLSX(sheets)
	if err != nil {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	return w.put(name, data, fileInfo{Source: o.source, How: o.how, Rows: len(sheets[0].t.rows), Columns: sheets[0].t.cols, Types: sheets[0].t.types()})
}

func encodeXLSX(sheets []sheet) ([]byte, error) {
	f := excelize.NewFile()
	defer f.Close()
	bold, err := f.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}})
	if err != nil {
		return nil, err
	}
	for i, s := range sheets {
		if i == 0 {
			err = f.SetSheetName("Sheet1", s.name)
		} else {
			_, err = f.NewSheet(s.name)
		}
		if err != nil {
			return nil, err
		}
		if err := fillSheet(f, s, bold); err != nil {
			return nil, err
		}
	}
	stamp := "2026-01-01T00:00:00Z" // fixed: the same table gives the same bytes
	if err := f.SetDocProps(&excelize.DocProperties{Creator: "Plaza", Language: "es-MX", Created: stamp, Modified: stamp}); err != nil {
		return nil, err
	}
	b, err := f.WriteToBuffer()
	if err != nil {
		return nil, err
	}
	return repack(b.Bytes())
}

// repack puts the parts of a workbook in name order, because the library
// writes those of several sheets in whatever order a map gives.
func repack(data []byte) ([]byte, error) {
	in, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, err
	}
	parts := slices.Clone(in.File)
	slices.SortFunc(parts, func(a, b *zip.File) int { return strings.Compare(a.Name, b.Name) })
	members := make([]zipMember, len(parts))
	for i, p := range parts {
		r, err := p.Open()
		if err != nil {
			return nil, err
		}
		if members[i].data, err = io.ReadAll(r); err != nil {
			return nil, err
		}
		members[i].name = p.Name
	}
	return encodeZip(members)
}

func fillSheet(f *excelize.File, s sheet, bold int) error {
	sw, err := f.NewStreamWriter(s.name)
	if err != nil {
		return err
	}
	if err := sw.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return err
	}
	head := make([]any, len(s.t.cols))
	for i, c := range s.t.cols {
		head[i] = excelize.Cell{StyleID: bold, Value: c}
	}
	if err := sw.SetRow("A1", head); err != nil {
		return err
	}
	for i, row := range s.t.rows {
		cells := make([]any, len(row))
		for j, c := range row {
			if isNumber(c) {
				cells[j] = number(c)
			} else if c != "" {
				cells[j] = c
			}
		}
		if err := sw.SetRow("A"+strconv.Itoa(i+2), cells); err != nil {
			return err
		}
	}
	return sw.Flush()
}

// zip packs members, in the order given, with a fixed date.
func (w *writer) zip(name string, o origin, members ...zipMember) error {
	b, err := encodeZip(members)
	if err != nil {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	return w.put(name, b, fileInfo{Source: o.source, How: o.how})
}

func encodeZip(members []zipMember) ([]byte, error) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, m := range members {
		h := &zip.FileHeader{Name: m.name, Method: zip.Deflate, Modified: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}
		f, err := z.CreateHeader(h)
		if err != nil {
			return nil, err
		}
		if _, err := f.Write(m.data); err != nil {
			return nil, err
		}
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

type zipMember struct {
	name string
	data []byte
}
