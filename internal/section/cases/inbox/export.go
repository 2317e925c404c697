package inbox

import (
	"context"
	"encoding/csv"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"plaza/internal/base/db"
	"plaza/internal/base/i18n"
	"plaza/internal/civic/access"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/moderation"
	"plaza/internal/section/cases"
)

// exported is how many cases are read at a time.
const exported = 200

// exporter takes everything of an institution out: never who asked, beyond the name that
// they chose, and never an address.
type exporter struct {
	b     *Inbox
	l     *i18n.Printer
	at    place
	zone  *time.Location
	notes bool // with what is for the institution alone
}

// pieceOf is some cases with everything of them.
type pieceOf struct {
	list    []cases.Case
	tell    *teller
	steps   []cases.Step
	answers []cases.Answer
	notes   map[string]string
	folios  map[string]string
}

func (b *Inbox) exporter(r *http.Request) (*exporter, error) {
	e := &exporter{b: b, l: b.shell.Printer(r)}
	err := b.DB.Read(r.Context(), func(tx *db.Tx) error {
		p, at, err := b.at(tx, r, access.CaseDraft, "")
		e.at, e.notes = at, err == nil && at.may(p, access.CaseNote)
		return err
	})
	if err != nil {
		return nil, err
	}
	if e.zone, err = time.LoadLocation(e.at.Zone); err != nil {
		e.zone = time.UTC
	}
	return e, nil
}

// each calls f with all cases of the institution, some at a time, newest first. whole
// reads their steps and answers too.
func (e *exporter) each(ctx context.Context, whole bool, f func(p pieceOf) error) error {
	for after := (cases.Key{}); ; {
		p := pieceOf{notes: map[string]string{}, folios: map[string]string{}}
		if err := e.b.DB.Read(ctx, func(tx *db.Tx) error { return e.read(tx, &p, after, whole) }); err != nil {
			return err
		}
		if len(p.list) > 0 {
			if err := f(p); err != nil {
				return err
			}
			after = cases.KeyOf(p.list[len(p.list)-1], cases.Newest)
		}
		if len(p.list) < exported {
			return nil
		}
	}
}

func (e *exporter) read(tx *db.Tx, p *pieceOf, after cases.Key, whole bool) (err error) {
	if p.list, err = cases.List(tx, cases.Filter{Bodies: []string{e.at.ID}}, cases.Newest, after, exported); err != nil {
		return err
	}
	ids := make([]string, len(p.list))
	for i, c := range p.list {
		ids[i], p.folios[c.ID] = c.ID, c.Folio
	}
	if p.tell, err = e.b.teller(tx, e.l, e.at, p.list); err != nil {
		return err
	}
	if e.notes {
		if p.notes, err = notesOf(tx, e.at.ID, ids); err != nil {
			return err
		}
	}
	if !whole {
		return nil
	}
	if p.steps, err = cases.StepsOf(tx, ids...); err != nil {
		return err
	}
	p.answers, err = cases.AnswersOf(tx, ids...)
	return err
}

// notesOf are what an institution's people noted on cases, each case's as one text.
func notesOf(tx *db.Tx, body string, ids []string) (map[string]string, error) {
	out := map[string]string{}
	if len(ids) == 0 {
		return out, nil
	}
	_, err := db.All(tx, func(scan func(...any) error) (struct{}, error) {
		var id, said string
		err := scan(&id, &said)
		if out[id] != "" {
			said = out[id] + "\n\n" + said
		}
		out[id] = said
		return struct{}{}, err
	}, `SELECT case_id, body
		FROM case_notes
		WHERE institution = `+db.Placeholders(len(ids)+1, 1)+` AND case_id IN (`+db.Placeholders(1, len(ids))+`)
		ORDER BY case_id, at, id`, append(db.Args(ids), body)...)
	return out, err
}

