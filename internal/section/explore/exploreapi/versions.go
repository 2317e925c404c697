package exploreapi

import (
	"context"
	"strconv"
	"time"

	"plaza/internal/base/api"
	"plaza/internal/base/db"
	"plaza/internal/plaza"
	"plaza/internal/section/explore"
)

type versionsInput struct {
	Resource string `path:"resource" maxLength:"100" doc:"exploreapi.param.resource"`
	api.Paging
}

// FileVersion is one content of a resource's file.
type FileVersion struct {
	Number  int            `json:"number" doc:"exploreapi.version.number"`
	Current bool           `json:"current" doc:"exploreapi.version.current"`
	State   string         `json:"state" enum:"good,failed,expired" doc:"exploreapi.version.state"`
	Fault   string         `json:"fault" doc:"exploreapi.version.fault"`
	Fetched time.Time      `json:"fetched" doc:"exploreapi.version.fetched"`
	Seen    time.Time      `json:"seen" doc:"exploreapi.version.seen"`
	Name    string         `json:"name" doc:"exploreapi.version.name"`
	URL     string         `json:"url" doc:"exploreapi.version.url"`
	Bytes   int64          `json:"bytes" doc:"exploreapi.profile.bytes"`
	SHA256  string         `json:"sha256" doc:"exploreapi.profile.sha256"`
	Rows    int64          `json:"rows" doc:"exploreapi.version.rows"`
	Columns int            `json:"columns" doc:"exploreapi.version.columns"`
	Change  *VersionChange `json:"change,omitempty" doc:"exploreapi.version.change"`
	Page    string         `json:"page,omitempty" format:"uri" doc:"exploreapi.version.page"`
	Data    *DataLinks     `json:"data,omitempty" doc:"exploreapi.version.data"`
}

// VersionChange is how a version differs from the one before it.
type VersionChange struct {
	From     int           `json:"from" doc:"exploreapi.change.from"`
	Counted  bool          `json:"counted" doc:"exploreapi.change.counted"`
	Added    int64         `json:"rows_added" doc:"exploreapi.change.added"`
	Removed  int64         `json:"rows_removed" doc:"exploreapi.change.removed"`
	Modified int64         `json:"rows_modified" doc:"exploreapi.change.modified"`
	Tables   []TableChange `json:"tables" nullable:"false" doc:"exploreapi.change.tables"`
	New      []string      `json:"tables_added" nullable:"false" doc:"exploreapi.change.new"`
	Gone     []string      `json:"tables_removed" nullable:"false" doc:"exploreapi.change.gone"`
}

// TableChange is how the columns of a table changed.
type TableChange struct {
	Table   string         `json:"table" doc:"exploreapi.table.name"`
	Added   []string       `json:"columns_added" nullable:"false" doc:"exploreapi.change.columns_added"`
	Removed []string       `json:"columns_removed" nullable:"false" doc:"exploreapi.change.columns_removed"`
	Renamed []ColumnChange `json:"columns_renamed" nullable:"false" doc:"exploreapi.change.columns_renamed"`
	Retyped []TypeChange   `json:"columns_retyped" nullable:"false" doc:"exploreapi.change.columns_retyped"`
}

// ColumnChange is a column under a new name.
type ColumnChange struct {
	From string `json:"from" doc:"exploreapi.change.before"`
	To   string `json:"to" doc:"exploreapi.change.after"`
}

// TypeChange is a column of another type.
type TypeChange struct {
	Column string `json:"column" doc:"exploreapi.column.name"`
	ColumnChange
}

// versions answers with the versions of a resource, the newest first.
func (s *Section) versions(ctx context.Context, in *versionsInput) (api.List[FileVersion], error) {
	out := api.List[FileVersion]{Items: []FileVersion{}}
	before := struct{ Before int }{}
	if in.Cursor != "" {
		if err := api.ReadCursor(in.Cursor, &before); err != nil {
			return out, err
		}
	}
	var list []explore.Version
	var st explore.Status
	var r explore.Resource
	err := s.DB.Read(ctx, func(tx *db.Tx) (err error) {
		if r, err = s.Explore.Resources.Resource(tx, in.Resource); err != nil {
			return err
		}
		h, err := explore.HidingOf(tx, r)
		if err != nil {
			return err
		}
		if h.File {
			return plaza.E(plaza.Forbidden, "explore.error.withheld")
		}
		if st, err = explore.StatusOf(tx, r.ID); err != nil {
			return err
		}
		if list, err = explore.Versions(tx, r.ID, before.Before, in.Limit+1); err != nil {
			return err
		}
		out.Total, err = explore.CountVersions(tx, r.ID)
		return err
	})
	if err != nil {
		return out, err
	}
	if out.Total == 0 && st.Stage == explore.StageNone {
		if err := s.notYet(ctx, r.ID); plaza.KindOf(err) != plaza.NotFound {
			return out, err
		}
	}
	if len(list) > in.Limit {
		list = list[:in.Limit]
		cursor, err := api.NewCursor(struct{ Before int }{list[in.Limit-1].Number})
		if err != nil {
			return out, err
		}
		out.More(cursor)
	}
	for _, v := range list {
		out.Items = append(out.Items, s.versionOf(ctx, v, r, st.Attempt.Current == v.ID))
	}
	return out, nil
}

func (s *Section) versionOf(ctx context.Context, v explore.Version, r explore.Resource, current bool) FileVersion {
	out := FileVersion{Number: v.Number, Current: current, State: string(v.State), Fetched: v.Fetched.UTC(), Seen: v.Seen.UTC(), Name: v.Name, URL: v.URL,
		Bytes: v.Bytes, SHA256: v.SHA256, Rows: v.Rows, Columns: v.Columns, Change: changeOf(v.Change)}
	if v.Fault != nil {
		out.Fault = v.Fault.Sentence(api.Printer(ctx))
	}
	switch {
	case !v.Expired.IsZero():
		out.State = "expired"
	case v.State == explore.Good:
		at := "?version=" + strconv.Itoa(v.Number)
		out.Page = s.Shell.URL(r.Path) + at
		links := s.links(r.ID, at)
		links.Versions = s.Shell.URL(Path(r.ID, opVersions))
		out.Data = &links
	}
	return out
}

// links are the addresses of a resource's operations.
func (s *Section) links(resource, at string) DataLinks { return LinksOf(s.Shell.URL, resource, at) }

// LinksOf are the addresses of a resource's operations, each with a query.
func LinksOf(url func(path string) string, resource, at string) DataLinks {
	link := func(op string) string { return url(Path(resource, op)) + at }
	return DataLinks{Rows: link(opRows), Aggregate: link(opAggregate), Profile: link(opProfile), Versions: link(opVersions)}
}

func changeOf(c *explore.Change) *VersionChange {
	if c == nil {
		return nil
	}
	out := &VersionChange{From: c.From, Counted: c.Counted, Added: c.Added, Removed: c.Removed, Modified: c.Modified, Tables: []TableChange{},
		New: listed(c.Drift.Added), Gone: listed(c.Drift.Removed)}
	for _, t := range c.Drift.Tables {
		one := TableChange{Table: t.Table, Added: listed(t.Added), Removed: listed(t.Removed), Renamed: []ColumnChange{}, Retyped: []TypeChange{}}
		for _, r := range t.Renamed {
			one.Renamed = append(one.Renamed, ColumnChange(r))
		}
		for _, r := range t.Retyped {
			one.Retyped = append(one.Retyped, TypeChange{r.Column, ColumnChange{string(r.From), string(r.To)}})
		}
		out.Tables = append(out.Tables, one)
	}
	return out
}
