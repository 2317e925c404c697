package detect

import (
	"archive/zip"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"path"
	"strconv"
	"strings"

	"plaza/internal/base/tabular"
)

// maxDirectory is the most bytes of a zip's directory: 20,000 entries with names of
// several hundred letters.
const maxDirectory = 16 << 20

// directory reads a zip's directory, after a look at how large it says it is: the
// library takes all entries that it finds into memory.
func directory(in *os.File, size int64) (*zip.Reader, error) {
	tooMany := &tabular.Fault{Code: "archive_entries", Byte: -1, Args: []any{"max", tabular.MaxEntries}}
	tail := make([]byte, min(size, 66<<10))
	if _, err := in.ReadAt(tail, size-int64(len(tail))); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	end := strings.LastIndex(string(tail), "PK\x05\x06")
	if end < 0 || end+22 > len(tail) {
		return nil, &tabular.Fault{Code: "archive_broken", Byte: -1}
	}
	long := int64(binary.LittleEndian.Uint32(tail[end+12:]))
	if long == 0xFFFFFFFF {
		if at := strings.LastIndex(string(tail[:end]), "PK\x06\x06"); at >= 0 && at+48 <= len(tail) {
			long = int64(binary.LittleEndian.Uint64(tail[at+40:]))
		}
	}
	from := int64(binary.LittleEndian.Uint32(tail[end+16:]))
	var mark [4]byte
	if _, err := in.ReadAt(mark[:], from); err == nil && string(mark[:]) == "PK\x01\x02" {
		long = max(long, size-int64(len(tail)-end)-from)
	}
	if long > maxDirectory || long < 0 {
		return nil, tooMany
	}
	z, err := zip.NewReader(in, size)
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) {
		return nil, broken(err)
	}
	if len(z.File) > tabular.MaxEntries {
		return nil, tooMany
	}
	return z, nil
}

// partsOf says what a zip is by its parts: a workbook, a document; "" for an archive.
func partsOf(z *zip.Reader) string {
	names := map[string]*zip.File{}
	for _, f := range z.File {
		names[f.Name] = f
	}
	has := func(name string) bool { return names[name] != nil }
	switch {
	case has("[Content_Types].xml") && has("xl/workbook.xml"):
		return kindXLSX
	case has("xl/workbook.bin"):
		return "xlsb"
	case has("[Content_Types].xml"):
		return kindOffice
	case has("META-INF/MANIFEST.MF"), has("AndroidManifest.xml"):
		return kindProgram
	case !has("mimetype"):
		return ""
	}
	r, err := names["mimetype"].Open()
	if err != nil {
		return ""
	}
	defer r.Close()
	kind, _ := io.ReadAll(io.LimitReader(r, 200))
	switch text := strings.TrimSpace(string(kind)); {
	case strings.HasPrefix(text, "application/vnd.oasis.opendocument.spreadsheet"):
		return kindODS
	case strings.HasPrefix(text, "application/"):
		return kindOffice
	}
	return ""
}

// shapes brings the files of each Shapefile together under one base name, in a folder
// of their own, and leaves the rest.
func (u *unpacker) shapes(members []member) ([]member, error) {
	groups := map[string]map[string]member{}
	for _, m := range members {
		ending := strings.ToLower(path.Ext(m.name))
		switch ending {
		case ".shp", ".dbf", ".shx", ".prj", ".cpg", ".cst":
			if groups[m.stem] == nil {
				groups[m.stem] = map[string]member{}
			}
			groups[m.stem][ending] = m
		}
	}
	var out []member
	for _, m := range members {
		ending := strings.ToLower(path.Ext(m.name))
		group := groups[m.stem]
		if group == nil || group[".shp"].path == "" || group[ending].path != m.path {
			out = append(out, m)
			continue
		}
		to := group[".shp"].path + "-capa" + ending
		if err := os.Rename(m.path, to); err != nil {
			return nil, err
		}
		if ending == ".shp" {
			out = append(out, member{name: m.name, path: to, kind: kindShape})
		}
	}
	return out, nil
}

// openAll opens the tables among members. What holds none is skipped with its reason;
// when nothing holds one, the only reason there is ends it all.
func (u *unpacker) openAll(ctx context.Context, f tabular.File, members []member) error {
	unique(members)
	able := 0
	for _, m := range members {
		if refusal(m.kind) == nil {
			able++
		}
	}
	var last error
	for _, m := range members {
		if len(u.found.Tables) >= tabular.MaxTables {
			u.skip(m.name, "too_many_tables")
			continue
		}
		prefix := ""
		if able > 1 {
			prefix = m.name
		}
		tables, err := u.openers.table(ctx, tabular.File{Path: m.path, Name: m.name, Scratch: u.folder, Fix: fixOf(f.Fix, prefix)}, m.kind)
		var fault *tabular.Fault
		if err != nil && !errors.As(err, &fault) {
			return err
		}
		if err != nil {
			fault.Table = prefix
			last = fault
			u.skip(m.name, whyOf(fault))
			continue
		}
		for _, src := range tables {
			src.Name = named(prefix, src.Name)
		}
		u.found.Tables = append(u.found.Tables, tables...)
	}
	switch {
	case len(u.found.Tables) > 0:
		return nil
	case last != nil && len(u.found.Skipped) == 1:
		return last
	}
	return &tabular.Fault{Code: "no_tables", Byte: -1}
}

// whyOf is a fault's code as the reason of a member, whose sentence has no arguments.
func whyOf(f *tabular.Fault) string {
	switch {
	case f.Code == "not_a_table":
		return "member_not_a_table"
	case f.Code == "not_supported":
		return "member_not_supported"
	case len(f.Args) > 0:
		return "member_refused"
	}
	return f.Code
}

// named is a table's name within the member that it lies in.
func named(member, table string) string {
	switch {
	case member == "":
		return table
	case table == "":
		return member
	}
	return member + " · " + table
}

// fixOf asks for the correction of a member's table by the name it has in the file.
func fixOf(fix func(string) tabular.Correction, member string) func(string) tabular.Correction {
	if fix == nil {
		return nil
	}
	return func(table string) tabular.Correction { return fix(named(member, table)) }
}

// unique makes the names of members differ, for two folders may hold the same.
func unique(members []member) {
	seen := map[string]int{}
	for i, m := range members {
		if seen[m.name]++; seen[m.name] > 1 {
			ending := path.Ext(m.name)
			members[i].name = strings.TrimSuffix(m.name, ending) + " (" + strconv.Itoa(seen[m.name]) + ")" + ending
		}
	}
}
