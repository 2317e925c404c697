package geo

import (
	"context"
	"errors"
	"iter"
	"os"

	"plaza/internal/base/tabular"
)

// GeoJSON opens a FeatureCollection, a Feature, a geometry, a list of them, or one per
// line. It reads the file once to learn which properties there are; the geometries are
// read with the rows.
func GeoJSON(ctx context.Context, f tabular.File) ([]*tabular.Source, error) {
	file, size, err := openSized(f.Path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	found := newSurvey(feature)
	err = newStream(ctx, file, nil).each(found.item, found.reference)
	var broken *tabular.Fault
	if errors.As(err, &broken) && (found.items == 0 || broken.Code != faultBroken) || err != nil && broken == nil {
		return nil, err
	}
	if found.bad != nil {
		return nil, found.bad
	}
	s, set := found.source("geojson")
	s.Bytes = size
	s.Open = func(ctx context.Context, read func(int64)) (tabular.Reader, error) {
		return openFeatures(ctx, f.Path, found, set, read)
	}
	return []*tabular.Source{s}, nil
}

var errStopped = errors.New("nobody reads on")

func openFeatures(ctx context.Context, path string, found *survey, set *settler, read func(int64)) (tabular.Reader, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	f := found.reader(set, func(w *writer, raw []byte) (bool, error) { return w.geometry(raw, 0) })
	next, stop := iter.Pull(func(yield func(place) bool) {
		f.err = newStream(ctx, file, read).each(func(raw []byte, at, line int64) error {
			if !yield(place{raw, at, line}) {
				return errStopped
			}
			return nil
		}, func([]byte) {})
	})
	f.next = next
	f.close = func() error {
		stop()
		return file.Close()
	}
	return newReader(f, len(f.cells)+1), nil
}
