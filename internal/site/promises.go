package site

import (
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/web"
	"plaza/internal/civic/commitment"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
	"plaza/internal/section/cases"
	"plaza/internal/section/catalog"
)

// commitments is what institutions promise, with the catalogue for evidence.
func (s *Site) commitments() *commitment.Commitments {
	return commitment.New(commitment.Deps{
		DB: s.DB, Log: s.Log, Cards: objects, Evidence: catalog.Evidence, Find: catalog.AtAddress,
		Added: func(tx *db.Tx, institution, words string, since time.Time) ([]plaza.Card, error) {
			return catalog.AddedSince(tx, s.Search, institution, words, since)
		},
		Kept: func(tx *db.Tx, c commitment.Commitment) ([]record.Act, error) {
			if c.Origin.Kind != cases.RefKind {
				return nil, nil
			}
			return s.Cases.Kept(tx, c.Origin.ID, c.ID)
		},
		Concerned: func(tx *db.Tx, origin plaza.Ref) ([]record.Concerned, error) {
			if origin.Kind != cases.RefKind {
				return nil, nil
			}
			return cases.Concerned(tx, origin.ID)
		},
		Around: func(tx *db.Tx, page web.Page, object plaza.Card) (web.Around, error) {
			return s.Follow.Around(tx, page, object)
		},
	})
}

// promise makes a commitment of an official answer that gives a date.
func (s *Site) promise(tx *db.Tx, c cases.Case, a cases.Answer) (string, []record.Act, error) {
	p := commitment.Promise{Institution: c.Institution, Unit: a.Unit, Origin: c.Ref(), Object: a.Object, Kind: promised(c),
		Text: a.Promise, Due: a.PlannedOn, Language: c.Language, Voice: a.Voice}
	if p.Object.ID == "" && (c.On.Ref.Kind == catalog.KindDataset || c.On.Ref.Kind == catalog.KindResource) {
		p.Object = c.On.Ref
	}
	made, acts, err := s.Commitments.Make(tx, p)
	return made.ID, acts, err
}

// promised is what an answer to a case promises, by what was asked.
func promised(c cases.Case) commitment.Kind {
	switch on := c.On.Dataset != ""; {
	case c.Kind == cases.Request && !on:
		return commitment.Publish
	case c.Kind == cases.Request && c.Details.Format != "":
		return commitment.Format
	case c.Kind == cases.Request && c.Details.Frequency != "":
		return commitment.Update
	case c.Kind == cases.Request, c.Kind == cases.Quality && on:
		return commitment.Improve
	case c.Kind == cases.Question && on:
		return commitment.Document
	}
	return commitment.Other
}

// Rehomes are what follows a dataset that another institution has now.
func (s *Site) Rehomes() []catalog.Rehome {
	return []catalog.Rehome{s.Cases.Rehome, s.Commitments.Rehome}
}

// said is what was officially answered about the columns of a resource.
func said(tx *db.Tx, resource string) (map[string][]catalog.ColumnNote, error) {
	known, err := cases.Meanings(tx, resource)
	out := make(map[string][]catalog.ColumnNote, len(known))
	for column, list := range known {
		for _, n := range list {
			out[column] = append(out[column], catalog.ColumnNote{Text: n.Says, Path: n.Path(), Language: n.Language, By: n.Voice.Name, At: n.At})
		}
	}
	return out, err
}

// concerns are the cases whose askers hear by mail of what became of a promise.
func (s *Site) concerns(tx *db.Tx, e record.Entry) ([]string, error) {
	if e.Verb != "commitment.kept" {
		return nil, nil
	}
	c, err := commitment.ByID(tx, e.Object.ID)
	if err != nil || c.Origin.Kind != cases.RefKind {
		return nil, err
	}
	return []string{c.Origin.ID}, nil
}
