package main

import (
	"encoding/json"
	"fmt"
	"text/tabwriter"

	"plaza/internal/base/db"
	"plaza/internal/civic/institution"
	"plaza/internal/section/catalog"
	"plaza/internal/section/catalog/harvest"
	"plaza/internal/site"
)

// institutionCmd is about the public bodies that publish.
type institutionCmd struct {
	Add  institutionAdd  `cmd:""`
	List institutionList `cmd:""`
}

// institutionAdd adds an institution.
type institutionAdd struct {
	Name         string `required:""`
	Acronym      string
	Slug         string
	Type         string `default:"federal" enum:"federal,state,municipal,autonomous,other" placeholder:"federal|state|municipal|autonomous|other"`
	Parent       string `placeholder:"SLUG"`
	Website      string `placeholder:"URL"`
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
			i := institution.Institution{
				Name: c.Name, Acronym: c.Acronym, Slug: c.Slug, Type: c.Type, ParentID: parent, Website: c.Website,
				Contact: institution.Contact{Name: c.ContactName, Email: c.ContactEmail}, Zone: c.Zone,
			}
			if err := institution.Free(tx, i); err != nil {
				return err
			}
			i, err = institution.Put(tx, i)
			tx.AfterCommit(func() { fmt.Fprintln(a.out, i.Slug) })
			return err
		}); err != nil {
			return err
		}
		return s.DB.Write(a.system(), func(tx *db.Tx) error { // datasets of a publisher that is called so
			_, err := harvest.MoveRest(tx)
			return err
		})
	})
}

// institutionList lists the institutions.
type institutionList struct {
	JSON bool `name:"json"`
}

// Run prints one line for each institution.
func (c institutionList) Run(a *app) error {
	return a.withSite(func(s *site.Site) error {
		return s.DB.Read(a.system(), func(tx *db.Tx) error {
			all, err := institution.All(tx)
			if err != nil {
				return err
			}
			counts, err := catalog.CountByInstitution(tx)
			if err != nil {
				return err
			}
			w, lines := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0), json.NewEncoder(a.out)
			for _, i := range all {
				if c.JSON {
					err = lines.Encode(map[string]any{"id": i.ID, "slug": i.Slug, "name": i.Name, "acronym": i.Acronym,
						"type": i.Type, "parent_id": i.ParentID, "datasets": counts[i.ID]})
				} else {
					_, err = fmt.Fprintf(w, "%s\t%d\t%s\n", i.Slug, counts[i.ID], i.Name)
				}
				if err != nil {
					return err
				}
			}
			return w.Flush()
		})
	})
}
