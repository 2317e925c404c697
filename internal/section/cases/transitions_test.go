package cases_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"plaza/internal/civic/moderation"
	"plaza/internal/plaza"
	"plaza/internal/section/cases"
)

// somebody is one who may want to do something to a case.
type somebody struct {
	name  string
	actor plaza.Actor
	by    cases.Asker
}

const here, there = "salud", "lerma"

// everybody are one of each role.
func everybody() []somebody {
	person := func(name, id string, grants ...plaza.Grant) somebody {
		a := plaza.Actor{PersonID: id, Grants: grants}
		return somebody{name, a, cases.By(a)}
	}
	suspended := person("suspended_asker", "ana")
	suspended.actor.Suspended = true
	fired := person("suspended_liaison", "fired", plaza.Grant{Role: plaza.Liaison, Institution: here})
	fired.actor.Suspended = true
	return []somebody{
		{"visitor", plaza.Actor{}, cases.Asker{}},
		{"contact", plaza.Actor{}, cases.Asker{Contact: "another"}},
		person("asker", "ana"), person("member", "beto"),
		person("liaison", "l", plaza.Grant{Role: plaza.Liaison, Institution: here}), person("liaison_elsewhere", "x", plaza.Grant{Role: plaza.Liaison, Institution: there}),
		person("data_owner", "d", plaza.Grant{Role: plaza.DataOwner, Institution: here}), person("transparency", "t", plaza.Grant{Role: plaza.Transparency, Institution: here}),
		person("communications", "c", plaza.Grant{Role: plaza.Communications, Institution: here}), person("stand_in", "s", plaza.Grant{Role: plaza.StandIn, Institution: here}),
		person("moderator", "m", plaza.Grant{Role: plaza.Moderator}), person("admin", "a", plaza.Grant{Role: plaza.Admin}), suspended, fired,
		{"system", plaza.SystemActor, cases.Asker{}},
	}
}

// TestEveryTransitionAsEveryRole compares what may be done, by whom and where, with a
// table that people read.
func TestEveryTransitionAsEveryRole(t *testing.T) {
	var acts []cases.Act
	seen := map[cases.Act]bool{}
	for _, m := range cases.Moves() {
		if !seen[m.Act] {
			seen[m.Act] = true
			acts = append(acts, m.Act)
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%-12s %-11s", "act", "state")
	for _, who := range everybody() {
		fmt.Fprintf(&b, " %s", who.name)
	}
	b.WriteByte('\n')
	for _, act := range acts {
		for _, state := range cases.States {
			c := cases.Case{ID: "c", Institution: here, Standing: moderation.Public, State: state, Channel: cases.Web, Asker: cases.Asker{Person: "ana"}}
			fmt.Fprintf(&b, "%-12s %-11s", act, state)
			for _, who := range everybody() {
				may := "."
				if c.Can(who.actor, who.by, act) {
					may = "+"
				}
				fmt.Fprintf(&b, " %-*s", len(who.name), may)
			}
			b.WriteByte('\n')
		}
	}
	got := strings.ReplaceAll(b.String(), " \n", "\n")
	for strings.Contains(got, " \n") {
		got = strings.ReplaceAll(got, " \n", "\n")
	}
	const file = "testdata/transitions.txt"
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("the table is another one: look at the difference and, when it is meant, keep this one\n%s", got)
	}
}

func TestWhatATransitionAsksForBesides(t *testing.T) {
	ana, contact := plaza.Actor{PersonID: "ana"}, cases.Asker{Contact: "correo"}
	base := func(change func(*cases.Case)) cases.Case {
		c := cases.Case{ID: "c", Institution: here, Standing: moderation.Public, State: cases.Answered, Channel: cases.Web, Asker: cases.Asker{Person: "ana"}}
		change(&c)
		return c
	}
	for name, one := range map[string]struct {
		c     cases.Case
		actor plaza.Actor
		by    cases.Asker
		act   cases.Act
		want  bool
	}{
		"reopened once":                            {base(func(*cases.Case) {}), ana, cases.By(ana), cases.Reopen, true},
		"not twice":                                {base(func(c *cases.Case) { c.Reopenings = 1 }), ana, cases.By(ana), cases.Reopen, false},
		"what lapsed is opened":                    {base(func(c *cases.Case) { c.State, c.Reason = cases.Closed, cases.Unanswered }), ana, cases.By(ana), cases.Reply, true},
		"what was withdrawn isn't":                 {base(func(c *cases.Case) { c.State, c.Reason = cases.Closed, cases.Withdrawn }), ana, cases.By(ana), cases.Reply, false},
		"nor a duplicate":                          {base(func(c *cases.Case) { c.State, c.Reason = cases.Closed, cases.Duplicate }), ana, cases.By(ana), cases.Reply, false},
		"a contact accepts":                        {base(func(c *cases.Case) { c.Asker = contact }), plaza.Actor{}, contact, cases.Accept, true},
		"another contact doesn't":                  {base(func(c *cases.Case) { c.Asker = contact }), plaza.Actor{}, cases.Asker{Contact: "otro"}, cases.Accept, false},
		"nor does nobody, of an asker who is gone": {base(func(c *cases.Case) { c.Asker = cases.Asker{} }), plaza.Actor{}, cases.Asker{}, cases.Accept, false},
		"nothing is done to what is hidden":        {base(func(c *cases.Case) { c.Standing = moderation.Hidden }), ana, cases.By(ana), cases.Accept, false},
		"nor to what is held":                      {base(func(c *cases.Case) { c.Standing, c.State = moderation.Held, cases.Open }), ana, cases.By(ana), cases.Withdraw, false},
		"nor with a token for something else":      {base(func(*cases.Case) {}), plaza.Actor{PersonID: "ana", Limited: true, Scopes: []string{"follow"}}, cases.By(ana), cases.Accept, false},
		"a token for cases is enough":              {base(func(*cases.Case) {}), plaza.Actor{PersonID: "ana", Limited: true, Scopes: []string{"cases"}}, cases.By(ana), cases.Accept, true},
	} {
		if got := one.c.Can(one.actor, one.by, one.act); got != one.want {
			t.Errorf("%s: %v, want %v", name, got, one.want)
		}
	}
}
