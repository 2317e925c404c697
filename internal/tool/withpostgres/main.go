// Command withpostgres runs a command with a private PostgreSQL: it starts one on a
// free port and a temporary directory, sets PLAZA_TEST_POSTGRES to its address,
// runs the command, and takes everything away again. When the variable is set
// already, it only runs the command.
package main

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"os/user"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const variable = "PLAZA_TEST_POSTGRES"

func main() {
	code, err := run(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "withpostgres:", err)
		code = 1
	}
	os.Exit(code)
}

func run(command []string) (int, error) {
	if len(command) > 0 && command[0] == "--" {
		command = command[1:]
	}
	if len(command) == 0 {
		return 0, errors.New("usage: withpostgres -- command …")
	}
	env := os.Environ()
	if os.Getenv(variable) == "" {
		address, stop, err := start()
		if err != nil {
			return 0, err
		}
		defer stop()
		env = append(env, variable+"="+address)
	}
	c := exec.Command(command[0], command[1:]...)
	c.Env, c.Stdin, c.Stdout, c.Stderr = env, os.Stdin, os.Stdout, os.Stderr
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM) // the child gets them too; we stay to clean up
	if err := c.Start(); err != nil {
		return 0, err
	}
	go func() {
		for s := range signals {
			_ = c.Process.Signal(s) // it may have ended already
		}
	}()
	err := c.Wait()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return exit.ExitCode(), nil
	}
	return 0, err
}

// start starts a server and returns its address and how to stop it.
func start() (string, func(), error) {
	bin, err := binaries()
	if err != nil {
		return "", nil, err
	}
	dir, err := os.MkdirTemp("", "plaza-postgres-*")
	if err != nil {
		return "", nil, err
	}
	remove := func() { _ = os.RemoveAll(dir) } // a temporary directory; the system sweeps it otherwise
	owner, err := unprivileged(dir)
	if err != nil {
		remove()
		return "", nil, err
	}
	data := filepath.Join(dir, "data")
	init := exec.Command(filepath.Join(bin, "initdb"), "-D", data, "-U", "plaza", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
	init.SysProcAttr, init.Dir = owner, dir
	if out, err := init.CombinedOutput(); err != nil {
		remove()
		return "", nil, fmt.Errorf("initdb: %w\n%s", err, out)
	}
	port, err := freePort()
	if err != nil {
		remove()
		return "", nil, err
	}
	server := exec.Command(filepath.Join(bin, "postgres"), "-D", data, "-p", port,
		"-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=",
		"-c", "fsync=off", "-c", "full_page_writes=off", "-c", "synchronous_commit=off",
		"-c", "max_connections=300", "-c", "shared_buffers=64MB", "-c", "autovacuum=off",
		"-c", "log_min_messages=panic")
	server.SysProcAttr, server.Dir, server.Stderr = owner, dir, os.Stderr
	if err := server.Start(); err != nil {
		remove()
		return "", nil, err
	}
	stop := func() {
		_ = server.Process.Signal(syscall.SIGQUIT) // at once: nothing in it is to be kept
		_ = server.Wait()
		remove()
	}
	if err := answers(bin, port); err != nil {
		stop()
		return "", nil, err
	}
	return "postgres://plaza@127.0.0.1:" + port + "/postgres?sslmode=disable", stop, nil
}

// binaries finds the directory of initdb and postgres, Debian's included.
func binaries() (string, error) {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	sort.Slice(found, func(i, j int) bool { return version(found[i]) > version(found[j]) })
	for _, f := range found {
		if _, err := os.Stat(filepath.Join(filepath.Dir(f), "postgres")); err == nil {
			return filepath.Dir(f), nil
		}
	}
	if out, err := exec.Command("pg_config", "--bindir").Output(); err == nil {
		dir := strings.TrimSpace(string(out))
		if _, err := os.Stat(filepath.Join(dir, "initdb")); err == nil {
			return dir, nil
		}
	}
	return "", errors.New("no PostgreSQL server is installed; on Debian: apt-get install postgresql")
}

func version(path string) int {
	n, _ := strconv.Atoi(strings.Split(path, "/")[4])
	return n
}

// unprivileged gives dir to an account that PostgreSQL accepts to run as: it
// refuses root.
func unprivileged(dir string) (*syscall.SysProcAttr, error) {
	if os.Geteuid() != 0 {
		return &syscall.SysProcAttr{Setpgid: true}, nil
	}
	var u *user.User
	var err error
	for _, name := range []string{"postgres", "nobody"} {
		if u, err = user.Lookup(name); err == nil {
			break
		}
	}
	if err != nil {
		return nil, err
	}
	uid, _ := strconv.Atoi(u.Uid)
	gid, _ := strconv.Atoi(u.Gid)
	if err := os.Chown(dir, uid, gid); err != nil {
		return nil, err
	}
	return &syscall.SysProcAttr{
		Setpgid:    true, // an interrupt at the terminal reaches the tests, not the server
		Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)},
	}, nil
}

func freePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	return port, err
}

// answers waits until the server takes connections.
func answers(bin, port string) error {
	deadline := time.After(30 * time.Second)
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-deadline:
			return errors.New("PostgreSQL did not answer within 30 s")
		case <-tick.C:
			if exec.Command(filepath.Join(bin, "pg_isready"), "-q", "-U", "plaza", "-d", "postgres", "-h", "127.0.0.1", "-p", port).Run() == nil {
				return nil
			}
		}
	}
}
