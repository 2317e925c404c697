package cases

import (
	"strings"

	"plaza/internal/base/db"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
)

// Why somebody hears of a case: message keys.
const (
	whyAsker       = "notify.why.case_asker"
	whyJoined      = "notify.why.case_joined" // they asked what was merged into it
	whySupporter   = "notify.why.case_supporter"
	whyInstitution = "notify.why.case_institution"
	whyAuthor      = "notify.why.case_author" // they wrote the answer
)

// Of which acts an institution's people hear, and of which supporters do.
var (
	forInstitution = []StepKind{Opened, WasReopened, InfoGiven, WasWithdrawn, HandoverTaken, WasAccepted}
	forSupporters  = []StepKind{WasAnswered, WasCorrected, HasAdvanced, WasClosed, WasMerged, WasWithdrawn, HasLapsed, FormalBegun}
)

// noNews are acts of which nobody hears.
var noNews = []StepKind{supported, unsupported, foundClear, wasHidden, wasRemoved, wasRestored, WasJoined, WasMoved, WasParted, WasEscalated}

// Audiences says who hears of what happens to cases: the asker of all that others do,
// who answers for the institution of what needs them, supporters of what is said and
// ended, and those who follow the case or one that was merged into it. Who follows its
// dataset or institution hears only of those verbs that weigh more than others
// (follow.Weight).
func (cs *Cases) Audiences(tx *db.Tx, e record.Entry) (record.Audience, error) {
	nobody := record.Audience{Nobody: true}
	verb, ours := strings.CutPrefix(e.Verb, "case.")
	if !ours {
		return record.Audience{}, nil
	}
	kind := StepKind(verb)
	if has(noNews, kind) {
		return nobody, nil
	}
	c, err := ByID(tx, e.Object.ID)
	if err != nil {
		if plaza.KindOf(err) == plaza.NotFound {
			return nobody, nil
		}
		return nobody, err
	}
	if !c.Public() { // hidden before anybody was told
		return nobody, nil
	}
	if kind == HandoverAsked {
		return cs.askedToTake(tx, c)
	}
	if kind == foundDark {
		return cs.authors(tx, c)
	}
	return cs.concerned(tx, c, kind, e.Institution)
}

// authors are who wrote the current answer to a case. Followers hear nothing.
func (cs *Cases) authors(tx *db.Tx, c Case) (record.Audience, error) {
	a, err := LastAnswer(tx, c.ID)
	if err != nil || a.Author == "" {
		return record.Audience{Nobody: true}, err
	}
	return record.Audience{Direct: []record.Concerned{{Person: a.Author, Why: whyAuthor}}}, nil
}

// askedToTake are who answers for the institution that is asked to take a case over.
func (cs *Cases) askedToTake(tx *db.Tx, c Case) (record.Audience, error) {
	a := record.Audience{Nobody: true}
	h, ok, err := OpenHandover(tx, c.ID)
	if err != nil || !ok {
		return a, err
	}
	who, err := cs.responsible(tx, h.To)
	for _, p := range who.People {
		a.Nobody = false
		a.Direct = append(a.Direct, record.Concerned{Person: p.Person, Why: whyInstitution})
	}
	return a, err
}

// maxJoined is of how many cases that were merged into one the askers and followers are
// told; maxTold, how many supporters are.
const (
	maxJoined = 100
	maxTold   = 10_000
)

// concerned are those whom an act on a public case concerns, the nearest reason first.
func (cs *Cases) concerned(tx *db.Tx, c Case, kind StepKind, body string) (record.Audience, error) {
	a := record.Audience{About: []plaza.Ref{c.Ref()}}
	told := map[string]bool{"": true}
	tell := func(person, why string) {
		if !told[person] {
			told[person] = true
			a.Direct = append(a.Direct, record.Concerned{Person: person, Why: why})
		}
	}
	tell(c.Asker.Person, whyAsker)
	joined, err := joinedInto(tx, c.ID, maxJoined)
	if err != nil {
		return a, err
	}
	for _, j := range joined {
		a.About = append(a.About, j.Ref())
		if kind != InfoGiven {
			tell(j.Asker.Person, whyJoined)
		}
	}
	if has(forInstitution, kind) {
		who, err := cs.responsible(tx, body)
		if err != nil {
			return a, err
		}
		for _, p := range who.People {
			tell(p.Person, whyInstitution)
		}
	}
	if !has(forSupporters, kind) {
		return a, nil
	}
	all, err := Supporters(tx, c.ID, maxTold)
	for _, s := range all {
		if s.Account {
			tell(s.Person, whySupporter)
		}
	}
	return a, err
}

// joinedInto are the public cases that were merged into one, also by way of others, at
// most so many. A circle ends where it began.
func joinedInto(tx *db.Tx, id string, limit int) ([]Case, error) {
	return db.All(tx, scan, `WITH RECURSIVE joined (id) AS (
			SELECT id FROM cases WHERE into_id = $1
			UNION
			SELECT c.id FROM cases c JOIN joined j ON c.into_id = j.id
		)
		SELECT `+columns+`
		FROM cases
		WHERE id IN (SELECT id FROM joined) AND id <> $1 AND standing = 'public'
		ORDER BY id
		LIMIT $2`, id, limit)
}

// has reports whether a list has a kind of step.
func has(list []StepKind, k StepKind) bool {
	for _, one := range list {
		if one == k {
			return true
		}
	}
	return false
}
