package main

import (
	"encoding/json"
	"fmt"
	"text/tabwriter"

	"plaza/internal/base/db"
	"plaza/internal/civic/institution"
	"plaza/internal/section/catalog/harvest"
	"plaza/internal/site"
)

// institutionCmd is about the institutions.
type institutionCmd struct {
	Add  institutionAdd  `cmd:""`
	List institutionList `cmd:""`
}

// institutionAdd adds an institution.
type institutionAdd struct {
	Name         string `required:""`
	Acronym      string
	Slug         string
	Type         string `default:"federal" enum:"federal,state,municipal,autonomous,other"`
	Parent       string `placeholder:"SLUG"`
	Website      string
	ContactName  string
	ContactEmail string
	Zone         string `default:"America/Mexico_City"`
}

// Run adds the institution and prints its slug alone on the last line.
func (c institutionAdd) Run(a *app) error {
	return a.withSite(func(s *site.Site) error {
		if err := s.DB.Write(a.system(), func(tx *db.Tx) error {
			parent, err := owner(tx, c.Parent)
			if err != nil {
				return err
			}
			added, err := harvest.PutInstitution(tx, institution.Institution{
				Name: c.Name, Acronym: c.Acronym, Slug: c.Slug, Type: c.Type, ParentID: parent, Website: c.Website, Zone: c.Zone,
				Contact: institution.Contact{Name: c.ContactName, Email: c.ContactEmail},
			})
			if err != nil {
				return err
			}
			tx.AfterCommit(func() { fmt.Fprintln(a.out, added.Slug) })
			return nil
		}); err != nil {
			return err
		}
		return s.DB.Write(a.system(), func(tx *db.Tx) error { // what one transaction did not take
			_, err := harvest.MoveRest(tx)
			return err
		})
	})
}

// institutionList lists the institutions.
type institutionList struct {
	JSON bool `name:"json"`
}

// Run prints a table of the institutions, or one JSON object a line.
func (c institutionList) Run(a *app) error {
	return a.withSite(func(s *site.Site) error {
		return s.DB.Read(a.ctx, func(tx *db.Tx) error {
			all, err := institution.All(tx)
			if err != nil {
				return err
			}
			slugs := make(map[string]string, len(all))
			for _, i := range all {
				slugs[i.ID] = i.Slug
			}
			w := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
			lines := json.NewEncoder(a.out)
			lines.SetEscapeHTML(false)
			for _, i := range all {
				if c.JSON {
					err = lines.Encode(map[string]any{
						"id": i.ID, "slug": i.Slug, "name": i.Name, "acronym": i.Acronym, "type": i.Type, "parent": slugs[i.ParentID],
						"website": i.Website, "contact_name": i.Contact.Name, "contact_email": i.Contact.Email, "zone": i.Zone,
					})
				} else {
					_, err = fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", i.Slug, i.Type, i.Acronym, i.Name)
				}
				if err != nil {
					return err
				}
			}
			return w.Flush()
		})
	})
}
