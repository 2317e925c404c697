package text

// Alike is how alike two texts are, from 0 to 1: by how many letters must change (Levenshtein).
func Alike(x, y []rune) float64 {
	longest := max(len(x), len(y))
	if longest == 0 {
		return 0
	}
	row := make([]int, len(y)+1)
	for j := range row {
		row[j] = j
	}
	for i := range x {
		left, diagonal := i+1, i
		for j := range y {
			cost := diagonal
			if x[i] != y[j] {
				cost = 1 + min(diagonal, row[j+1], left)
			}
			diagonal, row[j], left = row[j+1], left, cost
		}
		row[len(y)] = left
	}
	return 1 - float64(row[len(y)])/float64(longest)
}
