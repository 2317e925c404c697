package inbox

import (
	"cmp"
	"slices"

	"plaza/internal/base/db"
	"plaza/internal/base/text"
	"plaza/internal/plaza"
	"plaza/internal/section/cases"
)

// How what may be answered with the same words is looked for.
const (
	alikeAmong = 500 // cases that wait, the soonest due first
	alikeShown = 20
	alikeLeast = 0.6 // of the words of the shorter title
)

// alike are cases that wait for an answer too and ask nearly the same as one of those that
// were chosen: the same kind, about the same dataset, with most words of the title. They
// are offered, not chosen: who answers reads each and ticks it.
func (b *Inbox) alike(tx *db.Tx, at place, who plaza.Actor, chosen []cases.Case) ([]cases.Case, error) {
	room := min(alikeShown, shown-len(chosen))
	if len(chosen) == 0 || room <= 0 {
		return nil, nil
	}
	bodies, err := b.bodies(tx, at)
	if err != nil {
		return nil, err
	}
	f := cases.Filter{Bodies: bodies, Waiting: true, Kinds: kindsOf(chosen), Dataset: chosen[0].On.Dataset}
	for _, c := range chosen {
		if c.On.Dataset != f.Dataset {
			f.Dataset = "" // of several: look among all
		}
	}
	list, err := cases.List(tx, f, cases.ByDue, cases.Key{}, alikeAmong)
	if err != nil {
		return nil, err
	}
	words, near := make([]map[string]bool, len(chosen)), map[string]float64{}
	for i, c := range chosen {
		words[i] = stems(c.Title)
	}
	for _, c := range list {
		if slices.ContainsFunc(chosen, func(o cases.Case) bool { return o.ID == c.ID }) || !c.Can(who, cases.Asker{}, cases.Publish) {
			continue
		}
		own := stems(c.Title)
		for i, o := range chosen {
			if o.Kind == c.Kind && o.On.Dataset == c.On.Dataset {
				near[c.ID] = max(near[c.ID], shared(words[i], own))
			}
		}
	}
	list = slices.DeleteFunc(list, func(c cases.Case) bool { return near[c.ID] < alikeLeast })
	slices.SortStableFunc(list, func(x, y cases.Case) int { return cmp.Compare(near[y.ID], near[x.ID]) })
	return list[:min(room, len(list))], nil
}

// kindsOf are the kinds of some cases, each once.
func kindsOf(list []cases.Case) (out []cases.Kind) {
	for _, c := range list {
		if !slices.Contains(out, c.Kind) {
			out = append(out, c.Kind)
		}
	}
	return out
}

// stems are the words of a title that say something.
func stems(title string) map[string]bool {
	out := map[string]bool{}
	for _, w := range text.Words(title) {
		if w = text.Fold(w); !text.StopWord(w) {
			out[text.Stem(w)] = true
		}
	}
	return out
}

// shared is the share of the fewer words that both have.
func shared(a, b map[string]bool) float64 {
	least := min(len(a), len(b))
	if least == 0 {
		return 0
	}
	n := 0
	for w := range a {
		if b[w] {
			n++
		}
	}
	return float64(n) / float64(least)
}

// maxAsked is how many letters of what was asked stand beside the form of one answer.
const maxAsked = 280

// asked draws a case with what it asks.
func (t *teller) asked(c cases.Case) line {
	o := t.line(c)
	o.Text = text.Excerpt(text.PlainText(c.Body), maxAsked)
	return o
}
