package inbox

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"plaza/internal/base/text"
	"plaza/internal/civic/institution"
	"plaza/internal/plaza"
	"plaza/internal/section/cases"
)

// column is a column of a file of what came by other channels.
type column string

// The columns, in the order of the sample. Their names on it are "inbox.column." and this.
const (
	colReceived column = "received"
	colChannel  column = "channel"
	colKind     column = "kind"
	colTitle    column = "title"
	colText     column = "text"
	colState    column = "state"
	colAnswer   column = "answer"
	colAnswered column = "answered"
	colUnit     column = "unit"
)

var columns = []column{colReceived, colChannel, colKind, colTitle, colText, colState, colAnswer, colAnswered, colUnit}

// required are the columns without which a file says nothing.
var required = []column{colReceived, colTitle, colText}

// heads are what columns are called, folded.
var heads = map[string]column{
	"fecha de recepcion": colReceived, "fecha": colReceived, "recibida": colReceived, "recibido": colReceived, "fecha recibida": colReceived,
	"date received": colReceived, "received": colReceived,
	"canal": colChannel, "medio": colChannel, "channel": colChannel,
	"clase": colKind, "tipo": colKind, "kind": colKind,
	"asunto": colTitle, "titulo": colTitle, "subject": colTitle, "title": colTitle,
	"texto": colText, "consulta": colText, "descripcion": colText, "text": colText,
	"estado": colState, "estatus": colState, "state": colState, "status": colState,
	"respuesta": colAnswer, "answer": colAnswer,
	"fecha de respuesta": colAnswered, "respondida": colAnswered, "date answered": colAnswered,
	"area": colUnit, "area responsable": colUnit, "unidad": colUnit,
}

// kinds, channels and done are what cells may say, folded; "" is what an empty one means.
var (
	kinds = map[string]cases.Kind{"": cases.Question, "pregunta": cases.Question, "question": cases.Question,
		"reporte de calidad": cases.Quality, "calidad": cases.Quality, "reporte": cases.Quality, "error": cases.Quality, "quality report": cases.Quality,
		"solicitud de datos": cases.Request, "solicitud": cases.Request, "data request": cases.Request, "request": cases.Request,
		"problema con una app historia o herramienta": cases.Reuse, "problema": cases.Reuse, "reutilizacion": cases.Reuse, "reuse": cases.Reuse}
	channels = map[string]cases.Channel{"": cases.Elsewhere, "correo": cases.Email, "por correo": cases.Email, "by email": cases.Email, "correo electronico": cases.Email, "email": cases.Email, "e mail": cases.Email,
		"telefono": cases.Telephone, "por telefono": cases.Telephone, "by telephone": cases.Telephone, "telephone": cases.Telephone, "phone": cases.Telephone, "llamada": cases.Telephone,
		"en persona": cases.InPerson, "ventanilla": cases.InPerson, "presencial": cases.InPerson, "in person": cases.InPerson,
		"por escrito": cases.Letter, "escrito": cases.Letter, "oficio": cases.Letter, "carta": cases.Letter, "letter": cases.Letter, "in writing": cases.Letter,
		"otro": cases.Elsewhere, "otro canal": cases.Elsewhere, "por otro canal": cases.Elsewhere, "by another channel": cases.Elsewhere, "other": cases.Elsewhere}
	done = map[string]bool{"": false, "abierta": false, "pendiente": false, "en proceso": false, "open": false,
		"respondida": true, "contestada": true, "atendida": true, "answered": true}
)

// fault is what is wrong with a cell.
type fault struct {
	Column column         `json:"column"`
	Value  string         `json:"value,omitempty"`
	Key    string         `json:"key"`
	Args   map[string]any `json:"args,omitempty"`
}

// entry is a row that was read: what it would become, and what is wrong with it.
type entry struct {
	N     int
	Form  cases.Form
	Done  *cases.Past
	Unit  string // id
	Key   string // the same for the same row sent again
	Wrong []fault
}

// word is a text as names are compared: without accents, case and marks.
func word(s string) string {
	return strings.Join(strings.FieldsFunc(text.Fold(s), func(r rune) bool {
		return r < '0' || r > '9' && r < 'a' || r > 'z' && r < 0x80
	}), " ")
}

// reader makes cases of rows.
type reader struct {
	body  string
	units map[string]string // ids by folded name
	zone  *time.Location
	now   time.Time
	today string
}

func newReader(at place, units []institution.Unit, now time.Time) reader {
	loc, err := time.LoadLocation(at.Zone)
	if err != nil {
		loc = time.UTC
	}
	r := reader{body: at.ID, units: map[string]string{}, zone: loc, now: now, today: now.In(loc).Format(time.DateOnly)}
	for _, u := range units {
		r.units[word(u.Name)] = u.ID
	}
	return r
}

// columnsOf says where columns are by their names; unknown are the names of those that say
// nothing here.
func columnsOf(names []string) (where map[column]int, unknown []string) {
	where = map[column]int{}
	for i, name := range names {
		c, ok := heads[word(name)]
		if _, twice := where[c]; ok && !twice {
			where[c] = i
		} else if name != "" {
			unknown = append(unknown, name)
		}
	}
	return where, unknown
}

