package sheet_test

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"plaza/internal/base/tabular"
)

// table is a Source as it was read.
type table struct {
	Name   string
	Labels []string
	Rows   [][]string
	Lines  []int64
}

// open finds the tables of a file.
func open(t testing.TB, opener tabular.Opener, file tabular.File) []*tabular.Source {
	t.Helper()
	sources, err := opener(context.Background(), file)
	if err != nil {
		t.Fatal(err)
	}
	return sources
}

// read reads a Source.
func read(t testing.TB, s *tabular.Source) table {
	t.Helper()
	out, err := try(s)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func try(s *tabular.Source) (table, error) {
	out := table{Name: s.Name, Labels: s.Labels}
	r, err := s.Open(context.Background(), nil)
	if err != nil {
		return out, err
	}
	defer r.Close()
	var b tabular.Batch
	for {
		err := r.Next(context.Background(), &b)
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return out, err
		}
		if b.First != int64(len(out.Rows)+1) {
			return out, errors.New("rows are numbered wrongly")
		}
		for row := range b.Rows() {
			var cells []string
			for col := range b.Cols {
				cells = append(cells, string(b.Cell(row, col)))
			}
			out.Rows = append(out.Rows, cells)
		}
		out.Lines = append(out.Lines, b.Lines...)
	}
}

// parts are members of a zip by name, in order of a slice.
type parts [][2]string

// write writes a zip to a file of its own.
func (p parts) write(t testing.TB, name string) tabular.File {
	t.Helper()
	var buf bytes.Buffer
	z := zip.NewWriter(&buf)
	for _, one := range p {
		w, err := z.Create(one[0])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, one[1]); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return save(t, name, buf.Bytes())
}

func save(t testing.TB, name string, data []byte) tabular.File {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return tabular.File{Path: path, Name: name, Scratch: filepath.Dir(path)}
}

func contents(t testing.TB, file tabular.File) []byte {
	t.Helper()
	data, err := os.ReadFile(file.Path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// Parts that every workbook has.
const (
	relsXML = `<Relationships><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>`
	bookXML = `<workbook><sheets><sheet name="Hoja1" sheetId="1" r:id="rId1"/></sheets></workbook>`
	bookRel = `<Relationships><Relationship Id="rId1" Type="http://x/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="http://x/sharedStrings" Target="sharedStrings.xml"/><Relationship Id="rId3" Type="http://x/styles" Target="styles.xml"/></Relationships>`
)

// book is a workbook of one sheet, written by hand.
func book(sheet string, more ...[2]string) parts {
	return append(parts{
		{"_rels/.rels", relsXML},
		{"xl/workbook.xml", bookXML},
		{"xl/_rels/workbook.xml.rels", bookRel},
		{"xl/worksheets/sheet1.xml", sheet},
	}, more...)
}

// code is the code of a fault, or the error's text.
func code(err error) string {
	var f *tabular.Fault
	switch {
	case err == nil:
		return ""
	case errors.As(err, &f):
		return f.Code
	}
	return err.Error()
}
