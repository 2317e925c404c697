package browser_test

import (
	"net/http"
	"testing"

	"plaza/internal/site/browser"
)

// TestAToolIsReadOnAPhone looks at what a tool shows before anybody scrolls, and whether the
// letters of a map can be read there.
func TestAToolIsReadOnAPhone(t *testing.T) {
	const screen, least = 740, 11
	v := tab(t, browser.Look{Width: 360})
	for _, title := range []string{"¿Cuántos días buenos tuvo el aire?", "El presupuesto federal, ramo por ramo", "¿Cuánta gente vive en cada municipio?"} {
		visit(t, v, toolTitled(t, title), http.StatusOK)
		if top := ask[float64](t, v, "document.querySelector('.View-picture').getBoundingClientRect().top"); top > screen*2/3 {
			t.Errorf("the picture of %q begins at %.0f of %d pixels", title, top, screen)
		}
	}
	shown := ask[float64](t, v, `(() => { const text = document.querySelector('.Scene-scale text'), map = text.ownerSVGElement
		return parseFloat(getComputedStyle(text).fontSize) * map.getBoundingClientRect().width / map.viewBox.baseVal.width })()`)
	if shown < least {
		t.Errorf("the letters of the map's scale have %.1f pixels", shown)
	}
}
