package cases

import "plaza/internal/base/i18n"

// fileView is a file on a page.
type fileView struct {
	Name, Path string
	What       string // its type and its size, in words
}

// filesAt are those files of a case, out of all, that belong to a place.
func filesAt(l *i18n.Printer, folio string, all []File, place, id string) (out []fileView) {
	for _, f := range all {
		if f.Place == place && f.PlaceID == id {
			out = append(out, fileView{f.Name, f.Path(folio), l.T("cases.file.what", "type", l.T("cases.file"+fileTypes[f.Media]), "size", l.Bytes(f.Size))})
		}
	}
	return out
}

// CaseFile is a file as programs read it.
type CaseFile struct {
	Name  string `json:"name" doc:"cases.api.file.name"`
	Media string `json:"media_type" doc:"cases.api.file.media"`
	Bytes int64  `json:"bytes" doc:"cases.api.file.bytes"`
	URL   string `json:"url" format:"uri" doc:"cases.api.file.url"`
}

// apiFiles are those files of a case, out of all, that belong to a place.
func (cs *Cases) apiFiles(c Case, all []File, place, id string) []CaseFile {
	out := []CaseFile{}
	for _, f := range all {
		if f.Place == place && f.PlaceID == id {
			out = append(out, CaseFile{f.Name, f.Media, f.Size, cs.shell.URL(f.Path(c.Folio))})
		}
	}
	return out
}
