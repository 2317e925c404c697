package main

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/text/encoding/charmap"
)

// compressFrom is the size in bytes from which a text file is stored as gzip;
// the site serves it decompressed or as it is, whichever the client accepts.
const compressFrom = 32 << 10

// origin says where a file comes from: the key of a source in sources.go and,
// in our words, how the file was derived.
type origin struct {
	source string
	how    string
}

// fileInfo is one line of fuentes.json. Bytes and SHA256 are those of the file
// as it is served, not of the compressed one that is stored.
type fileInfo struct {
	Source    string   `json:"fuente"`
	How       string   `json:"derivacion"`
	Stored    string   `json:"guardado"`
	Bytes     int      `json:"bytes"`
	SHA256    string   `json:"sha256"`
	Format    string   `json:"formato"`
	Media     string   `json:"tipo"`
	Encoding  string   `json:"codificacion,omitempty"`
	Delimiter string   `json:"separador,omitempty"`
	Rows      int      `json:"renglones,omitempty"`
	Columns   []string `json:"columnas,omitempty"`
	Types     []string `json:"tipos,omitempty"`
	// Filled in by "catalogs": whose data it is, in which dataset, since when.
	Institution string `json:"institucion,omitempty"`
	Dataset     string `json:"conjunto,omitempty"`
	Title       string `json:"titulo,omitempty"`
	Modified    string `json:"modificado,omitempty"`
	// Later is what the same address serves afterwards, each from so many Days before the
	// end of the story on.
	Later []*fileInfo `json:"despues,omitempty"`
	Days  int         `json:"dias,omitempty"`
}

// writer writes the files of the demo and remembers what it wrote.
type writer struct {
	dir   string
	files map[string]*fileInfo
}

func newWriter(dir string) (*writer, error) {
	if err := os.RemoveAll(filepath.Join(dir, "archivos")); err != nil {
		return nil, fmt.Errorf("clearing archivos: %w", err)
	}
	return &writer{dir: dir, files: map[string]*fileInfo{}}, nil
}

// pack compresses a file as small as gzip can.
func pack(data []byte) ([]byte, error) {
	var packed bytes.Buffer
	z, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := z.Write(data); err != nil {
		return nil, err
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return packed.Bytes(), nil
}

// put stores a file under archivos/, compressed when it is text and large. A name that ends
// in "@60" is what its address serves from 60 days before the end of the story on.
func (w *writer) put(name string, data []byte, info fileInfo) error {
	sum := sha256.Sum256(data)
	address, days, later := strings.Cut(name, "@")
	if info.Media == "" {
		info.Format, info.Media = kindOf(address)
	}
	if info.Encoding != "" && strings.HasPrefix(info.Media, "text/") {
		info.Media += "; charset=" + info.Encoding
	}
	info.Bytes, info.SHA256, info.Stored = len(data), hex.EncodeToString(sum[:]), name
	ext := filepath.Ext(address)
	if len(data) >= compressFrom && (ext == ".csv" || ext == ".json" || ext == ".geojson") {
		packed, err := pack(data)
		if err != nil {
			return err
		}
		data, info.Stored = packed, name+".gz"
	}
	path := filepath.Join(w.dir, "archivos", filepath.FromSlash(info.Stored))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(path, data, 0o644); err != nil {
		return err
	}
	first, known := w.files[address]
	if known != later {
		return fmt.Errorf("%s: first what comes first, and once", name)
	}
	if !later {
		w.files[name] = &info
		return nil
	}
	var err error
	info.Days, err = strconv.Atoi(days)
	first.Later = append(first.Later, &info)
	return err
}

// kindOf gives the format as institutions write it, and the media type.
func kindOf(name string) (format, media string) {
	switch {
	case strings.HasSuffix(name, ".topo.json"):
		return "TopoJSON", "application/json"
	case strings.HasSuffix(name, "_shp.zip"):
		return "SHP", "application/zip"
	}
	switch filepath.Ext(name) {
	case ".csv":
		return "CSV", "text/csv"
	case ".xlsx":
		return "XLSX", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	case ".json":
		return "JSON", "application/json"
	case ".geojson":
		return "GeoJSON", "application/geo+json"
	case ".vcf":
		return "vCard", "text/vcard"
	}
	return "ZIP", "application/zip"
}

func encodeCSV(t *table, comma rune, crlf bool) ([]byte, error) {
	var b bytes.Buffer
	c := csv.NewWriter(&b)
	c.Comma, c.UseCRLF = comma, crlf
	if err := c.Write(t.cols); err != nil {
		return nil, err
	}
	if err := c.WriteAll(t.rows); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

func (w *writer) csv(name string, t *table, o origin) error {
	data, err := encodeCSV(t, ',', false)
	if err != nil {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	return w.put(name, data, fileInfo{Source: o.source, How: o.how, Encoding: "utf-8", Delimiter: ",", Rows: len(t.rows), Columns: t.cols, Types: t.types()})
}

// latin1 writes a table the way many offices still export it: ISO 8859-1,
// semicolons, CR LF.
func (w *writer) latin1(name string, t *table, o origin) error {
	data, err := encodeCSV(t, ';', true)
	if err != nil {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	if data, err = charmap.ISO8859_1.NewEncoder().Bytes(data); err != nil {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	return w.put(name, data, fileInfo{Source: o.source, How: o.how, Encoding: "iso-8859-1", Delimiter: ";", Rows: len(t.rows), Columns: t.cols, Types: t.types()})
}

// json writes a table as an array of objects; cells that are numbers without
// leading zeros become JSON numbers, empty cells null.
func (w *writer) json(name string, t *table, o origin) error {
	var b bytes.Buffer
	b.WriteString("[\n")
	for i, row := range t.rows {
		b.WriteString("  {")
		for j, c := range row {
			if j > 0 {
				b.WriteString(", ")
			}
			key, _ := json.Marshal(t.cols[j])
			b.Write(key)
			b.WriteString(": ")
			b.Write(jsonCell(c))
		}
		b.WriteString("}")
		if i < len(t.rows)-1 {
			b.WriteString(",")
		}
		b.WriteString("\n")
	}
	b.WriteString("]\n")
	return w.put(name, b.Bytes(), fileInfo{Source: o.source, How: o.how, Encoding: "utf-8", Rows: len(t.rows), Columns: t.cols, Types: t.types()})
}

func isNumber(s string) bool {
	if s == "" || len(s) > 15 || (len(s) > 1 && s[0] == '0' && s[1] != '.') || strings.ContainsAny(s, "+eExXnN_") {
		return false
	}
	_, err := strconv.ParseFloat(s, 64)
	return err == nil
}

func jsonCell(c string) []byte {
	if c == "" {
		return []byte("null")
	}
	if isNumber(c) {
		return []byte(c)
	}
	b, _ := json.Marshal(c)
	return b
}

// close writes fuentes.json, from which the catalogues are made.
func (w *writer) close() error {
	return writeIndex(w.dir, w.files)
}
