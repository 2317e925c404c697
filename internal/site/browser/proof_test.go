package browser_test

import (
	"testing"

	"plaza/internal/base/db"
	"plaza/internal/civic/gate"
	"plaza/internal/civic/moderation"
	"plaza/internal/plaza"
	"plaza/internal/site/browser"
)

// TestABrowserDoesTheWorkOnAFormWhileSomebodyWrites is over plain http, where the
// browser's own hashes are out of reach.
func TestABrowserDoesTheWorkOnAFormWhileSomebodyWrites(t *testing.T) {
	var id string
	if err := demo.Site.DB.Read(t.Context(), func(tx *db.Tx) error {
		return tx.Row(`SELECT id FROM institutions ORDER BY slug LIMIT 1`).Scan(&id)
	}); err != nil {
		t.Fatal(err)
	}
	v := tab(t, browser.Look{Width: 360})
	visit(t, v, moderation.ReportPath(plaza.Ref{Kind: "institution", ID: id}), 200)
	whole(t, v)
	if got := ask[string](t, v, "document.querySelector('.js-proof').value"); got != "" {
		t.Errorf("work is done before anybody touches the form: %q", got)
	}
	if err := v.Type("main textarea", "Un aviso"); err != nil {
		t.Fatal(err)
	}
	if err := v.WaitFor(".Form:has(.js-proof:not([value='']))"); err != nil {
		t.Fatal(err)
	}
	seal, proof := ask[string](t, v, "document.querySelector('[name=sello]').value"), ask[string](t, v, "document.querySelector('.js-proof').value")
	if !gate.Proven(seal, proof) {
		t.Errorf("the work %q on %q is not what the server asks for", proof, seal)
	}
	for _, problem := range v.Problems() {
		t.Error(problem)
	}
}
