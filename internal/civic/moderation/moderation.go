// Package moderation keeps the place civil. A post that looks doubtful waits for
// review with all its effects held: no mail, no feed, no search. Anybody can report
// anything; moderators see the post, its history and its author's, and act with a
// reason that the author reads and may appeal; what they did is a public log.
//
//	sent ──▶ held ──▶ public ◀──▶ hidden
//	   └──────────────▶ │  └────▶ removed  (by its author)
//	         held ─────▶ refused
//
// A thread may also be merged into another, and parted from it again: how is for each
// kind of post to know (Kind.Merge, Kind.Split).
package moderation

import (
	"time"

	"plaza/internal/base/db"
	"plaza/internal/civic/gate"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
)

// State is where a post stands.
type State string

// The states of a post.
const (
	Held    State = "held"    // waits for review; only its author and moderators see it
	Public  State = "public"  // everybody sees it
	Hidden  State = "hidden"  // a moderator hid it; its place says so, with the reason
	Refused State = "refused" // a moderator did not let it through
	Removed State = "removed" // its author took it back; its place says so
)

// Post is something that somebody wrote, as moderators see it.
type Post struct {
	Ref         plaza.Ref
	Author      string    // person id, "" when there is none any more
	Institution string    // id of the institution that it concerns, or ""
	On          plaza.Ref // the public object under which it stands, or zero
	Title       string    // of what it stands under, or its own
	Text        string    // plain
	Path        string
	State       State
	Edit        bool // an edit waits for review: Text is what it would say; State is the post's
	Locked      bool
	Part        bool   // it stands in a thread that another post begins
	Into        string // id of the post into whose thread moderators merged its own, or ""
	At          time.Time
	Versions    []Version // earlier ones, oldest first
}

// Version is what a post said until it was edited.
type Version struct {
	Text string
	At   time.Time // when it was written
}

// Kind is what moderation has to know of one kind of post.
type Kind struct {
	Name string // the kind of its Refs
	// Posts finds them, in any order; those that do not exist are left out.
	Posts func(tx *db.Tx, ids []string) ([]Post, error)
	// Set moves a post to a state with everything that follows from it: search, counts.
	// Letting a held one through makes it public as if it had just been sent. The acts
	// are for the caller to append to the record. A state that cannot be reached from
	// where the post stands is a Conflict.
	Set func(tx *db.Tx, id string, to State) ([]record.Act, error)
	// Lock closes the thread of which the post is part to new posts, or opens it; nil
	// where there are no threads.
	Lock func(tx *db.Tx, id string, locked bool) ([]record.Act, error)
	// Merge puts the thread that a post begins into another's; nil where there are no
	// threads. It holds both until the transaction ends. What is wrong with the other one is
	// NoMerge, a post that has no thread to merge by now is a Conflict.
	Merge func(tx *db.Tx, from, into string) ([]record.Act, error)
	// Split undoes exactly that, whatever was merged since; a Conflict when the post's
	// thread is not merged. Kinds that Merge have it.
	Split func(tx *db.Tx, id string) ([]record.Act, error)
	// Threads are posts into whose thread a post's own may be merged, the likeliest first
	// and at most so many, to choose from; nil where moderators have to name one.
	Threads func(tx *db.Tx, id string, limit int) ([]Post, error)
	// By is a person's newest posts, at most so many; nil where nobody can tell.
	By func(tx *db.Tx, person string, limit int) ([]Post, error)
}

// Draft is a post that is about to be stored, to be judged.
type Draft struct {
	Author      string // person id, "" for a visitor
	Institution string // that it concerns, or ""
	Official    bool   // said in the name of an institution
	Text        string // as it was written
	Signals     []gate.Signal
	// Of is the post of which it is a new version: saying the same again is no
	// repetition then. The zero Ref is a new post.
	Of plaza.Ref
}

// Verdict is whether it waits for review, and why: message keys after
// "moderation.why.".
type Verdict struct {
	Hold bool
	Why  []string
}

// Screener judges a post before it is stored; the site hands one to whoever takes posts.
// When the verdict is to hold, the caller stores the post as Held and calls Hold.
type Screener interface {
	Screen(tx *db.Tx, d Draft) (Verdict, error)
	// Hold puts a stored post into the moderators' queue.
	Hold(tx *db.Tx, post plaza.Ref, institution string, v Verdict) error
}
