package infer

import "plaza/internal/base/tabular"

// Verdict says what became of a cell's text.
type Verdict int

// The verdicts.
const (
	Good    Verdict = iota
	Nothing         // the cell is empty or spells nothing (NA, ND, 9999-99-99, "-")
	Odd             // it does not fit the column's type
)

// Parser turns the text of a column's cells into values as they are stored. Exactly
// the function of its Storage is set: Int for StoredInt, StoredTimestamp and StoredTime,
// Day for StoredDate, Float, Bool, and Text for StoredText and StoredBytes, which
// appends to dst what is stored. It is safe for concurrent use.
type Parser struct {
	Storage tabular.Storage
	Int     func(cell []byte) (int64, Verdict)
	Day     func(cell []byte) (int32, Verdict)
	Float   func(cell []byte) (float64, Verdict)
	Bool    func(cell []byte) (bool, Verdict)
	Text    func(dst, cell []byte) ([]byte, Verdict)
}
