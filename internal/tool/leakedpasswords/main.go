// Command leakedpasswords writes the list of package leaked from JSON lists of words:
//
//	go run ./internal/tool/leakedpasswords passwords.json commonWords.json > internal/civic/account/leaked/passwords.bin
package main

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"unicode/utf8"

	"plaza/internal/civic/account/leaked"
)

// shortest is the least that matters: what people add to a word makes it long enough
// to be a password, and is taken off before the list is asked.
const shortest = 6

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "leakedpasswords:", err)
		os.Exit(1)
	}
}

func run(files []string) error {
	var all []string
	for _, name := range files {
		raw, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		var words []string
		if err := json.Unmarshal(raw, &words); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		for _, w := range words {
			if utf8.RuneCountInString(w) < shortest {
				continue
			}
			sum := sha256.Sum256([]byte(strings.ToLower(w)))
			all = append(all, string(sum[:leaked.Width]))
		}
	}
	slices.Sort(all)
	_, err := os.Stdout.WriteString(strings.Join(slices.Compact(all), ""))
	return err
}
