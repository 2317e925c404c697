package access_test

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"plaza/internal/civic/access"
	"plaza/internal/plaza"
)

// scene is an actor and an object as the columns of testdata/permissions.txt name them.
type scene struct {
	actor  plaza.Actor
	object access.Object
}

func with(role plaza.Role, institution string) plaza.Actor {
	return plaza.Actor{PersonID: "p1", Grants: []plaza.Grant{{Role: role, Institution: institution}}}
}

var scenes = map[string]scene{
	"visitor":       {plaza.Actor{}, access.Object{Institution: "i1"}},
	"member":        {plaza.Actor{PersonID: "p1"}, access.Object{Institution: "i1", Owner: "p2"}},
	"member.own":    {plaza.Actor{PersonID: "p1"}, access.Object{Owner: "p1"}},
	"liaison.own":   {with(plaza.Liaison, "i1"), access.Object{Institution: "i1"}},
	"liaison.other": {with(plaza.Liaison, "i2"), access.Object{Institution: "i1"}},
	"liaison.none":  {with(plaza.Liaison, "i1"), access.Object{}},
	"owner.own":     {with(plaza.DataOwner, "i1"), access.Object{Institution: "i1"}},
	"transp.own":    {with(plaza.Transparency, "i1"), access.Object{Institution: "i1"}},
	"comms.own":     {with(plaza.Communications, "i1"), access.Object{Institution: "i1"}},
	"judge":         {with(plaza.Judge, ""), access.Object{Institution: "i1"}},
	"moderator":     {with(plaza.Moderator, ""), access.Object{Institution: "i1"}},
	"mod.inst":      {with(plaza.Moderator, "i1"), access.Object{Institution: "i1"}},
	"mod.part": {plaza.Actor{PersonID: "p1", Grants: []plaza.Grant{{Role: plaza.Moderator}, {Role: plaza.Communications, Institution: "i1"}}},
		access.Object{Institution: "i1"}},
	"suspended": {plaza.Actor{PersonID: "p1", Suspended: true, Grants: []plaza.Grant{{Role: plaza.Admin}}}, access.Object{Institution: "i1", Owner: "p1"}},
	"token": {plaza.Actor{PersonID: "p1", Limited: true, Scopes: []string{"comment"}, Grants: []plaza.Grant{{Role: plaza.Admin}}},
		access.Object{Institution: "i1", Owner: "p1"}},
	"admin":      {with(plaza.Admin, ""), access.Object{Institution: "i1"}},
	"admin.inst": {with(plaza.Admin, "i1"), access.Object{Institution: "i1"}},
	"system":     {plaza.SystemActor, access.Object{Institution: "i1"}},
}

func TestEveryLineOfTheTable(t *testing.T) {
	var columns []string
	seen := map[access.Action]bool{}
	for _, line := range lines(t, "testdata/permissions.txt") {
		cells := strings.Fields(line)
		if columns == nil {
			columns = cells[1:]
			continue
		}
		action := access.Action(cells[0])
		seen[action] = true
		if len(cells) != len(columns)+1 {
			t.Fatalf("%s has %d cells for %d actors", action, len(cells)-1, len(columns))
		}
		for i, name := range columns {
			s, ok := scenes[name]
			if !ok {
				t.Fatalf("no actor is called %q", name)
			}
			if got, want := access.Can(s.actor, action, s.object), cells[i+1] == "+"; got != want {
				t.Errorf("Can(%s, %s) = %v, want %v", name, action, got, want)
			}
		}
	}
	if len(columns) != len(scenes) {
		t.Errorf("the file has %d actors, the test %d", len(columns), len(scenes))
	}
	for _, a := range access.Actions() {
		if !seen[a] {
			t.Errorf("testdata/permissions.txt says nothing of %s", a)
		}
		delete(seen, a)
	}
	for a := range seen {
		t.Errorf("testdata/permissions.txt names %s, which does not exist", a)
	}
}

