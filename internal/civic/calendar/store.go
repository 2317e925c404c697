package calendar

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
)

// Now reads a calendar as it is; one in which nothing was written has no days.
func Now(tx *db.Tx, id string) (Calendar, error) {
	c := Calendar{ID: id}
	err := tx.Row(`SELECT version FROM calendars WHERE id = $1`, id).Scan(&c.Version)
	if err != nil && plaza.KindOf(err) == plaza.NotFound {
		return c, nil
	}
	if err != nil {
		return c, err
	}
	c.Days, err = daysAt(tx, id, c.Version)
	return c, err
}

// At reads a calendar as it was at a version. NotFound when it has none such.
func At(tx *db.Tx, id string, version int) (Calendar, error) {
	c, err := Now(tx, id)
	if err != nil || version == c.Version {
		return c, err
	}
	if version < 0 || version > c.Version {
		return c, plaza.E(plaza.NotFound, "calendar.error.version")
	}
	c.Version = version
	c.Days, err = daysAt(tx, id, version)
	return c, err
}

func daysAt(tx *db.Tx, id string, version int) ([]Day, error) {
	return db.All(tx, func(scan func(...any) error) (d Day, err error) {
		err = scan(&d.Date, &d.Reason, &d.Legal, &d.Provisional)
		return d, err
	}, `SELECT date, reason, legal, provisional FROM calendar_days
		WHERE calendar_id = $1 AND since <= $2 AND (until = 0 OR until > $2) ORDER BY date`, id, version)
}

// BusinessOf is by what the clocks of an institution count now; "" is the central unit,
// which counts by the federal calendar. NotFound when there is no such institution.
func BusinessOf(tx *db.Tx, body string) (Business, error) {
	zone, general, err := zoneOf(tx, body)
	if err != nil {
		return Business{}, err
	}
	all, err := current(tx, general, body)
	return businessOf(zone, general, body, all), err
}

// Businesses are by what the clocks of many institutions count now, as BusinessOf is of
// one, in two statements. Those that there are not are left out.
func Businesses(tx *db.Tx, bodies []string) (map[string]Business, error) {
	known, err := institution.ByIDs(tx, bodies)
	if err != nil {
		return nil, err
	}
	known[""] = institution.Institution{Zone: institution.DefaultZone, Calendar: Federal}
	all, err := current(tx, append([]string{Federal}, bodies...)...)
	if err != nil {
		return nil, err
	}
	out := make(map[string]Business, len(bodies))
	for _, id := range bodies {
		i, ok := known[id]
		if !ok {
			continue
		}
		zone, err := time.LoadLocation(i.Zone)
		if err != nil {
			return nil, fmt.Errorf("the zone of institution %s: %w", id, err)
		}
		out[id] = businessOf(zone, i.Calendar, id, all)
	}
	return out, nil
}

