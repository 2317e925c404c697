package site

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"plaza/internal/base/tabular"
	"plaza/internal/base/tabular/child"
	"plaza/internal/base/tabular/form"
	"plaza/internal/section/tool/reckon"
	"plaza/internal/section/tool/spec"
	"plaza/internal/section/tool/toolapi"
)

// checkTool holds a tool to the tables that it names; where nothing is opened, to nothing.
func (s *Site) checkTool(ctx context.Context, doc spec.Spec) error {
	if s.Engine == nil {
		return nil
	}
	return s.reckoner().Check(ctx, doc)
}

// toolData writes what a view of a tool shows, with where it comes from; nil where nothing
// is opened.
func (s *Site) toolData() func(ctx context.Context, doc spec.Spec, view, form string) (toolapi.Data, error) {
	if s.Engine == nil {
		return nil
	}
	return func(ctx context.Context, doc spec.Spec, view, name string) (toolapi.Data, error) {
		r, err := s.reckoner().View(ctx, doc, view, nil)
		if err != nil {
			return toolapi.Data{}, err
		}
		sources, err := json.Marshal(r.Stamps)
		if err != nil {
			return toolapi.Data{}, fmt.Errorf("writing where a view comes from: %w", err)
		}
		rows, err := rowsOf(r, child.Form(name))
		if err != nil {
			return toolapi.Data{}, fmt.Errorf("writing a view: %w", err)
		}
		sum := sha256.Sum256(sources)
		out := toolapi.Data{Body: rows, Stamp: hex.EncodeToString(sum[:8])}
		if child.Form(name) == child.JSON {
			out.Body = fmt.Appendf(nil, `{"sources":%s,"rows":%s}`+"\n", sources, bytes.TrimSpace(rows))
		}
		return out, nil
	}
}

// rowsOf writes the rows of a view in a form.
func rowsOf(r reckon.Result, f child.Form) ([]byte, error) {
	columns := make([]tabular.Column, len(r.Columns))
	for i, c := range r.Columns {
		columns[i] = tabular.Column{Name: c.Name, Type: c.Type, Meaning: c.Meaning, Unit: c.Unit}
	}
	var out bytes.Buffer
	w, err := form.New(f, &out, nil, columns, false)
	if err != nil {
		return nil, err
	}
	for _, row := range r.Rows {
		if err := w.Write(row); err != nil {
			return nil, err
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}
