package calendar

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/i18n"
	"plaza/internal/base/web"
	"plaza/internal/civic/access"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
)

// zones are those in which Mexico counts time, which the form offers besides the one
// that an institution has.
var zones = []string{
	"America/Mexico_City", "America/Cancun", "America/Merida", "America/Monterrey", "America/Matamoros",
	"America/Chihuahua", "America/Ciudad_Juarez", "America/Ojinaga", "America/Hermosillo", "America/Mazatlan",
	"America/Bahia_Banderas", "America/Tijuana",
}

// ownAlone stands in the form for no calendar but the institution's own.
const ownAlone = "own"

// hoursPage is when an institution attends.
type hoursPage struct {
	institution.OfficePage
	Done    *web.Notice
	Notice  *web.Notice
	Errors  web.ErrorSummary
	Action  string
	Seen    web.Seen
	Zone    web.Field
	By      web.Field   // by whose days it counts
	Usual   []web.Field // one pair of hours for Monday to Friday
	Days    []hoursDay
	Version int
	Own     []yearDays
	Fields  []web.Field
}

// hoursDay is the form for one day of the week.
type hoursDay struct {
	Name          string
	Opens, Closes web.Field
}

func (p *Pages) hours(w http.ResponseWriter, r *http.Request) error {
	return p.drawHours(w, r, http.StatusOK, nil, nil, Day{}, nil)
}

// drawHours draws the page with what was typed: into the form for hours, nil for
// nothing, and into the one for a day.
func (p *Pages) drawHours(w http.ResponseWriter, r *http.Request, status int, form *web.Form, wrong map[string]string, typed Day, wrongDay map[string]string) error {
	page := &hoursPage{}
	var h institution.Hours
	var own Calendar
	if err := p.db.Read(r.Context(), func(tx *db.Tx) (err error) {
		if page.OfficePage, err = p.office.Page(tx, r, access.HoursEdit, p.shell.Printer(r).T("calendar.hours")); err != nil {
			return err
		}
		if h, err = institution.HoursOf(tx, page.Institution); err != nil {
			return err
		}
		own, err = Now(tx, page.Institution.ID)
		return err
	}); err != nil {
		return err
	}
	l := page.L
	page.Done, page.Notice = doneNotice(l, r, http.StatusOK), refused(l, page.Institution)
	page.Action = institution.OfficePath + page.Institution.Slug + hoursTab
	page.Version, page.Own = own.Version, dayLines(l, own.Days)
	page.Seen = web.NewSeen(l, status, h)
	if form == nil { // it is the days that somebody else was first with
		page.Done, page.Seen.Clash = doneNotice(l, r, status), false
	}
	page.fillUsual(h, form, wrong)
	if form != nil && form.Value(usual) != "" { // the other form was not sent
		form, wrong = nil, nil
	}
	page.fill(h, form, wrong)
	page.Fields = dayFields(l, typed, wrongDay)
	all := slices.Concat(page.Usual, []web.Field{page.Zone, page.By}, page.Fields)
	for _, d := range page.Days {
		all = append(all, d.Opens)
	}
	page.Errors = web.ErrorSummary{L: l, Fields: all}
	return p.shell.Render(w, r, status, "calendar/hours", page)
}

// fill makes the form for hours, of what was typed or else of what is.
func (page *hoursPage) fill(h institution.Hours, form *web.Form, wrong map[string]string) {
	l := page.L
	value := func(name, known string) string {
		if form != nil {
			return form.Value(name)
		}
		return known
	}
	offered := slices.Clone(zones)
	if !slices.Contains(offered, h.Zone) {
		offered = append(offered, h.Zone)
	}
	page.Zone = web.Field{L: l, Name: "zone", Label: l.T("calendar.form.zone"), Type: "select", Value: value("zone", h.Zone), Error: wrong["zone"]}
	for _, z := range offered {
		page.Zone.Options = append(page.Zone.Options, web.Option{Value: z, Label: zoneWords(l, z)})
	}
	page.By = web.Field{L: l, Name: "calendar", Label: l.T("calendar.form.calendar"), Type: "select",
		Value: value("calendar", cmp.Or(h.Calendar, ownAlone)), Error: wrong["calendar"], Hint: l.T("calendar.form.calendar.hint")}
	for _, c := range institution.Calendars {
		page.By.Options = append(page.By.Options, web.Option{Value: cmp.Or(c, ownAlone), Label: calendarWords(l, c)})
	}
	known := map[time.Weekday]institution.Span{}
	for _, s := range h.Spans {
		known[s.Day] = s
	}
	for n := range 7 {
		day := time.Weekday((n + 1) % 7)
		name := institution.DayWord(l, day)
		s, ok := known[day]
		field := func(what string, minutes int) web.Field {
			clock := ""
			if ok {
				clock = institution.Clock(minutes)
			}
			key := fmt.Sprintf("%s-%d", what, day)
			return web.Field{L: l, Name: key, Label: l.T("calendar.form."+what, "day", name), Value: value(key, clock), MaxLength: 5, InputMode: "numeric", Optional: true}
		}
		d := hoursDay{Name: name, Opens: field("opens", s.Opens), Closes: field("closes", s.Closes)}
		d.Opens.Error = wrong[fmt.Sprintf("day-%d", day)]
		page.Days = append(page.Days, d)
	}
}

