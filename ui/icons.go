package ui

import (
	_ "embed"
	"strings"
)

//go:embed icons.txt
var icons string

// Icons are the names of the icons that the sprite holds.
func Icons() []string { return strings.Fields(icons) }
