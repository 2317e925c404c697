package basemap

import "plaza/internal/base/i18n"

// controls are what MapLibre calls its own words, with their messages.
var controls = map[string]string{
	"Map.Title":                                  "basemap.map",
	"NavigationControl.ZoomIn":                   "basemap.nearer",
	"NavigationControl.ZoomOut":                  "basemap.farther",
	"NavigationControl.ResetBearing":             "basemap.north",
	"AttributionControl.ToggleAttribution":       "basemap.sources",
	"Popup.Close":                                "basemap.close",
	"CooperativeGesturesHandler.WindowsHelpText": "basemap.gesture.keys",
	"CooperativeGesturesHandler.MacHelpText":     "basemap.gesture.mac",
	"CooperativeGesturesHandler.MobileHelpText":  "basemap.gesture.fingers",
	"ScaleControl.Meters":                        "basemap.metres",
	"ScaleControl.Kilometers":                    "basemap.kilometres",
}

// said are the words of the script that draws maps (ui/ts/map.ts), by its names for them.
var said = map[string]string{
	"search":  "basemap.search",
	"go":      "basemap.go",
	"none":    "basemap.search.none",
	"keys":    "basemap.keys",
	"nothing": "basemap.here.nothing",
	"novalue": "basemap.here.no_value",
	"rows":    "basemap.here.rows",
	"row":     "basemap.here.row",
	"nogl":    "basemap.no_gl",
	"failed":  "basemap.failed",
	"missing": "basemap.missing",
}

// words are those that travel with a style.
func words(l *i18n.Printer) object {
	of := func(keys map[string]string) object {
		out := object{}
		for name, key := range keys {
			out[name] = l.T(key)
		}
		return out
	}
	return object{"controls": of(controls), "said": of(said)}
}
