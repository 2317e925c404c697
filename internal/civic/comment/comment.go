// Package comment is what people say under any public object: a dataset, an
// institution, later a story or a tool. It knows objects by their Ref and Card only.
//
// A comment has answers, and those have none: one level is what a reader can follow. An
// official says in the form in whose name they speak, each time anew; the institution,
// the role and the area are kept as they were then. Whatever is public of a comment is
// the same for everybody: pages of visitors are shared.
//
// Each comment that no official wrote is in the inbox of the object's institution until
// an official of it answers in the thread, or somebody there marks it as attended to.
//
//	attention:  open ──▶ answered   (an official answered; open again if that answer goes)
//	              ◀──▶ marked     (with an entry in the record)
//
// Moderators merge a thread into another of the same institution. All that stood in the
// one stands among the answers of the other then, in time; each comment keeps what it is,
// its address and its home, so that the two can be parted again exactly, in whatever
// order threads were merged. Merging attends to nothing: what waits in an inbox waits
// there until an official answers in the thread that the two are now. When they are
// parted, what only an answer in the other thread attended to is open again.
//
// Its states are those of package moderation. One that is held has no effect at all: it
// is stored, its author sees it at /mi/comentarios, and everything that a comment brings
// about happens when it is let through. An edit may be held too: the text before it
// stays public meanwhile.
package comment

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"
	"unicode/utf8"

	"plaza/internal/base/text"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/moderation"
	"plaza/internal/plaza"
)

// Kind is the kind of a comment's Ref.
const Kind = "comment"

// Limits of one comment.
const (
	MaxLength   = 10_000 // letters
	MaxMentions = 10
	maxNonce    = 80 // bytes
)

// Attention is whether the institution has attended to a comment.
type Attention string

// The values of Attention; see the package comment.
const (
	None     Attention = "none" // official comments ask for none
	Open     Attention = "open"
	Answered Attention = "answered"
	Marked   Attention = "marked"
)

// Comment is something that somebody said.
type Comment struct {
	ID          string
	On          plaza.Ref // the object under which it stands
	Root        string    // id of the comment that it answers, or ""
	Merged      string    // id of the root into which a moderator merged it, or ""
	Home        Home      // where it was said, zero while it stands there
	Institution string    // id of whose inbox it is in, "" for the coordination's
	MovedFrom   string    // id of the institution in whose inbox it was, or ""
	Author      string    // person id, "" once they are no more here
	Voice       institution.Voice
	Body        string // Markdown
	Version     int    // from 1
	Pending     string // an edit that waits for review, or ""
	State       moderation.State
	Locked      time.Time // zero while it takes answers
	Attention   Attention
	Attended    Attended
	At          time.Time // when it became public or, until then, was sent
	Published   time.Time // zero when it never was public
	Edited      time.Time // zero when it never was
}

// Home is where a comment was said whose thread was merged into another.
type Home struct {
	Root string // id of the root of its thread; the comment's own when it was that
	On   plaza.Ref
}

// Attended is who attended to a comment, and how.
type Attended struct {
	At   time.Time
	By   string // person id, or ""
	With string // id of the official comment that answered it, or ""
}

// Ref names the comment.
func (c Comment) Ref() plaza.Ref { return plaza.Ref{Kind: Kind, ID: c.ID} }

// Path is its permanent address.
func (c Comment) Path() string { return "/comentarios/" + c.ID }

// Official reports whether it was said in the name of an institution.
func (c Comment) Official() bool { return !c.Voice.Own() }

// Thread is the id of the comment that it answers, or its own.
func (c Comment) Thread() string {
	if c.Root != "" {
		return c.Root
	}
	return c.ID
}

// written is when its present text was written.
func (c Comment) written() time.Time {
	if !c.Edited.IsZero() {
		return c.Edited
	}
	return c.At
}

// ThreadPath is the page of everything said under an object.
func ThreadPath(on plaza.Ref) string { return "/comentarios/" + on.Kind + "/" + on.ID }

// anchor is a comment's place on a page.
func anchor(id string) string { return "#comentario-" + id }

// Draft is what a comment is made from.
type Draft struct {
	ID    string // that it is to have, "" makes one up
	On    plaza.Card
	Root  string // id of the comment that it answers, or ""
	Voice string // institution.Voice.Key of who speaks, "" for oneself
	Text  string
	Title string // of the thread that it begins, to be judged with it; "" for none
	Nonce string // of the form
}

// check is what is wrong with a text, nil for nothing.
func check(s string) error {
	n := utf8.RuneCountInString(s)
	switch {
	case strings.TrimSpace(text.Fold(s)) == "":
		return wrong("texto", "comment.error.empty", nil)
	case n > MaxLength:
		return wrong("texto", "comment.error.long", map[string]any{"max": MaxLength, "length": n})
	}
	return nil
}

// wrong is a refusal at one field of the form.
func wrong(field, key string, args map[string]any) error {
	return &plaza.Error{Kind: plaza.Invalid, Key: "comment.error.form",
		Fields: []plaza.FieldError{{Field: field, Key: key, Args: args}}}
}

// nonceKey is under what a person's form is kept that was sent: nobody can take
// another's, and one who goes back and writes something else in it is heard again.
func nonceKey(author string, d Draft) string {
	sum := sha256.Sum256([]byte(strings.Join([]string{author, d.Nonce, d.On.Ref.String(), d.Root, text.Tidy(d.Text)}, "\x00")))
	return hex.EncodeToString(sum[:])
}
