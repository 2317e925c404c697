package gate

import "embed"

// Locale holds the sentences of this package, in Spanish and English.
//
//go:embed locale
var Locale embed.FS
