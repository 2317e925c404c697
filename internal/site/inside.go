package site

import (
	"regexp"
	"slices"

	"plaza/internal/base/db"
	"plaza/internal/base/tabular"
	"plaza/internal/base/text"
	"plaza/internal/section/catalog"
	"plaza/internal/section/explore"
)

// inside has the catalogue find a resource by what is inside its file, as far as anybody
// may see it. What the catalogue itself withholds it does not show meanwhile.
func (s *Site) inside(tx *db.Tx, r explore.Resource, v explore.Version, hidden explore.Hiding) error {
	for _, d := range hidden.Decisions {
		if d.Name == "" && d.Hidden {
			return catalog.RemoveInside(tx, r.ID)
		}
	}
	p, err := s.Explore.Profile(tx.Context(), v)
	if err != nil {
		return err
	}
	meanings, err := s.Explore.Meanings(tx, r)
	if err != nil {
		return err
	}
	return catalog.PutInside(tx, r.ID, catalog.InsideOf(explore.Explain(p, meanings), func(c tabular.Column) bool {
		return hidden.Withheld(c) || hidden.Suspected(c)
	}))
}

// Siblings are the ids of a dataset's resources.
func (explored) Siblings(tx *db.Tx, dataset string) ([]string, error) {
	d, err := catalog.ByID(tx, dataset)
	var out []string
	for _, r := range d.Current() {
		out = append(out, r.ID)
	}
	return out, err
}

// dictionaries is how files are called that say what columns mean.
var dictionaries = regexp.MustCompile(`diccionario|dictionary|catalogo de variables|catalogo_de_variables|descriptores|descriptor de variables|data.?dict`)

// describes reports whether a resource is the data dictionary of its dataset: it is called
// so, or the dataset or another resource names its address as theirs.
func describes(d catalog.Dataset, r catalog.Resource) bool {
	if dictionaries.MatchString(text.Fold(r.Title + " " + r.Format + " " + r.DownloadURL + " " + r.AccessURL)) {
		return true
	}
	named := []string{d.DictionaryURL, d.LandingPage}
	for _, other := range d.Current() {
		if other.ID != r.ID {
			named = append(named, other.DictionaryURL)
		}
	}
	return slices.ContainsFunc(named, func(address string) bool {
		return address != "" && (address == r.DownloadURL || address == r.AccessURL)
	})
}
