package detect

import (
	"archive/zip"
	"compress/bzip2"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/klauspost/compress/gzip"
	"golang.org/x/text/encoding/charmap"

	"plaza/internal/base/tabular"
)

// freely is how much may be unpacked whatever the ratio.
const freely = 64 << 20

// unpacker unpacks one file and what is packed in it, one level down.
type unpacker struct {
	openers Openers
	found   *Found
	folder  string
	fix     func(string) tabular.Correction
	packed  int64 // size of the file
	total   int64 // bytes unpacked
	files   int
	nested  bool
}

// member is a file that was unpacked.
type member struct {
	name string // in the archive, as a label
	path string // on disk, by our own name
	kind string
	stem string // what the files of one Shapefile have in common
}

// open unpacks f and opens the tables in it.
func (u *unpacker) open(ctx context.Context, f tabular.File, kind string) error {
	info, err := os.Stat(f.Path)
	if err != nil {
		return err
	}
	u.packed = info.Size()
	if kind == kindZip {
		return u.zip(ctx, f)
	}
	m, err := u.stream(ctx, f.Path, f.Name, kind)
	if err != nil {
		return err
	}
	members, err := u.again(ctx, m)
	if err != nil {
		return err
	}
	if members, err = u.shapes(members); err != nil {
		return err
	}
	return u.openAll(ctx, f, members)
}

// stream unpacks a file that is packed as a whole.
func (u *unpacker) stream(ctx context.Context, file, name, kind string) (member, error) {
	in, err := os.Open(file)
	if err != nil {
		return member{}, err
	}
	defer in.Close()
	var r io.Reader = bzip2.NewReader(in)
	if kind == kindGzip {
		if r, err = gzip.NewReader(in); err != nil {
			return member{}, broken(err)
		}
	}
	name = strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(name, ".gz"), ".bz2"), ".gzip")
	return u.write(ctx, r, name)
}

// write unpacks one member, within what all may take.
func (u *unpacker) write(ctx context.Context, r io.Reader, name string) (member, error) {
	u.files++
	m := member{name: label(name), stem: strings.ToLower(strings.TrimSuffix(name, path.Ext(name))), path: filepath.Join(u.folder, fmt.Sprintf("%05d", u.files))}
	out, err := os.OpenFile(m.path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return m, err
	}
	defer out.Close()
	buf := make([]byte, 256<<10)
	for {
		if err := ctx.Err(); err != nil {
			return m, err
		}
		n, err := r.Read(buf)
		u.total += int64(n)
		if fault := u.over(); fault != nil {
			return m, fault
		}
		if _, err := out.Write(buf[:n]); err != nil {
			return m, err
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return m, broken(err)
		}
	}
	if err := out.Close(); err != nil {
		return m, err
	}
	m.kind, err = sniff(m.path, m.name)
	return m, err
}

// over is the fault of having unpacked too much.
func (u *unpacker) over() *tabular.Fault {
	switch {
	case u.total > tabular.MaxUnpacked:
		return &tabular.Fault{Code: "archive_too_big", Byte: -1, Args: []any{"max", tabular.MaxUnpacked >> 30}}
	case u.total > freely && u.total/max(u.packed, 1) > tabular.MaxRatio:
		return &tabular.Fault{Code: "archive_ratio", Byte: -1, Args: []any{"max", tabular.MaxRatio}}
	}
	return nil
}

// broken is the fault of an archive that cannot be unpacked.
func broken(err error) error {
	var path *os.PathError
	if errors.As(err, &path) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return &tabular.Fault{Code: "archive_broken", Byte: -1, Cause: err}
}

// label is an archive's name of a member, as a label: never a path.
func label(name string) string {
	if !utf8.ValidString(name) {
		if old, err := charmap.CodePage850.NewDecoder().String(name); err == nil {
			name = old
		}
	}
	name = path.Base(strings.ReplaceAll(name, "\\", "/"))
	name = tabular.Names([]string{name})[0]
	return strings.TrimPrefix(name, "columna_")
}

