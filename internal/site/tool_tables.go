package site

import (
	"context"

	"plaza/internal/base/db"
	"plaza/internal/base/tabular/child"
	"plaza/internal/section/explore"
	"plaza/internal/section/tool/reckon"
)

// toolTables opens for tools the tables that the explorer keeps.
type toolTables struct{ explore *explore.Section }

var _ reckon.Opener = toolTables{}

// Open implements reckon.Opener.
func (t toolTables) Open(ctx context.Context, resource string, version int) (reckon.Opened, error) {
	v, err := t.explore.Open(ctx, resource, version)
	if err != nil {
		return nil, err
	}
	out := &toolTable{view: v, newest: v.Version.Number}
	if version == 0 {
		return out, nil
	}
	err = t.explore.DB.Read(ctx, func(tx *db.Tx) error {
		current, err := explore.Current(tx, resource)
		out.newest = current.Number
		return err
	})
	if err != nil {
		v.Close()
		return nil, err
	}
	return out, nil
}

// toolTable is a version of a resource, opened for a tool.
type toolTable struct {
	view   *explore.View
	newest int
}

// Stamp implements reckon.Opened.
func (t *toolTable) Stamp() reckon.Stamp {
	r, v := t.view.Resource, t.view.Version
	return reckon.Stamp{Resource: r.ID, Title: r.Title, Dataset: r.Collection, Path: r.Path, Institution: r.Publisher, License: r.License, LicenseURL: r.LicenseURL,
		Version: v.Number, Fetched: v.Fetched, Newest: t.newest}
}

// Table implements reckon.Opened.
func (t *toolTable) Table(ctx context.Context, i int) (child.Table, error) {
	return t.view.Table(ctx, i)
}

// Close implements reckon.Opened.
func (t *toolTable) Close() { t.view.Close() }
