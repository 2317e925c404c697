package search

// SetPage makes each transaction of a Sync read so few rows that others write
// between them.
func (e *Engine) SetPage(rows int) { e.page = rows }
