package cases

import "strings"

// passage is a run of words that two versions of a text share, or that only one has.
type passage struct {
	Text    string
	Added   bool
	Removed bool
}

// What a comparison costs at most, in cells of its table; a larger change is shown as one
// text in place of another.
const maxCells = 400_000

// difference is how a text became another, in words of which runs stand together.
func difference(before, after string) []passage {
	return compare(pieces(before), pieces(after), func(a, b []string) []passage {
		return compare(words(strings.Join(a, "")), words(strings.Join(b, "")), replaced)
	})
}

// replaced is one run in place of another.
func replaced(a, b []string) (out []passage) {
	if len(a) > 0 {
		out = append(out, passage{Text: strings.Join(a, ""), Removed: true})
	}
	if len(b) > 0 {
		out = append(out, passage{Text: strings.Join(b, ""), Added: true})
	}
	return out
}

// compare lines up two lists; what lies between two things that they share is for inner
// to tell.
func compare(a, b []string, inner func(a, b []string) []passage) (out []passage) {
	var same []string
	start := 0
	for start < len(a) && start < len(b) && a[start] == b[start] {
		start++
	}
	end := 0
	for end < len(a)-start && end < len(b)-start && a[len(a)-1-end] == b[len(b)-1-end] {
		end++
	}
	put := func(p ...passage) {
		for _, one := range p {
			if n := len(out); n > 0 && out[n-1].Added == one.Added && out[n-1].Removed == one.Removed {
				out[n-1].Text += one.Text
				continue
			}
			out = append(out, one)
		}
	}
	keep := func(s []string) {
		if len(s) > 0 {
			put(passage{Text: strings.Join(s, "")})
		}
	}
	keep(a[:start])
	x, y := a[start:len(a)-end], b[start:len(b)-end]
	switch {
	case len(x) == 0 || len(y) == 0:
		put(replaced(x, y)...)
	case len(x)*len(y) > maxCells:
		put(replaced(x, y)...)
	default:
		i, j := 0, 0
		for _, pair := range common(x, y) {
			if i < pair[0] || j < pair[1] {
				keep(same)
				same = nil
				put(between(x[i:pair[0]], y[j:pair[1]], inner)...)
			}
			same = append(same, x[pair[0]])
			i, j = pair[0]+1, pair[1]+1
		}
		keep(same)
		put(between(x[i:], y[j:], inner)...)
	}
	keep(a[len(a)-end:])
	return out
}

// between is what lies between two things that both texts have.
func between(a, b []string, inner func(a, b []string) []passage) []passage {
	if len(a) == 0 || len(b) == 0 {
		return replaced(a, b)
	}
	return inner(a, b)
}

// common are the places of a longest common sequence.
func common(a, b []string) (out [][2]int) {
	w := len(b) + 1
	table := make([]int32, (len(a)+1)*w)
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				table[i*w+j] = table[(i+1)*w+j+1] + 1
			} else {
				table[i*w+j] = max(table[(i+1)*w+j], table[i*w+j+1])
			}
		}
	}
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch {
		case a[i] == b[j]:
			out = append(out, [2]int{i, j})
			i, j = i+1, j+1
		case table[(i+1)*w+j] >= table[i*w+j+1]:
			i++
		default:
			j++
		}
	}
	return out
}

// pieces are the lines of a text, each with its end.
func pieces(s string) []string { return strings.SplitAfter(s, "\n") }

// words are those of a text, each with the blanks that follow it.
func words(s string) (out []string) {
	start, blank := 0, false
	for i, r := range s {
		is := r == ' ' || r == '\n' || r == '\t'
		if blank && !is {
			out = append(out, s[start:i])
			start = i
		}
		blank = is
	}
	if start < len(s) {
		out = append(out, s[start:])
	}
	return out
}
