package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"strings"

	"plaza/internal/base/tabular/child"
	"plaza/internal/site"
)

// startDemo plays the demonstration and serves it in a process of its own, which is this
// program in a role; words are what that prints besides its address.
func startDemo(role string, args ...string) (s *server, words []string, err error) {
	self, err := os.Executable()
	if err != nil {
		return nil, nil, err
	}
	dir, err := os.MkdirTemp("", "plaza-bench-*")
	if err != nil {
		return nil, nil, err
	}
	play := exec.Command(self, "play", dir) // what that takes in memory is not the server's
	play.Stderr = os.Stderr
	if err := play.Run(); err != nil {
		return nil, nil, errors.Join(fmt.Errorf("playing the demonstration: %w", err), os.RemoveAll(dir))
	}
	c := exec.Command(self, append([]string{role, dir}, args...)...)
	out, err := c.StdoutPipe()
	if err != nil {
		return nil, nil, err
	}
	c.Stderr = os.Stderr
	if err := c.Start(); err != nil {
		return nil, nil, err
	}
	stop := func() {
		_ = c.Process.Kill()
		_ = c.Wait() // killed on purpose
		_ = os.RemoveAll(dir)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	words = strings.Fields(line)
	if err != nil || len(words) < 2 {
		stop()
		return nil, nil, fmt.Errorf("starting plaza: %q, %w", line, err)
	}
	return &server{words[0], func() []int { return []int{c.Process.Pid} }, stop}, words[1:], nil
}

// demoAt is how the demonstration in a folder is opened.
func demoAt(dir, addr string) (site.Config, error) {
	self, err := os.Executable()
	return site.Config{Addr: addr, Data: dir, Version: "bench", Worker: &child.Command{Path: self, Args: []string{"worker"}},
		Log: slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError}))}, err
}

// playDemo is the child process that plays it.
func playDemo(ctx context.Context, dir string) error {
	cfg, err := demoAt(dir, "")
	if err == nil {
		_, err = site.PlayDemo(ctx, cfg, true, nil)
	}
	return err
}

// serveDemo is the child process that serves it: change is what it does before, and the words
// that this gives are printed beside the address.
func serveDemo(ctx context.Context, dir string, change func(s *site.Site) (words []string, err error)) error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	addr := l.Addr().String()
	if err := l.Close(); err != nil {
		return err
	}
	cfg, err := demoAt(dir, addr)
	if err != nil {
		return err
	}
	s, err := site.Open(ctx, cfg)
	if err != nil {
		return err
	}
	words, err := change(s)
	if err != nil {
		return err
	}
	return s.Serve(ctx, func(string) { fmt.Println("http://"+addr, strings.Join(words, " ")) })
}
