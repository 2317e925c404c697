package score

import (
	"context"
	"time"

	"plaza/internal/base/api"
	"plaza/internal/base/db"
	"plaza/internal/base/web"
	"plaza/internal/civic/access"
	"plaza/internal/civic/record"
	"plaza/internal/section/cases"
)

const apiPath = api.Prefix + "/scoreboard"

// API registers what programs may ask about the figures, after Mount.
func (s *Scores) API(a *api.API) {
	api.Get(a, api.Op{Name: "score.api.all", Path: apiPath, Tag: "scoreboard", Action: string(access.CaseRead), Cache: web.Public}, s.apiAll)
	api.Get(a, api.Op{Name: "score.api.one", Path: apiPath + "/{institution}", Tag: "scoreboard", Action: string(access.CaseRead), Cache: web.Public,
		Missing: true, Moved: true}, s.apiOne)
}

type allInput struct {
	Month string `query:"month" pattern:"^[0-9]{4}-[0-9]{2}$" doc:"score.api.param.month"`
	Kind  string `query:"kind" enum:"question,quality,request,reuse" doc:"score.api.param.kind"`
}

type oneInput struct {
	Institution string `path:"institution" maxLength:"120" doc:"score.api.param.institution"`
	allInput
}

// Board is the figures of all institutions.
type Board struct {
	Entry        int64        `json:"entry" doc:"score.api.entry"`
	Terms        int          `json:"terms_version" doc:"score.api.terms"`
	Total        Score        `json:"total" doc:"score.api.total"`
	Sides        []OfSide     `json:"sides" nullable:"false" doc:"score.api.sides"`
	Institutions []OfBody     `json:"institutions" nullable:"false" doc:"score.api.institutions"`
	Months       []ScoreMonth `json:"months" nullable:"false" doc:"score.api.months"`
}

// OfSide is the figures of those that are counted apart.
type OfSide struct {
	Side  string `json:"side" enum:"with,without,central" doc:"score.api.side"`
	Score Score  `json:"figures" doc:"score.api.figures"`
}

// OfBody is the figures of one institution.
type OfBody struct {
	Institution string `json:"institution" doc:"score.api.institution"`
	Name        string `json:"name" doc:"score.api.name"`
	URL         string `json:"url" format:"uri" doc:"score.api.url"`
	Score       Score  `json:"figures" doc:"score.api.figures"`
	Unreplied   int    `json:"comments_unreplied" doc:"score.api.unreplied"`
}

// ScoreMonth is the figures of a month.
type ScoreMonth struct {
	Month string `json:"month" doc:"score.api.month"`
	Score Score  `json:"figures" doc:"score.api.figures"`
}

// ScoreKind is the figures of a kind.
type ScoreKind struct {
	Kind  string `json:"kind" doc:"score.api.kind"`
	Score Score  `json:"figures" doc:"score.api.figures"`
}

// BoardOne is the figures of one institution, in all and apart.
type BoardOne struct {
	OfBody
	Entry  int64        `json:"entry" doc:"score.api.entry"`
	Sides  []OfSide     `json:"sides" nullable:"false" doc:"score.api.sides"`
	Months []ScoreMonth `json:"months" nullable:"false" doc:"score.api.months"`
	Kinds  []ScoreKind  `json:"kinds" nullable:"false" doc:"score.api.kinds"`
	Ages   AgesOut      `json:"unanswered_ages" doc:"score.api.ages"`
}

// AgesOut is how old what is unanswered is, in working days.
type AgesOut struct {
	UpTo   []int `json:"up_to" nullable:"false" doc:"score.api.ages.up_to"`
	Cases  []int `json:"cases" nullable:"false" doc:"score.api.ages.cases"`
	Oldest *int  `json:"oldest" doc:"score.api.ages.oldest"`
}

// Score is figures as programs read them. What is of too few cases is null.
type Score struct {
	Received        int            `json:"received" doc:"score.measure.received"`
	Brought         int            `json:"brought" doc:"score.measure.brought"`
	Answered        int            `json:"answered" doc:"score.measure.answered"`
	InTime          int            `json:"answered_in_time" doc:"score.measure.answered_in_time"`
	Late            int            `json:"answered_late" doc:"score.measure.answered_late"`
	Unanswered      int            `json:"unanswered" doc:"score.measure.unanswered"`
	Waiting         int            `json:"waiting" doc:"score.measure.waiting"`
	Overdue         int            `json:"overdue" doc:"score.measure.overdue"`
	Closed          int            `json:"closed" doc:"score.measure.closed"`
	ClosedLate      int            `json:"closed_late" doc:"score.measure.closed_late"`
	Duplicates      int            `json:"duplicates" doc:"score.measure.duplicates"`
	Reopened        int            `json:"reopened" doc:"score.measure.reopened"`
	ReopenedOverdue int            `json:"reopened_overdue" doc:"score.measure.reopened_overdue"`
	Resolved        int            `json:"resolved" doc:"score.measure.resolved"`
	Acknowledged    int            `json:"acknowledged" doc:"score.measure.acknowledged"`
	AckInTime       int            `json:"acknowledged_in_time" doc:"score.measure.acknowledged_in_time"`
	Share           *int           `json:"share_in_time" doc:"score.measure.share_in_time"`
	ShareOf         int            `json:"share_in_time_sample" doc:"score.api.sample"`
	AnswerMedian    *int           `json:"answer_days_median" doc:"score.measure.answer_days_median"`
	AnswerP90       *int           `json:"answer_days_p90" doc:"score.measure.answer_days_p90"`
	AnswerOf        int            `json:"answer_days_sample" doc:"score.api.sample"`
	TotalMedian     *int           `json:"total_days_median" doc:"score.measure.total_days_median"`
	TotalP90        *int           `json:"total_days_p90" doc:"score.measure.total_days_p90"`
	TotalOf         int            `json:"total_days_sample" doc:"score.api.sample"`
	Oldest          *time.Time     `json:"oldest_unanswered" doc:"score.api.oldest"`
	Outcomes        map[string]int `json:"outcomes" doc:"score.measure.outcome"`
}

