//go:build race

package child_test

// raced: the race detector reserves terabytes that a limit of the kernel would refuse.
const raced = true