func TestTheTableNamesEveryActionOnceAndNoOther(t *testing.T) {
	granted := map[access.Action]bool{}
	once := map[access.Line]bool{}
	for _, l := range access.Lines() {
		if !access.Known(l.Action) {
			t.Errorf("a line grants %q, which is no action", l.Action)
		}
		if once[l] {
			t.Errorf("the line %v is there twice", l)
		}
		once[l], granted[l.Action] = true, true
	}
	for _, a := range access.Actions() {
		if !granted[a] {
			t.Errorf("nobody may do %s", a)
		}
	}
}

func TestWhatNoLineGrantsIsDenied(t *testing.T) {
	for name, s := range scenes {
		if access.Can(s.actor, "catalogue.burn", s.object) {
			t.Errorf("Can(%s, catalogue.burn) = true", name)
		}
	}
	blank := plaza.Actor{PersonID: "p1", Grants: []plaza.Grant{{Role: plaza.Liaison}}}
	if access.Can(blank, access.SourceRun, access.Object{}) {
		t.Error("a liaison of no institution runs a source of no institution")
	}
}

func TestARefusalSaysWhetherSigningInMayHelp(t *testing.T) {
	for _, c := range []struct {
		name   string
		actor  plaza.Actor
		action access.Action
		want   plaza.Kind
	}{
		{"a visitor at the central pages", plaza.Actor{}, access.AdminSee, plaza.Unauthenticated},
		{"a visitor at what only Plaza does", plaza.Actor{}, access.Operate, plaza.Forbidden},
		{"a visitor at what does not exist", plaza.Actor{}, "catalogue.burn", plaza.Forbidden},
		{"a member at the central pages", plaza.Actor{PersonID: "p1"}, access.AdminSee, plaza.Forbidden},
		{"Plaza at the central pages", plaza.SystemActor, access.AdminSee, plaza.Forbidden},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := access.Check(c.actor, c.action, access.Object{})
			if got := plaza.KindOf(err); err == nil || got != c.want {
				t.Errorf("Check = %v of kind %v, want %v", err, got, c.want)
			}
		})
	}
	if err := access.Check(plaza.Actor{}, access.CatalogueRead, access.Object{}); err != nil {
		t.Errorf("Check(visitor, catalogue.read) = %v", err)
	}
}

func TestAMenuShowsWhatSomeObjectAllows(t *testing.T) {
	for _, c := range []struct {
		name   string
		actor  plaza.Actor
		action access.Action
		want   bool
	}{
		{"a liaison has sources of the institution", with(plaza.Liaison, "i1"), access.SourceRun, true},
		{"a liaison has no central pages", with(plaza.Liaison, "i1"), access.AdminSee, false},
		{"an admin has", with(plaza.Admin, ""), access.AdminSee, true},
		{"a visitor has none", plaza.Actor{}, access.SourceRun, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := access.Could(c.actor, c.action); got != c.want {
				t.Errorf("Could(%s) = %v, want %v", c.action, got, c.want)
			}
		})
	}
}

func TestListsAreCopies(t *testing.T) {
	access.Lines()[0] = access.Line{}
	access.Actions()[0] = "changed"
	if diff := cmp.Diff(access.SiteRead, access.Actions()[0]); diff != "" {
		t.Error(diff)
	}
	if access.Lines()[0] == (access.Line{}) {
		t.Error("a caller changed the table")
	}
}

// lines are the file's lines without comments and blanks.
func lines(t *testing.T, path string) []string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for line := range strings.Lines(string(b)) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			out = append(out, line)
		}
	}
	return out
}

func TestAFeatureThatIsOffIsClosedToEverybody(t *testing.T) {
	off := []string{"comments"}
	if err := access.Closed(off, access.CommentAdd); plaza.KindOf(err) != plaza.Forbidden || err == nil {
		t.Errorf("Closed(comment.add) = %v, want Forbidden", err)
	}
	for _, a := range []access.Action{access.CommentRead, access.CommentRemove, access.SignUp} {
		if err := access.Closed(off, a); err != nil {
			t.Errorf("Closed(%s) = %v", a, err)
		}
	}
}
