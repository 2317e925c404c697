package main

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"slices"
	"testing"

	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/sfnt"
)

// pack is what unpack undoes: a TTF's tables, each compressed.
func pack(ttf []byte) []byte {
	be := binary.BigEndian
	tables := int(be.Uint16(ttf[4:]))
	out := append([]byte("wOFF"), ttf[:4]...)
	out = append(out, 0, 0, 0, 0)
	out = be.AppendUint16(out, uint16(tables))
	out = append(out, make([]byte, woffHeader-len(out))...)
	var body []byte
	for i := range tables {
		entry := ttf[ttfHeader+i*ttfEntry:]
		at, size := be.Uint32(entry[8:]), be.Uint32(entry[12:])
		var packed bytes.Buffer
		z := zlib.NewWriter(&packed)
		z.Write(ttf[at : at+size])
		z.Close()
		data := packed.Bytes()
		if len(data) >= int(size) {
			data = ttf[at : at+size]
		}
		out = append(out, entry[:4]...)
		out = be.AppendUint32(out, uint32(woffHeader+tables*woffEntry+len(body)))
		out = be.AppendUint32(out, uint32(len(data)))
		out = be.AppendUint32(out, size)
		out = append(out, entry[4:8]...)
		body = append(body, data...)
	}
	return append(out, body...)
}

func TestAnUnpackedFontIsTheFontThatWasPacked(t *testing.T) {
	ttf, err := unpack(pack(goregular.TTF))
	if err != nil {
		t.Fatal(err)
	}
	want, err := sfnt.Parse(goregular.TTF)
	if err != nil {
		t.Fatal(err)
	}
	got, err := sfnt.Parse(ttf)
	if err != nil {
		t.Fatal(err)
	}
	if got.NumGlyphs() != want.NumGlyphs() || !bytes.Equal(ttf[:ttfHeader], goregular.TTF[:ttfHeader]) {
		t.Errorf("it has %d letters, want %d", got.NumGlyphs(), want.NumGlyphs())
	}
}

func TestWhatIsNoFontIsRefused(t *testing.T) {
	good := pack(goregular.TTF)
	far := slices.Clone(good)
	binary.BigEndian.PutUint32(far[woffHeader+4:], 1<<31)
	large := slices.Clone(good)
	binary.BigEndian.PutUint32(large[woffHeader+12:], 1<<31)
	empty := slices.Clone(good)
	empty[12], empty[13] = 0, 0
	for name, body := range map[string][]byte{"nothing": nil, "a TTF": goregular.TTF, "half": good[:80], "a far table": far, "a large table": large, "no tables": empty} {
		if _, err := unpack(body); err == nil {
			t.Errorf("%s is unpacked", name)
		}
	}
}
