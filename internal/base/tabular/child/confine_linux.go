package child

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"sync/atomic"
	"syscall"

	"golang.org/x/sys/unix"
)

// defaultPath is the running binary itself, even after its file was replaced.
func defaultPath() (string, error) {
	const self = "/proc/self/exe"
	if _, err := os.Stat(self); err == nil {
		return self, nil
	}
	return os.Executable()
}

// together says that workers share this process's network. They get one of their own,
// which leads nowhere, where the system lets a process without rights have one: the
// first try shows it.
var together atomic.Bool

// launch starts the process that make makes. The caller is a goroutine that does
// nothing afterwards but wait for it: its thread is bound to the child (the child dies
// when the thread does, so when this process dies) and is given up with it, for it can
// never again gain rights and is as nice as the child is.
func launch(make func() *exec.Cmd, nice int) (*exec.Cmd, error) {
	runtime.LockOSThread() // never unlocked: the thread ends with the goroutine
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return nil, fmt.Errorf("no new privileges: %w", err)
	}
	if nice > 0 {
		_ = unix.Setpriority(unix.PRIO_PROCESS, 0, nice)
	}
	for {
		c := make()
		c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
		alone := !together.Load()
		if alone {
			secede(c.SysProcAttr)
		}
		err := c.Start()
		if err == nil || !alone || errors.Is(err, fs.ErrNotExist) {
			return c, err
		}
		together.Store(true)
	}
}

// secede asks for a user namespace in which everybody keeps their number, and for an
// empty network in it.
func secede(a *syscall.SysProcAttr) {
	a.Cloneflags = unix.CLONE_NEWUSER | unix.CLONE_NEWNET | unix.CLONE_NEWIPC
	uid, gid, size := os.Geteuid(), os.Getegid(), 1
	if uid == 0 {
		gid, size = 0, 1<<32-1 // files of any owner stay root's to read
	}
	a.UidMappings = []syscall.SysProcIDMap{{ContainerID: uid, HostID: uid, Size: size}}
	a.GidMappings = []syscall.SysProcIDMap{{ContainerID: gid, HostID: gid, Size: size}}
	a.GidMappingsEnableSetgroups = uid == 0
}

// confine sets a started process's limits; it has not been asked anything yet.
func confine(pid int, b bounds) error {
	for _, l := range []struct {
		what  int
		limit int64
	}{
		{unix.RLIMIT_DATA, b.data}, {unix.RLIMIT_FSIZE, b.file}, {unix.RLIMIT_CPU, b.cpu},
		{unix.RLIMIT_NOFILE, b.open}, {unix.RLIMIT_CORE, 0},
	} {
		if l.limit < 0 {
			continue
		}
		r := unix.Rlimit{Cur: uint64(l.limit), Max: uint64(l.limit)}
		if err := unix.Prlimit(pid, l.what, &r, nil); err != nil {
			return fmt.Errorf("limit %d: %w", l.what, err)
		}
	}
	return nil
}

// resident is how many bytes of memory a process has, 0 when it cannot be seen.
func resident(pid int) int64 {
	raw, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status")
	if err != nil {
		return 0
	}
	_, rest, ok := bytes.Cut(raw, []byte("\nVmRSS:"))
	if !ok {
		return 0
	}
	if number := bytes.Fields(rest); len(number) > 0 {
		if kb, err := strconv.ParseInt(string(number[0]), 10, 64); err == nil {
			return kb << 10
		}
	}
	return 0
}

// awaitExit waits until a child of ours has ended, and leaves it to be collected: until
// then its number is nobody else's and its group can be killed. It reports whether it
// could.
func awaitExit(pid int) bool {
	for {
		if err := unix.Waitid(unix.P_PID, pid, nil, unix.WEXITED|unix.WNOWAIT, nil); err != unix.EINTR {
			return err == nil
		}
	}
}

// peak is how many bytes an ended process had resident at most.
func peak(s *os.ProcessState) int64 {
	if usage, ok := s.SysUsage().(*syscall.Rusage); ok {
		return usage.Maxrss << 10
	}
	return 0
}

// killGroup ends a process and what it started.
func killGroup(p *os.Process) { _ = unix.Kill(-p.Pid, unix.SIGKILL) }

// harden takes from this process what a worker does not need: files that were open when
// it began beside the three, and that others of the same user may look into it.
func harden() {
	_ = unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
	_ = unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0)
	open, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return
	}
	for _, f := range open {
		n, err := strconv.Atoi(f.Name())
		if err != nil || n <= 2 {
			continue
		}
		// whatever Go opens is marked to close at exec: what is not came with us
		if flags, err := unix.FcntlInt(uintptr(n), unix.F_GETFD, 0); err == nil && flags&unix.FD_CLOEXEC == 0 {
			_ = unix.Close(n)
		}
	}
}
