package inbox

import (
	"encoding/csv"
	"net/http"
	"strings"

	"plaza/internal/base/db"
	"plaza/internal/base/i18n"
	"plaza/internal/base/web"
	"plaza/internal/civic/access"
)

// previewPage is what was found in a file, while it is imported, and what became of it.
type previewPage struct {
	web.Page
	Path     string
	Again    string // path of the form for another file
	Back     string // path of the inbox
	Refused  string // path of the rows that cannot be imported, "" for none
	Lead     string
	Notices  []web.Notice
	Progress *web.Progress
	Wrong    []wrongRow
	MoreBad  string // how many wrong ones are not shown
	Good     []goodRow
	More     string // how many good ones are not shown
	Save     string // words of the button, "" when nothing is to be imported
	Stop     bool   // it runs: it can be stopped
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

// How many rows a preview shows, of those that are well and of those that are not: all of
// these can be downloaded.
const (
	shownGood  = 20
	shownWrong = 200
)

// refusedPiece is how many rows one read of the download holds in memory.
const refusedPiece = 500

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
		page.Path = page.Again + "/hoja/" + i.ID
		page.fill(i)
		return b.fillRows(tx, at, page, i)
	}); err != nil {
		return err
	}
	if page.Stop {
		w.Header().Set("Refresh", "5") // it goes on, and the page needs no script to say so
	}
	return b.shell.Render(w, r, http.StatusOK, "case-inbox/preview", page)
}

// fill says what was found, and what became of it.
func (p *previewPage) fill(i imported) {
	l := p.L
	p.Lead = l.T("inbox.import.lead", "name", i.Name, "count", i.Total)
	add := func(tone web.Tone, text string) {
		p.Notices = append(p.Notices, web.Notice{Tone: tone, Text: text, Live: true})
	}
	switch i.State {
	case isRunning:
		p.Stop = true
		p.Progress = &web.Progress{L: l, Label: l.T("inbox.import.running"), Done: i.done(), Total: i.done() + i.Waiting, Note: l.T("inbox.import.leave")}
	case isStopped:
		add(web.Warning, l.T("inbox.import.stopped"))
		if i.Why != "" {
			add(web.Warning, l.T("inbox.import.why."+i.Why))
		}
	case isBroken:
		add(web.Bad, l.T("inbox.import.failed"))
	}
	if i.Run > 0 {
		add(web.Good, l.T("inbox.import.made", "count", i.Made))
		if i.Known > 0 {
			add(web.Info, l.T("inbox.import.known", "count", i.Known))
		}
		if i.refused() > 0 {
			add(web.Warning, l.T("inbox.import.refused", "count", i.refused()))
		}
	}
	switch {
	case p.Stop || i.Waiting == 0:
	case i.Run > 0:
		p.Save = l.T("inbox.import.go_on", "count", i.Waiting)
	default:
		p.Save = l.T("inbox.import.do", "count", i.Waiting)
	}
	if i.Broken > 0 {
		add(web.Warning, l.T("inbox.import.broken", "row", i.Broken))
	}
	if _, unknown := columnsOf(i.Heads); len(unknown) > 0 {
		add(web.Info, l.T("inbox.import.unknown", "names", strings.Join(unknown, ", ")))
	}
}

