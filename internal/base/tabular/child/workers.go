package child

import (
	"context"
	"log/slog"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"

	"plaza/internal/plaza"
)

// Command is how a worker is started; its mode is added as the last argument.
type Command struct {
	Path string
	Args []string
}

// Config is what Workers are made of. Zero fields get their defaults.
type Config struct {
	Command       Command       // this binary with the argument "worker"
	ConvertMemory int64         // bytes resident of a converting worker; 1.2 GB
	AskMemory     int64         // of the asking worker; 1.2 GB
	Slots         int           // places of questions; twice the processors. Exports take at most half, see placesOf
	Queue         int           // questions that wait at most; 64
	Wait          time.Duration // of a question that takes several places, until who asks is told to come later; 1.5 s
	Deadline      time.Duration // of a question, and of its waiting for one place; 10 s. Of an export: without a chunk
	ConvertTime   time.Duration // of a conversion and other long work; 30 min
	ExportTime    time.Duration // of a whole export; 30 min
	Disk          int64         // bytes that a worker may have in its folders; 64 GiB
	Scratch       string        // where asking workers get a folder for temporary files; the system's place for them
	Idle          time.Duration // until an asking worker that nobody asks ends; 5 min
	// Reserve is how much writable memory beside the resident the kernel lets a worker
	// have: what allocators and threads' stacks set aside and do not use. 512 MiB and 16
	// for each processor and question at a time; negative: any.
	Reserve int64
	Log     *slog.Logger
}

func (c *Config) fill() {
	if c.Command.Path == "" {
		if path, err := defaultPath(); err == nil { // or else the first start says that there is none
			c.Command = Command{Path: path, Args: []string{"worker"}}
		}
	}
	for _, d := range []struct {
		field *int64
		value int64
	}{{&c.ConvertMemory, 1_200_000_000}, {&c.AskMemory, 1_200_000_000}, {&c.Disk, 64 << 30}} {
		if *d.field == 0 {
			*d.field = d.value
		}
	}
	for _, d := range []struct {
		field *time.Duration
		value time.Duration
	}{{&c.Wait, 1500 * time.Millisecond}, {&c.Deadline, 10 * time.Second}, {&c.ConvertTime, 30 * time.Minute}, {&c.ExportTime, 30 * time.Minute}, {&c.Idle, 5 * time.Minute}} {
		if *d.field == 0 {
			*d.field = d.value
		}
	}
	if c.Slots <= 0 {
		c.Slots = 2 * runtime.NumCPU()
	}
	if c.Reserve == 0 {
		c.Reserve = 512<<20 + int64(c.Slots+runtime.NumCPU())*16<<20
	}
	if c.Queue <= 0 {
		c.Queue = 64
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
}

// Workers is an Engine whose work is done by worker processes: one for each conversion,
// one at a time, and one for all questions. It starts them when they are needed. Its
// errors beside the engine's own are plaza.Unavailable with Retry-After, when a question
// finds no place, takes too long or its worker died twice, and *tabular.Fault with the
// codes killed_memory, killed_time, killed_disk and crashed for conversions.
type Workers struct {
	cfg        Config
	grace      time.Duration // from a cancel to a kill
	ticks      func() (<-chan time.Time, func())
	timer      func(time.Duration, func()) func() bool // starts one, gives its stop
	slots      *semaphore.Weighted
	exports    *semaphore.Weighted
	converting chan struct{}
	waiting    atomic.Int64   // questions without a place
	asked      atomic.Int64   // questions that have one
	long       sync.WaitGroup // conversions
	life       context.Context
	end        context.CancelFunc

	mu       sync.Mutex
	asking   *session
	idle     func() bool   // stops the clock of idleness
	failures int           // workers in a row that never answered
	pause    time.Duration // how long none is started, 0 mostly
}

// New makes Workers; nothing is started yet.
func New(c Config) *Workers {
	c.fill()
	w := &Workers{
		cfg: c, grace: time.Second,
		ticks: func() (<-chan time.Time, func()) {
			t := time.NewTicker(200 * time.Millisecond)
			return t.C, t.Stop
		},
		timer:      func(d time.Duration, f func()) func() bool { return time.AfterFunc(d, f).Stop },
		slots:      semaphore.NewWeighted(int64(c.Slots)),
		exports:    semaphore.NewWeighted(int64(max(1, c.Slots/2))),
		converting: make(chan struct{}, 1),
	}
	w.life, w.end = context.WithCancel(context.Background())
	return w
}

// Close lets questions end and cancels conversions; what has not ended with ctx is
// killed. All workers are gone when it returns.
func (w *Workers) Close(ctx context.Context) error {
	w.mu.Lock()
	w.end()
	s := w.asking
	w.asking = nil
	w.mu.Unlock()
	if s != nil {
		s.goodbye()
		select {
		case <-s.dead:
		case <-ctx.Done():
			s.p.kill(killedTime)
			<-s.dead
		}
	}
	w.long.Wait() // cancelled by w.end, killed a second later
	return ctx.Err()
}

func unavailable(key string, after time.Duration, cause error) error {
	return &plaza.Error{Kind: plaza.Unavailable, Key: key, RetryAfter: after, Cause: cause}
}

func closing() error { return unavailable("tabular.error.closing", 5*time.Second, nil) }

// rowsOfPlace is how many rows a question of one place goes through.
const rowsOfPlace = 4_000_000

// placesOf is how many places a question about a table of some rows takes: all processors
// work on each, and several that take seconds at once would keep all who ask waiting. One
// place is left for short ones.
func (w *Workers) placesOf(rows int64) int64 {
	return max(1, min(1+rows/rowsOfPlace, int64(w.cfg.Slots)-1))
}

// admit waits for places among the questions.
func (w *Workers) admit(ctx context.Context, places int64, export bool) (release func(), err error) {
	patience := w.cfg.Deadline
	if places > 1 { // those before it take seconds, too
		patience = w.cfg.Wait
	}
	wait, stop := context.WithTimeout(ctx, patience)
	defer stop()
	defer context.AfterFunc(w.life, stop)()
	var given []func()
	release = func() {
		for _, back := range given {
			back()
		}
	}
	take := func(from *semaphore.Weighted, n int64) error {
		if !from.TryAcquire(n) {
			defer w.waiting.Add(-1)
			if w.waiting.Add(1) > int64(w.cfg.Queue) {
				return unavailable("tabular.error.busy", 5*time.Second, nil)
			}
			if err := from.Acquire(wait, n); err != nil {
				switch {
				case ctx.Err() != nil:
					return ctx.Err()
				case w.life.Err() != nil:
					return closing()
				}
				return unavailable("tabular.error.busy", 5*time.Second, err)
			}
		}
		given = append(given, func() { from.Release(n) })
		return nil
	}
	if export {
		err = take(w.exports, 1)
	}
	if err == nil {
		err = take(w.slots, places)
	}
	if err != nil {
		release()
		return nil, err
	}
	w.asked.Add(1)
	given = append(given, func() { w.asked.Add(-1) })
	return release, nil
}

// join gives the asking worker, started if there is none, and counts the question in.
func (w *Workers) join() (*session, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.life.Err() != nil {
		return nil, closing()
	}
	if s := w.asking; s != nil && !s.p.doomed() {
		w.enter(s)
		return s, nil
	} else if s != nil {
		w.bury(s)
	}
	if w.pause > 0 {
		return nil, unavailable("tabular.error.worker", w.pause, nil)
	}
	s, err := w.open(modeAsk, w.cfg.Scratch, nil)
	if err != nil {
		w.failed()
		return nil, unavailable("tabular.error.worker", 5*time.Second, err)
	}
	w.asking = s
	w.enter(s)
	return s, nil
}

func (w *Workers) enter(s *session) {
	if w.idle != nil {
		w.idle()
		w.idle = nil
	}
	s.active++
}

// bury forgets a worker that died. Some in a row that answered nothing, and there is a
// pause before the next: something is wrong that starting does not mend.
func (w *Workers) bury(s *session) {
	w.asking = nil
	s.mu.Lock()
	answered := s.answered
	s.mu.Unlock()
	if answered {
		w.failures = 0
		return
	}
	w.failed()
}

func (w *Workers) failed() {
	if w.failures++; w.failures >= 4 {
		w.pause = min(time.Second<<min(w.failures-4, 5), 30*time.Second)
		w.timer(w.pause, func() {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.pause = 0
		})
	}
}

// part counts a question out. The last one starts the clock of idleness.
func (w *Workers) part(s *session) {
	w.mu.Lock()
	defer w.mu.Unlock()
	s.active--
	if s.active > 0 || w.asking != s {
		return
	}
	w.idle = w.timer(w.cfg.Idle, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		if w.asking == s && s.active == 0 {
			w.asking, w.idle = nil, nil
			s.leave()
		}
	})
}

