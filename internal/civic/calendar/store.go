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
	return businessWith(tx, body, func(id string) (Calendar, error) { return Now(tx, id) })
}

// Businesses are by what the clocks of many institutions count now, as BusinessOf is of
// one, in four statements. Those that there are not are left out.
func Businesses(tx *db.Tx, bodies []string) (map[string]Business, error) {
	known, err := institution.ByIDs(tx, bodies)
	if err != nil {
		return nil, err
	}
	known[""] = institution.Institution{Zone: institution.DefaultZone, Calendar: Federal}
	ids := append([]string{Federal}, bodies...)
	all := map[string]Calendar{}
	versions, err := db.All(tx, func(scan func(...any) error) (c Calendar, err error) {
		err = scan(&c.ID, &c.Version)
		return c, err
	}, `SELECT id, version FROM calendars WHERE id IN (`+db.Placeholders(1, len(ids))+`)`, db.Args(ids)...)
	if err != nil {
		return nil, err
	}
	for _, c := range versions {
		all[c.ID] = c
	}
	rows, err := tx.Query(`SELECT calendar_id, date, reason, legal, provisional
		FROM calendar_days
		WHERE until = 0 AND calendar_id IN (`+db.Placeholders(1, len(ids))+`)
		ORDER BY date`, db.Args(ids)...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		var d Day
		if err := rows.Scan(&id, &d.Date, &d.Reason, &d.Legal, &d.Provisional); err != nil {
			return nil, err
		}
		c := all[id]
		c.Days = append(c.Days, d)
		all[id] = c
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
		g, own := all[i.Calendar], all[id]
		g.ID, own.ID = i.Calendar, id
		if i.Calendar == "" {
			g = Calendar{}
		}
		out[id] = NewBusiness(zone, versionName(g, own), slices.Concat(g.Days, own.Days)...)
	}
	return out, rows.Err()
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

func businessWith(tx *db.Tx, body string, read func(id string) (Calendar, error)) (Business, error) {
	zone, general, err := zoneOf(tx, body)
	if err != nil {
		return Business{}, err
	}
	var g, own Calendar
	if general != "" {
		if g, err = read(general); err != nil {
			return Business{}, err
		}
	}
	if body != "" {
		if own, err = read(body); err != nil {
			return Business{}, err
		}
	}
	return NewBusiness(zone, versionName(g, own), slices.Concat(g.Days, own.Days)...), nil
}

// zoneOf is an institution's zone and by whose days it counts.
func zoneOf(tx *db.Tx, body string) (*time.Location, string, error) {
	i := institution.Institution{Zone: institution.DefaultZone, Calendar: Federal}
	if body != "" {
		var err error
		if i, err = institution.ByID(tx, body); err != nil {
			return nil, "", err
		}
	}
	zone, err := time.LoadLocation(i.Zone)
	if err != nil {
		return nil, "", fmt.Errorf("the zone of institution %s: %w", body, err)
	}
	return zone, i.Calendar, nil
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