// fillRows shows some rows: those that wait, and those that cannot be imported.
func (b *Inbox) fillRows(tx *db.Tx, at place, p *previewPage, i imported) error {
	l := p.L
	where, _ := columnsOf(i.Heads)
	if n := i.refused(); n > 0 {
		p.Refused = p.Path + "/rechazadas.csv"
		rows, err := rowsOf(tx, i.ID, rowRefused, 0, shownWrong)
		if err != nil {
			return err
		}
		for _, r := range rows {
			row := wrongRow{N: r.N}
			if c, ok := where[colTitle]; ok && c < len(r.Cells) {
				row.Title = clipped(r.Cells[c])
			}
			for _, f := range r.Wrong {
				row.Faults = append(row.Faults, wrongCell{l.T("inbox.column." + string(f.Column)), f.Value, l.TMap(f.Key, whole(f.Args))})
			}
			p.Wrong = append(p.Wrong, row)
		}
		if n > len(rows) {
			p.MoreBad = l.T("inbox.import.more", "count", n-len(rows))
		}
	}
	if p.Stop || i.Waiting == 0 {
		return nil
	}
	units, err := b.units(tx, at)
	if err != nil {
		return err
	}
	rows, err := rowsOf(tx, i.ID, rowWaits, 0, shownGood)
	read := newReader(at, units, tx.Now)
	for _, r := range rows {
		p.Good = append(p.Good, goodLine(l, read.entry(row{r.N, r.Cells}, where)))
	}
	if i.Waiting > len(rows) {
		p.More = l.T("inbox.import.more", "count", i.Waiting-len(rows))
	}
	return err
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

// runImport begins the import of a file, stops it, goes on with it, or forgets the file.
func (b *Inbox) runImport(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	path := ""
	if err := b.DB.Write(r.Context(), func(tx *db.Tx) error {
		_, at, err := b.at(tx, r, access.CaseHandle, "")
		if err != nil {
			return err
		}
		i, err := importByID(tx, at.ID, r.PathValue("import"))
		if err != nil {
			return err
		}
		path = at.Base + "/importar/hoja/" + i.ID
		switch form.Value("hacer") {
		case "detener":
			return stopImport(tx, i, "")
		case "quitar":
			path = at.Base + "/importar"
			return dropImport(tx, i)
		}
		return beginImport(tx, i)
	}); err != nil {
		return err
	}
	http.Redirect(w, r, path, http.StatusSeeOther)
	return nil
}

// refused sends the rows that cannot be imported as they were sent, with what is wrong with
// each, so that they can be corrected and sent again.
func (b *Inbox) refused(w http.ResponseWriter, r *http.Request) error {
	var i imported
	if err := b.DB.Read(r.Context(), func(tx *db.Tx) error {
		_, at, err := b.at(tx, r, access.CaseHandle, "")
		if err != nil {
			return err
		}
		i, err = importByID(tx, at.ID, r.PathValue("import"))
		return err
	}); err != nil {
		return err
	}
	l := b.shell.Printer(r)
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="rechazadas.csv"`)
	if r.Method == http.MethodHead {
		return nil
	}
	if _, err := w.Write([]byte("\xef\xbb\xbf")); err != nil { // spreadsheets read the accents by it
		return err
	}
	out := csv.NewWriter(w)
	if err := out.Write(plainCells(refusedRow(i.Heads, len(i.Heads), l.T("inbox.import.row"), l.T("inbox.import.what")))); err != nil {
		return err
	}
	for after, more := 0, true; more; {
		var rows []keptRow
		if err := b.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
			rows, err = rowsOf(tx, i.ID, rowRefused, after, refusedPiece)
			return err
		}); err != nil {
			return err
		}
		for _, row := range rows {
			var said []string
			for _, f := range row.Wrong {
				said = append(said, l.T("inbox.column."+string(f.Column))+": "+l.TMap(f.Key, whole(f.Args)))
			}
			if err := out.Write(plainCells(refusedRow(row.Cells, len(i.Heads), row.N, strings.Join(said, "; ")))); err != nil {
				return err
			}
			after = row.N
		}
		if out.Flush(); out.Error() != nil {
			return out.Error()
		}
		more = len(rows) == refusedPiece
	}
	return nil
}

// refusedRow are the cells of a row as it was sent, with two more.
func refusedRow(cells []string, heads int, more ...any) []any {
	out := make([]any, heads, heads+len(more))
	for n := range out {
		if n < len(cells) {
			out[n] = cells[n]
		}
	}
	return append(out, more...)
}