// current are calendars as they are, by id, in one statement.
func current(tx *db.Tx, ids ...string) (map[string]Calendar, error) {
	rows, err := tx.Query(`SELECT c.id, c.version, COALESCE(d.date, ''), COALESCE(d.reason, ''), COALESCE(d.legal, ''), COALESCE(d.provisional, FALSE)
		FROM calendars c
		LEFT JOIN calendar_days d ON d.calendar_id = c.id AND d.until = 0
		WHERE c.id IN (`+db.Placeholders(1, len(ids))+`)
		ORDER BY c.id, d.date`, db.Args(ids)...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	all := map[string]Calendar{}
	for rows.Next() {
		var id string
		var version int
		var d Day
		if err := rows.Scan(&id, &version, &d.Date, &d.Reason, &d.Legal, &d.Provisional); err != nil {
			return nil, err
		}
		c := all[id]
		c.ID, c.Version = id, version
		if d.Date != "" {
			c.Days = append(c.Days, d)
		}
		all[id] = c
	}
	return all, rows.Err()
}

// businessOf is by what an institution counts, of calendars as they are.
func businessOf(zone *time.Location, general, body string, all map[string]Calendar) Business {
	g, own := all[general], all[body]
	if g.ID = general; general == "" {
		g = Calendar{}
	}
	return NewBusiness(zone, versionName(g, own), slices.Concat(g.Days, own.Days)...)
}

// Restore is by what the clocks of an institution counted at a version (Business.Version).
// The zone is that of now. NotFound when there is no such version.
func Restore(tx *db.Tx, body, version string) (Business, error) {
	general, own, _ := strings.Cut(version, "+")
	id, generalVersion, _ := strings.Cut(general, "@")
	number := func(s string) int {
		n, err := strconv.Atoi(cmp.Or(s, "0"))
		if err != nil {
			return -1
		}
		return n
	}
	zone, _, err := zoneOf(tx, body)
	if err != nil {
		return Business{}, err
	}
	g, err := At(tx, id, number(generalVersion))
	if err != nil {
		return Business{}, err
	}
	o, err := At(tx, body, number(own))
	return NewBusiness(zone, version, slices.Concat(g.Days, o.Days)...), err
}

// zoneOf is an institution's zone and by whose days it counts.
func zoneOf(tx *db.Tx, body string) (*time.Location, string, error) {
	name, general := institution.DefaultZone, Federal
	if body != "" {
		if err := tx.Row(`SELECT zone, calendar FROM institutions WHERE id = $1`, body).Scan(&name, &general); err != nil {
			return nil, "", err
		}
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return nil, "", fmt.Errorf("the zone of institution %s: %w", body, err)
	}
	return zone, general, nil
}

// Change is one change of a calendar: days to add (one of a date that is there is
// replaced) and dates to take out.
type Change struct {
	Add    []Day
	Remove []string
}

// Edit makes the next version of a calendar and returns its number. seen is the version
// that whoever changes it saw: when there is a later one, Edit is a Conflict. What is
// wrong with a day is Invalid, at the fields date, reason and legal; so is a date to
// take out that is not there. A change that changes nothing makes no version. It appends
// to the record what changed. title is what the record calls the calendar.
func Edit(tx *db.Tx, id, title string, seen int, c Change) (int, error) {
	version, err := begin(tx, id, seen)
	if err != nil {
		return 0, err
	}
	known, err := daysAt(tx, id, seen)
	if err != nil {
		return 0, err
	}
	add, remove, err := c.against(known)
	if err != nil {
		return 0, err
	}
	if len(add)+len(remove) == 0 {
		return seen, nil
	}
	if _, err := tx.Exec(`UPDATE calendars SET version = $1, updated_at = $2 WHERE id = $3`, version, tx.Now, id); err != nil {
		return 0, err
	}
	for _, date := range remove {
		if _, err := tx.Exec(`UPDATE calendar_days SET until = $1 WHERE calendar_id = $2 AND date = $3 AND until = 0`, version, id, date); err != nil {
			return 0, err
		}
	}
	for _, d := range add {
		if _, err := tx.Exec(`INSERT INTO calendar_days (calendar_id, date, reason, legal, since, until, provisional) VALUES ($1, $2, $3, $4, $5, 0, $6)`,
			id, d.Date, d.Reason, d.Legal, version, d.Provisional); err != nil {
			return 0, err
		}
	}
	act := record.Act{Verb: "calendar.changed", Object: plaza.Ref{Kind: Kind, ID: id},
		Payload: map[string]any{"title": title, "version": version, "added": facts(add), "removed": remove}}
	if id != Federal {
		act.Institution = id
	}
	return version, record.Append(tx, act)
}

// errChanged is that somebody else changed the calendar since it was looked at.
var errChanged error = plaza.E(plaza.Conflict, "calendar.error.changed")

// begin takes the calendar's row, which is made at the first change, and is a Conflict
// when it has moved on from what was seen.
func begin(tx *db.Tx, id string, seen int) (next int, err error) {
	if _, err := tx.Exec(`INSERT INTO calendars (id, version, updated_at) VALUES ($1, 0, $2) ON CONFLICT (id) DO NOTHING`, id, tx.Now); err != nil {
		return 0, err
	}
	n, err := tx.Exec(`UPDATE calendars SET version = version WHERE id = $1 AND version = $2`, id, seen)
	if err == nil && n == 0 {
		err = errChanged
	}
	return seen + 1, err
}

// against is what the change does to the days that there are.
func (c Change) against(known []Day) (add []Day, remove []string, err error) {
	there := make(map[string]Day, len(known))
	for _, d := range known {
		there[d.Date] = d
	}
	var wrong []plaza.FieldError
	for _, d := range c.Add {
		wrong = append(wrong, d.check()...)
		old, ok := there[d.Date]
		if ok && old == d {
			continue
		}
		if ok {
			remove = append(remove, d.Date)
		}
		add = append(add, d)
	}
	for _, date := range c.Remove {
		if _, ok := there[date]; !ok {
			wrong = append(wrong, plaza.FieldError{Field: "date", Key: "calendar.error.no_day"})
		}
		remove = append(remove, date)
	}
	if len(known)+len(add) > maxDays {
		wrong = append(wrong, plaza.FieldError{Field: "date", Key: "calendar.error.many"})
	}
	if len(wrong) > 0 {
		return nil, nil, &plaza.Error{Kind: plaza.Invalid, Key: "web.error.invalid", Fields: wrong}
	}
	return add, remove, nil
}

// facts are days as the record tells of them.
func facts(days []Day) []map[string]string {
	out := make([]map[string]string, len(days))
	for n, d := range days {
		out[n] = map[string]string{"date": d.Date, "reason": d.Reason, "legal": d.Legal}
		if d.Provisional {
			out[n]["provisional"] = "yes"
		}
	}
	return out
}
