package exploreapi

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/url"
	"strconv"
	"time"

	"plaza/internal/base/api"
	"plaza/internal/base/tabular"
	"plaza/internal/base/tabular/child"
	"plaza/internal/base/tabular/query"
	"plaza/internal/plaza"
	"plaza/internal/section/explore"
)

// InVersion names a version of a resource.
type InVersion struct {
	Resource string `path:"resource" maxLength:"100" doc:"exploreapi.param.resource"`
	Version  int    `query:"version" minimum:"0" maximum:"1000000" doc:"exploreapi.param.version"`
}

// InTable names one of its tables.
type InTable struct {
	Sheet int `query:"hoja" minimum:"1" maximum:"10000" default:"1" doc:"exploreapi.param.sheet"`
}

// Filters are what a question may say of the rows besides filters by column.
type Filters struct {
	Search string   `query:"buscar" maxLength:"2000" doc:"exploreapi.param.search"`
	Place  []string `query:"lugar,explode" maxItems:"200" maxLength:"20" doc:"exploreapi.param.place"`
	Near   []string `query:"cerca,explode" maxItems:"5" maxLength:"100" doc:"exploreapi.param.near"`
	Box    []string `query:"caja,explode" maxItems:"5" maxLength:"200" doc:"exploreapi.param.box"`
	Form   string   `query:"formato" enum:"json,csv,arrow" doc:"exploreapi.param.form"`
}

const (
	// soon is when a file that is being opened may be there.
	soon = 5 * time.Second
	// later is when one that waits for its turn may be.
	later = 15 * time.Second
	// pinned is how long an answer about a version that was named may be kept unasked:
	// its content never changes, but what of it may be seen does.
	pinned = time.Minute
)

// TableRef says which table an answer is about.
type TableRef struct {
	Number int    `json:"number" doc:"exploreapi.table.number"`
	Name   string `json:"name" doc:"exploreapi.table.name"`
}

// looked is a table that somebody asks about.
type looked struct {
	view  *explore.View
	table child.Table
	shown tabular.Table // without what nobody may see
	ref   TableRef
}

// Close gives the table back.
func (l *looked) Close() { l.view.Close() }

// open opens a version of a resource. The current one of a resource that was not opened yet
// is asked for, and told of as Unavailable until it is there.
func (s *Section) open(ctx context.Context, in InVersion) (*explore.View, error) {
	v, err := s.Explore.Open(ctx, in.Resource, in.Version)
	switch {
	case isNoVersion(err) && in.Version > 0:
		return nil, plaza.E(plaza.NotFound, "exploreapi.error.no_version")
	case isNoVersion(err):
		return nil, s.notYet(ctx, in.Resource)
	case err != nil:
		return nil, err
	}
	if v.Hiding.File {
		v.Close()
		return nil, plaza.E(plaza.Forbidden, "explore.error.withheld")
	}
	if err := s.Explore.Visit(ctx, in.Resource); err != nil {
		v.Close()
		return nil, err
	}
	if in.Version > 0 {
		api.Keep(ctx, pinned)
	} else if s.DB.Now().Sub(v.Version.Seen) >= s.Explore.Again {
		// nobody looked at the file for long: it is looked at, and there is something to see meanwhile
		if _, err := s.Explore.Want(ctx, in.Resource); err != nil && plaza.KindOf(err) != plaza.TooMany {
			v.Close()
			return nil, err
		}
	}
	return v, nil
}

func isNoVersion(err error) bool {
	e, ok := errors.AsType[*plaza.Error](err)
	return ok && e.Kind == plaza.NotFound && e.Key == "explore.error.no_version"
}

// table opens one table of a version.
func (s *Section) table(ctx context.Context, in InVersion, number int) (*looked, error) {
	v, err := s.open(ctx, in)
	if err != nil {
		return nil, err
	}
	l := &looked{view: v, ref: TableRef{Number: max(number, 1)}}
	if l.table, err = v.Table(ctx, l.ref.Number-1); err != nil {
		v.Close()
		return nil, err
	}
	l.shown = query.Visible(l.table.Profile, l.table.Hidden)
	l.ref.Name = l.shown.Name
	return l, nil
}

// Opening is how far the opening of a file is.
type Opening struct {
	Stage string `json:"stage"`
	Step  string `json:"step,omitempty"`
	Done  int64  `json:"done"`
	Total int64  `json:"total"`
	Rows  int64  `json:"rows"`
}

// notYet has a file opened that was not, and says how far that is, or why there is nothing.
func (s *Section) notYet(ctx context.Context, resource string) error {
	st, err := s.Explore.Want(ctx, resource)
	if err != nil {
		return err
	}
	if err := s.Explore.Visit(ctx, resource); err != nil {
		return err
	}
	p := st.Progress
	switch st.Stage {
	case explore.StageWaiting:
		return &api.Clash{Err: &plaza.Error{Kind: plaza.Unavailable, Key: "exploreapi.error.waiting", RetryAfter: later}, Current: Opening{Stage: string(st.Stage), Total: -1}}
	case explore.StageRunning:
		l := api.Printer(ctx)
		args := map[string]any{"step": l.T("explore.step_of." + cmp.Or(p.Step, "fetch")), "done": l.Bytes(p.Done), "rows": l.Number(p.Rows)}
		return &api.Clash{Err: &plaza.Error{Kind: plaza.Unavailable, Key: "exploreapi.error.running", Args: args, RetryAfter: soon},
			Current: Opening{Stage: string(st.Stage), Step: p.Step, Done: p.Done, Total: p.Total, Rows: p.Rows}}
	case explore.StageDone: // between two readings
		return &plaza.Error{Kind: plaza.Unavailable, Key: "exploreapi.error.waiting", RetryAfter: soon}
	}
	if f := st.Attempt.Fault; f != nil {
		return &plaza.Error{Kind: plaza.NotFound, Key: "exploreapi.error.failed", Args: map[string]any{"why": f.Sentence(api.Printer(ctx))}}
	}
	return plaza.E(plaza.NotFound, "exploreapi.error.nothing")
}

// asked reads the question of a call.
func (l *looked) asked(values url.Values) (tabular.Query, error) {
	q, wrong := query.Parse(values, l.shown)
	if len(wrong) > 0 {
		return q, api.Invalid(wrong)
	}
	return q, nil
}

// tag is the entity tag of an answer: all that it depends on.
func (l *looked) tag(parts ...any) string {
	v := l.view.Version
	return tagOf(append(parts, v.ID, v.Revision, explore.Revision, l.table.Profile.Parquet.SHA256, l.table.Hidden))
}

func tagOf(parts []any) string {
	raw, err := json.Marshal(parts)
	if err != nil {
		panic(err) // texts and numbers
	}
	sum := sha256.Sum256(raw)
	return base64.RawURLEncoding.EncodeToString(sum[:18])
}

// address is that of a question about the same version of the same table.
func (s *Section) address(l *looked, op string, q tabular.Query, from url.Values) string {
	v := query.Values(q)
	v.Set("version", strconv.Itoa(l.view.Version.Number))
	if l.ref.Number > 1 {
		v.Set("hoja", strconv.Itoa(l.ref.Number))
	}
	for _, name := range []string{api.ParamForm, "total", "lang"} {
		if from.Get(name) != "" {
			v.Set(name, from.Get(name))
		}
	}
	return s.Shell.URL(Path(l.view.Resource.ID, op)) + "?" + v.Encode()
}
