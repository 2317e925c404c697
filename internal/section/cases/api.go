package cases

import (
	"context"
	"time"

	"plaza/internal/base/api"
	"plaza/internal/base/db"
	"plaza/internal/base/text"
	"plaza/internal/base/web"
	"plaza/internal/civic/access"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/moderation"
	"plaza/internal/plaza"
)

const apiPath = api.Prefix + "/cases"

// API registers what programs may do with cases, after Mount. What is said under a case
// are comments like any other, of the object "case:" and its id.
func (cs *Cases) API(a *api.API) {
	api.Get(a, api.Op{Name: "cases.api.list", Path: apiPath, Tag: "cases", Action: string(access.CaseRead), Cache: web.Public, Missing: true}, cs.apiList)
	api.Get(a, api.Op{Name: "cases.api.one", Path: apiPath + "/{folio}", Tag: "cases", Action: string(access.CaseRead), Cache: web.Public, Missing: true}, cs.apiOne)
	cs.writing(a)
	a.Describe(api.Other{Key: "cases.api.button", Examples: []string{ButtonPath, buttonScript}})
}

type casesInput struct {
	api.Paging
	Institution string `query:"institution" maxLength:"200" doc:"cases.api.param.institution"`
	Kind        string `query:"kind" enum:"question,quality,request,reuse" doc:"cases.api.kind"`
	State       string `query:"state" enum:"open,assigned,needs_info,answered,reopened,resolved,closed" doc:"cases.api.state"`
	Theme       string `query:"theme" maxLength:"200" doc:"cases.api.param.theme"`
	Dataset     string `query:"dataset" maxLength:"80" doc:"cases.api.param.dataset"`
	Overdue     bool   `query:"overdue" doc:"cases.api.param.overdue"`
	Waiting     bool   `query:"waiting" doc:"cases.api.param.waiting"`
	Sort        string `query:"sort" enum:"newest,due,supported" default:"newest" doc:"cases.api.param.sort"`
}

type caseInput struct {
	Folio string `path:"folio" maxLength:"80" doc:"cases.api.folio"`
}

// CaseList is one page of cases.
type CaseList struct {
	api.List[CaseItem]
	Minimum bool `json:"total_is_minimum,omitempty" doc:"cases.api.minimum"`
}

// CaseItem is a public case. People are not named.
type CaseItem struct {
	ID          string      `json:"id" doc:"cases.api.id"`
	Folio       string      `json:"folio" doc:"cases.api.folio"`
	URL         string      `json:"url" format:"uri" doc:"cases.api.url"`
	Kind        string      `json:"kind" enum:"question,quality,request,reuse" doc:"cases.api.kind"`
	State       string      `json:"state" enum:"open,assigned,needs_info,answered,reopened,resolved,closed" doc:"cases.api.state"`
	Reason      string      `json:"reason,omitempty" doc:"cases.api.reason"`
	Progress    string      `json:"progress,omitempty" doc:"cases.api.progress"`
	Title       string      `json:"title" doc:"cases.api.title"`
	Text        string      `json:"text" doc:"cases.api.text_of"`
	Language    string      `json:"language" doc:"cases.api.language"`
	Institution *CaseBody   `json:"institution,omitempty" doc:"cases.api.institution"`
	Object      *string     `json:"object" doc:"cases.api.object"`
	Dataset     *string     `json:"dataset" doc:"cases.api.dataset"`
	Column      string      `json:"column,omitempty" doc:"cases.api.column"`
	Row         string      `json:"row,omitempty" doc:"cases.api.row"`
	File        int         `json:"file_version,omitempty" doc:"cases.api.file_version"`
	View        string      `json:"view,omitempty" doc:"cases.api.view"`
	Problem     string      `json:"problem,omitempty" doc:"cases.api.problem"`
	Channel     string      `json:"channel" doc:"cases.api.channel"`
	Asked       time.Time   `json:"asked" doc:"cases.api.asked"`
	Answered    *time.Time  `json:"answered" doc:"cases.api.answered"`
	Settled     *time.Time  `json:"settled" doc:"cases.api.settled"`
	Outcome     string      `json:"outcome,omitempty" doc:"cases.api.outcome"`
	Supports    int         `json:"supports" doc:"cases.api.supports"`
	Clock       *CaseClock  `json:"clock,omitempty" doc:"cases.api.clock"`
	Version     int         `json:"version" doc:"cases.api.version"`
	Details     CaseDetails `json:"details" doc:"cases.api.details"`
}

