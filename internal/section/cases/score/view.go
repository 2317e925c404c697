package score

import (
	"cmp"
	"slices"

	"plaza/internal/base/db"
	"plaza/internal/base/i18n"
	"plaza/internal/base/text"
	"plaza/internal/base/web"
	"plaza/internal/civic/commitment"
	"plaza/internal/civic/institution"
	"plaza/internal/section/cases"
)

// count is a number that leads to the cases behind it.
func count(l *i18n.Printer, a ask, f Figure, n int) cell {
	c := cell{Text: l.Number(n), Number: true}
	if n > 0 {
		c.Path = a.list(f)
	}
	return c
}

// share is which percentage was answered in time, with of how many.
func share(l *i18n.Printer, f Figures) string {
	if p, ok := f.Share(); ok {
		return l.T("score.share", "percent", p, "count", f.Judged())
	}
	return few(l, f.Judged())
}

// within is a number of days with of how many.
func within(l *i18n.Printer, d Days, percent int) string {
	if days, ok := d.Within(percent); ok {
		return l.T("score.days", "days", days, "count", d.Count())
	}
	return few(l, d.Count())
}

// few says that there is no figure of so few.
func few(l *i18n.Printer, n int) string {
	if n == 0 {
		return "—"
	}
	return l.T("score.few", "count", n)
}

// summary are the large figures.
func summary(l *i18n.Printer, a ask, f Figures) []stat {
	stats := []stat{{l.Number(f.Received), l.T("score.figure.received"), "", a.list(Received)}}
	if p, ok := f.Share(); ok {
		stats = append(stats, stat{l.T("score.percent", "percent", p), l.T("score.figure.in_time"), l.T("score.of", "count", f.Judged()), a.list(AnsweredInTime)})
	} else {
		stats = append(stats, stat{l.Number(f.InTime), l.T("score.figure.in_time"), l.T("score.of", "count", f.Judged()), a.list(AnsweredInTime)})
	}
	if days, ok := f.AnswerDays.Within(50); ok {
		stats = append(stats, stat{l.Number(days), l.T("score.figure.median", "count", days), l.T("score.of", "count", f.AnswerDays.Count()), a.list(Answered)})
	}
	return append(stats,
		stat{l.Number(f.Unanswered), l.T("score.figure.unanswered"), l.T("score.waiting", "count", f.Waiting), a.list(Unanswered)},
		stat{l.Number(f.Overdue), l.T("score.figure.overdue"), "", a.list(Overdue)})
}

// notes are what is said in sentences.
func notes(l *i18n.Printer, f Figures, ages Ages) (out []string) {
	if days, ok := f.AnswerDays.Within(90); ok {
		out = append(out, l.T("score.p90.answer", "days", days, "count", f.AnswerDays.Count()))
	}
	if days, ok := f.TotalDays.Within(90); ok {
		out = append(out, l.T("score.p90.total", "days", days, "count", f.TotalDays.Count()))
	}
	if ages.Oldest != none {
		out = append(out, l.T("score.oldest", "days", ages.Oldest))
	}
	return out
}

// fateTable is what became of the cases.
func fateTable(l *i18n.Printer, a ask, f Figures, passed int) part {
	p := part{L: l, ID: "destino", Title: l.T("score.fate"), Note: l.T("score.fate.note"), Head: []head{{Text: l.T("score.figure")}, {Text: l.T("score.cases"), Number: true}}}
	for _, row := range []struct {
		f Figure
		n int
	}{{Received, f.Received}, {BroughtHere, f.Brought}, {Answered, f.Answered}, {AnsweredInTime, f.InTime}, {AnsweredLate, f.Late},
		{Unanswered, f.Unanswered}, {Overdue, f.Overdue}, {Waiting, f.Waiting}, {ClosedWithout, f.Closed}, {ClosedLate, f.ClosedLate},
		{Duplicates, f.Duplicates}, {NotInTime, f.Judged() - f.InTime}, {Reopened, f.Reopened}, {ReopenedOverdue, f.ReopenedOverdue}, {Resolved, f.Resolved}, {PassedOn, passed}} {
		c := count(l, a, row.f, row.n)
		c.Label = p.Head[1].Text
		p.Rows = append(p.Rows, []cell{{Text: l.T("score.listed." + string(row.f))}, c})
	}
	return p
}

