package inbox

import (
	"slices"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/i18n"
	"plaza/internal/base/web"
	"plaza/internal/civic/account"
	"plaza/internal/civic/calendar"
	"plaza/internal/civic/institution"
	"plaza/internal/plaza"
	"plaza/internal/section/cases"
)

// line is a case in an inbox.
type line struct {
	L                      *i18n.Printer
	May                    bool // something can be done with several
	ID, Folio, Title, Path string
	Kind                   string
	On, OnPath             string // what it is about, "" for nothing in particular
	By                     string // the name that its asker chose, or how it came
	Unit                   string
	State                  web.Badge
	Clock                  web.Badge
	Due, DueISO            string
	Supports               string // "" for none
	Signs                  []web.Badge
	Note                   string // whose it is, where that is another institution
	Text                   string // how what is asked begins, where it is to be answered
	asker                  string
	asked                  time.Time
}

// group is one case, or what one person asked in a week.
type group struct {
	Title string // "" for a single case
	Lines []line
}

// teller draws cases: it reads what all of them need at once.
type teller struct {
	l      *i18n.Printer
	at     place
	now    time.Time
	names  map[string]string
	units  map[string]string
	cards  map[plaza.Ref]plaza.Card
	bodies map[string]institution.Institution
	clocks map[string][]cases.Clock
	drafts map[string][]string
	days   map[string]calendar.Business
}

// teller prepares to draw cases, with a bounded number of statements.
func (b *Inbox) teller(tx *db.Tx, l *i18n.Printer, at place, list []cases.Case) (*teller, error) {
	t := &teller{l: l, at: at, now: tx.Now, days: map[string]calendar.Business{}, cards: map[plaza.Ref]plaza.Card{}}
	var people, units, bodies, ids []string
	var refs []plaza.Ref
	once := func(into *[]string, id string) {
		if id != "" && !slices.Contains(*into, id) {
			*into = append(*into, id)
		}
	}
	for _, c := range list {
		ids = append(ids, c.ID)
		once(&people, c.Asker.Person)
		once(&units, c.Unit)
		if c.Institution != at.ID {
			once(&bodies, c.Institution)
		}
		if c.On.Ref.ID != "" && !slices.Contains(refs, c.On.Ref) {
			refs = append(refs, c.On.Ref)
		}
	}
	var err error
	if t.names, err = account.Names(tx, people); err != nil {
		return t, err
	}
	if t.units, err = institution.UnitNames(tx, units); err != nil {
		return t, err
	}
	if t.bodies, err = institution.ByIDs(tx, bodies); err != nil {
		return t, err
	}
	if b.Cases.Cards != nil && len(refs) > 0 {
		if t.cards, err = b.Cases.Cards(tx, refs); err != nil {
			return t, err
		}
	}
	if t.drafts, err = waitingDrafts(tx, ids); err != nil {
		return t, err
	}
	if t.clocks, err = cases.Clocks(tx, ids...); err != nil {
		return t, err
	}
	return t, t.readDays(tx)
}

// waitingDrafts are the states of the drafts for which somebody waits, by case.
func waitingDrafts(tx *db.Tx, ids []string) (map[string][]string, error) {
	out := map[string][]string{}
	if len(ids) == 0 {
		return out, nil
	}
	_, err := db.All(tx, func(scan func(...any) error) (struct{}, error) {
		var id, state string
		err := scan(&id, &state)
		out[id] = append(out[id], state)
		return struct{}{}, err
	}, `SELECT DISTINCT case_id, state
		FROM case_drafts
		WHERE state IN ('sent', 'signing') AND case_id IN (`+db.Placeholders(1, len(ids))+`)
		ORDER BY case_id, state`, db.Args(ids)...)
	return out, err
}

// readDays reads the calendars of the clocks that run, each once.
func (t *teller) readDays(tx *db.Tx) error {
	for _, all := range t.clocks {
		k, ok := running(all)
		if _, known := t.days[k.Body+"\x00"+k.Calendar]; !ok || known {
			continue
		}
		by, err := calendar.Restore(tx, k.Body, k.Calendar)
		if err != nil && plaza.KindOf(err) == plaza.NotFound { // a calendar that is no more
			by, err = calendar.BusinessOf(tx, k.Body)
		}
		if err != nil {
			return err
		}
		t.days[k.Body+"\x00"+k.Calendar] = by
	}
	return nil
}

// running is the clock to the answer that was not stopped.
func running(all []cases.Clock) (cases.Clock, bool) {
	for _, k := range slices.Backward(all) {
		if k.Kind == cases.ToAnswer && k.Stopped.IsZero() {
			return k, true
		}
	}
	return cases.Clock{}, false
}

