package tree

import (
	"context"
	"io"
	"sort"
	"strconv"
	"strings"
)

// container is an object or array that lies below objects only, near the root.
type container struct {
	path     string
	open     byte  // '{' or '['
	from, to int64 // offsets in the text; to is where reading it ended
	kids     []*container
	total    int64 // members or elements that are whole
	objects  int64
	arrays   int64
	deep     int64 // arrays among the elements that hold objects or arrays
	counted  bool  // the keys are "0", "1", "2", …
}

// Limits of the survey.
const (
	surveyDepth = 4      // objects below each other in which lists are looked for
	surveyMost  = 20_000 // containers that are remembered
)

// surveyor finds the containers of a document.
type surveyor struct {
	ctx  context.Context
	s    *scanner
	all  []*container
	seen int64
}

// survey goes through a whole document. The fault is where it is broken; containers
// before that place are good.
func survey(ctx context.Context, s *scanner) ([]*container, error) {
	v := &surveyor{ctx: ctx, s: s}
	if _, err := s.space(); err != nil {
		if err == io.EOF {
			err = fault("empty", s.offset())
		}
		return nil, err
	}
	if err := v.value("", 0, nil); err != nil {
		return v.all, err
	}
	switch _, err := s.space(); err {
	case io.EOF:
		return v.all, nil
	case nil:
		return v.all, fault("json_trailing", s.offset())
	default:
		return v.all, err
	}
}

// value goes over a value and remembers it when it is a container.
func (v *surveyor) value(path string, depth int, parent *container) error {
	c, err := v.s.peek()
	if err != nil {
		return err
	}
	if c != '{' && c != '[' || depth > surveyDepth || len(v.all) >= surveyMost {
		return v.s.skip()
	}
	found := &container{path: path, open: c, from: v.s.offset(), counted: true}
	v.all = append(v.all, found)
	if parent != nil {
		parent.kids = append(parent.kids, found)
	}
	if err := v.s.enter(); err != nil {
		return err
	}
	if c == '{' {
		err = v.members(found, depth)
	} else {
		err = v.elements(found)
	}
	found.to = v.s.offset()
	return err
}

// members goes over the members of an object.
func (v *surveyor) members(c *container, depth int) error {
	for first := true; ; first = false {
		if err := v.look(); err != nil {
			return err
		}
		more, err := v.s.member(first)
		if err != nil || !more {
			return err
		}
		key, _ := appendText(nil, v.s.key, v.s.keyFlags)
		c.counted = c.counted && string(key) == strconv.FormatInt(c.total, 10)
		kind, err := v.s.peek()
		if err != nil {
			return err
		}
		path := string(key)
		if c.path != "" {
			path = c.path + "." + path
		}
		if err := v.value(path, depth+1, c); err != nil {
			return err
		}
		c.count(kind)
	}
}

// elements goes over the elements of an array.
func (v *surveyor) elements(c *container) error {
	for first := true; ; first = false {
		if err := v.look(); err != nil {
			return err
		}
		more, err := v.s.element(first)
		if err != nil || !more {
			return err
		}
		kind, err := v.s.peek()
		if err != nil {
			return err
		}
		if kind == '[' {
			deep, err := v.row()
			if err != nil {
				return err
			}
			if deep {
				c.deep++
			}
		} else if err := v.s.skip(); err != nil {
			return err
		}
		c.count(kind)
	}
}

// row goes over an array and reports whether it holds more than plain values.
func (v *surveyor) row() (deep bool, err error) {
	if err := v.s.enter(); err != nil {
		return false, err
	}
	for first := true; ; first = false {
		more, err := v.s.element(first)
		if err != nil || !more {
			return deep, err
		}
		kind, err := v.s.peek()
		if err != nil {
			return deep, err
		}
		deep = deep || kind == '{' || kind == '['
		if err := v.s.skip(); err != nil {
			return deep, err
		}
	}
}

// look looks at the context now and then.
func (v *surveyor) look() error {
	if v.seen++; v.seen%1024 != 0 {
		return nil
	}
	return v.ctx.Err()
}

func (c *container) count(kind byte) {
	c.total++
	switch kind {
	case '{':
		c.objects++
	case '[':
		c.arrays++
	}
}

// shape is how records lie in a container.
type shape int

const (
	listed   shape = iota // the elements of an array
	keyed                 // the members of an object
	columnar              // one list, or one object with numbered keys, for each column
	alone                 // the container is the record
)

// found is a container that holds records.
type found struct {
	*container
	shape shape
	rows  int64
}

// size is how many bytes a container takes: the main list of a catalogue may have fewer
// members than the list of its themes, and is larger all the same.
func (c *container) size() int64 { return c.to - c.from }

// tables are the containers of a document that hold records, the largest first.
func tables(all []*container) []found {
	if len(all) == 0 {
		return nil
	}
	root := all[0]
	var out []found
	for i, c := range all {
		switch {
		case c.open == '[' && c.objects > 0 && 2*c.objects >= c.total:
			out = append(out, found{c, listed, c.total})
		case c.open == '[' && 2*c.arrays > c.total && 2*c.deep <= c.total && (i == 0 || c.total > 1):
			out = append(out, found{c, listed, c.total})
		case c.open == '[' && i == 0 && c.total > 0:
			out = append(out, found{c, listed, c.total})
		case c.columns():
			out = append(out, found{c, columnar, c.kids[0].total})
		}
	}
	sort.SliceStable(out, func(i, j int) bool { return out[i].size() > out[j].size() })
	longest := int64(0)
	for _, f := range out {
		longest = max(longest, f.rows)
	}
	if root.records() && (len(out) == 0 || out[0].container != root && root.total >= 3 && root.total >= longest) {
		return []found{{root, keyed, root.total}}
	}
	if len(out) > 0 {
		return out[:min(len(out), maxSources)]
	}
	for _, c := range all[1:] {
		if c.records() && c.total >= 3 && (len(out) == 0 || c.total > out[0].rows) {
			out = []found{{c, keyed, c.total}}
		}
	}
	if len(out) == 0 && root.open == '{' && root.total > 0 {
		return []found{{root, alone, 1}}
	}
	return out
}

// records reports whether the members of an object are records.
func (c *container) records() bool {
	return c.open == '{' && c.total > 1 && c.objects == c.total
}

// columns reports whether the members of an object are columns: lists of plain values
// of one length, or objects whose keys count them.
func (c *container) columns() bool {
	if c.open != '{' || c.total == 0 || int64(len(c.kids)) != c.total {
		return false
	}
	first := c.kids[0]
	if first.total == 0 || c.total == 1 && first.total == 1 {
		return false
	}
	for _, kid := range c.kids {
		if kid.open != first.open || kid.total != first.total || kid.objects+kid.arrays > 0 {
			return false
		}
		if kid.open == '{' && !kid.counted {
			return false
		}
	}
	return first.open == '{' || c.total > 1
}

// where is the path of records as Layout has it.
func (f found) where() string {
	switch f.shape {
	case listed:
		return f.path + "[]"
	case keyed:
		return f.path + "{}"
	}
	return f.path
}

// name is the table's name, where a document has several.
func (f found) name() string { return strings.TrimSuffix(f.path, ".") }
