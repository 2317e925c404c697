package institution

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/job"
	"plaza/internal/civic/record"
	"plaza/internal/civic/search"
	"plaza/internal/plaza"
)

const columns = `id, slug, name, acronym, type, parent_id, description, website,
	contact_name, contact_email, contact_phone, zone, logo, calendar, state, valid_to, created_at, updated_at`

func scan(scan func(...any) error) (Institution, error) {
	var i Institution
	err := scan(&i.ID, &i.Slug, &i.Name, &i.Acronym, &i.Type, &i.ParentID, &i.Description, &i.Website,
		&i.Contact.Name, &i.Contact.Email, &i.Contact.Phone, &i.Zone, &i.Logo, &i.Calendar, &i.State, &i.ValidTo, &i.CreatedAt, &i.UpdatedAt)
	return i, err
}

// Put saves an institution and appends to the record, so it is the last thing a
// transaction does.
func Put(tx *db.Tx, i Institution) (Institution, error) {
	i, acts, err := Save(tx, i)
	if err != nil {
		return i, err
	}
	return i, record.Append(tx, acts...)
}

// Save creates an institution or, when its ID is known, changes it; nothing is
// written when nothing differs. The slug of a new one comes from i.Slug, else from
// its acronym, else from its name; it is never changed afterwards but by giving
// another one, when the old one redirects. What is wrong, and what another
// institution has already, is Invalid, field by field; to change one that is no more is
// a Conflict. The acts are for the caller to append to the record. Its calendar is left
// as it is (SetHours).
func Save(tx *db.Tx, i Institution) (Institution, []record.Act, error) {
	wrong := i.check()
	old, err := ByID(tx, i.ID)
	isNew := plaza.KindOf(err) == plaza.NotFound && err != nil
	if err != nil && !isNew {
		return i, nil, err
	}
	if old.Extinct() {
		return i, nil, plaza.E(plaza.Conflict, "institution.error.extinct")
	}
	if i.Slug == "" {
		if i.Slug = old.Slug; isNew {
			i.Slug = slug(i)
		}
	}
	parent, err := checkParent(tx, i)
	if err != nil {
		return i, nil, err
	}
	taken, err := checkTaken(tx, i)
	if err != nil {
		return i, nil, err
	}
	if wrong = slices.Concat(wrong, parent, taken); len(wrong) > 0 {
		return i, nil, &plaza.Error{Kind: plaza.Invalid, Key: "web.error.invalid", Fields: wrong}
	}
	if isNew {
		return create(tx, i)
	}
	return change(tx, old, i)
}

func create(tx *db.Tx, i Institution) (Institution, []record.Act, error) {
	if i.ID == "" {
		i.ID = tx.ID()
	}
	i.CreatedAt, i.UpdatedAt = tx.Now, tx.Now
	i.State, i.ValidTo, i.Calendar = Active, "", cmp.Or(i.Calendar, FederalCalendar)
	if _, err := tx.Exec(`INSERT INTO institutions (`+columns+`, name_key)
		VALUES (`+db.Placeholders(1, 19)+`)`,
		i.ID, i.Slug, i.Name, i.Acronym, i.Type, i.ParentID, i.Description, i.Website,
		i.Contact.Name, i.Contact.Email, i.Contact.Phone, i.Zone, i.Logo, i.Calendar, i.State, i.ValidTo, i.CreatedAt, i.UpdatedAt,
		NameKey(i.Name)); err != nil {
		return i, nil, fmt.Errorf("creating institution %s: %w", i.Slug, err)
	}
	return finish(tx, i, "institution.added", map[string]any{"slug": i.Slug, "name": i.Name})
}

func change(tx *db.Tx, old, i Institution) (Institution, []record.Act, error) {
	i.CreatedAt, i.UpdatedAt = old.CreatedAt, tx.Now
	i.State, i.ValidTo, i.Calendar = old.State, old.ValidTo, old.Calendar
	slices.Sort(i.Names)
	fields := changed(old, i)
	if len(fields) == 0 {
		return old, nil, nil
	}
	if i.Slug != old.Slug {
		if _, err := tx.Exec(`INSERT INTO old_slugs (kind, slug, object_id) VALUES ($1, $2, $3)
			ON CONFLICT (kind, slug) DO UPDATE SET object_id = excluded.object_id`, Kind, old.Slug, i.ID); err != nil {
			return i, nil, err
		}
	}
	if _, err := tx.Exec(`UPDATE institutions SET slug = $1, name = $2, name_key = $3, acronym = $4, type = $5,
		parent_id = $6, description = $7, website = $8, contact_name = $9, contact_email = $10,
		contact_phone = $11, zone = $12, logo = $13, updated_at = $14 WHERE id = $15`,
		i.Slug, i.Name, NameKey(i.Name), i.Acronym, i.Type, i.ParentID, i.Description, i.Website,
		i.Contact.Name, i.Contact.Email, i.Contact.Phone, i.Zone, i.Logo, i.UpdatedAt, i.ID); err != nil {
		return i, nil, fmt.Errorf("changing institution %s: %w", i.Slug, err)
	}
	if i.Name != old.Name {
		// what it owns is found by its name too, and follows in pieces
		if _, _, err := job.Enqueue(tx, NamedArgs{Institution: i.ID}, job.Options{}); err != nil {
			return i, nil, err
		}
	}
	return finish(tx, i, "institution.changed", map[string]any{"slug": i.Slug, "name": i.Name, "fields": fields})
}

