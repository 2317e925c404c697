package site

import (
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/web"
	"plaza/internal/civic/account"
	"plaza/internal/civic/comment"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/moderation"
	"plaza/internal/civic/privacy"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
	"plaza/internal/section/catalog"
)

// comments is what people say under what can be commented on.
func (s *Site) comments() *comment.Comments {
	return comment.New(comment.Deps{
		DB: s.DB, Gate: s.Gate, Cards: objects, Kinds: []string{catalog.KindDataset, catalog.KindResource, institution.Kind},
		Screen: s.Moderation, Report: moderation.ReportPath, Privacy: privacy.Path,
	})
}

// aroundObject is what is drawn around an object on its page, in order.
func (s *Site) aroundObject(tx *db.Tx, page web.Page, object plaza.Card) (web.Around, error) {
	around, err := s.Follow.Around(tx, page, object)
	if err != nil {
		return around, err
	}
	works, err := s.Members.Around(tx, page, object)
	if err != nil {
		return around, err
	}
	around.Head, around.Foot = append(around.Head, works.Head...), append(around.Foot, works.Foot...)
	said, err := s.Comments.Around(tx, page, object)
	if said != "" {
		around.Foot = append(around.Foot, said)
	}
	return around, err
}

// suspend keeps a person from taking part because of a moderators' decision.
func suspend(tx *db.Tx, person string, until time.Time, decision string) ([]record.Act, error) {
	p, err := account.ByID(tx, person)
	if err != nil {
		return nil, err
	}
	return []record.Act{account.Suspended(p, until)}, account.Suspend(tx, person, until, decisionPath(decision))
}

// lift ends that.
func lift(tx *db.Tx, person, _ string) ([]record.Act, error) {
	p, err := account.ByID(tx, person)
	if err != nil {
		return nil, err
	}
	return []record.Act{account.Lifted(p)}, account.Lift(tx, person)
}

// decisionPath is where the person reads a decision.
func decisionPath(id string) string { return "/moderacion/decisiones/" + id }
