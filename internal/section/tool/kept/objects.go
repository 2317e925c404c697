package kept

import (
	"bytes"
	"context"
	"fmt"
	"io"

	"plaza/internal/base/blob/claims"
	"plaza/internal/base/db"
	"plaza/internal/plaza"
	"plaza/internal/section/tool"
)

// claims are the objects in the file store that are pictures and numbers of tools.
func (k *Kept) claims() claims.Claims {
	return claims.Claims{DB: k.DB, Store: k.Blob, Table: "tool_objects", Busy: "toolview.wait",
		Named: `EXISTS (SELECT 1 FROM tool_pictures p WHERE p.sha256 = tool_objects.sha256)
			OR EXISTS (SELECT 1 FROM tool_images i WHERE i.sha256 = tool_objects.sha256)`}
}

// made is a file that was made of a view.
type made struct {
	tool.Drawn
	body []byte // as it is stored, after the mark
	key  string
}

// mark stands before each file in the store, so that no part but this one ever has an object
// of the same content: what is swept here is nobody else's.
const mark = "plaza herramienta\n"

func makeOf(d tool.Drawn, body []byte) made {
	body = marked(pack(d.Form, body))
	return made{d, body, keyOf(body)}
}

// keep puts files into the file store: they are claimed, put, and named then by rows in one
// transaction.
func (k *Kept) keep(ctx context.Context, stamp string, files []made) error {
	objects := map[string]int64{}
	for _, f := range files {
		objects[f.key] = int64(len(f.body))
	}
	if err := k.DB.Write(ctx, func(tx *db.Tx) error { return k.claims().Claim(tx, objects) }); err != nil {
		return err
	}
	for _, f := range files {
		if _, err := k.Blob.Put(ctx, bytes.NewReader(f.body)); err != nil {
			return fmt.Errorf("storing a picture: %w", err)
		}
	}
	return k.DB.Write(ctx, func(tx *db.Tx) error {
		for _, f := range files {
			if err := tool.KeepPicture(tx, tool.Kept{Drawn: f.Drawn, Stamp: k.stampOf(f.Form, stamp), SHA256: f.key, Bytes: int64(len(f.body))}); err != nil {
				return err
			}
		}
		return nil
	})
}

// object reads a file from the store; ok is false when it is not there, or not whole.
func (k *Kept) object(ctx context.Context, of tool.Kept) (body []byte, ok bool, err error) {
	r, _, err := k.Blob.Get(ctx, of.SHA256)
	if err != nil {
		if plaza.KindOf(err) == plaza.NotFound {
			return nil, false, nil
		}
		return nil, false, fmt.Errorf("reading a picture: %w", err)
	}
	defer r.Close()
	body, err = io.ReadAll(io.LimitReader(r, of.Bytes+1))
	if err != nil {
		return nil, false, fmt.Errorf("reading a picture: %w", err)
	}
	whole := keyOf(body) == of.SHA256
	body, ok = bytes.CutPrefix(body, []byte(mark))
	return body, ok && whole, nil
}

// Sweep forgets pictures of versions that nobody sees any more, and removes objects that
// nothing names.
func (k *Kept) Sweep(ctx context.Context) error {
	for _, forget := range []func(*db.Tx) error{tool.ForgetPictures, tool.ForgetImages} {
		if err := k.DB.Write(ctx, forget); err != nil {
			return err
		}
	}
	return k.claims().Sweep(ctx)
}
