package inbox

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/xuri/excelize/v2"

	"plaza/internal/base/db"
	"plaza/internal/base/i18n"
	"plaza/internal/base/web"
	"plaza/internal/civic/access"
	"plaza/internal/civic/institution"
	"plaza/internal/plaza"
)

// importPage takes a file.
type importPage struct {
	web.Page
	Path    string
	Sample  string
	File    web.Field
	Columns []web.Fact
}

// Errors is what is wrong with the file.
func (p importPage) Errors() web.ErrorSummary {
	return web.ErrorSummary{L: p.L, Fields: []web.Field{p.File}}
}

func (b *Inbox) importForm(w http.ResponseWriter, r *http.Request) error {
	return b.drawImport(w, r, http.StatusOK, "")
}

func (b *Inbox) drawImport(w http.ResponseWriter, r *http.Request, status int, wrong string) error {
	page := &importPage{}
	if err := b.DB.Read(r.Context(), func(tx *db.Tx) error {
		p, at, err := b.at(tx, r, access.CaseHandle, b.shell.Printer(r).T("inbox.import"))
		page.Page, page.Path, page.Sample = p, at.Base+"/importar", at.Base+"/importar/ejemplo.xlsx"
		return err
	}); err != nil {
		return err
	}
	l := page.L
	page.File = web.Field{L: l, Name: "archivo", Type: "file", Label: l.T("inbox.import.file"), Hint: l.T("inbox.import.file.hint", "rows", maxRows), Error: wrong}
	for _, c := range columns {
		page.Columns = append(page.Columns, web.Fact{Label: l.T("inbox.column." + string(c)), Text: l.T("inbox.column." + string(c) + ".note")})
	}
	return b.shell.Render(w, r, status, "case-inbox/import", page)
}

// upload reads a file and leads to what was found in it.
func (b *Inbox) upload(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	file, ok := form.File("archivo")
	if !ok {
		return b.drawImport(w, r, http.StatusUnprocessableEntity, b.shell.Printer(r).T("inbox.file.none"))
	}
	rows, broken, err := readSheet(file.Body)
	path := ""
	if err == nil {
		err = b.DB.Write(r.Context(), func(tx *db.Tx) error {
			p, at, err := b.at(tx, r, access.CaseHandle, "")
			if err != nil {
				return err
			}
			units, err := b.units(tx, at)
			if err != nil {
				return err
			}
			entries, unknown, err := newReader(at, units, tx.Now).entries(rows)
			if err != nil {
				return err
			}
			if len(entries) == 0 {
				return unreadable("empty", nil)
			}
			id, err := keepImport(tx, at.ID, p.Actor.PersonID, clipped(file.Name), content{entries, unknown, broken})
			path = at.Base + "/importar/hoja/" + id
			return err
		})
	}
	if plaza.KindOf(err) == plaza.Invalid {
		return b.drawImport(w, r, http.StatusUnprocessableEntity, web.FieldErrors(b.shell.Printer(r), err)["archivo"])
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, path, http.StatusSeeOther)
	return nil
}

// units are the areas of a place; the coordination has none.
func (b *Inbox) units(tx *db.Tx, at place) ([]institution.Unit, error) {
	if at.ID == "" {
		return nil, nil
	}
	return institution.Units(tx, at.ID)
}

// previewPage is what was found in a file, before and after it is imported.
type previewPage struct {
	web.Page
	Path    string
	Again   string // path of the form for another file
	Back    string // path of the inbox
	Lead    string
	Notices []web.Notice
	Wrong   []wrongRow
	Good    []goodRow
	More    string // how many good ones are not shown
	Save    string // words of the button, "" when nothing is to be imported
}

type wrongRow struct {
	N      int
	Title  string
	Faults []wrongCell
}

type wrongCell struct{ Column, Value, Text string }

type goodRow struct {
	N                                  int
	Received, Channel, Kind, Title, As string
}

// shownGood is how many of the rows that are well a preview shows.
const shownGood = 20

func (b *Inbox) preview(w http.ResponseWriter, r *http.Request) error {
	page := &previewPage{}
	if err := b.DB.Read(r.Context(), func(tx *db.Tx) error {
		p, at, err := b.at(tx, r, access.CaseHandle, b.shell.Printer(r).T("inbox.import.preview"))
		if err != nil {
			return err
		}
		page.Page, page.Back, page.Again = p, at.Base, at.Base+"/importar"
		page.Crumbs = append(page.Crumbs, web.Crumb{Title: p.L.T("inbox.import"), Path: page.Again})
		i, err := importByID(tx, at.ID, r.PathValue("import"))
		if err != nil {
			return err
		}
		page.Path = page.Again + "/" + i.ID
		page.fill(i)
		return nil
	}); err != nil {
		return err
	}
	return b.shell.Render(w, r, http.StatusOK, "case-inbox/preview", page)
}

