package tabular

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Limits of what is read. They are generous for data and small for traps.
const (
	MaxColumns  = 4096      // of one table
	MaxCell     = 16 << 20  // bytes of one cell
	MaxTables   = 200       // of one file
	MaxUnpacked = 32 << 30  // bytes of an archive's members, unpacked
	MaxRatio    = 400       // unpacked to packed bytes, once past 64 MiB
	MaxEntries  = 20_000    // of an archive
	MaxName     = 200       // characters of a column's or table's name
	MaxSamples  = 20        // of each problem
	MaxDepth    = 64        // of nested values
	MaxVertices = 5_000_000 // of one geometry
)

// Source is a table that was found in a file and can be read, as often as wanted.
type Source struct {
	Name     string   // of the sheet, the member, the layer; "" when the file is the table
	Format   string   // csv, xlsx, ods, json, jsonl, xml, geojson, topojson, shp, kml, parquet
	Labels   []string // what the file calls its columns, "" where it does not
	Known    []Type   // types that the format itself states, "" elsewhere; nil: none
	Layout   Layout
	Bytes    int64 // of its text or of its member, for progress; -1 unknown
	Problems *Problems
	// Open begins to read its rows. read is called now and then with how many of Bytes
	// were read; it may be nil.
	Open func(ctx context.Context, read func(bytes int64)) (Reader, error)
}

// File is a file on this machine's disk that is to be read.
type File struct {
	Path      string
	Name      string // as its publisher calls it, for its ending; only a hint
	MediaType string // as its server called it; only a hint
	// Scratch is a folder for what an opener keeps of the file while its tables are read;
	// "": the system's.
	Scratch string
	// Fix is what people said of a table, by its name; nil: nothing.
	Fix func(table string) Correction
}

// Correction is what people said of a table of the file, the zero one for nothing.
func (f File) Correction(table string) Correction {
	if f.Fix == nil {
		return Correction{}
	}
	return f.Fix(table)
}

// Opener finds the tables of a file of one format. It reads as little as it must; its
// errors are *Fault for what is wrong with the file, and the context's or the disk's own.
type Opener func(ctx context.Context, f File) ([]*Source, error)

// Layout is how a table is written. Fields that a format does not have are zero.
type Layout struct {
	Encoding   string   `json:"encoding"` // utf-8, windows-1252, iso-8859-1, utf-16le, utf-16be, macroman, cp850
	BOM        bool     `json:"bom,omitempty"`
	Delimiter  string   `json:"delimiter"` // one character, or "" for none
	Quote      string   `json:"quote,omitempty"`
	LineEnd    string   `json:"line_end,omitempty"`    // "\n", "\r\n", "\r"
	HeaderLine int      `json:"header_line"`           // line (row of a sheet) of the names, from 1; 0: there are none
	HeaderRows int      `json:"header_rows,omitempty"` // how many lines the names take; 0 is 1
	Preamble   []string `json:"preamble,omitempty"`    // lines before the names, the first ones
	Footer     []string `json:"footer,omitempty"`      // lines after the last row, the first ones
	Projection string   `json:"projection,omitempty"`  // name of a geometry's reference system
	Path       string   `json:"path,omitempty"`        // of the records in a tree, as "a.b[]"
	Unsure     []string `json:"unsure,omitempty"`      // names of fields above that are a guess
}

