package blob

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

const (
	// s3Tries bounds how often one call is tried; more would outlast a reader's patience.
	s3Tries = 3
	// s3Head is how long a store may take to begin an answer to a read: a frozen one
	// must not freeze Plaza.
	s3Head = 3 * time.Second
	// s3PutHead is the same for the end of a write, which waits for disks.
	s3PutHead = 30 * time.Second
	// memSpool in bytes: what is larger is spooled to a file before it is sent,
	// because its name is known only when all of it was read.
	memSpool = 1 << 20
)

// bucket is a Store in an S3-compatible store. Its address comes from the operator,
// who may well run it on a private network; so it is not reached through base/fetch.
type bucket struct {
	core   minio.Core
	name   string
	prefix string // "" or ends in a slash
}

// signed sends a body as it is, under a signature over its SHA-256, instead of in
// chunks that are signed one by one.
var signed = minio.PutObjectOptions{DisableContentSha256: true}

func openS3(u *url.URL) (*bucket, error) {
	secret, _ := u.User.Password()
	name, prefix, _ := strings.Cut(strings.Trim(u.Path, "/"), "/")
	if u.Host == "" || name == "" {
		return nil, errors.New("the address of an S3 file store must look like s3://key:password@host/bucket")
	}
	secure, region := true, "us-east-1"
	for option, values := range u.Query() {
		var err error
		switch option {
		case "region":
			region = values[0]
		case "tls":
			secure, err = strconv.ParseBool(values[0])
		default:
			err = errors.New("unknown")
		}
		if err != nil {
			return nil, fmt.Errorf("the option %q in the address of the file store cannot be used", option)
		}
	}
	client, err := minio.New(u.Host, &minio.Options{
		Creds:      credentials.NewStaticV4(u.User.Username(), secret, ""),
		Secure:     secure,
		Region:     region,
		MaxRetries: s3Tries,
		Transport: &http.Transport{
			DialContext:           (&net.Dialer{Timeout: 2 * time.Second, KeepAlive: 15 * time.Second}).DialContext,
			TLSHandshakeTimeout:   3 * time.Second,
			ResponseHeaderTimeout: s3PutHead,
			MaxIdleConnsPerHost:   16,
			IdleConnTimeout:       time.Minute,
			DisableCompression:    true, // an object is its bytes
		},
	})
	if err != nil {
		return nil, fmt.Errorf("opening the file store: %w", err)
	}
	if prefix != "" {
		prefix += "/"
	}
	return &bucket{minio.Core{Client: client}, name, prefix}, nil
}

func (b *bucket) object(key string) (string, error) {
	name, err := layout(key)
	return b.prefix + name, err
}

// Put sends the object in one request that creates it or finds it there; the store
// itself checks the SHA-256, which is signed with the request. One request carries at
// most 5 GiB.
func (b *bucket) Put(ctx context.Context, r io.Reader) (Info, error) {
	src := &source{ctx: ctx, r: r}
	body, info, err := spool(src)
	if err != nil {
		if src.err == nil {
			err = WriteError(err)
		}
		return Info{}, fmt.Errorf("storing an object: %w", err)
	}
	defer body.Close() // it was only read
	opts := signed
	opts.SetMatchETagExcept("*")
	err = b.send(ctx, body, info, opts)
	switch minio.ToErrorResponse(err).Code {
	case "PreconditionFailed":
		return info, nil // it is there already
	case "NotImplemented":
		// Old stores know no conditions. Writing the same bytes again is harmless.
		err = b.send(ctx, body, info, signed)
	case "ConditionalRequestConflict":
		// Somebody else is writing it this moment; it counts when they are done.
		_, err = b.Stat(ctx, info.Key)
	}
	if err != nil {
		return Info{}, fmt.Errorf("storing an object: %w", b.away(ctx, err))
	}
	return info, nil
}

func (b *bucket) send(ctx context.Context, body io.ReadSeeker, info Info, opts minio.PutObjectOptions) error {
	name, err := b.object(info.Key)
	if err != nil {
		return err
	}
	if _, err := body.Seek(0, io.SeekStart); err != nil {
		return err
	}
	_, err = b.core.PutObject(ctx, b.name, name, body, info.Size, "", info.Key, opts)
	return err
}

// spool reads all of r, in memory while it is small, and tells its key.
func spool(r io.Reader) (io.ReadSeekCloser, Info, error) {
	h := sha256.New()
	var head bytes.Buffer
	n, err := io.Copy(io.MultiWriter(&head, h), io.LimitReader(r, memSpool))
	if err != nil || n < memSpool {
		return memory{bytes.NewReader(head.Bytes())}, Info{keyOf(h), n}, err
	}
	f, err := os.CreateTemp("", "plaza-put-*")
	if err != nil {
		return nil, Info{}, err
	}
	_ = os.Remove(f.Name()) // it lives as long as it is open, however this process ends
	if _, err = f.Write(head.Bytes()); err == nil {
		var rest int64
		rest, err = io.Copy(io.MultiWriter(f, h), r)
		n += rest
	}
	if err != nil {
		_ = f.Close() // the earlier error is the one that counts
		return nil, Info{}, err
	}
	return f, Info{keyOf(h), n}, nil
}

