package atlas

import "slices"

// MostClasses is how many classes of colour the eye still tells apart.
const MostClasses = 5

// Class is a class of values, both ends included.
type Class struct {
	From, To float64
	Count    int
}

// Classes puts values into at most five classes of about as many values each, from the
// least to the greatest. Equal values are in one class; few different ones are a class
// each.
func Classes(values []float64) []Class {
	return classes(slices.Sorted(slices.Values(values)), MostClasses)
}

// Parted puts values into classes that part at zero: at most two below, zero itself, and at
// most two above, each two of about as many values.
func Parted(values []float64) []Class {
	sorted := slices.Sorted(slices.Values(values))
	zero, _ := slices.BinarySearch(sorted, 0)
	above, _ := slices.BinarySearchFunc(sorted, 0, func(v, _ float64) int {
		if v > 0 {
			return 1
		}
		return -1
	})
	const each = MostClasses / 2
	return slices.Concat(classes(sorted[:zero], each), classes(sorted[zero:above], 1), classes(sorted[above:], each))
}

// classes puts sorted values into at most most classes.
func classes(sorted []float64, most int) []Class {
	distinct := len(slices.Compact(slices.Clone(sorted)))
	var out []Class
	for i := 0; i < len(sorted); {
		end := i + 1
		if distinct > most {
			// as many as are left for each class that is left
			end = i + max(1, (len(sorted)-i)/(most-len(out)))
		}
		for end < len(sorted) && sorted[end] == sorted[end-1] {
			end++
		}
		if len(out) == most-1 {
			end = len(sorted)
		}
		out = append(out, Class{From: sorted[i], To: sorted[end-1], Count: end - i})
		i = end
	}
	return out
}

// ClassOf is the number of a value's class, from 1; 0 for none.
func ClassOf(classes []Class, v float64) int {
	for i, c := range classes {
		if v >= c.From && v <= c.To {
			return i + 1
		}
	}
	return 0
}
