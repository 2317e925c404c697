package calendar

import (
	"embed"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/i18n"
	"plaza/internal/base/web"
	"plaza/internal/civic/access"
	"plaza/internal/civic/institution"
)

//go:embed templates/*.html
var templates embed.FS

const (
	adminPath = "/admin/calendarios"
	hoursTab  = "/horario"
)

// Pages are those of an institution's hours and own days, and of the federal calendar.
type Pages struct {
	db     *db.DB
	office *institution.Office
	shell  *web.Shell
}

// NewPages makes the pages; the institution's are among those of the office.
func NewPages(d *db.DB, office *institution.Office) *Pages { return &Pages{db: d, office: office} }

// Mount registers the pages.
func (p *Pages) Mount(shell *web.Shell) error {
	p.shell = shell
	if err := shell.Templates("calendar", templates, web.Pages{"hours": hoursPage{}, "admin": adminPage{}}); err != nil {
		return fmt.Errorf("the calendar's templates: %w", err)
	}
	p.office.Add(institution.Tab{Key: "calendar.hours.tab", Path: hoursTab, Action: access.HoursEdit})
	route := func(name string, action access.Action) web.Route {
		return web.Route{Name: "calendar." + name, Action: string(action), Cache: web.Private, MaxBody: 16 << 10}
	}
	hours := institution.OfficePath + "{institution}" + hoursTab
	shell.Handle("GET "+hours, route("hours", access.HoursEdit), p.hours)
	shell.Handle("POST "+hours, route("set_hours", access.HoursEdit), p.setHours)
	shell.Handle("POST "+hours+"/dias", route("add_own", access.HoursEdit), p.editOwn)
	shell.Handle("GET "+adminPath, route("admin", access.CalendarEdit), p.admin)
	shell.Handle("POST "+adminPath, route("edit", access.CalendarEdit), p.edit)
	return nil
}

// yearDays are the days of a year, for a list.
type yearDays struct {
	Year        string
	Days        []dayLine
	Provisional bool // some of them
}

type dayLine struct {
	Date, Words, Reason, Legal string
	Provisional                bool
}

func dayLines(l *i18n.Printer, days []Day) []yearDays {
	var out []yearDays
	for _, d := range days {
		year := d.Date[:4]
		if len(out) == 0 || out[len(out)-1].Year != year {
			out = append(out, yearDays{Year: year})
		}
		y := &out[len(out)-1]
		words := l.PartialDate(d.Date)
		if t, err := time.Parse(time.DateOnly, d.Date); err == nil {
			words = l.T("calendar.day", "weekday", institution.DayWord(l, t.Weekday()), "date", words)
		}
		y.Days = append(y.Days, dayLine{d.Date, words, d.Reason, d.Legal, d.Provisional})
		y.Provisional = y.Provisional || d.Provisional
	}
	return out
}

// dayFields are the form for a day.
func dayFields(l *i18n.Printer, d Day, wrong map[string]string) []web.Field {
	fields := []web.Field{
		{Name: "date", Type: "date", Value: d.Date},
		{Name: "reason", Value: d.Reason, MaxLength: maxReason},
		{Name: "legal", Value: d.Legal, MaxLength: maxLegal, Optional: true},
	}
	for n := range fields {
		f := &fields[n]
		f.L, f.Label, f.Error = l, l.T("calendar.form."+f.Name), wrong[f.Name]
	}
	fields[2].Hint = l.T("calendar.form.legal.hint")
	return fields
}

// changeOf is what a form for days asks: to take one out, to add those of a year by
// law, or to add one.
func changeOf(f *web.Form) (c Change, typed Day, said string) {
	if date := f.Value("remove"); date != "" {
		return Change{Remove: []string{date}}, typed, "quitado"
	}
	if year, err := strconv.Atoi(f.Value("year")); err == nil && year >= 1900 && year <= 2100 {
		return Change{Add: ByLaw(year)}, typed, "anio"
	}
	typed = Day{Date: f.Value("date"), Reason: f.Value("reason"), Legal: f.Value("legal")}
	return Change{Add: []Day{typed}}, typed, "guardado"
}

func seenOf(f *web.Form) int {
	n, err := strconv.Atoi(f.Value("version"))
	if err != nil || n < 0 {
		return -1
	}
	return n
}

