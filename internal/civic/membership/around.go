package membership

import (
	"plaza/internal/base/db"
	"plaza/internal/base/web"
	"plaza/internal/civic/account"
	"plaza/internal/civic/institution"
	"plaza/internal/plaza"
)

// headFragment says under an institution's name that it has no liaison, or that its
// liaison is away.
type headFragment struct {
	web.Page
	Notice web.Notice
}

// footFragment says on an institution's page who attends there.
type footFragment struct {
	web.Page
	Liaisons []seatLine
	Others   []seatLine // roles by area, without names
	Join     string
}

// Around draws on an institution's page who attends there: who the liaison is since
// when, or who looks after it meanwhile, and which roles there are. Of people it shows
// the name by which they are known in public, of liaisons alone.
func (m *Members) Around(tx *db.Tx, page web.Page, object plaza.Card) (around web.Around, err error) {
	if object.Ref.Kind != institution.Kind {
		return around, nil
	}
	body, err := institution.ByID(tx, object.Ref.ID)
	if err != nil {
		return around, err
	}
	if body.Extinct() {
		return around, nil // nobody attends there any more: the page says who follows it
	}
	page.L = page.L.In(zoneOf(body))
	who, err := m.Responsible(tx, body.ID)
	if err != nil {
		return around, err
	}
	n, err := m.vacantNotice(tx, page, who)
	if err != nil {
		return around, err
	}
	if n != nil {
		head, err := m.shell.Fragment("membership/head", headFragment{page, *n})
		if err != nil {
			return around, err
		}
		around.Head = append(around.Head, head)
	}
	foot, err := m.foot(tx, page, body)
	if err != nil {
		return around, err
	}
	html, err := m.shell.Fragment("membership/foot", foot)
	around.Foot = append(around.Foot, html)
	return around, err
}

func (m *Members) foot(tx *db.Tx, page web.Page, body institution.Institution) (footFragment, error) {
	f := footFragment{Page: page, Join: joinPath(body)}
	seats, err := account.CurrentSeats(tx, "", body.ID)
	if err != nil {
		return f, err
	}
	suspended, err := m.suspended(tx, seats)
	if err != nil {
		return f, err
	}
	names, err := RoleNames(tx, body.ID)
	if err != nil {
		return f, err
	}
	units, err := unitNames(tx, unitsOf(seats))
	if err != nil {
		return f, err
	}
	known := map[seatLine]bool{}
	for _, role := range Roles {
		for _, s := range seats {
			if s.Role != role || suspended[s.Person] {
				continue
			}
			line := seatLine{Role: names.Say(page.L, role), Unit: units[s.Unit]}
			if role == plaza.Liaison {
				line.Name, line.Period = s.Name, page.L.T("membership.since", "date", page.L.Date(s.From))
				f.Liaisons = append(f.Liaisons, line)
			} else if !known[line] {
				known[line] = true
				f.Others = append(f.Others, line)
			}
		}
	}
	return f, nil
}
