package membership

import (
	"slices"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/civic/account"
	"plaza/internal/plaza"
)

// Level says how far what is open at an institution has passed on.
type Level string

// The levels, from the nearest.
const (
	ByLiaison      Level = "liaison"
	BySubstitute   Level = "substitute"
	BySector       Level = "sector"
	ByCoordination Level = "coordination"
)

// Responsible is who answers for an institution now.
type Responsible struct {
	Level       Level
	Institution string // whose people they are: its own, the sector's head's, "" for the coordination
	People      []Official
	// Vacant reports that the institution has no liaison; one who is away is one.
	Vacant bool
	Back   time.Time // when an absent liaison is back, for BySubstitute and while nobody stands in
}

// Official is a person in a role at an institution.
type Official struct {
	Person string // id
	Name   string
	Unit   string // id, "" for none
	Role   plaza.Role
	Since  time.Time
}

// Responsible is who answers for the institution now, whether or not it exists.
func (m *Members) Responsible(tx *db.Tx, body string) (Responsible, error) {
	s, err := m.staff(tx, body)
	if err != nil {
		return Responsible{}, err
	}
	r := s.responsible(body)
	if r.Level == ByCoordination {
		seats, err := account.CurrentSeats(tx, plaza.Admin, "")
		if err != nil {
			return r, err
		}
		away, err := m.suspended(tx, seats)
		if err != nil {
			return r, err
		}
		r.People = officials(seats, func(x account.Seat) bool { return !away[x.Person] })
	}
	return r, nil
}

// without is who answers for the institution once a role there has ended; whom the
// coordination is does not matter, so they are left out.
func (m *Members) without(tx *db.Tx, body, seat string) (Responsible, error) {
	s, err := m.staff(tx, body)
	if err != nil {
		return Responsible{}, err
	}
	ended := func(x account.Seat) bool { return x.ID == seat }
	s.liaisons[body] = slices.DeleteFunc(s.liaisons[body], ended)
	s.others[body] = slices.DeleteFunc(s.others[body], ended)
	return s.responsible(body), nil
}

// Vacant are those of the institutions, or with none named of all of them, that have no
// liaison now. It runs a bounded number of statements.
func (m *Members) Vacant(tx *db.Tx, bodies ...string) (map[string]bool, error) {
	s, err := m.staff(tx, bodies...)
	if err != nil {
		return nil, err
	}
	if len(bodies) == 0 {
		for id := range s.parent {
			bodies = append(bodies, id)
		}
	}
	out := make(map[string]bool, len(bodies))
	for _, id := range bodies {
		if len(s.liaisons[id]) == 0 {
			out[id] = true
		}
	}
	return out, nil
}

// staff is who works where it matters for some institutions and those above them.
type staff struct {
	now      time.Time
	parent   map[string]string
	liaisons map[string][]account.Seat // not suspended
	absences map[string][]Absence      // in force
	others   map[string][]account.Seat // answering, not suspended, where somebody is away
}

// maxChain bounds the way up from an institution, as package institution does.
const maxChain = 10

// staff reads it, for all institutions when none is named.
func (m *Members) staff(tx *db.Tx, bodies ...string) (*staff, error) {
	s := &staff{now: tx.Now, liaisons: map[string][]account.Seat{}, absences: map[string][]Absence{}, others: map[string][]account.Seat{}}
	var err error
	if s.parent, err = parents(tx, bodies); err != nil {
		return nil, err
	}
	where := bodies
	if len(bodies) > 0 {
		where = slices.Clone(bodies)
		for id := range s.parent {
			if !slices.Contains(where, id) {
				where = append(where, id)
			}
		}
	}
	liaisons, err := account.CurrentSeats(tx, plaza.Liaison, where...)
	if err != nil {
		return nil, err
	}
	absences, err := absencesInForce(tx, where)
	if err != nil {
		return nil, err
	}
	var others []account.Seat
	for _, a := range absences {
		s.absences[a.Institution] = append(s.absences[a.Institution], a)
	}
	if len(s.absences) > 0 {
		var at []string
		for id := range s.absences {
			at = append(at, id)
		}
		slices.Sort(at)
		if others, err = account.CurrentSeats(tx, "", at...); err != nil {
			return nil, err
		}
	}
	suspended, err := m.suspended(tx, liaisons, others)
	if err != nil {
		return nil, err
	}
	for _, seat := range liaisons {
		if seat.Institution != "" && !suspended[seat.Person] {
			s.liaisons[seat.Institution] = append(s.liaisons[seat.Institution], seat)
		}
	}
	for _, seat := range others {
		if answers(seat.Role, seat.Institution) && !suspended[seat.Person] {
			s.others[seat.Institution] = append(s.others[seat.Institution], seat)
		}
	}
	return s, nil
}

// responsible is who answers for an institution, but for who the coordination is.
func (s *staff) responsible(body string) Responsible {
	r := Responsible{Level: ByLiaison, Institution: body, Vacant: len(s.liaisons[body]) == 0, Back: s.back(body)}
	if r.People = s.present(body); len(r.People) > 0 {
		return r
	}
	r.Level = BySubstitute
	if r.People = s.standIns(body); len(r.People) > 0 {
		return r
	}
	r.Level = BySector
	up := s.parent[body]
	for range maxChain {
		if up == "" {
			break
		}
		r.Institution = up
		if r.People = s.present(up); len(r.People) > 0 {
			return r
		}
		if r.People = s.standIns(up); len(r.People) > 0 {
			return r
		}
		up = s.parent[up]
	}
	r.Level, r.Institution = ByCoordination, ""
	return r
}