// CaseBody is an institution as cases name it.
type CaseBody struct {
	ID   string `json:"id" doc:"cases.api.body.id"`
	Slug string `json:"slug" doc:"cases.api.body.slug"`
	Name string `json:"name" doc:"cases.api.body.name"`
}

// CaseClock is the term to the official answer.
type CaseClock struct {
	Due   time.Time `json:"due" doc:"cases.api.clock.due"`
	State string    `json:"state" doc:"cases.api.clock.state"`
	Round int       `json:"round" doc:"cases.api.clock.round"`
	Rule  string    `json:"rule" doc:"cases.api.clock.rule"`
	Days  int       `json:"working_days" doc:"cases.api.clock.days"`
	Extra int       `json:"extended_days" doc:"cases.api.clock.extended"`
}

// CaseDetails are what each kind of case asks for besides.
type CaseDetails struct {
	Rows           string `json:"rows,omitempty" maxLength:"4000" doc:"cases.api.details.rows"`
	Should         string `json:"should,omitempty" maxLength:"4000" doc:"cases.api.details.should"`
	Evidence       string `json:"evidence,omitempty" maxLength:"4000" doc:"cases.api.details.evidence"`
	Format         string `json:"format,omitempty" maxLength:"4000" doc:"cases.api.details.format"`
	Frequency      string `json:"frequency,omitempty" maxLength:"4000" doc:"cases.api.details.frequency"`
	Period         string `json:"period,omitempty" maxLength:"4000" doc:"cases.api.details.period"`
	Geography      string `json:"geography,omitempty" maxLength:"4000" doc:"cases.api.details.geography"`
	Disaggregation string `json:"disaggregation,omitempty" maxLength:"4000" doc:"cases.api.details.disaggregation"`
	Link           string `json:"link,omitempty" maxLength:"4000" doc:"cases.api.details.link"`
}

// CaseWhole is a case with what happened to it.
type CaseWhole struct {
	CaseItem
	HTML   string      `json:"html" doc:"cases.api.html"`
	Themes []string    `json:"themes" nullable:"false" doc:"cases.api.themes"`
	Into   *string     `json:"merged_into" doc:"cases.api.into"`
	Files  []CaseFile  `json:"files" nullable:"false" doc:"cases.api.files"`
	Answer *CaseAnswer `json:"answer,omitempty" doc:"cases.api.answer"`
	Steps  []CaseStep  `json:"steps" nullable:"false" doc:"cases.api.steps"`
}

// CaseAnswer is the current official answer.
type CaseAnswer struct {
	Version     int        `json:"version" doc:"cases.api.answer.version"`
	Versions    []int      `json:"versions" nullable:"false" doc:"cases.api.answer.versions"`
	URL         string     `json:"url" format:"uri" doc:"cases.api.answer.url"`
	Outcome     string     `json:"outcome" doc:"cases.api.outcome"`
	Summary     string     `json:"summary" doc:"cases.api.answer.summary"`
	Text        string     `json:"text" doc:"cases.api.answer.text"`
	HTML        string     `json:"html" doc:"cases.api.html"`
	Ground      string     `json:"ground,omitempty" doc:"cases.api.answer.ground"`
	Alternative string     `json:"alternative,omitempty" doc:"cases.api.answer.alternative"`
	Appeal      string     `json:"appeal,omitempty" doc:"cases.api.answer.appeal"`
	Object      *string    `json:"object" doc:"cases.api.answer.object"`
	PlannedOn   string     `json:"planned_on,omitempty" doc:"cases.api.answer.planned_on"`
	By          CaseVoice  `json:"by" doc:"cases.api.voice"`
	Files       []CaseFile `json:"files" nullable:"false" doc:"cases.api.answer.files"`
	Why         string     `json:"correction,omitempty" doc:"cases.api.answer.correction"`
	At          time.Time  `json:"at" doc:"cases.api.at"`
}

// CaseVoice is in whose name an official acted, as it was then.
type CaseVoice struct {
	Institution string `json:"institution" doc:"cases.api.voice.institution"`
	Name        string `json:"name" doc:"cases.api.voice.name"`
	Role        string `json:"role" doc:"cases.api.voice.role"`
	Unit        string `json:"unit" doc:"cases.api.voice.unit"`
}