func scoreOf(f Figures) Score {
	known := func(n int, ok bool) *int {
		if !ok {
			return nil
		}
		return &n
	}
	s := Score{Received: f.Received, Brought: f.Brought, Answered: f.Answered, InTime: f.InTime, Late: f.Late, Unanswered: f.Unanswered,
		Waiting: f.Waiting, Overdue: f.Overdue, Closed: f.Closed, ClosedLate: f.ClosedLate, Duplicates: f.Duplicates, Reopened: f.Reopened,
		ReopenedOverdue: f.ReopenedOverdue, Resolved: f.Resolved, Acknowledged: f.Acknowledged, AckInTime: f.AckInTime,
		Share: known(f.Share()), ShareOf: f.Judged(),
		AnswerMedian: known(f.AnswerDays.Within(50)), AnswerP90: known(f.AnswerDays.Within(90)), AnswerOf: f.AnswerDays.Count(),
		TotalMedian: known(f.TotalDays.Within(50)), TotalP90: known(f.TotalDays.Within(90)), TotalOf: f.TotalDays.Count(), Outcomes: map[string]int{}}
	for o, n := range f.Outcomes {
		s.Outcomes[string(o)] = n
	}
	if !f.Oldest.IsZero() {
		at := f.Oldest.UTC()
		s.Oldest = &at
	}
	return s
}

func (in allInput) ask(slug string) ask { return ask{Slug: slug, Month: in.Month, Kind: in.Kind} }

func (s *Scores) apiAll(ctx context.Context, in *allInput) (out Board, err error) {
	out.Institutions = []OfBody{}
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		a := in.ask(slugAll)
		f := a.filter(nil)
		at, _, err := record.Reached(tx, reading)
		if err != nil {
			return err
		}
		terms, err := cases.ReadTerms(tx)
		if err != nil {
			return err
		}
		total, err := Total(tx, f)
		if err != nil {
			return err
		}
		out.Entry, out.Terms, out.Total = at.Seq, terms.Version, scoreOf(total)
		if out.Sides, out.Months, err = apart(tx, f); err != nil {
			return err
		}
		lines, err := s.bodyLines(tx, api.Printer(ctx), a)
		for _, b := range lines {
			out.Institutions = append(out.Institutions, s.ofBody(b.named, b.Figures, b.unreplied.Count))
		}
		return err
	})
	return out, err
}

func (s *Scores) ofBody(who named, f Figures, unreplied int) OfBody {
	return OfBody{Institution: who.Slug, Name: who.Name, URL: s.shell.URL((ask{Slug: who.Slug}).page()), Score: scoreOf(f), Unreplied: unreplied}
}

// apart are the figures by side and by month.
func apart(tx *db.Tx, f Filter) (sides []OfSide, months []ScoreMonth, err error) {
	sides, months = []OfSide{}, []ScoreMonth{}
	lines, err := Tally(tx, f, BySide)
	if err != nil {
		return sides, months, err
	}
	for _, line := range lines {
		sides = append(sides, OfSide{line.Of, scoreOf(line.Figures)})
	}
	lines, err = Tally(tx, f, ByMonth)
	for _, line := range lines {
		months = append(months, ScoreMonth{line.Of, scoreOf(line.Figures)})
	}
	return sides, months, err
}

func (s *Scores) apiOne(ctx context.Context, in *oneInput) (out BoardOne, err error) {
	out.Kinds = []ScoreKind{}
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		who, _, err := bodyOf(tx, api.Printer(ctx), in.Institution)
		if err != nil {
			return err
		}
		if who.Slug != in.Institution {
			return &api.Moved{Path: withQuery(apiPath+"/"+who.Slug, "month", in.Month, "kind", in.Kind)}
		}
		f := in.ask(who.Slug).filter([]string{who.ID})
		at, _, err := record.Reached(tx, reading)
		if err != nil {
			return err
		}
		total, err := Total(tx, f)
		if err != nil {
			return err
		}
		unreplied := map[string]Unreplied{}
		if s.Unreplied != nil {
			if unreplied, err = s.Unreplied(tx, []string{who.ID}); err != nil {
				return err
			}
		}
		out.OfBody, out.Entry = s.ofBody(who, total, unreplied[who.ID].Count), at.Seq
		if out.Sides, out.Months, err = apart(tx, f); err != nil {
			return err
		}
		kinds, err := Tally(tx, f, ByKind)
		if err != nil {
			return err
		}
		for _, line := range kinds {
			out.Kinds = append(out.Kinds, ScoreKind{line.Of, scoreOf(line.Figures)})
		}
		ages, err := agesOf(tx, f)
		out.Ages = AgesOut{UpTo: bands, Cases: ages.Bands}
		if ages.Oldest != none {
			out.Ages.Oldest = &ages.Oldest
		}
		return err
	})
	return out, err
}
