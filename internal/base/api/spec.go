package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"

	"plaza/internal/base/i18n"
)

// spec answers with the OpenAPI document in the reader's language.
func (a *API) spec(w http.ResponseWriter, r *http.Request) error {
	doc, err := a.document(a.shell.Printer(r))
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Language", a.shell.Printer(r).Lang())
	_, err = w.Write(doc)
	return err
}

// document is the OpenAPI document in a language. It is made once: the operations
// are all registered before the first request.
func (a *API) document(l *i18n.Printer) ([]byte, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if doc := a.specs[l.Lang()]; doc != nil {
		return doc, nil
	}
	raw, err := json.Marshal(a.huma.OpenAPI())
	if err != nil {
		return nil, fmt.Errorf("writing the OpenAPI document: %w", err)
	}
	var tree any
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if err := d.Decode(&tree); err != nil {
		return nil, fmt.Errorf("reading the OpenAPI document back: %w", err)
	}
	say(tree, l)
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	if err := enc.Encode(tree); err != nil {
		return nil, fmt.Errorf("writing the OpenAPI document: %w", err)
	}
	a.specs[l.Lang()] = out.Bytes()
	return out.Bytes(), nil
}

// spoken are the members whose values are message keys until say has run.
var spoken = map[string]bool{"description": true, "summary": true, "title": true}

// say puts sentences in the place of message keys, and takes out what huma alone reads.
func say(node any, l *i18n.Printer) {
	switch node := node.(type) {
	case []any:
		for _, child := range node {
			say(child, l)
		}
	case map[string]any:
		delete(node, "patternDescription")
		for name, child := range node {
			if text, ok := child.(string); ok {
				if spoken[name] && l.Has(text) {
					node[name] = l.T(text)
				}
				continue
			}
			say(child, l)
		}
	}
}
