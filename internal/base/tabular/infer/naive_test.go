package infer

import (
	"math"
	"math/rand/v2"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"plaza/internal/base/tabular"
)

// Plain ways to say what a cell is, slow and short.
var (
	naiveInt   = regexp.MustCompile(`^[+-]?\d{1,18}(\.0*)?$`)
	naiveGroup = regexp.MustCompile(`^[+-]?\d{1,3}(,\d{3})+$`)
	naiveFloat = regexp.MustCompile(`^[+-]?(\d+\.?\d*|\.\d+|\d{1,3}(,\d{3})+(\.\d+)?)$`)
	naiveComma = regexp.MustCompile(`^[+-]?(\d+,\d+|\d{1,3}(\.\d{3})+,\d+|\d{1,3}(\.\d{3})+|\d+)$`)
)

func naiveNumber(cell, format string) (float64, bool) {
	if format == "0,0" {
		if !naiveComma.MatchString(cell) {
			return 0, false
		}
		cell = strings.ReplaceAll(strings.ReplaceAll(cell, ".", ""), ",", ".")
	} else if !naiveFloat.MatchString(cell) {
		return 0, false
	}
	f, err := strconv.ParseFloat(strings.ReplaceAll(cell, ",", ""), 64)
	return f, err == nil
}

// randomNumber is a text of digits and separators, often a number.
func randomNumber(r *rand.Rand) string {
	var b strings.Builder
	if r.IntN(4) == 0 {
		b.WriteByte("+-"[r.IntN(2)])
	}
	for range 1 + r.IntN(4) {
		n := 1 + r.IntN(4)
		if r.IntN(2) == 0 {
			n = 3
		}
		for range n {
			b.WriteByte("0123456789"[r.IntN(10)])
		}
		switch r.IntN(5) {
		case 0:
			b.WriteByte('.')
		case 1, 2:
			b.WriteByte(',')
		}
	}
	return b.String()
}

func TestNumbersAreWhatAPlainReaderSays(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	good := 0
	for range 60000 {
		cell := randomNumber(r)
		for _, format := range []string{"0.0", "0,0"} {
			want, ok := naiveNumber(cell, format)
			got, v := ParserOf(tabular.Column{Type: tabular.Decimal, Format: format}).Float([]byte(cell))
			if zero := cell[strings.IndexAny(cell, "0123456789")] == '0'; zero && strings.Count(cell, ".")+strings.Count(cell, ",") == 1 {
				continue // 0.123 is no group of thousands
			}
			if ok != (v == Good) || ok && math.Abs(got-want) > math.Abs(want)*1e-15 {
				t.Fatalf("%q as %s is %v %v, want %v %v", cell, format, got, v, want, ok)
			}
			if ok {
				good++
			}
		}
		n, v := ParserOf(tabular.Column{Type: tabular.Integer}).Int([]byte(cell))
		whole := naiveInt.MatchString(cell) || naiveGroup.MatchString(cell) && cell[strings.IndexAny(cell, "0123456789")] != '0'
		if whole && v == Good {
			want, _ := naiveNumber(cell, "0.0")
			if math.Abs(float64(n)-want) > math.Abs(want)*1e-15 {
				t.Fatalf("%q is %d, want %v", cell, n, want)
			}
		}
	}
	if good < 20000 {
		t.Errorf("only %d numbers", good)
	}
}

func TestDaysAreWhatThePackageOfTimeSays(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 4))
	layouts := map[string]string{"dd/mm/yyyy": "2/1/2006", "mm/dd/yyyy": "1/2/2006", "yyyy-mm-dd": "2006-1-2", "dd-mmm-yyyy": "2-Jan-2006"}
	for range 60000 {
		at := time.Date(1600+r.IntN(1000), time.Month(1+r.IntN(12)), 1+r.IntN(31), r.IntN(24), r.IntN(60), r.IntN(60), 0, time.UTC)
		for format, layout := range layouts {
			cell := at.Format(layout)
			if r.IntN(9) == 0 {
				cell = strings.Replace(cell, strconv.Itoa(at.Day()), strconv.Itoa(r.IntN(40)), 1)
			}
			want, err := time.Parse(layout, cell)
			d, v := ParserOf(tabular.Column{Type: tabular.Date, Format: format}).Day([]byte(cell))
			if (err == nil) != (v == Good) || err == nil && int64(d)*86400 != want.Unix() {
				t.Fatalf("%q as %s is %d %v, want %v %v", cell, format, d, v, want, err)
			}
			us, v := ParserOf(tabular.Column{Type: tabular.DateTime, Format: format + " hh:mm:ss"}).Int([]byte(cell + at.Format(" 3:04:05 PM")))
			want = want.Add(at.Sub(at.Truncate(24 * time.Hour)))
			if (err == nil) != (v == Good) || err == nil && us != want.UnixMicro() {
				t.Fatalf("%q with its time is %d %v, want %v", cell, us, v, want)
			}
		}
	}
}
