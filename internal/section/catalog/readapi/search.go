package readapi

import (
	"context"
	"time"

	"plaza/internal/base/api"
	"plaza/internal/base/db"
	"plaza/internal/base/text"
	"plaza/internal/civic/search"
	"plaza/internal/plaza"
	"plaza/internal/section/catalog"
)

// maxExcerpt is how much of a text an answer of the search shows, in letters.
const maxExcerpt = 300

type searchInput struct {
	api.Paging
	Q    string   `query:"q" maxLength:"300" doc:"readapi.param.q"`
	Kind []string `query:"kind,explode" maxItems:"20" enum:"dataset,resource,institution,comment" doc:"readapi.param.kind"`
}

// Found is something that a search found, of any kind.
type Found struct {
	Kind      string     `json:"kind" doc:"readapi.found.kind"`
	ID        string     `json:"id" doc:"readapi.found.id"`
	Title     string     `json:"title" doc:"readapi.found.title"`
	Excerpt   string     `json:"excerpt" doc:"readapi.found.excerpt"`
	Owner     string     `json:"owner" doc:"readapi.found.owner"`
	URL       string     `json:"url" format:"uri" doc:"readapi.found.url"`
	Available bool       `json:"available" doc:"readapi.found.available"`
	Modified  *time.Time `json:"modified" doc:"readapi.found.modified"`
}

// FoundList is a page of what was found, with how much there is of each kind.
type FoundList struct {
	api.List[Found]
	Kinds      []FacetValue `json:"kinds" nullable:"false" doc:"readapi.kinds"`
	DidYouMean *Correction  `json:"did_you_mean,omitempty" doc:"readapi.did_you_mean"`
}

func (s *Section) search(ctx context.Context, in *searchInput) (FoundList, error) {
	out := FoundList{List: api.List[Found]{Items: []Found{}}, Kinds: []FacetValue{}}
	q := search.Query{Text: in.Q, Correct: true, Limit: in.Limit, Cursor: in.Cursor,
		Filters: map[string][]string{search.KindFacet: in.Kind}, Facets: []string{search.KindFacet}}
	if len(in.Kind) == 0 { // what files hold is found when it is asked for: it would drown what is said of them
		q.Where = search.Not(search.In(search.KindFacet, catalog.KindResource))
	}
	found, err := s.Search.Search(q)
	if err != nil {
		return out, badCursor(in.Cursor, err)
	}
	out.Total = found.Total
	out.More(found.Next)
	out.DidYouMean = correctionOf(found)
	for _, c := range found.Facets[search.KindFacet] {
		out.Kinds = append(out.Kinds, FacetValue{c.Value, api.Printer(ctx).T("readapi.kind." + c.Value), c.Docs})
	}
	err = s.read(ctx, func(tx *db.Tx) (err error) {
		out.Items, err = s.described(tx, found)
		return err
	})
	return out, err
}

// described are the hits with what can be said of each.
func (s *Section) described(tx *db.Tx, found search.Result) ([]Found, error) {
	refs := make([]plaza.Ref, len(found.Hits))
	var ids []string
	for i, h := range found.Hits {
		refs[i] = h.Ref
		if h.Ref.Kind == catalog.KindDataset {
			ids = append(ids, h.Ref.ID)
		}
	}
	cards, err := s.Cards(tx, refs)
	if err != nil {
		return nil, err
	}
	datasets, err := catalog.ByIDs(tx, ids)
	if err != nil {
		return nil, err
	}
	with, err := s.around(tx)
	if err != nil {
		return nil, err
	}
	for _, d := range datasets {
		c := cards[d.Ref()]
		c.Excerpt, c.Owner = d.Description, with.institutions[d.InstitutionID].Name
		cards[d.Ref()] = c
	}
	out := []Found{}
	for _, ref := range refs {
		c, ok := cards[ref]
		if !ok || !c.Visible {
			continue
		}
		out = append(out, Found{Kind: ref.Kind, ID: ref.ID, Title: c.Title, Excerpt: text.Excerpt(text.PlainText(c.Excerpt), maxExcerpt),
			Owner: c.Owner, URL: s.url(c.Path), Available: !c.Unavailable, Modified: instant(c.Modified)})
	}
	return out, nil
}
