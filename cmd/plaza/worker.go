package main

import (
	"errors"
	"os"

	"plaza/internal/base/tabular/child"
)

// newEngine makes what a worker serves.
var newEngine func() child.Engine

// workerCmd is how the server starts itself again to open other people's files. It is
// no command for people: what it reads and writes is for a parent only.
type workerCmd struct {
	Mode string `arg:"" enum:"convert,ask"`
}

// Run works until standard input ends.
func (c workerCmd) Run(a *app) error {
	if newEngine == nil {
		return errors.New("worker: built without an engine")
	}
	return child.Serve(a.ctx, newEngine(), []string{c.Mode}, os.Stdin, a.out)
}
