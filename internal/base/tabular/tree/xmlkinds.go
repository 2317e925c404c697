package tree

import (
	"bytes"
	"context"
	"encoding/xml"
	"io"
	"strings"

	"plaza/internal/base/tabular"
)

// maxKinds is the most kinds of elements and attributes of a document.
const maxKinds = 20_000

// kind is all elements with one path of names.
type kind struct {
	name   string
	parent *kind
	kids   []*kind
	index  map[string]*kind
	attrs  []string
	text   bool  // one has text of its own
	total  int64 // how many there are
	whole  int64 // how many of them ended
	most   int64 // the most below one parent
	below  int64 // the parent of the last one, by number
	beside int64 // how many are below it
}

func (k *kind) child(name string) *kind {
	if kid, ok := k.index[name]; ok {
		return kid
	}
	return nil
}

// plain reports whether an element is its text and nothing else.
func (k *kind) plain() bool { return len(k.kids) == 0 && len(k.attrs) == 0 }

// path is how Layout has the path of a record.
func (k *kind) path() string {
	var names []string
	for at := k; at.parent != nil; at = at.parent {
		names = append([]string{at.name}, names...)
	}
	path := strings.Join(names, ".")
	if k.most > 1 {
		path += "[]"
	}
	return path
}

// kinds learns what a document consists of.
type kinds struct {
	in       *xmlText
	root     kind // above the document's element
	count    int
	problems *tabular.Problems
}

// survey goes through a whole document.
func (v *kinds) survey(ctx context.Context) error {
	type open struct {
		kind   *kind
		number int64
	}
	stack := []open{{&v.root, 0}}
	for n := int64(1); ; n++ {
		if n%1024 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		tok, err := v.in.token()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		top := stack[len(stack)-1]
		switch tok := tok.(type) {
		case xml.StartElement:
			if len(stack) > tabular.MaxDepth {
				return v.in.at("depth", nil)
			}
			kid, err := v.meet(top.kind, tok)
			if err != nil {
				return err
			}
			if kid.below != top.number || kid.beside == 0 {
				kid.below, kid.beside = top.number, 0
			}
			kid.beside++
			kid.total++
			kid.most = max(kid.most, kid.beside)
			stack = append(stack, open{kid, n})
		case xml.EndElement:
			top.kind.whole++
			stack = stack[:len(stack)-1]
		case xml.CharData:
			if len(bytes.TrimSpace(tok)) > 0 && top.kind != &v.root {
				top.kind.text = true
				v.judge(top.kind.name, tok)
			}
		}
	}
}

// meet is the kind of an element below another.
func (v *kinds) meet(parent *kind, el xml.StartElement) (*kind, error) {
	kid := parent.child(el.Name.Local)
	if kid == nil {
		kid = &kind{name: el.Name.Local, parent: parent}
		if parent.index == nil {
			parent.index = map[string]*kind{}
		}
		parent.index[kid.name] = kid
		parent.kids = append(parent.kids, kid)
		v.count++
	}
	for _, a := range attributes(el) {
		if indexOf(kid.attrs, a.Name.Local) < 0 {
			kid.attrs = append(kid.attrs, a.Name.Local)
			v.count++
		}
		if len(kid.attrs) > tabular.MaxColumns {
			break
		}
		v.judge(kid.name, []byte(a.Value))
	}
	if v.count > maxKinds || len(kid.attrs) > tabular.MaxColumns {
		f := v.in.at("columns", nil)
		f.Args = []any{"most", tabular.MaxColumns}
		return nil, f
	}
	return kid, nil
}

// judge reports text that is none.
func (v *kinds) judge(name string, txt []byte) {
	if bytes.Contains(txt, []byte("\uFFFD")) {
		line, _ := v.in.d.InputPos()
		v.problems.Add("i12", name, tabular.Sample{Line: int64(line), Text: string(txt[:min(len(txt), 1000)])})
	}
}

func indexOf(list []string, one string) int {
	for i, s := range list {
		if s == one {
			return i
		}
	}
	return -1
}

// record is the kind whose elements are the records: the one that comes most often
// beside itself, those with columns before those that are plain text. Where none comes
// twice it is the document's element, and nil where there is none.
func (v *kinds) record() *kind {
	var best *kind
	better := func(k *kind) bool {
		switch {
		case k.most < 2:
			return false
		case best == nil:
			return true
		case best.plain() != k.plain():
			return best.plain()
		}
		return k.most > best.most
	}
	var look func(k *kind)
	look = func(k *kind) {
		for _, kid := range k.kids {
			if better(kid) {
				best = kid
			}
			look(kid)
		}
	}
	look(&v.root)
	if best == nil && len(v.root.kids) > 0 {
		return v.root.kids[0]
	}
	return best
}
