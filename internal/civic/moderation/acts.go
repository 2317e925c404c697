package moderation

import (
	"slices"
	"strings"
	"time"

	"plaza/internal/civic/access"
	"plaza/internal/plaza"
)

// DecisionKind is the kind of a decision's Ref, RuleKind that of a rule's.
const (
	DecisionKind = "moderation_decision"
	RuleKind     = "moderation_rule"
)

// Act is one thing that moderators do.
type Act string

// The acts.
const (
	Release Act = "release" // let a held post through
	Keep    Act = "keep"    // leave a reported post as it is
	Restore Act = "restore" // show a hidden post again
	Unlock  Act = "unlock"
	Split   Act = "split"  // part a thread from the one into which it was merged
	Refuse  Act = "refuse" // do not let a held post through
	Hide    Act = "hide"
	Lock    Act = "lock"
	Merge   Act = "merge"
	Warn    Act = "warn"
	Suspend Act = "suspend"
)

// Acts are all of them, those in favour of a post first.
var Acts = []Act{Release, Keep, Restore, Unlock, Split, Refuse, Hide, Lock, Merge, Warn, Suspend}

// doing is what is known of an act: how addresses call it, how the record does, whom the
// table lets do it, and what it draws.
type doing struct {
	slug, verb string
	action     access.Action
	icon       string
	closes     bool // the post is attended to
}

var doings = map[Act]doing{
	Release: {"dejar-pasar", "moderation.released", access.ContentRelease, "circle-check", true},
	Keep:    {"conservar", "moderation.kept", access.ContentHide, "check", true},
	Restore: {"restaurar", "moderation.restored", access.ContentHide, "eye", true},
	Unlock:  {"abrir", "moderation.unlocked", access.ContentLock, "message-circle", false},
	Split:   {"separar", "moderation.split", access.ContentMerge, "git-branch", false},
	Refuse:  {"rechazar", "moderation.refused", access.ContentHide, "circle-x", true},
	Hide:    {"ocultar", "moderation.hidden", access.ContentHide, "x", true},
	Lock:    {"cerrar", "moderation.locked", access.ContentLock, "lock", false},
	Merge:   {"unir", "moderation.merged", access.ContentMerge, "git-branch", false},
	Warn:    {"advertir", "moderation.warned", access.PersonWarn, "triangle-alert", false},
	Suspend: {"suspender", "moderation.suspended", access.PersonSuspend, "clock", false},
}

// favours reports whether an act is in favour of the post.
func (a Act) favours() bool { return slices.Index(Acts, a) < slices.Index(Acts, Refuse) }

// Appealable reports whether the author may appeal against it.
func (a Act) Appealable() bool { return doings[a].verb != "" && !a.favours() }

// Reasons for which a thing is reported and posts are acted against, from the gravest;
// each with how soon it has to be looked at. Their words are "moderation.reason." and
// the reason.
var reasons = []struct {
	key      string
	severity int
}{
	{"personal_data", 90}, {"illegal", 80}, {"impersonation", 60}, {"insult", 50}, {"spam", 40}, {"other", 30}, {"off_topic", 20},
}

// heldSeverity is that of a post that waits and of which nobody has said anything:
// its author is waiting too.
const heldSeverity = 45

// Why acts are in favour of a post, and besides reasons why they are against one.
var (
	favourable = []string{"in_order", "mistake", "corrected", "other"}
	joining    = []string{"duplicate", "off_topic", "other"}
	against    = []string{"spam", "insult", "personal_data", "off_topic", "illegal", "impersonation", "duplicate", "heated", "other"}
)

// reasonsFor are the reasons that an act may have.
func reasonsFor(a Act) []string {
	switch {
	case a.favours():
		return favourable
	case a == Merge:
		return joining
	}
	return against
}

func severityOf(reason string) (int, bool) {
	for _, r := range reasons {
		if r.key == reason {
			return r.severity, true
		}
	}
	return 0, false
}

// Decision is an act that was done, with what became of it.
type Decision struct {
	ID          string
	Case        string
	Object      plaza.Ref
	Act         Act
	Reason      string // its words are "moderation.reason." and it
	Note        string // for the author and moderators only
	StateWas    State
	Into        string
	Until       time.Time // of a suspension
	Author      string    // person id, "" when there is none any more
	By          string    // person id, "" when there is none any more
	Role        plaza.Role
	Institution string // for which the role was held, "" the platform
	Month       string
	At          time.Time
	Undone      time.Time
	Appeal      *Appeal // nil when there is none
}

// Appeal is what the author says against a decision, and what became of it.
type Appeal struct {
	Text       string
	At         time.Time
	Outcome    string // Upheld, Overturned, "" while it waits
	Note       string
	By         string // person id
	SamePerson bool   // there was nobody else to decide
	DecidedAt  time.Time
}

// The outcomes of an appeal.
const (
	Upheld     = "upheld"
	Overturned = "overturned"
)

// Path is where a decision is read: by everybody what the log says, by its author and
// moderators the whole.
func (d Decision) Path() string { return decisionsPath + "/" + d.ID }

// Number is what a decision is called in conversation: the tail of its id, which tells
// nothing.
func (d Decision) Number() string { return "M-" + strings.ToUpper(d.ID[max(0, len(d.ID)-8):]) }

// Ref names it.
func (d Decision) Ref() plaza.Ref { return plaza.Ref{Kind: DecisionKind, ID: d.ID} }

// Case is something that was held or reported, as moderators see it in the queue.
type Case struct {
	ID          string
	Object      plaza.Ref
	Institution string
	Author      string
	Held        bool
	Why         []string
	Severity    int
	Opened      time.Time
	Closed      time.Time // zero while it is open
	Version     int
	ClaimedBy   string
	ClaimedAt   time.Time
}

// claimLife is how long somebody is taken to be looking at a case.
const claimLife = 30 * time.Minute

// Claimed reports whether somebody other than the person is looking at it.
func (c Case) Claimed(by string, now time.Time) bool {
	return c.ClaimedBy != "" && c.ClaimedBy != by && now.Sub(c.ClaimedAt) < claimLife
}

// by reports whether the case is about what the actor posted: nobody decides that.
func (c Case) by(actor plaza.Actor) bool { return c.Author != "" && c.Author == actor.PersonID }

// on is the case's object for the table of permissions.
func (c Case) on() access.Object {
	return access.Object{Kind: c.Object.Kind, Institution: c.Institution}
}

func casePath(id string) string { return queuePath + "/caso/" + id }
