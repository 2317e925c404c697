package plot

import "strings"

// longestText is how many letters of a title or a source are set at most.
const longestText = 1000

// broken breaks a text into lines that fit a width, at spaces and within words that are too
// long; beyond the most lines it ends in an ellipsis.
func broken(text string, size float64, bold bool, width float64, most int) []string {
	if letters := []rune(text); len(letters) > longestText {
		text = string(letters[:longestText]) + "…"
	}
	var out []string
	line := ""
	for _, word := range strings.Fields(text) {
		if TextWidth(joined(line, word), size, bold) <= width {
			line = joined(line, word)
			continue
		}
		if line != "" {
			out = append(out, line)
		}
		for word != "" && TextWidth(word, size, bold) > width {
			n := fitting(word, size, bold, width)
			out, word = append(out, word[:n]), word[n:]
		}
		line = word
	}
	if line != "" {
		out = append(out, line)
	}
	if len(out) > most {
		out = out[:most]
		out[most-1] = shorten(strings.TrimRight(out[most-1], " ,;:")+"…", size, bold, width)
	}
	return out
}

// shorten cuts a line that is too wide, at a word unless much would be lost, and ends it in an
// ellipsis.
func shorten(text string, size float64, bold bool, width float64) string {
	if TextWidth(text, size, bold) <= width {
		return text
	}
	n := fitting(text, size, bold, width-TextWidth("…", size, bold))
	const much = 0.7
	if word := strings.LastIndexByte(text[:n], ' '); !strings.HasPrefix(text[n:], " ") && float64(word) >= much*float64(n) {
		n = word
	}
	return strings.TrimRight(text[:n], " …,;:") + "…"
}

// whole is a text of which lines do not say everything, "" when they do.
func whole(lines []string, text string) string {
	if n := len(lines); n > 0 && strings.HasSuffix(lines[n-1], "…") && !strings.HasSuffix(text, "…") {
		return text
	}
	return ""
}

// fitting is how many bytes of a text fit a width: whole letters, one at least.
func fitting(text string, size float64, bold bool, width float64) int {
	x, n := 0.0, 0
	for i, r := range text {
		x += TextWidth(string(r), size, bold)
		if x > width && i > 0 {
			return i
		}
		n = i + len(string(r))
	}
	return min(n, len(text))
}
