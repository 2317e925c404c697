package harvest

import (
	"plaza/internal/base/db"
	"plaza/internal/base/job"
)

// onceArgs are those of a run that only the process that enqueued it can do: what it
// reads is a file there. Servers have no handler for it and leave it alone.
type onceArgs struct {
	Source string `json:"source"`
}

func (onceArgs) Kind() string { return "harvest.once" }

// EnqueueOnce queues a run of a source, paused or not, for this process, which has
// called HandleOnce and works the job itself.
func EnqueueOnce(tx *db.Tx, source string) (run string, err error) {
	run, _, err = job.Enqueue(tx, onceArgs{source}, job.Options{
		Unique: runKey(source), Queue: Queue, MaxAttempts: 1,
	})
	return run, err
}

// HandleOnce gives the runner the handler of runs that EnqueueOnce queues.
func (h *Harvester) HandleOnce(r *job.Runner) { r.Handle(onceArgs{}.Kind(), h.run) }