func finish(tx *db.Tx, i Institution, verb string, payload any) (Institution, []record.Act, error) {
	if _, err := tx.Exec(`DELETE FROM institution_names WHERE institution_id = $1`, i.ID); err != nil {
		return i, nil, err
	}
	for _, name := range append([]string{i.Name, i.Acronym}, i.Names...) {
		if key := NameKey(name); key != "" {
			// two may have the same acronym: catalogues mean the first by it
			if _, err := tx.Exec(`INSERT INTO institution_names (name_key, institution_id) VALUES ($1, $2)
				ON CONFLICT (name_key) DO NOTHING`, key, i.ID); err != nil {
				return i, nil, err
			}
		}
	}
	if err := search.Put(tx, doc(i)); err != nil {
		return i, nil, err
	}
	return i, []record.Act{{Verb: verb, Object: i.Ref(), Institution: i.ID, Payload: payload}}, nil
}

// changed lists the fields in which two states differ.
func changed(a, b Institution) []string {
	var f []string
	differ := func(name string, yes bool) {
		if yes {
			f = append(f, name)
		}
	}
	differ("slug", a.Slug != b.Slug)
	differ("name", a.Name != b.Name)
	differ("acronym", a.Acronym != b.Acronym)
	differ("type", a.Type != b.Type)
	differ("parent", a.ParentID != b.ParentID)
	differ("description", a.Description != b.Description)
	differ("website", a.Website != b.Website)
	differ("contact", a.Contact != b.Contact)
	differ("zone", a.Zone != b.Zone)
	differ("logo", a.Logo != b.Logo)
	differ("names", !slices.Equal(keys(a.Names), keys(b.Names)))
	return f
}

