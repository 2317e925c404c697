package web

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"

	"plaza/internal/base/i18n"
	"plaza/internal/plaza"
)

// Seen draws "seen", inside a form: what whoever fills it in was looking at, so that of
// two who change the same at once the second is told (StillSeen).
type Seen struct {
	L     *i18n.Printer
	Mark  string
	Clash bool // somebody else was first: the form says so
}

// NewSeen is the mark of a form about what stands now; a page drawn with status 409 says
// that somebody else was first.
func NewSeen(l *i18n.Printer, status int, what ...any) Seen {
	return Seen{L: l, Mark: mark(what), Clash: status == http.StatusConflict}
}

// Notice is what the form says when somebody else was first.
func (s Seen) Notice() Notice {
	return Notice{Tone: Warning, Title: s.L.T("web.meanwhile"), Text: s.L.T("web.meanwhile.text"), Live: true}
}

// StillSeen is whether a form was filled in looking at what stands now: false says that
// somebody else changed it meanwhile. A form that does not say what it looked at is taken
// as it is; every page says it.
func StillSeen(f *Form, what ...any) bool {
	seen := f.Value("seen")
	return seen == "" || seen == mark(what)
}

// ErrMeanwhile is a Conflict: somebody else changed what a form is about.
var ErrMeanwhile error = &plaza.Error{Kind: plaza.Conflict, Key: "web.meanwhile.text"}

// mark is the same for the same values. They hold no channels or functions, so they can
// be written as JSON.
func mark(what []any) string {
	b, err := json.Marshal(what)
	if err != nil {
		return "?"
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:12])
}
