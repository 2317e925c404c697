package institution

import (
	"plaza/internal/base/db"
	"plaza/internal/civic/access"
	"plaza/internal/plaza"
)

// Voice is in whose name somebody speaks, as it is kept with what they said: later
// changes of names and roles alter nothing of it. The zero Voice is the person's own.
type Voice struct {
	Role        plaza.Role `json:"role,omitempty"`
	Institution string     `json:"institution,omitempty"` // id, "" for the coordination
	Name        string     `json:"name,omitempty"`        // of the institution, when it was said
	Unit        string     `json:"unit,omitempty"`        // name of the area, when it was said
}

// Own reports whether a person speaks for nobody else.
func (v Voice) Own() bool { return v.Role == "" }

// Key tells the voices of one person apart, for a form: "" is the person's own.
func (v Voice) Key() string {
	if v.Own() {
		return ""
	}
	return string(v.Role) + "@" + v.Institution
}

// Voices are the names in which the actor may speak about something of an institution
// ("" is the central unit's): their own, and one for each role there that may speak.
// Whoever writes chooses among them; nothing is said officially by itself.
func Voices(tx *db.Tx, actor plaza.Actor, institution string) ([]Voice, error) {
	voices := []Voice{{}}
	err := speaking(tx, actor, access.CommentSpeak, institution, func(v Voice) { voices = append(voices, v) })
	return voices, err
}

// VoiceFor is in whose name the actor does something to what an institution answers for:
// the first of their roles that may. It is the zero Voice when none of them may, as for
// Plaza itself.
func VoiceFor(tx *db.Tx, actor plaza.Actor, action access.Action, institution string) (first Voice, err error) {
	err = speaking(tx, actor, action, institution, func(v Voice) {
		if first.Own() {
			first = v
		}
	})
	return first, err
}

// speaking tells of each role of the actor in which they may do an action there.
func speaking(tx *db.Tx, actor plaza.Actor, action access.Action, institution string, tell func(Voice)) error {
	on := access.Object{Kind: Kind, Institution: institution}
	for _, g := range actor.Grants {
		as := actor
		as.Grants = []plaza.Grant{g}
		if g.Role == plaza.System || !access.Can(as, action, on) {
			continue
		}
		v, err := VoiceOf(tx, g)
		if err != nil {
			return err
		}
		tell(v)
	}
	return nil
}

// VoiceOf is the voice of who holds a role.
func VoiceOf(tx *db.Tx, g plaza.Grant) (Voice, error) {
	v := Voice{Role: g.Role, Institution: g.Institution}
	if g.Institution != "" {
		i, err := ByID(tx, g.Institution)
		if err != nil {
			return v, err
		}
		v.Name = i.Name
	}
	if g.Unit != "" {
		u, err := UnitByID(tx, g.Unit)
		if err != nil {
			return v, err
		}
		v.Unit = u.Name
	}
	return v, nil
}
