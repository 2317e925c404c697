// Package ui holds what browsers get besides pages: styles, scripts, fonts and
// icons, as the asset tool built them (go run ./internal/tool/assets). Before the
// first build it holds a placeholder, and pages are plain but readable.
package ui

import (
	"embed"
	"io/fs"
)

//go:embed all:dist
var built embed.FS

// Dist is what was built: manifest.json and the files that it names.
func Dist() fs.FS {
	dist, err := fs.Sub(built, "dist")
	if err != nil { // cannot be: the name is valid
		return built
	}
	return dist
}