// present are an institution's liaisons who are not away.
func (s *staff) present(body string) []Official {
	return officials(s.liaisons[body], func(x account.Seat) bool { return !s.away(body, x.Person) })
}

func (s *staff) away(body, person string) bool {
	return slices.ContainsFunc(s.absences[body], func(a Absence) bool { return a.Person == person })
}

// standIns are who stands in for those that are away. The absence of a liaison whose
// role has ended meanwhile lasts to its day: what is open has passed on to that person.
func (s *staff) standIns(body string) []Official {
	return officials(s.others[body], func(x account.Seat) bool {
		named := slices.ContainsFunc(s.absences[body], func(a Absence) bool { return a.Substitute == x.Person })
		return named && !s.away(body, x.Person)
	})
}

// back is when the first of those that are away is back, zero when nobody is.
func (s *staff) back(body string) (at time.Time) {
	for _, a := range s.absences[body] {
		if at.IsZero() || a.Until.Before(at) {
			at = a.Until
		}
	}
	return at
}

// officials are the holders of the seats, each once.
func officials(seats []account.Seat, which func(account.Seat) bool) (out []Official) {
	for _, x := range seats {
		known := slices.ContainsFunc(out, func(o Official) bool { return o.Person == x.Person })
		if !known && which(x) {
			out = append(out, Official{Person: x.Person, Name: x.Name, Unit: x.Unit, Role: x.Role, Since: x.From})
		}
	}
	return out
}

// suspended are those of the seats' holders who are suspended.
func (m *Members) suspended(tx *db.Tx, seats ...[]account.Seat) (map[string]bool, error) {
	var people []string
	seen := map[string]bool{}
	for _, list := range seats {
		for _, x := range list {
			if !seen[x.Person] {
				seen[x.Person] = true
				people = append(people, x.Person)
			}
		}
	}
	if m.Suspended != nil && len(people) > 0 {
		return m.Suspended(tx, people)
	}
	out := map[string]bool{}
	for _, id := range people {
		p, err := account.ByID(tx, id)
		if err != nil && plaza.KindOf(err) != plaza.NotFound {
			return nil, err
		}
		out[id] = err != nil || p.Actor().Suspended
	}
	return out, nil
}

// StandsFor are the institutions for which another one answers now, because they have
// neither a liaison nor a substitute: those below it in its sector or, for "", those that
// the coordination answers for.
func (m *Members) StandsFor(tx *db.Tx, body string) ([]string, error) {
	var below []string
	var err error
	if body != "" {
		if below, err = sector(tx, body); err != nil || len(below) == 0 {
			return nil, err
		}
	}
	s, err := m.staff(tx, below...)
	if err != nil {
		return nil, err
	}
	if body == "" {
		for id := range s.parent {
			below = append(below, id)
		}
	}
	level := BySector
	if body == "" {
		level = ByCoordination
	}
	below = slices.DeleteFunc(below, func(id string) bool {
		r := s.responsible(id)
		return r.Level != level || r.Institution != body
	})
	slices.Sort(below)
	return below, nil
}

// StandIns are the institutions at which a liaison stands in for one that is missing.
func (m *Members) StandIns(tx *db.Tx, liaison plaza.Actor) ([]string, error) {
	var out []string
	for _, g := range liaison.Grants {
		if g.Role != plaza.Liaison || g.Institution == "" {
			continue
		}
		bodies, err := m.StandsFor(tx, g.Institution)
		if err != nil {
			return nil, err
		}
		out = append(out, bodies...)
	}
	return out, nil
}

// sector are the institutions below another one that go on.
func sector(tx *db.Tx, head string) ([]string, error) {
	return db.All(tx, db.Column[string], `WITH RECURSIVE below (id, steps) AS (
			SELECT id, 1 FROM institutions WHERE parent_id = $1 AND state <> 'extinct'
			UNION ALL
			SELECT i.id, b.steps + 1
			FROM institutions i
			JOIN below b ON i.parent_id = b.id
			WHERE i.state <> 'extinct' AND b.steps < $2)
		SELECT DISTINCT id FROM below`, head, maxChain)
}

// parents says of institutions, and of all above them, to which one each belongs.
func parents(tx *db.Tx, bodies []string) (map[string]string, error) {
	out := map[string]string{}
	scan := func(scan func(...any) error) (struct{}, error) {
		var id, parent string
		err := scan(&id, &parent)
		out[id] = parent
		return struct{}{}, err
	}
	if len(bodies) == 0 {
		_, err := db.All(tx, scan, `SELECT id, parent_id FROM institutions WHERE state <> 'extinct'`)
		return out, err
	}
	n := len(bodies)
	_, err := db.All(tx, scan, `WITH RECURSIVE above (id, parent_id, steps) AS (
			SELECT id, parent_id, 0 FROM institutions WHERE id IN (`+db.Placeholders(1, n)+`)
			UNION ALL
			SELECT i.id, i.parent_id, a.steps + 1
			FROM institutions i
			JOIN above a ON i.id = a.parent_id
			WHERE a.steps < `+db.Placeholders(n+1, 1)+`)
		SELECT DISTINCT id, parent_id FROM above`, append(db.Args(bodies), maxChain)...)
	return out, err
}
