package cases

import (
	"archive/zip"
	"bytes"
	"path"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"plaza/internal/base/text"
	"plaza/internal/plaza"
)

// File is a file that came with something said in a case.
type File struct {
	ID      string
	Case    string // id
	Place   string // one of the places
	PlaceID string // id of the step, draft or answer; of the case itself for FileOfCase
	Name    string // with the ending of what it is, whatever its sender called it
	Media   string
	Size    int64  // bytes
	Key     string // in the file store
	By      string // id of the person who sent it, for Plaza alone
	At      time.Time
}

// The places of files.
const (
	FileOfCase   = "case"
	FileOfStep   = "step"
	FileOfDraft  = "draft"
	FileOfAnswer = "answer"
)

var filePlaces = []string{FileOfCase, FileOfStep, FileOfDraft, FileOfAnswer}

// Limits of files.
const (
	MaxFile      = 10 << 20 // bytes of one
	MaxFiles     = 5        // that come with one thing
	maxFileName  = 100      // letters, without the ending
	maxFileParts = 10_000   // entries of an archive that are looked at
)

// fileTypes are the endings of what is kept as it came, by media type; pictures are made
// anew.
var fileTypes = map[string]string{
	"application/pdf": ".pdf", "application/zip": ".zip", "text/csv": ".csv", "text/plain": ".txt",
	mediaXLSX: ".xlsx", mediaODS: ".ods", "image/jpeg": ".jpg", "image/png": ".png",
}

const (
	mediaXLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	mediaODS  = "application/vnd.oasis.opendocument.spreadsheet"
)

// fileWrong is a refusal of a file, at the field of forms for files.
func fileWrong(key string, args map[string]any) error {
	return &plaza.Error{Kind: plaza.Invalid, Key: "cases.error.form",
		Fields: []plaza.FieldError{{Field: "archivos", Key: "cases.error." + key, Args: args}}}
}

// fileIsPicture reports whether a file begins as a picture that can be made anew.
func fileIsPicture(data []byte) bool {
	return bytes.HasPrefix(data, []byte("\xff\xd8\xff")) || bytes.HasPrefix(data, []byte("\x89PNG\r\n\x1a\n")) ||
		bytes.HasPrefix(data, []byte("GIF87a")) || bytes.HasPrefix(data, []byte("GIF89a")) ||
		len(data) >= 12 && string(data[:4]) == "RIFF" && string(data[8:12]) == "WEBP"
}

// fileMedia is what a file is by its content, "" for what is not taken. Between a table
// and other text only its name can tell; both are served as text.
func fileMedia(name string, data []byte) string {
	switch {
	case bytes.HasPrefix(data, []byte("%PDF-")):
		return "application/pdf"
	case bytes.HasPrefix(data, []byte("PK\x03\x04")):
		return archiveMedia(data)
	case !isPlainText(data):
		return ""
	case strings.EqualFold(path.Ext(name), ".csv"):
		return "text/csv"
	}
	return "text/plain"
}

// archiveMedia tells workbooks from other archives by what is in them; "" for one that
// cannot be read, and for a workbook with programs in it.
func archiveMedia(data []byte) string {
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil || len(z.File) > maxFileParts {
		return ""
	}
	media := "application/zip"
	for _, f := range z.File {
		switch name := strings.ToLower(f.Name); {
		case strings.HasSuffix(name, "vbaproject.bin"):
			return ""
		case name == "xl/workbook.xml":
			media = mediaXLSX
		case name == "mimetype" && f.Method == zip.Store && bytes.Contains(data[:min(len(data), 200)], []byte(mediaODS)):
			media = mediaODS
		}
	}
	return media
}

// isPlainText reports whether there is nothing but text in a file: UTF-8, Latin-1 or,
// with its mark, UTF-16.
func isPlainText(data []byte) bool {
	if len(data) >= 2 && len(data)%2 == 0 && (data[0] == 0xff && data[1] == 0xfe || data[0] == 0xfe && data[1] == 0xff) {
		big := data[0] == 0xfe
		units := make([]uint16, 0, len(data)/2)
		for pair := range slices.Chunk(data[2:], 2) {
			if big {
				pair = []byte{pair[1], pair[0]}
			}
			units = append(units, uint16(pair[0])|uint16(pair[1])<<8)
		}
		return !slices.ContainsFunc(utf16.Decode(units), func(r rune) bool { return r == utf8.RuneError || noText(r) })
	}
	for _, b := range data {
		if noText(rune(b)) {
			return false
		}
	}
	return true
}

func noText(r rune) bool { return r < ' ' && !strings.ContainsRune("\t\n\r\f", r) || r == 0x7f }

// fileName is what a file is called here: what its sender called it, without a path and
// without what is not seen, and with the ending of what it is.
func fileName(sent, media string) string {
	name := path.Base(strings.ReplaceAll(text.Line(sent), `\`, "/"))
	name = strings.TrimSuffix(name, path.Ext(name))
	name = strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || strings.ContainsRune(`/\:*?"<>|`, r) {
			return -1
		}
		return r
	}, name))
	if letters := []rune(name); len(letters) > maxFileName {
		name = string(letters[:maxFileName])
	}
	if strings.Trim(name, ". ") == "" || text.Unseen(name) {
		name = "archivo"
	}
	return name + fileTypes[media]
}

// Path is where a file is fetched from, of a case with its folio.
func (f File) Path(folio string) string { return CasePath + folio + "/archivos/" + f.ID }
