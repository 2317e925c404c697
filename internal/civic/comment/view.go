package comment

import (
	"html/template"
	"strings"
	"time"

	"plaza/internal/base/api"
	"plaza/internal/base/db"
	"plaza/internal/base/i18n"
	"plaza/internal/base/text"
	"plaza/internal/base/web"
	"plaza/internal/civic/access"
	"plaza/internal/civic/account"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/moderation"
	"plaza/internal/plaza"
)

// How much a page shows.
const (
	shownInFoot    = 10 // on an object's own page
	shownRoots     = 25
	shownAnswers   = 3 // under each in a list
	shownOfOne     = 50
	shownMine      = 25
	shownInbox     = 25
	shownInFeed    = 50
	shownMentioned = 8
)

// line is a comment as pages show it.
type line struct {
	L        *i18n.Printer
	ID, Path string
	Name     string // of the person or, when it is official, of the institution
	Official string // role and area of an official, "" for anybody
	Text     template.HTML
	Gone     string // said in its place when it was hidden or taken back
	LogPath  string // the log of moderation, for one that was hidden
	Decision string // path of why it was hidden and of the appeal, for its author
	When     string
	ISO      string
	Edited   string // when, "" for never
	Versions string // path, "" for none
	Edit     string // paths for its author
	Remove   string
	Report   string
	Reply    string      // path of the form for an answer, "" where none is taken
	Ask      string      // path of where it becomes a question with a term, "" where it does not
	Asked    web.NavLink // the case that it became
	Locked   bool
	Target   bool   // the one that the address names
	Moved    string // path of where its thread is now, on the place where it stood
	Joined   string // said of one that began a thread that was merged into this one
	Joins    []join // what was merged into its thread
	Answers  []line
	More     int // answers that are not shown
}

// join says what was merged into a thread, with the path of where that begins.
type join struct{ Text, Path string }

// Line is the comment itself, for types that embed it.
func (l line) Line() line { return l }

// Shown reports whether it can be read.
func (l line) Shown() bool { return l.Gone == "" }

// teller draws comments for one reader. names are those of their authors.
type teller struct {
	cs    *Comments
	l     *i18n.Printer
	page  web.Page
	actor plaza.Actor
	now   time.Time
	names map[string]string
	there map[plaza.Ref]plaza.Card // other objects under which its threads stood, or stand
	asked map[string]web.NavLink   // the cases that some became
	// decisions are the paths of what was decided against the reader's own comments.
	decisions map[plaza.Ref]string
}

// teller prepares to draw comments: one statement for all names, and one for what was
// decided against the reader's own.
func (cs *Comments) teller(tx *db.Tx, p web.Page, lists ...[]Comment) (*teller, error) {
	t := &teller{cs: cs, l: p.L, page: p, actor: p.Actor, now: p.Now}
	var ids, said []string
	var against []plaza.Ref
	seen := map[string]bool{"": true}
	for _, list := range lists {
		for _, c := range list {
			said = append(said, c.ID)
			if c.Author != "" && c.Author == p.Actor.PersonID && (c.State == moderation.Hidden || c.State == moderation.Refused) {
				against = append(against, c.Ref())
			}
			for _, id := range []string{c.Author, c.Attended.By} {
				if !seen[id] {
					seen[id] = true
					ids = append(ids, id)
				}
			}
		}
	}
	var err error
	if cs.Asked != nil && len(said) > 0 {
		if t.asked, err = cs.Asked(tx, said); err != nil {
			return t, err
		}
	}
	if t.names, err = account.Names(tx, ids); err != nil || len(against) == 0 || cs.Decisions == nil {
		return t, err
	}
	t.decisions, err = cs.Decisions(tx, p.Actor.PersonID, against)
	return t, err
}

// person is what somebody is called.
func (t *teller) person(id string) string {
	if name := t.names[id]; name != "" {
		return name
	}
	return t.l.T(account.Nobody)
}

// who is who said something: the person or, where it is official, the institution with
// the role and area; official is "" for anybody.
func (t *teller) who(c Comment) (name, official string) {
	if c.Official() {
		return bodyName(t.l, c.Voice), roleWords(t.l, c.Voice)
	}
	return t.person(c.Author), ""
}

