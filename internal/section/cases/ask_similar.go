package cases

import (
	"net/http"
	"slices"

	"plaza/internal/base/db"
	"plaza/internal/base/i18n"
	"plaza/internal/base/text"
	"plaza/internal/base/web"
	"plaza/internal/civic/search"
	"plaza/internal/plaza"
)

const similarPath = "/consultas/parecidas"

// How much is offered of what is like a title.
const (
	similarCases    = 5
	similarDatasets = 3
	similarLeast    = 3 // letters of a title
)

// similarView draws what is like what somebody is about to ask.
type similarView struct {
	L        *i18n.Printer
	Asked    bool // to be drawn
	Cases    []similarLine
	Datasets []similarLine
}

type similarLine struct {
	Title, Path string
	Lang        string
	Badge       *web.Badge
	Note        string
}

// similar finds public cases, by their words and those of their answers, and datasets.
// Cases on the same dataset come first.
func (cs *Cases) similar(tx *db.Tx, l *i18n.Printer, title, dataset string) (v similarView, err error) {
	v.L = l
	title = text.Line(title)
	if letters := []rune(title); len(letters) > MaxTitle {
		title = string(letters[:MaxTitle])
	}
	if cs.Search == nil || len([]rune(title)) < similarLeast {
		return v, nil
	}
	if v.Cases, err = cs.similarCases(tx, l, title, dataset); err != nil {
		return v, err
	}
	sets, err := cs.look(title, "dataset", similarDatasets)
	if err != nil || cs.Cards == nil {
		return v, err
	}
	cards, err := cs.Cards(tx, sets)
	for _, r := range sets {
		if k := cards[r]; k.Visible {
			v.Datasets = append(v.Datasets, similarLine{Title: k.Title, Path: k.Path, Lang: k.Language, Note: k.Owner})
		}
	}
	return v, err
}

func (cs *Cases) similarCases(tx *db.Tx, l *i18n.Printer, title, dataset string) (out []similarLine, err error) {
	refs, err := cs.look(title, RefKind, similarCases)
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(refs))
	for i, r := range refs {
		ids[i] = r.ID
	}
	found, err := ByIDs(tx, ids...)
	slices.SortStableFunc(found, func(a, b Case) int { return slices.Index(ids, a.ID) - slices.Index(ids, b.ID) })
	slices.SortStableFunc(found, func(a, b Case) int { return other(a, dataset) - other(b, dataset) })
	for _, c := range found {
		if !c.Public() {
			continue
		}
		b := web.Badge{Text: l.T("cases.state." + string(c.State))}
		if c.Answer != "" {
			b = web.Badge{Tone: web.Good, Icon: "circle-check", Text: l.T("cases.ask.similar.answered")}
		}
		out = append(out, similarLine{Title: c.Title, Path: c.Path(), Lang: c.Language, Badge: &b, Note: c.Folio})
	}
	return out, err
}

func other(c Case, dataset string) int {
	if dataset != "" && c.On.Dataset == dataset {
		return 0
	}
	return 1
}

// look finds things of a kind by all words of a title, else by any of them.
func (cs *Cases) look(title, kind string, most int) (refs []plaza.Ref, err error) {
	q := search.Query{Text: title, AsYouType: true, Filters: map[string][]string{search.KindFacet: {kind}}, Limit: most}
	for _, q.Any = range []bool{false, true} {
		found, err := cs.Search.Search(q)
		if err != nil {
			return nil, err
		}
		for _, h := range found.Hits {
			refs = append(refs, h.Ref)
		}
		if len(refs) > 0 {
			break
		}
	}
	return refs, nil
}

// similarNow answers the island that asks while a title is being typed: a piece of page.
func (cs *Cases) similarNow(w http.ResponseWriter, r *http.Request) error {
	var v similarView
	if err := cs.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
		f := Form{On: On{Ref: askRef(web.QueryText(r, "objeto", 1000))}}
		if _, err := cs.About(tx, &f); err != nil && plaza.KindOf(err) != plaza.NotFound {
			return err
		}
		v, err = cs.similar(tx, cs.shell.Printer(r), web.QueryText(r, "titulo", 4*MaxTitle), f.On.Dataset)
		return err
	}); err != nil {
		return err
	}
	html, err := cs.shell.Fragment("ask/similar", v)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("X-Robots-Tag", "noindex")
	_, err = w.Write([]byte(html))
	return err
}
