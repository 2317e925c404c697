package demo

import (
	"slices"

	"plaza/internal/civic/commitment"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
	"plaza/internal/section/cases"
)

// steps are beats one after the other.
func steps(list ...[]beat) []beat { return slices.Concat(list...) }

// one is a single beat of a case.
func one(days int, who string, do func(*scene) (cases.Case, []record.Act, error)) []beat {
	return []beat{{days: days, who: who, do: func(s *scene) ([]record.Act, error) {
		_, acts, err := do(s)
		return acts, err
	}}}
}

func acknowledge(days int, who string) []beat {
	return one(days, who, func(s *scene) (cases.Case, []record.Act, error) { return s.Cases.Acknowledge(s.tx, s.c.ID) })
}

// turn turns a case to the area of somebody of the cast.
func turn(days int, who, to string) []beat {
	return one(days, who, func(s *scene) (cases.Case, []record.Act, error) {
		all, err := institution.Units(s.tx, s.c.Institution)
		if err != nil {
			return s.c, nil, err
		}
		for _, u := range all {
			if u.Name == cast[to].unit {
				return s.Cases.Turn(s.tx, s.c.ID, u.ID)
			}
		}
		return s.c, nil, plaza.E(plaza.NotFound, "cases.error.unit")
	})
}

func askInfo(days int, who, question string) []beat {
	return one(days, who, func(s *scene) (cases.Case, []record.Act, error) { return s.Cases.AskInfo(s.tx, s.c.ID, question) })
}

func (s *scene) asker() cases.Asker { return cases.By(plaza.ActorFrom(s.tx.Context())) }

func extend(days int, who string, by int, why string) []beat {
	return one(days, who, func(s *scene) (cases.Case, []record.Act, error) { return s.Cases.Extend(s.tx, s.c.ID, by, why) })
}

func convert(days int, who string, to cases.Kind) []beat {
	return one(days, who, func(s *scene) (cases.Case, []record.Act, error) { return s.Cases.Convert(s.tx, s.c.ID, to) })
}

// answer answers officially, what is no refusal.
func answer(days int, who string, o cases.Outcome, text string) []beat {
	return one(days, who, func(s *scene) (cases.Case, []record.Act, error) {
		return s.Cases.PublishDraft(s.tx, s.c.ID, cases.AnswerForm{Outcome: o, Body: text}, "")
	})
}

// point answers with a dataset that is published already.
func point(days int, who, slug, text string) []beat {
	b := one(days, who, func(s *scene) (cases.Case, []record.Act, error) {
		return s.Cases.PublishDraft(s.tx, s.c.ID, cases.AnswerForm{Outcome: cases.AlreadyPublic, Body: text, Object: s.thing}, "")
	})
	b[0].needs = slug
	return b
}

// plan answers with a date, so many days after the end of the story (before it, when
// negative), which becomes a commitment.
func plan(days int, who string, due int, promise, text string) []beat {
	return one(days, who, func(s *scene) (cases.Case, []record.Act, error) {
		return s.Cases.PublishDraft(s.tx, s.c.ID, cases.AnswerForm{Outcome: cases.Planned, Body: text, Promise: promise, PlannedOn: s.on(due)}, "")
	})
}

// appeal is where who was refused something may object.
const appeal = "Ante la autoridad garante de transparencia competente, dentro de los quince días hábiles siguientes, con el recurso de revisión."

// refuse is a refusal: the liaison drafts it, the enlace de transparencia signs exactly
// that, and the liaison publishes it.
func refuse(days int, who, signer string, o cases.Outcome, ground, text, alternative string) []beat {
	form := cases.AnswerForm{Outcome: o, Body: text, Ground: ground, Alternative: alternative, Appeal: appeal}
	return steps(
		one(days+1, who, func(s *scene) (cases.Case, []record.Act, error) {
			if _, err := s.Cases.SaveDraft(s.tx, s.c.ID, form, 0); err != nil {
				return s.c, nil, err
			}
			_, err := s.Cases.AskSignature(s.tx, s.c.ID)
			return s.c, nil, err
		}),
		one(days, signer, func(s *scene) (cases.Case, []record.Act, error) {
			all, err := cases.Drafts(s.tx, s.c.ID)
			for _, d := range all {
				if err == nil && d.State == cases.DraftSigning {
					_, err = s.Cases.SignDraft(s.tx, s.c.ID, d.ID, d.Version)
				}
			}
			return s.c, nil, err
		}),
		one(days, who, func(s *scene) (cases.Case, []record.Act, error) { return s.Cases.PublishDraft(s.tx, s.c.ID, form, "") }))
}

