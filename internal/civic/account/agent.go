package account

import "strings"

// browsers are told by what they say of themselves, the first that fits: all of them
// say that they are others too.
var browsers = []struct{ mark, family string }{
	{"Edg", "edge"}, {"OPR/", "opera"}, {"SamsungBrowser/", "samsung"}, {"Firefox/", "firefox"}, {"FxiOS/", "firefox"},
	{"Chrome/", "chrome"}, {"CriOS/", "chrome"}, {"Safari/", "safari"},
}

// Families are the browsers' names, by what is stored of them.
var families = map[string]string{
	"edge": "Edge", "opera": "Opera", "samsung": "Samsung Internet", "firefox": "Firefox", "chrome": "Chrome", "safari": "Safari",
}

// agentOf is all that is kept of what a browser says of itself: its family and the
// rough kind of device, e.g. "firefox computer".
func agentOf(said string) string {
	family, kind := "other", "other"
	for _, b := range browsers {
		if strings.Contains(said, b.mark) {
			family = b.family
			break
		}
	}
	switch {
	case strings.Contains(said, "iPad"), strings.Contains(said, "Android") && !strings.Contains(said, "Mobile"):
		kind = "tablet"
	case strings.Contains(said, "Mobile"), strings.Contains(said, "iPhone"):
		kind = "phone"
	case strings.Contains(said, "Windows"), strings.Contains(said, "Macintosh"), strings.Contains(said, "X11"), strings.Contains(said, "CrOS"):
		kind = "computer"
	}
	return family + " " + kind
}