// CaseStep is something that happened to a case.
type CaseStep struct {
	Kind    string     `json:"kind" doc:"cases.api.step.kind"`
	At      time.Time  `json:"at" doc:"cases.api.at"`
	By      *CaseVoice `json:"by,omitempty" doc:"cases.api.step.by"`
	Text    string     `json:"text,omitempty" doc:"cases.api.step.text"`
	Due     *time.Time `json:"due,omitempty" doc:"cases.api.step.due"`
	Until   *time.Time `json:"until,omitempty" doc:"cases.api.step.until"`
	Unit    string     `json:"unit,omitempty" doc:"cases.api.step.unit"`
	Outcome string     `json:"outcome,omitempty" doc:"cases.api.outcome"`
	Version int        `json:"answer_version,omitempty" doc:"cases.api.answer.version"`
}

// maxAPISteps is how much of what happened to a case is told.
const maxAPISteps = 500

func (cs *Cases) apiList(ctx context.Context, in *casesInput) (out CaseList, err error) {
	out.Items = []CaseItem{}
	var from Key
	if in.Cursor != "" {
		if err := api.ReadCursor(in.Cursor, &from); err != nil {
			return out, err
		}
	}
	order := Order(in.Sort)
	err = cs.DB.Read(ctx, func(tx *db.Tx) error {
		f, err := in.filter(tx)
		if err != nil {
			return err
		}
		if out.Total, err = Count(tx, f); err != nil {
			return err
		}
		if out.Total > MaxTotal {
			out.Total, out.Minimum = MaxTotal, true
		}
		found, err := List(tx, f, order, from, in.Limit+1)
		if err != nil {
			return err
		}
		if len(found) > in.Limit {
			found = found[:in.Limit]
			cursor, err := api.NewCursor(KeyOf(found[in.Limit-1], order))
			if err != nil {
				return err
			}
			out.More(cursor)
		}
		out.Items, err = cs.apiItems(tx, found)
		return err
	})
	return out, err
}

// filter is what is asked for; an institution that there is not is NotFound.
func (in *casesInput) filter(tx *db.Tx) (Filter, error) {
	f := Filter{Dataset: in.Dataset, Overdue: in.Overdue, Waiting: in.Waiting}
	if in.Kind != "" {
		f.Kinds = []Kind{Kind(in.Kind)}
	}
	if in.State != "" {
		f.States = []State{State(in.State)}
	}
	if in.Theme != "" {
		f.Themes = []string{in.Theme}
	}
	if in.Institution == "" {
		return f, nil
	}
	body, err := bodyNamed(tx, in.Institution)
	f.Bodies = []string{body}
	return f, err
}

// bodyNamed is the id of the institution that a program names by its slug or its id;
// "central" is the coordination.
func bodyNamed(tx *db.Tx, name string) (string, error) {
	if name == centralParam {
		return "", nil
	}
	i, err := institution.BySlug(tx, name)
	if err != nil && plaza.KindOf(err) == plaza.NotFound {
		i, err = institution.ByID(tx, name)
	}
	return i.ID, err
}

// apiItems are cases as programs read them: a bounded number of statements.
func (cs *Cases) apiItems(tx *db.Tx, list []Case) ([]CaseItem, error) {
	owners, err := ownersOf(tx, list)
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(list))
	for i, c := range list {
		ids[i] = c.ID
	}
	clocks, err := Clocks(tx, ids...)
	out := make([]CaseItem, len(list))
	for i, c := range list {
		out[i] = cs.apiItem(tx, c, owners[c.Institution], clocks[c.ID])
	}
	return out, err
}

