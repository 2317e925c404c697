// Command worker is the engine alone, as tests start it: what `plaza worker` is to an
// installation.
package main

import (
	"context"
	"fmt"
	"os"

	"plaza/internal/base/tabular/child"
	"plaza/internal/base/tabular/engine"
)

func main() {
	if err := child.Serve(context.Background(), engine.New(engine.Options{}), os.Args[1:], os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
