package detect

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path"
	"strings"
	"unicode/utf16"
)

// headBytes is how much of a file is looked at to say what it is.
const headBytes = 64 << 10

// Kinds of files. Those that a tabular.Opener may read are named as Source.Format is;
// the others are the argument "kind" of the fault not_a_table.
const (
	kindCSV      = "csv"
	kindXLSX     = "xlsx"
	kindODS      = "ods"
	kindJSON     = "json"
	kindLines    = "jsonl"
	kindXML      = "xml"
	kindGeoJSON  = "geojson"
	kindTopoJSON = "topojson"
	kindShape    = "shp"
	kindKML      = "kml"
	kindParquet  = "parquet"

	kindZip   = "zip"
	kindGzip  = "gzip"
	kindBzip2 = "bzip2"

	kindEmpty   = "empty"
	kindHTML    = "html"
	kindOldXLS  = "xls"
	kindLocked  = "encrypted"
	kindPDF     = "pdf"
	kindImage   = "image"
	kindOffice  = "document" // of an office program, without a sheet
	kindProgram = "program"
	kindRAR     = "rar"
	kindSevenZ  = "7z"
	kindPacked  = "packed" // xz, zstd, tar and the like
	kindMedia   = "media"
	kindData    = "database"
	kindBinary  = "binary"
)

// magics are the first bytes of files that say so.
var magics = []struct{ bytes, kind string }{
	{"\x00\x00\x27\x0A", kindShape},
	{"PK\x03\x04", kindZip}, {"PK\x05\x06", kindZip}, {"PK\x07\x08", kindZip},
	{"\x1F\x8B\x08", kindGzip},
	{"Rar!\x1A\x07", kindRAR},
	{"7z\xBC\xAF\x27\x1C", kindSevenZ},
	{"\xFD7zXZ\x00", kindPacked}, {"\x28\xB5\x2F\xFD", kindPacked}, {"LZIP\x01", kindPacked},
	{"\x89PNG\r\n", kindImage}, {"\xFF\xD8\xFF", kindImage}, {"GIF87a", kindImage}, {"GIF89a", kindImage},
	{"II*\x00", kindImage}, {"MM\x00*", kindImage}, {"II+\x00", kindImage},
	{"\x7FELF", kindProgram}, {"\xCA\xFE\xBA\xBE", kindProgram}, {"\xCF\xFA\xED\xFE", kindProgram}, {"\xFE\xED\xFA", kindProgram},
	{"#!/", kindProgram}, {`X5O!P%@AP`, kindProgram}, {"!<arch>", kindProgram},
	{"{\\rtf", kindOffice}, {"%!PS", kindPDF},
	{"SQLite format 3\x00", kindData}, {"\x00\x01\x00\x00Standard ", kindData}, {"ARROW1\x00", kindData}, {"\x89HDF", kindData}, {"CDF\x01", kindData},
	{"ID3\x02", kindMedia}, {"ID3\x03", kindMedia}, {"ID3\x04", kindMedia}, {"OggS\x00", kindMedia}, {"fLaC", kindMedia}, {"\x1A\x45\xDF\xA3", kindMedia},
}

// sniff says what a file is, by its content. The name decides only between kinds of
// text that look alike.
func sniff(file, name string) (string, error) {
	in, err := os.Open(file)
	if err != nil {
		return "", err
	}
	defer in.Close()
	head := make([]byte, headBytes)
	n, err := io.ReadFull(in, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return "", err
	}
	head = head[:n]
	if bytes.HasPrefix(head, []byte("PAR1")) && isParquet(in, head) {
		return kindParquet, nil
	}
	if kind := byMagic(head); kind != "" {
		return kind, nil
	}
	if bytes.HasPrefix(head, []byte("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1")) {
		return olderOffice(in, head), nil
	}
	return byText(head, strings.ToLower(path.Ext(name))), nil
}

// isParquet reports whether what begins like Parquet is it, or is at least no text: a
// table's first column may be called PAR1.
func isParquet(in *os.File, head []byte) bool {
	var tail [4]byte
	if info, err := in.Stat(); err == nil && info.Size() > 8 {
		_, _ = in.ReadAt(tail[:], info.Size()-4)
	}
	return string(tail[:]) == "PAR1" || binaryText(head)
}

func byMagic(head []byte) string {
	for _, m := range magics {
		if bytes.HasPrefix(head, []byte(m.bytes)) {
			return m.kind
		}
	}
	at := func(i int, s string) bool { return len(head) >= i+len(s) && string(head[i:i+len(s)]) == s }
	switch {
	case len(head) == 0:
		return kindEmpty
	case bytes.Contains(head[:min(len(head), 1024)], []byte("%PDF-")) && (at(0, "%PDF-") || bytes.IndexByte(head, 0) >= 0 || bytes.Contains(head, []byte(" obj"))):
		return kindPDF
	case at(0, "BZh") && at(4, "1AY&SY"), at(0, "BZh") && at(4, "\x17\x72\x45\x38\x50\x90"):
		return kindBzip2
	case at(0, "RIFF") && at(8, "WEBP"):
		return kindImage
	case at(0, "RIFF"), at(4, "ftyp"):
		return kindMedia
	case at(257, "ustar"):
		return kindPacked
	case at(0, "MZ") && program(head):
		return kindProgram
	case dbase(head):
		return kindData
	}
	return ""
}