type memory struct{ *bytes.Reader }

func (memory) Close() error { return nil }

// Get implements Store.
func (b *bucket) Get(ctx context.Context, key string) (io.ReadCloser, Info, error) {
	return b.get(ctx, key, minio.GetObjectOptions{})
}

// GetRange implements Store.
func (b *bucket) GetRange(ctx context.Context, key string, offset, length int64) (io.ReadCloser, error) {
	if offset < 0 {
		return nil, outside()
	}
	if length == 0 {
		info, err := b.Stat(ctx, key) // no range header says "nothing"
		if err == nil && offset >= info.Size {
			err = outside()
		}
		return http.NoBody, err
	}
	rng := "bytes=" + strconv.FormatInt(offset, 10) + "-"
	if length > 0 {
		rng += strconv.FormatInt(offset+length-1, 10)
	}
	var opts minio.GetObjectOptions
	opts.Set("Range", rng)
	r, _, err := b.get(ctx, key, opts)
	return r, err
}

func (b *bucket) get(ctx context.Context, key string, opts minio.GetObjectOptions) (io.ReadCloser, Info, error) {
	name, err := b.object(key)
	if err != nil {
		return nil, Info{}, err
	}
	reading, cancel := context.WithCancelCause(ctx)
	late := time.AfterFunc(s3Head, func() { cancel(errors.New("no answer in time")) })
	r, st, _, err := b.core.GetObject(reading, b.name, name, opts)
	late.Stop()
	if err != nil {
		cancel(nil)
		return nil, Info{}, fmt.Errorf("opening object %s: %w", key, b.away(ctx, err))
	}
	return &s3Body{r, cancel, b, ctx}, Info{Key: key, Size: st.Size}, nil
}

// s3Body is the stream of an object.
type s3Body struct {
	r      io.ReadCloser
	cancel context.CancelCauseFunc
	b      *bucket
	ctx    context.Context // the caller's
}

func (s *s3Body) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	if err != nil && err != io.EOF {
		err = s.b.away(s.ctx, err)
	}
	return n, err
}

func (s *s3Body) Close() error {
	s.cancel(nil)
	return s.r.Close()
}

// Stat implements Store.
func (b *bucket) Stat(ctx context.Context, key string) (Info, error) {
	name, err := b.object(key)
	if err != nil {
		return Info{}, err
	}
	short, cancel := context.WithTimeout(ctx, s3Head)
	defer cancel()
	st, err := b.core.Client.StatObject(short, b.name, name, minio.StatObjectOptions{})
	if err != nil {
		return Info{}, fmt.Errorf("looking for object %s: %w", key, b.away(ctx, err))
	}
	return Info{Key: key, Size: st.Size}, nil
}

// Delete implements Store.
func (b *bucket) Delete(ctx context.Context, key string) error {
	name, err := b.object(key)
	if err != nil {
		return nil // what can be no key is not there
	}
	err = b.core.RemoveObject(ctx, b.name, name, minio.RemoveObjectOptions{})
	if err != nil && minio.ToErrorResponse(err).Code != "NoSuchKey" {
		return fmt.Errorf("deleting object %s: %w", key, b.away(ctx, err))
	}
	return nil
}

// List implements Store. Objects that come or go meanwhile may be missed or listed.
func (b *bucket) List(ctx context.Context, f func(Info) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	for o := range b.core.Client.ListObjects(ctx, b.name, minio.ListObjectsOptions{Prefix: b.prefix, Recursive: true}) {
		if o.Err != nil {
			return fmt.Errorf("listing objects: %w", b.away(ctx, o.Err))
		}
		key := path.Base(o.Key)
		if name, err := b.object(key); err != nil || name != o.Key {
			continue // somebody else's
		}
		if err := f(Info{Key: key, Size: o.Size}); err != nil {
			return fmt.Errorf("listing objects: %w", err)
		}
	}
	return ctx.Err()
}

// away makes a reason of the store's answer; ctx is the caller's.
func (b *bucket) away(ctx context.Context, err error) error {
	if cause := ctx.Err(); cause != nil {
		return cause
	}
	switch minio.ToErrorResponse(err).Code {
	case "NoSuchKey":
		return notFound(err)
	case "InvalidRange":
		return outside()
	}
	return unavailable(err)
}