func keys(names []string) []string {
	var out []string
	for _, n := range names {
		if k := NameKey(n); k != "" {
			out = append(out, k)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// maxDepth bounds the chain of parents.
const maxDepth = 10

// checkParent refuses a parent that does not exist and circles of parents.
func checkParent(tx *db.Tx, i Institution) ([]plaza.FieldError, error) {
	circle := []plaza.FieldError{{Field: "parent", Key: "institution.error.parent_circle"}}
	id := i.ParentID
	for range maxDepth {
		if id == "" {
			return nil, nil
		}
		if id == i.ID {
			return circle, nil
		}
		p, err := ByID(tx, id)
		if plaza.KindOf(err) == plaza.NotFound && err != nil {
			return []plaza.FieldError{{Field: "parent", Key: "institution.error.parent_unknown"}}, nil
		}
		if err != nil {
			return nil, err
		}
		if id == i.ParentID && p.Extinct() {
			return []plaza.FieldError{{Field: "parent", Key: "institution.error.parent_extinct"}}, nil
		}
		id = p.ParentID
	}
	return circle, nil
}

// checkTaken refuses a slug that leads or once led to another institution, and names
// by which another one is known.
func checkTaken(tx *db.Tx, i Institution) (wrong []plaza.FieldError, err error) {
	refuse := func(field, what string, other Institution) {
		wrong = append(wrong, plaza.FieldError{Field: field, Key: "institution.error." + field + "_taken",
			Args: map[string]any{field: what, "other": other.Name}})
	}
	other, err := BySlug(tx, i.Slug)
	switch {
	case err == nil && other.ID != i.ID:
		refuse("slug", i.Slug, other)
	case err != nil && plaza.KindOf(err) != plaza.NotFound:
		return nil, err
	}
	for n, name := range append([]string{i.Name}, i.Names...) {
		id, err := ByName(tx, name)
		if err != nil {
			return nil, err
		}
		if id == "" || id == i.ID {
			continue
		}
		if other, err = ByID(tx, id); err != nil {
			return nil, err
		}
		field := "names"
		if n == 0 {
			field = "name"
		}
		refuse(field, name, other)
	}
	return wrong, nil
}

// ByID returns an institution; NotFound when there is none.
func ByID(tx *db.Tx, id string) (Institution, error) {
	i, err := scan(tx.Row(`SELECT `+columns+` FROM institutions WHERE id = $1`, id).Scan)
	if err != nil {
		return i, err
	}
	i.Names, err = names(tx, i)
	return i, err
}

// ZoneOf is the zone by whose days an institution counts; that of "", the central unit,
// is DefaultZone. NotFound when there is no such institution.
func ZoneOf(tx *db.Tx, id string) (*time.Location, error) {
	name := DefaultZone
	if id != "" {
		if err := tx.Row(`SELECT zone FROM institutions WHERE id = $1`, id).Scan(&name); err != nil {
			return nil, err
		}
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return nil, fmt.Errorf("the zone of institution %s: %w", id, err)
	}
	return zone, nil
}

// BySlug returns the institution that a slug leads to, old slugs included: when
// the result's Slug is another, the reader is to be redirected.
func BySlug(tx *db.Tx, slug string) (Institution, error) {
	var id string
	err := tx.Row(`SELECT id FROM institutions WHERE slug = $1`, slug).Scan(&id)
	if plaza.KindOf(err) == plaza.NotFound && err != nil {
		err = tx.Row(`SELECT object_id FROM old_slugs WHERE kind = $1 AND slug = $2`, Kind, slug).Scan(&id)
	}
	if err != nil {
		return Institution{}, err
	}
	return ByID(tx, id)
}

// OldSlugs are the slugs that institutions had before, each with the id of the one that
// it leads to: filters of listings name institutions by slug, and their addresses stay.
// One that an institution has now is that institution's alone.
func OldSlugs(tx *db.Tx) (map[string]string, error) {
	type old struct{ slug, id string }
	list, err := db.All(tx, func(scan func(...any) error) (o old, err error) { err = scan(&o.slug, &o.id); return o, err },
		`SELECT slug, object_id FROM old_slugs WHERE kind = $1
		AND NOT EXISTS (SELECT 1 FROM institutions i WHERE i.slug = old_slugs.slug)`, Kind)
	out := make(map[string]string, len(list))
	for _, o := range list {
		out[o.slug] = o.id
	}
	return out, err
}

// ByName returns the id of the institution that a catalogue calls so, "" when none is.
func ByName(tx *db.Tx, name string) (id string, err error) {
	err = tx.Row(`SELECT institution_id FROM institution_names WHERE name_key = $1`, NameKey(name)).Scan(&id)
	if err != nil && plaza.KindOf(err) == plaza.NotFound {
		return "", nil
	}
	return id, err
}

// ByIDs returns institutions by id, without their other names.
func ByIDs(tx *db.Tx, ids []string) (map[string]Institution, error) {
	out := make(map[string]Institution, len(ids))
	if len(ids) == 0 {
		return out, nil
	}
	list, err := db.All(tx, scan, `SELECT `+columns+` FROM institutions
		WHERE id IN (`+db.Placeholders(1, len(ids))+`)`, db.Args(ids)...)
	for _, i := range list {
		out[i.ID] = i
	}
	return out, err
}

// All returns every institution by name, those that are no more included, without
// their other names: an administration has hundreds, not more. It is for naming what
// exists; what somebody chooses from is Going.
func All(tx *db.Tx) ([]Institution, error) {
	return db.All(tx, scan, `SELECT `+columns+` FROM institutions ORDER BY name_key, id`)
}

// Going returns the institutions that go on, as All does.
func Going(tx *db.Tx) ([]Institution, error) {
	return db.All(tx, scan, `SELECT `+columns+` FROM institutions WHERE state = $1 ORDER BY name_key, id`, Active)
}

// CheckGoing is a Conflict when the institution is no more, and NotFound when there is
// none; "" is the central unit, which goes on. Whoever gives an institution something
// new (people, sources, work) asks first.
func CheckGoing(tx *db.Tx, id string) error {
	if id == "" {
		return nil
	}
	var state State
	if err := tx.Row(`SELECT state FROM institutions WHERE id = $1`, id).Scan(&state); err != nil {
		return err
	}
	if state == Extinct {
		return plaza.E(plaza.Conflict, "institution.error.extinct")
	}
	return nil
}

func names(tx *db.Tx, i Institution) ([]string, error) {
	all, err := db.All(tx, db.Column[string], `SELECT name_key FROM institution_names
		WHERE institution_id = $1 ORDER BY name_key`, i.ID)
	return slices.DeleteFunc(all, func(k string) bool { return k == NameKey(i.Name) || k == NameKey(i.Acronym) }), err
}

// Claim is ByID for whoever is about to change the institution: until the transaction
// ends nobody else changes it, so that what is compared with what was seen stays so.
func Claim(tx *db.Tx, id string) (Institution, error) {
	if err := lock(tx, id); err != nil {
		return Institution{}, err
	}
	return ByID(tx, id)
}

// NameKeys maps every name by which an institution is known, folded, to its id.
func NameKeys(tx *db.Tx) (map[string]string, error) {
	out := map[string]string{}
	_, err := db.All(tx, func(scan func(...any) error) (struct{}, error) {
		var key, id string
		err := scan(&key, &id)
		out[key] = id
		return struct{}{}, err
	}, `SELECT name_key, institution_id FROM institution_names`)
	return out, err
}
