package screen

import (
	"slices"
	"strconv"

	"plaza/internal/base/db"
	"plaza/internal/base/text"
	"plaza/internal/base/web"
	"plaza/internal/civic/access"
	"plaza/internal/civic/institution"
	"plaza/internal/section/explore"
)

// Told is a public case about a place in a resource's file.
type Told struct {
	Title, Path string
	Column, Row string
}

// saidOf are the public cases about places in the resource: one statement, once.
func (l *looking) saidOf(p *Pages) ([]Told, error) {
	if l.asked || p.Told == nil {
		return l.told, nil
	}
	l.asked = true
	return l.told, p.DB.Read(l.ctx, func(tx *db.Tx) (err error) {
		l.told, err = p.Told(tx, l.open.Resource.ID)
		return err
	})
}

// tellColumn adds the cases about a column, by whichever of its names; of one that may hold
// personal data nothing is told.
func (l *looking) tellColumn(p *Pages, v *columnView) error {
	if v.Suspected {
		return nil
	}
	all, err := l.saidOf(p)
	for _, one := range all {
		if one.Column != "" && slices.Contains([]string{text.Fold(v.Name), text.Fold(v.Label)}, text.Fold(one.Column)) {
			v.Told = append(v.Told, web.NavLink{Label: one.Title, Path: one.Path})
		}
	}
	v.ToldTitle = l.L.T("explore.told.column", "count", len(v.Told))
	return err
}

// tellRow are the cases about a row.
func (l *looking) tellRow(p *Pages, n int64) (out []web.NavLink, err error) {
	all, err := l.saidOf(p)
	for _, one := range all {
		hidden := slices.ContainsFunc(l.table.Hidden, func(name string) bool { return text.Fold(name) == text.Fold(one.Column) })
		if one.Row == strconv.FormatInt(n, 10) && !hidden {
			out = append(out, web.NavLink{Label: one.Title, Path: one.Path})
		}
	}
	return out, err
}

// correct is where those who may say what the columns are, "" for everybody else.
func (l *looking) correct(p *Pages) (path string, err error) {
	res := l.open.Resource
	if p.Correct == nil || !access.Can(l.Actor, access.ExploreCorrect, access.Object{Kind: explore.KindResource, Institution: res.Institution}) {
		return "", nil
	}
	if res.Institution == "" {
		return p.Correct("", res.ID), nil
	}
	return path, p.DB.Read(l.ctx, func(tx *db.Tx) error {
		body, err := institution.ByID(tx, res.Institution)
		if err == nil {
			path = p.Correct(body.Slug, res.ID)
		}
		return err
	})
}
