package main

import (
	"archive/zip"
	"compress/bzip2"
	"compress/gzip"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/text/encoding/charmap"
)

// source is the path of the shared data folder.
type source string

func (s source) bytes(name string) ([]byte, error) {
	return os.ReadFile(filepath.Join(string(s), filepath.FromSlash(name)))
}

func (s source) json(name string, v any) error {
	b, err := s.bytes(name)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(b, v); err != nil {
		return fmt.Errorf("reading %s: %w", name, err)
	}
	return nil
}

// stream calls f with each row of a delimited file, which may be compressed.
func (s source) stream(name string, latin1 bool, comma rune, f func(row []string) error) error {
	file, err := os.Open(filepath.Join(string(s), filepath.FromSlash(name)))
	if err != nil {
		return err
	}
	defer file.Close()
	var in io.Reader = file
	switch {
	case strings.HasSuffix(name, ".gz"):
		if in, err = gzip.NewReader(file); err != nil {
			return fmt.Errorf("opening %s: %w", name, err)
		}
	case strings.HasSuffix(name, ".bz2"):
		in = bzip2.NewReader(file)
	case strings.HasSuffix(name, ".zip"):
		archive, err := zip.OpenReader(file.Name())
		if err != nil {
			return fmt.Errorf("opening %s: %w", name, err)
		}
		defer archive.Close()
		member, err := archive.File[0].Open()
		if err != nil {
			return fmt.Errorf("opening %s: %w", name, err)
		}
		defer member.Close()
		in = member
	}
	if latin1 {
		in = charmap.ISO8859_1.NewDecoder().Reader(in)
	}
	r := csv.NewReader(in)
	r.Comma, r.FieldsPerRecord, r.LazyQuotes, r.ReuseRecord = comma, -1, true, true
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("reading %s: %w", name, err)
		}
		if err := f(row); err != nil {
			return err
		}
	}
}

// rows reads a whole UTF-8 CSV file.
func (s source) rows(name string) ([][]string, error) {
	return s.rowsAs(name, false, ',')
}

func (s source) rowsAs(name string, latin1 bool, comma rune) ([][]string, error) {
	var all [][]string
	err := s.stream(name, latin1, comma, func(row []string) error {
		all = append(all, append([]string(nil), row...))
		return nil
	})
	return all, err
}

// records reads a UTF-8 CSV file with a header.
func (s source) records(name string) (*records, error) {
	rows, err := s.rows(name)
	if err != nil {
		return nil, err
	}
	return indexed(rows), nil
}