// fill says what was found, and what became of it.
func (p *previewPage) fill(i imported) {
	l, good := p.L, i.Content.good()
	p.Lead = l.T("inbox.import.lead", "name", i.Name, "count", len(i.Content.Entries))
	add := func(tone web.Tone, text string) {
		p.Notices = append(p.Notices, web.Notice{Tone: tone, Text: text, Live: true})
	}
	if i.Next > 0 {
		add(web.Good, l.T("inbox.import.made", "count", i.Made))
		if i.Known > 0 {
			add(web.Info, l.T("inbox.import.known", "count", i.Known))
		}
	}
	switch left := good - i.Made - i.Known; {
	case i.finished() || left <= 0:
	case i.Next > 0:
		p.Save = l.T("inbox.import.go_on", "count", left)
	default:
		p.Save = l.T("inbox.import.do", "count", left)
	}
	if i.Content.Broken > 0 {
		add(web.Warning, l.T("inbox.import.broken", "row", i.Content.Broken))
	}
	if len(i.Content.Unknown) > 0 {
		add(web.Info, l.T("inbox.import.unknown", "names", strings.Join(i.Content.Unknown, ", ")))
	}
	for _, e := range i.Content.Entries {
		if len(e.Wrong) > 0 {
			row := wrongRow{N: e.N, Title: clipped(e.Form.Title)}
			for _, f := range e.Wrong {
				row.Faults = append(row.Faults, wrongCell{l.T("inbox.column." + string(f.Column)), f.Value, l.TMap(f.Key, whole(f.Args))})
			}
			p.Wrong = append(p.Wrong, row)
			continue
		}
		if len(p.Good) < shownGood {
			p.Good = append(p.Good, goodLine(l, e))
		}
	}
	if good > shownGood {
		p.More = l.T("inbox.import.more", "count", good-shownGood)
	}
}

// whole makes whole numbers of what JSON kept as any number.
func whole(args map[string]any) map[string]any {
	for k, v := range args {
		if f, ok := v.(float64); ok {
			args[k] = int(f)
		}
	}
	return args
}

func goodLine(l *i18n.Printer, e entry) goodRow {
	g := goodRow{N: e.N, Received: l.Date(e.Form.Received), Channel: l.T("cases.channel." + string(e.Form.Channel)),
		Kind: l.T("cases.kind." + string(e.Form.Kind)), Title: e.Form.Title, As: l.T("inbox.import.open")}
	if e.Done != nil {
		g.As = l.T("inbox.import.done", "date", l.PartialDate(e.Done.On))
	}
	return g
}

// runImport imports the good rows of a file.
func (b *Inbox) runImport(w http.ResponseWriter, r *http.Request) error {
	if _, err := web.ReadForm(r); err != nil {
		return err
	}
	var at place
	var i imported
	if err := b.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
		if _, at, err = b.at(tx, r, access.CaseHandle, ""); err != nil {
			return err
		}
		i, err = importByID(tx, at.ID, r.PathValue("import"))
		return err
	}); err != nil {
		return err
	}
	if err := b.importSome(r.Context(), at.ID, i); err != nil {
		return err
	}
	http.Redirect(w, r, at.Base+"/importar/hoja/"+i.ID, http.StatusSeeOther)
	return nil
}

// sample is a workbook to be filled in, with a sheet that says how.
func (b *Inbox) sample(w http.ResponseWriter, r *http.Request) error {
	var at place
	var units []institution.Unit
	if err := b.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
		if _, at, err = b.at(tx, r, access.CaseHandle, ""); err != nil {
			return err
		}
		units, err = b.units(tx, at)
		return err
	}); err != nil {
		return err
	}
	book, err := sampleBook(b.shell.Printer(r), units)
	if err != nil {
		return err
	}
	defer book.Close()
	return sendBook(w, book, "consultas-ejemplo.xlsx")
}

// sampleBook makes that workbook.
func sampleBook(l *i18n.Printer, units []institution.Unit) (*excelize.File, error) {
	book := excelize.NewFile()
	sheet, notes := l.T("inbox.sheet.cases"), l.T("inbox.sheet.notes")
	heading := make([]any, len(columns))
	said := [][]any{{l.T("inbox.sheet.column"), l.T("inbox.sheet.says")}}
	for i, c := range columns {
		heading[i] = l.T("inbox.column." + string(c))
		said = append(said, []any{heading[i], l.T("inbox.column." + string(c) + ".note")})
	}
	said = append(said, []any{}, []any{l.T("inbox.sheet.example")}, heading, []any{"2026-03-02", l.T("cases.channel.email"), l.T("cases.kind.question"),
		l.T("inbox.sheet.example.title"), l.T("inbox.sheet.example.text"), l.T("inbox.sheet.example.state"), l.T("inbox.sheet.example.answer"), "2026-03-10"}, []any{}, []any{l.T("inbox.sheet.units")})
	for _, u := range units {
		said = append(said, []any{u.Name})
	}
	if err := book.SetSheetName("Sheet1", sheet); err != nil {
		return nil, fmt.Errorf("the sample: %w", err)
	}
	if _, err := book.NewSheet(notes); err != nil {
		return nil, fmt.Errorf("the sample: %w", err)
	}
	if err := book.SetSheetRow(sheet, "A1", &heading); err != nil {
		return nil, fmt.Errorf("the sample: %w", err)
	}
	for i, line := range said {
		if err := book.SetSheetRow(notes, fmt.Sprint("A", i+1), &line); err != nil {
			return nil, fmt.Errorf("the sample: %w", err)
		}
	}
	for _, s := range []string{sheet, notes} {
		if err := book.SetColWidth(s, "A", "I", 26); err != nil {
			return nil, fmt.Errorf("the sample: %w", err)
		}
	}
	return book, nil
}

// sendBook sends a workbook as a file.
func sendBook(w http.ResponseWriter, book *excelize.File, name string) error {
	raw, err := book.WriteToBuffer()
	if err != nil {
		return fmt.Errorf("writing a workbook: %w", err)
	}
	w.Header().Set("Content-Type", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
	w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
	_, err = w.Write(raw.Bytes())
	return err
}
