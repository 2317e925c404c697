package showing

import "html/template"

// Origin is what is said once of all views of a tool: where their numbers come from, and
// which rows of the table count.
type Origin struct {
	Facts   []Fact
	Sources []Source
}

// Origin draws what the views of a tool have in common, from the numbers of one of them.
func (s *Shower) Origin(a Asked) (template.HTML, error) {
	counted := a.Result.Counted
	if a.View.Filter != "" { // other views count other rows
		counted, a.View.Filter = 0, ""
	}
	a.Reader = nil
	o := Origin{Sources: Sources(a.L, a.Result)}
	for _, line := range Conditions(a.L, a.Chosen()) {
		o.Facts = append(o.Facts, Fact{Text: a.L.T("toolview.fact.filter", "filter", line)})
	}
	if counted > 0 {
		o.Facts = append(o.Facts, Fact{Text: a.L.T("toolview.fact.counted.all", "count", counted)})
	}
	return s.shell.Fragment("toolview/origin", o)
}
