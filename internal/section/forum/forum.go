// Package forum is where people talk of what belongs to no dataset: threads by
// institution and theme. A thread is a title; what it begins with, and all that is
// answered, are comments (package comment), so that they are moderated, edited, found,
// attended to and turned into cases like any other. A thread stands where its first
// comment does.
package forum

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/text"
	"plaza/internal/base/web"
	"plaza/internal/civic/access"
	"plaza/internal/civic/comment"
	"plaza/internal/civic/gate"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/moderation"
	"plaza/internal/civic/search"
	"plaza/internal/plaza"
)

// Locale holds the sentences of this package, in Spanish and English.
//
//go:embed locale/*.json
var Locale embed.FS

//go:embed templates/*.html
var templates embed.FS

// Kind is the kind of a thread's Ref.
const Kind = "thread"

// Path is the forum's page.
const Path = "/foro"

// kindTheme is the kind of a theme's Ref.
const kindTheme = "theme"

// Limits of a thread, in letters.
const (
	maxTitle = 200
	maxTheme = 200 // bytes
)

// Thread is a conversation that belongs to no dataset.
type Thread struct {
	ID          string
	Slug        string
	Comment     string // id of the comment that it begins with
	Title       string
	Institution string // id of to whom it is addressed, "" for nobody
	Theme       string // "" for none
	Standing    moderation.State
	Created     time.Time
}

// Ref names the thread.
func (t Thread) Ref() plaza.Ref { return plaza.Ref{Kind: Kind, ID: t.ID} }

// Path is its page.
func (t Thread) Path() string { return Path + "/" + t.Slug }

// Public reports whether everybody may read its title.
func (t Thread) Public() bool { return t.Standing == moderation.Public }

// Deps are what the forum needs.
type Deps struct {
	DB       *db.DB
	Gate     *gate.Gate
	Comments *comment.Comments
	// Themes are those that a thread may have.
	Themes func(tx *db.Tx) ([]string, error)
	// Around is drawn above a thread: where one follows it. nil is nothing.
	Around func(tx *db.Tx, page web.Page, object plaza.Card) (web.Around, error)
	// Question is where a thread is asked as a question with a date for its answer, and the
	// fields of the form that takes it there, of an institution's slug; nil offers it nowhere.
	Question func(slug, title, text string) (action string, fields []web.Option)
}

// Forum is the threads, with their pages.
type Forum struct {
	Deps
	shell *web.Shell
}

// New makes a Forum.
func New(deps Deps) *Forum { return &Forum{Deps: deps} }

// Draft is what a thread is made from.
type Draft struct {
	Title       string
	Institution string // id, "" for nobody
	Theme       string
	Text        string
	Nonce       string // of the form
}

// Open begins a thread with what the actor says, held or public. It appends to the record,
// so it is the last thing a transaction does. The same form sent again gives the thread
// that it made the first time. What is wrong with a field is Invalid (titulo, tema, texto).
func (f *Forum) Open(tx *db.Tx, d Draft, from comment.From) (Thread, error) {
	actor := plaza.ActorFrom(tx.Context())
	if err := access.Check(actor, access.ForumWrite, access.Object{Kind: Kind, Institution: d.Institution}); err != nil {
		return Thread{}, err
	}
	d.Title = strings.Join(strings.Fields(text.Unstack(strings.ToValidUTF8(d.Title, ""))), " ")
	if err := f.check(tx, d); err != nil {
		return Thread{}, err
	}
	nonce := nonceKey(actor.PersonID, d)
	if t, err := byNonce(tx, nonce); plaza.KindOf(err) != plaza.NotFound {
		return t, err
	}
	t := Thread{ID: tx.ID(), Comment: tx.ID(), Title: d.Title, Institution: d.Institution, Theme: d.Theme, Created: tx.Now, Standing: moderation.Held}
	t.Slug = slugOf(t.Title, t.ID)
	if err := insert(tx, t, nonce); err != nil {
		return t, err
	}
	c, err := f.Comments.Post(tx, comment.Draft{ID: t.Comment, On: card(t, institution.Institution{}), Text: d.Text, Title: d.Title, Nonce: d.Nonce}, from)
	t.Standing = c.State
	return t, err
}

// nonceKey is under what a person's form is kept that was sent.
func nonceKey(author string, d Draft) string {
	sum := sha256.Sum256([]byte(strings.Join([]string{author, d.Nonce, d.Title, d.Text}, "\x00")))
	return hex.EncodeToString(sum[:])
}

// check is what is wrong with a draft.
func (f *Forum) check(tx *db.Tx, d Draft) error {
	var wrong plaza.Mistakes
	wrong.Hold(text.Fold(d.Title) != "" && !text.Unseen(d.Title), "titulo", "forum.error.title", nil)
	wrong.Length("titulo", d.Title, maxTitle, "forum.error.long")
	if d.Theme != "" {
		themes, err := f.Themes(tx)
		if err != nil {
			return err
		}
		known := false
		for _, t := range themes {
			known = known || t == d.Theme
		}
		wrong.Hold(known, "tema", "forum.error.theme", nil)
	}
	return wrong.Err("web.error.invalid")
}

// Moved has threads stand where their first comments do.
func Moved(tx *db.Tx, c comment.Comment) error {
	if c.Root != "" || c.On.Kind != Kind {
		return nil
	}
	n, err := tx.Exec(`UPDATE forum_threads SET standing = $1 WHERE id = $2 AND comment_id = $3`, c.State, c.On.ID, c.ID)
	if err != nil {
		return fmt.Errorf("moving thread %s: %w", c.On.ID, err)
	}
	if n == 0 {
		return nil // another comment under it
	}
	t, err := byID(tx, c.On.ID)
	if err != nil {
		return err
	}
	if !t.Public() {
		return search.Remove(tx, t.Ref())
	}
	return search.Put(tx, doc(t))
}

// doc is a thread as it is found: by its title.
func doc(t Thread) search.Doc {
	d := search.Doc{Ref: t.Ref(), Title: t.Title, Created: t.Created, Modified: t.Created, Changed: t.Created, Facets: map[string][]string{}}
	if t.Institution != "" {
		d.Facets["institution"] = []string{t.Institution}
	}
	if t.Theme != "" {
		d.Facets["theme"] = []string{t.Theme}
	}
	return d
}

// slugOf is the end of a thread's address: its title, told apart by its id.
func slugOf(title, id string) string {
	return text.Slug(title, 60) + "-" + id[len(id)-6:]
}
