package tool

import (
	"slices"
	"strings"

	"plaza/internal/base/db"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
)

// Why somebody hears of a tool: message keys.
const (
	whyOwner       = "notify.why.tool_owner"
	whyInstitution = "notify.why.tool_institution" // they speak with tools for it
	whyBase        = "notify.why.tool_base"        // the tool was made from theirs
)

// forOwner are the acts that tell whoever answers for a tool that something is to be done
// about it, or was done to it.
var forOwner = []string{"tool.outdated", "tool.broken", "tool.recovered", "tool.featured", "tool.repaired"}

// noNews are acts of which nobody hears.
var noNews = []string{"tool.hidden", "tool.restored", "tool.unfeatured", "tool.adopted", "tool.returned"}

// Audiences says who hears of what happens to tools: of a new one, who follows the datasets
// and resources that it rests on, and whose tool it was made from; of one that no longer
// shows what it should, who answers for it. Who follows the tool itself hears of all but
// what moderators and owners settle among themselves.
func Audiences(tx *db.Tx, e record.Entry) (record.Audience, error) {
	nobody := record.Audience{Nobody: true}
	if !strings.HasPrefix(e.Verb, "tool.") {
		return record.Audience{}, nil
	}
	if slices.Contains(noNews, e.Verb) {
		return nobody, nil
	}
	t, err := ByID(tx, e.Object.ID)
	if err != nil {
		if plaza.KindOf(err) == plaza.NotFound {
			return nobody, nil
		}
		return nobody, err
	}
	if !t.Public() && e.Verb != "tool.withdrawn" { // hidden before anybody was told
		return nobody, nil
	}
	a := record.Audience{About: []plaza.Ref{t.Ref()}}
	if slices.Contains(forOwner, e.Verb) {
		tellOwner(&a, t, whyOwner)
	}
	if e.Verb != "tool.published" {
		return a, nil
	}
	return published(tx, a, t)
}

// published adds those whom a new tool concerns.
func published(tx *db.Tx, a record.Audience, t Tool) (record.Audience, error) {
	uses, err := Uses(tx, t.ID)
	if err != nil {
		return a, err
	}
	for _, u := range uses {
		for _, ref := range []plaza.Ref{{Kind: KindDataset, ID: u.Dataset}, {Kind: KindResource, ID: u.Resource}} {
			if ref.ID != "" && !slices.Contains(a.About, ref) {
				a.About = append(a.About, ref)
			}
		}
	}
	if t.Parent == "" {
		return a, nil
	}
	parent, err := ByID(tx, t.Parent)
	if err != nil {
		if plaza.KindOf(err) == plaza.NotFound {
			err = nil
		}
		return a, err
	}
	tellOwner(&a, parent, whyBase)
	return a, nil
}

// tellOwner adds who answers for a tool.
func tellOwner(a *record.Audience, t Tool, why string) {
	if !t.Official() {
		a.Direct = append(a.Direct, record.Concerned{Person: t.Owner, Why: why})
		return
	}
	if why == whyOwner {
		why = whyInstitution
	}
	for _, role := range []plaza.Role{plaza.Communications, plaza.Liaison} {
		a.Roles = append(a.Roles, record.Post{Role: role, Institution: t.Institution, Why: why})
	}
}