func (cs *Cases) apiItem(tx *db.Tx, c Case, owner institution.Institution, clocks []Clock) CaseItem {
	item := CaseItem{ID: c.ID, Folio: c.Folio, URL: cs.shell.URL(c.Path()), Kind: string(c.Kind), State: string(c.State), Reason: string(c.Reason),
		Progress: string(c.Progress), Title: c.Title, Text: c.Body, Language: c.Language, Column: c.On.Column, Row: c.On.Row, File: c.On.Version, View: c.On.View, Problem: c.On.Code, Channel: string(c.Channel),
		Asked: c.Asked.UTC(), Answered: moment(c.FirstAnswer), Settled: moment(c.Settled), Outcome: string(c.Outcome), Supports: c.Supports,
		Version: c.Version, Details: CaseDetails(c.Details), Object: named(c.On.Ref)}
	if c.Institution != "" {
		item.Institution = &CaseBody{owner.ID, owner.Slug, owner.Name}
	}
	if c.On.Dataset != "" {
		item.Dataset = &c.On.Dataset
	}
	t := teller{all: &loaded{clocks: clocks}}
	if k, ok := t.last(); ok {
		item.Clock = &CaseClock{Due: k.Due.UTC(), State: string(k.At(tx.Now)), Round: k.Round, Rule: k.Rule, Days: k.Days, Extra: k.Extended}
	}
	return item
}

// moment is a time in UTC, nil for none.
func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

// named is a thing as programs name it, nil for none.
func named(r plaza.Ref) *string {
	if r.ID == "" {
		return nil
	}
	s := r.String()
	return &s
}

func (cs *Cases) apiOne(ctx context.Context, in *caseInput) (out CaseWhole, err error) {
	err = cs.DB.Read(ctx, func(tx *db.Tx) error {
		c, err := ByFolio(tx, in.Folio)
		if err == nil && !c.Public() {
			err = errNotFound
		}
		if err != nil {
			return err
		}
		items, err := cs.apiItems(tx, []Case{c})
		if err != nil {
			return err
		}
		out.CaseItem, out.HTML = items[0], string(text.Markdown(c.Body))
		if out.Themes, err = db.All(tx, db.Column[string], `SELECT theme FROM case_themes WHERE case_id = $1 ORDER BY theme`, c.ID); err != nil {
			return err
		}
		if out.Themes == nil {
			out.Themes = []string{}
		}
		into, err := foliosInto(tx, []Case{c})
		if err != nil {
			return err
		}
		if folio := into[c.Into]; folio != "" {
			out.Into = &folio
		}
		files, err := Files(tx, c.ID)
		if err != nil {
			return err
		}
		out.Files = cs.apiFiles(c, files, FileOfCase, c.ID)
		if out.Answer, err = cs.apiAnswer(tx, c, files); err != nil {
			return err
		}
		steps, err := Steps(tx, c.ID, "", maxAPISteps)
		out.Steps = []CaseStep{}
		for _, s := range steps {
			out.Steps = append(out.Steps, apiStep(s))
		}
		return err
	})
	return out, err
}

// apiAnswer is the current official answer to a case, nil for none.
func (cs *Cases) apiAnswer(tx *db.Tx, c Case, files []File) (*CaseAnswer, error) {
	if c.Answer == "" {
		return nil, nil
	}
	all, err := Answers(tx, c.ID)
	if err != nil {
		return nil, err
	}
	out := &CaseAnswer{Versions: []int{}, Files: cs.apiFiles(c, files, FileOfAnswer, c.Answer)}
	for i, a := range all {
		if a.ID != c.Answer {
			continue
		}
		out.URL = cs.shell.URL(answerPath(c, i+1))
		out.Versions = append(out.Versions, a.Version)
		out.Version, out.Outcome, out.Summary, out.Text, out.HTML = a.Version, string(a.Outcome), a.Summary, a.Body, string(text.Markdown(a.Body))
		out.Ground, out.Alternative, out.Appeal, out.Object, out.PlannedOn = a.Ground, a.Alternative, a.Appeal, named(a.Object), a.PlannedOn
		out.By, out.Why, out.At = voiceOut(a.Voice), a.Why, a.At.UTC()
	}
	return out, nil
}

func voiceOut(v institution.Voice) CaseVoice {
	return CaseVoice{Institution: v.Institution, Name: v.Name, Role: string(v.Role), Unit: v.Unit}
}

// apiStep is a step as programs read it: whoever asked is nobody, and what is not public
// is not told.
func apiStep(s Step) CaseStep {
	out := CaseStep{Kind: string(s.Kind), At: s.At.UTC(), Due: moment(s.Facts.Due), Until: moment(s.Facts.Until), Unit: s.Facts.Unit,
		Outcome: string(s.Facts.Outcome), Version: s.Facts.Version}
	if !s.Voice.Own() {
		v := voiceOut(s.Voice)
		out.By = &v
	}
	if s.Standing == moderation.Public {
		out.Text = s.Body
	}
	return out
}