// clock is how a case stands with its term, in words.
func (t *teller) clock(c cases.Case) web.Badge {
	k, ok := running(t.clocks[c.ID])
	if !ok {
		return web.Badge{}
	}
	by := t.days[k.Body+"\x00"+k.Calendar]
	switch n := k.LateBy(by, t.now); {
	case !k.Paused.IsZero():
		return web.Badge{Text: t.l.T("inbox.clock.paused"), Icon: "clock"}
	case !k.InTime(t.now) && n == 0:
		return web.Badge{Tone: web.Bad, Text: t.l.T("inbox.clock.late_now"), Icon: "triangle-alert"}
	case !k.InTime(t.now):
		return web.Badge{Tone: web.Bad, Text: t.l.T("inbox.clock.late", "count", n), Icon: "triangle-alert"}
	}
	n := k.Left(by, t.now)
	switch {
	case n == 0:
		return web.Badge{Tone: web.Warning, Text: t.l.T("inbox.clock.today"), Icon: "clock"}
	case n <= 2:
		return web.Badge{Tone: web.Warning, Text: t.l.T("inbox.clock.left", "count", n), Icon: "clock"}
	}
	return web.Badge{Text: t.l.T("inbox.clock.left", "count", n), Icon: "clock"}
}

// by is the name that an asker chose; of what was brought, how it came.
func (t *teller) by(c cases.Case) string {
	switch {
	case c.Brought():
		return t.l.T("inbox.brought", "channel", t.l.T("cases.channel."+string(c.Channel)))
	case c.Asker.Name != "":
		return c.Asker.Name
	case t.names[c.Asker.Person] != "":
		return t.names[c.Asker.Person]
	case c.Asker.Contact != "":
		return t.l.T("inbox.no_account")
	}
	return t.l.T(account.Nobody)
}

var stateTones = map[cases.State]web.Tone{cases.Open: web.Warning, cases.Reopened: web.Warning, cases.Answered: web.Good, cases.Resolved: web.Good}

// line draws a case.
func (t *teller) line(c cases.Case) line {
	l := t.l
	o := line{L: l, ID: c.ID, Folio: c.Folio, Title: c.Title, Path: t.at.Base + "/" + c.Folio, Kind: l.T("cases.kind." + string(c.Kind)), By: t.by(c),
		Unit: t.units[c.Unit], State: web.Badge{Tone: stateTones[c.State], Text: l.T("cases.state." + string(c.State))}, Clock: t.clock(c), asked: c.Asked}
	if k, ok := running(t.clocks[c.ID]); ok {
		o.Due, o.DueISO = l.Date(k.LastDay()), l.ISO(k.LastDay())
	}
	if card, ok := t.cards[c.On.Ref]; ok {
		o.On, o.OnPath = card.Title, card.Path
	}
	if c.Supports > 0 {
		o.Supports = l.T("inbox.supports", "count", c.Supports)
	}
	for _, s := range t.drafts[c.ID] {
		o.Signs = append(o.Signs, web.Badge{Tone: web.Info, Text: l.T("inbox.draft." + s), Icon: "file-text"})
	}
	if i, ok := t.bodies[c.Institution]; ok {
		o.Path, o.Note = officeBase(i.Slug)+"/"+c.Folio, l.T("inbox.of", "institution", i.Name)
	} else if c.Institution == "" && t.at.ID != "" {
		o.Note = l.T("inbox.of", "institution", l.T("inbox.central"))
	}
	if who := c.Asker.Person + c.Asker.Contact; who != "" {
		o.asker = who + "/" + c.Asker.Name // nobody is to see that two names are one person's
	}
	return o
}

// What of one asker is folded into one group.
const (
	groupFrom = 5
	groupDays = 7
)

// grouped folds what one person asked within a week, where that is much, into one group
// at the place of the first of them. Nothing is left out.
func grouped(l *i18n.Printer, list []line) []group {
	of := map[string][]int{}
	for i, o := range list {
		if o.asker != "" {
			of[o.asker] = append(of[o.asker], i)
		}
	}
	folded := map[int][]int{} // the first of a group, with all of it
	in := map[int]bool{}
	for _, at := range of {
		for _, run := range weekRuns(list, at) {
			folded[run[0]] = run
			for _, i := range run {
				in[i] = true
			}
		}
	}
	var out []group
	for i, o := range list {
		switch run, first := folded[i]; {
		case first:
			g := group{Title: l.T("inbox.group", "name", o.By, "count", len(run))}
			for _, n := range run {
				g.Lines = append(g.Lines, list[n])
			}
			out = append(out, g)
		case !in[i]:
			out = append(out, group{Lines: []line{o}})
		}
	}
	return out
}

// weekRuns are the runs of one asker's lines that were asked within a week of the first
// of them and are many, each in the order of the list.
func weekRuns(list []line, at []int) (runs [][]int) {
	byTime := slices.Clone(at)
	slices.SortStableFunc(byTime, func(a, b int) int { return list[a].asked.Compare(list[b].asked) })
	for len(byTime) >= groupFrom {
		n := 1
		for n < len(byTime) && list[byTime[n]].asked.Sub(list[byTime[0]].asked) < groupDays*24*time.Hour {
			n++
		}
		if n >= groupFrom {
			run := byTime[:n:n]
			slices.Sort(run)
			runs, byTime = append(runs, run), byTime[n:]
		} else {
			byTime = byTime[1:]
		}
	}
	return runs
}