// check reads rows, of which the first says what the columns are: Invalid at archivo when
// one is missing that is needed. All rows are returned, also those with which something is
// wrong.
func (r reader) check(rows []row) (out []keptRow, err error) {
	where, _ := columnsOf(rows[0].Cells)
	for _, c := range required {
		if _, ok := where[c]; !ok {
			return nil, unreadable("column."+string(c), nil)
		}
	}
	first := map[string]int{}
	for _, line := range rows[1:] {
		e := r.entry(line, where)
		if n, ok := first[e.Key]; ok && len(e.Wrong) == 0 {
			e.Wrong = append(e.Wrong, fault{Column: colTitle, Value: clipped(e.Form.Title), Key: "inbox.cell.repeated", Args: map[string]any{"row": n}})
		} else if len(e.Wrong) == 0 {
			first[e.Key] = e.N
		}
		out = append(out, keptRow{line.N, line.Cells, e.Wrong})
	}
	if len(out) == 0 {
		return nil, unreadable("empty", nil)
	}
	return out, nil
}

// entry reads a row.
func (r reader) entry(line row, where map[column]int) entry {
	cell := func(c column) string {
		if i, ok := where[c]; ok && i < len(line.Cells) {
			return line.Cells[i]
		}
		return ""
	}
	e := entry{N: line.N}
	bad := func(c column, key string) {
		e.Wrong = append(e.Wrong, fault{Column: c, Value: clipped(cell(c)), Key: "inbox.cell." + key})
	}
	f := cases.Form{Institution: r.body, Language: "es", Title: cell(colTitle), Body: cell(colText)}
	var ok bool
	if f.Kind, ok = kinds[word(cell(colKind))]; !ok {
		bad(colKind, "kind")
	}
	if f.Channel, ok = channels[word(cell(colChannel))]; !ok {
		bad(colChannel, "channel")
	}
	if f.Received, ok = day(cell(colReceived), r.zone); !ok {
		bad(colReceived, "date")
	}
	answered, ok := done[word(cell(colState))]
	if !ok {
		bad(colState, "state")
	}
	if name := cell(colUnit); name != "" {
		var there bool
		if e.Unit, there = r.units[word(name)]; !there {
			bad(colUnit, "unit")
		}
	}
	if answered {
		e.Done = &cases.Past{Body: cell(colAnswer)}
		if at, ok := day(cell(colAnswered), r.zone); ok {
			e.Done.On = at.Format(time.DateOnly)
		} else {
			bad(colAnswered, "date")
		}
	} else if ok && cell(colAnswer) != "" {
		bad(colState, "answer_open")
	}
	e.check(&f, r, cell)
	e.Form = f
	sum := sha256.Sum256([]byte(strings.Join([]string{f.Received.Format(time.DateOnly), string(f.Channel), string(f.Kind), f.Title, f.Body}, "\x00")))
	e.Key = hex.EncodeToString(sum[:])
	return e
}

// of are the columns of the fields of a form.
var of = map[string]column{"titulo": colTitle, "texto": colText, "clase": colKind, "canal": colChannel, "recibida": colReceived, "respuesta": colAnswer, "respondida": colAnswered}

// check says what the form finds wrong, of the columns of which nothing is said yet.
func (e *entry) check(f *cases.Form, r reader, cell func(column) string) {
	bad, ok := errors.AsType[*plaza.Error](f.CheckBrought(r.now, r.today, e.Done))
	if !ok {
		return
	}
	for _, w := range bad.Fields {
		c, known := of[w.Field]
		if !known {
			c = colText
		}
		if !slices.ContainsFunc(e.Wrong, func(x fault) bool { return x.Column == c }) {
			e.Wrong = append(e.Wrong, fault{Column: c, Value: clipped(cell(c)), Key: w.Key, Args: w.Args})
		}
	}
}

// clipped is the beginning of a cell.
func clipped(s string) string { return text.Excerpt(strings.Join(strings.Fields(s), " "), 80) }

var (
	months    = []string{"enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"}
	dayMonth  = regexp.MustCompile(`^(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})$`)
	yearFirst = regexp.MustCompile(`^(\d{4})[/.-](\d{1,2})[/.-](\d{1,2})$`)
	inWords   = regexp.MustCompile(`^(\d{1,2}) de ([a-z]+) de(?:l)? (\d{4})$`)
	hour      = regexp.MustCompile(`[ tT]\d{1,2}:\d{2}.*$`)
)

// Serial numbers of days in workbooks that are read as dates.
const (
	firstSerial = 36526 // 1 January 2000
	lastSerial  = 73050 // 31 December 2099
)

// day is the beginning of the day that a cell says: in numbers, day before month, in
// words, or as a workbook counts days.
func day(s string, zone *time.Location) (time.Time, bool) {
	s = strings.TrimSpace(s)
	if n, err := strconv.ParseFloat(s, 64); err == nil {
		if !(n >= firstSerial && n <= lastSerial) { // what is no number is neither
			return time.Time{}, false
		}
		t, err := excelize.ExcelDateToTime(n, false)
		return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, zone).UTC(), err == nil
	}
	s = hour.ReplaceAllString(s, "")
	if m := dayMonth.FindStringSubmatch(s); m != nil {
		return date(m[3], m[2], m[1], zone)
	}
	if m := yearFirst.FindStringSubmatch(s); m != nil {
		return date(m[1], m[2], m[3], zone)
	}
	if m := inWords.FindStringSubmatch(text.Fold(s)); m != nil {
		return date(m[3], strconv.Itoa(slices.Index(months, m[2])+1), m[1], zone)
	}
	return time.Time{}, false
}

// date is a day that exists.
func date(year, month, dayOf string, zone *time.Location) (time.Time, bool) {
	y, _ := strconv.Atoi(year) // digits by their shape
	m, _ := strconv.Atoi(month)
	d, _ := strconv.Atoi(dayOf)
	t := time.Date(y, time.Month(m), d, 0, 0, 0, 0, zone)
	return t.UTC(), t.Year() == y && int(t.Month()) == m && t.Day() == d
}
