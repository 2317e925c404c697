package infer

import (
	"cmp"
	"slices"
	"strings"

	"plaza/internal/base/tabular"
)

// decider turns counts into columns.
type decider struct {
	names    []string
	src      *tabular.Source
	fix      tabular.Correction
	keys     *keys
	rows     int64
	columns  []column
	out      []tabular.Column
	problems []tabular.Problem
}

// subject is a column that is being decided.
type subject struct {
	*column
	hints
	at    int
	name  string
	n     int64 // values, spellings of nothing apart
	known tabular.Type
	out   tabular.Column
}

func (d *decider) result() *Result {
	d.out = make([]tabular.Column, len(d.names))
	subjects := make([]subject, len(d.names))
	for i, name := range d.names {
		s := &subjects[i]
		*s = subject{column: &d.columns[i], hints: hintsOf(name), at: i, name: name, out: tabular.Column{Name: name}}
		s.n = s.span(0, classNothing)
		if i < len(d.src.Known) {
			s.known = d.src.Known[i]
		}
		if label := d.src.Labels[i]; label != name {
			s.out.Label = label
		}
		s.decide()
	}
	d.towns(subjects)
	d.points(subjects)
	for i := range subjects {
		d.correct(&subjects[i])
		subjects[i].finish()
		d.out[i] = subjects[i].out
	}
	r := &Result{Columns: d.out, Rows: d.rows}
	d.persons(subjects)
	r.Key = d.key(subjects)
	r.Place = d.place(subjects)
	for i := range subjects {
		d.trouble(&subjects[i])
	}
	d.labels()
	r.Problems = d.problems
	return r
}

// doubt notes that something is a guess.
func (s *subject) doubt(key string) {
	key = "tabular.doubt." + key
	if !slices.Contains(s.out.Doubts, key) {
		s.out.Doubts = append(s.out.Doubts, key)
	}
}

// fits reports whether enough values lie in a set.
func (s *subject) fits(n int64) bool {
	return s.n > 0 && s.n-n <= min(s.n/100, 1000+s.n/1000)
}

func (s *subject) set(t tabular.Type, format string) {
	s.out.Type, s.out.Format = t, format
}

// has counts the cells of some classes.
func (s *subject) has(of ...class) (n int64) {
	for _, k := range of {
		n += s.column.n[k]
	}
	return n
}

// decide finds the narrowest type.
func (s *subject) decide() {
	if s.n == 0 {
		s.set(tabular.Text, "")
		if s.known != "" {
			s.set(s.known, "")
		}
		if s.sumRows() > 0 {
			s.doubt("empty")
		}
		return
	}
	switch {
	case s.shapes(), s.booleans(), s.addresses(), s.persons(), s.days(), s.numbers(), s.codes():
	default:
		s.set(tabular.Text, "")
		s.names()
	}
	s.stated()
	s.hiddenPersons()
}

// stated heeds what the format itself says of a column's type, where the texts leave a
// choice.
func (s *subject) stated() {
	switch found := s.out.Type; {
	case s.known == tabular.Decimal && found == tabular.Integer:
		s.set(tabular.Decimal, s.numberFormat(tabular.Decimal))
	case s.known == tabular.Integer && found == tabular.Year && !s.year:
		s.set(tabular.Integer, s.numberFormat(tabular.Integer))
	case s.known == tabular.DateTime && found == tabular.Date && s.out.Format != formatMonth && s.out.Format != formatDay8:
		s.set(tabular.DateTime, s.out.Format+" hh:mm:ss")
	}
	if s.known.Number() || s.known.Temporal() {
		s.out.Doubts = slices.DeleteFunc(s.out.Doubts, func(d string) bool {
			switch strings.TrimPrefix(d, "tabular.doubt.") {
			case "thousands", "thousands_point", "day_order", "year_by_values", "floats":
				return true
			}
			return false
		})
	}
}

// sumRows counts all cells.
func (s *subject) sumRows() int64 { return s.span(0, class(classes)) }

func (s *subject) shapes() bool {
	if s.fits(s.has(geometryText)) {
		s.set(tabular.Geometry, "")
		return true
	}
	lat, lon := s.has(pairLatLon), s.has(pairLonLat)
	if lat+lon > 0 && s.fits(lat+lon+s.has(pairOther)) {
		s.set(tabular.Text, "")
		s.out.Meaning = tabular.LatLon
		if lon > lat {
			s.out.Meaning = tabular.LonLat
		}
		return true
	}
	return false
}

func (s *subject) booleans() bool {
	for format, k := range map[string]class{"sí/no": wordYes, "true/false": wordTrue, "s/n": wordS} {
		if s.fits(s.has(k)) {
			s.set(tabular.Boolean, format)
			return true
		}
	}
	if s.fits(s.has(wordX)) && s.column.n[classNothing] > 0 {
		s.set(tabular.Boolean, "x")
		s.doubt("empty_is_no")
		return true
	}
	return false
}

func (s *subject) addresses() bool {
	switch {
	case s.fits(s.has(webAddress)):
		s.set(tabular.URL, "")
	case s.fits(s.has(mailAddress, mailPrivate)):
		s.set(tabular.Email, "")
	default:
		return false
	}
	return true
}

// persons finds columns that may hold what belongs to persons.
func (s *subject) persons() bool {
	phones := s.has(phoneText)
	if s.phone {
		phones += s.has(digitGroups, intTen, classFloat+intTen)
	}
	switch {
	case s.fits(s.has(curpText)):
		s.out.Meaning = tabular.CURP
	case s.fits(s.has(rfcPerson, rfcCompany)):
		if s.has(rfcPerson) > 0 {
			s.out.Meaning = tabular.RFC
		}
	case phones*10 >= s.n*9, s.phone && phones*2 >= s.n:
		s.out.Meaning = tabular.Phone
		s.doubt("phone")
		if s.office {
			s.doubt("phone_office")
		}
	default:
		return false
	}
	s.set(tabular.Code, "")
	if s.has(classFloat+intTen) > 0 {
		s.out.Format = "0.0"
	}
	return true
}

