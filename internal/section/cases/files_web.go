package cases

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"slices"
	"strconv"

	"plaza/internal/base/db"
	"plaza/internal/civic/access"
	"plaza/internal/civic/moderation"
	"plaza/internal/plaza"
)

// file gives a file to keep, never to look at here: in a sandbox, as what its content is.
func (cs *Cases) file(w http.ResponseWriter, r *http.Request) (err error) {
	var f File
	if err := cs.DB.Read(r.Context(), func(tx *db.Tx) error {
		c, err := ByFolio(tx, r.PathValue("folio"))
		if err != nil {
			return err
		}
		if f, err = fileByID(tx, c.ID, r.PathValue("file")); err != nil {
			return err
		}
		ok, err := cs.seesFile(tx, r, c, f)
		if err == nil && !ok {
			err = plaza.E(plaza.NotFound, "cases.error.no_file")
		}
		return err
	}); err != nil {
		return err
	}
	content, err := cs.Blob.GetRange(r.Context(), f.Key, fileSalt, -1)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, content.Close()) }()
	h := w.Header()
	h.Set("Content-Type", f.Media)
	h.Set("Content-Length", strconv.FormatInt(f.Size, 10))
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": f.Name}))
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	h.Set("X-Robots-Tag", "noindex")
	_, err = io.Copy(w, content)
	return err
}

// seesFile reports whether whoever asks may have a file: a public one everybody, a
// draft's the institution, and of what is not public whoever may see that: while it waits
// for a moderator, its asker alone.
func (cs *Cases) seesFile(tx *db.Tx, r *http.Request, c Case, f File) (bool, error) {
	actor := plaza.ActorFrom(r.Context())
	inside := access.Can(actor, access.CaseDraft, access.Object{Kind: RefKind, Institution: c.Institution})
	if f.Place == FileOfDraft {
		if !inside {
			return false, nil
		}
		_, err := DraftByID(tx, c.ID, f.PlaceID) // what another institution drafted stays its own
		if err != nil && plaza.KindOf(err) == plaza.NotFound {
			return false, nil
		}
		return err == nil, err
	}
	if !slices.Contains(filePlaces, f.Place) {
		return false, nil
	}
	public, waits := c.Public(), c.Published.IsZero()
	if f.Place == FileOfStep {
		var standing moderation.State
		err := tx.Row(`SELECT standing FROM case_steps WHERE id = $1 AND case_id = $2`, f.PlaceID, c.ID).Scan(&standing)
		if err != nil && plaza.KindOf(err) != plaza.NotFound {
			return false, err
		}
		public, waits = public && standing == moderation.Public, waits || standing == moderation.Held
	}
	return public || inside && !waits || cs.ownsOrModerates(r, c), nil
}

// seesHidden reports whether whoever asks sees a case that is not public: its asker and
// moderators, and those who answer it once it was there for them.
func (cs *Cases) seesHidden(r *http.Request, c Case) bool {
	on := access.Object{Kind: RefKind, Institution: c.Institution}
	return cs.ownsOrModerates(r, c) || !c.Published.IsZero() && access.Can(plaza.ActorFrom(r.Context()), access.CaseDraft, on)
}

// ownsOrModerates reports whether whoever asks sees what waits for a moderator.
func (cs *Cases) ownsOrModerates(r *http.Request, c Case) bool {
	actor := plaza.ActorFrom(r.Context())
	return c.Asker.Is(cs.Contact(r, c)) || c.Asker.Is(By(actor)) ||
		access.Can(actor, access.QueueSee, access.Object{Kind: RefKind, Institution: c.Institution})
}
