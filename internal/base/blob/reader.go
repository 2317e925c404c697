package blob

import (
	"context"
	"errors"
	"io"
)

// Reader reads one object from any place, as http.ServeContent wants it. It asks the
// store only when something is read. It is for one goroutine.
type Reader struct {
	ctx  context.Context // of the request that the reader serves
	s    Store
	info Info
	at   int64
	body io.ReadCloser // open at the offset at, or nil
}

// NewReader opens an object; the caller closes it. The context holds for all reads.
func NewReader(ctx context.Context, s Store, key string) (*Reader, error) {
	info, err := s.Stat(ctx, key)
	if err != nil {
		return nil, err
	}
	return &Reader{ctx: ctx, s: s, info: info}, nil
}

// Info reports what is known of the object.
func (r *Reader) Info() Info { return r.info }

// Read reads on from the current place.
func (r *Reader) Read(p []byte) (int, error) {
	if r.at >= r.info.Size {
		return 0, io.EOF
	}
	if r.body == nil {
		body, err := r.s.GetRange(r.ctx, r.info.Key, r.at, -1)
		if err != nil {
			return 0, err
		}
		r.body = body
	}
	n, err := r.body.Read(p)
	r.at += int64(n)
	if err == io.EOF && r.at < r.info.Size {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

// Seek moves to another place; the place may lie behind the end, where nothing is read.
func (r *Reader) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += r.at
	case io.SeekEnd:
		offset += r.info.Size
	}
	if offset < 0 {
		return r.at, errors.New("blob: seek before the begin")
	}
	if offset != r.at {
		if err := r.Close(); err != nil {
			return r.at, err
		}
		r.at = offset
	}
	return offset, nil
}

// Close ends the reading; a later Read opens the object anew.
func (r *Reader) Close() error {
	if r.body == nil {
		return nil
	}
	body := r.body
	r.body = nil
	return body.Close()
}