// caseHeads are the columns of cases; the last ones are for the institution alone.
var (
	caseHeads   = []string{"folio", "kind", "title", "text", "on", "column", "row", "unit", "by", "channel", "state", "progress", "reason", "outcome", "supports", "asked", "published", "acknowledged", "due", "answered", "settled"}
	noteHeads   = []string{"need", "notes"}
	stepHeads   = []string{"folio", "at", "step", "as", "text", "unit", "due", "until", "days"}
	answerHeads = []string{"folio", "version", "at", "outcome", "summary", "text", "ground", "alternative", "appeal", "planned", "promise", "as", "signed", "why"}
)

// word puts a value that is kept as a key into words.
func (e *exporter) word(prefix, key string) string {
	if key == "" {
		return ""
	}
	return e.l.T(prefix + key)
}

// when is an instant in the institution's zone, nothing for none.
func (e *exporter) when(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.In(e.zone)
}

// last is the last day that is in time.
func (e *exporter) last(due time.Time) any {
	if due.IsZero() {
		return nil
	}
	return due.Add(-time.Millisecond).In(e.zone)
}

func (e *exporter) caseRow(p pieceOf, c cases.Case) []any {
	out := []any{c.Folio, e.word("cases.kind.", string(c.Kind)), c.Title, c.Body, p.tell.cards[c.On.Ref].Title, c.On.Column, c.On.Row,
		p.tell.units[c.Unit], p.tell.by(c), e.word("cases.channel.", string(c.Channel)), e.word("cases.state.", string(c.State)),
		e.word("cases.progress.", string(c.Progress)), e.word("cases.reason.", string(c.Reason)), e.word("cases.outcome.", string(c.Outcome)),
		c.Supports, e.when(c.Asked), e.when(c.Published), e.when(c.Acknowledged), e.last(c.Due), e.when(c.FirstAnswer), e.when(c.Settled)}
	if e.notes {
		out = append(out, c.Need, p.notes[c.ID])
	}
	return out
}

func (e *exporter) stepRow(p pieceOf, s cases.Step) []any {
	body := s.Body
	if s.Standing != moderation.Public {
		body = ""
	}
	var days any
	if s.Facts.Days > 0 {
		days = s.Facts.Days
	}
	return []any{p.folios[s.Case], e.when(s.At), e.word("inbox.step.", string(s.Kind)), e.voice(s.Voice), body, s.Facts.Unit, e.last(s.Facts.Due), e.last(s.Facts.Until), days}
}

func (e *exporter) answerRow(p pieceOf, a cases.Answer) []any {
	planned := any(nil)
	if t, err := time.ParseInLocation(time.DateOnly, a.PlannedOn, e.zone); err == nil {
		planned = t
	}
	return []any{p.folios[a.Case], a.Version, e.when(a.At), e.word("cases.outcome.", string(a.Outcome)), a.Summary, a.Body, e.word("cases.ground.", a.Ground),
		a.Alternative, a.Appeal, planned, a.Promise, e.voice(a.Voice), e.voice(a.Signed), a.Why}
}

// voice is as whom an official acted: never the person.
func (e *exporter) voice(v institution.Voice) string {
	if v.Own() {
		return ""
	}
	parts := []string{e.l.T("access.role." + string(v.Role))}
	for _, s := range []string{v.Unit, v.Name} {
		if s != "" {
			parts = append(parts, s)
		}
	}
	return strings.Join(parts, ", ")
}

func (e *exporter) heads(names []string) []any {
	out := make([]any, len(names))
	for i, n := range names {
		out[i] = e.l.T("inbox.head." + n)
	}
	return out
}

// sheet writes one sheet of a workbook, row after row.
type sheet struct {
	w    *excelize.StreamWriter
	next int
	date int // the style of instants
}

func (s *sheet) add(cells []any) error {
	for i, c := range cells {
		if _, ok := c.(time.Time); ok {
			cells[i] = excelize.Cell{StyleID: s.date, Value: c}
		}
	}
	s.next++
	return s.w.SetRow(fmt.Sprint("A", s.next), cells)
}

