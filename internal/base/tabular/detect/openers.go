package detect

import "plaza/internal/base/tabular/delimited"

// registered are the openers of this program.
func registered() Openers {
	return Openers{
		kindCSV: delimited.Open,
	}
}
