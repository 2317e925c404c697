package showing

import (
	"net/url"
	"slices"
	"strconv"
	"time"

	"plaza/internal/base/tabular"
	"plaza/internal/section/tool/reckon"
	"plaza/internal/section/tool/wording"
)

// link is where readers choose a group of a column, or stop choosing it.
func (a Asked) link(c reckon.Column, cell tabular.Cell) string {
	if a.Page == "" || cell.Null || cell.Odd || c.Field == "" {
		return ""
	}
	chosen := url.Values{}
	for k, list := range a.Reader {
		chosen[k] = list
	}
	ends := choice(c, cell)
	if len(ends) == 0 {
		return ""
	}
	was := true
	for name, value := range ends {
		was = was && slices.Contains(chosen[name], value)
	}
	for name, value := range ends {
		if len(ends) > 1 { // of ranges there is one
			chosen[name] = nil
		}
		chosen[name] = slices.DeleteFunc(slices.Clone(chosen[name]), func(one string) bool { return one == value })
		if !was {
			chosen[name] = append(chosen[name], value)
		}
		if len(chosen[name]) == 0 {
			delete(chosen, name)
		}
	}
	for name, list := range a.Keep {
		chosen[name] = list
	}
	path := a.Page
	if len(chosen) > 0 {
		path += "?" + chosen.Encode()
	}
	return path + "#vista-" + a.View.Name
}

// choice is a group as the parameters of an address: its value, or where it begins and ends.
func choice(c reckon.Column, cell tabular.Cell) map[string]string {
	name := "f." + c.Field
	between := func(from, to string) map[string]string {
		return map[string]string{name + ".min": from, name + ".max": to}
	}
	if c.Step == tabular.StepBins {
		from, err := strconv.ParseFloat(cell.Text, 64)
		if err != nil {
			return nil
		}
		return map[string]string{name + ".min": cell.Text, name + ".menor": strconv.FormatFloat(from+c.Width, 'f', -1, 64)}
	}
	t, ok := wording.Instant(cell.Text)
	switch {
	case c.Step == "" || c.Type == tabular.Year:
		return map[string]string{name: cell.Text}
	case !ok:
		return nil
	case c.Step == tabular.StepYear:
		return map[string]string{name: t.Format("2006")}
	case c.Step == tabular.StepMonth:
		return map[string]string{name: t.Format("2006-01")}
	case c.Step == tabular.StepQuarter:
		return between(t.Format("2006-01"), t.AddDate(0, 2, 0).Format("2006-01"))
	case c.Step == tabular.StepWeek:
		return between(t.Format(time.DateOnly), t.AddDate(0, 0, 6).Format(time.DateOnly))
	case c.Step == tabular.StepDay:
		return map[string]string{name: t.Format(time.DateOnly)}
	}
	return between(t.Format("2006-01-02T15:04"), t.Format("2006-01-02T15")+":59")
}
