package moderation

import (
	"slices"
	"strconv"
	"strings"

	"plaza/internal/base/i18n"
	"plaza/internal/base/web"
	"plaza/internal/civic/access"
)

// fillForms draws what the actor can do: one form for what is in favour of the post, one
// for what is against it.
func (d *Desk) fillForms(page *casePage, x caseData, typed Order, wrong map[string]string) {
	l := page.L
	page.Hidden = []hiddenField{{"seen", d.token(x.c, x.t)}}
	if len(page.Reports) > 0 {
		page.Hidden = append(page.Hidden, hiddenField{"report", x.reports[0].ID})
	}
	var can [4][]Act
	for _, a := range d.possible(x.c, x.t) {
		if !access.Can(page.Actor, doings[a].action, x.c.on()) || x.c.by(page.Actor) {
			continue
		}
		side := 1
		switch {
		case a.favours():
			side = 0
		case a == Merge:
			side = 2
		case a == Suspend:
			side = 3
		}
		can[side] = append(can[side], a)
	}
	for side, title := range []string{"moderation.form.favour", "moderation.form.against", "moderation.form.merge", "moderation.form.suspend"} {
		if len(can[side]) > 0 {
			page.Forms = append(page.Forms, d.actForm(l, page.Base, l.T(title), can[side], x.threads, typed, wrong))
		}
	}
	if len(page.Forms) == 0 {
		key := "moderation.nothing"
		if x.c.by(page.Actor) {
			key = "moderation.error.own"
		}
		page.Note = &web.Notice{Text: l.T(key)}
	}
	var fields []web.Field
	for _, f := range page.Forms {
		fields = append(fields, f.Fields...)
	}
	page.Errors = web.ErrorSummary{L: l, Fields: fields}
}

// suffix keeps the fields of the forms apart.
func suffix(a Act) string {
	switch {
	case a.favours():
		return "_ok"
	case a == Suspend:
		return "_suspend"
	case a == Merge:
		return "_merge"
	}
	return ""
}

func (d *Desk) actForm(l *i18n.Printer, base, title string, acts []Act, threads []Post, typed Order, wrong map[string]string) actForm {
	apart := acts[0] == Suspend || acts[0] == Merge
	f := actForm{Title: title, Grave: apart, Open: apart && typed.Act == acts[0]}
	end := suffix(acts[0])
	if typed.Act != "" && suffix(typed.Act) != end {
		typed, wrong = Order{}, nil
	}
	add := func(name string, w web.Field) {
		w.Name, w.Label, w.Hint, w.Error, w.L = name+end, l.T("moderation.field."+name), l.T("moderation.acting."+name), wrong[name], l
		f.Fields = append(f.Fields, w)
	}
	add("reason", web.Field{Type: "select", Value: typed.Reason, Options: choices(l, "moderation.reason.", reasonsFor(acts[0]), end != "_ok")})
	add("note", web.Field{Type: "textarea", Rows: 3, Value: typed.Note, MaxLength: maxNote, Optional: true})
	if slices.Contains(acts, Suspend) {
		var days []web.Option
		for _, n := range suspensions {
			days = append(days, web.Option{Value: strconv.Itoa(n), Label: l.T("moderation.days", "count", n)})
		}
		add("days", web.Field{Type: "select", Value: strconv.Itoa(max(typed.Days, 1)), Options: days, Optional: true})
	}
	if slices.Contains(acts, Merge) {
		if len(threads) > 0 {
			add("among", web.Field{Type: "select", Value: typed.Among, Options: threadOptions(l, threads), Optional: true})
		}
		add("into", web.Field{Value: typed.Into, MaxLength: 300, Optional: len(threads) > 0})
	}
	for _, a := range acts {
		f.Buttons = append(f.Buttons, actButton{base + "/" + doings[a].slug, l.T("moderation.act." + string(a)), doings[a].icon, a == acts[0] && end == "_ok"})
	}
	return f
}

// threadOptions are other threads, by how they begin.
func threadOptions(l *i18n.Printer, threads []Post) []web.Option {
	out := []web.Option{{Label: l.T("moderation.choose")}}
	for _, p := range threads[:min(len(threads), shownThreads)] {
		out = append(out, web.Option{Value: p.Ref.ID, Label: l.Date(p.At) + ": " + excerpt(p.Text, 80)})
	}
	return out
}

// typedOrder is what a moderator's form says.
func typedOrder(form *web.Form, caseID string, a Act) Order {
	end := suffix(a)
	days, _ := strconv.Atoi(form.Value("days" + end)) // anything else is no number of days
	return Order{Case: caseID, Act: a, Seen: form.Value("seen"), Report: form.Value("report"), Reason: form.Value("reason" + end),
		Note: longText(form.Value("note" + end)), Days: days, Into: strings.TrimSpace(form.Value("into" + end)), Among: form.Value("among" + end)}
}
