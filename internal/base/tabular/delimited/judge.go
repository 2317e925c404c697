package delimited

import (
	"bytes"
	"regexp"
	"strconv"
	"strings"
)

// below are the records that may be rows under the one at index at.
func below(head []record, at, cols int) []record {
	var out []record
	for _, r := range head[at+1:] {
		if len(r.cells) == cols && r.filled > 0 && len(out) < 200 {
			out = append(out, r)
		}
	}
	return out
}

// column is what the rows below say of one column.
type column struct {
	filled, typed int
	kinds         [6]int
	shapes        map[string]int
	values        map[string]int
	longest       int
}

func columnsOf(rows []record, cols int) []column {
	out := make([]column, cols)
	for i := range out {
		out[i].shapes, out[i].values = map[string]int{}, map[string]int{}
	}
	for _, r := range rows {
		for i, cell := range r.cells {
			k := kindOf(cell)
			if k == blank || k == nothing {
				continue
			}
			c := &out[i]
			c.filled++
			c.kinds[k]++
			if k.typed() {
				c.typed++
			}
			c.shapes[shape(cell)]++
			c.values[string(bytes.TrimSpace(cell))]++
			c.longest = max(c.longest, len(cell))
		}
	}
	return out
}

// common are words that name columns in the files of the government.
var common = regexp.MustCompile(`(?i)^(id|clave|cve.*|nombre|nom_.*|fecha.*|año|anio|mes|municipio|estado|entidad.*|localidad|latitud|longitud|lat|lon|long|total|monto|importe|precio|cantidad|tipo|descripci[oó]n|direcci[oó]n|sexo|edad|population|code|year|name|date|[a-z]+(_[a-z0-9]+)+)$`)

// judgeHeader is how much speaks for a record being the names of columns rather than a
// row: above 0 for, below 0 against.
func judgeHeader(r record, rows []record, cols int) float64 {
	if len(rows) == 0 {
		if typedShare(r) > 0.4 {
			return -0.5
		}
		return 0.5
	}
	if ascending(r) {
		return 2
	}
	sum, weight := 0.0, 0.0
	for i, c := range columnsOf(rows, cols) {
		if i >= len(r.cells) {
			break
		}
		vote, w := voteOf(r.cells[i], &c)
		sum, weight = sum+vote*w, weight+w
	}
	seen := map[string]bool{}
	repeated := false
	for _, cell := range r.cells {
		key := strings.ToLower(string(bytes.TrimSpace(cell)))
		repeated = repeated || key != "" && seen[key]
		seen[key] = true
	}
	if weight == 0 {
		return 0.1
	}
	out := sum / weight
	if repeated {
		out -= 0.1
	}
	return out * 2
}

// voteOf is how one cell looks above its column, and how much that counts.
func voteOf(cell []byte, c *column) (vote, weight float64) {
	k := kindOf(cell)
	if k == blank || c.filled == 0 {
		return 0, 0
	}
	word := string(bytes.TrimSpace(cell))
	mostly := float64(c.typed) / float64(c.filled)
	switch {
	case common.MatchString(word):
		return 1, 1
	case mostly > 0.8 && k == nothing:
		return -0.5, 0.5
	case mostly > 0.8 && k == words:
		return 1, 1
	case mostly > 0.8 && float64(c.kinds[k]) > 0.7*float64(c.filled):
		return -1, 1
	case k == date && mostly > 0.8 && c.kinds[number] > c.filled/2:
		return 1, 1 // a wide table: one column for each day
	case k.typed():
		return -0.4, 0.5
	case c.values[word] > 0:
		return -1, 1
	case len(c.shapes) <= 3 && c.filled >= 5 && c.shapes[shape(cell)] > 0 && strings.ContainsAny(shape(cell), "0"):
		return -1, 1
	case len(c.shapes) <= 3 && c.filled >= 5 && c.shapes[shape(cell)] == 0:
		return 0.5, 0.5
	case len(cell) > 80:
		return -0.5, 0.5
	}
	return 0.15, 0.3
}

func typedShare(r record) float64 {
	typed := 0
	for _, c := range r.cells {
		if kindOf(c).typed() {
			typed++
		}
	}
	return float64(typed) / float64(max(1, r.filled))
}

// ascending reports whether most of a record is years, one after the other: the names
// of a wide table.
func ascending(r record) bool {
	steps, last := 0, 0
	for _, cell := range r.cells {
		year, err := strconv.Atoi(string(bytes.TrimSpace(cell)))
		if err != nil || year < 1800 || year > 2200 {
			continue
		}
		if year == last+1 {
			steps++
		}
		last = year
	}
	return steps >= 2 && steps >= (r.filled-1)/2
}
