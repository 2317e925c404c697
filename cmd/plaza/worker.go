package main

import (
	"os"

	"plaza/internal/base/tabular/child"
	"plaza/internal/base/tabular/engine"
)

// workerCmd is how the server starts itself again to open other people's files. It is
// no command for people: what it reads and writes is for a parent only.
type workerCmd struct {
	Mode string `arg:"" enum:"convert,ask"`
}

// Run works until standard input ends.
func (c workerCmd) Run(a *app) error {
	return child.Serve(a.ctx, engine.New(engine.Options{}), []string{c.Mode}, os.Stdin, a.out)
}
