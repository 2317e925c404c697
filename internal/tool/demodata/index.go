package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

// index is fuentes.json: every file of archivos/ by the name under which it is
// served, and the sources by key.
type index struct {
	Sources map[string]originInfo `json:"fuentes"`
	Files   map[string]*fileInfo  `json:"archivos"`
}

func writeIndex(dir string, files map[string]*fileInfo) error {
	for name, f := range files {
		for _, k := range sourceKeys(f.Source) {
			if _, ok := originTable[k]; !ok {
				return fmt.Errorf("%s: no source is called %q", name, k)
			}
		}
	}
	return writeJSON(filepath.Join(dir, "fuentes.json"), index{Sources: originTable, Files: files})
}

func readIndex(dir string) (*index, error) {
	b, err := os.ReadFile(filepath.Join(dir, "fuentes.json"))
	if err != nil {
		return nil, err
	}
	var x index
	if err := json.Unmarshal(b, &x); err != nil {
		return nil, fmt.Errorf("reading fuentes.json: %w", err)
	}
	return &x, nil
}

// writeJSON writes indented JSON with keys in order and text unescaped.
func writeJSON(path string, v any) error {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	if err := e.Encode(v); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, b.Bytes(), 0o644)
}
