package search

import "embed"

// Locale holds the sentences of this package's errors, in Spanish and English.
//
//go:embed locale/*.json
var Locale embed.FS
