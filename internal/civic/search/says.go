package search

// Says holds for documents that a text would find: all its words and phrases, and
// none that it excludes. It adds nothing to a score; a query's own Text does that.
func Says(text string) Expr { return saysExpr(parse(text)) }

type saysExpr []part

func (e saysExpr) on(s *segment) func(uint32) bool {
	lacks := make([]func(uint32) bool, len(e))
	for i, p := range e {
		lacks[i] = s.without(p)
	}
	return func(doc uint32) bool {
		for i, p := range e {
			if lacks[i](doc) != p.exclude {
				return false
			}
		}
		return true
	}
}
