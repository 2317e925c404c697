package delimited

import (
	"bytes"
	"errors"
	"io"
	"slices"

	"plaza/internal/base/tabular"
)

// trialRows is how many rows of each sample are split to try a dialect.
const trialRows = 400

// piece is a part of the file as UTF-8, from the beginning of a line.
type piece struct {
	text []byte
	cut  bool // it ends before the file does
}

// delimiters are those that are tried, with how readily each is believed: a colon
// stands in every time of day, a semicolon in prose.
var delimiters = []struct {
	char  byte
	prior float64
}{{',', 1}, {';', 1}, {'\t', 1}, {'|', 1}, {'^', 0.9}, {'~', 0.9}, {':', 0.55}}

// trial is what becomes of the samples when they are split in one way.
type trial struct {
	dialect
	prior  float64
	counts []int // cells of each row that is not empty
	modal  int   // the commonest number of cells, by rows
	even   float64
	fit    float64 // how much cells look like cells, 0 to 1
	stray  int     // rows with a stray quote
	quotes bool    // a quoted cell was seen
	fault  error   // the rows are too wide
	score  float64
}

// findDialect chooses how to split the samples. unsure says that another way fits
// nearly as well. A *tabular.Fault says that the file has too many columns.
func findDialect(pieces []piece, eol byte) (best trial, unsure bool, err error) {
	var tried []trial
	var fault error
	for _, delimiter := range delimiters {
		if !anyHas(pieces, delimiter.char) {
			continue
		}
		one := tryQuotes(pieces, dialect{delim: delimiter.char, eol: eol}, delimiter.prior)
		if one.fault != nil {
			fault = one.fault
		}
		tried = append(tried, one)
	}
	slices.SortStableFunc(tried, func(a, b trial) int {
		switch {
		case a.score > b.score:
			return -1
		case a.score < b.score:
			return 1
		}
		return 0
	})
	if len(tried) > 0 && tried[0].score > 0 {
		if fault != nil && tried[0].fault == nil && tried[0].score < 0.5 {
			return trial{}, false, fault
		}
		if tried[0].fault != nil {
			return trial{}, false, tried[0].fault
		}
		return tried[0], len(tried) > 1 && tried[1].score > 0.85*tried[0].score, nil
	}
	if fault != nil {
		return trial{}, false, fault
	}
	spaced := tryQuotes(pieces, dialect{delim: ' ', runs: true, eol: eol}, 0.5)
	if spaced.even > 0.9 && spaced.modal > 1 && spaced.fit > 0.6 && len(spaced.counts) > 2 {
		return spaced, true, nil
	}
	one := tryQuotes(pieces, dialect{single: true, eol: eol}, 1)
	one.modal = 1
	return one, false, nil
}

func anyHas(pieces []piece, c byte) bool {
	return slices.ContainsFunc(pieces, func(p piece) bool { return bytes.IndexByte(p.text, c) >= 0 })
}

// tryQuotes tries a delimiter with the quotes that the samples may use.
func tryQuotes(pieces []piece, d dialect, prior float64) trial {
	d.quote = '"'
	best := try(pieces, d, prior)
	if slices.ContainsFunc(pieces, func(p piece) bool { return bytes.Contains(p.text, []byte(`\"`)) }) {
		d.escape = '\\'
		best = better(best, try(pieces, d, prior))
		d.escape = 0
	}
	if !best.quotes && anyHas(pieces, '\'') {
		d.quote = '\''
		if one := try(pieces, d, prior); one.quotes && one.stray*20 <= len(one.counts) {
			best = better(best, one)
		}
	}
	if best.stray*2 > len(best.counts) {
		d.quote, d.escape = 0, 0
		if one := try(pieces, d, prior); one.score > 1.05*best.score {
			return one
		}
	}
	return best
}

// better is the trial with fewer stray quotes, then with the higher score.
func better(a, b trial) trial {
	if b.stray < a.stray && b.score >= 0.9*a.score || b.stray <= a.stray && b.score > a.score {
		return b
	}
	return a
}

