package tabular

import (
	"slices"
	"strings"

	"plaza/internal/base/text"
)

// Names of the calendar without accents, Spanish before English.
var (
	weekdays = [][2]string{{"lunes", "monday"}, {"martes", "tuesday"}, {"miercoles", "wednesday"}, {"jueves", "thursday"}, {"viernes", "friday"}, {"sabado", "saturday"}, {"domingo", "sunday"}}
	months   = [][2]string{{"enero", "january"}, {"febrero", "february"}, {"marzo", "march"}, {"abril", "april"}, {"mayo", "may"}, {"junio", "june"}, {"julio", "july"}, {"agosto", "august"}, {"septiembre", "september"}, {"octubre", "october"}, {"noviembre", "november"}, {"diciembre", "december"}}
)

// Calendar gives names their places in the week, from Monday, or in the year, when all of
// them are names of days or all of months: Spanish or English, whole or cut to three letters
// or more, in any case. Otherwise it is nil.
func Calendar(names []string) map[string]int {
	for _, in := range [][][2]string{weekdays, months} {
		if places := placesIn(in, names); places != nil {
			return places
		}
	}
	return nil
}

func placesIn(calendar [][2]string, names []string) map[string]int {
	out := make(map[string]int, len(names))
	for _, name := range names {
		said := strings.TrimSuffix(text.Fold(strings.TrimSpace(name)), ".")
		if said == "setiembre" || said == "set" {
			said = "septiembre"
		}
		at := slices.IndexFunc(calendar, func(of [2]string) bool {
			return len(said) >= 3 && (strings.HasPrefix(of[0], said) || strings.HasPrefix(of[1], said))
		})
		if at < 0 {
			return nil
		}
		out[name] = at
	}
	if len(out) == 0 {
		return nil
	}
	return out
}
