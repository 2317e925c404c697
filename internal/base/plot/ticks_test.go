package plot_test

import (
	"strings"
	"testing"
	"time"

	"plaza/internal/base/plot"
)

// below are the labels of the axis that lies, in the order of their places.
func below(s *seen) (out []string) {
	lowest := 0.0
	for _, one := range s.texts {
		if one.Anchor == plot.Middle {
			lowest = max(lowest, one.Y)
		}
	}
	for _, one := range s.texts {
		if one.Anchor == plot.Middle && one.Y > lowest-20 {
			out = append(out, one.Text)
		}
	}
	return out
}

func TestScalesOfTimeNameWhatTheirStepAllows(t *testing.T) {
	t.Parallel()
	day := func(y int, m time.Month, d, h int) float64 {
		return float64(time.Date(y, m, d, h, 0, 0, 0, time.UTC).Unix())
	}
	for _, test := range []struct {
		name, step string
		from, to   float64
		want       string
	}{
		{"years", "year", at(2018, 1), at(2024, 1), "2018 2019 2020 2021 2022 2023 2024"},
		{"before 1900", "year", at(1521, 1), at(1821, 1), "1550 1600 1650 1700 1750 1800"},
		{"after 2100", "year", at(2100, 1), at(2150, 1), "2100 2105 2110 2115 2120 2125 2130 2135 2140 2145 2150"},
		{"months say their year at January", "month", at(2023, 11), at(2024, 4), "11 2023 12 01 2024 02 03 04"},
		{"years of months do not name months", "month", at(2010, 1), at(2020, 1), "2010 2011 2012 2013 2014 2015 2016 2017 2018 2019 2020"},
		{"quarters begin in January, April, July, October", "quarter", at(2023, 1), at(2024, 1), "01 2023 04 07 10 01 2024"},
		{"days say their month", "day", day(2024, 2, 27, 0), day(2024, 3, 2, 0), "27 02 2024 28 29 1 03 2024 2"},
		{"weeks begin on Mondays", "week", day(2024, 1, 1, 0), day(2024, 1, 29, 0), "1 01 2024 8 15 22 29"},
		{"hours say their day", "hour", day(2024, 1, 1, 18), day(2024, 1, 2, 6), "18:00 1 01 19:00 20:00 21:00 22:00 23:00 00:00 2 01 01:00 02:00 03:00 04:00 05:00 06:00"},
		{"one year", "year", at(2024, 1), at(2024, 1), "2024"},
	} {
		t.Run(test.name, func(t *testing.T) {
			scene := plot.Draw(plot.Chart{Kind: plot.Line, Width: 720, X: plot.Axis{Scaling: plot.Time, Step: test.step},
				Panels: []plot.Panel{{Marks: []plot.Mark{{Row: 0, X: test.from, Y: 1}, {Row: 1, X: test.to, Y: 2}}}}})
			checkSound(t, scene)
			if got := strings.Join(below(look(scene)), " "); got != test.want {
				t.Errorf("the axis says %q, want %q", got, test.want)
			}
		})
	}
}

func TestScalesOfNumbersStepByOneTwoOrFive(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		high float64
		want string
	}{
		{"ones", 6, "0 1 2 3 4 5 6"},
		{"halves of a percent", 0.03, "0 0.005 0.01 0.015 0.02 0.025 0.03"},
		{"thirds without crumbs", 0.3, "0 0.05 0.1 0.15 0.2 0.25 0.3"},
		{"large", 7e12, "0 1e+12 2e+12 3e+12 4e+12 5e+12 6e+12 7e+12"},
		{"tiny", 3e-9, "0 5e-10 1e-09 1.5e-09 2e-09 2.5e-09 3e-09"},
		{"a little more", 6.1, "0 1 2 3 4 5 6 7"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := barChart(bars(test.high), "a")
			if got := strings.Join(below(look(plot.Draw(c))), " "); got != test.want {
				t.Errorf("the axis says %q, want %q", got, test.want)
			}
		})
	}
}

func TestNoScaleIsLeftMostlyEmpty(t *testing.T) {
	t.Parallel()
	for v := 1.0; v < 100; v++ {
		c := barChart(bars(v), "a")
		c.Width = 240
		bar := fill(t, look(plot.Draw(c)), 0)
		if whole := 240 - 12 - bar.left; bar.width() < whole*0.86 {
			t.Errorf("a bar of %v takes %.0f of %.0f pixels", v, bar.width(), whole)
		}
	}
}

func TestLabelsThatWouldReadTheSameAreWrittenWhole(t *testing.T) {
	t.Parallel()
	c := barChart(bars(2_000_000, 1), "a", "b")
	c.X.Number = func(v float64, short bool) string {
		if short && v > 0 {
			return "millones"
		}
		return sprint(v)
	}
	if _, ok := look(plot.Draw(c)).text("millones"); ok {
		t.Error("several ticks say the same")
	}
}
