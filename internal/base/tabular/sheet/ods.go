package sheet

import (
	"context"
	"io"

	"plaza/internal/base/tabular"
)

// odsContent is the part that holds all sheets.
const odsContent = "content.xml"

// maxRepeated is how many cells repetitions may stand for in one sheet.
const maxRepeated = 50_000_000

// ODS finds the tables of an OpenDocument spreadsheet: one for each visible sheet that
// holds one. It is a tabular.Opener.
func ODS(ctx context.Context, f tabular.File) ([]*tabular.Source, error) {
	a, err := openArchive(f)
	if err != nil {
		return nil, err
	}
	err = a.each(ctx, "META-INF/manifest.xml", func(s *scanner) error {
		if s.open && string(s.name) == "encryption-data" {
			return fault("encrypted", nil)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if _, ok := a.members[odsContent]; !ok {
		return nil, fault("sheet_no_workbook", nil)
	}
	all, err := openContent(a)
	if err != nil {
		return nil, err
	}
	defer all.p.Close()
	var out []*tabular.Source
	for {
		name, hidden, err := all.sheet()
		if err == io.EOF {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		if hidden {
			continue
		}
		s, err := sheet{name: name, format: "ods", part: odsContent, grid: all}.source(ctx, f)
		if err != nil {
			return nil, err
		}
		if s != nil {
			out = append(out, s)
		}
		if len(out) > tabular.MaxTables {
			return nil, fault("too_many_tables", nil, "max", tabular.MaxTables)
		}
	}
}

// content is the grids of all sheets, one after the other.
type content struct {
	s      *scanner
	p      *part
	hidden map[string]bool // styles of tables that are not shown
	style  string          // the one that is being read

	within bool  // a sheet
	line   int64 // last row of it
	nested int   // tables within cells
	spent  int64 // cells that repetitions stood for
	data   []byte
	cells  []cell
	at     []int
	merge  []merged
}

func openContent(a *archive) (*content, error) {
	s, p, err := a.scan(odsContent)
	if err != nil {
		return nil, err
	}
	return &content{s: s, p: p, hidden: map[string]bool{}}, nil
}

func (g *content) merges() []merged { return g.merge }
func (g *content) progress() int64  { return g.s.offset() }

// sheet goes to the next sheet, passing over what is left of the one before.
func (g *content) sheet() (name string, hidden bool, err error) {
	for {
		err := g.s.next()
		if err == io.EOF {
			return "", false, io.EOF
		}
		if err != nil {
			return "", false, wrong(err, odsContent, g.s)
		}
		switch string(g.s.name) {
		case "style":
			g.style = ""
			if g.s.open && string(g.s.attr("family")) == "table" {
				g.style = string(g.s.attr("name"))
			}
		case "table-properties":
			if g.s.open && g.style != "" && string(g.s.attr("display")) == "false" && len(g.hidden) < 1<<16 {
				g.hidden[g.style] = true
			}
		case "table":
			if !g.s.open {
				g.nested = max(g.nested-1, 0)
				continue
			}
			if g.nested > 0 {
				g.nested++
				continue
			}
			g.within, g.line, g.spent = !g.s.close, 0, 0
			g.nested = 0
			if g.within {
				g.nested = 1
			}
			g.merge = nil
			return string(g.s.attr("name")), g.hidden[string(g.s.attr("style-name"))], nil
		}
	}
}

// row reads up to the end of the next row that has a cell with a value.
func (g *content) row() (int64, int64, []cell, error) {
	for g.within {
		if err := g.s.next(); err != nil {
			return 0, 0, nil, at(wrong(inside(err), odsContent, g.s), g.line)
		}
		switch string(g.s.name) {
		case "table":
			switch {
			case g.s.open && !g.s.close:
				g.nested++
			case !g.s.open:
				g.nested--
				g.within = g.nested > 0
			}
		case "table-row":
			if !g.s.open || g.nested > 1 {
				continue
			}
			repeat := max(g.s.number("number-rows-repeated", 1), 1)
			line := g.line + 1
			if err := g.one(line); err != nil {
				return 0, 0, nil, at(wrong(err, odsContent, g.s), line)
			}
			g.line = min(g.line+repeat, maxSheetRows)
			if len(g.cells) == 0 {
				continue
			}
			if g.spent += (repeat - 1) * int64(len(g.cells)); g.spent > maxRepeated || repeat > maxRepeated {
				return 0, 0, nil, fault("sheet_bomb", nil, "part", odsContent)
			}
			if line >= maxSheetRows {
				return 0, 0, nil, fault("sheet_rows", nil, "n", line, "max", int64(maxSheetRows))
			}
			return line, repeat, g.cells, nil
		}
	}
	return 0, 0, nil, io.EOF
}

// one reads the cells of the row whose tag was found.
func (g *content) one(line int64) error {
	g.data, g.cells, g.at = g.data[:0], g.cells[:0], g.at[:0]
	if g.s.close {
		return nil
	}
	col := 0
	for {
		if err := g.s.next(); err != nil {
			return inside(err)
		}
		if !g.s.open {
			if string(g.s.name) == "table-row" {
				break
			}
			continue
		}
		covered := string(g.s.name) == "covered-table-cell"
		if !covered && string(g.s.name) != "table-cell" {
			if err := g.s.leave(); err != nil {
				return err
			}
			continue
		}
		n := int(min(max(g.s.number("number-columns-repeated", 1), 1), 1<<24))
		if err := g.cell(line, col, n, covered); err != nil {
			return err
		}
		col = min(col+n, 1<<24)
	}
	for i := range g.cells {
		g.cells[i].text = g.data[g.at[2*i]:g.at[2*i+1]]
	}
	return nil
}

// cell reads the cell whose tag was found, which stands n times from col on.
func (g *content) cell(line int64, col, n int, covered bool) error {
	wide, high := g.s.number("number-columns-spanned", 1), g.s.number("number-rows-spanned", 1)
	if (wide > 1 || high > 1) && wide <= maxSheetColumns && high <= maxSheetRows && len(g.merge) < maxMerged && !covered {
		g.merge = append(g.merge, merged{top: line, bottom: line + max(high, 1) - 1, left: col, right: col + int(max(wide, 1)) - 1})
	}
	v := odsValue{}
	v.read(g.s)
	from := len(g.data)
	var err error
	if g.data, err = paragraphs(g.s, g.data); err != nil {
		return err
	}
	var kind kind
	g.data, kind = v.text(g.data, from)
	if covered || blank(g.data[from:]) {
		g.data = g.data[:from]
		return nil
	}
	if col+n > maxSheetColumns {
		return fault("sheet_columns", nil, "n", col+n, "max", maxSheetColumns)
	}
	if len(g.data) > maxRowBytes {
		return errTooBig
	}
	if g.spent += int64(n - 1); g.spent > maxRepeated {
		return fault("sheet_bomb", nil, "part", odsContent)
	}
	for i := range n {
		g.cells = append(g.cells, cell{col: col + i, kind: kind})
		g.at = append(g.at, from, len(g.data))
	}
	return nil
}
