package inbox

import (
	"context"
	"fmt"
	"net/http"

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
	Files   []importLine
}

// importLine is a file that is not forgotten.
type importLine struct{ Name, Path, When, Standing string }

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
		if err != nil {
			return err
		}
		all, err := importsOf(tx, at.ID)
		for _, i := range all {
			page.Files = append(page.Files, importLine{i.Name, page.Path + "/hoja/" + i.ID, p.L.DateTime(i.At), p.L.T("inbox.import.state."+string(i.State), "count", i.done(), "total", i.done()+i.Waiting)})
		}
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
	path, err := b.keepFile(r, file)
	if plaza.KindOf(err) == plaza.Invalid {
		return b.drawImport(w, r, http.StatusUnprocessableEntity, web.FieldErrors(b.shell.Printer(r), err)["archivo"])
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, path, http.StatusSeeOther)
	return nil
}

// keepFile checks a file and stores what it says: the path of the page that shows it. It is
// read one at a time, before the transaction, as that takes its time and memory.
func (b *Inbox) keepFile(r *http.Request, file web.File) (path string, err error) {
	var read reader
	var at place
	if err := b.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
		if _, at, err = b.at(tx, r, access.CaseHandle, ""); err != nil {
			return err
		}
		units, err := b.units(tx, at)
		read = newReader(at, units, tx.Now)
		return err
	}); err != nil {
		return "", err
	}
	i := imported{Institution: at.ID, Person: b.shell.Page(r, "").Actor.PersonID, Name: clipped(file.Name)}
	rows, err := func() ([]keptRow, error) {
		select {
		case b.reads <- struct{}{}:
			defer func() { <-b.reads }()
		case <-r.Context().Done():
			return nil, context.Cause(r.Context())
		}
		lines, broken, err := readSheet(file.Body)
		if err != nil {
			return nil, err
		}
		i.Heads, i.Broken = lines[0].Cells, broken
		return read.check(lines)
	}()
	if err != nil {
		return "", err
	}
	err = b.DB.Write(r.Context(), func(tx *db.Tx) error {
		id, err := keepImport(tx, i, rows)
		path = at.Base + "/importar/hoja/" + id
		return err
	})
	return path, err
}

// units are the areas of a place; the coordination has none.
func (b *Inbox) units(tx *db.Tx, at place) ([]institution.Unit, error) {
	if at.ID == "" {
		return nil, nil
	}
	return institution.Units(tx, at.ID)
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