// try splits the samples and scores what comes out.
func try(pieces []piece, d dialect, prior float64) trial {
	t := trial{dialect: d, prior: prior}
	var batch tabular.Batch
	var fits []rowFit
	for i, p := range pieces {
		rows := over(p.text, d)
		rows.stray = func() { t.stray++ }
		for range trialRows {
			batch.Reset(0, 1)
			n, err := rows.row(&batch)
			if p.cut && rows.pos == rows.end && err == nil {
				break // the sample cuts it
			}
			if err != nil {
				var f *tabular.Fault
				if errors.As(err, &f) && f.Code == "too_many_columns" && i == 0 && len(t.counts) < 3 {
					t.fault = err
				}
				if !errors.Is(err, io.EOF) {
					t.counts = append(t.counts, tabular.MaxColumns+1)
				}
				break
			}
			if fit := fitOf(&batch, n, d); fit.filled > 0 {
				t.counts = append(t.counts, n)
				fits = append(fits, fit)
			}
		}
		t.quotes = t.quotes || rows.quoted
	}
	t.judge(fits)
	return t
}

// rowFit is how much a row's cells look like cells.
type rowFit struct {
	cells, filled int
	sum           float64
}

func fitOf(b *tabular.Batch, n int, d dialect) rowFit {
	fit := rowFit{cells: n}
	for i := range min(n, 64) {
		cell := b.Cell(0, i)
		k := kindOf(cell)
		if k == blank {
			continue
		}
		fit.filled++
		switch {
		case k != words:
			fit.sum++
		case cell[0] == ' ' && d.delim != ' ' && i > 0:
			fit.sum += 0.15 // prose: a space follows its commas
		case foreign(cell, d.delim):
			fit.sum += 0.2
		default:
			fit.sum += 0.6
		}
	}
	return fit
}

// foreign reports whether a short cell looks as if another delimiter should split it.
func foreign(cell []byte, delim byte) bool {
	if len(cell) > 200 {
		return false
	}
	for _, c := range [...]byte{';', '\t', '|', '{', '}', '['} {
		if c != delim && bytes.IndexByte(cell, c) >= 0 {
			return true
		}
	}
	return false
}

// judge computes the score: how evenly rows have the same number of cells, and how
// much those look like cells. A way that gives one column has none.
func (t *trial) judge(fits []rowFit) {
	if len(t.counts) == 0 {
		return
	}
	seen := map[int]int{}
	for _, n := range t.counts {
		seen[n]++
	}
	most := 0
	for n, times := range seen {
		if n > 1 && (times > most || times == most && n > t.modal) {
			most, t.modal = times, n
		}
	}
	if t.modal < 2 {
		return
	}
	near, many, filled, sum := 0, 0, 0, 0.0
	body := within(t.counts)
	for _, n := range body {
		if n > 1 {
			many++
		}
		if n > 1 && n >= t.modal-max(1, t.modal/10) && n <= t.modal+max(1, t.modal/10) {
			near++
		}
	}
	for _, f := range fits {
		if f.cells == t.modal {
			filled, sum = filled+f.filled, sum+f.sum
		}
	}
	rows := float64(len(body))
	t.even = 0.6*float64(most)/rows + 0.2*float64(near)/rows + 0.2*float64(many)/rows
	t.fit = sum / float64(max(filled, 1))
	strays := 1 - 0.5*min(1, float64(t.stray)/rows)
	if t.even < 0.35 || t.fit < 0.3 && t.even < 0.9 {
		return
	}
	t.score = t.prior * t.even * t.even * (0.2 + 0.8*t.fit) * strays
}

// within leaves out the rows of one cell at the beginning and the end, which may be
// titles and notes, if enough are left to say something.
func within(counts []int) []int {
	from, to := 0, len(counts)
	for from < to && from < 30 && counts[from] == 1 {
		from++
	}
	for to > from && len(counts)-to < 30 && counts[to-1] == 1 {
		to--
	}
	if to-from < 3 || (to-from)*6 < len(counts) {
		return counts
	}
	return counts[from:to]
}
