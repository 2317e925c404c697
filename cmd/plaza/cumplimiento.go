package main

import (
	"fmt"

	"plaza/internal/site"
)

// cumplimientoCmd is about the figures of compliance.
type cumplimientoCmd struct {
	Reconstruir recountCmd `cmd:""`
}

// recountCmd makes the figures of how institutions answer again from the record.
type recountCmd struct{}

// Run prints how many entries of the record were counted.
func (recountCmd) Run(a *app) error {
	return a.withSite(func(s *site.Site) error {
		n, err := s.Recount(a.system())
		if err != nil {
			return err
		}
		_, err = fmt.Fprintln(a.out, a.l.T("cmd.cumplimiento.done", "count", n))
		return err
	})
}
