// Command assets builds what browsers get besides pages into ui/dist: one style
// sheet and one script, those of interactive maps apart, the fonts that the styles name, the icons that ui/icons.txt
// names as one sprite, the favicon, and manifest.json, which maps plain names to
// names with a hash of their content. Text is compressed beforehand, as well as it
// goes. Run it at the root of the repository, after npm ci.
package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"github.com/andybalholm/brotli"
	"github.com/evanw/esbuild/pkg/api"
	"github.com/klauspost/compress/gzip"
)

const (
	dist  = "ui/dist"
	icons = "node_modules/lucide-static/icons"
)

// fonts gives the font files the plain names by which pages preload them.
var fonts = map[string]string{
	"atkinson-hyperlegible-next-latin-wght-normal": "text.woff2",
	"atkinson-hyperlegible-next-latin-wght-italic": "text-italic.woff2",
	"fraunces-latin-wght-normal":                   "title.woff2",
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "assets:", err)
		os.Exit(1)
	}
}

func run() error {
	if _, err := os.Stat(icons); err != nil {
		return errors.New("the npm packages are missing here: run npm ci at the root of the repository")
	}
	files, names, err := bundle()
	if err != nil {
		return err
	}
	sprite, err := sprite("ui/icons.txt", icons)
	if err != nil {
		return err
	}
	favicon, err := os.ReadFile("ui/favicon.svg")
	if err != nil {
		return err
	}
	light, dark, err := themes("ui/css/tokens.css")
	if err != nil {
		return err
	}
	for name, body := range map[string][]byte{"icons.svg": sprite, "favicon.svg": favicon, "theme-light.css": light, "theme-dark.css": dark} {
		names[name] = hashed(name, body)
		files[names[name]] = body
	}
	return write(files, names)
}

// bundle runs esbuild over the style sheets and scripts. It returns the files by their
// names, and those names by their plain ones. What only some readers ask for is in files of
// its own: the scripts name them by addresses that are known once they are made.
func bundle() (files map[string][]byte, names map[string]string, err error) {
	files, names = map[string][]byte{}, map[string]string{}
	if err := build(files, names, nil,
		api.EntryPoint{InputPath: "ui/css/map.css", OutputPath: "map-styles"},
		api.EntryPoint{InputPath: "node_modules/maplibre-gl/dist/maplibre-gl-worker.mjs", OutputPath: "map-worker"},
	); err != nil {
		return nil, nil, err
	}
	known := map[string]string{"MAP_STYLES": address(names["map-styles.css"]), "MAP_WORKER": address(names["map-worker.js"])}
	err = build(files, names, known,
		api.EntryPoint{InputPath: "ui/css/site.css", OutputPath: "site"},
		api.EntryPoint{InputPath: "ui/ts/site.ts", OutputPath: "site"},
	)
	return files, names, err
}

// address is that of a file, as a constant of a script.
func address(name string) string { return strconv.Quote("/assets/" + name) }

// build makes files of some entries and adds them to those there are. What a script imports
// only later is a file of its own, too.
func build(files map[string][]byte, names, known map[string]string, entries ...api.EntryPoint) error {
	result := api.Build(api.BuildOptions{
		EntryPointsAdvanced: entries,
		Bundle:              true, Outdir: dist, PublicPath: "/assets", Splitting: true, Define: known,
		EntryNames: "[name].[hash]", AssetNames: "[name].[hash]", ChunkNames: "[name].[hash]",
		Loader:           map[string]api.Loader{".woff2": api.LoaderFile},
		MinifyWhitespace: true, MinifyIdentifiers: true, MinifySyntax: true,
		Format: api.FormatESModule, LegalComments: api.LegalCommentsNone,
		Engines: []api.Engine{
			{Name: api.EngineChrome, Version: "109"}, {Name: api.EngineFirefox, Version: "115"}, {Name: api.EngineSafari, Version: "15.6"},
		},
	})
	if len(result.Errors) > 0 {
		return errors.New(strings.Join(api.FormatMessages(result.Errors, api.FormatMessagesOptions{}), "\n"))
	}
	for _, out := range result.OutputFiles {
		name := filepath.Base(out.Path)
		stem, _, _ := strings.Cut(name, ".")
		plain := stem + filepath.Ext(name)
		if font, ok := fonts[stem]; ok {
			plain = font
		}
		if _, taken := names[plain]; taken { // parts that several scripts share have one name
			plain = name
		}
		files[name], names[plain] = out.Contents, name
	}
	return nil
}

