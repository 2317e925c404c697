package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/civic/commitment"
	"plaza/internal/civic/disclosure"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
	"plaza/internal/section/cases"
	"plaza/internal/section/catalog"
	"plaza/internal/section/explore"
	"plaza/internal/section/forum"
)

// Conversation is what cases, promises and threads are told with.
type Conversation struct {
	Cases       *cases.Cases
	Commitments *commitment.Commitments
	Disclosures *disclosure.Reports
	Forum       *forum.Forum
	Explore     *explore.Section // nil where no files are opened
	// Score reads what is new into the figures of how institutions answer.
	Score func(context.Context) error
}

// told is one case, from the day on which it is asked.
type told struct {
	days    int    // before the end of the story
	by      string // who asks; of one that is brought, who brings it
	kind    cases.Kind
	on      string // slug of the dataset that it is about, "" for none
	file    string // how the address of the resource ends, "" for the dataset as a whole
	column  string
	row     string
	version int    // of the resource's file that was looked at, 0 for none
	code    string // of the problem that was found there
	body    string // acronym of who is asked where it is about no dataset
	title   string // names it, too
	text    string
	need    string
	name    string
	details cases.Details
	channel cases.Channel // of one that is brought
	past    string        // what was answered there
	then    []beat
}

// beat is what happens to a case, or anything else, on a day.
type beat struct {
	days  int // before the end; atTheEnd is after the links were looked at
	who   string
	needs string // slug of a dataset without which the whole case is not told
	do    func(*scene) ([]record.Act, error)
}

// atTheEnd is the evening before the end of the story.
const atTheEnd = 0

// scene is where a beat happens.
type scene struct {
	*Conversation
	tx    *db.Tx
	until time.Time
	c     cases.Case
	thing plaza.Ref // that the beat needs
}

// on is the day that many days after the end of the story, as forms have it.
func (s *scene) on(days int) string { return s.until.AddDate(0, 0, days).Format(time.DateOnly) }

// pending is a beat with where it stands: how many of its thread come before it.
type pending struct {
	key   string
	place int
	about *told // nil for what is no case
	beat  beat
}

// dawn is when the conversation of a day begins, UTC: before everything else of it.
const dawn = hour - 1

// conversation are the acts of the conversation, one a day: what happens on it, and then
// what time does. A story that ends on a Monday has nobody at work on the Sunday before.
func conversation(until time.Time) []act {
	end := until.UTC().Truncate(24 * time.Hour).Add(dawn * time.Hour)
	days := map[int][]pending{}
	put := func(p pending) {
		d := p.beat.days
		if d != atTheEnd {
			d = workday(end, d)
		}
		days[d] = append(days[d], p)
	}
	for i := range stories {
		t := &stories[i]
		put(pending{t.title, 0, t, beat{days: t.days, who: t.by}})
		for n, b := range t.then {
			put(pending{t.title, n + 1, t, b})
		}
	}
	for _, t := range threads {
		for n, b := range t.beats() {
			put(pending{t.title, n, nil, b})
		}
	}
	put(pending{"disclosure", 0, nil, tellPrivately})
	var acts []act
	for d := 100; d > atTheEnd; d-- {
		at, list := end.AddDate(0, 0, -d), days[d]
		if workday(end, d) != d { // nothing falls due on a weekend
			continue
		}
		acts = append(acts, act{at, func(ctx context.Context, s *Stage) error { return s.talk(ctx, at, until, list) }})
	}
	last := end.AddDate(0, 0, -1).Add((hour - dawn + 3) * time.Hour)
	return append(acts, act{last, func(ctx context.Context, s *Stage) error { return s.talk(ctx, last, until, days[atTheEnd]) }},
		act{until, func(ctx context.Context, s *Stage) error {
			if err := s.talk(ctx, until, until, nil); err != nil { // what has come due since
				return err
			}
			if err := s.People.Talk.Commitments.Watch(ctx); err != nil {
				return err
			}
			if err := s.People.Tell(ctx); err != nil {
				return err
			}
			return s.People.Talk.Score(ctx)
		}})
}

// workday is so many days before the end, or the Friday before on a weekend.
func workday(end time.Time, days int) int {
	switch end.AddDate(0, 0, -days).Weekday() {
	case time.Saturday:
		return days + 1
	case time.Sunday:
		return days + 2
	}
	return days
}

// talk is a day of the conversation: a minute for each thing, and then what is late, what
// lapses and what is settled by itself.
func (s *Stage) talk(ctx context.Context, at, until time.Time, list []pending) error {
	for i, p := range list {
		s.DB.Clock().Set(at.Add(time.Duration(i+1) * time.Minute))
		if err := s.happen(ctx, until, p); err != nil {
			return fmt.Errorf("%s, %d: %w", p.key, p.place, err)
		}
		if err := s.letThrough(ctx); err != nil {
			return fmt.Errorf("%s, %d: %w", p.key, p.place, err)
		}
	}
	if _, err := s.People.Talk.Cases.Pass(ctx); err != nil {
		return err
	}
	_, err := s.People.Talk.Cases.Escalate(ctx)
	return err
}

// heard is where the store remembers how many beats of each thing have been, in the
// transactions of the beats: one that was killed half way through a day goes on there.
const heard = "demo.talk"