// hiddenPersons finds the same among other texts, where few suffice.
func (s *subject) hiddenPersons() {
	if s.out.Meaning.Personal() || s.out.Type.Number() {
		return
	}
	switch {
	case s.has(curpText) > 0:
		s.out.Meaning = tabular.CURP
	case s.has(rfcPerson) > 0 && (s.rfc || s.has(rfcPerson)*100 >= s.n):
		s.out.Meaning = tabular.RFC
	case s.has(mailPrivate) > 0:
		s.out.Meaning = tabular.PersonEmail
	default:
		return
	}
	s.doubt("personal")
}

// days finds dates, months and times, and the order of their parts.
func (s *subject) days() bool {
	if s.fits(s.has(clock)) {
		s.set(tabular.Time, "hh:mm:ss")
		return true
	}
	if s.fits(s.has(monthISO, monthYear, monthNamed)) {
		s.set(tabular.Date, formatMonth)
		if s.short > 0 {
			s.doubt("two_digit_year")
		}
		return true
	}
	if n := s.has(intDay8, intLocalDay8, classFloat+intDay8, classFloat+intLocalDay8); s.fits(n) && !s.code && (s.date || s.n >= 30) {
		s.set(tabular.Date, formatDay8)
		if !s.date {
			s.doubt("date_by_values")
		}
		return true
	}
	format, t := s.dayFormat()
	all := tabular.Column{Type: tabular.DateTime, Format: format}
	if !s.fits(s.sum(accepted(all))) {
		return false
	}
	s.set(t, format)
	s.dayDoubts()
	return true
}

// kind counts days of a kind, whatever their time.
func (s *subject) kind(k class) int64 {
	return s.has(classDay+k, classZero+k, classTimed+k, classZoned+k)
}

// dayFormat is how most days of a column are written.
func (s *subject) dayFormat() (string, tabular.Type) {
	slashes := "dd/mm/yyyy"
	if s.kind(monthFirst) > s.kind(dayFirst) {
		slashes = "mm/dd/yyyy"
	}
	if s.short > 0 {
		slashes = slashes[:8]
	}
	numeric := s.kind(dayBoth) + s.kind(daySame) + s.kind(dayFirst) + s.kind(monthFirst)
	format := slashes
	switch iso, named := s.kind(dayISO), s.kind(dayNamed); {
	case monthsFirst(slashes): // the order must be known, whatever else there is
	case iso > numeric && iso >= named:
		format = "yyyy-mm-dd"
	case named > numeric:
		format = "dd-mmm-yyyy"
	}
	if s.span(classTimed, classWord) > 0 {
		return format + " hh:mm:ss", tabular.DateTime
	}
	return format, tabular.Date
}

func (s *subject) dayDoubts() {
	d, m, both := s.kind(dayFirst), s.kind(monthFirst), s.kind(dayBoth)
	switch {
	case d > 0 && m > 0:
		s.doubt("mixed_order")
	case both > 0 && d == 0 && m == 0:
		s.doubt("day_order")
	}
	if s.short > 0 {
		s.doubt("two_digit_year")
	}
	if s.span(classZoned, classWord) > 0 {
		s.doubt("zone")
	}
}

// codes finds texts that identify.
func (s *subject) codes() bool {
	words := s.has(plainWord, rfcPerson, rfcCompany, curpText, phoneText)
	mixed := s.has(codeText, digitGroups) + s.span(intBig, classShape) + s.span(0, classFloat) + s.span(classDay, classWord)
	named := (s.code || s.key) && (mixed+words)*10 >= s.n*9
	even := s.minLen == s.maxLen // "ACAS" and "0012" are codes beside "00L1"
	alike := s.fits(mixed+words) && (s.has(codeText, digitGroups)*2 >= s.n && s.maxLen <= 24 || s.has(codeText)*5 >= s.n && even)
	if !named && !alike {
		return false
	}
	s.set(tabular.Code, "")
	if !named && !even {
		s.doubt("code")
	}
	return true
}

// finish counts what fits, once the column is decided.
func (s *subject) finish() {
	if s.out.Type == "" {
		s.out.Type = tabular.Text
	}
	s.nothings()
	good, null := accepted(s.out), nulls(s.out)
	for k, n := range s.column.n {
		if !good[k] && !null[k] && !(k == int(classNothing)) {
			s.out.Odd += n
		}
	}
}

// nothings lists the spellings of nothing that count as such.
func (s *subject) nothings() {
	text := s.out.Type == tabular.Text
	few := !s.words.full && len(s.words.list) <= 50 && s.n > 0 // where there is nothing else, they are no category
	for word, n := range s.spelling {
		k := nothing([]byte(word))
		if text {
			if !unmistakable(k) {
				continue
			}
			if few {
				s.doubt("null_or_category")
				if s.column.n[k]*2 > s.sumRows() {
					continue
				}
			}
		}
		s.out.Nulls = append(s.out.Nulls, tabular.ValueCount{Value: word, Count: n})
	}
	if n := s.column.n[classNothing]; n > 0 && !(s.out.Type == tabular.Boolean && s.out.Format == "x") {
		s.out.Nulls = append(s.out.Nulls, tabular.ValueCount{Count: n})
	}
	slices.SortFunc(s.out.Nulls, func(a, b tabular.ValueCount) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Value, b.Value))
	})
}
