package site_test

import (
	"slices"
	"testing"

	"plaza/internal/base/i18n"
	"plaza/internal/civic/privacy"
)

func TestAllThatIsKeptOfPeopleIsCollectedWhereANoticeIsShown(t *testing.T) {
	s := copied(t, nil)
	l := s.Bundle.Printer(i18n.Spanish)
	used := map[string]bool{}
	for _, h := range s.Holdings {
		if !l.Has("privacy.holding." + h.Key) {
			t.Errorf("the holding %s has no words", h.Key)
		}
		for _, d := range h.Data {
			used[d.Point] = true
			if !slices.ContainsFunc(privacy.Notices(), func(n privacy.Notice) bool { return n.Point == d.Point }) {
				t.Errorf("%s is collected at %q, where no notice is shown", d.Key, d.Point)
			}
			if !l.Has("privacy.datum."+d.Key) || !l.Has("privacy.datum."+d.Key+".purpose") {
				t.Errorf("%s has no words or no purpose", d.Key)
			}
		}
	}
	for _, n := range privacy.Notices() {
		if !used[n.Point] {
			t.Errorf("at %s nothing is collected", n.Point)
		}
	}
}
