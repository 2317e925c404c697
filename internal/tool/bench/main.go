// Command bench measures what Plaza promises about speed, as ratios in one run where
// that can be done, and prints tables: harvests, search, pages, telling followers, cases, the explorer and tools. It is run by
// "make bench" with a private PostgreSQL; absolute times mean little on shared
// machines, the ratios are what is held to.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"

	"plaza/internal/base/tabular/child"
	"plaza/internal/base/tabular/engine"
)

// benchedCases is how many cases the conversation is measured with.
const benchedCases = 200_000

func main() {
	if err := run(context.Background(), os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	what := "all"
	if len(args) > 0 {
		what, args = args[0], args[1:]
	}
	postgres := os.Getenv("PLAZA_TEST_POSTGRES")
	switch what {
	case "portal": // a child process: see startPortal
		n, err := strconv.Atoi(args[0])
		if err != nil {
			return err
		}
		return servePortal(n, os.Stdout)
	case "peak": // a child process: see benchMemory
		n, err := strconv.Atoi(args[1])
		if err != nil {
			return err
		}
		return peak(ctx, args[0], n)
	case "serve": // a child process: see startPlaza
		return servePlaza(ctx, args[0])
	case "search":
		return benchSearch(ctx, postgres, 1_000_000)
	case "page":
		return benchPage(ctx)
	case "fanout":
		return benchFanout(ctx, 100_000)
	case "cases":
		n := benchedCases
		if len(args) > 0 {
			var err error
			if n, err = strconv.Atoi(args[0]); err != nil {
				return err
			}
		}
		return benchCases(ctx, n)
	case "worker": // a child process: see workers
		return child.Serve(ctx, engine.New(engine.Options{}), args, os.Stdin, os.Stdout)
	case "copy": // a child process: see benchConvert
		return copyAlone(ctx, args[0], args[1])
	case "play": // a child process: see startDemo
		return playDemo(ctx, args[0])
	case "screens": // a child process
		return serveScreens(ctx, args[0], args[1], args[2])
	case "explore":
		n := benchedRows
		if len(args) > 0 {
			var err error
			if n, err = strconv.Atoi(args[0]); err != nil {
				return err
			}
		}
		return benchExplore(ctx, n, postgres)
	case "tooled": // a child process
		return serveTools(ctx, args[0], args[1])
	case "tools":
		n := benchedPrices
		if len(args) > 0 {
			var err error
			if n, err = strconv.Atoi(args[0]); err != nil {
				return err
			}
		}
		return benchTools(ctx, n)
	case "harvest":
		return benchHarvest(ctx, 10_000, postgres)
	case "memory":
		return benchMemory([]int{10_000, 100_000})
	case "all":
		return errors.Join(
			benchHarvest(ctx, 10_000, postgres),
			benchSearch(ctx, postgres, 1_000_000),
			benchPage(ctx),
			benchFanout(ctx, 100_000),
			benchCases(ctx, benchedCases),
			benchExplore(ctx, benchedRows, postgres),
			benchTools(ctx, benchedPrices),
			benchMemory([]int{10_000, 100_000}))
	}
	return fmt.Errorf("unknown part %q: harvest, search, page, fanout, cases, explore, tools, memory, or nothing for all", what)
}