// outcomeTable is what the official answers come to.
func outcomeTable(l *i18n.Printer, a ask, f Figures) part {
	p := part{L: l, ID: "resultados", Title: l.T("score.outcomes"), Note: l.T("score.outcomes.note"), Head: []head{{Text: l.T("score.outcome")}, {Text: l.T("score.cases"), Number: true}}}
	for _, o := range cases.Outcomes() {
		if n := f.Outcomes[o]; n > 0 {
			b := a
			b.Outcome = o
			c := count(l, b, Answered, n)
			c.Label = p.Head[1].Text
			p.Rows = append(p.Rows, []cell{{Text: l.T("cases.outcome." + string(o))}, c})
		}
	}
	return p
}

// columns are those of tables of figures: how many, how well, how fast, what waits.
func columns(l *i18n.Printer, first string) []head {
	h := []head{{Text: l.T(first)}}
	for _, c := range []string{"received", "answered", "share", "median", "p90", "resolution", "unanswered", "overdue"} {
		h = append(h, head{Text: l.T("score.column." + c), Number: true})
	}
	return h
}

// figuresRow is one line of such a table.
func figuresRow(l *i18n.Printer, h []head, first cell, a ask, f Figures) []cell {
	row := []cell{first, count(l, a, Received, f.Received), count(l, a, Answered, f.Answered), {Text: share(l, f), Number: true},
		{Text: within(l, f.AnswerDays, 50), Number: true}, {Text: within(l, f.AnswerDays, 90), Number: true}, {Text: within(l, f.TotalDays, 50), Number: true},
		count(l, a, Unanswered, f.Unanswered), count(l, a, Overdue, f.Overdue)}
	if f.Judged() > 0 {
		row[3].Path = a.list(NotInTime)
	}
	for i, behind := range map[int]struct {
		of int
		f  Figure
	}{4: {f.AnswerDays.Count(), Answered}, 5: {f.AnswerDays.Count(), Answered}, 6: {f.TotalDays.Count(), Resolved}} {
		if behind.of > 0 {
			row[i].Path = a.list(behind.f)
		}
	}
	for i := range row {
		row[i].Label = h[i].Text
	}
	return row
}

// kindTable is the figures by kind.
func kindTable(l *i18n.Printer, a ask, lines []Line) part {
	p := part{L: l, ID: "clases", Title: l.T("score.by_kind"), Head: columns(l, "score.kind")}
	for _, k := range cases.Kinds {
		for _, line := range lines {
			if line.Of == string(k) {
				b := a
				b.Kind = string(k)
				p.Rows = append(p.Rows, figuresRow(l, p.Head, cell{Text: l.T("cases.kind." + string(k))}, b, line.Figures))
			}
		}
	}
	return p
}

// sideTable is the figures of institutions with and without an Enlace, apart.
func sideTable(l *i18n.Printer, a ask, lines []Line) part {
	p := part{L: l, ID: "grupos", Title: l.T("score.by_side"), Note: l.T("score.by_side.note"), Head: columns(l, "score.side")}
	for _, side := range Sides {
		for _, line := range lines {
			if line.Of == string(side) {
				b := a
				b.Side = side
				p.Rows = append(p.Rows, figuresRow(l, p.Head, cell{Text: l.T("score.side." + string(side))}, b, line.Figures))
			}
		}
	}
	return p
}