func doneNotice(l *i18n.Printer, r *http.Request, status int) *web.Notice {
	if status == http.StatusConflict {
		return &web.Notice{Tone: web.Warning, Text: l.T("calendar.error.changed"), Live: true}
	}
	what := r.URL.Query().Get("hecho")
	if what != "guardado" && what != "quitado" && what != "anio" && what != "decretado" && what != "horario" {
		return nil
	}
	return &web.Notice{Tone: web.Good, Text: l.T("calendar.done." + what), Live: true}
}

// adminPage is the federal calendar with a form for another day.
type adminPage struct {
	web.Page
	Done    *web.Notice
	Errors  web.ErrorSummary
	Version int
	Said    string // which version it is, in words
	Years   []yearDays
	Fields  []web.Field
	Next    string // the year that has no days yet
}

func (p *Pages) admin(w http.ResponseWriter, r *http.Request) error {
	return p.drawAdmin(w, r, http.StatusOK, Day{}, nil)
}

func (p *Pages) drawAdmin(w http.ResponseWriter, r *http.Request, status int, typed Day, wrong map[string]string) error {
	page := &adminPage{Page: p.shell.Page(r, p.shell.Printer(r).T("calendar.admin"))}
	l := page.L
	var c Calendar
	if err := p.db.Read(r.Context(), func(tx *db.Tx) (err error) {
		c, err = Now(tx, Federal)
		return err
	}); err != nil {
		return err
	}
	page.NoIndex = true
	page.Crumbs = []web.Crumb{{Title: l.T("calendar.admin.crumb"), Path: "/admin"}}
	page.Done, page.Version, page.Years = doneNotice(l, r, status), c.Version, dayLines(l, c.Days)
	page.Said = l.T("calendar.version", "version", c.Version, "count", len(c.Days))
	next := page.Now.Year()
	for _, y := range page.Years {
		if y.Year >= strconv.Itoa(next) {
			next++
		}
	}
	page.Next = strconv.Itoa(next)
	page.Fields = dayFields(l, typed, wrong)
	page.Errors = web.ErrorSummary{L: l, Fields: page.Fields}
	return p.shell.Render(w, r, status, "calendar/admin", page)
}

// edit adds days to the federal calendar or takes one out.
func (p *Pages) edit(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	l := p.shell.Printer(r)
	change, typed, said := changeOf(form)
	year, err := strconv.Atoi(form.Value("decreed"))
	decreed := err == nil && year > 0
	err = p.db.Write(r.Context(), func(tx *db.Tx) error {
		if decreed {
			c, err := Now(tx, Federal)
			if err != nil {
				return err
			}
			change, said = Change{Add: c.Decreed(year)}, "decretado"
		}
		_, err := Edit(tx, Federal, "mx-federal", seenOf(form), change)
		return err
	})
	if wrong := web.FieldErrors(l, err); wrong != nil {
		return p.drawAdmin(w, r, http.StatusUnprocessableEntity, typed, wrong)
	}
	if errors.Is(err, errChanged) {
		return p.drawAdmin(w, r, http.StatusConflict, typed, nil)
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, adminPath+"?hecho="+said, http.StatusSeeOther)
	return nil
}

// editOwn adds a day to an institution's own, or takes one out.
func (p *Pages) editOwn(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	var body institution.Institution
	change, typed, said := changeOf(form)
	err = p.db.Write(r.Context(), func(tx *db.Tx) error {
		page, err := p.office.Page(tx, r, access.HoursEdit, "")
		if err != nil {
			return err
		}
		body = page.Institution
		if err := institution.CheckGoing(tx, body.ID); err != nil {
			return err
		}
		_, err = Edit(tx, body.ID, body.Name, seenOf(form), change)
		return err
	})
	if wrong := web.FieldErrors(p.shell.Printer(r), err); wrong != nil {
		return p.drawHours(w, r, http.StatusUnprocessableEntity, nil, nil, typed, wrong)
	}
	if errors.Is(err, errChanged) {
		return p.drawHours(w, r, http.StatusConflict, nil, nil, typed, nil)
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, institution.OfficePath+body.Slug+hoursTab+"?hecho="+said, http.StatusSeeOther)
	return nil
}

// refused says that the institution is known but no more, on its own pages.
func refused(l *i18n.Printer, i institution.Institution) *web.Notice {
	if !i.Extinct() {
		return nil
	}
	return &web.Notice{Tone: web.Warning, Text: l.T("institution.error.extinct")}
}
