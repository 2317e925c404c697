package cases

import (
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"plaza/internal/base/db"
	"plaza/internal/base/i18n"
	"plaza/internal/base/web"
	"plaza/internal/plaza"
)

// Spot is a place in a resource's file, as it may be looked at now.
type Spot struct {
	Path string // of that version, view, column or row; "" where it can be seen no more
	// Mended is the number of the current version when it no longer shows the problem that a
	// later one than this was found to have; 0 for everything else.
	Mended int
}

// code is how a problem of a table is named.
var code = regexp.MustCompile(`^[a-z][0-9]{2}$`)

// personal is the code of suspected personal data, of which no public case is made.
const personal = "p01"

// tidy leaves out of a place what cannot be one: it comes with an address that anybody may
// have written, and whoever reads the case follows it.
func (on *On) tidy() {
	if on.Version < 0 || on.Version > maxOnFile || on.Ref.ID == "" {
		on.Version = 0
	}
	if v, err := url.ParseQuery(on.View); err != nil || len(on.View) > maxOnView || on.Version == 0 || strings.Contains(on.View, "\x00") {
		on.View = ""
	} else {
		on.View = v.Encode()
	}
	if on.Code == personal || !code.MatchString(on.Code) {
		on.Code = ""
	}
}

// versionOf reads the number of a version, 0 for what is none.
func versionOf(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return 0
	}
	return n
}

// versionText is the number of a version, "" for none.
func versionText(n int) string {
	if n <= 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// spotWords say where in a file a case points to, "" for nowhere in particular.
func spotWords(l *i18n.Printer, on On) string {
	var parts []string
	if on.Version > 0 {
		parts = append(parts, l.T("cases.spot.version", "number", on.Version))
	}
	if on.Column != "" {
		parts = append(parts, l.T("cases.spot.column", "column", on.Column))
	}
	if on.Row != "" && (on.Version > 0 || on.Column != "") {
		parts = append(parts, l.T("cases.spot.row", "row", on.Row))
	}
	if on.View != "" && on.Row == "" && on.Column == "" {
		parts = append(parts, l.T("cases.spot.view"))
	}
	return strings.Join(parts, ", ")
}

// spot is where a case points to now.
func (cs *Cases) spot(tx *db.Tx, on On) (Spot, error) {
	if cs.Spot == nil || on.Ref.ID == "" || on.Version == 0 && on.Column == "" {
		return Spot{}, nil
	}
	return cs.Spot(tx, on)
}

// spotLink leads to where a form points to.
func (cs *Cases) spotLink(tx *db.Tx, l *i18n.Printer, on On) (web.NavLink, error) {
	words := spotWords(l, on)
	if words == "" {
		return web.NavLink{}, nil
	}
	s, err := cs.spot(tx, on)
	return web.NavLink{Label: words, Path: s.Path}, err
}

// PlaceList is where public cases about a thing, or about a column of it, are listed.
func PlaceList(object plaza.Ref) string { return listAbout(object).path("") }

// At is a public case about a place in a resource's file.
type At struct {
	Title, Path, Language string
	Column, Row           string
	Kind                  Kind
	Owed                  bool // an official answer is
}

// maxAt bounds how many cases are read of one resource.
const maxAt = 200

// AtPlaces are the public cases about columns and rows of a resource, the newest first; at
// most 200. It runs one statement.
func AtPlaces(tx *db.Tx, resource plaza.Ref) ([]At, error) {
	return db.All(tx, func(scan func(...any) error) (a At, err error) {
		var folio string
		var state State
		err = scan(&folio, &a.Title, &a.Language, &a.Column, &a.Row, &a.Kind, &state)
		a.Path, a.Owed = CasePath+folio, Case{State: state}.Owed()
		return a, err
	}, `SELECT folio, title, language, on_column, on_row, kind, state
		FROM cases
		WHERE on_kind = $1 AND on_id = $2 AND on_id <> '' AND standing = 'public' AND (on_column <> '' OR on_row <> '')
		ORDER BY asked_at DESC, id DESC
		LIMIT $3`, resource.Kind, resource.ID, maxAt)
}