// monthTable is the figures by month, newest first.
func monthTable(l *i18n.Printer, a ask, lines []Line) part {
	p := part{L: l, ID: "meses", Title: l.T("score.by_month"), Note: l.T("score.by_month.note"), Head: columns(l, "score.month"), Chart: monthChart(l, lines)}
	for _, line := range slices.Backward(lines) {
		b := a
		b.Month = line.Of
		p.Rows = append(p.Rows, figuresRow(l, p.Head, cell{Text: l.PartialDate(line.Of), Path: b.page()}, b, line.Figures))
	}
	return p
}

// ageTable is how old what is unanswered is.
func ageTable(l *i18n.Printer, a ask, ages Ages) part {
	p := part{L: l, ID: "edades", Title: l.T("score.ages"), Note: l.T("score.ages.note"), Chart: ageChart(l, ages),
		Head: []head{{Text: l.T("score.age")}, {Text: l.T("score.cases"), Number: true}}, More: &web.NavLink{Label: l.T("score.ages.list"), Path: a.list(Unanswered)}}
	for i, n := range ages.Bands {
		b := a
		b.Band = i + 1
		c := count(l, b, Unanswered, n)
		c.Label = p.Head[1].Text
		p.Rows = append(p.Rows, []cell{{Text: band(l, i)}, c})
	}
	return p
}

// band is the name of a band of ages.
func band(l *i18n.Printer, i int) string {
	switch i {
	case 0:
		return l.T("score.band.first", "to", bands[0])
	case len(bands):
		return l.T("score.band.last", "from", bands[i-1])
	}
	return l.T("score.band", "from", bands[i-1]+1, "to", bands[i])
}

// keptTable is what became of commitments.
func keptTable(l *i18n.Printer, a ask, k Kept) part {
	p := part{L: l, ID: "compromisos", Title: l.T("score.kept"), Note: l.T("score.kept.note"), Head: []head{{Text: l.T("score.figure")}, {Text: l.T("score.commitments"), Number: true}}}
	slug := map[string]string{slugAll: "", slugCentral: commitment.Central}[a.Slug]
	if a.Slug != slugAll && a.Slug != slugCentral {
		slug = a.Slug
	}
	for _, row := range []struct {
		key    string
		n      int
		show   commitment.Show
		listed bool // the list of commitments can be narrowed to just these
	}{{"made", k.Made, commitment.All, true}, {"on_time", k.OnTime, "", false}, {"moved", k.Moved, "", false}, {"late", k.Late, "", false},
		{"overdue", k.Overdue, commitment.ShowOverdue, true}, {"open", k.Open, "", false}, {"dropped", k.Dropped, commitment.ShowDropped, true}} {
		c := cell{Text: l.Number(row.n), Number: true, Label: p.Head[1].Text}
		if row.n > 0 && row.listed && a.Month == "" {
			c.Path = commitment.ListPath(slug, row.show)
		}
		p.Rows = append(p.Rows, []cell{{Text: l.T("score.kept." + row.key)}, c})
	}
	if percent, ok := k.Share(); ok {
		p.Note = l.T("score.kept.share", "percent", percent, "count", k.Judged())
	}
	return p
}

// bodyLine is one institution in the table of all.
type bodyLine struct {
	named
	Figures
	oldest    int
	unreplied Unreplied
	silent    int // working days since the oldest comment without reply
}

// sorts are by what the table of institutions is sorted; "" is by name.
var sorts = []string{"", "recibidas", "respondidas", "a-tiempo", "mediana", "sin-responder", "vencidas", "antigua", "comentarios"}

// sortBodies sorts lines; what has no figure comes last.
func sortBodies(lines []bodyLine, by string) {
	key := func(b bodyLine) int {
		switch by {
		case "recibidas":
			return -b.Received
		case "respondidas":
			return -b.Answered
		case "a-tiempo":
			if p, ok := b.Share(); ok {
				return -p
			}
			return 1
		case "mediana":
			if d, ok := b.AnswerDays.Within(50); ok {
				return d
			}
			return 1 << 30
		case "sin-responder":
			return -b.Unanswered
		case "vencidas":
			return -b.Overdue
		case "antigua":
			return -b.oldest
		case "comentarios":
			return -b.unreplied.Count
		}
		return 0
	}
	slices.SortStableFunc(lines, func(a, b bodyLine) int { return cmp.Compare(key(a), key(b)) })
}