// Problem is one kind of trouble with a table. Codes are those that ADELA used and
// those that Plaza adds:
//
//	d01 broken link, i11 accents in the address, i12 not UTF-8 (Args "kind": "mixed" when
//	    lines differ), c42 the same address twice, u22 no description, c41 mixed types,
//	    m31 empty rows, m33 numbers with other characters
//	h01 HTML in place of data, t01 totals among rows, e01 letters that cannot be had back,
//	    e02 bytes 0, which are left out, g01 codes of places that lost their zeros, g02
//	    points outside Mexico, s01 other columns than the version before, f01 late, k01 a
//	    key twice
//	r01 rows with too few or too many cells, q01 quotes that are opened and not closed, p01
//	    suspected personal data (never with samples), c02 columns without a name or with
//	    another's (Args "why": empty, twice), c03 merged cells among the rows of a sheet,
//	    whose value stays in the first one, c04 further tables in a sheet, not read, j01
//	    lines of JSON Lines that are no record, left out, j02 keys that come twice in a
//	    record, of which the last one holds
//	g03 latitude before longitude (put right), g04 unreadable geometries, g05 out of range,
//	    g09 with too many vertices or levels (these leave the cell empty), g06 rings closed
//	    or left out, g07 a polygon that crosses itself, g08 heights or measures dropped
type Problem struct {
	Code    string            `json:"code"`
	Column  string            `json:"column,omitempty"` // "" for the table
	Count   int64             `json:"count"`
	Samples []Sample          `json:"samples,omitempty"`
	Args    map[string]string `json:"args,omitempty"` // of its sentence
}

// Sample is a place where a problem shows.
type Sample struct {
	Row  int64  `json:"row,omitempty"`  // of the table, from 1
	Line int64  `json:"line,omitempty"` // of the file
	Byte int64  `json:"byte,omitempty"`
	Text string `json:"text,omitempty"` // at most 200 characters
}

// Problems collects problems by code and column, with a few samples of each. It is
// used by one goroutine.
type Problems struct {
	list  []*Problem
	index map[[2]string]*Problem
}

// Add counts one more of a problem.
func (p *Problems) Add(code, column string, s Sample) *Problem {
	if p.index == nil {
		p.index = map[[2]string]*Problem{}
	}
	found := p.index[[2]string{code, column}]
	if found == nil {
		found = &Problem{Code: code, Column: column}
		p.index[[2]string{code, column}] = found
		p.list = append(p.list, found)
	}
	found.Count++
	if len(found.Samples) < MaxSamples && s != (Sample{}) {
		s.Text = Clip(s.Text, 200)
		found.Samples = append(found.Samples, s)
	}
	return found
}

// List is what was collected, in order of first appearance.
func (p *Problems) List() []Problem {
	if p == nil {
		return nil
	}
	out := make([]Problem, len(p.list))
	for i, one := range p.list {
		out[i] = *one
	}
	return out
}

// Clip cuts a text to n characters, and says so by an ellipsis.
func Clip(s string, n int) string {
	seen := 0
	for i := range s {
		if seen == n {
			return s[:i] + "…"
		}
		seen++
	}
	return s
}

// Names gives each label a name of its own: trimmed, without control characters, in
// Unicode's composed form, unlike every other whatever its case, and none that the
// engine uses. A column without label is "columna_n".
func Names(labels []string) []string {
	out := make([]string, len(labels))
	taken := make(map[string]bool, len(labels))
	last := map[string]int{} // number that a repeated name was given last
	for i, label := range labels {
		name := clean(label)
		if name == "" {
			name = fmt.Sprintf("columna_%d", i+1)
		}
		if strings.HasPrefix(name, "_") {
			name = "columna" + name
		}
		base, key := name, strings.ToLower(name)
		for n := max(2, last[key]+1); taken[strings.ToLower(name)]; n++ {
			name = base + "_" + strconv.Itoa(n)
			last[key] = n
		}
		taken[strings.ToLower(name)] = true
		out[i] = name
	}
	return out
}

// clean is a label as a name may be written.
func clean(label string) string {
	label = strings.Map(func(r rune) rune {
		switch {
		case r == '\uFEFF' || r == '\u200B':
			return -1
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r) || r == unicode.ReplacementChar || unicode.Is(unicode.Cf, r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(label, ""))
	label = norm.NFC.String(strings.Join(strings.Fields(label), " "))
	if r := []rune(label); len(r) > MaxName {
		label = strings.TrimSpace(string(r[:MaxName]))
	}
	return label
}
