package web

import (
	"net/http"
	"net/url"
	"regexp"

	"golang.org/x/net/idna"
)

// plainHost is a host, with its port, that the content policy can name.
var plainHost = regexp.MustCompile(`^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?(:[0-9]{1,5})?$`)

// FrameOrigin is the origin of an https address as the content policy names it, and "" where
// that cannot be: then the address is not shown within a page of ours.
func FrameOrigin(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" || u.User != nil {
		return ""
	}
	host, err := idna.Lookup.ToASCII(u.Hostname())
	if err != nil {
		return ""
	}
	if port := u.Port(); port != "" {
		host += ":" + port
	}
	if !plainHost.MatchString(host) {
		return ""
	}
	return "https://" + host
}

// AllowFrame lets the page that w answers with show addresses of one origin (FrameOrigin)
// within it, and nothing else of other sites. No other page may.
func AllowFrame(w http.ResponseWriter, origin string) {
	w.Header().Set("Content-Security-Policy", contentPolicy+"; frame-src "+origin)
}
