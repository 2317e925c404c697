package desk

import (
	"net/url"
	"strings"

	"plaza/internal/base/db"
	"plaza/internal/base/web"
	"plaza/internal/plaza"
)

// How what an answer names is found.
const (
	maxObject  = 500 // bytes that are looked at
	shownFound = 6
)

// resolve finds what was typed for the object of an answer: a path or address of this
// site, or an id. What is not found stands in the form as it was typed, without a kind,
// and is refused when the answer is published.
func (d *Desk) resolve(tx *db.Tx, in *written) error {
	s := strings.TrimSpace(in.object)
	in.form.Object = plaza.Ref{}
	if s == "" {
		return nil
	}
	for len(s) > maxObject || !validEnd(s) {
		s = s[:min(len(s)-1, maxObject)]
	}
	in.form.Object = plaza.Ref{ID: s}
	if path := d.pathOf(s); path != "" && d.Find != nil {
		ref, err := d.Find(tx, path)
		if err != nil && plaza.KindOf(err) != plaza.NotFound {
			return err
		}
		if err == nil {
			in.form.Object = ref
		}
		return nil
	}
	if d.Cards == nil || strings.ContainsAny(s, " /") {
		return nil
	}
	var refs []plaza.Ref
	for _, kind := range d.Kinds {
		refs = append(refs, plaza.Ref{Kind: kind, ID: s})
	}
	cards, err := d.Cards(tx, refs)
	for _, ref := range refs {
		if cards[ref].Visible {
			in.form.Object = ref
		}
	}
	return err
}

// validEnd reports whether a text does not end within a letter.
func validEnd(s string) bool { return strings.ToValidUTF8(s, "") == s }

// pathOf is the path of this site that a text names, "" for none.
func (d *Desk) pathOf(s string) string {
	if strings.HasPrefix(s, "/") && !strings.HasPrefix(s, "//") {
		u, err := url.Parse(s)
		if err != nil {
			return ""
		}
		return u.Path
	}
	if site := d.shell.URL("/"); strings.HasPrefix(s, site) {
		return d.pathOf(strings.TrimPrefix(s, strings.TrimSuffix(site, "/")))
	}
	return ""
}

// objectWords is what the form shows for the object: its path when it is found.
func (d *Desk) objectWords(tx *db.Tx, in written) (string, error) {
	ref := in.form.Object
	if ref.Kind == "" || d.Cards == nil {
		if ref.ID != "" {
			return ref.ID, nil
		}
		return in.object, nil
	}
	cards, err := d.Cards(tx, []plaza.Ref{ref})
	if card := cards[ref]; card.Path != "" {
		return card.Path, err
	}
	return ref.ID, err
}

// candidates are what may be meant by words typed for an object, when it was not found.
func (d *Desk) candidates(tx *db.Tx, in written, why error) ([]web.Option, error) {
	words := in.form.Object.ID
	if in.form.Object.Kind != "" || words == "" || why == nil || d.Search == nil || d.Cards == nil {
		return nil, nil
	}
	var refs []plaza.Ref
	for _, hit := range d.Search.Suggest(words, shownFound*3, nil) {
		for _, kind := range d.Kinds {
			if hit.Ref.Kind == kind && len(refs) < shownFound {
				refs = append(refs, hit.Ref)
			}
		}
	}
	cards, err := d.Cards(tx, refs)
	var out []web.Option
	for _, ref := range refs {
		if card := cards[ref]; card.Visible {
			out = append(out, web.Option{Value: card.Path, Label: card.Title})
		}
	}
	return out, err
}
