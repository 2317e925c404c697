package sheet

import (
	"context"
	"path"
	"strconv"
	"strings"

	"plaza/internal/base/tabular"
)

// workbook is an XLSX file: what its sheets share.
type workbook struct {
	*archive
	strings *texts
	formats []format // of each cell style
	y1904   bool     // days are counted from 1904
	sheets  []listed
}

// listed is a sheet as the workbook lists it.
type listed struct {
	name, id, part string
	hidden         bool
}

// XLSX finds the tables of an Excel workbook: one for each visible sheet that holds one.
// It is a tabular.Opener.
func XLSX(ctx context.Context, f tabular.File) ([]*tabular.Source, error) {
	w, err := openWorkbook(ctx, f)
	if err != nil {
		return nil, err
	}
	var out []*tabular.Source
	for _, one := range w.sheets {
		if one.hidden || one.part == "" {
			continue
		}
		if len(out) >= tabular.MaxTables {
			return nil, fault("too_many_tables", nil, "max", tabular.MaxTables)
		}
		s, err := w.source(ctx, f, one)
		if err != nil {
			return nil, err
		}
		if s != nil {
			out = append(out, s)
		}
	}
	return out, nil
}

// source is the Source of a sheet, nil when it holds no table.
func (w *workbook) source(ctx context.Context, f tabular.File, one listed) (*tabular.Source, error) {
	g, err := w.grid(one.part)
	if err != nil {
		return nil, named(err, one.name)
	}
	defer g.p.Close()
	return sheet{name: one.name, format: "xlsx", part: one.part, grid: g, shared: w.strings}.source(ctx, f)
}

// openWorkbook reads all that comes before the sheets.
func openWorkbook(ctx context.Context, f tabular.File) (*workbook, error) {
	a, err := openArchive(f)
	if err != nil {
		return nil, err
	}
	w := &workbook{archive: a}
	root, err := w.relations(ctx, "_rels/.rels", "")
	if err != nil {
		return nil, err
	}
	main := root.byType("officeDocument", "xl/workbook.xml")
	if strings.HasSuffix(main, ".bin") {
		return nil, fault("sheet_xlsb", nil)
	}
	if err := w.list(ctx, main); err != nil {
		return nil, err
	}
	dir := path.Dir(main)
	rels, err := w.relations(ctx, dir+"/_rels/"+path.Base(main)+".rels", dir)
	if err != nil {
		return nil, err
	}
	w.locate(rels, dir)
	if w.formats, err = w.styles(ctx, rels.byType("styles", dir+"/styles.xml")); err != nil {
		return nil, err
	}
	w.strings, err = readStrings(ctx, a, rels.byType("sharedStrings", dir+"/sharedStrings.xml"))
	return w, err
}

// relation is what one part says of another.
type relation struct{ kind, target string }

// relations are by their id.
type relations map[string]relation

// byType is the target of the one relation of a type, or what programs usually write.
func (r relations) byType(kind, usual string) string {
	for _, one := range r {
		if one.kind == kind {
			return one.target
		}
	}
	return usual
}

// relations reads a part of relations; targets are as seen from dir. Those that lead
// out of the file are left out: nothing is fetched.
func (w *workbook) relations(ctx context.Context, name, dir string) (relations, error) {
	out := relations{}
	err := w.each(ctx, name, func(s *scanner) error {
		if !s.open || string(s.name) != "Relationship" || string(s.attr("TargetMode")) == "External" {
			return nil
		}
		target := strings.ReplaceAll(string(s.attr("Target")), `\`, "/")
		if !strings.HasPrefix(target, "/") {
			target = path.Join("/"+dir, target)
		}
		out[string(s.attr("Id"))] = relation{kind: path.Base(string(s.attr("Type"))), target: path.Clean(target)[1:]}
		return nil
	})
	return out, err
}

// list reads which sheets there are.
func (w *workbook) list(ctx context.Context, main string) error {
	if _, ok := w.members[clean(main)]; !ok {
		return fault("sheet_no_workbook", nil)
	}
	return w.each(ctx, main, func(s *scanner) error {
		switch {
		case !s.open:
		case string(s.name) == "workbookPr":
			on := string(s.attr("date1904"))
			w.y1904 = on == "1" || on == "true"
		case string(s.name) == "sheet" && len(w.sheets) < 10*tabular.MaxTables:
			state := string(s.attr("state"))
			w.sheets = append(w.sheets, listed{
				name:   string(unescape([]byte(string(s.attr("name"))))),
				id:     string(s.attr("id")),
				hidden: state == "hidden" || state == "veryHidden",
			})
		}
		return nil
	})
}

// locate finds the part of each sheet. Charts and dialogs are no sheets.
func (w *workbook) locate(rels relations, dir string) {
	for i := range w.sheets {
		one := &w.sheets[i]
		rel, ok := rels[one.id]
		switch {
		case ok && rel.kind == "worksheet":
			one.part = rel.target
		case !ok:
			one.part = dir + "/worksheets/sheet" + strconv.Itoa(i+1) + ".xml"
		}
		if _, there := w.members[clean(one.part)]; !there && !ok {
			one.part = ""
		}
	}
}

// styles reads the format of each cell style.
func (w *workbook) styles(ctx context.Context, name string) ([]format, error) {
	custom := map[int]format{}
	var out []format
	inside := false
	err := w.each(ctx, name, func(s *scanner) error {
		switch string(s.name) {
		case "numFmt":
			if s.open && len(custom) < 1<<16 {
				custom[int(s.number("numFmtId", -1))] = parseFormat(string(s.attr("formatCode")))
			}
		case "cellXfs":
			inside = s.open && !s.close
		case "xf":
			if !s.open || !inside || len(out) >= 1<<17 {
				return nil
			}
			id := int(s.number("numFmtId", 0))
			f, ok := custom[id]
			if !ok {
				f = builtin(id)
			}
			out = append(out, f)
		}
		return nil
	})
	return out, err
}
