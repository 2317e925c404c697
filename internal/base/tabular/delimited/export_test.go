package delimited

import "plaza/internal/base/tabular"

// Split is the rows of a text as the tokenizer gives them.
func Split(text []byte, delim byte) [][]string {
	t := over(text, dialect{delim: delim, quote: '"', eol: '\n'})
	var b tabular.Batch
	var out [][]string
	for {
		b.Reset(0, 1)
		n, err := t.row(&b)
		if err != nil {
			return out
		}
		row := make([]string, n)
		for i := range row {
			row[i] = string(b.Cell(0, i))
		}
		out = append(out, row)
	}
}
