package infer

import (
	"cmp"

	"plaza/internal/base/tabular"
)

// correct puts what people said in the place of what was found.
func (d *decider) correct(s *subject) {
	fix, ok := d.fix.Columns[s.name]
	if !ok || fix == (tabular.ColumnCorrection{}) {
		return
	}
	o := &s.out
	o.Corrected = true
	if fix.Type != "" && fix.Type != o.Type {
		o.Type, o.Format = fix.Type, s.formatFor(fix.Type)
		if fix.Meaning == "" && (fix.Type.Number() || fix.Type.Temporal()) && o.Meaning != tabular.Latitude && o.Meaning != tabular.Longitude {
			o.Meaning = ""
		}
		o.Doubts = nil
	}
	o.Format = cmp.Or(fix.Format, o.Format)
	o.Meaning, o.Unit = cmp.Or(fix.Meaning, o.Meaning), cmp.Or(fix.Unit, o.Unit)
	if fix.Name != "" {
		d.rename(s, fix.Name)
	}
}

// rename gives a column the name that people chose, unlike those of the others.
func (d *decider) rename(s *subject, name string) {
	taken := make([]string, 0, len(d.names))
	for i, n := range d.names {
		if i < s.at {
			n = d.out[i].Name
		}
		if i != s.at {
			taken = append(taken, n)
		}
	}
	all := tabular.Names(append(taken, name))
	s.out.Name = all[len(all)-1]
	if label := d.src.Labels[s.at]; label != s.out.Name {
		s.out.Label = label
	}
}

// formatFor is how a column's values are written, were they of a type.
func (s *subject) formatFor(t tabular.Type) string {
	switch t {
	case tabular.Integer, tabular.Decimal, tabular.Money, tabular.Percent:
		return s.numberFormat(t)
	case tabular.DateTime, tabular.Date:
		if n := s.has(monthISO, monthYear, monthNamed); n*2 > s.n {
			return formatMonth
		}
		if n := s.has(intDay8, intLocalDay8); n*2 > s.n {
			return formatDay8
		}
		format, _ := s.dayFormat()
		return format
	case tabular.Boolean:
		switch {
		case s.has(int1, int2)*2 > s.n && s.has(int2) > 0 && s.has(classInt) == 0:
			return "1/2"
		case s.has(int1, classInt)*2 > s.n:
			return "1/0"
		case s.has(wordX)*2 > s.n:
			return "x"
		}
	}
	return ""
}