// bodyLines are the institutions that have something to tell, by name, the coordination
// last.
func (s *Scores) bodyLines(tx *db.Tx, l *i18n.Printer, a ask) ([]bodyLine, error) {
	lines, err := Tally(tx, a.filter(nil), ByInstitution)
	if err != nil {
		return nil, err
	}
	at := map[string]Figures{}
	for _, line := range lines {
		at[line.Of] = line.Figures
	}
	silent := map[string]Unreplied{}
	if s.Unreplied != nil {
		if silent, err = s.Unreplied(tx, nil); err != nil {
			return nil, err
		}
	}
	all, err := institution.All(tx)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(all, func(a, b institution.Institution) int { return cmp.Compare(text.Fold(a.Name), text.Fold(b.Name)) })
	var out []bodyLine
	var ids []string
	for _, i := range all {
		if at[i.ID].Received > 0 || silent[i.ID].Count > 0 {
			out = append(out, bodyLine{named: named{i.ID, i.Slug, i.Name}, Figures: at[i.ID], unreplied: silent[i.ID]})
			ids = append(ids, i.ID)
		}
	}
	if at[""].Received > 0 || silent[""].Count > 0 {
		out = append(out, bodyLine{named: central(l), Figures: at[""], unreplied: silent[""]})
	}
	days, err := newCounters(tx, ids)
	if err != nil {
		return nil, err
	}
	for i := range out {
		if out[i].oldest = none; !out[i].Oldest.IsZero() {
			out[i].oldest = days.age(out[i].ID, out[i].Oldest)
		}
		if out[i].unreplied.Count > 0 {
			out[i].silent = days.age(out[i].ID, out[i].unreplied.Oldest)
		}
	}
	sortBodies(out, a.Sort)
	return out, nil
}

// bodyTable is the table of institutions.
func bodyTable(l *i18n.Printer, a ask, lines []bodyLine) part {
	p := part{L: l, ID: "instituciones", Title: l.T("score.by_institution"), Note: l.T("score.by_institution.note", "count", len(lines))}
	for i, c := range []string{"institution", "received", "answered", "share", "median", "unanswered", "overdue", "oldest", "comments"} {
		b := a
		b.Sort = sorts[i]
		p.Head = append(p.Head, head{Text: l.T("score.column." + c), Path: b.page() + "#instituciones", Number: i > 0, Sorted: a.Sort == sorts[i]})
	}
	for _, b := range lines {
		own := ask{Slug: b.Slug, Month: a.Month, Kind: a.Kind}
		row := []cell{{Text: b.Name, Path: own.page()}, count(l, own, Received, b.Received), count(l, own, Answered, b.Answered), {Text: share(l, b.Figures), Number: true},
			{Text: within(l, b.AnswerDays, 50), Number: true}, count(l, own, Unanswered, b.Unanswered), count(l, own, Overdue, b.Overdue),
			{Text: "—", Number: true}, {Text: l.Number(b.unreplied.Count), Number: true}}
		if b.AnswerDays.Count() > 0 {
			row[4].Path = own.list(Answered)
		}
		if b.Judged() > 0 {
			row[3].Path = own.list(NotInTime)
		}
		if b.oldest != none {
			row[7] = cell{Text: l.T("score.age_of", "count", b.oldest), Path: own.list(Unanswered), Number: true}
		}
		if b.unreplied.Count > 0 {
			row[8].Text = l.T("score.comments_of", "count", b.unreplied.Count, "days", b.silent)
		}
		for i := range row {
			row[i].Label = p.Head[i].Text
		}
		p.Rows = append(p.Rows, row)
	}
	return p
}