var night = regexp.MustCompile(`(?s)^(.*?)@media \(prefers-color-scheme: dark\) \{\n(.*?)\n\}\n`)

// themes are the colours of the day and of the night as sheets of their own, for pages that
// somebody else says which of the two they have.
func themes(tokens string) (light, dark []byte, err error) {
	css, err := os.ReadFile(tokens)
	if err != nil {
		return nil, nil, err
	}
	parts := night.FindSubmatch(css)
	if parts == nil {
		return nil, nil, fmt.Errorf("%s has no dark theme", tokens)
	}
	return parts[1], parts[2], nil
}

var (
	iconBody = regexp.MustCompile(`(?s)<svg[^>]*>(.*)</svg>`)
	spaces   = regexp.MustCompile(`\s*\n\s*`)
)

// sprite makes one SVG of the named icons and the mark. Stroke and fill come from
// the style sheet, through the elements that use them.
func sprite(list, folder string) ([]byte, error) {
	names, err := os.ReadFile(list)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	out.WriteString(`<svg xmlns="http://www.w3.org/2000/svg">`)
	add := func(id, file, box string) error {
		svg, err := os.ReadFile(file)
		if err != nil {
			return fmt.Errorf("icon %s: %w", id, err)
		}
		body := iconBody.FindSubmatch(svg)
		if body == nil {
			return fmt.Errorf("icon %s: %s is no SVG", id, file)
		}
		fmt.Fprintf(&out, `<symbol id="%s" viewBox="%s">%s</symbol>`, id, box, spaces.ReplaceAll(bytes.TrimSpace(body[1]), nil))
		return nil
	}
	for name := range strings.FieldsSeq(string(names)) {
		if err := add(name, filepath.Join(folder, name+".svg"), "0 0 24 24"); err != nil {
			return nil, err
		}
	}
	if err := add("plaza", "ui/mark.svg", "0 0 32 32"); err != nil {
		return nil, err
	}
	out.WriteString(`</svg>`)
	return out.Bytes(), nil
}

func hashed(name string, body []byte) string {
	sum := sha256.Sum256(body)
	ext := filepath.Ext(name)
	return strings.TrimSuffix(name, ext) + "." + strings.ToUpper(hex.EncodeToString(sum[:4])) + ext
}

// write replaces what an earlier build left, keeping the placeholder.
func write(files map[string][]byte, names map[string]string) error {
	if err := os.MkdirAll(dist, 0o755); err != nil {
		return err
	}
	old, err := os.ReadDir(dist)
	if err != nil {
		return err
	}
	for _, entry := range old {
		if entry.Name() != "placeholder.txt" {
			if err := os.Remove(filepath.Join(dist, entry.Name())); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
	}
	manifest, err := json.MarshalIndent(names, "", "  ")
	if err != nil {
		return err
	}
	for name, body := range files {
		if err := save(name, body); err != nil {
			return err
		}
		if filepath.Ext(name) == ".woff2" {
			fmt.Printf("%-60s %6d\n", name, len(body))
			continue // compressed already
		}
		small, smaller, err := compress(body)
		if err != nil {
			return fmt.Errorf("compressing %s: %w", name, err)
		}
		if err := errors.Join(save(name+".gz", small), save(name+".br", smaller)); err != nil {
			return err
		}
		fmt.Printf("%-60s %6d  gzip %6d  brotli %6d\n", name, len(body), len(small), len(smaller))
	}
	return save("manifest.json", manifest) // last: a build that broke off is no build
}

func save(name string, body []byte) error {
	return os.WriteFile(filepath.Join(dist, name), body, 0o644) //nolint:gosec // public files
}

func compress(body []byte) (gz, br []byte, err error) {
	var small, smaller bytes.Buffer
	z, err := gzip.NewWriterLevel(&small, gzip.BestCompression)
	if err != nil {
		return nil, nil, err
	}
	if _, err := z.Write(body); err != nil {
		return nil, nil, err
	}
	b := brotli.NewWriterLevel(&smaller, brotli.BestCompression)
	if _, err := b.Write(body); err != nil {
		return nil, nil, err
	}
	if err := errors.Join(z.Close(), b.Close()); err != nil {
		return nil, nil, err
	}
	return small.Bytes(), smaller.Bytes(), nil
}
