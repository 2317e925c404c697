package kept

import "plaza/internal/section/tool/reckon"

// weight is about how many bytes a result takes.
func weight(r reckon.Result) int64 {
	const frame, perCell = 2000, 32
	size := int64(frame)
	for _, row := range r.Rows {
		for _, c := range row {
			size += perCell + int64(len(c.Text))
		}
	}
	for _, texts := range []map[string]string{r.Names, r.Shapes} {
		for k, v := range texts {
			size += perCell + int64(len(k)+len(v))
		}
	}
	return size
}