// dbase reports whether a head is that of a table of dBASE or FoxPro: a version, a day, and
// fields of 32 bytes each up to a mark, where its header says that they end.
func dbase(head []byte) bool {
	if len(head) < 66 || head[2] == 0 || head[2] > 12 || head[3] == 0 || head[3] > 31 {
		return false
	}
	switch head[0] {
	case 0x02, 0x03, 0x30, 0x31, 0x32, 0x43, 0x63, 0x83, 0x8B, 0xCB, 0xF5, 0xFB:
	default:
		return false
	}
	for at := 32; at < len(head) && at < int(binary.LittleEndian.Uint16(head[8:])); at += 32 {
		if head[at] == 0x0D {
			return at > 32
		}
	}
	return false
}

// program reports whether what begins like a program of DOS is one of Windows, or at
// least no text.
func program(head []byte) bool {
	if len(head) >= 64 {
		if at := int(binary.LittleEndian.Uint32(head[60:])); at > 0 && at+4 <= len(head) && string(head[at:at+2]) == "PE" {
			return true
		}
	}
	return bytes.IndexByte(head, 0) >= 0
}

// olderOffice tells old workbooks, and new ones behind a password, from other old
// documents, by the names in the file's directory.
func olderOffice(in *os.File, head []byte) string {
	if len(head) < 512 {
		return kindOffice
	}
	size := int64(1) << min(binary.LittleEndian.Uint16(head[30:]), 12)
	sector := make([]byte, max(size, 512))
	n, _ := in.ReadAt(sector, (int64(binary.LittleEndian.Uint32(head[48:]))+1)*size)
	for _, part := range []struct{ name, kind string }{{"EncryptedPackage", kindLocked}, {"Workbook", kindOldXLS}, {"Book", kindOldXLS}} {
		var wide []byte
		for _, u := range utf16.Encode([]rune(part.name)) {
			wide = binary.LittleEndian.AppendUint16(wide, u)
		}
		if bytes.Contains(sector[:n], append(wide, 0, 0)) {
			return part.kind
		}
	}
	return kindOffice
}

// byText says what a text is.
func byText(head []byte, ending string) string {
	wide := bytes.HasPrefix(head, []byte("\xFF\xFE")) || bytes.HasPrefix(head, []byte("\xFE\xFF"))
	text := narrow(head)
	if !wide && binaryText(head) {
		return kindBinary
	}
	text = bytes.TrimLeft(text, " \t\r\n\v\f\x1e\x00")
	if len(text) == 0 {
		if len(head) == headBytes {
			return kindCSV
		}
		return kindEmpty
	}
	switch text[0] {
	case '<':
		return markup(text, ending)
	case '{', '[':
		if kind := jsonKind(text); kind != "" {
			return hinted(kind, ending)
		}
	}
	return kindCSV
}

// hinted is what a JSON text is whose head does not say all, by the name's ending.
func hinted(kind, ending string) string {
	switch {
	case kind != kindJSON:
	case ending == ".jsonl" || ending == ".ndjson" || ending == ".geojsonl":
		return kindLines
	case ending == ".geojson":
		return kindGeoJSON
	case ending == ".topojson":
		return kindTopoJSON
	}
	return kind
}

// narrow is a head's text without byte order mark, one byte for each of its ASCII letters.
func narrow(head []byte) []byte {
	switch {
	case bytes.HasPrefix(head, []byte("\xEF\xBB\xBF")):
		return head[3:]
	case bytes.HasPrefix(head, []byte("\xFF\xFE")), bytes.HasPrefix(head, []byte("\xFE\xFF")):
		return bytes.ReplaceAll(head[2:], []byte{0}, nil)
	case len(head) >= 4 && (head[0] == 0) != (head[1] == 0) && (head[2] == 0) == (head[0] == 0):
		return bytes.ReplaceAll(head, []byte{0}, nil)
	}
	return head
}

// binaryText reports whether a head has too many control characters for a text. Bytes 0
// of text in 16 bits are none, and a few strays are what some databases export.
func binaryText(head []byte) bool {
	var zeros [2]int
	controls := 0
	for i, b := range head {
		switch {
		case b == 0:
			zeros[i%2]++
		case b < 32 && b != '\t' && b != '\n' && b != '\r' && b != '\f' && b != '\v' && b != 0x1b && b != 0x1a && b != 0x1e:
			controls++
		}
	}
	all := len(head)
	if odd, even := zeros[1], zeros[0]; odd+even > 0 {
		if odd > all*3/20 && even <= all/40+1 || even > all*3/20 && odd <= all/40+1 {
			return controls*10 > all
		}
	}
	return (controls+zeros[0]+zeros[1])*20 > all
}

