package sentence_test

import (
	"testing"

	"plaza/internal/base/i18n"
	"plaza/internal/section/tool/reckon"
	"plaza/internal/section/tool/sentence"
)

func TestWordsAreWholeInBothLanguages(t *testing.T) {
	if problems := i18n.CheckCatalogues(reckon.Locale, sentence.Locale); len(problems) > 0 {
		t.Error(problems)
	}
}