func readHeard(tx *db.Tx) (map[string]int, error) {
	out := map[string]int{}
	var raw string
	err := tx.Row(`SELECT value FROM settings WHERE name = $1`, heard).Scan(&raw)
	if plaza.KindOf(err) == plaza.NotFound {
		return out, nil
	}
	if err != nil {
		return nil, err
	}
	return out, json.Unmarshal([]byte(raw), &out)
}

func keepHeard(tx *db.Tx, all map[string]int) error {
	raw, err := json.Marshal(all)
	if err != nil {
		return fmt.Errorf("encoding how far the conversation was told: %w", err)
	}
	_, err = tx.Exec(`INSERT INTO settings (name, value) VALUES ($1, $2)
		ON CONFLICT (name) DO UPDATE SET value = excluded.value`, heard, string(raw))
	return err
}

// happen does one beat, unless it was done or what comes before it was not.
func (s *Stage) happen(ctx context.Context, until time.Time, p pending) error {
	return s.as(ctx, p.beat.who, func(tx *db.Tx) error {
		all, err := readHeard(tx)
		if err != nil || all[p.key] != p.place {
			return err
		}
		all[p.key]++
		sc := &scene{Conversation: s.People.Talk, tx: tx, until: until}
		if p.about != nil && p.place == 0 {
			return unread(sc.ask(p.about, func(tx *db.Tx) error { return keepHeard(tx, all) }))
		}
		if p.about != nil {
			if sc.c, err = caseCalled(tx, p.key); err != nil {
				return err
			}
		}
		if p.beat.needs != "" {
			if sc.thing, err = dataset(tx, p.beat.needs); err != nil {
				return unread(err)
			}
		}
		acts, err := p.beat.do(sc)
		if err != nil {
			return err
		}
		if err := keepHeard(tx, all); err != nil {
			return err
		}
		return record.Append(tx, acts...)
	})
}

// ask asks what a case is about, or brings it.
func (s *scene) ask(t *told, stored func(*db.Tx) error) error {
	for _, b := range t.then { // a case that cannot be told to its end is not begun
		if b.needs != "" {
			if _, err := dataset(s.tx, b.needs); err != nil {
				return err
			}
		}
	}
	f := cases.Form{Kind: t.kind, Title: t.title, Body: t.text, Need: t.need, Name: t.name, Details: t.details, Language: "es",
		On: cases.On{Column: t.column, Row: t.row, Version: t.version, Code: t.code}, Nonce: plaza.DerivedID(base, "case", t.title), Channel: t.channel}
	if t.body != "" {
		f.Institution = InstitutionID(t.body)
	}
	if t.on != "" {
		ref, err := part(s.tx, t.on, t.file)
		if err != nil {
			return err
		}
		f.On.Ref = ref
		if _, err := s.Cases.About(s.tx, &f); err != nil {
			return err
		}
	}
	if t.channel == "" {
		f.Stored = func(tx *db.Tx, _ cases.Case) error { return stored(tx) }
		_, err := s.Cases.Ask(s.tx, f, cases.By(plaza.ActorFrom(s.tx.Context())), cases.From{})
		return err
	}
	f.Received = s.tx.Now.AddDate(0, 0, -1)
	var past *cases.Past
	if t.past != "" {
		past = &cases.Past{On: s.tx.Now.Format(time.DateOnly), Body: t.past}
	}
	_, acts, _, err := s.Cases.Bring(s.tx, f, f.Nonce, past)
	if err != nil {
		return err
	}
	if err := stored(s.tx); err != nil {
		return err
	}
	return record.Append(s.tx, acts...)
}

// letThrough has Elisa read what waits for review and let it through.
func (s *Stage) letThrough(ctx context.Context) error {
	var held []plaza.Ref
	if err := s.DB.Read(ctx, func(tx *db.Tx) (err error) {
		held, err = db.All(tx, func(scan func(...any) error) (r plaza.Ref, err error) {
			err = scan(&r.Kind, &r.ID)
			return r, err
		}, `SELECT object_kind, object_id FROM moderation_cases WHERE held AND closed_at IS NULL ORDER BY id`)
		return err
	}); err != nil {
		return err
	}
	for _, ref := range held {
		if err := s.as(ctx, "elisa", func(tx *db.Tx) error {
			_, err := s.People.Moderation.Approve(tx, ref, "")
			return err
		}); err != nil {
			return err
		}
	}
	return nil
}

// caseCalled is a case of the story by its title.
func caseCalled(tx *db.Tx, title string) (cases.Case, error) {
	var id string
	if err := tx.Row(`SELECT id FROM cases WHERE title = $1 ORDER BY id LIMIT 1`, title).Scan(&id); err != nil {
		return cases.Case{}, err
	}
	return cases.ByID(tx, id)
}

// part is a dataset, or the resource of it whose address ends in file.
func part(tx *db.Tx, slug, file string) (plaza.Ref, error) {
	d, err := catalog.BySlug(tx, slug)
	if err != nil || file == "" {
		return d.Ref(), err
	}
	for _, r := range d.Current() {
		if strings.HasSuffix(r.DownloadURL, file) || strings.HasSuffix(r.AccessURL, file) {
			return plaza.Ref{Kind: catalog.KindResource, ID: r.ID}, nil
		}
	}
	return d.Ref(), nil
}