// tags that only pages have.
var pageTags = []string{"!doctype html", "html", "head", "body", "script", "style", "div", "table", "meta", "title", "p", "br", "b", "h1", "center", "span", "a", "font", "form", "iframe", "link"}

// markup tells pages, pictures, KML and other XML apart by the root element.
func markup(text []byte, ending string) string {
	rest := text
	for range 100 {
		rest = bytes.TrimLeft(rest, " \t\r\n")
		var found bool
		switch {
		case bytes.HasPrefix(rest, []byte("<!--")):
			_, rest, found = bytes.Cut(rest, []byte("-->"))
		case bytes.HasPrefix(rest, []byte("<?")):
			_, rest, found = bytes.Cut(rest, []byte(">"))
		case len(rest) > 9 && strings.EqualFold(string(rest[:9]), "<!doctype"):
			if page(rest) {
				return kindHTML
			}
			if inside := bytes.IndexByte(rest, '['); inside >= 0 && inside < bytes.IndexByte(rest, '>') { // declarations of its own
				_, rest, _ = bytes.Cut(rest, []byte("]"))
			}
			_, rest, found = bytes.Cut(rest, []byte(">"))
		default:
			return rooted(rest)
		}
		if !found {
			break
		}
	}
	if bytes.Contains(bytes.ToLower(text), []byte("<html")) || ending == ".html" || ending == ".htm" {
		return kindHTML
	}
	if bytes.HasPrefix(text, []byte("<?xml")) {
		return kindXML
	}
	return kindCSV
}

func page(rest []byte) bool {
	lower := strings.ToLower(string(rest[:min(len(rest), 40)]))
	for _, tag := range pageTags {
		if after, found := strings.CutPrefix(lower, "<"+tag); found && (after == "" || strings.ContainsAny(after[:1], " \t\r\n>/")) {
			return true
		}
	}
	return false
}

func rooted(rest []byte) string {
	if len(rest) < 2 || rest[0] != '<' {
		return kindCSV
	}
	name := string(rest[1:min(len(rest), 80)])
	if end := strings.IndexAny(name, " \t\r\n>/"); end >= 0 {
		name = name[:end]
	}
	if _, local, found := strings.Cut(name, ":"); found {
		name = local
	}
	switch {
	case page(rest):
		return kindHTML
	case strings.EqualFold(name, "svg"):
		return kindImage
	case strings.EqualFold(name, "kml"):
		return kindKML
	case name == "" || name[0] != '_' && (name[0]|0x20 < 'a' || name[0]|0x20 > 'z') && name[0] < 0x80:
		return kindCSV
	}
	return kindXML
}

// jsonKind looks at the head of what may be JSON; "" when it is not.
func jsonKind(text []byte) string {
	if first, rest, found := bytes.Cut(text, []byte("\n")); found && json.Valid(first) {
		if rest = bytes.TrimLeft(rest, " \t\r\n\x1e"); len(rest) > 0 && (rest[0] == '{' || rest[0] == '[') {
			return kindLines
		}
	}
	if text[0] == '[' {
		rest := bytes.TrimLeft(text[1:], " \t\r\n")
		if len(rest) == 0 || bytes.IndexByte([]byte(`{[]"-0123456789`), rest[0]) >= 0 {
			return kindJSON
		}
		for _, word := range []string{"true", "false", "null"} {
			if bytes.HasPrefix(rest, []byte(word)) {
				return kindJSON
			}
		}
		return ""
	}
	return objectKind(text)
}

// objectKind says what an object is by the members that its head shows.
func objectKind(text []byte) string {
	d := json.NewDecoder(bytes.NewReader(text))
	if _, err := d.Token(); err != nil {
		return ""
	}
	kind := kindJSON
	seen := map[string]bool{}
	depth := 0
	for key := true; ; {
		token, err := d.Token()
		if err != nil {
			var syntax *json.SyntaxError
			if len(seen) == 0 && errors.As(err, &syntax) && !errors.Is(err, io.ErrUnexpectedEOF) && d.InputOffset() < int64(len(text))-1 {
				return ""
			}
			break
		}
		if delim, ok := token.(json.Delim); ok {
			if delim == '{' || delim == '[' {
				depth++
			} else if depth--; depth < 0 {
				break
			}
			key = depth == 0
			continue
		}
		if depth > 0 {
			continue
		}
		word, _ := token.(string)
		if key {
			seen[word] = true
			if word == "type" {
				if v, err := d.Token(); err == nil {
					value, _ := v.(string)
					switch value {
					case "Topology":
						return kindTopoJSON
					case "FeatureCollection", "Feature", "GeometryCollection", "Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon":
						kind = kindGeoJSON
					}
					if _, open := v.(json.Delim); open {
						depth++
						key = false
					}
				}
				continue
			}
			key = false
			continue
		}
		key = true
	}
	switch {
	case kind == kindGeoJSON:
		return kind
	case seen["arcs"] && (seen["objects"] || seen["transform"]), seen["objects"] && seen["transform"]:
		return kindTopoJSON
	case seen["features"]:
		return kindGeoJSON
	}
	return kindJSON
}