// newSheet begins a sheet with its heads.
func newSheet(book *excelize.File, name string, heads []any, date int) (*sheet, error) {
	if _, err := book.NewSheet(name); err != nil {
		return nil, err
	}
	w, err := book.NewStreamWriter(name)
	if err != nil {
		return nil, err
	}
	if err := w.SetColWidth(1, len(heads), 22); err != nil {
		return nil, err
	}
	if err := w.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return nil, err
	}
	s := &sheet{w: w, date: date}
	return s, s.add(heads)
}

// xlsx sends everything of an institution as a workbook: texts are texts, so that none is
// taken as a formula, and instants are dates.
func (b *Inbox) xlsx(w http.ResponseWriter, r *http.Request) error {
	e, err := b.exporter(r)
	if err != nil {
		return err
	}
	book := excelize.NewFile()
	defer book.Close()
	if err := e.fill(r.Context(), book); err != nil {
		return fmt.Errorf("writing the cases of an institution: %w", err)
	}
	return sendBook(w, book, "consultas.xlsx")
}

func (e *exporter) fill(ctx context.Context, book *excelize.File) error {
	format := "yyyy-mm-dd hh:mm"
	date, err := book.NewStyle(&excelize.Style{CustomNumFmt: &format})
	if err != nil {
		return err
	}
	heads := caseHeads
	if e.notes {
		heads = slices.Concat(caseHeads, noteHeads)
	}
	var all []*sheet
	for i, names := range [][]string{heads, stepHeads, answerHeads} {
		s, err := newSheet(book, e.l.T("inbox.sheet."+[]string{"cases", "steps", "answers"}[i]), e.heads(names), date)
		if err != nil {
			return err
		}
		all = append(all, s)
	}
	if err := e.each(ctx, true, func(p pieceOf) error { return e.addPiece(p, all) }); err != nil {
		return err
	}
	for _, s := range all {
		if err := s.w.Flush(); err != nil {
			return err
		}
	}
	return book.DeleteSheet("Sheet1")
}

func (e *exporter) addPiece(p pieceOf, all []*sheet) error {
	for _, c := range p.list {
		if err := all[0].add(e.caseRow(p, c)); err != nil {
			return err
		}
	}
	for _, s := range p.steps {
		if err := all[1].add(e.stepRow(p, s)); err != nil {
			return err
		}
	}
	for _, a := range p.answers {
		if err := all[2].add(e.answerRow(p, a)); err != nil {
			return err
		}
	}
	return nil
}

// csv sends the cases of an institution as separated values.
func (b *Inbox) csv(w http.ResponseWriter, r *http.Request) error {
	e, err := b.exporter(r)
	if err != nil {
		return err
	}
	heads := caseHeads
	if e.notes {
		heads = slices.Concat(caseHeads, noteHeads)
	}
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="consultas.csv"`)
	if r.Method == http.MethodHead {
		return nil
	}
	if _, err := w.Write([]byte("\xef\xbb\xbf")); err != nil { // spreadsheets read the accents by it
		return err
	}
	out := csv.NewWriter(w)
	if err := out.Write(plainCells(e.heads(heads))); err != nil {
		return err
	}
	return e.each(r.Context(), false, func(p pieceOf) error {
		for _, c := range p.list {
			if err := out.Write(plainCells(e.caseRow(p, c))); err != nil {
				return err
			}
		}
		out.Flush()
		return out.Error()
	})
}

// plainCells are cells as texts that no spreadsheet takes for a formula.
func plainCells(cells []any) []string {
	out := make([]string, len(cells))
	for i, c := range cells {
		switch v := c.(type) {
		case nil:
		case time.Time:
			out[i] = v.Format("2006-01-02 15:04")
		case string:
			if out[i] = v; v != "" && strings.ContainsRune("=+-@\t\r", rune(v[0])) {
				out[i] = "'" + v
			}
		default:
			out[i] = fmt.Sprint(v)
		}
	}
	return out
}
