package parquet

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/apache/thrift/lib/go/thrift"

	"plaza/internal/base/tabular"
)

// Numbers of fields of Parquet's format: the schema of a file, and how many children an
// element of it has.
const (
	fieldSchema   = 2
	fieldChildren = 5
	maxElements   = 100_000 // of a schema
)

var errDepth = errors.New("parquet: a schema too deep")

// checkSchema goes through a footer's schema before the library does: that descends
// without bound, and a stack that is exhausted ends the process.
func checkSchema(footer []byte) error {
	ctx := context.Background()
	memory := &thrift.TMemoryBuffer{Buffer: bytes.NewBuffer(footer)}
	p := thrift.NewTCompactProtocolConf(memory, nil)
	if _, err := p.ReadStructBegin(ctx); err != nil {
		return err
	}
	for {
		_, kind, id, err := p.ReadFieldBegin(ctx)
		if err != nil {
			return err
		}
		if kind == thrift.STOP {
			return errors.New("parquet: no schema")
		}
		if id == fieldSchema && kind == thrift.LIST {
			return checkElements(ctx, p)
		}
		if err := p.Skip(ctx, kind); err != nil {
			return err
		}
	}
}

// checkElements follows the elements of a schema, which lie in the order of a descent.
func checkElements(ctx context.Context, p thrift.TProtocol) error {
	kind, n, err := p.ReadListBegin(ctx)
	if err != nil {
		return err
	}
	if kind != thrift.STRUCT || n > maxElements {
		return fmt.Errorf("parquet: a schema of %d elements", n)
	}
	var left []int32 // children that are to come, of each element that is open
	for range n {
		children, err := element(ctx, p)
		if err != nil {
			return err
		}
		if len(left) > 0 {
			left[len(left)-1]--
		}
		if children > 0 {
			left = append(left, children)
		}
		if len(left) > tabular.MaxDepth+1 {
			return errDepth
		}
		for len(left) > 0 && left[len(left)-1] == 0 {
			left = left[:len(left)-1]
		}
	}
	return nil
}

// element reads an element of a schema and gives the number of its children.
func element(ctx context.Context, p thrift.TProtocol) (children int32, err error) {
	if _, err := p.ReadStructBegin(ctx); err != nil {
		return 0, err
	}
	for {
		_, kind, id, err := p.ReadFieldBegin(ctx)
		if err != nil {
			return 0, err
		}
		switch {
		case kind == thrift.STOP:
			return children, p.ReadStructEnd(ctx)
		case id == fieldChildren && kind == thrift.I32:
			children, err = p.ReadI32(ctx)
		default:
			err = p.Skip(ctx, kind)
		}
		if err != nil {
			return 0, err
		}
	}
}