// zoneWords is a zone by its city; one that Mexico does not count time in by the name
// that computers have for it.
func zoneWords(l *i18n.Printer, zone string) string {
	if key := "calendar.zone." + zone; l.Has(key) {
		return l.T(key)
	}
	_, city, _ := strings.Cut(zone, "/")
	return strings.ReplaceAll(city, "_", " ")
}

func calendarWords(l *i18n.Printer, id string) string {
	if id == "" {
		return l.T("calendar.own")
	}
	return l.T("calendar.federal")
}

// usual is the value of the hidden field of the form for Monday to Friday.
const usual = "usual"

// fillUsual makes the form for Monday to Friday: what was typed, else what Monday has,
// else what most offices have.
func (page *hoursPage) fillUsual(h institution.Hours, form *web.Form, wrong map[string]string) {
	l := page.L
	opens, closes := "09:00", "18:00"
	for _, s := range h.Spans {
		if s.Day == time.Monday {
			opens, closes = institution.Clock(s.Opens), institution.Clock(s.Closes)
		}
	}
	said := ""
	if form != nil && form.Value(usual) != "" {
		opens, closes, said = form.Value("opens-usual"), form.Value("closes-usual"), wrong["day-1"]
	}
	page.Usual = []web.Field{
		{L: l, Name: "opens-usual", Label: l.T("calendar.form.usual.opens"), Value: opens, MaxLength: 5, InputMode: "numeric", Error: said},
		{L: l, Name: "closes-usual", Label: l.T("calendar.form.usual.closes"), Value: closes, MaxLength: 5, InputMode: "numeric"},
	}
}

// usualHours are an institution's with one pair of hours for Monday to Friday.
func usualHours(f *web.Form, h institution.Hours) institution.Hours {
	spans := []institution.Span{}
	for _, s := range h.Spans {
		if s.Day == time.Saturday || s.Day == time.Sunday {
			spans = append(spans, s)
		}
	}
	for day := time.Monday; day <= time.Friday; day++ {
		spans = append(spans, typedSpan(day, f.Value("opens-usual"), f.Value("closes-usual")))
	}
	h.Spans = spans
	return h
}

// typedSpan reads the hours of a day; those that cannot be read are none that anybody
// may have.
func typedSpan(day time.Weekday, opens, closes string) institution.Span {
	s := institution.Span{Day: day}
	var ok, okToo bool
	s.Opens, ok = institution.ReadClock(opens)
	s.Closes, okToo = institution.ReadClock(closes)
	if !ok || !okToo {
		s.Opens, s.Closes = 1, 0
	}
	return s
}

// typedHours are what the form says; hours that cannot be read are refused with the
// others.
func typedHours(f *web.Form) institution.Hours {
	h := institution.Hours{Zone: f.Value("zone"), Calendar: f.Value("calendar")}
	if h.Calendar == ownAlone {
		h.Calendar = ""
	}
	for day := range time.Weekday(7) {
		opens, closes := f.Value(fmt.Sprintf("opens-%d", day)), f.Value(fmt.Sprintf("closes-%d", day))
		if opens == "" && closes == "" {
			continue
		}
		h.Spans = append(h.Spans, typedSpan(day, opens, closes))
	}
	return h
}

func (p *Pages) setHours(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	var body institution.Institution
	err = p.db.Write(r.Context(), func(tx *db.Tx) error {
		page, err := p.office.Page(tx, r, access.HoursEdit, "")
		if err != nil {
			return err
		}
		body = page.Institution
		h, err := institution.HoursOf(tx, body)
		if err != nil {
			return err
		}
		if !web.StillSeen(form, h) {
			return web.ErrMeanwhile
		}
		typed := typedHours(form)
		if form.Value(usual) != "" {
			typed = usualHours(form, h)
		}
		acts, err := institution.SetHours(tx, body.ID, typed)
		if err != nil {
			return err
		}
		return record.Append(tx, acts...)
	})
	if wrong := web.FieldErrors(p.shell.Printer(r), err); wrong != nil && plaza.KindOf(err) == plaza.Invalid {
		return p.drawHours(w, r, http.StatusUnprocessableEntity, form, wrong, Day{}, nil)
	}
	if errors.Is(err, web.ErrMeanwhile) {
		return p.drawHours(w, r, http.StatusConflict, form, nil, Day{}, nil)
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, institution.OfficePath+body.Slug+hoursTab+"?hecho=horario", http.StatusSeeOther)
	return nil
}
