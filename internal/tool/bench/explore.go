package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"syscall"
	"time"

	"plaza/internal/base/tabular/child"
)

// benchedRows is how many rows the explorer's large table has.
const benchedRows = 10_000_000

// Bounds that the explorer is held to.
const (
	cleanBound    = 3.0 // times DuckDB's own copy
	messyBound    = 6.0
	convertMemory = 1_200_000_000
	sheetBound    = 100_000 // rows a second
	directBound   = 1.25    // times the same statement on DuckDB itself, and
	directMore    = 5 * time.Millisecond
	repeatBound   = 3 * time.Millisecond
	medianBound   = 5.0 // times faster than PostgreSQL
	clickBound    = time.Second
	bigClickBound = 4 * time.Second
	allMemory     = 2_000_000_000
	serveMemory   = 300_000_000
	besideBound   = 2.0 // times the readers' p95 without a conversion
)

// bytesPerRow makes the file that is converted a gigabyte at ten million rows.
const bytesPerRow = 100

// benchExplore measures the explorer over tables of n rows, and files of n hundred bytes.
func benchExplore(ctx context.Context, n int, postgres string) error {
	fmt.Printf("\nExplorer: tables of %d rows × 20 columns, files of %d MB, %d threads%s\n", n, n*bytesPerRow/1_000_000, engineThreads(), machineLoad())
	only := os.Getenv("PLAZA_BENCH_ONLY") // one of them, while it is worked at
	var errs []error
	for _, part := range []struct {
		name string
		run  func() error
	}{
		{"convert", func() error { return benchConvert(ctx, int64(n)*bytesPerRow) }},
		{"sheet", func() error { return benchSheet(ctx, max(n/50, 1000)) }},
		{"real", func() error { return benchReal(ctx) }},
		{"queries", func() error { return benchQueries(ctx, n, postgres) }},
		{"clicks", func() error { return benchClicks(ctx, n) }},
	} {
		if only == "" || only == part.name {
			errs = append(errs, part.run())
		}
	}
	return errors.Join(errs...)
}

// engineThreads is how many threads an engine takes; see engine.Options.
func engineThreads() int { return min(4, runtime.NumCPU()) }

// workers are what the server asks, started as the server does.
func workers() (*child.Workers, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	return child.New(child.Config{Command: child.Command{Path: self, Args: []string{"worker"}}}), nil
}

// used is what a piece of work took: time, and processor time of this process and of
// those that it waited for, which other work on the machine changes little.
type used struct{ wall, cpu time.Duration }

func spend(f func() error) (used, error) {
	before := allCPU()
	took, err := timed(f)
	return used{took, allCPU() - before}, err
}

// allCPU is the processor time of this program and of its children that have ended.
func allCPU() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_CHILDREN, &u); err != nil {
		return ownCPU()
	}
	return ownCPU() + time.Duration(u.Utime.Nano()+u.Stime.Nano())
}

func (u used) String() string {
	return fmt.Sprintf("%7.2f s (%6.2f s of processor)", u.wall.Seconds(), u.cpu.Seconds())
}

// verdict says whether a bound holds.
func verdict(ok bool) string {
	if ok {
		return "holds"
	}
	return "DOES NOT HOLD"
}