// line draws a comment.
func (t *teller) line(c Comment) line {
	l := line{L: t.l, ID: c.ID, Path: c.Path(), When: ago(t.l, c.At, t.now), ISO: t.l.ISO(c.At), Locked: c.closed()}
	l.Name, l.Official = t.who(c)
	switch c.State {
	case moderation.Hidden:
		l.Gone, l.Decision = t.l.T("comment.place.hidden"), t.decisions[c.Ref()]
		if t.cs.shell.Has(logPath) {
			l.LogPath = logPath
		}
		return l
	case moderation.Removed:
		l.Gone = t.l.T("comment.place.removed")
		return l
	}
	l.Text = text.Markdown(c.Body)
	if c.Merged != "" {
		l.Joined = t.said("comment.joined", t.there[c.Home.On].Title)
	}
	if !c.Edited.IsZero() {
		l.Edited, l.Versions = ago(t.l, c.Edited, t.now), c.Path()+"/versiones"
	}
	t.tools(&l, c)
	return l
}

// logPath is the public log of moderation.
const logPath = "/moderacion/bitacora"

// tools are what the reader may do to a public comment.
func (t *teller) tools(l *line, c Comment) {
	on := access.Object{Kind: Kind, Institution: c.Institution, Owner: c.Author}
	open := func(a access.Action) bool { return !t.page.Closed(string(a)) }
	if open(access.CommentEdit) && access.Can(t.actor, access.CommentEdit, on) {
		l.Edit = c.Path() + "/editar"
	}
	if access.Can(t.actor, access.CommentRemove, on) {
		l.Remove = c.Path() + "/retirar"
	}
	if t.cs.Report != nil && open(access.Report) && (c.Author == "" || c.Author != t.actor.PersonID) {
		l.Report = t.cs.Report(c.Ref())
	}
	l.Asked = t.asked[c.ID]
	if t.cs.Ask != nil && l.Asked.Path == "" && !c.Official() && t.actor.SignedIn() && open(access.CaseAsk) {
		l.Ask = t.cs.Ask(c.ID)
	}
	if c.Root == "" && c.Locked.IsZero() && open(access.CommentAdd) {
		l.Reply = ThreadPath(c.On) + "/escribir?a=" + c.ID
	}
}

// lines draws comments with their first answers.
func (t *teller) lines(roots []Comment, first map[string][]Comment, counts map[string]int) []line {
	out := make([]line, len(roots))
	for i, c := range roots {
		if c.Merged != "" {
			out[i] = t.place(c)
			continue
		}
		out[i] = t.line(c)
		for _, a := range first[c.ID] {
			out[i].Answers = append(out[i].Answers, t.line(a))
		}
		out[i].More = counts[c.ID] - len(first[c.ID])
	}
	return out
}

// bodyName is the institution in whose name something was said.
func bodyName(l *i18n.Printer, v institution.Voice) string {
	if v.Institution == "" {
		return l.T("comment.central")
	}
	return v.Name
}

// roleWords are the role and area in which something was said.
func roleWords(l *i18n.Printer, v institution.Voice) string {
	words := l.T("comment.role." + string(v.Role))
	if v.Unit != "" {
		words += " · " + v.Unit
	}
	return words
}

// voiceWords name a voice for the form.
func voiceWords(l *i18n.Printer, v institution.Voice, actor plaza.Actor) string {
	if v.Own() {
		return l.T("comment.voice.own", "name", actor.Name)
	}
	return l.T("comment.voice.official", "institution", bodyName(l, v), "role", roleWords(l, v))
}

// ago is how long ago something was, with the hour where that matters.
func ago(l *i18n.Printer, at, now time.Time) string {
	if now.Sub(at) < 7*24*time.Hour {
		return l.Ago(at, now)
	}
	return l.Date(at)
}

// after reads a place in a list from the address; what is no place is the beginning.
func after(p string) (k Key) {
	if p == "" || api.ReadCursor(p, &k) != nil {
		return Key{}
	}
	return k
}

// next is the path of the page after the last one shown, "" at the end. list has one
// more than a page holds when there is one.
func next(path string, list []Comment, page int) ([]Comment, string, error) {
	if len(list) <= page {
		return list, "", nil
	}
	list = list[:page]
	cursor, err := api.NewCursor(keyOf(list[page-1]))
	sign := "?"
	if strings.Contains(path, "?") {
		sign = "&"
	}
	return list, path + sign + "desde=" + cursor, err
}
