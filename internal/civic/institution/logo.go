package institution

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"path"
	"strings"
	"time"

	"plaza/internal/base/blob"
	"plaza/internal/base/db"
	"plaza/internal/base/image"
	"plaza/internal/base/web"
	"plaza/internal/civic/access"
	"plaza/internal/plaza"
)

// logoPath is where logos are read; what follows is a file's checksum and kind.
const logoPath = "/logos/"

// MaxLogo is the most bytes that a logo's file may have.
const MaxLogo = 4 << 20

// logoTypes are the kinds of file that a logo is kept as, by their ending.
var logoTypes = map[string]string{".png": "image/png", ".jpg": "image/jpeg"}

// Logos keeps institutions' logos in the file store and serves them.
type Logos struct {
	db    *db.DB
	store blob.Store
	maker *image.Maker
}

// NewLogos makes the keeper of logos.
func NewLogos(d *db.DB, store blob.Store) *Logos {
	return &Logos{d, store, image.New(store, image.Limits{MaxBytes: MaxLogo, MaxPixels: 16_000_000})}
}

// Keep keeps a picture and returns the path for Institution.Logo. What is wrong with
// the picture is Invalid, at the field "logo". It is not for use in a transaction.
func (s *Logos) Keep(ctx context.Context, file []byte) (string, error) {
	p, err := s.maker.Make(ctx, bytes.NewReader(file))
	if e, ok := errors.AsType[*plaza.Error](err); ok && e.Kind == plaza.Invalid {
		return "", &plaza.Error{Kind: plaza.Invalid, Key: "web.error.invalid", Cause: err,
			Fields: []plaza.FieldError{{Field: "logo", Key: e.Key, Args: e.Args}}}
	}
	if err != nil {
		return "", err
	}
	for _, v := range p.Variants { // the narrowest that every browser shows
		for ending, kind := range logoTypes {
			if v.MediaType == kind {
				return logoPath + v.Key + ending, nil
			}
		}
	}
	return "", errors.New("a picture without a PNG or JPEG variant")
}

// Mount registers the logos' route.
func (s *Logos) Mount(shell *web.Shell) error {
	shell.Handle("GET "+logoPath+"{file}",
		web.Route{Name: "institution.logo", Action: string(access.InstitutionRead), Cache: web.Immutable, Stream: true, Open: true}, s.serve)
	return nil
}

// serve answers with a logo that some institution has: nothing else of the file
// store is read here.
func (s *Logos) serve(w http.ResponseWriter, r *http.Request) (err error) {
	file := r.PathValue("file")
	ending := path.Ext(file)
	var id string
	if err := s.db.Read(r.Context(), func(tx *db.Tx) error {
		return tx.Row(`SELECT id FROM institutions WHERE logo = $1 LIMIT 1`, logoPath+file).Scan(&id)
	}); err != nil {
		return err
	}
	key := strings.TrimSuffix(file, ending)
	content, err := blob.NewReader(r.Context(), s.store, key)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, content.Close()) }()
	h := w.Header()
	h.Set("Content-Type", logoTypes[ending])
	h.Set("ETag", `"`+key+`"`)
	http.ServeContent(w, r, "", time.Time{}, content)
	return nil
}
