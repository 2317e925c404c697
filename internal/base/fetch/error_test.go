package fetch_test

import (
	"testing"

	"plaza/internal/base/fetch"
	"plaza/internal/base/i18n"
)

func TestEveryCodeHasItsSentence(t *testing.T) {
	if problems := i18n.CheckCatalogues(fetch.Locale); len(problems) > 0 {
		t.Error(problems)
	}
	b, err := i18n.New(fetch.Locale)
	if err != nil {
		t.Fatal(err)
	}
	for _, code := range []fetch.Code{
		fetch.BadURL, fetch.RefusedAddress, fetch.DNS, fetch.Connect, fetch.TLS, fetch.Protocol, fetch.Redirects,
		fetch.Status, fetch.Busy, fetch.TooSlow, fetch.TooLarge, fetch.Decompression, fetch.Truncated,
	} {
		if key := (&fetch.Error{Code: code}).Key(); !b.Has(key) {
			t.Errorf("no sentence for %s", key)
		}
	}
}
