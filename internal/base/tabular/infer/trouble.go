package infer

import (
	"cmp"
	"slices"
	"strings"

	"plaza/internal/base/tabular"
)

// add notes a problem with the first of its samples. What may be personal is never shown.
func (d *decider) add(code string, s *subject, n int64, samples []tabular.Sample) {
	if n == 0 {
		return
	}
	p := tabular.Problem{Code: code, Column: s.out.Name, Count: n}
	if !s.out.Meaning.Personal() {
		slices.SortFunc(samples, func(a, b tabular.Sample) int { return cmp.Compare(a.Row, b.Row) })
		p.Samples = slices.Clone(samples[:min(len(samples), tabular.MaxSamples)])
	}
	d.problems = append(d.problems, p)
}

// samplesOf are those of some classes.
func (s *subject) samplesOf(of ...class) (out []tabular.Sample) {
	for _, k := range of {
		out = append(out, s.column.samples[k]...)
	}
	return out
}

// trouble notes what is wrong with a column.
func (d *decider) trouble(s *subject) {
	d.odd(s)
	d.mixture(s)
	if of := lost[s.out.Meaning]; of != nil {
		of = slices.Clone(of)
		for k := classFloat; k < intBig; k++ {
			if !slices.Contains(of, k) {
				of = append(of, k)
			}
		}
		d.add("g01", s, s.has(of...), s.samplesOf(of...))
	}
	d.outside(s)
	if s.out.Meaning.Personal() {
		d.add("p01", s, s.private(), nil)
	}
	if key := &d.keys.list[s.at]; key.named && widths[s.out.Meaning] == 0 && !key.dead.Load() && key.twice > 0 {
		d.add("k01", s, key.twice, key.where)
	}
}

// private counts the values that made a column suspected.
func (s *subject) private() int64 {
	switch s.out.Meaning {
	case tabular.CURP:
		return max(1, s.has(curpText))
	case tabular.RFC:
		return max(1, s.has(rfcPerson))
	case tabular.PersonEmail:
		return max(1, s.has(mailPrivate))
	}
	return max(1, s.has(phoneText, digitGroups, intTen, classFloat+intTen))
}

// odd notes the values that do not fit: numbers with other characters (m33), or values
// of another type (c41).
func (d *decider) odd(s *subject) {
	if s.out.Odd == 0 {
		return
	}
	good, null := accepted(s.out), nulls(s.out)
	var digits, others int64
	var with, without []tabular.Sample
	for k := range s.column.n {
		if good[k] || null[k] || k == int(classNothing) || s.column.n[k] == 0 {
			continue
		}
		if s.out.Type.Number() && (k < int(classDay) || class(k) == codeText || class(k) == phoneText || class(k) == digitGroups) {
			digits += s.column.n[k]
			with = append(with, s.column.samples[k]...)
		} else {
			others += s.column.n[k]
			without = append(without, s.column.samples[k]...)
		}
	}
	d.add("m33", s, digits, with)
	d.add("c41", s, others, without)
}

// mixture notes texts of which many are numbers: a type that was nearly found.
func (d *decider) mixture(s *subject) {
	if s.out.Type != tabular.Text || s.out.Corrected {
		return
	}
	numbers := s.span(0, classDay)
	if numbers*5 < s.n || numbers == s.n {
		return
	}
	from, to := class(0), class(classDay)
	n := numbers
	if numbers*2 > s.n {
		from, to, n = classDay, classNothing, s.n-numbers
	}
	var samples []tabular.Sample
	for k := from; k < to; k++ {
		samples = append(samples, s.column.samples[k]...)
	}
	d.add("c41", s, n, samples)
	s.doubt("mixed")
	d.out[s.at].Doubts = s.out.Doubts
}

// outside notes points that lie outside Mexico (g02) and coordinates that are swapped
// (g03).
func (d *decider) outside(s *subject) {
	switch s.out.Meaning {
	case tabular.Latitude, tabular.Longitude:
		if s.geo == nil {
			return
		}
		swapped := slices.Contains(s.out.Doubts, "tabular.doubt.swapped")
		inside, samples := s.geo.lat, s.geo.notLat
		if s.out.Meaning == tabular.Longitude {
			inside, samples = s.geo.lon, s.geo.notLon
		}
		if swapped {
			d.add("g03", s, inside, nil)
		}
		numbers := s.span(0, classMoney)
		d.add("g02", s, max(0, numbers-inside), samples)
	case tabular.LatLon:
		d.add("g02", s, s.has(pairOther), s.samplesOf(pairOther))
		d.add("g03", s, s.has(pairLonLat), s.samplesOf(pairLonLat))
	case tabular.LonLat:
		d.add("g02", s, s.has(pairOther), s.samplesOf(pairOther))
		d.add("g03", s, s.has(pairLatLon), s.samplesOf(pairLatLon))
	}
}

// labels notes columns without a name and names that come twice (c02).
func (d *decider) labels() {
	seen := map[string]bool{}
	for i, label := range d.src.Labels {
		folded := strings.ToLower(strings.Join(strings.Fields(label), " "))
		why := ""
		if folded == "" && d.src.Layout.HeaderLine > 0 {
			why = "empty"
		} else if folded != "" && seen[folded] {
			why = "twice"
		}
		seen[folded] = true
		if why != "" {
			d.problems = append(d.problems, tabular.Problem{
				Code: "c02", Column: d.out[i].Name, Count: 1, Args: map[string]string{"why": why},
				Samples: []tabular.Sample{{Line: int64(d.src.Layout.HeaderLine), Text: tabular.Clip(label, 200)}},
			})
		}
	}
}
