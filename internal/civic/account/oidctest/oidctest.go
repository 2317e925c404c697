// Package oidctest starts a real OpenID Connect provider (the npm package oidc-provider)
// for tests, and a small one whose tokens a test forges as it likes.
package oidctest

import (
	"bufio"
	"encoding/json"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// Client is how the provider knows the site that asks it.
type Client struct {
	ID        string   `json:"client_id"`
	Secret    string   `json:"client_secret"`
	Redirects []string `json:"redirect_uris"`
}

// Start starts the provider and returns its issuer; it ends with the test.
func Start(tb testing.TB, c Client) (issuer string) {
	tb.Helper()
	_, file, _, _ := runtime.Caller(0)
	client, err := json.Marshal(c)
	if err != nil {
		tb.Fatal(err)
	}
	cmd := exec.CommandContext(tb.Context(), "node", "provider.mjs", string(client))
	cmd.Dir = filepath.Dir(file)
	var said strings.Builder
	cmd.Stderr = &said
	in, err := cmd.StdinPipe()
	if err != nil {
		tb.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		tb.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		_ = in.Close() // it ends by itself then
		_ = cmd.Wait() // it may have been ended by the test's context
	})
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if strings.HasPrefix(lines.Text(), "http://127.0.0.1:") {
			return lines.Text()
		}
	}
	_ = cmd.Wait()
	tb.Fatalf("the provider did not start (npm ci --prefix internal/civic/account/oidctest installs it):\n%s", &said)
	return ""
}
