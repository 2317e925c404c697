package child

import (
	"bufio"
	"context"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Why a worker ended before its work: codes of tabular.Fault.
const (
	killedMemory = "killed_memory"
	killedTime   = "killed_time"
	killedDisk   = "killed_disk"
	crashed      = "crashed"
)

// bounds are what a process is held to from outside; those below zero are not set.
type bounds struct {
	memory int64    // bytes resident, looked at on every tick
	disk   int64    // bytes in dirs, likewise
	dirs   []string // what it writes
	data   int64    // bytes of writable memory that the kernel gives it
	file   int64    // bytes of one file
	cpu    int64    // seconds
	open   int64    // files
	nice   int
}

// process is a started worker. It is killed at most once, and always waited for.
type process struct {
	cmd     *exec.Cmd
	in, out *os.File // our ends
	peak    int64    // bytes resident at most; read after done
	done    chan struct{}

	mu     sync.Mutex
	exited bool // its number may be another's from here on
	why    string
	tail   []string // of what it said on standard error
}

// Standard error is read to its end, and kept up to a point.
const (
	maxLine  = 4 << 10
	maxLines = 500 // of one process, to the log
	maxTail  = 60  // lines, to tell why it died
)

// start starts a worker in dir, with nothing of this process's environment.
func start(c Command, mode, dir string, b bounds, ticks func() (<-chan time.Time, func()), log *slog.Logger) (*process, error) {
	inR, inW, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	outR, outW, err := os.Pipe()
	if err != nil {
		return nil, errors.Join(err, inR.Close(), inW.Close())
	}
	errR, errW, err := os.Pipe()
	if err != nil {
		return nil, errors.Join(err, inR.Close(), inW.Close(), outR.Close(), outW.Close())
	}
	p := &process{in: inW, out: outR, done: make(chan struct{})}
	started := make(chan error)
	go func() {
		cmd, err := launch(func() *exec.Cmd {
			cmd := exec.Command(c.Path, append(append([]string(nil), c.Args...), mode)...)
			cmd.Env, cmd.Dir = []string{"TMPDIR=" + dir}, dir
			cmd.Stdin, cmd.Stdout, cmd.Stderr = inR, outW, errW
			return cmd
		}, b.nice)
		p.cmd = cmd
		for _, theirs := range []*os.File{inR, outW, errW} {
			_ = theirs.Close()
		}
		started <- err
		if err == nil {
			p.await(errR, log.With("worker", mode, "pid", cmd.Process.Pid))
		}
	}()
	if err := <-started; err != nil {
		return nil, errors.Join(err, inW.Close(), outR.Close(), errR.Close())
	}
	if err := confine(p.cmd.Process.Pid, b); err != nil {
		p.kill(crashed)
		<-p.done
		return nil, errors.Join(err, p.close())
	}
	go p.watch(b, ticks)
	return p, nil
}

// await waits for the process's end, and for the last that it said.
func (p *process) await(said *os.File, log *slog.Logger) {
	heard := make(chan struct{})
	go func() {
		p.listen(said, log)
		_ = said.Close()
		close(heard)
	}()
	known := awaitExit(p.cmd.Process.Pid)
	if known {
		p.mu.Lock()
		killGroup(p.cmd.Process) // what it may have started
	}
	err := p.cmd.Wait()
	if !known {
		p.mu.Lock()
	}
	p.exited = true
	why := p.why
	p.mu.Unlock()
	<-heard
	p.peak = peak(p.cmd.ProcessState)
	log.Debug("worker ended", "error", err, "killed", why, "peak", p.peak)
	close(p.done)
}

// kill ends the process at once. The first reason stays.
func (p *process) kill(why string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.exited {
		return
	}
	if p.why == "" {
		p.why = why
	}
	killGroup(p.cmd.Process)
}

// doomed reports whether the process has ended or is about to.
func (p *process) doomed() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.exited || p.why != ""
}

// close gives up our ends of its pipes.
func (p *process) close() error { return errors.Join(p.in.Close(), p.out.Close()) }

// listen reads what the process says for people into the log.
func (p *process) listen(r io.Reader, log *slog.Logger) {
	lines := bufio.NewReaderSize(r, maxLine)
	for n := 0; ; n++ {
		line, cut, err := lines.ReadLine()
		for cut && err == nil { // the rest of a line that is too long
			_, cut, err = lines.ReadLine()
		}
		if text := strings.ToValidUTF8(string(line), "\uFFFD"); text != "" {
			p.mu.Lock()
			if p.tail = append(p.tail, text); len(p.tail) > 2*maxTail {
				p.tail = append(p.tail[:maxTail/2:maxTail/2], p.tail[len(p.tail)-maxTail:]...)
			}
			p.mu.Unlock()
			switch {
			case n < maxLines:
				log.Warn("worker said", "line", text)
			case n == maxLines:
				log.Warn("worker says too much; no more of it is kept")
			}
		}
		if err != nil {
			return
		}
	}
}

// watch kills the process when it takes more than it may, until it has ended.
func (p *process) watch(b bounds, ticks func() (<-chan time.Time, func())) {
	tick, stop := ticks()
	defer stop()
	for {
		select {
		case <-p.done:
			return
		case <-tick:
		}
		switch {
		case b.memory > 0 && resident(p.cmd.Process.Pid) > b.memory:
			p.kill(killedMemory)
		case b.disk > 0 && size(b.dirs) > b.disk:
			p.kill(killedDisk)
		}
	}
}

// size is how many bytes lie in folders; what vanishes meanwhile does not count.
func size(dirs []string) (total int64) {
	for _, dir := range dirs {
		_ = filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
			if err == nil && d.Type().IsRegular() {
				if info, err := d.Info(); err == nil {
					total += info.Size()
				}
			}
			return nil
		})
	}
	return total
}

// signs are what runtimes say when the kernel refuses them something.
var signs = []struct{ said, why string }{
	{"out of memory", killedMemory}, {"cannot allocate memory", killedMemory}, {"bad_alloc", killedMemory},
	{"pthread_create failed", killedMemory},
	{"SIGXCPU", killedTime}, {"SIGXFSZ", killedDisk}, {"file size limit exceeded", killedDisk},
}

// verdict is why a process that has ended did so before its work.
func (p *process) verdict(memory int64) string {
	<-p.done
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.why != "" {
		return p.why
	}
	if status, ok := p.cmd.ProcessState.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		switch status.Signal() {
		case syscall.SIGXCPU:
			return killedTime
		case syscall.SIGXFSZ:
			return killedDisk
		case syscall.SIGKILL: // not by us: by an operator, or by a kernel without memory
			if memory > 0 && p.peak > memory/10*9 {
				return killedMemory
			}
		}
	}
	for _, line := range p.tail {
		for _, s := range signs {
			if strings.Contains(line, s.said) {
				return s.why
			}
		}
	}
	return crashed
}

// after calls f when a time is over, unless the process has ended before.
func (p *process) after(d time.Duration, f func()) {
	ctx, cancel := context.WithTimeout(context.Background(), d)
	go func() {
		defer cancel()
		select {
		case <-p.done:
		case <-ctx.Done():
			f()
		}
	}()
}
