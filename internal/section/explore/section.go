package explore

import (
	"cmp"
	"context"
	"log/slog"
	"os"
	"sync"
	"time"

	"plaza/internal/base/blob"
	"plaza/internal/base/db"
	"plaza/internal/base/fetch"
	"plaza/internal/base/job"
	"plaza/internal/base/tabular/child"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
	"plaza/internal/section/explore/cache"
)

// Resources is what this package asks the catalogue.
type Resources interface {
	// Resource tells of a resource; NotFound when there is none.
	Resource(tx *db.Tx, id string) (Resource, error)
	// Newest are the ids of the resources that were listed last and whose formats may be
	// tables, the newest first.
	Newest(tx *db.Tx, limit int) ([]string, error)
	// Siblings are the ids of a dataset's resources that its source lists.
	Siblings(tx *db.Tx, dataset string) ([]string, error)
}

// Suspicions takes private notices of personal data; Private makes it of the reports.
type Suspicions interface {
	// Suspect tells in private of columns of a resource's file. It returns the notice's id
	// and the act that goes to the record.
	Suspect(tx *db.Tx, s Suspicion) (id string, act record.Act, err error)
	// Waits reports whether a notice has not been concluded.
	Waits(tx *db.Tx, id string) (bool, error)
}

// Deps are what the explorer needs. Zero numbers take the stated defaults.
type Deps struct {
	DB        *db.DB
	Blob      blob.Store
	Engine    child.Engine
	Client    *fetch.Client
	Cache     *cache.Cache
	Resources Resources
	// Suspicions may be nil: then nobody is told.
	Suspicions Suspicions
	// Hold has the catalogue link a resource no more from an instant on or, with the zero
	// one, again; nil: nothing does.
	Hold func(tx *db.Tx, resource string, at time.Time) (bool, error)
	// ClientFor is by which client a resource is fetched; nil: Client.
	ClientFor func(r Resource) *fetch.Client
	// Index puts what is inside a version into the search; nil: nothing does. It is called
	// in the transaction that makes a version current, or hides columns of it.
	Index func(tx *db.Tx, r Resource, v Version, hidden Hiding) error
	Log   *slog.Logger

	Scratch string // folder for files that are being converted; the system's for temporary ones

	MaxBytes    int64         // of a file; 4 GiB
	FetchFor    time.Duration // at most, one file; 2 h
	Keep        int           // versions of a resource; 10
	Again       time.Duration // after which a file is looked at again; a week
	Budget      int           // how many files are opened ahead of time in an hour; 20
	MostWaiting int           // jobs, before Want asks for patience; 500
	NativeRows  int64         // from which a table gets the engine's own form; 50,000
}

// Section is the explorer below its pages. It is safe for concurrent use.
type Section struct {
	Deps
	revision int

	mu     sync.Mutex
	visits map[visit]int // not in the store yet
	since  time.Time     // when they were last stored
}

// New makes a Section.
func New(deps Deps) *Section {
	if deps.Log == nil {
		deps.Log = slog.Default()
	}
	deps.Scratch = cmp.Or(deps.Scratch, os.TempDir())
	deps.MaxBytes = cmp.Or(deps.MaxBytes, 4<<30)
	deps.FetchFor = cmp.Or(deps.FetchFor, 2*time.Hour)
	deps.Keep = cmp.Or(deps.Keep, 10)
	deps.Again = cmp.Or(deps.Again, 7*24*time.Hour)
	deps.Budget = cmp.Or(deps.Budget, 20)
	deps.MostWaiting = cmp.Or(deps.MostWaiting, 500)
	deps.NativeRows = cmp.Or(deps.NativeRows, 50_000)
	if deps.ClientFor == nil {
		deps.ClientFor = func(Resource) *fetch.Client { return deps.Client }
	}
	return &Section{Deps: deps, revision: Revision, visits: map[visit]int{}}
}

// Queue is that of conversions, which take minutes and much memory: the engine does one at
// a time. Others fetch meanwhile, so that no slow server stands in everybody's way.
const Queue = "explore"

// Convert is the job that opens a resource's file.
type Convert struct {
	Resource string `json:"resource"`
	// Kept makes the current version anew from the kept file, and fetches nothing.
	Kept bool `json:"kept,omitempty"`
	// Again converts anew what failed by chance.
	Again bool `json:"again,omitempty"`
}

// Kind implements job.Args.
func (Convert) Kind() string { return "explore.convert" }

// Ahead is the job that opens files before somebody asks.
type Ahead struct{}

// Kind implements job.Args.
func (Ahead) Kind() string { return "explore.ahead" }

// Sweep is the job that removes versions beyond what is kept, and objects without one.
type Sweep struct{}

// Kind implements job.Args.
func (Sweep) Kind() string { return "explore.sweep" }

// Work registers what the explorer does by itself.
func (s *Section) Work(r *job.Runner) {
	r.Handle(Convert{}.Kind(), s.convert)
	r.Handle(Compared{}.Kind(), s.compared)
	r.Handle(Ahead{}.Kind(), func(ctx context.Context, _ *job.Job) error {
		_, err := s.OpenAhead(ctx)
		return err
	})
	r.Handle(Described{}.Kind(), s.described)
	r.Handle(Sweep{}.Kind(), func(ctx context.Context, _ *job.Job) error { return s.Sweep(ctx) })
	r.Every(Ahead{}.Kind(), job.Interval(time.Hour), Ahead{}, job.Options{})
	r.Every(Sweep{}.Kind(), job.Interval(24*time.Hour), Sweep{}, job.Options{})
}

// unique is the key that lets one job be live for a resource.
func unique(resource string) string { return "explore:" + resource }

// attempts is how often a conversion is tried before it is given up.
const attempts = 4

// enqueue adds the job for a resource, unless one is live, and notes it.
//
// The resource is held before its job, as everybody does who writes of both: else two of
// them could wait for each other.
func (s *Section) enqueue(tx *db.Tx, args Convert) (inserted bool, err error) {
	if _, err := pin(tx, args.Resource); err != nil {
		return false, err
	}
	id, inserted, err := job.Enqueue(tx, args, job.Options{Unique: unique(args.Resource), Queue: Queue, MaxAttempts: attempts})
	if err != nil || !inserted {
		return inserted, err
	}
	_, err = tx.Exec(`UPDATE explore_attempts SET job_id = $1 WHERE resource_id = $2`, id, args.Resource)
	return true, err
}

var errNoVersion error = plaza.E(plaza.NotFound, "explore.error.no_version")