// open starts a worker with a folder of its own within parent, removed after it. dirs
// are other folders in which it writes.
func (w *Workers) open(mode, parent string, dirs []string) (*session, error) {
	scratch, err := os.MkdirTemp(parent, ".worker-")
	if err != nil {
		return nil, err
	}
	c := w.cfg
	l := Limits{Memory: c.AskMemory, Disk: c.Disk, Slots: c.Slots, Scratch: scratch}
	l.Go, l.Engine = l.Memory/100*15, l.Memory/100*60
	b := bounds{cpu: -1, open: 4096}
	if mode == modeConvert {
		// a conversion's text goes through Go, its columns through the engine
		l.Memory, l.Slots = c.ConvertMemory, 1
		l.Go, l.Engine = l.Memory/100*35, l.Memory/100*45
		b.cpu = int64(c.ConvertTime/time.Second+1) * int64(runtime.NumCPU()+1)
		b.nice = 19 // at ten, readers noticed
	}
	b.memory, b.disk, b.file, b.dirs, b.data = l.Memory, c.Disk, c.Disk, dirs, -1
	if len(dirs) == 0 {
		b.dirs = []string{scratch}
	}
	if c.Reserve > 0 {
		b.data = l.Memory + c.Reserve
	}
	p, err := start(c.Command, mode, scratch, b, w.ticks, c.Log)
	if err != nil {
		_ = os.RemoveAll(scratch)
		return nil, err
	}
	return newSession(p, l), nil
}
