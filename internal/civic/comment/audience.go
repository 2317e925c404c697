package comment

import (
	"plaza/internal/base/db"
	"plaza/internal/base/text"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/moderation"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
	"strings"
)

// Why somebody hears of a comment: message keys.
const (
	whyReply       = "notify.why.reply"
	whyMention     = "notify.why.mention"
	whyInstitution = "notify.why.comment_institution"
	whyNamed       = "notify.why.mention_institution"
)

// Audiences says who hears of what happens to comments: of a new one, whom it answers,
// whom it names, who answers for the institution now and who follows the object. Of all else
// nobody does: whoever was moderated is told the reason by package moderation.
func (cs *Comments) Audiences(tx *db.Tx, e record.Entry) (record.Audience, error) {
	nobody := record.Audience{Nobody: true}
	switch {
	case !strings.HasPrefix(e.Verb, "comment."):
		return record.Audience{}, nil
	case e.Verb != "comment.published":
		return nobody, nil
	}
	c, err := ByID(tx, e.Object.ID)
	if err != nil {
		if plaza.KindOf(err) == plaza.NotFound {
			return nobody, nil
		}
		return nobody, err
	}
	if c.State != moderation.Public { // hidden or taken back before anybody was told
		return nobody, nil
	}
	return cs.concerned(tx, c)
}

// concerned are those whom a public comment concerns.
func (cs *Comments) concerned(tx *db.Tx, c Comment) (record.Audience, error) {
	a := record.Audience{About: []plaza.Ref{c.On}}
	names, err := db.All(tx, func(scan func(...any) error) (n named, err error) {
		var body int
		err = scan(&n.ID, &body)
		n.Institution = body == 1
		return n, err
	}, `SELECT named_id, institution FROM comment_mentions WHERE comment_id = $1 ORDER BY named_id`, c.ID)
	if err != nil {
		return a, err
	}
	why := map[string]string{} // of each person the nearest reason
	tell := func(person, reason string) {
		if person != "" && person != c.Author && why[person] == "" {
			why[person] = reason
			a.Direct = append(a.Direct, record.Concerned{Person: person, Why: reason})
		}
	}
	if c.Root != "" {
		root, err := ByID(tx, c.Root)
		if err != nil {
			return a, err
		}
		tell(root.Author, whyReply)
		joined, err := db.All(tx, scan, `SELECT `+columns+`
			FROM comments
			WHERE root_id = $1 AND merged_into <> '' AND `+placed+`
			ORDER BY said_at, id
			LIMIT $2`, c.Root, maxJoined)
		if err != nil {
			return a, err
		}
		for _, j := range joined { // it answers those too, and stands where theirs stood
			tell(j.Author, whyReply)
			a.About = append(a.About, j.Home.On)
		}
	}
	liaisons := whyInstitution
	for _, n := range names {
		if n.Institution {
			liaisons = whyNamed
			continue
		}
		tell(n.ID, whyMention)
	}
	if cs.Responsible == nil {
		if c.Institution != "" {
			a.Roles = append(a.Roles, record.Post{Role: plaza.Liaison, Institution: c.Institution, Why: liaisons})
		}
		return a, nil
	}
	people, err := cs.Responsible(tx, c.Institution)
	for _, id := range people {
		tell(id, liaisons)
	}
	return a, err
}

// maxJoined is of how many threads that were merged into one the authors and followers
// are told.
const maxJoined = 100

// maxExcerpt is how much of a comment its card shows, in letters.
const maxExcerpt = 300

// Cards makes cards of comments from those of what they stand under: a comment is
// called like its object, as sentences have it ("Se comentó en …"). It runs one statement
// besides those of objects. Comments that never were public have no card; of those
// that were hidden or taken back only the title is shown.
func Cards(objects record.Cards) record.Cards {
	return func(tx *db.Tx, refs []plaza.Ref) (map[plaza.Ref]plaza.Card, error) {
		var ids []string
		for _, r := range refs {
			if r.Kind == Kind {
				ids = append(ids, r.ID)
			}
		}
		out := make(map[plaza.Ref]plaza.Card, len(ids))
		list, err := byIDs(tx, ids)
		if err != nil || len(list) == 0 {
			return out, err
		}
		under := make([]plaza.Ref, len(list))
		for i, c := range list {
			under[i] = c.On
		}
		cards, err := objects(tx, under)
		if err != nil {
			return nil, err
		}
		for _, c := range list {
			if on, ok := cards[c.On]; ok && c.placed() && !c.Published.IsZero() {
				out[c.Ref()] = card(c, on)
			}
		}
		return out, nil
	}
}

// card is a comment's, under an object.
func card(c Comment, on plaza.Card) plaza.Card {
	k := plaza.Card{Ref: c.Ref(), Title: on.Title, Path: c.Path(), Owner: on.Owner, OwnerPath: on.OwnerPath,
		Institution: c.Institution, Language: on.Language, Modified: c.written(), Visible: on.Visible && c.State == moderation.Public,
		Within: append([]plaza.Ref{c.On}, on.Within...)}
	if k.Visible {
		k.Excerpt = text.Excerpt(text.PlainText(c.Body), maxExcerpt)
	}
	body := plaza.Ref{Kind: institution.Kind, ID: c.Institution}
	for _, r := range k.Within {
		if r == body {
			return k
		}
	}
	if c.Institution != "" {
		k.Within = append(k.Within, body)
	}
	return k
}
