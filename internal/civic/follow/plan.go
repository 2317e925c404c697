package follow

import (
	"context"
	"slices"
	"strings"

	"plaza/internal/base/db"
	"plaza/internal/civic/account"
	"plaza/internal/civic/record"
	"plaza/internal/civic/search"
	"plaza/internal/plaza"
)

// The reasons that notices quote; {title} is what is followed.
const (
	whyFollow = "notify.why.follow"
	whySearch = "notify.why.search"
	whyRole   = "notify.why.role"
	whyDirect = "notify.why.direct"
)

const kindSearch = "search"

// kindTheme is the kind of a theme that is followed.
const kindTheme = "theme"

// plan is who is to hear of an entry.
type plan struct {
	entry  record.Entry
	weight Weight
	actor  string      // who did it, and is not told
	refs   []plaza.Ref // what is followed, the nearest first
	people []told      // whom it concerns in person, in order of their ids
}

// told is somebody who is told, and why.
type told struct {
	recipient string
	why       string
	followed  plaza.Ref
	follow    string // id of the subscription
	inApp     bool
	mail      Often // "" for none
}

// nobody reports whether there is nobody to tell.
func (p plan) nobody() bool { return len(p.refs) == 0 && len(p.people) == 0 }

// plans works out who hears of entries, with a number of statements that grows with the
// kinds of things and not with the entries, save for what audiences ask.
func (s *Service) plans(ctx context.Context, tx *db.Tx, entries []record.Entry) ([]plan, error) {
	cards, err := s.cardsOf(tx, entries)
	if err != nil {
		return nil, err
	}
	out := make([]plan, len(entries))
	for i, e := range entries {
		if out[i], err = s.plan(tx, e, cards); err != nil {
			return nil, err
		}
	}
	if err := s.matchSearches(ctx, tx, out); err != nil {
		return nil, err
	}
	return out, onlyFollowed(tx, out)
}

func (s *Service) cardsOf(tx *db.Tx, entries []record.Entry) (map[plaza.Ref]plaza.Card, error) {
	var refs []plaza.Ref
	seen := map[plaza.Ref]bool{}
	for _, e := range entries {
		if ref := objectOf(e); ref.ID != "" && !seen[ref] && s.weight(e.Verb) != Silent {
			seen[ref] = true
			refs = append(refs, ref)
		}
	}
	if len(refs) == 0 || s.Cards == nil {
		return nil, nil
	}
	return s.Cards(tx, refs)
}

func objectOf(e record.Entry) plaza.Ref { return plaza.Ref{Kind: e.Object.Kind, ID: e.Object.ID} }

// plan works out who hears of one entry, searches aside.
func (s *Service) plan(tx *db.Tx, e record.Entry, cards map[plaza.Ref]plaza.Card) (p plan, err error) {
	p = plan{entry: e, weight: s.weight(e.Verb)}
	if e.Actor.Ref != "" {
		if p.actor, err = account.ByPseudonym(tx, e.Actor.Ref); err != nil {
			return p, err
		}
	}
	add := func(refs ...plaza.Ref) {
		for _, r := range refs {
			if r.ID != "" && !slices.Contains(p.refs, r) {
				p.refs = append(p.refs, r)
			}
		}
	}
	card, known := cards[objectOf(e)]
	public := p.weight != Silent && (!known || card.Visible)
	if public {
		add(objectOf(e))
		add(card.Within...)
		add(plaza.Ref{Kind: "institution", ID: e.Institution})
	}
	for _, audience := range s.Audiences {
		a, err := audience(tx, e)
		if err != nil {
			return p, err
		}
		if a.Nobody {
			p.refs, p.people = nil, nil
			return p, nil
		}
		add(a.About...)
		if err := p.concern(tx, a); err != nil {
			return p, err
		}
	}
	return p, p.settle(tx)
}

// concern adds whom an entry concerns in person.
func (p *plan) concern(tx *db.Tx, a record.Audience) error {
	for _, c := range a.Direct {
		if c.Person != "" {
			p.people = append(p.people, told{recipient: c.Person, why: or(c.Why, whyDirect), inApp: true, mail: Now})
		}
	}
	for _, post := range a.Roles {
		ids, err := account.Holders(tx, post.Role, post.Institution)
		if err != nil {
			return err
		}
		for _, id := range ids {
			p.people = append(p.people, told{recipient: id, why: or(post.Why, whyRole), inApp: true, mail: Now})
		}
	}
	return nil
}

