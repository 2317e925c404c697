package readapi

import (
	"cmp"
	"context"
	"slices"
	"time"

	"plaza/internal/base/api"
	"plaza/internal/base/db"
	"plaza/internal/civic/institution"
	"plaza/internal/plaza"
	"plaza/internal/section/catalog"
)

// Institution is a public body as programs read it.
type Institution struct {
	ID          string          `json:"id" doc:"readapi.institution.id"`
	Slug        string          `json:"slug" doc:"readapi.institution.slug"`
	Name        string          `json:"name" doc:"readapi.institution.name"`
	URL         string          `json:"url" format:"uri" doc:"readapi.institution.url"`
	Acronym     string          `json:"acronym" doc:"readapi.institution.acronym"`
	Type        string          `json:"type" enum:"federal,state,municipal,autonomous,other" doc:"readapi.institution.type"`
	Parent      *InstitutionRef `json:"parent,omitempty" doc:"readapi.institution.parent"`
	Description string          `json:"description" doc:"readapi.institution.description"`
	Website     string          `json:"website" doc:"readapi.institution.website"`
	Contact     Contact         `json:"contact_point" doc:"readapi.institution.contact_point"`
	Zone        string          `json:"zone" doc:"readapi.institution.zone"`
	Logo        string          `json:"logo" doc:"readapi.institution.logo"`
	Datasets    int             `json:"datasets" doc:"readapi.institution.datasets"`
	State       string          `json:"state" enum:"active,extinct" doc:"readapi.institution.state"`
	ValidTo     string          `json:"valid_to,omitempty" doc:"readapi.institution.valid_to"`
	Former      []FormerName    `json:"former_names" doc:"readapi.institution.former_names"`
	Successors  []Successor     `json:"successors" doc:"readapi.institution.successors"`
	Created     time.Time       `json:"created" doc:"readapi.institution.created"`
	LastChanged time.Time       `json:"last_changed" doc:"readapi.institution.last_changed"`
}

// FormerName is how an institution was called before.
type FormerName struct {
	Name  string `json:"name" doc:"readapi.institution.name"`
	Until string `json:"until" doc:"readapi.former_name.until"`
}

// Successor is what follows an institution that is no more.
type Successor struct {
	InstitutionRef
	Kind string `json:"kind" enum:"merged,split,abolished" doc:"readapi.successor.kind"`
	Date string `json:"date" doc:"readapi.successor.date"`
}

// histories adds what institutions were called and what follows them.
func (s *Section) histories(tx *db.Tx, list []Institution) error {
	ids := make([]string, len(list))
	for n, i := range list {
		ids[n] = i.ID
	}
	all, err := institution.Histories(tx, ids...)
	for n := range list {
		h := all[list[n].ID]
		for _, past := range h.Names {
			list[n].Former = append(list[n].Former, FormerName{past.Name, past.Until})
		}
		for _, after := range h.After {
			if b, ok := h.Bodies[after.To]; ok {
				list[n].Successors = append(list[n].Successors, Successor{*s.institutionRef(b), after.Kind, after.Date})
			}
		}
	}
	return err
}

// institutionPlace is where a page of institutions ends.
type institutionPlace struct {
	Name, ID string
}

func placeOf(i institution.Institution) institutionPlace {
	return institutionPlace{institution.NameKey(i.Name), i.ID}
}

func (p institutionPlace) compare(q institutionPlace) int {
	return cmp.Or(cmp.Compare(p.Name, q.Name), cmp.Compare(p.ID, q.ID))
}

type institutionsInput struct{ api.Paging }

func (s *Section) institutions(ctx context.Context, in *institutionsInput) (api.List[Institution], error) {
	out := api.List[Institution]{Items: []Institution{}}
	var after institutionPlace
	if in.Cursor != "" {
		if err := api.ReadCursor(in.Cursor, &after); err != nil {
			return out, err
		}
	}
	err := s.read(ctx, func(tx *db.Tx) error {
		all, err := institution.All(tx)
		if err != nil {
			return err
		}
		counts, err := catalog.CountByInstitution(tx)
		if err != nil {
			return err
		}
		out.Total = len(all)
		names := make(map[string]institution.Institution, len(all))
		for _, i := range all {
			names[i.ID] = i
		}
		slices.SortFunc(all, func(a, b institution.Institution) int { return placeOf(a).compare(placeOf(b)) })
		at := slices.IndexFunc(all, func(i institution.Institution) bool { return placeOf(i).compare(after) > 0 })
		if at < 0 {
			return nil
		}
		page := all[at:min(at+in.Limit, len(all))]
		for _, i := range page {
			out.Items = append(out.Items, s.institutionOf(i, names, counts))
		}
		if err := s.histories(tx, out.Items); err != nil {
			return err
		}
		if at+in.Limit < len(all) {
			cursor, err := api.NewCursor(placeOf(page[len(page)-1]))
			out.More(cursor)
			return err
		}
		return nil
	})
	return out, err
}

func (s *Section) institutionOf(i institution.Institution, names map[string]institution.Institution, counts map[string]int) Institution {
	out := Institution{
		ID: i.ID, Slug: i.Slug, Name: i.Name, URL: s.url(i.Path()), Acronym: i.Acronym, Type: i.Type,
		Description: i.Description, Website: i.Website, Zone: i.Zone, Datasets: counts[i.ID],
		Contact: Contact{Name: i.Contact.Name, Email: i.Contact.Email, Phone: i.Contact.Phone},
		State:   string(i.State), ValidTo: i.ValidTo, Former: []FormerName{}, Successors: []Successor{},
		Created: i.CreatedAt, LastChanged: i.UpdatedAt,
	}
	if i.Logo != "" {
		out.Logo = s.url(i.Logo)
	}
	if p, ok := names[i.ParentID]; ok {
		out.Parent = s.institutionRef(p)
	}
	return out
}

type institutionInput struct {
	Institution string `path:"institution" maxLength:"200" doc:"readapi.param.institution_name"`
}

func (s *Section) institution(ctx context.Context, in *institutionInput) (Institution, error) {
	var out Institution
	err := s.read(ctx, func(tx *db.Tx) error {
		i, err := institution.ByID(tx, in.Institution)
		if err != nil && plaza.KindOf(err) == plaza.NotFound {
			i, err = institution.BySlug(tx, in.Institution)
		}
		if err != nil {
			return missing(err, "readapi.error.no_institution")
		}
		if in.Institution != i.ID && in.Institution != i.Slug {
			return &api.Moved{Path: api.Prefix + "/institutions/" + i.Slug}
		}
		parents, err := institution.ByIDs(tx, []string{i.ParentID})
		if err != nil {
			return err
		}
		counts, err := catalog.CountByInstitution(tx)
		if err != nil {
			return err
		}
		one := []Institution{s.institutionOf(i, parents, counts)}
		err = s.histories(tx, one)
		out = one[0]
		return err
	})
	return out, err
}
