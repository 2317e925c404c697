package disclosure

import (
	"strings"

	"plaza/internal/base/db"
	"plaza/internal/base/i18n"
	"plaza/internal/civic/account"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
)

// Why somebody hears of a report: message keys.
const (
	whyAttend   = "notify.why.disclosure"
	whyReporter = "notify.why.disclosure_reporter"
)

// Audiences says who hears of a report: of a new one, who answers for the institution, its
// enlace de transparencia and the coordination; of what it came to, whoever reported it.
// Nobody else ever does.
func (rs *Reports) Audiences(tx *db.Tx, e record.Entry) (record.Audience, error) {
	if !strings.HasPrefix(e.Verb, Kind+".") {
		return record.Audience{}, nil
	}
	a := record.Audience{Nobody: true}
	r, err := ByID(tx, e.Object.ID)
	if err != nil {
		if plaza.KindOf(err) == plaza.NotFound {
			err = nil
		}
		return a, err
	}
	a.Nobody = false
	if e.Verb == "disclosure.concluded" {
		if r.Reporter != "" {
			a.Direct = append(a.Direct, record.Concerned{Person: r.Reporter, Why: whyReporter})
		}
		return a, nil
	}
	people, err := rs.Responsible(tx, r.Institution)
	if err != nil {
		return a, err
	}
	if r.Institution != "" {
		seats, err := account.CurrentSeats(tx, plaza.Transparency, r.Institution)
		if err != nil {
			return a, err
		}
		for _, s := range seats {
			people = append(people, s.Person)
		}
	}
	admins, err := account.CurrentSeats(tx, plaza.Admin, "")
	for _, s := range admins {
		people = append(people, s.Person)
	}
	told := map[string]bool{}
	for _, id := range people {
		if !told[id] {
			told[id] = true
			a.Direct = append(a.Direct, record.Concerned{Person: id, Why: whyAttend})
		}
	}
	return a, err
}

// Details say to whom a report concerns what it is about and where to attend to it.
func (rs *Reports) Details(tx *db.Tx, l *i18n.Printer, entries []record.Entry) (map[int64]record.Detail, error) {
	var ids []string
	for _, e := range entries {
		if strings.HasPrefix(e.Verb, Kind+".") {
			ids = append(ids, e.Object.ID)
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	all, err := db.All(tx, scan, `SELECT `+columns+` FROM disclosures WHERE id IN (`+db.Placeholders(1, len(ids))+`)`, db.Args(ids)...)
	if err != nil {
		return nil, err
	}
	byID, refs, bodies := map[string]Report{}, []plaza.Ref{}, []string{}
	for _, r := range all {
		byID[r.ID], refs = r, append(refs, r.Object)
		if r.Institution != "" {
			bodies = append(bodies, r.Institution)
		}
	}
	cards, err := rs.Cards(tx, refs)
	if err != nil {
		return nil, err
	}
	owners, err := institution.ByIDs(tx, bodies)
	if err != nil {
		return nil, err
	}
	out := map[int64]record.Detail{}
	for _, e := range entries {
		r, ok := byID[e.Object.ID]
		if !ok || !strings.HasPrefix(e.Verb, Kind+".") {
			continue
		}
		d := record.Detail{Title: cards[r.Object].Title, Path: pathOf(r, owners[r.Institution])}
		if e.Verb == "disclosure.concluded" {
			d.Path = cards[r.Object].Path
			d.Args = []any{"conclusion", l.T("disclosure.conclusion." + r.Conclusion), "answer", r.Answer}
		}
		out[e.Seq] = d
	}
	return out, nil
}

// PathOf is where a report is attended to, by its id.
func PathOf(tx *db.Tx, id string) (string, error) {
	r, err := ByID(tx, id)
	if err != nil {
		return "", err
	}
	owners, err := institution.ByIDs(tx, []string{r.Institution})
	return pathOf(r, owners[r.Institution]), err
}

// pathOf is where a report is attended to.
func pathOf(r Report, body institution.Institution) string {
	if r.Institution == "" {
		return centralPath + "/" + r.ID
	}
	return institution.OfficePath + body.Slug + "/datos-personales/" + r.ID
}