func or(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// settle puts people in order, each once and without whoever did it, and gives them mails as
// they want them.
func (p *plan) settle(tx *db.Tx) error {
	slices.SortStableFunc(p.people, func(a, b told) int { return strings.Compare(a.recipient, b.recipient) })
	p.people = slices.CompactFunc(p.people, func(a, b told) bool { return a.recipient == b.recipient })
	p.people = slices.DeleteFunc(p.people, func(t told) bool { return t.recipient == p.actor })
	if len(p.people) == 0 {
		return nil
	}
	ids := make([]string, len(p.people))
	for i, t := range p.people {
		ids[i] = t.recipient
	}
	often := map[string]Often{}
	for part := range slices.Chunk(ids, 500) { // arguments of one statement
		if _, err := db.All(tx, func(scan func(...any) error) (struct{}, error) {
			var id, o string
			err := scan(&id, &o)
			often[id] = Often(o)
			return struct{}{}, err
		}, `SELECT recipient, often FROM notice_settings WHERE recipient IN (`+db.Placeholders(1, len(part))+`)`, db.Args(part)...); err != nil {
			return err
		}
	}
	for i, t := range p.people {
		switch o := often[t.recipient]; o {
		case "":
		case Never:
			p.people[i].mail = ""
		default:
			p.people[i].mail = o
		}
	}
	return nil
}

// tellsOfNew reports whether an entry tells of a dataset that searches may find now.
func tellsOfNew(verb string) bool { return verb == "dataset.added" || verb == "dataset.changed" }

// searchesAtOnce is how many kept searches are looked up with one statement.
const searchesAtOnce = 500

// matchSearches adds the kept searches that find the new datasets: each is asked once for
// all of them.
func (s *Service) matchSearches(ctx context.Context, tx *db.Tx, plans []plan) error {
	byID := map[string][]int{}
	for i, p := range plans {
		if tellsOfNew(p.entry.Verb) && len(p.refs) > 0 {
			byID[p.entry.Object.ID] = append(byID[p.entry.Object.ID], i)
		}
	}
	if len(byID) == 0 || s.Saved == nil || s.Search == nil {
		return nil
	}
	ids := make([]string, 0, len(byID))
	for id := range byID {
		ids = append(ids, id)
	}
	query, err := s.Saved(tx)
	if err != nil {
		return err
	}
	for after := ""; ; {
		kept, err := db.All(tx, db.Column[string], `SELECT DISTINCT object_id
			FROM follows
			WHERE object_kind = $1 AND object_id > $2
			ORDER BY object_id
			LIMIT $3`, kindSearch, after, searchesAtOnce)
		if err != nil || len(kept) == 0 {
			return err
		}
		for _, id := range kept {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			q := query(id)
			q.Where, q.Limit = search.Among(ids...), search.MaxLimit
			found, err := s.Search.Search(q)
			if err != nil {
				continue // a search that this version does not understand finds nothing
			}
			for _, h := range found.Hits {
				for _, i := range byID[h.Ref.ID] {
					plans[i].refs = append(plans[i].refs, plaza.Ref{Kind: kindSearch, ID: id})
				}
			}
		}
		after = kept[len(kept)-1]
	}
}

// onlyFollowed takes out what nobody follows, so that most entries cost nothing more.
func onlyFollowed(tx *db.Tx, plans []plan) error {
	asked := map[string][]string{}
	seen := map[plaza.Ref]bool{}
	for _, p := range plans {
		for _, r := range p.refs {
			if !seen[r] && r.Kind != kindSearch { // those are followed: that is how they were found
				seen[r] = true
				asked[r.Kind] = append(asked[r.Kind], r.ID)
			}
		}
	}
	followed := map[plaza.Ref]bool{}
	for kind, ids := range asked {
		for part := range slices.Chunk(ids, 500) { // arguments of one statement
			found, err := db.All(tx, db.Column[string], `SELECT DISTINCT object_id
				FROM follows
				WHERE object_kind = $1 AND object_id IN (`+db.Placeholders(2, len(part))+`)`, append([]any{kind}, db.Args(part)...)...)
			if err != nil {
				return err
			}
			for _, id := range found {
				followed[plaza.Ref{Kind: kind, ID: id}] = true
			}
		}
	}
	for i := range plans {
		plans[i].refs = slices.DeleteFunc(plans[i].refs, func(r plaza.Ref) bool { return r.Kind != kindSearch && !followed[r] })
	}
	return nil
}