func correct(days int, who string, o cases.Outcome, text, why string) []beat {
	return one(days, who, func(s *scene) (cases.Case, []record.Act, error) {
		return s.Cases.CorrectDraft(s.tx, s.c.ID, cases.AnswerForm{Outcome: o, Body: text}, why, "")
	})
}

func accept(days int, who string) []beat {
	return one(days, who, func(s *scene) (cases.Case, []record.Act, error) { return s.Cases.Accept(s.tx, s.c.ID, s.asker()) })
}

func reopen(days int, who, why string) []beat {
	return one(days, who, func(s *scene) (cases.Case, []record.Act, error) {
		return s.Cases.Reopen(s.tx, s.c.ID, why, s.asker(), cases.From{})
	})
}

func withdraw(days int, who, why string) []beat {
	return one(days, who, func(s *scene) (cases.Case, []record.Act, error) {
		return s.Cases.Withdraw(s.tx, s.c.ID, why, s.asker(), cases.From{})
	})
}

func shut(days int, who, why string) []beat {
	return one(days, who, func(s *scene) (cases.Case, []record.Act, error) { return s.Cases.Close(s.tx, s.c.ID, why) })
}

// support has people say that they need the same.
func support(days int, why string, who ...string) (out []beat) {
	for i, w := range who {
		said := why
		if i > 0 { // only the first says what for
			said = ""
		}
		out = append(out, one(days, w, func(s *scene) (cases.Case, []record.Act, error) { return s.Cases.Support(s.tx, s.c.ID, said) })...)
	}
	return out
}

// mark has somebody say whether they understand an answer.
func mark(days int, who string, clear bool, note string) []beat {
	return one(days, who, func(s *scene) (cases.Case, []record.Act, error) { return s.Cases.Mark(s.tx, s.c.ID, clear, note) })
}

// merge says that a case is the same as another one of the story.
func merge(days int, who, into string) []beat {
	return one(days, who, func(s *scene) (cases.Case, []record.Act, error) {
		other, err := caseCalled(s.tx, into)
		if err != nil {
			return s.c, nil, err
		}
		return s.Cases.Merge(s.tx, s.c.ID, other.Folio)
	})
}

func hand(days int, who, to, why string) []beat {
	return one(days, who, func(s *scene) (cases.Case, []record.Act, error) {
		return s.Cases.HandOver(s.tx, s.c.ID, InstitutionID(to), why)
	})
}

func takeOver(days int, who string) []beat {
	return one(days, who, func(s *scene) (cases.Case, []record.Act, error) { return s.Cases.TakeOver(s.tx, s.c.ID) })
}

func formal(days int, who, folio, note string) []beat {
	return one(days, who, func(s *scene) (cases.Case, []record.Act, error) { return s.Cases.Formal(s.tx, s.c.ID, folio, note) })
}

func formalEnd(days int, who, outcome string) []beat {
	return one(days, who, func(s *scene) (cases.Case, []record.Act, error) { return s.Cases.FormalEnd(s.tx, s.c.ID, outcome) })
}

// promised is what happens to the commitment that a case's answer made.
func promised(days int, who string, do func(s *scene, id string) (commitment.Commitment, []record.Act, error)) []beat {
	return []beat{{days: days, who: who, do: func(s *scene) ([]record.Act, error) {
		a, err := cases.LastAnswer(s.tx, s.c.ID)
		if err != nil {
			return nil, err
		}
		_, acts, err := do(s, a.Commitment)
		return acts, err
	}}}
}

func progress(days int, who string, percent int, said string) []beat {
	return promised(days, who, func(s *scene, id string) (commitment.Commitment, []record.Act, error) {
		return s.Commitments.Progress(s.tx, id, said, percent)
	})
}

func putOff(days int, who string, due int, why string) []beat {
	return promised(days, who, func(s *scene, id string) (commitment.Commitment, []record.Act, error) {
		return s.Commitments.Move(s.tx, id, s.on(due), why)
	})
}

// deliver keeps a commitment, by a dataset whose links were looked at.
func deliver(who, slug string) []beat {
	b := promised(atTheEnd, who, func(s *scene, id string) (commitment.Commitment, []record.Act, error) {
		return s.Commitments.Deliver(s.tx, id, s.thing)
	})
	b[0].needs = slug
	return b
}

// drop drops a commitment, which somebody else signs.
func drop(days int, who, signer, why string) []beat {
	return steps(promised(days, who, func(s *scene, id string) (commitment.Commitment, []record.Act, error) {
		return s.Commitments.AskDrop(s.tx, id, why)
	}), promised(days, signer, func(s *scene, id string) (commitment.Commitment, []record.Act, error) {
		return s.Commitments.SignDrop(s.tx, id)
	}))
}