// zip opens a zip, or what is a zip and called otherwise.
func (u *unpacker) zip(ctx context.Context, f tabular.File) error {
	in, err := os.Open(f.Path)
	if err != nil {
		return err
	}
	defer in.Close()
	z, err := directory(in, u.packed)
	if err != nil {
		return err
	}
	if kind := partsOf(z); kind != "" {
		u.found.Format = kind
		tables, err := u.openers.table(ctx, f, kind)
		u.found.Tables = tables
		return err
	}
	var members []member
	for _, entry := range z.File {
		m, err := u.entry(ctx, entry)
		if err != nil {
			return err
		}
		members = append(members, m...)
		if path.Base(entry.Name) == "doc.kml" && !u.nested {
			u.found.Format = "kmz"
		}
	}
	members, err = u.shapes(members)
	if err != nil {
		return err
	}
	return u.openAll(ctx, f, members)
}

// entry unpacks one entry of a zip, and what is packed in it again.
func (u *unpacker) entry(ctx context.Context, entry *zip.File) ([]member, error) {
	base := path.Base(strings.ReplaceAll(entry.Name, "\\", "/"))
	switch {
	case strings.HasSuffix(entry.Name, "/"), entry.Mode()&os.ModeType != 0,
		strings.HasPrefix(entry.Name, "__MACOSX/"), base == ".DS_Store", base == "Thumbs.db", base == "desktop.ini":
		return nil, nil
	case entry.Flags&1 != 0:
		u.skip(label(entry.Name), "member_encrypted")
		return nil, nil
	case prose(base):
		u.skip(label(entry.Name), "member_not_a_table")
		return nil, nil
	}
	r, err := entry.Open()
	if err != nil {
		u.skip(label(entry.Name), "member_broken")
		return nil, nil
	}
	defer r.Close()
	m, err := u.write(ctx, r, entry.Name)
	var fault *tabular.Fault
	if errors.As(err, &fault) && fault.Code == "archive_broken" {
		u.skip(m.name, "member_broken")
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return u.again(ctx, m)
}

// about are names of texts about the data. "licencias.txt" and "notarias.txt" are data.
var about = regexp.MustCompile(`^(?:readme|l[eé]eme|licen[cs](?:ia|e)|notas?|metadat[oa]s?|descripci[oó]n|aviso|diccionario|changelog)(?:[^\pL]|$)`)

// prose reports whether a member is about the data, by its ending: text that would
// open as a table of one column, and documents that need no unpacking to be known.
func prose(base string) bool {
	lower := strings.ToLower(base)
	switch path.Ext(lower) {
	case ".md", ".pdf", ".docx", ".doc", ".rtf", ".html", ".htm", ".sbn", ".sbx", ".qix", ".lyr", ".qml", ".sld", ".qpj", ".css", ".js", ".png", ".jpg", ".jpeg", ".gif":
		return true
	case ".txt", "":
		return about.MatchString(lower)
	case ".xml":
		return strings.HasSuffix(lower, ".shp.xml") || strings.HasSuffix(lower, ".iso.xml")
	}
	return false
}

// again unpacks a member that is an archive itself, unless it lies in such a one.
func (u *unpacker) again(ctx context.Context, m member) ([]member, error) {
	switch m.kind {
	case kindZip, kindGzip, kindBzip2:
	default:
		return []member{m}, nil
	}
	if m.kind == kindZip {
		in, err := os.Open(m.path)
		if err != nil {
			return nil, err
		}
		defer in.Close()
		info, err := in.Stat()
		if err != nil {
			return nil, err
		}
		z, err := directory(in, info.Size())
		if err != nil {
			u.skip(m.name, "member_broken")
			return nil, nil
		}
		if kind := partsOf(z); kind != "" {
			m.kind = kind
			return []member{m}, nil
		}
		if u.nested {
			u.skip(m.name, "archive_nested")
			return nil, nil
		}
		u.nested = true
		defer func() { u.nested = false }()
		var out []member
		for _, entry := range z.File {
			inner, err := u.entry(ctx, entry)
			if err != nil {
				return nil, err
			}
			out = append(out, inner...)
		}
		return out, nil
	}
	if u.nested {
		u.skip(m.name, "archive_nested")
		return nil, nil
	}
	inner, err := u.stream(ctx, m.path, m.name, m.kind)
	var fault *tabular.Fault
	if errors.As(err, &fault) && fault.Code == "archive_broken" {
		u.skip(m.name, "member_broken")
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	u.nested = true
	defer func() { u.nested = false }()
	return u.again(ctx, inner)
}

func (u *unpacker) skip(name, why string) {
	if len(u.found.Skipped) < tabular.MaxTables {
		u.found.Skipped = append(u.found.Skipped, tabular.Skipped{Name: name, Why: why})
	}
}
